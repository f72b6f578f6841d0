{{ config(materialized=costly_view()) }}

{{ check_raw_table('feedback', ref('base_feedback')) }}
