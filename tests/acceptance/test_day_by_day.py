"""The sample built on one day after another: what lasts, and what is kept."""

from __future__ import annotations

import itertools
from datetime import date

import duckdb
import pytest

import project
from oracle.files import rows_of
from project import build

DAYS = ["2026-06-27", "2026-06-28", "2026-06-29"]
# a day again, and one that lies before what is on record
RUNS = [DAYS[0], DAYS[1], DAYS[1], "2026-06-20", DAYS[2]]


def find_something_else(database, day):
    """As if the build of the day had found every tenth customer in a class that they are not in, and one who is nobody;
    and as if there had been another brand, which has no settings any more."""
    with duckdb.connect(str(database)) as connection:
        found = connection.execute(
            "create temp table found as select * replace ("
            "    'none' as loyalty_class, $1::timestamp as dbt_valid_from, $1::timestamp as dbt_updated_at, "
            "    'other ' || dbt_scd_id as dbt_scd_id"
            ") from facts.loyalty_snapshot "
            "where dbt_valid_to is null and dbt_valid_from < $1::timestamp and hash(customer_id) % 10 = 0",
            [day],
        ).fetchone()
        assert found[0] > 100
        connection.execute(
            "update facts.loyalty_snapshot set dbt_valid_to = $1::timestamp where dbt_valid_to is null "
            "and (brand_id, customer_id) in (select (brand_id, customer_id) from found)",
            [day],
        )
        connection.execute("insert into facts.loyalty_snapshot from found")
        connection.execute(
            "insert into facts.loyalty_snapshot select * replace ('nobody' as customer_id) from found limit 1"
        )
        connection.execute(
            "insert into facts.loyalty_snapshot "
            "select * replace ('gone' as brand_id) from facts.loyalty_snapshot where dbt_valid_from < $1::timestamp",
            [day],
        )


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """The customers, alerts and history of each day, as the last build of it left them, and the build of the last
    one."""
    folder = tmp_path_factory.mktemp("daily")
    days, built = {}, None
    for number, day in enumerate(RUNS):
        if number and day == RUNS[number - 1]:
            find_something_else(built.database, day)
        built = build(
            folder,
            {
                "as_of_date": day,
                "max_rejected_share": 0.001,
            },
        )
        assert built.succeeded, built.messages
        days[day] = built.marts(["customers", "lifecycle_alerts"])
        days[day]["loyalty_history"] = built.rows("from marts.loyalty_history")
    return days, built


def alerts_of(marts):
    """The alerts by what they are about."""
    return {(row["brand_id"], row["alert_type"], row["subject"]): row for row in marts["lifecycle_alerts"]}


def test_an_alert_keeps_its_id_while_it_lasts(runs):
    days, _ = runs
    for day, next_day in itertools.pairwise(DAYS):
        today, tomorrow = alerts_of(days[day]), alerts_of(days[next_day])
        lasting = {key for key in today.keys() & tomorrow.keys() if key[1] != "rejected_rows_high"}
        assert {alert_type for _, alert_type, _ in lasting} >= {
            "about_to_churn",
            "cart_abandoned",
            "negative_feedback_open",
            "no_second_purchase",
        }
        for key in lasting:
            assert today[key]["alert_id"] == tomorrow[key]["alert_id"], key
        # and what is new has an id that was not there before
        earlier = {row["alert_id"] for row in today.values()}
        for key in tomorrow.keys() - today.keys():
            assert tomorrow[key]["alert_id"] not in earlier


def test_rejected_rows_are_an_alert_of_each_day(runs):
    days, _ = runs
    ids = [
        {row["alert_id"] for row in days[day]["lifecycle_alerts"] if row["alert_type"] == "rejected_rows_high"}
        for day in DAYS
    ]
    assert ids[0] and not ids[0] & ids[1]


def test_loyalty_is_kept_over_time(runs):
    """Class and tier of each day are found again in the history."""
    days, built = runs
    history = built.rows("from marts.loyalty_history")
    assert any(row["previous_class"] for row in history)
    for day in DAYS:
        at = date.fromisoformat(day)
        kept = {
            (row["brand_id"], row["customer_id"]): (row["loyalty_class"], row["loyalty_tier"])
            for row in history
            if row["valid_from"] <= at and (row["valid_to"] is None or at < row["valid_to"])
        }
        assert kept == {
            (row["brand_id"], row["customer_id"]): (row["loyalty_class"], row["loyalty_tier"])
            for row in days[day]["customers"]
        }
    current = [row for row in history if row["is_current"]]
    assert len(current) == len(days[DAYS[-1]]["customers"])


def test_no_day_shows_what_later_days_found(runs):
    """A day before all that is on record has no history; one that is on record has it up to that day."""
    days, built = runs
    assert days["2026-06-20"]["loyalty_history"] == []
    whole = days[DAYS[-1]]["loyalty_history"]
    for day in DAYS:
        at = date.fromisoformat(day)
        # the mart is a view on the record and the day
        with duckdb.connect(str(built.database)) as connection:
            connection.execute("begin")
            connection.execute("update reference.as_of_date set as_of_date = $1", [at])
            shown = rows_of(connection.execute("from marts.loyalty_history"))
            connection.execute("rollback")
        expected = []
        for row in whole:
            if row["valid_from"] <= at:
                ended = row["valid_to"] is not None and row["valid_to"] <= at
                expected.append({**row, "valid_to": row["valid_to"] if ended else None, "is_current": not ended})
        assert sorted(map(str, shown)) == sorted(map(str, expected))
        assert sum(row["is_current"] for row in shown) == len(days[day]["customers"])


def test_a_day_out_of_turn_changes_nothing_on_record(runs):
    _, built = runs
    days = built.rows("select distinct valid_from from marts.loyalty_history order by 1")
    assert [str(row["valid_from"]) for row in days] == DAYS


def order(order_id, customer_id, brand_id="shop"):
    """An order of the first day."""
    return {
        "brand_id": brand_id,
        "order_id": order_id,
        "customer_id": customer_id,
        "ordered_at": "2024-03-01",
        "status": "paid",
        "gross_amount": "10",
    }


STAYS, GOES, OTHER = order("1", "stays"), order("2", "goes"), order("3", "of the other brand", "other")
# day by day: the orders that the source has, and the one brand that is built, where it is one
SOURCE = [
    ("2024-03-01", [STAYS, GOES, OTHER], None),
    ("2024-03-02", [STAYS, OTHER], None),  # gone, and nothing else happens on that day
    ("2024-03-02", [STAYS, GOES, OTHER], None),  # the same day again: they had only come late
    ("2024-03-03", [STAYS, OTHER], None),
    ("2024-03-02", [GOES, OTHER], None),  # out of turn
    ("2024-03-05", [STAYS, GOES, OTHER], None),  # back
    ("2024-03-06", [STAYS, GOES], "shop"),  # of the other brand nothing is looked at
    ("2024-03-07", [STAYS, OTHER], None),
]


@pytest.fixture(scope="module")
def leavings(tmp_path_factory):
    """What is on record after each build of the days above: (customer, from, to), and what the mart shows as
    current."""
    folder, after = tmp_path_factory.mktemp("leavings"), []
    (folder / "raw").mkdir()
    for day, orders, only_brand in SOURCE:
        project.write_csv(folder / "raw" / "orders.csv", orders, project.COLUMNS["orders"])
        built = build(
            folder / "built",
            {
                "raw_dir": str(folder / "raw"),
                "brands": {"shop": {}, "other": {}},
                "as_of_date": day,
                **({"only_brand": only_brand} if only_brand else {}),
            },
            select="+loyalty_history",
        )
        assert built.succeeded, built.messages
        record = built.rows(
            "select customer_id, dbt_valid_from::date::text as began, dbt_valid_to::date::text as ended "
            "from facts.loyalty_snapshot order by all"
        )
        current = built.rows("select customer_id from marts.loyalty_history where is_current order by all")
        if day >= max(earlier for earlier, _, _ in SOURCE[: len(after) + 1]):
            assert current == built.rows("select customer_id from marts.customers order by all")
        after.append(
            (
                [(row["customer_id"], row["began"], row["ended"]) for row in record],
                [row["customer_id"] for row in current],
            )
        )
    return after


FIRST, GONE, BACK = "2024-03-01", "2024-03-03", "2024-03-05"
WITHOUT_CHANGE = [("goes", FIRST, None), ("of the other brand", FIRST, None), ("stays", FIRST, None)]
WITH_RETURN = [
    ("goes", FIRST, GONE),
    ("goes", BACK, None),
    ("of the other brand", FIRST, None),
    ("stays", FIRST, None),
]


def test_the_row_of_a_customer_who_is_gone_ends(leavings):
    everyone, without_the_gone = ["goes", "of the other brand", "stays"], ["of the other brand", "stays"]
    assert leavings == [
        (WITHOUT_CHANGE, everyone),
        ([("goes", FIRST, "2024-03-02"), *WITHOUT_CHANGE[1:]], without_the_gone),
        (WITHOUT_CHANGE, everyone),
        ([("goes", FIRST, GONE), *WITHOUT_CHANGE[1:]], without_the_gone),
        # the day before shows what was on record then, and whoever the source lacks now stays
        ([("goes", FIRST, GONE), *WITHOUT_CHANGE[1:]], everyone),
        (WITH_RETURN, everyone),
        (WITH_RETURN, ["goes", "stays"]),
        ([("goes", FIRST, GONE), ("goes", BACK, "2024-03-07"), *WITH_RETURN[2:]], without_the_gone),
    ]
