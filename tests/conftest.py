"""What all tests share: how hypothesis looks for examples, and compiled projects."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import project

# Long runs: whole data sets, many builds of dbt, faults at every step. `make test`
# leaves them to `make test-slow`, and CI runs both.
SLOW = (
    "test_against_oracle.py::test_online_retail",
    "test_against_oracle.py::test_other_real_sales",
    "test_alerting.py::test_killed_at_any_moment_no_alert_is_lost_and_none_comes_twice",
    "test_cases_of_meaning.py::test_a_row_of_no_brand_has_the_say_also_where_one_brand_is_built",
    "test_day_by_day.py",
    "test_forget.py::test_forgetting_may_be_stopped_anywhere",
    "test_forget.py::test_the_build_is_written_again_at_once_or_not",
    "test_forget.py::test_the_raw_tables_are_asked_by_whole_ids",
    "test_input_files.py::test_a_day_that_has_not_come_is_named",
    "test_input_files.py::test_a_folder_that_is_not_there",
    "test_input_files.py::test_brand_ids_of_every_sort",
    "test_input_files.py::test_files_of_every_sort",
    "test_input_files.py::test_files_that_are_not_read_stop_the_run_at_once",
    "test_input_files.py::test_listed_tables_of_a_folder",
    "test_input_files.py::test_many_rejected_rows_fail_where_they_should",
    "test_input_files.py::test_no_file_of_orders",
    "test_input_files.py::test_no_orders_at_all",
    "test_input_files.py::test_only_orders",
    "test_input_files.py::test_only_rejected_orders",
    "test_input_files.py::test_only_rows_after_the_last_day_that_counts",
    "test_input_files.py::test_tables_of_a_schema_are_read_and_left_alone",
    "test_input_files.py::test_tables_that_are_not_listed_are_not_read",
    "test_input_findings.py::test_many_of_a_kind_are_three_lines_and_a_count",
    "test_inputs.py::test_typed_columns_of_tables",
    "test_oracle.py::test_online_retail_adds_up",
    "test_publishing.py::test_dbt_records_whole_tested_builds_alone",
    "test_publishing.py::test_publishing_may_fail_anywhere",
    "test_publishing.py::test_restoring_that_fails_changes_nothing",
    "test_publishing_files.py::test_case_28",
    "test_settings.py::test_check_settings",
    "test_settings.py::test_the_day_of_the_environment",
    "test_truth_page.py::test_the_page_has_the_measured_figures",
)
# Builds that take long; all tests that read one are slow, too.
SLOW_FIXTURES = {"cdnow_builds", "limits"}
# More of what the others sample: further seeds of random histories and files, real sales as of a day in the middle,
# models of predicted value fitted over further real sales, and kills at every step of what may fail at every step. CI
# runs them every night, not for every change. A test of both lists is one of these.
NIGHTLY = (
    "test_against_oracle.py::test_online_retail_from_csv_to_a_day_in_the_middle",
    "test_against_oracle.py::test_other_real_sales[cdnow-settings1-1997-11-15]",
    "test_clv.py::test_a_new_brand_is_fitted_in_any_case",
    "test_clv.py::test_backtests_of_online_retail",
    "test_clv.py::test_backtests_of_the_grocer",
    "test_clv.py::test_online_retail",
    "test_clv.py::test_parameters_are_kept_as_long_as_is_set",
    "test_clv.py::test_predictions_of_the_grocer",
    "test_clv.py::test_the_chance_to_order_beats_the_old_p_alive",
    "test_clv.py::test_what_is_estimated_is_a_maximum_and_what_is_kept_is_used",
    "test_examples.py::test_what_the_package_reads",
    "test_fuzz_inputs.py",
    "test_properties.py::test_a_crowded_history[1",
    "test_properties.py::test_a_crowded_history[5",
    "test_properties.py::test_a_crowded_history[6",
    "test_properties.py::test_a_crowded_history[7",
    "test_properties.py::test_a_crowded_history[8",
    "test_properties.py::test_a_crowded_history[9",
    "test_properties.py::test_a_history",
    "test_publishing.py::test_publishing_may_be_killed_anywhere",
    "test_publishing.py::test_restoring_may_be_killed_anywhere",
)


# What needs an engine, a service, a browser or an environment of its own, or minutes of both cores.
OUTSIDE = (
    "postgres",
    "airflow",
    "superset",
    "browser",
    "metricflow",
    "examples",
    "torture",
    "spark",
    "iceberg",
    "dialects",
)


def pytest_collection_modifyitems(items):
    """Marks what is slow, and what runs only where its marker is asked for."""
    for item in items:
        name = f"{item.path.name}::{item.nodeid.partition('::')[2]}"
        if name.startswith(NIGHTLY):
            item.add_marker(pytest.mark.nightly)
        elif name.startswith(SLOW) or SLOW_FIXTURES & {*item.fixturenames}:
            item.add_marker(pytest.mark.slow)
        if any(item.get_closest_marker(name) for name in OUTSIDE):
            item.add_marker(pytest.mark.outside)


settings.register_profile(
    "fixed",  # the same examples on every run and machine
    deadline=None,
    derandomize=True,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("searching", settings.get_profile("fixed"), derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


def pytest_addoption(parser):
    """An option for what takes minutes more."""
    parser.addoption(
        "--builds",
        action="store_true",
        help="run the commands of the documents that build a warehouse, too",
    )
    parser.addoption("--publication", type=Path, help="a published DuckDB file of the sample")
    parser.addoption("--spark-build", type=Path, help="LIFECYCLE_SPARK_DIR of a run of the sample")
    parser.addoption("--dialects", type=Path, help="a folder with the wheels of requirements/dialects.txt")
    parser.addoption("--sample-build", type=Path, help="a whole, tested build of the sample")
    parser.addoption("--sample-target", type=Path, help="dbt's target folder of that build: it is then not built again")
    parser.addoption(
        "--superset-python",
        type=Path,
        default=project.ROOT / ".venv-superset" / "bin" / "python",
        help="the Python of an environment that has Superset",
    )


@pytest.fixture(scope="session")
def sample_build(once, pytestconfig):
    """The sample, built once for the session as `dbt build` does it, or copied from a build that is there."""
    database, target = (pytestconfig.getoption(name) for name in ("sample_build", "sample_target"))
    if database and target:
        return once("sample", lambda folder: project.kept_build(folder, database, target))
    return once("sample", project.build)


@pytest.fixture(scope="session")
def compiled_project(once):
    """A function that compiles the project with settings of brands, for the session.

    It takes a name, `brands` and `brand_defaults`, and gives a
    `project.CompiledProject`; one name is compiled once.
    """
    loaded: dict[str, project.CompiledProject] = {}

    def load(name, brands, brand_defaults=None):
        if name not in loaded:
            loaded[name] = project.CompiledProject(
                once(name, lambda folder: project.prepare(folder, brands, brand_defaults))
            )
        return loaded[name]

    return load


@pytest.fixture(scope="session", autouse=True)
def shared_folder(tmp_path_factory, pytestconfig):
    """Where the processes of pytest-xdist leave what one of them made for all, and what is parsed before."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        project.shared_folder = tmp_path_factory.getbasetemp().parent
    if target := pytestconfig.getoption("sample_target"):
        project.sample_parse = target.absolute() / "partial_parse.msgpack"


@pytest.fixture(scope="session")
def once(shared_folder, tmp_path_factory):
    """A function that makes something once, also where several processes test.

    It takes a name and what to call with a folder of that name; what this
    returns is kept on disk for the processes of pytest-xdist that come later.
    """
    base = project.shared_folder or tmp_path_factory.getbasetemp()

    def make(name, function):
        kept = base / f"{name}.pickle"
        with project.locked(base / f"{name}.lock"):
            if not kept.exists():
                made = function(base / name)
                kept.write_bytes(pickle.dumps(made))
            return pickle.loads(kept.read_bytes())

    return make
