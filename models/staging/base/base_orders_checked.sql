{{ config(materialized=costly_view()) }}

{{ check_raw_table('orders', ref('base_orders')) }}
