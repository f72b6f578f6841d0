#!/usr/bin/env python3
"""The models on several engines of one machine, side by side, each beside its own floor.

    make bench-engines                                                      # 1 million orders on all three
    make bench-engines BENCH_ARGS="--orders 10000000 --engines duckdb spark spark_1 spark_2"

Takes a Python that has requirements-postgres.txt and requirements-spark.txt, Java for Spark, and Linux, whose /proc
says what a server takes. `spark` is a session in dbt's own process, with all cores; `spark_1` and `spark_2` are a
cluster on this machine with one worker or two of one core each, through its Thrift server. See benchmarks/README.md for
what the figures mean.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path

from generate import generate, settings
from markdown_table import head, row
from processes import Watch
from run import DATA, DBT, OUT, ROOT, commit, dbt_environment

HERE = Path(__file__).resolve().parent
LOCAL_POSTGRES = ROOT / "src/customer_lifecycle/local_postgres.py"
LOCAL_SPARK = ROOT / "src/customer_lifecycle/local_spark.py"
ENGINES = ["duckdb", "postgres", "spark", "spark_1", "spark_2"]
TARGETS = {"spark_1": "spark_thrift", "spark_2": "spark_thrift"}
SLOWEST = 10
FEW = 1000  # orders whose models take what dbt and the engine take by themselves


class Place:
    """An engine that is running, and a folder for all that it and dbt write."""

    def __init__(self, engine: str, folder: Path) -> None:
        self.engine, self.folder = engine, folder
        self.target = TARGETS.get(engine, engine)
        given = dbt_environment(folder / "lifecycle.duckdb")
        self.environment = {name: value for name, value in given.items() if not name.startswith("PG")} | {
            "LIFECYCLE_SPARK_DIR": str(folder / "spark"),
            "LIFECYCLE_SPARK_MASTER": "local[*]",
        }
        if self.target.startswith("spark"):
            self.environment["SPARK_CONF_DIR"] = str(self._spark_settings())
        self.servers: list[int] = []

    def __enter__(self) -> Place:
        if self.engine == "postgres":
            self._start(LOCAL_POSTGRES)
            state = json.loads((self.folder / ".postgres/server.json").read_text())
            self.servers = [int((Path(state["home"]) / "data/postmaster.pid").read_text().splitlines()[0])]
        elif self.target == "spark_thrift":
            self._start(LOCAL_SPARK, "--workers", self.engine.rpartition("_")[2])
            state = json.loads((self.folder / "spark/cluster/cluster.json").read_text())
            self.servers = list(state["processes"].values())
        return self

    def __exit__(self, *error: object) -> None:
        for script in (LOCAL_POSTGRES, LOCAL_SPARK):
            subprocess.run([sys.executable, script, "stop"], cwd=self.folder, env=self.environment, check=False)

    def _spark_settings(self) -> Path:
        """A folder of settings with which Spark logs its events into the folder `events`: see spark_stages.py."""
        settings_dir = self.folder / "conf"
        for folder in (settings_dir, self.folder / "events"):
            folder.mkdir()
        lines = {
            "enabled": "true",
            "dir": (self.folder / "events").as_uri(),
            "compress": "false",
            "rolling.enabled": "false",
        }
        text = "".join(f"spark.eventLog.{name} {value}\n" for name, value in lines.items())
        (settings_dir / "spark-defaults.conf").write_text(text)
        return settings_dir

    def _start(self, script: Path, *arguments: str) -> None:
        """Starts a server, and takes what it wants to be exported."""
        said = subprocess.run(
            [sys.executable, script, "start", *arguments],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout
        exports = (line.removeprefix("export ").partition("=") for line in said.splitlines())
        self.environment |= {name: shlex.split(value)[0] for name, _, value in exports}

    def run(self, *command: object) -> tuple[float, Watch, str]:
        """Runs a command beside the servers. Gives its seconds, what all of them used, and what it printed."""
        start = time.perf_counter()
        with (self.folder / "output").open("w+") as output:
            process = subprocess.Popen(
                [str(part) for part in command], cwd=ROOT, env=self.environment, stdout=output, stderr=subprocess.STDOUT
            )
            with Watch(lambda: [process.pid, *self.servers]) as watch:
                code = process.wait()
            output.seek(0)
            said = output.read()
        if code != 0:
            sys.exit(f"{said[-4000:]}\n{' '.join(map(str, command[:4]))} failed on {self.engine}")
        return time.perf_counter() - start, watch, said

    def dbt(self, raw_dir: Path, *command: str) -> tuple[float, Watch]:
        """Runs dbt with the orders of a folder, which on Postgres are those that `floor` has loaded."""
        raw = {"raw_schema": "landing"} if self.engine == "postgres" else {"raw_dir": str(raw_dir)}
        options = [
            *("--target", self.target, "--target-path", self.folder / "target", "--log-path", self.folder / "logs"),
            *("--vars", json.dumps({**raw, "raw_tables": ["orders"], **settings()})),
        ]
        return self.run(DBT, "--no-use-colors", *command, *options)[:2]

    def floor(self, raw_dir: Path) -> dict:
        """The seconds of the floor, by the clock and in processor time. A cluster has the floor of a session."""
        orders = raw_dir / "orders.parquet"
        arguments = {
            "duckdb": ["duckdb", orders, self.folder / "floor.duckdb"],
            "postgres": ["postgres", orders, *self.servers],
        }.get(self.engine, ["spark", orders])
        said = self.run(sys.executable, HERE / "engine_floor.py", *arguments)[2]
        return {name: statistics.median(values) for name, values in json.loads(said.splitlines()[-1]).items()}


def measure(engine: str, orders: int) -> dict:
    raw_dir, few = DATA / str(orders), DATA / str(FEW)
    generate(orders, raw_dir)
    generate(FEW, few)
    folder = Path(tempfile.mkdtemp(prefix="engines-", dir=DATA))
    # the server's account is another one
    folder.chmod(0o755)
    try:
        with Place(engine, folder) as place:
            print(f"{orders:,} orders on {engine}: of {FEW} orders", file=sys.stderr)
            place.floor(few)
            place.dbt(few, "seed", "--select", "path:seeds/reference")
            _, idle = place.dbt(few, "run")
            print("    floor", file=sys.stderr)
            floor = place.floor(raw_dir)
            # another folder is another var, for which dbt parses the project again
            place.dbt(raw_dir, "parse")
            print("    models", file=sys.stderr)
            began = datetime.now(timezone.utc)
            seconds, watch = place.dbt(raw_dir, "run")
            ended = datetime.now(timezone.utc)
        nodes = json.loads((folder / "target/manifest.json").read_text())["nodes"]
        results = json.loads((folder / "target/run_results.json").read_text())["results"]
        models = [
            {"model": nodes[result["unique_id"]]["name"], "seconds": round(result["execution_time"], 2)}
            for result in results
            if nodes.get(result["unique_id"], {}).get("resource_type") == "model"
        ]
        processor_seconds = watch.processor_seconds - idle.processor_seconds
        return {
            "engine": engine,
            "orders": orders,
            "began": began.timestamp(),
            "ended": ended.timestamp(),
            "events": kept_events(folder / "events", f"events-{engine}-{orders}-{began:%Y%m%d-%H%M%S}"),
            "models": sorted(models, key=lambda model: -model["seconds"]),
            "seconds": round(seconds, 1),
            "processor_seconds": round(processor_seconds, 1),
            "floor_seconds": floor["seconds"],
            "floor_processor_seconds": floor["processor_seconds"],
            "seconds_to_floor": round(seconds / floor["seconds"], 1),
            "processor_to_floor": round(processor_seconds / floor["processor_seconds"], 1),
            "memory_bytes": watch.memory,
        }
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def kept_events(events: Path, name: str) -> list[str]:
    """Copies what Spark logged into a folder of OUT, since the rest is deleted. Gives the files, from OUT."""
    if not events.is_dir():
        return []
    shutil.copytree(events, OUT / name)
    return sorted(f"{name}/{file.name}" for file in events.iterdir())


def markdown(runs: list[dict]) -> str:
    def figures(key: str, divisor: float = 1, digits: int = 1) -> list[str]:
        return [f"{run[key] / divisor:,.{digits}f}" for run in runs]

    first = {run["orders"]: run["seconds"] for run in reversed(runs)}
    lines = [
        *head([f"{run['engine']}, {run['orders']:,} orders" for run in runs]),
        row("whole `dbt run`, s", figures("seconds")),
        row(f"times that of {runs[0]['engine']}", [f"{run['seconds'] / first[run['orders']]:.1f}" for run in runs]),
        row("floor, s", figures("floor_seconds", digits=2)),
        row("whole run / floor", figures("seconds_to_floor")),
        row("processor time of the models, s", figures("processor_seconds")),
        row("floor in processor time, s", figures("floor_processor_seconds", digits=2)),
        row("**models / floor, in processor time**", figures("processor_to_floor")),
        row("peak memory of dbt and engine, GB", figures("memory_bytes", 1e9)),
    ]
    for run in runs:
        slowest = ", ".join(f"{model['model']} {model['seconds']:.1f}" for model in run["models"][:SLOWEST])
        lines += ["", f"Slowest on {run['engine']}, {run['orders']:,} orders, s: {slowest}."]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=["duckdb", "postgres", "spark"])
    options = parser.parse_args()
    DATA.mkdir(exist_ok=True)
    OUT.mkdir(exist_ok=True)
    began = datetime.now(timezone.utc)
    file = OUT / f"engines-{began:%Y%m%d-%H%M%S}.json"
    runs: list[dict] = []
    report = {"began": began.isoformat(timespec="seconds"), "commit": commit(), "runs": runs}
    try:
        for orders, engine in itertools.product(options.orders, options.engines):
            runs.append(measure(engine, orders))
            file.write_text(json.dumps(report, indent=2) + "\n")
    finally:
        # what was measured before an engine failed has its place, too
        if runs:
            print(f"Commit {report['commit']}, {len(runs[0]['models'])} models, {os.cpu_count()} cores\n")
            print(markdown(runs))
            print(f"\nEvery figure: {file.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
