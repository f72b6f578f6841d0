"""The dbt project: where its warehouse is, and running a build of it."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import tempfile
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from .publication import ExitCode, PublishError

PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Project:
    """A dbt project that uses the models: this one, or another that has it as a package."""

    project_dir: Path
    profiles_dir: Path
    target: str | None = None
    dbt: str | None = None
    vars: dict[str, Any] = field(default_factory=dict)

    def credentials(self) -> Any:
        """The connection that dbt would make: its adapter's credentials. Raises where the profile does not give one."""
        # dbt takes a second to import, which `--help` and wrong usage need not wait for
        try:
            from dbt.config.runtime import load_profile
            from dbt.flags import set_from_args
            from dbt_common.context import set_invocation_context
            from dbt_common.exceptions import DbtBaseException
        except ModuleNotFoundError as error:
            raise PublishError(
                f"This Python ({sys.executable}) has no {error.name}: run me with the one that dbt is installed in, "
                "such as "
                ".venv/bin/python.",
                ExitCode.WRONG_USAGE,
            ) from None

        set_from_args(Namespace(PROJECT_DIR=str(self.project_dir), PROFILES_DIR=str(self.profiles_dir)), None)
        set_invocation_context(os.environ)
        try:
            return load_profile(str(self.project_dir), self.vars, None, self.target).credentials
        except DbtBaseException as error:
            raise PublishError(str(error), ExitCode.WRONG_USAGE) from None

    def check_freshness(
        self, schema_prefix: str, as_of_date: date | None, only_brand: str | None, lock_file: int | None
    ) -> None:
        """`dbt source freshness`: whether the raw tables reach to the day. Takes: see build.

        Raises: where one is older than the var max_source_age_days allows, or cannot be read.
        """
        code = self._dbt(["source", "freshness"], schema_prefix, as_of_date, only_brand, lock_file)
        if code:
            raise PublishError(
                "A raw table is not up to date, or could not be read; dbt says which.", ExitCode.BUILD_FAILED
            )

    def build(
        self,
        schema_prefix: str,
        as_of_date: date | None,
        only_brand: str | None,
        full_refresh: bool,
        with_unit_tests: bool,
        lock_file: int | None,
    ) -> None:
        """`dbt build` of everything, its output on this process's.

        Takes: the prefix of the schemas it works in; the day and the brand, none for what the project says; whether
        incremental models are made anew; whether unit tests run, which say nothing about the data; the descriptor of a
        lock that dbt is to hold as long as it lives, should this process be killed.
        Raises: where dbt ends with anything but success.
        """
        command = [
            "build",
            *(["--full-refresh"] if full_refresh else []),
            *([] if with_unit_tests else ["--exclude-resource-type", "unit_test"]),
        ]
        code = self._dbt(command, schema_prefix, as_of_date, only_brand, lock_file)
        if code:
            raise PublishError(
                f"The build failed (dbt ended with {code}); nothing was published.", ExitCode.BUILD_FAILED
            )

    def raw_rows_of(self, schema_prefix: str, brand_id: str, customer_id: str, lock_file: int | None) -> dict[str, Any]:
        """What the raw tables still hold of a customer, as the macro raw_rows_of_customer says it.

        Gives: `rows`, by table and column; `raw_settings`, where they were read; `schemas`, in which the project
        builds. Raises: where they cannot be read. dbt writes nothing of it down, as it would write the id.
        """
        arguments = json.dumps({"brand_id": brand_id, "customer_id": customer_id}, ensure_ascii=False)
        # what the last build parsed, which is only read, unless it has been cleaned away
        parsed = self.project_dir / (os.environ.get("DBT_TARGET_PATH") or "target") / "partial_parse.msgpack"
        with tempfile.TemporaryDirectory() as folder:
            ended = self._run(
                [
                    "--quiet",
                    "run-operation",
                    "raw_rows_of_customer",
                    "--args",
                    arguments,
                    "--target-path",
                    folder,
                    *(["--partial-parse-file-path", str(parsed)] if parsed.is_file() else []),
                    "--log-path",
                    folder,
                    "--log-level-file",
                    "none",
                    "--no-use-colors",
                ],
                schema_prefix,
                None,
                None,
                lock_file,
                stdout=subprocess.PIPE,
                encoding="utf-8",
            )
        for line in ended.stdout.splitlines():
            if line.startswith('{"raw_rows_of_customer":'):
                found: dict[str, Any] = json.loads(line)["raw_rows_of_customer"]
                return found
        print(ended.stdout.replace(customer_id, "…"), file=sys.stderr)
        raise PublishError(
            "The raw tables could not be asked whether they still hold the customer: see above. Nothing was changed.",
            ExitCode.WRONG_USAGE,
        )

    def _dbt(
        self,
        command: Sequence[str],
        schema_prefix: str,
        as_of_date: date | None,
        only_brand: str | None,
        lock_file: int | None,
    ) -> int:
        """Runs dbt, its output on this process's. Takes: see _run. Gives: dbt's exit code.

        Raises: where dbt could not start.
        """
        code = self._run(command, schema_prefix, as_of_date, only_brand, lock_file).returncode
        if code == 2:
            raise PublishError(
                "dbt did not start, or refused the settings: see above. Nothing was published.", ExitCode.WRONG_USAGE
            )
        return code

    def _run(
        self,
        command: Sequence[str],
        schema_prefix: str,
        as_of_date: date | None,
        only_brand: str | None,
        lock_file: int | None,
        **options: Any,
    ) -> subprocess.CompletedProcess[str]:
        """Runs dbt. Takes: its command with options; what is to be done with its output; for the rest see build."""
        project_vars = {**self.vars, "schema_prefix": schema_prefix}
        if only_brand is not None:
            project_vars["only_brand"] = only_brand
        # a var that is another one every night would make dbt parse the whole project every night
        day = {} if as_of_date is None else {"LIFECYCLE_AS_OF_DATE": as_of_date.isoformat()}
        return subprocess.run(
            [
                *([self.dbt] if self.dbt else [sys.executable, "-c", "from dbt.cli.main import cli; cli()"]),
                *command,
                "--project-dir",
                str(self.project_dir),
                "--profiles-dir",
                str(self.profiles_dir),
                "--vars",
                json.dumps(project_vars, ensure_ascii=False, default=str),
                *(["--target", self.target] if self.target else []),
            ],
            pass_fds=[lock_file] if lock_file is not None else [],
            preexec_fn=_end_with_parent,
            env={**os.environ, **day},
            check=False,
            **options,
        )


def _end_with_parent() -> None:
    """Linux ends the calling process when its parent dies, however it dies; elsewhere the lock alone tells of it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
