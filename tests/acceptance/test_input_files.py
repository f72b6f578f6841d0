"""Where raw tables are read from: folders of files, schemas, and what is not there."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date, timedelta

import duckdb
import pytest

import project
from oracle.files import read_raw_folder
from oracle.inputs import MALFORMED
from project import COLUMNS, build, differences_of, expected_marts

HEADER = "brand_id,order_id,customer_id,ordered_at,status,gross_amount\n"


def orders(brand_id="b", count=4):
    """A few orders of two customers of the brand."""
    return [
        {
            "brand_id": brand_id,
            "order_id": str(number),
            "customer_id": f"c{number % 2}",
            "ordered_at": f"2024-0{1 + number % 5}-15T16:00Z",
            "status": "paid",
            "gross_amount": f"{number}.50",
        }
        for number in range(1, count + 1)
    ]


def one_of_each(brand_id):
    """Rows in all six tables, so that every setting of a brand matters."""
    return {
        "orders": [*orders(brand_id), orders(brand_id)[0] | {"order_id": "x", "status": "returned"}],
        "customers": [
            {
                "brand_id": brand_id,
                "customer_id": "c0",
                "signed_up_at": "2023-12-31T16:00Z",
                "contactable": "no",
                "acquisition_channel": "ads",
            },
            {"brand_id": brand_id, "customer_id": "c1", "referred_by_customer_id": "c0"},
        ],
        "interactions": [
            {
                "brand_id": brand_id,
                "interaction_id": str(number),
                "customer_id": f"c{number}",
                "occurred_at": "2024-05-01T12:00Z",
                "interaction_type": name,
                "duration_seconds": "30",
            }
            for number, name in enumerate(["site_visit", "email_open", "review", "support_chat"])
        ],
        "subscriptions": [
            {
                "brand_id": brand_id,
                "subscription_id": "1",
                "customer_id": "c2",
                "subscription_kind": "service",
                "started_at": "2024-02-01",
                "monthly_amount": "5",
            },
        ],
        "feedback": [
            {
                "brand_id": brand_id,
                "feedback_id": "1",
                "customer_id": "c1",
                "submitted_at": "2024-05-02",
                "feedback_kind": "nps",
                "score": "10",
            },
        ],
        "marketing_spend": [
            {
                "brand_id": brand_id,
                "spend_date": "2024-03-01",
                "channel": "ads",
                "purpose": "acquisition",
                "amount": "12.5",
            },
        ],
    }


def raw_folder(folder, raw):
    """A folder with a CSV file for each table."""
    folder.mkdir(parents=True)
    for name, rows in raw.items():
        project.write_csv(folder / f"{name}.csv", rows, COLUMNS[name])
    return folder


def assert_marts(built, raw, brands, as_of_date=None):
    """Hold a build against the independent program; gives its marts."""
    assert built.succeeded, built.messages
    marts = built.marts()
    expected = expected_marts(raw, brands, as_of_date)
    assert not differences_of(expected, marts)
    return marts


# Folders


def test_files_of_every_sort(tmp_path):
    """One folder, each table in a shape of its own; tests of dbt included.

    Its name has what names can have, and does not become a column. An optional
    table is not there.
    """
    brands = {"b": {"timezone": "Asia/Seoul"}}
    folder = tmp_path / 'it\'s "raw" [1]; 원본 $(x) 100% --' / "channel=x"
    folder.mkdir(parents=True)
    raw = one_of_each("b")
    del raw["marketing_spend"]

    # orders: Parquet of text
    raw["orders"][0]["coupon_code"] = 'ten, "off"\nor so'
    text = project.write_csv(tmp_path / "text.csv", raw["orders"], COLUMNS["orders"])
    project.write_parquet(
        folder / "orders.parquet",
        f"from read_csv('{text}', all_varchar = true, header = true)",
    )

    # customers: a byte order mark, line ends of Windows, blanks, and names of
    # columns in capitals, in another order
    (folder / "customers.csv").write_bytes(
        (
            "\ufeffCUSTOMER_ID , Brand_Id,contactable,signed_up_at,"
            "Acquisition_Channel,referred_by_customer_id\r\n"
            " c0,b ,NO,2023-12-31T16:00Z,ads,\r\n"
            "c1,b,,,,c0\r\n"
        ).encode()
    )
    raw["customers"][0] |= {"customer_id": " c0", "brand_id": "b ", "contactable": "NO"}

    # interactions: quotes, commas and line breaks within them, a column that
    # the project does not know, a first row and later ones that begin with #
    for row in raw["interactions"]:
        row["interaction_id"] = f"#{row['interaction_id']}"
    raw["interactions"][0]["interaction_type"] = "Smoke, Signal"
    project.write_csv(
        folder / "interactions.csv",
        [row | {"note": 'he said: "one,\ntwo"\r\n'} for row in raw["interactions"]],
        ["interaction_id", "note", *(name for name in COLUMNS["interactions"] if name != "interaction_id")],
    )

    # subscriptions: rows that end early or go on for too long, a blank line,
    # no line end at the end of the file
    (folder / "subscriptions.csv").write_text(
        "brand_id,subscription_id,customer_id,subscription_kind,started_at,"
        "ended_at,monthly_amount\n"
        "b,1,c2,service,2024-02-01,,5\n"
        "b,2,c2,product,2024-02-02\n"
        "\n"
        "b,4,c2,product,2024-03-03,,7,,too,much\n"
        "b,3,c2"
    )
    raw["subscriptions"] += [
        {MALFORMED: "b,2,c2,product,2024-02-02"},
        {MALFORMED: "b,4,c2,product,2024-03-03,,7,,too,much"},
        {MALFORMED: "b,3,c2"},
    ]

    # feedback: an optional column is not there
    project.write_csv(
        folder / "feedback.csv", raw["feedback"], [name for name in COLUMNS["feedback"] if name != "feedback_kind"]
    )
    raw["feedback"][0]["feedback_kind"] = None

    built = build(
        tmp_path / "built",
        {
            "raw_dir": f"{folder}/",
            "brands": brands,
            "as_of_date": None,
        },
        with_tests=True,
    )
    marts = assert_marts(built, raw, brands)
    assert [(row["brand_id"], row["reason"], row["source_table"]) for row in marts["rejected_rows"]] == [
        (None, "malformed_row", "subscriptions")
    ] * 3
    (said,) = (text for text in built.warnings if "interaction_types" in text)
    assert "smoke, signal" in said
    (coupon,) = built.rows("select coupon_code from staging.stg_orders where coupon_code is not null")
    assert coupon["coupon_code"] == 'ten, "off"\nor so'


BRAND_IDS = [
    "plain",
    "two words",
    "it's",
    'say "hi"',
    "back\\slash",
    "한국 상점",
    "🛒",
    "a'); drop schema marts cascade; --",
    "%s",
    "{{ brand }}",
    "${brand}",
    "a|b",
    "null",
    "00001",
    "UTC",
    "utc",
    "#1",
    "tab\there",
]


def test_brand_ids_of_every_sort(tmp_path):
    """Each with settings of its own, from its rows to all marts."""
    zones = ["UTC", "Asia/Seoul", "America/New_York"]
    brands = {
        brand_id: {
            "timezone": zones[number % 3],
            "count_zero_value_orders": number % 2 == 0,
            "valid_order_statuses": ["paid"] + ["returned"] * (number % 2),
            "active": {"window_days": 10 + number, "signals": ["order", "support"][: 1 + number % 2]},
            "churn": {"window_days": 40 + number},
            "engagement": {"weights": {"review": number}},
            "tiers": [
                {
                    "name": f"first of {brand_id}",
                    "when": {
                        "metric": "lifetime_orders",
                        "op": ">=",
                        "value": 2,
                    },
                },
                {
                    "name": 'it\'s "so" \\ 별',
                    "when": {
                        "metric": "reviews",
                        "op": ">",
                        "value": 0,
                    },
                },
            ],
            "loyal_when": {
                "any": [
                    {"name": f"often at {brand_id}", "metric": "lifetime_orders", "op": ">=", "value": 2 + number % 2},
                    {"metric": "engagement_points", "op": ">", "value": 3.5},
                ]
            },
        }
        for number, brand_id in enumerate(BRAND_IDS)
    }
    raw = {name: [] for name in COLUMNS}
    for brand_id in BRAND_IDS:
        for name, rows in one_of_each(brand_id).items():
            raw[name] += rows
    folder = raw_folder(tmp_path / "raw", raw)
    built = build(
        tmp_path / "built",
        {
            "raw_dir": str(folder),
            "brands": brands,
            "as_of_date": "2024-06-15",
        },
        with_tests=True,
    )
    marts = assert_marts(built, raw, brands, "2024-06-15")
    assert not marts["rejected_rows"]
    assert {row["brand_id"] for row in marts["brand_metrics"]} == set(BRAND_IDS)
    stored = built.rows("select distinct brand_id from reference.brand_settings")
    assert {row["brand_id"] for row in stored} == set(BRAND_IDS)


def test_only_orders(tmp_path):
    """The one table that is required, with the columns that are."""
    brands = {"b": {}}
    raw = {"orders": orders()}
    folder = tmp_path / "raw"
    folder.mkdir()
    project.write_csv(folder / "orders.csv", raw["orders"], HEADER.strip().split(","))
    built = build(
        tmp_path / "built",
        {
            "raw_dir": str(folder),
            "brands": brands,
            "as_of_date": None,
        },
        with_tests=True,
    )
    marts = assert_marts(built, raw, brands)
    assert len(marts["customers"]) == 2
    for row in marts["brand_metrics"]:
        assert row["acquisition_spend"] is None and row["nps"] is None
        assert row["monthly_recurring_amount"] == 0
    assert not built.warnings


def test_a_day_that_has_not_come_is_named(tmp_path):
    """By the clock, so not by a day that stands here."""
    day = (date.today() + timedelta(days=3)).isoformat()
    folder = tmp_path / "raw"
    folder.mkdir()
    project.write_csv(folder / "orders.csv", orders(), HEADER.strip().split(","))
    built = build(
        tmp_path / "built",
        {
            "raw_dir": str(folder),
            "brands": {"b": {}},
            "as_of_date": day,
        },
        with_tests=True,
    )
    assert built.succeeded, built.messages
    assert any(
        f"as_of_date is {day}, a day that has not come" in warning and "It is the var as_of_date." in warning
        for warning in built.warnings
    ), built.messages


# Nothing to work on


def assert_nothing_but(built, **quality):
    """Hold a build to empty marts, but for these counts of quality rows."""
    assert built.succeeded, built.messages
    counts = {name: len(rows) for name, rows in built.marts().items()}
    assert counts == dict.fromkeys(counts, 0) | quality


def empty_csv(folder):
    (folder / "orders.csv").write_text(HEADER)


def empty_parquet(folder):
    columns = ", ".join(
        f"null::{kind} as {name}"
        for name, kind in zip(
            HEADER.strip().split(","),
            [
                "varchar",
                "bigint",
                "bigint",
                "timestamptz",
                "varchar",
                "double",
            ],
        )
    )
    project.write_parquet(folder / "orders.parquet", f"select {columns} where false")


@pytest.mark.parametrize(
    "make, as_of_date",
    [
        (empty_csv, None),
        (empty_parquet, "2024-06-15"),
    ],
)
def test_no_orders_at_all(tmp_path, make, as_of_date):
    make(tmp_path)
    built = build(
        tmp_path / "built",
        {
            "raw_dir": str(tmp_path),
            "brands": {"b": {}},
            "as_of_date": as_of_date,
        },
        with_tests=as_of_date is None,
    )
    assert_nothing_but(built)


def test_only_rejected_orders(tmp_path):
    (tmp_path / "orders.csv").write_text(HEADER + "b,1,c,2024-02-30,paid,10\n,,,,,\nb,2,c,2024-01-01,paid,-1\n")
    built = build(
        tmp_path / "built",
        {
            "raw_dir": str(tmp_path),
            "brands": {"b": {}},
            "as_of_date": None,
        },
        with_tests=True,
    )
    assert_nothing_but(built, rejected_rows=3, input_reconciliation=2, input_findings=3)


def test_only_rows_after_the_last_day_that_counts(tmp_path):
    raw = one_of_each("b")
    raw["customers"] = raw["customers"][:1]
    folder = raw_folder(tmp_path / "raw", raw)
    built = build(
        tmp_path / "built",
        {
            "raw_dir": str(folder),
            "brands": {"b": {}},
            "as_of_date": "1999-12-31",
        },
    )
    assert_nothing_but(built, input_reconciliation=6)


# Schemas


def test_tables_of_a_schema_are_read_and_left_alone(tmp_path):
    """The schema bears the name that seeds go to, and tables of theirs."""
    brands = {"b": {"timezone": "Asia/Seoul"}}
    raw = one_of_each("b")
    database = tmp_path / "lifecycle.duckdb"
    project.land(database, raw, schema="raw")
    with duckdb.connect(str(database)) as connection:
        connection.execute("create table raw.raw_orders as select 1 as mine")
    built = build(
        tmp_path,
        {
            "raw_schema": "raw",
            "brands": brands,
            "as_of_date": None,
        },
    )
    assert_marts(built, raw, brands)
    for name, rows in raw.items():
        assert built.rows(f"select count(*) as n from raw.{name}") == [{"n": len(rows)}]
    tables = built.rows("select table_name from duckdb_tables() where schema_name = 'raw'")
    assert {row["table_name"] for row in tables} == {*COLUMNS, "raw_orders"}
    assert built.rows("from raw.raw_orders") == [{"mine": 1}]


LISTED = ["orders", "feedback"]


def assert_only_listed(built, raw, brands):
    """Hold what a build made of the raw rows to those of the listed tables."""
    assert built.succeeded, built.messages
    expected = expected_marts({name: raw[name] for name in LISTED}, brands)
    assert not differences_of(expected, built.marts(project.QUALITY))


def test_tables_that_are_not_listed_are_not_read(tmp_path):
    """One is not there, others are; a view is as good as a table."""
    brands = {"b": {}}
    raw = one_of_each("b")
    project.land(tmp_path / "lifecycle.duckdb", raw)
    with duckdb.connect(str(tmp_path / "lifecycle.duckdb")) as connection:
        connection.execute("""
            drop table landed.subscriptions;
            alter table landed.orders rename to landed_orders;
            create view landed.orders as
            select *, 1 as "a column's ""name""\" from landed.landed_orders
        """)
    built = build(
        tmp_path,
        {
            "raw_schema": project.RAW_SCHEMA,
            "raw_tables": LISTED,
            "brands": brands,
            "as_of_date": None,
        },
        select=project.STAGING_AND_QUALITY,
    )
    assert_only_listed(built, raw, brands)


def test_listed_tables_of_a_folder(tmp_path):
    """A file that the list leaves out is not read."""
    brands = {"b": {}}
    raw = one_of_each("b")
    folder = raw_folder(tmp_path / "raw", raw)
    (folder / "customers.csv").write_text("not a table of the project\n")
    built = build(
        tmp_path / "built",
        {
            "raw_dir": str(folder),
            "raw_tables": LISTED,
            "brands": brands,
            "as_of_date": None,
        },
        select=project.STAGING_AND_QUALITY,
    )
    assert_only_listed(built, raw, brands)


# What is said about what was read


@pytest.fixture
def ten_rows(tmp_path):
    """A folder in which one order of ten is rejected."""
    rows = [*orders(count=9), orders()[0] | {"gross_amount": "-1"}]
    return raw_folder(tmp_path / "raw", {"orders": rows})


def build_quality(tmp_path, folder, **more):
    return build(
        tmp_path / "built",
        {
            "raw_dir": str(folder),
            "brands": {"b": {}},
            "as_of_date": None,
        }
        | more,
        select="+quality",
        with_tests=True,
    )


def test_many_rejected_rows_are_a_warning(tmp_path, ten_rows):
    built = build_quality(tmp_path, ten_rows)
    assert built.succeeded, built.messages
    (said,) = (text for text in built.warnings if "orders" in text)
    for word in ("10", "0.1000", "max_rejected_share", "0.05", "invalid_gross_amount (1)", "rejected_rows"):
        assert word in said


def test_no_more_rejected_rows_than_allowed_are_none(tmp_path, ten_rows):
    """The first bad value is named all the same."""
    built = build_quality(tmp_path, ten_rows, max_rejected_share=0.1)
    assert built.succeeded, built.messages
    (said,) = built.warnings
    assert "first_bad_value:invalid_gross_amount in orders of brand" in said
    assert "max_rejected_share" not in said


def test_many_rejected_rows_fail_where_they_should(tmp_path, ten_rows):
    """The tables are there all the same."""
    built = build_quality(
        tmp_path,
        ten_rows,
        max_rejected_share=0,
        fail_on_rejected_share=True,
    )
    assert not built.succeeded
    assert "rejected_share" in "\n".join(built.errors)
    assert len(built.rows("from quality.rejected_rows")) == 1
    assert len(built.rows("from staging.stg_orders")) == 9


def test_a_last_day_in_the_future_is_a_warning(tmp_path):
    rows = [*orders(), orders()[0] | {"order_id": "x", "ordered_at": "2199-01-01"}]
    folder = raw_folder(tmp_path / "raw", {"orders": rows})
    built = build(
        tmp_path / "built",
        {
            "raw_dir": str(folder),
            "brands": {"b": {}},
            "as_of_date": None,
        },
        select="+as_of_date",
        with_tests=True,
    )
    assert built.succeeded, built.messages
    assert "as_of_date" in "\n".join(built.warnings)


# What is missing


def assert_explained(built, *words):
    """Hold a build to fail with a message that has these words, and no more
    than a message."""
    assert not built.succeeded
    for word in words:
        assert word in built.messages
    assert "Traceback" not in built.messages


def run_dbt(tmp_path, raw_dir, *command):
    """dbt as a user runs it; gives its exit code and what it said."""
    environment = {name: value for name, value in os.environ.items() if name not in project.SHELL_SETTINGS} | {
        "LIFECYCLE_DUCKDB_PATH": str(tmp_path / "lifecycle.duckdb")
    }
    result = subprocess.run(
        [
            sys.executable,
            "-m",
            "dbt.cli.main",
            *command,
            "--project-dir",
            str(project.ROOT),
            "--profiles-dir",
            str(project.ROOT),
            "--target-path",
            str(tmp_path / "target"),
            "--log-path",
            str(tmp_path / "logs"),
            "--vars",
            project.vars_argument(
                {
                    "raw_dir": str(raw_dir),
                    "brands": {"b": {}},
                    "as_of_date": None,
                }
            ),
        ],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert "Traceback" not in result.stdout + result.stderr
    return result.returncode, result.stdout + result.stderr


def test_no_file_of_orders(tmp_path):
    """The message says what was looked for, dbt's exit code that it failed."""
    folder = tmp_path / "raw"
    folder.mkdir()
    project.write_csv(
        folder / "customers.csv",
        one_of_each("b")["customers"],
        COLUMNS["customers"],
    )
    code, said = run_dbt(tmp_path, folder, "build", "--select", "base_orders")
    assert code == 1
    assert f"{folder}/orders.parquet" in said
    assert f"{folder}/orders.csv" in said


@pytest.mark.parametrize("command", [["build"], ["source", "freshness"]], ids=str)
def test_a_folder_that_is_not_there(tmp_path, command):
    """Wrong settings: said before anything runs, and a retry gives the same."""
    code, said = run_dbt(tmp_path, tmp_path / "landed", *command)
    assert code == 2
    assert f"there is no folder '{tmp_path}/landed'" in said
    assert "base_orders" not in said and "FAIL" not in said


def test_files_that_are_not_read_stop_the_run_at_once(tmp_path):
    """Both are named, and nothing is built without them."""
    folder = raw_folder(tmp_path / "raw", {"orders": orders()})
    (folder / "customer.csv").write_text("x")
    (folder / "Feedback.xlsx").write_text("x")
    code, said = run_dbt(tmp_path, folder, "build")
    assert code == 2 and "2 problems" in said
    assert f"{folder}/customer.csv looks like the table customers" in said
    assert f"{folder}/Feedback.xlsx looks like the table feedback" in said
    assert "base_orders" not in said


def test_what_raw_tables_leaves_out_may_be_called_anything(tmp_path):
    raw = {name: one_of_each("b")[name] for name in LISTED}
    folder = raw_folder(tmp_path / "raw", raw)
    (folder / "customer.csv").write_text("x")
    built = build(
        tmp_path / "built",
        {
            "raw_dir": str(folder),
            "raw_tables": LISTED,
            "brands": {"b": {}},
            "as_of_date": None,
        },
        select=project.STAGING_AND_QUALITY,
    )
    assert_only_listed(built, raw, {"b": {}})


def test_semicolons_and_decimal_commas(tmp_path):
    """A point is then no decimal mark, and rejected rows stand as they arrived."""
    folder = tmp_path / "raw"
    folder.mkdir()
    rows = ["12,5", "1.234,5", "12.5", "1000", ",5", '"7,25"']
    (folder / "orders.csv").write_text(
        HEADER.replace(",", ";")
        + "".join(f"b;{number};c;2024-01-01;paid;{amount}\n" for number, amount in enumerate(rows))
        + "b;9;c;2024-01-01;paid\n"
    )
    built = build(
        tmp_path / "built",
        {
            "raw_dir": str(folder),
            "brands": {"b": {}},
            "as_of_date": None,
            "raw_csv": {"delimiter": ";", "decimal": ","},
        },
        select=project.STAGING_AND_QUALITY,
        with_tests=True,
    )
    assert built.succeeded, built.messages
    assert {(row["order_id"], float(row["gross_amount"])) for row in built.rows("from staging.stg_orders")} == {
        ("0", 12.5),
        ("3", 1000),
        ("4", 0.5),
        ("5", 7.25),
    }
    rejected = built.rows("from quality.rejected_rows order by raw_row")
    assert [row["reason"] for row in rejected] == [
        "invalid_gross_amount",
        "invalid_gross_amount",
        "malformed_row",
    ]
    assert '"gross_amount":"1.234,5"' in rejected[0]["raw_row"]


def test_numbers_of_pandas_for_identifiers(tmp_path):
    """Doubles in one table and whole numbers in another are one customer."""
    case = project.ROOT / "tests" / "data" / "cases" / "F21_parquet_float_ids"
    built = build(
        tmp_path / "built",
        {
            "raw_dir": str(case),
            "brands": {"b": {}},
            "as_of_date": None,
        },
    )
    assert_marts(built, read_raw_folder(case), {"b": {}})
    assert [row["customer_id"] for row in built.marts(["customers"])["customers"]] == ["42"]


def test_words_of_consent(tmp_path):
    case = project.ROOT / "tests" / "data" / "cases" / "F34_bool_words"
    built = build(
        tmp_path / "built",
        {
            "raw_dir": str(case),
            "brands": {"b": {}},
            "as_of_date": None,
        },
        select=project.STAGING_AND_QUALITY,
    )
    assert {row["customer_id"]: row["is_contactable"] for row in built.rows("from staging.stg_customers")} == {
        "x": True,
        "y": False,
        "z": True,
        "w": True,
    }


@pytest.fixture(scope="module")
def failing(tmp_path_factory):
    """A function that builds from a folder's `orders.csv` with this text."""

    def build_from(text, **more):
        folder = tmp_path_factory.mktemp("failing")
        (folder / "orders.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
        return build(
            folder / "built",
            {
                "raw_dir": str(folder),
                "brands": {"b": {}},
                "as_of_date": None,
            }
            | more,
            select="staging reference",
        )

    return build_from


@pytest.mark.parametrize(
    "text, words",
    [
        (
            HEADER.replace("status,", "state,") + "b,1,c,2024-01-01,paid,1\n",
            [
                "orders",
                "has no column status",
                "it has: brand_id, order_id, customer_id, ordered_at, state, gross_amount",
            ],
        ),
        (HEADER.replace("ordered_at,", "").replace("order_id,", ""), ["has no column order_id, ordered_at"]),
        (HEADER.replace(",", ";") + "b;1;c;2024-01-01;paid;1\n", ["orders.csv", "has no column brand_id"]),
        ("", ["orders.csv", "has no column brand_id"]),
    ],
    ids=["a column", "two columns", "semicolons", "zero bytes"],
)
def test_a_required_column_is_missing(failing, text, words):
    assert_explained(failing(text), *words)


def test_a_listed_file_is_missing(failing):
    assert_explained(
        failing(HEADER, raw_tables=LISTED),
        "feedback.parquet",
        "feedback.csv",
    )


def test_a_file_that_is_no_text(failing):
    assert_explained(
        failing(HEADER.encode() + "b,é,c,2024-01-01,paid,1\n".encode("latin1")),
        "orders.csv, line 2",
        "UTF-8",
        "iconv",
    )


def test_a_table_of_the_schema_is_missing(tmp_path):
    project.land(tmp_path / "lifecycle.duckdb", {"orders": orders()})
    built = build(
        tmp_path,
        {
            "raw_schema": project.RAW_SCHEMA,
            "brands": {"b": {}},
            "as_of_date": None,
        },
        select="base_orders base_customers",
    )
    assert_explained(built, "raw_schema", "landed", "customers", "raw_tables")


def test_a_schema_that_is_not_there(tmp_path):
    built = build(
        tmp_path,
        {
            "raw_schema": project.RAW_SCHEMA,
            "brands": {"b": {}},
            "as_of_date": None,
        },
        select="base_orders",
    )
    assert_explained(built, "raw_schema", "landed", "orders")
