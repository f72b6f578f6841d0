"""The mart `customers`, all but the predictions."""

from __future__ import annotations

import itertools
import math
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from . import loyalty, rfm
from .arithmetic import mean, median, money, ratio
from .facts import Brand, Customer, is_cancelled, referrals_of
from .lifecycle import Histories
from .rfm import Segments

DAY = timedelta(days=1)


def rows(
    brand: Brand,
    histories: Histories,
    segments: Segments,
    predictions: dict[tuple[str, str], dict[str, Any]],
) -> list[dict[str, Any]]:
    """One row for every known customer of the brand, with what is predicted of them where it is given."""
    mean_gap = brand_mean_gap(brand)
    costs = customer_costs(brand)
    referrals = referrals_of(brand)
    scores = rfm.scores(brand, segments)
    result = []
    for customer in brand.customers.values():
        row = {"brand_id": brand.brand_id}
        row |= who(brand, customer)
        row |= purchases(brand, customer)
        row |= engagement(brand, customer)
        referred = referrals.get(customer.customer_id, [])
        row["referrals"] = len(referred)
        row["converted_referrals"] = sum(bool(r.orders) for r in referred)
        row |= subscriptions(brand, customer)
        row |= status(brand, customer)
        current = histories[customer.customer_id][-1]
        row["lifecycle_stage"] = current.stage
        row["lifecycle_stage_since"] = current.start
        row |= value(brand, customer, mean_gap, costs)
        row |= scores[customer.customer_id]
        row |= predictions.get((brand.brand_id, customer.customer_id), {})
        row |= loyalty.columns(brand, customer, row)
        row["is_loyal_customer"] = row["is_active"] and row["is_loyal"]
        result.append(row)
    return result


def who(brand: Brand, customer: Customer) -> dict[str, Any]:
    """The columns of the group "who"."""
    row = customer.row
    joined = row.get("membership_joined_at_date")
    return {
        "customer_id": customer.customer_id,
        "signed_up_on": row.get("signed_up_at_date"),
        "acquisition_channel": row.get("acquisition_channel"),
        "referred_by_customer_id": row.get("referred_by_customer_id"),
        "is_member": (joined is not None and joined <= brand.as_of_date)
        or any(i.type == "membership_join" for i in customer.interactions),
        "is_contactable": brand.is_contactable(customer.customer_id),
        "known_since": customer.known_since,
    }


def purchases(brand: Brand, customer: Customer) -> dict[str, Any]:
    """The columns of the group "purchases"."""
    orders, days = customer.orders, customer.order_days()
    net = money(order.net_revenue for order in orders)
    gaps = [(later - day).days for day, later in itertools.pairwise(days)]

    def last(window: int) -> list:
        return [o for o in orders if brand.last_days(o.day, window)]

    return {
        "first_order_date": days[0] if days else None,
        "last_order_date": days[-1] if days else None,
        "lifetime_orders": len(orders),
        "lifetime_net_revenue": net,
        "average_order_value": ratio(net, len(orders)),
        "orders_30d": len(last(30)),
        "orders_90d": len(last(90)),
        "orders_365d": len(last(365)),
        "net_revenue_365d": money(o.net_revenue for o in last(365)),
        "recency_days": (brand.as_of_date - days[-1]).days if days else None,
        "tenure_days": (brand.as_of_date - customer.known_since).days,
        "distinct_order_days": len(days),
        "average_days_between_orders": mean(gaps),
        "median_days_between_orders": median(gaps),
        "days_to_second_order": days_to_second_order(customer),
        "discounted_order_share": ratio(sum(order.is_discounted for order in orders), len(orders)),
    }


def days_to_second_order(customer: Customer) -> int | None:
    """Days from the first to the second order in sequence, 0 on one day."""
    if len(customer.orders) < 2:
        return None
    return (customer.orders[1].day - customer.orders[0].day).days


def engagement(brand: Brand, customer: Customer) -> dict[str, Any]:
    """The columns of the group "engagement", all but the referrals."""
    setting = brand.settings["engagement"]

    def last(window: int) -> list:
        return [i for i in customer.interactions if brand.last_days(i.day, window)]

    points = float(sum((i.weight for i in last(setting["window_days"])), Fraction(0)))
    visits = [i for i in last(90) if i.type == "site_visit"]
    latest = max(
        customer.feedback,
        key=lambda f: (f.day, f.instant, f.feedback_id.encode("utf-8")),
        default=None,
    )
    full_score = float(setting["full_score_points"])
    return {
        "engagement_points": points,
        "engagement_score": 100.0 * min(1.0, points / full_score),
        "interactions_90d": len(last(90)),
        "site_visits_90d": len(visits),
        "site_seconds_90d": money(visit.seconds for visit in visits),
        "email_opens_90d": sum(i.type == "email_open" for i in last(90)),
        "sns_interactions_90d": sum(i.type.startswith("sns_") for i in last(90)),
        "support_contacts_365d": sum(i.group == "support" for i in last(365)),
        "coupons_redeemed_365d": sum(i.type == "coupon_redeem" for i in last(365)),
        "last_interaction_date": max((i.day for i in customer.interactions), default=None),
        "reviews": sum(i.type == "review" for i in customer.interactions),
        "average_feedback_score": mean(f.score for f in customer.feedback),
        "latest_feedback_score": float(latest.score) if latest else None,
    }


def subscriptions(brand: Brand, customer: Customer) -> dict[str, Any]:
    """The columns of the group "subscriptions"."""
    own = customer.subscriptions
    running = [s for s in own if s.runs_at(brand.as_of_date)]
    return {
        "active_product_subscriptions": sum(s.kind == "product" for s in running),
        "active_service_subscriptions": sum(s.kind == "service" for s in running),
        "subscriptions_started": len(own),
        "subscriptions_cancelled": sum(is_cancelled(s, own, brand) for s in own),
        "monthly_recurring_amount": money(s.monthly_amount for s in running),
    }


def status(brand: Brand, customer: Customer) -> dict[str, Any]:
    """The columns of the group "status", without those that need others."""
    as_of, window = brand.as_of_date, brand.settings["active"]["window_days"]
    spans = customer.base_spans
    churns = [s.end for s in spans if not s.is_open(as_of)]
    is_active = customer.is_active(as_of)
    if not spans:
        relationship = "prospect"
    elif not customer.in_base(as_of):
        relationship = "churned"
    else:
        relationship = "active" if is_active else "dormant"

    def contacted(group: str) -> bool:
        return any(i.group == group and brand.last_days(i.day, window) for i in customer.interactions)

    def subscribes(kind: str) -> bool:
        return any(s.kind == kind and s.runs_at(as_of) for s in customer.subscriptions)

    return {
        "relationship_status": relationship,
        "is_active": is_active,
        "is_recent_purchaser": is_active and any(brand.last_days(o.day, window) for o in customer.orders),
        "is_support_customer": is_active and contacted("support"),
        "is_contact": is_active and contacted("contact"),
        "is_product_subscriber": is_active and subscribes("product"),
        "is_service_subscriber": is_active and subscribes("service"),
        "acquisition_date": customer.acquisition_date,
        "last_churn_date": max(churns, default=None),
        "churn_count": len(churns),
        "reactivation_count": max(len(spans) - 1, 0),
        "active_until": active_until(customer, as_of),
    }


def active_until(customer: Customer, as_of_date: date) -> date | None:
    """The last day of the open active span, None for none or an endless one."""
    ends = [s.end for s in customer.active_spans if s.is_open(as_of_date)]
    return ends[0] - DAY if ends and ends[0] is not None else None


def value(
    brand: Brand,
    customer: Customer,
    mean_gap: Fraction | None,
    costs: dict[str, tuple[Fraction, Fraction]] | None,
) -> dict[str, Any]:
    """The columns of the group "value" that are not predicted by a model."""
    net = money(order.net_revenue for order in customer.orders)
    days = customer.order_days()
    expected = overdue = expected_on = None
    if days and mean_gap is not None:
        gaps = len(days) - 1
        total = (days[-1] - days[0]).days
        expected = (total + 2 * mean_gap) / (gaps + 2)
        overdue = (brand.as_of_date - days[-1]).days / expected
        if customer.in_base(brand.as_of_date):
            expected_on = days[-1] + timedelta(days=math.ceil(expected))
    return {
        "historical_clv": net,
        **net_value(brand, customer, net, costs),
        "expected_days_between_orders": (None if expected is None else float(expected)),
        "overdue_ratio": None if overdue is None else float(overdue),
        "next_order_expected_on": expected_on,
    }


def brand_mean_gap(brand: Brand) -> Fraction | None:
    """The mean of all gaps between order dates of all the customers."""
    gaps = []
    for customer in brand.customers.values():
        days = customer.order_days()
        gaps += [(later - day).days for day, later in itertools.pairwise(days)]
    return Fraction(sum(gaps), len(gaps)) if gaps else None


def net_value(
    brand: Brand,
    customer: Customer,
    net: Any,
    costs: dict[str, tuple[Fraction, Fraction]] | None,
) -> dict[str, float | None]:
    """What the customer cost, and what is left; None where spend is unknown."""
    if costs is None:
        return dict.fromkeys(("acquisition_cost", "retention_cost", "net_clv"))
    won, kept = costs.get(customer.customer_id, (Fraction(0), Fraction(0)))
    margin = Fraction(str(brand.settings["margin_rate"]))
    return {
        "acquisition_cost": float(won),
        "retention_cost": float(kept),
        "net_clv": float(Fraction(net) * margin - won - kept),
    }


def customer_costs(
    brand: Brand,
) -> dict[str, tuple[Fraction, Fraction]] | None:
    """What it cost to win and to keep each customer ever in the base.

    None without a row of spend. The spend of a month and channel is shared by
    those whom it won, that of a day by those in the base at its close.
    """
    if not brand.spend:
        return None
    members = [c for c in brand.customers.values() if c.acquisition_date]

    def won_by(customer: Customer) -> tuple[date, str]:
        month = customer.acquisition_date.replace(day=1)
        return month, customer.row.get("acquisition_channel") or "unknown"

    spent: dict[tuple[date, str], Fraction] = {}
    by_day: dict[date, Fraction] = {}
    for row in brand.spend:
        if row.purpose == "acquisition":
            key = row.day.replace(day=1), row.channel
            spent[key] = spent.get(key, Fraction(0)) + Fraction(row.amount)
        else:
            by_day[row.day] = by_day.get(row.day, Fraction(0)) + Fraction(row.amount)
    won: dict[tuple[date, str], int] = {}
    for customer in members:
        won[won_by(customer)] = won.get(won_by(customer), 0) + 1
    kept = {customer.customer_id: Fraction(0) for customer in members}
    for day, amount in by_day.items():
        base = [c.customer_id for c in members if c.in_base(day)]
        for customer_id in base:
            kept[customer_id] += amount / len(base)
    return {
        c.customer_id: (
            spent.get(won_by(c), Fraction(0)) / won[won_by(c)],
            kept[c.customer_id],
        )
        for c in members
    }
