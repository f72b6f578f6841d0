{% macro clean_text(expression) -%}
    {{ return(adapter.dispatch('clean_text', 'customer_lifecycle')(expression)) }}
{%- endmacro %}

{#
    DuckDB trims a set of characters at a tenth of the speed at which it sees that there is nothing to trim. It sees
    that at once if the first and last characters are printable ASCII.
#}
{% macro default__clean_text(expression) -%}
    {%- set characters = white_space_characters() -%}
    case
        when {{ expression }} >= '!' and {{ expression }} < chr(127) and ({{ expression }})[-1] between '!' and '~'
            then {{ expression }}
        when regexp_matches({{ expression }}, '^[{{ characters }}]|[{{ characters }}]$|^$')
            then nullif(trim({{ expression }}, '{{ characters }}'), '')
        else {{ expression }}
    end
{%- endmacro %}

{% macro postgres__clean_text(expression) -%}
    nullif(btrim({{ expression }}, '{{ white_space_characters() }}'), '')
{%- endmacro %}

{# Trimming a set of characters is slow, as on DuckDB. #}
{% macro spark__clean_text(expression) -%}
    case
        when {{ expression }} >= '!' and {{ expression }} < char(127) and right({{ expression }}, 1) between '!' and '~'
            then {{ expression }}
        else nullif(trim(both '{{ white_space_characters() }}' from {{ expression }}), '')
    end
{%- endmacro %}

{# BigQuery: String functions, TRIM with a set of characters. A literal has no line breaks. #}
{% macro bigquery__clean_text(expression) -%}
    nullif(trim({{ expression }}, {{ sql_text(white_space_characters()) }}), '')
{%- endmacro %}

{# Snowflake: TRIM, with a set of characters; without one it would take away blanks alone. #}
{% macro snowflake__clean_text(expression) -%}
    nullif(trim({{ expression }}, {{ sql_text(white_space_characters()) }}), '')
{%- endmacro %}
