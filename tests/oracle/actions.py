"""The mart `customer_actions`: the best action for each customer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from . import messages
from .facts import Brand
from .messages import Texts

Row = dict[str, Any]
NO_ACTION: Row = {
    "line": None,
    "action_code": "none",
    "action": "none",
    "action_ko": "없음",
    "action_zh": "无",
    "channel": None,
    "message_en": None,
    "message_ko": None,
    "message_zh": None,
}


def lines_of(brand_id: str, playbook: list[Row]) -> list[Row]:
    """The brand's lines of the playbook in order, its own for general ones."""
    general = {r["line"]: r for r in playbook if r["brand_id"] is None}
    own = {r["line"]: r for r in playbook if r["brand_id"] == brand_id}
    return [line for _, line in sorted((general | own).items())]


def translated(line: Row, column: str) -> Row:
    """A text of a line in every language; in its own, where it has no other."""
    return {f"{column}{ending}": line.get(f"{column}{ending}") or line[column] for ending in ("", "_ko", "_zh")}


def reason(line: Row, row: Row, texts: Texts | None) -> Row:
    """Why the line, or why none; nothing without the texts."""
    if line is not NO_ACTION:
        return translated(line, "reason")
    if texts is None:
        return {}
    return messages.columns(texts, "reason", ("no_line_applies" if row["is_contactable"] else "no_consent", {}))


def applies(line: Row, row: Row, alert_types: set[str]) -> bool:
    """Whether a line is for the customer of the row, who has these alerts."""
    return (
        line["stage"] in (None, row["lifecycle_stage"])
        and line["loyalty_class"] in (None, row["loyalty_class"])
        and (line["alert_type"] is None or line["alert_type"] in alert_types)
    )


def chance_to_leave(brand: Brand, row: Row) -> float | None:
    """1 outside the base; in a base without an end, that of having left."""
    p_alive = row.get("p_alive")
    if brand.settings["clv"]["model"] == "bg_nbd" and row["distinct_order_days"] == 1:
        p_alive = 1.0  # which the mart does not show
    for span in brand.customers[row["customer_id"]].base_spans:
        if span.covers(brand.as_of_date):
            if span.end is not None:
                return row.get("churn_probability")
            return None if p_alive is None else 1 - p_alive
    return 1.0


def value_at_stake(brand: Brand, row: Row) -> float:
    """What leaving would cost, as far as anything is predicted; else 0."""
    predicted = row.get("predicted_clv_365d")
    chance = chance_to_leave(brand, row)
    if predicted is None or chance is None:
        return 0.0
    return float(brand.settings["margin_rate"]) * predicted * chance


def dated(brand: Brand, line: Row, row: Row, alerts: list[Row]) -> Row:
    """Since when the line is for the customer, and until when it is due."""
    if line is NO_ACTION:
        return {"since": None, "due_until": None, "is_due": False}
    days = (
        [alert["since"] for alert in alerts if alert["alert_type"] == line["alert_type"]]
        if line["alert_type"]
        else [row["lifecycle_stage_since"], row["last_order_date"]]
    )
    since = max(day for day in days if day is not None)
    until = None
    if line["due_days"] is not None:
        until = since + timedelta(days=line["due_days"] - 1)
    return {
        "since": since,
        "due_until": until,
        "is_due": until is None or brand.as_of_date <= until,
    }


def rows(
    brand: Brand,
    customer_rows: list[Row],
    alerts: list[Row],
    playbook: list[Row],
    texts: Texts | None = None,
) -> list[Row]:
    """One row for every known customer of the brand."""
    lines = lines_of(brand.brand_id, playbook)
    alerts_of: dict[str | None, list[Row]] = {}
    for alert in alerts:
        alerts_of.setdefault(alert["customer_id"], []).append(alert)
    result = []
    for row in customer_rows:
        own = alerts_of.get(row["customer_id"], [])
        types = {alert["alert_type"] for alert in own}
        line = NO_ACTION
        if row["is_contactable"]:
            line = next(
                (line for line in lines if applies(line, row, types)),
                NO_ACTION,
            )
        result.append(
            {
                "brand_id": brand.brand_id,
                "customer_id": row["customer_id"],
                "playbook_line": line["line"],
                "action_code": line["action_code"],
                **translated(line, "action"),
                "channel": line["channel"],
                **reason(line, row, texts),
                **{name: line[name] for name in ("message_en", "message_ko", "message_zh")},
                **dated(brand, line, row, own),
                "value_at_stake": value_at_stake(brand, row),
            }
        )
    result.sort(
        key=lambda row: (
            not row["is_due"],
            -row["value_at_stake"],
            row["customer_id"].encode("utf-8"),
        )
    )
    for priority, row in enumerate(result, start=1):
        row["priority"] = priority
    return result
