{% macro hive_value(text) -%}
    {{ return(none if text == '__HIVE_DEFAULT_PARTITION__' else run_query(
        'select url_decode(' ~ sql_text(text) ~ ')'
    ).columns[0].values()[0]) }}
{%- endmacro %}
