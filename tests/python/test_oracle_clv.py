"""The independent program's predicted value, held against published numbers.

The reference file is of CDNOW's 1/10 sample as of 1997-09-30; its parameters
are those below, in days.
"""

from __future__ import annotations

import math
from datetime import date, timedelta
from decimal import Decimal, localcontext

import pytest

import project
from clv_data import CDNOW_REFERENCE, cdnow, rows_of
from oracle import clv
from oracle.clv import BgNbd, GammaGamma, History

CUT = date(1997, 9, 30)
BGNBD = BgNbd(.242594522, 30.895214133, .792922017, 2.425906777)
SPEND = GammaGamma(6.249572271, 3.744224667, 15.443520963)
# parameters where formulas usually break: a at and near 1, a + b below 1,
# hardly any dropout, nothing but dropout, all of one rate
CORNERS = [
    BGNBD, BgNbd(3, 400, 1, 1), BgNbd(.3, 20, 1 + 1e-9, 2),
    BgNbd(.01, 5, .01, .02), BgNbd(50, 1e4, 1e-4, 1e3),
    BgNbd(.2, 50, 1e4, 3e4), BgNbd(.2, 30, 1.6e5, 6e-6),
    BgNbd(1e3, 1e4, .5, .5),
]


@pytest.fixture(scope="module")
def reference():
    """The rows of the reference file by customer."""
    return {
        row["customer_id"]: row for row in project.read_csv(CDNOW_REFERENCE)
    }


@pytest.fixture(scope="module")
def sample():
    """The histories of the sample, from its orders."""
    return clv.histories(clv.day_amounts(rows_of(cdnow())), CUT)


def test_histories(reference, sample):
    assert len(sample) == 2357
    assert len(clv.spending(sample.values())) == 946
    for customer_id, row in reference.items():
        history = sample[customer_id]
        assert (history.x, history.t_x, history.T) == (
            int(row["x"]), int(row["t_x"]), int(row["T"])
        )
        assert (history.m or 0) == pytest.approx(float(row["monetary"]))


def test_a_date_is_one_however_many_its_orders():
    days = [date(2024, 1, day) for day in (1, 1, 5, 5, 9)]
    orders = [("c", day, Decimal(n + 1)) for n, day in enumerate(days)]
    amounts = clv.day_amounts(orders)
    assert clv.histories(amounts, date(2024, 1, 10)) == {
        "c": History(2, 8, 9, 6.0)
    }
    assert clv.histories(amounts, date(2024, 1, 5)) == {
        "c": History(1, 4, 4, 7.0)
    }
    assert clv.histories(amounts, date(2024, 1, 1)) == {"c": History(0, 0, 0)}
    assert clv.histories(amounts, date(2023, 12, 31)) == {}


def test_likelihoods(sample):
    customers = list(sample.values())
    days = clv.bgnbd_log_likelihood(BGNBD, customers)
    assert days == pytest.approx(-14363.530443, abs=1e-6)
    weeks = days + math.log(7) * sum(history.x for history in customers)
    assert weeks == pytest.approx(-9582.429207, abs=1e-5)
    assert clv.gamma_gamma_log_likelihood(SPEND, customers) == pytest.approx(
        -4055.917695, abs=1e-6
    )


def test_likelihoods_of_one_customer():
    given = BgNbd(.25, 4, .8, 2.5)
    assert clv.bgnbd_log_likelihood_of(given, 0, 0, 40) == pytest.approx(
        -0.59947382, abs=1e-8
    )
    assert clv.bgnbd_log_likelihood_of(given, 200, 38, 40) == pytest.approx(
        100.7957, abs=1e-4
    )
    assert clv.bgnbd_log_likelihood_of(given, 0, 0, 0) == pytest.approx(
        0, abs=1e-15
    )


def test_the_parameters_are_a_maximum(sample):
    customers = list(sample.values())
    for log_likelihood, kind, given in (
        (clv.bgnbd_log_likelihood, BgNbd, BGNBD),
        (clv.gamma_gamma_log_likelihood, GammaGamma, SPEND),
    ):
        def of(parameters):
            return log_likelihood(kind(*parameters), customers)

        at_maximum = clv.newton_step(of, given)
        assert at_maximum.is_concave
        assert max(map(abs, at_maximum.step)) < 1e-8
        for i in range(len(given)):
            # a parameter that is off by so little is noticed, and by how much
            off = list(given)
            off[i] *= 1 + 1e-5
            step = clv.newton_step(of, off).step
            assert step[i] == pytest.approx(-1e-5, rel=0.01)


def test_a_fixed_parameter_stays():
    step = clv.newton_step(
        lambda p: -(p[0] - 3) ** 2 - (p[0] - p[1]) ** 2, [3.0, 5.0], fixed=[0]
    )
    assert step.step[0] == 0 and step.step[1] < 0 and step.gradient[0] > 0


def test_predictions(reference, sample):
    for customer_id, row in reference.items():
        history = sample[customer_id]
        for column, figure in (
            ("p_alive", clv.p_alive(BGNBD, history)),
            ("expected_orders_90d", clv.expected_orders(BGNBD, history, 90)),
            ("expected_orders_273d", clv.expected_orders(BGNBD, history, 273)),
            ("expected_order_value", clv.expected_order_value(SPEND, history)),
        ):
            assert figure == pytest.approx(float(row[column]), rel=1e-7)


def test_totals(sample):
    histories = sample.values()
    assert sum(
        clv.p_alive(BGNBD, history) for history in histories
    ) == pytest.approx(1917.2777, abs=1e-4)
    assert sum(
        clv.expected_orders(BGNBD, history, 90) for history in histories
    ) == pytest.approx(621.6394, abs=1e-4)
    # the papers' customer with x = 2 at 30.43 of 38.86 weeks, for 39 weeks
    assert clv.expected_orders(
        BGNBD, History(2, 213, 272, 1.0), 273
    ) == pytest.approx(1.226, abs=5e-4)


def published_form(given, x, T, days):
    """E[Y(t)] of a customer who is alive, as in the paper's equation (10).

    With Gauss's series, in decimals long enough for all that cancels.
    """
    with localcontext() as context:
        context.prec = 120
        r, alpha, a, b = map(Decimal, given)
        t = Decimal(days)
        z = t / (alpha + T + t)
        term = total = Decimal(1)
        for k in range(200_000):
            term *= (r + x + k) * (b + x + k) * z
            term /= (a + b + x - 1 + k) * (k + 1)
            total += term
            if abs(term) < abs(total) * Decimal("1e-80"):
                break
        left = ((alpha + T) / (alpha + T + t)) ** (r + x)
        return float((a + b + x - 1) / (a - 1) * (1 - left * total))


@pytest.mark.parametrize("given", CORNERS, ids=str)
def test_expected_orders_three_ways(given):
    """The sum, the integral and the paper's own form are one number."""
    for x, T in ((0, 0), (1, 300), (200, 300), (4999, 5000)):
        for days in (30, 365):
            terms = clv.sum_over_occasions(given, x, T, days)
            assert terms == pytest.approx(
                clv.integral_over_dropout(given, x, T, days), rel=1e-10
            )
            published = given.a != 1 and (x, T) != (0, 0)
            if published and not (x == 0 and given.a + given.b < 1):
                assert terms == pytest.approx(
                    published_form(given, x, T, days), rel=1e-10
                )


def test_a_long_sum_is_an_integral():
    """Where a sum needs too many terms, the integral stands in for it."""
    given = BgNbd(.5, .01, .3, .5)
    expected = clv.expected_orders_if_alive(given, 0, 0, 365)
    assert expected == clv.integral_over_dropout(given, 0, 0, 365)
    # whoever never leaves buys on as before: (r + x) t / (alpha + T)
    steady = BgNbd(.5, .01, 1e-9, 1.0)
    assert clv.integral_over_dropout(steady, 0, 0, 30) == pytest.approx(
        .5 * 30 / .01, rel=1e-5
    )


def test_expected_order_value():
    assert clv.expected_order_value(
        GammaGamma(2, 3, 10), History(0, 0, 5)
    ) == pytest.approx(2 * 10 / 2)
    assert clv.expected_order_value(
        GammaGamma(2, 3, 10), History(4, 3, 5, 20.0)
    ) == pytest.approx(2 * (10 + 80) / 10)
    assert clv.expected_order_value(
        GammaGamma(2, 1, 10), History(4, 3, 5, 20.0)
    ) is None


def test_clv():
    history = History(3, 200, 250, 30.0)
    value = clv.expected_order_value(SPEND, history)
    year = clv.expected_orders(BGNBD, history, 365)
    undiscounted = clv.predicted_clv(BGNBD, SPEND, history, 0.0)
    assert undiscounted == pytest.approx(value * year, rel=1e-12)
    by_hand = sum(
        (
            clv.expected_orders(BGNBD, history, 365 / 12 * k)
            - clv.expected_orders(BGNBD, history, 365 / 12 * (k - 1))
        ) * value / 1.1 ** (k / 12)
        for k in range(1, 13)
    )
    assert clv.predicted_clv(
        BGNBD, SPEND, history, .1
    ) == pytest.approx(by_hand, rel=1e-12)
    assert clv.predicted_clv(
        BGNBD, SPEND._replace(q=1.0), history, .1
    ) is None


def test_missing_models_feed_nothing():
    history = History(3, 200, 250, 30.0)
    assert set(clv.predictions(None, None, history, .1).values()) == {None}
    no_spend = clv.predictions(BGNBD, None, history, .1)
    assert {name for name, value in no_spend.items() if value is None} == {
        "expected_order_value", "predicted_clv_365d",
    }
    no_orders = clv.predictions(None, SPEND, history, .1)
    assert {name for name, value in no_orders.items() if value} == {
        "expected_order_value",
    }


@pytest.mark.parametrize("given", CORNERS, ids=str)
def test_silence_lowers_p_alive(given):
    """It falls with every silent day, and the expectation with it."""
    assert clv.p_alive(given, History(0, 0, 500)) == 1
    chances = [
        clv.p_alive(given, History(5, 100, 100 + silent, 1.0))
        for silent in (0, 30, 60, 120, 240, 480)
    ]
    assert all(0 <= chance <= 1 for chance in chances)
    assert all(a > b for a, b in zip(chances, chances[1:]))


def test_backtest_by_hand():
    """Two customers at the cut, and one who comes only later."""
    end = date(2024, 12, 31)

    def back(days):
        return end - timedelta(days=days)

    amounts = clv.day_amounts([
        ("a", back(180), 1), ("a", back(179), 1), ("a", back(90), 1),
        ("a", back(89), 1), ("a", back(0), 1), ("a", back(0), 1),
        ("b", back(400), 1), ("c", back(89), 1), ("c", back(50), 1),
    ])
    row = clv.backtest(BGNBD, amounts, end)
    a = clv.expected_orders(BGNBD, History(2, 90, 90, 1.0), 90)
    b = clv.expected_orders(BGNBD, History(0, 0, 310), 90)
    assert row == pytest.approx({
        "backtest_actual_orders": 2,
        "backtest_predicted_orders": a + b,
        "backtest_error": (a + b - 2) / 2,
        "backtest_customer_mae": ((2 - a) + b) / 2,
        "backtest_customer_rmse": math.sqrt(((2 - a) ** 2 + b ** 2) / 2),
        "backtest_naive_error": 0.0,
        "backtest_naive_customer_mae": 0.0,
        "backtest_naive_customer_rmse": 0.0,
    })


def test_backtest_of_nothing_bought():
    amounts = clv.day_amounts([("a", date(2024, 1, 1), 1)])
    row = clv.backtest(BGNBD, amounts, date(2024, 12, 31))
    assert row["backtest_actual_orders"] == 0
    assert all(
        value is None for name, value in row.items() if "orders" not in name
    )
