{#- The encoding whose commonest letters the bytes beyond ASCII are, most of them; none where that cannot be told. -#}
{% macro guessed_encoding(file, header_text) -%}
    {%- if file.endswith(('.gz', '.zst')) or csv_size(file) > 100000000 -%}
        {{ return('UTF-16' if header_text.count('\x00') * 3 >= [header_text | length, 1] | max else none) }}
    {%- endif -%}
    {%- set pairs = {
        'CP949': '(?:\\\\xB[0-9A-F]|\\\\xC[0-8])\\\\x[A-F][0-9A-F]',
        'GB18030': '(?:\\\\x[B-E][0-9A-F])\\\\x[A-F][0-9A-F]',
        'SHIFT_JIS': '(?:\\\\x8[2-9A-F]|\\\\x9[0-9A-F])(?:\\\\x[4-9A-F][0-9A-F]|[@-~])'
    } -%}
    {%- set counts = [] -%}
    {%- for pattern in pairs.values() -%}
        {%- do counts.append('len(regexp_extract_all(text, ' ~ sql_text(pattern) ~ '))') -%}
    {%- endfor -%}
    {%- set found = run_query(
        "select len(regexp_extract_all(text, '\\\\x[89A-F][0-9A-F]')), text[1:8], " ~ counts | join(', ')
        ~ ' from (select content::varchar as text from read_blob(' ~ sql_text(glob_literal(file)) ~ ')) as escaped'
    ).rows[0] -%}
    {%- if found[1] in ['\\xFF\\xFE', '\\xFE\\xFF'] -%}
        {{ return('UTF-16' if found[1] == '\\xFF\\xFE' else 'UTF-16BE') }}
    {%- elif header_text.count('\x00') * 3 >= [header_text | length, 1] | max -%}
        {{ return('UTF-16') }}
    {%- endif -%}
    {%- for name in pairs -%}
        {%- if found[0] > 1 and found[loop.index + 1] * 2 >= 0.8 * found[0] -%}
            {{ return(name) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return('WINDOWS-1252') }}
{%- endmacro %}
