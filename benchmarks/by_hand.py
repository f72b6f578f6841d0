#!/usr/bin/env python3
"""Five tables of a customer base as people write them by hand: in DuckDB, in polars and in pandas.

    python benchmarks/by_hand.py duckdb benchmarks/data/1000000/orders.parquet tables/ --check lifecycle.duckdb

Customers, months, channels, cohorts and second purchases: what a script of an afternoon has. Of the orders it drops
what this data needs dropped, and nothing else; it has no rejected rows, settings, time in the base, stages, loyalty,
predictions, costs, or tests. Prints what it took as JSON; with a build of the same orders, compares its tables with the
marts. polars and pandas are in requirements-by-hand.txt.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from datetime import date, datetime, timedelta
from pathlib import Path

CURRENCIES = {"harbor": "EUR", "hanok": "KRW", "hudson": "USD"}
ZONES = {"hanok": "Asia/Seoul", "hudson": "America/New_York"}  # harbor's is UTC
STATUSES = ["completed", "paid", "shipped", "delivered", "fulfilled"]
AS_OF_DATE = date(2025, 12, 31)
A_YEAR_AGO = AS_OF_DATE - timedelta(days=365)  # the year is the days after it
MEMORY_UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, in bytes

# what the marts call the same: the columns of each table, and the query that gives them
MARTS = {
    "customers": """
        select brand_id, customer_id, first_order_date, last_order_date, lifetime_orders, lifetime_net_revenue,
            orders_365d, net_revenue_365d
        from marts.customers where lifetime_orders > 0
    """,
    "months": """
        select brand_id, period_start as order_month, orders, purchasing_customers, net_revenue
        from marts.brand_metrics where period_grain = 'month' and orders > 0
    """,
    "channels": """
        select brand_id, period_start as order_month, channel, orders, purchasing_customers, net_revenue
        from marts.sales_channels where orders > 0
    """,
    "cohorts": """
        select brand_id, cohort_start as cohort_month, period_index, purchasing_customers, orders, net_revenue
        from marts.cohort_retention where cohort_grain = 'month' and orders > 0
    """,
    "second_purchases": """
        select brand_id, cohort_start as cohort_month, first_buyers, second_buyers_90d
        from marts.second_purchase where second_buyers_90d is not null
    """,
}


def with_duckdb(orders: Path, tables: Path) -> None:
    import duckdb

    local = " ".join(
        f"when '{brand}' then cast(ordered_at at time zone 'UTC' at time zone '{zone}' as date)"
        for brand, zone in ZONES.items()
    )
    right = " or ".join(f"(brand_id = '{brand}' and currency = '{code}')" for brand, code in CURRENCIES.items())
    connection = duckdb.connect()
    connection.execute("set preserve_insertion_order = false")
    connection.execute(
        f"""
        create table purchases as
        with accepted as (
            select
                *,
                case brand_id {local} else cast(ordered_at as date) end as order_date,
                gross_amount - coalesce(discount_amount, 0) - coalesce(refund_amount, 0) as net_revenue
            from read_parquet('{orders}')
            where
                ({right})
                and customer_id is not null and ordered_at is not null and status is not null and gross_amount >= 0
            qualify row_number() over (partition by brand_id, order_id order by updated_at desc) = 1
        )
        select
            brand_id, customer_id, order_date, net_revenue, coalesce(channel, 'unknown') as channel,
            cast(date_trunc('month', order_date) as date) as order_month,
            row_number() over customers as order_sequence,
            min(order_date) over customers as first_order_date
        from accepted
        where net_revenue > 0 and status in {tuple(STATUSES)} and order_date <= '{AS_OF_DATE}'
        window customers as (partition by brand_id, customer_id order by order_date, ordered_at, order_id)
        """
    )
    queries = {
        "customers": f"""
            select
                brand_id, customer_id, min(order_date) as first_order_date, max(order_date) as last_order_date,
                count(*) as lifetime_orders, sum(net_revenue) as lifetime_net_revenue,
                count(*) filter (where order_date > '{A_YEAR_AGO}') as orders_365d,
                coalesce(sum(net_revenue) filter (where order_date > '{A_YEAR_AGO}'), 0) as net_revenue_365d
            from purchases group by all
        """,
        "months": """
            select
                brand_id, order_month, count(*) as orders, count(distinct customer_id) as purchasing_customers,
                sum(net_revenue) as net_revenue
            from purchases group by all
        """,
        "channels": """
            select
                brand_id, order_month, channel, count(*) as orders,
                count(distinct customer_id) as purchasing_customers, sum(net_revenue) as net_revenue
            from purchases group by all
        """,
        "cohorts": """
            select
                brand_id, cast(date_trunc('month', first_order_date) as date) as cohort_month,
                datediff('month', first_order_date, order_date) as period_index,
                count(distinct customer_id) as purchasing_customers, count(*) as orders,
                sum(net_revenue) as net_revenue
            from purchases group by all
        """,
        "second_purchases": f"""
            select
                brand_id, cast(date_trunc('month', first_order_date) as date) as cohort_month,
                count(*) filter (where order_sequence = 1) as first_buyers,
                count(*) filter (where order_sequence = 2 and order_date - first_order_date <= 90)
                    as second_buyers_90d
            from purchases
            group by 1, 2
            having last_day(min(first_order_date)) + 90 <= '{AS_OF_DATE}'
        """,
    }
    for name, query in queries.items():
        connection.execute(f"copy ({query}) to '{tables / name}.parquet'")


def with_polars(orders: Path, tables: Path) -> None:
    import polars as pl

    utc = pl.col("ordered_at").dt.replace_time_zone("UTC")
    local = pl.col("ordered_at").dt.date()
    for brand, zone in ZONES.items():
        local = pl.when(pl.col("brand_id") == brand).then(utc.dt.convert_time_zone(zone).dt.date()).otherwise(local)
    purchases = (
        pl.scan_parquet(orders)
        .filter(
            pl.col("currency") == pl.col("brand_id").replace_strict(CURRENCIES, default=None),
            pl.col("customer_id").is_not_null() & pl.col("ordered_at").is_not_null() & pl.col("status").is_not_null(),
            pl.col("gross_amount") >= 0,
        )
        .with_columns(
            *(  # in ten-thousandths
                (pl.col(f"{name}_amount").fill_null(0).cast(pl.Float64) * 10000).round().cast(pl.Int64).alias(name)
                for name in ("gross", "discount", "refund")
            ),
            local.alias("order_date"),
        )
        .with_columns((pl.col("gross") - pl.col("discount") - pl.col("refund")).alias("net_revenue"))
        .sort("updated_at", descending=True, nulls_last=True)
        .unique(["brand_id", "order_id"], keep="first", maintain_order=True)
        .filter(pl.col("net_revenue") > 0, pl.col("status").is_in(STATUSES), pl.col("order_date") <= AS_OF_DATE)
        .sort("brand_id", "customer_id", "order_date", "ordered_at", "order_id")
        .select(
            "brand_id",
            "customer_id",
            "order_date",
            "net_revenue",
            pl.col("channel").fill_null("unknown"),
            pl.col("order_date").dt.truncate("1mo").alias("order_month"),
            pl.int_range(1, pl.len() + 1).over("brand_id", "customer_id").alias("order_sequence"),
            pl.col("order_date").min().over("brand_id", "customer_id").alias("first_order_date"),
        )
        .with_columns(pl.col("first_order_date").dt.truncate("1mo").alias("cohort_month"))
        .collect()
    )
    recent = pl.col("order_date") > A_YEAR_AGO
    sums = [
        pl.len().alias("orders"),
        pl.col("customer_id").n_unique().alias("purchasing_customers"),
        pl.col("net_revenue").sum(),
    ]
    since = pl.col("order_month").dt.year() * 12 + pl.col("order_month").dt.month()
    since -= pl.col("cohort_month").dt.year() * 12 + pl.col("cohort_month").dt.month()
    is_second = (pl.col("order_sequence") == 2) & (
        (pl.col("order_date") - pl.col("first_order_date")).dt.total_days() <= 90
    )
    found = {
        "customers": purchases.group_by("brand_id", "customer_id").agg(
            pl.col("order_date").min().alias("first_order_date"),
            pl.col("order_date").max().alias("last_order_date"),
            pl.len().alias("lifetime_orders"),
            pl.col("net_revenue").sum().alias("lifetime_net_revenue"),
            recent.sum().alias("orders_365d"),
            pl.col("net_revenue").filter(recent).sum().alias("net_revenue_365d"),
        ),
        "months": purchases.group_by("brand_id", "order_month").agg(sums),
        "channels": purchases.group_by("brand_id", "order_month", "channel").agg(sums),
        "cohorts": purchases.group_by("brand_id", "cohort_month", since.alias("period_index")).agg(sums),
        "second_purchases": purchases.group_by("brand_id", "cohort_month")
        .agg((pl.col("order_sequence") == 1).sum().alias("first_buyers"), is_second.sum().alias("second_buyers_90d"))
        .filter(pl.col("cohort_month").dt.month_end() + timedelta(days=90) <= AS_OF_DATE),
    }
    for name, table in found.items():
        table.write_parquet(tables / f"{name}.parquet")


def with_pandas(orders: Path, tables: Path) -> None:
    import pandas as pd

    found = pd.read_parquet(orders)
    found = found[
        (found["currency"] == found["brand_id"].map(CURRENCIES))
        & found["customer_id"].notna()
        & found["ordered_at"].notna()
        & found["status"].notna()
        & (found["gross_amount"].astype(float) >= 0)
    ].copy()
    found["net_revenue"] = 0
    for name, sign in (("gross", 1), ("discount", -1), ("refund", -1)):
        amount = found[f"{name}_amount"].astype(float).fillna(0) * 10000  # ten-thousandths
        found["net_revenue"] += sign * amount.round().astype("int64")
    found = found.sort_values("updated_at", ascending=False).drop_duplicates(["brand_id", "order_id"])
    found["order_date"] = found["ordered_at"].dt.normalize()
    for brand, zone in ZONES.items():
        times = found.loc[found["brand_id"] == brand, "ordered_at"].dt.tz_localize("UTC").dt.tz_convert(zone)
        found.loc[times.index, "order_date"] = times.dt.tz_localize(None).dt.normalize().astype("datetime64[us]")
    found = found[
        (found["net_revenue"] > 0) & found["status"].isin(STATUSES) & (found["order_date"] <= datetime(2025, 12, 31))
    ].sort_values(["brand_id", "customer_id", "order_date", "ordered_at", "order_id"])
    found["channel"] = found["channel"].fillna("unknown")
    customers = found.groupby(["brand_id", "customer_id"], sort=False)
    found["order_sequence"] = customers.cumcount() + 1
    found["first_order_date"] = customers["order_date"].transform("min")
    found["order_month"] = found["order_date"].dt.to_period("M").dt.to_timestamp()
    found["cohort_month"] = found["first_order_date"].dt.to_period("M").dt.to_timestamp()
    months = found["order_month"].dt.year * 12 + found["order_month"].dt.month
    found["period_index"] = months - found["cohort_month"].dt.year * 12 - found["cohort_month"].dt.month
    recent = found["order_date"] > pd.Timestamp(A_YEAR_AGO)
    found["recent"], found["recent_revenue"] = recent.astype("int64"), found["net_revenue"].where(recent, 0)
    found["is_first"] = found["order_sequence"] == 1
    found["is_second"] = (found["order_sequence"] == 2) & (
        (found["order_date"] - found["first_order_date"]).dt.days <= 90
    )

    def summed(*keys: str) -> pd.DataFrame:
        return (
            found.groupby(list(keys))
            .agg(
                orders=("customer_id", "size"),
                purchasing_customers=("customer_id", "nunique"),
                net_revenue=("net_revenue", "sum"),
            )
            .reset_index()
        )

    second = (
        found.groupby(["brand_id", "cohort_month"])
        .agg(first_buyers=("is_first", "sum"), second_buyers_90d=("is_second", "sum"))
        .reset_index()
    )
    end = second["cohort_month"] + pd.offsets.MonthEnd(0) + pd.Timedelta(days=90)
    results = {
        "customers": found.groupby(["brand_id", "customer_id"], sort=False)
        .agg(
            first_order_date=("order_date", "min"),
            last_order_date=("order_date", "max"),
            lifetime_orders=("order_date", "size"),
            lifetime_net_revenue=("net_revenue", "sum"),
            orders_365d=("recent", "sum"),
            net_revenue_365d=("recent_revenue", "sum"),
        )
        .reset_index(),
        "months": summed("brand_id", "order_month"),
        "channels": summed("brand_id", "order_month", "channel"),
        "cohorts": summed("brand_id", "cohort_month", "period_index"),
        "second_purchases": second[end <= pd.Timestamp(AS_OF_DATE)],
    }
    for name, table in results.items():
        table.to_parquet(tables / f"{name}.parquet", index=False)


ENGINES = {"duckdb": with_duckdb, "polars": with_polars, "pandas": with_pandas}


def differences(engine: str, tables: Path, build: Path) -> dict[str, int]:
    """The rows of each table that only this script, or only the build, has."""
    import duckdb

    scale = "" if engine == "duckdb" else " / 10000"
    found = {}
    with duckdb.connect(str(build), read_only=True) as connection:
        for name, query in MARTS.items():
            columns = connection.execute(f"describe {query}").fetchall()
            ours = ", ".join(
                f"cast({column}{scale if 'revenue' in column else ''} as {kind})" for column, kind, *_ in columns
            )
            read = f"select {ours} from read_parquet('{tables / name}.parquet')"
            found[name] = connection.execute(
                f"select count(*) from ((({read}) except all ({query})) union all (({query}) except all ({read})))"
            ).fetchall()[0][0]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("engine", choices=ENGINES)
    parser.add_argument("orders", type=Path)
    parser.add_argument("tables", type=Path, help="the folder to write to")
    parser.add_argument("--check", type=Path, help="a build of the same orders, whose marts must say the same")
    options = parser.parse_args()
    options.tables.mkdir(parents=True, exist_ok=True)
    start = time.perf_counter()
    ENGINES[options.engine](options.orders, options.tables)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    measured = {
        "engine": options.engine,
        "seconds": round(time.perf_counter() - start, 2),
        "processor_seconds": round(usage.ru_utime + usage.ru_stime, 2),
        "peak_memory_bytes": usage.ru_maxrss * MEMORY_UNIT,
    }
    if options.check:
        measured["differing_rows"] = differences(options.engine, options.tables, options.check)
    print(json.dumps(measured))
    if any(measured.get("differing_rows", {}).values()):
        sys.exit(f"{options.engine}: other rows than the marts")


if __name__ == "__main__":
    main()
