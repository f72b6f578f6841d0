{{ config(materialized='table') }}

{{ rank_versions('orders', ref('base_orders')) }}
