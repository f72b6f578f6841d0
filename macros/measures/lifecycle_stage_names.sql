{% macro lifecycle_stage_names() -%}
    {{ return(['awareness', 'consideration', 'purchase', 'retention', 'advocacy', 'churned']) }}
{%- endmacro %}
