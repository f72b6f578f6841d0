{{ config(materialized='table') }}

{{ count_raw_table('customers', ref('base_customers'), ref('base_customers_versions'), ref('as_of_date')) }}
