{# Fits as rows of a query; without a fit, a query without rows. #}
{% macro fits_sql(fits, types) -%}
{%- for fit in fits %}
    select
        {%- for name, type in types.items() %}
        cast({{ sql_literal(fit[name]) }} as {{ type }}) as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    {{ 'union all' if not loop.last }}
{%- else %}
    select * from (
        select
            {%- for name, type in types.items() %}
            cast(null as {{ type }}) as {{ name }}{{ ',' if not loop.last }}
            {%- endfor %}
    ) as nothing
    where false
{%- endfor %}
{%- endmacro %}
