{{ config(materialized='table') }}

{{ rank_versions('orders', ref('int_orders_checked')) }}
