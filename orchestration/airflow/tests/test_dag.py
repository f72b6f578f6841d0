"""The DAG as Airflow loads it: its tasks, its schedule, and the day that a run is of."""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace

import pendulum
import pytest
from airflow.dag_processing.dagbag import DagBag

from conftest import DAGS
from lifecycle.settings import Settings

DAG_MODULES = (
    "lifecycle",
    "lifecycle.settings",
    "lifecycle.notifiers",
    "lifecycle.operators",
    "lifecycle.cosmos_build",
)


def loaded(monkeypatch, **environment):
    """The bag of DAGs as Airflow loads it with these environment variables."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    for module in DAG_MODULES:
        sys.modules.pop(module, None)
    # in safe mode a file that does not mention DAGs is passed over, and so is what is wrong with it
    return DagBag(str(DAGS), safe_mode=False)


@pytest.fixture
def dag(monkeypatch):
    bag = loaded(monkeypatch)
    assert not bag.import_errors
    return bag.dags["customer_lifecycle"]


def run(end=None, run_after="2026-07-01T09:30:00Z", **params):
    """The context of a run whose data interval ended then; without one by default."""
    given = {"as_of_date": None, "brand": None, "full_refresh": False, "accept_row_drop": False}
    return {
        "dag_run": SimpleNamespace(
            data_interval_end=pendulum.parse(end) if end else None, run_after=pendulum.parse(run_after)
        ),
        "params": given | params,
    }


def arguments(dag, task_id, context):
    """A task's arguments as they are rendered for a run, without those that are left out."""
    task = dag.get_task(task_id)
    rendered = task.render_template(task.arguments, context | dag.user_defined_macros)
    return [argument for argument in rendered if argument]


def test_the_folder_holds_one_dag_and_no_errors(monkeypatch):
    bag = loaded(monkeypatch)
    assert bag.import_errors == {}
    assert list(bag.dags) == ["customer_lifecycle"]


def test_duckdb_is_built_by_one_task(dag):
    assert [task.task_id for task in dag.topological_sort()] == [
        "source_freshness",
        "build_and_test",
        "publish",
        "send_alerts",
        "report",
    ]
    assert {task.task_id for task in dag.get_task("publish").downstream_list} == {"send_alerts", "report"}


def test_the_report_goes_where_it_is_told_to_and_can_be_left_out(monkeypatch, tmp_path):
    bag = loaded(monkeypatch, LIFECYCLE_REPORTS=str(tmp_path), LIFECYCLE_REPORT_LANGUAGE="ko")
    report = bag.dags["customer_lifecycle"].get_task("report")
    assert report.command == [
        f"{Settings.from_environment({}).project_dir}/.venv/bin/lifecycle",
        "report",
        "--target=duckdb",
        f"--output={tmp_path}",
        "--language=ko",
    ]
    in_their_own = loaded(monkeypatch, LIFECYCLE_REPORT_LANGUAGE="").dags["customer_lifecycle"].get_task("report")
    assert not [argument for argument in in_their_own.command if argument.startswith("--language")]
    skip_if = report.render_template(report.skip_if, run(brand="atelier"))
    assert "this run is of one" in skip_if and report.render_template(report.skip_if, run()) == ""
    assert "report" not in loaded(monkeypatch, LIFECYCLE_REPORTS="").dags["customer_lifecycle"].task_ids


def test_a_run_that_fails_is_told_of_with_its_day(dag, monkeypatch):
    told = []
    callback = dag.on_failure_callback
    monkeypatch.setitem(callback.__globals__, "tell_of_failure", lambda settings, context, day: told.append(day))
    callback(run(end="2026-07-01T05:00:00Z"))
    callback({"run_id": "without the rest"})
    assert told == ["2026-06-30", None]


def test_one_run_at_a_time_and_none_of_the_past(dag):
    assert dag.max_active_runs == 1
    assert not dag.catchup
    assert {task.max_active_tis_per_dag for task in dag.tasks} == {1}
    assert all(task.retries > 0 for task in dag.tasks)


def test_cosmos_is_not_imported_for_duckdb(monkeypatch):
    monkeypatch.setitem(sys.modules, "cosmos", None)  # an import of it would fail
    assert loaded(monkeypatch).import_errors == {}


def test_runs_have_a_data_interval(monkeypatch):
    bag = loaded(monkeypatch, LIFECYCLE_SCHEDULE="30 4 * * *", LIFECYCLE_TIMEZONE="Asia/Seoul")
    from airflow.serialization.encoders import coerce_to_core_timetable

    timetable = coerce_to_core_timetable(bag.dags["customer_lifecycle"].timetable)
    interval = timetable.infer_manual_data_interval(run_after=pendulum.parse("2026-06-30T20:00:00Z"))
    assert (interval.start, interval.end) == (
        pendulum.parse("2026-06-29T19:30:00Z"),
        pendulum.parse("2026-06-30T19:30:00Z"),
    )


@pytest.mark.parametrize(
    "timezone, context, expected",
    [
        ("UTC", run(end="2026-07-01T05:00:00Z"), "2026-06-30"),
        ("UTC", run(end="2026-07-01T00:00:00Z"), "2026-06-30"),
        # on the 1st in Seoul the 30th is over, on the 30th in New York it is not
        ("Asia/Seoul", run(end="2026-06-30T19:30:00Z"), "2026-06-30"),
        ("America/New_York", run(end="2026-07-01T03:30:00Z"), "2026-06-29"),
        ("America/New_York", run(end="2026-03-08T10:00:00Z"), "2026-03-07"),  # the day that clocks change
        ("UTC", run(end="2024-03-01T05:00:00Z"), "2024-02-29"),
        ("UTC", run(), "2026-06-30"),
        ("UTC", run(end="2026-07-01T05:00:00Z", as_of_date="2025-12-31"), "2025-12-31"),
    ],
)
def test_the_day_of_a_run(monkeypatch, timezone, context, expected):
    dag = loaded(monkeypatch, LIFECYCLE_TIMEZONE=timezone).dags["customer_lifecycle"]
    for task_id in ("source_freshness", "build_and_test", "publish"):
        assert arguments(dag, task_id, context) == [f"--as-of-date={expected}"]


def test_params_become_options(dag):
    context = run(end="2026-07-01T05:00:00Z", brand="atelier", full_refresh=True)
    day = "--as-of-date=2026-06-30"
    assert arguments(dag, "source_freshness", context) == [day, "--brand=atelier"]
    assert arguments(dag, "build_and_test", context) == [day, "--brand=atelier", "--full-refresh"]
    assert arguments(dag, "publish", context) == [day, "--brand=atelier"]
    assert arguments(dag, "send_alerts", context) == ["--brand=atelier"]


def test_the_project_is_called_by_path(monkeypatch, tmp_path):
    bag = loaded(
        monkeypatch,
        LIFECYCLE_PROJECT_DIR=str(tmp_path),
        LIFECYCLE_DBT_PYTHON="/opt/dbt/bin/python",
        LIFECYCLE_VARS='{"raw_dir": "/data/landing", "brands": {"shop": {}}}',
    )
    build = bag.dags["customer_lifecycle"].get_task("build_and_test")
    assert build.command == [
        "/opt/dbt/bin/lifecycle",
        "build",
        "--target=duckdb",
        '--vars={"raw_dir": "/data/landing", "brands": {"shop": {}}}',
    ]
    assert build.folder == str(tmp_path)


@pytest.mark.parametrize(
    "name, value, message",
    [
        ("LIFECYCLE_TARGET", "spark", "LIFECYCLE_TARGET is 'spark'; it must be one of duckdb, postgres."),
        ("LIFECYCLE_VARS", "raw_dir: here", "LIFECYCLE_VARS is 'raw_dir: here'; it must be a map in JSON"),
        ("LIFECYCLE_VARS", "[]", "LIFECYCLE_VARS is '[]'; it must be a map in JSON"),
    ],
)
def test_wrong_settings_are_told(monkeypatch, name, value, message):
    errors = loaded(monkeypatch, **{name: value}).import_errors
    assert len(errors) == 1 and message in next(iter(errors.values()))


def test_without_variables_the_project_around_is_meant():
    settings = Settings.from_environment({})
    assert (settings.project_dir / "dbt_project.yml").exists()
    assert settings.python == settings.project_dir / ".venv" / "bin" / "python"


# Postgres


def manifest(folder):
    """The manifest of a project of a seed, a model of it and a test of that, as far as cosmos reads it."""

    def node(unique_id, depends_on, **more):
        kind, package, name = unique_id.split(".")[:3]
        return unique_id, {
            "unique_id": unique_id,
            "resource_type": kind,
            "package_name": package,
            "name": name,
            "alias": name,
            "original_file_path": f"{name}.sql",
            "path": f"{name}.sql",
            "depends_on": {"nodes": depends_on},
            "tags": [],
            "fqn": [package, name],
            "config": {"materialized": "table", "tags": []},
            **more,
        }

    nodes = dict(
        [
            node("seed.customer_lifecycle.raw_orders", []),
            node("model.customer_lifecycle.orders", ["seed.customer_lifecycle.raw_orders"]),
            node(
                "test.customer_lifecycle.unique_orders.1",
                ["model.customer_lifecycle.orders"],
                attached_node="model.customer_lifecycle.orders",
            ),
        ]
    )
    file = folder / "target" / "manifest.json"
    file.parent.mkdir()
    file.write_text(
        json.dumps(
            {
                "metadata": {"adapter_type": "postgres", "project_name": "customer_lifecycle"},
                "nodes": nodes,
                "sources": {},
                "exposures": {},
            }
        )
    )
    (folder / "models").mkdir()
    (folder / "profiles.yml").write_text("customer_lifecycle: {}\n")
    (folder / "dbt_project.yml").write_text("name: customer_lifecycle\n")


def test_postgres_is_built_by_a_task_for_each_model(monkeypatch, tmp_path):
    manifest(tmp_path)
    bag = loaded(monkeypatch, LIFECYCLE_TARGET="postgres", LIFECYCLE_PROJECT_DIR=str(tmp_path))
    assert bag.import_errors == {}
    dag = bag.dags["customer_lifecycle"]
    assert {task.task_id for task in dag.tasks} >= {
        "source_freshness",
        "prepare",
        "build_and_test.raw_orders_seed",
        "build_and_test.orders.run",
        "build_and_test.orders.test",
        "publish",
        "send_alerts",
    }
    group = [task for task in dag.tasks if task.task_id.startswith("build_and_test.")]
    assert {task.retries for task in group} == {0}
    # nothing is published before the last of the group is done
    assert {task.task_id for task in group} <= dag.get_task("publish").get_flat_relative_ids(upstream=True)
    assert {task.task_id for task in group} <= dag.get_task("prepare").get_flat_relative_ids(upstream=False)


def test_the_build_of_cosmos_gets_the_run_s_vars_and_day(monkeypatch, tmp_path):
    manifest(tmp_path)
    bag = loaded(
        monkeypatch,
        LIFECYCLE_TARGET="postgres",
        LIFECYCLE_PROJECT_DIR=str(tmp_path),
        LIFECYCLE_VARS='{"raw_schema": "landing"}',
        LIFECYCLE_SCHEMA_PREFIX="mine_",
    )
    dag = bag.dags["customer_lifecycle"]
    producer = next(task for task in dag.tasks if "producer" in task.task_id and "done" not in task.task_id)
    context = run(end="2026-07-01T05:00:00Z", brand="shop", full_refresh=True) | dag.user_defined_macros
    assert json.loads(producer.render_template(producer.vars, context)) == {
        "raw_schema": "landing",
        "schema_prefix": "mine_building_",
        "only_brand": "shop",
    }
    assert producer.render_template(producer.env, context)["LIFECYCLE_AS_OF_DATE"] == "2026-06-30"
    assert producer.render_template(producer.full_refresh, context) == "True"


def test_postgres_wants_a_parsed_project(monkeypatch, tmp_path):
    errors = loaded(monkeypatch, LIFECYCLE_TARGET="postgres", LIFECYCLE_PROJECT_DIR=str(tmp_path)).import_errors
    assert "dbt parse --target postgres" in next(iter(errors.values()))
