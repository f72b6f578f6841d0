{# What a fit has to know of its sample beforehand. Money is scaled so that its mean is 1. #}
{% macro gamma_gamma_samples_sql(amounts) -%}
    select
        brand_id,
        cut_days,
        sum(customers) as customers,
        sum(customers * mean_value) / sum(customers) as mean_value,
        ln(sum(customers * mean_value) / sum(customers)) as log_scale
    from {{ amounts }}
    group by brand_id, cut_days
    order by brand_id, cut_days
{%- endmacro %}
