{# The whole query and no expression of a select list, as some engines make rows in a `from` alone. #}
{% macro text_parts(relation, expression, separators, name) -%}
    {{ return(adapter.dispatch('text_parts', 'customer_lifecycle')(relation, expression, separators, name)) }}
{%- endmacro %}

{% macro default__text_parts(relation, expression, separators, name) -%}
    select unnest(string_split_regex({{ expression }}, {{ sql_text(separators) }})) as {{ name }}
    from {{ relation }}
{%- endmacro %}

{% macro postgres__text_parts(relation, expression, separators, name) -%}
    select regexp_split_to_table({{ expression }}, {{ sql_text(separators) }}) as {{ name }}
    from {{ relation }}
{%- endmacro %}

{% macro spark__text_parts(relation, expression, separators, name) -%}
    select explode(split({{ expression }}, {{ sql_text(separators) }})) as {{ name }}
    from {{ relation }}
{%- endmacro %}

{# The next three split by one text: what separates is made the character that Unicode has for it. #}
{% macro _with_one_separator(expression, separators) -%}
    regexp_replace({{ expression }}, {{ sql_text(separators) }}, {{ sql_text('%c' | format(31)) }})
{%- endmacro %}

{# BigQuery: String functions, SPLIT; UNNEST. #}
{% macro bigquery__text_parts(relation, expression, separators, name) -%}
    select {{ name }}
    from {{ relation }}
    cross join unnest(
        split({{ _with_one_separator(expression, separators) }}, {{ sql_text('%c' | format(31)) }})
    ) as {{ name }}
{%- endmacro %}

{# Snowflake: SPLIT; FLATTEN. #}
{% macro snowflake__text_parts(relation, expression, separators, name) -%}
    select cast(parts.value as {{ dbt.type_string() }}) as {{ name }}
    from {{ relation }}
    cross join lateral flatten(
        input => split({{ _with_one_separator(expression, separators) }}, {{ sql_text('%c' | format(31)) }})
    ) as parts
{%- endmacro %}

{# Redshift: SPLIT_TO_ARRAY; an array is unnested where it is named in the `from`. #}
{% macro redshift__text_parts(relation, expression, separators, name) -%}
    select cast({{ name }}_of_array as {{ dbt.type_string() }}) as {{ name }}
    from (
        select split_to_array(
            {{ _with_one_separator(expression, separators) }}, {{ sql_text('%c' | format(31)) }}
        ) as parts
        from {{ relation }}
    ) as lists, lists.parts as {{ name }}_of_array
{%- endmacro %}
