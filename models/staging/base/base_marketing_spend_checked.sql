{{ config(materialized=costly_view()) }}

{{ check_raw_table('marketing_spend', ref('base_marketing_spend')) }}
