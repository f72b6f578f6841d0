{#- A record of the right number of fields. Counting delimiters is quicker than matching where there are no quotes. -#}
{% macro csv_is_well_formed(line, delimiter, fields) -%}
    case
        when contains({{ line }}, '"')
            then regexp_full_match({{ line }}, {{ sql_text(csv_patterns(delimiter, fields).well_formed) }})
        else len(string_split({{ line }}, {{ sql_text(delimiter) }})) = {{ fields }}
    end
{%- endmacro %}
