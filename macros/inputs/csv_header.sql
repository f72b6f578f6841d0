{#- The first line that is not blank: `line`, its number; `names`; `text`; `is_clean`, whether its quotes are in
    order. -#}
{% macro csv_header(file, encoding, delimiter) -%}
    {%- set rows = csv_first_line(file, encoding) -%}
    {%- if not rows -%}
        {{ return({'line': 1, 'names': [], 'text': '', 'is_clean': true}) }}
    {%- endif -%}
    {%- set text = rows[0][1] -%}
    {#- every other byte of UTF-16, of whose lines the reader may have left out some -#}
    {%- if text.count('\x00') * 3 >= text | length -%}
        {%- do _explain_unread_line(file, encoding, 1, 'NUL', text) -%}
    {%- endif -%}
    {%- set names = [] -%}
    {%- set patterns = csv_patterns(delimiter, 1) -%}
    {%- for name in modules.re.findall(patterns.one_field, delimiter ~ text) -%}
        {%- do names.append(
            (name[1:-1] | replace('""', '"') if name.startswith('"') else name) | replace('\ufeff', '') | trim | lower
        ) -%}
    {%- endfor -%}
    {{ return({
        'line': rows[0][0], 'names': names, 'text': text,
        'is_clean': modules.re.match('^' ~ patterns.clean ~ '$', text) is not none
    }) }}
{%- endmacro %}
