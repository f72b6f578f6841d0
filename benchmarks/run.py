#!/usr/bin/env python3
"""How long the models take for 1 and 10 million orders, compared with the least that any reading of them takes.

    make bench
    python benchmarks/run.py --orders 1000000 --tables all
    python benchmarks/run.py --orders 1000000 --publish      # data tests and publishing too
    python benchmarks/run.py --by-hand                       # beside it, five tables by hand: DuckDB, polars, pandas

The floor is one query that reads the orders once and groups them by customer, with the same DuckDB, threads and
settings, in the same run. Every run adds a line to benchmarks/results.csv. See benchmarks/README.md for what the
figures mean.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import duckdb

from environments import python_with
from generate import TABLES, generate, settings
from markdown_table import head, row

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "benchmarks" / "data"
OUT = ROOT / "benchmarks" / "out"
DBT = Path(sys.executable).with_name("dbt")
RESULTS = ROOT / "benchmarks" / "results.csv"
BY_HAND = ROOT / "benchmarks" / "by_hand.py"
BY_HAND_REQUIREMENTS = ROOT / "benchmarks" / "requirements-by-hand.txt"
TOOLS_BY_HAND = ("duckdb", "polars", "pandas")
RECORDED_OF_REPORT = ["began", "commit", "tables", "cores", "duckdb", "duckdb_threads"]
RECORDED_OF_RUN = [
    "orders",
    "model_count",
    "models_seconds",
    "floor_median_seconds",
    "models_to_floor",
    "processor_seconds",
    "processor_floor_median_seconds",
    "processor_to_floor",
    "peak_memory_bytes",
    "database_bytes",
    "wall_seconds",
    "data_tests_seconds",
    "publish_seconds",
    "load_before",
    "memory_limit",
]
FLOOR_RUNS = 5
# the least that any reading of the orders takes
FLOOR = """
    select brand_id, customer_id, count(*) as orders, sum(gross_amount) as amount,
        min(ordered_at) as first_at, max(ordered_at) as last_at
    from {orders}
    group by brand_id, customer_id
"""
SLOWEST = 10
MEMORY_SETTINGS = ("LIFECYCLE_DUCKDB_MEMORY", "LIFECYCLE_DUCKDB_TEMP")
MEMORY_UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, in bytes


def dbt_environment(database: Path) -> dict:
    """The environment in which dbt builds into a file, with the caller's limit of memory: the caller's own choice of
    warehouse and target is not taken."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("LIFECYCLE_", "DBT_")) or name in MEMORY_SETTINGS
    }
    return environment | {"LIFECYCLE_DUCKDB_PATH": str(database), "LIFECYCLE_TARGET": "duckdb"}


@dataclass(frozen=True)
class Command:
    """A command that has ended: when it ran, the processor time it took, the bytes of memory it held at most."""

    began: datetime
    ended: datetime
    processor_seconds: float
    memory: int

    @property
    def seconds(self) -> float:
        return seconds(self.began, self.ended)


def run(arguments: list, environment: dict) -> Command:
    """Run a command of the project to its end; stop here if it fails."""
    began = datetime.now(timezone.utc)
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(arguments, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        ended = datetime.now(timezone.utc)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            output.seek(0)
            sys.exit(f"{output.read()[-4000:]}\n{' '.join(map(str, arguments[:4]))} failed")
    return Command(began, ended, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * MEMORY_UNIT)


def dbt(arguments: list, environment: dict) -> Command:
    return run([DBT, "--no-use-colors", *arguments], environment)


def commit() -> str:
    """The commit that is measured, with a plus sign where the work tree differs from it."""

    def git(*arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()

    measured = ["models", "macros", "dbt_project.yml", "profiles.yml"]
    changed = git("status", "--porcelain", "--untracked-files=no", "--", *measured)
    return git("rev-parse", "--short=7", "HEAD") + ("+" if changed else "")


def seconds(began: datetime, ended: datetime) -> float:
    return (ended - began).total_seconds()


def instant(text: str) -> datetime:
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


def floor_seconds(orders: Path, folder: Path) -> tuple[list[float], list[float]]:
    """How long one group by customer over the orders takes, written into a table: by the clock and in processor time,
    several times each."""
    times, processor_times = [], []
    options = {"storage_compatibility_version": "v1.4.0"}  # as in profiles.yml
    with duckdb.connect(str(folder / "floor.duckdb"), config=options) as connection:
        connection.execute("set preserve_insertion_order = false")
        # once before, so that the file is in memory each time
        for _ in range(FLOOR_RUNS + 1):
            connection.execute("drop table if exists floor")
            start, processor_start = time.perf_counter(), time.process_time()
            reading = f"read_parquet('{orders}')"
            connection.execute(f"create table floor as {FLOOR.format(orders=reading)}")
            times.append(time.perf_counter() - start)
            processor_times.append(time.process_time() - processor_start)
    return times[1:], processor_times[1:]


def layer_of(node: dict) -> str:
    """The folder beneath models."""
    return Path(node["original_file_path"]).parts[1]


def by_hand(orders: Path, database: Path, folder: Path) -> list[dict]:
    """What five tables by hand take over the same orders, with each tool; fails where a row is not as in the marts."""
    python = python_with(BY_HAND_REQUIREMENTS, OUT)
    measured = []
    for tool in TOOLS_BY_HAND:
        print(f"    by hand, {tool}", file=sys.stderr)
        command = [python, BY_HAND, tool, orders, folder / tool, "--check", database]
        said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
        measured.append(json.loads(said))
    return measured


def measure(orders: int, tables: list[str], with_publishing: bool, with_tables_by_hand: bool) -> dict:
    raw_dir = DATA / f"{orders}{'-all' if tables != ['orders'] else ''}"
    print(f"{orders:,} orders: generating" if not raw_dir.exists() else f"{orders:,} orders", file=sys.stderr)
    data = generate(orders, raw_dir, tables=tables)
    scratch = Path(tempfile.mkdtemp(prefix="bench-", dir=DATA))
    try:
        database = scratch / "lifecycle.duckdb"
        environment = dbt_environment(database)
        arguments = [
            "--vars",
            json.dumps({"raw_dir": str(raw_dir), "raw_tables": tables, **settings()}),
            "--target-path",
            str(scratch / "target"),
            "--log-path",
            str(scratch / "logs"),
        ]
        load = os.getloadavg()[0]
        print("    seeds", file=sys.stderr)
        seeding = dbt(["seed", "--select", "path:seeds/reference", *arguments], environment)
        print("    floor", file=sys.stderr)
        floors, processor_floors = floor_seconds(raw_dir / "orders.parquet", scratch)
        # dbt's own work: the same models over no rows
        print("    dbt alone", file=sys.stderr)
        idle = dbt(["run", "--empty", *arguments], environment)
        print("    models", file=sys.stderr)
        ran = dbt(["run", *arguments], environment)
        nodes = json.loads((scratch / "target" / "manifest.json").read_text())["nodes"]
        results = json.loads((scratch / "target" / "run_results.json").read_text())["results"]
        layers: dict[str, float] = {}
        models, starts, ends = [], [], []
        for result in results:
            node = nodes.get(result["unique_id"])
            if node is None or node["resource_type"] != "model" or not result["timing"]:
                continue
            layer = layer_of(node)
            layers[layer] = layers.get(layer, 0) + result["execution_time"]
            models.append(
                {
                    "model": node["name"],
                    "layer": layer,
                    "materialized": node["config"]["materialized"],
                    "seconds": round(result["execution_time"], 2),
                }
            )
            starts.append(min(instant(part["started_at"]) for part in result["timing"]))
            ends.append(max(instant(part["completed_at"]) for part in result["timing"]))
        floor, processor_floor = statistics.median(floors), statistics.median(processor_floors)
        working = seconds(min(starts), max(ends))
        processor_working = ran.processor_seconds - idle.processor_seconds
        measured = {
            "orders": orders,
            "rows": data["rows"],
            "customers": data["customers"],
            "parquet_bytes": sum(file.stat().st_size for file in raw_dir.glob("*.parquet")),
            "database_bytes": database.stat().st_size,
            "floor_seconds": [round(value, 3) for value in floors],
            "floor_median_seconds": round(floor, 3),
            "layer_seconds": {layer: round(value, 2) for layer, value in layers.items()},
            "models_seconds": round(working, 2),
            "processor_seconds": round(processor_working, 2),
            "processor_floor_median_seconds": round(processor_floor, 3),
            "start_up_seconds": round(seconds(ran.began, min(starts)), 2),
            "closing_seconds": round(seconds(max(ends), ran.ended), 2),
            "wall_seconds": round(ran.seconds, 2),
            "load_before": round(load, 1),
            "memory_limit": environment.get("LIFECYCLE_DUCKDB_MEMORY", ""),
            "seed_seconds": round(seeding.seconds, 2),
            "peak_memory_bytes": ran.memory,
            "models_to_floor": round(working / floor, 1),
            "processor_to_floor": round(processor_working / processor_floor, 1),
            "wall_to_floor": round(ran.seconds / floor, 1),
            "model_count": len(models),
            "models": sorted(models, key=lambda model: -model["seconds"]),
        }
        if with_tables_by_hand:
            measured["by_hand"] = by_hand(raw_dir / "orders.parquet", database, scratch / "by_hand")
        if with_publishing:
            # only a whole, tested build is published, so this builds once more, with the data tests
            print("    build, data tests, publishing", file=sys.stderr)
            built = dbt(["build", "--exclude-resource-type", "unit_test", "exposure", *arguments], environment)
            results = json.loads((scratch / "target" / "run_results.json").read_text())["results"]
            tests = [result for result in results if result["unique_id"].startswith("test.")]
            publish = [
                sys.executable,
                "scripts/publish.py",
                "publish",
                "--publications",
                str(scratch / "publications"),
            ]
            published = run(publish, environment)
            measured |= {
                "build_seconds": round(built.seconds, 2),
                "data_tests": len(tests),
                "data_tests_seconds": round(sum(result["execution_time"] for result in tests), 2),
                "publish_seconds": round(published.seconds, 2),
                "publish_to_floor": round(published.seconds / floor, 1),
            }
        return measured
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def markdown(runs: list[dict]) -> str:
    def figures(key: str) -> list[str]:
        return [f"{run[key]:.1f}" for run in runs]

    layers = list(dict.fromkeys(layer for run in runs for layer in run["layer_seconds"]))
    usual = ["staging", "reference", "facts", "marts", "quality"]
    layers.sort(key=lambda layer: usual.index(layer) if layer in usual else len(usual))
    lines = [
        *head([f"{run['orders']:,} orders" for run in runs]),
        row("customers", [f"{run['customers']:,}" for run in runs]),
        row("input, MB of parquet", [f"{run['parquet_bytes'] / 1e6:,.0f}" for run in runs]),
        *(row(f"{layer}, s", [f"{run['layer_seconds'].get(layer, 0):.1f}" for run in runs]) for layer in layers),
        row("**all models, first start to last end, s**", figures("models_seconds")),
        row("dbt before the first model, s", figures("start_up_seconds")),
        row("dbt after the last model, s", figures("closing_seconds")),
        row("**whole `dbt run`, s**", figures("wall_seconds")),
        row(
            f"floor, s: median of {FLOOR_RUNS} (least to most)",
            [
                f"{run['floor_median_seconds']:.2f} ({min(run['floor_seconds']):.2f} to "
                f"{max(run['floor_seconds']):.2f})"
                for run in runs
            ],
        ),
        row("**models / floor**", figures("models_to_floor")),
        row("processor time of the models, s", figures("processor_seconds")),
        row("floor in processor time, s", [f"{run['processor_floor_median_seconds']:.2f}" for run in runs]),
        row("**models / floor, in processor time**", figures("processor_to_floor")),
        row("whole run / floor", figures("wall_to_floor")),
        row("peak memory, GB", [f"{run['peak_memory_bytes'] / 1e9:.1f}" for run in runs]),
        row("DuckDB's limit of memory", [run["memory_limit"] or "half of the machine" for run in runs]),
        row("other load on the machine before, processes", [f"{run['load_before']:.1f}" for run in runs]),
        row("database, MB", [f"{run['database_bytes'] / 1e6:,.0f}" for run in runs]),
    ]
    if "publish_seconds" in runs[0]:
        lines += [
            row("`dbt build` with data tests, s", figures("build_seconds")),
            row("data tests, s", [f"{run['data_tests_seconds']:.1f} ({run['data_tests']})" for run in runs]),
            row("publishing, s", figures("publish_seconds")),
            row("publishing / floor", figures("publish_to_floor")),
        ]
    for place, tool in enumerate(TOOLS_BY_HAND if "by_hand" in runs[0] else []):
        taken = [run["by_hand"][place] for run in runs]
        floors = [run["processor_floor_median_seconds"] for run in runs]
        times = [one["processor_seconds"] for one in taken]
        lines += [
            row(
                f"by hand, {tool}: processor time, s (floors)",
                [f"{time:.1f} ({time / floor:.1f})" for time, floor in zip(times, floors)],
            ),
            row(f"by hand, {tool}: by the clock, s", [f"{one['seconds']:.1f}" for one in taken]),
            row(f"by hand, {tool}: peak memory, GB", [f"{one['peak_memory_bytes'] / 1e9:.1f}" for one in taken]),
        ]
    for run in runs:
        lines += [
            "",
            f"The slowest models of {run['orders']:,} orders:",
            "",
            "| model | layer | as | s |",
            "|---|---|---|--:|",
            *(
                row(model["model"], [model["layer"], model["materialized"], f"{model['seconds']:.1f}"])
                for model in run["models"][:SLOWEST]
            ),
        ]
    return "\n".join(lines)


def record(report: dict) -> None:
    """Add a line for each size to results.csv."""
    is_new = not RESULTS.exists()
    with RESULTS.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if is_new:
            writer.writerow(RECORDED_OF_REPORT + RECORDED_OF_RUN)
        for size in report["runs"]:
            of_report = [report[name] for name in RECORDED_OF_REPORT]
            writer.writerow(of_report + [size.get(name, "") for name in RECORDED_OF_RUN])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument(
        "--tables", choices=["orders", "all"], default="orders", help="orders alone (default), or all six tables"
    )
    parser.add_argument("--publish", action="store_true", help="measure data tests and publishing as well")
    parser.add_argument(
        "--by-hand", action="store_true", help="measure five tables by hand as well, in DuckDB, polars and pandas"
    )
    options = parser.parse_args()
    DATA.mkdir(exist_ok=True)
    OUT.mkdir(exist_ok=True)
    began = datetime.now(timezone.utc)
    tables = TABLES if options.tables == "all" else ["orders"]
    runs = [measure(orders, tables, options.publish, options.by_hand) for orders in options.orders]
    report = {
        "began": began.isoformat(timespec="seconds"),
        "commit": commit(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "duckdb": duckdb.__version__,
        "duckdb_threads": duckdb.sql("select current_setting('threads')").fetchone()[0],
        "tables": options.tables,
        "runs": runs,
    }
    file = OUT / f"{began:%Y%m%d-%H%M%S}.json"
    file.write_text(json.dumps(report, indent=2) + "\n")
    record(report)
    print(
        f"Commit {report['commit']}, {runs[-1]['model_count']} models, DuckDB {report['duckdb']}, "
        f"{report['duckdb_threads']} threads, {report['cores']} cores\n"
    )
    print(markdown(runs))
    print(f"\nEvery figure: {file.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
