"""Loyalty: rules over the row of a customer, and the marts made from them."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Any

from .arithmetic import mean, money, ratio
from .facts import Brand, Customer, is_retained

CLASSES = ("none", "one_time", "repeat", "loyal")
OPERATORS = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
    "=": operator.eq,
    "!=": operator.ne,
}


def metric(row: dict[str, Any], name: str) -> float | None:
    """The value of a column as a double, truth as 1 and 0.

    Raises ValueError for a column that this program does not compute.
    """
    if name not in row:
        raise ValueError(f"no metric {name} among the computed columns")
    return None if row[name] is None else float(row[name])


def leaf_holds(leaf: dict[str, Any], row: dict[str, Any]) -> bool:
    """Whether the comparison holds; with a null metric it does not."""
    actual = metric(row, leaf["metric"])
    if actual is None:
        return False
    return OPERATORS[leaf["op"]](actual, float(leaf["value"]))


def holds(rule: dict[str, Any], row: dict[str, Any]) -> bool:
    """Whether the rule holds for the row of a customer."""
    if "all" in rule:
        return all(holds(part, row) for part in rule["all"])
    if "any" in rule:
        return any(holds(part, row) for part in rule["any"])
    if "at_least" in rule:
        met = sum(holds(part, row) for part in rule["of"])
        return met >= rule["at_least"]
    if "not" in rule:
        return not holds(rule["not"], row)
    return leaf_holds(rule, row)


# what a customer's silence makes worse: met but for it, or as of the last order
SILENT = (
    "recency_days",
    "overdue_ratio",
    "r_score",
    "p_alive",
    "p_order_90d",
    "p_order_365d",
    "churn_probability",
)


def holds_but_for_silence(rule: dict[str, Any], row: dict[str, Any], at_last_order: dict[str, Any]) -> bool:
    """Whether the rule would hold had the customer just ordered.

    `at_last_order` has the windows that end at the last order; under a `not`
    everything is as it is.
    """

    def part_holds(part: dict[str, Any]) -> bool:
        return holds_but_for_silence(part, row, at_last_order)

    if "all" in rule:
        return all(map(part_holds, rule["all"]))
    if "any" in rule:
        return any(map(part_holds, rule["any"]))
    if "at_least" in rule:
        return sum(map(part_holds, rule["of"])) >= rule["at_least"]
    if "not" in rule:
        return holds(rule, row)
    return rule["metric"] in SILENT or leaf_holds(rule, row | at_last_order)


def windows_at_last_order(customer: Customer) -> dict[str, Any]:
    """Orders and revenue of the last days, as they were at the last order."""
    orders = customer.orders

    def last(window: int) -> list:
        return [o for o in orders if (orders[-1].day - o.day).days < window]

    return {
        "orders_30d": len(last(30)),
        "orders_90d": len(last(90)),
        "orders_365d": len(last(365)),
        "net_revenue_365d": money(o.net_revenue for o in last(365)),
    }


def leaves(rule: dict[str, Any], negated: bool = False) -> Iterator[tuple[dict[str, Any], bool]]:
    """The leaves of the rule, each with whether it stands under a `not`."""
    if "not" in rule:
        yield from leaves(rule["not"], True)
    elif "all" in rule or "any" in rule or "of" in rule:
        for part in rule.get("all") or rule.get("any") or rule.get("of") or []:
            yield from leaves(part, negated)
    else:
        yield rule, negated


def leaf_name(leaf: dict[str, Any]) -> str:
    """The name of the leaf, else `metric op value` as the settings write it."""
    if leaf.get("name") is not None:
        return str(leaf["name"])
    value = leaf["value"]
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"{leaf['metric']} {leaf['op']} {text}"


def shortfall(leaf: dict[str, Any], actual: float | None, negated: bool) -> float | None:
    """How far the value is from meeting the leaf; None where not defined."""
    if actual is None or negated or leaf["op"] in ("=", "!="):
        return None
    missing = float(leaf["value"]) - actual
    if leaf["op"] in ("<=", "<"):
        missing = -missing
    return max(0.0, missing)


def columns(brand: Brand, customer: Customer, row: dict[str, Any]) -> dict[str, Any]:
    """The columns of the group "loyalty", given the others of the row."""
    rule = brand.settings["loyal_when"]
    met = [leaf_holds(leaf, row) for leaf, _ in leaves(rule)]
    loyalty_class = classify(brand, customer, row)
    return {
        "loyalty_class": loyalty_class,
        "is_loyal": loyalty_class == "loyal",
        "is_loyal_but_for_silence": customer.in_base(brand.as_of_date)
        and holds_but_for_silence(rule, row, windows_at_last_order(customer)),
        "loyalty_tier": next(
            (tier["name"] for tier in brand.settings["tiers"] or [] if holds(tier["when"], row)),
            None,
        ),
        "criteria_met": sum(met),
        "criteria_total": len(met),
    }


def classify(brand: Brand, customer: Customer, row: dict[str, Any]) -> str:
    """The loyalty class of the customer at `as_of_date`."""
    as_of, settings = brand.as_of_date, brand.settings
    if not customer.orders and not customer.subscriptions:
        return "none"
    if customer.in_base(as_of) and holds(settings["loyal_when"], row):
        return "loyal"
    if is_retained(customer, as_of, settings["subscription_renewal_days"]):
        return "repeat"
    return "one_time"


def criteria_rows(brand: Brand, customer_rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The mart `loyalty_criteria` of the brand."""
    result = []
    for row in customer_rows:
        if not row["lifetime_orders"] and not row["subscriptions_started"]:
            continue
        for leaf, negated in leaves(brand.settings["loyal_when"]):
            actual = metric(row, leaf["metric"])
            result.append(
                {
                    "brand_id": brand.brand_id,
                    "customer_id": row["customer_id"],
                    "criterion": leaf_name(leaf),
                    "metric": leaf["metric"],
                    "op": leaf["op"],
                    "threshold": float(leaf["value"]),
                    "actual_value": actual,
                    "is_met": leaf_holds(leaf, row),
                    "shortfall": shortfall(leaf, actual, negated),
                }
            )
    return result


def summary_rows(brand: Brand, customer_rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The mart `loyalty_summary` of the brand, a row for every class."""
    return _groups(brand, customer_rows, "loyalty_class", list(CLASSES))


def tier_rows(brand: Brand, customer_rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The mart `loyalty_tiers` of the brand, a row for every tier and `none`."""
    tiers = [tier["name"] for tier in brand.settings["tiers"] or []]
    tiered = [row | {"loyalty_tier": row["loyalty_tier"] or "none"} for row in customer_rows]
    return _groups(brand, tiered, "loyalty_tier", [*tiers, "none"])


def _groups(brand: Brand, customer_rows: list[dict], column: str, groups: list[str]) -> list[dict[str, Any]]:
    """A row for each of the groups; none for a brand without customers."""
    if not customer_rows:
        return []
    brand_revenue = money(row["lifetime_net_revenue"] for row in customer_rows)
    result = []
    for group in groups:
        members = [row for row in customer_rows if row[column] == group]
        present = [row for row in members if row["relationship_status"] in ("active", "dormant")]
        people = [brand.customers[row["customer_id"]] for row in members]
        orders = [order for person in people for order in person.orders]
        revenue = money(order.net_revenue for order in orders)
        result.append(
            {
                "brand_id": brand.brand_id,
                column: group,
                "customers": len(members),
                "share_of_customers": ratio(len(members), len(customer_rows)),
                "customers_in_base": len(present),
                "share_in_base": ratio(len(present), len(members)),
                "orders": len(orders),
                "net_revenue": revenue,
                "revenue_share": ratio(revenue, brand_revenue),
                "average_order_value": ratio(revenue, len(orders)),
                "discounted_order_share": ratio(sum(order.is_discounted for order in orders), len(orders)),
                "average_engagement_score": mean(row["engagement_score"] for row in members),
                "average_feedback_score": mean(row["average_feedback_score"] for row in members),
                **_predicted(members),
            }
        )
    return result


def _predicted(members: list[dict]) -> dict[str, float | None]:
    """What rests on predictions, where the rows of customers have any."""
    if not any("churn_risk" in row for row in members):
        return {}
    risks = [row["churn_risk"] for row in members if row["churn_risk"]]
    return {
        "high_risk_share": ratio(risks.count("high"), len(risks)),
        "average_p_alive": mean(row["p_alive"] for row in members),
        "average_p_order_90d": mean(row["p_order_90d"] for row in members),
    }
