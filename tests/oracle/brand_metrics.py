"""The mart `brand_metrics`: the period bridge in weeks, months, quarters, years."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from .arithmetic import money, ratio
from .facts import Brand, Customer, Feedback, Order, is_cancelled, is_retained
from .periods import GRAINS, is_complete, period_end, period_starts

DAY = timedelta(days=1)
IN_A_YEAR = {"week": 52, "month": 12, "quarter": 4, "year": 1}


def rows(brand: Brand) -> list[dict[str, Any]]:
    """A row for every period of every grain; none for a brand without any."""
    first = first_day(brand)
    if first is None:
        return []
    result = []
    for grain in GRAINS:
        of_grain = [period_row(brand, grain, start) for start in period_starts(first, brand.as_of_date, grain)]
        for number, row in enumerate(of_grain):
            row |= trailing_value(of_grain[: number + 1], IN_A_YEAR[grain])
        result += of_grain
    return result


def first_day(brand: Brand) -> date | None:
    """The brand's earliest order, subscription start, acquisition or spend."""
    days = [order.day for order in brand.orders()]
    days += [s.started for s in brand.subscriptions()]
    days += [c.acquisition_date for c in brand.customers.values()]
    days += [row.day for row in brand.spend]
    return min((day for day in days if day is not None), default=None)


def period_row(brand: Brand, grain: str, start: date) -> dict[str, Any]:
    """The row of the period of that grain that begins on `start`."""
    last = period_end(start, grain)
    end = min(last, brand.as_of_date)
    complete = is_complete(start, grain, brand.as_of_date)
    row = {
        "brand_id": brand.brand_id,
        "period_grain": grain,
        "period_start": start,
        "period_end": last,
        "is_complete_period": complete,
    }
    row["is_left_truncated"] = is_left_truncated(brand, start)
    row |= bridge(list(brand.customers.values()), start, end)
    row |= lapses(brand, start, end)
    row |= churns(brand, start, last)
    row |= purchases(brand, start, end)
    row |= value_to_date(brand, end)
    row["active_customers"] = sum(customer.is_active(end) for customer in brand.customers.values())
    row["active_rate"] = ratio(row["active_customers"], row["customers_at_end"])
    row |= acquisition(brand, row, start, end)
    acquired = [
        customer
        for customer in brand.customers.values()
        if customer.acquisition_date is not None and start <= customer.acquisition_date <= last
    ]
    row["ltv_365d"] = first_year_value(brand, acquired, last)
    row["ltv_365d_to_cac"] = ratio(row["ltv_365d"], row["cost_per_acquisition"])
    row["nps"] = nps([f for f in brand.feedback if start <= f.day <= end])
    row["monthly_recurring_amount"] = money(s.monthly_amount for s in brand.subscriptions() if s.runs_at(end))
    row |= subscriptions(brand, start, end)
    row["new_members"] = sum(
        joined is not None and start <= joined <= end for joined in map(membership_date, brand.customers.values())
    )
    return row


def subscriptions(brand: Brand, start: date, end: date) -> dict[str, Any]:
    """Those that ran at the start, and what began and was cancelled since."""
    ended = [
        subscription
        for customer in brand.customers.values()
        for subscription in customer.subscriptions
        if subscription.ended is not None
        and start <= subscription.ended <= end
        and is_cancelled(subscription, customer.subscriptions, brand)
    ]
    at_start = sum(s.runs_at(start - DAY) for s in brand.subscriptions())
    return {
        "subscriptions_at_start": at_start,
        "subscriptions_started": sum(start <= s.started <= end for s in brand.subscriptions()),
        "subscriptions_cancelled": len(ended),
        "subscription_cancellation_rate": ratio(sum(s.runs_at(start - DAY) for s in ended), at_start),
    }


def membership_date(customer: Customer) -> date | None:
    """The day on which the customer joined, by their row or what they did."""
    days = [i.day for i in customer.interactions if i.type == "membership_join"]
    days.append(customer.row.get("membership_joined_at_date"))
    return min((day for day in days if day is not None), default=None)


def bridge(customers: list[Customer], start: date, end: date) -> dict[str, Any]:
    """The customers at the start and the end, and who came and went."""
    before = start - DAY
    at_start = {c.customer_id for c in customers if c.in_base(before)}
    at_end = {c.customer_id for c in customers if c.in_base(end)}
    acquired = {
        c.customer_id for c in customers if c.acquisition_date is not None and start <= c.acquisition_date <= end
    }
    gained = at_end - at_start
    retained = len(at_start & at_end)
    lost = len(at_start - at_end)
    return {
        "customers_at_start": len(at_start),
        "customers_at_end": len(at_end),
        "retained_customers": retained,
        "lost_customers": lost,
        "new_customers": len(gained & acquired),
        "reactivated_customers": len(gained - acquired),
        "acquired_customers": len(acquired),
        "churn_rate": ratio(lost, len(at_start)),
        "retention_rate": ratio(len(at_end) - len(gained), len(at_start)),
    }


def purchases(brand: Brand, start: date, end: date) -> dict[str, Any]:
    """What was bought in the period, and by whom."""
    in_period: list[Order] = []
    purchasing = repeat = returning = once_to_date = twice_to_date = 0
    for customer in brand.customers.values():
        own = [o for o in customer.orders if start <= o.day <= end]
        to_date = sum(order.day <= end for order in customer.orders)
        in_period += own
        purchasing += len(own) >= 1
        repeat += len(own) >= 2
        returning += any(order.number > 1 for order in own)
        once_to_date += to_date >= 1
        twice_to_date += to_date >= 2
    net = money(order.net_revenue for order in in_period)
    first = money(o.net_revenue for o in in_period if o.number == 1)
    return {
        "purchasing_customers": purchasing,
        "orders": len(in_period),
        "net_revenue": net,
        "repeat_purchasers": repeat,
        "repeat_customer_rate": ratio(repeat, purchasing),
        "returning_purchasers": returning,
        "returning_customer_rate": ratio(returning, purchasing),
        "lifetime_repeat_rate": ratio(twice_to_date, once_to_date),
        "purchase_frequency": ratio(len(in_period), purchasing),
        "average_order_value": ratio(net, len(in_period)),
        "gross_amount": money(o.gross_amount for o in in_period),
        "discount_amount": money(o.discount_amount for o in in_period),
        "refund_amount": money(o.refund_amount for o in in_period),
        "discounted_order_share": ratio(sum(order.is_discounted for order in in_period), len(in_period)),
        "coupon_order_share": ratio(sum(order.has_coupon for order in in_period), len(in_period)),
        "first_order_net_revenue": first,
        "returning_net_revenue": net - first,
    }


def is_left_truncated(brand: Brand, start: date) -> bool:
    """Whether who is new at that time may be an old customer."""
    first = min((order.day for order in brand.orders()), default=None)
    if first is None or brand.settings["history_is_complete"]:
        return False
    return start < first + timedelta(days=brand.settings["churn"]["window_days"])


def lapses(brand: Brand, start: date, end: date) -> dict[str, Any]:
    """Of those at the start, whose time runs out, and who had come back."""
    setting = brand.settings["churn"]
    renewal = brand.settings["subscription_renewal_days"]
    at_risk = lost = repeat = lost_repeat = 0
    for customer in brand.customers.values():
        if not customer.in_base(start - DAY):
            continue
        signals = [order.day for order in customer.orders if "order" in setting["signals"]] + [
            interaction.day for interaction in customer.interactions if interaction.group in setting["signals"]
        ]
        latest = max((day for day in signals if day < start), default=None)
        at_risk += latest is None or (end - latest).days >= setting["window_days"]
        is_lost = not customer.in_base(end)
        is_repeat = is_retained(customer, start - DAY, renewal)
        lost += is_lost
        repeat += is_repeat
        lost_repeat += is_lost and is_repeat
    return {
        "at_risk_customers": at_risk,
        "lapse_rate": ratio(lost, at_risk),
        "repeat_customers_at_start": repeat,
        "lost_repeat_customers": lost_repeat,
        "repeat_churn_rate": ratio(lost_repeat, repeat),
    }


def churns(brand: Brand, start: date, last: date) -> dict[str, Any]:
    """The churns of the period, and how many of them were over in 180 days."""
    found = soon = 0
    for customer in brand.customers.values():
        spans = customer.base_spans
        for span, following in zip(spans, [*spans[1:], None]):
            if span.is_open(brand.as_of_date) or not start <= span.end <= last:
                continue
            found += 1
            soon += following is not None and (following.start - span.end).days <= 180
    known = (brand.as_of_date - last).days >= 180
    return {
        "churns": found,
        "reactivated_within_180d_rate": ratio(soon, found) if known else None,
    }


def trailing_value(rows_so_far: list[dict[str, Any]], count: int) -> dict[str, Any]:
    """The textbook lifetime value over the year that ends with the last row."""
    year = rows_so_far[-count:]
    lost = sum(row["lost_customers"] for row in year)
    if len(rows_so_far) < 2 * count or not rows_so_far[-1]["is_complete_period"] or not lost:
        return {"average_lifespan_periods": None, "clv_formula": None}
    return {
        "average_lifespan_periods": ratio(sum(row["customers_at_start"] for row in year), lost),
        "clv_formula": ratio(money(row["net_revenue"] for row in year), lost),
    }


def first_year_value(brand: Brand, customers: list[Customer], last: date) -> float | None:
    """What each of them brought in the first year; None until all have had it."""
    if not customers or (brand.as_of_date - last).days < 364:
        return None
    revenue = money(
        order.net_revenue
        for customer in customers
        for order in customer.orders
        if 0 <= (order.day - customer.acquisition_date).days < 365
    )
    margin = Fraction(str(brand.settings["margin_rate"]))
    return ratio(Fraction(revenue) * margin, len(customers))


def value_to_date(brand: Brand, end: date) -> dict[str, Any]:
    """What the customers with an order have brought up to the end."""
    orders = [order for order in brand.orders() if order.day <= end]
    buyers = len({order.customer_id for order in orders})
    revenue = money(order.net_revenue for order in orders)
    net_clv = None
    if brand.spend:
        spend = money(row.amount for row in brand.spend if row.day <= end)
        margin = Fraction(str(brand.settings["margin_rate"]))
        net_clv = ratio(Fraction(revenue) * margin - Fraction(spend), buyers)
    return {"historical_clv": ratio(revenue, buyers), "net_clv": net_clv}


def acquisition(brand: Brand, row: dict[str, Any], start: date, end: date) -> dict[str, Any]:
    """What it cost to acquire the period's customers, and to keep others.

    All None for a brand without a row of spend: nothing is known of it.
    """
    if not brand.spend:
        return dict.fromkeys(
            (
                "acquisition_spend",
                "retention_spend",
                "cost_per_acquisition",
            )
        )

    def spent(purpose: str) -> Decimal:
        return money(spend.amount for spend in brand.spend if spend.purpose == purpose and start <= spend.day <= end)

    cost = ratio(spent("acquisition"), row["acquired_customers"])
    return {
        "acquisition_spend": spent("acquisition"),
        "retention_spend": spent("retention"),
        "cost_per_acquisition": cost,
    }


def nps(feedback: list[Feedback]) -> float | None:
    """Share of promoters less share of detractors among `nps` feedback."""
    scores = [f.score for f in feedback if f.kind == "nps"]
    promoters = sum(score >= 9 for score in scores)
    detractors = sum(score <= 6 for score in scores)
    return ratio(promoters - detractors, len(scores))
