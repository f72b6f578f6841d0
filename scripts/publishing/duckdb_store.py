"""Publications of a DuckDB build: files that are renamed into place.

    publications/
        lifecycle.duckdb          what readers open; always a whole publication
        history/<id>.duckdb       the publications that are kept; the current one is the same file by another name
        history/<id>.json         what each is; a publication without it does not exist
        parquet/<id>/             the same tables as files, with a manifest.json, if asked for; it outlives its
                                  publication by one, for those who still read it
        parquet/current           a link to the folder of the current one
        sent_alerts.jsonl         which alerts went out
        alert_deliveries.jsonl    what was tried and did not succeed, by the ids of alerts
        brands/<brand>/           the same for a brand that is built by itself

A file that has a name here is never written again: it is made under another name, brought to disk, then renamed.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import time
from collections import defaultdict
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any, Iterable, Iterator, Mapping, Sequence
from urllib.parse import quote as url_quote

import duckdb

from alerting.sender import parse_events

from . import publication as rules
from .publication import BuildRecord, ExitCode, Publication, PublishError, Relation
from .store import Store

NAME = "lifecycle.duckdb"
UNFINISHED = "unfinished-"
SECONDS_BETWEEN_TRIES = 0.2

# of a table or view and of its columns, those that have one
COMMENTS_QUERY = """
with comments as (
    select database_name, schema_name, table_name, null as column_name, comment from duckdb_tables()
    union all
    select database_name, schema_name, view_name, null, comment from duckdb_views()
    union all
    select database_name, schema_name, table_name, column_name, comment from duckdb_columns()
)

select column_name, comment from comments
where database_name = $1 and schema_name = $2 and table_name = $3 and comment is not null
"""


class DuckDBStore(Store):
    """The build's file and the folder of its publications."""

    has_parquet = True

    def __init__(self, credentials: Any, project_dir: Path, publications: Path, only_brand: str | None) -> None:
        """Takes: dbt's credentials; the folder that a relative path in them starts from; the folder of publications; the
        brand that is published by itself, or none."""
        path = str(credentials.path)
        if ":" in path:
            raise PublishError(
                f"The build must be a file, to be published as one; the profile's path is {path}.", ExitCode.WRONG_USAGE
            )
        self.build_file = project_dir / path
        self.catalog = credentials.database
        self.only_brand = only_brand
        # a brand may be called .. too
        brand_folder = url_quote(only_brand or "", safe="").replace(".", "%2E")
        self.folder = publications / "brands" / brand_folder if only_brand else publications
        self.sent_file = publications / "sent_alerts.jsonl"
        self.deliveries_file = publications / "alert_deliveries.jsonl"
        self.history = self.folder / "history"
        self.parquet = self.folder / "parquet"
        self.current_file = self.folder / NAME
        if self.build_file.resolve() == self.current_file:
            raise PublishError(
                f"{self.build_file} is what the build writes, and would be what readers open: set "
                "LIFECYCLE_PUBLICATIONS to another folder.",
                ExitCode.WRONG_USAGE,
            )
        self.schema_prefix = os.environ.get("LIFECYCLE_SCHEMA_PREFIX", "")

    @contextmanager
    def build_lock(self, wait: float) -> Iterator[int]:
        with file_lock(self.build_file.with_name(self.build_file.name + ".lock"), wait, "build") as descriptor:
            yield descriptor

    # reading what is there

    def publications(self) -> list[Publication]:
        current = self._current_id()
        found = []
        for file in self.history.glob("*.json"):
            # it may be dropped while this looks
            with contextlib.suppress(FileNotFoundError):
                publication = Publication.from_json(file.read_text(encoding="utf-8"))
                found.append(replace(publication, is_current=publication.publication_id == current))
        return sorted(found, key=lambda publication: publication.published_at, reverse=True)

    def alerts(self) -> list[dict[str, Any]]:
        return self._rows_of("from marts.lifecycle_alerts order by severity, brand_id, alert_type, since, alert_id")

    def described_alerts(self) -> list[dict[str, Any]]:
        return self._rows_of(rules.ALERTS_QUERY.format(marts="marts", reference="reference"))

    def sent_alerts(self) -> set[str]:
        return {event["alert_id"] for event in self._events_of(self.sent_file) if "alert_id" in event}

    def mark_sent(self, alert_ids: Sequence[str]) -> None:
        now = datetime.now(timezone.utc).isoformat()
        self._record_events(self.sent_file, [{"alert_id": alert_id, "sent_at": now} for alert_id in alert_ids])

    def alert_events(self) -> list[dict[str, Any]]:
        return self._events_of(self.deliveries_file)

    def record_alert_events(self, events: Iterable[Mapping[str, Any]]) -> None:
        now = datetime.now(timezone.utc).isoformat()
        self._record_events(self.deliveries_file, [{**event, "at": now} for event in events])

    @contextmanager
    def sending_lock(self, wait: float) -> Iterator[None]:
        with file_lock(self.sent_file.with_name("sending.lock"), wait, "sending of alerts"):
            yield

    # changing it

    def reset_state(self, as_of_date: date | None) -> None:
        start = rules.state_before(self.publications(), as_of_date)
        if start is None or not start.state_schemas:
            return
        self.build_file.parent.mkdir(parents=True, exist_ok=True)
        with self._connected(self.build_file, read_only=False) as connection:
            connection.execute(f"attach {text(self._history_file(start))} as start (read_only)")
            connection.execute("begin")
            connection.execute(f"drop table if exists {self._record_table()}")
            for name, schema in start.state_schemas.items():
                connection.execute(f"create schema if not exists build.{name_of(schema)}")
                connection.execute(
                    f"create or replace table build.{name_of(schema, name)} as from start.state.{name_of(name)}"
                )
            connection.execute("commit")

    # within

    def _rows_of(self, query: str) -> list[dict[str, Any]]:
        """The rows of a query of the current publication. Raises where nothing is published."""
        if not self.current_file.exists():
            raise PublishError(f"Nothing is published in {self.folder}.", ExitCode.NOTHING_TO_PUBLISH)
        with closing(duckdb.connect(str(self.current_file), read_only=True)) as connection:
            cursor = connection.execute(query)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row)) for row in cursor.fetchall()]

    @staticmethod
    def _events_of(file: Path) -> list[dict[str, Any]]:
        """The events in a file that is only ever added to."""
        return parse_events(file.read_bytes().splitlines()) if file.exists() else []

    @staticmethod
    def _record_events(file: Path, events: Sequence[Mapping[str, Any]]) -> None:
        """Adds events to a file, and brings them to disk."""
        if not events:
            return
        lines = "".join(json.dumps(event) + "\n" for event in events)
        file.parent.mkdir(parents=True, exist_ok=True)
        with file_lock(file.with_suffix(".lock"), 60, f"change of {file.name}"), file.open("a+b") as output:
            # a torn line must not swallow the next
            if output.tell():
                output.seek(-1, os.SEEK_END)
                lines = lines if output.read(1) == b"\n" else "\n" + lines
            output.write(lines.encode())
            output.flush()
            os.fsync(output.fileno())

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """The right to change the folder, which is tidy at the start, and at the end of what fails: a full disk must
        not stay full."""
        with file_lock(self.folder / ".lock", 600, "publication"):
            try:
                self._tidy()
                yield
            except BaseException:
                with contextlib.suppress(Exception):
                    self._tidy()
                raise

    @contextmanager
    def _connected(self, file: Path, read_only: bool, name: str = "build") -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection that has the build's file, or another in its place, attached by a name. Raises where another
        program has it open."""
        with closing(duckdb.connect()) as connection:
            try:
                connection.execute(f"attach {text(file)} as {name_of(name)} {'(read_only)' if read_only else ''}")
            except duckdb.IOException as error:
                raise_if_locked(error, file)
                raise
            yield connection

    def _record(self) -> BuildRecord:
        if not self.build_file.exists():
            return BuildRecord.of_rows([])
        with self._connected(self.build_file, read_only=True) as connection:
            try:
                rows = connection.execute(rules.RECORD_QUERY.format(table=self._record_table())).fetchall()
                return BuildRecord.of_rows(rows)
            except duckdb.CatalogException:
                return BuildRecord.of_rows([])

    def _record_table(self) -> str:
        """The table in which dbt records a build."""
        return f"build.{name_of(self.schema_prefix + 'publishing', 'last_build')}"

    def _write(self, record: BuildRecord, publication: Publication) -> Publication:
        self.history.mkdir(parents=True, exist_ok=True)
        unfinished = self.history / f"{UNFINISHED}{publication.publication_id}.duckdb"
        rows: dict[str, int] = {}
        # views call their own catalog by its name, and are of dbt's time zone; the other name is like no file's
        with self._connected(self.build_file, read_only=True, name=self.catalog) as connection:
            connection.execute("set TimeZone = 'UTC'")
            target = name_of(UNFINISHED + publication.publication_id)
            connection.execute(f"attach {text(unfinished)} as {target}")
            connection.execute("begin")
            for schema in dict.fromkeys(relation.published_schema for relation in record.relations):
                connection.execute(f"create schema {target}.{name_of(schema)}")
            for relation in record.relations:
                rows[relation.published_name] = self._copy(connection, relation, target)
            publication = rules.with_contents(publication, record, rows)
            connection.execute(
                f"create table {target}.reference.publication as select "
                "$1::varchar as publication_id, $2::date as as_of_date, $3::timestamp as published_at, "
                "$4::varchar as invocation_id",
                [
                    publication.publication_id, publication.as_of_date,
                    publication.published_at.replace(tzinfo=None), publication.invocation_id,
                ],
            )
            connection.execute("commit")
            connection.execute(f"checkpoint {target}")
            connection.execute(f"detach {target}")
        # who opens it to write is told so, instead of changing what others read
        unfinished.chmod(0o444)
        rename_to_disk(unfinished, self._history_file(publication))
        self._describe([publication])
        return publication

    def _copy(self, connection: duckdb.DuckDBPyConnection, relation: Relation, target: str) -> int:
        """Copies a table or view of the build as a table of the attached target, with its comments. Gives its number of
        rows."""
        table = f"{target}.{name_of(relation.published_schema, relation.name)}"
        source = name_of(self.catalog, relation.schema, relation.name)
        count = connection.execute(f"create table {table} as from {source}").fetchall()[0][0]
        comments = connection.execute(COMMENTS_QUERY, [self.catalog, relation.schema, relation.name]).fetchall()
        for column, comment in comments:
            commented = f"table {table}" if column is None else f"column {table}.{name_of(column)}"
            connection.execute(f"comment on {commented} is {text(comment)}")
        return count

    def _describe(self, publications: Iterable[Publication]) -> None:
        for publication in publications:
            file = self.history / f"{publication.publication_id}.json"
            unfinished = file.with_name(UNFINISHED + file.name)
            unfinished.write_text(publication.to_json() + "\n", encoding="utf-8")
            rename_to_disk(unfinished, file)

    def _show(self, publication: Publication, with_parquet: bool) -> None:
        with_parquet = with_parquet or self.parquet.is_dir()
        if with_parquet:
            self._write_parquet(publication)
        kept = self._history_file(publication)
        # renaming a file over another name of its own does nothing, and would leave the first
        if not (self.current_file.exists() and self.current_file.samefile(kept)):
            unfinished = self.folder / (UNFINISHED + NAME)
            link_or_copy(kept, unfinished)
            rename_to_disk(unfinished, self.current_file)
        if with_parquet:
            self._link_parquet(publication.publication_id)

    def _write_parquet(self, publication: Publication) -> None:
        """Writes a publication's tables as Parquet files, and a manifest of them, where they are not there already."""
        folder = self.parquet / publication.publication_id
        if folder.is_dir():
            return
        unfinished = self.parquet / (UNFINISHED + publication.publication_id)
        tables: dict[str, list[dict[str, Any]]] = defaultdict(list)
        with self._connected(self._history_file(publication), read_only=True) as connection:
            for schema, table in connection.execute(
                "select schema_name, table_name from duckdb_tables() "
                "where database_name = 'build' and schema_name <> $1 order by all", [rules.STATE_SCHEMA]
            ).fetchall():
                file = unfinished / schema / f"{table}.parquet"
                file.parent.mkdir(parents=True, exist_ok=True)
                copied = connection.execute(f"copy build.{name_of(schema, table)} to {text(file)} (format parquet)")
                rows = copied.fetchall()[0][0]
                sync(file)
                tables[schema].append(
                    {"table": table, "file": f"{schema}/{table}.parquet", "rows": rows, "bytes": file.stat().st_size}
                )
        manifest = json.loads(publication.to_json())
        manifest = {name: manifest[name] for name in ("publication_id", "as_of_date", "published_at")}
        file = unfinished / "manifest.json"
        file.write_text(json.dumps({**manifest, "schemas": tables}, indent=1) + "\n", encoding="utf-8")
        for written in (file, *(unfinished / schema for schema in tables), unfinished):
            sync(written)
        rename_to_disk(unfinished, folder)

    def _link_parquet(self, publication_id: str) -> None:
        link = self.parquet / "current"
        unfinished = self.parquet / (UNFINISHED + "current")
        unfinished.symlink_to(publication_id, target_is_directory=True)
        rename_to_disk(unfinished, link)

    def _tidy(self) -> None:
        """Clears away what a publication left that was stopped on its way, and finishes what it had only half shown."""
        for folder in (self.folder, self.history, self.parquet):
            for left in folder.glob(UNFINISHED + "*"):
                if left.is_dir() and not left.is_symlink():
                    shutil.rmtree(left)
                else:
                    left.unlink()
        for file in self.history.glob("*.duckdb"):
            if not file.with_suffix(".json").exists():
                file.unlink()
        for folder in self.parquet.glob("*"):
            if not folder.is_symlink() and not (self.history / f"{folder.name}.json").exists():
                shutil.rmtree(folder)
        current = self._current_id()
        if current and (self.parquet / current).is_dir():
            self._link_parquet(current)

    def _drop(self, publications: Iterable[Publication]) -> None:
        for publication in publications:
            (self.history / f"{publication.publication_id}.json").unlink()
            self._history_file(publication).unlink()

    def _current_id(self) -> str | None:
        """The id of the publication that readers see; none where there is none, or one that nobody can read. Raises
        where the file is another database, which is then somebody's own."""
        try:
            with closing(duckdb.connect(str(self.current_file), read_only=True)) as connection:
                return connection.execute("select publication_id from reference.publication").fetchall()[0][0]
        except duckdb.CatalogException:
            raise PublishError(
                f"{self.current_file} is a database, but no publication, and it is left alone. Move it away, or set "
                "LIFECYCLE_PUBLICATIONS to another folder.",
                ExitCode.WRONG_USAGE,
            ) from None
        except duckdb.Error as error:
            raise_if_locked(error, self.current_file)
            return None

    def _history_file(self, publication: Publication) -> Path:
        return self.history / f"{publication.publication_id}.duckdb"


@contextmanager
def file_lock(file: Path, wait: float, what: str) -> Iterator[int]:
    """A lock that ends with the last process that holds it, however it ends.

    Takes: the file to lock, which is made and stays; the seconds to wait for it; what it protects, for the message.
    Gives: its descriptor, which a child that inherits it holds too. Raises where somebody else has it.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        deadline = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise PublishError(
                        f"Another {what} is under way ({file} is locked); waited {wait:g} s for it.", ExitCode.LOCKED
                    ) from None
                time.sleep(SECONDS_BETWEEN_TRIES)
        yield descriptor
    finally:
        os.close(descriptor)


def raise_if_locked(error: duckdb.Error, file: Path) -> None:
    """Raises what to tell where DuckDB could not open a file because another program has it open."""
    if "Could not set lock" in str(error):
        raise PublishError(f"Another program has {file} open: {error}", ExitCode.LOCKED) from None


def rename_to_disk(source: Path, target: Path) -> None:
    """Renames a file, folder or link over another at once, both brought to disk: after a power cut too it is one or the other."""
    if not source.is_symlink() and source.is_file():
        sync(source)
    os.replace(source, target)
    sync(target.parent)


def sync(path: Path) -> None:
    """Brings a file's content, or a folder's names, to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def link_or_copy(source: Path, target: Path) -> None:
    """Gives a file a second name; a second copy on file systems without hard links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def name_of(*names: str) -> str:
    """A name in SQL, quoted."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def text(value: object) -> str:
    """A text in SQL, quoted."""
    return "'" + str(value).replace("'", "''") + "'"
