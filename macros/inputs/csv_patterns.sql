{#
    How a line of a CSV file reads by RFC 4180, as regular expressions. A line is read either from where no quote is
    open or from within a quoted value.
      well_formed   a whole record with the header's number of fields, its quotes in order
      clean         a whole record with any number of fields
      opens         from no open quote, a value that goes on in the next line
      closes        from within a value, its end and the rest of the record
      reopens       from within a value, its end, and another one that goes on in the next line
      stays         within a value from end to end
      starts_quoted   some field begins with a quote
#}
{% macro csv_patterns(delimiter, fields) -%}
    {%- set d = '\\x%02x' | format(delimiter.encode()[0]) -%}
    {%- set inner = '(?:[^"]|"")*' -%}
    {%- set field = '(?:[^"' ~ d ~ ']*|"' ~ inner ~ '")' -%}
    {{ return({
        'well_formed': field ~ '(?:' ~ d ~ field ~ '){' ~ (fields - 1) ~ '}',
        'clean': field ~ '(?:' ~ d ~ field ~ ')*',
        'opens': '(?:' ~ field ~ d ~ ')*"' ~ inner,
        'closes': inner ~ '"(?:' ~ d ~ field ~ ')*',
        'reopens': inner ~ '"(?:' ~ d ~ field ~ ')*' ~ d ~ '"' ~ inner,
        'stays': inner,
        'starts_quoted': '(?:^|' ~ d ~ ')"',
        'one_field': d ~ '("' ~ inner ~ '"|[^"' ~ d ~ ']*)',
    }) }}
{%- endmacro %}
