#!/usr/bin/env python3
"""Predict for every customer with the fitted models, with DuckDB; run by clv.py, as a process of its own.

    python benchmarks/clv_predictions.py lifecycle.duckdb

`fct_clv_predictions` is a view, which `customers` reads. Here its rows are taken into memory, as lifetimes has them.
Prints what it took and sums of what was predicted, as JSON.
"""

from __future__ import annotations

import json
import sys
import time

import duckdb

SUMS = ("p_alive", "expected_orders_30d", "expected_orders_90d", "expected_orders_365d", "predicted_clv_365d")


def main() -> None:
    (database,) = sys.argv[1:]
    with duckdb.connect(database, read_only=True) as connection:
        connection.execute("set preserve_insertion_order = false")
        start = time.perf_counter()
        connection.execute(
            """
            create temp table predictions as
            select
                brand_id,
                customer_id,
                p_alive,
                expected_orders_30d,
                expected_orders_90d,
                expected_orders_365d,
                expected_order_value,
                discounted_orders_365d * expected_order_value as predicted_clv_365d
            from facts.fct_clv_predictions
            where cut_days = 0
            """
        )
        steps = {"predict": time.perf_counter() - start}
        brands = connection.execute(
            f"select brand_id, {', '.join(f'sum({name})' for name in SUMS)} from predictions group by brand_id"
        ).fetchall()
    print(json.dumps({"steps": steps, "sums": {row[0]: dict(zip(SUMS, row[1:])) for row in brands}}))


if __name__ == "__main__":
    main()
