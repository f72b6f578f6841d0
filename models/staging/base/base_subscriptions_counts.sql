{{ config(materialized='table') }}

{{ count_raw_table('subscriptions', ref('base_subscriptions'), ref('base_subscriptions_versions'), ref('as_of_date')) }}
