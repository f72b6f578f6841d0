{{ config(materialized='table') }}

{{ count_raw_table('feedback', ref('base_feedback'), ref('base_feedback_versions'), ref('as_of_date')) }}
