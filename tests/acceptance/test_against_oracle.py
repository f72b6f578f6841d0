"""Whole builds against the independent program: the sample, and real sales.

Every mart of `oracle.KEYS` must agree row by row and column by column: the
committed sample with the project's own settings, and the whole of UCI Online
Retail, CDNOW and The Complete Journey (tests/data), at two dates each, under
settings that pull as far apart as they can.
"""

from __future__ import annotations

import pytest

import clv_data
import project
from oracle import KEYS, online_retail
from project import build, differences_of, expected_marts

# The same sales under several names, each a brand with settings of its own.
LONDON = {
    "timezone": "Europe/London",
    "currency": "GBP",
    "active": {"window_days": 30},
    "churn": {"window_days": 365},
    "tiers": [
        {
            "name": "vip",
            "when": {
                "metric": "net_revenue_365d",
                "op": ">=",
                "value": 10000,
            },
        },
        {
            "name": "often",
            "when": {
                "all": [
                    {"metric": "lifetime_orders", "op": ">", "value": 5},
                    {"metric": "median_days_between_orders", "op": "<=", "value": 45},
                ]
            },
        },
    ],
}
SEOUL = {
    "timezone": "Asia/Seoul",
    "currency": "gbp",
    "count_zero_value_orders": True,
    "active": {"window_days": 7},
    "churn": {"window_days": 45},
    "loyal_when": {
        "any": [
            {"name": "a habit", "metric": "distinct_order_days", "op": ">=", "value": 12},
            {
                "not": {
                    "any": [
                        {"metric": "average_order_value", "op": "<", "value": 900.5},
                        {"metric": "is_active", "op": "=", "value": False},
                    ]
                }
            },
        ]
    },
}
# cancellations count here, as orders at their full amount
NEW_YORK = {
    "timezone": "America/New_York",
    "valid_order_statuses": ["Completed", " cancelled "],
    "active": {"window_days": 90},
    "churn": {"window_days": 90},
    "loyal_when": {
        "at_least": 2,
        "of": [
            {"name": "often", "metric": "orders_365d", "op": ">", "value": 4},
            {"name": "recently", "metric": "recency_days", "op": "<=", "value": 60},
            {
                "any": [
                    {"name": "big", "metric": "lifetime_net_revenue", "op": ">=", "value": 5000},
                    {"name": "early again", "metric": "days_to_second_order", "op": "<", "value": 14},
                ]
            },
            {"not": {"name": "late", "metric": "overdue_ratio", "op": ">", "value": 1.5}},
        ],
    },
}
KOLKATA = {
    "timezone": "Asia/Kolkata",
    "currency": "GBP",
    "active": {"window_days": 1},
    "churn": {"window_days": 1},
}


def assert_agrees(built, raw, brands, as_of_date=None) -> project.Marts:
    """Hold a build against the independent program; gives the build's marts."""
    assert built.succeeded, built.messages
    actual = built.marts()
    expected = expected_marts(raw, brands, as_of_date, customers=actual["customers"])
    assert not differences_of(expected, actual)
    return actual


def test_the_sample(sample_build):
    """The sample as it is committed, with the settings of dbt_project.yml."""
    settings = project.project_settings()
    raw = {name: project.read_csv(project.SAMPLE / f"raw_{name}.csv") for name in project.COLUMNS}
    marts = assert_agrees(sample_build, raw, settings["brands"], settings.get("as_of_date"))
    # no brand of the sample has two whole years, which a move from tenth to tenth takes
    assert {name for name in KEYS if not marts[name]} == {"decile_migration"}


def test_every_table_that_is_read_says_what_it_is(sample_build):
    """Descriptions are comments in the warehouse, of views and seeds too."""
    assert (
        sample_build.rows(
            "with said as ("
            "    select schema_name, table_name, null as column_name, comment from duckdb_tables()"
            "    union all select schema_name, view_name, null, comment from duckdb_views()"
            "    union all select schema_name, table_name, column_name, comment from duckdb_columns()"
            ") from said where schema_name in ('marts', 'reference', 'quality') and coalesce(comment, '') = ''"
        )
        == []
    )


@pytest.fixture(scope="module")
def invoices():
    """The rows of `orders` that Online Retail gives."""
    return online_retail.orders()


def under_names(invoices, names):
    """The same rows once for each brand, all in one table."""
    return {"orders": [row | {"brand_id": name} for name in names for row in invoices]}


def test_online_retail_from_parquet(tmp_path, invoices):
    """All of it, to the default `as_of_date`, under two settings at once."""
    brands = {"london": LONDON, "seoul": SEOUL}
    raw = under_names(invoices, brands)
    text = project.write_csv(tmp_path / "text.csv", raw["orders"], project.COLUMNS["orders"])
    folder = tmp_path / "raw"
    folder.mkdir()
    project.write_parquet(
        folder / "orders.parquet",
        f"from read_csv('{text}', all_varchar = true, header = true)",
    )
    built = build(
        tmp_path / "built",
        {
            "raw_dir": str(folder),
            "brands": brands,
            "as_of_date": None,
        },
    )
    marts = assert_agrees(built, raw, brands)
    reasons = {row["reason"] for row in marts["rejected_rows"]}
    assert reasons == {"missing_customer_id"}
    assert sum(row["superseded_rows"] for row in marts["input_reconciliation"]) > 0
    # orders alone, of one year: nobody refers anyone, gives feedback or does
    # anything else, and there is no year before; nothing else in this data lets
    # a mart stay empty
    assert {name for name in KEYS if not marts[name]} == {
        "advocate_value",
        "feedback_loop",
        "decile_migration",
        "engagement_by_stage",
    }


def test_online_retail_from_csv_to_a_day_in_the_middle(tmp_path, invoices):
    """The same from CSV, as of a day within a week, month, quarter and year."""
    brands = {"new york": NEW_YORK, "kolkata": KOLKATA}
    raw = under_names(invoices, brands)
    folder = tmp_path / "raw"
    folder.mkdir()
    project.write_csv(folder / "orders.csv", raw["orders"], project.COLUMNS["orders"])
    built = build(
        tmp_path / "built",
        {
            "raw_dir": str(folder),
            "brands": brands,
            "as_of_date": "2011-05-18",
        },
    )
    marts = assert_agrees(built, raw, brands, "2011-05-18")
    assert sum(row["after_as_of_date_rows"] for row in marts["input_reconciliation"]) > 0


# silence alone takes the loyalty of some of them; a part of what they pay is earned
RECORDS = {
    "currency": "USD",
    "count_zero_value_orders": True,
    "history_is_complete": True,
    "margin_rate": 0.4,
    "active": {"window_days": 60},
    "churn": {"window_days": 180},
    "rfm": {"recency_shares": [0.1, 0.3, 0.6]},
    "loyal_when": {
        "all": [
            {"metric": "lifetime_orders", "op": ">=", "value": 3},
            {"metric": "recency_days", "op": "<=", "value": 45},
            {"metric": "orders_90d", "op": ">=", "value": 2},
            {"metric": "r_score", "op": ">=", "value": 3},
        ]
    },
}
# a p_alive of repeat customers alone, a rule with a chance in it, and months that are none of them cut off
GROCERIES = {
    "currency": "USD",
    "history_is_complete": True,
    "clv": {"model": "bg_nbd"},
    "active": {"window_days": 14},
    "churn": {"window_days": 60},
    "loyal_when": {
        "at_least": 2,
        "of": [
            {"metric": "average_days_between_orders", "op": "<=", "value": 7},
            {"metric": "p_order_90d", "op": ">=", "value": 0.9},
            {"metric": "net_revenue_365d", "op": ">", "value": 500},
        ],
    },
    "alerts": {
        "loyal_at_risk": {"churn_probability": 0.3},
        "churn_rate_high": {"churn_rate": 0.01, "relative_rise": 0},
    },
}


@pytest.mark.parametrize(
    "brand_id, settings, as_of_date",
    [
        ("cdnow", RECORDS, "1998-06-30"),
        ("cdnow", RECORDS, "1997-11-15"),
        ("grocer", GROCERIES, "2017-12-31"),
        ("grocer", GROCERIES, "2017-08-09"),
    ],
)
def test_other_real_sales(tmp_path, brand_id, settings, as_of_date):
    """CDNOW and The Complete Journey, at the end and on a day within a week, month, quarter and year."""
    orders = clv_data.cdnow(whole=True) if brand_id == "cdnow" else clv_data.grocer()
    folder = clv_data.write_orders(tmp_path / "raw", {brand_id: orders})
    brands = {brand_id: settings}
    built = build(tmp_path / "built", {"raw_dir": str(folder), "brands": brands, "as_of_date": as_of_date})
    raw = {"orders": project.read_csv(folder / "orders.csv")}
    marts = assert_agrees(built, raw, brands, as_of_date)
    assert any(row["is_loyal_but_for_silence"] and not row["is_loyal"] for row in marts["customers"])
    assert any(row["alert_type"] == "loyal_at_risk" for row in marts["lifecycle_alerts"])
    if (brand_id, as_of_date) == ("cdnow", "1998-06-30"):
        assert_ladder_of_cdnow(marts)


def assert_ladder_of_cdnow(marts):
    """The figures that another program gave for the whole file."""
    rungs = {row["from_order"]: row for row in marts["order_ladder_summary"]}
    within = {name: round(row["ordered_again_within_180d"], 4) for name, row in rungs.items()}
    assert within == {"1": 0.3745, "2": 0.5547, "3-4": 0.6913, "5-9": 0.8330, "10+": 0.9587, "all": 0.5979}
    everyone = rungs["all"]
    assert (everyone["gaps"], everyone["median_days"], everyone["advised_churn_window_days"]) == (67_591, 94, 170)
    assert round(everyone["return_share_at_setting"], 4) == 0.1904
