{#- dbt fits the model while it runs this one, by queries over these tables; only the results are stored -#}
{%- set amounts = ref('int_clv_values') -%}
{%- set coarse_amounts = ref('int_clv_coarse_values') -%}
{%- set as_of_date = ref('as_of_date') -%}
{%- set double = type_double() -%}
{%- set text = dbt.type_string() -%}

{{ fits_sql(
    spend_fit_rows(amounts, coarse_amounts, as_of_date),
    {
        'brand_id': text, 'cut_days': 'integer', 'model': text, 'p': double, 'q': double, 'v': double,
        'log_likelihood': double, 'iterations': 'bigint', 'fit_status': text, 'fitted_as_of': 'date',
    }
) }}
