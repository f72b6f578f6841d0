{% macro column_family(type_name) -%}
    {%- set type_name = type_name | lower | trim -%}
    {%- if 'with time zone' in type_name or type_name.startswith(('timestamptz', 'timestamp_ltz', 'timestamp_tz')) -%}
        {%- set family = 'instant' -%}
    {%- elif type_name.startswith('timestamp') or type_name == 'datetime' -%}
        {%- set family = 'timestamp' -%}
    {%- elif type_name == 'date' -%}
        {%- set family = 'date' -%}
    {%- elif type_name.startswith('bool') -%}
        {%- set family = 'boolean' -%}
    {%- elif type_name.startswith(('decimal', 'numeric', 'bignumeric', 'number'))
        or modules.re.match('^u?(tiny|small|big|huge)?int(eger)?[0-9]*$', type_name) -%}
        {%- set family = 'number' -%}
    {%- elif type_name in ['float', 'float4', 'float8', 'float64', 'real', 'double', 'double precision'] -%}
        {%- set family = 'double' -%}
    {%- else -%}
        {%- set family = 'text' -%}
    {%- endif -%}
    {{ return(family) }}
{%- endmacro %}
