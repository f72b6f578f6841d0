{#- The file or files of `raw_dir` that hold a raw table. DuckDB alone reads files in place. -#}
{% macro raw_files(folder, table) -%}
    {%- set forms = raw_file_forms(folder, table) -%}
    {%- if forms | length > 1 -%}
        {{ exceptions.raise_compiler_error(
            "Setting 'raw_dir': the table " ~ table ~ ' is there more than once: '
            ~ forms | map(attribute='path') | join(' and ') ~ '. Keep one and move the others out of the folder.'
        ) }}
    {%- endif -%}
    {%- set problems = raw_folder_problems(folder, [table]) -%}
    {%- if problems -%}
        {{ exceptions.raise_compiler_error("Setting 'raw_dir': " ~ problems | join('\n')) }}
    {%- endif -%}
    {{ return(forms[0] if forms else none) }}
{%- endmacro %}

{#- Every form in which the folder holds the table; one is right, none is an absent table. -#}
{% macro raw_file_forms(folder, table) -%}
    {%- set base = (folder | string).rstrip('/') ~ '/' -%}
    {%- set names = [table ~ '.parquet', table ~ '.csv', table ~ '.csv.gz', table ~ '.csv.zst'] -%}
    {%- set forms = [] -%}
    {%- for file in files_that_match(glob_literal(base) ~ table ~ '.*') if file.split('/')[-1] in names -%}
        {%- set is_parquet = file.endswith('.parquet') -%}
        {%- do forms.append({
            'path': file, 'format': 'parquet' if is_parquet else 'csv', 'files': [file], 'base': none
        }) -%}
    {%- endfor -%}
    {%- for name in [table, table ~ '.parquet', table ~ '.csv'] -%}
        {%- set inner = base ~ name ~ '/' -%}
        {%- set parts = {'parquet': [], 'csv': [], 'other': []} -%}
        {%- for file in files_that_match(glob_literal(inner) ~ '**') -%}
            {%- set part = file.split(inner)[-1] -%}
            {#- what begins with a dot or an underscore is a note of the program that wrote the parts -#}
            {%- if not modules.re.search('(^|/)[._]', part) -%}
                {%- if part.endswith('.parquet') -%}
                    {%- do parts.parquet.append(file) -%}
                {%- elif modules.re.search('[.]csv([.](gz|zst))?$', part) -%}
                    {%- do parts.csv.append(file) -%}
                {%- elif looks_like_data(part) -%}
                    {%- do parts.other.append(file) -%}
                {%- endif -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if parts.other or (parts.parquet and parts.csv) -%}
            {{ exceptions.raise_compiler_error(
                "Setting 'raw_dir': the folder " ~ inner ~ ' holds '
                ~ ((parts.other[0] ~ ', which is neither Parquet nor CSV') if parts.other else
                   'both Parquet and CSV: ' ~ parts.parquet[0] ~ ' and ' ~ parts.csv[0])
                ~ '. All parts of a table end in .parquet, or all in .csv, .csv.gz or .csv.zst.'
            ) }}
        {%- endif -%}
        {%- if parts.parquet or parts.csv -%}
            {%- do forms.append({
                'path': inner, 'format': 'parquet' if parts.parquet else 'csv',
                'files': (parts.parquet or parts.csv) | sort, 'base': inner
            }) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(forms) }}
{%- endmacro %}

{#- A file that somebody meant as a table and that nothing reads would be missed by nobody. -#}
{% macro raw_folder_problems(folder, tables) -%}
    {%- set base = (folder | string).rstrip('/') ~ '/' -%}
    {%- set read = [] -%}
    {%- for table in raw_tables() -%}
        {%- for name in ['.parquet', '.csv', '.csv.gz', '.csv.zst', '/', '.parquet/', '.csv/'] -%}
            {%- do read.append(base ~ table ~ name) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set names = {} -%}
    {%- for file in files_that_match(glob_literal(base) ~ '*') -%}
        {%- do names.update({file.split(base)[-1]: file}) -%}
    {%- endfor -%}
    {#- an object store has no folders: to look into each prefix would mean listing all there is -#}
    {%- if '://' not in base -%}
        {%- for file in files_that_match(glob_literal(base) ~ '*/*') -%}
            {%- set name = file.split(base)[-1].split('/')[0] -%}
            {%- if not name.startswith('.') and not name.startswith('_') -%}
                {%- do names.update({name: base ~ name ~ '/'}) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set problems = [] -%}
    {%- for name, path in names.items() | sort if path not in read -%}
        {%- set table = table_that_is_meant(name, path.endswith('/')) -%}
        {%- if table is not none and table in tables -%}
            {%- do problems.append(
                path ~ ' looks like the table ' ~ table ~ ' and is not read. Files are called '
                ~ table ~ '.parquet, ' ~ table ~ '.csv, ' ~ table ~ '.csv.gz or ' ~ table
                ~ '.csv.zst, a folder of parts ' ~ table ~ '/: rename it'
                ~ (', export it as CSV or Parquet' if not name.lower().endswith(('.csv', '.parquet', '.gz', '.zst')))
                ~ ', or move it out of the folder.'
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(problems) }}
{%- endmacro %}

{#- customers.tsv, Customers.csv, customer.csv, customers (1).csv and Marketing-Spend.xlsx mean tables; notes.txt
    none. -#}
{% macro table_that_is_meant(name, is_folder=false) -%}
    {%- if name.startswith('.') or not (is_folder or looks_like_data(name)) -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set stem = name.lower().split('.')[0] | trim -%}
    {%- set stem = modules.re.sub('[ _-]*([(][0-9]+[)]|[ _-]copy)$', '', stem) -%}
    {%- set stem = modules.re.sub('[^a-z0-9]+', '_', stem).strip('_') -%}
    {%- for table in raw_tables() if stem == table or (stem | length) > 4 and _edit_distance(stem, table) <= 1 -%}
        {{ return(table) }}
    {%- endfor -%}
    {{ return(none) }}
{%- endmacro %}

{% macro looks_like_data(name) -%}
    {%- set last = name.split('/')[-1].lower() -%}
    {{ return(
        '.' not in last or modules.re.search(
            '[.](csv|tsv|tab|psv|txt|dat|parquet|parq|pq|json|jsonl|ndjson|xlsx?|xlsm|ods|avro|orc|feather|arrow'
            ~ '|gz|zst|zstd|zip|bz2|xz|7z|lz4|snappy)$', last
        ) is not none
    ) }}
{%- endmacro %}

{% macro files_that_match(pattern) -%}
    {%- set files = [] -%}
    {%- for row in run_query('select file from glob(' ~ sql_text(pattern) ~ ') order by file').rows -%}
        {%- do files.append(row[0]) -%}
    {%- endfor -%}
    {{ return(files) }}
{%- endmacro %}

{#- A path in which [, * and ? stand for themselves. -#}
{% macro glob_literal(path) -%}
    {{ return(path | replace('[', '[[]') | replace('*', '[*]') | replace('?', '[?]')) }}
{%- endmacro %}

{#- The values that folders such as `brand_id=acme/` give to a file below the table's own folder, by column. -#}
{% macro hive_columns(file, base) -%}
    {%- set columns = {} -%}
    {%- for step in (file.split(base)[-1]).split('/')[:-1] if base is not none and '=' in step -%}
        {%- do columns.update({step.split('=')[0] | lower: step.split('=', 1)[1]}) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}
