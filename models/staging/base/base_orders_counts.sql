{{ config(materialized='table') }}

{{ count_raw_table('orders', ref('base_orders'), ref('base_orders_versions'), ref('as_of_date')) }}
