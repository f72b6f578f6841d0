{#- The values of one file. DuckDB's reader is right where every record is; it drops, cuts or swallows some that are
    not, and says nothing. Where there are such records the well-formed ones are taken apart here. -#}
{% macro csv_values(plan, wanted) -%}
    {{ return(adapter.dispatch('csv_values', 'customer_lifecycle')(plan, wanted)) }}
{%- endmacro %}

{% macro default__csv_values(plan, wanted) -%}
    {%- set expressions = [] -%}
    {%- for name in wanted -%}
        {%- if name in plan.names -%}
            {%- set position = plan.names.index(name) -%}
            {%- set value = 'nullif(fields[' ~ (position + 1) ~ "], '')" if plan.has_malformed else 'c' ~ position -%}
            {%- if plan.spans_lines and not plan.has_malformed -%}
                {%- set value = 'regexp_replace(' ~ value ~ ", '[\\r\\n]+', chr(10), 'g')" -%}
            {%- endif -%}
        {%- else -%}
            {%- set value = sql_text(hive_value(plan.hive[name])) if name in plan.hive else 'cast(null as varchar)' -%}
        {%- endif -%}
        {%- do expressions.append(value ~ ' as ' ~ adapter.quote(name)) -%}
    {%- endfor %}
    select {{ expressions | join(', ') or '1 as nothing' }}
    {%- if plan.has_malformed %}
    from (
        select {{ csv_fields('record', plan.delimiter, plan.names | length) }} as fields
        from ({{ csv_records(plan) }}) as records
        where is_well_formed
    ) as split
    {%- else -%}
    {%- set types = [] -%}
    {%- for name in plan.names -%}
        {%- do types.append("'c" ~ loop.index0 ~ "': 'varchar'") -%}
    {%- endfor %}
    from read_csv(
        {{ sql_text(glob_literal(plan.file)) }}, columns = {{ '{' ~ types | join(', ') ~ '}' }},
        auto_detect = false, header = false, skip = {{ plan.header_line }}, delim = {{ sql_text(plan.delimiter) }},
        quote = {{ "'\"'" if plan.has_quotes else "''" }}, escape = {{ "'\"'" if plan.has_quotes else "''" }},
        comment = '', nullstr = '', strict_mode = false, new_line = '\n', encoding = {{ sql_text(plan.encoding) }},
        parallel = false, hive_partitioning = false
    )
    {%- endif -%}
{%- endmacro %}

{% macro spark__csv_values(plan, wanted) -%}
    {%- set expressions = [] -%}
    {%- for name in wanted -%}
        {%- if name in plan.names -%}
            {%- set value = "regexp_replace(c" ~ plan.names.index(name) ~ ", '[\\r\\n]+', '\\n')" -%}
        {%- else -%}
            {%- set value = 'cast(' ~ (sql_text(hive_value(plan.hive[name])) if name in plan.hive else 'null')
                ~ ' as string)' -%}
        {%- endif -%}
        {%- do expressions.append(value ~ ' as ' ~ adapter.quote(name)) -%}
    {%- endfor %}
    select {{ expressions | join(', ') or '1 as nothing' }}
    from {{ plan.relation }}
    where {{ spark_csv_is_well_formed() }}
{%- endmacro %}
