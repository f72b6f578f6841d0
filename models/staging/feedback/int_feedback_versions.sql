{{ config(materialized='table') }}

{{ rank_versions('feedback', ref('int_feedback_checked')) }}
