{{ config(materialized='table') }}

{{ rank_versions('customers', ref('base_customers')) }}
