{#- A broken quote that may or may not leave its value open: an odd number of them, one at the beginning of a field.
    An even number stays within the line, and so does one amid a value, such as 3" pipe: these are records of their
    own. -#}
{% macro csv_is_ambiguous(line, patterns) -%}
    contains({{ line }}, '"') and not regexp_full_match({{ line }}, {{ sql_text(patterns.clean) }})
    and not regexp_full_match({{ line }}, {{ sql_text(patterns.opens) }})
    and (length({{ line }}) - length(replace({{ line }}, '"', ''))) % 2 = 1
    and regexp_matches({{ line }}, {{ sql_text(patterns.starts_quoted) }})
{%- endmacro %}
