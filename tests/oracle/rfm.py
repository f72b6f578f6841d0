"""RFM: scores of the customers with an order, and the mart `rfm_segments`."""

from __future__ import annotations

from bisect import bisect_left
from fractions import Fraction
from typing import Any

from .arithmetic import mean, money, ratio
from .facts import Brand

Segments = dict[tuple[int, int], str]
NO_SCORES = {
    "r_score": None,
    "f_score": None,
    "m_score": None,
    "rfm_segment": None,
}


def score(value: Any, ordered: list[Any]) -> int:
    """From 1 to 5, by the rank of a value among all, equal ones sharing it."""
    rank = 1 + bisect_left(ordered, value)  # one more than are lower
    return min(5, 1 + 5 * (rank - 1) // len(ordered))


def recency_score(brand: Brand, recency_days: int) -> int:
    """From 1 to 5, by the silence as a share of the brand's window."""
    silence = Fraction(recency_days, brand.settings["churn"]["window_days"])
    shares = brand.settings["rfm"]["recency_shares"]
    for value, share in zip((5, 4, 3), shares):
        if silence <= Fraction(str(share)):
            return value
    return 2 if silence < 1 else 1


def scores(brand: Brand, segments: Segments) -> dict[str, dict[str, Any]]:
    """The columns of the group "segments" by customer_id.

    Takes the segment of each pair of r_score and f_score.
    """
    result = dict.fromkeys(brand.customers, NO_SCORES)
    buyers = [c for c in brand.customers.values() if c.orders]
    figures = {
        "f_score": [len(c.orders) for c in buyers],
        "m_score": [money(o.net_revenue for o in c.orders) for c in buyers],
    }
    ordered = {name: sorted(values) for name, values in figures.items()}
    for number, customer in enumerate(buyers):
        recency_days = (brand.as_of_date - customer.orders[-1].day).days
        own = {"r_score": recency_score(brand, recency_days)} | {
            name: score(values[number], ordered[name]) for name, values in figures.items()
        }
        segment = segments.get((own["r_score"], own["f_score"]))
        result[customer.customer_id] = own | {"rfm_segment": segment}
    return result


def segment_rows(brand: Brand, customer_rows: list[dict[str, Any]], segments: Segments) -> list[dict[str, Any]]:
    """The mart `rfm_segments` of the brand, a row for every segment."""
    if not customer_rows:
        return []
    buyers = [row for row in customer_rows if row["lifetime_orders"]]
    brand_revenue = money(row["lifetime_net_revenue"] for row in customer_rows)
    result = []
    for segment in sorted(set(segments.values())):
        members = [row for row in buyers if row["rfm_segment"] == segment]
        revenue = money(row["lifetime_net_revenue"] for row in members)
        orders = sum(row["lifetime_orders"] for row in members)
        result.append(
            {
                "brand_id": brand.brand_id,
                "segment": segment,
                "customers": len(members),
                "share_of_customers": ratio(len(members), len(buyers)),
                "net_revenue": revenue,
                "revenue_share": ratio(revenue, brand_revenue),
                "average_recency_days": mean(r["recency_days"] for r in members),
                "average_orders": mean(r["lifetime_orders"] for r in members),
                "average_order_value": ratio(revenue, orders),
            }
        )
    return result
