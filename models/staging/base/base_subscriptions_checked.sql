{{ config(materialized=costly_view()) }}

{{ check_raw_table('subscriptions', ref('base_subscriptions')) }}
