"""What customers who become valuable have in common: first orders against what followed."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from .arithmetic import money, ratio
from .brand_metrics import is_left_truncated
from .facts import Brand, Customer, referrals_of

FEWEST = 50  # customers of a value, and of a side of a test
LARGEST_T = 37

Row = dict[str, Any]


@dataclass
class Start:
    """A customer's first days: what was known by the first order, and what the days brought."""

    first: Decimal
    later: Decimal
    is_repeat: bool
    values: dict[str, str]

    @property
    def log(self) -> float:
        """What the test compares."""
        return math.log1p(float(self.later))


def driver_rows(brand: Brand) -> list[Row]:
    """Every value of every property against all other customers."""
    rows = []
    for horizon in (180, 365):
        starts = starts_of(brand, horizon)
        of_horizon = []
        for name in starts[0].values if starts else ():
            of_horizon += property_rows(brand, horizon, name, starts)
        correct(of_horizon)
        rows += of_horizon
    return rows


def starts_of(brand: Brand, horizon: int) -> list[Start]:
    """The customers who were watched from the first day, for as long as that."""
    referred = {customer.customer_id for own in referrals_of(brand).values() for customer in own}
    # asked once a day: the brand's first order is looked for among all of its orders
    days = {customer.orders[0].day for customer in brand.customers.values() if customer.orders}
    truncated = {day for day in days if is_left_truncated(brand, day)}
    starts = [
        start_of(customer, horizon, customer.customer_id in referred)
        for customer in brand.customers.values()
        if customer.orders
        and customer.orders[0].day + timedelta(days=horizon - 1) <= brand.as_of_date
        and customer.orders[0].day not in truncated
    ]
    smaller, so_far = {}, 0
    for amount, count in sorted(Counter(start.first for start in starts).items()):
        smaller[amount], so_far = so_far, so_far + count
    for start in starts:
        quartile = min(4, 1 + 4 * smaller[start.first] // len(starts))
        start.values["first_order_value_quartile"] = str(quartile)
    return starts


def start_of(customer: Customer, horizon: int, is_referred: bool) -> Start:
    """One customer's, but for the quartile, which takes all of them."""
    first = customer.orders[0]
    ages = [((order.day - first.day).days, order) for order in customer.orders]
    within = [(age, order) for age, order in ages if age < horizon]
    joined = [i.day for i in customer.interactions if i.type == "membership_join"]
    if customer.row.get("membership_joined_at_date"):
        joined.append(customer.row["membership_joined_at_date"])
    return Start(
        first.net_revenue,
        money(order.net_revenue for _, order in within if order is not first),
        any(age > 0 for age, _ in within),
        {
            "sales_channel": first.channel or "unknown",
            "acquisition_channel": customer.row.get("acquisition_channel") or "unknown",
            "is_discounted": truth(first.is_discounted),
            "first_order_value_quartile": "",
            "first_order_weekday": str(first.day.isoweekday()),
            "first_order_month": str(first.day.month),
            "is_referred": truth(is_referred),
            "is_member": truth(any(day <= first.day for day in joined)),
        },
    )


def truth(value: bool) -> str:
    """A truth value as the mart writes it."""
    return "true" if value else "false"


def property_rows(brand: Brand, horizon: int, name: str, starts: list[Start]) -> list[Row]:
    """A row for each value; none where all customers are alike."""
    sizes = Counter(start.values[name] for start in starts)
    groups: dict[str, list[Start]] = {}
    for start in starts:
        value = start.values[name]
        groups.setdefault(value if sizes[value] >= FEWEST else "(other)", []).append(start)
    rows = []
    for value, own in groups.items() if len(groups) > 1 else ():
        others = [start for other, people in groups.items() if other != value for start in people]
        mine, theirs = averages(own), averages(others)
        rows.append(
            {
                "brand_id": brand.brand_id,
                "horizon_days": horizon,
                "property": name,
                "value": value,
                "customers": len(own),
                **{column: float(figure) for column, figure in mine.items()},
                **{f"others_{column}": float(figure) for column, figure in theirs.items()},
                "later_revenue_lift": ratio(mine["average_later_revenue"], theirs["average_later_revenue"]),
                "repeat_lift": ratio(mine["repeat_rate"], theirs["repeat_rate"]),
                "p_value": chance(own, others),
            }
        )
    return rows


def averages(people: list[Start]) -> dict[str, Fraction]:
    """What one of them brought, later, and whether they came again."""
    first = Fraction(money(start.first for start in people))
    later = Fraction(money(start.later for start in people))
    return {
        "average_ltv": (first + later) / len(people),
        "average_later_revenue": later / len(people),
        "repeat_rate": Fraction(sum(start.is_repeat for start in people), len(people)),
    }


def chance(own: list[Start], others: list[Start]) -> float | None:
    """Welch's test of the logarithms, by the normal distribution."""
    if min(len(own), len(others)) < FEWEST:
        return None
    if all(len({start.later for start in side}) == 1 for side in (own, others)):
        return None
    means, squares = zip(*map(mean_and_square, (own, others)))
    distance = abs(means[0] - means[1]) / math.sqrt(sum(squares))
    return math.erfc(min(LARGEST_T, distance) / math.sqrt(2))


def mean_and_square(people: list[Start]) -> tuple[float, float]:
    """The mean of the logarithms, and the square of its standard error."""
    logs = [start.log for start in people]
    mean = math.fsum(logs) / len(logs)
    squares = math.fsum((log - mean) ** 2 for log in logs)
    return mean, squares / (len(logs) - 1) / len(logs)


def correct(rows: list[Row]) -> None:
    """Adds q and whether the row is notable: Benjamini and Hochberg, from the largest p down."""
    tested = sorted((row for row in rows if row["p_value"] is not None), key=lambda row: -row["p_value"])
    q = 1.0
    for place, row in enumerate(tested):
        # of equal ones the first in this order has the largest rank, and so the smallest figure
        q = min(q, row["p_value"] * len(tested) / (len(tested) - place))
        row["q_value"] = q
    for row in rows:
        q = row.setdefault("q_value", None)
        lifts = [row["later_revenue_lift"], row["repeat_lift"]]
        row["is_notable"] = (
            q is not None
            and q < 0.05
            and any(lift is not None and (lift <= 0.9 + 1e-9 or lift >= 1.1 - 1e-9) for lift in lifts)
        )
