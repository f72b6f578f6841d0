"""Abandoned carts, and the orders that recovered them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from .arithmetic import money, ratio
from .facts import Brand, Interaction, Order
from .over_time import months_of
from .periods import is_complete, period_start

DAYS_TO_RECOVER = 7


def carts_of(brand: Brand) -> list[Interaction]:
    """All abandoned carts of the brand."""
    return [i for i in brand.interactions() if i.group == "cart"]


def recovered_by(order: Order, carts: list[Interaction]) -> Interaction | None:
    """Which of the customer's carts the order recovers: the latest before."""

    def is_before(cart: Interaction) -> bool:
        if not 0 <= (order.day - cart.day).days <= DAYS_TO_RECOVER:
            return False
        if cart.has_time_of_day and order.has_time_of_day:
            return cart.instant <= order.instant
        return True

    return max(
        filter(is_before, carts),
        key=lambda c: (c.day, c.instant, c.interaction_id.encode("utf-8")),
        default=None,
    )


def recoveries(brand: Brand) -> dict[str, list[Order]]:
    """The orders that recovered each recovered cart, by interaction_id."""
    result: dict[str, list[Order]] = {}
    for customer in brand.customers.values():
        carts = [i for i in customer.interactions if i.group == "cart"]
        for order in customer.orders if carts else []:
            cart = recovered_by(order, carts)
            if cart is not None:
                result.setdefault(cart.interaction_id, []).append(order)
    return result


def rows(brand: Brand) -> list[dict[str, Any]]:
    """The mart `cart_recovery` of the brand, months of the carts' dates."""
    carts, recovering = carts_of(brand), recoveries(brand)
    result = []
    for month in months_of(brand):
        abandoned = [c for c in carts if period_start(c.day, "month") == month]
        recovered = [c for c in abandoned if c.interaction_id in recovering]
        orders = [o for c in recovered for o in recovering[c.interaction_id]]
        abandoned_amount = amount(abandoned)
        recovered_amount = amount(recovered)
        result.append(
            {
                "brand_id": brand.brand_id,
                "period_start": month,
                "is_complete_period": is_complete(month, "month", brand.as_of_date),
                "carts_abandoned": len(abandoned),
                "abandoned_amount": abandoned_amount,
                "carts_recovered": len(recovered),
                "recovered_net_revenue": money(o.net_revenue for o in orders),
                "recovered_amount": recovered_amount,
                "recovery_rate": ratio(len(recovered), len(abandoned)),
                "recovered_value_rate": ratio(recovered_amount, abandoned_amount),
            }
        )
    return result


def amount(carts: list[Interaction]) -> Decimal:
    """What is known of the value of the carts."""
    return money(cart.amount for cart in carts if cart.amount is not None)
