"""Hand-computed cases for the independent program: stages, and what follows.

Most of it happens in January 2024 to a brand `b` with short windows.
"""

from __future__ import annotations

import hashlib
import itertools
import random
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from oracle import (
    KEYS,
    alerts,
    compute,
    differences,
    lifecycle,
    messages,
    read_playbook,
    read_rfm_segments,
)
from oracle.facts import brands_of
from oracle.inputs import classify
from oracle.periods import GRAINS
from oracle.settings import merged_settings

TYPES = {
    "site_visit": ("awareness", 1),
    "wishlist_add": ("consideration", 1),
    "cart_abandoned": ("cart", 1),
    "basket_left": ("cart", 1),
    "email_open": ("engagement", 1),
    "support_chat": ("support", 1),
    "phone_call": ("contact", 1),
    "review": ("advocacy", 1),
}
SHORT = {
    "active": {"window_days": 5},
    "churn": {"window_days": 10},
    "advocacy": {"window_days": 5},
    "subscription_renewal_days": 10,
}


def day(number, month=1):
    return date(2024, month, number)


def at(when):
    """A day of January, or a text or nothing as it stands."""
    return f"{day(when)}" if isinstance(when, int) else when


def order(order_id, customer_id, when, amount="10", **more):
    return {
        "brand_id": "b",
        "order_id": order_id,
        "customer_id": customer_id,
        "ordered_at": at(when),
        "status": "completed",
        "gross_amount": amount,
    } | more


def interaction(interaction_id, customer_id, when, kind, **more):
    return {
        "brand_id": "b",
        "interaction_id": interaction_id,
        "customer_id": customer_id,
        "occurred_at": at(when),
        "interaction_type": kind,
    } | more


def subscription(subscription_id, customer_id, started, ended=None, **more):
    return {
        "brand_id": "b",
        "subscription_id": subscription_id,
        "customer_id": customer_id,
        "subscription_kind": "product",
        "started_at": at(started),
        "ended_at": at(ended),
    } | more


def customer(customer_id, signed_up=None, **more):
    return {
        "brand_id": "b",
        "customer_id": customer_id,
        "signed_up_at": at(signed_up),
    } | more


def feedback(feedback_id, customer_id, when, score):
    return {
        "brand_id": "b",
        "feedback_id": feedback_id,
        "customer_id": customer_id,
        "submitted_at": at(when),
        "score": score,
    }


def spend(when, channel, amount, purpose="acquisition", **more):
    return {
        "brand_id": "b",
        "spend_date": at(when),
        "channel": channel,
        "purpose": purpose,
        "amount": amount,
    } | more


DAY_31, LEAP_DAY = day(31), day(29, 2)


def run(orders=(), as_of=DAY_31, settings=None, more=None, **tables):
    """The marts; `more` goes to `compute`, `settings` over the short ones."""
    raw = {"orders": list(orders)} | tables
    return compute(
        raw,
        {"b": SHORT | (settings or {})},
        None,
        as_of,
        TYPES,
        **more or {},
    )


def one(rows, **values):
    """The one row that has these values."""
    (row,) = some(rows, **values)
    return row


def some(rows, **values):
    """The rows that have these values."""
    return [row for row in rows if all(row[name] == value for name, value in values.items())]


def stages(marts, customer_id="c"):
    """The stages of a customer, each with the first day of January it holds.

    Checks what must hold of every history.
    """
    rows = some(marts["lifecycle_stage_history"], customer_id=customer_id)
    rows.sort(key=lambda row: row["valid_from"])
    for row, following in itertools.pairwise(rows):
        assert row["valid_to"] == following["valid_from"] > row["valid_from"]
        assert following["previous_stage"] == row["stage"] != following["stage"]
        assert not row["is_current"]
    if rows:
        assert rows[0]["previous_stage"] is None
        assert rows[-1]["valid_to"] is None and rows[-1]["is_current"]
        own = one(marts["customers"], customer_id=customer_id)
        assert rows[0]["valid_from"] == own["known_since"]
        assert rows[-1]["stage"] == own["lifecycle_stage"]
        assert rows[-1]["valid_from"] == own["lifecycle_stage_since"]
    first = day(1)
    return [(row["stage"], (row["valid_from"] - first).days + 1) for row in rows]


# Stages


def test_all_stages_in_turn():
    marts = run(
        [order("1", "c", 5), order("2", "c", 8)],
        customers=[customer("c", 3)],
        interactions=[
            interaction("1", "c", 1, "site_visit"),
            interaction("2", "c", 9, "review"),
        ],
    )
    assert stages(marts) == [
        ("awareness", 1),
        ("consideration", 3),
        ("purchase", 5),
        ("retention", 8),
        ("advocacy", 9),
        ("retention", 14),
        ("churned", 18),
    ]


def test_churned_back_and_churned_again():
    orders = [order("1", "c", 1), order("2", "c", 20)]
    assert stages(run(orders)) == [
        ("purchase", 1),
        ("churned", 11),
        ("retention", 20),
        ("churned", 30),
    ]
    # seen from the last day in the base, and from the day after
    assert stages(run(orders[:1], day(10))) == [("purchase", 1)]
    assert stages(run(orders[:1], day(11)))[1:] == [("churned", 11)]
    # an order on the day of the end prevents it
    assert stages(run([orders[0], order("2", "c", 11)])) == [
        ("purchase", 1),
        ("retention", 11),
        ("churned", 21),
    ]


def test_two_orders_of_one_day_retain():
    orders = [order("1", "c", 1), order("2", "c", 1)]
    assert stages(run(orders))[0] == ("retention", 1)


@pytest.mark.parametrize(
    "kind, stage",
    [
        ("wishlist_add", "consideration"),
        ("basket_left", "consideration"),
        ("email_open", "awareness"),
        ("support_chat", "awareness"),
        ("review", "awareness"),
        ("smoke_signal", "awareness"),
    ],
)
def test_interactions_that_do_not_cover(kind, stage):
    marts = run(
        interactions=[
            interaction("1", "c", 1, "site_visit"),
            interaction("2", "c", 2, kind),
        ]
    )
    changes = [("awareness", 1), (stage, 2)]
    assert stages(marts) == changes[: 1 + (stage != "awareness")]


def test_the_base_counts_and_not_the_purchase_alone():
    """Where orders are no signal of the base, they make no stage either."""
    only_visits = {"churn": {"window_days": 10, "signals": ["awareness"]}}
    orders = [order("1", "c", 1), order("2", "c", 2)]
    assert stages(run(orders, settings=only_visits)) == [("awareness", 1)]
    # in the base without a commitment, with one, and without the base
    visits = [interaction("1", "c", 1, "site_visit")]
    marts = run([order("1", "c", 4)], settings=only_visits, interactions=visits)
    assert stages(marts) == [
        ("consideration", 1),
        ("purchase", 4),
        ("churned", 11),
    ]


def test_who_is_not_known_has_no_stage():
    marts = run(
        [order("1", "c", 1, status="cancelled"), order("2", "d", 1)],
        customers=[customer("c")],
        feedback=[feedback("1", "c", 1, "9")],
    )
    assert stages(marts) == []
    assert stages(marts, "d")[0] == ("purchase", 1)


def test_advocacy_needs_retention_and_is_prolonged():
    marts = run(
        [order("1", "c", 2), order("2", "c", 4), order("3", "c", 13)],
        interactions=[
            # the window of the first ends on the 5th
            interaction("1", "c", 1, "review"),
            interaction("2", "c", 8, "review"),
            interaction("3", "c", 10, "review"),
            # the base ends before the window does
            interaction("4", "c", 22, "review"),
        ],
    )
    assert stages(marts) == [
        ("awareness", 1),
        ("purchase", 2),
        ("advocacy", 4),
        ("retention", 6),
        ("advocacy", 8),
        ("retention", 15),
        ("advocacy", 22),
        ("churned", 23),
    ]


def test_a_referral_is_a_signal_when_it_converts():
    marts = run(
        [
            order("1", "c", 1),
            order("2", "c", 1),
            order("3", "c", 9),
            order("4", "d", 6),
            order("5", "d", 9),
            order("6", "x", 3, status="cancelled"),
        ],
        customers=[
            customer("c", 1, referred_by_customer_id="c"),  # not themselves
            customer("d", 2, referred_by_customer_id="c"),
            customer("e", 2, referred_by_customer_id="c"),  # does not order
            customer("x", referred_by_customer_id="c"),  # is not known
        ],
    )
    assert stages(marts) == [
        ("retention", 1),
        ("advocacy", 6),
        ("retention", 11),
        ("churned", 19),
    ]
    assert marts["advocate_value"] == [
        {
            "brand_id": "b",
            "customer_id": "c",
            "referrals": 2,
            "converted_referrals": 1,
            "referred_net_revenue": Decimal(20),
            "own_net_revenue": Decimal(30),
        }
    ]


def test_a_subscription_renews():
    def with_end(ended, **more):
        return stages(run(subscriptions=[subscription("1", "c", 1, ended)], **more))

    assert with_end(None) == [("purchase", 1), ("retention", 11)]
    # an end to come is no end
    assert with_end("2024-02-05") == [("purchase", 1), ("retention", 11)]
    # it ends on the day on which it renews: gone at the close of that day
    assert with_end(11) == [("purchase", 1), ("churned", 11)]
    # ended on its first day it covers nothing, and commits only in the base
    assert with_end(1) == [("awareness", 1)]
    kept = {
        "settings": {
            "churn": {
                "window_days": 10,
                "signals": ["subscription", "support"],
            }
        },
        "interactions": [interaction("1", "c", 9, "support_chat")],
    }
    assert with_end(11, **kept) == [
        ("purchase", 1),
        ("retention", 11),
        ("churned", 19),
    ]
    assert with_end(10, **kept) == [("purchase", 1), ("churned", 19)]


def test_a_second_subscription_is_a_commitment():
    marts = run(
        [order("1", "c", 2)],
        subscriptions=[
            subscription("1", "c", 1, 1),
            subscription("2", "d", 4),
            subscription("3", "d", 6),
        ],
    )
    assert stages(marts) == [
        ("awareness", 1),
        ("retention", 2),
        ("churned", 12),
    ]
    assert stages(marts, "d") == [("purchase", 4), ("retention", 6)]


def random_history(seed):
    """Rows of a few customers, on days that are apart as windows are long."""
    choose = random.Random(seed)
    tables = {
        name: []
        for name in (
            "orders",
            "customers",
            "interactions",
            "subscriptions",
        )
    }
    for number in range(6):
        who = f"c{number}"
        when = day(1) + timedelta(choose.randrange(20))
        if choose.random() < 0.5:
            tables["customers"].append(
                customer(
                    who,
                    choose.choice([None, f"{when + timedelta(3)}"]),
                    referred_by_customer_id=f"c{choose.randrange(6)}",
                )
            )
        for event in range(choose.randrange(1, 9)):
            when += timedelta(choose.choice([0, 1, 4, 5, 6, 9, 10, 11, 16]))
            key, text = f"{number}-{event}", f"{when}"
            ended = when + timedelta(choose.choice([0, 4, 9, 10, 11, 20]))
            happens = choose.choice(["order"] * 3 + ["sub"] + [*TYPES])
            if happens == "order":
                tables["orders"].append(order(key, who, text))
            elif happens == "sub":
                tables["subscriptions"].append(subscription(key, who, text, choose.choice([None, f"{ended}"])))
            else:
                tables["interactions"].append(interaction(key, who, text, happens))
    return tables


@pytest.mark.parametrize("seed", range(20))
def test_every_day_has_the_stage_of_its_row(seed):
    """The literal definition, asked for every day, agrees with the rows."""
    choose = random.Random(seed)
    tables = random_history(seed)
    as_of = day(1) + timedelta(choose.randrange(20, 120))
    brands = {
        "b": SHORT
        | choose.choice(
            [
                {},
                {
                    "churn": {
                        "window_days": 7,
                        "signals": ["subscription", "awareness", "contact"],
                    }
                },
            ]
        )
    }
    marts = compute(tables, brands, None, as_of, TYPES)
    settings = merged_settings(brands)
    (brand,) = brands_of(classify(tables, settings, as_of), settings, TYPES)
    signals = lifecycle.advocacy_days(brand)
    on_day = {}
    for customer_id, known in brand.customers.items():
        stages(marts, customer_id)
        rows = some(marts["lifecycle_stage_history"], customer_id=customer_id)
        today = known.known_since - timedelta(1)
        own = signals[customer_id]
        assert lifecycle.stage_at(brand, known, own, today) == "unknown"
        while today < as_of:
            today += timedelta(1)
            (row,) = [
                row
                for row in rows
                if row["valid_from"] <= today and (row["valid_to"] is None or today < row["valid_to"])
            ]
            stage = lifecycle.stage_at(brand, known, own, today)
            assert stage == row["stage"], (customer_id, today)
            on_day[customer_id, today] = stage
    check_periods(marts, brand, on_day)


def check_periods(marts, brand, on_day):
    """Stages and transitions of periods add up to what each day says."""
    for row in marts["lifecycle_stages"]:
        last = min(row["period_end"], brand.as_of_date)
        assert row["customers"] == sum(
            on_day.get((customer_id, last)) == row["stage"] for customer_id in brand.customers
        )
        assert row["orders"] == sum(
            row["period_start"] <= order.day <= last and on_day[order.customer_id, order.day] == row["stage"]
            for order in brand.orders()
        )
    for grain in GRAINS:
        stage_rows = some(marts["lifecycle_stages"], period_grain=grain)
        starts = {row["period_start"] for row in stage_rows}
        assert len(stage_rows) == 6 * len(starts)
        assert sum(row["orders"] for row in stage_rows) == len(brand.orders())
        assert sum(row["interactions"] for row in stage_rows) == len(brand.interactions())
        for start in starts:
            rows = some(
                marts["lifecycle_transitions"],
                period_grain=grain,
                period_start=start,
            )
            for row in some(stage_rows, period_start=start):
                arrived = some(rows, to_stage=row["stage"])
                assert row["customers"] == sum(r["customers"] for r in arrived)
                left = some(rows, from_stage=row["stage"])
                before = start - timedelta(1)
                assert sum(r["customers"] for r in left) == sum(
                    on_day.get((customer_id, before)) == row["stage"] for customer_id in brand.customers
                )
                assert not left or sum(r["transition_rate"] for r in left) == pytest.approx(1)


def test_stages_of_periods():
    marts = run(
        [
            order("1", "c", 5, "20"),
            order("2", "c", 7, "30"),
            order("3", "c", "2024-02-02"),
            order("4", "d", "2024-02-02"),
            order("5", "d", "2024-02-02", "5"),
        ],
        as_of=day(10, 2),
        interactions=[
            interaction("1", "c", 2, "site_visit"),
            interaction("2", "c", 5, "site_visit"),
            interaction("3", "d", "2024-02-10", "review"),
        ],
    )
    rows = marts["lifecycle_stages"]
    january = some(rows, period_grain="month", period_start=day(1))
    assert len(january) == 6
    gone = one(january, stage="churned")
    assert (gone["customers"], gone["share_of_customers"]) == (1, 1.0)
    assert gone["orders"] == 0 and gone["net_revenue"] == 0
    assert gone["average_order_value"] is None
    assert gone["purchase_frequency"] is None
    assert gone["interactions_per_customer"] is None
    assert gone["is_complete_period"] and gone["period_end"] == day(31)
    bought = one(january, stage="purchase")
    assert bought["customers"] == 0 and bought["share_of_customers"] == 0.0
    # the first order and the second visit are of the stage they lead to
    assert bought["net_revenue"] == 20 and bought["interactions"] == 1
    assert one(january, stage="retention")["net_revenue"] == 30
    assert one(january, stage="awareness")["interactions"] == 1
    february = some(rows, period_grain="month", period_start=day(1, 2))
    kept = one(february, stage="retention")
    assert (kept["customers"], kept["orders"]) == (1, 3)
    assert kept["purchasing_customers"] == 2
    assert kept["purchase_frequency"] == 1.5
    assert kept["average_order_value"] == pytest.approx(25 / 3)
    assert not kept["is_complete_period"]
    advocate = one(february, stage="advocacy")
    assert advocate["share_of_customers"] == 0.5
    assert advocate["interactions_per_customer"] == 1.0
    weeks = {r["period_start"] for r in some(rows, period_grain="week")}
    assert min(weeks) == day(1) and len(weeks) == 6


def test_transitions():
    marts = run(
        [
            order("1", "c", 5),
            order("2", "d", 31),
            order("3", "e", 30),
            order("4", "e", "2024-02-07"),
            order("5", "f", "2024-02-09"),
        ],
        as_of=day(10, 2),
        customers=[customer("g", 9)],
    )

    def of(grain, start):
        return {
            (row["from_stage"], row["to_stage"]): (row["customers"], row["transition_rate"])
            for row in some(
                marts["lifecycle_transitions"],
                period_grain=grain,
                period_start=start,
            )
        }

    assert of("month", day(1)) == {
        ("unknown", "churned"): (1, None),
        ("unknown", "purchase"): (2, None),
        ("unknown", "consideration"): (1, None),
    }
    # d is covered to 9 February
    assert of("month", day(1, 2)) == {
        ("churned", "churned"): (1, 1.0),
        ("purchase", "churned"): (1, 0.5),
        ("purchase", "retention"): (1, 0.5),
        ("unknown", "purchase"): (1, None),
        ("consideration", "consideration"): (1, 1.0),
    }
    assert of("week", day(1)) == {("unknown", "purchase"): (1, None)}
    assert of("year", day(1))["unknown", "churned"] == (2, None)
    (first,) = some(
        marts["lifecycle_transitions"],
        period_grain="week",
        period_start=day(1),
    )
    assert set(first) == {
        "brand_id",
        "period_grain",
        "period_start",
        "from_stage",
        "to_stage",
        "is_complete_period",
        "customers",
        "transition_rate",
    }


# RFM


def test_equal_values_share_a_score():
    segments = {(3, 1): "lost", (3, 4): "old friends", (5, 5): "best"}
    often = [order(f"e{n}", "e", 1, "1") for n in range(3)]
    marts = run(
        [
            order("1", "a", 1),
            order("2", "b", 1),
            order("3", "c", 1, "30"),
            order("4", "d", 1),
            order("5", "d", 1),
            *often,
        ],
        settings={
            "loyal_when": {"metric": "f_score", "op": ">=", "value": 4},
            "churn": {"window_days": 2},
        },
        more={"rfm_segments": segments},
        customers=[customer("f", 1)],
        as_of=day(2),
    )
    found = {
        row["customer_id"]: [
            row["r_score"],
            row["f_score"],
            row["m_score"],
            row["rfm_segment"],
        ]
        for row in marts["customers"]
    }
    # a day of silence is half of the window;
    # orders 1, 1, 1, 2, 3 rank 1, 1, 1, 4, 5; revenue 3, 10, 10, 20, 30
    assert found == {
        "a": [3, 1, 2, "lost"],
        "b": [3, 1, 2, "lost"],
        "c": [3, 1, 5, "lost"],
        "d": [3, 4, 4, "old friends"],
        "e": [3, 5, 1, None],
        "f": [None] * 4,
    }
    loyal = some(marts["customers"], loyalty_class="loyal")
    assert {row["customer_id"] for row in loyal} == {"d", "e"}
    lost = one(marts["rfm_segments"], segment="lost")
    assert lost == {
        "brand_id": "b",
        "segment": "lost",
        "customers": 3,
        "share_of_customers": 0.6,
        "net_revenue": Decimal(50),
        "revenue_share": pytest.approx(50 / 73),
        "average_recency_days": 1.0,
        "average_orders": 1.0,
        "average_order_value": pytest.approx(50 / 3),
    }
    best = one(marts["rfm_segments"], segment="best")
    assert (best["customers"], best["revenue_share"]) == (0, 0.0)
    assert best["average_orders"] is None
    assert len(marts["rfm_segments"]) == 3


def test_scores_of_few_and_of_many():
    few = run(
        [order("1", "a", 1), order("2", "b", 1, "20")],
        more={
            "rfm_segments": {(1, 1): "x"},
        },
    )
    assert [row["m_score"] for row in few["customers"]] == [1, 3]
    many = run([order(f"{n}", f"{n:02}", 1, f"{n}") for n in range(1, 12)])
    # 1 + floor(5 x (rank - 1) / 11)
    assert [row["m_score"] for row in many["customers"]] == [
        1,
        1,
        1,
        2,
        2,
        3,
        3,
        4,
        4,
        5,
        5,
    ]
    assert many["rfm_segments"] == []


@pytest.mark.parametrize(
    "shares, scores",
    [
        ([0.125, 0.25, 0.5], [5, 5, 4, 4, 3, 3, 2, 2, 1]),
        ([0.1, 0.2, 0.9], [5, 4, 4, 3, 3, 3, 3, 2, 1]),
    ],
)
def test_recency_is_measured_by_the_brands_window(shares, scores):
    silences = [0, 10, 11, 20, 21, 40, 72, 79, 80]
    marts = run(
        [order(f"{n}", f"{n:02}", f"{day(31) - timedelta(days=days)}") for n, days in enumerate(silences)],
        settings={
            "churn": {"window_days": 80},
            "rfm": {"recency_shares": shares},
        },
    )
    found = [row["r_score"] for row in marts["customers"]]
    assert found == scores


# Active and inactive, kinds


def test_active_and_inactive_customers():
    marts = run(
        [
            order("1", "a", 28, "30"),
            order("2", "a", "2022-01-01", "999"),
            order("3", "d", 24),
            order("4", "g", 1, "20"),
        ],
        interactions=[
            interaction("1", "a", 1, "phone_call"),
            interaction("2", "a", "2023-01-31", "support_chat"),  # too old
            interaction("3", "g", 20, "support_chat"),
            interaction("4", "g", "2023-02-01", "phone_call"),
            interaction("5", "p", 30, "phone_call"),  # a prospect
        ],
        customers=[customer("a", "2022-01-01", membership_joined_at="2022-01-01")],
        feedback=[
            feedback("1", "d", 2, "4"),
            feedback("2", "d", 3, "6"),
            feedback("3", "g", 3, "10"),
        ],
    )
    active = one(marts["active_vs_inactive"], segment="active")
    assert active["customers"] == 1 and active["membership_share"] == 1.0
    assert active["net_revenue_365d"] == 30
    assert active["revenue_share_365d"] == 0.5
    assert active["average_historical_clv"] == 1029.0
    assert active["contacts_per_customer"] == 1.0
    assert active["average_feedback_score"] is None
    assert active["orders_per_customer_365d"] == 1.0
    assert active["average_tenure_days"] == 760.0
    inactive = one(marts["active_vs_inactive"], segment="inactive")
    assert inactive["customers"] == 2  # d is dormant, g has churned
    assert inactive["average_feedback_score"] == 7.5
    assert inactive["contacts_per_customer"] == 1.0
    assert inactive["interactions_per_customer"] == 0.5  # of 90 days
    kinds = {row["kind"]: row for row in marts["active_kinds"]}
    assert set(kinds) == {
        "recent_purchaser",
        "loyal_customer",
        "support_customer",
        "product_subscriber",
        "service_subscriber",
        "contact",
    }
    assert kinds["recent_purchaser"]["share_of_active_customers"] == 1.0
    assert kinds["recent_purchaser"]["net_revenue_365d"] == 30
    assert kinds["contact"]["customers"] == 0
    assert kinds["contact"]["net_revenue_365d"] == 0


# Channels


def test_acquisition_channels_and_payback():
    marts = run(
        [
            order("1", "a", 5),
            order("2", "a", "2024-03-01", "15"),
            order("3", "b", 31, "5"),
            order("4", "a", "2024-04-09", "70"),
            order("5", "n", 7),
        ],
        as_of=day(10, 4),
        customers=[
            customer("a", acquisition_channel="Ads"),
            customer("b", "2023-12-31", acquisition_channel="Ads"),
            customer("s", "2024-02-01", acquisition_channel="mail"),
        ],
        marketing_spend=[
            spend(1, "Ads", "25", impressions="100", clicks="8"),
            spend(31, "Ads", "5"),
            spend(2, "Ads", "3", "retention", impressions="7", clicks="7"),
            spend("2024-03-02", "radio", "0", "retention"),
            spend("2024-05-01", "radio", "9"),
        ],
    )
    rows = {(row["channel"], row["period_start"].month): row for row in marts["acquisition_channels"]}
    assert set(rows) == {
        ("Ads", 12),
        ("Ads", 1),
        ("unknown", 1),
        ("mail", 2),
        ("radio", 3),
    }
    ads = rows["Ads", 1]
    assert (ads["acquisition_spend"], ads["retention_spend"]) == (30, 3)
    assert (ads["impressions"], ads["clicks"]) == (100, 8)
    assert ads["click_through_rate"] == 0.08
    assert (ads["sign_ups"], ads["acquired_customers"]) == (0, 2)
    assert ads["click_to_customer_rate"] == 0.25
    assert ads["cost_per_acquisition"] == 15.0
    assert ads["net_revenue_to_date"] == 100
    assert ads["return_on_spend"] == pytest.approx(100 / 30)
    assert ads["payback_months"] == 2  # 15 in January, 15 more in March
    assert rows["Ads", 12]["sign_ups"] == 1
    assert rows["Ads", 12]["acquisition_spend"] == 0
    assert rows["Ads", 12]["payback_months"] is None
    unknown = rows["unknown", 1]
    assert unknown["acquired_customers"] == 1
    assert unknown["payback_months"] is None
    assert unknown["return_on_spend"] is None
    assert unknown["cost_per_acquisition"] == 0.0
    assert rows["mail", 2]["sign_ups"] == 1
    radio = rows["radio", 3]
    assert radio["acquisition_spend"] == 0 and radio["clicks"] == 0
    assert radio["click_through_rate"] is None


@pytest.mark.parametrize(
    "amount, months",
    [
        ("10", 0),
        ("10.0001", 1),
        ("30", 1),
        ("31", None),
    ],
)
def test_payback_counts_the_current_month(amount, months):
    marts = run(
        [order("1", "a", 31), order("2", "a", "2024-02-09", "20")],
        as_of=day(9, 2),
        customers=[customer("a", acquisition_channel="x")],
        marketing_spend=[spend(1, "x", amount)],
    )
    (row,) = marts["acquisition_channels"]
    assert row["payback_months"] == months


# Carts


def cart(interaction_id, when, amount=None, customer_id="c"):
    return interaction(interaction_id, customer_id, when, "cart_abandoned", amount=amount)


def test_orders_recover_the_latest_cart():
    marts = run(
        [
            order("1", "c", 10),
            order("2", "c", 11, "5"),
            order("3", "c", 20),
            order("4", "d", 10),
        ],
        interactions=[
            cart("older", 9, "70"),
            cart("a", 10, "20"),
            cart("b", 10),
            cart("late", 12, "40"),
            cart("2023", "2023-12-30", "1"),
            # nobody's order is within seven days of it
            interaction("e", "d", 2, "basket_left", amount="50"),
        ],
        as_of=day(2, 2),
    )
    january, february = marts["cart_recovery"]
    assert january == {
        "brand_id": "b",
        "period_start": day(1),
        "is_complete_period": True,
        "carts_abandoned": 5,
        "abandoned_amount": Decimal(180),
        "carts_recovered": 1,
        "recovered_net_revenue": Decimal(15),
        "recovered_amount": Decimal(0),
        "recovery_rate": 0.2,
        "recovered_value_rate": 0.0,
    }
    assert february["carts_abandoned"] == 0 == february["recovered_amount"]
    assert february["recovery_rate"] is None
    assert not february["is_complete_period"]


@pytest.mark.parametrize(
    "ordered_at, recovered",
    [
        ("2024-01-10T12:00", "a noon"),  # at the same moment
        ("2024-01-10T11:59", "b morning"),
        ("2024-01-10", "a noon"),  # by date, as the order has no time of day
        ("2024-01-17", "a noon"),
        ("2024-01-18", None),
        ("2024-01-09", None),
        ("2024-01-10T00:00", "c date"),  # midnight is a time of day
    ],
)
def test_times_of_day_where_both_have_one(ordered_at, recovered):
    carts = [
        cart("a noon", "2024-01-10T12:00", "1"),
        cart("b morning", "2024-01-10T08:00", "2"),
        cart("c date", 10, "4"),
    ]
    marts = run([order("1", "c", ordered_at)], interactions=carts)
    (row,) = marts["cart_recovery"]
    amounts = {"a noon": 1, "b morning": 2, "c date": 4, None: 0}
    assert row["recovered_amount"] == amounts[recovered]
    assert row["carts_recovered"] == (recovered is not None)


def test_ids_decide_between_carts_of_one_moment():
    carts = [cart("B", 10, "1"), cart("a", 10, "2"), cart("é", 10, "4")]
    for count, amount in ((1, 1), (2, 2), (3, 4)):
        marts = run([order("1", "c", 10)], interactions=carts[:count])
        assert marts["cart_recovery"][0]["recovered_amount"] == amount


def test_carts_are_of_their_month():
    marts = run(
        [order("1", "c", "2024-02-02"), order("2", "c", 1)],
        as_of=day(2, 2),
        interactions=[cart("1", 31)],
    )
    january, february = marts["cart_recovery"]
    assert january["recovered_net_revenue"] == 10
    assert january["recovered_value_rate"] is None
    assert february["carts_recovered"] == 0


# Feedback


def test_poor_feedback_is_answered():
    marts = run(
        [order("1", "c", 3), order("2", "c", 5)],
        interactions=[
            interaction("1", "c", "2024-01-03T10:00", "support_chat"),
            interaction("2", "c", 4, "email_open"),
            interaction("3", "c", "2024-01-06", "phone_call"),
        ],
        feedback=[
            feedback("before", "c", "2024-01-03T09:59", "6"),
            feedback("same", "c", "2024-01-03T10:00", "0"),
            feedback("date", "c", 3, "5.5"),
            feedback("late", "c", "2023-12-04", "1"),
            feedback("later", "c", "2023-12-03", "1"),
            feedback("after", "c", 6, "2"),
            feedback("day", "c", 5, "2"),
            feedback("fine", "c", 3, "6.0001"),
            feedback("nobody", "x", 3, "3"),
        ],
    )
    rows = {row["feedback_id"]: row for row in marts["feedback_loop"]}
    answered = {name: (row["days_to_answer"], row["bought_again"], row["is_open"]) for name, row in rows.items()}
    assert answered == {
        "before": (0, True, False),
        "same": (3, True, False),
        "date": (3, True, False),
        "late": (30, True, False),
        "later": (None, True, True),
        "after": (None, False, True),
        "nobody": (None, False, True),
        "day": (1, False, False),
    }
    assert rows["late"]["answered_on"] == day(3)
    assert rows["date"]["score"] == 5.5
    assert rows["nobody"]["customer_id"] == "x"
    assert rows["nobody"]["submitted_on"] == day(3)


# Alerts


def alerts_of(marts, alert_type):
    """The alerts of a type by subject."""
    return {row["subject"]: row for row in some(marts["lifecycle_alerts"], alert_type=alert_type)}


def test_the_key_of_an_alert():
    marts = run([order("1", "c", 28)])
    row = alerts_of(marts, "about_to_churn")["c"]
    # to 6 February, so in the base for six days more; it could not hold before the order
    text = b"b|about_to_churn|c|2024-01-28"
    assert row == {
        "alert_id": hashlib.md5(text).hexdigest(),
        "brand_id": "b",
        "customer_id": "c",
        "alert_type": "about_to_churn",
        "subject": "c",
        "severity": "normal",
        "since": day(28),
        "actual_value": 6.0,
        "threshold": 14.0,
        "is_contactable": True,
        "action_code": None,
        "action": None,
        "action_ko": None,
        "action_zh": None,
    }


def test_about_to_churn():
    def found(as_of, settings=None, **tables):
        settings = {"churn": {"window_days": 20}, **(settings or {})}
        marts = run([order("1", "c", 1)], as_of, settings, **tables)
        return alerts_of(marts, "about_to_churn")

    # the last day in the base is the 20th
    assert not found(day(5))
    first, last = found(day(6))["c"], found(day(20))["c"]
    assert first["since"] == day(6) and first["actual_value"] == 14.0
    assert last["alert_id"] == first["alert_id"]
    assert last["actual_value"] == 0.0
    assert not found(day(21))
    own = {"alerts": {"about_to_churn": {"days_ahead": 0}}}
    assert not found(day(19), own)
    assert found(day(20), own)["c"]["since"] == day(20)
    assert not found(day(20), subscriptions=[subscription("1", "c", 1)])


def test_loyal_at_risk():
    rule = {"metric": "lifetime_orders", "op": ">=", "value": 2}
    settings = {"loyal_when": rule, "churn": {"window_days": 20}}
    orders = [order("1", "c", 1), order("2", "c", 3), order("3", "d", 3)]
    marts = run(orders, day(10), settings)
    row = alerts_of(marts, "loyal_at_risk")
    assert set(row) == {"c"} and row["c"]["severity"] == "high"
    assert row["c"]["since"] == day(3)
    assert (row["c"]["actual_value"], row["c"]["threshold"]) == (12.0, 14.0)
    assert not alerts_of(run(orders, day(5), settings), "loyal_at_risk")
    # loyal without an order: since the start of the base span
    always = settings | {"loyal_when": {"all": []}}
    always["churn"] = {"window_days": 20, "signals": ["order", "awareness"]}
    marts = run(
        as_of=day(20),
        settings=always,
        subscriptions=[subscription("1", "e", 2, 3)],
        interactions=[interaction("1", "e", 7, "site_visit")],
    )
    assert alerts_of(marts, "loyal_at_risk")["e"]["since"] == day(7)


def test_loyal_at_risk_by_the_probability_where_there_is_one():
    settings = merged_settings({"b": SHORT | {"churn": {"window_days": 400}}})
    tables = {"orders": [order("1", "c", 1), order("2", "c", 3)]}
    (brand,) = brands_of(classify(tables, settings, day(10)), settings, TYPES)

    def found(chance, is_loyal_but_for_silence=True):
        return list(
            alerts.loyal_at_risk(
                brand,
                [
                    {
                        "customer_id": "c",
                        "churn_probability": chance,
                        "is_loyal_but_for_silence": is_loyal_but_for_silence,
                        "last_order_date": day(3),
                    }
                ],
            )
        )

    (row,) = found(0.67)
    assert (row["actual_value"], row["threshold"]) == (0.67, 0.66)
    assert not found(0.66) and not found(None) and not found(0.9, False)


def test_loyal_but_for_silence():
    """Silence is forgiven, and windows end at the last order, but not under `not`."""
    often = {"metric": "orders_30d", "op": ">=", "value": 2}
    orders = [
        order("1", "c", 1),
        order("2", "c", 3),
        order("3", "d", 1),
        order("4", "d", 31),
    ]
    settings = {"churn": {"window_days": 400}}

    def loyal(rule):
        marts = run(orders, date(2024, 4, 10), settings | {"loyal_when": rule})
        return {row["customer_id"] for row in marts["customers"] if row["is_loyal_but_for_silence"]}

    assert loyal(often) == {"c"}
    lately = {"metric": "recency_days", "op": "<=", "value": 30}
    assert loyal({"all": [often, lately]}) == {"c"}
    assert loyal({"all": [lately]}) == {"c", "d"}
    assert loyal({"not": lately}) == {"c", "d"}
    assert loyal({"not": {"any": [lately, often]}}) == {"c", "d"}
    assert loyal({"all": [{"not": {"not": lately}}]}) == set()
    settings["churn"] = {"window_days": 75}
    assert loyal(lately) == {"d"}


def test_no_second_purchase():
    waits = {"p": 2, "q": 4, "r": 6, "s": 10}
    orders = [order(f"{who}1", who, 1) for who in waits]
    orders += [order(f"{who}2", who, 1 + n) for who, n in waits.items()]
    orders += [order("1", "c", 5), order("2", "d", 6), order("3", "e", 1)]
    settings = {"churn": {"window_days": 12}}
    marts = run(orders, day(12), settings)
    # three quarters of the way from 2 to 10 over 4 and 6: 7; e is at 11
    rows = alerts_of(marts, "no_second_purchase")
    assert set(rows) == {"e"} and rows["e"]["since"] == day(1)
    assert (rows["e"]["actual_value"], rows["e"]["threshold"]) == (11.0, 7.0)
    marts = run(orders, day(13), settings)
    assert set(alerts_of(marts, "no_second_purchase")) == {"c"}  # e has gone
    own = {"alerts": {"no_second_purchase": {"percentile": 0.1}}}
    rows = alerts_of(run(orders, day(12), settings | own), "no_second_purchase")
    assert set(rows) == {"c", "d", "e"}
    assert rows["d"]["threshold"] == pytest.approx(2.6)
    assert not alerts_of(run([order("1", "c", 1)]), "no_second_purchase")


def test_percentiles_are_between_neighbours():
    assert alerts.percentile([], Fraction(1, 2)) is None
    assert alerts.percentile([3], Fraction(3, 4)) == 3
    assert alerts.percentile([5, 1], Fraction(1)) == 5
    assert alerts.percentile([9, 1, 2], Fraction(3, 4)) == Fraction(11, 2)


def test_alerts_of_carts_feedback_and_subscriptions():
    marts = run(
        [order("1", "c", 30)],
        interactions=[
            cart("taken", 28),
            cart("other", 27),
            cart("open", 25, None, "d"),
            cart("old", 24, None, "d"),
        ],
        feedback=[
            feedback("new", "x", 2, "6"),
            feedback("old", "c", 1, "6"),
            feedback("good", "c", 20, "7"),
            feedback("told", "d", 3, "1"),
        ],
        subscriptions=[
            subscription("s1", "c", 1, 25),
            subscription("s2", "c", 1, 24),
            subscription("s3", "e", 1, 31),
            subscription("s4", "d", 1),
            subscription("s5", "d", 30, "2024-02-01"),
        ],
    )
    carts = alerts_of(marts, "cart_abandoned")
    assert set(carts) == {"other", "open"}
    assert carts["open"]["customer_id"] == "d"
    assert carts["open"]["since"] == day(25)
    assert carts["open"]["actual_value"] is carts["open"]["threshold"] is None
    poor = alerts_of(marts, "negative_feedback_open")
    assert set(poor) == {"new", "told"}
    assert poor["new"]["customer_id"] == "x"  # whom nobody knows
    assert poor["new"]["severity"] == "high"
    ended = alerts_of(marts, "subscription_cancelled")
    assert {name: row["since"] for name, row in ended.items()} == {
        "s1": day(25),
        "s3": day(31),
    }
    assert ended["s1"]["customer_id"] == "c"
    assert ended["s1"]["severity"] == "normal"


def monthly_orders(counts, month_days=(3, 4)):
    """Orders by month from July 2023: so many customers, one of them twice."""
    orders = []
    for number, (customers, twice) in enumerate(counts):
        month = date(2023 + (number + 6) // 12, (number + 6) % 12 + 1, 1)
        for who in range(customers):
            for again in range(2 if who < twice else 1):
                when = month.replace(day=month_days[again])
                orders.append(order(f"{when}-{who}", f"{who}", f"{when}"))
    return orders


def test_drops_against_the_mean_of_six_months():
    long = {"churn": {"window_days": 400}}
    six = [(4, 1)] * 6
    # 50 a month before, 40 now: lower by 0.2 exactly, which is not more
    marts = run(monthly_orders([*six, (4, 0)]), day(31), long)
    assert not alerts_of(marts, "revenue_drop")
    row = alerts_of(marts, "repeat_rate_drop")[""]
    assert (row["actual_value"], row["threshold"]) == (1.0, 0.2)
    assert row["customer_id"] is None and row["severity"] == "high"
    assert row["since"] == day(1)
    marts = run(monthly_orders([*six, (3, 0)]), day(31), long)
    row = alerts_of(marts, "revenue_drop")[""]
    assert row["actual_value"] == pytest.approx(0.4)
    # the current month is not looked at, and six months must be there
    marts = run(monthly_orders([*six, (4, 1), (1, 0)]), day(28, 2), long)
    assert not alerts_of(marts, "revenue_drop")
    marts = run(monthly_orders([*six[1:], (1, 0)]), date(2023, 12, 31), long)
    assert not alerts_of(marts, "revenue_drop")
    # a month without an order has revenue, but no rate
    marts = run(monthly_orders([*six[1:], (0, 0), (1, 0)]), day(31), long)
    assert alerts_of(marts, "revenue_drop")
    assert not alerts_of(marts, "repeat_rate_drop")
    # rates of zero all along
    marts = run(monthly_orders([(4, 0)] * 7), day(31), long)
    assert not alerts_of(marts, "repeat_rate_drop")


def months_of_2023_and_2024(**figures):
    """A row of brand_metrics for each month to May 2024, 17 in all, with figures by month."""
    rows = []
    for number in range(17):
        month = date(2023 + number // 12, number % 12 + 1, 1)
        rows.append(
            {
                "period_grain": "month",
                "period_start": month,
                "is_complete_period": True,
                "is_left_truncated": False,
                "repeat_customers_at_start": 100,
                "lost_repeat_customers": 20,
                "purchasing_customers": 100,
                "repeat_purchasers": 50,
                "net_revenue": 80,
            }
            | figures.get(f"m{month:%Y%m}", {})
        )
    return rows


def of_the_brand(function, months, first_order="2023-01-01"):
    settings = merged_settings({"b": SHORT | {"history_is_complete": True}})
    tables = {"orders": [order("1", "c", first_order)]}
    (brand,) = brands_of(classify(tables, settings, day(10)), settings, TYPES)
    return {row["alert_type"]: row for row in function(brand, months)}


def test_churn_rate_high():
    """Of repeat customers, against the same month a year before, else the six before."""

    def found(months):
        return of_the_brand(alerts.churn_rate_high, months).get("churn_rate_high")

    def lost(number):
        return {"lost_repeat_customers": number}

    row = found(months_of_2023_and_2024(m202405=lost(25)))
    assert row["actual_value"] == 0.25
    assert row["threshold"] == pytest.approx(0.24)  # a fifth above 0.2
    assert (row["since"], row["subject"]) == (date(2024, 5, 1), "")
    text = b"b|churn_rate_high||2024-05-01"
    assert row["alert_id"] == hashlib.md5(text).hexdigest()
    assert not found(months_of_2023_and_2024(m202405=lost(24)))
    # every May is like this one
    assert not found(months_of_2023_and_2024(m202305=lost(25), m202405=lost(25)))
    # a May that says nothing gives way to the six months
    nobody = {"repeat_customers_at_start": 0, "lost_repeat_customers": 0}
    assert found(months_of_2023_and_2024(m202305=nobody, m202405=lost(25)))
    # so does one in which nobody could leave: ten days from the first order on
    alike = months_of_2023_and_2024(m202305=lost(25), m202405=lost(25))
    assert of_the_brand(alerts.churn_rate_high, alike, "2023-04-22")
    assert not of_the_brand(alerts.churn_rate_high, alike, "2023-04-21")
    some = months_of_2023_and_2024(m202405=lost(25))
    assert found(some[-7:]) and not found(some[-6:])
    low = [row | lost(1) for row in some[:-1]] + [some[-1] | lost(10)]
    assert not found(low)  # 0.1 is not above


def test_drops_that_come_every_year():
    def found(months):
        return {name: row["actual_value"] for name, row in of_the_brand(alerts.drops, months).items()}

    half = {"repeat_purchasers": 25, "net_revenue": 40}
    double = {"repeat_purchasers": 100, "net_revenue": 160}
    both = {"repeat_rate_drop": 0.5, "revenue_drop": 0.5}
    assert found(months_of_2023_and_2024(m202405=half)) == both
    assert found(months_of_2023_and_2024(m202305=half, m202405=half)) == {}
    # three quarters below the season, half below the six months
    assert found(months_of_2023_and_2024(m202305=double, m202405=half)) == both
    # fifteen months have no season
    some = months_of_2023_and_2024(m202305=half, m202405=half)
    assert found(some[-15:]) == both and found(some[-16:]) == {}
    nothing = {"repeat_purchasers": 0, "net_revenue": 0}
    assert found(months_of_2023_and_2024(m202305=nothing, m202405=nothing)) == {}


def test_rejected_rows_high():
    bad = order("x", None, 1)
    orders = [order(f"{n}", "c", 1) for n in range(19)] + [bad]
    visits = [interaction("1", "c", None, "site_visit"), interaction("2", "c", 1, "site_visit", brand_id="z")]
    marts = run(orders, interactions=visits)
    rows = alerts_of(marts, "rejected_rows_high")
    assert set(rows) == {"interactions"}  # orders: 0.05 is not above
    row = rows["interactions"]
    assert row["since"] == day(31) and row["customer_id"] is None
    assert (row["actual_value"], row["threshold"]) == (1.0, 0.05)
    assert {r["brand_id"] for r in marts["lifecycle_alerts"]} == {"b"}
    marts = run(orders, more={"max_rejected_share": 0.04})
    rows = alerts_of(marts, "rejected_rows_high")
    assert rows["orders"]["threshold"] == 0.04


# Actions


def line(number, code, channel="email", brand_id=None, **more):
    return {
        "brand_id": brand_id,
        "line": number,
        "stage": None,
        "loyalty_class": None,
        "alert_type": None,
        "action_code": code,
        "action": code.title(),
        "channel": channel,
        "reason": "because",
        "due_days": None,
        "message_en": "Dear",
        "message_ko": "안녕",
        "message_zh": "你好",
    } | more


def test_the_lowest_matching_line_wins():
    playbook = [
        line(99, "rest"),
        line(20, "back", stage="churned"),
        line(10, "call", alert_type="cart_abandoned", stage="retention"),
        line(10, "write", "sns", "b", alert_type="cart_abandoned"),
        line(5, "thank", loyalty_class="loyal"),
        line(1, "theirs", brand_id="other"),
        line(15, "own", brand_id="b", stage="purchase", loyalty_class="one_time"),
    ]
    orders = [order(f"l{n}", "l", 30) for n in range(3)]
    marts = run(
        [*orders, order("1", "c", 1, "50"), order("2", "p", 30, "30"), order("3", "k", 30), order("4", "n", 2, "50")],
        interactions=[cart("1", 31, None, "k"), cart("2", 31, None, "v")],
        customers=[customer("n", contactable="no"), customer("w", 1)],
        more={
            "playbook": playbook,
            "predictions": {
                ("b", name): {
                    "predicted_clv_365d": value,
                    "churn_probability": 0.5,
                }
                for name, value in {
                    "c": 50.0,
                    "n": 50.0,
                    "l": 60.0,
                    "p": 60.0,
                    "k": 20.0,
                }.items()
            },
        },
    )
    found = {row["customer_id"]: (row["action_code"], row["channel"]) for row in marts["customer_actions"]}
    assert found == {
        "l": ("thank", "email"),
        "c": ("back", "email"),
        "p": ("own", "email"),
        # the brand's own line 10 asks for no stage
        "k": ("write", "sns"),
        "v": ("write", "sns"),
        "n": ("none", None),
        "w": ("rest", "email"),
    }
    ranks = sorted((row["priority"], row["customer_id"], row["value_at_stake"]) for row in marts["customer_actions"])
    assert ranks == [
        (1, "c", 50.0),
        (2, "l", 30.0),
        (3, "p", 30.0),
        (4, "k", 10.0),
        (5, "v", 0.0),
        (6, "w", 0.0),
        (7, "n", 50.0),
    ]
    nobody = one(marts["customer_actions"], customer_id="n")
    assert nobody["action"] == "none"
    assert set(nobody) == {
        "brand_id",
        "customer_id",
        "action_code",
        "action",
        "action_ko",
        "action_zh",
        "channel",
        "since",
        "due_until",
        "is_due",
        "priority",
        "value_at_stake",
        "playbook_line",
        "message_en",
        "message_ko",
        "message_zh",
    }


def test_what_alerts_say():
    """Each placeholder as its language writes it; customers who refused contact are not to be contacted."""
    texts = {
        "cart_abandoned": dict.fromkeys(("en", "ko", "zh"), "{amount} {day}"),
        "cart_abandoned_without_amount": dict.fromkeys(("en", "ko", "zh"), "{day}"),
        "do_not_contact": {"en": " No!", "ko": " 안 돼요!", "zh": "不！"},
        "no_consent": {"en": "No.", "ko": "아니요.", "zh": "否。"},
        "no_line_applies": {"en": "None.", "ko": "없음.", "zh": "没有。"},
    }
    marts = run(
        interactions=[cart("1", 31, "1234567.5", "k"), cart("2", 30, None, "n")],
        customers=[customer("k"), customer("n", contactable="no")],
        settings={"currency": " krw "},
        more={"texts": texts, "playbook": [line(1, "x", loyalty_class="loyal")]},
    )
    said = {
        row["customer_id"]: (row["message"], row["message_ko"], row["message_zh"]) for row in marts["lifecycle_alerts"]
    }
    assert said == {
        "k": ("1,234,568 KRW Jan 31, 2024", "1,234,568원 2024년 1월 31일", "1,234,568 KRW 2024年1月31日"),
        "n": ("Jan 30, 2024 No!", "2024년 1월 30일 안 돼요!", "2024年1月30日不！"),
    }
    reasons = {row["customer_id"]: row["reason_ko"] for row in marts["customer_actions"]}
    assert reasons == {"k": "없음.", "n": "아니요."}


def test_figures_are_written_as_in_each_language():
    texts = {"all": {"en": "{share} {score} {low_score} {month} {rows} {table}"}}
    values = {
        "share": Fraction(1, 16),
        "score": 6.0,
        "low_score": 2.5,
        "month": date(2024, 6, 1),
        "rows": 12345,
        "table": "orders",
    }
    assert messages.text(texts, ("all", values), "en", None) == "6.3% 6 2.5 Jun 2024 12,345 orders"
    money = {
        (language, currency): messages.money_text(Decimal("1234.5678"), language, currency)
        for language, currency in (("en", "EUR"), ("ko", "KRW"), ("zh", "CNY"), ("en", "KWD"), ("ko", None))
    }
    assert list(money.values()) == ["1,234.57 EUR", "1,235원", "1,234.57 元", "1,234.568 KWD", "1,234.57"]


def test_actions_are_due_for_some_days():
    """From the alert or else the later of stage and order, for so many days."""
    playbook = [
        line(10, "remind", alert_type="cart_abandoned"),
        line(20, "rest", due_days=3),
    ]
    marts = run(
        [order("1", "c", 29), order("2", "d", 28), order("3", "k", 29)],
        interactions=[cart("1", 30, None, "k"), cart("2", 31, None, "k")],
        customers=[customer("n", contactable="no")],
        more={"playbook": playbook},
    )
    assert {
        row["customer_id"]: (row["since"], row["due_until"], row["is_due"]) for row in marts["customer_actions"]
    } == {
        "c": (day(29), day(31), True),
        "d": (day(28), day(30), False),
        "k": (day(31), None, True),
    }


@pytest.mark.parametrize(
    "model, signals, at_stake",
    [
        ("mbg_nbd", ["order"], 0.5 * 100 * 0.25),
        ("mbg_nbd", ["order", "subscription"], 0.5 * 100 * (1 - 0.125)),
        ("bg_nbd", ["order", "subscription"], 0.0),
    ],
)
def test_value_at_stake(model, signals, at_stake):
    """The margin of what is predicted, by the chance that the customer leaves."""
    marts = run(
        [order("1", "c", 30)],
        subscriptions=[subscription("s", "c", 30, None)],
        settings={
            "margin_rate": 0.5,
            "clv": {"model": model},
            "churn": {"window_days": 60, "signals": signals},
        },
        more={
            "predictions": {
                ("b", "c"): {
                    "predicted_clv_365d": 100.0,
                    "churn_probability": 0.25,
                    "p_alive": 0.125 if model == "mbg_nbd" else None,
                }
            }
        },
    )
    (row,) = marts["customer_actions"]
    assert row["value_at_stake"] == at_stake


def test_without_a_line_there_is_no_action():
    for playbook in ([], [line(1, "back", stage="churned")]):
        marts = run([order("1", "c", 30)], more={"playbook": playbook})
        (row,) = marts["customer_actions"]
        assert (row["action_code"], row["priority"]) == ("none", 1)


def test_seeds_are_read(tmp_path):
    segments, playbook = tmp_path / "segments.csv", tmp_path / "playbook.csv"
    segments.write_text("r_score,f_score,segment\n1,1,lost\n5,5,best\n", encoding="utf-8")
    assert read_rfm_segments(segments) == {(1, 1): "lost", (5, 5): "best"}
    columns = ",".join(line(1, "x"))
    playbook.write_text(
        f'{columns}\n,7,churned,,,back,"Write, soon",email,why,14,"Dear {{name}}",안녕,你好\n',
        encoding="utf-8",
    )
    assert read_playbook(playbook) == [
        line(
            7,
            "back",
            stage="churned",
            action="Write, soon",
            reason="why",
            due_days=14,
            message_en="Dear {name}",
        )
    ]


def test_keys_are_unique_and_marts_empty_without_customers():
    for seed in range(5):
        marts = run(
            as_of=day(31, 3),
            more={"playbook": [line(1, "x")]},
            **{"orders": []} | random_history(seed),
        )
        for mart, key in KEYS.items():
            assert differences(marts[mart], marts[mart], key) == []
    empty = run(customers=[customer("c")])
    filled = {mart for mart, rows in empty.items() if rows}
    assert filled == {"input_reconciliation"}
    assert compute({}, {"b": None})["lifecycle_alerts"] == []
