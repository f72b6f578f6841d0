{{ config(materialized='table') }}

{{ rank_versions('feedback', ref('base_feedback')) }}
