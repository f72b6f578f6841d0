{#
    An `on-run-start` hook. DuckDB takes four fifths of the machine if nobody says otherwise, counts neither dbt nor all
    of its own buffers, and is then killed where it could have spilled. So it gets LIFECYCLE_DUCKDB_MEMORY, or else five
    eighths of what it would take: half of the machine, or of its container. A `memory_limit` of the profile still wins,
    as the adapter sets it again for each model. Other engines have their own administrators.
#}
{% macro limit_memory() -%}
    {{ return(adapter.dispatch('limit_memory', 'customer_lifecycle')()) }}
{%- endmacro %}

{% macro default__limit_memory() -%}{{ return('') }}{%- endmacro %}

{% macro duckdb__limit_memory() -%}
    {%- if execute -%}
        {%- set memory = env_var('LIFECYCLE_DUCKDB_MEMORY', '') -%}
        {%- set folder = env_var('LIFECYCLE_DUCKDB_TEMP', '') -%}
        {#- an earlier run of the same process may have set it -#}
        {%- do run_query('reset global memory_limit') -%}
        {%- if memory -%}
            {%- do run_query('set global memory_limit = ' ~ sql_text(memory)) -%}
        {%- else -%}
            {%- set size, unit = run_query("select current_setting('memory_limit')").rows[0][0].split(' ') -%}
            {%- do run_query("set global memory_limit = '" ~ (size | float * 5 / 8) ~ ' ' ~ unit ~ "'") -%}
        {%- endif -%}
        {%- if folder -%}
            {%- do run_query('set global temp_directory = ' ~ sql_text(folder)) -%}
        {%- endif -%}
    {%- endif -%}
    {{ return('') }}
{%- endmacro %}
