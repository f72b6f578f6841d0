"""Brand settings: defaults, the vars `brand_defaults` and `brands`, merged.

Settings are taken to be valid: nothing is checked here.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

DEFAULTS: dict[str, Any] = {
    "currency": None,
    "timezone": "UTC",
    "language": "en",
    "display_name": None,
    "logo_colour": None,
    "count_zero_value_orders": False,
    "history_is_complete": False,
    "valid_order_statuses": [
        "completed",
        "paid",
        "shipped",
        "delivered",
        "fulfilled",
    ],
    "active": {"window_days": 30, "signals": ["order"]},
    "churn": {"window_days": 365, "signals": ["order", "subscription"]},
    "subscription_renewal_days": 30,
    "subscription_gap_days": 0,
    "advocacy": {"window_days": 180},
    "window_advice": {"return_share": 0.2, "follow_up_days": 180},
    "engagement": {"window_days": 90, "full_score_points": 50, "weights": {}},
    "annual_discount_rate": 0.10,
    "margin_rate": 1,
    "clv": {"model": "mbg_nbd"},
    "rfm": {"recency_shares": [0.125, 0.25, 0.5]},
    "loyal_when": {
        "all": [
            {"metric": "lifetime_orders", "op": ">=", "value": 3},
            {"metric": "discounted_order_share", "op": "<=", "value": 0.5},
        ]
    },
    "tiers": [],
    "dates_at_midnight": {},
    "alerts": {
        "about_to_churn": {"days_ahead": 14},
        "loyal_at_risk": {"churn_probability": 0.66},
        "no_second_purchase": {"percentile": 0.75},
        "cart_abandoned": {"days": 7},
        "negative_feedback_open": {"days": 30},
        "subscription_cancelled": {"days": 7},
        "churn_rate_high": {"churn_rate": 0.10, "relative_rise": 0.2},
        "repeat_rate_drop": {"relative_drop": 0.2},
        "revenue_drop": {"relative_drop": 0.2},
        "churn_window_off": {},
        "rejected_rows_high": {},
        "input_finding": {},
    },
}
REPLACED_WHOLE = ("loyal_when", "tiers")


def merge(beneath: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """`above` over `beneath`: maps key by key, all else replaced."""
    merged = deepcopy(beneath)
    for key, value in above.items():
        both_maps = isinstance(value, dict) and isinstance(merged.get(key), dict)
        if both_maps and key not in REPLACED_WHOLE:
            merged[key] = merge(merged[key], value)
        else:
            merged[key] = deepcopy(value)
    return merged


def merged_settings(
    brands: dict[str, dict | None] | None,
    brand_defaults: dict[str, Any] | None = None,
) -> dict[str, dict[str, Any]]:
    """The complete settings of each brand, by brand_id."""
    beneath = merge(DEFAULTS, brand_defaults or {})
    return {str(brand_id): merge(beneath, own or {}) for brand_id, own in (brands or {}).items()}
