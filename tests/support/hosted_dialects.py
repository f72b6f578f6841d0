"""The project as dbt compiles it for a warehouse that is not there.

Each adapter's own macros take part, out of its wheel, so that `dbt.datediff` is what that warehouse would get and
macros dispatch to the parents that the wheel declares. In place of the adapter's Python, which would want a hundred
packages and an account, stands a small one: its names of types, its quotes, and raw tables of the types that it is
asked to have. It knows no connection; a query while compiling is an error.
"""

from __future__ import annotations

import ast
import re
import sys
import types
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import yaml
from dbt.adapters.base import BaseRelation, available
from dbt.adapters.base.column import Column
from dbt.adapters.base.connections import BaseConnectionManager
from dbt.adapters.base.plugin import AdapterPlugin
from dbt.adapters.contracts.connection import Connection, ConnectionState, Credentials
from dbt.adapters.sql import SQLAdapter
from dbt.cli.main import dbtRunner
from jinja2 import Template

from oracle.inputs import TABLES

ROOT = Path(__file__).parents[2]
DIALECTS = ("bigquery", "databricks", "redshift", "snowflake")
# what is compiled for each shape of the input: raw columns that are all text; typed ones, which only the base models
# read; and, of the raw tables, `orders` alone, with a build before this one
SHAPES = {
    "text": (
        *("resource_type:model", "resource_type:snapshot", "resource_type:analysis", "test_type:singular"),
        "path:models/staging,test_type:generic",
    ),
    "typed": ("path:models/staging/base,resource_type:model",),
    "orders": ("path:models/staging/base,resource_type:model", "resource_type:snapshot", "loyalty_history"),
}
VARS = {"orders": {"raw_tables": ["orders"]}}
# the adapters that those declare as their parents
PARENTS = ("postgres", "spark")
BACKTICKS = ("bigquery", "databricks", "spark")

# the names that adapters report for the types of raw tables
TYPED = {
    "bigquery": {
        "time": "TIMESTAMP", "day": "DATE", "clock": "DATETIME", "money": "NUMERIC", "score": "FLOAT64",
        "seconds": "FLOAT64", "count": "INT64", "flag": "BOOL", "id": "INT64", "text": "STRING",
    },
    "databricks": {
        "time": "timestamp", "day": "date", "clock": "timestamp_ntz", "money": "decimal(18,2)", "score": "double",
        "seconds": "double", "count": "bigint", "flag": "boolean", "id": "bigint", "text": "string",
    },
    "redshift": {
        "time": "timestamp with time zone", "day": "date", "clock": "timestamp without time zone",
        "money": "numeric(18,2)", "score": "double precision", "seconds": "double precision", "count": "bigint",
        "flag": "boolean", "id": "bigint", "text": "character varying(256)",
    },
    "snowflake": {
        "time": "TIMESTAMP_TZ", "day": "DATE", "clock": "TIMESTAMP_NTZ", "money": "NUMBER(18,2)", "score": "FLOAT",
        "seconds": "FLOAT", "count": "NUMBER(38,0)", "flag": "BOOLEAN", "id": "NUMBER(38,0)", "text": "VARCHAR",
    },
}  # fmt: skip
# by the reader of the recomputation in Python
TYPES_OF_READER = {
    "read_identifier": ("text", "id", "score"),
    "read_time": ("time", "day", "clock"),
    "read_money": ("money", "score"),
    "read_duration": ("seconds",),
    "read_score": ("score", "money"),
    "read_count": ("count", "score"),
    "read_boolean": ("flag",),
}


class NoConnection(BaseConnectionManager):
    """Connections that are never made."""

    @contextmanager
    def exception_handler(self, sql: str) -> Iterator[None]:
        """Errors as they are."""
        yield

    def cancel_open(self) -> list[str]:
        """Nothing is open."""
        return []

    @classmethod
    def open(cls, connection: Connection) -> Connection:
        """A connection that has nothing at its other end."""
        connection.state = ConnectionState.OPEN
        return connection

    def begin(self) -> None:
        """No transaction."""

    def commit(self) -> None:
        """No transaction."""

    def execute(self, sql: str, auto_begin: bool = False, fetch: bool = False, limit: int | None = None) -> Any:
        """No model asks the warehouse while it is compiled."""
        raise AssertionError(f"a query while compiling: {sql}")


class StubAdapter(SQLAdapter):
    """What Jinja asks of an adapter while it compiles."""

    dialect: ClassVar[str]
    # one of SHAPES
    shape: ClassVar[str] = "text"

    @classmethod
    def type(cls) -> str:
        """The adapter's name, by which macros dispatch."""
        return cls.dialect

    @classmethod
    def date_function(cls) -> str:
        """What no model uses."""
        return "no_model_asks_for_it()"

    @classmethod
    def quote(cls, identifier: str) -> str:
        """A name in the dialect's quotes."""
        mark = "`" if cls.dialect in BACKTICKS else '"'
        return f"{mark}{identifier}{mark}"

    @available.parse_list
    def get_columns_in_relation(self, relation: BaseRelation) -> list[Column]:
        """The columns of a raw table, or of the model that reads it as it is."""
        table = re.sub("^(raw|base)_|_of_no_brand$", "", (relation.identifier or "").lower())
        return [
            self.Column(name, type_name) for name, type_name in raw_columns(self.dialect, self.shape)[table].items()
        ]

    @available
    def get_relation(self, database: str, schema: str, identifier: str) -> BaseRelation | None:
        """What a build before this one left, if there was one."""
        return self.Relation.create(database, schema, identifier) if self.shape == "orders" else None

    def list_relations_without_caching(self, schema_relation: BaseRelation) -> list[BaseRelation]:
        """What no model asks for."""
        return []

    @available
    def has_dbr_capability(self, name: str) -> bool:
        """What a Databricks of today can do."""
        assert name == "timestampdiff"
        return True


def raw_columns(dialect: str, shape: str) -> dict[str, dict[str, str]]:
    """The raw tables, each with its columns and their types as the adapter reports them.

    As text, or `typed`: then the types that a column may have take turns.
    """
    seen: dict[str, int] = {}
    tables: dict[str, dict[str, str]] = {}
    for name, table in TABLES.items():
        tables[name] = {}
        for column, reader in table.columns.items():
            kinds = TYPES_OF_READER.get(reader.__name__, ("text",)) if shape == "typed" else ("text",)
            turn = seen[reader.__name__] = seen.get(reader.__name__, -1) + 1
            # Snowflake's names without quotes are upper case
            shown = column.upper() if dialect == "snowflake" else column
            tables[name][shown] = TYPED[dialect][kinds[turn % len(kinds)]]
    return tables


def constant(file: Path, name: str, otherwise: Any = None) -> Any:
    """What a module gives a name, or an argument of that name, as written: importing it would want its packages."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if isinstance(node, ast.keyword) and node.arg == name:
            return ast.literal_eval(node.value)
        if isinstance(node, ast.Assign | ast.AnnAssign) and any(getattr(one, "id", None) == name for one in targets):
            return ast.literal_eval(node.value)
    return otherwise


def plugin(wheels: Path, dialect: str) -> AdapterPlugin:
    """An adapter with the macros and the parents of a wheel, and nothing behind it."""
    adapters = wheels / "dbt" / "adapters" / dialect

    @dataclass
    class StubCredentials(Credentials):
        @property
        def type(self) -> str:
            return dialect

        @property
        def unique_field(self) -> str:
            return "nowhere"

        def _connection_keys(self) -> tuple[str, ...]:
            return ("database", "schema")

    column_file = adapters / "column.py"
    labels = constant(column_file, "TYPE_LABELS", {}) if column_file.exists() else {}
    column = type("StubColumn", (Column,), {"TYPE_LABELS": {**Column.TYPE_LABELS, **labels}})
    backticks = {"quote_character": "`"} if dialect in BACKTICKS else {}

    @dataclass(frozen=True, eq=False, repr=False)
    class StubRelation(BaseRelation):
        quote_character: str = backticks.get("quote_character", '"')

    adapter = type(
        "StubAdapter",
        (StubAdapter,),
        {
            "dialect": dialect,
            "ConnectionManager": type("Stub", (NoConnection,), {"TYPE": dialect}),
            "Column": column,
            "Relation": StubRelation,
        },
    )
    return AdapterPlugin(
        adapter=adapter,
        credentials=StubCredentials,
        include_path=str(wheels / "dbt" / "include" / dialect),
        dependencies=constant(adapters / "__init__.py", "dependencies", []),
    )


def register(wheels: Path) -> None:
    """Puts an adapter for each dialect, and for their parents, where dbt looks for it."""
    for dialect in (*DIALECTS, *PARENTS):
        name = f"dbt.adapters.{dialect}"
        module, version = types.ModuleType(name), types.ModuleType(f"{name}.__version__")
        module.__path__ = []
        module.Plugin = plugin(wheels, dialect)  # type: ignore[attr-defined]
        version.version = constant(wheels / "dbt" / "adapters" / dialect / "__version__.py", "version")  # type: ignore[attr-defined]
        sys.modules[name], sys.modules[version.__name__] = module, version


def dbt(folder: Path, dialect: str, manifest: Any, *arguments: str) -> Any:
    """A command of dbt on a target of this type, which works in this folder."""
    folder.mkdir(parents=True, exist_ok=True)
    target = {"type": dialect, "database": "warehouse", "schema": "analytics", "threads": 1}
    profile = {"customer_lifecycle": {"target": "hosted", "outputs": {"hosted": target}}}
    (folder / "profiles.yml").write_text(yaml.safe_dump(profile), "utf-8")
    where = {"--profiles-dir": folder, "--target-path": folder / "target", "--log-path": folder / "logs"}
    result = dbtRunner(manifest).invoke(
        [
            *(*arguments, "--quiet", "--no-use-colors", "--no-partial-parse", "--project-dir", str(ROOT)),
            *(str(word) for pair in where.items() for word in pair),
            *("--log-level-file", "none"),
        ]
    )
    assert result.success, result.exception or [
        f"{one.node.name}: {one.message}" for one in result.result or [] if one.status != "success"
    ]
    return result.result


def parsed(folder: Path) -> Any:
    """The project, parsed once with the macros of all adapters.

    What is compiled is up to the target; what the target decides while parsing (a view or a table, the types of
    contracts, which `contract_types` has) is not looked at.
    """
    one = sys.modules[f"dbt.adapters.{DIALECTS[0]}"].Plugin  # type: ignore[attr-defined]
    parents, one.dependencies = one.dependencies, [*DIALECTS[1:]]
    try:
        return dbt(folder, DIALECTS[0], None, "parse")
    finally:
        one.dependencies = parents


def compiled(
    folder: Path, dialect: str, shape: str, manifest: Any, *selection: str, without: Iterable[str] = ()
) -> dict[str, str]:
    """The SQL that dbt compiles for a dialect and a shape of the input, by its unique id."""
    sys.modules[f"dbt.adapters.{dialect}"].Plugin.adapter.shape = shape  # type: ignore[attr-defined]
    refused = ("--exclude", *without) if without else ()
    arguments = (
        *("--no-populate-cache", "--indirect-selection", "empty", "--vars", yaml.safe_dump(VARS.get(shape, {}))),
        *("--select", *(selection or SHAPES[shape]), *refused),
    )
    results = dbt(folder, dialect, manifest, "compile", *arguments)
    return {one.node.unique_id: one.node.compiled_code for one in results}


def compiled_inline(folder: Path, dialect: str, manifest: Any, jinja: str) -> str:
    """The SQL that dbt makes of a text for a dialect."""
    results = dbt(folder, dialect, manifest, "compile", "--no-populate-cache", "--inline", jinja)
    return str(results[0].node.compiled_code)


def column_types(dialect: str) -> dict[str, set[str]]:
    """The types that contracts and seeds name in a dialect, each with the models and seeds that have it."""
    types_of: dict[str, set[str]] = {}
    files = [file for folder in ("models", "seeds") for file in sorted((ROOT / folder).rglob("*.yml"))]
    for file in files:
        properties = yaml.safe_load(file.read_text("utf-8"))
        for node in [*properties.get("models", []), *properties.get("seeds", [])]:
            of_contract = [column["data_type"] for column in node.get("columns", []) if "data_type" in column]
            of_seed = node.get("config", {}).get("column_types", {}).values()
            for written in [*of_contract, *of_seed]:
                types_of.setdefault(Template(written).render(target={"type": dialect}), set()).add(node["name"])
    return types_of
