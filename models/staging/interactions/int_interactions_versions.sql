{{ config(materialized='table') }}

{{ rank_versions('interactions', ref('int_interactions_checked')) }}
