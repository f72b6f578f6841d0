#!/usr/bin/env python3
"""Ask MetricFlow for every metric of models/semantic, and compare its answers with the marts.

    pip install -r requirements-metricflow.txt
    dbt build                                     # the figures that are asked for
    python tests/acceptance/check_metricflow.py

First the project is parsed and its metrics are validated against the warehouse, as `mf validate-configs` does. Then
MetricFlow answers the queries of `COMPARISONS`, as `mf query` does, and each figure is compared with the mart's, or
with plain SQL on the mart's rows: they must agree to nine digits (MetricFlow hands decimals over as floats). A metric
without a query is an error, as is a saved query without rows. On DuckDB a copy of the warehouse is asked, with moves
between deciles, for which the sample is too short.

MetricFlow reads the warehouse of the profile, so `LIFECYCLE_DUCKDB_PATH` or `LIFECYCLE_TARGET` choose another.

exit codes: 0 all equal; 1 a figure differs, or something did not run; 2 wrong usage, or MetricFlow is not installed.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import io
import math
import os
import re
import shutil
import sys
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DIGITS = 1e-9
SHOWN = 10

Key = tuple
Rows = dict[Key, dict[str, object]]


class CannotCheck(Exception):
    """Something did not run; the message says what and why."""


@dataclass(frozen=True)
class Comparison:
    """One query of MetricFlow, and the SQL that must give the same figures.

    `metrics` maps each metric to a SQL expression of `table`, a mart or a subquery in which `{marts}` is the schema
    of the marts. `keys` maps what MetricFlow groups by to the columns that `table` is unique by. Some queries cover
    only some rows: `filter` is MetricFlow's, `where` the SQL's. MetricFlow may answer with rows that the mart does not
    have only with `more_rows`: a year after its last month there is still a month of the year before.
    """

    title: str
    table: str
    keys: Mapping[str, str]
    metrics: Mapping[str, str]
    filter: str = ""
    where: str = "true"
    more_rows: bool = False


def same(*names: str) -> dict[str, str]:
    """Metrics named like their columns."""
    return {name: name for name in names}


def prefixed(prefix: str, *names: str) -> dict[str, str]:
    """Metrics named like their columns, after a prefix."""
    return {prefix + name: name for name in names}


def mixed(columns: Mapping[str, str]) -> dict[str, str]:
    """Metrics of money with what each is made of; of one brand the two are the same."""
    return {**columns, **{"mixed_" + name: column for name, column in columns.items()}}


MONTH = "period_grain = 'month'"
# what adds up over months, and what takes the first or last month's value
ADDITIVE = same(
    "customers_at_start",
    "customers_at_end",
    "active_customers",
    "active_rate",
    "acquired_customers",
    "orders",
    "net_revenue",
    "average_order_value",
    "gross_amount",
    "discount_amount",
    "refund_amount",
    "discounted_order_share",
    "coupon_order_share",
    "subscriptions_at_start",
    "subscriptions_started",
    "subscriptions_cancelled",
    "new_members",
    "first_order_net_revenue",
    "returning_net_revenue",
    "monthly_recurring_amount",
    "acquisition_spend",
    "retention_spend",
    "cost_per_acquisition",
    "lifetime_repeat_rate",
    "historical_clv",
)
# what counts distinct customers, and so differs by grain
DISTINCT = same(
    "retained_customers",
    "lost_customers",
    "new_customers",
    "reactivated_customers",
    "purchasing_customers",
    "repeat_purchasers",
    "returning_purchasers",
)
# the mart has the last two over a trailing year, a metric of the periods that it is asked for
RATES = {
    **same(
        "churn_rate",
        "retention_rate",
        "repeat_customer_rate",
        "returning_customer_rate",
        "purchase_frequency",
        "average_order_value",
    ),
    "average_lifespan_periods": (
        "case when is_complete_period then cast(customers_at_start as double) / nullif(lost_customers, 0) end"
    ),
    "clv_formula": "case when is_complete_period then cast(net_revenue as double) / nullif(lost_customers, 0) end",
}
# what is known of months alone
OF_MONTHS = {
    **same(
        "at_risk_customers",
        "lapse_rate",
        "lost_repeat_customers",
        "repeat_churn_rate",
        "ltv_365d",
        "ltv_365d_to_cac",
        "churns",
        "reactivated_within_180d_rate",
        "subscription_cancellation_rate",
    ),
    "starting_subscriptions": "subscriptions_at_start",
    "cancelled_starting_subscriptions": "subscription_cancellation_rate * subscriptions_at_start",
    "reactivated_churns": "reactivated_within_180d_rate * churns",
    "churns_180d_ago": "case when reactivated_within_180d_rate is not null then churns end",
    "starting_repeat_customers": "repeat_customers_at_start",
    "first_year_customers": "case when ltv_365d is not null then acquired_customers end",
}
OF_GROUP = {
    "known_customers": "customers",
    "lifetime_net_revenue": "net_revenue",
}
OF_CLASS = {
    **OF_GROUP,
    "lifetime_orders": "orders",
    "lifetime_average_order_value": "average_order_value",
    "lifetime_discounted_order_share": "discounted_order_share",
    **same(
        "customers_in_base",
        "share_in_base",
        "average_engagement_score",
        "average_feedback_score",
        "high_risk_share",
        "average_p_alive",
        "average_p_order_90d",
    ),
}
OF_SEGMENT = {
    "known_customers": "customers",
    **same(
        "interactions_per_customer",
        "average_engagement_score",
        "membership_share",
        "net_revenue_365d",
        "orders_per_customer_365d",
        "average_historical_clv",
        "average_predicted_clv_365d",
        "average_tenure_days",
        "contacts_per_customer",
        "average_feedback_score",
    ),
}
KINDS = {
    "recent_purchasers": "recent_purchaser",
    "active_loyal_customers": "loyal_customer",
    "support_customers": "support_customer",
    "product_subscribers": "product_subscriber",
    "service_subscribers": "service_subscriber",
    "contacts": "contact",
}
BRAND = {"brand": "brand_id"}
BY_MONTH = {"metric_time__month": "period_start", **BRAND}
BY_COHORT = {"metric_time__month": "cohort_start", **BRAND}
WINDOWS = (30, 90, 365)
# Money, which may not be added up over brands: with more than one brand in an answer it is null, and so is what is made
# of it. Behind each `mixed_…` is the metric that gives the figure all the same.
MONEY_OF_MONTHS = same(
    "net_revenue",
    "gross_amount",
    "discount_amount",
    "refund_amount",
    "first_order_net_revenue",
    "returning_net_revenue",
    "acquisition_spend",
    "retention_spend",
    "monthly_recurring_amount",
)
MONEY_OF_FIRST_YEARS = {
    "first_year_value": "ltv_365d * acquired_customers",
    "first_year_spend": "case when ltv_365d is not null then acquisition_spend end",
}
MONEY_OF_COHORTS = {
    "cohort_net_revenue": "net_revenue",
    "cohort_net_revenue_to_date": "cumulative_net_revenue",
}
MONEY_OF_CHANNELS = {
    "channel_spend": "acquisition_spend",
    "channel_net_revenue": "net_revenue_to_date",
    "marketing_spend": "acquisition_spend + retention_spend",
    "channel_first_year_value": "ltv_365d * acquired_customers",
    "channel_first_year_spend": "case when ltv_365d is not null then acquisition_spend end",
}
MONEY_OF_CARTS = same("abandoned_amount", "recovered_amount", "recovered_net_revenue")
MONEY_OF_CUSTOMERS = {
    **same(
        "lifetime_net_revenue",
        "net_revenue_365d",
        "net_clv",
        "predicted_clv_365d",
        "average_predicted_clv_365d",
        "value_at_stake",
    ),
    "customer_acquisition_cost": "acquisition_cost",
    "customer_retention_cost": "retention_cost",
}
MONEY_OF_ACTIONS = same("due_value_at_stake")
MONEY_OF_BRIDGES = {
    **same(
        "net_revenue_before",
        "new_revenue",
        "resumed_revenue",
        "expansion_revenue",
        "contraction_revenue",
        "paused_revenue",
    ),
    "bridge_net_revenue": "net_revenue",
}
# the parts of revenue retention, of the periods that have one
MONEY_OF_RETENTION = {
    "revenue_to_keep": "case when gross_revenue_retention is not null then net_revenue_before end",
    "kept_revenue": "gross_revenue_retention * net_revenue_before",
    "kept_and_added_revenue": "net_revenue_retention * net_revenue_before",
}
BRIDGED_CUSTOMERS = same(
    "first_time_customers",
    "resumed_customers",
    "expansion_customers",
    "contraction_customers",
    "paused_customers",
    "unchanged_customers",
)
MONEY_OF_DRIVERS = same(
    "revenue_change",
    "buyers_effect",
    "first_time_buyers_effect",
    "returning_buyers_effect",
    "frequency_effect",
    "order_value_effect",
    "gross_value_effect",
    "discount_effect",
    "refund_effect",
)
MONEY_OF_LAYERS = {
    "layer_net_revenue": "net_revenue",
    "layer_contribution": "cumulative_contribution_per_customer * cohort_size",
}
MONEY_OF_CHANNEL_COHORTS = {
    "channel_cohort_net_revenue": "net_revenue",
    "channel_cohort_net_revenue_to_date": "cumulative_net_revenue",
    "channel_cohort_ltv": "ltv_per_customer * cohort_size",
}
MADE_OF_MONEY = (
    "average_order_value",
    "cost_per_acquisition",
    "clv_formula",
    "historical_clv",
    "ltv_365d",
    "ltv_365d_to_cac",
    "period_average_order_value",
    "period_clv_formula",
    "cohort_revenue_per_customer",
    "channel_cohort_ltv_per_customer",
    "stage_average_order_value",
    "channel_cost_per_acquisition",
    "return_on_spend",
    "channel_ltv_365d",
    "channel_ltv_365d_to_cac",
    "recovered_value_rate",
    "lifetime_average_order_value",
    "average_historical_clv",
    "loyal_revenue_share",
    "gross_revenue_retention",
    "net_revenue_retention",
    "decile_average_order_value",
    "first_decile_revenue_share",
    "layer_contribution_per_customer",
)

COMPARISONS = [
    Comparison(
        "brand_metrics, months",
        "{marts}.brand_metrics",
        BY_MONTH,
        {
            **ADDITIVE,
            **DISTINCT,
            **RATES,
            **OF_MONTHS,
            "starting_customers": "customers_at_start",
            "ending_customers": "customers_at_end",
            "discounted_orders": "coalesce(discounted_order_share * orders, 0)",
            "coupon_orders": "coalesce(coupon_order_share * orders, 0)",
            "months_of_brands": "1",
            "nps": "nps",
            "highest_nps": "nps",
            **mixed(MONEY_OF_MONTHS),
            **mixed(MONEY_OF_FIRST_YEARS),
            "brands_of_months": "1",
        },
        where=MONTH,
    ),
    Comparison(
        "brand_metrics and second_purchase, to date",
        "(select first_orders.*, sum(first_buyers) over so_far as buyers_to_date,"
        " sum(net_revenue) over so_far as net_revenue_to_date, lifetime_repeat_rate"
        " from {marts}.second_purchase as first_orders"
        " inner join {marts}.brand_metrics as months on first_orders.brand_id = months.brand_id"
        " and first_orders.cohort_start = months.period_start and months."
        + MONTH
        + " window so_far as (partition by first_orders.brand_id order by cohort_start)) as months",
        BY_COHORT,
        {
            **same("buyers_to_date"),
            **mixed(same("net_revenue_to_date")),
            "brands_to_date": "1",
            "repeat_buyers_to_date": "lifetime_repeat_rate * buyers_to_date",
        },
    ),
    *(
        Comparison(
            f"brand_metrics, months added up to {grain}s",
            "{marts}.brand_metrics",
            {f"metric_time__{grain}": "period_start", **BRAND},
            ADDITIVE,
            where=f"period_grain = '{grain}'",
        )
        for grain in ("quarter", "year")
    ),
    Comparison(
        "brand_metrics, every grain",
        "{marts}.brand_metrics",
        {"metric_time__day": "period_start", "brand_period__period_grain": "period_grain", **BRAND},
        {
            "period_grains": "1",
            **prefixed("period_", "customers_at_start", "customers_at_end", "orders", *DISTINCT),
            **{"period_" + name: column for name, column in RATES.items()},
            **mixed(prefixed("period_", "net_revenue")),
            "brands_of_periods": "1",
        },
    ),
    Comparison(
        "brand_metrics, grains mixed: null",
        "(select distinct brand_id from {marts}.brand_metrics) as brands",
        BRAND,
        {"period_" + rate: "null" for rate in RATES},
    ),
    Comparison(
        "money of several brands: null",
        "(select count(distinct brand_id) as brands from {marts}.brand_metrics) as brands",
        {},
        dict.fromkeys(
            (
                *MONEY_OF_MONTHS,
                *MONEY_OF_FIRST_YEARS,
                "net_revenue_to_date",
                "period_net_revenue",
                *MONEY_OF_COHORTS,
                "stage_net_revenue",
                *MONEY_OF_CHANNELS,
                *MONEY_OF_CARTS,
                *MONEY_OF_CUSTOMERS,
                *MONEY_OF_ACTIONS,
                *MONEY_OF_BRIDGES,
                *MONEY_OF_RETENTION,
                *MONEY_OF_DRIVERS,
                "decile_net_revenue",
                *MONEY_OF_LAYERS,
                *MONEY_OF_CHANNEL_COHORTS,
                *MADE_OF_MONEY,
            ),
            "null",
        ),
        where="brands > 1",
    ),
    Comparison(
        "money of several brands by month: null",
        "(select period_start, max(period_start) over () as last_start, count(distinct brand_id) as brands"
        " from {marts}.brand_metrics where " + MONTH + " group by period_start) as months",
        {"metric_time__month": "period_start"},
        dict.fromkeys((*MONEY_OF_MONTHS, "average_order_value", "average_order_value_change_yoy"), "null"),
        where="brands > 1 and period_start = last_start",
        more_rows=True,
    ),
    Comparison(
        "purchase_frequency_trend",
        "{marts}.purchase_frequency_trend",
        {"metric_time__month": "calendar_month", **BRAND},
        same("purchase_frequency_change_yoy", "average_order_value_change_yoy"),
        where="purchase_frequency_change_yoy is not null",
        more_rows=True,
    ),
    Comparison(
        "loyalty_summary",
        "{marts}.loyalty_summary",
        {"customer__loyalty_class": "loyalty_class", **BRAND},
        OF_CLASS,
    ),
    Comparison(
        "loyalty_summary, the loyal",
        "{marts}.loyalty_summary",
        BRAND,
        {
            "loyal_customers": "customers",
            "loyal_customer_share": "share_of_customers",
            "loyal_revenue_share": "revenue_share",
        },
        where="loyalty_class = 'loyal'",
    ),
    *(
        Comparison(
            f"active_vs_inactive, {segment}",
            "{marts}.active_vs_inactive",
            BRAND,
            OF_SEGMENT,
            filter="{{ Dimension('customer__relationship_status') }} in " + statuses,
            where=f"segment = '{segment}'",
        )
        for segment, statuses in (("active", "('active')"), ("inactive", "('dormant', 'churned')"))
    ),
    Comparison(
        "active_kinds",
        "(select brand_id"
        + "".join(f", max(customers) filter (where kind = '{kind}') as {kind}" for kind in KINDS.values())
        + " from {marts}.active_kinds group by brand_id) as kinds",
        BRAND,
        KINDS,
    ),
    Comparison(
        "rfm_segments",
        "{marts}.rfm_segments",
        {"customer__rfm_segment": "segment", **BRAND},
        {**OF_GROUP, "average_predicted_clv_365d": "average_predicted_clv_365d"},
        filter="{{ Dimension('customer__rfm_segment') }} is not null",
    ),
    Comparison(
        "brand_metrics, the month of as_of_date",
        "(select *, max(period_start) over (partition by brand_id) as last_start"
        " from {marts}.brand_metrics where " + MONTH + ") as months",
        BRAND,
        {
            "customers_in_base": "customers_at_end",
            "currently_active_customers": "active_customers",
            "repeat_buyer_share": "lifetime_repeat_rate",
            "brands_of_customers": "1",
        },
        where="period_start = last_start",
    ),
    Comparison(
        "customers, added up",
        "(select brand_id, count(*) filter (where is_member) as members,"
        " count(*) filter (where lifetime_orders >= 1) as buyers,"
        " count(*) filter (where lifetime_orders >= 2) as repeat_buyers,"
        " count(*) filter (where churn_risk = 'high') as high_risk_customers,"
        " count(churn_risk) as customers_with_churn_risk, avg(churn_probability) as average_churn_probability,"
        " sum(discounted_orders) as discounted_orders, sum(orders_365d) as orders_365d,"
        " sum(interactions_90d) as interactions_90d, sum(support_contacts_365d + contacts_365d) as contacts_365d,"
        " sum(predicted_clv_365d) as predicted_clv_365d, avg(predicted_clv_365d) as average_predicted_clv_365d,"
        " sum(lifetime_net_revenue) as lifetime_net_revenue, sum(net_revenue_365d) as net_revenue_365d,"
        " sum(acquisition_cost) as acquisition_cost, sum(retention_cost) as retention_cost,"
        " sum(value_at_stake) as value_at_stake,"
        " count(*) filter (where is_loyal_but_for_silence) as loyal_but_for_silence_customers,"
        " avg(net_clv) filter (where lifetime_orders >= 1) as net_clv, sum(expected_orders_90d) as expected_orders_90d,"
        " sum(referrals) as referrals, sum(converted_referrals) as converted_referrals"
        " from {marts}.customers group by brand_id) as brands",
        BRAND,
        {
            "lifetime_discounted_orders": "discounted_orders",
            **same(
                "members",
                "buyers",
                "repeat_buyers",
                "loyal_but_for_silence_customers",
                "high_risk_customers",
                "customers_with_churn_risk",
                "average_churn_probability",
                "orders_365d",
                "interactions_90d",
                "contacts_365d",
                "expected_orders_90d",
                "referrals",
                "converted_referrals",
            ),
            **mixed(MONEY_OF_CUSTOMERS),
        },
    ),
    Comparison(
        "lifecycle_stages, months",
        "{marts}.lifecycle_stages",
        {"stage_month__stage": "stage", **BY_MONTH},
        {
            **prefixed(
                "stage_",
                "customers",
                "orders",
                "average_order_value",
                "purchasing_customers",
                "purchase_frequency",
                "interactions",
            ),
            **mixed(prefixed("stage_", "net_revenue")),
            "brands_of_stages": "1",
        },
        where=MONTH,
    ),
    Comparison(
        "lifecycle_transitions, months",
        "{marts}.lifecycle_transitions",
        {"stage_transition__from_stage": "from_stage", "stage_transition__to_stage": "to_stage", **BY_MONTH},
        {"moving_customers": "customers"},
        where=MONTH,
    ),
    Comparison(
        "lifecycle_transitions, rates",
        "(select brand_id, period_start, from_stage,"
        " sum(transition_rate) filter (where to_stage in ('retention', 'advocacy')) as to_retention,"
        " sum(transition_rate) filter (where to_stage = 'churned') as to_churned"
        " from {marts}.lifecycle_transitions where " + MONTH + " and from_stage <> 'unknown'"
        " group by brand_id, period_start, from_stage) as rates",
        {"stage_transition__from_stage": "from_stage", **BY_MONTH},
        {"move_to_retention_rate": "to_retention", "move_to_churned_rate": "to_churned"},
        filter="{{ Dimension('stage_transition__from_stage') }} <> 'unknown'",
    ),
    Comparison(
        "cohort_retention, months",
        "{marts}.cohort_retention",
        {"cohort__period_index": "period_index", **BY_COHORT},
        {
            "cohort_customers": "cohort_size",
            "cohort_purchasing_customers": "purchasing_customers",
            "cohort_retention_rate": "retention_rate",
            "cohort_orders": "orders",
            **mixed(MONEY_OF_COHORTS),
            "brands_of_cohorts": "1",
            "cohort_revenue_per_customer": "cumulative_revenue_per_customer",
            "cohort_repeat_customers": "repeat_customers_to_date",
            "cohort_repeat_rate": "repeat_rate_to_date",
        },
        where="cohort_grain = 'month'",
    ),
    Comparison(
        "cohort_retention_by_channel",
        "{marts}.cohort_retention_by_channel",
        {
            "channel_cohort__channel": "channel",
            "channel_cohort__period_index": "period_index",
            **BY_COHORT,
        },
        {
            **prefixed("channel_cohort_", "purchasing_customers", "retention_rate", "orders", "ltv_per_customer"),
            "channel_cohort_customers": "cohort_size",
            **mixed(MONEY_OF_CHANNEL_COHORTS),
            "brands_of_channel_cohorts": "1",
        },
    ),
    Comparison(
        "second_purchase",
        "{marts}.second_purchase",
        BY_COHORT,
        {
            **same("first_buyers"),
            **same(*(f"second_buyers_{days}d" for days in WINDOWS)),
            **same(*(f"second_purchase_rate_{days}d" for days in WINDOWS)),
        },
    ),
    Comparison(
        "revenue_bridge, every grain",
        "{marts}.revenue_bridge",
        {"metric_time__day": "period_start", "revenue_bridge__period_grain": "period_grain", **BRAND},
        {
            **mixed(MONEY_OF_BRIDGES),
            **mixed(MONEY_OF_RETENTION),
            **BRIDGED_CUSTOMERS,
            **same("gross_revenue_retention", "net_revenue_retention"),
            "brands_of_bridges": "1",
            "bridge_grains": "1",
        },
    ),
    Comparison(
        "revenue_bridge, months of a year",
        "(select brand_id, date_trunc('year', period_start) as year_start,"
        + "".join(f" sum({column}) as {column}," for column in BRIDGED_CUSTOMERS)
        + " sum(new_revenue) as new_revenue, sum(net_revenue) as net_revenue,"
        " sum(gross_revenue_retention * net_revenue_before)"
        " / sum(net_revenue_before) filter (where gross_revenue_retention is not null) as gross_revenue_retention,"
        " sum(net_revenue_retention * net_revenue_before)"
        " / sum(net_revenue_before) filter (where net_revenue_retention is not null) as net_revenue_retention"
        " from {marts}.revenue_bridge where "
        + MONTH
        + " group by brand_id, date_trunc('year', period_start)) as years",
        {"metric_time__year": "year_start", **BRAND},
        {
            **BRIDGED_CUSTOMERS,
            **same("new_revenue", "gross_revenue_retention", "net_revenue_retention"),
            "bridge_net_revenue": "net_revenue",
        },
        filter="{{ Dimension('revenue_bridge__period_grain') }} = 'month'",
    ),
    Comparison(
        "revenue_drivers",
        "{marts}.revenue_drivers",
        {
            "metric_time__month": "period_start",
            "revenue_driver__period_grain": "period_grain",
            "revenue_driver__compared_with": "compared_with",
            **BRAND,
        },
        {**mixed(MONEY_OF_DRIVERS), "brands_of_drivers": "1", "driver_comparisons": "1"},
    ),
    Comparison(
        "value_deciles",
        "{marts}.value_deciles",
        {
            "metric_time__day": "period_start",
            "decile_year__period_grain": "period_grain",
            "decile_year__decile": "decile",
            **BRAND,
        },
        {
            **prefixed(
                "decile_",
                "customers",
                "orders",
                "average_order_value",
                "purchase_frequency",
                "average_recency_days",
            ),
            **mixed(prefixed("decile_", "net_revenue")),
            "decile_recency_days": "average_recency_days * customers",
            "brands_of_deciles": "1",
            "decile_grains": "1",
        },
    ),
    Comparison(
        "value_deciles, the years together",
        "(select brand_id, sum(customers) as customers, sum(orders) as orders, sum(net_revenue) as net_revenue,"
        " sum(average_recency_days * customers) as recency_days"
        " from {marts}.value_deciles where period_grain = 'year' group by brand_id) as years",
        BRAND,
        {
            "decile_average_order_value": "1.0 * net_revenue / orders",
            "decile_purchase_frequency": "1.0 * orders / customers",
            "decile_average_recency_days": "recency_days / customers",
        },
        filter="{{ Dimension('decile_year__period_grain') }} = 'year'",
    ),
    Comparison(
        "value_deciles, the first",
        "{marts}.value_deciles",
        {"metric_time__day": "period_start", "decile_year__period_grain": "period_grain", **BRAND},
        {"first_decile_revenue_share": "revenue_share"},
        where="decile = 1",
    ),
    Comparison(
        "value_concentration",
        "{marts}.value_concentration",
        {"metric_time__day": "period_start", "concentration_year__period_grain": "period_grain", **BRAND},
        {
            **same("gini", "customers_for_half_of_revenue"),
            "highest_gini": "gini",
            "most_customers_for_half_of_revenue": "customers_for_half_of_revenue",
            "customers_of_years": "customers",
            "years_of_concentration": "1",
        },
    ),
    Comparison(
        "value_concentration, several years: null",
        "(select brand_id, count(*) as years from {marts}.value_concentration group by brand_id) as brands",
        BRAND,
        dict.fromkeys(("gini", "customers_for_half_of_revenue"), "null"),
        where="years > 1",
        more_rows=True,
    ),
    Comparison(
        "decile_migration",
        "{marts}.decile_migration",
        {
            "metric_time__day": "period_start",
            "decile_move__period_grain": "period_grain",
            "decile_move__from_decile": "from_decile",
            "decile_move__to_decile": "to_decile",
            **BRAND,
        },
        {"decile_moving_customers": "customers", "migration_grains": "1"},
    ),
    Comparison(
        "decile_migration, rates",
        "(select brand_id, period_grain, period_start, from_decile,"
        " max(share_of_from) filter (where to_decile = from_decile) as stay_rate,"
        " max(share_of_from) filter (where to_decile = 0) as no_order_rate"
        " from {marts}.decile_migration where from_decile >= 1"
        " group by brand_id, period_grain, period_start, from_decile) as deciles",
        {
            "metric_time__day": "period_start",
            "decile_move__period_grain": "period_grain",
            "decile_move__from_decile": "from_decile",
            **BRAND,
        },
        prefixed("decile_", "stay_rate", "no_order_rate"),
        filter="{{ Dimension('decile_move__from_decile') }} >= 1",
    ),
    Comparison(
        "customer base, grains mixed: null",
        "(select brand_id from {marts}.value_deciles group by brand_id having count(distinct period_grain) > 1)"
        " as brands",
        BRAND,
        dict.fromkeys(
            (
                *MONEY_OF_BRIDGES,
                *MONEY_OF_DRIVERS,
                *prefixed(
                    "decile_",
                    "net_revenue",
                    "purchase_frequency",
                    "average_recency_days",
                    "stay_rate",
                    "no_order_rate",
                ),
            ),
            "null",
        ),
        more_rows=True,
    ),
    Comparison(
        "cohort_calendar, quarters",
        "{marts}.cohort_calendar",
        {"metric_time__quarter": "period_start", "cohort_layer__cohort_start__quarter": "cohort_start", **BRAND},
        {
            "layer_customers": "customers",
            "layer_orders": "orders",
            "layer_cohort_customers": "cohort_size",
            "layer_contribution_per_customer": "cumulative_contribution_per_customer",
            **mixed(MONEY_OF_LAYERS),
            "brands_of_layers": "1",
        },
        where="cohort_grain = 'quarter' and period_grain = 'quarter'",
    ),
    Comparison(
        "cohort_calendar, quarters added up to years",
        "{marts}.cohort_calendar",
        {"metric_time__year": "period_start", "cohort_layer__cohort_start__year": "cohort_start", **BRAND},
        {
            "layer_orders": "orders",
            "layer_net_revenue": "net_revenue",
            "layer_cohort_customers": "cohort_size",
            "layer_contribution_per_customer": "cumulative_contribution_per_customer",
        },
        where="cohort_grain = 'year' and period_grain = 'year'",
    ),
    Comparison(
        "engagement_by_stage",
        "{marts}.engagement_by_stage",
        {
            "engagement_month__stage": "stage",
            "engagement_month__interaction_type": "interaction_type",
            **BY_MONTH,
        },
        {
            "engagement_interactions": "interactions",
            "engaged_customers": "customers",
            "interactions_per_engaged_customer": "interactions_per_customer",
            "average_duration_seconds": "average_duration_seconds",
            "longest_average_duration_seconds": "average_duration_seconds",
            "rows_of_engagement": "1",
        },
    ),
    Comparison(
        "engagement_by_stage, year on year",
        "{marts}.engagement_by_stage",
        {
            "engagement_month__stage": "stage",
            "engagement_month__interaction_type": "interaction_type",
            **BY_MONTH,
        },
        {"interactions_per_engaged_customer_change_yoy": "interactions_per_customer_change_yoy"},
        where="interactions_per_customer_change_yoy is not null",
        more_rows=True,
    ),
    Comparison(
        "engagement_by_stage, types together",
        "(select brand_id, period_start, stage, sum(interactions) as interactions, sum(customers) as customers,"
        " case when count(*) = 1 then max(average_duration_seconds) end as average_duration_seconds"
        " from {marts}.engagement_by_stage group by brand_id, period_start, stage) as stages",
        {"engagement_month__stage": "stage", **BY_MONTH},
        {
            "interactions_per_engaged_customer": "1.0 * interactions / customers",
            "average_duration_seconds": "average_duration_seconds",
        },
    ),
    Comparison(
        "acquisition_channels",
        "{marts}.acquisition_channels",
        {"channel_month__channel": "channel", **BY_MONTH},
        {
            "channel_impressions": "impressions",
            "channel_clicks": "clicks",
            "channel_acquired_customers": "acquired_customers",
            "channel_cost_per_acquisition": "cost_per_acquisition",
            **mixed(MONEY_OF_CHANNELS),
            "brands_of_channels": "1",
            **same("click_through_rate", "sign_ups", "click_to_customer_rate", "return_on_spend"),
            "channel_first_year_customers": "case when ltv_365d is not null then acquired_customers end",
            "channel_ltv_365d": "ltv_365d",
            "channel_ltv_365d_to_cac": "ltv_365d_to_cac",
        },
    ),
    Comparison(
        "cart_recovery",
        "{marts}.cart_recovery",
        BY_MONTH,
        {
            **same("carts_abandoned", "carts_recovered", "recovery_rate", "recovered_value_rate"),
            **mixed(MONEY_OF_CARTS),
            "brands_of_carts": "1",
        },
    ),
    Comparison(
        "feedback_loop by loyalty class",
        "(select feedback.brand_id, customers.loyalty_class, count(*) as negative,"
        " count(answered_on) as answered, avg(days_to_answer) as days_to_answer,"
        " count(*) filter (where bought_again) as won_back"
        " from {marts}.feedback_loop as feedback"
        " left join {marts}.customers as customers"
        " on feedback.brand_id = customers.brand_id and feedback.customer_id = customers.customer_id"
        " group by feedback.brand_id, customers.loyalty_class) as classes",
        {"customer__loyalty_class": "loyalty_class", **BRAND},
        {
            "negative_feedback": "negative",
            "answered_feedback": "answered",
            "answered_feedback_share": "1.0 * answered / negative",
            "average_days_to_answer": "days_to_answer",
            "feedback_won_back": "won_back",
            "feedback_won_back_share": "1.0 * won_back / negative",
        },
    ),
    Comparison(
        "lifecycle_alerts",
        "(select brand_id, alert_type, severity, count(*) as alerts"
        " from {marts}.lifecycle_alerts group by brand_id, alert_type, severity) as types",
        {"alert__alert_type": "alert_type", "alert__severity": "severity", **BRAND},
        {"alerts": "alerts"},
    ),
    Comparison(
        "customer_actions",
        "(select brand_id, action_code, sum(case when action_code <> 'none' then 1 else 0 end) as actions,"
        " count(*) filter (where is_due) as due_actions,"
        " sum(value_at_stake) filter (where is_due) as due_value_at_stake"
        " from {marts}.customer_actions group by brand_id, action_code) as actions",
        {"customer__action_code": "action_code", **BRAND},
        {**same("actions", "due_actions"), **mixed(MONEY_OF_ACTIONS), "brands_of_actions": "1"},
    ),
]

# a number of customers for every pair of deciles, in every year that has deciles
MOVES = """
    create temporary table moves as
    select
        years.brand_id,
        years.period_grain,
        years.period_start,
        befores.decile as from_decile,
        afters.decile as to_decile,
        (7 * befores.decile + 3 * afters.decile + 7) % 11 as customers
    from marts.value_concentration as years
    cross join generate_series(-1, 10) as befores (decile)
    cross join generate_series(0, 10) as afters (decile)
    where befores.decile <> -1 or afters.decile <> 0;

    delete from marts.decile_migration;

    insert into marts.decile_migration
    select *, customers / sum(customers) over (partition by brand_id, period_grain, period_start, from_decile)
    from moves;
"""


@dataclass
class Result:
    """The result of a comparison: the numbers of rows and figures compared, and every difference in plain words."""

    rows: int = 0
    figures: int = 0
    differences: list[str] = field(default_factory=list)


def plain(value: object) -> object:
    """A value as it can be compared: dates as their text, decimals as floats."""
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value


def equal(left: object, right: object) -> bool:
    """Whether two figures are the same: both null, or numbers that agree to nine digits."""
    if left is None or right is None:
        return left is right
    return math.isclose(float(left), float(right), rel_tol=DIGITS, abs_tol=DIGITS)


def compare(expected: Rows, actual: Rows, more_rows: bool) -> Result:
    """Compare the mart's rows with MetricFlow's.

    A row that MetricFlow lacks agrees with a mart row of only nulls and zeros.
    """
    result = Result(rows=len(expected))
    for key, figures in expected.items():
        name = ", ".join(str(part) for part in key)
        answers = actual.get(key)
        for metric, value in figures.items():
            result.figures += 1
            if answers is None:
                if value:
                    result.differences.append(f"{metric} of {name}: {value}, MetricFlow has no such row")
            elif not equal(value, answers[metric]):
                result.differences.append(f"{metric} of {name}: {value}, MetricFlow says {answers[metric]}")
    if not more_rows:
        result.differences += [
            f"{', '.join(str(part) for part in key)}: MetricFlow has this row, the mart has not"
            for key in actual.keys() - expected.keys()
        ]
    return result


class MetricFlow:
    """A project's metrics, as MetricFlow answers them, and its warehouse."""

    def __init__(self, project: Path) -> None:
        """Parse the project and connect to its warehouse. Raises CannotCheck if either fails."""
        from dbt.cli.main import dbtRunner
        from dbt_metricflow.cli.cli_configuration import CLIConfiguration

        # MetricFlow looks for target/semantic_manifest.json in its working folder
        os.chdir(project)
        for name in ("DBT_TARGET_PATH", "DBT_PROJECT_DIR"):
            os.environ.pop(name, None)
        parsed = dbtRunner().invoke(["--quiet", "parse"])
        if not parsed.success:
            raise CannotCheck(f"dbt parse failed: {parsed.exception or 'see its messages above'}")
        self.configuration = CLIConfiguration()
        try:
            self.configuration.setup(configure_file_logging=False)
            self.metrics = {
                metric.name
                for metric in self.configuration.semantic_manifest.metrics
                if not metric.type_params.is_private
            }
            models = {model.name: model for model in self.configuration.semantic_manifest.semantic_models}
            self.marts = models["customers"].node_relation.schema_name
            self.configuration.sql_client.query(f"select * from {self.marts}.customers where false")
        except Exception as error:  # MetricFlow and dbt raise whatever they meet
            raise CannotCheck(f"MetricFlow cannot read the marts; has `dbt build` run? {error}") from error

    def validate(self) -> str:
        """What `mf validate-configs` does. Gives its own words, and raises CannotCheck with them if it fails."""
        output = io.StringIO()
        try:
            with contextlib.redirect_stdout(output):
                # imported here: the commands print to the stdout that exists when they are imported
                from dbt_metricflow.cli.main import cli

                # the command itself: the one above it, `mf`, first asks the network for a newer version
                command = cli.commands["validate-configs"]
                command.main(args=[], obj=self.configuration, standalone_mode=False)
        except SystemExit as error:
            if error.code:
                raise CannotCheck(f"mf validate-configs:\n{told(output)}") from error
        except Exception as error:
            raise CannotCheck(f"mf validate-configs: {error}\n{told(output)}") from error
        return told(output)

    def answers(self, comparison: Comparison) -> Rows:
        """What `mf query` answers. Raises CannotCheck if it fails."""
        from metricflow.engine.metricflow_engine import MetricFlowQueryRequest

        request = MetricFlowQueryRequest.create(
            metric_names=list(comparison.metrics),
            group_by_names=list(comparison.keys),
            where_constraints=[comparison.filter] if comparison.filter else None,
        )
        try:
            table = self.configuration.mf.query(request).result_df
        except Exception as error:
            raise CannotCheck(f"mf query: {error}") from error
        return keyed(table, list(comparison.keys), list(comparison.metrics))

    def saved_queries(self) -> dict[str, int]:
        """The saved queries, and how many rows each answers. Raises CannotCheck if one fails."""
        from metricflow.engine.metricflow_engine import MetricFlowQueryRequest

        answered = {}
        for query in self.configuration.semantic_manifest.saved_queries:
            try:
                table = self.configuration.mf.query(
                    MetricFlowQueryRequest.create(saved_query_name=query.name)
                ).result_df
            except Exception as error:
                raise CannotCheck(f"mf query --saved-query {query.name}: {error}") from error
            answered[query.name] = table.row_count if table is not None else 0
        return answered

    def figures(self, comparison: Comparison) -> Rows:
        """What the marts say. Raises CannotCheck if the SQL does not run."""
        columns = [
            *(f'{column} as "{name}"' for name, column in comparison.keys.items()),
            *(f'{expression} as "{metric}"' for metric, expression in comparison.metrics.items()),
        ]
        table = comparison.table.replace("{marts}", self.marts)
        try:
            rows = self.configuration.sql_client.query(
                f"select {', '.join(columns)} from {table} where {comparison.where}"
            )
        except Exception as error:
            raise CannotCheck(f"the marts: {error}") from error
        return keyed(rows, list(comparison.keys), list(comparison.metrics))


def told(output: io.StringIO) -> str:
    """A command's output: its results and findings, without the spinner before them."""
    return "\n".join(re.findall(r"[✔✖•].*", output.getvalue()))


def keyed(table: object, keys: Sequence[str], metrics: Sequence[str]) -> Rows:
    """The rows of one of MetricFlow's tables by their keys."""
    names = list(table.column_names) if table is not None else []
    rows: Rows = {}
    for row in table.rows if table is not None else ():
        values = {name: plain(value) for name, value in zip(names, row)}
        rows[tuple(values[key] for key in keys)] = {metric: values[metric] for metric in metrics}
    return rows


def give_moves(folder: Path) -> None:
    """Have the profile read a copy of the built sample, in which customers of every brand move between deciles.

    The sample covers a year and a half, and a move takes two. Changes nothing if the warehouse is no DuckDB file.
    """
    built = Path(os.environ.get("LIFECYCLE_DUCKDB_PATH", "lifecycle.duckdb"))
    if os.environ.get("LIFECYCLE_TARGET", "duckdb") != "duckdb" or not built.is_file():
        return
    import duckdb

    # views name the file that they were made in
    copy = folder / built.name
    shutil.copyfile(built, copy)
    with duckdb.connect(str(copy)) as connection:
        connection.execute(MOVES)
    os.environ["LIFECYCLE_DUCKDB_PATH"] = str(copy)


def check(project: Path) -> bool:
    """Validate, ask, compare and print. Returns whether everything agrees; raises CannotCheck if it cannot start."""
    metricflow = MetricFlow(project)
    print(metricflow.validate(), end="\n\n")
    asked: set[str] = set()
    agrees = True
    total = Result()
    print(f"{'compared with':<45}{'metrics':>9}{'rows':>8}{'figures':>9}  differences")
    for comparison in COMPARISONS:
        asked |= comparison.metrics.keys()
        try:
            result = compare(metricflow.figures(comparison), metricflow.answers(comparison), comparison.more_rows)
            if not result.rows:
                result.differences.append("the mart has no row to compare with")
        except CannotCheck as error:
            result = Result(differences=[str(error).strip()])
        total.rows += result.rows
        total.figures += result.figures
        agrees = agrees and not result.differences
        print(
            f"{comparison.title:<45}{len(comparison.metrics):>9}{result.rows:>8}{result.figures:>9}"
            f"  {len(result.differences) or 'none'}"
        )
        for difference in result.differences[:SHOWN]:
            print(f"    {difference}")
        if len(result.differences) > SHOWN:
            print(f"    and {len(result.differences) - SHOWN} more")
    print(f"\n{'saved query':<45}{'rows':>17}")
    for name, rows in metricflow.saved_queries().items():
        agrees = agrees and rows > 0
        print(f"{name:<45}{rows:>17}")
    for metric in sorted(metricflow.metrics - asked):
        agrees = False
        print(f"{metric}: a metric that no comparison asks for")
    verdict = "all equal" if agrees else "NOT all equal"
    print(f"\n{len(asked)} metrics, {total.rows} rows, {total.figures} figures: {verdict}")
    return agrees


def main() -> int:
    """Check the project named on the command line; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--project-dir", type=Path, default=ROOT, help="the project, with what it has built")
    options = parser.parse_args()
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    try:
        import dbt_metricflow  # noqa: F401
    except ImportError:
        print("MetricFlow is not installed: pip install -r requirements-metricflow.txt", file=sys.stderr)
        return 2
    if not (options.project_dir / "dbt_project.yml").is_file():
        print(f"{options.project_dir} is no dbt project: it has no dbt_project.yml", file=sys.stderr)
        return 2
    try:
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(options.project_dir)
            give_moves(Path(folder))
            return 0 if check(Path.cwd()) else 1
    except CannotCheck as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
