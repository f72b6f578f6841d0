"""Raw rows: what each value reads as, and which of the four each row is.

Rows through text columns run over the compiled models; typed columns, of which
a table has one of each, are built by dbt from Parquet and from tables.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from decimal import Decimal

import duckdb
import pytest

import project
from oracle.inputs import MALFORMED, TABLES, row_text

EVERY_GROUP = {
    "window_days": 30,
    "signals": [
        "awareness",
        "consideration",
        "cart",
        "engagement",
        "support",
        "contact",
        "advocacy",
    ],
}
BRANDS = {
    "utc": {},
    "seoul": {"timezone": "Asia/Seoul", "currency": "krw"},
    "new york": {"timezone": "America/New_York", "currency": "USD"},
    "every group": {"active": EVERY_GROUP, "churn": EVERY_GROUP},
}
FAR_AHEAD = date(9999, 12, 30)
GOOD = {
    "orders": {
        "brand_id": "seoul",
        "order_id": "o",
        "customer_id": "c",
        "ordered_at": "2024-01-05",
        "status": "paid",
        "gross_amount": "10",
    },
    "customers": {"brand_id": "seoul", "customer_id": "c"},
    "interactions": {
        "brand_id": "seoul",
        "interaction_id": "i",
        "customer_id": "c",
        "occurred_at": "2024-01-05",
        "interaction_type": "site_visit",
    },
    "subscriptions": {
        "brand_id": "seoul",
        "subscription_id": "s",
        "customer_id": "c",
        "subscription_kind": "product",
        "started_at": "2024-01-05",
    },
    "feedback": {
        "brand_id": "seoul",
        "feedback_id": "f",
        "customer_id": "c",
        "submitted_at": "2024-01-05",
        "score": "9",
    },
    "marketing_spend": {
        "brand_id": "seoul",
        "spend_date": "2024-01-05",
        "channel": "ads",
        "purpose": "acquisition",
        "amount": "10",
    },
}
KEY = {
    "orders": "order_id",
    "customers": "customer_id",
    "interactions": "interaction_id",
    "subscriptions": "subscription_id",
    "feedback": "feedback_id",
    "marketing_spend": "channel",
}


def good(table, **changes):
    """A row that is accepted as it is, with some columns changed."""
    row = dict.fromkeys(project.COLUMNS[table])
    return row | GOOD[table] | changes


def row_id(table, row, occurrence=1):
    """The id that the row has among the rejected."""
    text = row_text(TABLES[table], row)
    digest = hashlib.md5(text.encode("utf-8")).hexdigest()
    return f"{digest}-{occurrence}"


@pytest.fixture(scope="module")
def compiled(compiled_project):
    return compiled_project("inputs", BRANDS)


# Rejected rows

WRONG_TIMES = [
    "2024-02-30",
    "2023-02-29",
    "1900-02-29",
    "2024-13-01",
    "2024-00-10",
    "2024-01-00",
    "2024-04-31",
    "0000-01-01",
    "2024-1-05",
    "24-01-05",
    "20240105",
    "05/01/2024",
    "2024/01/05",
    "2024-W01-5",
    "1704412800",
    "now",
    "infinity",
    "-infinity",
    "２０２４-01-05",
    "2024-01-05T",
    "2024-01-05 12",
    "2024-01-05T1:00",
    "2024-01-05T24:00",
    "2024-01-05T12:60",
    "2024-01-05T12:00:60",
    "2024-01-05T12:00:5",
    "2024-01-05T12:00:00.",
    "2024-01-05T12:00:00,5",
    "2024-01-05T12:00.5",
    "2024-01-05t12:00",
    "2024-01-05  12:00",
    "2024-01-05T12:00z",
    "2024-01-05T12:00 Z",
    "2024-01-05T12:00  +09:00",
    "2024-01-05T12:00+9",
    "2024-01-05T12:00+24:00",
    "2024-01-05T12:00+09:60",
    "2024-01-05T12:00+09:",
    "2024-01-05T12:00UTC",
    "2024-01-05T12:00 utc",
    "2024-01-05 UTC",
    "2024-01-05T12:00 UTC+09:00",
    "2024-01-05T12:00 GMT",
    "2024-01-05T12:00+ 09:00",
    # no room for a time zone
    "0001-01-01",
    "0001-01-01T23:59Z",
    "0001-01-01T12:00-23:00",
    "0001-01-02T00:00+00:01",
    "9999-12-31",
    "9999-12-31T00:00Z",
    "9999-12-31T00:00+23:00",
    "9999-12-30T23:00-01:00",
    "2024-01-05T12:00[Asia/Seoul]",
    "2024-01-05Z",
    "2024-01-05+09:00",
    "2024-01-05 12:00 PM",
    "-2024-01-05",
    "12024-01-05",
]
WRONG_NUMBERS = [
    "NaN",
    "inf",
    "-inf",
    "Infinity",
    "ten",
    "true",
    "1,000",
    "1 000",
    "1_000",
    "1.",
    ".",
    "+",
    "-",
    "1.2.3",
    "--1",
    "1-",
    "0x10",
    "$10",
    "10 KRW",
    "10%",
    "(10)",
    "1e5",
    "1E+5",
    "1e+",
    "e+5",
    "1e+100",
    "1e+5.0",
    "１０",
    "٣",
    "½",
]
TOO_MUCH_MONEY = [
    "-1",
    "-0.01",
    "-0.00005",
    "-1e+2",
    "100000000000000",
    "99999999999999.99995",
    "1e+14",
    "9e+99",
]
REJECTED = [
    # what is missing, in the order of the columns and before anything else
    ("orders", "missing_brand_id", {"brand_id": None}),
    ("orders", "missing_brand_id", {"brand_id": ""}),
    ("orders", "missing_brand_id", {"brand_id": " \t\n\r\v\f"}),
    ("orders", "missing_brand_id", {"brand_id": "\u00a0\u3000\u2003\u202f"}),
    ("orders", "missing_order_id", {"order_id": None}),
    ("orders", "missing_order_id", {"order_id": " ", "customer_id": None}),
    ("orders", "missing_customer_id", {"customer_id": None}),
    ("orders", "missing_customer_id", {"customer_id": "\u2007"}),
    ("orders", "missing_ordered_at", {"ordered_at": ""}),
    ("orders", "missing_status", {"status": "  "}),
    ("orders", "missing_gross_amount", {"gross_amount": None}),
    ("orders", "missing_gross_amount", {"gross_amount": "", "ordered_at": "2024-02-30"}),
    ("orders", "missing_status", {"status": None, "brand_id": "nobody"}),
    # what does not read, in the order of the columns
    *(("orders", "invalid_ordered_at", {"ordered_at": text}) for text in WRONG_TIMES),
    *(("orders", "invalid_gross_amount", {"gross_amount": text}) for text in WRONG_NUMBERS + TOO_MUCH_MONEY),
    ("orders", "invalid_ordered_at", {"ordered_at": "2024-02-30", "gross_amount": "-1"}),
    ("orders", "invalid_discount_amount", {"discount_amount": "-5"}),
    ("orders", "invalid_discount_amount", {"discount_amount": "ten", "refund_amount": "ten"}),
    ("orders", "invalid_refund_amount", {"refund_amount": "nan"}),
    ("orders", "invalid_updated_at", {"updated_at": "yesterday"}),
    ("orders", "invalid_updated_at", {"updated_at": "2024-02-30T00:00Z", "brand_id": "nobody"}),
    ("orders", "unknown_brand", {"brand_id": "nobody"}),
    ("orders", "unknown_brand", {"brand_id": "Seoul"}),
    ("orders", "unknown_brand", {"brand_id": "newyork", "currency": "EUR"}),
    ("orders", "currency_mismatch", {"currency": "EUR"}),
    ("orders", "currency_mismatch", {"currency": "₩"}),
    ("orders", "currency_mismatch", {"brand_id": "new york", "currency": " us dollar "}),
    ("customers", "missing_brand_id", {"brand_id": " "}),
    ("customers", "missing_customer_id", {"customer_id": ""}),
    ("customers", "invalid_signed_up_at", {"signed_up_at": "2024-06-31"}),
    ("customers", "invalid_signed_up_at", {"signed_up_at": "?", "membership_joined_at": "?"}),
    ("customers", "invalid_membership_joined_at", {"membership_joined_at": "12:00", "contactable": "perhaps"}),
    *(
        ("customers", "invalid_contactable", {"contactable": text})
        for text in ("perhaps", "2", "nope", "onn", "1.00", "-1", "subscribed", "unsubscribed", "예")
    ),
    ("customers", "invalid_updated_at", {"updated_at": "2024-01-05T25:00"}),
    ("customers", "unknown_brand", {"brand_id": "nobody"}),
    ("interactions", "missing_brand_id", {"brand_id": None}),
    ("interactions", "missing_interaction_id", {"interaction_id": None}),
    ("interactions", "missing_customer_id", {"customer_id": ""}),
    ("interactions", "missing_occurred_at", {"occurred_at": None}),
    ("interactions", "missing_interaction_type", {"interaction_type": " "}),
    ("interactions", "invalid_occurred_at", {"occurred_at": "5 Jan 2024"}),
    *(
        ("interactions", "invalid_duration_seconds", {"duration_seconds": text})
        for text in ("-1", "1:30", "30s", "1000000000000", "-0.0000005")
    ),
    ("interactions", "invalid_amount", {"amount": "-0.5"}),
    ("interactions", "invalid_duration_seconds", {"duration_seconds": "x", "amount": "x"}),
    ("interactions", "unknown_brand", {"brand_id": "nobody"}),
    ("subscriptions", "missing_brand_id", {"brand_id": "\u2028"}),
    ("subscriptions", "missing_subscription_id", {"subscription_id": None}),
    ("subscriptions", "missing_customer_id", {"customer_id": None}),
    ("subscriptions", "missing_subscription_kind", {"subscription_kind": None, "started_at": None}),
    ("subscriptions", "missing_started_at", {"started_at": None}),
    ("subscriptions", "invalid_subscription_kind", {"subscription_kind": "digital"}),
    ("subscriptions", "invalid_started_at", {"started_at": "soon"}),
    ("subscriptions", "invalid_ended_at", {"ended_at": "never"}),
    *(
        ("subscriptions", "invalid_ended_at", {"started_at": started, "ended_at": ended, "monthly_amount": "free"})
        for started, ended in (
            ("2024-01-05", "2024-01-04"),
            ("2024-01-05T00:00:00Z", "2024-01-04T23:59:59.999999Z"),
            ("2024-01-05T00:30+09:00", "2024-01-04T15:29:59Z"),
            ("2024-01-05T00:00Z", "2024-01-04"),
            ("2024-01-05", "2024-01-04T23:59Z"),
        )
    ),
    ("subscriptions", "invalid_monthly_amount", {"monthly_amount": "free"}),
    ("subscriptions", "invalid_updated_at", {"updated_at": "0"}),
    ("subscriptions", "unknown_brand", {"brand_id": "nobody"}),
    ("feedback", "missing_brand_id", {"brand_id": None}),
    ("feedback", "missing_feedback_id", {"feedback_id": ""}),
    ("feedback", "missing_customer_id", {"customer_id": None}),
    ("feedback", "missing_submitted_at", {"submitted_at": None}),
    ("feedback", "missing_score", {"score": None, "feedback_kind": "x"}),
    ("feedback", "invalid_submitted_at", {"submitted_at": "2024-02-30"}),
    ("feedback", "invalid_feedback_kind", {"feedback_kind": "survey"}),
    *(("feedback", "invalid_score", {"score": text}) for text in ("10.01", "11", "-1", "-0.1", "ten", "9/10", "1e+2")),
    ("feedback", "unknown_brand", {"brand_id": "nobody"}),
    ("marketing_spend", "missing_brand_id", {"brand_id": None}),
    ("marketing_spend", "missing_spend_date", {"spend_date": " "}),
    ("marketing_spend", "missing_channel", {"channel": None}),
    ("marketing_spend", "missing_purpose", {"purpose": None}),
    ("marketing_spend", "missing_amount", {"amount": None}),
    ("marketing_spend", "invalid_spend_date", {"spend_date": "2024-01"}),
    ("marketing_spend", "invalid_purpose", {"purpose": "branding"}),
    ("marketing_spend", "invalid_amount", {"amount": "-1"}),
    *(
        ("marketing_spend", "invalid_impressions", {"impressions": text})
        for text in ("1.5", "-1", "1,000", "9223372036854775808", "1e-1")
    ),
    ("marketing_spend", "invalid_clicks", {"clicks": "many"}),
    ("marketing_spend", "unknown_brand", {"brand_id": "nobody"}),
]


def case_name(case):
    table, reason, changes = case
    column = next(iter(changes))
    return f"{table}-{reason}-{column}={changes[column]!r}"


@pytest.fixture(scope="module")
def rejected(compiled):
    """All rejected rows in one run: the rows, and the quality marts."""
    raw = {table: [] for table in GOOD}
    for number, (table, _, changes) in enumerate(REJECTED):
        # another value of the key for each row, where the key is not the case
        own = {KEY[table]: f"key {number}"} | changes
        raw[table].append(good(table, **own))
    marts = compiled.run(raw, FAR_AHEAD, project.QUALITY)
    by_id = {row["row_id"]: row for row in marts["rejected_rows"]}
    return {"raw": raw, "by_id": by_id, "marts": marts}


@pytest.mark.parametrize("number", range(len(REJECTED)), ids=[case_name(case) for case in REJECTED])
def test_a_row_is_rejected_for_the_first_reason(rejected, number):
    table, reason, changes = REJECTED[number]
    row = good(table, **({KEY[table]: f"key {number}"} | changes))
    found = rejected["by_id"][row_id(table, row)]
    assert found["source_table"] == table
    assert found["reason"] == reason
    assert json.loads(found["raw_row"]) == row
    brand_id = (row["brand_id"] or "").strip()
    assert found["brand_id"] == (brand_id or None)


def test_rejected_rows_are_all_there_and_counted(compiled, rejected):
    assert len(rejected["by_id"]) == len(REJECTED)
    expected = compiled.expected(rejected["raw"], FAR_AHEAD)
    assert not project.differences_of(expected, rejected["marts"])
    counted = rejected["marts"]["input_reconciliation"]
    assert {row["accepted_rows"] for row in counted} == {0}
    assert sum(row["rejected_rows"] for row in counted) == len(REJECTED)
    assert "(missing)" in {row["brand_id"] for row in counted}


def test_a_row_that_is_rejected_three_times_is_there_three_times(compiled):
    row = good("orders", gross_amount="-1")
    marts = compiled.run({"orders": [row] * 3}, None, ["rejected_rows"])
    assert sorted(found["row_id"] for found in marts["rejected_rows"]) == [
        row_id("orders", row, occurrence) for occurrence in (1, 2, 3)
    ]


# Values that read


def utc(text):
    return datetime.fromisoformat(text)


READS = [
    # times: an instant in UTC, its business date, whether it has a time of day
    *(
        (
            "orders",
            {"brand_id": brand, "ordered_at": text},
            {
                "ordered_at": utc(instant),
                "order_date": date.fromisoformat(day),
                "has_time_of_day": has_time,
            },
        )
        for brand, text, instant, day, has_time in [
            ("seoul", "2024-01-05", "2024-01-05", "2024-01-05", False),
            ("new york", "2024-01-05", "2024-01-05", "2024-01-05", False),
            ("utc", "2024-02-29", "2024-02-29", "2024-02-29", False),
            ("utc", "2000-02-29", "2000-02-29", "2000-02-29", False),
            ("utc", "0001-01-02", "0001-01-02", "0001-01-02", False),
            ("utc", "9999-12-30", "9999-12-30", "9999-12-30", False),
            ("utc", "0001-01-02T00:00", "0001-01-02", "0001-01-02", True),
            ("utc", "0001-01-02T01:00+01:00", "0001-01-02", "0001-01-02", True),
            ("utc", "9999-12-30T23:59:59Z", "9999-12-30 23:59:59", "9999-12-30", True),
            ("utc", "2024-03-01 10:00:00 +0900", "2024-03-01 01:00", "2024-03-01", True),
            ("seoul", "2024-03-01T10:00 -05:30", "2024-03-01 15:30", "2024-03-02", True),
            ("utc", "2024-03-01 10:00:00 UTC", "2024-03-01 10:00", "2024-03-01", True),
            ("seoul", "2024-03-01T15:00:00.5 UTC", "2024-03-01 15:00:00.500000", "2024-03-02", True),
            ("utc", "2024-01-05T00:00", "2024-01-05", "2024-01-05", True),
            ("utc", "2024-01-05 23:59", "2024-01-05 23:59", "2024-01-05", True),
            ("seoul", "2024-01-05T14:59:59", "2024-01-05 14:59:59", "2024-01-05", True),
            ("seoul", "2024-01-05T15:00", "2024-01-05 15:00", "2024-01-06", True),
            ("seoul", "2024-01-05T15:00Z", "2024-01-05 15:00", "2024-01-06", True),
            ("new york", "2024-01-05T04:59:59Z", "2024-01-05 04:59:59", "2024-01-04", True),
            ("new york", "2024-07-05T03:59:59Z", "2024-07-05 03:59:59", "2024-07-04", True),
            ("new york", "2024-07-05T04:00:00Z", "2024-07-05 04:00", "2024-07-05", True),
            # the hours that a change of clocks skips and repeats
            ("new york", "2024-03-10T07:00:00Z", "2024-03-10 07:00", "2024-03-10", True),
            ("new york", "2024-11-04T04:30:00Z", "2024-11-04 04:30", "2024-11-03", True),
            ("utc", "2024-01-05T12:00:00+09:00", "2024-01-05 03:00", "2024-01-05", True),
            ("utc", "2024-01-05T12:00:00+0900", "2024-01-05 03:00", "2024-01-05", True),
            ("utc", "2024-01-05T12:00:00+09", "2024-01-05 03:00", "2024-01-05", True),
            ("utc", "2024-01-05 12:00-05:30", "2024-01-05 17:30", "2024-01-05", True),
            ("utc", "2024-01-05 12:00-0530", "2024-01-05 17:30", "2024-01-05", True),
            ("utc", "2024-01-05T00:30+01:00", "2024-01-04 23:30", "2024-01-04", True),
            ("utc", "2024-01-05T00:00-23:59", "2024-01-05 23:59", "2024-01-05", True),
            ("utc", "2024-01-05T00:00+23:59", "2024-01-04 00:01", "2024-01-04", True),
            ("utc", "2024-01-05T12:00-00:00", "2024-01-05 12:00", "2024-01-05", True),
            ("utc", "2024-01-05T12:00:00.5", "2024-01-05 12:00:00.500000", "2024-01-05", True),
            ("utc", "2024-01-05T12:00:00.123456Z", "2024-01-05 12:00:00.123456", "2024-01-05", True),
            # cut, not rounded
            ("utc", "2024-01-05T23:59:59.9999999Z", "2024-01-05 23:59:59.999999", "2024-01-05", True),
            ("utc", "2024-01-05T12:00:00.123456789+00", "2024-01-05 12:00:00.123456", "2024-01-05", True),
            ("utc", "1969-12-31T23:59:59.999999999999", "1969-12-31 23:59:59.999999", "1969-12-31", True),
            ("seoul", "\u3000 2024-01-05\u00a0\n", "2024-01-05", "2024-01-05", False),
            ("seoul", "\t2024-01-05T15:00\r\n", "2024-01-05 15:00", "2024-01-06", True),
        ]
    ),
    # money: four decimals, half away from zero, before anything is asked
    *(
        ("orders", {"gross_amount": text}, {"gross_amount": Decimal(money)})
        for text, money in [
            ("10", "10"),
            ("0", "0"),
            ("-0", "0"),
            ("+10.5", "10.5"),
            (".5", "0.5"),
            ("+.5", "0.5"),
            ("0010.50", "10.5"),
            ("1e+3", "1000"),
            ("1.5e+03", "1500"),
            ("12345e-2", "123.45"),
            ("1e-4", "0.0001"),
            ("5e-5", "0.0001"),
            ("4e-5", "0"),
            ("8e-20", "0"),
            ("9e-99", "0"),
            ("123456789e-9", "0.1235"),
            ("0.5e+2", "50"),
            ("0e+99", "0"),
            ("100000e-99", "0"),
            ("1.00005", "1.0001"),
            ("1.00004999999", "1"),
            ("2.67545", "2.6755"),
            ("-0.00004", "0"),
            ("0.00004999999999999999999999999999999999999999", "0"),
            ("0.00005000000000000000000000000000000000000000", "0.0001"),
            ("99999999999999.9999", "99999999999999.9999"),
            ("99999999999999.99994999", "99999999999999.9999"),
            ("0000000000000000000000000000000000000000007", "7"),
            ("999999999999999e-1", "99999999999999.9"),
            (" \u00a07\u3000", "7"),
        ]
    ),
    (
        "orders",
        {"discount_amount": "", "refund_amount": None},
        {"discount_amount": Decimal(0), "refund_amount": Decimal(0)},
    ),
    (
        "orders",
        {"discount_amount": "2.5", "refund_amount": ".25"},
        {"discount_amount": Decimal("2.5"), "refund_amount": Decimal("0.25")},
    ),
    # texts: trimmed; identifiers and channels as they are, the rest in lower
    # case, currencies without regard to case
    ("orders", {"order_id": "00001"}, {"order_id": "00001"}),
    ("orders", {"order_id": " 1e5 "}, {"order_id": "1e5"}),
    ("orders", {"order_id": "A b\tc"}, {"order_id": "A b\tc"}),
    ("orders", {"order_id": "\u3000주문 №1🛒\u00a0"}, {"order_id": "주문 №1🛒"}),
    ("orders", {"order_id": "\u200b"}, {"order_id": "\u200b"}),
    ("orders", {"order_id": "a\\'b\"c|d"}, {"order_id": "a\\'b\"c|d"}),
    ("orders", {"order_id": "NULL"}, {"order_id": "NULL"}),
    ("orders", {"customer_id": " C 1 "}, {"customer_id": "C 1"}),
    ("orders", {"brand_id": "\u2003seoul "}, {"brand_id": "seoul"}),
    ("orders", {"status": " PAID "}, {"status": "paid"}),
    ("orders", {"status": "Ausgeführt"}, {"status": "ausgeführt"}),
    ("orders", {"currency": " krw "}, {"currency": "KRW"}),
    ("orders", {"currency": "KrW"}, {"currency": "KRW"}),
    ("orders", {"currency": " "}, {"currency": None}),
    ("orders", {"brand_id": "utc", "currency": "any"}, {"currency": "ANY"}),
    ("orders", {"coupon_code": " Ten%Off "}, {"coupon_code": "Ten%Off"}),
    ("orders", {"coupon_code": " \u00a0"}, {"coupon_code": None}),
    ("orders", {"channel": " App Store "}, {"channel": "App Store"}),
    ("orders", {"channel": ""}, {"channel": None}),
    ("orders", {"updated_at": "2024-01-05T12:00+09:00"}, {"updated_at": utc("2024-01-05 03:00")}),
    # consent
    *(
        ("customers", {"contactable": text}, {"is_contactable": value})
        for value, texts in [
            (True, ["true", "T", "Yes", "1", " TRUE ", None, "", "\u3000", "Y", "y", "On", "1.0"]),
            (False, ["false", "f", "NO", "0", "\tFalse\n", "N", " n", "OFF", "0.0"]),
        ]
        for text in texts
    ),
    ("customers", {"brand_id": "seoul", "signed_up_at": "2024-01-05T20:00Z"}, {"signed_up_on": date(2024, 1, 6)}),
    (
        "customers",
        {"signed_up_at": None, "referred_by_customer_id": " 007 "},
        {"signed_up_on": None, "referred_by_customer_id": "007"},
    ),
    ("customers", {"membership_joined_at": "2024-01-05T20:00"}, {"membership_joined_on": date(2024, 1, 6)}),
    (
        "interactions",
        {"interaction_type": " Site_Visit "},
        {"interaction_type": "site_visit", "interaction_group": "awareness"},
    ),
    (
        "interactions",
        {"interaction_type": "Smoke Signal"},
        {"interaction_type": "smoke signal", "interaction_group": "other"},
    ),
    (
        "interactions",
        {"duration_seconds": "90.1234565", "amount": "1e+2"},
        {"duration_seconds": Decimal("90.123457"), "amount": Decimal(100)},
    ),
    ("interactions", {"duration_seconds": "999999999999.999999"}, {"duration_seconds": Decimal("999999999999.999999")}),
    ("subscriptions", {"subscription_kind": " PRODUCT "}, {"subscription_kind": "product"}),
    (
        "subscriptions",
        {"started_at": "2024-01-05T15:00Z", "ended_at": " ", "subscription_kind": "Service"},
        {
            "started_on": date(2024, 1, 6),
            "ended_on": None,
            "subscription_kind": "service",
            "monthly_amount": Decimal(0),
        },
    ),
    (
        "subscriptions",
        {"ended_at": "2024-02-01", "monthly_amount": "9.99"},
        {"ended_on": date(2024, 2, 1), "monthly_amount": Decimal("9.99")},
    ),
    ("feedback", {"feedback_kind": "NPS", "score": "10"}, {"feedback_kind": "nps", "score": Decimal(10)}),
    ("feedback", {"feedback_kind": " ", "score": "-0"}, {"feedback_kind": None, "score": Decimal(0)}),
    ("feedback", {"score": "7.5e+0"}, {"score": Decimal("7.5")}),
    ("feedback", {"score": "10.00"}, {"score": Decimal(10)}),
    ("marketing_spend", {"spend_date": "2024-01-05T15:00Z"}, {"spent_on": date(2024, 1, 6)}),
    ("marketing_spend", {"purpose": " Retention"}, {"purpose": "retention"}),
    ("marketing_spend", {"impressions": "12.0", "clicks": None}, {"impressions": 12, "clicks": 0}),
    ("marketing_spend", {"impressions": "1.2e+3", "clicks": "1200e-2"}, {"impressions": 1200, "clicks": 12}),
    ("marketing_spend", {"clicks": "9223372036854775807"}, {"clicks": 9223372036854775807}),
]


@pytest.fixture(scope="module")
def staged(compiled):
    """The rows of staging by table and key, from all rows of READS at once."""
    raw = {table: [] for table in GOOD}
    for number, (table, changes, _) in enumerate(READS):
        own = {KEY[table]: f"key {number}"} | changes
        raw[table].append(good(table, **own))
    models = compiled.run(raw, FAR_AHEAD, [f"stg_{table}" for table in GOOD])
    rows = {(table, row[KEY[table]]): row for table in GOOD for row in models[f"stg_{table}"]}
    assert len(rows) == len(READS)
    return rows


@pytest.mark.parametrize("number", range(len(READS)), ids=[f"{table}-{changes}" for table, changes, _ in READS])
def test_a_value_reads_as(staged, number):
    table, _, expected = READS[number]
    key = expected.get(KEY[table], f"key {number}")
    row = staged[table, key]
    assert {column: row[column] for column in expected} == expected


# Typed columns

# Every column of these tables has a type of its own; a row is named by its key.
TYPED_PARQUET = {
    "orders": """
        select
            'seoul' as brand_id, order_id::integer as order_id,
            7::bigint as customer_id, ordered_at::timestamptz as ordered_at,
            'Paid' as status, gross_amount::double as gross_amount,
            discount_amount::decimal(38, 10) as discount_amount,
            refund_amount::bigint as refund_amount, 'KRW' as currency,
            null::integer as coupon_code, true as channel,
            updated_at::date as updated_at
        from (values
            (1, '2024-01-05 15:00:00+00', '2.675', 0.00005, 0, '2024-01-05'),
            (2, '2024-01-05 23:00:00+09', 'nan', 0, 0, null),
            (3, '2024-01-05 23:00:00+09', 'infinity', 0, 0, null),
            (4, '2024-01-05 23:00:00+09', '-infinity', 0, 0, null),
            (5, '2024-01-05 23:00:00+09', '-1', 0, 0, null),
            (6, '2024-01-05 23:00:00+09', '1e14', 0, 0, null),
            (7, '2024-01-05 23:00:00+09', '1e-9', 0, 0, null),
            (8, '2024-01-05 23:00:00+09', '5.551115123125783e-17', 0, 0, null),
            (9, '2024-01-05 23:00:00+09', '1e7', 1.00005, 3, null),
            (10, '2024-01-05 23:00:00+09', null, 0, 0, null),
            (11, null, '10', 0, 0, null),
            (12, '2024-01-05 23:00:00+09', '10', -0.0001, 0, null),
            (13, '2024-01-05 23:00:00+09', '10', 100000000000000, 0, null),
            (14, '2024-01-05 23:00:00+09', '10', 0, -1, null),
            (15, '2024-01-05 23:00:00.123456+09', '0.1', 0.05, 0, null),
            (16, '2024-01-05 23:00:00+09', '5e-324', null, null, null),
            (17, '2024-01-05 23:00:00+09', '0.00015', -0.00004, 100, null)
        ) as rows(
            order_id, ordered_at, gross_amount, discount_amount,
            refund_amount, updated_at
        )
    """,
    "customers": """
        select
            'new york' as brand_id, customer_id::utinyint as customer_id,
            signed_up_at::date as signed_up_at, 3.5::double
                as acquisition_channel, 1::ubigint as referred_by_customer_id,
            membership_joined_at::timestamp_s as membership_joined_at,
            contactable::boolean as contactable,
            updated_at::timestamp as updated_at
        from (values
            (1, '2024-01-05', '2024-01-05 03:00', true, '2024-01-01 00:00'),
            (1, '2024-01-06', '2024-01-06 05:00', false, '2024-01-01 00:01'),
            (2, null, null, null, null)
        ) as rows(
            customer_id, signed_up_at, membership_joined_at, contactable,
            updated_at
        )
    """,
    "interactions": """
        select
            'seoul' as brand_id, interaction_id::uuid as interaction_id,
            'c' as customer_id, occurred_at::timestamp as occurred_at,
            'Site_Visit'::enum('Site_Visit') as interaction_type,
            duration_seconds::float as duration_seconds,
            amount::decimal(6, 1) as amount
        from (values
            ('00000000-0000-0000-0000-000000000001', '2024-01-05 15:00',
             '0.1', 10.5),
            ('00000000-0000-0000-0000-000000000002', '2024-01-05 14:59',
             'nan', 1),
            ('00000000-0000-0000-0000-000000000003', '2024-01-05', '-1', 1),
            ('00000000-0000-0000-0000-000000000004', '2024-01-05', '1', -0.1)
        ) as rows(interaction_id, occurred_at, duration_seconds, amount)
    """,
    "subscriptions": """
        select
            'seoul' as brand_id, subscription_id::varchar as subscription_id,
            'c' as customer_id, 'Product' as subscription_kind,
            started_at::date as started_at, ended_at::timestamptz as ended_at,
            monthly_amount::float as monthly_amount,
            null::timestamp_ns as updated_at
        from (values
            ('1', '2024-01-05', '2024-01-31 15:00:00+00', '9.9'),
            ('2', '2024-01-05', null, null),
            ('3', '2024-01-05', null, 'infinity')
        ) as rows(subscription_id, started_at, ended_at, monthly_amount)
    """,
    "feedback": """
        select
            'seoul' as brand_id, feedback_id::varchar as feedback_id,
            'c' as customer_id, submitted_at::timestamp_ns as submitted_at,
            null::integer as feedback_kind, score::double as score
        from (values
            ('1', '2024-01-05 15:00:00.123456789', '-0.0'),
            ('2', '2024-01-05', 'nan'),
            ('3', '2024-01-05', '10.000001'),
            ('4', '2024-01-05', '9.5'),
            ('5', '2024-01-05', null)
        ) as rows(feedback_id, submitted_at, score)
    """,
    "marketing_spend": """
        select
            'seoul' as brand_id, spend_date::date as spend_date,
            channel::varchar as channel, 'acquisition' as purpose,
            amount::smallint as amount, impressions::double as impressions,
            clicks::ubigint as clicks
        from (values
            ('1', '2024-01-05', 10, '1e6', 9223372036854775807),
            ('2', '2024-01-05', 10, '1.5', 0),
            ('3', '2024-01-05', 10, 'nan', 0),
            ('4', '2024-01-05', 10, '-1', 0),
            ('5', '2024-01-05', 10, '1', 9223372036854775808),
            ('6', '2024-01-05', -10, null, null),
            ('7', null, 10, null, null)
        ) as rows(channel, spend_date, amount, impressions, clicks)
    """,
}
PARQUET_REASONS = {
    ("orders", "2"): "invalid_gross_amount",
    ("orders", "3"): "invalid_gross_amount",
    ("orders", "4"): "invalid_gross_amount",
    ("orders", "5"): "invalid_gross_amount",
    ("orders", "6"): "invalid_gross_amount",
    ("orders", "10"): "missing_gross_amount",
    ("orders", "11"): "missing_ordered_at",
    ("orders", "12"): "invalid_discount_amount",
    ("orders", "13"): "invalid_discount_amount",
    ("orders", "14"): "invalid_refund_amount",
    ("interactions", "00000000-0000-0000-0000-000000000002"): "invalid_duration_seconds",
    ("interactions", "00000000-0000-0000-0000-000000000003"): "invalid_duration_seconds",
    ("interactions", "00000000-0000-0000-0000-000000000004"): "invalid_amount",
    ("subscriptions", "3"): "invalid_monthly_amount",
    ("feedback", "2"): "invalid_score",
    ("feedback", "3"): "invalid_score",
    ("feedback", "5"): "missing_score",
    ("marketing_spend", "2"): "invalid_impressions",
    ("marketing_spend", "3"): "invalid_impressions",
    ("marketing_spend", "4"): "invalid_impressions",
    ("marketing_spend", "5"): "invalid_clicks",
    ("marketing_spend", "6"): "invalid_amount",
    ("marketing_spend", "7"): "missing_spend_date",
}
PARQUET_READS = {
    ("orders", "1"): {
        "ordered_at": utc("2024-01-05 15:00"),
        "order_date": date(2024, 1, 6),
        "has_time_of_day": True,
        "customer_id": "7",
        "status": "paid",
        "gross_amount": Decimal("2.675"),
        "channel": "true",
        "discount_amount": Decimal("0.0001"),
        "refund_amount": Decimal(0),
        "coupon_code": None,
        "updated_at": utc("2024-01-05"),
    },
    ("orders", "7"): {
        "ordered_at": utc("2024-01-05 14:00"),
        "order_date": date(2024, 1, 5),
        "gross_amount": Decimal(0),
    },
    ("orders", "8"): {"gross_amount": Decimal(0)},
    ("orders", "9"): {
        "gross_amount": Decimal(10000000),
        "discount_amount": Decimal("1.0001"),
        "refund_amount": Decimal(3),
    },
    ("orders", "15"): {
        "ordered_at": utc("2024-01-05 14:00:00.123456"),
        "gross_amount": Decimal("0.1"),
        "discount_amount": Decimal("0.05"),
    },
    ("orders", "16"): {
        "gross_amount": Decimal(0),
        "discount_amount": Decimal(0),
        "refund_amount": Decimal(0),
    },
    ("orders", "17"): {
        "gross_amount": Decimal("0.0002"),
        "discount_amount": Decimal(0),
        "refund_amount": Decimal(100),
    },
    # the later of two versions; a timestamp is in UTC, a date is a day already
    ("customers", "1"): {
        "signed_up_on": date(2024, 1, 6),
        "is_contactable": False,
        "membership_joined_on": date(2024, 1, 6),
        "acquisition_channel": "3.5",
        "referred_by_customer_id": "1",
    },
    ("customers", "2"): {"signed_up_on": None, "is_contactable": True},
    ("interactions", "00000000-0000-0000-0000-000000000001"): {
        "occurred_at": utc("2024-01-05 15:00"),
        "interaction_date": date(2024, 1, 6),
        "has_time_of_day": True,
        "interaction_type": "site_visit",
        "amount": Decimal("10.5"),
        "duration_seconds": Decimal("0.1"),
    },
    ("subscriptions", "1"): {
        "subscription_kind": "product",
        "started_on": date(2024, 1, 5),
        "ended_on": date(2024, 2, 1),
        "monthly_amount": Decimal("9.9"),
    },
    ("subscriptions", "2"): {"ended_on": None, "monthly_amount": Decimal(0)},
    ("feedback", "1"): {
        "submitted_at": utc("2024-01-05 15:00:00.123456"),
        "submitted_on": date(2024, 1, 6),
        "score": Decimal(0),
        "feedback_kind": None,
    },
    ("feedback", "4"): {"score": Decimal("9.5")},
    ("marketing_spend", "1"): {
        "spent_on": date(2024, 1, 5),
        "amount": Decimal(10),
        "impressions": 1000000,
        "clicks": 9223372036854775807,
    },
}
# types that Parquet has not, and the same columns with yet another type
TYPED_TABLES = {
    "orders": """
        select
            'utc' as brand_id, order_id, 'c' as customer_id,
            ordered_at::date as ordered_at, 'paid' as status,
            gross_amount::hugeint as gross_amount,
            discount_amount::float as discount_amount,
            refund_amount::decimal(18, 4) as refund_amount,
            updated_at::timestamptz as updated_at
        from (values
            ('1', '2024-01-05', 10, 0.1, 0.0001, '2024-01-05 00:00:00+09'),
            ('2', 'infinity', 10, 0, 0, null),
            ('3', '-infinity', 10, 0, 0, null),
            ('4', '2024-01-05', 10, 0, 0, 'infinity'),
            ('5', '2024-01-05', 99999999999999, 0, 0, null),
            ('6', '2024-01-05', 100000000000000, 0, 0, null),
            ('7', '2024-01-05', -1, 0, 0, null)
        ) as rows(
            order_id, ordered_at, gross_amount, discount_amount,
            refund_amount, updated_at
        )
    """,
    "customers": """
        select
            'utc' as brand_id, customer_id,
            signed_up_at::timestamp as signed_up_at,
            contactable::integer as contactable,
            20240105::integer as membership_joined_at
        from (values ('1', '2024-01-05 12:00', 0), ('2', 'infinity', 1))
            as rows(customer_id, signed_up_at, contactable)
    """,
    "interactions": """
        select
            'utc' as brand_id, interaction_id, 'c' as customer_id,
            occurred_at::timestamptz as occurred_at,
            'review' as interaction_type, interval '1 minute'
                as duration_seconds, amount::uhugeint as amount
        from (values ('1', '2024-01-05 00:00:00+09', 12))
            as rows(interaction_id, occurred_at, amount)
    """,
    "feedback": """
        select
            'utc' as brand_id, feedback_id, 'c' as customer_id,
            time '12:00' as submitted_at, true as score
        from (values ('1')) as rows(feedback_id)
    """,
}
TABLE_REASONS = {
    ("orders", "2"): "invalid_ordered_at",
    ("orders", "3"): "invalid_ordered_at",
    ("orders", "4"): "invalid_updated_at",
    ("orders", "6"): "invalid_gross_amount",
    ("orders", "7"): "invalid_gross_amount",
    ("customers", "1"): "invalid_membership_joined_at",
    ("customers", "2"): "invalid_signed_up_at",
    ("interactions", "1"): "invalid_duration_seconds",
    ("feedback", "1"): "invalid_submitted_at",
}
TABLE_READS = {
    ("orders", "1"): {
        "ordered_at": utc("2024-01-05"),
        "order_date": date(2024, 1, 5),
        "has_time_of_day": False,
        "gross_amount": Decimal(10),
        "discount_amount": Decimal("0.1"),
        "refund_amount": Decimal("0.0001"),
        "currency": None,
        "updated_at": utc("2024-01-04 15:00"),
    },
    ("orders", "5"): {"gross_amount": Decimal(99999999999999)},
}


def outcomes(built, tables):
    """Reasons and staged rows of a build, each by table and key."""
    assert built.succeeded, built.messages
    reasons = {
        (row["source_table"], json.loads(row["raw_row"])[KEY[row["source_table"]]]): row["reason"]
        for row in built.rows("from quality.rejected_rows")
    }
    staged = {(table, row[KEY[table]]): row for table in tables for row in built.rows(f"from staging.stg_{table}")}
    return reasons, staged


def assert_reads(staged, expected):
    """Hold the rows of staging against those expected, no more and no fewer."""
    assert staged.keys() == expected.keys()
    for key, values in expected.items():
        row = staged[key]
        assert {column: row[column] for column in values} == values, key


def test_typed_columns_of_parquet(tmp_path):
    folder = tmp_path / "raw"
    folder.mkdir()
    for table, query in TYPED_PARQUET.items():
        project.write_parquet(folder / f"{table}.parquet", query)
    built = project.build(
        tmp_path / "built",
        {
            "raw_dir": str(folder),
            "brands": BRANDS,
            "as_of_date": "2024-12-31",
        },
        select=project.STAGING_AND_QUALITY,
    )
    reasons, staged = outcomes(built, TYPED_PARQUET)
    assert reasons == PARQUET_REASONS
    assert_reads(staged, PARQUET_READS)
    counted = built.rows("from quality.input_reconciliation")
    assert sum(row["superseded_rows"] for row in counted) == 1


def test_typed_columns_of_tables(tmp_path):
    database = tmp_path / "lifecycle.duckdb"
    project.land(database, {table: [] for table in GOOD if table not in TYPED_TABLES})
    with duckdb.connect(str(database)) as connection:
        connection.execute("set timezone = 'UTC'")
        for table, query in TYPED_TABLES.items():
            connection.execute(f"create table {project.RAW_SCHEMA}.{table} as {query}")
    built = project.build(
        tmp_path,
        {
            "raw_schema": project.RAW_SCHEMA,
            "brands": BRANDS,
            "as_of_date": "2024-12-31",
        },
        select=project.STAGING_AND_QUALITY,
    )
    reasons, staged = outcomes(built, TYPED_TABLES)
    assert reasons == TABLE_REASONS
    assert_reads(staged, TABLE_READS)
    # the text of an instant decides ties and is shown with a rejected row: the zone of a session must not change it
    with duckdb.connect(str(built.database)) as connection:
        for zone in ("UTC", "Asia/Seoul"):
            connection.execute(f"set timezone = '{zone}'")
            assert connection.execute(
                "select raw_updated_at, raw_ordered_at from staging.base_orders_checked where raw_order_id = '1'"
            ).fetchall() == [("2024-01-04 15:00:00+00", date(2024, 1, 5))]


def test_numbers_as_identifiers(tmp_path):
    """Whole ones read as their digits, so that every version has one key."""
    database = tmp_path / "lifecycle.duckdb"
    project.land(database, {table: [] for table in GOOD if table != "orders"})
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"""
            create table {project.RAW_SCHEMA}.orders as
            select
                'utc' as brand_id, order_id::decimal(10, 2) as order_id,
                customer_id::double as customer_id,
                '2024-01-05' as ordered_at, 'paid' as status,
                row_number() over () as gross_amount
            from (values
                (1, '42'), (2, '-0.0'), (3, '9007199254740991'), (4, '42.5'),
                (5, 'nan'), (6, 'infinity'), (7, '9007199254740992'),
                (8, null), (9.5, '42'), (10, '1e3'), (11, '42'), (11, '0.0')
            ) as rows(order_id, customer_id)
        """)
    built = project.build(
        tmp_path,
        {
            "raw_schema": project.RAW_SCHEMA,
            "brands": BRANDS,
            "as_of_date": None,
        },
        select=project.STAGING_AND_QUALITY,
    )
    reasons, staged = outcomes(built, ["orders"])
    assert reasons == {("orders", f"{key}.00"): "invalid_customer_id" for key in "4567"} | {
        ("orders", "8.00"): "missing_customer_id",
        ("orders", "9.50"): "invalid_order_id",
    }
    assert {key: row["customer_id"] for (_, key), row in staged.items()} == {
        "1": "42",
        "2": "0",
        "3": "9007199254740991",
        "10": "1000",
        "11": "42",
    }


def test_counts_that_are_accepted_never_stop_a_build(compiled):
    """Their sum is more than a bigint holds."""
    most = str(2**63 - 1)
    raw = {"marketing_spend": [good("marketing_spend", impressions=most, clicks=most, brand_id="utc")] * 3}
    marts = compiled.run(raw, date(2024, 1, 31), ["acquisition_channels"])
    assert not project.differences_of(compiled.expected(raw, date(2024, 1, 31)), marts)
    assert 3 * (2**63 - 1) in [row["impressions"] for row in marts["acquisition_channels"]]


def test_malformed_records_are_counted_and_kept(compiled):
    """Under no brand, and equal ones apart."""
    raw = {
        "orders": [good("orders"), {MALFORMED: "b,1"}, {MALFORMED: "b,1"}],
        "feedback": [{MALFORMED: 'it\'s "so",\nand so on'}],
    }
    marts = compiled.run(raw, None, project.QUALITY)
    assert not project.differences_of(compiled.expected(raw), marts)
    digest = hashlib.md5(b"b,1").hexdigest()
    assert {row["row_id"]: row["raw_row"] for row in marts["rejected_rows"] if row["source_table"] == "orders"} == {
        f"{digest}-{number}": '{"line":"b,1"}' for number in (1, 2)
    }


# Versions of one row


def order(order_id="1", amount="1", **changes):
    return good("orders", order_id=order_id, gross_amount=amount, **changes)


NO_UPDATE, EARLY, LATE = None, "2024-01-05T09:00+09:00", "2024-01-05T00:01Z"
VERSIONS = {
    "the latest update stays": ([order(amount="1", updated_at=LATE), order(amount="2", updated_at=EARLY)], "1"),
    "an update is an instant, whatever its offset": (
        [order(amount="1", updated_at="2024-01-05T23:00+09:00"), order(amount="2", updated_at="2024-01-05T15:00Z")],
        "2",
    ),
    "a day is its midnight in UTC, not in the brand's zone": (
        [order(amount="1", updated_at="2024-01-05"), order(amount="2", updated_at="2024-01-04T23:59Z")],
        "1",
    ),
    "microseconds decide": (
        [
            order(amount="2", updated_at="2024-01-05T00:00:00.000001Z"),
            order(amount="1", updated_at="2024-01-05T00:00:00.000002Z"),
        ],
        "1",
    ),
    "what lies beyond a microsecond does not: the text decides": (
        [
            order(amount="1", updated_at="2024-01-05T00:00:00.0000019Z"),
            order(amount="2", updated_at="2024-01-05T00:00:00.0000011Z"),
        ],
        "2",
    ),
    "no update is the earliest": (
        [order(amount="9", updated_at=NO_UPDATE), order(amount="1", updated_at="0001-01-02")],
        "1",
    ),
    "without updates the text decides": ([order(amount="1"), order(amount="2")], "2"),
    "as text, not as a number": ([order(amount="9"), order(amount="10")], "9"),
    "byte by byte: lower case after upper case": (
        [order(amount="1", coupon_code="a"), order(amount="1.0", coupon_code="B")],
        "1",
    ),
    "byte by byte: letters with marks after z": ([order(coupon_code="é"), order(coupon_code="z")], "1"),
    "byte by byte: null is backslash and N": (
        [order(amount="3", coupon_code=None), order(amount="3", coupon_code="Z")],
        "3",
    ),
    "the columns in the table's order": ([order(amount="2", customer_id="a"), order(amount="1", customer_id="b")], "1"),
    "blanks around a key do not make another": ([order("1", "1"), order(" 1\u3000", "2", updated_at=LATE)], "2"),
    "nor do those that count as line breaks": (
        [order("1", "1"), order("\v\x851\u2028\u2029", "2", updated_at=LATE)],
        "2",
    ),
    "a rejected version supersedes nothing": (
        [order(amount="1", updated_at=EARLY), order(amount="-1", updated_at=LATE)],
        "1",
    ),
    "nor does one of another currency": (
        [order(amount="1", updated_at=EARLY), order(amount="2", updated_at=LATE, currency="EUR")],
        "1",
    ),
    "a version dated after as_of_date counts like any other": (
        [order(amount="1", updated_at="2024-01-01"), order(amount="2", updated_at="2030-01-01")],
        "2",
    ),
    "a version that takes place after as_of_date removes the key": (
        [order(amount="1", updated_at=EARLY), order(amount="2", updated_at=LATE, ordered_at="2024-02-01")],
        None,
    ),
    "rows alike in everything": ([order(amount="5")] * 3, "5"),
    "another brand is another key": ([order(amount="1"), order(amount="2", brand_id="utc", updated_at=LATE)], "1"),
}


TURNED = pytest.mark.parametrize("turned", [False, True], ids=["", "turned"])


@pytest.fixture(scope="module")
def versions(compiled):
    """A function that runs all cases of VERSIONS at once, each with an order of its own, as they stand or turned.

    It gives the raw rows, and the models.
    """
    kept = {}

    def run(turned):
        if turned not in kept:
            raw = {
                "orders": [
                    row | {"order_id": row["order_id"].replace("1", f"{name} 1")}
                    for name, (rows, _amount) in VERSIONS.items()
                    for row in (rows[::-1] if turned else rows)
                ]
            }
            kept[turned] = raw, compiled.run(raw, date(2024, 1, 31), ["stg_orders", *project.QUALITY])
        return kept[turned]

    return run


@TURNED
def test_versions_are_counted(compiled, versions, turned):
    raw, models = versions(turned)
    expected = compiled.expected(raw, date(2024, 1, 31))
    assert not project.differences_of(expected, {name: models[name] for name in project.QUALITY})


@TURNED
@pytest.mark.parametrize("name", VERSIONS)
def test_one_version_stays(versions, name, turned):
    _rows, amount = VERSIONS[name]
    stay = [
        row["gross_amount"]
        for row in versions(turned)[1]["stg_orders"]
        if row["brand_id"] == "seoul" and row["order_id"] == f"{name} 1"
    ]
    assert stay == ([] if amount is None else [Decimal(amount)])


def test_versions_of_the_other_tables(compiled):
    """Customers and subscriptions have updates; spend adds up."""
    raw = {
        "customers": [
            good("customers", updated_at="2024-01-02", contactable="no"),
            good("customers", updated_at="2024-01-01", contactable="yes"),
        ],
        "subscriptions": [
            good("subscriptions", updated_at="2024-01-01", monthly_amount="1"),
            good("subscriptions", updated_at="2024-01-02", monthly_amount="0"),
        ],
        "interactions": [
            good("interactions", interaction_type="review"),
            good("interactions", interaction_type="site_visit"),
        ],
        "feedback": [good("feedback", score="9"), good("feedback", score="10")],
        "marketing_spend": [good("marketing_spend")] * 3,
    }
    names = [f"stg_{table}" for table in raw]
    models = compiled.run(raw, date(2024, 1, 31), names)
    assert {name: len(rows) for name, rows in models.items()} == {
        "stg_customers": 1,
        "stg_subscriptions": 1,
        "stg_interactions": 1,
        "stg_feedback": 1,
        "stg_marketing_spend": 3,
    }
    assert models["stg_customers"][0]["is_contactable"] is False
    assert models["stg_subscriptions"][0]["monthly_amount"] == 0
    assert models["stg_interactions"][0]["interaction_type"] == "site_visit"
    assert models["stg_feedback"][0]["score"] == 9
    marts = compiled.run(raw, date(2024, 1, 31), project.QUALITY)
    expected = compiled.expected(raw, date(2024, 1, 31))
    assert not project.differences_of(expected, marts)


# The last day that counts

# one row of each table in every month of half a year, in two zones
HISTORY = {
    table: [
        good(
            table,
            **{
                KEY[table]: f"key {month}",
                "brand_id": brand,
                TABLES[table].event: f"2024-{month:02}-15T16:00Z",
            },
        )
        for month in range(1, 7)
        for brand in ("seoul", "new york")
    ]
    for table in GOOD
}


@pytest.mark.parametrize(
    "as_of_date",
    [
        None,
        date(1999, 12, 31),
        date(2024, 1, 14),
        date(2024, 1, 15),
        date(2024, 1, 16),
        date(2024, 3, 31),
        date(2024, 4, 1),
        date(2024, 6, 15),
        date(2024, 6, 16),
        date(2024, 12, 31),
        date(2031, 3, 1),
    ],
    ids=str,
)
def test_the_last_day_that_counts(compiled, as_of_date):
    marts = compiled.run(HISTORY, as_of_date)
    assert not project.differences_of(compiled.expected(HISTORY, as_of_date), marts)
    before_all = as_of_date is not None and as_of_date < date(2024, 1, 15)
    quality = {name: marts.pop(name) for name in project.QUALITY}
    assert before_all == (not any(marts.values()))
    assert before_all == all(
        row["after_as_of_date_rows"] == row["raw_rows"] == 6 for row in quality["input_reconciliation"]
    )


def test_the_default_is_the_latest_order_of_any_brand_and_status(compiled):
    """In its own brand's calendar, whatever became of it; not a rejected or a
    superseded one, and nothing of another table."""
    raw = {
        "orders": [
            order("1", ordered_at="2024-03-01", brand_id="utc"),
            # the third of March in Seoul
            order("2", ordered_at="2024-03-02T16:00Z", status="cancelled"),
            order("3", ordered_at="2024-03-09", amount="-1"),
            order("4", ordered_at="2024-03-09", brand_id="nobody"),
            order("5", ordered_at="2024-03-09", updated_at="2024-03-09"),
            order("5", ordered_at="2024-03-02", updated_at="2024-03-10"),
        ],
        "interactions": [good("interactions", occurred_at="2024-03-08")],
        "subscriptions": [good("subscriptions", started_at="2024-03-08")],
    }
    marts = compiled.run(raw, None, [*project.QUALITY, "as_of_date"])
    assert marts.pop("as_of_date") == [{"as_of_date": date(2024, 3, 3)}]
    assert not project.differences_of(compiled.expected(raw), marts)


def test_without_any_order_that_counts_nothing_else_does(compiled):
    """No date, so no row is within it; who has no date is still accepted."""
    raw = {
        table: [row | {"brand_id": "utc"} for row in rows] for table, rows in HISTORY.items() if table != "orders"
    } | {
        "orders": [order(amount="-1")],
        "customers": [
            good("customers", customer_id="1"),
            good("customers", customer_id="2", signed_up_at="2024-01-05"),
        ],
    }
    marts = compiled.run(raw)
    assert not project.differences_of(compiled.expected(raw), marts)
    quality = {name: marts.pop(name) for name in project.QUALITY}
    assert not any(marts.values())
    counted = {row["source_table"]: row for row in quality["input_reconciliation"]}
    assert counted["customers"]["accepted_rows"] == 1
    assert counted["customers"]["after_as_of_date_rows"] == 1
    assert counted["interactions"]["after_as_of_date_rows"] == 6
    assert counted["orders"]["rejected_rows"] == 1


def test_types_that_the_seed_lacks_are_kept_and_signal_nothing(compiled):
    """Group other, weight 0 but for the brand's own, and no signal."""

    def seen(number, customer_id, interaction_type):
        return good(
            "interactions",
            brand_id="every group",
            interaction_id=number,
            customer_id=customer_id,
            interaction_type=interaction_type,
        )

    raw = {
        "interactions": [
            seen("1", "known", "smoke_signal"),
            seen("2", "known", "other"),
            seen("3", "signalled", "site_visit"),
        ]
    }
    marts = compiled.run(raw, date(2024, 1, 31))
    assert not project.differences_of(compiled.expected(raw, date(2024, 1, 31)), marts)
    customers = {row["customer_id"]: row for row in marts["customers"]}
    assert customers["known"]["relationship_status"] == "prospect"
    assert customers["known"]["interactions_90d"] == 2
    assert customers["known"]["engagement_points"] == 0
    assert customers["signalled"]["relationship_status"] == "active"
