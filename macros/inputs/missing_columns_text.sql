{#- What to say of columns that must be there: which are missing, which there are, and which of these they may be. -#}
{% macro missing_columns_text(what, missing, names) -%}
    {%- set hints = [] -%}
    {%- for column in missing -%}
        {%- set meant = column_that_is_meant(column, names) -%}
        {%- if meant is not none -%}
            {%- do hints.append(shown_value(meant) ~ ' to ' ~ column) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(
        what ~ ' has no column ' ~ missing | join(', ') ~ '; it has: ' ~ names | map('string') | join(', ') ~ '.'
        ~ (' Rename ' ~ hints | join(', ') ~ '.' if hints)
    ) }}
{%- endmacro %}
