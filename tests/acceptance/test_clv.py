"""Predicted value: the warehouse's SQL against published numbers and an oracle.

Nothing is fitted on this side. Parameters are held against references and
against what makes a maximum; every prediction and every figure of the
back-tests is worked out again from the parameters that the SQL found.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

import pytest

import clv_data
import project
from clv_data import (
    CDNOW_MBG_REFERENCE,
    CDNOW_REFERENCE,
    FREE,
    OLD_MODEL,
    TODAY,
    cdnow,
    rows_of,
)
from oracle import clv, differences, online_retail, read_interaction_types
from oracle.clv import GammaGamma, MbgNbd, OrderModel
from oracle.facts import brands_of
from oracle.inputs import classify
from oracle.settings import merged_settings

SELECTION = "+clv_model_fit +customers"
PREDICTIONS = (
    "p_alive",
    "p_order_90d",
    "p_order_365d",
    "expected_orders_30d",
    "expected_orders_90d",
    "expected_orders_365d",
    "expected_order_value",
    "predicted_clv_365d",
)
OF_SPEND = ("expected_order_value", "predicted_clv_365d")
BACKTEST_KEY = ("cut_date", "horizon_days", "customer_group")
FIT_STATUSES = (
    "ok",
    "at_bound",
    "not_converged",
    "too_few_repeat_customers",
)
SPEND_STATUSES = (*FIT_STATUSES, "spend_undefined")
WITH_FIGURES = ("ok", "at_bound")  # the statuses whose model feeds predictions

CDNOW_CUT = date(1997, 9, 30)
CDNOW_LATER = CDNOW_CUT + timedelta(days=90)
CDNOW_END = date(1998, 6, 30)
RETAIL_END = date(2011, 12, 9)
RETAIL_CUT = RETAIL_END - timedelta(days=90)
GROCER_END = date(2017, 12, 31)
GROCER_CUT = GROCER_END - timedelta(days=90)
NO_CUSTOMER = "signed up, never ordered"
LEFT_TO_GAIN = 0.05  # of log-likelihood, at limits, where it is flat
DISCOUNT = 0.1  # a year, where nothing else is set


# What a build left


@dataclass
class Fitted:
    """What a build left of each brand.

    `fits` are the rows of the model that the brand uses, `others` those of
    the other; `cuts` the parameters of back-tests by their days; `backtests`
    the rows of the mart; `customers` the predictions by customer.
    """

    fits: dict[str, dict[str, Any]]
    others: dict[str, dict[str, Any]]
    cuts: dict[str, dict[int, dict[str, Any]]]
    backtests: dict[str, list[dict[str, Any]]]
    customers: dict[str, dict[str, dict[str, Any]]]

    def orders(self, brand_id: str) -> OrderModel | None:
        """The parameters of the model in use; None where it has no fit."""
        return order_model(self.fits[brand_id])

    def spend(self, brand_id: str) -> GammaGamma | None:
        """Gamma-Gamma's parameters; None where the brand has no such fit."""
        return spend_model(self.fits[brand_id])

    def model(self, brand_id: str, name: str) -> dict[str, Any]:
        """The row of the model of this name, in use or not."""
        both = self.fits[brand_id], self.others[brand_id]
        return next(row for row in both if row["model"] == name)

    def at_cuts(self, brand_id: str) -> dict[int, clv.CutModels]:
        """The models at each cut that has a row."""
        return {days: (order_model(row), spend_model(row)) for days, row in self.cuts.get(brand_id, {}).items()}

    def total(self, brand_id: str, column: str) -> float:
        """The sum of a column over the brand's customers who have it."""
        return math.fsum(row[column] for row in self.customers[brand_id].values() if row[column] is not None)


def order_model(fit: dict[str, Any]) -> OrderModel | None:
    """The model of orders that a row of parameters is of."""
    if fit["fit_status"] not in WITH_FIGURES:
        return None
    return clv.MODELS[fit["model"]](fit["r"], fit["alpha"], fit["a"], fit["b"])


def spend_model(fit: dict[str, Any]) -> GammaGamma | None:
    """The Gamma-Gamma that a row of parameters is of."""
    if fit["gamma_gamma_status"] not in WITH_FIGURES:
        return None
    return GammaGamma(fit["p"], fit["q"], fit["v"])


def built(folder, raw_dir, brands, as_of_date, **project_vars) -> Fitted:
    """Build fits and customers, and read them. Raises where dbt fails."""
    done = project.build(
        folder,
        {
            "raw_dir": str(raw_dir),
            "brands": brands,
            "as_of_date": as_of_date.isoformat(),
            "clv_refit": "always",
            **project_vars,
        },
        SELECTION,
    )
    if not done.succeeded:
        raise RuntimeError(done.messages)
    return read(done)


def read(done: project.Build) -> Fitted:
    """What a build has of predicted value."""
    fitted = Fitted({}, {}, {}, {}, {})
    for row in done.rows("from marts.clv_model_fit"):
        rows = fitted.fits if row["is_used"] else fitted.others
        assert rows.setdefault(row["brand_id"], row) is row
    for row in done.rows("from facts.fct_clv_parameters where cut_days > 0"):
        assert row["model"] == fitted.fits[row["brand_id"]]["model"]
        of_brand = fitted.cuts.setdefault(row["brand_id"], {})
        of_brand[row["cut_days"]] = row
    for row in done.rows("from marts.clv_backtests"):
        fitted.backtests.setdefault(row.pop("brand_id"), []).append(row)
    for row in done.rows(
        "select brand_id, customer_id, lifetime_orders, last_base_day, "
        "distinct_order_days, churn_probability, churn_risk, clv_fit_status, "
        f"{', '.join(PREDICTIONS)} from marts.customers"
    ):
        of_brand = fitted.customers.setdefault(row["brand_id"], {})
        of_brand[row["customer_id"]] = row
    return fitted


def log_likelihood_of(parameters, histories) -> float:
    """The log-likelihood of either model's parameters."""
    if isinstance(parameters, GammaGamma):
        return clv.gamma_gamma_log_likelihood(parameters, histories)
    return clv.order_log_likelihood(parameters, histories)


def steps_from_maximum(parameters, histories) -> clv.NewtonStep:
    """How far the parameters of a model are from a maximum."""
    kind = type(parameters)
    return clv.newton_step(lambda values: log_likelihood_of(kind(*values), histories), parameters)


def assert_maximum(fitted, brand_id, histories, width=1e-6) -> None:
    """Hold all fits to be a maximum, and their log-likelihoods to be its."""
    used, other = fitted.fits[brand_id], fitted.others[brand_id]
    assert used["model"] != other["model"]
    assert_row_is_maximum(used, histories, width)
    assert_row_is_maximum(other, histories, width)


def assert_row_is_maximum(fit, histories, width=1e-6) -> None:
    """Hold the fits of a row of parameters to be a maximum."""
    customers = list(histories.values())
    for parameters, column in (
        (order_model(fit), "log_likelihood"),
        (spend_model(fit), "gamma_gamma_log_likelihood"),
    ):
        step = steps_from_maximum(parameters, customers)
        assert step.is_concave, fit
        assert max(map(abs, step.step)) < width, (fit, step)
        assert fit[column] == pytest.approx(log_likelihood_of(parameters, customers), rel=1e-10)


def differing(
    fitted,
    brand_id,
    histories,
    rate=DISCOUNT,
    window=365,
    as_of=None,
) -> list[str]:
    """Where the brand's predictions differ from those of its parameters.

    Asked is 1e-9 relative, and 1e-3 where dropout hardly varies between
    customers: the SQL may take one probability for all there, a / (a + b).
    Orders alone keep these customers in the base, each for the window.
    """
    orders, spend = fitted.orders(brand_id), fitted.spend(brand_id)
    coarse = orders is not None and orders.a + orders.b > 190
    relative = 1e-3 if coarse else 1e-9
    customers = fitted.customers[brand_id]
    lines = [
        f"{customer_id}: no history"
        for customer_id, row in customers.items()
        if row["lifetime_orders"] and customer_id not in histories
    ]
    for customer_id, history in histories.items():
        row = customers[customer_id]
        expected = clv.predictions(orders, spend, history, rate)
        days_left = window - (history.T - history.t_x)
        churn = clv.churn_probability(orders, history, days_left) if orders and days_left > 0 else None
        expected |= {
            "churn_probability": churn,
            "churn_risk": clv.churn_risk(churn),
        }
        for column, value in expected.items():
            agrees = (
                row[column] == value
                if not isinstance(value, float)
                else (row[column] is not None and math.isclose(row[column], value, rel_tol=relative, abs_tol=1e-12))
            )
            if not agrees:
                lines.append(f"{customer_id} {history}: {column}: expected {value!r}, actual {row[column]!r}")
    return lines[:10]


def assert_backtests(fitted, brand_id, purchases, as_of_date) -> None:
    """Hold the back-tests, and what comes of them, against the program's.

    Every cut must be fitted to what was known by then, where the brand has
    been there for long enough, and nowhere else.
    """
    models = fitted.at_cuts(brand_id)
    assert set(models) == {
        days for days, _ in clv.BACKTESTS if clv.cut_exists(purchases, as_of_date - timedelta(days=days))
    }
    expected = clv.backtest_rows(models, purchases, as_of_date)
    actual = fitted.backtests.get(brand_id, [])
    errors = [name for name in expected[0] if name.endswith("_error")] if (expected) else []
    exact = [name for name in expected[0] if name not in errors] if (expected) else []
    assert not differences(expected, actual, BACKTEST_KEY, exact)
    # an error is a difference, which has fewer digits than what it is of
    by_key = {tuple(row[c] for c in BACKTEST_KEY): row for row in actual}
    for row in expected:
        other = by_key[tuple(row[column] for column in BACKTEST_KEY)]
        for name in errors:
            assert other[name] == (row[name] if row[name] is None else pytest.approx(row[name], rel=1e-9, abs=3e-9)), (
                row,
                name,
            )
    fit = fitted.fits[brand_id]
    of_fit = clv.past_errors(expected, as_of_date) | {
        "spend_correlation": clv.spend_correlation(clv.histories(purchases, as_of_date).values()),
    }
    for column, value in of_fit.items():
        assert fit[column] == (
            value if value is None or isinstance(value, int) else pytest.approx(value, rel=1e-9, abs=3e-9)
        ), column
        expected_of_other = value if column == "spend_correlation" else None
        assert fitted.others[brand_id][column] == (
            expected_of_other if expected_of_other is None else pytest.approx(expected_of_other, rel=1e-9, abs=1e-12)
        ), column


# The builds


@pytest.fixture(scope="module")
def purchases():
    """The order dates of the CDNOW sample, with what each was worth."""
    return clv.day_amounts(rows_of(cdnow()))


@pytest.fixture(scope="module")
def sample_histories(purchases):
    """The histories of the CDNOW sample at the first build's date."""
    return clv.histories(purchases, CDNOW_CUT)


@pytest.fixture(scope="module")
def cdnow_builds(once) -> dict[date, Fitted]:
    """CDNOW at three dates, one after another in one database.

    `steep` has the sample's orders and another discount rate, `old` uses
    BG/NBD; `fifty` and `forty nine` have so many customers who return by the
    first date. At the later dates the project's own rate is another one.
    """
    return once("cdnow", build_cdnow)


def build_cdnow(folder) -> dict[date, Fitted]:
    """The builds of `cdnow_builds`."""
    sample = cdnow()
    raw_dir = clv_data.write_orders(
        folder / "raw",
        {
            "sample": sample,
            "steep": sample,
            "old": sample,
            "whole": cdnow(whole=True),
            "fifty": clv_data.with_repeat_customers(sample, 50, CDNOW_CUT),
            "forty nine": clv_data.with_repeat_customers(sample, 49, CDNOW_CUT),
        },
    )
    brands = {
        **dict.fromkeys(("sample", "whole", "fifty", "forty nine"), FREE),
        "steep": FREE | {"annual_discount_rate": 0.5},
        "old": OLD_MODEL,
    }
    few = {name: brands[name] for name in ("sample", "steep", "old")}
    work = folder / "built"
    return {
        CDNOW_CUT: built(work, raw_dir, brands, CDNOW_CUT),
        CDNOW_LATER: built(work, raw_dir, few, CDNOW_LATER, annual_discount_rate=0.25),
        CDNOW_END: built(work, raw_dir, {"whole": FREE, "old": OLD_MODEL}, CDNOW_END),
    }


@pytest.fixture(scope="module")
def retail_builds(once) -> dict[date, Fitted]:
    """UCI Online Retail at its end and 90 days before."""
    return once("retail", build_retail)


def build_retail(folder) -> dict[date, Fitted]:
    """The builds of `retail_builds`."""
    raw_dir = folder / "raw"
    raw_dir.mkdir(parents=True)
    project.write_csv(
        raw_dir / "orders.csv",
        online_retail.orders(),
        project.COLUMNS["orders"],
    )
    brands = {"online_retail": online_retail.SETTINGS}
    return {day: built(folder / "built", raw_dir, brands, day) for day in (RETAIL_CUT, RETAIL_END)}


@pytest.fixture(scope="module")
def retail_purchases():
    """The order dates of UCI Online Retail, with what each was worth."""
    settings = merged_settings({"online_retail": online_retail.SETTINGS})
    inputs = classify({"orders": online_retail.orders()}, settings, RETAIL_END)
    (brand,) = brands_of(inputs, settings, {})
    return clv.brand_day_amounts(brand)


@pytest.fixture(scope="module")
def limits(once) -> Fitted:
    """All brands of `clv_data.at_limits`, fitted from five returning on."""
    return once("limits", build_limits)


def build_limits(folder) -> Fitted:
    """The build of `limits`; each brand has one who never ordered."""
    orders = clv_data.at_limits()
    raw_dir = clv_data.write_orders(folder / "raw", orders)
    project.write_csv(
        raw_dir / "customers.csv",
        [
            {
                "brand_id": brand_id,
                "customer_id": NO_CUSTOMER,
                "signed_up_at": TODAY.isoformat(),
            }
            for brand_id in orders
        ],
        project.COLUMNS["customers"],
    )
    return built(
        folder / "built",
        raw_dir,
        {brand_id: OLD_MODEL if brand_id in clv_data.OF_THE_OLD_MODEL else FREE for brand_id in orders},
        TODAY,
        clv_min_repeat_customers=5,
    )


@pytest.fixture(scope="module")
def limit_histories():
    """The histories at limits, by brand."""
    return {
        brand_id: clv.histories(clv.day_amounts(rows_of(orders)), TODAY)
        for brand_id, orders in clv_data.at_limits().items()
    }


# CDNOW: the papers' numbers


REFERENCES = {
    "bg_nbd": (
        (0.242594522, 30.895214133, 0.792922017, 2.425906777),
        -14363.530443,
    ),
    "mbg_nbd": (
        (0.5248431591, 43.2815969570, 0.8913593907, 1.6140022402),
        -14363.236952,
    ),
}


@pytest.mark.parametrize("model", REFERENCES)
@pytest.mark.parametrize("brand_id", ["sample", "old"])
def test_the_sample_has_the_reference_parameters(cdnow_builds, brand_id, model):
    """Of both models, whichever the brand uses."""
    fit = cdnow_builds[CDNOW_CUT].model(brand_id, model)
    values, log_likelihood = REFERENCES[model]
    for name, value in zip(("r", "alpha", "a", "b"), values, strict=True):
        assert fit[name] == pytest.approx(value, rel=1e-8), name
    for name, value in (
        ("p", 6.249572271),
        ("q", 3.744224667),
        ("v", 15.443520963),
    ):
        assert fit[name] == pytest.approx(value, rel=1e-6), name
    assert fit["log_likelihood"] == pytest.approx(log_likelihood, abs=1e-5)
    assert fit["gamma_gamma_log_likelihood"] == pytest.approx(-4055.917695, abs=1e-4)
    assert fit["customers"] == 2357
    assert fit["fit_status"] == fit["gamma_gamma_status"] == "ok"
    assert fit["fitted_as_of"] == CDNOW_CUT
    assert fit["is_used"] == (model == ("bg_nbd" if brand_id == "old" else "mbg_nbd"))
    assert 1 <= fit["iterations"] <= 100
    assert 1 <= fit["gamma_gamma_iterations"] <= 100


def test_the_sample_has_the_published_parameters(cdnow_builds, sample_histories):
    """As the papers and BTYDplus print them, with time in weeks."""

    def in_weeks(model):
        fit = cdnow_builds[CDNOW_CUT].model("sample", model)
        return fit, [
            round(fit["r"], 3),
            round(fit["alpha"] / 7, 3),
            round(fit["a"], 3),
            round(fit["b"], 3),
        ]

    fit, printed = in_weeks("bg_nbd")
    assert printed == [0.243, 4.414, 0.793, 2.426]
    assert [round(fit[name], 2) for name in "pqv"] == [6.25, 3.74, 15.44]
    log_likelihood = fit["log_likelihood"] + math.log(7) * sum(history.x for history in sample_histories.values())
    assert round(log_likelihood, 1) == -9582.4
    assert round(fit["gamma_gamma_log_likelihood"], 4) == -4055.9177
    _, printed = in_weeks("mbg_nbd")
    assert printed == [0.525, 6.183, 0.891, 1.614]


@pytest.mark.parametrize("brand_id", ["sample", "old"])
def test_the_sample_is_a_maximum(cdnow_builds, sample_histories, brand_id):
    fitted = cdnow_builds[CDNOW_CUT]
    assert_maximum(fitted, brand_id, sample_histories)
    assert fitted.fits[brand_id]["repeat_customers"] == sum(history.x > 0 for history in sample_histories.values())


def test_the_models_do_not_depend_on_which_is_used(cdnow_builds):
    fitted = cdnow_builds[CDNOW_CUT]
    of_use = {"brand_id", "is_used"} | set(clv.past_errors([], CDNOW_CUT))
    for model in clv.MODELS:
        rows = [fitted.model(brand_id, model) for brand_id in ("sample", "old")]
        for column in set(rows[0]) - of_use:
            assert rows[0][column] == (
                pytest.approx(rows[1][column], rel=1e-9) if isinstance(rows[1][column], float) else rows[1][column]
            ), (model, column)


def test_the_old_model_has_the_reference_predictions(cdnow_builds, sample_histories):
    fitted = cdnow_builds[CDNOW_CUT]
    given, customers = fitted.orders("old"), fitted.customers["old"]
    reference = project.read_csv(CDNOW_REFERENCE)
    assert {row["customer_id"] for row in reference} == set(customers)
    for row in reference:
        customer_id = row["customer_id"]
        for column in (
            "p_alive",
            "expected_orders_90d",
            "expected_order_value",
        ):
            actual = customers[customer_id][column]
            if column == "p_alive" and row["x"] == "0":
                assert float(row[column]) == 1 and actual is None
                continue
            assert actual == pytest.approx(float(row[column]), rel=1e-6), (customer_id, column)
        # a horizon that is no column
        assert clv.expected_orders(given, sample_histories[customer_id], 273) == pytest.approx(
            float(row["expected_orders_273d"]), rel=1e-6
        )


def test_the_sample_has_the_reference_predictions(cdnow_builds, sample_histories):
    """Those of MBG/NBD, and with the same parameters other horizons."""
    fitted = cdnow_builds[CDNOW_CUT]
    given, customers = fitted.orders("sample"), fitted.customers["sample"]
    assert isinstance(given, MbgNbd)
    reference = project.read_csv(CDNOW_MBG_REFERENCE)
    assert {row["customer_id"] for row in reference} == set(customers)
    for row in reference:
        customer_id = row["customer_id"]
        history = sample_histories[customer_id]
        for column in (
            "p_alive",
            "expected_orders_90d",
            "p_order_90d",
            "p_order_365d",
        ):
            assert customers[customer_id][column] == pytest.approx(float(row[column]), rel=1e-8), (customer_id, column)
        assert clv.expected_orders(given, history, 273) == pytest.approx(float(row["expected_orders_273d"]), rel=1e-8)
        assert clv.p_order(given, history, 30) == pytest.approx(float(row["p_order_30d"]), rel=1e-8)


def test_the_sample_has_the_reference_totals(cdnow_builds, sample_histories):
    fitted = cdnow_builds[CDNOW_CUT]
    one_timers = sum(h.x == 0 for h in sample_histories.values())
    assert fitted.total("old", "p_alive") + one_timers == pytest.approx(1917.2777, abs=2e-3)
    assert fitted.total("old", "expected_orders_90d") == pytest.approx(621.6394, abs=1e-3)
    # the paper's own example: 39 weeks of a customer with x = 2 at 30.43
    # of 38.86 weeks
    assert clv.expected_orders(fitted.orders("old"), clv.History(2, 213, 272, 1.0), 273) == pytest.approx(
        1.226, abs=5e-4
    )
    assert fitted.total("sample", "p_alive") == pytest.approx(1057.636371, abs=1e-5)
    assert fitted.total("sample", "expected_orders_90d") == pytest.approx(601.846513, abs=1e-5)
    assert math.fsum(
        clv.expected_orders(fitted.orders("sample"), history, 273) for history in sample_histories.values()
    ) == pytest.approx(1576.728302, abs=1e-5)


def test_predictions_follow_from_the_parameters(cdnow_builds, sample_histories, purchases):
    """With each of the discount rates that can be set."""
    first, later = cdnow_builds[CDNOW_CUT], cdnow_builds[CDNOW_LATER]
    assert not differing(first, "sample", sample_histories)
    assert not differing(first, "steep", sample_histories, rate=0.5)
    assert not differing(first, "old", sample_histories)
    histories = clv.histories(purchases, CDNOW_LATER)
    assert not differing(later, "sample", histories, rate=0.25)
    assert not differing(later, "steep", histories, rate=0.5)
    assert not differing(later, "old", histories, rate=0.25)


@pytest.mark.parametrize(
    "day, model, printed",
    [
        (CDNOW_CUT, "bg_nbd", (".251624", "33.5226", ".723434", "2.161088")),
        (CDNOW_END, "bg_nbd", (".267128", "41.9054", ".483517", "2.111608")),
        (
            CDNOW_CUT,
            "mbg_nbd",
            (
                ".6371397",
                "51.1720268",
                ".8074741",
                "1.2283940",
                "-142694.573617",
            ),
        ),
        (
            CDNOW_END,
            "mbg_nbd",
            (
                ".6894186",
                "69.2256784",
                ".4916000",
                ".8585149",
                "-258955.352773",
            ),
        ),
        (CDNOW_CUT, None, ("6.275359", "3.624450", "14.983687")),
        (CDNOW_END, None, ("5.086044", "3.995121", "21.252238")),
    ],
    ids=str,
)
def test_the_whole_of_cdnow(cdnow_builds, day, model, printed):
    """To the digits that the reference gives, but for one in the last."""
    fitted = cdnow_builds[day]
    fit = fitted.model("whole", model) if model else fitted.fits["whole"]
    assert fit["customers"] == 23570
    assert fit["fit_status"] == fit["gamma_gamma_status"] == "ok"
    names = ("r", "alpha", "a", "b", "log_likelihood") if model else "pqv"
    for name, value in zip(names, printed):
        unit = 10.0 ** -len(value.partition(".")[2])
        assert abs(fit[name] - float(value)) <= unit, name


def test_the_whole_of_cdnow_is_a_maximum_at_every_cut(cdnow_builds):
    """What a back-test is fitted to is what was known by its cut."""
    fitted = cdnow_builds[CDNOW_END]
    for brand_id, orders in (("whole", cdnow(whole=True)), ("old", cdnow())):
        purchases = clv.day_amounts(rows_of(orders))
        assert set(fitted.cuts[brand_id]) == {90, 180, 270, 365}
        for days, fit in fitted.cuts[brand_id].items():
            cut = CDNOW_END - timedelta(days=days)
            assert_row_is_maximum(fit, clv.histories(purchases, cut))


def test_fifty_customers_must_return(cdnow_builds):
    """The default of clv_min_repeat_customers, on both of its sides."""
    fitted = cdnow_builds[CDNOW_CUT]
    fifty, fewer = fitted.fits["fifty"], fitted.fits["forty nine"]
    assert fifty["repeat_customers"] == 50
    assert fifty["fit_status"] in WITH_FIGURES
    assert fewer["repeat_customers"] == 49
    assert fewer["fit_status"] == "too_few_repeat_customers"
    assert fewer["gamma_gamma_status"] == "too_few_repeat_customers"
    assert_null_where_not_fitted(fitted, "forty nine")


# Online Retail: real orders with hours, zones and cancellations


@pytest.mark.parametrize("day", [RETAIL_CUT, RETAIL_END], ids=str)
def test_online_retail(retail_builds, retail_purchases, day):
    """Every customer's predictions are those of the parameters."""
    fitted = retail_builds[day]
    histories = clv.histories(retail_purchases, day)
    fit = fitted.fits["online_retail"]
    assert set(histories) == {
        customer_id for customer_id, row in fitted.customers["online_retail"].items() if row["lifetime_orders"]
    }
    assert fit["customers"] == len(histories)
    assert fit["repeat_customers"] == sum(history.x > 0 for history in histories.values())
    assert not differing(fitted, "online_retail", histories)


def test_online_retail_is_a_maximum(retail_builds, retail_purchases):
    """At the end within the bounds; at the cut nobody seems to leave yet."""
    histories = clv.histories(retail_purchases, RETAIL_END)
    at_end, at_cut = retail_builds[RETAIL_END], retail_builds[RETAIL_CUT]
    fit = at_end.fits["online_retail"]
    assert fit["fit_status"] == fit["gamma_gamma_status"] == "ok"
    # so few leave that some millionths of a and b change the likelihood by less than a double tells
    assert_maximum(at_end, "online_retail", histories, width=5e-6)
    assert at_cut.fits["online_retail"]["fit_status"] == "at_bound"
    histories = clv.histories(retail_purchases, RETAIL_CUT)
    assert_in_bounds_and_at_best(at_cut, "online_retail", histories)


# The back-tests


@pytest.mark.parametrize(
    "brand_id, day",
    [
        ("sample", CDNOW_CUT),
        ("old", CDNOW_CUT),
        ("whole", CDNOW_CUT),
        ("fifty", CDNOW_CUT),
        ("forty nine", CDNOW_CUT),
        ("sample", CDNOW_LATER),
        ("steep", CDNOW_LATER),
        ("old", CDNOW_LATER),
        ("whole", CDNOW_END),
        ("old", CDNOW_END),
    ],
    ids=str,
)
def test_backtests_of_cdnow(cdnow_builds, brand_id, day):
    fitted = cdnow_builds[day]
    orders = {
        "whole": lambda: cdnow(whole=True),
        "fifty": lambda: clv_data.with_repeat_customers(cdnow(), 50, CDNOW_CUT),
        "forty nine": lambda: clv_data.with_repeat_customers(cdnow(), 49, CDNOW_CUT),
    }.get(brand_id, cdnow)()
    purchases = clv.day_amounts(rows_of(orders))
    assert_backtests(fitted, brand_id, until(purchases, day), day)


def until(purchases, day):
    """The order dates up to a day, of who has any."""
    kept = {
        customer_id: {d: amount for d, amount in days.items() if d <= day} for customer_id, days in purchases.items()
    }
    return {customer_id: days for customer_id, days in kept.items() if days}


def test_a_cut_has_the_parameters_of_a_build_of_its_day(cdnow_builds):
    """90 days later, the first build's parameters are those of the cut."""
    for brand_id in ("sample", "old"):
        at_cut = order_model(cdnow_builds[CDNOW_LATER].cuts[brand_id][90])
        assert at_cut == pytest.approx(cdnow_builds[CDNOW_CUT].orders(brand_id), rel=1e-7)


@pytest.mark.parametrize("day", [RETAIL_CUT, RETAIL_END], ids=str)
def test_backtests_of_online_retail(retail_builds, retail_purchases, day):
    assert_backtests(
        retail_builds[day],
        "online_retail",
        until(retail_purchases, day),
        day,
    )


@pytest.mark.parametrize("day", [GROCER_CUT, GROCER_END], ids=str)
def test_backtests_of_the_grocer(grocer_builds, day):
    purchases = clv.day_amounts(rows_of(clv_data.grocer()))
    assert_backtests(grocer_builds[day], "grocer", until(purchases, day), day)


def test_a_backtest_needs_a_fit_at_its_cut(cdnow_builds):
    """Of `fifty`, and of CDNOW's first half-year: too few return by then."""
    fitted = cdnow_builds[CDNOW_CUT]
    assert fitted.fits["sample"]["error_cuts"] == 1
    for brand_id in ("forty nine", "fifty"):
        fit = fitted.fits[brand_id]
        assert brand_id not in fitted.backtests
        assert fit["error_cuts"] == 0
        for column in clv.past_errors([], CDNOW_CUT):
            assert column == "error_cuts" or fit[column] is None, column


def auc_of(customers, chance_of):
    """How well chances tell who ordered; of (chance, whether ordered)."""
    return clv.order_auc(
        [clv.Outcome(c, True, chance_of(c), 0, None, int(ordered), 0, 0, 0) for c, ordered in customers.items()]
    )


def test_the_chance_to_order_beats_the_old_p_alive(
    cdnow_builds,
    retail_builds,
    retail_purchases,
    grocer_builds,
):
    """On three real brands, for who orders in the 90 days after a cut.

    BG/NBD's p_alive, 1 for every one-time buyer, is that of its own fit at
    the cut: of a build of that day.
    """
    cases = {
        "cdnow": (
            cdnow_builds[CDNOW_LATER],
            "sample",
            cdnow_builds[CDNOW_CUT].model("sample", "bg_nbd"),
            clv.day_amounts(rows_of(cdnow())),
            CDNOW_LATER,
        ),
        "gift": (
            retail_builds[RETAIL_END],
            "online_retail",
            retail_builds[RETAIL_CUT].model("online_retail", "bg_nbd"),
            retail_purchases,
            RETAIL_END,
        ),
        "grocer": (
            grocer_builds[GROCER_END],
            "grocer",
            grocer_builds[GROCER_CUT].model("grocer", "bg_nbd"),
            clv.day_amounts(rows_of(clv_data.grocer())),
            GROCER_END,
        ),
    }
    for name, (fitted, brand_id, old, purchases, day) in cases.items():
        cut = day - timedelta(days=90)
        known = clv.histories(purchases, cut)
        ordered = {c: any(cut < d <= day for d in purchases[c]) for c in known}
        old_model = order_model(old)
        old_auc = auc_of(ordered, lambda c: clv.p_alive(old_model, known[c]))
        (row,) = (
            row
            for row in fitted.backtests[brand_id]
            if row["cut_date"] == cut and row["order_auc"] is not None and row["horizon_days"] == 90
        )
        assert row["order_auc"] > 0.7, name
        assert row["order_auc"] > old_auc + 0.1, (name, old_auc)


# The Complete Journey, and the whole of CDNOW


@pytest.fixture(scope="module")
def grocer_builds(once) -> dict[date, Fitted]:
    """The Complete Journey at the end of its year and 90 days before."""
    return once("grocer", build_grocer)


def build_grocer(folder) -> dict[date, Fitted]:
    """The builds of `grocer_builds`."""
    raw_dir = clv_data.write_orders(folder / "raw", {"grocer": clv_data.grocer()})
    return {day: built(folder / "built", raw_dir, {"grocer": {}}, day) for day in (GROCER_CUT, GROCER_END)}


@pytest.mark.parametrize("day", [GROCER_CUT, GROCER_END], ids=str)
def test_predictions_of_the_grocer(grocer_builds, day):
    """Every customer's are those of the parameters."""
    purchases = clv.day_amounts(rows_of(clv_data.grocer()))
    histories = clv.histories(purchases, day)
    assert len(histories) > 400
    assert not differing(grocer_builds[day], "grocer", histories)


@pytest.mark.parametrize("day", [CDNOW_CUT, CDNOW_END], ids=str)
def test_the_whole_of_cdnow_has_the_predictions_of_its_parameters(cdnow_builds, day):
    """Every customer's."""
    histories = clv.histories(clv.day_amounts(rows_of(cdnow(whole=True))), day)
    assert len(histories) == 23570
    assert not differing(cdnow_builds[day], "whole", histories)


# The sample, with subscriptions, and signals of several kinds


def test_the_sample_of_the_project(sample_build):
    """Its predictions and back-tests; who leaves the base, by own spans."""
    fitted = read(sample_build)
    settings = merged_settings(project.project_settings()["brands"])
    raw = {name: project.read_csv(project.SAMPLE / f"raw_{name}.csv") for name in project.COLUMNS}
    inputs = classify(raw, settings, None)
    types = read_interaction_types(project.INTERACTION_TYPES)
    without = {"endless": 0, "outside": 0}
    for brand in brands_of(inputs, settings, types):
        purchases = clv.brand_day_amounts(brand)
        histories = clv.histories(purchases, brand.as_of_date)
        orders, spend = fitted.orders(brand.brand_id), fitted.spend(brand.brand_id)
        expected = []
        for customer_id, history in histories.items():
            spans = brand.customers[customer_id].base_spans
            last = spans[-1] if spans else None
            is_open = last is not None and last.covers(brand.as_of_date)
            without["outside"] += not is_open
            without["endless"] += is_open and last.end is None
            churn = (
                clv.churn_probability(orders, history, (last.end - brand.as_of_date).days)
                if is_open and last.end is not None
                else None
            )
            expected.append(
                clv.predictions(orders, spend, history, DISCOUNT)
                | {
                    "customer_id": customer_id,
                    "churn_probability": churn,
                    "churn_risk": clv.churn_risk(churn),
                }
            )
        actual = [
            {"customer_id": customer_id} | row
            for customer_id, row in fitted.customers[brand.brand_id].items()
            if row["lifetime_orders"]
        ]
        assert not differences(expected, actual, ["customer_id"])
        assert_backtests(fitted, brand.brand_id, purchases, brand.as_of_date)
    assert all(without.values()), without


# Histories at limits


LIMITS = tuple(clv_data.at_limits())


def assert_null_where_not_fitted(fitted, brand_id) -> None:
    """No figure is made up where a model has no fit, and none is missing."""
    fit = fitted.fits[brand_id]
    has_fit = fit["fit_status"] in WITH_FIGURES
    has_spend = fit["gamma_gamma_status"] in WITH_FIGURES
    assert all((fit[name] is not None) == has_fit for name in ("r", "alpha", "a", "b", "log_likelihood")), fit
    if has_spend or fit["gamma_gamma_status"] != "spend_undefined":
        assert all((fit[name] is not None) == has_spend for name in ("p", "q", "v", "gamma_gamma_log_likelihood")), fit
    for row in fitted.customers[brand_id].values():
        for column in PREDICTIONS:
            there = (
                row["lifetime_orders"] > 0
                and (has_fit or column == "expected_order_value")
                and (has_spend or column not in OF_SPEND)
                and (column != "p_alive" or fit["model"] == "mbg_nbd" or row["distinct_order_days"] > 1)
            )
            assert (row[column] is not None) == there, (row, column)


@pytest.mark.parametrize("brand_id", LIMITS)
def test_no_limit_gives_a_wrong_figure(limits, brand_id):
    """Statuses out of the list; figures finite, none negative, or null."""
    fit, customers = limits.fits[brand_id], limits.customers[brand_id]
    assert fit["fit_status"] in FIT_STATUSES
    assert fit["gamma_gamma_status"] in SPEND_STATUSES
    assert_null_where_not_fitted(limits, brand_id)
    for name, value in fit.items():
        if isinstance(value, (int, float)):
            assert math.isfinite(value), name
            signed = name.endswith(
                (
                    "error",
                    "error_90d",
                    "log_likelihood",
                    "correlation",
                )
            )
            assert signed or value >= 0, name
    for name in ("r", "alpha", "a", "b", "p", "q", "v"):
        assert fit[name] is None or fit[name] > 0, name
    for row in customers.values():
        for column in PREDICTIONS:
            value = row[column]
            assert value is None or (math.isfinite(value) and value >= 0), (row, column)
        for column in (*PREDICTIONS[:3], "churn_probability"):
            assert row[column] is None or row[column] <= 1, row


@pytest.mark.parametrize("brand_id", LIMITS)
def test_the_customer_says_the_worse_status(limits, brand_id):
    fit = limits.fits[brand_id]
    statuses = {fit["fit_status"], fit["gamma_gamma_status"]}
    without = statuses - set(WITH_FIGURES)
    worse = without or (statuses - {"ok"}) or statuses
    assert {
        row["clv_fit_status"] for customer_id, row in limits.customers[brand_id].items() if customer_id != NO_CUSTOMER
    } <= worse


@pytest.mark.parametrize("brand_id", LIMITS)
def test_without_an_order_nothing_is_predicted(limits, brand_id):
    row = limits.customers[brand_id][NO_CUSTOMER]
    assert row["lifetime_orders"] == 0
    assert row["clv_fit_status"] is None
    assert all(row[column] is None for column in PREDICTIONS)


@pytest.mark.parametrize(
    "brand_id, fit_statuses, spend_statuses",
    [
        ("nobody returns", ["too_few_repeat_customers"], ["too_few_repeat_customers"]),
        ("four return", ["too_few_repeat_customers"], ["too_few_repeat_customers"]),
        ("one customer", ["too_few_repeat_customers"], ["too_few_repeat_customers"]),
        ("all of today", ["too_few_repeat_customers"], ["too_few_repeat_customers"]),
        ("ten customers", WITH_FIGURES, WITH_FIGURES),
        ("together", ["ok"], ["ok"]),
        ("nobody leaves", WITH_FIGURES, ["ok"]),
        ("gone at once", WITH_FIGURES, WITH_FIGURES),
        ("a giant", ["ok"], ["ok"]),
        ("billions", ["ok"], ["ok"]),
        ("pennies", ["ok"], WITH_FIGURES),
        ("all free", ["ok"], ["too_few_repeat_customers"]),
        ("half free", ["ok"], WITH_FIGURES),
        ("no mean", ["ok"], ["spend_undefined"]),
    ],
)
def test_the_status_of_each_limit(limits, brand_id, fit_statuses, spend_statuses):
    fit = limits.fits[brand_id]
    assert fit["fit_status"] in fit_statuses
    assert fit["gamma_gamma_status"] in spend_statuses


@pytest.mark.parametrize("brand_id", LIMITS)
def test_counts_at_the_limits(limits, limit_histories, brand_id):
    fit, histories = limits.fits[brand_id], limit_histories[brand_id]
    assert fit["customers"] == len(histories)
    assert fit["repeat_customers"] == sum(history.x > 0 for history in histories.values())


@pytest.mark.parametrize("brand_id", LIMITS)
def test_parameters_at_the_limits(limits, limit_histories, brand_id):
    """Within the bounds; no step that they allow gains anything."""
    assert_in_bounds_and_at_best(limits, brand_id, limit_histories[brand_id])


def assert_in_bounds_and_at_best(fitted, brand_id, histories) -> None:
    """Hold the parameters of both models, where the brand has them."""
    customers = list(histories.values())
    spend = fitted.spend(brand_id)
    longest = max(history.T for history in customers)
    for fit in (fitted.fits[brand_id], fitted.others[brand_id]):
        orders = order_model(fit)
        if orders:
            logs = clv.scaled_logs(orders, longest)
            assert_at_best(orders, logs, customers)
    if spend:
        spenders = clv.spending(customers)
        middle = math.fsum(h.m for h in spenders) / len(spenders)
        p, q, v = spend
        assert_at_best(spend, [math.log(p), math.log(q), math.log(v / middle)], spenders)


def assert_at_best(parameters, logs, histories) -> None:
    """Hold parameters to be in bounds, and no move within them to gain.

    Tried are steps of many lengths along each parameter, along the gradient
    and along Newton's step, none of them over a bound.
    """
    bound = clv.BOUND + 0.1  # the scale may be another mean
    assert max(map(abs, logs)) <= bound, parameters
    near = steps_from_maximum(parameters, histories)
    steepest = max(map(abs, near.gradient)) or 1.0
    one = range(len(logs))
    directions = [[float(i == j) for j in one] for i in one]
    directions += [[slope / steepest for slope in near.gradient], near.step]
    best = log_likelihood_of(parameters, histories)
    for direction in directions:
        for exponent in range(10):
            for length in (10.0**-exponent, -(10.0**-exponent)):
                move = [
                    length * part if abs(log + length * part) < clv.BOUND else 0.0 for log, part in zip(logs, direction)
                ]
                moved = type(parameters)(*(parameter * math.exp(part) for parameter, part in zip(parameters, move)))
                gain = log_likelihood_of(moved, histories) - best
                assert gain < LEFT_TO_GAIN, (parameters, moved, gain)


@pytest.mark.parametrize("brand_id", LIMITS)
def test_predictions_at_the_limits(limits, limit_histories, brand_id):
    """Those of the parameters."""
    assert not differing(limits, brand_id, limit_histories[brand_id])


@pytest.mark.parametrize("brand_id", LIMITS)
def test_backtests_at_the_limits(limits, brand_id):
    purchases = clv.day_amounts(rows_of(clv_data.at_limits()[brand_id]))
    assert_backtests(limits, brand_id, purchases, TODAY)


# What holds of any prediction


@pytest.fixture(scope="module")
def predicted(cdnow_builds, retail_builds, limits):
    """Every build and brand that has predictions."""
    builds = [*cdnow_builds.values(), *retail_builds.values(), limits]
    return [(fitted, brand_id) for fitted in builds for brand_id in fitted.fits if fitted.orders(brand_id)]


def test_chances_are_probabilities(predicted):
    """And BG/NBD has no p_alive of whoever bought on one date alone."""
    for fitted, brand_id in predicted:
        has_all = fitted.fits[brand_id]["model"] == "mbg_nbd"
        for row in fitted.customers[brand_id].values():
            if not row["lifetime_orders"]:
                continue
            assert 0 <= row["p_order_90d"] <= row["p_order_365d"] <= 1, row
            if row["distinct_order_days"] > 1 or has_all:
                assert row["p_order_365d"] <= row["p_alive"] <= 1, row
            else:
                assert row["p_alive"] is None, row
            assert row["p_order_90d"] <= row["expected_orders_90d"] * (1 + 1e-9), row


def test_the_base_is_left_with_a_chance(predicted):
    """By everyone in it; the later its end, the smaller."""
    seen = 0
    for fitted, brand_id in predicted:
        for row in fitted.customers[brand_id].values():
            there = row["last_base_day"] is not None
            has_chance = there and row["lifetime_orders"] > 0
            assert (row["churn_probability"] is not None) == has_chance, row
            if has_chance:
                assert 0 <= row["churn_probability"] <= 1, row
                assert row["churn_risk"] == clv.churn_risk(row["churn_probability"])
                seen += 1
    assert seen > 1000


def test_more_days_bring_more_orders(predicted):
    for fitted, brand_id in predicted:
        for row in fitted.customers[brand_id].values():
            if row["lifetime_orders"]:
                thirty, ninety, year = (row[f"expected_orders_{days}d"] for days in clv.HORIZONS)
                assert 0 <= thirty <= ninety <= year, row


def test_a_higher_rate_lowers_the_value(cdnow_builds):
    """Of the same orders; nothing else of the predictions changes."""
    for day in (CDNOW_CUT, CDNOW_LATER):
        customers = cdnow_builds[day].customers
        for customer_id, row in customers["sample"].items():
            steep = customers["steep"][customer_id]
            assert 0 < steep["predicted_clv_365d"] < row["predicted_clv_365d"]
            for column in PREDICTIONS[:-1]:
                assert steep[column] == pytest.approx(row[column], rel=1e-12)


def test_silence_lowers_p_alive(cdnow_builds, sample_histories):
    """Of customers with the same orders, the one who is silent for longer."""
    customers = cdnow_builds[CDNOW_CUT].customers["sample"]

    def orders(customer_id):
        history = sample_histories[customer_id]
        return history.x, history.t_x

    compared = 0
    returning = (c for c, h in sample_histories.items() if h.x > 0)
    for _, alike in groupby(sorted(returning, key=orders), orders):
        chances = {sample_histories[customer_id].T: customers[customer_id]["p_alive"] for customer_id in alike}
        by_silence = [chances[T] for T in sorted(chances)]
        assert by_silence == sorted(by_silence, reverse=True)
        assert len(set(by_silence)) == len(by_silence)
        compared += len(by_silence) - 1
    assert compared > 100


# When parameters are estimated anew


@dataclass(frozen=True)
class Run:
    """A build of the same database: its day, setting, and the fit's day."""

    day: date
    clv_refit: Any
    fitted_as_of: date


RUNS = (
    # nothing is there to keep yet
    Run(CDNOW_CUT, "never", CDNOW_CUT),
    # thirty days old is not older than thirty days
    Run(date(1997, 10, 30), {"when_older_than": 30}, CDNOW_CUT),
    # and a brand that comes new
    Run(date(1997, 12, 29), "never", CDNOW_CUT),
    Run(date(1997, 12, 29), {"when_older_than": 30}, date(1997, 12, 29)),
    Run(date(1998, 1, 5), "always", date(1998, 1, 5)),
)
NEW_FROM = 2  # the run in which the second brand comes


def some_of_the_sample():
    """The orders of every third customer."""
    return [order for order in cdnow() if int(order[0]) % 3 == 0]


@pytest.fixture(scope="module")
def refits(once) -> list[Fitted]:
    """What each of `RUNS` left."""
    return once("refits", build_refits)


def build_refits(folder) -> list[Fitted]:
    """The builds of `refits`."""
    orders = some_of_the_sample()
    raw_dir = clv_data.write_orders(folder / "raw", {"first": orders, "second": orders})
    return [
        built(
            folder / "built",
            raw_dir,
            dict.fromkeys(["first", "second"][: 1 + (n >= NEW_FROM)], FREE),
            run.day,
            clv_refit=run.clv_refit,
        )
        for n, run in enumerate(RUNS)
    ]


def test_parameters_are_kept_as_long_as_is_set(refits):
    """Kept are both models' parameters, and the day that they are of."""
    for n, run in enumerate(RUNS):
        fit = refits[n].fits["first"]
        assert fit["fitted_as_of"] == run.fitted_as_of, run
        if n == 0:
            continue
        before = refits[n - 1]
        kept = run.fitted_as_of == RUNS[n - 1].fitted_as_of
        assert (before.orders("first") == refits[n].orders("first")) == kept
        assert (before.spend("first") == refits[n].spend("first")) == kept


def test_a_new_brand_is_fitted_in_any_case(refits):
    run = RUNS[NEW_FROM]
    fit = refits[NEW_FROM].fits["second"]
    assert run.clv_refit == "never"
    assert fit["fitted_as_of"] == run.day
    # of the same orders on the same day: what an own fit of it gives
    anew = refits[NEW_FROM + 1]
    assert anew.fits["first"]["fitted_as_of"] == run.day
    assert refits[NEW_FROM].orders("second") == pytest.approx(anew.orders("first"), rel=1e-9)


@pytest.mark.parametrize("n", range(len(RUNS)))
def test_what_is_estimated_is_a_maximum_and_what_is_kept_is_used(refits, n):
    """Predictions are of the day, also with parameters of an earlier one."""
    run, fitted = RUNS[n], refits[n]
    amounts = clv.day_amounts(rows_of(some_of_the_sample()))
    fitted_to = list(clv.histories(amounts, run.fitted_as_of).values())
    for parameters in (
        fitted.orders("first"),
        order_model(fitted.others["first"]),
        fitted.spend("first"),
    ):
        step = steps_from_maximum(parameters, fitted_to)
        assert step.is_concave and max(map(abs, step.step)) < 1e-6
    assert not differing(fitted, "first", clv.histories(amounts, run.day))
