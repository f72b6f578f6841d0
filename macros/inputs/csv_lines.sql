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
