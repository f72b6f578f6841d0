{{ config(materialized='table') }}

{{ rank_versions('subscriptions', ref('base_subscriptions')) }}
