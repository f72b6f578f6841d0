#!/usr/bin/env python3
"""How the time of Spark splits, what more machines would make of it, and which plans deserve a look.

    python benchmarks/spark_stages.py benchmarks/out/engines-20261130-014400.json

Takes the figures of a run of `engines.py`, and the events that Spark logged meanwhile and that lie beside them. Prints
a table a run in Markdown, the models by the time of their tasks, and of these the ones whose last plan joins without
keys, has all rows in one place, or works expressions out for each comparison of a sort.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from markdown_table import head, row

MACHINES = (1, 2, 4, 8, 16)
CORES_OF_A_MACHINE = 4
# of the Spark targets in profiles.yml
MODELS_AT_A_TIME = 4
# what takes less than this share of all tasks is not worth a look
LEAST_SHARE = 0.01
SLOWEST = 12
# what a build writes is `…/warehouse/<schema>.db/<table>`
WRITTEN = re.compile(r"/(\w+)\.db/(\w+)")
PARSING = re.compile(
    r"\b(rlike|regexp_\w+|b?trim|split|(try_)?to_timestamp|from_json|get_json_object)\b", re.IGNORECASE
)


@dataclass
class Stage:
    """Tasks that run side by side, in milliseconds."""

    tasks: list[tuple[int, int]] = field(default_factory=list)
    table: str = ""
    collecting: int = 0
    spilled: int = 0

    @property
    def busy(self) -> int:
        return sum(end - start for start, end in self.tasks)

    @property
    def longest(self) -> int:
        return max((end - start for start, end in self.tasks), default=0)


@dataclass
class Run:
    """The stages of a build, its last plan of each table, and the cores it had."""

    stages: list[Stage]
    plans: dict[str, list[str]]
    cores: int
    seconds: float

    @property
    def working(self) -> float:
        """The seconds in which at least one task ran."""
        total, reached = 0, 0
        for start, end in sorted(task for stage in self.stages for task in stage.tasks):
            total += max(0, end - max(start, reached))
            reached = max(reached, end)
        return total / 1000

    @property
    def busy(self) -> float:
        """The seconds of all tasks, one after the other."""
        return sum(stage.busy for stage in self.stages) / 1000

    def estimate(self, cores: int) -> float:
        """The seconds with so many cores, if planning takes what it took: all tasks spread over the cores, and no less
        than the longest task of every stage, with as many stages at a time as dbt runs models."""
        longest = sum(stage.longest for stage in self.stages) / 1000
        return self.seconds - self.working + max(self.busy / cores, longest / MODELS_AT_A_TIME)


def events(files: Iterable[Path]) -> Iterator[tuple[str, dict]]:
    """What was logged, each with the name of its file: an application has one."""
    for file in files:
        with file.open() as lines:
            for line in lines:
                # the last line of a killed application may be half written
                if line.endswith("\n"):
                    yield file.name, json.loads(line)


def nodes(plan: dict) -> Iterator[dict]:
    yield plan
    for child in plan["children"]:
        yield from nodes(child)


def read(files: Iterable[Path], began: float, ended: float) -> Run:
    """What ran between two moments (seconds since 1970) in the applications of these logs."""
    stages: dict[tuple[str, int, int], Stage] = defaultdict(Stage)
    stages_of: dict[tuple[str, str], set[int]] = defaultdict(set)
    plans: dict[tuple[str, str], dict] = {}
    cores: dict[str, int] = defaultdict(int)
    for application, event in events(files):
        kind = event["Event"].rpartition(".")[2]
        if kind == "SparkListenerExecutorAdded":
            cores[application] += event["Executor Info"]["Total Cores"]
        elif kind == "SparkListenerJobStart":
            execution = event.get("Properties", {}).get("spark.sql.execution.id", "")
            stages_of[application, execution] |= set(event["Stage IDs"])
        elif kind in ("SparkListenerSQLExecutionStart", "SparkListenerSQLAdaptiveExecutionUpdate"):
            plans[application, str(event["executionId"])] = event["sparkPlanInfo"]
        elif kind == "SparkListenerTaskEnd":
            task, metrics = event["Task Info"], event.get("Task Metrics") or {}
            if began * 1000 <= task["Launch Time"] <= ended * 1000:
                stage = stages[application, event["Stage ID"], event["Stage Attempt ID"]]
                stage.tasks.append((task["Launch Time"], task["Finish Time"]))
                stage.collecting += metrics.get("JVM GC Time", 0)
                stage.spilled += metrics.get("Disk Bytes Spilled", 0)

    found: dict[str, list[str]] = {}
    tables: dict[tuple[str, int], str] = {}
    for (of, execution), plan in plans.items():
        whole = [f"{node['nodeName']} {node['simpleString']}" for node in nodes(plan)]
        written = next((match for node in whole if "Insert" in node and (match := WRITTEN.search(node))), None)
        table = ".".join(written.groups()) if written else ""
        if table and any((of, stage, 0) in stages for stage in stages_of[of, execution]):
            found[table] = whole
        for stage in stages_of[of, execution]:
            tables[of, stage] = table
    for (of, number, _), stage in stages.items():
        stage.table = tables.get((of, number), "")
    used = {of for of, _, _ in stages}
    return Run(list(stages.values()), found, max((cores[of] for of in used), default=0), ended - began)


def worth_a_look(plan: list[str]) -> list[str]:
    """What of a plan takes longer than its rows: see the top of this file."""
    seen = []
    for node in plan:
        name = node.split(" ")[0]
        if name in ("CartesianProduct", "BroadcastNestedLoopJoin"):
            seen.append(name)
        elif name == "Exchange" and "SinglePartition" in node:
            seen.append("one partition")
        elif name in ("SortMergeJoin", "Sort", "Window") and PARSING.search(node):
            seen.append(f"parsing in {name}")
    return sorted(set(seen))


def markdown(runs: dict[str, Run]) -> str:
    every = runs.values()
    lines = [
        *head(runs),
        row("whole `dbt run`, s", (f"{run.seconds:,.0f}" for run in every)),
        row("cores for tasks", (str(run.cores) for run in every)),
        row("tasks running, s", (f"{run.working:,.0f}" for run in every)),
        row("no task running: dbt, planning, catalog, s", (f"{run.seconds - run.working:,.0f}" for run in every)),
        row("all tasks one after the other, s", (f"{run.busy:,.0f}" for run in every)),
        row("of it collecting garbage, s", (f"{sum(s.collecting for s in run.stages) / 1000:,.0f}" for run in every)),
        row("spilled, GB", (f"{sum(s.spilled for s in run.stages) / 1e9:,.1f}" for run in every)),
        row("stages", (f"{len(run.stages):,}" for run in every)),
        *(
            row(
                f"estimate: {machines} machine{'s' * (machines > 1)} of {CORES_OF_A_MACHINE} such cores, s",
                (f"{run.estimate(machines * CORES_OF_A_MACHINE):,.0f}" for run in every),
            )
            for machines in MACHINES
        ),
    ]
    for name, run in runs.items():
        busy: dict[str, float] = defaultdict(float)
        for stage in run.stages:
            busy[stage.table or "what is not written"] += stage.busy / 1000
        slowest = sorted(busy.items(), key=lambda item: -item[1])[:SLOWEST]
        lines += ["", f"{name}, seconds of tasks: {', '.join(f'{table} {taken:.0f}' for table, taken in slowest)}."]
        slow = [table for table in sorted(run.plans) if busy[table] >= LEAST_SHARE * run.busy]
        looks = {table: ", ".join(seen) for table in slow if (seen := worth_a_look(run.plans[table]))}
        lines += ["", *(f"- {table}: {seen}; tasks {busy[table]:.1f} s" for table, seen in looks.items())]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("figures", type=Path, nargs="+", help="what engines.py wrote")
    runs = {}
    for file in parser.parse_args().figures:
        for run in json.loads(file.read_text())["runs"]:
            if run.get("events"):
                logs = [file.parent / name for name in run["events"]]
                runs[f"{run['engine']}, {run['orders']:,} orders"] = read(logs, run["began"], run["ended"])
    print(markdown(runs))


if __name__ == "__main__":
    main()
