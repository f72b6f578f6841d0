#!/usr/bin/env python3
"""Reduce order rows to what the CLV models need of a customer, with DuckDB; run by clv.py, as a process of its own.

    python benchmarks/clv_histories.py purchases.parquet histories.duckdb 2025-12-31
"""

from __future__ import annotations

import json
import sys
import time

import duckdb


def main() -> None:
    purchases, database, as_of_date = sys.argv[1:]
    # settings as in profiles.yml
    with duckdb.connect(database, config={"storage_compatibility_version": "v1.4.0"}) as connection:
        connection.execute("set preserve_insertion_order = false")
        start = time.perf_counter()
        # two steps, as in lifetimes: orders of one day are one order
        connection.execute(
            f"""
            create table histories as
            with order_days as (
                select brand_id, customer_id, order_date, sum(net_revenue) as revenue
                from read_parquet('{purchases}')
                group by brand_id, customer_id, order_date
            )
            select
                brand_id,
                customer_id,
                count(*) as distinct_order_days,
                min(order_date) as first_order_date,
                max(order_date) as last_order_date,
                sum(revenue) as lifetime_net_revenue,
                arg_min(revenue, order_date) as first_date_net_revenue,
                count(*) filter (where date '{as_of_date}' - order_date < 90) as order_days_90d,
                count(*) filter (where date '{as_of_date}' - order_date between 90 and 179) as order_days_prior_90d,
                max(order_date) filter (where date '{as_of_date}' - order_date >= 90) as last_order_date_before_90d
            from order_days
            group by brand_id, customer_id
            """
        )
        steps = {"reduce": time.perf_counter() - start}
    print(json.dumps({"steps": steps}))


if __name__ == "__main__":
    main()
