{#- the loops: four tables are compared with the orders in the same way -#}
{%- set share = project_settings().max_customer_order_share -%}
{%- set others = ['customers', 'interactions', 'subscriptions', 'feedback'] -%}
{%- set text = dbt.type_string() -%}

-- one row per customer and table: everything below aggregates it
with sightings as (

    select
        brand_id,
        customer_id,
        'orders' as source_table
    from {{ ref('fct_customer_orders') }}

    union all

    select
        brand_id,
        customer_id,
        'customers'
    from {{ ref('stg_customers') }}

    union all

    select
        brand_id,
        customer_id,
        'interactions'
    from {{ ref('fct_customer_interactions') }}

    union all

    select
        brand_id,
        customer_id,
        'subscriptions'
    from {{ ref('fct_customer_subscriptions') }}

    union all

    select
        brand_id,
        customer_id,
        'feedback'
    from {{ ref('fct_customer_feedback') }}

),

customers as (

    select
        brand_id,
        customer_id,
        count(case when source_table = 'orders' then 1 end) as in_orders
        {%- for table in others %},
        count(case when source_table = '{{ table }}' then 1 end) as in_{{ table }}
        {%- endfor %}
    from sightings
    group by brand_id, customer_id

),

brands as (

    select
        brand_id,
        sum(in_orders) as buyers
        {%- for table in others %},
        sum(in_{{ table }}) as ids_of_{{ table }},
        sum(in_{{ table }} * in_orders) as met_in_{{ table }},
        min(case when in_{{ table }} < in_orders then {{ byte_order('customer_id') }} end) as buyer_not_in_{{ table }},
        min(case when in_{{ table }} > in_orders then {{ byte_order('customer_id') }} end) as non_buyer_in_{{ table }}
        {%- endfor %}
    from customers
    group by brand_id

),

pairs as (

    {%- for table in others %}
    select
        brand_id,
        '{{ table }}' as source_table,
        buyers,
        ids_of_{{ table }} as ids,
        met_in_{{ table }} as met,
        buyer_not_in_{{ table }} as buyer,
        non_buyer_in_{{ table }} as non_buyer
    from brands
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

order_counts as (

    select
        brand_id,
        sum(lifetime_orders) as orders,
        max(lifetime_orders) as most_orders
    from {{ ref('fct_customer_orders') }}
    group by brand_id

),

dominant as (

    select
        customers.brand_id,
        order_counts.orders,
        order_counts.most_orders,
        min({{ byte_order('customers.customer_id') }}) as customer_id
    from {{ ref('fct_customer_orders') }} as customers
    inner join order_counts
        on customers.brand_id = order_counts.brand_id and customers.lifetime_orders = order_counts.most_orders
    where order_counts.orders >= 50 and order_counts.most_orders > {{ sql_number(share) }} * order_counts.orders
    group by customers.brand_id, order_counts.orders, order_counts.most_orders

)

-- fewer than one in a hundred match by chance
select
    brand_id,
    source_table,
    'ids_never_meet' as finding,
    ids as row_count,
    {{ sql_text("'") }} || buyer || {{ sql_text("' in orders, '") }} || non_buyer
    || {{ sql_text("' in ") }} || source_table as example,
    'Of ' || cast(ids as {{ text }}) || ' customers in ' || source_table || ' and ' || cast(buyers as {{ text }})
    || ' with an order, '
    || case met when 0 then 'none is' when 1 then 'only 1 is' else 'only ' || cast(met as {{ text }}) || ' are' end
    || ' in both. Give customer_id the same form in both tables, or their rows never reach the same customer.' as hint
from pairs
where {{ least('ids', 'buyers') }} >= 2 and met * 100 < {{ least('ids', 'buyers') }}

union all

select
    brand_id,
    'orders',
    'one_customer_dominates',
    most_orders,
    {{ sql_text("'") }} || customer_id || {{ sql_text("': ") }} || cast(most_orders as {{ text }}) || ' of '
    || cast(orders as {{ text }})
    || ' orders',
    'One customer has a larger share of the orders than max_customer_order_share ({{ share }}). If it is a real one, '
    || 'all is well; if guests or erased customers share this id, leave customer_id empty for their orders.'
from dominant
