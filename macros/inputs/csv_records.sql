{#- The records of one file as they stand there, well-formed or not: `record`, `is_well_formed`. -#}
{% macro csv_records(plan) -%}
    {{ return(adapter.dispatch('csv_records', 'customer_lifecycle')(plan)) }}
{%- endmacro %}

{% macro default__csv_records(plan) -%}
    {%- set fields = plan.names | length -%}
    {%- if not plan.spans_lines -%}
        select
            line as record,
            {{ csv_is_well_formed('line', plan.delimiter, fields) if plan.has_malformed else 'true' }} as is_well_formed
        from {{ csv_lines(plan.file, plan.encoding, plan.header_line) }}
        where line is not null
    {%- else -%}
        {#- line breaks within a value, however many and of whatever kind, are one line feed -#}
        select
            record,
            {{ csv_is_well_formed('record', plan.delimiter, fields) if plan.has_malformed else 'true' }}
                as is_well_formed
        from (
            select string_agg(line, chr(10) order by line_number) as record
            from ({{ csv_states(plan.file, plan.encoding, plan.header_line, plan.delimiter, fields) }}) as states
            group by record_number
        ) as joined
    {%- endif -%}
{%- endmacro %}

{% macro spark__csv_records(plan) -%}
    select
        _corrupt_record as record,
        {{ spark_csv_is_well_formed() }} as is_well_formed
    from {{ plan.relation }}
{%- endmacro %}
