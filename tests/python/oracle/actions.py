"""The mart `customer_actions`: the best action for each customer.

Without its reasons and messages.
"""

from __future__ import annotations

from typing import Any

from .facts import Brand

Row = dict[str, Any]
NO_ACTION: Row = {"action_code": "none", "action": "none", "channel": None}


def lines_of(brand_id: str, playbook: list[Row]) -> list[Row]:
    """The brand's lines of the playbook in order, its own for general ones."""
    general = {r["line"]: r for r in playbook if r["brand_id"] is None}
    own = {r["line"]: r for r in playbook if r["brand_id"] == brand_id}
    return [line for _, line in sorted((general | own).items())]


def applies(line: Row, row: Row, alert_types: set[str]) -> bool:
    """Whether a line is for the customer of the row, who has these alerts."""
    return (
        line["stage"] in (None, row["lifecycle_stage"])
        and line["loyalty_class"] in (None, row["loyalty_class"])
        and (line["alert_type"] is None or line["alert_type"] in alert_types)
    )


def value_at_stake(row: Row) -> float:
    """The greater of the last year's revenue and what is predicted, if any."""
    predicted = row.get("predicted_clv_365d")
    return max(float(row["net_revenue_365d"] or 0), float(predicted or 0))


def rows(
    brand: Brand,
    customer_rows: list[Row],
    alerts: list[Row],
    playbook: list[Row],
) -> list[Row]:
    """One row for every known customer of the brand."""
    lines = lines_of(brand.brand_id, playbook)
    alert_types: dict[str | None, set[str]] = {}
    for alert in alerts:
        types = alert_types.setdefault(alert["customer_id"], set())
        types.add(alert["alert_type"])
    ranked = sorted(customer_rows, key=lambda row: (
        -value_at_stake(row), row["customer_id"].encode("utf-8")
    ))
    result = []
    for priority, row in enumerate(ranked, start=1):
        own = alert_types.get(row["customer_id"], set())
        line = NO_ACTION
        if row["is_contactable"]:
            line = next(
                (line for line in lines if applies(line, row, own)), NO_ACTION
            )
        result.append({
            "brand_id": brand.brand_id,
            "customer_id": row["customer_id"],
            "action_code": line["action_code"],
            "action": line["action"],
            "channel": line["channel"],
            "priority": priority,
            "value_at_stake": value_at_stake(row),
        })
    return result
