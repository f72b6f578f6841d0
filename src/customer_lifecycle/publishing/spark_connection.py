"""Statements for Spark: through a Thrift server, or by a Spark of their own that lives in another process.

The metastore of a Spark on this machine is open to one process at a time, and dbt's is the next. Whatever a process
holds ends with it, so a session is one, and is closed before dbt begins.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from customer_lifecycle.local_spark import SparkError, java

from .publication import ExitCode, PublishError

Row = tuple[Any, ...]
READY = "ready"


class SparkStatementError(Exception):
    """What Spark says is wrong with a statement; its first line."""


class Connection(ABC):
    """Where statements go, one at a time."""

    @abstractmethod
    def rows(self, statement: str) -> list[Row]:
        """Runs a statement. Gives its rows, all of them; none where it gives none. Raises SparkStatementError."""

    @abstractmethod
    def close(self) -> None:
        """Closes it. The next statement opens it again."""


class ThriftConnection(Connection):
    """A session of a Thrift server."""

    def __init__(self, credentials: Any) -> None:
        self.credentials = credentials
        self._open: Any = None

    def rows(self, statement: str) -> list[Row]:
        from pyhive import exc, hive

        if self._open is None:
            self._open = hive.connect(
                host=self.credentials.host,
                port=self.credentials.port,
                username=self.credentials.user,
                auth=self.credentials.auth,
                kerberos_service_name=self.credentials.kerberos_service_name,
                password=self.credentials.password,
                configuration=dict(self.credentials.server_side_parameters),
            )
        cursor = self._open.cursor()
        try:
            cursor.execute(statement)
            if not cursor.description:
                return []
            is_date = [column[1] == "DATE_TYPE" for column in cursor.description]
            return [
                tuple(
                    dt.date.fromisoformat(value) if dated and isinstance(value, str) else value
                    for value, dated in zip(row, is_date)
                )
                for row in cursor.fetchall()
            ]
        except exc.OperationalError as error:
            raise SparkStatementError(_first_line(error)) from None
        finally:
            cursor.close()

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None


class SessionConnection(Connection):
    """A Spark of its own, in a process that ends with this one."""

    def __init__(self, settings: Mapping[str, str], folder: Path) -> None:
        """Takes: the settings of Spark; the folder that relative paths in them start from, as they do for dbt."""
        self.settings = dict(settings)
        self.folder = folder
        self._process: subprocess.Popen[str] | None = None

    def rows(self, statement: str) -> list[Row]:
        process = self._process
        if process is None or process.poll() is not None:
            process = self._process = self._start()
        assert process.stdin is not None
        process.stdin.write(json.dumps(statement) + "\n")
        process.stdin.flush()
        answer = self._answer(process)
        if "error" in answer:
            raise SparkStatementError(answer["error"])
        return [tuple(_read(value) for value in row) for row in answer["rows"]]

    def _start(self) -> subprocess.Popen[str]:
        try:
            java()
        except SparkError as error:
            raise PublishError(f"{error}", ExitCode.WRONG_USAGE) from None
        # where this module is found, wherever that process starts
        found_in = [
            str(Path(entry).absolute()) for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry
        ]
        process = subprocess.Popen(
            [sys.executable, "-m", __name__, json.dumps(self.settings)],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(found_in)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # what Spark says of itself; what is wrong with a statement comes as an answer
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
        )
        answer = self._answer(process)
        if answer != {READY: True}:
            raise SparkStatementError(str(answer.get("error", answer)))
        return process

    @staticmethod
    def _answer(process: subprocess.Popen[str]) -> dict[str, Any]:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("{"):
                answer: dict[str, Any] = json.loads(line)
                return answer
        raise SparkStatementError(f"Spark ended with {process.wait()}: is another process using its metastore?")

    def close(self) -> None:
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process.wait()
            self._process = None


KINDS: dict[str, Callable[[str], Any]] = {
    "date": dt.date.fromisoformat,
    "time": dt.datetime.fromisoformat,
    "decimal": Decimal,
}


def _written(value: Any) -> Any:
    """A value as JSON has it: what it has no kind for is a pair of kind and text."""
    if isinstance(value, dt.datetime):
        return ["time", value.isoformat()]
    if isinstance(value, dt.date):
        return ["date", value.isoformat()]
    if isinstance(value, Decimal):
        return ["decimal", str(value)]
    return value


def _read(value: Any) -> Any:
    return KINDS[value[0]](value[1]) if isinstance(value, list) else value


def _first_line(error: BaseException) -> str:
    # a Thrift server's answer is an object, whose text would be one line with the whole statement in it
    status = getattr(error.args[0] if error.args else None, "status", None)
    error = Exception(getattr(status, "errorMessage", None) or error)
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def serve(settings: Mapping[str, str]) -> None:
    """Runs the statements of the standard input, a JSON text a line, and answers each with a line of JSON."""
    from pyspark.sql import SparkSession

    def answer(**values: Any) -> None:
        print(json.dumps(values), flush=True)

    try:
        builder = SparkSession.builder
        for name, value in settings.items():
            builder = builder.config(name, value)
        session = builder.enableHiveSupport().getOrCreate()
        # which opens the metastore
        session.sql("show databases").collect()
    except Exception as error:
        answer(error=_first_line(error))
        return
    answer(**{READY: True})
    for line in sys.stdin:
        try:
            found = session.sql(json.loads(line))
            answer(rows=[[_written(value) for value in row] for row in (found.collect() if found.columns else [])])
        except Exception as error:  # whatever Spark raises is about the statement
            answer(error=_first_line(error))
    session.stop()


def connection_of(credentials: Any, folder: Path) -> Connection:
    """The connection of dbt's credentials for Spark.

    Takes: the credentials; the folder that relative paths in them start from. Raises for what only dbt can reach.
    """
    method = str(credentials.method)
    if method == "session":
        return SessionConnection(credentials.server_side_parameters, folder)
    if method != "thrift" or credentials.use_ssl:
        raise PublishError(
            f"The target reaches Spark by {method}{' with use_ssl' if credentials.use_ssl else ''}, as dbt can, and "
            "publishing cannot: it needs method `session`, or `thrift` without use_ssl.",
            ExitCode.WRONG_USAGE,
        )
    return ThriftConnection(credentials)


if __name__ == "__main__":
    serve(json.loads(sys.argv[1]))
