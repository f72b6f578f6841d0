"""The mart `acquisition_channels`: what customers cost and what they bring."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from .arithmetic import money, ratio
from .brand_metrics import first_year_value, is_left_truncated
from .facts import Brand, Customer, Order
from .periods import is_complete, period_end, period_start, period_starts


def channel_of(customer: Customer) -> str:
    """The channel that brought the customer, `unknown` without one."""
    return customer.row.get("acquisition_channel") or "unknown"


def rows(brand: Brand) -> list[dict[str, Any]]:
    """A row for each month and channel in which anything occurred."""
    spend: dict[tuple[date, str], list] = {}
    sign_ups: dict[tuple[date, str], list] = {}
    acquired: dict[tuple[date, str], list] = {}
    for row in brand.spend:
        key = period_start(row.day, "month"), row.channel
        spend.setdefault(key, []).append(row)
    for customer in brand.customers.values():
        for day, events in (
            (customer.row.get("signed_up_at_date"), sign_ups),
            (customer.acquisition_date, acquired),
        ):
            if day is not None:
                key = period_start(day, "month"), channel_of(customer)
                events.setdefault(key, []).append(customer)
    return [
        _row(
            brand,
            month,
            channel,
            spend.get((month, channel), []),
            len(sign_ups.get((month, channel), [])),
            acquired.get((month, channel), []),
        )
        for month, channel in sorted({*spend, *sign_ups, *acquired})
    ]


def _row(
    brand: Brand,
    month: date,
    channel: str,
    spend: list,
    sign_ups: int,
    acquired: list[Customer],
) -> dict[str, Any]:
    acquisition = [row for row in spend if row.purpose == "acquisition"]
    retention = [row for row in spend if row.purpose == "retention"]
    amount = money(row.amount for row in acquisition)
    impressions = sum(row.impressions for row in acquisition)
    clicks = sum(row.clicks for row in acquisition)
    orders = [order for customer in acquired for order in customer.orders]
    revenue = money(order.net_revenue for order in orders)
    first_year = first_year_value(brand, acquired, period_end(month, "month"))
    is_known = bool(brand.spend)  # without a row of spend nothing is
    return {
        "brand_id": brand.brand_id,
        "period_start": month,
        "channel": channel,
        "is_left_truncated": is_left_truncated(brand, month),
        "is_complete_period": is_complete(month, "month", brand.as_of_date),
        "acquisition_spend": amount if is_known else None,
        "retention_spend": (money(row.amount for row in retention) if is_known else None),
        "impressions": impressions,
        "clicks": clicks,
        "click_through_rate": ratio(clicks, impressions),
        "sign_ups": sign_ups,
        "acquired_customers": len(acquired),
        "click_to_customer_rate": ratio(len(acquired), clicks),
        "cost_per_acquisition": (ratio(amount, len(acquired)) if is_known else None),
        "net_revenue_to_date": revenue,
        "return_on_spend": ratio(revenue, amount),
        "payback_months": payback_months(
            amount,
            orders,
            month,
            brand.as_of_date,
            Fraction(str(brand.settings["margin_rate"])),
        ),
        "ltv_365d": first_year,
        "ltv_365d_to_cac": ratio(first_year, ratio(amount, len(acquired)) if is_known else None),
    }


def payback_months(
    spend: Decimal,
    orders: list[Order],
    month: date,
    as_of_date: date,
    margin: Fraction = Fraction(1),
) -> int | None:
    """The months after that of the spend until the orders up to then reach it.

    None without spend, and until they do.
    """
    if not spend:
        return None
    for number, start in enumerate(period_starts(month, as_of_date, "month")):
        end = period_end(start, "month")
        revenue = money(o.net_revenue for o in orders if o.day <= end)
        if Fraction(revenue) * margin >= Fraction(spend):
            return number
    return None
