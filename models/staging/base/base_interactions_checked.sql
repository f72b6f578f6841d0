{{ config(materialized=costly_view()) }}

{{ check_raw_table('interactions', ref('base_interactions')) }}
