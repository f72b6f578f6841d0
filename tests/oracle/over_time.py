"""Marts of purchases over time: cohorts, second orders, frequency, channels."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from .arithmetic import median, money, ratio
from .brand_metrics import is_left_truncated
from .customers import days_to_second_order
from .facts import Brand, Customer
from .periods import (
    is_complete,
    next_start,
    period_end,
    period_start,
    period_starts,
)

COHORT_GRAINS = ("month", "quarter", "year")
SECOND_ORDER_DAYS = (30, 60, 90, 180, 365)
TREND_FIGURES = (
    "orders",
    "purchasing_customers",
    "purchase_frequency",
    "average_order_value",
)


def buyers(brand: Brand) -> list[Customer]:
    """The customers with an order."""
    return [c for c in brand.customers.values() if c.orders]


def first_order_date(brand: Brand) -> date | None:
    """The date of the brand's first order."""
    return min((c.orders[0].day for c in buyers(brand)), default=None)


def months_of(brand: Brand) -> list[date]:
    """The months from the brand's first order to `as_of_date`, without a gap."""
    first = first_order_date(brand)
    if first is None:
        return []
    return list(period_starts(first, brand.as_of_date, "month"))


def cohorts(brand: Brand, grain: str) -> dict[date, list[Customer]]:
    """The customers with an order by the period of their first one."""
    result: dict[date, list[Customer]] = {}
    for customer in buyers(brand):
        cohort = period_start(customer.orders[0].day, grain)
        result.setdefault(cohort, []).append(customer)
    return dict(sorted(result.items()))


def cohort_retention_rows(brand: Brand) -> list[dict[str, Any]]:
    """The mart `cohort_retention` of the brand."""
    return [
        _cohort_row(brand, grain, cohort, members, index, start)
        for grain in COHORT_GRAINS
        for cohort, members in cohorts(brand, grain).items()
        for index, start in enumerate(period_starts(cohort, brand.as_of_date, grain))
    ]


def _cohort_row(
    brand: Brand,
    grain: str,
    cohort: date,
    members: list[Customer],
    index: int,
    start: date,
) -> dict[str, Any]:
    end = period_end(start, grain)
    orders, purchasing, repeat, to_date = [], 0, 0, []
    for customer in members:
        own = [o for o in customer.orders if start <= o.day <= end]
        own_to_date = [o for o in customer.orders if o.day <= end]
        orders += own
        to_date += own_to_date
        purchasing += bool(own)
        repeat += len(own_to_date) >= 2
    revenue_to_date = money(order.net_revenue for order in to_date)
    return {
        "brand_id": brand.brand_id,
        "cohort_grain": grain,
        "cohort_start": cohort,
        "period_index": index,
        "cohort_size": len(members),
        "purchasing_customers": purchasing,
        "retention_rate": ratio(purchasing, len(members)),
        "orders": len(orders),
        "net_revenue": money(order.net_revenue for order in orders),
        "cumulative_net_revenue": revenue_to_date,
        "cumulative_revenue_per_customer": ratio(revenue_to_date, len(members)),
        "repeat_customers_to_date": repeat,
        "repeat_rate_to_date": ratio(repeat, len(members)),
        "is_left_truncated": is_left_truncated(brand, cohort),
        "is_complete_period": is_complete(start, grain, brand.as_of_date),
    }


def channel_cohort_rows(brand: Brand) -> list[dict[str, Any]]:
    """The mart `cohort_retention_by_channel`: each customer is of one channel for good, that of the first order."""
    groups: dict[tuple[str, date], list[Customer]] = {}
    for month, members in cohorts(brand, "month").items():
        for customer in members:
            channel = customer.orders[0].channel or "unknown"
            groups.setdefault((channel, month), []).append(customer)
    return [
        _channel_cohort_row(brand, channel, cohort, members, index, start)
        for (channel, cohort), members in groups.items()
        for index, start in enumerate(period_starts(cohort, brand.as_of_date, "month"))
    ]


def _channel_cohort_row(
    brand: Brand,
    channel: str,
    cohort: date,
    members: list[Customer],
    index: int,
    start: date,
) -> dict[str, Any]:
    end = period_end(start, "month")
    to_date = [order for customer in members for order in customer.orders if order.day <= end]
    orders = [order for order in to_date if order.day >= start]
    purchasing = len({order.customer_id for order in orders})
    revenue_to_date = money(order.net_revenue for order in to_date)
    contribution = Fraction(revenue_to_date) * Fraction(str(brand.settings["margin_rate"]))
    return {
        "brand_id": brand.brand_id,
        "channel": channel,
        "cohort_start": cohort,
        "period_index": index,
        "is_complete_period": is_complete(start, "month", brand.as_of_date),
        "is_left_truncated": is_left_truncated(brand, cohort),
        "cohort_size": len(members),
        "purchasing_customers": purchasing,
        "retention_rate": ratio(purchasing, len(members)),
        "orders": len(orders),
        "net_revenue": money(order.net_revenue for order in orders),
        "cumulative_net_revenue": revenue_to_date,
        "ltv_per_customer": ratio(contribution, len(members)),
    }


def second_purchase_rows(brand: Brand) -> list[dict[str, Any]]:
    """The mart `second_purchase` of the brand, months without a gap."""
    members = cohorts(brand, "month")
    return [_second_purchase_row(brand, month, members.get(month, [])) for month in months_of(brand)]


def _second_purchase_row(brand: Brand, month: date, members: list[Customer]) -> dict[str, Any]:
    last = period_end(month, "month")
    waits = [days_to_second_order(customer) for customer in members]
    waits = [days for days in waits if days is not None]

    def is_known(days: int) -> bool:
        return last + timedelta(days=days) <= brand.as_of_date

    row: dict[str, Any] = {
        "brand_id": brand.brand_id,
        "cohort_start": month,
        "first_buyers": len(members),
    }
    for days in SECOND_ORDER_DAYS:
        second = sum(wait <= days for wait in waits)
        row[f"second_buyers_{days}d"] = second if is_known(days) else None
        row[f"second_purchase_rate_{days}d"] = ratio(second, len(members)) if is_known(days) else None
    row["median_days_to_second_order"] = median(w for w in waits if w <= 180) if is_known(180) else None
    row["is_complete_period"] = is_complete(month, "month", brand.as_of_date)
    row["is_left_truncated"] = is_left_truncated(brand, month)
    return row


def purchase_frequency_trend_rows(brand: Brand) -> list[dict[str, Any]]:
    """The mart `purchase_frequency_trend` of the brand."""
    figures = {month: _month_figures(brand, month) for month in months_of(brand)}
    first = first_order_date(brand)
    result = []
    for month, own in figures.items():
        before = month.replace(year=month.year - 1)
        prior = figures.get(before, dict.fromkeys(TREND_FIGURES))
        complete = is_complete(month, "month", brand.as_of_date)
        comparable = complete and before >= first
        row = {"brand_id": brand.brand_id, "calendar_month": month} | own
        for name in TREND_FIGURES:
            row[f"{name}_prior_year"] = prior[name]
            change = ratio(own[name], prior[name]) if comparable else None
            row[f"{name}_change_yoy"] = None if change is None else change - 1
        result.append(row | {"is_complete_period": complete})
    return result


def _month_figures(brand: Brand, month: date) -> dict[str, Any]:
    after = next_start(month, "month")
    orders = [o for o in brand.orders() if month <= o.day < after]
    purchasing = len({order.customer_id for order in orders})
    net = money(order.net_revenue for order in orders)
    return {
        "orders": len(orders),
        "purchasing_customers": purchasing,
        "purchase_frequency": ratio(len(orders), purchasing),
        "average_order_value": ratio(net, len(orders)),
    }


def sales_channel_rows(brand: Brand) -> list[dict[str, Any]]:
    """The mart `sales_channels`: each month with each channel ever bought on."""
    orders = brand.orders()
    channels = sorted({order.channel or "unknown" for order in orders})
    result = []
    for month in months_of(brand):
        after = next_start(month, "month")
        in_month = [o for o in orders if month <= o.day < after]
        month_revenue = money(order.net_revenue for order in in_month)
        for channel in channels:
            own = [o for o in in_month if (o.channel or "unknown") == channel]
            net = money(order.net_revenue for order in own)
            result.append(
                {
                    "brand_id": brand.brand_id,
                    "period_start": month,
                    "channel": channel,
                    "orders": len(own),
                    "purchasing_customers": len({o.customer_id for o in own}),
                    "net_revenue": net,
                    "revenue_share": ratio(net, month_revenue),
                    "average_order_value": ratio(net, len(own)),
                    "first_orders": sum(order.number == 1 for order in own),
                    "is_complete_period": is_complete(month, "month", brand.as_of_date),
                }
            )
    return result
