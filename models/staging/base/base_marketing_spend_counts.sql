{{ config(materialized='table') }}

{{ count_raw_table('marketing_spend', ref('base_marketing_spend'), none, ref('as_of_date')) }}
