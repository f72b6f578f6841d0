"""Publications on DuckDB: readers see whole ones, whatever stops the publisher, and the next run needs no hand.

Most tests publish a small file that looks as a build leaves it. The macros that record a build are tested by dbt
itself, in a project of a few models. What real builds, real kills and real readers do is measured by
tests/acceptance/torture_publication.py.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "src"))
from customer_lifecycle import cli  # noqa: E402
from customer_lifecycle.publishing import duckdb_store, files  # noqa: E402
from customer_lifecycle.publishing import publication as rules  # noqa: E402
from customer_lifecycle.publishing.duckdb_store import DuckDBStore  # noqa: E402
from customer_lifecycle.publishing.publication import ExitCode, PublishError  # noqa: E402

DAY = date(2026, 5, 1)
NEXT_DAY = DAY + timedelta(days=1)
DEADLINE = 120
MEMORY_WANTED = 256 << 20


# A build without dbt


def write_build(file: Path, day: date, value: str = "", passed: bool = True, brand: str | None = None) -> None:
    """Leaves in a file what a build leaves: two marts, one of them a view over state, what they go with, and a record.

    Takes: the file; the day; what the tables say, by default the day; whether all tests passed; the one brand that was
    built, if it was one. The state grows by a row for a day that is later than all on record, as snapshots do.
    """
    value = value or day.isoformat()
    catalog = files.name_of(file.stem)
    with duckdb.connect(str(file)) as connection:
        run = connection.execute
        for schema in ("facts", "marts", "quality", "reference", "publishing"):
            run(f"create schema if not exists {schema}")
        run("drop table if exists publishing.last_build")
        run("create table if not exists facts.loyalty_snapshot (day date, value varchar)")
        run(
            "insert into facts.loyalty_snapshot (day, value) select $1, $2 "
            "where $1 > (select coalesce(max(day), date '0001-01-01') from facts.loyalty_snapshot)",
            [day, value],
        )
        run(f"create or replace view marts.loyalty_history as select * from {catalog}.facts.loyalty_snapshot")
        run("comment on view marts.loyalty_history is 'who was in which class'")
        run("comment on column marts.loyalty_history.value is $$the class: 'loyal' or not$$")
        run("create or replace table reference.as_of_date as select $1::date as as_of_date", [day])
        run("create or replace table marts.customers as select $1 as value, range as id from range(3)", [value])
        run(
            "create or replace table marts.lifecycle_alerts as select $1 as value, 2 as severity, 'shop' as brand_id, "
            "null::varchar as customer_id, 'spike' as alert_type, $2::date as since, 'alert of ' || $1 as alert_id, "
            "'look' as message",
            [value, day],
        )
        if passed:
            run(
                "create table publishing.last_build as "
                "select uuid()::varchar as invocation_id, $1::date as as_of_date, $2 as only_brand, "
                "0.2 as max_row_drop_share, 'the sample' as raw_settings, * from (values "
                "('facts', 'loyalty_snapshot', 'state', ''), ('marts', 'loyalty_history', 'marts', ''), "
                "('marts', 'customers', 'marts', 'id,value'), "
                "('marts', 'lifecycle_alerts', 'marts', 'alert_id,alert_type'), "
                "('reference', 'as_of_date', 'reference', '')"
                ") as relations (relation_schema, relation_name, published_schema, never_null)",
                [day, brand or ""],
            )


def play_dbt(arguments: list[str]) -> int:
    """Does what FAKE_DBT says instead of dbt: builds, fails a test, cannot start, or goes on for ever."""
    behaviour = os.environ["FAKE_DBT"]
    if behaviour == "cannot start":
        return 2
    if arguments[1:3] == ["source", "freshness"]:
        return 0 if behaviour == "passes" else 1
    project_vars = json.loads(arguments[arguments.index("--vars") + 1])
    if "run-operation" in arguments:
        print(json.dumps({"raw_rows_of_customer": json.loads(os.environ["FAKE_RAW"])}))
        return 0
    if "FAKE_DBT_VARS" in os.environ:
        Path(os.environ["FAKE_DBT_VARS"]).write_text(arguments[arguments.index("--vars") + 1], encoding="utf-8")
    write_build(
        Path(os.environ["LIFECYCLE_DUCKDB_PATH"]),
        date.fromisoformat(os.environ["LIFECYCLE_AS_OF_DATE"]),
        passed=behaviour == "passes",
        brand=project_vars.get("only_brand"),
    )
    if behaviour == "goes on":
        Path(os.environ["FAKE_DBT_STARTED"]).write_text(str(os.getpid()))
        time.sleep(10 * DEADLINE)
    return 0 if behaviour == "passes" else 1


class Workplace:
    """A build's file and a folder of publications."""

    def __init__(self, folder: Path, brand: str | None = None, name: str = "lifecycle") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.build_file = folder / f"{name}.duckdb"
        self.publications = folder / "publications"
        self.brand = brand
        credentials = SimpleNamespace(path=str(self.build_file), database=name)
        self.store = DuckDBStore(credentials, folder, self.publications, brand)

    def build(self, day: date, value: str = "", **options: Any) -> None:
        write_build(self.build_file, day, value, brand=self.brand, **options)

    def publish(
        self, day: date, value: str = "", keep: int = 7, with_parquet: bool = False, **options: Any
    ) -> rules.Publication:
        """Builds as `run` does, and publishes."""
        self.store.reset_state(day)
        self.build(day, value, **options)
        return self.store.publish(day, keep, with_parquet)

    def seen(self) -> str | None:
        """What a reader of the file sees in all of its tables; none where nothing is published."""
        if not self.store.current_file.exists():
            return None
        with duckdb.connect(str(self.store.current_file), read_only=True) as connection:
            return seen_in(connection, "marts.customers", "marts.lifecycle_alerts")

    def seen_in_parquet(self) -> str | None:
        """The same for a reader of Parquet, who resolves the link once."""
        link = self.store.parquet / "current"
        if not link.exists():
            return None
        folder = link.resolve()
        with duckdb.connect() as connection:
            files = [f"'{folder}/marts/{name}.parquet'" for name in ("customers", "lifecycle_alerts")]
            return seen_in(connection, *files)

    def history(self) -> list[str]:
        """The rows of loyalty_history that readers see, as text."""
        with duckdb.connect(str(self.store.current_file), read_only=True) as connection:
            found = connection.execute("select value from marts.loyalty_history order by day").fetchall()
            return [value for (value,) in found]

    def ids(self) -> list[str]:
        """The publications that are kept, the newest first."""
        return [publication.publication_id for publication in self.store.publications()]

    def leftovers(self) -> list[str]:
        """What lies in the folder and belongs to no publication that is kept."""
        kept = set(self.ids())
        return sorted(
            str(path.relative_to(self.store.folder))
            for path in self.store.folder.rglob("*")
            if path.name.startswith("unfinished-")
            or path.suffix in (".wal", ".tmp")
            or (path.parent == self.store.history and path.name.split(".")[0] not in kept)
        )


def publish_in_a_process(
    workplace: Workplace, first: str = "pass", environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess:
    """Publishes what is built in a process of its own, after some Python."""
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); from test_publishing import *; "
        f"{first}; Workplace(Path(sys.argv[2])).store.publish(None, 7, False)"
    )
    return subprocess.run(
        [sys.executable, "-c", script, str(Path(__file__).parent), str(workplace.folder)],
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )


def seen_in(connection: duckdb.DuckDBPyConnection, *tables: str) -> str:
    """What all of some tables say. Fails where they do not say the same."""
    union = " union all ".join(f"select value from {table}" for table in tables)
    values = connection.execute(f"select distinct value from ({union})").fetchall()
    assert len(values) == 1, f"mixed: {values}"
    return values[0][0]


@pytest.fixture
def folder(tmp_path) -> Iterator[Path]:
    """A folder that is kept in memory, where the machine has such: publishing waits for the disk again and again."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK) or shutil.disk_usage(memory).free < MEMORY_WANTED:
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


@pytest.fixture
def workplace(folder) -> Workplace:
    """A folder with nothing in it yet."""
    return Workplace(folder / "workplace")


# What is published


def test_a_publication_is_the_build_without_its_views(workplace):
    published = workplace.publish(DAY)
    assert published.is_current and published.as_of_date == DAY
    assert workplace.store.publications() == [published]
    assert published.rows == {
        "marts.customers": 3,
        "marts.lifecycle_alerts": 1,
        "marts.loyalty_history": 1,
        "reference.as_of_date": 1,
    }
    with duckdb.connect(str(workplace.store.current_file), read_only=True) as connection:
        assert connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() order by 1"
        ).fetchall() == [
            ("marts.customers",),
            ("marts.lifecycle_alerts",),
            ("marts.loyalty_history",),
            ("reference.as_of_date",),
            ("reference.publication",),
            ("state.loyalty_snapshot",),
            ("state.publication",),
        ]
        assert connection.execute("select count(*) from duckdb_views() where not internal").fetchone() == (0,)
        assert connection.execute("from reference.publication").fetchall() == [
            (
                published.publication_id,
                DAY,
                published.published_at.replace(tzinfo=None),
                published.invocation_id,
            )
        ]


def test_what_is_never_null_is_a_constraint(workplace):
    """As the tests of the build hold it, and no more."""
    workplace.publish(DAY)
    with duckdb.connect(str(workplace.store.current_file), read_only=True) as connection:
        assert connection.execute(
            "select table_schema, table_name, column_name from information_schema.columns where is_nullable = 'NO' "
            "order by all"
        ).fetchall() == [
            ("marts", "customers", "id"),
            ("marts", "customers", "value"),
            ("marts", "lifecycle_alerts", "alert_id"),
            ("marts", "lifecycle_alerts", "alert_type"),
        ]


def test_what_is_said_of_tables_and_columns_goes_along(workplace):
    workplace.publish(DAY)
    with duckdb.connect(str(workplace.store.current_file), read_only=True) as connection:
        assert connection.execute(
            "select table_name, comment from duckdb_tables() where comment is not null"
        ).fetchall() == [("loyalty_history", "who was in which class")]
        assert connection.execute(
            "select table_name, column_name, comment from duckdb_columns() where comment is not null"
        ).fetchall() == [("loyalty_history", "value", "the class: 'loyal' or not")]


def test_nobody_writes_what_is_published(workplace):
    workplace.publish(DAY)
    assert workplace.store.current_file.stat().st_mode & 0o222 == 0


def test_parquet_has_the_tables_and_says_so(workplace):
    published = workplace.publish(DAY, with_parquet=True)
    folder = (workplace.store.parquet / "current").resolve()
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["publication_id"] == published.publication_id
    assert manifest["as_of_date"] == "2026-05-01"
    for schema, tables in manifest["schemas"].items():
        for table in tables:
            file = folder / table["file"]
            assert file == folder / schema / f"{table['table']}.parquet"
            assert file.stat().st_size == table["bytes"]
            assert duckdb.sql(f"select count(*) from '{file}'").fetchone() == (table["rows"],)
    assert {f"{schema}.{table['table']}" for schema, tables in manifest["schemas"].items() for table in tables} == {
        *published.rows,
        "reference.publication",
    }


def test_parquet_is_asked_for_once(workplace):
    workplace.publish(DAY, with_parquet=True)
    workplace.publish(NEXT_DAY)
    assert workplace.seen_in_parquet() == workplace.seen() == "2026-05-02"


def test_publishing_a_build_again_changes_nothing(workplace):
    first = workplace.publish(DAY, with_parquet=True)
    assert workplace.store.publish(DAY, 7, with_parquet=True) == first
    assert workplace.ids() == [first.publication_id]
    assert workplace.leftovers() == []


@pytest.mark.parametrize("name", ["publication", "build", "a 'quoted' \"name\""])
def test_the_file_of_the_build_may_have_any_name(folder, name):
    workplace = Workplace(folder, name=name)
    workplace.publish(DAY)
    assert workplace.seen() == "2026-05-01"


def test_views_are_read_in_utc_wherever_the_machine_stands(workplace):
    workplace.build(DAY)
    with duckdb.connect(str(workplace.build_file)) as connection:
        connection.execute(
            "create or replace view marts.loyalty_history as "
            "select strftime(timestamptz '2026-05-01 20:00:00+00', '%d %H') as value, "
            "current_setting('TimeZone') as zone"
        )
    publish_in_a_process(workplace, environment={"TZ": "Asia/Seoul"})
    assert workplace.store.publications()
    with duckdb.connect(str(workplace.store.current_file), read_only=True) as connection:
        assert connection.execute("from marts.loyalty_history").fetchall() == [("01 20", "UTC")]


# What is not published


@pytest.mark.parametrize("left", ["no file", "no record", "another day", "no order"])
def test_what_is_not_a_whole_tested_build_of_the_day_is_not_published(workplace, left):
    workplace.publish(DAY)
    if left == "no file":
        workplace.build_file.unlink()
    else:
        workplace.build(NEXT_DAY, passed=left != "no record")
    if left == "no order":
        with duckdb.connect(str(workplace.build_file)) as connection:
            connection.execute("update publishing.last_build set as_of_date = null")
    with pytest.raises(PublishError) as raised:
        workplace.store.publish(DAY if left == "another day" else None, 7, False)
    assert raised.value.exit_code == ExitCode.NOTHING_TO_PUBLISH
    assert "othing was published" in str(raised.value)
    assert workplace.seen() == "2026-05-01"


def test_a_build_without_a_customer_is_not_published(workplace):
    workplace.publish(DAY)
    workplace.build(NEXT_DAY)
    with duckdb.connect(str(workplace.build_file)) as connection:
        connection.execute("delete from marts.customers")
    with pytest.raises(PublishError, match="not one customer") as raised:
        workplace.store.publish(NEXT_DAY, 7, False)
    assert raised.value.exit_code == ExitCode.NOTHING_TO_PUBLISH
    assert workplace.seen() == DAY.isoformat() and not workplace.leftovers()


def test_a_brand_by_itself_is_not_published_as_all_nor_all_as_a_brand(folder):
    whole, alone = Workplace(folder), Workplace(folder, "shop")
    for built, other in ((whole, alone), (alone, whole)):
        built.build(DAY)
        with pytest.raises(PublishError, match="brand shop by itself") as raised:
            other.store.publish(None, 7, False)
        assert raised.value.exit_code == ExitCode.NOTHING_TO_PUBLISH
        built.store.publish(None, 7, False)


def test_an_earlier_day_is_kept_and_not_shown(workplace):
    workplace.publish(NEXT_DAY)
    published = workplace.publish(DAY)
    assert not published.is_current
    assert workplace.seen() == "2026-05-02"
    assert published.publication_id in workplace.ids()


# Stopped on the way


@contextlib.contextmanager
def before_each_step(call: Callable[[str], None]) -> Iterator[None]:
    """Calls something with the name of each operation of a store on files and databases, right before it, and in the
    middle of writing a small file and of copying a large one."""
    within = False

    def step(name: str) -> None:
        nonlocal within
        # what is called may use files itself
        if not within:
            within = True
            try:
                call(name)
            finally:
                within = False

    def stepped(function: Callable) -> Callable:
        def instead(*given, **named):
            step(function.__name__)
            return function(*given, **named)

        return instead

    def stepped_write_text(file: Path, content: str, *given: Any, **named: Any) -> int:
        step("write_text")
        write_text(file, "")
        step("nothing of write_text")
        write_text(file, content[: len(content) // 2], *given, **named)
        step("half of write_text")
        return write_text(file, content, *given, **named)

    def stepped_copy(source: Path, target: Path) -> None:
        step("copy_file")
        target.write_bytes(source.read_bytes()[:4096])
        step("half of copy_file")
        copy_file(source, target)

    class SteppedConnection:
        def __init__(self, *given: Any, **named: Any) -> None:
            self.connection = connect(*given, **named)
            self.close = self.connection.close

        def execute(self, statement: str, *given: Any) -> duckdb.DuckDBPyConnection:
            step(statement.split()[0])
            return self.connection.execute(statement, *given)

    connect, write_text, copy_file = duckdb.connect, Path.write_text, duckdb_store.copy_file
    with pytest.MonkeyPatch.context() as patch:
        for name in ("replace", "fsync"):
            patch.setattr(os, name, stepped(getattr(os, name)))
        for name in ("unlink", "rmdir", "symlink_to", "write_text", "chmod"):
            patch.setattr(Path, name, stepped(getattr(Path, name)))
        patch.setattr(Path, "write_text", stepped_write_text)
        patch.setattr(duckdb_store, "copy_file", stepped_copy)
        patch.setattr(duckdb, "connect", SteppedConnection)
        yield


def copy_of(workplace: Workplace, folder: Path) -> Workplace:
    """The same again in another folder. What has its name there is never written to, so its files are the very same."""

    def link_or_copy(source: str, target: str) -> None:
        (shutil.copy if Path(source).name.startswith("unfinished-") else os.link)(source, target)

    shutil.copytree(workplace.publications, folder / "publications", symlinks=True, copy_function=link_or_copy)
    shutil.copy(workplace.build_file, folder)
    return Workplace(folder)


def layout(workplace: Workplace, before: Workplace) -> frozenset[tuple]:
    """What lies in a folder of publications: names, sizes, links, and which are of one file, or of one that was there
    before. Folders that are alike in it are alike."""
    known = {path.name: path.lstat().st_ino for path in before.publications.rglob("*")}

    def neutral(name: object) -> str:
        return re.sub(r"\d{8}_\d{17}", lambda found: found[0] if f"{found[0]}.json" in known else "new", str(name))

    entries, first_names = set(), {}
    for path in sorted(workplace.publications.rglob("*")):
        name, found = neutral(path.relative_to(workplace.publications)), path.lstat()
        target = neutral(os.readlink(path)) if path.is_symlink() else None
        first_name = first_names.setdefault(found.st_ino, name)
        entries.add((name, target, found.st_ino in known.values(), first_name, found.st_size))
    return frozenset(entries)


def killed_at_each_step(before: Workplace, act: Callable[[DuckDBStore], Any]) -> Iterator[tuple[str, Workplace]]:
    """What is there before each operation of something, and at its end. Gives: where, and that, each once."""
    working = copy_of(before, before.folder.with_name("working"))
    left: dict[frozenset, tuple[str, Workplace]] = {}

    def note(name: str) -> None:
        found = layout(working, before)
        if found not in left:
            left[found] = f"{len(left)}: {name}", copy_of(working, before.folder.with_name(f"left_{len(left)}"))

    with before_each_step(note):
        act(working.store)
    note("the end")
    assert len(left) > 5, "hardly anything was seen"
    yield from left.values()


STATEMENTS = ("attach", "begin", "checkpoint", "commit", "copy", "create", "detach", "drop", "select", "set")
ONCE = ("fsync", *STATEMENTS)  # there are many of them, and what fails with one fails with the others


def failing_at_each_step(before: Workplace, act: Callable[[DuckDBStore], Any]) -> Iterator[tuple[str, Workplace, bool]]:
    """Does something with its first operation failing, with its second … Gives: where; what is there then; whether it
    ended as if nothing had been. Of the statements to the database, and of syncs, the first of a kind fails. What is
    there is given once."""
    at, given = 0, set()
    while True:
        after = copy_of(before, before.folder.with_name(f"failed_{at}"))
        names: list[str] = []

        def fail(name: str) -> None:
            if name in names and name in ONCE:
                return
            names.append(name)
            if len(names) == at + 1:
                raise duckdb.IOException("planted") if name in STATEMENTS else OSError("planted")

        went_through = True
        with before_each_step(fail):
            try:
                act(after.store)
            except (OSError, duckdb.Error, PublishError):
                went_through = False
        if len(names) <= at:
            assert at > 10, "hardly anything was counted"
            return
        found = layout(after, before), went_through
        if found not in given:
            given.add(found)
            yield f"{at}: {names[at]}", after, went_through
        shutil.rmtree(after.folder)
        at += 1


@pytest.fixture
def to_be_published(workplace) -> Workplace:
    """A build of DAY, with one publication to be dropped, and Parquet files of one that is dropped already."""
    for ago in (3, 2, 1):
        workplace.publish(DAY - timedelta(days=ago), keep=1, with_parquet=True)
    workplace.build(DAY)
    return workplace


def check_next_run(workplace: Workplace, where: str) -> None:
    """Publishes another day. Fails where it is not then as if nothing had been before."""
    published = workplace.publish(NEXT_DAY, keep=1, with_parquet=True)
    assert workplace.seen() == workplace.seen_in_parquet() == "2026-05-02", where
    assert workplace.ids() == [published.publication_id], where
    assert workplace.history()[-1] == "2026-05-02", where
    assert workplace.leftovers() == [], where


def test_publishing_may_be_killed_anywhere(to_be_published):
    seen = []
    for where, left in killed_at_each_step(to_be_published, lambda store: store.publish(DAY, 1, True)):
        seen.append((left.seen(), left.seen_in_parquet()))
        check_next_run(left, where)
    old, new = "2026-04-30", "2026-05-01"
    assert list(dict.fromkeys(seen)) == [(old, old), (new, old), (new, new)]


def test_publishing_may_fail_anywhere(to_be_published):
    for where, left, went_through in failing_at_each_step(to_be_published, lambda store: store.publish(DAY, 1, True)):
        old, new = "2026-04-30", "2026-05-01"
        assert left.seen() in ((new,) if went_through else (old, new)), where
        assert left.seen_in_parquet() in (old, new), where
        assert went_through or left.leftovers() == [], where
        check_next_run(left, where)


def test_restoring_may_be_killed_anywhere(workplace):
    first = workplace.publish(DAY, with_parquet=True).publication_id
    workplace.publish(NEXT_DAY)
    seen = []
    for where, left in killed_at_each_step(workplace, lambda store: store.restore(first)):
        seen.append(left.seen())
        said = [(found.is_current, found.is_withdrawn) for found in left.store.publications()]
        assert (
            said
            == {
                "2026-05-02": [(True, False), (False, False)],
                "2026-05-01": [(False, True), (True, False)],
            }[left.seen()]
        ), where
        # what the next command finds, and does not make by the same means
        with left.store._changing():
            assert [(found.is_current, found.is_withdrawn) for found in left.store.publications()] == said, where
        assert left.leftovers() == [] and not left.store.restoring_file.exists(), where
        left.store.restore(first)
        assert left.seen() == left.seen_in_parquet() == "2026-05-01", where
        assert [found.is_withdrawn for found in left.store.publications()] == [True, False], where
        assert left.leftovers() == [], where
    assert list(dict.fromkeys(seen)) == ["2026-05-02", "2026-05-01"]


def test_restoring_that_fails_changes_nothing(workplace):
    first = workplace.publish(DAY, with_parquet=True).publication_id
    workplace.publish(NEXT_DAY)
    before, ends = workplace.store.publications(), set()
    for where, left, went_through in failing_at_each_step(workplace, lambda store: store.restore(first)):
        ends.add((left.seen(), went_through))
        if left.seen() == "2026-05-02":
            assert left.store.publications() == before, where
            assert left.seen_in_parquet() == "2026-05-02", where
            assert left.leftovers() == [], where
        else:
            assert [found.is_withdrawn for found in left.store.publications()] == [True, False], where
        check_next_run(left, where)
    assert {("2026-05-02", False), ("2026-05-01", True)} <= ends


def test_the_state_is_reset_at_once_or_not(workplace):
    workplace.publish(DAY)
    workplace.build(NEXT_DAY, "wrong", passed=False)
    size = workplace.build_file.stat().st_size

    def stop(name: str) -> None:
        if name == "commit":
            raise OSError

    with before_each_step(stop), pytest.raises(OSError):
        workplace.store.reset_state(NEXT_DAY)
    with duckdb.connect(str(workplace.build_file), read_only=True) as connection:
        assert connection.execute("select value from facts.loyalty_snapshot order by day").fetchall() == [
            ("2026-05-01",),
            ("wrong",),
        ]
    workplace.publish(NEXT_DAY, "right")
    assert workplace.history() == ["2026-05-01", "right"]
    assert workplace.build_file.stat().st_size < 2 * size


def test_a_full_disk_leaves_what_was_and_is_not_left_full(workplace):
    workplace.publish(DAY)
    workplace.build(NEXT_DAY)
    with duckdb.connect(str(workplace.build_file)) as connection:
        connection.execute(
            "create or replace table marts.customers as "
            "select '2026-05-02' as value, uuid() as customer_id from range(100000)"
        )
    ended = publish_in_a_process(
        workplace, "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))"
    )
    assert ended.returncode and "File too large" in ended.stderr
    assert workplace.seen() == "2026-05-01"
    assert workplace.leftovers() == []
    workplace.store.publish(None, 7, False)
    assert workplace.seen() == "2026-05-02"


# Readers


@contextlib.contextmanager
def another_program(code: str, *arguments: object) -> Iterator[subprocess.Popen]:
    """A process that runs some Python and says a line when it is ready, its `first_line`. It is ended afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        process.first_line = process.stdout.readline()
        yield process
    finally:
        process.kill()
        process.communicate()


READ_TWICE = """
import duckdb, sys
held = duckdb.connect(sys.argv[1], read_only=True)
for _ in range(2):
    print(held.sql("select distinct value from marts.customers").fetchall()[0][0], flush=True)
    input()
"""


def test_who_reads_on_sees_what_was(workplace):
    workplace.publish(DAY, keep=1, with_parquet=True)
    folder = (workplace.store.parquet / "current").resolve()
    with another_program(READ_TWICE, workplace.store.current_file) as reader:
        assert reader.first_line == "2026-05-01\n"
        workplace.publish(NEXT_DAY, keep=1)
        assert workplace.seen() == "2026-05-02"
        assert reader.communicate("\n\n")[0] == "2026-05-01\n"
    # who had followed the link still has all files
    assert duckdb.sql(f"select distinct value from '{folder}/marts/customers.parquet'").fetchall() == [("2026-05-01",)]
    workplace.publish(NEXT_DAY + timedelta(days=1), keep=1)
    assert not folder.exists()


# What is kept


def test_as_many_are_kept_as_asked_for(workplace):
    for ahead in range(5):
        workplace.publish(DAY + timedelta(days=ahead), keep=3)
    assert [found.as_of_date.day for found in workplace.store.publications()] == [5, 4, 3]
    assert workplace.leftovers() == []


def test_what_readers_see_is_kept_whatever_its_age(workplace):
    shown = workplace.publish(NEXT_DAY, keep=1)
    for _ in range(2):
        workplace.publish(DAY, keep=1)
        assert workplace.seen() == "2026-05-02"
    assert len(workplace.ids()) == 2 and shown.publication_id in workplace.ids()


def test_restore_and_back_again(workplace):
    first = workplace.publish(DAY).publication_id
    second = workplace.publish(NEXT_DAY).publication_id
    assert workplace.store.restore(first).is_current
    assert workplace.seen() == "2026-05-01"
    # what was withdrawn does not come back by itself
    assert not workplace.store.publish(NEXT_DAY, 7, False).is_current
    assert workplace.seen() == "2026-05-01"
    workplace.store.restore(second)
    assert workplace.seen() == "2026-05-02"
    assert not any(found.is_withdrawn for found in workplace.store.publications())
    with pytest.raises(PublishError, match=second) as raised:
        workplace.store.restore("20260101_20260101000000000")
    assert raised.value.exit_code == ExitCode.WRONG_USAGE


# State


def test_a_failed_build_leaves_no_trace_in_the_history(workplace):
    workplace.publish(DAY)
    workplace.build(NEXT_DAY, "wrong", passed=False)
    workplace.publish(NEXT_DAY, "right")
    assert workplace.history() == ["2026-05-01", "right"]


def test_a_day_that_is_built_again_starts_where_it_did(workplace):
    workplace.publish(DAY)
    workplace.publish(NEXT_DAY, "at first")
    workplace.publish(NEXT_DAY, "corrected")
    assert workplace.history() == ["2026-05-01", "corrected"]


def test_a_build_is_not_published_once_its_state_is_another(workplace):
    workplace.publish(DAY)
    workplace.build(NEXT_DAY)
    # a run that was stopped before dbt forgot the last build
    workplace.store.reset_state(NEXT_DAY + timedelta(days=1))
    with pytest.raises(PublishError, match="no complete, tested build"):
        workplace.store.publish(None, 7, False)


def test_a_withdrawn_publication_hands_nothing_on(workplace):
    first = workplace.publish(DAY)
    workplace.publish(NEXT_DAY, "wrong")
    workplace.store.restore(first.publication_id)
    workplace.publish(NEXT_DAY + timedelta(days=1), "third")
    assert workplace.history() == ["2026-05-01", "third"]


def test_days_in_order_and_built_again_in_order_are_the_same(workplace):
    days = [DAY + timedelta(days=ahead) for ahead in range(3)]
    for _ in range(2):
        for day in days:
            workplace.publish(day)
        assert workplace.history() == [day.isoformat() for day in days]


def test_where_only_the_day_itself_is_kept_its_history_is_not_lost(workplace):
    for _ in range(2):
        workplace.publish(DAY, keep=1)
        workplace.publish(NEXT_DAY, keep=1)
    workplace.publish(NEXT_DAY, keep=1)
    assert workplace.history() == ["2026-05-01", "2026-05-02"]


def published(day: int, hour: int, **options: bool) -> rules.Publication:
    """A publication of a day of May that was published at an hour."""
    at = rules.datetime(2026, 6, 1, hour, tzinfo=rules.timezone.utc)
    return rules.Publication(f"{day}_{hour}", date(2026, 5, day), at, "", **options)


@pytest.mark.parametrize(
    "kept, day, expected",
    [
        ([], 5, None),
        ([published(3, 1), published(4, 2), published(5, 3)], 5, "4_2"),
        ([published(4, 1), published(4, 2)], 5, "4_2"),
        ([published(4, 5), published(3, 6)], 5, "4_5"),
        ([published(5, 1), published(5, 2)], 5, "5_2"),
        ([published(4, 1, is_withdrawn=True), published(3, 0)], 5, "3_0"),
        ([published(3, 1, is_current=True), published(4, 2)], None, "3_1"),
        ([published(3, 1, is_current=True, is_withdrawn=True)], None, None),
    ],
)
def test_the_state_that_a_day_starts_from(kept, day, expected):
    found = rules.state_before(kept, day and date(2026, 5, day))
    assert (found and found.publication_id) == expected


# Others at work


HOLD = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print('ready', flush=True); input()"


def test_a_file_that_another_program_has_open_is_for_later(workplace):
    workplace.publish(DAY)
    workplace.build(NEXT_DAY)
    with another_program(HOLD, workplace.build_file):
        for act in (lambda: workplace.store.publish(None, 7, False), lambda: workplace.store.reset_state(NEXT_DAY)):
            with pytest.raises(PublishError, match="Another program") as raised:
                act()
            assert raised.value.exit_code == ExitCode.LOCKED
    assert workplace.seen() == "2026-05-01"
    workplace.store.publish(None, 7, False)
    assert workplace.seen() == "2026-05-02"


def test_the_second_build_waits_or_is_told(workplace):
    with workplace.store.build_lock(0):
        start = time.monotonic()
        with pytest.raises(PublishError, match="Another build") as raised, workplace.store.build_lock(0.3):
            pass
        assert raised.value.exit_code == ExitCode.LOCKED
        assert 0.3 <= time.monotonic() - start < DEADLINE
    with workplace.store.build_lock(0):
        pass


def test_the_lock_lasts_as_long_as_the_child_that_inherited_it(workplace):
    with workplace.store.build_lock(0) as descriptor:
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=[descriptor])
    with pytest.raises(PublishError, match="Another build"), workplace.store.build_lock(0):
        pass
    child.communicate(b"\n")
    with workplace.store.build_lock(0):
        pass


# Odd folders and names


def test_the_folder_may_be_a_link(folder):
    workplace = Workplace(folder)
    (folder / "elsewhere").mkdir()
    workplace.publications.symlink_to("elsewhere")
    workplace.publish(DAY, with_parquet=True)
    assert (folder / "elsewhere" / "lifecycle.duckdb").exists()
    assert workplace.seen() == workplace.seen_in_parquet() == "2026-05-01"


@pytest.mark.parametrize("brand", ["..", ".", "a/b", "../..", "뷰티", 'it\'s "so"', "50%"])
def test_a_brand_stays_in_its_folder(folder, brand):
    whole, alone = Workplace(folder), Workplace(folder, brand)
    whole.publish(DAY, "whole")
    alone.publish(NEXT_DAY, "alone")
    assert whole.seen() == "whole" and alone.seen() == "alone"
    assert alone.store.folder.parent == whole.publications / "brands"
    assert [found.as_of_date for found in whole.store.publications()] == [DAY]


def test_the_build_is_not_published_over_itself(tmp_path):
    credentials = SimpleNamespace(path="lifecycle.duckdb", database="lifecycle")
    with pytest.raises(PublishError, match="LIFECYCLE_PUBLICATIONS") as raised:
        DuckDBStore(credentials, tmp_path, tmp_path, None)
    assert raised.value.exit_code == ExitCode.WRONG_USAGE


def test_somebody_elses_database_is_left_alone(workplace):
    workplace.publications.mkdir()
    with duckdb.connect(str(workplace.store.current_file)) as connection:
        connection.execute("create table mine as select 1 as one")
    workplace.build(DAY)
    with pytest.raises(PublishError, match="left alone") as raised:
        workplace.store.publish(None, 7, False)
    assert raised.value.exit_code == ExitCode.WRONG_USAGE
    with duckdb.connect(str(workplace.store.current_file), read_only=True) as connection:
        assert connection.execute("from mine").fetchall() == [(1,)]


@pytest.mark.parametrize("heals", ["restore", "publish"])
def test_a_damaged_file_is_replaced(workplace, heals):
    first = workplace.publish(DAY).publication_id
    workplace.publish(NEXT_DAY)
    workplace.store.current_file.chmod(0o600)
    workplace.store.current_file.write_bytes(b"not what it was" * 1000)
    if heals == "restore":
        workplace.store.restore(first)
        assert workplace.seen() == "2026-05-01"
    else:
        workplace.publish(NEXT_DAY, "again")
        assert workplace.seen() == "again"


# Alerts


def test_alerts_are_remembered_once_sent(workplace):
    with pytest.raises(PublishError, match="Nothing is published"):
        workplace.store.alerts()
    workplace.publish(DAY)
    assert [alert["alert_id"] for alert in workplace.store.alerts()] == ["alert of 2026-05-01"]
    assert workplace.store.sent_alerts() == set()
    workplace.store.mark_sent(["one", "two"])
    workplace.store.mark_sent(["two", "세"])
    assert workplace.store.sent_alerts() == {"one", "two", "세"}


@pytest.mark.parametrize("torn", range(1, 40, 3))
def test_a_torn_line_costs_no_other_alert(workplace, torn):
    workplace.store.mark_sent(["first"])
    workplace.store.mark_sent(["어제"])
    file = workplace.store.sent_file
    file.write_bytes(file.read_bytes()[:-torn])
    assert workplace.store.sent_alerts() <= {"first", "어제"} and "first" in workplace.store.sent_alerts()
    workplace.store.mark_sent(["third"])
    assert {"first", "third"} <= workplace.store.sent_alerts() <= {"first", "어제", "third"}


# The command


@pytest.fixture
def publish_py(workplace, monkeypatch, tmp_path) -> Callable[..., int]:
    """The command, with a dbt that does what it is told. It takes arguments and gives the exit code."""
    for name in [name for name in os.environ if name.startswith(("LIFECYCLE_", "DBT_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LIFECYCLE_DUCKDB_PATH", str(workplace.build_file))
    monkeypatch.setenv("LIFECYCLE_PUBLICATIONS", str(workplace.publications))
    monkeypatch.setenv("FAKE_DBT", "passes")
    monkeypatch.setenv("FAKE_DBT_STARTED", str(tmp_path / "started"))
    dbt = tmp_path / "dbt"
    dbt.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path[:0] = [{str(Path(__file__).parent)!r}]\n"
        "import test_publishing\nsys.exit(test_publishing.play_dbt(sys.argv))\n"
    )
    dbt.chmod(0o755)

    def call(*arguments: str) -> int:
        if arguments[0] in ("run", "build", "freshness", "forget"):
            arguments = (*arguments, "--dbt", str(dbt))
        return cli.main(arguments, project_dir=ROOT)

    return call


def test_the_command_from_build_to_restore(publish_py, workplace, monkeypatch, capfd):
    assert publish_py("list") == ExitCode.DONE
    assert publish_py("publish") == ExitCode.NOTHING_TO_PUBLISH
    assert publish_py("alerts") == ExitCode.NOTHING_TO_PUBLISH
    assert publish_py("run", "--as-of-date", "2026-05-01") == ExitCode.DONE
    assert workplace.seen() == "2026-05-01"
    assert publish_py("build", "--as-of-date", "2026-05-02") == ExitCode.DONE
    assert workplace.seen() == "2026-05-01"
    assert publish_py("publish", "--as-of-date", "2026-05-03") == ExitCode.NOTHING_TO_PUBLISH
    assert publish_py("publish", "--as-of-date", "2026-05-02") == ExitCode.DONE
    assert workplace.seen() == "2026-05-02"
    for behaviour, expected in (("fails", ExitCode.BUILD_FAILED), ("cannot start", ExitCode.WRONG_USAGE)):
        monkeypatch.setenv("FAKE_DBT", behaviour)
        assert publish_py("run", "--as-of-date", "2026-05-03") == expected
        assert workplace.seen() == "2026-05-02"
    assert publish_py("publish") == ExitCode.NOTHING_TO_PUBLISH
    capfd.readouterr()
    assert publish_py("list", "--json") == ExitCode.DONE
    listed = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert [found["as_of_date"] for found in listed] == ["2026-05-02", "2026-05-01"]
    assert [found["is_current"] for found in listed] == [True, False]
    assert publish_py("restore", listed[1]["publication_id"]) == ExitCode.DONE
    assert workplace.seen() == "2026-05-01"
    assert publish_py("restore", "nothing") == ExitCode.WRONG_USAGE
    monkeypatch.setenv("FAKE_DBT", "passes")
    capfd.readouterr()
    assert publish_py("run", "--as-of-date", "2026-04-30") == ExitCode.DONE
    assert re.search(
        r"kept (20260430_\d+), as of 2026-04-30; readers go on seeing 20260501_\d+, as of 2026-05-01, a later day. "
        r"To show this one: lifecycle restore \1$",
        capfd.readouterr().out.strip(),
    )
    assert publish_py("alerts", "--mark-sent", "alert of 2026-05-01") == ExitCode.DONE
    capfd.readouterr()
    assert publish_py("alerts", "--pending") == ExitCode.DONE
    assert capfd.readouterr().out == ""


def test_freshness_builds_nothing(publish_py, workplace, monkeypatch, capfd):
    workplace.publish(DAY)
    workplace.build(NEXT_DAY)
    assert publish_py("freshness", "--as-of-date", "2026-05-02") == ExitCode.DONE
    for behaviour, expected in (("fails", ExitCode.BUILD_FAILED), ("cannot start", ExitCode.WRONG_USAGE)):
        monkeypatch.setenv("FAKE_DBT", behaviour)
        assert publish_py("freshness", "--as-of-date", "2026-05-02") == expected
    assert "not up to date" in capfd.readouterr().err
    assert workplace.ids() == [workplace.store.publications()[0].publication_id]
    # the build that was there before may be published still
    assert publish_py("publish", "--as-of-date", "2026-05-02") == ExitCode.DONE


def test_prepare_is_where_the_day_starts_from(publish_py, workplace):
    workplace.publish(DAY)
    workplace.publish(NEXT_DAY)
    assert publish_py("prepare", "--as-of-date", "2026-05-02") == ExitCode.DONE
    with duckdb.connect(str(workplace.build_file), read_only=True) as connection:
        assert connection.execute("select value from facts.loyalty_snapshot").fetchall() == [("2026-05-01",)]
    assert publish_py("publish") == ExitCode.NOTHING_TO_PUBLISH


def test_alerts_from_standard_input_are_recorded_as_they_come(publish_py, workplace, monkeypatch, capfd):
    workplace.publish(DAY)
    monkeypatch.setattr("sys.stdin", io.StringIO("one\ntwo\n"))
    assert publish_py("alerts", "--mark-sent", "-") == ExitCode.DONE
    assert capfd.readouterr().out.splitlines() == ["one", "two"]
    assert workplace.store.sent_alerts() == {"one", "two"}


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["publish", "--keep", "0"],
        ["publish", "--keep", "few"],
        ["run", "--as-of-date", "1.5.2026"],
        ["run", "--as-of-date", "20260501"],
        ["run", "--as-of-dat", "2026-05-01"],
        ["run", "--vars", "a text"],
        ["run", "--vars", "{"],
        ["restore"],
        ["alerts", "--mark-sent"],
    ],
)
def test_wrong_usage_ends_with_2(arguments):
    assert cli.main(arguments, project_dir=ROOT) == ExitCode.WRONG_USAGE


def test_a_folder_that_cannot_be_written_is_a_failed_publication(publish_py, workplace, capfd):
    workplace.build(DAY)
    workplace.publications.write_text("a file is in the way")
    assert publish_py("publish") == ExitCode.PUBLISHING_FAILED
    told = capfd.readouterr().err
    assert "readers see what they saw before" in told and "Traceback" not in told


def test_a_killed_run_takes_its_dbt_along(publish_py, workplace, monkeypatch, tmp_path):
    workplace.publish(DAY)
    monkeypatch.setenv("FAKE_DBT", "goes on")
    started = tmp_path / "started"
    process = subprocess.Popen(
        [
            sys.executable,
            str(ROOT / "scripts" / "publish.py"),
            "run",
            "--as-of-date",
            "2026-05-02",
            "--dbt",
            str(tmp_path / "dbt"),
        ]
    )
    try:
        wait_until(started.exists)
        assert publish_py("run", "--as-of-date", "2026-05-02") == ExitCode.LOCKED
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    monkeypatch.setenv("FAKE_DBT", "passes")
    assert publish_py("run", "--as-of-date", "2026-05-02", "--wait", str(DEADLINE)) == ExitCode.DONE
    assert workplace.seen() == "2026-05-02"
    assert workplace.history() == ["2026-05-01", "2026-05-02"]


def wait_until(holds: Callable[[], bool]) -> None:
    """Waits for something to hold. Fails where it does not within DEADLINE seconds."""
    deadline = time.monotonic() + DEADLINE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


# The record of a build, by dbt itself


MODELS = {
    "models/reference/as_of_date.sql": (
        "select cast({{ dbt.string_literal(var('day')) if var('day') else 'null' }} as date) as as_of_date"
    ),
    "models/marts/customers.sql": "{{ config(alias='customers_2') }} select as_of_date from {{ ref('as_of_date') }}",
    "models/facts/fct_parameters.sql": "{{ config(meta={'is_state': true}) }} select * from {{ ref('customers') }}",
    "models/facts/fct_more.sql": "select * from {{ ref('customers') }}",
    "models/marts/not_stored.sql": "{{ config(materialized='ephemeral') }} select 1 as one",
    "tests/passes.sql": "select * from {{ ref('customers') }} where false",
    "tests/warns.sql": "{{ config(severity='warn') }} select 1 as one",
    "tests/may_fail.sql": "select 1 as one where {{ var('fails', false) }}",
    "snapshots/kept.sql": "{% snapshot kept %}{{ config(schema='facts', unique_key='as_of_date', strategy='check', "
    "check_cols='all') }} select * from {{ ref('customers') }} {% endsnapshot %}",
    "seeds/glossary.csv": "metric\nchurn\n",
    # a test that may fail holds nothing
    "seeds/_seeds.yml": "seeds: [{name: glossary, columns: [{name: metric, data_tests: [unique, not_null]}]}]",
    "models/_models.yml": "models: [{name: as_of_date, columns: [{name: as_of_date, data_tests: "
    "[not_null: {config: {severity: warn}}]}]}]",
}
PROJECT = """
name: customer_lifecycle
profile: customer_lifecycle
macro-paths: [{macros}]
test-paths: [tests]
flags: {{send_anonymous_usage_stats: false}}
on-run-start: ["{{{{ forget_build() }}}}"]
on-run-end: ["{{{{ record_build(results) }}}}"]
models:
  customer_lifecycle: {{marts: {{+schema: marts}}, reference: {{+schema: reference}}, facts: {{+schema: facts}}}}
seeds: {{customer_lifecycle: {{+schema: reference}}}}
vars: {{day: "2026-05-01"}}
"""


def test_dbt_records_whole_tested_builds_alone(folder):
    # dbt takes seconds to import, and who plays dbt imports this module too
    from dbt.cli.main import dbtRunner

    import project

    for name, content in {"dbt_project.yml": PROJECT.format(macros=json.dumps(str(ROOT / "macros"))), **MODELS}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    shutil.copy(ROOT / "profiles.yml", folder)
    file = folder / "lifecycle.duckdb"

    manifest = None

    def dbt(command: str, *arguments: str, **project_vars: Any) -> bool:
        nonlocal manifest
        with project.dbt_environment(file):
            ended = dbtRunner(manifest).invoke(
                [
                    command,
                    *arguments,
                    "--quiet",
                    "--project-dir",
                    str(folder),
                    "--profiles-dir",
                    str(folder),
                    "--target",
                    "duckdb",
                    "--target-path",
                    str(folder / "target"),
                    "--log-path",
                    str(folder / "logs"),
                    "--log-level-file",
                    "none",
                    "--vars",
                    json.dumps(project_vars),
                ]
            )
        # one parsing serves all: no var decides what there is
        manifest = manifest or ended.result
        return ended.success

    def record() -> list[tuple] | None:
        with duckdb.connect(str(file), read_only=True) as connection:
            try:
                return connection.execute(rules.RECORD_QUERY.format(table="publishing.last_build")).fetchall()
            except duckdb.CatalogException:
                return None

    def pretend_a_record() -> None:
        with duckdb.connect(str(file)) as connection:
            connection.execute("create or replace table publishing.last_build as select 1 as one")

    assert dbt("parse") and dbt("build")
    recorded = record()
    assert {row[:3] for row in recorded} == {(recorded[0][0], DAY, "")}
    assert {(float(row[3]), row[4]) for row in recorded} == {(0.2, "the sample")}
    assert [row[5:] for row in recorded] == [
        ("marts", "customers_2", "marts", ""),
        ("reference", "as_of_date", "reference", ""),
        ("reference", "glossary", "reference", "metric"),
        ("facts", "fct_parameters", "state", ""),
        ("facts", "kept", "state", ""),
    ]
    assert dbt("test") and record() == recorded, "tests change nothing"
    for command in (
        ["run", "--select", "fct_more"],
        ["seed"],
        ["snapshot"],
        ["build", "--select", "fct_more"],
        ["build", "--exclude", "passes"],
        ["build", "--exclude-resource-type", "test"],
        ["build", "--empty"],
    ):
        pretend_a_record()
        assert dbt(*command) and record() is None, command
    pretend_a_record()
    assert not dbt("build", fails=True) and record() is None
    assert dbt("build", only_brand="it's", brands={"it's": {}}, max_row_drop_share=0, raw_dir='it\'s "here"')
    found = rules.BuildRecord.of_rows(record())
    assert (found.only_brand, found.max_row_drop_share) == ("it's", 0)
    assert json.loads(found.raw_settings) == {"raw_dir": 'it\'s "here"'}
    assert dbt("build", day=None)
    with pytest.raises(PublishError, match="not one order"):
        rules.BuildRecord.of_rows(record())
