{#-
    If the latest day on record is the day now being built, it is measured again: what it found is deleted, and what it
    had ended is open again.
-#}
{% macro forget_day(snapshot, as_of_date) %}
    {%- if execute and load_relation(snapshot) is not none %}
        {%- set day -%}
            (
                select cast(as_of_date as timestamp)
                from {{ as_of_date }} as reporting_day
                where cast(as_of_date as timestamp) = {{ latest_day(snapshot) }}
            )
        {%- endset %}
        update {{ snapshot }} set dbt_valid_to = null where dbt_valid_to = {{ day }};
        delete from {{ snapshot }} where dbt_valid_from = {{ day }};
    {%- endif %}
{% endmacro %}
