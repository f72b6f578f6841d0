"""Predicted value: BG/NBD and Gamma-Gamma, worked out from given parameters.

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
- The naive rule of the back-test counts the first order date too, and its
  90 days end with the day of the cut.
- Without an order after the cut all six errors are null.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, Callable, Iterable, NamedTuple, Sequence

from .arithmetic import ratio
from .facts import Brand

HORIZONS = (30, 90, 365)
CLV_STEPS = 12
BACKTEST_DAYS = 90
BOUND = 12.0  # of the logarithm of each scaled parameter
SCALED_TO = 10.0  # the largest T, where the bound holds
LONGEST_SUM = 20_000  # terms; where more are needed, an integral is taken


class BgNbd(NamedTuple):
    """The parameters of BG/NBD, alpha in days."""

    r: float
    alpha: float
    a: float
    b: float


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
    return day_amounts(
        (order.customer_id, order.day, order.net_revenue)
        for order in brand.orders()
    )


def histories(
    customers: dict[str, DayAmounts], as_of_date: date
) -> dict[str, History]:
    """The history of each customer with an order by the date."""
    result = {}
    for customer_id, amounts in customers.items():
        days = sorted(day for day in amounts if day <= as_of_date)
        if days:
            x = len(days) - 1
            repeat = sum((amounts[day] for day in days[1:]), Decimal(0))
            result[customer_id] = History(
                x, (days[-1] - days[0]).days, (as_of_date - days[0]).days,
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
        gone = (
            math.log(a) - math.log(b + x - 1)
            - (r + x) * math.log(alpha + t_x)
        )
        alive = log_sum_exp(alive, gone)
    return (
        math.lgamma(r + x) - math.lgamma(r) + r * math.log(alpha)
        + log_beta(a, b + x) - log_beta(a, b) + alive
    )


def bgnbd_log_likelihood(
    given: BgNbd, customers: Iterable[History]
) -> float:
    """BG/NBD's log-likelihood of all customers, each with an order."""
    counts = Counter((h.x, h.t_x, h.T) for h in customers)
    return math.fsum(
        count * bgnbd_log_likelihood_of(given, *history)
        for history, count in counts.items()
    )


def gamma_gamma_log_likelihood(
    given: GammaGamma, customers: Iterable[History]
) -> float:
    """Gamma-Gamma's log-likelihood of all customers with x > 0 and m > 0."""
    p, q, v = given
    counts = Counter((h.x, h.m) for h in spending(customers))
    return math.fsum(
        count * (
            math.lgamma(p * x + q) - math.lgamma(p * x) - math.lgamma(q)
            + q * math.log(v) + (p * x - 1) * math.log(m)
            + p * x * math.log(x) - (p * x + q) * math.log(x * m + v)
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

    @lru_cache(maxsize=None)
    def at(moves: tuple[int, ...]) -> float:
        return log_likelihood([
            math.exp(log + move * width) for log, move in zip(logs, moves)
        ])

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
            return (16 * near - far - 30 * moved()) / (12 * width ** 2)
        near = slope(i, (j, 1)) - slope(i, (j, -1))
        far = slope(i, (j, 2)) - slope(i, (j, -2))
        return (8 * near - far) / (12 * width)

    gradient = [slope(i) for i in range(n)]
    negative_hessian = [[-curvature(i, j) for j in free] for i in free]
    solved, positive = solve_symmetric(
        negative_hessian, [gradient[i] for i in free]
    )
    step = [0.0] * n
    for i, value in zip(free, solved):
        step[i] = value
    gain = math.fsum(s * g for s, g in zip(step, gradient)) / 2
    return NewtonStep(step, gain, gradient, positive)


def solve_symmetric(
    matrix: list[list[float]], right: list[float]
) -> tuple[list[float], bool]:
    """The solution of a symmetric system, and whether all pivots are positive.

    Eliminates in the order given, which is stable where they are. An entry of
    the solution whose pivot is zero is 0.
    """
    rows = [list(row) + [value] for row, value in zip(matrix, right)]
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


def scaled_logs(given: BgNbd, largest_t: int) -> list[float]:
    """The logarithms that the bound of ±12 holds for: time with T up to 10."""
    alpha = given.alpha * SCALED_TO / largest_t
    return [math.log(value) for value in (given.r, alpha, given.a, given.b)]


# Predictions


def p_alive(given: BgNbd, h: History) -> float:
    """The probability that the customer still buys."""
    if h.x == 0:
        return 1.0
    r, alpha, a, b = given
    log_odds_gone = (
        math.log(a) - math.log(b + h.x - 1)
        + (r + h.x) * math.log1p((h.T - h.t_x) / (alpha + h.t_x))
    )
    if log_odds_gone > 0:
        odds_alive = math.exp(-log_odds_gone)
        return odds_alive / (1 + odds_alive)
    return 1 / (1 + math.exp(log_odds_gone))


@lru_cache(maxsize=None)
def expected_orders_if_alive(
    given: BgNbd, x: int, T: int, days: float
) -> float:
    """Order dates expected within so many days of a customer who is alive."""
    occasions = given.r + x  # the shape of the gamma of their number
    z = days / (given.alpha + T + days)
    mean = occasions * days / (given.alpha + T)
    terms = mean + 40 * (math.sqrt(mean + 1) + 1) / (1 - z)
    if terms < LONGEST_SUM:
        return sum_over_occasions(given, x, T, days)
    return integral_over_dropout(given, x, T, days)


def sum_over_occasions(given: BgNbd, x: int, T: int, days: float) -> float:
    """The same as a sum over occasions: that it comes, and is still used.

    The number of occasions is negative binomial with shape r + x and z =
    days / (alpha + T + days); the chance to be there at the next one but j is
    the mean of (1 - dropout)^j, whose distribution is Beta(a, b + x).
    """
    r, alpha, a, b = given
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
        still *= (b + x + j) / (a + b + x + j)
        weight *= z * (shape + j) / (j + 1)
        more -= weight
        j += 1
        if j > mean and weight < negligible:  # and all that is left rounding
            break
    return total


def integral_over_dropout(
    given: BgNbd, x: int, T: int, days: float
) -> float:
    """The same as an integral over the customer's probability of dropping out.

    Of a dropout probability p, distributed as Beta(a, b + x), the mean is
    (1 - (1 + p u)^-(r + x)) / p with u = days / (alpha + T). The variable is
    y = log(p / (1 - p)), in which the trapezoidal rule is as good as exact.
    An end is where the density has vanished, or where all that is left of it
    is an exponential, whose sum is added.
    """
    r, alpha, a, b = given
    shape, u, c = r + x, days / (alpha + T), b + x

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
    return math.fsum(
        weight * mean_given(y) for weight, y in zip(weights, places)
    ) / math.fsum(weights)


def exponential_sum(rate: float) -> float:
    """The sum of exp(-rate * k) over k = 1, 2, ..."""
    return 1 / math.expm1(rate) if rate < 700 else 0.0


def expected_orders(given: BgNbd, h: History, days: float) -> float:
    """The order dates expected in the days after `as_of_date`."""
    return p_alive(given, h) * expected_orders_if_alive(
        given, h.x, h.T, days
    )


def expected_order_value(given: GammaGamma, h: History) -> float | None:
    """The expected net revenue of an order date; None where q <= 1."""
    p, q, v = given
    if q <= 1:
        return None
    return p * (v + h.x * (h.m or 0.0)) / (p * h.x + q - 1)


def predicted_clv(
    given: BgNbd, spend: GammaGamma, h: History, annual_discount_rate: float
) -> float | None:
    """Expected revenue of 365 days in twelve steps, discounted to today."""
    value = expected_order_value(spend, h)
    if value is None:
        return None
    until = [
        expected_orders(given, h, k * 365 / CLV_STEPS)
        for k in range(CLV_STEPS + 1)
    ]
    return value * math.fsum(
        (until[k] - until[k - 1])
        / (1 + annual_discount_rate) ** (k / CLV_STEPS)
        for k in range(1, CLV_STEPS + 1)
    )


def predictions(
    given: BgNbd | None,
    spend: GammaGamma | None,
    h: History,
    annual_discount_rate: float,
) -> dict[str, float | None]:
    """The columns of `customers`; None for what a missing model feeds."""
    both = given is not None and spend is not None
    return {
        "p_alive": given and p_alive(given, h),
        **{
            f"expected_orders_{days}d": given and expected_orders(
                given, h, days
            )
            for days in HORIZONS
        },
        "expected_order_value": spend and expected_order_value(spend, h),
        "predicted_clv_365d": predicted_clv(
            given, spend, h, annual_discount_rate
        ) if both else None,
    }


# The back-test


def backtest(
    given: BgNbd, customers: dict[str, DayAmounts], as_of_date: date
) -> dict[str, Any]:
    """The columns of the back-test, from the parameters of the cut.

    Takes the order dates of each customer up to `as_of_date`.
    """
    cut = as_of_date - timedelta(days=BACKTEST_DAYS)
    before = cut - timedelta(days=BACKTEST_DAYS)
    known = histories(customers, cut)
    actual = [_between(customers[c], cut, as_of_date) for c in known]
    naive = [_between(customers[c], before, cut) for c in known]
    predicted = [
        expected_orders(given, h, BACKTEST_DAYS) for h in known.values()
    ]
    return {
        "backtest_actual_orders": sum(actual),
        "backtest_predicted_orders": math.fsum(predicted),
        **_errors("backtest", predicted, actual),
        **_errors("backtest_naive", naive, actual),
    }


def _between(days: Iterable[date], after: date, until: date) -> int:
    return sum(after < day <= until for day in days)


def _errors(
    prefix: str, predicted: Sequence[float], actual: Sequence[int]
) -> dict[str, float | None]:
    errors = ("error", "customer_mae", "customer_rmse")
    names = [f"{prefix}_{error}" for error in errors]
    bought = sum(actual)
    if not bought:
        return dict.fromkeys(names)
    misses = [p - n for p, n in zip(predicted, actual)]
    return dict(zip(names, (
        math.fsum(misses) / bought,
        math.fsum(map(abs, misses)) / len(misses),
        math.sqrt(math.fsum(miss * miss for miss in misses) / len(misses)),
    )))
