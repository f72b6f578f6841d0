{#
    Schemas have the names that the project gives them (`staging`, `facts`, `marts`, …), without the target's schema in
    front. Developers on a shared warehouse set the var `schema_prefix` (or LIFECYCLE_SCHEMA_PREFIX).
#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- set prefix = var('schema_prefix', env_var('LIFECYCLE_SCHEMA_PREFIX', '')) -%}
    {{- prefix -}}{{- (custom_schema_name or target.schema) | trim -}}
{%- endmacro %}
