-- Identity: criteria_met and criteria_total of a customer are the met and all rows in loyalty_criteria, where
-- exactly the customers with an order or a subscription have rows.
-- Rows: customers for whom they differ.
with criteria as (

    select
        brand_id,
        customer_id,
        count(*) as criteria_total,
        count(case when is_met then 1 end) as criteria_met
    from {{ ref('loyalty_criteria') }}
    group by brand_id, customer_id

)

select
    customers.brand_id,
    customers.customer_id,
    customers.loyalty_class,
    customers.criteria_total,
    criteria.criteria_total as rows_in_all,
    customers.criteria_met,
    criteria.criteria_met as rows_met
from {{ ref('customers') }} as customers
left join criteria
    on
        customers.brand_id = criteria.brand_id
        and customers.customer_id = criteria.customer_id
where
    case
        when customers.loyalty_class = 'none' then criteria.criteria_total is not null
        else
            coalesce(criteria.criteria_total, -1) <> customers.criteria_total
            or coalesce(criteria.criteria_met, -1) <> customers.criteria_met
    end
