"""Where tests have DuckDB and another engine build the same project, to hold the one against the other."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import project

PARSED = project.ROOT / "target" / "partial_parse.msgpack"
COMPARE = project.ROOT / "tests/support/compare_engines.py"
# the server may hold another build
POSTGRES_PREFIX = "compared_"


class Place:
    """A DuckDB file, a Spark of its own, and schemas of the Postgres that PGHOST, PGPORT … name, with a prefix."""

    def __init__(self, folder: Path, **variables: Any) -> None:
        """Takes the vars of the project; `variables` may be given others for a target."""
        self.folder = folder
        self.variables = dict.fromkeys(("duckdb", "postgres", "spark", "spark_thrift"), variables)
        self.environment = {
            **os.environ,
            "LIFECYCLE_SPARK_DIR": str(folder / "spark"),
            "LIFECYCLE_SPARK_MASTER": "local[2]",
            "LIFECYCLE_DUCKDB_PATH": str(folder / "lifecycle.duckdb"),
        }

    def log(self, target: str) -> str:
        """What dbt has said so far."""
        return (self.folder / f"{target}.log").read_text(errors="replace")

    def start(self, target: str, command: str, *models: str) -> subprocess.Popen[bytes]:
        """Starts dbt, whose output goes to a file."""
        is_parsed = target == "duckdb" and not self.variables[target]
        with (self.folder / f"{target}.log").open("w") as log:
            return subprocess.Popen(
                [
                    *(Path(sys.executable).with_name("dbt"), "--no-use-colors", *command.split()),
                    *(("--select", *models) if models else ()),
                    *("--target", target, "--target-path", self.folder / f"target-{target}"),
                    *(("--exclude-resource-types", "unit_test", "test") if command == "build" else ()),
                    *("--log-path", self.folder / f"logs-{target}", "--vars", json.dumps(self.variables[target])),
                    # what the build of the sample has parsed holds here, too
                    *(("--partial-parse-file-path", PARSED) if is_parsed else ()),
                ],
                cwd=project.ROOT,
                env=self.environment | ({"LIFECYCLE_SCHEMA_PREFIX": POSTGRES_PREFIX} if target == "postgres" else {}),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def run(self, target: str, command: str, *models: str) -> None:
        """Runs dbt. Fails where that does."""
        code = self.start(target, command, *models).wait(1500)
        assert code == 0, self.log(target)[-6000:]

    def run_and_kill(self, command: str, table: str, *models: str) -> None:
        """Runs dbt on Spark and kills it, Spark and all, while a table is written."""
        process = self.start("spark", command, *models)
        end = time.monotonic() + 600
        while not re.search(rf"START (sql (table|incremental) model|seed file) {re.escape(table)} ", self.log("spark")):
            assert process.poll() is None and time.monotonic() < end, self.log("spark")[-6000:]
            time.sleep(0.02)
        folder = self.folder / "spark" / "warehouse" / table.replace(".", ".db/")
        # unlike a glob, a walk may come upon what Spark is deleting
        while not any(there or files for _, there, files in os.walk(folder)):
            if process.poll() is not None or time.monotonic() > end:
                break
            time.sleep(0.005)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert folder.exists(), f"{table} was not begun"

    def ages(self, target: str) -> dict[str, float]:
        """How old each raw table is, in days, as `source freshness` has found: it counts to the moment of its query."""
        found = json.loads((self.folder / f"target-{target}" / "sources.json").read_text())["results"]
        return {one["unique_id"].split(".")[-1]: round(one["max_loaded_at_time_ago_in_s"] / 86400, 3) for one in found}

    def compare(self, *schemas: str, with_: str = "spark", without: Sequence[str] = ()) -> str:
        """What the comparison of DuckDB with another target says of these schemas, without some tables or columns.
        Fails where they differ."""
        # a log takes the place of DuckDB's snapshot on Spark
        without = [*without, *(() if with_ == "postgres" else ("facts.loyalty_snapshot", "facts.fct_loyalty_changes"))]
        options = ["--exclude", *without] if without else []
        options += ["--right-prefix", POSTGRES_PREFIX] if with_ == "postgres" else []
        ended = subprocess.run(
            [
                *(sys.executable, COMPARE, self.environment["LIFECYCLE_DUCKDB_PATH"], with_, *options),
                *("--manifest", self.folder / "target-duckdb" / "manifest.json", "--schemas", *schemas),
            ],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr[-2000:]
        return ended.stdout
