"""A run on DuckDB takes as much of the machine's memory as LIFECYCLE_DUCKDB_MEMORY says, or half of it."""

from __future__ import annotations

import os

import duckdb
import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

import project

SETTINGS = "select current_setting('memory_limit'), current_setting('temp_directory')"


def mebibytes(limit):
    size, unit = limit.split(" ")
    return float(size) * {"MiB": 1, "GiB": 1024, "TiB": 1024**2}[unit]


@pytest.fixture(scope="module")
def settings_of_runs(tmp_path_factory):
    """Of three runs of one process, what DuckDB was set to when a model had been built: with a limit, without, with
    another."""
    folder = tmp_path_factory.mktemp("memory")
    found = []

    def look(event):
        if event.info.name == "LogModelResult":
            found.append(DuckDBConnectionManager._ENV.conn.cursor().execute(SETTINGS).fetchall()[0])

    manifest = project.parsed(folder)
    with project.dbt_environment(folder / "lifecycle.duckdb"):
        common = ["--quiet", "--no-use-colors", "--project-dir", str(project.ROOT), "--profiles-dir", str(project.ROOT)]
        common += ["--target", "duckdb", "--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
        for memory in ("600MB", "", "800MB"):
            os.environ["LIFECYCLE_DUCKDB_MEMORY"] = memory
            os.environ["LIFECYCLE_DUCKDB_TEMP"] = str(folder / "spilled") if memory == "600MB" else ""
            runner = dbtRunner(manifest, callbacks=[look])
            assert runner.invoke(["run", "--select", "int_period_grains", *common]).success
            DuckDBConnectionManager.close_all_connections()
    assert len(found) == 3
    return folder, found


def test_what_is_given_is_taken(settings_of_runs):
    folder, found = settings_of_runs
    assert [limit for limit, _ in found][::2] == ["572.2 MiB", "762.9 MiB"]
    assert found[0][1] == str(folder / "spilled")


def test_without_a_limit_it_is_five_eighths_of_what_duckdb_would_take(settings_of_runs):
    _, found = settings_of_runs
    with duckdb.connect() as connection:
        usual = mebibytes(connection.execute(SETTINGS).fetchall()[0][0])
    assert mebibytes(found[1][0]) == pytest.approx(usual * 5 / 8, rel=0.01)
