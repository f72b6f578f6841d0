-- Question: How many repeat customers are loyal, and what do the others lack?
-- Reading: the repeat customers in the base who lack a criterion. one_step_away counts those whom it alone would make
-- loyal, judged by others who meet the same criteria plus this one; if either of two would do, both rows count them.
with customers as (

    select * from {{ ref('customers') }}
    where
        loyalty_class in ('repeat', 'loyal')
        and relationship_status in ('active', 'dormant')

),

criteria as (

    select
        criteria.*,
        customers.loyalty_class,
        customers.net_revenue_365d,
        dense_rank() over (partition by criteria.brand_id order by {{ byte_order('criteria.criterion') }}) as place
    from {{ ref('loyalty_criteria') }} as criteria
    inner join customers
        on
            criteria.brand_id = customers.brand_id
            and criteria.customer_id = customers.customer_id

),

-- the criteria a customer meets, as one number: a power of two for each
patterns as (

    select
        brand_id,
        customer_id,
        loyalty_class,
        sum(case when is_met then cast(power(2, place) as bigint) else 0 end) as pattern
    from criteria
    group by brand_id, customer_id, loyalty_class

),

loyal_patterns as (

    select distinct
        brand_id,
        pattern
    from patterns
    where loyalty_class = 'loyal'

),

classes as (

    select
        brand_id,
        count(case when loyalty_class = 'loyal' then 1 end) as loyal_customers,
        count(case when loyalty_class = 'repeat' then 1 end) as repeat_customers
    from customers
    group by brand_id

),

lacking as (

    select
        criteria.brand_id,
        criteria.criterion,
        criteria.metric,
        criteria.op,
        criteria.threshold,
        count(*) as customers_lacking,
        count(loyal_patterns.pattern) as one_step_away,
        avg(case when loyal_patterns.pattern is not null then criteria.shortfall end) as their_average_shortfall,
        sum(case when loyal_patterns.pattern is not null then criteria.net_revenue_365d end) as their_net_revenue_365d
    from criteria
    inner join patterns
        on
            criteria.brand_id = patterns.brand_id
            and criteria.customer_id = patterns.customer_id
    left join loyal_patterns
        on
            patterns.brand_id = loyal_patterns.brand_id
            and patterns.pattern + cast(power(2, criteria.place) as bigint) = loyal_patterns.pattern
    where criteria.loyalty_class = 'repeat' and not criteria.is_met
    group by criteria.brand_id, criteria.criterion, criteria.metric, criteria.op, criteria.threshold

)

select
    lacking.brand_id,
    classes.loyal_customers,
    classes.repeat_customers,
    lacking.criterion,
    lacking.metric,
    lacking.op,
    lacking.threshold,
    lacking.customers_lacking,
    lacking.one_step_away,
    lacking.their_average_shortfall,
    coalesce(lacking.their_net_revenue_365d, 0) as their_net_revenue_365d
from lacking
inner join classes
    on lacking.brand_id = classes.brand_id
order by lacking.brand_id asc, lacking.one_step_away desc, lacking.criterion asc
