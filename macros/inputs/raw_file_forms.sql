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
