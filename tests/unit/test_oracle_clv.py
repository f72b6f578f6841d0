"""The independent program's predicted value, held against published numbers.

The reference file is of CDNOW's 1/10 sample as of 1997-09-30; its parameters
are those below, in days.
"""

from __future__ import annotations

import itertools
import math
import random
from datetime import date, timedelta
from decimal import Decimal, localcontext

import pytest

import project
from clv_data import CDNOW_MBG_REFERENCE, CDNOW_REFERENCE, cdnow, rows_of
from oracle import clv
from oracle.clv import BgNbd, GammaGamma, History, MbgNbd, Outcome

CUT = date(1997, 9, 30)
BGNBD = BgNbd(0.242594522, 30.895214133, 0.792922017, 2.425906777)
MBGNBD = MbgNbd(0.5248431591, 43.2815969570, 0.8913593907, 1.6140022402)
SPEND = GammaGamma(6.249572271, 3.744224667, 15.443520963)
# parameters where formulas usually break: a at and near 1, a + b below 1,
# hardly any dropout, nothing but dropout, all of one rate
CORNERS = [
    BGNBD,
    BgNbd(3, 400, 1, 1),
    BgNbd(0.3, 20, 1 + 1e-9, 2),
    BgNbd(0.01, 5, 0.01, 0.02),
    BgNbd(50, 1e4, 1e-4, 1e3),
    BgNbd(0.2, 50, 1e4, 3e4),
    BgNbd(0.2, 30, 1.6e5, 6e-6),
    BgNbd(1e3, 1e4, 0.5, 0.5),
    MBGNBD,
    MbgNbd(0.3, 20, 1 + 1e-9, 2),
    MbgNbd(0.01, 5, 0.01, 0.02),
    MbgNbd(0.2, 30, 1.6e5, 6e-6),
]


@pytest.fixture(scope="module")
def reference():
    """The rows of the reference file by customer."""
    return {row["customer_id"]: row for row in project.read_csv(CDNOW_REFERENCE)}


@pytest.fixture(scope="module")
def sample():
    """The histories of the sample, from its orders."""
    return clv.histories(clv.day_amounts(rows_of(cdnow())), CUT)


def test_histories(reference, sample):
    assert len(sample) == 2357
    assert len(clv.spending(sample.values())) == 946
    for customer_id, row in reference.items():
        history = sample[customer_id]
        assert (history.x, history.t_x, history.T) == (int(row["x"]), int(row["t_x"]), int(row["T"]))
        assert (history.m or 0) == pytest.approx(float(row["monetary"]))


def test_a_date_is_one_however_many_its_orders():
    days = [date(2024, 1, day) for day in (1, 1, 5, 5, 9)]
    orders = [("c", day, Decimal(n + 1)) for n, day in enumerate(days)]
    amounts = clv.day_amounts(orders)
    assert clv.histories(amounts, date(2024, 1, 10)) == {"c": History(2, 8, 9, 6.0)}
    assert clv.histories(amounts, date(2024, 1, 5)) == {"c": History(1, 4, 4, 7.0)}
    assert clv.histories(amounts, date(2024, 1, 1)) == {"c": History(0, 0, 0)}
    assert clv.histories(amounts, date(2023, 12, 31)) == {}


def test_likelihoods(sample):
    customers = list(sample.values())
    days = clv.bgnbd_log_likelihood(BGNBD, customers)
    assert days == pytest.approx(-14363.530443, abs=1e-6)
    weeks = days + math.log(7) * sum(history.x for history in customers)
    assert weeks == pytest.approx(-9582.429207, abs=1e-5)
    assert clv.gamma_gamma_log_likelihood(SPEND, customers) == pytest.approx(-4055.917695, abs=1e-6)


def test_likelihood_of_the_modified_model(sample):
    customers = list(sample.values())
    assert clv.order_log_likelihood(MBGNBD, customers) == pytest.approx(-14363.236952, abs=1e-6)
    assert clv.order_log_likelihood(BGNBD, customers) == pytest.approx(
        clv.bgnbd_log_likelihood(BGNBD, customers), rel=1e-15
    )
    # a customer of today may have left, but nothing is known of them
    assert clv.mbgnbd_log_likelihood_of(MBGNBD, 0, 0, 0) == pytest.approx(0, abs=1e-15)


def test_a_history_is_as_likely_as_its_stories():
    """Of few orders: the sum over when the customer may have left.

    Given a rate and a chance to leave, orders are Poisson; the gamma and the
    beta distributions are integrated by the midpoint rule.
    """
    r, alpha, a, b = 2.5, 30.0, 1.5, 2.0

    def average(of, shape, rate):  # over a gamma distribution
        highest, n = 40 * shape / rate, 20_000
        places = [(i + 0.5) * highest / n for i in range(n)]
        weights = [math.exp((shape - 1) * math.log(v) - rate * v) for v in places]
        return math.fsum(w * of(v) for w, v in zip(weights, places)) / (math.fsum(weights))

    def stays(k):  # the mean of (1 - p)^k, and with p once
        k_times = math.exp(clv.log_beta(a, b + k) - clv.log_beta(a, b))
        leaves = math.exp(clv.log_beta(a + 1, b + k) - clv.log_beta(a, b))
        return k_times, leaves

    for x, t_x, T in ((0, 0, 50), (1, 20, 50), (3, 40, 45)):
        ordered_until_now = average(lambda v: v**x * math.exp(-v * T), r, alpha)
        ordered_until_last = average(lambda v: v**x * math.exp(-v * t_x), r, alpha)
        still_there = stays(x + 1)[0] * ordered_until_now
        left = stays(x)[1] * ordered_until_last
        given = MbgNbd(r, alpha, a, b)
        assert math.exp(clv.mbgnbd_log_likelihood_of(given, x, t_x, T)) == pytest.approx(still_there + left, rel=1e-6)
        assert clv.p_alive(given, History(x, t_x, T)) == pytest.approx(still_there / (still_there + left), rel=1e-6)
        # at least one order in 25 days, of who is there
        none = average(lambda v: v**x * math.exp(-v * (T + 25)), r, alpha)
        assert clv.p_order(given, History(x, t_x, T), 25) == pytest.approx(
            still_there / (still_there + left) * (1 - none / ordered_until_now), rel=1e-6
        )


def test_likelihoods_of_one_customer():
    given = BgNbd(0.25, 4, 0.8, 2.5)
    assert clv.bgnbd_log_likelihood_of(given, 0, 0, 40) == pytest.approx(-0.59947382, abs=1e-8)
    assert clv.bgnbd_log_likelihood_of(given, 200, 38, 40) == pytest.approx(100.7957, abs=1e-4)
    assert clv.bgnbd_log_likelihood_of(given, 0, 0, 0) == pytest.approx(0, abs=1e-15)


def test_the_parameters_are_a_maximum(sample):
    customers = list(sample.values())
    for log_likelihood, kind, given in (
        (clv.order_log_likelihood, BgNbd, BGNBD),
        (clv.order_log_likelihood, MbgNbd, MBGNBD),
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
    step = clv.newton_step(lambda p: -((p[0] - 3) ** 2) - (p[0] - p[1]) ** 2, [3.0, 5.0], fixed=[0])
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


def test_predictions_of_the_modified_model(sample):
    for row in project.read_csv(CDNOW_MBG_REFERENCE):
        history = sample[row["customer_id"]]
        assert (history.x, history.t_x, history.T) == (int(row["x"]), int(row["t_x"]), int(row["T"]))
        for column, figure in (
            ("p_alive", clv.p_alive(MBGNBD, history)),
            ("expected_orders_90d", clv.expected_orders(MBGNBD, history, 90)),
            ("expected_orders_273d", clv.expected_orders(MBGNBD, history, 273)),
            ("p_order_30d", clv.p_order(MBGNBD, history, 30)),
            ("p_order_90d", clv.p_order(MBGNBD, history, 90)),
            ("p_order_365d", clv.p_order(MBGNBD, history, 365)),
        ):
            assert figure == pytest.approx(float(row[column]), rel=1e-8)


def test_totals(sample):
    histories = sample.values()
    assert sum(clv.p_alive(MBGNBD, history) for history in histories) == pytest.approx(1057.636371, abs=1e-5)
    assert sum(clv.expected_orders(MBGNBD, history, 273) for history in histories) == pytest.approx(
        1576.728302, abs=1e-5
    )
    assert sum(clv.p_alive(BGNBD, history) for history in histories) == pytest.approx(1917.2777, abs=1e-4)
    assert sum(clv.expected_orders(BGNBD, history, 90) for history in histories) == pytest.approx(621.6394, abs=1e-4)
    # the papers' customer with x = 2 at 30.43 of 38.86 weeks, for 39 weeks
    assert clv.expected_orders(BGNBD, History(2, 213, 272, 1.0), 273) == pytest.approx(1.226, abs=5e-4)


def published_form(given, x, T, days):
    """E[Y(t)] of a customer who is alive, as in the paper's equation (10).

    With Gauss's series, in decimals long enough for all that cancels.
    """
    with localcontext() as context:
        context.prec = 120
        r, alpha, a, b = map(Decimal, given)
        b += isinstance(given, MbgNbd)  # all that the modification changes
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
            assert terms == pytest.approx(clv.integral_over_dropout(given, x, T, days), rel=1e-10)
            published = given.a != 1 and (x, T) != (0, 0)
            if published and clv.staying(given, x) + given.a > 1:
                assert terms == pytest.approx(published_form(given, x, T, days), rel=1e-10)


def test_a_long_sum_is_an_integral():
    """Where a sum needs too many terms, the integral stands in for it."""
    given = BgNbd(0.5, 0.01, 0.3, 0.5)
    expected = clv.expected_orders_if_alive(given, 0, 0, 365)
    assert expected == clv.integral_over_dropout(given, 0, 0, 365)
    # whoever never leaves buys on as before: (r + x) t / (alpha + T)
    steady = BgNbd(0.5, 0.01, 1e-9, 1.0)
    assert clv.integral_over_dropout(steady, 0, 0, 30) == pytest.approx(0.5 * 30 / 0.01, rel=1e-5)


def test_expected_order_value():
    assert clv.expected_order_value(GammaGamma(2, 3, 10), History(0, 0, 5)) == pytest.approx(2 * 10 / 2)
    assert clv.expected_order_value(GammaGamma(2, 3, 10), History(4, 3, 5, 20.0)) == pytest.approx(2 * (10 + 80) / 10)
    assert clv.expected_order_value(GammaGamma(2, 1, 10), History(4, 3, 5, 20.0)) is None


def test_clv():
    history = History(3, 200, 250, 30.0)
    value = clv.expected_order_value(SPEND, history)
    year = clv.expected_orders(BGNBD, history, 365)
    undiscounted = clv.predicted_clv(BGNBD, SPEND, history, 0.0)
    assert undiscounted == pytest.approx(value * year, rel=1e-12)
    by_hand = sum(
        (clv.expected_orders(BGNBD, history, 365 / 12 * k) - clv.expected_orders(BGNBD, history, 365 / 12 * (k - 1)))
        * value
        / 1.1 ** (k / 12)
        for k in range(1, 13)
    )
    assert clv.predicted_clv(BGNBD, SPEND, history, 0.1) == pytest.approx(by_hand, rel=1e-12)
    assert clv.predicted_clv(BGNBD, SPEND._replace(q=1.0), history, 0.1) is None


def test_missing_models_feed_nothing():
    history = History(3, 200, 250, 30.0)
    assert set(clv.predictions(None, None, history, 0.1).values()) == {None}
    no_spend = clv.predictions(BGNBD, None, history, 0.1)
    assert {name for name, value in no_spend.items() if value is None} == {
        "expected_order_value",
        "predicted_clv_365d",
    }
    no_orders = clv.predictions(None, SPEND, history, 0.1)
    assert {name for name, value in no_orders.items() if value} == {
        "expected_order_value",
    }


@pytest.mark.parametrize("given", CORNERS, ids=str)
def test_silence_lowers_p_alive(given):
    """It falls with every silent day, and the expectation with it."""
    once = clv.p_alive(given, History(0, 0, 500))
    assert once == 1 if isinstance(given, BgNbd) else once < 1
    chances = [clv.p_alive(given, History(5, 100, 100 + silent, 1.0)) for silent in (0, 30, 60, 120, 240, 480)]
    assert all(0 <= chance <= 1 for chance in chances)
    assert all(a > b for a, b in itertools.pairwise(chances))


def test_columns_of_either_model():
    """BG/NBD shows no p_alive of a one-time buyer; all else is built on 1."""
    once, twice = History(0, 0, 100), History(1, 50, 100, 20.0)
    shown = clv.predictions(BGNBD, SPEND, once, 0.1)
    assert shown["p_alive"] is None
    assert shown["p_order_90d"] == clv.p_order(BGNBD, once, 90) > 0
    assert shown["expected_orders_90d"] > 0
    assert clv.predictions(BGNBD, SPEND, twice, 0.1)["p_alive"] > 0
    assert 0 < clv.predictions(MBGNBD, SPEND, once, 0.1)["p_alive"] < 1


def test_churn():
    """Who is sure to be there orders within alpha + T days by half."""
    given = BgNbd(1, 60, 1, 1)
    assert clv.churn_probability(given, History(0, 0, 30), 90) == pytest.approx(0.5)
    assert [clv.churn_risk(p) for p in (0, 0.329, 0.33, 0.66, 0.661, 1, None)] == [
        "low",
        "low",
        "medium",
        "medium",
        "high",
        "high",
        None,
    ]


END = date(2024, 12, 31)


def back(days):
    """So many days before the end."""
    return END - timedelta(days=days)


def test_backtest_by_hand():
    """Two customers at the cut, and one who comes only later."""
    amounts = clv.day_amounts(
        [
            ("a", back(180), 5),
            ("a", back(179), 3),
            ("a", back(90), 5),
            ("a", back(89), 1),
            ("a", back(0), 2),
            ("a", back(0), 4),
            ("b", back(400), 7),
            ("c", back(89), 1),
            ("c", back(50), 1),
        ]
    )
    rows = clv.backtest_rows({90: (MBGNBD, SPEND)}, amounts, END)
    assert [row["customer_group"] for row in rows] == [
        "all",
        "one_order_date",
        "repeat",
        *(f"decile_{n}" for n in range(1, 11)),
    ]
    a = clv.expected_orders(MBGNBD, History(2, 90, 90, 4.0), 90)
    b = clv.expected_orders(MBGNBD, History(0, 0, 310), 90)
    value_a = clv.expected_order_value(SPEND, History(2, 90, 90, 4.0))
    value_b = clv.expected_order_value(SPEND, History(0, 0, 310))
    assert rows[0] == {
        "cut_date": back(90),
        "horizon_days": 90,
        "customer_group": "all",
        "customers": 2,
        "actual_orders": 2,
        "predicted_orders": pytest.approx(a + b),
        "orders_error": pytest.approx((a + b) / 2 - 1),
        "customer_mae": pytest.approx(((2 - a) + b) / 2),
        "customer_rmse": pytest.approx(math.sqrt(((2 - a) ** 2 + b**2) / 2)),
        "actual_net_revenue": 7,
        "predicted_net_revenue": pytest.approx(a * value_a + b * value_b),
        "net_revenue_error": pytest.approx((a * value_a + b * value_b) / 7 - 1),
        "naive_predicted_orders": 2,
        "naive_orders_error": 0,
        "naive_customer_mae": 0,
        "naive_customer_rmse": 0,
        "naive_predicted_net_revenue": 8,
        "naive_net_revenue_error": pytest.approx(1 / 7),
        "order_auc": 1.0,
    }
    first, second = (next(row for row in rows if row["customer_group"] == name) for name in ("decile_1", "decile_6"))
    assert (first["actual_orders"], second["actual_orders"]) == (2, 0)
    assert second["orders_error"] is None and second["customer_mae"] == b
    assert [row["customers"] for row in rows[3:]] == [1, 0, 0, 0, 0, 1, 0, 0, 0, 0]
    # the errors that the fit shows
    errors = clv.past_errors(rows, END)
    assert errors["backtest_error"] == rows[0]["orders_error"]
    assert errors["error_cuts"] == 1
    assert errors["season_factor_90d"] is None


def test_cuts_and_their_past():
    """A cut needs 180 days before it; the year's cut has two horizons."""
    amounts = clv.day_amounts(
        [
            ("a", back(545), 1),
            ("a", back(300), 1),
            ("a", back(10), 1),
        ]
    )
    models = dict.fromkeys((90, 180, 270, 365), (MBGNBD, None))
    rows = clv.backtest_rows(models, amounts, END)
    everybody = [row for row in rows if row["customer_group"] == "all"]
    assert [
        ((END - row["cut_date"]).days, row["horizon_days"], row["actual_orders"], row["naive_predicted_orders"])
        for row in everybody
    ] == [
        (90, 90, 1, 0),
        (180, 90, 0, 0),
        (270, 90, 0, 1),
        (365, 90, 1, 0),
        (365, 365, 2, 1),
    ]
    assert {row["predicted_net_revenue"] for row in rows} == {None}
    errors = clv.past_errors(rows, END)
    seen = [everybody[0]["orders_error"], everybody[3]["orders_error"]]
    assert errors["error_cuts"] == 2
    assert errors["lowest_error_90d"] == min(seen)
    assert errors["highest_error_90d"] == max(seen)
    assert errors["season_factor_90d"] == pytest.approx(1 / everybody[3]["predicted_orders"])
    # a day less, and the year's cut is none
    late = clv.day_amounts([("a", back(544), 1), ("a", back(10), 1)])
    assert not any(row["cut_date"] == back(365) for row in clv.backtest_rows(models, late, END))


def test_backtest_of_nothing_bought():
    amounts = clv.day_amounts([("a", date(2024, 1, 1), 1)])
    rows = clv.backtest_rows({90: (MBGNBD, None)}, amounts, END)
    row = rows[0]
    assert row["actual_orders"] == 0 and row["customer_mae"] > 0
    for column in ("orders_error", "net_revenue_error", "naive_orders_error", "naive_net_revenue_error", "order_auc"):
        assert row[column] is None, column
    errors = clv.past_errors(rows, END)
    assert errors.pop("error_cuts") == 0
    assert set(errors.values()) == {None}


def test_order_auc_by_comparing_everybody():
    pick = random.Random(1)
    tested = [Outcome(str(n), True, pick.randint(0, 5) / 5, 0, None, pick.randint(0, 1), 0, 0, 0) for n in range(60)]
    pairs = [(yes.chance, no.chance) for yes in tested if yes.actual for no in tested if not no.actual]
    assert clv.order_auc(tested) == pytest.approx(
        sum(1 if yes > no else 0.5 if yes == no else 0 for yes, no in pairs) / len(pairs)
    )


def test_tenths_of_ties():
    """Equal predictions go by the bytes of the id."""
    tested = [Outcome(name, True, 0, 1.0, 2.0, 0, 0, 0, 0) for name in ("\U0001f600", "\uff5e", "b", "B", "10", "9")]
    by_tenth = clv.tenths(tested)
    assert [t.customer_id for members in by_tenth.values() for t in members] == [
        "10",
        "9",
        "B",
        "b",
        "\uff5e",
        "\U0001f600",
    ]


def test_spend_correlation():
    def of(*pairs):
        return clv.spend_correlation([History(x, 1, 1, float(m)) for x, m in pairs])

    assert of((1, 10), (2, 20), (4, 40)) == pytest.approx(1)
    assert of((1, 40), (2, 20), (4, 10)) == pytest.approx(-1)
    assert of((1, 10), (1, 20)) is None
    assert of((1, 10), (2, 10), (0, 5)) is None
    assert of() is None
