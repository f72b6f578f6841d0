{# What only looks at the SQL (compile, docs, a linter) fits nothing, and neither does what has no data. #}
{% macro fits_are_wanted(data) %}
    {{ return(execute and flags.WHICH in ['build', 'run', 'retry'] and load_relation(data) is not none) }}
{% endmacro %}
