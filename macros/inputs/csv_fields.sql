{#- The fields of a well-formed record, as a list. -#}
{% macro csv_fields(record, delimiter, fields) -%}
    case
        when contains({{ record }}, '"')
            then list_transform(
                regexp_extract_all(
                    {{ sql_text(delimiter) }} || {{ record }},
                    {{ sql_text(csv_patterns(delimiter, fields).one_field) }}, 1
                ),
                lambda field : if(
                    starts_with(field, '"'), replace(substr(field, 2, length(field) - 2), '""', '"'), field
                )
            )
        else string_split({{ record }}, {{ sql_text(delimiter) }})
    end
{%- endmacro %}
