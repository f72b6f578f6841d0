"""The marts of the customer base over brands at limits, each held against the independent program.

test_against_oracle.py has them over real sales.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import oracle
import project
from oracle import customer_base, ladder, ltv
from oracle.compare import same
from oracle.facts import brands_of
from oracle.inputs import classify
from oracle.periods import period_end
from oracle.settings import merged_settings

MARTS = {
    "order_ladder": ladder.ladder_rows,
    "order_ladder_summary": ladder.summary_rows,
    "revenue_bridge": customer_base.bridge_rows,
    "revenue_drivers": customer_base.driver_rows,
    "value_deciles": customer_base.decile_rows,
    "value_concentration": customer_base.concentration_rows,
    "decile_migration": customer_base.migration_rows,
    "cohort_calendar": customer_base.calendar_rows,
    "ltv_drivers": ltv.driver_rows,
}
SELECTED = "+path:models/marts/audit"
MOVED_BY_THE_DAY = {"trailing_year"}  # grains whose rows are never those of an earlier day

Rows = list[dict[str, Any]]


def order(brand_id: str, number: int, customer: object, day: date, *amounts: object) -> dict[str, Any]:
    """A completed order: gross amount, discount and refund."""
    names = ("gross_amount", "discount_amount", "refund_amount")
    return {
        "brand_id": brand_id,
        "order_id": f"{brand_id} {number}",
        "customer_id": str(customer),
        "ordered_at": day.isoformat(),
        "status": "completed",
        **{name: str(amount) for name, amount in zip(names, amounts)},
    }


def land(folder: Path, rows: Rows) -> str:
    """The rows as the one file of a raw folder, whose path it gives."""
    folder.mkdir(parents=True, exist_ok=True)
    project.write_csv(folder / "orders.csv", rows, project.COLUMNS["orders"])
    return str(folder)


class Audited:
    """A build of the marts at a day, and what the independent program says."""

    def __init__(self, folder: Path, rows: Rows, brands: dict[str, dict], day: date) -> None:
        built = project.build(
            folder / "built",
            {"raw_dir": land(folder / "raw", rows), "brands": brands, "as_of_date": day.isoformat()},
            select=SELECTED,
            with_tests=True,
        )
        assert built.succeeded, built.messages
        self.marts = built.marts(MARTS)
        settings = merged_settings(brands)
        inputs = classify({"orders": rows}, settings, day)
        self.expected: dict[str, Rows] = {
            name: [row for brand in brands_of(inputs, settings, {}) for row in make(brand)]
            for name, make in MARTS.items()
        }

    def differences(self) -> list[str]:
        """What differs, a line each."""
        return [
            f"{name}: {line}"
            for name in MARTS
            for line in oracle.differences(self.expected[name], self.marts[name], oracle.KEYS[name], limit=5)
        ]

    def rows(self, mart: str, brand_id: str, **values: object) -> Rows:
        """The rows of a brand that have these values."""
        return [
            row
            for row in self.marts[mart]
            if row["brand_id"] == brand_id and all(row[name] == value for name, value in values.items())
        ]


# Brands at limits

LAST, EARLIER = date(2024, 12, 31), date(2024, 11, 17)
LIMITS: dict[str, dict] = {
    "no orders": {},
    "one customer": {},
    "one day": {},
    "only open": {"churn": {"window_days": 90}},
    "all equal": {"history_is_complete": True},
    "to zero": {"count_zero_value_orders": True},
    "a crowd of one day": {"history_is_complete": True},
    "a crowd alike": {"history_is_complete": True},
    "a crowd of two kinds": {"history_is_complete": True},
    "a shop": {"count_zero_value_orders": True, "churn": {"window_days": 60, "signals": ["order"]}},
    "a quick shop": {
        "active": {"window_days": 20},
        "churn": {"window_days": 20},
        "window_advice": {
            "return_share": 0.5,
            "follow_up_days": 30,
        },
    },
}


def limit_orders() -> Iterator[dict[str, Any]]:
    """The orders of the brands at limits."""
    yield order("one customer", 1, "ann", date(2021, 3, 1), 10)
    yield order("one customer", 2, "ann", date(2023, 2, 28), 12)
    yield order("one customer", 3, "ann", date(2024, 12, 31), 8, 1, 2)
    for number in range(12):
        yield order("one day", number, f"c{number % 9}", date(2023, 5, 5), number + 1)
        yield order("only open", number, f"c{number}", date(2024, 1, 1) + timedelta(days=11 * number), 5)
    for number in range(240):
        third_of_year = number // 20
        day = date(2021 + third_of_year // 3, 1 + 4 * (third_of_year % 3), 2 + number % 20)
        yield order("all equal", number, f"c{number % 20}", day, 25)
    for number in range(90):
        day = date(2021, 1, 1) + timedelta(days=number * 9)
        yield order("to zero", number, f"c{number % 7}", day, max(0, 400 - number * 5))
    for number in range(120):
        # half of them order in a shop, half on the web: at once, both come back alike, or those of the web alone do
        channel = {"channel": ("web", "shop")[number % 2]}
        day, later = date(2022, 3, 1) + timedelta(days=number), date(2022, 7, 1) + timedelta(days=number)
        yield order("a crowd of one day", number, f"c{number}", date(2022, 5, 5), 20) | channel
        yield order("a crowd alike", number, f"c{number}", day, 20) | channel
        yield order("a crowd alike", number + 120, f"c{number}", later, 7) | channel
        yield order("a crowd of two kinds", number, f"c{number}", day, 20) | channel
        if number % 12 or number == 12:
            yield order("a crowd of two kinds", number + 120, f"c{number}", later, number % 2 or 20 + number) | channel
    for brand_id, seed in (("a shop", 1), ("a quick shop", 2)):
        pick = random.Random(seed)
        for number in range(1500):
            customer = min(pick.randint(0, 299), pick.randint(0, 299))
            day = date(2020, 12, 30) + timedelta(days=int(1462 * pick.random() ** (0.4 + customer / 400)))
            gross = pick.choice((0, 5, 5, 10, 10, 20, 49, Decimal("0.0001"), Decimal("7.3333")))
            discount = pick.choice((0, 0, 0, gross / 4))
            yield order(brand_id, number, f"c{customer}", day, gross, discount, pick.choice((0, 0, 0, gross / 8)))


@pytest.fixture(scope="module")
def limits(tmp_path_factory) -> dict[date, Audited]:
    """The brands at limits at both days."""
    rows = list(limit_orders())
    return {day: Audited(tmp_path_factory.mktemp("limits"), rows, LIMITS, day) for day in (EARLIER, LAST)}


@pytest.mark.parametrize("day", [EARLIER, LAST], ids=str)
def test_brands_at_limits(limits, day):
    """No difference; and there is something to differ."""
    assert limits[day].differences() == []
    for name in MARTS:
        assert limits[day].rows(name, "a shop") and not limits[day].rows(name, "no orders"), name


def test_what_the_limits_are(limits):
    """Figures that can be told without a program."""
    now = limits[LAST]
    [one] = now.rows("order_ladder_summary", "one customer", from_order="all")
    assert (one["gaps"], one["events"], one["median_days"]) == (3, 2, 672)
    assert all(row["survival"] == 1 and row["standard_error"] == 0 for row in now.rows("order_ladder", "only open"))
    assert {row["decile"] for row in now.rows("value_deciles", "all equal") if row["customers"]} == {1}
    assert {row["gini"] for row in now.rows("value_concentration", "all equal")} == {0}
    assert {row["customers_for_half_of_revenue"] for row in now.rows("value_concentration", "all equal")} == {10}
    [trailing] = now.rows("revenue_bridge", "one day", period_grain="trailing_year")
    assert trailing["net_revenue_before"] == trailing["paused_revenue"] == 78 and not trailing["net_revenue"]
    assert now.rows("decile_migration", "a shop", from_decile=1, to_decile=0)
    # nobody differs in what follows, so there is nothing to test; the first differ in nothing but the channel
    assert not now.rows("ltv_drivers", "all equal") and not now.rows("ltv_drivers", "one customer")
    day, alike, kinds = (
        {
            (row["horizon_days"], row["value"]): row
            for row in now.rows("ltv_drivers", brand_id, property="sales_channel")
        }
        for brand_id in ("a crowd of one day", "a crowd alike", "a crowd of two kinds")
    )
    assert {row["property"] for row in now.rows("ltv_drivers", "a crowd of one day")} == {"sales_channel"}
    assert day.keys() == alike.keys() == kinds.keys() == {(180, "web"), (180, "shop"), (365, "web"), (365, "shop")}
    for row in (*day.values(), *alike.values()):
        assert row["p_value"] is row["q_value"] is None and not row["is_notable"]
    assert {row["later_revenue_lift"] for row in day.values()} == {None}
    assert {row["later_revenue_lift"] for row in alike.values()} == {1}
    assert all(row["is_notable"] and row["q_value"] < 1e-9 for row in kinds.values())


def test_a_later_day_changes_no_complete_period(limits):
    """What is over stays as it was told."""
    compared = 0
    for name in (
        "revenue_bridge",
        "revenue_drivers",
        "value_deciles",
        "value_concentration",
        "decile_migration",
        "cohort_calendar",
    ):
        later = {tuple(row[key] for key in oracle.KEYS[name]): row for row in limits[LAST].marts[name]}
        for row in limits[EARLIER].marts[name]:
            if row["period_grain"] in MOVED_BY_THE_DAY or not row.get("is_complete_period", True):
                continue
            if "cohort_start" in row and period_end(row["cohort_start"], row["cohort_grain"]) > EARLIER:
                continue  # the cohort still grows
            now = later[tuple(row[key] for key in oracle.KEYS[name])]
            assert all(same(row[column], now[column]) for column in row), (row, now)
            compared += 1
    assert compared > 500
