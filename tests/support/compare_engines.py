#!/usr/bin/env python3
"""The tables of two builds, held against each other cell by cell.

    python tests/support/compare_engines.py lifecycle.duckdb postgres
    python tests/support/compare_engines.py lifecycle.duckdb spark
    python tests/support/compare_engines.py one.duckdb other.duckdb --schemas facts marts

Each side is the path of a DuckDB file, the word `postgres` (PGHOST, PGPORT ... say which), the URL of a Postgres
database, or one of the words `spark` and `spark_thrift`, for what the target of that name has built. A table, column or
row that only one side has is a difference, and so are types of another kind. Rows are matched by the table's key as
the dbt manifest tells it, and whole where it tells none. Cells are compared exactly;
double precision within 1e-9 of the value. Exit code 0: the same. 1: differences, the first of them printed.
2: nothing was compared.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import os
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

import duckdb

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from oracle.compare import same

SCHEMAS = ("reference", "facts", "marts", "quality")
ROOT = Path(__file__).resolve().parents[2]
MANIFEST = ROOT / "target" / "manifest.json"
DIFFERENCES_SHOWN = 10

# the kinds of types that must agree; within one, engines may name and size a type differently
FAMILIES = {
    "text": r"(character varying|varchar|character|char|bpchar|text|string|uuid|enum)\b",
    "number": r"(u?(tiny|small|big|huge)?int(eger)?[0-9]*|decimal|numeric)\b",
    "double": r"(double|double precision|real|float[48]?)$",
    "boolean": r"bool(ean)?$",
    "date": r"date$",
    "timestamp with time zone": r"(timestamp with time zone|timestamptz)$",
    "timestamp": r"(timestamp|datetime)\b",
    "json": r"jsonb?$",
}

Row = tuple
Columns = dict[str, str]
"""From a column's name to the family of its type."""


class CannotCompare(Exception):
    """What the user is told, without a traceback."""


def family(type_name: str) -> str:
    for name, pattern in FAMILIES.items():
        if re.match(pattern, type_name, re.IGNORECASE):
            return name
    return type_name.lower()


def quoted(*names: str) -> str:
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


class Database:
    """One side of the comparison; a subclass says how to run a query."""

    name: str
    catalog_condition = "table_catalog = current_database()"
    # what the names of schemas begin with there
    prefix = ""

    def rows(self, sql: str) -> Iterator[Row]:
        raise NotImplementedError

    def tables(self, schema: str) -> dict[str, Columns]:
        """The tables and views of a schema, without those that dbt only builds with."""
        literal = "'" + (self.prefix + schema).replace("'", "''") + "'"
        tables: dict[str, Columns] = defaultdict(dict)
        for table, column, type_name in self.rows(
            f"select table_name, column_name, data_type from information_schema.columns "
            f"where table_schema = {literal} and {self.catalog_condition} order by ordinal_position"
        ):
            if "__dbt_" not in table:
                tables[table][column] = family(type_name)
        return dict(tables)

    def views(self, schema: str) -> set[str]:
        """Those of them that are views."""
        literal = "'" + (self.prefix + schema).replace("'", "''") + "'"
        return {
            name
            for (name,) in self.rows(
                f"select table_name from information_schema.views where table_schema = {literal} "
                f"and {self.catalog_condition}"
            )
        }

    def table_rows(self, schema: str, table: str, columns: Sequence[str]) -> Iterator[Row]:
        selected = ", ".join(quoted(column) for column in columns)
        return self.rows(f"select {selected} from {quoted(self.prefix + schema, table)}")


class DuckDB(Database):
    def __init__(self, path: str | Path) -> None:
        self.name = str(path)
        if not Path(path).is_file():
            raise CannotCompare(f"there is no file {path}")
        self.connection = duckdb.connect(str(path), read_only=True)
        self.connection.execute("set TimeZone = 'UTC'")

    def rows(self, sql: str) -> Iterator[Row]:
        cursor = self.connection.cursor().execute(sql)
        while rows := cursor.fetchmany(10_000):
            yield from rows


class Postgres(Database):
    def __init__(self, url: str = "") -> None:
        import psycopg2  # only who compares with Postgres needs it

        self.name = "postgres"
        try:
            self.connection = psycopg2.connect(url)
        except psycopg2.OperationalError as error:
            raise CannotCompare(str(error).strip()) from None
        self.connection.set_session(readonly=True)
        with self.connection.cursor() as cursor:
            cursor.execute("set time zone 'UTC'")
        self.cursors = itertools.count()

    def rows(self, sql: str) -> Iterator[Row]:
        # a named cursor stays on the server and sends rows in portions
        with self.connection.cursor(f"rows_{next(self.cursors)}") as cursor:
            cursor.itersize = 10_000
            cursor.execute(sql)
            yield from cursor


class SparkCatalog(Database):
    """What Spark says of its tables, however it is asked."""

    def views(self, schema: str) -> set[str]:
        return {view for _, view, *_ in self.rows(f"show views in `{self.prefix}{schema}`")}

    def table_rows(self, schema: str, table: str, columns: Sequence[str]) -> Iterator[Row]:
        return self.rows(
            f"select {', '.join(f'`{column}`' for column in columns)} from `{self.prefix}{schema}`.`{table}`"
        )


class Spark(SparkCatalog):
    """What the target `spark` has built, read by a session with the settings of its profile."""

    def __init__(self) -> None:
        import yaml
        from pyspark.sql import SparkSession  # only who compares with Spark needs it

        self.name = "spark"
        defaults = dict(re.findall(r"env_var\('(\w+)', '([^']*)'\)", (ROOT / "profiles.yml").read_text()))
        profile = re.sub(
            r"\{\{ env_var\('(\w+)', '[^']*'\)(?: \| int)? \}\}",
            lambda found: os.environ.get(found[1], defaults[found[1]]),
            (ROOT / "profiles.yml").read_text(),
        )
        builder = SparkSession.builder
        targets = yaml.safe_load(profile)["customer_lifecycle"]["outputs"]
        for name, value in targets["spark"]["server_side_parameters"].items():
            builder = builder.config(name, value)
        # as dbt-spark has it
        self.session = builder.config("spark.sql.ansi.enabled", "false").enableHiveSupport().getOrCreate()

    def rows(self, sql: str) -> Iterator[Row]:
        yield from map(tuple, self.session.sql(sql).toLocalIterator())

    def tables(self, schema: str) -> dict[str, Columns]:
        tables: dict[str, Columns] = {}
        for _, table, _ in self.rows(f"show tables in `{self.prefix}{schema}`"):
            columns = self.session.table(f"`{self.prefix}{schema}`.`{table}`").schema.fields
            tables[table] = {column.name: family(column.dataType.simpleString()) for column in columns}
        return tables


class SparkCluster(SparkCatalog):
    """What the target `spark_thrift` has built, read through the Thrift server."""

    def __init__(self) -> None:
        from pyhive import hive  # only who compares with a cluster needs it

        self.name = "spark_thrift"
        self.connection = hive.connect(
            host=os.environ.get("LIFECYCLE_SPARK_HOST", "localhost"),
            port=int(os.environ.get("LIFECYCLE_SPARK_PORT", "10000")),
            username=os.environ.get("LIFECYCLE_SPARK_USER", "dbt"),
            configuration={"spark.sql.session.timeZone": "UTC"},
        )

    def rows(self, sql: str) -> Iterator[Row]:
        cursor = self.connection.cursor()
        cursor.execute(sql)
        # the driver gives the text of a date
        is_date = [column[1] == "DATE_TYPE" for column in cursor.description]
        while rows := cursor.fetchmany(10_000):
            for row in rows:
                yield tuple(
                    date.fromisoformat(value) if dated and isinstance(value, str) else value
                    for value, dated in zip(row, is_date)
                )

    def tables(self, schema: str) -> dict[str, Columns]:
        found: dict[str, Columns] = {}
        for _, table, _ in self.rows(f"show tables in `{self.prefix}{schema}`"):
            columns = self.rows(f"describe `{self.prefix}{schema}`.`{table}`")
            found[table] = {column: family(type_name) for column, type_name, _ in columns if not column.startswith("#")}
        return found


def connect(place: str | Path) -> Database:
    place = str(place)
    if place == "spark_thrift":
        return SparkCluster()
    if place == "spark":
        return Spark()
    if place == "postgres":
        return Postgres()
    if place.startswith(("postgres://", "postgresql://")):
        return Postgres(place)
    return DuckDB(place)


def manifest_keys(manifest: dict) -> dict[tuple[str, str], list[list[str]]]:
    """The keys of every table that the manifest tells of, by schema and table: the primary key before tested ones."""
    keys: dict[tuple[str, str], list[list[str]]] = defaultdict(list)
    tests: dict[str, list[list[str]]] = defaultdict(list)
    nodes = manifest.get("nodes", {})
    for node in nodes.values():
        test = node.get("test_metadata") or {}
        if "unique" not in test.get("name", ""):
            continue
        arguments = test.get("kwargs", {})
        arguments = {**arguments, **(arguments.get("arguments") or {})}
        lists = [value for value in arguments.values() if isinstance(value, list) and value]
        model = node.get("attached_node") or ""
        if lists:
            tests[model].append([str(column) for column in lists[0]])
        elif arguments.get("column_name"):
            tests[model].append([str(arguments["column_name"])])
    for unique_id, node in nodes.items():
        if node.get("resource_type") not in ("model", "seed", "snapshot"):
            continue
        declared = [
            constraint["columns"]
            for kind in ("primary_key", "unique")
            for constraint in node.get("constraints", [])
            if constraint["type"] == kind and constraint.get("columns")
        ] + [
            [column["name"]]
            for kind in ("primary_key", "unique")
            for column in node.get("columns", {}).values()
            if any(constraint["type"] == kind for constraint in column.get("constraints", []))
        ]
        unique_key = (node.get("config") or {}).get("unique_key")
        configured = [[unique_key] if isinstance(unique_key, str) else list(unique_key)] if unique_key else []
        table = (node["schema"], node.get("alias") or node["name"])
        keys[table] += [
            [str(column).strip('"').lower() for column in key] for key in declared + tests[unique_id] + configured
        ]
    return keys


@dataclass
class TableResult:
    """What the comparison of one table found."""

    table: str
    left_rows: int = 0
    right_rows: int = 0
    count: int = 0
    shown: list[str] = field(default_factory=list)
    limit: int = DIFFERENCES_SHOWN

    def add(self, difference: str) -> None:
        self.count += 1
        if len(self.shown) < self.limit:
            self.shown.append(difference)

    def __str__(self) -> str:
        if not self.count:
            return f"{self.table}: {self.left_rows:,} rows, the same"
        lines = [f"{self.table}: {self.count:,} difference{'s' if self.count > 1 else ''}"]
        lines += [f"    {difference}" for difference in self.shown]
        if self.count > len(self.shown):
            lines.append(f"    … and {self.count - len(self.shown):,} more")
        return "\n".join(lines)


def comparable(value: Any, kind: str) -> Any:
    """A value as it compares across engines."""
    if value is None:
        return None
    if kind == "json":
        return json.dumps(json.loads(value) if isinstance(value, (str, bytes)) else value, sort_keys=True)
    if kind == "text":
        return str(value)
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(timezone.utc).replace(tzinfo=None)
    return value


def same_cell(left: Any, right: Any) -> bool:
    if isinstance(left, float) and isinstance(right, float) and math.isnan(left) and math.isnan(right):
        return True
    return same(left, right)


def sortable(row: Row) -> tuple:
    """Any row as something that sorts: null first, floats by value, all else by its text."""
    return tuple(
        (0, 0.0, "") if value is None else (1, value, "") if isinstance(value, float) else (2, 0.0, repr(value))
        for value in row
    )


def named(columns: Sequence[str], row: Row) -> str:
    return ", ".join(f"{column}={value}" for column, value in zip(columns, row))


class TableComparison:
    """Two tables of one name and the columns that both have."""

    def __init__(self, left: Database, right: Database, schema: str, table: str, kinds: Columns) -> None:
        self.sides = (left, right)
        self.schema, self.table, self.kinds = schema, table, kinds
        self.columns = list(kinds)

    def read(self, side: int, columns: Sequence[str]) -> Iterator[Row]:
        kinds = [self.kinds[column] for column in columns]
        for row in self.sides[side].table_rows(self.schema, self.table, columns):
            yield tuple(map(comparable, row, kinds))

    def compare(self, keys: Sequence[Sequence[str]], result: TableResult) -> None:
        for key in keys:
            if all(column in self.kinds and self.kinds[column] != "double" for column in key):
                rest = [column for column in self.columns if column not in key]
                groups = self.by_key(key, rest)
                if groups is not None:
                    self.compare_rows(key, rest, *groups, result)
                    return
        # no key: rows that agree in all but the doubles belong together
        exact = [column for column in self.columns if self.kinds[column] != "double"]
        doubles = [column for column in self.columns if self.kinds[column] == "double"]
        self.compare_rows(exact, doubles, self.grouped(0, exact, doubles), self.grouped(1, exact, doubles), result)

    def grouped(self, side: int, key: Sequence[str], rest: Sequence[str]) -> dict[Row, list[Row]]:
        groups: dict[Row, list[Row]] = defaultdict(list)
        for row in self.read(side, [*key, *rest]):
            groups[row[: len(key)]].append(row[len(key) :])
        return groups

    def by_key(self, key: Sequence[str], rest: Sequence[str]) -> tuple[dict, dict] | None:
        """The rows of both sides by their key; none where it is not unique, and so is no key."""
        groups = self.grouped(0, key, rest), self.grouped(1, key, rest)
        return groups if all(len(rows) == 1 for side in groups for rows in side.values()) else None

    def compare_rows(self, key, rest, left: dict, right: dict, result: TableResult) -> None:
        result.left_rows = sum(map(len, left.values()))
        result.right_rows = sum(map(len, right.values()))
        for row_key in sorted(left.keys() | right.keys(), key=sortable):
            name = named(key, row_key)
            rows = sorted(left.get(row_key, []), key=sortable), sorted(right.get(row_key, []), key=sortable)
            for number, side in enumerate(self.sides):
                for row in rows[number][len(rows[1 - number]) :]:
                    also = f" ({named(rest, row)})" if rest and len(rest) <= 6 else ""
                    result.add(f"only in {side.name}: {name}{also}")
            for left_row, right_row in zip(*rows):
                for column, left_value, right_value in zip(rest, left_row, right_row):
                    if not same_cell(left_value, right_value):
                        result.add(f"{name}: {column}: {left_value!r} against {right_value!r}")


def compare_databases(
    left: Database | str | Path,
    right: Database | str | Path,
    schemas: Sequence[str] = SCHEMAS,
    keys: dict[tuple[str, str], list[list[str]]] | None = None,
    exclude: Sequence[str] = (),
    limit: int = DIFFERENCES_SHOWN,
    with_views: bool = True,
) -> Iterator[TableResult]:
    """Compare all tables of some schemas; a result for each. Raises where a schema has no table on either side."""
    left = left if isinstance(left, Database) else connect(left)
    right = right if isinstance(right, Database) else connect(right)
    keys = keys or {}
    for schema in schemas:
        left_tables, right_tables = left.tables(schema), right.tables(schema)
        if not left_tables and not right_tables:
            raise CannotCompare(f"the schema {schema} has no table, neither in {left.name} nor in {right.name}")
        left_out = set() if with_views else right.views(schema)
        for table in sorted((left_tables.keys() | right_tables.keys()) - left_out):
            full_name = f"{schema}.{table}"
            if full_name in exclude:
                continue
            result = TableResult(full_name, limit=limit)
            for side, tables in ((left, left_tables), (right, right_tables)):
                if table not in tables:
                    result.add(f"there is no such table in {side.name}")
            if result.count == 0:
                columns, others = left_tables[table], right_tables[table]
                for side, missing in ((left, others.keys() - columns.keys()), (right, columns.keys() - others.keys())):
                    for column in sorted(missing):
                        result.add(f"there is no column {column} in {side.name}")
                both = {
                    column: kind
                    for column, kind in columns.items()
                    if column in others and f"{full_name}.{column}" not in exclude
                }
                for column, kind in both.items():
                    if kind != others[column]:
                        result.add(f"the column {column} is of type {kind} against {others[column]}")
                        both[column] = "double" if {kind, others[column]} == {"number", "double"} else kind
                comparison = TableComparison(left, right, schema, table, both)
                comparison.compare(keys.get((schema, table), []), result)
            yield result


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("left", help="a DuckDB file, `postgres`, or the URL of a Postgres database")
    parser.add_argument("right", help="the same")
    parser.add_argument("--schemas", nargs="+", default=SCHEMAS, metavar="SCHEMA", help=f"default: {' '.join(SCHEMAS)}")
    parser.add_argument("--right-prefix", default="", help="what the schemas of the right side begin with")
    parser.add_argument("--exclude", nargs="+", default=(), metavar="SCHEMA.TABLE[.COLUMN]", help="what to leave out")
    parser.add_argument("--without-views", action="store_true", help="leave out what is a view on the right side")
    parser.add_argument("--manifest", type=Path, default=MANIFEST, help="dbt's manifest.json, for the keys")
    parser.add_argument("--limit", type=int, default=DIFFERENCES_SHOWN, help="how many differences of a table to print")
    options = parser.parse_args(arguments)
    keys = {}
    if options.manifest.is_file():
        keys = manifest_keys(json.loads(options.manifest.read_text()))
    else:
        print(f"no manifest at {options.manifest}: rows are compared whole", file=sys.stderr)
    compared = different = 0
    try:
        left, right = connect(options.left), connect(options.right)
        right.prefix = options.right_prefix
        for result in compare_databases(
            left, right, options.schemas, keys, options.exclude, options.limit, not options.without_views
        ):
            print(result, flush=True)
            compared += 1
            different += bool(result.count)
    except (CannotCompare, ImportError, duckdb.Error) as error:
        print(f"compare_engines.py: {error}", file=sys.stderr)
        return 2
    print(f"{compared} tables compared, {different} of them different")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
