"""The reader of raw files by itself: its macros called straight, at some milliseconds a file.

`RawReader` parses the project once. What it reads is what a build's views would
give, and what it refuses is refused in the same words.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt_common.exceptions import DbtRuntimeError

import project


class Refused(Exception):
    """The reader stopped with a message."""


class RawReader:
    """Reads tables of folders with the project's macros, over DuckDB in memory."""

    def __init__(self, folder: Path, **project_vars: Any) -> None:
        """Takes a folder to work in and vars, such as `raw_csv`. Raises RuntimeError where the project does not
        parse."""
        self._adapter, self._manifest = project.for_macros(folder, {"brands": {"b": {}}} | project_vars)
        self._connection = duckdb.connect(config={"threads": 2})
        self._connection.execute("set timezone = 'UTC'; set preserve_insertion_order = false")

    def call(self, macro_name: str, /, **arguments: Any) -> Any:
        """What a macro gives. Raises Refused with its message."""
        try:
            with self._adapter.connection_named("raw_reader"):
                return self._adapter.execute_macro(
                    macro_name,
                    macro_resolver=self._manifest,
                    project="customer_lifecycle",
                    kwargs=arguments,
                )
        except DbtRuntimeError as error:
            raise Refused(str(error.msg)) from None

    def source(self, folder: Path, table: str) -> dict[str, Any] | None:
        """The table of a folder as {relation, columns} and, of CSV, `plans`; None for an absent one."""
        found = self.call("raw_files", folder=str(folder), table=table)
        if found is None:
            return None
        return self.call(f"{found['format']}_source", table=table, found=found)

    def read(self, folder: Path, table: str = "orders") -> list[dict[str, Any]]:
        """The rows of a table of a folder, with the columns that it has."""
        source = self.source(folder, table)
        return self.rows(f"select * from {source['relation']}")

    def records(self, folder: Path, table: str = "orders") -> tuple[int, Counter[str]]:
        """Of a table of CSV files: how many records there are in all, and the malformed ones with their counts."""
        total, malformed = 0, Counter()
        for plan in self.source(folder, table)["plans"]:
            for row in self.rows(self.call("csv_records", plan=plan)):
                total += 1
                if not row["is_well_formed"]:
                    malformed[row["record"]] += 1
        return total, malformed

    def rows(self, query: str) -> list[dict[str, Any]]:
        """The rows of a query."""
        return project.rows_of(self._connection.execute(query))

    def close(self) -> None:
        """Leaves nothing open."""
        self._connection.close()
        DuckDBConnectionManager.close_all_connections()
