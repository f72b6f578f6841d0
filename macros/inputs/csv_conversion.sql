{% macro csv_conversion(file, from_encoding) -%}
    {%- set name = modules.re.sub('[.](gz|zst)$', '', file) -%}
    {{ return(
        "Convert it: iconv -f " ~ from_encoding ~ " -t UTF-8 '" ~ name ~ "' > converted && mv converted '" ~ name ~ "'."
    ) }}
{%- endmacro %}
