#!/usr/bin/env python3
"""The same with the Python package lifetimes; run by clv.py in an environment with requirements-lifetimes.txt.

    python benchmarks/clv_lifetimes.py purchases.parquet 2025-12-31 0.10

Reads the order rows, and for each brand reduces, fits and predicts, as the package's own guide does. Prints what it
took, what was fitted, and sums of what was predicted, as JSON.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from contextlib import contextmanager

import pandas
from lifetimes import BetaGeoFitter, GammaGammaFitter
from lifetimes.utils import ConvergenceError, summary_data_from_transaction_data

STEPS: dict[str, float] = {}
HORIZONS = (30, 90, 365)
TOLERANCES = (1e-7, 1e-6, 1e-5, 1e-4, 1e-3)  # the first is the package's own


@contextmanager
def timed(step: str):
    start = time.perf_counter()
    yield
    STEPS[step] = STEPS.get(step, 0.0) + time.perf_counter() - start


def fitted(fitter, *history: pandas.Series):
    """The fit with the smallest tolerance that does not end in an error, and the tolerance."""
    for tolerance in TOLERANCES:
        start = time.perf_counter()
        try:
            fitter.fit(*history, tol=tolerance)
        except ConvergenceError:
            STEPS["failed fits"] = STEPS.get("failed fits", 0.0) + time.perf_counter() - start
            continue
        STEPS["fit"] = STEPS.get("fit", 0.0) + time.perf_counter() - start
        return fitter, tolerance
    raise SystemExit(f"{type(fitter).__name__} does not converge")


def of_brand(orders: pandas.DataFrame, as_of_date: str, annual_discount_rate: float) -> dict:
    with timed("reduce"):
        summary = summary_data_from_transaction_data(
            orders, "customer_id", "order_date", "net_revenue", observation_period_end=as_of_date, freq="D"
        )
    history = summary["frequency"], summary["recency"], summary["T"]
    bgnbd, bgnbd_tolerance = fitted(BetaGeoFitter(), *history)
    repeated = summary[(summary["frequency"] > 0) & (summary["monetary_value"] > 0)]
    gamma_gamma, gamma_gamma_tolerance = fitted(GammaGammaFitter(), repeated["frequency"], repeated["monetary_value"])
    with timed("predict"):
        summary["p_alive"] = bgnbd.conditional_probability_alive(*history)
        for days in HORIZONS:
            summary[f"expected_orders_{days}d"] = bgnbd.predict(days, *history)
        summary["predicted_clv_365d"] = gamma_gamma.customer_lifetime_value(
            bgnbd,
            *history,
            summary["monetary_value"],
            time=12,
            freq="D",
            discount_rate=(1 + annual_discount_rate) ** (1 / 12) - 1,
        )
    backtest(orders, as_of_date)
    predicted = ["p_alive", *(f"expected_orders_{days}d" for days in HORIZONS), "predicted_clv_365d"]
    return {
        "customers": len(summary),
        "repeat_customers": int((summary["frequency"] > 0).sum()),
        "tolerances": {"BG/NBD": bgnbd_tolerance, "Gamma-Gamma": gamma_gamma_tolerance},
        "parameters": {**bgnbd.params_.to_dict(), **gamma_gamma.params_.to_dict()},
        "sums": {name: float(summary[name].sum()) for name in predicted},
        "without_prediction": int(summary[predicted].isna().any(axis=1).sum()),
    }


def backtest(orders: pandas.DataFrame, as_of_date: str) -> None:
    """The project's CLV models fit as of 90 days earlier, too, and predict the 90 days: so does this."""
    with timed("back-test"):
        cut = pandas.Timestamp(as_of_date) - pandas.Timedelta(days=90)
        before = orders[orders["order_date"] <= cut]
        summary = summary_data_from_transaction_data(
            before, "customer_id", "order_date", observation_period_end=cut, freq="D"
        )
        history = summary["frequency"], summary["recency"], summary["T"]
        bgnbd = BetaGeoFitter()
        for tolerance in TOLERANCES:
            try:
                bgnbd.fit(*history, tol=tolerance)
                break
            except ConvergenceError:
                continue
        bgnbd.predict(90, *history)


def main() -> None:
    purchases, as_of_date, annual_discount_rate = sys.argv[1:]
    warnings.simplefilter("ignore")
    with timed("read"):
        orders = pandas.read_parquet(purchases)
        orders["order_date"] = pandas.to_datetime(orders["order_date"])
        orders["net_revenue"] = orders["net_revenue"].astype(float)
    brands = {
        brand_id: of_brand(of_one, as_of_date, float(annual_discount_rate))
        for brand_id, of_one in orders.groupby("brand_id")
    }
    print(json.dumps({"steps": STEPS, "brands": brands}))


if __name__ == "__main__":
    main()
