{{ config(materialized='table') }}

{{ rank_versions('interactions', ref('base_interactions')) }}
