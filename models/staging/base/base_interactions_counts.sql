{{ config(materialized='table') }}

{{ count_raw_table('interactions', ref('base_interactions'), ref('base_interactions_versions'), ref('as_of_date')) }}
