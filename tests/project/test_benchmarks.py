"""A figure of the benchmarks' page says of which commit and of how many models it is, and how many there are today."""

from __future__ import annotations

import csv
import json
import re
import subprocess

import pytest

import project

PAGE = (project.ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
RESULTS = project.ROOT / "benchmarks" / "results.csv"
MEASURED = re.compile(
    r"^Commit `(?P<commit>[0-9a-f]{7})`, (?P<models>\d+) models \(today: (?P<today>\d+)\)", re.MULTILINE
)
# of times, as in "45.9 s", "23.2 floors" or "times the floor"
FIGURE = re.compile(r"\d\.\d (s|GB|floors)\b|\d\.\d times (its|the) floor|\|\s*\d+\.\d+ \|")


def sections_of(page):
    """The text below each heading."""
    return re.split(r"^#+ ", page, flags=re.MULTILINE)[1:]


def sections_with_figures(page):
    return [section for section in sections_of(page) if FIGURE.search(re.sub(r"`[^`]*`", "", section))]


def faults_of(page, today):
    for section in sections_with_figures(page):
        title = section.splitlines()[0]
        found = MEASURED.search(section)
        if found is None:
            yield f"{title}: which commit, and how many models?"
        elif int(found["today"]) != today:
            yield f"{title}: not {found['today']} models today, there are {today}: write that, or measure again"


# models that only Spark builds: the page counts those of DuckDB
OF_SPARK = ("fct_loyalty_changes.sql", "loyalty_snapshot.sql")


def models_of(commit):
    """The number of models of a commit, or of the work tree."""
    command = ["git", "ls-tree", "-r", "--name-only", commit] if commit else ["git", "ls-files"]
    listed = subprocess.run([*command, "models"], cwd=project.ROOT, capture_output=True, text=True, check=True).stdout
    return sum(name.endswith(".sql") and not name.endswith(OF_SPARK) for name in listed.splitlines())


def test_figures_say_of_which_models_they_are():
    assert len(sections_with_figures(PAGE)) >= 2
    assert not list(faults_of(PAGE, models_of(None)))


def test_commits_had_as_many_models():
    for found in MEASURED.finditer(PAGE):
        try:
            models = models_of(found["commit"])
        except subprocess.CalledProcessError:
            pytest.skip("this checkout has no history")
        assert models == int(found["models"]), found[0]


def test_the_run_of_the_page_is_on_record():
    """results.csv has a run of the first section's commit, with its ratio in processor time."""
    measured = next(section for section in sections_with_figures(PAGE))
    commit = MEASURED.search(measured)["commit"]
    with RESULTS.open(encoding="utf-8", newline="") as file:
        runs = [run for run in csv.DictReader(file) if run["commit"] == commit]
    assert runs
    for run in runs:
        assert f"{float(run['processor_to_floor']):.1f}" in PAGE
        assert run["model_count"] == MEASURED.search(measured)["models"]


@pytest.mark.parametrize(
    "text, fault",
    [
        ("## Measured\nAll models take 45.9 s, 23.2 times the floor.\n", "which commit"),
        ("## Measured\nCommit `0123abc`, 52 models (today: 52): 45.9 s.\n", "there are 110: write that"),
        ("## Measured\nCommit `0123abc`, 52 models (today: 110): 45.9 s.\n", ""),
        ("## What is measured\nThe floor is one query.\n", ""),
    ],
)
def test_a_figure_without_its_commit_is_found(text, fault):
    found = list(faults_of(text, 110))
    assert fault in found[0] if fault else not found


def stage_events(number, execution, plan, tasks, **metrics):
    """What Spark logs of one query with one stage, whose tasks run in these milliseconds."""
    sql = "org.apache.spark.sql.execution.ui"
    yield {"Event": f"{sql}.SparkListenerSQLExecutionStart", "executionId": execution, "sparkPlanInfo": plan}
    properties = {"spark.sql.execution.id": str(execution)}
    yield {"Event": "SparkListenerJobStart", "Stage IDs": [number], "Properties": properties}
    for start, end in tasks:
        yield {
            "Event": "SparkListenerTaskEnd",
            "Stage ID": number,
            "Stage Attempt ID": 0,
            "Task Info": {"Launch Time": start, "Finish Time": end},
            "Task Metrics": metrics,
        }


def plan_of(name, details="", *children):
    return {"nodeName": name, "simpleString": f"{name} {details}", "children": list(children)}


def test_time_of_spark_is_split(tmp_path, monkeypatch):
    """Two workers of one core: tasks side by side count once in what the clock says, and twice in their sum; more cores
    leave the longest tasks, and planning."""
    monkeypatch.syspath_prepend(project.ROOT / "benchmarks")
    import spark_stages

    write = "Execute InsertIntoHadoopFsRelationCommand"
    table = "file:/data/warehouse/facts.db/fct_orders, false, Parquet"
    join = plan_of("SortMergeJoin", "[trim(order_id#1, None)], [order_id#2], Inner")
    pairs = plan_of("BroadcastNestedLoopJoin", "BuildRight, Cross", plan_of("Exchange", "SinglePartition"))
    tasks = [(20_000, 24_000), (20_000, 22_000), (22_000, 24_000)]
    added = {"Event": "SparkListenerExecutorAdded", "Executor Info": {"Total Cores": 1}}
    log = [
        added,
        added,
        # before the run
        *stage_events(1, 1, plan_of(write, table), [(1_000, 9_000)]),
        *stage_events(2, 2, plan_of(write, table, join), tasks, **{"Disk Bytes Spilled": 10**9, "JVM GC Time": 500}),
        *stage_events(3, 3, plan_of("CollectLimit", "", pairs), [(26_000, 27_000)]),
    ]
    file = tmp_path / "app-1"
    file.write_text("".join(json.dumps(event) + "\n" for event in log) + '{"Event": "Spark')
    run = spark_stages.read([file], 10.0, 40.0)
    assert (run.cores, run.seconds, run.working) == (2, 30.0, 5.0)
    assert [(stage.table, stage.busy) for stage in run.stages] == [("facts.fct_orders", 8_000), ("", 1_000)]
    # 25 s of planning and 9 s of tasks; the longest of both stages are 5 s, four stages at a time
    assert [run.estimate(cores) for cores in (1, 2, 9)] == [34.0, 29.5, 26.25]
    assert spark_stages.worth_a_look(run.plans["facts.fct_orders"]) == ["parsing in SortMergeJoin"]
    pairs_found = [f"{node['nodeName']} {node['simpleString']}" for node in spark_stages.nodes(pairs)]
    assert spark_stages.worth_a_look(pairs_found) == ["BroadcastNestedLoopJoin", "one partition"]
    page = spark_stages.markdown({"spark": run})
    assert "| tasks running, s | 5 |" in page
    assert "| all tasks one after the other, s | 9 |" in page
    assert "fct_orders 8, what is not written 1" in page
