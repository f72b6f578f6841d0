"""The dbt project, driven from Python: real builds, and compiled models run straight.

`build` runs dbt in this process into a DuckDB file of its own. `CompiledProject`
keeps the SQL that dbt compiled, and runs it over any raw rows in memory, at
a few hundred milliseconds a run.
"""

from __future__ import annotations

import csv
import gc
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb
import yaml
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.adapters.factory import FACTORY
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest

import oracle
from oracle.files import rows_of
from oracle.inputs import MALFORMED, TABLES

ROOT = Path(__file__).parents[2]
INTERACTION_TYPES = ROOT / "seeds" / "reference" / "interaction_types.csv"
RFM_SEGMENTS = INTERACTION_TYPES.with_name("rfm_grid.csv")
PLAYBOOK = INTERACTION_TYPES.with_name("playbook.csv")
MESSAGE_TEXTS = ROOT / "macros" / "messages" / "message_texts.sql"
SAMPLE = ROOT / "seeds" / "sample"
COLUMNS = {name: tuple(table.columns) for name, table in TABLES.items()}
QUALITY = ("rejected_rows", "input_reconciliation", "input_findings")
RAW_SCHEMA = "landed"
STAGING_AND_QUALITY = "+staging +reference +quality"  # a selection of dbt's
# everything that a developer's shell may say about where dbt works
SHELL_SETTINGS = (
    "LIFECYCLE_TARGET",
    "LIFECYCLE_SCHEMA_PREFIX",
    "LIFECYCLE_AS_OF_DATE",
    "LIFECYCLE_DUCKDB_MEMORY",
    "LIFECYCLE_DUCKDB_TEMP",
    "DBT_TARGET_PATH",
    "DBT_LOG_PATH",
    "DBT_PROFILES_DIR",
    "DBT_PROJECT_DIR",
    "DBT_TARGET",
)

Row = dict[str, Any]
Raw = dict[str, list[Row]]
Marts = dict[str, list[Row]]


# Real builds


@dataclass
class Build:
    """What a run of dbt left: whether it succeeded, what it said, its database."""

    database: Path
    target: Path
    succeeded: bool
    exception: BaseException | None
    warnings: list[str]
    errors: list[str]

    @property
    def messages(self) -> str:
        """All warnings and errors, and the exception, as one text."""
        exception = [str(self.exception)] if self.exception else []
        return "\n".join(self.warnings + self.errors + exception)

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A connection that reads the database in UTC; the caller closes it."""
        connection = duckdb.connect(str(self.database), read_only=True)
        connection.execute("set timezone = 'UTC'")
        return connection

    def rows(self, query: str) -> list[Row]:
        """The rows of a query."""
        with self.connect() as connection:
            return rows_of(connection.execute(query))

    def marts(self, names: Iterable[str] = tuple(oracle.KEYS)) -> Marts:
        """The rows of each of these marts, by name."""
        with self.connect() as connection:
            return {name: rows_of(connection.execute(f"from {relation_of(name)}")) for name in names}


# One parsing of the project serves all builds whose vars ask for the same
# models with the same references. The vars' values are read where a model is
# compiled, on every build.
READ_WHEN_COMPILING = (
    "brands",
    "brand_defaults",
    "max_rejected_share",
    "max_customer_order_share",
    "annual_discount_rate",
    "clv_min_repeat_customers",
    "clv_refit",
    "max_row_drop_share",
    "raw_csv",
)
THERE_OR_NOT = ("as_of_date", "raw_dir")
_manifests: dict[str, Manifest] = {}
# where processes that test side by side find what another has parsed (tests/conftest.py); None: each parses for itself
shared_folder: Path | None = None
# what dbt parsed for the build of the sample that is tested (tests/conftest.py)
sample_parse: Path | None = None


def build(
    folder: Path,
    project_vars: dict[str, Any] | None = None,
    select: str | None = None,
    with_tests: bool = False,
) -> Build:
    """`dbt build` with these vars into `<folder>/lifecycle.duckdb`.

    Takes a folder, which is made where it is not there, and whose database is
    kept where there is one; the vars, over those of dbt_project.yml; what to
    select (all); whether dbt's data tests run too, of those that read nothing
    but what is selected. Nothing is written outside the folder. Raises nothing
    for a failing build: see `Build.succeeded`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    database, target = folder / "lifecycle.duckdb", folder / "target"
    project_vars = project_vars or {}
    built = Build(database, target, False, None, [], [])

    def note(event: Any) -> None:
        if event.info.level == "warn":
            built.warnings.append(event.info.msg)
        elif event.info.level == "error":
            built.errors.append(event.info.msg)

    manifest = parsed(folder, project_vars)
    if not isinstance(manifest, Manifest):
        built.exception = manifest.exception
        return built
    result = run_dbt(
        folder,
        project_vars,
        manifest,
        [note],
        "build",
        "--exclude-resource-types",
        "unit_test",
        *([] if with_tests else ["test"]),
        "--indirect-selection",
        "cautious",
        *(["--select", select] if select else []),
    )
    built.succeeded, built.exception = result.success, result.exception
    return built


def run_dbt(
    folder: Path,
    project_vars: dict[str, Any] | None,
    manifest: Manifest | None,
    callbacks: Sequence[Callable[[Any], None]],
    *arguments: str,
) -> dbtRunnerResult:
    """What a command of dbt gives that works in a folder, on its lifecycle.duckdb."""
    with dbt_environment(folder / "lifecycle.duckdb"):
        return dbtRunner(manifest, callbacks=[*callbacks]).invoke(
            [
                *arguments,
                "--quiet",
                "--no-use-colors",
                "--project-dir",
                str(ROOT),
                "--profiles-dir",
                str(ROOT),
                "--target",
                "duckdb",
                "--target-path",
                str(folder / "target"),
                "--log-path",
                str(folder / "logs"),
                "--log-level-file",
                "none",
                "--vars",
                vars_argument(project_vars),
            ]
        )


def parsed(folder: Path, project_vars: dict[str, Any] | None = None) -> Manifest | dbtRunnerResult:
    """The project as dbt parses it with these vars, parsed once a shape of them; what failed where it cannot."""
    shape = shape_of(project_vars or {})
    if shape not in _manifests and sample_parse and shape == shape_of({}):
        _manifests[shape] = read_manifest(sample_parse)
    if shape not in _manifests:
        kept = (shared_folder or folder) / f"parsed-{hashlib.sha256(shape.encode()).hexdigest()[:12]}"
        with locked(kept.with_suffix(".lock")):
            if shared_folder is None or not kept.exists():
                result = run_dbt(folder, project_vars, None, [], "parse")
                if not result.success:
                    return result
                shutil.copy(folder / "target" / "partial_parse.msgpack", kept)
                _manifests[shape] = result.result
            else:
                _manifests[shape] = read_manifest(kept)
    return _manifests[shape]


def read_manifest(path: Path) -> Manifest:
    """What dbt has parsed and kept in a file."""
    manifest = Manifest.from_msgpack(path.read_bytes())
    manifest.build_flat_graph()
    return manifest


def shape_of(project_vars: dict[str, Any]) -> str:
    """A text that is the same for vars that dbt parses alike."""
    settings = project_settings() | project_vars
    there = {name: settings.get(name) is not None for name in THERE_OR_NOT}
    others = {
        name: value
        for name, value in project_vars.items()
        if name not in (*THERE_OR_NOT, *READ_WHEN_COMPILING)
        and not (name == "raw_tables" and project_vars.get("raw_dir"))
    }
    return json.dumps(there | others, sort_keys=True)


def for_macros(folder: Path, project_vars: dict[str, Any] | None = None) -> tuple[Any, Manifest]:
    """An adapter that runs macros of the project with these vars, and the manifest that has them.

    The vars are of those that are read when a model is compiled. Raises RuntimeError where dbt fails.
    """
    manifest = parsed(folder)
    # any command makes an adapter that has its vars
    done = run_dbt(folder, project_vars, manifest, [], "ls", "--select", "as_of_date", "--no-print")
    if not done.success:
        raise RuntimeError(done.exception)
    return FACTORY.adapters["duckdb"], manifest


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock that other processes of this machine wait for."""
    if shared_folder is None:
        yield
        return
    import fcntl  # not there on Windows

    with open(path, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def kept_build(folder: Path, database: Path, target: Path) -> Build:
    """A build that is already there, copied into a folder so that nobody else holds its file.

    Takes the DuckDB file and dbt's target folder of a whole `dbt build` that succeeded, and gives what `build` gives.
    What the target folder has of earlier commands stays behind: of compiled models those are copied that its manifest
    names. Raises ValueError where the two are not of one build.
    """
    copy = Build(folder / "lifecycle.duckdb", folder / "target", True, None, [], [])
    copy.target.mkdir(parents=True)
    shutil.copy(database, copy.database)
    for name in ("manifest.json", "partial_parse.msgpack"):
        shutil.copy(target / name, copy.target)
    manifest = json.loads((copy.target / "manifest.json").read_text(encoding="utf-8"))
    recorded = {row["invocation_id"] for row in copy.rows("from publishing.last_build")}
    if recorded != {manifest["metadata"]["invocation_id"]}:
        raise ValueError(f"{target} is not of the build that {database} holds: run dbt build")
    for node in manifest["nodes"].values():
        if node["resource_type"] == "model" and node.get("compiled_path"):
            compiled = Path("compiled") / node["package_name"] / node["original_file_path"]
            (copy.target / compiled).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(target / compiled, copy.target / compiled)
    return copy


def vars_argument(project_vars: dict[str, Any] | None) -> str:
    """The vars as YAML on one line, as `--vars` takes them."""
    return json.dumps(project_vars or {}, ensure_ascii=False, default=str)


@contextmanager
def dbt_environment(database: Path) -> Iterator[None]:
    """The environment of a run of dbt, which may move about and hold the file."""
    before, folder = dict(os.environ), os.getcwd()
    for name in SHELL_SETTINGS:
        os.environ.pop(name, None)
    os.environ["LIFECYCLE_DUCKDB_PATH"] = str(database)
    try:
        yield
    finally:
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(before)
        # the adapter keeps its connection for the next run; nobody else could
        # read the file as long as it does
        DuckDBConnectionManager.close_all_connections()
        gc.collect()


def relation_of(mart: str) -> str:
    """The schema and name of a mart of `oracle.KEYS`."""
    return f"{'quality' if mart in QUALITY else 'marts'}.{mart}"


# Settings and the oracle


def project_settings() -> dict[str, Any]:
    """The vars of dbt_project.yml."""
    text = (ROOT / "dbt_project.yml").read_text(encoding="utf-8")
    return yaml.safe_load(text)["vars"]


def expected_marts(
    raw: Raw,
    brands: dict[str, dict | None],
    as_of_date: date | str | None = None,
    brand_defaults: dict[str, Any] | None = None,
    max_rejected_share: float = 0.05,
    customers: Iterable[Row] = (),
    max_customer_order_share: float = 0.05,
) -> Marts:
    """What the independent program says of raw rows, with the seeds' help.

    `customers` are rows of the mart: what it predicts, which test_clv.py
    recomputes, is taken from there for the alerts and actions that use it.
    """
    if isinstance(as_of_date, str):
        as_of_date = date.fromisoformat(as_of_date)
    return oracle.compute(
        raw,
        brands,
        brand_defaults,
        as_of_date,
        oracle.read_interaction_types(INTERACTION_TYPES),
        oracle.read_rfm_segments(RFM_SEGMENTS),
        oracle.read_playbook(PLAYBOOK),
        max_rejected_share,
        {
            (row["brand_id"], row["customer_id"]): {
                name: row[name]
                for name in (
                    "p_alive",
                    "p_order_90d",
                    "churn_probability",
                    "churn_risk",
                    "predicted_clv_365d",
                )
            }
            for row in customers
        },
        max_customer_order_share,
        oracle.read_message_texts(MESSAGE_TEXTS),
    )


def differences_of(expected: Marts, actual: Marts, limit: int = 12) -> list[str]:
    """What differs between two sets of marts, a line each with the mart's name.

    Compares the marts that `actual` has.
    """
    return [
        f"{name}: {line}"
        for name in actual
        for line in oracle.differences(
            expected[name],
            actual[name],
            oracle.KEYS[name],
            limit=limit,
        )
    ]


# Raw rows and files


def write_csv(path: Path, rows: Sequence[Row], columns: Sequence[str]) -> Path:
    """Write rows as CSV: a header, and null as an empty field."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def read_csv(path: Path) -> list[Row]:
    """The rows of a CSV file as text, an empty field as null."""
    with open(path, newline="", encoding="utf-8") as file:
        return [{name: value or None for name, value in row.items()} for row in csv.DictReader(file)]


def write_parquet(path: Path, query: str) -> Path:
    """Write what a DuckDB query gives as Parquet."""
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.sql(query).write_parquet(str(path))
    return path


def insert_rows(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    columns: Sequence[str],
    rows: Sequence[Row],
) -> None:
    """Add rows to a table whose columns are these, in this order.

    The rows go as one JSON text: DuckDB's client takes a quarter of a
    millisecond for each value that is a parameter.
    """
    if not rows:
        return
    types = json.dumps([dict.fromkeys(columns, "varchar")])
    connection.execute(
        f"insert into {relation} select unnest(from_json(?, '{types}'), recursive := true)",
        [json.dumps([{column: row.get(column) for column in columns} for row in rows], default=str)],
    )


def land(database: Path, raw: Raw, schema: str = RAW_SCHEMA) -> None:
    """Put raw tables, all columns text, into a schema of a DuckDB file."""
    database.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"create schema if not exists {schema}")
        for name, rows in raw.items():
            columns = ", ".join(f"{column} text" for column in COLUMNS[name])
            connection.execute(f"create table {schema}.{name} ({columns})")
            insert_rows(connection, f"{schema}.{name}", COLUMNS[name], rows)


# Compiled models


@dataclass
class Prepared:
    """The project compiled with settings of brands: a database of empty raw tables, and dbt's target folder."""

    database: Path
    target: Path
    brands: dict[str, dict | None]
    brand_defaults: dict[str, Any] | None


def prepare(
    folder: Path,
    brands: dict[str, dict | None],
    brand_defaults: dict[str, Any] | None = None,
) -> Prepared:
    """Compile the project with these settings, for `CompiledProject` to load.

    Takes a folder to work in; its database then has the raw tables, empty, and
    the seeds that models read. Raises RuntimeError where dbt fails.
    """
    land(folder / "lifecycle.duckdb", {name: [] for name in COLUMNS})
    project_vars = {
        "brands": brands,
        "brand_defaults": brand_defaults or {},
        "raw_schema": RAW_SCHEMA,
        "as_of_date": None,
    }
    manifest = parsed(folder, project_vars)
    if not isinstance(manifest, Manifest):
        raise RuntimeError(manifest.exception)
    for command in (["seed", "--select", "reference"], ["compile", "--select", "resource_type:model", "--no-print"]):
        done = run_dbt(folder, project_vars, manifest, [], *command)
        if not done.success:
            raise RuntimeError(done.exception or [result.message for result in done.result])
    return Prepared(folder / "lifecycle.duckdb", folder / "target", brands, brand_defaults)


class CompiledProject:
    """The project's models, compiled once, to be run over any raw rows.

    The raw tables are text columns. Every model is planned once, which takes
    most of the time that a few rows take, and a run fills the tables in an
    order in which each finds what it reads, in a transaction that the next run
    rolls back. `as_of_date` may differ from run to run: it is put in place of
    the model of that name, the one place where the project decides it.
    """

    def __init__(self, prepared: Prepared) -> None:
        """Load what `prepare` left, in this process."""
        self.brands, self.brand_defaults = prepared.brands, prepared.brand_defaults
        nodes = json.loads((prepared.target / "manifest.json").read_text(encoding="utf-8"))["nodes"]
        self._models = {
            key: node for key, node in nodes.items() if node["resource_type"] == "model" and node["config"]["enabled"]
        }
        self._key_of = {node["alias"]: key for key, node in self._models.items()}
        self._order = list(TopologicalSorter({key: self._parents(key) for key in self._models}).static_order())
        self._connection = duckdb.connect(config={"threads": 1})
        self._planned: set[str] = set()
        self._set_up(prepared.database)

    def _parents(self, key: str) -> list[str]:
        """The models that a model reads."""
        parents = self._models[key]["depends_on"]["nodes"]
        return [parent for parent in parents if parent in self._models]

    def _set_up(self, database: Path) -> None:
        """Copy the seeds and the raw tables, and make the models' views and empty tables."""
        run = self._connection.execute
        run("set timezone = 'UTC'; set preserve_insertion_order = false")
        # a plan may not count on what the tables held when it was made
        run("set disabled_optimizers = 'statistics_propagation'")
        run("attach ':memory:' as lifecycle")
        run(f"attach '{sql_quoted(database)}' as built (read_only)")
        tables = run("select schema_name, table_name from duckdb_tables() where database_name = 'built'").fetchall()
        schemas = {schema for schema, _ in tables} | {model["schema"] for model in self._models.values()}
        for schema in schemas:
            run(f'create schema lifecycle."{schema}"')
        for schema, name in tables:
            relation = f'"{schema}"."{name}"'
            run(f"create table lifecycle.{relation} as from built.{relation}")
        run("detach built; use lifecycle")
        for key in self._order:
            self._make(self._models[key])
        run("begin")

    def _make(self, model: dict[str, Any]) -> None:
        """Make a model's view or its empty table, as its contract says where it has one.

        Raises ValueError for another kind.
        """
        kind, relation, query = model["config"]["materialized"], model["relation_name"], model["compiled_code"]
        if kind not in ("view", "table"):
            raise ValueError(f"{model['name']} is a {kind}: cannot be run")
        if kind == "table" and model["config"]["contract"]["enforced"]:
            columns = ", ".join(f"{column['name']} {column['data_type']}" for column in model["columns"].values())
            self._connection.execute(f"create table {relation} ({columns})")
        elif kind == "table":
            self._connection.execute(f"create table {relation} as from ({query}) limit 0")
        else:
            self._connection.execute(f"create view {relation} as {query}")

    def _kind(self, key: str) -> str:
        """How a model is kept: view, table, or something that is neither."""
        return self._models[key]["config"]["materialized"]

    def _fill(self, key: str) -> None:
        """Put into a model's table what its query finds, planned by the first run that asks for it."""
        model = self._models[key]
        if key not in self._planned:
            self._connection.execute(
                f"prepare {model['name']} as insert into {model['relation_name']} by name {model['compiled_code']}"
            )
            self._planned.add(key)
        self._connection.execute(f"execute {model['name']}")

    def _needed(self, names: Iterable[str]) -> set[str]:
        """The models of these names and all that they read."""
        needed: set[str] = set()
        waiting = [self._key_of[name] for name in names]
        while waiting:
            key = waiting.pop()
            if key not in needed:
                needed.add(key)
                waiting += self._parents(key)
        return needed

    def run(
        self,
        raw: Raw,
        as_of_date: date | None = None,
        models: Iterable[str] = tuple(oracle.KEYS),
    ) -> Marts:
        """The rows of these models, by name, over these raw rows.

        Takes the raw tables (text or None; an absent table is empty; rows may
        be malformed records, as the oracle has them), the last day that counts
        (None for the default) and the models to make, which are made together
        with all that they read and nothing else.
        """
        models = list(models)
        records = csv_records(raw)
        raw = {name: [row for row in rows or [] if MALFORMED not in row] for name, rows in raw.items()}
        self._connection.execute("rollback; begin")
        for name, columns in COLUMNS.items():
            insert_rows(self._connection, f"{RAW_SCHEMA}.{name}", columns, raw.get(name) or [])
        needed = self._needed(models)
        for key in self._order:
            if key in needed and self._kind(key) == "table":
                name, relation = self._models[key]["name"], self._models[key]["relation_name"]
                if as_of_date and name == "as_of_date":
                    insert_rows(self._connection, relation, ("as_of_date",), [{"as_of_date": as_of_date}])
                else:
                    self._fill(key)
                if name == "base_csv_records":
                    columns = ("source_table", "malformed_record", "records")
                    insert_rows(self._connection, relation, columns, records)
        return {name: self.rows(f"from {self._models[self._key_of[name]]['relation_name']}") for name in models}

    def rows(self, query: str) -> list[Row]:
        """The rows of a query over the latest run."""
        return rows_of(self._connection.execute(query))

    def expected(self, raw: Raw, as_of_date: date | None = None) -> Marts:
        """What the independent program says of the same rows."""
        return expected_marts(raw, self.brands, as_of_date, self.brand_defaults)


def csv_records(raw: Raw) -> list[Row]:
    """What base_csv_records would hold had these tables come from files; nothing without a malformed record."""
    found = []
    if any(MALFORMED in row for rows in raw.values() for row in rows or []):
        for name, rows in raw.items():
            malformed = [row[MALFORMED] for row in rows or [] if MALFORMED in row]
            counted = [(None, len(rows or []) - len(malformed)), *((record, 1) for record in malformed)]
            found += [
                {"source_table": name, "malformed_record": record, "records": count}
                for record, count in counted
                if count
            ]
    return found


def sql_quoted(text: Any) -> str:
    """A text as it stands between the quotes of a SQL literal."""
    return str(text).replace("'", "''")
