"""`dbt source freshness`: how old raw tables are at a day, whatever the clock says."""

from __future__ import annotations

import json
from datetime import date

import duckdb
import pytest

from project import COLUMNS, parsed, run_dbt, write_csv

VARS = {
    "brands": {"seoul": {"timezone": "Asia/Seoul"}, "london": {}},
    "max_source_age_days": {"orders": 2, "interactions": 5},
}
LATEST = {
    "seoul": "2024-03-09T15:00:00Z",  # the 10th in Seoul
    "london": "2024-03-09T23:59:59Z",
    "unknown": "2024-03-01",
}


@pytest.fixture(scope="module")
def ages(tmp_path_factory):
    """A function from vars to the age in days and the status of each table that is looked at."""
    folder = tmp_path_factory.mktemp("freshness")
    # thresholds are read by parsing, all else where the query is made
    manifest = parsed(folder, VARS)

    def run(**project_vars):
        result = run_dbt(folder, VARS | project_vars, manifest, [], "source", "freshness")
        assert result.exception is None, result.exception
        found = json.loads((folder / "target" / "sources.json").read_text())
        return {
            source["unique_id"].split(".")[-1]: (source["max_loaded_at_time_ago_in_s"] / 86400, source["status"])
            for source in found["results"]
        }

    return run


def rows(latest=LATEST):
    """An order a brand at its latest time, another before, and one of the future."""
    return [
        {
            "brand_id": f" {brand} ",
            "order_id": f"{brand}{number}",
            "customer_id": "c",
            "status": "paid",
            "gross_amount": "1",
            "ordered_at": time,
        }
        for brand, at in latest.items()
        for number, time in enumerate([at, "2024-01-01", "2024-06-01", None])
    ]


def test_the_sample_does_not_age(ages):
    found = ages(as_of_date="2030-01-01")
    assert len(found) == 6
    assert set(found.values()) == {(0, "pass")}


@pytest.mark.parametrize(
    "day, expected",
    [
        ("2024-03-09", (0, "pass")),  # the row of the 10th in Seoul is not there yet
        ("2024-03-10", (1, "pass")),  # of the brand that has waited longest
        ("2024-03-11", (2, "pass")),
        ("2024-03-12", (3, "error")),
        ("2024-06-01", (0, "pass")),
    ],
)
def test_the_age_is_that_at_the_day(ages, tmp_path, day, expected):
    latest = LATEST if day != "2024-03-09" else LATEST | {"seoul": "2024-03-08T15:00:00Z"}
    write_csv(tmp_path / "orders.csv", rows(latest), COLUMNS["orders"])
    assert ages(raw_dir=str(tmp_path), as_of_date=day)["orders"] == expected


def test_typed_columns_of_a_table_that_has_few_of_them(ages, tmp_path):
    duckdb.sql(
        "copy (select 'seoul' as brand_id, '1' as order_id, 'c' as customer_id, "
        "timestamptz '2024-03-09 15:00:00+00' as ordered_at, 'paid' as status, "
        f"1 as gross_amount) to '{tmp_path}/orders.parquet'"
    )
    duckdb.sql(
        "copy (select 'seoul' as brand_id, '1' as interaction_id, "
        "'c' as customer_id, date '2024-03-04' as occurred_at, "
        f"'review' as interaction_type) to '{tmp_path}/interactions.parquet'"
    )
    found = ages(raw_dir=str(tmp_path), as_of_date="2024-03-10")
    assert found["orders"] == (0, "pass")
    assert found["interactions"] == (6, "error")


def test_a_table_without_a_row_until_the_day_is_stale(ages, tmp_path):
    write_csv(tmp_path / "orders.csv", rows(), COLUMNS["orders"])
    write_csv(tmp_path / "feedback.csv", [], COLUMNS["feedback"])
    found = ages(raw_dir=str(tmp_path), as_of_date="2023-12-31")
    assert found["orders"][1] == "error"
    assert found["interactions"] == (0, "pass")  # absent
    assert found["feedback"] == (0, "pass")  # without a limit


def test_one_brand_by_itself_and_the_clock_without_a_day(ages, tmp_path):
    today = date.today().isoformat()
    write_csv(
        tmp_path / "orders.csv",
        rows({"seoul": "2024-03-01", "london": today}),
        COLUMNS["orders"],
    )
    alone = ages(raw_dir=str(tmp_path), only_brand="london")["orders"]
    assert alone[0] <= 1 and alone[1] == "pass"
    assert ages(raw_dir=str(tmp_path))["orders"][1] == "error"
