"""Every night: are the raw tables up to date, build and test, publish, send new alerts, write the report. See
../README.md.

dbt stays in an environment of its own and is called by path. A run is of one day, the last that was over when its data
interval ended, so that a rerun or a backfill builds what the night itself would have built.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pendulum
from airflow.sdk import DAG, CronDataIntervalTimetable, Param, chain

from lifecycle.notifiers import tell_of_failure
from lifecycle.operators import CommandOperator, SendAlertsOperator
from lifecycle.settings import Settings

SETTINGS = Settings.from_environment()


def as_of_date(dag_run: Any, params: Mapping[str, Any]) -> str:
    """The day that a run is of: the last one that was over at the end of its data interval, on the business's clock.

    A run that was triggered without a logical date has no interval: then the day before it was to start. The param
    as_of_date goes before both.
    """
    if params["as_of_date"]:
        return params["as_of_date"]
    end = dag_run.data_interval_end or dag_run.run_after
    return pendulum.instance(end).in_timezone(SETTINGS.timezone).subtract(days=1).to_date_string()


def dbt_vars(params: Mapping[str, Any]) -> str:
    """dbt's vars for a run where dbt is not called by `lifecycle`, as JSON; in the schemas from which that
    publishes."""
    prefix = os.environ.get("LIFECYCLE_SCHEMA_PREFIX", "")
    values = {**SETTINGS.dbt_vars, "schema_prefix": f"{prefix}building_"}
    if params["brand"]:
        values["only_brand"] = params["brand"]
    return json.dumps(values)


def on_failure(context: Mapping[str, Any]) -> None:
    """Tells of a run that failed, whichever way alerts go out."""
    day = None
    if context.get("dag_run") is not None and context.get("params") is not None:
        day = as_of_date(context["dag_run"], context["params"])
    tell_of_failure(SETTINGS, context, day)


FOLDER = str(SETTINGS.project_dir)
OPTIONS = (f"--target={SETTINGS.target}", f"--vars={json.dumps(SETTINGS.dbt_vars)}")
DAY = "--as-of-date={{ as_of_date(dag_run, params) }}"
BRAND = "{{ '--brand=' ~ params.brand if params.brand }}"

with DAG(
    dag_id="customer_lifecycle",
    description="Customer lifecycle and loyalty: built, tested, published and acted on, once a day",
    doc_md=__doc__,
    # a plain cron expression would give runs without a data interval
    schedule=CronDataIntervalTimetable(SETTINGS.schedule, timezone=SETTINGS.timezone),
    start_date=pendulum.datetime(2025, 1, 1, tz=SETTINGS.timezone),
    catchup=False,
    max_active_runs=1,
    on_failure_callback=on_failure,
    default_args={
        "retries": 3,
        "retry_delay": timedelta(minutes=5),
        "execution_timeout": timedelta(hours=4),
        # across runs too: a backfill has a limit of active runs of its own
        "max_active_tis_per_dag": 1,
    },
    params={
        "as_of_date": Param(None, type=["null", "string"], format="date", description="The day; none: the run's own"),
        "brand": Param(None, type=["null", "string"], description="One brand, published by itself; none: all"),
        "full_refresh": Param(
            False, type="boolean", description="Rebuild incremental models and fit predictions again"
        ),
        "accept_row_drop": Param(False, type="boolean", description="Publish although rows are missing; see the log"),
    },
    user_defined_macros={"as_of_date": as_of_date, "dbt_vars": dbt_vars},
    tags=["dbt", "customer lifecycle"],
) as dag:
    source_freshness = CommandOperator(
        task_id="source_freshness",
        command=[str(SETTINGS.lifecycle), "freshness", *OPTIONS],
        arguments=[DAY, BRAND],
        folder=FOLDER,
        final_exit_codes={2: "The settings are wrong"},
        # rows that land late are waited for, three hours
        retries=6,
        retry_delay=timedelta(minutes=30),
    )
    if SETTINGS.target == "duckdb":
        build = CommandOperator(
            task_id="build_and_test",
            command=[str(SETTINGS.lifecycle), "build", *OPTIONS],
            arguments=[DAY, BRAND, "{{ '--full-refresh' if params.full_refresh }}"],
            folder=FOLDER,
            final_exit_codes={
                1: "The build or a data test failed; nothing is published",
                2: "The settings are wrong; nothing is published",
            },
        )
    else:
        # cosmos takes a second to import
        from lifecycle.cosmos_build import build_by_model

        prepare = CommandOperator(
            task_id="prepare",
            command=[str(SETTINGS.lifecycle), "prepare", *OPTIONS],
            arguments=[DAY, BRAND],
            folder=FOLDER,
            final_exit_codes={2: "The settings are wrong"},
        )
        build = build_by_model(
            SETTINGS,
            "{{ as_of_date(dag_run, params) }}",
            "{{ dbt_vars(params) }}",
            "{{ params.full_refresh }}",
        )
        source_freshness >> prepare >> build
    publish = CommandOperator(
        task_id="publish",
        command=[str(SETTINGS.lifecycle), "publish", *OPTIONS],
        arguments=[DAY, BRAND, "{{ '--accept-row-drop' if params.accept_row_drop }}"],
        folder=FOLDER,
        final_exit_codes={
            1: "Rows are missing that were there before; nothing is published",
            2: "The settings are wrong; nothing is published",
            3: "There is no complete, tested build of the day; nothing is published",
        },
    )
    send_alerts = SendAlertsOperator(
        task_id="send_alerts", command=[str(SETTINGS.lifecycle), "alerts", *OPTIONS], arguments=[BRAND], folder=FOLDER
    )
    chain(source_freshness, build, publish, send_alerts)
    if SETTINGS.reports:
        # beside the alerts: neither waits for the other, nor fails with it
        publish >> CommandOperator(
            task_id="report",
            command=SETTINGS.report,
            arguments=[],
            folder=FOLDER,
            final_exit_codes={2: "The settings are wrong; no report was written"},
            skip_exit_codes={
                69: "The report needs packages of its own: pip install -r requirements-report.txt in dbt's "
                "environment, or set LIFECYCLE_REPORTS to nothing"
            },
            skip_if="{{ 'The report is of all brands, and this run is of one' if params.brand }}",
        )
