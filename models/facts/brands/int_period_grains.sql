{{ config(post_hook="{{ gather_statistics(this) }}") }}

select 'week' as period_grain
union all
select 'month' as period_grain
union all
select 'quarter' as period_grain
union all
select 'year' as period_grain
