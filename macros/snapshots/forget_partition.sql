{#-
    What `forget_day` does to a snapshot, for a log with a partition for each day: if the latest is the day now being
    built, it is dropped.
-#}
{% macro forget_partition(log, as_of_date) %}
    {%- set found = load_relation(log) if execute else none -%}
    {%- if found is not none -%}
        {%- set day = run_query(
            'select as_of_date from ' ~ as_of_date ~ ' as reporting_day'
            ~ ' where as_of_date = (select max(measured_on) from ' ~ log ~ ')'
        ).columns[0].values() -%}
        {%- if day and (found.is_iceberg or found.is_delta) -%}
            delete from {{ log }} where measured_on = date'{{ day[0] }}'
        {%- elif day -%}
            alter table {{ log }} drop if exists partition (measured_on = date'{{ day[0] }}')
        {%- endif -%}
    {%- endif -%}
{% endmacro %}
