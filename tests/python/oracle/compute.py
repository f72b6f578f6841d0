"""From raw rows to marts: the whole program in one call."""

from __future__ import annotations

from datetime import date
from typing import Any

from . import brand_metrics, customers, loyalty, over_time
from .facts import InteractionTypes, brands_of
from .inputs import Raw, classify
from .settings import merged_settings

KEYS: dict[str, tuple[str, ...]] = {
    "customers": ("brand_id", "customer_id"),
    "brand_metrics": ("brand_id", "period_grain", "period_start"),
    "cohort_retention": (
        "brand_id", "cohort_grain", "cohort_start", "period_index",
    ),
    "loyalty_criteria": ("brand_id", "customer_id", "criterion"),
    "loyalty_summary": ("brand_id", "loyalty_class"),
    "loyalty_tiers": ("brand_id", "loyalty_tier"),
    "second_purchase": ("brand_id", "cohort_start"),
    "purchase_frequency_trend": ("brand_id", "calendar_month"),
    "sales_channels": ("brand_id", "period_start", "channel"),
    "rejected_rows": ("source_table", "row_id"),
    "input_reconciliation": ("source_table", "brand_id"),
}


def compute(
    raw: Raw,
    brands: dict[str, dict | None] | None,
    brand_defaults: dict[str, Any] | None = None,
    as_of_date: date | None = None,
    interaction_types: InteractionTypes | None = None,
) -> dict[str, list[dict[str, Any]]]:
    """Every mart of `KEYS` by name, each a list of rows.

    Takes `raw`, the raw tables by name, whose values are text, None or typed;
    a table that does not exist is absent, a missing column is null; the vars
    `brands` and `brand_defaults`; the last day that counts, None for the
    default; and the group and default weight of each interaction type.
    Raises ValueError for a rule over a metric that is not computed here.
    """
    settings = merged_settings(brands, brand_defaults)
    inputs = classify(raw, settings, as_of_date)
    marts: dict[str, list[dict[str, Any]]] = {name: [] for name in KEYS}
    marts["rejected_rows"] = inputs.rejected_rows
    marts["input_reconciliation"] = inputs.input_reconciliation
    if inputs.as_of_date is None:
        return marts
    for brand in brands_of(inputs, settings, interaction_types or {}):
        customer_rows = customers.rows(brand)
        of_brand = {
            "customers": customer_rows,
            "brand_metrics": brand_metrics.rows(brand),
            "cohort_retention": over_time.cohort_retention_rows(brand),
            "loyalty_criteria": loyalty.criteria_rows(brand, customer_rows),
            "loyalty_summary": loyalty.summary_rows(brand, customer_rows),
            "loyalty_tiers": loyalty.tier_rows(brand, customer_rows),
            "second_purchase": over_time.second_purchase_rows(brand),
            "purchase_frequency_trend":
                over_time.purchase_frequency_trend_rows(brand),
            "sales_channels": over_time.sales_channel_rows(brand),
        }
        for name, rows in of_brand.items():
            marts[name] += rows
    return marts
