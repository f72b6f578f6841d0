"""The active and the inactive customers, and the kinds of active customer."""

from __future__ import annotations

from typing import Any

from .arithmetic import mean, money, ratio
from .facts import Brand

SEGMENTS = {"active": ("active",), "inactive": ("dormant", "churned")}
KINDS = (
    "recent_purchaser",
    "loyal_customer",
    "support_customer",
    "product_subscriber",
    "service_subscriber",
    "contact",
)


def segment_rows(brand: Brand, customer_rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The mart `active_vs_inactive` of the brand, both rows or none."""
    if not customer_rows:
        return []
    brand_revenue = money(row["net_revenue_365d"] for row in customer_rows)
    result = []
    for segment, statuses in SEGMENTS.items():
        members = [row for row in customer_rows if row["relationship_status"] in statuses]
        contacts = sum(contacts_365d(brand, row["customer_id"]) for row in members)
        revenue = money(row["net_revenue_365d"] for row in members)

        def average(column: str) -> float | None:
            return mean(row[column] for row in members)

        result.append(
            {
                "brand_id": brand.brand_id,
                "segment": segment,
                "customers": len(members),
                "interactions_per_customer": average("interactions_90d"),
                "average_engagement_score": average("engagement_score"),
                "membership_share": ratio(sum(row["is_member"] for row in members), len(members)),
                "net_revenue_365d": revenue,
                "revenue_share_365d": ratio(revenue, brand_revenue),
                "orders_per_customer_365d": average("orders_365d"),
                "average_historical_clv": average("historical_clv"),
                "average_tenure_days": average("tenure_days"),
                "contacts_per_customer": ratio(contacts, len(members)),
                "average_feedback_score": average("average_feedback_score"),
            }
        )
    return result


def contacts_365d(brand: Brand, customer_id: str) -> int:
    """The customer's interactions of support and contact in the last year."""
    return sum(
        i.group in ("support", "contact") and brand.last_days(i.day, 365)
        for i in brand.customers[customer_id].interactions
    )


def kind_rows(brand: Brand, customer_rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The mart `active_kinds` of the brand, a row for every kind."""
    if not customer_rows:
        return []
    active = sum(row["is_active"] for row in customer_rows)
    result = []
    for kind in KINDS:
        members = [row for row in customer_rows if row[f"is_{kind}"]]
        result.append(
            {
                "brand_id": brand.brand_id,
                "kind": kind,
                "customers": len(members),
                "share_of_active_customers": ratio(len(members), active),
                "net_revenue_365d": money(r["net_revenue_365d"] for r in members),
            }
        )
    return result
