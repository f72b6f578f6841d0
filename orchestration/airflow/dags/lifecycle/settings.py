"""Where the dbt project and its environment are, and when it runs: from the environment of Airflow's processes."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TARGETS = ("duckdb", "postgres")


@dataclass(frozen=True)
class Settings:
    """Settings that the shape of the DAG depends on; orchestration/airflow/README.md has them as a table."""

    project_dir: Path
    python: Path
    target: str
    schedule: str
    timezone: str
    dbt_vars: dict[str, Any] = field(default_factory=dict)
    reports: Path | None = None
    report_language: str | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """The settings that environment variables give, with defaults for a checkout that was built with `make build`.

        Takes: the variables. Raises ValueError for a value that cannot be, which Airflow shows as an import error.
        """
        project_dir = Path(environment.get("LIFECYCLE_PROJECT_DIR") or Path(__file__).resolve().parents[4])
        target = environment.get("LIFECYCLE_TARGET") or "duckdb"
        if target not in TARGETS:
            raise ValueError(f"LIFECYCLE_TARGET is {target!r}; it must be one of {', '.join(TARGETS)}.")
        return cls(
            project_dir=project_dir,
            python=Path(environment.get("LIFECYCLE_DBT_PYTHON") or project_dir / ".venv" / "bin" / "python"),
            target=target,
            schedule=environment.get("LIFECYCLE_SCHEDULE") or "0 5 * * *",
            timezone=environment.get("LIFECYCLE_TIMEZONE") or "UTC",
            dbt_vars=_map_of("LIFECYCLE_VARS", environment.get("LIFECYCLE_VARS") or "{}"),
            # relative to the project, as LIFECYCLE_PUBLICATIONS is; set to nothing for none
            reports=project_dir / reports if (reports := environment.get("LIFECYCLE_REPORTS", "reports")) else None,
            report_language=environment.get("LIFECYCLE_REPORT_LANGUAGE") or None,
        )

    @property
    def dbt(self) -> Path:
        """The dbt of the project's own environment."""
        return self.python.with_name("dbt")

    @property
    def lifecycle(self) -> Path:
        """The command that builds, publishes and reports, in the project's own environment."""
        return self.python.with_name("lifecycle")

    @property
    def report(self) -> tuple[str, ...]:
        """The command that writes the report, of all brands."""
        return (
            str(self.lifecycle),
            "report",
            f"--target={self.target}",
            f"--output={self.reports}",
            *([f"--language={self.report_language}"] if self.report_language else []),
        )

    @property
    def manifest(self) -> Path:
        """The manifest that `dbt parse` writes, of which cosmos makes tasks."""
        return self.project_dir / os.environ.get("DBT_TARGET_PATH", "target") / "manifest.json"


def _map_of(name: str, value: str) -> dict[str, Any]:
    """The map that a variable holds as JSON. Raises ValueError where it holds none."""
    try:
        found = json.loads(value)
    except json.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise ValueError(f'{name} is {value!r}; it must be a map in JSON, such as {{"raw_schema": "landing"}}.')
    return found
