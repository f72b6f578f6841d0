{#- dbt fits the models while it runs this one, by queries over these tables; only the results are stored -#}
{%- set groups = ref('int_clv_groups') -%}
{%- set coarse_groups = ref('int_clv_coarse_groups') -%}
{%- set coarsest_groups = ref('int_clv_coarsest_groups') -%}
{%- set repeat_counts = ref('int_clv_repeat_counts') -%}
{%- set as_of_date = ref('as_of_date') -%}
{%- set double = type_double() -%}
{%- set text = dbt.type_string() -%}

{{ fits_sql(
    order_fit_rows(groups, [coarsest_groups, coarse_groups], repeat_counts, as_of_date),
    {
        'brand_id': text, 'cut_days': 'integer', 'model': text, 'customers': 'bigint', 'repeat_customers': 'bigint',
        'r': double, 'alpha': double, 'a': double, 'b': double, 'log_likelihood': double, 'iterations': 'bigint',
        'fit_status': text, 'fitted_as_of': 'date',
    }
) }}
