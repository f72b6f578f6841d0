{#- the loop: a row for each fit -#}
{#- dbt fits the models while it runs this one, by queries over these tables; only the results are stored -#}
{%- set groups = ref('int_clv_groups') -%}
{%- set coarse_groups = ref('int_clv_coarse_groups') -%}
{%- set repeat_counts = ref('int_clv_repeat_counts') -%}
{%- set amounts = ref('int_clv_values') -%}
{%- set as_of_date = ref('as_of_date') -%}
{%- set rows = clv_parameter_rows(groups, coarse_groups, repeat_counts, amounts, as_of_date) -%}

{% for row in rows -%}
select
    {{ sql_text(row.brand_id) }} as brand_id,
    {{ row.cut_days }} as cut_days,
    {{ sql_text(row.model) }} as model,
    cast({{ row.customers }} as bigint) as customers,
    cast({{ row.repeat_customers }} as bigint) as repeat_customers,
    {%- for name in ['r', 'alpha', 'a', 'b', 'log_likelihood', 'p', 'q', 'v', 'gamma_gamma_log_likelihood'] %}
    cast({{ sql_literal(row[name]) }} as {{ type_double() }}) as {{ name }},
    {%- endfor %}
    cast({{ sql_literal(row.iterations) }} as bigint) as iterations,
    cast({{ sql_literal(row.gamma_gamma_iterations) }} as bigint) as gamma_gamma_iterations,
    cast({{ sql_text(row.fit_status) }} as {{ dbt.type_string() }}) as fit_status,
    cast({{ sql_text(row.gamma_gamma_status) }} as {{ dbt.type_string() }}) as gamma_gamma_status,
    cast({{ sql_text(row.fitted_as_of) }} as date) as fitted_as_of
{{ 'union all' if not loop.last }}
{% else -%}
select
    cast(null as {{ dbt.type_string() }}) as brand_id,
    cast(null as integer) as cut_days,
    cast(null as {{ dbt.type_string() }}) as model,
    cast(null as bigint) as customers,
    cast(null as bigint) as repeat_customers,
    {%- for name in ['r', 'alpha', 'a', 'b', 'log_likelihood', 'p', 'q', 'v', 'gamma_gamma_log_likelihood'] %}
    cast(null as {{ type_double() }}) as {{ name }},
    {%- endfor %}
    cast(null as bigint) as iterations,
    cast(null as bigint) as gamma_gamma_iterations,
    cast(null as {{ dbt.type_string() }}) as fit_status,
    cast(null as {{ dbt.type_string() }}) as gamma_gamma_status,
    cast(null as date) as fitted_as_of
from {{ as_of_date }}
where false
{% endfor %}
