"""What is found about rows that can be read: the cases of tests/data, and more of each kind.

The cases are one build, so that the warnings at its end are seen, too. Each is a brand of its own name. All others run
over the compiled models, and are held against the independent program.
"""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date

import pytest

import oracle
import project
from project import COLUMNS, build, differences_of, expected_marts, read_csv

CASES = project.ROOT / "tests" / "data" / "cases"
NAMES = (
    "midnight_timestamps",
    "midnight_timestamps_as_dates",
    "lines_as_orders",
    "gift_cards",
    "erased_customers",
    "erased_customers_left_out",
    "customers_never_meet",
    "no_status_counts",
)
DAY = date(2024, 3, 31)
BRANDS = {
    "utc": {},
    "new york": {"timezone": "America/New_York", "currency": "USD"},
    "seoul": {"timezone": "Asia/Seoul"},
    "zero counts": {"count_zero_value_orders": True},
    "own words": {"valid_order_statuses": ["Sold", "배송완료"]},
    "dates": {
        "timezone": "America/Los_Angeles",
        "dates_at_midnight": {
            "orders": ["ordered_at"],
            "customers": ["signed_up_at", "membership_joined_at"],
            "interactions": ["occurred_at"],
            "subscriptions": ["started_at", "ended_at"],
            "feedback": ["submitted_at"],
            "marketing_spend": ["spend_date"],
        },
    },
}


# The cases of others, in one build


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    """The build of all cases, its raw rows, and the brands' settings."""
    folder = tmp_path_factory.mktemp("cases")
    raw, brands = defaultdict(list), {}
    for name in NAMES:
        brands[name] = json.loads((CASES / name / "brand.json").read_text("utf-8"))
        for file in sorted((CASES / name).glob("*.csv")):
            raw[file.stem] += read_csv(file)
    landed = folder / "raw"
    landed.mkdir()
    for table, rows in raw.items():
        project.write_csv(landed / f"{table}.csv", rows, COLUMNS[table])
    built = build(
        folder / "built",
        {
            "raw_dir": str(landed),
            "brands": brands,
            "as_of_date": DAY.isoformat(),
        },
        with_tests=True,
    )
    assert built.succeeded, built.messages
    return built, raw, brands


def found(rows, brand_id):
    """The findings of a brand as {(table, finding): (row_count, example)}."""
    return {
        (row["source_table"], row["finding"]): (row["row_count"], row["example"])
        for row in rows
        if row["brand_id"] == brand_id
    }


def test_the_cases_are_what_the_independent_program_says(cases):
    built, raw, brands = cases
    marts = built.marts()
    expected = expected_marts(raw, brands, DAY, customers=marts["customers"])
    assert not differences_of(expected, marts)


@pytest.mark.parametrize(
    "name, findings",
    [
        (
            "midnight_timestamps",
            {
                ("orders", "times_at_midnight"): (1, "ordered_at 2024-03-01 00:00:00, which counts on 2024-02-29"),
            },
        ),
        ("midnight_timestamps_as_dates", {}),
        (
            "lines_as_orders",
            {
                ("orders", "versions_indistinguishable"): (3, "order_id '111-1': 3 rows that differ in gross_amount"),
            },
        ),
        ("gift_cards", {}),
        ("erased_customers", {}),
        (
            "customers_never_meet",
            {
                ("customers", "ids_never_meet"): (2, "'gid://shopify/Customer/1' in orders, '1' in customers"),
            },
        ),
        ("no_status_counts", {("orders", "no_order_counts"): (3, "'succeeded' (3)")}),
    ],
)
def test_a_case_is_found(cases, name, findings):
    built, _, _ = cases
    assert found(built.rows("from quality.input_findings"), name) == findings


@pytest.mark.parametrize(
    "words",
    [
        (
            "times_at_midnight in orders of brand 'midnight_timestamps' (1 row)",
            "2024-03-01 00:00:00, which counts on 2024-02-29",
            "America/New_York",
            "dates_at_midnight: {orders: [ordered_at]}",
        ),
        ("versions_indistinguishable in orders of brand 'lines_as_orders' (3 rows)", "'111-1'", "one row per order"),
        ("ids_never_meet in customers of brand 'customers_never_meet'", "gid://shopify/Customer/1", "'1' in customers"),
        (
            "no_order_counts in orders of brand 'no_status_counts'",
            "'succeeded' (3)",
            "completed, paid, shipped, delivered, fulfilled",
            "valid_order_statuses",
        ),
        ("Of 3 rows of the raw table", "x"),
    ],
)
def test_a_finding_is_one_warning(cases, words):
    built, _, _ = cases
    lines = [line for line in built.warnings if words[0] in line]
    if words[-1] == "x":
        assert not lines
    else:
        (line,) = lines
        for word in words:
            assert word in line


def test_what_leaves_figures_without_meaning_is_an_alert(cases):
    built, _, _ = cases
    assert {
        (row["brand_id"], row["subject"], row["severity"], row["since"], row["action_code"])
        for row in built.rows("from marts.lifecycle_alerts where alert_type = 'input_finding'")
    } == {
        ("customers_never_meet", "customers:ids_never_meet", "normal", DAY, "check_data_mapping"),
        ("no_status_counts", "orders:no_order_counts", "normal", DAY, "check_data_mapping"),
    }


def test_midnights_that_are_dates_count_on_their_day(cases):
    built, _, _ = cases
    assert {
        (row["brand_id"], row["order_id"]): row["order_date"]
        for row in built.rows("from facts.fct_orders where brand_id like 'midnight%'")
    } == {
        ("midnight_timestamps", "1"): date(2024, 2, 29),
        ("midnight_timestamps", "2"): date(2024, 3, 1),
        ("midnight_timestamps_as_dates", "1"): date(2024, 3, 1),
        ("midnight_timestamps_as_dates", "2"): date(2024, 3, 1),
    }


def test_recipes_of_the_documentation(cases):
    """A gift card is revenue once; the orders of erased customers are rejected, not one loyal customer's."""
    built, _, _ = cases
    customers = {
        (row["brand_id"], row["customer_id"]): (row["lifetime_orders"], row["lifetime_net_revenue"])
        for row in built.rows("from marts.customers")
    }
    assert {key: value for key, value in customers.items() if key[0] == "gift_cards"} == {("gift_cards", "b"): (1, 80)}
    assert customers["erased_customers", "deleted@site.invalid"] == (3, 30)
    assert [key for key in customers if key[0] == "erased_customers_left_out"] == [
        ("erased_customers_left_out", "x@example.com")
    ]
    assert (
        found(built.rows("from quality.input_findings"), "erased_customers_left_out")[
            "orders", "first_bad_value:missing_customer_id"
        ][0]
        == 3
    )


# More of each kind, on compiled models


@pytest.fixture(scope="module")
def compiled(compiled_project):
    return compiled_project("findings", BRANDS)


def order(brand_id, order_id, customer_id="c", ordered_at="2024-03-01", status="paid", gross_amount="10", **more):
    return (
        dict.fromkeys(COLUMNS["orders"])
        | {
            "brand_id": brand_id,
            "order_id": str(order_id),
            "customer_id": customer_id,
            "ordered_at": ordered_at,
            "status": status,
            "gross_amount": gross_amount,
        }
        | more
    )


def row(table, **values):
    return dict.fromkeys(COLUMNS[table]) | values


def orders_of(brand_id, *customers, **more):
    return [order(brand_id, number, customer, **more) for number, customer in enumerate(customers)]


def findings_of(compiled, raw):
    """What is found, held against the independent program, the hints apart."""
    marts = compiled.run(raw, DAY, ["input_findings", "lifecycle_alerts"])
    assert not differences_of(compiled.expected(raw, DAY), marts)
    return marts["input_findings"]


@pytest.fixture(scope="module")
def findings_at_once(compiled):
    """A function that gives `findings_of` raw rows, which cases that differ in the table alone share.

    It takes what the cases have in common, as text, and the rows.
    """
    kept = {}

    def of(common, raw):
        if common not in kept:
            kept[common] = findings_of(compiled, raw)
        return kept[common]

    return of


MIDNIGHTS = {
    "orders": ("ordered_at", lambda b, t, n: order(b, n, ordered_at=t)),
    "customers": (
        "signed_up_at",
        lambda b, t, n: row(
            "customers", brand_id=b, customer_id=f"c{n}", signed_up_at=t, membership_joined_at="2024-01-01"
        ),
    ),
    "interactions": (
        "occurred_at",
        lambda b, t, n: row(
            "interactions",
            brand_id=b,
            interaction_id=str(n),
            customer_id="c",
            occurred_at=t,
            interaction_type="site_visit",
        ),
    ),
    "subscriptions": (
        "ended_at",
        lambda b, t, n: row(
            "subscriptions",
            brand_id=b,
            subscription_id=str(n),
            customer_id="c",
            subscription_kind="product",
            started_at="2024-01-01",
            ended_at=t,
        ),
    ),
    "feedback": (
        "submitted_at",
        lambda b, t, n: row("feedback", brand_id=b, feedback_id=str(n), customer_id="c", submitted_at=t, score="9"),
    ),
    "marketing_spend": (
        "spend_date",
        lambda b, t, n: row(
            "marketing_spend", brand_id=b, spend_date=t, channel="ads", purpose="retention", amount="1"
        ),
    ),
}


@pytest.mark.parametrize("table", MIDNIGHTS)
@pytest.mark.parametrize(
    "times, expected",
    [
        (
            ["2024-03-02 00:00:00", "2024-03-01T00:00Z", "2024-02-02"],
            {"new york": (2, "2024-03-01 00:00:00", "2024-02-29"), "seoul": (2, "2024-03-01 00:00:00", "2024-03-01")},
        ),
        (
            ["2024-03-01T09:00+09:00"],
            {"new york": (1, "2024-03-01 00:00:00", "2024-02-29"), "seoul": (1, "2024-03-01 00:00:00", "2024-03-01")},
        ),
        (["2024-03-01 00:00:00", "2024-03-02 00:00:01"], {}),
        (["2024-03-01", "2024-03-02"], {}),
        (["2024-03-01T00:00-05:00"], {}),
    ],
)
def test_times_at_midnight(findings_at_once, table, times, expected):
    raw = {
        name: [
            make(brand_id, time, number)
            for brand_id in ("utc", "new york", "seoul", "dates")
            for number, time in enumerate(times)
        ]
        for name, (_column, make) in MIDNIGHTS.items()
    }
    raw["orders"] += [order(brand_id, "x") for brand_id in BRANDS]
    column = MIDNIGHTS[table][0]
    rows = [
        found
        for found in findings_at_once(f"midnights {times}", raw)
        if found["finding"] == "times_at_midnight" and found["source_table"] == table
    ]
    assert {found["brand_id"]: (found["row_count"], found["example"]) for found in rows} == {
        brand_id: (count, f"{column} {time}, which counts on {day}")
        for brand_id, (count, time, day) in expected.items()
    }
    for found_row in rows:
        assert not found_row["is_alert"]
        assert f"dates_at_midnight: {{{table}: [{column}]}}" in found_row["hint"]


@pytest.fixture(scope="module")
def midnights(compiled):
    """A build of midnights in all tables, of a brand that reads them as dates and of one that does not."""
    times = ["2024-03-01 00:00:00", "2024-03-02T00:00:00Z", "2024-03-03T00:00-08:00", "2024-03-04 01:00"]
    brands = ("dates", "new york")
    raw = {
        table: [make(brand_id, time, number) for brand_id in brands for number, time in enumerate(times)]
        for table, (_column, make) in MIDNIGHTS.items()
    }
    raw["orders"] += [order(brand_id, "x") for brand_id in brands]
    columns = {
        "fct_orders": "order_date",
        "stg_customers": "signed_up_on",
        "stg_interactions": "interaction_date",
        "stg_subscriptions": "ended_on",
        "stg_feedback": "submitted_on",
        "stg_marketing_spend": "spent_on",
    }
    marts = compiled.run(raw, DAY, [*oracle.KEYS, *columns.keys() - oracle.KEYS.keys()])
    days = {
        model.partition("_")[2]: sorted(row[column] for row in marts[model] if row["brand_id"] == "dates")
        for model, column in columns.items()
    }
    return raw, {name: marts[name] for name in oracle.KEYS}, days


def test_marts_of_midnights(compiled, midnights):
    raw, marts, _days = midnights
    assert not differences_of(compiled.expected(raw, DAY), marts)


@pytest.mark.parametrize("table", MIDNIGHTS)
def test_midnights_that_are_dates(midnights, table):
    """Read as dates by the brand that says so."""
    wanted = [date(2024, 3, 1), date(2024, 3, 2), date(2024, 3, 3), date(2024, 3, 3)]
    assert midnights[2][table] == sorted(wanted + ([date(2024, 3, 1)] if table == "orders" else []))


@pytest.mark.parametrize(
    "raw, expected",
    [
        # lines of two orders that share a time of change
        (
            {
                "orders": [order("utc", 1, gross_amount=amount, updated_at="2024-03-02") for amount in ("1", "2")]
                + [order("utc", 2, gross_amount=amount, updated_at="2024-03-02T00:00Z") for amount in ("1", "1", "3")]
            },
            {("orders", "versions_indistinguishable"): (5, "order_id '1': 2 rows that differ in gross_amount")},
        ),
        # a cart that was delivered twice, with and without what it held
        (
            {
                "orders": [order("utc", 1)],
                "interactions": [
                    row(
                        "interactions",
                        brand_id="utc",
                        interaction_id="i",
                        customer_id="c",
                        occurred_at="2024-03-01",
                        interaction_type="cart_abandoned",
                        amount=amount,
                    )
                    for amount in (None, "5")
                ],
            },
            {("interactions", "versions_indistinguishable"): (2, "interaction_id 'i': 2 rows that differ in amount")},
        ),
        # two plans of one subscription
        (
            {
                "orders": [order("utc", 1)],
                "subscriptions": [
                    row(
                        "subscriptions",
                        brand_id="utc",
                        subscription_id="s",
                        customer_id="c",
                        subscription_kind="product",
                        started_at="2024-01-01",
                        monthly_amount=amount,
                    )
                    for amount in ("5", "7", "7")
                ],
            },
            {
                ("subscriptions", "versions_indistinguishable"): (
                    3,
                    "subscription_id 's': 3 rows that differ in monthly_amount",
                )
            },
        ),
        # scores of one survey
        (
            {
                "orders": [order("utc", 1)],
                "feedback": [
                    row(
                        "feedback",
                        brand_id="utc",
                        feedback_id="f",
                        customer_id="c",
                        submitted_at="2024-01-01",
                        score=score,
                    )
                    for score in ("9", "2")
                ],
            },
            {("feedback", "versions_indistinguishable"): (2, "feedback_id 'f': 2 rows that differ in score")},
        ),
        # a refund in one of two files
        (
            {"orders": [order("utc", 1), order("utc", 1, refund_amount="4")]},
            {("orders", "versions_indistinguishable"): (2, "order_id '1': 2 rows that differ in refund_amount")},
        ),
        # not: the same row twice, a later version, no discount against none at all, earlier ones that are all replaced
        (
            {
                "orders": [
                    order("utc", 1),
                    order("utc", 1),
                    order("utc", 2),
                    order("utc", 2, gross_amount="9", updated_at="2024-03-02"),
                    order("utc", 3),
                    order("utc", 3, discount_amount="0"),
                    order("utc", 4),
                    order("utc", 4, gross_amount="9"),
                    order("utc", 4, gross_amount="8", updated_at="2024-03-02"),
                ]
            },
            {},
        ),
    ],
)
def test_versions_that_nothing_tells_apart(compiled, raw, expected):
    assert found(findings_of(compiled, raw), "utc") == expected


@pytest.mark.parametrize(
    "brand_id, statuses, expected",
    [
        ("utc", {"Wurde bezahlt": 2, "offen": 1}, ("no_order_counts", 3, "'wurde bezahlt' (2), 'offen' (1)")),
        ("own words", {"paid": 4}, ("no_order_counts", 4, "'paid' (4)")),
        ("own words", {" SOLD ": 18, "배송완료": 1, "배송중": 1}, None),  # one of twenty is not above 5 %
        ("own words", {"sold": 17, "배송완료": 1, "배송중": 1}, ("status_does_not_count", 1, "'배송중' (1)")),
        (
            "utc",
            {"paid": 30, "on-hold": 5, "wc-processing": 25, "failed": 1},
            ("status_does_not_count", 30, "'wc-processing' (25), 'on-hold' (5)"),
        ),
        ("zero counts", {"paid": 1, "void": 1}, ("status_does_not_count", 1, "'void' (1)")),
    ],
)
def test_statuses_that_do_not_count(compiled, brand_id, statuses, expected):
    raw = {
        "orders": [
            order(brand_id, f"{status} {number}", status=status)
            for status, count in statuses.items()
            for number in range(count)
        ]
    }
    wanted = {}
    if expected:
        name, count, example = expected
        wanted["orders", name] = (count, example)
    assert found(findings_of(compiled, raw), brand_id) == wanted


@pytest.mark.parametrize(
    "brand_id, amounts, is_found",
    [
        ("utc", {"gross_amount": "0"}, True),
        ("utc", {"gross_amount": "10", "refund_amount": "10"}, True),
        ("zero counts", {"gross_amount": "0"}, False),
        ("zero counts", {"gross_amount": "1", "discount_amount": "2"}, True),
    ],
)
def test_orders_that_bring_nothing(compiled, brand_id, amounts, is_found):
    """Their status counts, and the hint says that it is the amount."""
    rows = findings_of(compiled, {"orders": [order(brand_id, 1, **amounts)]})
    assert [found["finding"] for found in rows] == ["no_order_counts"] * is_found
    for found_row in rows:
        assert "none with a net revenue that does" in found_row["hint"] and found_row["is_alert"]


def people(brand_id, table, ids):
    more = {
        "customers": lambda c: {},
        "interactions": lambda c: {
            "interaction_id": f"i{c}",
            "occurred_at": "2024-03-01",
            "interaction_type": "site_visit",
        },
        "subscriptions": lambda c: {
            "subscription_id": f"s{c}",
            "subscription_kind": "product",
            "started_at": "2024-03-01",
        },
        "feedback": lambda c: {"feedback_id": f"f{c}", "submitted_at": "2024-03-01", "score": "9"},
    }[table]
    return [row(table, brand_id=brand_id, customer_id=c, **more(c)) for c in ids]


@pytest.mark.parametrize("table", ["customers", "interactions", "subscriptions", "feedback"])
@pytest.mark.parametrize(
    "buyers, others, is_found",
    [
        (["A@x.com", "B@x.com"], ["a@x.com", "b@x.com"], True),
        (["0001", "0002", "0003"], ["1", "2", "3"], True),
        (["42.0", "43.0"], ["42", "43", "44"], True),
        ([f"{n}" for n in range(101)], [f"{n}" for n in range(100, 300)], True),  # one of 101 meets
        ([f"{n}" for n in range(100)], [f"{n}" for n in range(99, 300)], False),  # one of 100
        (["1"], ["2", "3"], False),
        (["1", "2"], ["2", "3", "4"], False),
    ],
)
def test_identifiers_that_never_meet(findings_at_once, table, buyers, others, is_found):
    tables = ("customers", "interactions", "subscriptions", "feedback")
    raw = {"orders": orders_of("utc", *buyers)} | {name: people("utc", name, others) for name in tables}
    rows = [
        (found["row_count"], found["is_alert"])
        for found in findings_at_once(f"identifiers {buyers} {others}", raw)
        if found["finding"] == "ids_never_meet" and found["source_table"] == table
    ]
    assert rows == [(len(others), True)] * is_found


@pytest.mark.parametrize(
    "spend, acquisition, example, question",
    [
        (
            ["Google Ads"],
            ["google_ads", "friends"],
            "'Google Ads' in marketing_spend, 'google_ads' in customers",
            "is 'Google Ads' the same as 'google_ads'?",
        ),
        (
            ["META", "tiktok "],
            ["Tik Tok", "tv"],
            "'tiktok' in marketing_spend, 'Tik Tok' in customers",
            "is 'tiktok' the same as 'Tik Tok'?",
        ),
        (
            ["네이버검색"],
            ["네이버 검색", "친구"],
            "'네이버검색' in marketing_spend, '네이버 검색' in customers",
            "is '네이버검색' the same as '네이버 검색'?",
        ),
        (["radio", "print"], ["web", "app"], "'print' in marketing_spend, 'app' in customers", None),
        (["ads", "other"], ["ads"], None, None),
        (["ads"], [None], None, None),
    ],
)
def test_channels_that_never_meet(compiled, spend, acquisition, example, question):
    raw = {
        "orders": orders_of("utc", *map(str, range(len(acquisition)))),
        "customers": [
            row("customers", brand_id="utc", customer_id=str(number), acquisition_channel=channel)
            for number, channel in enumerate(acquisition)
        ],
        "marketing_spend": [
            row(
                "marketing_spend",
                brand_id="utc",
                spend_date="2024-03-01",
                channel=channel,
                purpose="acquisition",
                amount="1",
            )
            for channel in spend
        ],
    }
    rows = findings_of(compiled, raw)
    assert [found["example"] for found in rows] == ([example] if example else [])
    for found_row in rows:
        assert found_row["finding"] == "channels_never_meet"
        assert ("the same as" in found_row["hint"]) == bool(question) and (question or "") in found_row["hint"]


@pytest.mark.parametrize(
    "customers, expected",
    [
        (["guest"] * 4 + [f"c{n}" for n in range(56)], ("guest", 4, 60)),
        (["deleted@site.invalid"] * 30 + ["x@example.com"] * 30, ("deleted@site.invalid", 30, 60)),
        (["0"] * 50, ("0", 50, 50)),
        (["guest"] * 3 + [f"c{n}" for n in range(57)], None),  # 3 of 60 are 5 %
        (["guest"] * 49, None),
    ],
)
def test_a_customer_who_dominates(compiled, customers, expected):
    wanted = {}
    if expected:
        customer, most, total = expected
        wanted["orders", "one_customer_dominates"] = (most, f"'{customer}': {most} of {total} orders")
    assert found(findings_of(compiled, {"orders": orders_of("utc", *customers)}), "utc") == wanted


@pytest.mark.parametrize(
    "brand_id, nearest",
    [
        ("New York", "new york"),
        ("newyork", "new york"),
        ("seoul_kr", "seoul"),
        ("own word", "own words"),
        ("shop", None),
        ("🛒", None),
    ],
)
def test_brands_without_settings(compiled, brand_id, nearest):
    raw = {
        "orders": [order(brand_id, 1), order(brand_id, 2), order("utc", 1)],
        "customers": [row("customers", brand_id=brand_id, customer_id="c")],
    }
    rows = findings_of(compiled, raw)
    assert found(rows, brand_id) == {
        ("orders", "unknown_brand"): (2, f"'{brand_id}'"),
        ("customers", "unknown_brand"): (1, f"'{brand_id}'"),
    }
    for found_row in rows:
        assert found_row["hint"].endswith(f"did you mean '{nearest}'?" if nearest else "add it under brands in vars.")


@pytest.mark.parametrize(
    "table, rows, reason, example",
    [
        (
            "orders",
            [order("utc", 2, ordered_at="05/01/2024"), order("utc", 1, ordered_at="1.5.2024")],
            "invalid_ordered_at",
            "'1.5.2024'",
        ),
        ("orders", [order("utc", 1, gross_amount="1.234,50 €")], "invalid_gross_amount", "'1.234,50 €'"),
        (
            "orders",
            [order("utc", 1, discount_amount='say "10%"\nor so')],
            "invalid_discount_amount",
            "'say \"10%\"\nor so'",
        ),
        ("orders", [order("new york", 1, currency="eur")], "currency_mismatch", "'eur'"),
        (
            "feedback",
            [row("feedback", brand_id="utc", feedback_id="1", customer_id="c", submitted_at="2024-01-01", score="100")],
            "invalid_score",
            "'100'",
        ),
        (
            "customers",
            [row("customers", brand_id="utc", customer_id="c", contactable="maybe")],
            "invalid_contactable",
            "'maybe'",
        ),
        ("orders", [order("utc", 1, status=None, gross_amount="x" * 300)], "missing_status", None),
    ],
)
def test_the_first_bad_value(compiled, table, rows, reason, example):
    raw = {"orders": [order("utc", "good")]}
    raw[table] = (raw["orders"] if table == "orders" else []) + rows
    found_rows = findings_of(compiled, raw)
    (found_row,) = found_rows
    assert (found_row["source_table"], found_row["finding"]) == (table, f"first_bad_value:{reason}")
    assert found_row["row_count"] == len(rows)
    if example:
        assert found_row["example"] == example
    else:
        assert found_row["example"].startswith('{"brand_id":"utc","order_id":"1"') and len(found_row["example"]) == 200


def test_every_bad_value_has_its_place_and_many_are_counted(compiled):
    """Nothing is found twice, and nothing of a brand is another's."""
    raw = {
        "orders": [
            order(brand_id, number, gross_amount=amount)
            for brand_id in ("utc", "seoul", None, "nobody")
            for number, amount in enumerate(["x", "y", "-1"])
        ]
    }
    rows = findings_of(compiled, raw)
    assert sorted((row["brand_id"], row["finding"], row["row_count"]) for row in rows) == [
        ("(missing)", "first_bad_value:missing_brand_id", 3),
        ("nobody", "first_bad_value:invalid_gross_amount", 3),
        ("seoul", "first_bad_value:invalid_gross_amount", 3),
        ("utc", "first_bad_value:invalid_gross_amount", 3),
    ]


# Typed columns, and what a run says at its end


def test_typed_midnights_are_dates_where_the_brand_says_so(tmp_path):
    """Timestamps with and without a zone, as Parquet has them; a column of dates stays one."""
    folder = tmp_path / "raw"
    folder.mkdir()
    project.write_parquet(
        folder / "orders.parquet",
        """
        select *, 'c' as customer_id, 'paid' as status, 10 as gross_amount from (values
            ('dates', '1', timestamp '2024-03-01 00:00:00'), ('dates', '2', timestamp '2024-03-01 00:00:00.5'),
            ('new york', '1', timestamp '2024-03-01 00:00:00')
        ) as orders (brand_id, order_id, ordered_at)
    """,
    )
    project.write_parquet(
        folder / "subscriptions.parquet",
        """
        select *, 'c' as customer_id, 'product' as subscription_kind from (values
            ('dates', '1', timestamptz '2024-03-01 00:00:00+00', date '2024-03-09'),
            ('dates', '2', timestamptz '2024-03-01 00:00:00-08', null),
            ('new york', '1', timestamptz '2024-03-01 00:00:00+00', date '2024-03-09')
        ) as subscriptions (brand_id, subscription_id, started_at, ended_at)
    """,
    )
    built = build(
        tmp_path / "built",
        {
            "raw_dir": str(folder),
            "as_of_date": DAY.isoformat(),
            "brands": {name: BRANDS[name] for name in ("dates", "new york")},
        },
        select="+input_findings",
    )
    assert built.succeeded, built.messages
    assert built.rows(
        "select brand_id, order_id, order_date::text as day, has_time_of_day as timed from facts.fct_orders order by "
        "all"
    ) == [
        {"brand_id": "dates", "order_id": "1", "day": "2024-03-01", "timed": False},
        {"brand_id": "dates", "order_id": "2", "day": "2024-02-29", "timed": True},
        {"brand_id": "new york", "order_id": "1", "day": "2024-02-29", "timed": True},
    ]
    assert built.rows(
        "select brand_id, subscription_id as id, started_on::text as day, ended_on::text as ended "
        "from staging.stg_subscriptions order by all"
    ) == [
        {"brand_id": "dates", "id": "1", "day": "2024-03-01", "ended": "2024-03-09"},
        {"brand_id": "dates", "id": "2", "day": "2024-03-01", "ended": None},
        {"brand_id": "new york", "id": "1", "day": "2024-02-29", "ended": "2024-03-09"},
    ]
    assert {(row["brand_id"], row["source_table"]) for row in built.rows("from quality.input_findings")} == {
        ("new york", "orders"),
        ("new york", "subscriptions"),
    }


def test_many_of_a_kind_are_three_lines_and_a_count(tmp_path):
    folder = tmp_path / "raw"
    folder.mkdir()
    project.write_csv(
        folder / "orders.csv",
        [
            *(order("utc", f"good {number}") for number in range(200)),
            *(order(f"unknown {number}", number) for number in range(6)),
            order("utc", 1, ordered_at="two\nlines"),
        ],
        COLUMNS["orders"],
    )
    built = build(
        tmp_path / "built",
        {
            "raw_dir": str(folder),
            "brands": {"utc": {}},
            "max_customer_order_share": 1,
        },
        select="+input_findings",
    )
    assert built.succeeded, built.messages
    unknown = [line for line in built.warnings if "unknown_brand in orders" in line]
    assert len(unknown) == 3
    assert "And 3 more findings of this kind: quality.input_findings has them." in unknown[-1]
    (bad,) = (line for line in built.warnings if "first_bad_value" in line)
    assert "'two\\nlines'" in bad and "\n" not in bad
    assert len(built.warnings) == 4
