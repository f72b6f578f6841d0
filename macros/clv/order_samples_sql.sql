{# What a fit has to know of its sample beforehand. Time is scaled so that the largest T is 10. #}
{% macro order_samples_sql(groups) -%}
    select
        brand_id,
        cut_days,
        sum(customers) as customers,
        coalesce(sum(case when x > 0 then customers end), 0) as repeat_customers,
        max(observed_days) as longest,
        sum(customers * x) as total_x,
        ln(10e0 / {{ greatest('max(observed_days)', '1') }}) as log_scale
    from {{ groups }}
    group by brand_id, cut_days
    order by brand_id, cut_days
{%- endmacro %}
