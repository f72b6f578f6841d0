"""Orders for the tests of predicted value: real sales, and histories at limits.

An order is (customer, day, amount as text). All are completed; an order's
number is its place.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb

import project

Orders = list[tuple[str, date, str]]

CDNOW_WHOLE = project.ROOT / "tests" / "data" / "cdnow_master.parquet"
CDNOW_SAMPLE = project.ROOT / "tools" / "sample" / "sources" / "cdnow_sample.csv"
CDNOW_REFERENCE = CDNOW_WHOLE.with_name("cdnow_reference.csv")
CDNOW_MBG_REFERENCE = CDNOW_WHOLE.with_name("cdnow_reference_mbg.csv")
COMPLETE_JOURNEY = CDNOW_WHOLE.with_name("completejourney_baskets.parquet")
TODAY = date(2024, 12, 31)  # the last day of the histories at limits
FREE = {"count_zero_value_orders": True}
OLD_MODEL = FREE | {"clv": {"model": "bg_nbd"}}


def write_orders(folder: Path, brands: dict[str, Orders]) -> Path:
    """Write the brands' orders as a raw folder's one file; gives the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    project.write_csv(
        folder / "orders.csv",
        [
            {
                "brand_id": brand_id,
                "order_id": f"{brand_id} {number}",
                "customer_id": customer_id,
                "ordered_at": day.isoformat(),
                "status": "completed",
                "gross_amount": amount,
            }
            for brand_id, orders in brands.items()
            for number, (customer_id, day, amount) in enumerate(orders)
        ],
        project.COLUMNS["orders"],
    )
    return folder


# CDNOW


def cdnow(whole: bool = False) -> Orders:
    """The purchases of all CDNOW customers, or of the 1/10 sample."""
    source = (
        f"read_parquet('{project.sql_quoted(CDNOW_WHOLE)}')"
        if whole
        else f"read_csv('{project.sql_quoted(CDNOW_SAMPLE)}', all_varchar = true)"
    )
    with duckdb.connect() as connection:
        return connection.execute(
            "select customer_id, cast(order_date as date), "
            "cast(cast(amount as decimal(18, 4)) as text) "
            f"from {source} order by customer_id, order_date, amount"
        ).fetchall()


def grocer() -> Orders:
    """The baskets of The Complete Journey that cost anything."""
    with duckdb.connect() as connection:
        return connection.execute(
            "select cast(household_id as text), "
            "cast(timezone('America/New_York', "
            "timezone('UTC', transaction_timestamp)) as date) as day, "
            "cast(cast(sales_value as decimal(18, 4)) as text) as amount "
            f"from read_parquet('{project.sql_quoted(COMPLETE_JOURNEY)}') "
            "where sales_value > 0 "
            "order by household_id, transaction_timestamp, basket_id"
        ).fetchall()


def with_repeat_customers(orders: Orders, count: int, until: date) -> Orders:
    """The orders of the first customers, so many of whom return by the day."""
    chosen: set[str] = set()
    returned: set[str] = set()
    first: dict[str, date] = {}
    for customer_id, day, _ in sorted(orders):
        if customer_id not in chosen:
            if len(returned) == count:
                break
            chosen.add(customer_id)
            first[customer_id] = day
        elif day != first[customer_id] and day <= until:
            returned.add(customer_id)
    if len(returned) < count:
        raise ValueError(f"only {len(returned)} of {count} customers return")
    return [order for order in orders if order[0] in chosen]


# Histories at limits


def simulated(
    seed: int,
    customers: int,
    occasions: tuple[float, float],
    dropout: tuple[float, float] | None,
    longest: int = 700,
    all_from_the_first_day: bool = False,
) -> dict[str, list[date]]:
    """The order dates of customers who do as BG/NBD says.

    Takes shape r and rate alpha (days) of their occasions to buy, and the
    parameters of their probability to drop out, None for customers who never
    do. First orders lie up to `longest` days back, one of them on the last day.
    """
    pick = random.Random(seed)
    result = {}
    for number in range(customers):
        T = longest if all_from_the_first_day else pick.randint(0, longest)
        if number == 0 and not all_from_the_first_day:
            T = 0
        rate = pick.gammavariate(occasions[0], 1 / occasions[1])
        leaves = pick.betavariate(*dropout) if dropout else 0.0
        first = TODAY - timedelta(days=T)
        days, passed = [first], 0.0
        while pick.random() >= leaves or len(days) == 1:
            passed += pick.expovariate(rate)
            if passed > T:
                break
            days.append(first + timedelta(days=int(passed)))
        result[f"c{number:04d}"] = sorted(set(days))
    return result


def ordered(
    days: dict[str, list[date]],
    amount: Callable[[str, int], object] = lambda customer, number: 10,
) -> Orders:
    """Orders on these days; `amount` of the customer and the order's number."""
    return [
        (customer_id, day, f"{Decimal(str(amount(customer_id, number))):f}")
        for customer_id, of_customer in days.items()
        for number, day in enumerate(of_customer)
    ]


def varied(seed: int, middle: float, digits: int = 2) -> Callable[[str, int], object]:
    """Amounts around a middle, whose own middle each customer has."""
    pick = random.Random(seed)
    level: dict[str, float] = {}

    def amount(customer_id: str, number: int) -> object:
        if customer_id not in level:
            level[customer_id] = middle * pick.gammavariate(4, 0.25)
        worth = level[customer_id] * pick.gammavariate(6, 1 / 6)
        return round(max(worth, middle / 1000), digits)

    return amount


def heavy_tailed(seed: int) -> Callable[[str, int], object]:
    """Amounts without a mean over customers: Gamma-Gamma's q is below 1."""
    pick = random.Random(seed)
    level: dict[str, float] = {}

    def amount(customer_id: str, number: int) -> object:
        if customer_id not in level:
            level[customer_id] = (1 - pick.random()) ** -2
        return round(level[customer_id] * pick.uniform(0.8, 1.2), 4)

    return amount


def at_limits() -> dict[str, Orders]:
    """Brands whose histories lie at a limit of the models, by name."""
    usual = {"occasions": (0.8, 60.0), "dropout": (0.8, 2.5)}
    regular = {"occasions": (6.0, 150.0), "dropout": None}
    everyone = simulated(1, 200, **usual)
    once = {name: days[:1] for name, days in everyone.items()}
    pick = random.Random(2)
    gone = {
        f"c{number:04d}": [first, first + timedelta(days=pick.randint(1, 5))]
        for number in range(200)
        for first in [TODAY - timedelta(days=pick.randint(200, 700))]
    }
    giant = simulated(3, 150, **usual) | {"giant": [TODAY - timedelta(days=n) for n in reversed(range(5000))]}
    ten = simulated(12, 10, (2.0, 80.0), (0.8, 2.5))
    few = {
        name: days if number < 4 else days[:1]
        for number, (name, days) in enumerate(sorted(ten.items(), key=lambda item: -len(item[1])))
    }
    return {
        # two orders on one day are one order date
        "nobody returns": ordered(once) + ordered(once),
        "ten customers": ordered(ten, varied(4, 40)),
        "four return": ordered(few, varied(4, 40)),
        "one customer": [("c1", TODAY - timedelta(days=9 * n), "5") for n in range(30)],
        "all of today": [(f"c{n}", TODAY, "5") for n in range(60)],
        "together": ordered(simulated(5, 300, **usual, longest=400, all_from_the_first_day=True), varied(5, 40)),
        "nobody leaves": ordered(simulated(6, 200, **regular), varied(6, 40)),
        "gone at once": ordered(gone, varied(7, 40)),
        "a giant": ordered(giant, varied(8, 40)),
        "billions": ordered(everyone, varied(9, 1e9)),
        "pennies": ordered(everyone, lambda customer, number: "0.01"),
        "all free": ordered(everyone, lambda customer, number: "0"),
        "half free": ordered(everyone, lambda customer, number: "0" if int(customer[1:]) % 2 else "25.5"),
        "no mean": ordered(simulated(10, 400, **usual), heavy_tailed(10)),
    }


# brands of `at_limits` that use BG/NBD
OF_THE_OLD_MODEL = ("together", "nobody leaves", "a giant", "half free")


def rows_of(orders: Orders) -> Iterable[tuple[str, date, Decimal]]:
    """The orders with amounts that can be added."""
    return [(name, day, Decimal(amount)) for name, day, amount in orders]
