"""What must hold of every history: random small ones, over the compiled models.

A history is a handful of rows in each of the six tables, of brands with unlike
settings, with versions, rejected rows and rows after the last day among them.
The examples are the same on every run (conftest.py); HYPOTHESIS_PROFILE=searching
looks for new ones.
"""

from __future__ import annotations

import itertools
import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oracle
import project
from oracle import values
from oracle.inputs import TABLES

BRANDS = {
    "utc": {
        "active": {"window_days": 7},
        "churn": {"window_days": 28, "signals": ["order", "subscription"]},
    },
    "seoul": {
        "timezone": "Asia/Seoul",
        "currency": "KRW",
        "count_zero_value_orders": True,
        "subscription_renewal_days": 20,
        "active": {"window_days": 7, "signals": ["order", "engagement"]},
        "churn": {"window_days": 7, "signals": ["order", "subscription", "engagement"]},
        "tiers": [
            {
                "name": "vip",
                "when": {
                    "metric": "lifetime_net_revenue",
                    "op": ">",
                    "value": 40,
                },
            },
            {
                "name": "often",
                "when": {
                    "metric": "lifetime_orders",
                    "op": ">=",
                    "value": 2,
                },
            },
        ],
    },
    # a window of one day: whoever buys on two days in a row stays
    "new york": {
        "timezone": "America/New_York",
        "valid_order_statuses": ["paid", "cancelled"],
        "active": {"window_days": 1},
        "churn": {"window_days": 1},
        "loyal_when": {
            "at_least": 2,
            "of": [
                {"metric": "orders_30d", "op": ">=", "value": 1},
                {"metric": "average_order_value", "op": ">", "value": 10.25},
                {"not": {"metric": "recency_days", "op": ">", "value": 20}},
                {"metric": "is_member", "op": "=", "value": True},
            ],
        },
    },
    # signals of which none is an order
    "apia": {
        "timezone": "Pacific/Apia",
        "active": {"window_days": 14, "signals": ["contact", "subscription"]},
        "churn": {"window_days": 35, "signals": ["awareness", "contact", "subscription"]},
        "engagement": {"window_days": 30, "full_score_points": 7.5, "weights": {"site_visit": 0.25, "review": 9}},
    },
    "kolkata": {
        "timezone": "Asia/Kolkata",
        "active": {"window_days": 28, "signals": ["subscription", "order"]},
        "churn": {"window_days": 400},
    },
}
FIRST, LAST = date(2024, 1, 1), date(2024, 7, 15)


# Histories


def one_of(often, *choices):
    """`often` or, every second time, one of the choices."""
    return st.sampled_from([often] * len(choices) + list(choices))


CLOCKS = one_of(
    "",
    "",
    "",
    "T00:00",
    "T03:59:59.9999999Z",
    "T04:00Z",
    "T10:00:00Z",
    "T10:00:00.000001+00:00",
    "T15:00Z",
    "T18:30Z",
    "T23:59:59-05:00",
    " 00:30+1300",
    "T12:00+09",
    "T24:00",
)
AMOUNTS = one_of(
    "10.25",
    "0",
    "0.0001",
    "10",
    "10.5",
    "19.99995",
    "1e+1",
    "33.3333",
    "20",
    "-1",
    None,
)
SMALL_AMOUNTS = one_of(
    None,
    None,
    None,
    None,
    "0",
    "0.5",
    "10",
    "10.25",
    "-0.00001",
    "x",
)
CUSTOMER_IDS = one_of("c1", "c2", "c2", "c3", " c1")
# about as long as the windows, so that one ends where another begins
GAPS = [0, 1, 1, 6, 7, 7, 8, 13, 14, 20, 27, 28, 29, 35, 61]
STARTS = st.one_of(
    st.dates(FIRST, LAST),
    st.sampled_from(
        [
            date(2023, 12, 31),
            date(2024, 1, 1),
            date(2024, 1, 31),
            date(2024, 2, 22),
            date(2024, 2, 29),
            date(2024, 3, 9),
            date(2024, 6, 30),
        ]
    ),
)
MOST_ROWS = {
    "orders": 44,
    "customers": 4,
    "interactions": 16,
    "subscriptions": 6,
    "feedback": 4,
    "marketing_spend": 4,
}


def keys(count):
    """Few enough that some rows are versions of one another."""
    return st.sampled_from([str(number) for number in range(count)])


def filled_columns(times):
    """The columns of each table that may be more than null, but brand_id."""
    maybe_times = st.one_of(st.none(), times)
    return {
        "orders": {
            "order_id": keys(80),
            "customer_id": CUSTOMER_IDS,
            "ordered_at": times,
            "gross_amount": AMOUNTS,
            "status": one_of("paid", "completed", " Paid ", "cancelled"),
            "discount_amount": SMALL_AMOUNTS,
            "refund_amount": SMALL_AMOUNTS,
            "currency": one_of(None, None, "krw", " KRW", "USD"),
            "coupon_code": st.sampled_from([None, None, "TEN"]),
            "channel": st.sampled_from([None, "web", "app", "Web"]),
            "updated_at": maybe_times,
        },
        "customers": {
            "customer_id": CUSTOMER_IDS,
            "signed_up_at": maybe_times,
            "acquisition_channel": st.sampled_from([None, "ads"]),
            "referred_by_customer_id": st.sampled_from([None, "c1", "c2", "nobody"]),
            "membership_joined_at": maybe_times,
            "contactable": one_of(None, "no", "T", "perhaps"),
            "updated_at": maybe_times,
        },
        "interactions": {
            "interaction_id": keys(30),
            "customer_id": CUSTOMER_IDS,
            "occurred_at": times,
            "interaction_type": st.sampled_from(
                [
                    "site_visit",
                    "Email_Open",
                    "email_reply",
                    "support_chat",
                    "review",
                    "sns_like",
                    "coupon_redeem",
                    "membership_join",
                    "smoke_signal",
                ]
            ),
            "duration_seconds": one_of("30", None, "0.5", "-1"),
        },
        "subscriptions": {
            "subscription_id": keys(10),
            "customer_id": CUSTOMER_IDS,
            "subscription_kind": one_of("Product", "service", "gift"),
            "started_at": times,
            "ended_at": maybe_times,
            "monthly_amount": SMALL_AMOUNTS,
            "updated_at": maybe_times,
        },
        "feedback": {
            "feedback_id": keys(8),
            "customer_id": CUSTOMER_IDS,
            "submitted_at": times,
            "feedback_kind": one_of("nps", "csat", None, "survey"),
            "score": one_of("9", "0", "6", "6.5", "10", "8.75", "11"),
        },
        "marketing_spend": {
            "spend_date": times,
            "channel": st.sampled_from(["ads", "mail"]),
            "purpose": one_of("acquisition", "retention", "x"),
            "amount": AMOUNTS,
            "impressions": st.sampled_from([None, "1.5"]),
            "clicks": st.sampled_from([None, "10"]),
        },
    }


@st.composite
def histories(draw):
    """A history, and the last day that counts, which may be None.

    All of it happens on a dozen days, to one brand or two; some rows are of
    none.
    """
    days = [draw(STARTS)]
    for gap in draw(st.lists(st.sampled_from(GAPS), min_size=2, max_size=11)):
        days.append(days[-1] + timedelta(gap))
    times = st.builds(lambda day, clock: f"{day}{clock}", st.sampled_from(days), CLOCKS)
    brands = draw(st.lists(st.sampled_from(list(BRANDS)), min_size=1, max_size=2, unique=True))
    brand_ids = st.sampled_from(brands * 30 + [f" {brands[0]}", "nobody", None])
    history = {}
    for table, filled in filled_columns(times).items():
        row = st.fixed_dictionaries(dict.fromkeys(project.COLUMNS[table], st.none()) | filled | {"brand_id": brand_ids})
        most = MOST_ROWS[table]
        history[table] = draw(
            st.one_of(
                st.lists(row, min_size=most // 2, max_size=most),
                st.lists(row, max_size=most // 3),
            )
        )
    last_days = [None, days[-1], days[-1], days[-1] + timedelta(30), *days[1:]]
    return history, draw(st.sampled_from(last_days))


@pytest.fixture(scope="module")
def compiled(compiled_project):
    return compiled_project("properties", BRANDS)


# What must hold

# null in brand_metrics until enough days have passed
RIPENING_COLUMNS = (
    "reactivated_within_180d_rate",
    "ltv_365d",
    "ltv_365d_to_cac",
)
# null in brand_metrics for a brand without a row of marketing_spend
SPEND_COLUMNS = (
    "acquisition_spend",
    "retention_spend",
    "cost_per_acquisition",
    "ltv_365d_to_cac",
    "net_clv",
)


def by_brand(found, *columns):
    """Sums of columns by brand, without brands whose sums are all zero."""
    sums = defaultdict(lambda: [Decimal(0)] * len(columns))
    for row in found:
        sums[row["brand_id"]] = [total + row[column] for total, column in zip(sums[row["brand_id"]], columns)]
    return {brand: tuple(total) for brand, total in sums.items() if any(total)}


def check_bridge(marts):
    """Start - lost + new + reactivated = end, and the end is the next start."""
    before = {}
    for row in sorted(marts["brand_metrics"], key=lambda row: row["period_start"]):
        start, end = row["customers_at_start"], row["customers_at_end"]
        gained = row["new_customers"] + row["reactivated_customers"]
        assert start - row["lost_customers"] + gained == end
        assert row["retained_customers"] == start - row["lost_customers"]
        assert row["acquired_customers"] >= row["new_customers"]
        assert 0 <= row["active_customers"] <= end
        assert row["repeat_purchasers"] <= row["purchasing_customers"]
        series = row["brand_id"], row["period_grain"]
        if series in before:
            last = before[series]
            assert start == last["customers_at_end"]
            assert row["period_start"] == last["period_end"] + timedelta(1)
            assert last["is_complete_period"]
        else:
            assert start == 0
        before[series] = row


def check_spans(spans, marts, as_of_date):
    """Spans of a kind neither overlap nor touch; closed ones end by the date."""
    own = defaultdict(list)
    for span in spans:
        own[span["brand_id"], span["customer_id"], span["span_kind"]].append(
            (span["span_start"], span["span_end"] or date.max, span["is_open"])
        )
    for found in own.values():
        found.sort()
        for start, end, is_open in found:
            assert start < end and start <= as_of_date
            assert is_open == (end > as_of_date)
        for (_, end, _), (start, _, _) in itertools.pairwise(found):
            assert end < start
    for row in marts["customers"]:
        churned = row["last_churn_date"]
        assert churned is None or churned <= as_of_date
        assert (churned is None) == (row["churn_count"] == 0)
        assert row["churn_count"] - row["reactivation_count"] in (0, 1)


def check_sums(orders, marts):
    """Orders and net revenue are the same, to the last digit, in every mart."""
    purchases = by_brand(
        [row | {"one": 1} for row in orders if row["is_purchase"]],
        "one",
        "net_revenue",
    )
    assert purchases == by_brand(marts["customers"], "lifetime_orders", "lifetime_net_revenue")
    parts = [
        marts[name] for name in ("sales_channels", "cohort_retention_by_channel", "loyalty_summary", "loyalty_tiers")
    ]
    for mart, column, grains in [
        ("brand_metrics", "period_grain", ["week", "month", "quarter", "year"]),
        ("cohort_retention", "cohort_grain", ["month", "quarter", "year"]),
    ]:
        parts += [[row for row in marts[mart] if row[column] == grain] for grain in grains]
    for part in parts:
        assert by_brand(part, "orders", "net_revenue") == purchases


def check_complete_periods(marts, later):
    """With the same rows and a later last day no complete period changes.

    But for three things: what a brand without a row of spend has spent is unknown,
    and its first row, in a later period, makes that 0 in the periods before it;
    no period of a brand without an order is left-truncated, and its first order
    makes those before it so; and some figures are null until enough days have
    passed.
    """
    with_orders = {row["brand_id"] for row in marts["brand_metrics"] if row["orders"]}
    without_spend = {row["brand_id"] for row in marts["brand_metrics"] if row["acquisition_spend"] is None}
    for mart, rows_later in later.items():
        key = oracle.KEYS[mart]
        complete = [row for row in marts[mart] if row["is_complete_period"]]
        own_keys = {tuple(row[column] for column in key) for row in complete}
        rows_later = [row for row in rows_later if tuple(row[column] for column in key) in own_keys]
        if mart == "brand_metrics":
            before = {tuple(row[column] for column in key): row for row in complete}
            for number, row in enumerate(rows_later):
                then = before[tuple(row[column] for column in key)]
                row |= {column: None for column in RIPENING_COLUMNS if then[column] is None}
                if row["brand_id"] not in with_orders:
                    assert not then["is_left_truncated"]
                    row["is_left_truncated"] = False
                if row["brand_id"] in without_spend:
                    assert not row["acquisition_spend"]
                    assert not row["retention_spend"]
                    rows_later[number] = row | dict.fromkeys(SPEND_COLUMNS)
        assert not oracle.differences(complete, rows_later, key)


def check_history(compiled, history, as_of_date, days_later, shuffled=None):
    """Hold the models to all identities and to what the independent program
    says.

    Takes the raw rows, the last day that counts (None for the default), the
    days to a later one, and the rows in another order, in which the models
    get them.
    """
    found = compiled.run(
        shuffled or history,
        as_of_date,
        [
            *oracle.KEYS,
            "as_of_date",
            "fct_orders",
            "fct_customer_spans",
        ],
    )
    ((last_day,),) = (row.values() for row in found.pop("as_of_date"))
    spans, orders = found.pop("fct_customer_spans"), found.pop("fct_orders")
    check_bridge(found)
    check_spans(spans, found, last_day)
    check_sums(orders, found)
    for rows in [history] if shuffled is None else [history, shuffled]:
        expected = compiled.expected(rows, as_of_date)
        assert not project.differences_of(expected, found)
    if last_day is not None:
        check_complete_periods(
            found,
            compiled.run(
                history,
                last_day + timedelta(days_later),
                ["brand_metrics", "cohort_retention", "cohort_retention_by_channel"],
            ),
        )


@settings(max_examples=60)
@given(
    history_and_last_day=histories(),
    days_later=st.integers(1, 60),
    seed=st.integers(0, 2**32),
)
def test_a_history(compiled, history_and_last_day, days_later, seed):
    """All identities hold, and the independent program says the same, which
    gets the rows in another order than the models do."""
    history, as_of_date = history_and_last_day
    shuffle = random.Random(seed)
    shuffled = {table: shuffle.sample(found, len(found)) for table, found in history.items()}
    check_history(compiled, history, as_of_date, days_later, shuffled)


def test_a_first_row_of_spend_after_the_day(compiled):
    """Complete periods before it turn from unknown spend to none, and stay."""

    def row(table, **columns):
        return dict.fromkeys(project.COLUMNS[table]) | {"brand_id": "utc"} | columns

    history = {table: [] for table in project.COLUMNS}
    history["orders"] = [
        row(
            "orders",
            order_id="1",
            customer_id="c",
            ordered_at="2023-12-31",
            status="paid",
            gross_amount="10",
        )
    ]
    history["marketing_spend"] = [
        row(
            "marketing_spend",
            spend_date="2024-01-14",
            channel="ads",
            purpose="acquisition",
            amount="5",
        )
    ]
    check_history(compiled, history, date(2023, 12, 31), days_later=30)


def crowded_history(seed):
    """A dozen busy customers for every brand, without a row that is rejected.

    More happens here than in the histories above, which are made so that
    hypothesis can cut them down; these come from a seed.
    """
    choose = random.Random(seed)
    history = {table: [] for table in TABLES}

    def add(table, brand_id, customer_id, **columns):
        key = {f"{table[:-1]}_id": str(choose.randrange(10**6))}
        history[table].append(key | columns | {"brand_id": brand_id, "customer_id": customer_id})

    for brand_id in BRANDS:
        for number in range(12):
            day = FIRST + timedelta(choose.randrange(60))
            for _ in range(choose.randrange(1, 12)):
                day += timedelta(choose.choice(GAPS))
                who = brand_id, f"c{number}"
                happens = choose.choice(["order"] * 3 + ["visit"] * 2 + ["sub"])
                if happens == "order":
                    add(
                        "orders",
                        *who,
                        ordered_at=f"{day}",
                        status=choose.choice(["paid", "paid", "paid", "cancelled", "returned"]),
                        gross_amount=choose.choice(["10", "0.5", "0", "99.9999"]),
                        coupon_code=choose.choice([None, None, "TEN"]),
                    )
                elif happens == "visit":
                    add(
                        "interactions",
                        *who,
                        occurred_at=f"{day}",
                        interaction_type=choose.choice(
                            [
                                "site_visit",
                                "email_open",
                                "email_reply",
                            ]
                        ),
                    )
                else:
                    ended = day + timedelta(choose.choice(GAPS))
                    add(
                        "subscriptions",
                        *who,
                        started_at=f"{day}",
                        subscription_kind="product",
                        monthly_amount="5",
                        ended_at=choose.choice([f"{ended}", f"{ended}", None]),
                    )
    return history


@pytest.mark.parametrize("seed", range(16))
def test_a_crowded_history(compiled, seed):
    """The same where much happens, and windows end where others begin."""
    history = crowded_history(seed)
    as_of_date = FIRST + timedelta(random.Random(seed).randrange(60, 300))
    check_history(compiled, history, as_of_date, days_later=seed * 5 + 1)


# Values: what the SQL reads is what the independent program reads

blanks = st.sampled_from(["", "", "", "", " ", "\u00a0", "\u3000\t", "\u200b"])
digits = st.text("0123456789", max_size=3) | st.sampled_from(
    ["", "0", "5", "49999", "00005", "99999999999999", "1" * 20, "0" * 30, "٣"]
)
numbers = st.builds(
    "".join,
    st.tuples(
        blanks,
        st.sampled_from(["", "", "", "+", "-", "--", " "]),
        digits,
        st.sampled_from(["", ".", ".", ".", ",", ".."]),
        digits,
        digits,
        st.sampled_from(
            [
                "",
                "",
                "",
                "",
                "e+1",
                "e-3",
                "e-5",
                "e-12",
                "e+13",
                "e+99",
                "e-99",
                "e+003",
                "e5",
                "E+5",
                "e",
                "e+",
                "f",
                "%",
                "nan",
                "inf",
            ]
        ),
        blanks,
    ),
)
two_digits = st.sampled_from(
    [
        "00",
        "01",
        "02",
        "09",
        "10",
        "12",
        "23",
        "24",
        "28",
        "29",
        "30",
        "31",
        "59",
        "60",
        "5",
        "",
        "001",
        "x1",
    ]
)
moments = st.builds(
    "".join,
    st.tuples(
        blanks,
        st.sampled_from(
            [
                "2024",
                "2024",
                "2023",
                "2000",
                "1900",
                "1969",
                "0001",
                "0000",
                "9999",
                "24",
                "02024",
                "-2024",
            ]
        ),
        st.sampled_from(["-", "-", "-", "-", "-", "/", ""]),
        st.sampled_from(["01", "02", "02", "03", "11", "12", "13", "00", "1"]),
        st.just("-"),
        two_digits,
        st.one_of(
            st.just(""),
            st.builds(
                "".join,
                st.tuples(
                    st.sampled_from(["T", "T", " ", "t", "  ", ""]),
                    two_digits,
                    st.sampled_from([":", ":", ":", ""]),
                    two_digits,
                    st.one_of(
                        st.just(""),
                        st.builds(
                            lambda seconds, fraction: f":{seconds}{fraction}",
                            two_digits,
                            st.sampled_from(
                                [
                                    "",
                                    "",
                                    ".",
                                    ".5",
                                    ".123456",
                                    ".9999999",
                                    ",5",
                                    ".000000000000000000000000000001",
                                ]
                            ),
                        ),
                    ),
                    st.sampled_from(
                        [
                            "",
                            "",
                            "Z",
                            "z",
                            " Z",
                            "+00",
                            "-00:00",
                            "+09:00",
                            "+0900",
                            "-05:30",
                            "+14",
                            "-12",
                            "+23:59",
                            "-2359",
                            "+24",
                            "+09:60",
                            "+9",
                            "+09:",
                            "+09:0",
                            "UTC",
                        ]
                    ),
                ),
            ),
        ),
        blanks,
    ),
)


def same_but_one(texts):
    """The same texts, some with one character more, less, or another."""

    def change(text, place, character, length):
        place = place % (len(text) + 1)
        return text[:place] + character + text[place + length :]

    changed = st.builds(
        change,
        texts,
        st.integers(0, 40),
        st.sampled_from(["", "0", "9", "-", ":", ".", "T", " ", "é", "\n"]),
        st.integers(0, 1),
    )
    return st.one_of(texts, texts, changed)


def as_read(reader, text):
    """What the independent program reads, None for null and for what is not."""
    if values.is_null(text):
        return None
    try:
        return reader(text)
    except values.InvalidValue:
        return None


@settings(max_examples=60)
@given(texts=st.lists(same_but_one(numbers), min_size=1, max_size=30))
def test_numbers_as_text(compiled, texts):
    """As money, durations, scores and counts."""
    columns = {
        "orders": "gross_amount",
        "interactions": "duration_seconds",
        "feedback": "score",
        "marketing_spend": "clicks",
    }
    found = compiled.run(
        {table: [{column: text} for text in texts] for table, column in columns.items()},
        models=[f"base_{table}_checked" for table in columns],
    )
    for table, column in columns.items():
        rows_of_table = found[f"base_{table}_checked"]
        assert len(rows_of_table) == len(texts)
        for row in rows_of_table:
            text = row[f"raw_{column}"]
            expected = as_read(TABLES[table].columns[column], text)
            actual = row[column]
            if actual is not None:
                actual = Fraction(actual)
            assert actual == expected, (column, text)


@settings(max_examples=60)
@given(texts=st.lists(same_but_one(moments), min_size=1, max_size=30))
def test_times_as_text(compiled, texts):
    """The instant, the business date in each brand's zone, and whether there
    is a time of day."""
    compiled.run(
        {"orders": [{"brand_id": brand_id, "ordered_at": text} for text in texts for brand_id in BRANDS]},
        models=["base_orders_checked"],
    )
    # years that Python's dates have not are compared as microseconds alone
    found = compiled.rows("""
        select
            brand_id, raw_ordered_at as text, epoch_us(ordered_at) as instant,
            case when year(order_date) between 1 and 9999 then order_date end
                as order_date,
            has_time_of_day
        from staging.base_orders_checked
    """)
    assert len(found) == len(texts) * len(BRANDS)
    for row in found:
        moment = as_read(values.read_time, row["text"])
        if moment is None:
            assert row["instant"] is None, row
            continue
        assert row["instant"] == moment.instant, row
        assert row["has_time_of_day"] == (moment.day is None), row
        zone = BRANDS[row["brand_id"]].get("timezone", "UTC")
        if row["order_date"] is not None:
            assert row["order_date"] == values.business_date(moment, values.time_zone(zone)), row
