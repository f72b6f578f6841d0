{{ config(materialized='table') }}

{{ rank_versions('customers', ref('int_customers_checked')) }}
