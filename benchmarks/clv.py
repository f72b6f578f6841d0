#!/usr/bin/env python3
"""BG/NBD and Gamma-Gamma fitted and applied in the warehouse, against the Python package lifetimes.

    make bench-clv                                                  # 1 million customers, both
    make bench-clv BENCH_ARGS="--customers 100000"
    make bench-clv BENCH_ARGS="--scale 100000 1000000 10000000"     # the project alone, at three sizes

Both start from the same order rows in one parquet file. See benchmarks/README.md for what the figures mean.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path

import duckdb

from clv_predictions import SUMS
from environments import python_with
from generate import AS_OF_DATE, ORDERS_PER_CUSTOMER, generate, settings
from run import DATA, MEMORY_UNIT, OUT, ROOT, dbt, dbt_environment, instant, seconds

HERE = Path(__file__).resolve().parent
REQUIREMENTS = HERE / "requirements-lifetimes.txt"
CLV_MODELS = "path:models/facts/clv"
REDUCING_MODEL = "fct_clv_order_days"
BACKTEST_MODELS = ("clv_backtests", "clv_model_fit")
DISCOUNT = 0.10
PARAMETERS = ("r", "alpha", "a", "b", "p", "q", "v")


def child(command: list) -> dict:
    """Run a program that prints JSON; its answer, the seconds by the clock and the bytes it held at most."""
    start = time.perf_counter()
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen([str(part) for part in command], stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        printed = output.read()
    if process.returncode != 0:
        sys.exit(f"{printed[-4000:]}\n{Path(command[1]).name} failed")
    return {
        **json.loads(printed.splitlines()[-1]),
        "seconds": round(wall, 2),
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 2),
        "memory_bytes": usage.ru_maxrss * MEMORY_UNIT,
    }


def measure(customers: int, with_lifetimes: bool) -> dict:
    orders = round(customers * ORDERS_PER_CUSTOMER)
    raw_dir = DATA / str(orders)
    print(f"{customers:,} customers, {orders:,} orders", file=sys.stderr)
    generate(orders, raw_dir, customers)
    python = python_with(REQUIREMENTS, OUT) if with_lifetimes else None
    scratch = Path(tempfile.mkdtemp(prefix="bench-clv-", dir=DATA))
    try:
        database = scratch / "lifecycle.duckdb"
        environment = dbt_environment(database)
        variables = {
            "raw_dir": str(raw_dir),
            "raw_tables": ["orders"],
            "annual_discount_rate": DISCOUNT,
            **settings(),
            # the model that lifetimes has: what both say of the customers is held against each other
            "brand_defaults": {"clv": {"model": "bg_nbd"}},
        }
        arguments = [
            "--vars",
            json.dumps(variables),
            "--target-path",
            str(scratch / "target"),
            "--log-path",
            str(scratch / "logs"),
        ]
        print("    what the CLV models read", file=sys.stderr)
        dbt(
            [
                "build",
                "--resource-type",
                "model",
                "seed",
                "--select",
                "+fct_clv_predictions",
                "--exclude",
                CLV_MODELS,
                *arguments,
            ],
            environment,
        )
        purchases = scratch / "purchases.parquet"
        with duckdb.connect(str(database), read_only=True) as connection:
            rows, days = connection.execute(
                "select count(*), count(distinct (brand_id, customer_id, order_date)) from facts.fct_orders where "
                "is_purchase"
            ).fetchone()
            connection.execute(
                f"""
                copy (
                    select brand_id, customer_id, order_date, net_revenue from facts.fct_orders where is_purchase
                ) to '{purchases}' (format parquet)
                """
            )
        load = os.getloadavg()[0]
        print("    CLV models", file=sys.stderr)
        ran = dbt(["run", "--select", CLV_MODELS, *BACKTEST_MODELS, *arguments], environment)
        results = [
            result
            for result in json.loads((scratch / "target" / "run_results.json").read_text())["results"]
            if result["unique_id"].startswith("model.")
        ]
        timings = [part for result in results for part in result["timing"]]
        first = min(instant(part["started_at"]) for part in timings)
        last = max(instant(part["completed_at"]) for part in timings)
        models = {result["unique_id"].split(".")[-1]: round(result["execution_time"], 2) for result in results}
        print("    predictions", file=sys.stderr)
        predictions = child([sys.executable, HERE / "clv_predictions.py", database])
        with duckdb.connect(str(database), read_only=True) as connection:
            fitted = connection.execute(
                f"""
                select brand_id, customers, repeat_customers, fit_status, {", ".join(PARAMETERS)}
                from facts.fct_clv_parameters where cut_days = 0 and model = 'bg_nbd' order by brand_id
                """
            ).fetchall()
            (groups,) = connection.execute("select count(*) from facts.int_clv_groups").fetchone()
        measured = {
            "customers": sum(row[1] for row in fitted),
            "purchases": rows,
            "order_days": days,
            "groups": groups,
            "load_before": round(load, 1),
            "project": {
                # every other model waits for the one that reduces the orders
                "reduce_seconds": models[REDUCING_MODEL],
                "models_seconds": round(seconds(first, last) - models[REDUCING_MODEL], 2),
                "predict_seconds": predictions["seconds"],
                "start_up_seconds": round(seconds(ran.began, first), 2),
                "run_seconds": round(ran.seconds, 2),
                "cpu_seconds": round(predictions["cpu_seconds"] + ran.processor_seconds, 2),
                "memory_bytes": max(ran.memory, predictions["memory_bytes"]),
                "models": models,
                "brands": {
                    row[0]: {
                        "customers": row[1],
                        "repeat_customers": row[2],
                        "fit_status": row[3],
                        "parameters": dict(zip(PARAMETERS, row[4:])),
                        "sums": predictions["sums"][row[0]],
                    }
                    for row in fitted
                },
            },
        }
        project = measured["project"]
        project["seconds"] = round(project["run_seconds"] + project["predict_seconds"], 2)
        if python:
            print("    lifetimes", file=sys.stderr)
            measured["lifetimes"] = child(
                [python, HERE / "clv_lifetimes.py", purchases, AS_OF_DATE.isoformat(), DISCOUNT]
            )
            measured["load_after"] = round(os.getloadavg()[0], 1)
        return measured
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def comparison(measured: dict) -> str:
    """What both took, and how far apart their parameters and predictions are."""
    project, other = measured["project"], measured["lifetimes"]
    steps = other["steps"]
    # fits that ended in an error are not counted: who knows the tolerance that works need not wait for them
    taken = other["seconds"] - steps.get("failed fits", 0)
    modelling = steps["fit"] + steps["predict"] + steps["back-test"]
    own_modelling = project["models_seconds"] + project["predict_seconds"]
    both, own_both = modelling + steps["read"] + steps["reduce"], from_orders(project)
    lines = [
        row(
            f"{measured['customers']:,} customers, {measured['purchases']:,} orders",
            "project, DuckDB",
            "lifetimes",
            "ratio",
        ),
        "|---|--:|--:|--:|",
        row(
            "reading and reducing the orders, s",
            f"{project['reduce_seconds']:.1f}",
            f"{steps['read'] + steps['reduce']:.1f}",
            f"{(steps['read'] + steps['reduce']) / project['reduce_seconds']:.1f}",
        ),
        row(
            "fit and prediction, also of the back-test, s",
            f"{own_modelling:.1f}",
            f"{modelling:.1f}",
            f"{modelling / own_modelling:.1f}",
        ),
        row("**from order rows to predictions, s**", f"{own_both:.1f}", f"{both:.1f}", f"**{both / own_both:.1f}**"),
        row("of it the back-test, s", "done in the same queries", f"{steps['back-test']:.1f}", ""),
        row(
            "starting and ending, s",
            f"{starting_and_ending(project):.1f}",
            f"{other['seconds'] - sum(steps.values()):.1f}",
            "",
        ),
        row("**all, s**", f"{project['seconds']:.1f}", f"{taken:.1f}", f"**{taken / project['seconds']:.1f}**"),
        row(
            "all, lifetimes without a back-test, s",
            f"{project['seconds']:.1f}",
            f"{taken - steps['back-test']:.1f}",
            f"{(taken - steps['back-test']) / project['seconds']:.1f}",
        ),
        row(
            "processor time, s",
            f"{project['cpu_seconds']:.1f}",
            f"{other['cpu_seconds']:.1f}",
            f"{other['cpu_seconds'] / project['cpu_seconds']:.1f}",
        ),
        row(
            "**peak memory, GB**",
            f"{project['memory_bytes'] / 1e9:.2f}",
            f"{other['memory_bytes'] / 1e9:.2f}",
            f"**{other['memory_bytes'] / project['memory_bytes']:.1f}**",
        ),
        row("other load before, processes", f"{measured['load_before']:.1f}", "", ""),
        "",
        row("brand", "customers", "with a repeat order", "fit", "parameter", "project", "lifetimes", "apart, relative"),
        "|---|--:|--:|---|---|--:|--:|--:|",
    ]
    for brand_id, ours in project["brands"].items():
        theirs = other["brands"][brand_id]
        figures = [(name, ours["parameters"][name], theirs["parameters"][name]) for name in PARAMETERS]
        figures += [(f"sum of {name}", ours["sums"][name], theirs["sums"][name]) for name in SUMS]
        for number, (name, mine, its) in enumerate(figures):
            lead = [brand_id, f"{ours['customers']:,}", f"{ours['repeat_customers']:,}", ours["fit_status"]]
            shown, apart = ("", "") if mine is None else (f"{mine:,.8g}", f"{mine / its - 1:+.1e}")
            lines.append(row(*(lead if number == 0 else [""] * 4), name, shown, f"{its:,.8g}", apart))
        if ours["customers"] != theirs["customers"] or ours["repeat_customers"] != theirs["repeat_customers"]:
            lines.append(
                f"\n{brand_id}: lifetimes counts {theirs['customers']:,} and {theirs['repeat_customers']:,} customers"
            )
    for brand_id, theirs in other["brands"].items():
        for name, tolerance in theirs["tolerances"].items():
            if tolerance > 1e-7:
                lines.append(
                    f"\n{brand_id}: the {name} of lifetimes ended in an error at its own tolerance; taken at "
                    f"{tolerance:g}"
                )
        if theirs["without_prediction"]:
            lines.append(f"\n{brand_id}: lifetimes predicts nothing for {theirs['without_prediction']:,} customers")
    return "\n".join(lines)


def from_orders(project: dict) -> float:
    """The seconds from order rows to predictions: reducing, fit, back-test, prediction."""
    return project["reduce_seconds"] + project["models_seconds"] + project["predict_seconds"]


def starting_and_ending(project: dict) -> float:
    """The seconds of dbt's run in which no model ran."""
    return project["run_seconds"] - project["reduce_seconds"] - project["models_seconds"]


def by_size(runs: list[dict]) -> str:
    def figures(label: str, shown) -> str:
        return row(label, *(shown(run) for run in runs))

    models = list(dict.fromkeys(name for run in runs for name in run["project"]["models"] if name != REDUCING_MODEL))
    models.sort(key=lambda name: -runs[-1]["project"]["models"].get(name, 0))
    return "\n".join(
        [
            figures("customers", lambda run: f"{run['customers']:,}"),
            "|---|" + "--:|" * len(runs),
            figures("orders", lambda run: f"{run['purchases']:,}"),
            figures("groups of equal histories, all cuts", lambda run: f"{run['groups']:,}"),
            figures("reducing the orders, s", lambda run: f"{run['project']['reduce_seconds']:.1f}"),
            figures("fit and back-test, s", lambda run: f"{run['project']['models_seconds']:.1f}"),
            *(
                figures(f"`{name}`, s", lambda run, name=name: f"{run['project']['models'].get(name, 0):.1f}")
                for name in models[:4]
            ),
            figures("prediction, s", lambda run: f"{run['project']['predict_seconds']:.1f}"),
            figures("**from order rows to predictions, s**", lambda run: f"{from_orders(run['project']):.1f}"),
            figures("starting and ending dbt, s", lambda run: f"{starting_and_ending(run['project']):.1f}"),
            figures("**all, s**", lambda run: f"{run['project']['seconds']:.1f}"),
            figures("peak memory, GB", lambda run: f"{run['project']['memory_bytes'] / 1e9:.2f}"),
            figures("other load before, processes", lambda run: f"{run['load_before']:.1f}"),
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000, help="for both (default 1,000,000)")
    parser.add_argument("--scale", type=int, nargs="+", metavar="CUSTOMERS", help="the project alone, at these sizes")
    options = parser.parse_args()
    DATA.mkdir(exist_ok=True)
    OUT.mkdir(exist_ok=True)
    began = datetime.now(timezone.utc)
    if options.scale:
        runs = [measure(customers, False) for customers in options.scale]
    else:
        runs = [measure(options.customers, True)]
    report = {
        "began": began.isoformat(timespec="seconds"),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "duckdb": duckdb.__version__,
        "runs": runs,
    }
    file = OUT / f"clv-{began:%Y%m%d-%H%M%S}.json"
    file.write_text(json.dumps(report, indent=2) + "\n")
    print(f"DuckDB {report['duckdb']}, Python {report['python']}, {report['cores']} cores\n")
    print(by_size(runs) if options.scale else comparison(runs[0]))
    print(f"\nEvery figure: {file.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
