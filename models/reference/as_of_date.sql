{{ config(post_hook="{{ gather_statistics(this) }}") }}

{%- set as_of_date = project_settings().as_of_date -%}

{%- if as_of_date is not none -%}

select cast('{{ as_of_date }}' as date) as as_of_date

{%- else -%}

with orders as (

    {{ current_versions('orders', ref('base_orders_checked'), ref('base_orders_versions')) }}

)

select max(order_date) as as_of_date
from orders

{%- endif %}
