"""Predicted value: BG/NBD or MBG/NBD, and Gamma-Gamma, from given parameters.

Nothing is fitted here. Likelihoods are the published ones, with log-gamma;
`newton_step` says how far given parameters are from a maximum. The expected
orders come from what the model says of a customer and not from its closed
form: a customer who is alive meets a negative binomial number of occasions to
buy, and buys at each that finds them still there. Parameters are in days and
in the brand's currency.

Where the definitions leave a choice, this is what is taken.

- t_x and T count days; orders of amount zero make order dates like any other,
  where the brand counts them, and their dates count in m.
- Gamma-Gamma's m is the exact mean, rounded once to a double.
- The naive rule of a back-test counts the first order date too, and its days
  end with the day of the cut.
- All groups of a back-test have a row, also without customers: counts and sums
  are 0 there, means are null.
- A mean miss per customer is there also where nobody ordered; a relative error
  is not. In `clv_model_fit` all of it is null where nobody ordered.
- Gamma-Gamma counts as ok where it gives a value, so also at a bound.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from operator import mul
from typing import Any, NamedTuple

from .arithmetic import ratio
from .facts import Brand

HORIZONS = (30, 90, 365)
CHANCES = (90, 365)
CLV_STEPS = 12
# the cut in days before as_of_date, the horizon in days
BACKTESTS = ((90, 90), (180, 90), (270, 90), (365, 90), (365, 365))
DAYS_BEFORE_A_CUT = 180
TENTHS = 10
BOUND = 12.0  # of the logarithm of each scaled parameter
SCALED_TO = 10.0  # the largest T, where the bound holds
LONGEST_SUM = 20_000  # terms; where more are needed, an integral is taken


class BgNbd(NamedTuple):
    """The parameters of BG/NBD, alpha in days."""

    r: float
    alpha: float
    a: float
    b: float


class MbgNbd(NamedTuple):
    """The parameters of MBG/NBD, alpha in days."""

    r: float
    alpha: float
    a: float
    b: float


OrderModel = BgNbd | MbgNbd
MODELS = {"bg_nbd": BgNbd, "mbg_nbd": MbgNbd}


class GammaGamma(NamedTuple):
    """The parameters of Gamma-Gamma, v in the brand's currency."""

    p: float
    q: float
    v: float


@dataclass(frozen=True)
class History:
    """A customer as both models see them: m is None without repeat dates."""

    x: int
    t_x: int
    T: int
    m: float | None = None


# Histories


DayAmounts = dict[date, Decimal]


def day_amounts(
    orders: Iterable[tuple[str, date, Any]],
) -> dict[str, DayAmounts]:
    """The net revenue of each order date, by customer.

    Takes purchases: customer, business date, net revenue.
    """
    customers: dict[str, DayAmounts] = {}
    for customer_id, day, amount in orders:
        days = customers.setdefault(customer_id, {})
        days[day] = days.get(day, Decimal(0)) + Decimal(amount)
    return customers


def brand_day_amounts(brand: Brand) -> dict[str, DayAmounts]:
    """The net revenue of each order date of a brand's customers."""
    return day_amounts((order.customer_id, order.day, order.net_revenue) for order in brand.orders())


def histories(customers: dict[str, DayAmounts], as_of_date: date) -> dict[str, History]:
    """The history of each customer with an order by the date."""
    result = {}
    for customer_id, amounts in customers.items():
        days = sorted(day for day in amounts if day <= as_of_date)
        if days:
            x = len(days) - 1
            repeat = sum((amounts[day] for day in days[1:]), Decimal(0))
            result[customer_id] = History(
                x,
                (days[-1] - days[0]).days,
                (as_of_date - days[0]).days,
                ratio(Fraction(repeat), x),
            )
    return result


def spending(customers: Iterable[History]) -> list[History]:
    """Those that Gamma-Gamma is fitted to."""
    return [h for h in customers if h.x > 0 and h.m > 0]


# Likelihoods


def log_sum_exp(left: float, right: float) -> float:
    """log(exp(left) + exp(right)), also where neither can be written."""
    high, low = max(left, right), min(left, right)
    return high + math.log1p(math.exp(low - high))


def log_beta(a: float, b: float) -> float:
    """The logarithm of the beta function."""
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def bgnbd_log_likelihood_of(given: BgNbd, x: int, t_x: int, T: int) -> float:
    """BG/NBD's log-likelihood of one customer."""
    r, alpha, a, b = given
    alive = -(r + x) * math.log(alpha + T)
    if x > 0:
        gone = math.log(a) - math.log(b + x - 1) - (r + x) * math.log(alpha + t_x)
        alive = log_sum_exp(alive, gone)
    return math.lgamma(r + x) - math.lgamma(r) + r * math.log(alpha) + log_beta(a, b + x) - log_beta(a, b) + alive


def bgnbd_log_likelihood(given: BgNbd, customers: Iterable[History]) -> float:
    """BG/NBD's log-likelihood of all customers, each with an order."""
    counts = Counter((h.x, h.t_x, h.T) for h in customers)
    return math.fsum(count * bgnbd_log_likelihood_of(given, *history) for history, count in counts.items())


def mbgnbd_log_likelihood_of(given: MbgNbd, x: int, t_x: int, T: int) -> float:
    """MBG/NBD's log-likelihood of one customer, who may leave at once."""
    r, alpha, a, b = given
    ordered = math.lgamma(r + x) - math.lgamma(r) + r * math.log(alpha) - (r + x) * math.log(alpha + T)
    odds_gone = math.log(a / (b + x)) + (r + x) * (math.log(alpha + T) - math.log(alpha + t_x))
    return ordered + log_beta(a, b + x + 1) - log_beta(a, b) + log_sum_exp(0.0, odds_gone)


def order_log_likelihood(given: OrderModel, customers: Iterable[History]) -> float:
    """The log-likelihood of all customers under the model of the parameters."""
    if isinstance(given, BgNbd):
        return bgnbd_log_likelihood(given, customers)
    counts = Counter((h.x, h.t_x, h.T) for h in customers)
    return math.fsum(count * mbgnbd_log_likelihood_of(given, *history) for history, count in counts.items())


def gamma_gamma_log_likelihood(given: GammaGamma, customers: Iterable[History]) -> float:
    """Gamma-Gamma's log-likelihood of all customers with x > 0 and m > 0."""
    p, q, v = given
    counts = Counter((h.x, h.m) for h in spending(customers))
    return math.fsum(
        count
        * (
            math.lgamma(p * x + q)
            - math.lgamma(p * x)
            - math.lgamma(q)
            + q * math.log(v)
            + (p * x - 1) * math.log(m)
            + p * x * math.log(x)
            - (p * x + q) * math.log(x * m + v)
        )
        for (x, m), count in counts.items()
    )


# Whether parameters are a maximum


@dataclass(frozen=True)
class NewtonStep:
    """What one more step of Newton's method on the logarithms would do.

    `step` has an entry for each parameter, 0 for those that are held fixed;
    `gain` is what the log-likelihood would gain by it; `gradient` is that of
    the logarithms; `is_concave` whether the point can be a maximum at all.
    """

    step: list[float]
    gain: float
    gradient: list[float]
    is_concave: bool


def newton_step(
    log_likelihood: Callable[[Sequence[float]], float],
    parameters: Sequence[float],
    fixed: Iterable[int] = (),
    width: float = 1e-3,
) -> NewtonStep:
    """The step from given parameters, by central differences.

    Takes the log-likelihood as a function of the parameters; the positions of
    those that stay as they are; the width of the differences. Differences
    are of fourth order, so that rounding and not the width decides.
    """
    logs = [math.log(parameter) for parameter in parameters]
    n = len(logs)
    fixed = set(fixed)
    free = [i for i in range(n) if i not in fixed]

    @cache
    def at(moves: tuple[int, ...]) -> float:
        return log_likelihood([math.exp(log + move * width) for log, move in zip(logs, moves)])

    def moved(*moves: tuple[int, int]) -> float:
        place = [0] * n
        for i, move in moves:
            place[i] += move
        return at(tuple(place))

    def slope(i: int, *others: tuple[int, int]) -> float:
        near = moved((i, 1), *others) - moved((i, -1), *others)
        far = moved((i, 2), *others) - moved((i, -2), *others)
        return (8 * near - far) / (12 * width)

    def curvature(i: int, j: int) -> float:
        if i == j:
            near = moved((i, 1)) + moved((i, -1))
            far = moved((i, 2)) + moved((i, -2))
            return (16 * near - far - 30 * moved()) / (12 * width**2)
        near = slope(i, (j, 1)) - slope(i, (j, -1))
        far = slope(i, (j, 2)) - slope(i, (j, -2))
        return (8 * near - far) / (12 * width)

    gradient = [slope(i) for i in range(n)]
    negative_hessian = [[-curvature(i, j) for j in free] for i in free]
    solved, positive = solve_symmetric(negative_hessian, [gradient[i] for i in free])
    step = [0.0] * n
    for i, value in zip(free, solved):
        step[i] = value
    gain = math.fsum(s * g for s, g in zip(step, gradient)) / 2
    return NewtonStep(step, gain, gradient, positive)


def solve_symmetric(matrix: list[list[float]], right: list[float]) -> tuple[list[float], bool]:
    """The solution of a symmetric system, and whether all pivots are positive.

    Eliminates in the order given, which is stable where they are. An entry of
    the solution whose pivot is zero is 0.
    """
    rows = [[*list(row), value] for row, value in zip(matrix, right)]
    n = len(rows)
    for i in range(n):
        for j in range(i + 1, n):
            factor = rows[j][i] / rows[i][i] if rows[i][i] else 0.0
            for k in range(i, n + 1):
                rows[j][k] -= factor * rows[i][k]
    solution = [0.0] * n
    for i in reversed(range(n)):
        rest = sum(rows[i][j] * solution[j] for j in range(i + 1, n))
        if rows[i][i]:
            solution[i] = (rows[i][n] - rest) / rows[i][i]
    return solution, all(rows[i][i] > 0 for i in range(n))


def scaled_logs(given: OrderModel, largest_t: int) -> list[float]:
    """The logarithms that the bound of ±12 holds for: time with T up to 10."""
    alpha = given.alpha * SCALED_TO / largest_t
    return [math.log(value) for value in (given.r, alpha, given.a, given.b)]


# Predictions


def p_alive(given: OrderModel, h: History) -> float:
    """The probability that the customer still buys, 1 where none can leave."""
    r, alpha, a, b = given
    silence = (r + h.x) * math.log1p((h.T - h.t_x) / (alpha + h.t_x))
    if isinstance(given, MbgNbd):
        log_odds_gone = math.log(a / (b + h.x)) + silence
    elif h.x == 0:
        return 1.0
    else:
        log_odds_gone = math.log(a) - math.log(b + h.x - 1) + silence
    if log_odds_gone > 0:
        odds_alive = math.exp(-min(log_odds_gone, 700.0))
        return odds_alive / (1 + odds_alive)
    return 1 / (1 + math.exp(log_odds_gone))


def staying(given: OrderModel, x: int) -> float:
    """Beside a, the other shape of a living customer's chance to leave."""
    return given.b + x + (1 if isinstance(given, MbgNbd) else 0)


def p_order(given: OrderModel, h: History, days: float) -> float:
    """The probability of at least one order in the days to come."""
    waits = (given.r + h.x) * math.log1p(days / (given.alpha + h.T))
    return p_alive(given, h) * -math.expm1(-waits)


def churn_probability(given: OrderModel, h: History, days: int) -> float:
    """The probability of no order before the base is left after the days."""
    return 1 - p_order(given, h, days)


def churn_risk(probability: float | None) -> str | None:
    """The probability as one of three words."""
    if probability is None:
        return None
    if probability < 0.33:
        return "low"
    return "high" if probability > 0.66 else "medium"


@cache
def expected_orders_if_alive(given: OrderModel, x: int, T: int, days: float) -> float:
    """Order dates expected within so many days of a customer who is alive."""
    occasions = given.r + x  # the shape of the gamma of their number
    z = days / (given.alpha + T + days)
    mean = occasions * days / (given.alpha + T)
    terms = mean + 40 * (math.sqrt(mean + 1) + 1) / (1 - z)
    if terms < LONGEST_SUM:
        return sum_over_occasions(given, x, T, days)
    return integral_over_dropout(given, x, T, days)


def sum_over_occasions(given: OrderModel, x: int, T: int, days: float) -> float:
    """The same as a sum over occasions: that it comes, and is still used.

    The number of occasions is negative binomial with shape r + x and z =
    days / (alpha + T + days); the chance to be there at the next one but j is
    the mean of (1 - dropout)^j, whose distribution is Beta(a, `staying`).
    """
    r, alpha, a, _ = given
    c = staying(given, x)
    shape, z = r + x, days / (alpha + T + days)
    if shape * math.log1p(-z) < -700:  # the first weight could not be written
        return integral_over_dropout(given, x, T, days)
    mean = shape * days / (alpha + T)
    weight = math.exp(shape * math.log1p(-z))  # that there are exactly j
    more = -math.expm1(shape * math.log1p(-z))  # that there are more than j
    negligible = more * 1e-18
    still, total, j = 1.0, 0.0, 0
    while j < LONGEST_SUM and more > 0:
        total += still * more
        still *= (c + j) / (a + c + j)
        weight *= z * (shape + j) / (j + 1)
        more -= weight
        j += 1
        if j > mean and weight < negligible:  # and all that is left rounding
            break
    return total


def integral_over_dropout(given: OrderModel, x: int, T: int, days: float) -> float:
    """The same as an integral over the customer's probability of dropping out.

    Of a dropout probability p, distributed as Beta(a, `staying`), the mean is
    (1 - (1 + p u)^-(r + x)) / p with u = days / (alpha + T). The variable is
    y = log(p / (1 - p)), in which the trapezoidal rule is as good as exact.
    An end is where the density has vanished, or where all that is left of it
    is an exponential, whose sum is added.
    """
    r, alpha, a, _ = given
    shape, u, c = r + x, days / (alpha + T), staying(given, x)

    def log_density(y: float) -> float:  # and no log-beta: see below
        if y > 0:
            log_p = -math.log1p(math.exp(-y))
            return a * log_p + c * (log_p - y)
        log_rest = -math.log1p(math.exp(y))
        return a * (log_rest + y) + c * log_rest

    def mean_given(y: float) -> float:
        p = 1 / (1 + math.exp(-y))
        return -math.expm1(-shape * math.log1p(p * u)) / p

    mode = math.log(a / c)
    highest = log_density(mode)
    lowest_y = min(mode, 0) - 45 - math.log1p(u * (shape + 1) + c)
    highest_y = max(mode, 0) + 45 + math.log1p(a)
    width = min(0.25, math.sqrt(1 / a + 1 / c) / 8)

    def end(towards: int, limit: float) -> float:
        y = mode
        while (limit - y) * towards > 0 and log_density(y) > highest - 60:
            y += towards * 8 * width
        return y

    low, high = end(-1, lowest_y), end(1, highest_y)
    steps = round((high - low) / width)
    places = [low + i * width for i in range(steps + 1)]
    weights = [math.exp(log_density(y) - highest) for y in places]
    weights[0] *= 1 + exponential_sum(a * width)
    weights[-1] *= 1 + exponential_sum(c * width)
    return math.fsum(weight * mean_given(y) for weight, y in zip(weights, places)) / math.fsum(weights)


def exponential_sum(rate: float) -> float:
    """The sum of exp(-rate * k) over k = 1, 2, ..."""
    return 1 / math.expm1(rate) if rate < 700 else 0.0


def expected_orders(given: OrderModel, h: History, days: float) -> float:
    """The order dates expected in the days after `as_of_date`."""
    return p_alive(given, h) * expected_orders_if_alive(given, h.x, h.T, days)


def expected_order_value(given: GammaGamma, h: History) -> float | None:
    """The expected net revenue of an order date; None where q <= 1."""
    p, q, v = given
    if q <= 1:
        return None
    return p * (v + h.x * (h.m or 0.0)) / (p * h.x + q - 1)


def predicted_clv(given: OrderModel, spend: GammaGamma, h: History, annual_discount_rate: float) -> float | None:
    """Expected revenue of 365 days in twelve steps, discounted to today."""
    value = expected_order_value(spend, h)
    if value is None:
        return None
    until = [expected_orders(given, h, k * 365 / CLV_STEPS) for k in range(CLV_STEPS + 1)]
    return value * math.fsum(
        (until[k] - until[k - 1]) / (1 + annual_discount_rate) ** (k / CLV_STEPS) for k in range(1, CLV_STEPS + 1)
    )


def predictions(
    given: OrderModel | None,
    spend: GammaGamma | None,
    h: History,
    annual_discount_rate: float,
) -> dict[str, float | None]:
    """The columns of `customers`; None for what a missing model feeds."""
    both = given is not None and spend is not None
    says_nothing = isinstance(given, BgNbd) and h.x == 0
    return {
        "p_alive": given and (None if says_nothing else p_alive(given, h)),
        **{f"p_order_{days}d": given and p_order(given, h, days) for days in CHANCES},
        **{f"expected_orders_{days}d": given and expected_orders(given, h, days) for days in HORIZONS},
        "expected_order_value": spend and expected_order_value(spend, h),
        "predicted_clv_365d": predicted_clv(given, spend, h, annual_discount_rate) if both else None,
    }


# Back-tests

# at a cut: the model of orders, None without a fit, and that of money
CutModels = tuple[OrderModel | None, GammaGamma | None]


@dataclass(frozen=True)
class Outcome:
    """A customer of a back-test: what was said, and what came."""

    customer_id: str
    is_repeat: bool
    chance: float
    predicted: float
    predicted_money: float | None
    actual: int
    actual_money: Decimal
    naive: int
    naive_money: Decimal


def cut_exists(customers: dict[str, DayAmounts], cut: date) -> bool:
    """Whether a brand with these orders has been there long enough."""
    first = min(day for amounts in customers.values() for day in amounts)
    return (cut - first).days >= DAYS_BEFORE_A_CUT


def backtest_rows(
    models: dict[int, CutModels],
    customers: dict[str, DayAmounts],
    as_of_date: date,
) -> list[dict[str, Any]]:
    """The rows of `clv_backtests` of a brand, without its id.

    Takes the models fitted at each cut, by its days before `as_of_date`, and
    the order dates of each customer up to `as_of_date`.
    """
    rows = []
    for cut_days, horizon in BACKTESTS:
        cut = as_of_date - timedelta(days=cut_days)
        given, spend = models.get(cut_days, (None, None))
        if given is None or not cut_exists(customers, cut):
            continue
        tested = [
            _outcome(given, spend, customers[customer_id], history, cut, horizon, customer_id)
            for customer_id, history in histories(customers, cut).items()
        ]
        groups = {
            "all": tested,
            "one_order_date": [t for t in tested if not t.is_repeat],
            "repeat": [t for t in tested if t.is_repeat],
        }
        if cut_days == horizon:
            groups |= tenths(tested)
        for name, members in groups.items():
            rows.append(
                {
                    "cut_date": cut,
                    "horizon_days": horizon,
                    "customer_group": name,
                    **_figures(members, spend is not None),
                    "order_auc": order_auc(members) if name == "all" else None,
                }
            )
    return rows


def _outcome(
    given: OrderModel,
    spend: GammaGamma | None,
    amounts: DayAmounts,
    history: History,
    cut: date,
    horizon: int,
    customer_id: str,
) -> Outcome:
    until = cut + timedelta(days=horizon)
    since = cut - timedelta(days=horizon)
    after = [day for day in amounts if cut < day <= until]
    before = [day for day in amounts if since < day <= cut]
    orders = expected_orders(given, history, horizon)
    return Outcome(
        customer_id,
        history.x > 0,
        p_order(given, history, horizon),
        orders,
        spend and orders * expected_order_value(spend, history),
        len(after),
        sum((amounts[day] for day in after), Decimal(0)),
        len(before),
        sum((amounts[day] for day in before), Decimal(0)),
    )


def tenths(tested: list[Outcome]) -> dict[str, list[Outcome]]:
    """Tenths by what is predicted, the best first, ties by the id's bytes."""
    ranked = sorted(
        tested,
        key=lambda t: (
            -(t.predicted if t.predicted_money is None else t.predicted_money),
            t.customer_id.encode("utf-8"),
        ),
    )
    result = {f"decile_{n}": [] for n in range(1, TENTHS + 1)}
    for place, one in enumerate(ranked):
        result[f"decile_{1 + TENTHS * place // len(ranked)}"].append(one)
    return result


def order_auc(tested: list[Outcome]) -> float | None:
    """How often of two, one of whom ordered, that one had the better chance."""
    others = sorted(t.chance for t in tested if not t.actual)
    buyers = [t.chance for t in tested if t.actual]
    if not others or not buyers:
        return None
    twice_won = sum(bisect_left(others, chance) + bisect_right(others, chance) for chance in buyers)
    return float(Fraction(twice_won, 2 * len(others) * len(buyers)))


def _figures(members: list[Outcome], has_money: bool) -> dict[str, Any]:
    actual = sum(t.actual for t in members)
    naive = sum(t.naive for t in members)
    predicted = math.fsum(t.predicted for t in members)
    actual_money = sum((t.actual_money for t in members), Decimal(0))
    naive_money = sum((t.naive_money for t in members), Decimal(0))
    money = math.fsum(t.predicted_money for t in members) if has_money else None
    misses = [t.predicted - t.actual for t in members]
    naive_misses = [float(t.naive - t.actual) for t in members]
    return {
        "customers": len(members),
        "actual_orders": actual,
        "predicted_orders": predicted,
        "orders_error": relative_error(predicted, actual),
        "customer_mae": mean_miss(misses),
        "customer_rmse": root_mean_square(misses),
        "actual_net_revenue": actual_money,
        "predicted_net_revenue": money,
        "net_revenue_error": relative_error(money, actual_money),
        "naive_predicted_orders": naive,
        "naive_orders_error": relative_error(naive, actual),
        "naive_customer_mae": mean_miss(naive_misses),
        "naive_customer_rmse": root_mean_square(naive_misses),
        "naive_predicted_net_revenue": naive_money,
        "naive_net_revenue_error": relative_error(naive_money, actual_money),
    }


def relative_error(predicted: Any, actual: Any) -> float | None:
    """Predicted over actual, less one; None where nothing came."""
    if predicted is None or not actual:
        return None
    return float(Fraction(predicted) / Fraction(actual) - 1)


def mean_miss(misses: Sequence[float]) -> float | None:
    """The mean of absolute values."""
    return math.fsum(map(abs, misses)) / len(misses) if misses else None


def root_mean_square(misses: Sequence[float]) -> float | None:
    """The root of the mean of squares."""
    if not misses:
        return None
    return math.sqrt(math.fsum(miss * miss for miss in misses) / len(misses))


def past_errors(rows: list[dict[str, Any]], as_of_date: date) -> dict[str, Any]:
    """The columns of `clv_model_fit` that come from a brand's back-tests."""
    everybody = {
        ((as_of_date - row["cut_date"]).days, row["horizon_days"]): row
        for row in rows
        if row["customer_group"] == "all"
    }
    latest = everybody.get((90, 90), {})
    if not latest.get("actual_orders"):
        latest = {}
    errors = [
        row["orders_error"]
        for (_, horizon), row in everybody.items()
        if horizon == 90 and row["orders_error"] is not None
    ]
    a_year_ago = everybody.get((365, 90))
    return {
        "backtest_actual_orders": latest.get("actual_orders"),
        "backtest_predicted_orders": latest.get("predicted_orders"),
        "backtest_error": latest.get("orders_error"),
        "backtest_customer_mae": latest.get("customer_mae"),
        "backtest_customer_rmse": latest.get("customer_rmse"),
        "backtest_naive_error": latest.get("naive_orders_error"),
        "backtest_naive_customer_mae": latest.get("naive_customer_mae"),
        "backtest_naive_customer_rmse": latest.get("naive_customer_rmse"),
        "lowest_error_90d": min(errors, default=None),
        "highest_error_90d": max(errors, default=None),
        "error_cuts": len(errors),
        "season_factor_90d": a_year_ago and (a_year_ago["actual_orders"] / a_year_ago["predicted_orders"]),
    }


def spend_correlation(customers: Iterable[History]) -> float | None:
    """Pearson's correlation of ln x and ln m; None where one is constant."""
    spenders = spending(customers)
    if len({h.x for h in spenders}) < 2 or len({h.m for h in spenders}) < 2:
        return None
    columns = []
    for values in ([h.x for h in spenders], [h.m for h in spenders]):
        logs = [math.log(value) for value in values]
        middle = math.fsum(logs) / len(logs)
        columns.append([log - middle for log in logs])
    x, m = columns
    return math.fsum(map(mul, x, m)) / math.sqrt(math.fsum(map(mul, x, x)) * math.fsum(map(mul, m, m)))
