{% macro sql_text(value) -%}
    {%- if value is none -%}
        {{ return('null') }}
    {%- endif -%}
    {{ return(adapter.dispatch('sql_text', 'customer_lifecycle')(value | string)) }}
{%- endmacro %}

{% macro default__sql_text(value) -%}
    {{ return("'" ~ value | replace("'", "''") ~ "'") }}
{%- endmacro %}

{# Spark reads backslashes as escapes, and substitutes ${…} before it parses anything else. #}
{% macro spark__sql_text(value) -%}
    {{ return(
        "'" ~ value | replace('\\', '\\\\') | replace("'", "\\'") | replace('${', '\\u0024{') ~ "'"
    ) }}
{%- endmacro %}

{# BigQuery: Lexical structure, escape sequences. Two quotes are two literals, and a line break ends none. #}
{% macro bigquery__sql_text(value) -%}
    {%- set characters = [] -%}
    {%- for character in value -%}
        {%- set code = character.encode('utf-32-be').hex() -%}
        {%- if character in ["'", '\\'] -%}
            {%- do characters.append('\\' ~ character) -%}
        {%- elif character.isprintable() -%}
            {%- do characters.append(character) -%}
        {%- else -%}
            {%- do characters.append('\\U' ~ code) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return("'" ~ characters | join ~ "'") }}
{%- endmacro %}

{# Snowflake: String & binary data types, escape sequences in single-quoted string constants. #}
{% macro snowflake__sql_text(value) -%}
    {{ return("'" ~ value | replace('\\', '\\\\') | replace("'", "''") ~ "'") }}
{%- endmacro %}

{# Redshift: LIKE and REGEXP_SUBSTR write a backslash as two. #}
{% macro redshift__sql_text(value) -%}
    {{ return(snowflake__sql_text(value)) }}
{%- endmacro %}
