{#
    Groups of customers put together who are nearly alike: in x, in the days up to the last order and in the days since,
    by the parts of clv_part. Each stands at its customers' means, so that what is lost is of second order.
#}
{% macro clv_coarse_groups_sql(groups, parts) -%}
    select
        brand_id,
        cut_days,
        sum(customers * x) / sum(customers) as x,
        sum(customers * t_x) / sum(customers) as t_x,
        sum(customers * observed_days) / sum(customers) as observed_days,
        sum(customers) as customers
    from (
        select
            brand_id,
            cut_days,
            cast(x as {{ type_double() }}) as x,
            cast(t_x as {{ type_double() }}) as t_x,
            cast(observed_days as {{ type_double() }}) as observed_days,
            cast(customers as {{ type_double() }}) as customers
        from {{ groups }}
    ) as customer_groups
    group by
        brand_id,
        cut_days,
        {{ clv_part('x', parts) }},
        {{ clv_part('t_x', parts) }},
        {{ clv_part('(observed_days - t_x)', parts) }}
{%- endmacro %}
