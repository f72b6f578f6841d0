{% macro raw_source(table) -%}
    {%- set settings = project_settings() -%}
    {%- set is_listed = settings.raw_tables is none or table in settings.raw_tables -%}
    {%- set relation = none -%}
    {%- if settings.raw_dir is not none -%}
        {%- if execute and is_listed -%}
            {%- set found = raw_files(settings.raw_dir, table) -%}
            {%- if found is not none -%}
                {{ return(
                    csv_source(table, found) if found.format == 'csv' else parquet_source(table, found)
                ) }}
            {%- elif table == 'orders' or settings.raw_tables is not none -%}
                {%- set path = settings.raw_dir.rstrip('/') ~ '/' ~ table -%}
                {{ exceptions.raise_compiler_error(
                    "Setting 'raw_dir': there is neither " ~ path ~ '.parquet nor ' ~ path
                    ~ '.csv (or .csv.gz, .csv.zst, or a folder ' ~ path ~ '/ of parts). The table orders is required;'
                    ~ " any other may be absent unless the var 'raw_tables' lists it."
                ) }}
            {%- endif -%}
        {%- endif -%}
    {%- elif is_listed and settings.raw_schema is not none -%}
        {%- set relation = source('raw', table) -%}
        {%- if execute and load_relation(relation) is none -%}
            {{ exceptions.raise_compiler_error(
                "Setting 'raw_schema': there is no table " ~ relation
                ~ ". Land it, or list the tables that do exist in the var 'raw_tables' (orders must be among them)."
            ) }}
        {%- endif -%}
    {%- elif is_listed -%}
        {#- the sample's seeds, or the models of the project that has this one installed as a package -#}
        {%- set relation = ref(settings.raw_project or 'customer_lifecycle', 'raw_' ~ table) -%}
    {%- endif -%}
    {{ return({'relation': relation, 'columns': raw_columns(relation) if relation is not none else {}}) }}
{%- endmacro %}
