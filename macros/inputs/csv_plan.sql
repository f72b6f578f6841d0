{#
    Looks through a CSV file once, line by line, and says how it is to be read; stops dbt where that would be a guess.
    Gives none for a file without a single line that is not blank, in a folder of others; else a dict with
      file, encoding, delimiter, hive
      names           the header's columns, trimmed and in lower case
      header_line     the number of the header's line, counted as csv_lines does
      has_quotes      whether any line has a quote
      spans_lines     whether a quoted value spans lines
      has_malformed   whether a record has another number of fields, or a broken quote
#}
{% macro csv_plan(table, file, hive={}) -%}
    {%- set settings = project_settings().raw_csv -%}
    {%- set encoding = settings.get('encoding', 'utf-8') | lower -%}
    {%- set delimiter = settings.get('delimiter', ',') -%}
    {%- do _check_latin_1(file, encoding) -%}
    {%- set header = csv_header(file, encoding, delimiter) -%}
    {%- set fields = [header.names | length, 1] | max -%}
    {%- set patterns = csv_patterns(delimiter, fields) -%}
    {%- set after_header = 'line_number > ' ~ header.line -%}
    {#- The reader leaves out the lines that it cannot read, and keeps a note of the first. Each `case` keeps DuckDB
        from matching patterns in the lines that have no quotes. -#}
    {%- set found = run_query(
        'drop table if exists temp.unread_lines; drop table if exists temp.unread_scans;'
        ~ ' create or replace temp table csv_check as select count(*) as lines,'
        ~ ' coalesce(sum(strlen(line)), 0) as bytes,'
        ~ ' coalesce(bool_or(has_quotes), false) as has_quotes,'
        ~ ' count(*) filter (' ~ after_header ~ ' and not (' ~ csv_is_well_formed('line', delimiter, fields)
        ~ ')) as malformed,'
        ~ ' count(*) filter (case when has_quotes then ' ~ after_header ~ ' and regexp_full_match(line, '
        ~ sql_text(patterns.opens) ~ ') end) as opening,'
        ~ ' min(line_number) filter (case when has_quotes then ' ~ after_header ~ ' and '
        ~ csv_is_ambiguous('line', patterns) ~ ' end) as broken_on'
        ~ " from (select line, contains(line, '\"') as has_quotes, row_number() over () as line_number from "
        ~ csv_lines(file, encoding, ignore_errors=true, notes=true) ~ ') as lines;'
        ~ ' select csv_check.*, unread.line as unread_line, cast(unread.error_type as varchar) as unread_because'
        ~ ' from csv_check left join (select * from temp.unread_lines order by line limit 1) as unread on true'
    ).rows[0] -%}
    {%- if found['unread_line'] is not none -%}
        {%- do _explain_unread_line(
            file, encoding, found['unread_line'], found['unread_because'], header.text
        ) -%}
    {%- endif -%}
    {%- do _check_csv_bytes(file, encoding, found['lines'], found['bytes']) -%}
    {%- do _check_csv_header(table, file, encoding, header, delimiter, hive) -%}
    {%- set plan = {
        'file': file, 'encoding': encoding, 'delimiter': delimiter, 'hive': hive, 'names': header.names,
        'header_line': header.line, 'has_quotes': found['has_quotes'], 'spans_lines': found['opening'] > 0,
        'has_malformed': found['malformed'] > 0
    } -%}
    {%- if plan.spans_lines -%}
        {%- do plan.update({'has_malformed': _check_csv_spans(plan)}) -%}
    {%- elif found['broken_on'] is not none -%}
        {{ csv_error(
            file, encoding, found['broken_on'], 'a quote is broken, and it cannot be told where its value ends'
        ) }}
    {%- endif -%}
    {{ return(plan) }}
{%- endmacro %}

{% macro _check_csv_header(table, file, encoding, header, delimiter, hive) -%}
    {%- if not header.is_clean -%}
        {{ csv_error(file, encoding, header.line, 'the header has a broken quote, or a name that spans lines') }}
    {%- endif -%}
    {%- set columns = raw_tables()[table].columns -%}
    {%- for column in columns if header.names | select('equalto', column.name) | list | length > 1 -%}
        {{ exceptions.raise_compiler_error(
            'The file ' ~ file ~ ' has the column ' ~ column.name ~ ' twice. Keep one of them, and rename the other.'
        ) }}
    {%- endfor -%}
    {%- set missing = [] -%}
    {%- for column in columns if column.required and column.name not in header.names and column.name not in hive -%}
        {%- do missing.append(column.name) -%}
    {%- endfor -%}
    {%- if missing -%}
        {%- set hints = [] -%}
        {%- for other in [',', ';', '\t', '|'] if other != delimiter and header.names | length == 1
            and header.text.split(other) | length > 1 and not hints -%}
            {%- do hints.append(
                "Is the delimiter '" ~ ('\\t' if other == '\t' else other) ~ "'? Then set raw_csv: {delimiter: "
                ~ ('"\\t"' if other == '\t' else "'" ~ other ~ "'") ~ '}.'
            ) -%}
        {%- endfor -%}
        {{ exceptions.raise_compiler_error(
            missing_columns_text('The file ' ~ file, missing, header.names) ~ (' ' ~ hints[0] if hints)
        ) }}
    {%- endif -%}
    {%- if header.names | length > 1000 -%}
        {{ exceptions.raise_compiler_error(
            'The file ' ~ file ~ ' has ' ~ header.names | length ~ ' columns; 1000 is the most that are read.'
        ) }}
    {%- endif -%}
{%- endmacro %}

{#- Every byte of the file is in a line, is a line end, or one of the three of a byte order mark. -#}
{% macro _check_csv_bytes(file, encoding, lines, bytes) -%}
    {%- if encoding == 'utf-8' and not file.endswith(('.gz', '.zst')) -%}
        {%- set size = csv_size(file) -%}
        {%- if size - (bytes | int) - lines not in [-1, 0, 2, 3] -%}
            {{ exceptions.raise_compiler_error(
                'The file ' ~ file ~ ' could not be read whole: of its ' ~ size ~ ' bytes ' ~ (bytes | int + lines)
                ~ ' were. Did it change while it was read?'
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- Bytes that Latin-1 does not have are an error of DuckDB's that names neither file nor line. -#}
{% macro _check_latin_1(file, encoding) -%}
    {%- if encoding == 'latin-1' and not file.endswith(('.gz', '.zst')) and csv_size(file) < 1000000000 -%}
        {%- set text = run_query(
            "select regexp_extract(content::varchar, '^(.*?)\\\\x[89]', 1) from read_blob("
            ~ sql_text(glob_literal(file)) ~ ") where regexp_matches(content::varchar, '\\\\x[89]')"
        ).rows -%}
        {%- if text -%}
            {%- set line_ends = modules.re.findall('\\\\x0D\\\\x0A|\\\\x0D|\\\\x0A', text[0][0]) | length -%}
            {{ exceptions.raise_compiler_error(
                'The file ' ~ file ~ ', line ' ~ (line_ends + 1) ~ ': the bytes are not LATIN-1; they look like'
                ~ ' WINDOWS-1252. ' ~ csv_conversion(file, 'WINDOWS-1252')
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- Stops dbt with the line that could not be read, and why. -#}
{% macro _explain_unread_line(file, encoding, line_number, because, header_text) -%}
    {%- if because == 'LINE SIZE OVER MAXIMUM' -%}
        {{ csv_error(
            file, encoding, line_number, 'it is longer than 2,000,000 bytes',
            'Is this CSV, with a line a record?'
        ) }}
    {%- endif -%}
    {%- set looks_like = guessed_encoding(file, header_text) -%}
    {{ csv_error(
        file, encoding, line_number,
        'the bytes are not ' ~ encoding | upper ~ (('; they look like ' ~ looks_like) if looks_like else ''),
        csv_conversion(file, looks_like or 'CP949')
        ~ ({
            'UTF-16': ' Or set raw_csv: {encoding: utf-16}.',
            'WINDOWS-1252': ' Or, where it has no euro sign and no curly quotes, set raw_csv: {encoding: latin-1}.'
        }.get(looks_like, ''))
    ) }}
{%- endmacro %}

{#- Values that span lines: stops dbt where one does not end, ends amid a value or has swallowed rows; else gives
    whether any record is malformed. -#}
{% macro _check_csv_spans(plan) -%}
    {%- set fields = plan.names | length -%}
    {%- set patterns = csv_patterns(plan.delimiter, fields) -%}
    {%- set brand = plan.names.index('brand_id') if 'brand_id' in plan.names else none -%}
    {%- set split = 'string_split(line, ' ~ sql_text(plan.delimiter) ~ ')' -%}
    {%- set states = 'states as (' ~ csv_states(
        plan.file, plan.encoding, plan.header_line, plan.delimiter, fields
    ) ~ ')' -%}
    {%- set found = run_query(
        'with ' ~ states ~ ", records as (
            select
                record_number,
                min(line_number) as opened_on,
                max(line_number) as line_number,
                count(*) as lines,
                bool_and(len(" ~ split ~ ") = " ~ fields ~ ") as all_whole,
                coalesce(bool_or(was_open and len(" ~ split ~ ") = " ~ fields ~ (
                    " and " ~ split ~ "[" ~ (brand + 1) ~ "] = first_brand" if brand is not none else " and false"
                ) ~ "), false) as any_whole,
                case when count(*) = 1 then any_value(line) else string_agg(line, chr(10) order by line_number) end
                    as record
            from (
                select *, first_value(" ~ split ~ ('[' ~ ((brand or 0) + 1)) ~ "]) over (
                    partition by record_number order by line_number
                ) as first_brand
                from states
            ) as numbered
            group by record_number
        ),
        problems as (
            select line_number, line_number as opened_on, 'ambiguous' as problem from states
            where not was_open and " ~ csv_is_ambiguous('line', patterns) ~ "
            union all
            select line_number, opened_on, 'broken' from states
            where was_open and not (stays or closes or reopens)
            union all
            select line_number, opened_on, 'endless' from (
                select * from states order by line_number desc limit 1
            ) as last_line where is_open
            union all
            select line_number, opened_on, 'swallows' from records where lines > 1 and (all_whole or any_whole)
        )
        select
            first_problem.line_number, first_problem.opened_on, first_problem.problem,
            (select count(*) from records where not (" ~ csv_is_well_formed('record', plan.delimiter, fields) ~ "))
                as malformed
        from (select 1) as one
        left join (select * from problems order by line_number, problem limit 1) as first_problem on true"
    ).rows[0] -%}
    {%- set what = {
        'ambiguous': 'a quote is broken, and it cannot be told where its value ends',
        'broken': 'a quoted value begins here and its quote closes in the middle of a value',
        'endless': 'a quoted value begins here and its quote never closes',
        'swallows': 'a quoted value begins here and spans lines that are rows of their own: a stray quote'
    } -%}
    {%- if found['problem'] is not none -%}
        {{ csv_error(plan.file, plan.encoding, found['opened_on'], what[found['problem']]) }}
    {%- endif -%}
    {{ return(found['malformed'] > 0) }}
{%- endmacro %}
