-- Built on the package's mart of the same name: whom to invite to the regulars' evening.
select
    brand_id,
    customer_id,
    lifetime_net_revenue
from {{ ref('customer_lifecycle', 'customers') }}
where loyalty_class = 'loyal'
