"""What the customer base rests on: the revenue bridge and drivers, deciles, and layers of cohorts."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from .arithmetic import mean, money, ratio
from .brand_metrics import acquisition, is_left_truncated
from .facts import ZERO, Brand, Order
from .periods import is_complete, period_end, period_start, period_starts

DAY = timedelta(days=1)
YEAR = timedelta(days=365)

Row = dict[str, Any]


@dataclass
class Period:
    """A period, and the days of the one before that it is compared with."""

    grain: str
    start: date
    end: date
    before_start: date
    before_end: date
    is_complete: bool = True

    @property
    def key(self) -> Row:
        return {"period_grain": self.grain, "period_start": self.start}


def first_order_day(brand: Brand) -> date | None:
    """The day of the brand's first purchase."""
    return min((order.day for order in brand.orders()), default=None)


def periods_of(brand: Brand, grain: str) -> list[Period]:
    """The months or years from the brand's first purchase on."""
    today = brand.as_of_date
    found = []
    for start in period_starts(first_order_day(brand), today, grain):
        complete = is_complete(start, grain, today)
        before = period_start(start - DAY, grain)
        before_end = start - DAY
        if not complete:
            before_end = min(before_end, before + (today - start))
        end = min(period_end(start, grain), today)
        found.append(Period(grain, start, end, before, before_end, complete))
    return found


def trailing_year(brand: Brand) -> Period:
    """The 365 days to the reporting day, and those before."""
    today = brand.as_of_date
    return Period("trailing_year", today - YEAR + DAY, today, today - 2 * YEAR + DAY, today - YEAR)


def bought(brand: Brand, start: date, end: date) -> dict[str, list[Order]]:
    """The orders of those days by customer, of those who have any."""
    found = {
        name: [order for order in customer.orders if start <= order.day <= end]
        for name, customer in brand.customers.items()
    }
    return {name: orders for name, orders in found.items() if orders}


def revenue(orders: list[Order]) -> Decimal:
    """Their net revenue."""
    return money(order.net_revenue for order in orders)


# The bridge


def bridge_rows(brand: Brand) -> list[Row]:
    """From the revenue of the period before to that of the period."""
    if first_order_day(brand) is None:
        return []
    periods = [trailing_year(brand), *periods_of(brand, "year"), *periods_of(brand, "month")]
    return [bridge_row(brand, period) for period in periods]


def bridge_row(brand: Brand, period: Period) -> Row:
    """One period of the bridge, customer by customer."""
    now = bought(brand, period.start, period.end)
    then = bought(brand, period.before_start, period.before_end)
    amounts: Counter[str] = Counter()
    people: Counter[str] = Counter()
    for name in now.keys() | then.keys():
        after, before = revenue(now.get(name, [])), revenue(then.get(name, []))
        if name not in now:
            kind, amount = "paused", before
        elif brand.customers[name].orders[0].day >= period.start:
            kind, amount = "new", after
        elif name not in then:
            kind, amount = "resumed", after
        elif after > before:
            kind, amount = "expansion", after - before
        elif after < before:
            kind, amount = "contraction", before - after
        else:
            kind, amount = "unchanged", ZERO
        people[kind] += 1
        amounts[kind] += amount
    total = money(revenue(orders) for orders in then.values())
    lost = amounts["contraction"] + amounts["paused"]
    is_whole = period.before_start >= first_order_day(brand)
    return {
        "brand_id": brand.brand_id,
        **period.key,
        "is_complete_period": period.is_complete,
        "net_revenue_before": total,
        "new_revenue": amounts["new"] + ZERO,
        "resumed_revenue": amounts["resumed"] + ZERO,
        "expansion_revenue": amounts["expansion"] + ZERO,
        "contraction_revenue": amounts["contraction"] + ZERO,
        "paused_revenue": amounts["paused"] + ZERO,
        "net_revenue": money(revenue(orders) for orders in now.values()),
        "first_time_customers": people["new"],
        "resumed_customers": people["resumed"],
        "expansion_customers": people["expansion"],
        "contraction_customers": people["contraction"],
        "paused_customers": people["paused"],
        "unchanged_customers": people["unchanged"],
        "gross_revenue_retention": ratio(total - lost, total) if is_whole else None,
        "net_revenue_retention": (ratio(total - lost + amounts["expansion"], total) if is_whole else None),
    }


# Drivers


def driver_rows(brand: Brand) -> list[Row]:
    """Why revenue changed, of months and years that are over."""
    first = first_order_day(brand)
    if first is None:
        return []
    rows = []
    for grain in ("month", "year"):
        for period in periods_of(brand, grain):
            a_year_before = date(period.start.year - 1, period.start.month, 1)
            pairs = [("year_before", a_year_before)]
            if grain == "month":
                pairs.append(("previous_period", period.before_start))
            rows += [
                driver_row(brand, period, name, start) for name, start in pairs if period.is_complete and start >= first
            ]
    return rows


def driver_row(brand: Brand, period: Period, name: str, compared: date) -> Row:
    """The change against one other period, shared out among its factors."""
    now = factors_by_group(brand, period.start, period.end)
    then = factors_by_group(brand, compared, period_end(compared, period.grain))
    first_time = effects(now[True], then[True])
    returning = effects(now[False], then[False])
    buyers, frequency, gross, discount, refund = (sum(pair) for pair in zip(first_time, returning))
    value = math.fsum(part for group in (first_time, returning) for part in group[2:])
    sizes = {"buyers": buyers, "frequency": frequency, "order_value": value}
    truncated = is_left_truncated(brand, min(compared, period.start))
    return {
        "brand_id": brand.brand_id,
        **period.key,
        "compared_with": name,
        "revenue_change": sum((now[key]["revenue"] - then[key]["revenue"] for key in now), ZERO),
        "buyers_effect": buyers,
        "first_time_buyers_effect": None if truncated else first_time[0],
        "returning_buyers_effect": None if truncated else returning[0],
        "frequency_effect": frequency,
        "order_value_effect": value,
        "gross_value_effect": gross,
        "discount_effect": discount,
        "refund_effect": refund,
        "main_driver": next(
            driver for driver, size in sizes.items() if abs(size) >= (1 - 1e-9) * max(map(abs, sizes.values()))
        ),
    }


def factors_by_group(brand: Brand, start: date, end: date) -> dict[bool, Row]:
    """Revenue and its factors, of those who bought first in these days and of others."""
    groups: dict[bool, list[list[Order]]] = {True: [], False: []}
    for name, orders in bought(brand, start, end).items():
        groups[brand.customers[name].orders[0].day >= start].append(orders)
    return {key: factors(people) for key, people in groups.items()}


def factors(people: list[list[Order]]) -> Row:
    """Five factors whose product is the revenue; none without revenue."""
    orders = [order for own in people for order in own]
    gross = Fraction(money(order.gross_amount for order in orders))
    discount = Fraction(money(order.discount_amount for order in orders))
    refund = Fraction(money(order.refund_amount for order in orders))
    if not revenue(orders):
        return {"revenue": ZERO, "factors": None}
    return {
        "revenue": revenue(orders),
        "factors": [
            Fraction(len(people)),
            Fraction(len(orders), len(people)),
            gross / len(orders),
            1 - discount / gross,
            1 - refund / (gross - discount),
        ],
    }


def effects(now: Row, then: Row) -> list[float]:
    """What each of the five factors did to the revenue of a group."""
    before, after = float(then["revenue"]), float(now["revenue"])
    if now["factors"] is None or then["factors"] is None:
        return [after - before, 0.0, 0.0, 0.0, 0.0]
    growth = Fraction(now["revenue"]) / Fraction(then["revenue"])
    if abs(growth - 1) < Fraction(1, 10**6):
        weight = before * float(1 + growth) / 2
    else:
        weight = before * float(growth - 1) / math.log(growth)
    return [weight * math.log(new / old) for new, old in zip(now["factors"], then["factors"])]


# Deciles


def is_whole(brand: Brand, start: date) -> bool:
    """Whether the brand had its first order by then."""
    return start >= first_order_day(brand)


def whole_years(brand: Brand) -> list[Period]:
    """Years that are over and lie wholly in the history; the trailing one, too."""
    if first_order_day(brand) is None:
        return []
    years = [trailing_year(brand), *periods_of(brand, "year")]
    return [year for year in years if year.is_complete and is_whole(brand, year.start)]


def deciles(brand: Brand, start: date, end: date) -> dict[str, int]:
    """The tenth of each customer who ordered, 1 for the largest revenue."""
    amounts = {name: revenue(orders) for name, orders in bought(brand, start, end).items()}
    larger, count = {}, 0
    for amount, people in sorted(Counter(amounts.values()).items(), reverse=True):
        larger[amount], count = count, count + people
    return {name: min(10, 1 + 10 * larger[amount] // count) for name, amount in amounts.items()}


def decile_rows(brand: Brand) -> list[Row]:
    """Ten rows for each year with a customer."""
    rows = []
    for year in whole_years(brand):
        places = deciles(brand, year.start, year.end)
        own = bought(brand, year.start, year.end)
        total = money(revenue(orders) for orders in own.values())
        so_far = ZERO
        for decile in range(1, 11) if places else ():
            people = [own[name] for name, place in places.items() if place == decile]
            orders = [order for one in people for order in one]
            so_far += revenue(orders)
            rows.append(
                {
                    "brand_id": brand.brand_id,
                    **year.key,
                    "decile": decile,
                    "customers": len(people),
                    "net_revenue": revenue(orders),
                    "revenue_share": ratio(revenue(orders), total),
                    "cumulative_revenue_share": ratio(so_far, total),
                    "orders": len(orders),
                    "average_order_value": ratio(revenue(orders), len(orders)),
                    "purchase_frequency": ratio(len(orders), len(people)),
                    "average_recency_days": mean((year.end - one[-1].day).days for one in people),
                }
            )
    return rows


def concentration_rows(brand: Brand) -> list[Row]:
    """How unequal the customers of a year are."""
    rows = []
    for year in whole_years(brand):
        amounts = sorted(map(revenue, bought(brand, year.start, year.end).values()), reverse=True)
        if not amounts:
            continue
        total, count = sum(amounts), len(amounts)
        # equal amounts may stand in any order: the sum is the same as with their mean rank
        weighted = sum((count + 1 - 2 * rank) * amount for rank, amount in enumerate(amounts, start=1))
        so_far, needed = ZERO, None
        for rank, amount in enumerate(amounts, start=1):
            so_far += amount
            if total and 2 * so_far >= total:
                needed = rank
                break
        rows.append(
            {
                "brand_id": brand.brand_id,
                **year.key,
                "customers": count,
                "gini": ratio(weighted, count * total),
                "customers_for_half_of_revenue": needed,
            }
        )
    return rows


def migration_rows(brand: Brand) -> list[Row]:
    """From the tenth of the year before to that of the year."""
    rows = []
    for year in whole_years(brand):
        if not is_whole(brand, year.before_start):
            continue
        then = deciles(brand, year.before_start, year.before_end)
        now = deciles(brand, year.start, year.end)
        moves: Counter[tuple[int, int]] = Counter()
        for name, customer in brand.customers.items():
            if not customer.orders or customer.orders[0].day > year.end:
                continue
            is_new = customer.orders[0].day >= year.start
            moves[-1 if is_new else then.get(name, 0), now.get(name, 0)] += 1
        leaving = Counter()
        for (start, _), count in moves.items():
            leaving[start] += count
        rows += [
            {
                "brand_id": brand.brand_id,
                **year.key,
                "from_decile": start,
                "to_decile": end,
                "customers": moves[start, end],
                "share_of_from": ratio(moves[start, end], leaving[start]),
            }
            for start in range(-1, 11)
            for end in range(11)
            if (start, end) != (-1, 0)
        ]
    return rows


# Layers of revenue


def calendar_rows(brand: Brand) -> list[Row]:
    """The quarters and years of the cohorts of each quarter and year."""
    rows = []
    grains = ("quarter", "year")
    for cohort_grain in grains:
        cohorts: dict[date, list[str]] = {}
        for name, customer in brand.customers.items():
            if customer.orders:
                start = period_start(customer.orders[0].day, cohort_grain)
                cohorts.setdefault(start, []).append(name)
        for start, names in cohorts.items():
            for period_grain in grains:
                rows += cohort_rows(brand, cohort_grain, start, names, period_grain)
    return rows


def cohort_rows(brand: Brand, cohort_grain: str, cohort_start: date, names: list[str], grain: str) -> list[Row]:
    """The periods of one cohort from the one that holds its start, or the brand's."""
    own = [order for name in names for order in brand.customers[name].orders]
    cost = cost_of(brand, cohort_start, min(period_end(cohort_start, cohort_grain), brand.as_of_date))
    truncated = is_left_truncated(brand, cohort_start)
    margin = Fraction(str(brand.settings["margin_rate"]))
    payback = None
    rows = []
    first = max(cohort_start, first_order_day(brand))
    for index, start in enumerate(period_starts(first, brand.as_of_date, grain)):
        end = period_end(start, grain)
        orders = [order for order in own if start <= order.day <= end]
        to_date = revenue([order for order in own if order.day <= end])
        everyone = revenue([order for order in brand.orders() if start <= order.day <= end])
        contribution = float(Fraction(to_date) * margin / len(names))
        if payback is None and cost and not truncated and contribution >= (1 - 1e-9) * cost:
            payback = index
        rows.append(
            {
                "brand_id": brand.brand_id,
                "cohort_grain": cohort_grain,
                "cohort_start": cohort_start,
                "period_grain": grain,
                "period_start": start,
                "is_complete_period": is_complete(start, grain, brand.as_of_date),
                "is_left_truncated": truncated,
                "cohort_size": len(names),
                "customers": len({order.customer_id for order in orders}),
                "orders": len(orders),
                "net_revenue": revenue(orders),
                "share_of_period": ratio(revenue(orders), everyone),
                "cumulative_net_revenue": to_date,
                "cumulative_contribution_per_customer": contribution,
                "cost_per_acquisition": cost,
                "payback_period_index": payback,
            }
        )
    return rows


def cost_of(brand: Brand, start: date, end: date) -> float | None:
    """What it cost to acquire a customer in these days."""
    acquired = sum(
        customer.acquisition_date is not None and start <= customer.acquisition_date <= end
        for customer in brand.customers.values()
    )
    found: float | None = acquisition(brand, {"acquired_customers": acquired}, start, end)["cost_per_acquisition"]
    return found
