{#- Spark refuses to read `_corrupt_record` alone, so a column is looked at beside it. -#}
{% macro spark_csv_is_well_formed() -%}
    _corrupt_record is null and (c0 is null or length(c0) >= 0)
{%- endmacro %}
