"""The build as a task for each model, by astronomer-cosmos: for a warehouse that takes parallel writers."""

from __future__ import annotations

from airflow.sdk import TaskGroup
from cosmos import DbtTaskGroup, ExecutionConfig, ProfileConfig, ProjectConfig, RenderConfig
from cosmos.constants import ExecutionMode, InvocationMode, LoadMode, TestBehavior

from lifecycle.settings import Settings


def build_by_model(settings: Settings, as_of_date: str, dbt_vars: str, full_refresh: str) -> TaskGroup:
    """A group with a task for each seed, model and snapshot, and for the tests of each, in the order of the project.

    One task runs `dbt build` as a whole, the others watch for their node in it: that is quicker than a dbt for each,
    and it is what publishing wants to see, a build of everything whose tests all passed.
    Takes: the settings; the day, dbt's vars as JSON and whether to refresh, as templates.
    Raises FileNotFoundError where the project has not been parsed, which Airflow shows as an import error.
    """
    if not settings.manifest.exists():
        raise FileNotFoundError(
            f"There is no {settings.manifest}: run `{settings.dbt} parse --target {settings.target}` in "
            f"{settings.project_dir}, now and after every change of the project."
        )
    return DbtTaskGroup(
        group_id="build_and_test",
        project_config=ProjectConfig(
            dbt_project_path=settings.project_dir, manifest_path=settings.manifest, install_dbt_deps=False
        ),
        profile_config=ProfileConfig(
            profile_name="customer_lifecycle",
            target_name=settings.target,
            profiles_yml_filepath=settings.project_dir / "profiles.yml",
        ),
        execution_config=ExecutionConfig(
            execution_mode=ExecutionMode.WATCHER,
            invocation_mode=InvocationMode.SUBPROCESS,
            dbt_executable_path=str(settings.dbt),
        ),
        render_config=RenderConfig(load_method=LoadMode.DBT_MANIFEST, test_behavior=TestBehavior.AFTER_EACH),
        operator_args={
            "vars": dbt_vars,
            "full_refresh": full_refresh,
            # not a var: see macros/settings/given_project_settings.sql
            "env": {"LIFECYCLE_AS_OF_DATE": as_of_date},
            "append_env": True,
            # unit tests say nothing about the data
            "dbt_cmd_flags": ["--exclude-resource-type", "unit_test"],
            # nothing else is scheduled by single models
            "emit_datasets": False,
        },
        # who watches does not build a second time: see the README
        default_args={"retries": 0},
    )
