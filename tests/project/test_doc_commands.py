"""Every command and query of the documents runs; what needs a server or takes long is checked as far as it can be.

See doc_examples.py for how a document says which.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import jinja2
import pytest
import yaml

import doc_examples
import project
from customer_lifecycle.publishing.duckdb_store import DuckDBStore
from doc_examples import Checker, Example, Wrong

EXAMPLES = doc_examples.examples()
PUBLICATION_ID = re.compile(r"\b\d{8}_\d{17}\b")
DAY, DAY_BEFORE = "2026-06-30", "2026-06-29"
EXPORT = """id,email,created_at,status,items
1,Ada@example.com,2026-05-01 10:00:00+00,paid,30.00
2,ada@example.com,2026-06-01 10:00:00+00,paid,20.00
3,ben@example.com,2026-06-20 10:00:00+00,cancelled,15.00
"""


def of(language: str, condition: Callable[[Example], bool] = lambda example: True) -> pytest.MarkDecorator:
    """The blocks of a language for which a condition holds, a test each."""
    found = [example for example in EXAMPLES if example.language == language and condition(example)]
    return pytest.mark.parametrize("example", found, ids=str)


# What the blocks work on


@pytest.fixture(scope="session")
def manifest_file(sample_build, tmp_path_factory) -> SimpleNamespace:
    """dbt's manifest with everything in it, as an object and as written to manifest.json."""
    folder = tmp_path_factory.mktemp("documents")
    adapter, nodes = project.for_macros(folder)
    written = json.loads((sample_build.target / "manifest.json").read_text("utf-8"))
    return SimpleNamespace(nodes=nodes, written=written, adapter=adapter)


@pytest.fixture(scope="session")
def call(manifest_file) -> Callable[..., Any]:
    """Calls a macro of the project by name."""

    def call_macro(name: str, /, **arguments: Any) -> Any:
        return manifest_file.adapter.execute_macro(
            name,
            macro_resolver=manifest_file.nodes,
            project="customer_lifecycle",
            kwargs=arguments,
        )

    return call_macro


@pytest.fixture(scope="session")
def var_problems(call) -> Callable[[dict[str, Any]], list[str]]:
    """A function that gives what is wrong with vars, as the messages that a user would read."""

    def problems(given: dict[str, Any]) -> list[str]:
        elsewhere = ("brands", "brand_defaults", "schema_prefix")
        settings = {name: value for name, value in given.items() if name not in elsewhere}
        found = call("var_name_problems", given=given)
        if not found:
            found += call("project_settings_problems", target_type="duckdb", **settings)
        if "brands" in given:
            found += call("settings_problems", brands=given["brands"], brand_defaults=given.get("brand_defaults"))
        return found

    return problems


@pytest.fixture(scope="session")
def checker(manifest_file, var_problems) -> Checker:
    """What checks commands without running them."""

    def made_by(arguments: list[str]) -> str:
        run = subprocess.run(
            ["make", "--dry-run", "--no-print-directory", *arguments],
            cwd=project.ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode:
            raise Wrong(run.stderr)
        return run.stdout

    return Checker(manifest_file.written, var_problems, made_by)


def copy_of_the_project(folder: Path) -> Path:
    """A copy of what a clone has, with this Python's environment as its .venv."""
    left_out = shutil.ignore_patterns(
        ".git",
        ".venv*",
        "target",
        "logs",
        "site",
        "publications*",
        "reports",
        "dbt_packages",
        "*.duckdb",
        "*.wal",
        "__pycache__",
        ".pytest_cache",
        ".hypothesis",
        "out",
        "landing",
        ".airflow",
        ".postgres",
    )
    shutil.copytree(project.ROOT, folder, ignore=left_out, symlinks=True)
    # this environment, with the command as `make build` installs it
    programs = folder / ".venv" / "bin"
    programs.mkdir(parents=True)
    for there in (*Path(sys.prefix).iterdir(), *(Path(sys.prefix) / "bin").iterdir()):
        if there.name not in ("bin", "lifecycle", "__pycache__"):
            (folder / ".venv" / there.relative_to(sys.prefix)).symlink_to(there)
    command = programs / "lifecycle"
    command.write_text(f'#!/bin/sh\nPYTHONPATH="{folder}/src" exec "{programs}/python" -m customer_lifecycle "$@"\n')
    command.chmod(0o755)
    (folder / "landing").mkdir()
    (folder / "export.csv").write_text(EXPORT, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def workplace(sample_build, manifest_file, tmp_path_factory) -> SimpleNamespace:
    """A copy of the project with the sample built and published twice: the older day, and the day after it."""
    assert sample_build.succeeded, sample_build.messages
    folder = copy_of_the_project(tmp_path_factory.mktemp("workplace") / "project")
    database = folder / "lifecycle.duckdb"
    shutil.copy(sample_build.database, database)
    store = DuckDBStore(
        SimpleNamespace(path=str(database), database="lifecycle"), folder, folder / "publications", None
    )
    for day in (DAY_BEFORE, DAY):
        record_build(database, manifest_file.written, day)
        store.publish(None, 7, False)
    ids = sorted(publication.publication_id for publication in store.publications())
    return SimpleNamespace(folder=folder, database=database, ids=ids)


def record_build(database: Path, manifest: dict[str, Any], day: str) -> None:
    """Put down what a build of a day with all its tests puts down: the tests of this build run elsewhere."""
    relations = [
        (
            node["schema"],
            node["alias"],
            "state"
            if node["resource_type"] == "snapshot"
            or node["config"]["materialized"] == "incremental"
            or node["config"]["meta"].get("is_state")
            else node["config"]["schema"],
        )
        for node in manifest["nodes"].values()
        if node["resource_type"] in ("model", "seed", "snapshot")
    ]
    with duckdb.connect(str(database)) as connection:
        connection.execute("update reference.as_of_date set as_of_date = $1::date", [day])
        connection.execute(
            "create schema if not exists publishing; "
            "create or replace table publishing.last_build (invocation_id varchar, as_of_date date, "
            "only_brand varchar, max_row_drop_share double, raw_settings varchar, relation_schema varchar, "
            "relation_name varchar, published_schema varchar, never_null varchar)"
        )
        connection.executemany(
            "insert into publishing.last_build values ($1, $2::date, '', 0.2, '{}', $3, $4, $5, '')",
            [
                (f"build of {day}", day, *relation)
                for relation in relations
                if relation[2] in ("state", "marts", "reference", "quality")
            ],
        )


def run_script(script: str, folder: Path) -> None:
    """Run a script of the shell in a folder, as a user with the environment would. Fails with what it said."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("LIFECYCLE_", "DBT_", "PG", "PYTEST_"))
    }
    environment["PATH"] = os.pathsep.join(
        [str(folder / ".venv" / "bin"), str(Path(sys.executable).parent), environment["PATH"]]
    )
    run = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert run.returncode == 0, f"{script}\n{run.stdout[-3000:]}\n{run.stderr[-3000:]}"


def with_ids(text: str, ids: list[str]) -> str:
    """The text with the ids of publications that are there in place of those of the document, in the same order."""
    found = sorted(set(PUBLICATION_ID.findall(text)))
    for written, there in zip(found, ids):
        text = text.replace(written, there)
    return text


# The documents


def test_every_block_says_what_it_is():
    """A language, and a comment that is one of the two."""
    assert len(EXAMPLES) > 80
    for example in EXAMPLES:
        assert example.language in doc_examples.RUN + doc_examples.SHOWN, (
            f"{example}: {example.language or 'no language'}"
        )
    for page in doc_examples.pages():
        text = (project.ROOT / page).read_text("utf-8")
        comments = re.findall(r"<!-- (?:not run|run by)\b.*", text)
        assert len(comments) == sum(bool(example.comment) for example in doc_examples.examples_of(page, text)), page
        assert text.count("```") == 2 * len(doc_examples.examples_of(page, text)), page


@of("sql")
def test_queries_run(example: Example, workplace, manifest_file, monkeypatch):
    """Over a copy of the sample, or its publication where it reads that."""
    monkeypatch.chdir(workplace.folder)
    relations = {
        node["name"]: f"{node['schema']}.{node['alias']}"
        for node in manifest_file.written["nodes"].values()
        if node["resource_type"] in ("model", "seed", "snapshot")
    }
    query = jinja2.Template(example.text).render(ref=lambda *names: relations[names[-1]])
    published = "reference.publication" in query
    with duckdb.connect(":memory:" if published or "attach" in query else str(workplace.database)) as connection:
        connection.execute("set timezone = 'UTC'")
        if published:
            connection.execute("attach 'publications/lifecycle.duckdb' as published (read_only); use published")
        else:
            connection.execute("begin")
        result = connection.execute(with_ids(query, workplace.ids))
        if "attach" not in query and not query.lstrip().startswith(("delete", "copy")):
            assert result.fetchall(), "finds nothing in the sample"
        if not published:
            connection.execute("rollback")


@of("yaml")
def test_settings_are_right(example: Example, manifest_file, var_problems, call):
    """As the check of settings sees them; what configures dbt names what is there."""
    problems = doc_examples.yaml_problems(
        yaml.safe_load(example.text),
        manifest_file.written,
        var_problems,
        set(call("brand_setting_defaults")),
    )
    assert list(problems) == []


@of("python")
def test_python_compiles(example: Example, tmp_path):
    """And runs, where nothing says that it cannot."""
    code = compile(example.text, str(example), "exec")
    if example.is_run:
        exec(code, {})


@of("sh")
def test_commands_are_there(example: Example, checker):
    """Programs, files, options, targets, settings and names of each command, whether or not it is run."""
    folder = project.ROOT
    if example.text.startswith("../../"):
        folder = (project.ROOT / example.page).parent
    checker.script(example.text, folder)


@of("sh", lambda example: example.is_run)
def test_commands_run(example: Example, workplace):
    """Those that no comment excepts."""
    run_script(with_ids(example.text, workplace.ids), workplace.folder)


@pytest.mark.parametrize("page", doc_examples.pages())
def test_commands_in_the_text_are_there(page, checker):
    """Those that stand in a sentence."""
    for command in doc_examples.commands_in_line(page):
        try:
            checker.script(command)
        except Wrong as error:
            # a sentence may speak of an option without its value
            if not str(error).endswith("requires an argument."):
                raise


@of("sh", lambda example: example.builds)
def test_commands_build(example: Example, request, tmp_path):
    """Those that build a warehouse: `make examples`."""
    if not request.config.getoption("--builds"):
        pytest.skip("run by make examples")
    folder = copy_of_the_project(tmp_path / "project")
    # what the page tells to put into the file
    query = next(
        found.text
        for found in EXAMPLES
        if found.page == "docs/bring_your_own_data.md" and "read_csv('export.csv'" in found.text
    )
    (folder / "export.sql").write_text(query, encoding="utf-8")
    run_script(example.text, folder)


# The checks themselves


@pytest.mark.parametrize(
    "script, message",
    [
        ("make bild", "make has no target bild"),
        ("make publish PUBLISH_ARG=x", "the Makefile has no variable PUBLISH_ARG"),
        (
            "make publish PUBLISH_ARGS='--as-of-day 2026-06-30'",
            "No such option '--as-of-day'. Did you mean '--as-of-date'?",
        ),
        ("python scripts/publsh.py list", "there is no scripts/publsh.py"),
        ("lifecycle lst", "No such command 'lst'. Did you mean 'list'?"),
        ("python scripts/publish.py lst", "No such command 'lst'"),
        ("python scripts/report.py --langage ko", "No such option '--langage'. Did you mean '--language'?"),
        ("python -c 'print('", "never closed"),
        ("dbt biuld", "No such command 'biuld'"),
        ("dbt build --slect customers", "No such option"),
        ("dbt build --target snowflake", "profiles.yml has no target snowflake"),
        ("dbt build --vars '{brands: {a: {churn: {window_day: 3}}}}'", "did you mean 'window_days'"),
        ("dbt build --vars '{raw_dr: x}'", "did you mean 'raw_dir'"),
        ("dbt run-operation check_setings", "there is no macro check_setings"),
        ("LIFECYCLE_DUCKDB=x dbt build", "nothing reads LIFECYCLE_DUCKDB"),
        ("pip install -r requirements-pg.txt", "there is no requirements-pg.txt"),
        ("mf query --metrics chrn_rate", "the semantic layer has no chrn_rate"),
        (
            "mf query --metrics orders --where \"{{ Entity('brnd') }} = 'atelier'\"",
            "the semantic layer has no brnd",
        ),
        (".ci/run tests lnt", ".ci/run has no step lnt"),
        ("airflow dags test lifecycle_daily", "the DAG knows no lifecycle_daily"),
        ("for day in 1 2; do dbt biuld | cat || break; done", "No such command 'biuld'"),
        ('eval "$(make -s postgres-strt)"', "make has no target postgres-strt"),
        ("dbt-build", "dbt-build is no program"),
    ],
)
def test_wrong_command_is_found(checker, script, message):
    """Each kind of mistake in a command that is not run."""
    with pytest.raises(Wrong, match=re.escape(message)):
        checker.script(script)


@pytest.mark.parametrize(
    "text, problem",
    [
        ("loyal_when: {metric: lifetime_order, op: '>=', value: 3}", "lifetime_orders"),
        ("vars: {customer_lifecycle: {raw_table: [orders]}}", "raw_tables"),
        ("seeds: {customer_lifecycle: {refrence: {+enabled: false}}}", "nothing lies at customer_lifecycle.refrence"),
        ("flags: {require_ref: true}", "dbt has no flag require_ref"),
        ("loyalty: {}", "loyalty is no setting of a brand"),
    ],
)
def test_wrong_settings_are_found(manifest_file, var_problems, call, text, problem):
    """Each kind of YAML."""
    problems = doc_examples.yaml_problems(
        yaml.safe_load(text),
        manifest_file.written,
        var_problems,
        set(call("brand_setting_defaults")),
    )
    assert problem in "\n".join(problems)


def test_query_of_a_column_that_is_not_there_fails(workplace, manifest_file, monkeypatch):
    """As the README's first query once did."""
    wrong = Example("README.md", 1, "sql", "select net_revenue_share from marts.loyalty_summary", "")
    with pytest.raises(duckdb.BinderException):
        test_queries_run(wrong, workplace, manifest_file, monkeypatch)
