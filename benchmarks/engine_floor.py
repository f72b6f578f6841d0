#!/usr/bin/env python3
"""One group by customer over the orders, on an engine: what engines.py compares the models with. Prints JSON.

python benchmarks/engine_floor.py duckdb orders.parquet database.duckdb
python benchmarks/engine_floor.py postgres orders.parquet 1234     # the server's process; loads landing.orders
python benchmarks/engine_floor.py spark orders.parquet
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from processes import processor_seconds
from run import FLOOR

RUNS = 3


def times(statement: Callable[[str], object], create: str, orders: str, roots: list[int]) -> dict:
    """Each run's seconds, by the clock and in processor time; one more before, so that the rows are in memory."""
    found: dict[str, list[float]] = {"seconds": [], "processor_seconds": []}
    for _ in range(RUNS + 1):
        statement("drop table if exists floor")
        clock, processor = time.perf_counter(), processor_seconds(roots)
        statement(f"{create} {FLOOR.format(orders=orders)}")
        found["seconds"].append(round(time.perf_counter() - clock, 3))
        found["processor_seconds"].append(round(processor_seconds(roots) - processor, 3))
    statement("drop table floor")
    return {name: values[1:] for name, values in found.items()}


def on_duckdb(file: str, database: str) -> dict:
    import duckdb

    with duckdb.connect(database, config={"storage_compatibility_version": "v1.4.0"}) as connection:
        connection.execute("set preserve_insertion_order = false")
        return times(connection.execute, "create table floor as", f"read_parquet('{file}')", [os.getpid()])


def on_postgres(file: str, server: str) -> dict:
    import duckdb
    import psycopg2

    # these names of types are Postgres's too, but for one
    columns = [
        f"{name} {'double precision' if kind == 'DOUBLE' else kind}"
        for name, kind, *_ in duckdb.sql(f"describe from read_parquet('{file}')").fetchall()
    ]
    connection = psycopg2.connect("")
    connection.autocommit = True
    with tempfile.TemporaryDirectory() as folder, connection.cursor() as cursor:
        rows = Path(folder) / "orders.csv"
        duckdb.sql(f"copy (from read_parquet('{file}')) to '{rows}' (header false)")
        cursor.execute("drop schema if exists landing cascade; create schema landing")
        cursor.execute(f"create table landing.orders ({', '.join(columns)})")
        with rows.open() as lines:
            cursor.copy_expert("copy landing.orders from stdin (format csv)", lines)
        cursor.execute("vacuum analyze landing.orders")
        return times(cursor.execute, "create table floor as", "landing.orders", [int(server)])


def on_spark(file: str) -> dict:
    from pyspark.sql import SparkSession

    folder = os.environ["LIFECYCLE_SPARK_DIR"]
    settings = {
        "spark.master": os.environ["LIFECYCLE_SPARK_MASTER"],
        "spark.driver.memory": os.environ.get("LIFECYCLE_SPARK_MEMORY", "4g"),
        "spark.sql.warehouse.dir": f"{folder}/floor",
        "spark.sql.shuffle.partitions": "8",
        "spark.sql.session.timeZone": "UTC",
        "spark.ui.enabled": "false",
        "spark.log.level": "OFF",
        "spark.driver.extraJavaOptions": f"-Dderby.system.home={folder}",
    }
    builder = SparkSession.builder
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    return times(session.sql, "create table floor using parquet as", f"parquet.`{file}`", [os.getpid()])


if __name__ == "__main__":
    print(json.dumps({"duckdb": on_duckdb, "postgres": on_postgres, "spark": on_spark}[sys.argv[1]](*sys.argv[2:])))
