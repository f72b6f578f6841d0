{#-
    Statements that take the latest day on record back, where that is the day now built, so that it is measured anew:
    what it found is deleted, and what it had ended is open again.
    Takes: the snapshot, the relation as_of_date. Gives: SQL, or nothing before the first snapshot.
-#}
{% macro forget_day(snapshot, as_of_date) %}
    {%- if execute and load_relation(snapshot) is not none %}
        {%- set day -%}
            (
                select cast(as_of_date as timestamp)
                from {{ as_of_date }}
                where cast(as_of_date as timestamp) = {{ latest_day(snapshot) }}
            )
        {%- endset %}
        update {{ snapshot }} set dbt_valid_to = null where dbt_valid_to = {{ day }};
        delete from {{ snapshot }} where dbt_valid_from = {{ day }};
    {%- endif %}
{% endmacro %}
