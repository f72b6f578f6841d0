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

{#- A record of the right number of fields. Counting delimiters is quicker than matching where there are no quotes. -#}
{% macro csv_is_well_formed(line, delimiter, fields) -%}
    case
        when contains({{ line }}, '"')
            then regexp_full_match({{ line }}, {{ sql_text(csv_patterns(delimiter, fields).well_formed) }})
        else len(string_split({{ line }}, {{ sql_text(delimiter) }})) = {{ fields }}
    end
{%- endmacro %}

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

{#
    The lines of a file, as the one column `line`; a blank line is null. Every CR and every LF ends a line, so that a
    CRLF leaves a blank one behind: told to look for CRLF, or left to find out, DuckDB loses what follows a lone CR. Its
    parallel reader loses lines, too. A delimiter of four control characters does not occur.
#}
{% macro csv_lines(file, encoding, skipped_lines=0, ignore_errors=false, notes=false) -%}
    read_csv(
        {{ sql_text(glob_literal(file)) }}, columns = {'line': 'varchar'}, auto_detect = false, header = false,
        delim = chr(1) || chr(2) || chr(3) || chr(4), quote = '', escape = '', comment = '', strict_mode = false,
        new_line = '\n', skip = {{ skipped_lines }}, encoding = {{ sql_text(encoding) }},
        parallel = false, hive_partitioning = false
        {%- if ignore_errors %}, ignore_errors = true{% endif %}
        {%- if notes %}, store_rejects = true, rejects_limit = 1, rejects_table = 'unread_lines',
        rejects_scan = 'unread_scans'{% endif %}
    )
{%- endmacro %}
