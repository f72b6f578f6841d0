"""From raw rows to marts: the whole program in one call."""

from __future__ import annotations

from datetime import date
from typing import Any

from . import (
    actions,
    activity,
    alerts,
    brand_metrics,
    carts,
    channels,
    customer_base,
    customers,
    feedback,
    findings,
    ladder,
    lifecycle,
    loyalty,
    ltv,
    over_time,
    rfm,
)
from .facts import Brand, InteractionTypes, brands_of
from .inputs import Inputs, Raw, classify
from .messages import Texts
from .rfm import Segments
from .settings import merged_settings

KEYS: dict[str, tuple[str, ...]] = {
    "customers": ("brand_id", "customer_id"),
    "brand_metrics": ("brand_id", "period_grain", "period_start"),
    "cohort_retention": (
        "brand_id",
        "cohort_grain",
        "cohort_start",
        "period_index",
    ),
    "cohort_retention_by_channel": (
        "brand_id",
        "channel",
        "cohort_start",
        "period_index",
    ),
    "loyalty_criteria": ("brand_id", "customer_id", "criterion"),
    "loyalty_summary": ("brand_id", "loyalty_class"),
    "loyalty_tiers": ("brand_id", "loyalty_tier"),
    "second_purchase": ("brand_id", "cohort_start"),
    "purchase_frequency_trend": ("brand_id", "calendar_month"),
    "sales_channels": ("brand_id", "period_start", "channel"),
    "order_ladder": ("brand_id", "from_order", "day"),
    "order_ladder_summary": ("brand_id", "from_order"),
    "revenue_bridge": ("brand_id", "period_grain", "period_start"),
    "revenue_drivers": (
        "brand_id",
        "period_grain",
        "period_start",
        "compared_with",
    ),
    "value_deciles": ("brand_id", "period_grain", "period_start", "decile"),
    "value_concentration": ("brand_id", "period_grain", "period_start"),
    "decile_migration": (
        "brand_id",
        "period_grain",
        "period_start",
        "from_decile",
        "to_decile",
    ),
    "cohort_calendar": (
        "brand_id",
        "cohort_grain",
        "cohort_start",
        "period_grain",
        "period_start",
    ),
    "ltv_drivers": ("brand_id", "horizon_days", "property", "value"),
    "rejected_rows": ("source_table", "row_id"),
    "input_reconciliation": ("source_table", "brand_id"),
    "input_findings": ("brand_id", "source_table", "finding"),
    "lifecycle_stage_history": ("brand_id", "customer_id", "valid_from"),
    "lifecycle_stages": ("brand_id", "period_grain", "period_start", "stage"),
    "lifecycle_transitions": (
        "brand_id",
        "period_grain",
        "period_start",
        "from_stage",
        "to_stage",
    ),
    "engagement_by_stage": (
        "brand_id",
        "period_start",
        "stage",
        "interaction_type",
    ),
    "rfm_segments": ("brand_id", "segment"),
    "active_vs_inactive": ("brand_id", "segment"),
    "active_kinds": ("brand_id", "kind"),
    "acquisition_channels": ("brand_id", "period_start", "channel"),
    "cart_recovery": ("brand_id", "period_start"),
    "advocate_value": ("brand_id", "customer_id"),
    "feedback_loop": ("brand_id", "feedback_id"),
    "lifecycle_alerts": ("alert_id",),
    "customer_actions": ("brand_id", "customer_id"),
}


def compute(
    raw: Raw,
    brands: dict[str, dict | None] | None,
    brand_defaults: dict[str, Any] | None = None,
    as_of_date: date | None = None,
    interaction_types: InteractionTypes | None = None,
    rfm_segments: Segments | None = None,
    playbook: list[dict[str, Any]] | None = None,
    max_rejected_share: Any = 0.05,
    predictions: dict[tuple[str, str], dict[str, Any]] | None = None,
    max_customer_order_share: Any = 0.05,
    texts: Texts | None = None,
) -> dict[str, list[dict[str, Any]]]:
    """Every mart of `KEYS` by name, each a list of rows.

    Takes `raw`, the raw tables by name, whose values are text, None or typed;
    a table that does not exist is absent, a missing column is null; the vars
    `brands` and `brand_defaults`; the last day that counts, None for the
    default; the group and default weight of each interaction type; the
    segment of each pair of r_score and f_score; the lines of the playbook;
    the vars `max_rejected_share` and `max_customer_order_share`; what is
    predicted of customers, such as p_alive and predicted_clv_365d, by brand_id
    and customer_id, for the rules, alerts, actions and loyalty marts that rest
    on it (see oracle.clv for the predictions themselves); and what alerts and
    actions say, without which they say nothing.
    Raises ValueError for a rule over a metric that is not computed here.
    """
    settings = merged_settings(brands, brand_defaults)
    inputs = classify(raw, settings, as_of_date)
    marts: dict[str, list[dict[str, Any]]] = {name: [] for name in KEYS}
    marts["rejected_rows"] = inputs.rejected_rows
    marts["input_reconciliation"] = inputs.input_reconciliation
    marts["input_findings"] = findings.rows(inputs, settings, max_customer_order_share)
    if inputs.as_of_date is None:
        return marts
    for brand in brands_of(inputs, settings, interaction_types or {}):
        of_brand = _marts_of(
            brand,
            inputs,
            rfm_segments or {},
            playbook or [],
            max_rejected_share,
            predictions or {},
            marts["input_findings"],
            texts,
        )
        for name, rows in of_brand.items():
            marts[name] += rows
    return marts


def _marts_of(
    brand: Brand,
    inputs: Inputs,
    segments: Segments,
    playbook: list[dict[str, Any]],
    max_rejected_share: Any,
    predictions: dict[tuple[str, str], dict[str, Any]],
    finding_rows: list[dict[str, Any]],
    texts: Texts | None,
) -> dict[str, list[dict[str, Any]]]:
    histories = lifecycle.histories(brand)
    customer_rows = customers.rows(brand, histories, segments, predictions)
    given = {name for columns in predictions.values() for name in columns}
    metrics = brand_metrics.rows(brand)
    feedback_loop = feedback.loop_rows(brand)
    ladder_summary = ladder.summary_rows(brand)
    alert_rows = alerts.rows(
        brand,
        customer_rows,
        metrics,
        feedback_loop,
        ladder_summary,
        inputs.input_reconciliation,
        max_rejected_share,
        finding_rows,
        playbook,
        texts,
    )
    return {
        # what is predicted was given, and says nothing about itself
        "customers": [{name: value for name, value in row.items() if name not in given} for row in customer_rows],
        "brand_metrics": metrics,
        "cohort_retention": over_time.cohort_retention_rows(brand),
        "cohort_retention_by_channel": over_time.channel_cohort_rows(brand),
        "loyalty_criteria": loyalty.criteria_rows(brand, customer_rows),
        "loyalty_summary": loyalty.summary_rows(brand, customer_rows),
        "loyalty_tiers": loyalty.tier_rows(brand, customer_rows),
        "second_purchase": over_time.second_purchase_rows(brand),
        "purchase_frequency_trend": over_time.purchase_frequency_trend_rows(brand),
        "sales_channels": over_time.sales_channel_rows(brand),
        "order_ladder": ladder.ladder_rows(brand),
        "order_ladder_summary": ladder_summary,
        "revenue_bridge": customer_base.bridge_rows(brand),
        "revenue_drivers": customer_base.driver_rows(brand),
        "value_deciles": customer_base.decile_rows(brand),
        "value_concentration": customer_base.concentration_rows(brand),
        "decile_migration": customer_base.migration_rows(brand),
        "cohort_calendar": customer_base.calendar_rows(brand),
        "ltv_drivers": ltv.driver_rows(brand),
        "lifecycle_stage_history": lifecycle.history_rows(brand, histories),
        "lifecycle_stages": lifecycle.stage_rows(brand, histories),
        "lifecycle_transitions": lifecycle.transition_rows(brand, histories),
        "engagement_by_stage": lifecycle.engagement_rows(brand, histories),
        "rfm_segments": rfm.segment_rows(brand, customer_rows, segments),
        "active_vs_inactive": activity.segment_rows(brand, customer_rows),
        "active_kinds": activity.kind_rows(brand, customer_rows),
        "acquisition_channels": channels.rows(brand),
        "cart_recovery": carts.rows(brand),
        "advocate_value": feedback.advocate_rows(brand),
        "feedback_loop": feedback_loop,
        "lifecycle_alerts": alert_rows,
        "customer_actions": actions.rows(brand, customer_rows, alert_rows, playbook, texts),
    }
