{{ config(materialized=costly_view()) }}

{{ check_raw_table('customers', ref('base_customers')) }}
