"""Where a publication is read from. Every query of the report runs unchanged on both."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from customer_lifecycle.reporting.errors import NO_PUBLICATION, WRONG_USAGE, ReportError

Row = dict[str, Any]
Reader = Callable[[str], list[Row]]

# where tables are looked up, in this order
SCHEMAS = ("marts", "reference", "quality")
PUBLISH_FIRST = "run `make publish` first, or name another with --publication"


@contextmanager
def duckdb_reader(path: Path) -> Iterator[Reader]:
    """Give a reader of a published DuckDB file, opened read-only. Raises ReportError if it cannot be opened."""
    import duckdb

    if not path.is_file():
        raise ReportError(f"there is no publication {path}: {PUBLISH_FIRST}", NO_PUBLICATION)
    try:
        # one thread: sums of floating-point numbers are then exactly reproducible
        connection = duckdb.connect(str(path), read_only=True, config={"threads": 1})
        connection.execute(f"set search_path = '{','.join(SCHEMAS)}'")
    except duckdb.Error as error:
        raise ReportError(f"{path} is no publication ({first_line(error)}): {PUBLISH_FIRST}", NO_PUBLICATION) from error

    def read(query: str) -> list[Row]:
        try:
            cursor = connection.execute(query)
        except duckdb.CatalogException as error:
            raise ReportError(
                f"{path} is no publication ({first_line(error)}): {PUBLISH_FIRST}", NO_PUBLICATION
            ) from error
        return as_rows(cursor.description, cursor.fetchall())

    with connection:
        yield read


@contextmanager
def postgres_reader() -> Iterator[Reader]:
    """Give a reader of the schemas marts, reference and quality on the server of the PG… variables, with
    LIFECYCLE_SCHEMA_PREFIX before their names.

    Raises ReportError if psycopg2 is missing, the server does not answer, or nothing is published there.
    """
    try:
        import psycopg2
        from psycopg2 import sql
    except ImportError as error:
        raise ReportError(
            "--target postgres needs psycopg2: pip install -r requirements-postgres.txt", WRONG_USAGE
        ) from error
    try:
        connection = psycopg2.connect("")
    except psycopg2.Error as error:
        raise ReportError(
            f"no connection to Postgres, by PGHOST, PGPORT, PGUSER, PGPASSWORD and PGDATABASE: {first_line(error)}",
            NO_PUBLICATION,
        ) from error
    connection.set_session(readonly=True, autocommit=True)
    prefix = os.environ.get("LIFECYCLE_SCHEMA_PREFIX", "")
    path = sql.SQL(", ").join(sql.Identifier(f"{prefix}{schema}") for schema in SCHEMAS)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("set search_path to {}").format(path))

    def read(query: str) -> list[Row]:
        with connection.cursor() as cursor:
            try:
                cursor.execute(query)
            except psycopg2.errors.UndefinedTable as error:
                raise ReportError(
                    f"nothing is published on this Postgres ({first_line(error)}): run `make publish` first",
                    NO_PUBLICATION,
                ) from error
            except psycopg2.Error as error:
                raise ReportError(f"Postgres refuses to answer: {first_line(error)}", NO_PUBLICATION) from error
            return as_rows(cursor.description, cursor.fetchall())

    try:
        yield read
    finally:
        connection.close()


def as_rows(description: Any, values: list[tuple[Any, ...]]) -> list[Row]:
    """Give the rows of a result as dicts by the names of its columns."""
    names = [column[0] for column in description]
    return [dict(zip(names, row)) for row in values]


def first_line(error: Exception) -> str:
    """Give the first line of an engine's message: the rest repeats the query."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
