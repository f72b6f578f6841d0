{% macro published_schemas() %}
    {{ return(['marts', 'reference', 'quality']) }}
{% endmacro %}
