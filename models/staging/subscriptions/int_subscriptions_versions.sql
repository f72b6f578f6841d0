{{ config(materialized='table') }}

{{ rank_versions('subscriptions', ref('int_subscriptions_checked')) }}
