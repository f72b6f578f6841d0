"""Hand-computed cases for the independent program in `oracle`."""

import itertools
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle import KEYS, compute, differences, online_retail
from oracle.inputs import TABLES, classify, row_text
from oracle.periods import period_end, period_start, period_starts
from oracle.settings import merged_settings
from oracle.spans import Span, merge_intervals
from oracle.values import (
    InvalidValue,
    business_date,
    read_count,
    read_money,
    read_number,
    read_score,
    read_time,
)

TYPES = {
    "site_visit": ("awareness", 1),
    "email_open": ("engagement", "0.5"),
    "membership_join": ("engagement", 2),
    "support_chat": ("support", 0),
    "review": ("advocacy", 5),
}


def order(order_id, customer_id, day, amount="10", **more):
    return {
        "brand_id": "b",
        "order_id": order_id,
        "customer_id": customer_id,
        "ordered_at": day,
        "status": "completed",
        "gross_amount": amount,
    } | more


def run(orders=(), as_of=None, settings=None, **tables):
    """The marts of one brand `b`."""
    raw = {"orders": list(orders)} | tables
    return compute(raw, {"b": settings}, None, as_of, TYPES)


def by(rows, *columns):
    """The rows by the values of some columns, which must tell them apart."""
    result = {}
    for row in rows:
        key = tuple(str(row[column]) for column in columns)
        assert key not in result
        result[key if len(columns) > 1 else key[0]] = row
    return result


# Values


@pytest.mark.parametrize(
    "text, utc",
    [
        ("2024-02-29T23:30", "2024-02-29 23:30:00"),
        (" 2024-02-29 23:30:59Z\u3000", "2024-02-29 23:30:59"),
        ("2024-02-29 23:30:00.1234567+09", "2024-02-29 14:30:00.123456"),
        ("2024-02-29T23:30-0130", "2024-03-01 01:00:00"),
        ("2024-02-29T23:30+23:59", "2024-02-28 23:31:00"),
    ],
)
def test_times_read(text, utc):
    moment = read_time(text)
    expected = datetime.fromisoformat(utc) - datetime(1970, 1, 1)
    assert moment == (expected // timedelta(microseconds=1), None)


@pytest.mark.parametrize(
    "text",
    [
        "2023-02-29",
        "0000-01-01",
        "2024-01-01Z",
        "2024-01-01T24:00",
        "2024-01-01T10",
        "2024-01-01T10:60",
        "2024-01-01T10:00:60",
        "2024-01-01T10:00:00.",
        "2024-01-01T10:00+24",
        "2024-01-01T10:00+1",
        "2024-1-1",
        "20240101",
        "2024-01-01  10:00",
        "2024-01-01T10:00 Z",
        "２０２４-01-01",
        "2024-01-01t10:00",
    ],
)
def test_times_that_do_not_read(text):
    with pytest.raises(InvalidValue):
        read_time(text)


def test_only_a_time_of_day_is_shifted_to_the_zone():
    seoul = ZoneInfo("Asia/Seoul")
    assert business_date(read_time("2024-01-01T15:00"), seoul) == date(2024, 1, 2)
    assert business_date(read_time("2024-01-01"), seoul) == date(2024, 1, 1)
    assert business_date(read_time(date(2024, 1, 1)), seoul) == date(2024, 1, 1)
    aware = datetime(2024, 1, 1, 15, tzinfo=timezone(timedelta(hours=1)))
    assert business_date(read_time(aware), seoul) == date(2024, 1, 1)
    last = read_time("9999-12-30T23:59:59Z")
    assert business_date(last, seoul) == date.max


def test_numbers_read():
    assert read_number("+.5") == Fraction(1, 2)
    assert read_number(" 12e-1 ") == Fraction(6, 5)
    assert read_number(0.1) == Fraction(1, 10)
    for text in ("1e5", "1E+5", "5.", ".", "1,000", "nan", "inf", "1e+100"):
        with pytest.raises(InvalidValue):
            read_number(text)
    with pytest.raises(InvalidValue):
        read_number(float("nan"))


def test_money_is_rounded_half_away_from_zero_and_then_checked():
    assert read_money("1.00005") == Decimal("1.0001")
    assert read_money("-0.00004") == 0
    assert read_money(2.675) == Decimal("2.6750")
    assert read_money("99999999999999.99994") == Decimal("99999999999999.9999")
    for text in ("-0.00005", "99999999999999.99995", "1e+14"):
        with pytest.raises(InvalidValue):
            read_money(text)


def test_counts_are_whole_and_scores_from_0_to_10():
    assert read_count("12.0") == 12
    assert read_score("9.5") == Fraction(19, 2)
    # rounded first, as money is: to 18 decimals and to 12
    assert read_count("12.0000000000000000004") == 12
    assert read_score("10.0000000000004") == 10
    for reader, text in (
        (read_count, "12.5"),
        (read_count, "-1"),
        (read_count, "9223372036854775808"),
        (read_score, "10.1"),
        (read_score, "-1"),
    ):
        with pytest.raises(InvalidValue):
            reader(text)


# Rows


def test_the_first_reason_rejects():
    rows = [
        order("1", " ", "x", amount=None),
        order("2", "c", "x", amount="x", updated_at="x"),
        order("3", "c", "2024-01-01", updated_at="x", currency="EUR"),
        order("4", "c", "2024-01-01", brand_id="z", currency="EUR"),
        order("5", "c", "2024-01-01", currency=" eur "),
        order("6", "c", "2024-01-01", currency="gbp"),
        order("7", "c", "2024-01-01"),
        order("8", "c", "2024-01-01", brand_id=None),
    ]
    marts = run(rows, settings={"currency": "GBP"})
    assert [row["reason"] for row in marts["rejected_rows"]] == [
        "missing_customer_id",
        "invalid_ordered_at",
        "invalid_updated_at",
        "unknown_brand",
        "currency_mismatch",
        "missing_brand_id",
    ]
    counts = by(marts["input_reconciliation"], "source_table", "brand_id")
    assert set(counts) == {
        ("orders", "b"),
        ("orders", "z"),
        ("orders", "(missing)"),
    }
    assert counts["orders", "b"]["accepted_rows"] == 2


def test_identical_rejected_rows_are_numbered():
    bad = order("1", None, "2024-01-01")
    ids = [row["row_id"] for row in run([bad, bad])["rejected_rows"]]
    assert row_text(TABLES["orders"], bad) == (r"b|1|\N|2024-01-01|completed|10|\N|\N|\N|\N|\N|\N")
    assert [i[-2:] for i in ids] == ["-1", "-2"] and len({i[:32] for i in ids}) == 1


def test_the_latest_version_stays_before_the_date_is_looked_at():
    settings = merged_settings({"b": None})
    raw = {
        "orders": [
            order("1", "c", "2024-01-01", "9", updated_at="2024-01-01T10:00"),
            order(" 1", "c", "2024-01-01", "8", updated_at="2024-01-01T12:00+09:00"),
            order("1", "c", "2024-01-01", "7"),
            order("1", "c", "2024-01-01", "bad", updated_at="2025-01-01"),
            order("2", "c", "2024-01-02", "1"),
            order("2", "c", "2024-01-09", "1", updated_at="2024-03-01"),
            order("3", "c", "2024-01-03", "10"),
            order("3", "c", "2024-01-03", "9"),
        ]
    }
    inputs = classify(raw, settings, date(2024, 1, 5))
    stay = {r["order_id"]: r["gross_amount"] for r in inputs.accepted["orders"]}
    assert stay == {"1": 9, "3": 9}
    assert inputs.input_reconciliation == [
        {
            "source_table": "orders",
            "brand_id": "b",
            "raw_rows": 8,
            "accepted_rows": 2,
            "rejected_rows": 1,
            "superseded_rows": 4,
            "after_as_of_date_rows": 1,
        }
    ]
    assert classify(raw, settings).as_of_date == date(2024, 1, 9)


def test_without_any_date_what_has_one_lies_after_it():
    marts = run(
        [order("1", "c", "2024-02-30")],
        customers=[
            {"brand_id": "b", "customer_id": "1"},
            {"brand_id": "b", "customer_id": "2", "signed_up_at": "2024-01-01"},
        ],
        marketing_spend=[
            {
                "brand_id": "b",
                "spend_date": "2024-01-01",
                "channel": "ads",
                "purpose": "retention",
                "amount": "1",
            }
        ],
    )
    counted = by(marts["input_reconciliation"], "source_table")
    assert counted["orders"]["rejected_rows"] == 1
    assert counted["customers"]["accepted_rows"] == 1
    assert counted["customers"]["after_as_of_date_rows"] == 1
    assert counted["marketing_spend"]["after_as_of_date_rows"] == 1
    assert not marts["customers"] and not marts["brand_metrics"]


def test_maps_of_settings_merge_and_rules_replace():
    settings = merged_settings(
        {"b": {"active": {"window_days": 7}, "loyal_when": {"any": []}}},
        {"engagement": {"weights": {"review": 9}}, "tiers": [1]},
    )["b"]
    assert settings["active"] == {"window_days": 7, "signals": ["order"]}
    assert settings["loyal_when"] == {"any": []}
    assert settings["engagement"] == {
        "window_days": 90,
        "full_score_points": 50,
        "weights": {"review": 9},
    }
    assert settings["tiers"] == [1]


# Periods and spans


def test_periods():
    assert period_start(date(2024, 12, 31), "week") == date(2024, 12, 30)
    assert period_end(date(2024, 10, 1), "quarter") == date(2024, 12, 31)
    weeks = list(period_starts(date(2024, 12, 31), date(2025, 1, 6), "week"))
    assert weeks == [date(2024, 12, 30), date(2025, 1, 6)]


def test_overlapping_and_touching_intervals_merge():
    def january(first, last):
        return Span(date(2024, 1, first), last and date(2024, 1, last))

    assert merge_intervals([january(20, 21), january(4, 7), january(1, 4), january(2, 3)]) == [
        january(1, 7),
        january(20, 21),
    ]
    assert merge_intervals([january(3, None), january(1, 3), january(9, 10)]) == [january(1, None)]


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(1, 9)), max_size=8))
def test_spans_cover_the_days_of_their_intervals_and_do_not_touch(pairs):
    start = date(2024, 1, 1).toordinal()
    covered = {start + o + i for o, length in pairs for i in range(length)}
    spans = merge_intervals(
        Span(date.fromordinal(start + o), date.fromordinal(start + o + length)) for o, length in pairs
    )
    days = [d for s in spans for d in range(s.start.toordinal(), s.end.toordinal())]
    assert days == sorted(covered)
    assert all(a.end < b.start for a, b in itertools.pairwise(spans))


CHURN_10 = {"churn": {"window_days": 10}, "active": {"window_days": 5}}


def customer_at(day, orders, **tables):
    settings = CHURN_10 | tables.pop("settings", {})
    marts = run(orders, date(2024, 1, day), settings, **tables)
    return by(marts["customers"], "customer_id")["c"]


def test_a_churn_is_on_the_day_after_the_last_covered_one():
    orders = [order("1", "c", "2024-01-01")]
    last_active, dormant = customer_at(5, orders), customer_at(6, orders)
    assert last_active["relationship_status"] == "active"
    assert last_active["active_until"] == date(2024, 1, 5)
    assert dormant["relationship_status"] == "dormant"
    assert dormant["active_until"] is None
    assert customer_at(10, orders)["relationship_status"] == "dormant"
    assert customer_at(10, orders)["churn_count"] == 0
    churned = customer_at(11, orders)
    assert churned["relationship_status"] == "churned"
    assert churned["last_churn_date"] == date(2024, 1, 11)


def test_an_order_on_the_end_day_touches_and_one_later_reactivates():
    first = order("1", "c", "2024-01-01")
    touching = customer_at(20, [first, order("2", "c", "2024-01-11")])
    assert (touching["churn_count"], touching["reactivation_count"]) == (0, 0)
    later = customer_at(20, [first, order("2", "c", "2024-01-12")])
    assert (later["churn_count"], later["reactivation_count"]) == (1, 1)
    assert later["acquisition_date"] == date(2024, 1, 1)


def subscription(started, ended=None, **more):
    return {
        "brand_id": "b",
        "subscription_id": "s",
        "customer_id": "c",
        "subscription_kind": "Service",
        "started_at": started,
        "ended_at": ended,
        "monthly_amount": "5",
    } | more


def test_subscriptions_cover_until_their_end():
    def at(day, ended):
        return customer_at(
            day,
            [],
            subscriptions=[subscription("2024-01-01", ended)],
            settings={"active": {"signals": ["subscription"]}},
        )

    running = at(9, "2024-01-10")
    assert running["is_service_subscriber"] and running["is_active"]
    assert running["active_until"] is None  # an end still to come is no end
    assert running["monthly_recurring_amount"] == 5
    ended = at(10, "2024-01-10")
    assert ended["relationship_status"] == "churned"
    assert ended["subscriptions_cancelled"] == 1
    nothing = at(10, "2024-01-01")
    assert nothing["relationship_status"] == "prospect"
    assert nothing["loyalty_class"] == "one_time"  # still a commitment


def test_a_renewed_subscription_is_retained():
    def loyalty_class(day, ended=None):
        return customer_at(
            day,
            [],
            subscriptions=[subscription("2024-01-01", ended)],
            settings={"subscription_renewal_days": 10},
        )["loyalty_class"]

    assert loyalty_class(10) == "one_time"
    assert loyalty_class(11) == "repeat"
    assert loyalty_class(20, "2024-01-10") == "one_time"
    assert loyalty_class(20, "2024-01-11") == "repeat"


# Customers


def test_order_sequence_gaps_and_the_expected_next_order():
    orders = [
        order("b", "c", "2024-01-05"),
        order("a", "c", "2024-01-01T09:00", "30", discount_amount="5"),
        order("z", "c", "2024-01-01", "1"),
        order("B", "c", "2024-01-12", "4", refund_amount="4"),
        order("c", "d", "2024-01-01"),
        order("d", "d", "2024-01-13"),
    ]
    marts = run(orders, date(2024, 1, 20))
    row = by(marts["customers"], "customer_id")["c"]
    assert row["lifetime_orders"] == 3  # the refunded one is no purchase
    assert row["days_to_second_order"] == 0
    assert row["distinct_order_days"] == 2
    assert row["lifetime_net_revenue"] == Decimal("36.0000")
    assert row["discounted_order_share"] == pytest.approx(1 / 3)
    assert row["average_days_between_orders"] == 4.0
    # gaps 4 and 12: mean 8; (1 x 4 + 2 x 8) / 3 = 6 2/3, rounded up 7
    assert row["expected_days_between_orders"] == pytest.approx(20 / 3)
    assert row["next_order_expected_on"] == date(2024, 1, 12)
    assert row["overdue_ratio"] == pytest.approx(15 / (20 / 3))
    month = by(marts["brand_metrics"], "period_grain", "period_start")["month", "2024-01-01"]
    # first in sequence: the date-only order "z", at midnight UTC
    assert month["first_order_net_revenue"] == Decimal("11.0000")


def test_engagement_membership_referrals_and_feedback():
    def interaction(number, kind, day):
        return {
            "brand_id": "b",
            "interaction_id": str(number),
            "customer_id": "c",
            "occurred_at": day,
            "interaction_type": kind,
            "duration_seconds": "1.5",
        }

    def feedback(number, day, score):
        return {
            "brand_id": "b",
            "feedback_id": number,
            "customer_id": "c",
            "submitted_at": day,
            "feedback_kind": "nps",
            "score": score,
        }

    row = customer_at(
        30,
        [order("1", "d", "2024-01-02")],
        interactions=[
            interaction(1, "Site_Visit", "2024-01-01"),
            interaction(2, "site_visit", "2023-11-02"),  # the 90th day
            interaction(3, "site_visit", "2023-11-01"),  # the 91st
            interaction(4, "email_open", "2024-01-30"),
            interaction(5, "membership_join", "2020-01-01"),
            interaction(6, "sns_new", "2024-01-30"),
        ],
        customers=[
            {"brand_id": "b", "customer_id": "d", "referred_by_customer_id": "c"},
            {"brand_id": "b", "customer_id": "e", "referred_by_customer_id": "c"},
            {"brand_id": "b", "customer_id": "c", "contactable": "No", "referred_by_customer_id": "c"},
        ],
        feedback=[
            feedback("a", "2024-01-03", "6"),
            feedback("b", "2024-01-03", "9"),
        ],
        settings={"engagement": {"weights": {"SITE_VISIT": 3}}},
    )
    assert row["engagement_points"] == 6.5
    assert row["engagement_score"] == 13.0
    assert row["site_visits_90d"] == 2 and row["site_seconds_90d"] == 3
    assert row["sns_interactions_90d"] == 1
    assert row["is_member"] and not row["is_contactable"]
    assert (row["referrals"], row["converted_referrals"]) == (1, 1)
    assert row["known_since"] == date(2020, 1, 1)
    assert row["average_feedback_score"] == 7.5
    assert row["latest_feedback_score"] == 9.0
    assert row["relationship_status"] == "prospect"
    assert row["loyalty_class"] == "none"


def test_loyalty_rules_and_what_is_missing():
    rule = {
        "all": [
            {"metric": "lifetime_orders", "op": ">", "value": 1},
            {"not": {"name": "sale", "metric": "discounted_order_share", "op": ">", "value": 0.5}},
            {
                "at_least": 1,
                "of": [
                    {"metric": "is_member", "op": "=", "value": True},
                    {"metric": "average_feedback_score", "op": ">=", "value": 9},
                    {"metric": "recency_days", "op": "<=", "value": 3},
                ],
            },
        ]
    }
    tiers = [
        {"name": "gold", "when": {"metric": "lifetime_orders", "op": ">=", "value": 9}},
        {"name": "any", "when": {"all": []}},
    ]
    marts = run(
        [
            order("1", "c", "2024-01-01"),
            order("2", "c", "2024-01-02"),
            order("3", "d", "2024-01-01"),
            order("4", "d", "2024-01-01"),
        ],
        date(2024, 1, 5),
        {"loyal_when": rule, "tiers": tiers},
    )
    rows = by(marts["customers"], "customer_id")
    assert rows["c"]["loyalty_class"] == "loyal" and rows["c"]["is_loyal_customer"]
    assert rows["d"]["loyalty_class"] == "repeat"
    assert (rows["d"]["criteria_met"], rows["d"]["criteria_total"]) == (1, 5)
    assert rows["d"]["loyalty_tier"] == "any"
    criteria = by(marts["loyalty_criteria"], "customer_id", "criterion")
    assert criteria["d", "recency_days <= 3"]["shortfall"] == 1.0
    assert criteria["c", "recency_days <= 3"]["shortfall"] == 0.0
    assert criteria["c", "sale"]["shortfall"] is None
    assert not criteria["c", "sale"]["is_met"]
    assert criteria["c", "average_feedback_score >= 9"]["shortfall"] is None
    assert criteria["c", "is_member = true"]["threshold"] == 1.0
    summary = by(marts["loyalty_summary"], "loyalty_class")
    assert summary["loyal"]["revenue_share"] == 0.5
    assert summary["none"]["average_order_value"] is None
    assert set(by(marts["loyalty_tiers"], "loyalty_tier")) == {
        "gold",
        "any",
        "none",
    }


# Periods of the brand


def test_the_period_bridge():
    """With a churn window of 10 days: a and b lapse, b comes back."""
    marts = run(
        [
            order("1", "a", "2024-01-25"),
            order("2", "b", "2024-01-01"),
            order("3", "b", "2024-02-20", coupon_code="X"),
            order("4", "d", "2024-02-10"),
            order("5", "d", "2024-02-11"),
            order("6", "e", "2024-03-01", status="cancelled"),
        ],
        date(2024, 2, 21),
        CHURN_10,
        marketing_spend=[
            {
                "brand_id": "b",
                "spend_date": "2023-12-31",
                "channel": "x",
                "purpose": "Acquisition",
                "amount": "6",
            }
        ],
    )
    rows = by(marts["brand_metrics"], "period_grain", "period_start")
    january, february = rows["month", "2024-01-01"], rows["month", "2024-02-01"]
    # b ends on the 11th: in the base neither at the start nor the end
    assert january["customers_at_end"] == 1 == january["new_customers"]
    assert january["acquired_customers"] == 2
    assert january["churn_rate"] is None and january["is_complete_period"]
    assert not february["is_complete_period"]
    assert february["period_end"] == date(2024, 2, 29)
    assert february["customers_at_start"] == 1
    assert february["lost_customers"] == 1  # a, on 4 February
    # d is covered to 20 February, the last day is the 21st: gone again
    assert february["reactivated_customers"] == 1
    assert february["new_customers"] == 0 == february["retained_customers"]
    assert february["acquired_customers"] == 1
    assert (february["churn_rate"], february["retention_rate"]) == (1.0, 0.0)
    assert february["average_lifespan_periods"] is None
    assert february["repeat_customer_rate"] == 0.5
    assert february["returning_customer_rate"] == 1.0
    assert february["lifetime_repeat_rate"] == pytest.approx(2 / 3)
    assert february["discounted_order_share"] == pytest.approx(1 / 3)
    assert february["historical_clv"] == pytest.approx(50 / 3)
    assert february["net_clv"] == pytest.approx(44 / 3)
    assert february["acquisition_spend"] == 0
    week = rows["week", "2024-02-05"]
    assert week["average_lifespan_periods"] is None  # no one lost: a left on
    assert rows["week", "2024-01-29"]["lost_customers"] == 1  # the 4th, Sunday
    assert rows["week", "2024-01-29"]["clv_formula"] is None  # without orders
    assert_bridge(marts["brand_metrics"])


def assert_bridge(rows):
    """What holds of every period and between one and the next."""
    before = {}
    for row in rows:
        key = row["brand_id"], row["period_grain"]
        assert row["customers_at_end"] == (
            row["customers_at_start"] - row["lost_customers"] + row["new_customers"] + row["reactivated_customers"]
        )
        assert row["customers_at_start"] == before.get(key, 0)
        before[key] = row["customers_at_end"]


def test_the_formula_of_lifetime_value():
    """Ten a month, two in the base at the start, one lost: a life of two."""
    orders = [order("1", "a", "2024-01-01"), order("2", "b", "2024-01-31"), order("3", "b", "2024-02-25", "30")]
    marts = run(orders, date(2024, 2, 29), {"churn": {"window_days": 45}})
    row = by(marts["brand_metrics"], "period_grain", "period_start")["month", "2024-02-01"]
    assert row["is_complete_period"] and row["churn_rate"] == 0.5
    assert row["average_lifespan_periods"] is None  # no year before
    # a was in the base and not heard of in time; nobody had come back
    assert (row["at_risk_customers"], row["lapse_rate"]) == (1, 1.0)
    assert row["repeat_customers_at_start"] == 0
    assert row["repeat_churn_rate"] is None
    assert row["is_left_truncated"]


def test_value_of_a_trailing_year():
    """Sums over a year, where the year before is there as well."""
    orders = [
        order(f"{customer}{year}", customer, f"{year}-03-01", "30")
        for customer, years in {
            "a": (2020, 2021, 2022, 2023),
            "b": (2020, 2021),
            "c": (2020,),
        }.items()
        for year in years
    ]
    marts = run(orders, date(2023, 12, 31), {"churn": {"window_days": 500}})
    rows = by(marts["brand_metrics"], "period_grain", "period_start")
    assert rows["year", "2020-01-01"]["clv_formula"] is None
    assert rows["year", "2021-01-01"]["average_lifespan_periods"] == 3.0  # c
    assert rows["year", "2021-01-01"]["clv_formula"] == 60.0
    assert rows["year", "2022-01-01"]["average_lifespan_periods"] == 2.0  # b
    assert rows["year", "2022-01-01"]["clv_formula"] == 30.0
    assert rows["year", "2022-01-01"]["lost_repeat_customers"] == 1
    assert rows["year", "2020-01-01"]["ltv_365d"] == 30.0


def test_cohorts_second_purchases_and_the_trend():
    orders = [
        order("1", "a", "2023-01-10"),
        order("2", "a", "2023-02-09"),
        order("3", "b", "2023-01-31"),
        order("4", "b", "2023-04-30"),
        order("5", "c", "2023-03-01"),
        order("6", "c", "2024-02-29", "50"),
    ]
    marts = run(orders, date(2024, 2, 29))
    cohorts = by(
        marts["cohort_retention"],
        "cohort_grain",
        "cohort_start",
        "period_index",
    )
    assert ("month", "2023-02-01", "0") not in cohorts
    assert ("month", "2023-01-01", "14") not in cohorts
    april = cohorts["month", "2023-01-01", "3"]
    assert april["purchasing_customers"] == 1
    assert april["repeat_customers_to_date"] == 2
    assert cohorts["month", "2023-01-01", "2"]["repeat_rate_to_date"] == 0.5
    assert cohorts["month", "2023-01-01", "13"]["net_revenue"] == 0
    assert cohorts["month", "2023-01-01", "13"]["cumulative_net_revenue"] == 40
    assert cohorts["month", "2023-01-01", "13"]["is_complete_period"]
    assert not cohorts["year", "2023-01-01", "1"]["is_complete_period"]
    second = by(marts["second_purchase"], "cohort_start")
    january = second["2023-01-01"]  # after 30 and after 89 days
    assert january["second_buyers_30d"] == 1
    assert january["second_buyers_90d"] == 2
    assert january["median_days_to_second_order"] == 59.5
    assert january["second_purchase_rate_365d"] == 1.0
    assert second["2023-03-01"]["second_buyers_365d"] is None
    assert second["2023-03-01"]["median_days_to_second_order"] is None
    assert second["2023-02-01"]["first_buyers"] == 0
    assert second["2024-01-01"]["second_buyers_30d"] is None  # to 1 March
    trend = by(marts["purchase_frequency_trend"], "calendar_month")
    assert trend["2024-01-01"]["orders_prior_year"] == 2
    assert trend["2024-01-01"]["orders_change_yoy"] is None  # from the 10th
    assert trend["2024-02-01"]["orders_change_yoy"] == 0.0
    assert trend["2024-02-01"]["average_order_value_change_yoy"] == 4.0
    assert trend["2023-02-01"]["orders_prior_year"] is None


def test_sales_channels_have_every_channel_in_every_month():
    marts = run(
        [
            order("1", "a", "2024-01-10", channel="Web"),
            order("2", "a", "2024-03-10", "30"),
            order("3", "b", "2024-03-10", channel="Web"),
        ]
    )
    rows = by(marts["sales_channels"], "period_start", "channel")
    assert len(rows) == 6
    assert rows["2024-02-01", "Web"]["revenue_share"] is None
    assert rows["2024-03-01", "unknown"]["revenue_share"] == 0.75
    assert rows["2024-03-01", "unknown"]["first_orders"] == 0
    assert not rows["2024-03-01", "Web"]["is_complete_period"]


def test_cohorts_by_channel_follow_the_first_order():
    marts = run(
        [
            order("1", "a", "2024-01-10", channel="Web"),
            order("2", "a", "2024-03-10", "30"),
            order("3", "b", "2024-01-31", "8"),
            order("4", "b", "2024-02-01", "12", channel="Web"),
            order("5", "b", "2024-02-29", "4", channel="Web"),
            order("6", "c", "2024-03-10", channel="web"),
        ],
        settings={"margin_rate": 0.25},
    )
    rows = by(marts["cohort_retention_by_channel"], "channel", "cohort_start", "period_index")
    assert len(rows) == 7
    assert rows["Web", "2024-01-01", "1"]["purchasing_customers"] == 0
    assert rows["Web", "2024-01-01", "2"]["ltv_per_customer"] == 10.0
    assert not rows["Web", "2024-01-01", "2"]["is_complete_period"]
    february = rows["unknown", "2024-01-01", "1"]
    assert (february["purchasing_customers"], february["orders"], february["net_revenue"]) == (1, 2, 16)
    assert february["cumulative_net_revenue"] == 24
    assert february["ltv_per_customer"] == 6.0
    assert rows["web", "2024-03-01", "0"]["cohort_size"] == 1


# Comparison and the real data


def test_differences_are_listed():
    expected = [{"k": 1, "x": 1.0, "y": Decimal("1.10"), "z": True}, {"k": 2, "x": None, "y": None, "z": None}]
    same = [{"k": 1, "x": 1.0 + 1e-12, "y": Decimal("1.1"), "z": True}, {"k": 2, "x": None, "y": None, "z": None}]
    assert differences(expected, same, ["k"]) == []
    other = [{"k": 1, "x": 1.1, "y": Decimal("1.2"), "z": 1}, {"k": 3}]
    assert len(differences(expected, other, ["k"], ["x", "y", "z"])) == 5
    capped = differences(expected, other, ["k"], ["x", "y", "z"], limit=2)
    assert capped[2:] == ["… 5 differences in all"]


def test_online_retail_adds_up(tmp_path):
    raw = {"orders": online_retail.write_orders(tmp_path / "orders.parquet")}
    marts = compute(raw, {"online_retail": online_retail.SETTINGS})
    (counts,) = marts["input_reconciliation"]
    assert counts["raw_rows"] == 25943 and counts["superseded_rows"] > 0
    assert_bridge(marts["brand_metrics"])
    total = sum(row["lifetime_net_revenue"] for row in marts["customers"])
    for mart, grain in (
        ("brand_metrics", "period_grain"),
        ("cohort_retention", "cohort_grain"),
        ("cohort_retention_by_channel", None),
        ("sales_channels", None),
    ):
        assert total == sum(row["net_revenue"] for row in marts[mart] if grain is None or row[grain] == "month")
    for mart, key in KEYS.items():
        assert differences(marts[mart], marts[mart], key) == []
