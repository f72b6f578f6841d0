"""Publications of a DuckDB build: files that are renamed into place.

    publications/
        lifecycle.duckdb          what readers open; always a whole publication, a copy of the one in history/
        history/<id>.duckdb       the publications that are kept
        history/<id>.json         what each is, with its checksum
        parquet/<id>/             the same tables as files, with a manifest.json, if asked for; it outlives its
                                  publication by one, for those who still read it
        parquet/current           a link to the folder of the current one
        sent_alerts.jsonl         which alerts went out
        alert_deliveries.jsonl    what was tried and did not succeed, by the ids of alerts
        brands/<brand>/           the same for a brand that is built by itself

A file that has a name here is never written again: it is made under another name, brought to disk, then renamed. And it
is the only name of its content, so that whoever writes to it all the same changes nothing else. What has none of the
names above is somebody's own, and stays as it is.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import json
import os
import re
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import replace
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import quote as url_quote

import duckdb

from customer_lifecycle.alerting.sender import parse_events
from customer_lifecycle.progress import counted, step

from . import publication as rules
from .erasure import Customer, Dialect, Erased, plan_of, without_alerts
from .files import (
    UNFINISHED,
    check_no_log,
    check_own_log,
    copy_file,
    file_lock,
    logs_beside,
    name_of,
    protect,
    raise_if_locked,
    rename_to_disk,
    sha256_of,
    sync,
    text,
    wait_until_free,
    write_to_disk,
)
from .publication import AcceptedRows, BuildRecord, ExitCode, Publication, PublishError, Relation
from .store import SECONDS_TO_WAIT, Store

NAME = "lifecycle.duckdb"
# the names of this program's own files, and no others are deleted
OWN_UNFINISHED = re.compile(
    UNFINISHED + rf"({rules.ID.pattern}(e\d+)?(\.duckdb(\.wal.*|\.tmp)?|\.json)?|lifecycle\.duckdb|current"
    r"|(restoring|forgetting)\.json|(sent_alerts|alert_deliveries)\.jsonl)"
)
# a folder of Parquet files is written again, under another name, where a customer was forgotten
PARQUET_FOLDER = re.compile(rf"({rules.ID.pattern})(?:e(\d+))?")
LITTER = re.compile(r"\.DS_Store|\._.*|Thumbs\.db|desktop\.ini")
LONGEST_NAME = 150  # of the folder of a brand; file systems allow 255 bytes, and some sync programs fewer
# names that Windows gives to devices, whatever follows after a dot
RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])", re.IGNORECASE)
# who has resolved the link to a folder of Parquet files right before it moved on reads that long, before it is deleted
SECONDS_FOR_READERS = 10

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


class DuckDBDialect(Dialect):
    """DuckDB's own."""

    @staticmethod
    def key_of(column: str, key: str) -> str:
        return f"case when json_valid({column}) then json_extract_string({column}, '$.{key}') end"

    @staticmethod
    def matches(column: str, pattern: str) -> str:
        return f"regexp_matches({column}, {pattern})"


class DuckDBStore(Store):
    """The build's file and the folder of its publications."""

    has_parquet = True

    def __init__(self, credentials: Any, project_dir: Path, publications: Path, only_brand: str | None) -> None:
        """Takes: dbt's credentials; the folder that a relative path in them starts from; the folder of publications;
        the brand that is published by itself, or none."""
        path = str(credentials.path)
        if ":" in path:
            raise PublishError(
                f"The build must be a file, to be published as one; the profile's path is {path}.", ExitCode.WRONG_USAGE
            )
        self.build_file = project_dir / path
        self.catalog = credentials.database
        self.only_brand = only_brand
        self.root = publications
        self.sent_file = publications / "sent_alerts.jsonl"
        self.deliveries_file = publications / "alert_deliveries.jsonl"
        self._use(brand_folder(publications / "brands", only_brand) if only_brand else publications)
        if self.build_file.resolve() == self.current_file:
            raise PublishError(
                f"{self.build_file} is what the build writes, and would be what readers open: set "
                "LIFECYCLE_PUBLICATIONS to another folder.",
                ExitCode.WRONG_USAGE,
            )
        self.schema_prefix = os.environ.get("LIFECYCLE_SCHEMA_PREFIX", "")

    def _use(self, folder: Path) -> None:
        """Makes a folder the one of these publications."""
        self.folder = folder
        self.history = folder / "history"
        self.parquet = folder / "parquet"
        self.current_file = folder / NAME
        self.restoring_file = folder / "restoring.json"
        self.forgetting_file = folder / "forgetting.json"

    @contextmanager
    def build_lock(self, wait: float, to_write: bool = True) -> Iterator[int]:
        deadline = time.monotonic() + wait
        with file_lock(self.build_file.with_name(self.build_file.name + ".lock"), wait, "build") as descriptor:
            check_own_log(self.build_file)
            wait_until_free(self.build_file, deadline - time.monotonic(), to_write)
            for left in (self._unfinished_build, *logs_beside(self._unfinished_build)):
                left.unlink(missing_ok=True)
            yield descriptor

    # reading what is there

    def publications(self) -> list[Publication]:
        found, current = {}, self._current_id()
        for file in self._own(self.history, rules.ID, ".duckdb"):
            # it may be dropped while this looks
            with suppress(FileNotFoundError):
                described = self._described(file)
                if described is not None:
                    found[file.stem] = replace(described, is_current=file.stem == current)
        return sorted(
            self._with_what_is_withdrawn(found, current), key=lambda publication: publication.published_at, reverse=True
        )

    def _described(self, file: Path) -> Publication | None:
        """What a publication is, by its description or, where that is gone or torn, by the one that its file holds.
        None where neither says it."""
        with suppress(FileNotFoundError, ValueError):
            described = Publication.from_json(file.with_suffix(".json").read_text(encoding="utf-8"))
            if described.publication_id == file.stem:
                return described
        if logs_beside(file) or not file.exists():
            return None
        try:
            with self._connected(file, read_only=True) as connection:
                rows = connection.execute("select description from build.state.publication").fetchall()
            described = Publication.from_json(rows[0][0])
        except (duckdb.Error, ValueError, IndexError):
            return None
        return (
            replace(described, checksums={"file": sha256_of(file)}) if described.publication_id == file.stem else None
        )

    def _with_what_is_withdrawn(self, found: dict[str, Publication], current_id: str | None) -> list[Publication]:
        """The publications as a restore leaves them that was stopped after its publication was shown; and those whose
        descriptions were lost, which readers would see, had they not been withdrawn."""
        current = found.get(current_id or "")
        if current is None:
            return list(found.values())
        with suppress(FileNotFoundError, ValueError, KeyError, TypeError):
            if json.loads(self.restoring_file.read_text(encoding="utf-8"))["publication_id"] == current_id:
                later = {other.publication_id for other in rules.withdrawn_by(current, found.values())}
                return [
                    replace(other, is_withdrawn=publication_id in later or (other.is_withdrawn and other != current))
                    for publication_id, other in found.items()
                ]
        return [
            replace(other, is_withdrawn=True)
            if other.published_at > current.published_at
            and other.as_of_date >= current.as_of_date
            and not self._is_described(publication_id)
            else other
            for publication_id, other in found.items()
        ]

    def _is_described(self, publication_id: str) -> bool:
        """Whether a publication has a description that can be read."""
        with suppress(OSError, ValueError):
            Publication.from_json((self.history / f"{publication_id}.json").read_text(encoding="utf-8"))
            return True
        return False

    def damage_of(self, publication: Publication) -> str:
        file = self._history_file(publication)
        damage = self._damage_of_file(publication, file)
        if not damage and publication.is_current:
            damage = self._damage_of_file(publication, self.current_file)
            damage = damage and f"{damage}; history has it as it was published: restore it"
        return damage

    def _damage_of_file(self, publication: Publication, file: Path) -> str:
        """What is wrong with the file of a publication, or with a copy of it."""
        for log in logs_beside(file):
            return f"{log} lies beside it, which DuckDB would replay over it"
        accepted = [publication.checksums, (publication.rewritten or {}).get("checksums", {})]
        expected = {checksums["file"] for checksums in accepted if "file" in checksums}
        try:
            # publications of older versions have no checksum
            if not expected:
                return self._damage_of_rows(publication, file)
            return "" if sha256_of(file) in expected else f"{file} is not what was published: its checksum is another"
        except OSError as error:
            return f"{file} cannot be read: {error}"

    def _damage_of_rows(self, publication: Publication, file: Path) -> str:
        """Which table of a publication's file has other rows than were published."""
        try:
            with self._connected(file, read_only=True) as connection:
                found = self._counts(connection, "build")
        except duckdb.Error as error:
            return f"{file} cannot be read: {error}"
        for table, rows in publication.rows.items():
            if found.get(table) != rows:
                return f"{file} is not what was published: {table} has {found.get(table, 0)} rows, not {rows}"
        return ""

    def _counts(self, connection: duckdb.DuckDBPyConnection, catalog: str) -> dict[str, int]:
        """The number of rows of each table of an attached file."""
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = $1 order by all", [catalog]
        ).fetchall()
        return {
            f"{schema}.{table}": connection.execute(
                f"select count(*) from {name_of(catalog, schema, table)}"
            ).fetchall()[0][0]
            for schema, table in tables
        }

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
        with self._changing():
            start = rules.state_before(self.publications(), as_of_date)
            if start is None or not start.state_schemas:
                self._forget_start()
                return
            self._check(start, "The build would start from its state.")
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
                connection.execute(f"create schema if not exists build.{name_of(self.schema_prefix + 'publishing')}")
                connection.execute(
                    f"create or replace table {self._record_table('build_start')} as "
                    "select $1::varchar as publication_id",
                    [start.publication_id],
                )
                connection.execute("commit")

    def _forget_start(self) -> None:
        """Takes away what an earlier build has left of where it started from."""
        if self.build_file.exists() and self._start() is not None:
            with self._connected(self.build_file, read_only=False) as connection:
                connection.execute(f"drop table if exists {self._record_table('build_start')}")

    def forget(self, customer: Customer, build_schemas: Sequence[str], wait: float) -> Erased:
        erased = Erased()
        stores = [self, *self._of_brands()]
        with ExitStack() as stack:
            # an alert of the customer must not go out meanwhile, and be recorded
            stack.enter_context(self.sending_lock(wait))
            for store in stores:
                stack.enter_context(store._changing())
            for store in stores:
                for publication in store.publications():
                    store._check(publication, "It could not be rewritten without the customer.")
            alerts = self._noted_alerts(stores, customer, self.forgetting_file)
            self._forget_in_build(customer, build_schemas, erased)
            for store in stores:
                for publication in store.publications():
                    store._rewrite(publication, customer, erased)
            erased.alerts = sum(
                self._erase_alerts(file, alerts) for file in (self.sent_file, self.deliveries_file) if alerts
            )
            self.forgetting_file.unlink(missing_ok=True)
            if any(store._has_earlier_parquet() for store in stores):
                time.sleep(SECONDS_FOR_READERS)
            for store in stores:
                store._remove_earlier_parquet()
        return erased

    def _of_brands(self) -> list[DuckDBStore]:
        """The publications of brands by themselves, whatever brands there were."""
        found = []
        brands = self.root / "brands"
        for folder in sorted(brands.iterdir()) if brands.is_dir() else ():
            if (folder / "history").is_dir():
                store = copy.copy(self)
                store._use(folder)
                found.append(store)
        return found

    def _alerts_of(self, publication: Publication, customer: Customer) -> tuple[set[str], set[str]]:
        with self._connected(self._history_file(publication), read_only=True) as connection:
            alerts = connection.execute(
                "select alert_id from build.marts.lifecycle_alerts where brand_id = $1 and customer_id = $2",
                [customer.brand_id, customer.customer_id],
            ).fetchall()
            types = connection.execute("select distinct alert_type from build.marts.lifecycle_alerts").fetchall()
        return {alert_id for (alert_id,) in alerts}, {alert_type for (alert_type,) in types}

    @staticmethod
    def _erase_alerts(file: Path, alert_ids: set[str]) -> int:
        """Takes alerts out of a file of events. Gives the number of lines that spoke of them."""
        if not file.exists():
            return 0
        erased = 0
        with file_lock(file.with_suffix(".lock"), 60, f"change of {file.name}"):
            left = []
            for event in parse_events(file.read_bytes().splitlines()):
                kept = without_alerts(event, alert_ids)
                erased += kept != event
                if kept is not None:
                    left.append(json.dumps(kept) + "\n")
            if erased:
                write_to_disk(file, "".join(left))
        return erased

    @property
    def _unfinished_build(self) -> Path:
        """Where the build's file is written again."""
        return self.build_file.with_name(UNFINISHED + self.build_file.name)

    def _forget_in_build(self, customer: Customer, build_schemas: Sequence[str], erased: Erased) -> None:
        """Removes the customer from what dbt has built, and the record of the build with it, then writes the whole file
        again: a file keeps what was deleted in blocks that it has not used since."""
        if not self.build_file.exists():
            return
        place = str(self.build_file)
        build = name_of(self.catalog)
        with self._connected(self.build_file, read_only=False, name=self.catalog) as connection:
            connection.execute("begin")
            connection.execute(
                f"drop table if exists {build}.{name_of(self.schema_prefix + 'publishing', 'last_build')}"
            )
            for schema, table, columns in self._tables(connection, self.catalog):
                if schema not in build_schemas:
                    continue
                relation = name_of(self.catalog, schema, table)
                plan = plan_of(customer, schema.removeprefix(self.schema_prefix), table, columns, DuckDBDialect)
                self._count(connection, relation, plan, erased, place, f"{schema}.{table}")
                if plan.deleted:
                    connection.execute(f"delete from {relation} where {plan.deleted}")
                if plan.change:
                    values = ", ".join(f"{name_of(name)} = {value}" for name, value in plan.changed.items())
                    connection.execute(f"update {relation} set {values} where {plan.change}")
            connection.execute("commit")
            connection.execute(f"checkpoint {build}")
            written = name_of(UNFINISHED + self.catalog)
            storage = self._storage_of(connection, self.catalog)
            connection.execute(f"attach {text(self._unfinished_build)} as {written} {storage}")
            connection.execute(f"copy from database {build} to {written}")
            connection.execute(f"checkpoint {written}")
            connection.execute(f"detach {written}")
        check_own_log(self.build_file)
        self._unfinished_build.chmod(self.build_file.stat().st_mode & 0o777)
        rename_to_disk(self._unfinished_build, self.build_file)

    def _rewrite(self, publication: Publication, customer: Customer, erased: Erased) -> None:
        """Writes a publication's file again without the customer, and shows it in the place of the one before."""
        file = self._history_file(publication)
        unfinished = file.with_name(UNFINISHED + file.name)
        place, catalog = publication.publication_id, UNFINISHED + publication.publication_id
        place = f"{place} of {self.folder.name}" if self.folder != self.root else place
        with self._connected(file, read_only=True) as connection:
            plans = [
                (schema, table, plan_of(customer, schema, table, columns, DuckDBDialect))
                for schema, table, columns in self._tables(connection, "build")
            ]
            for schema, table, plan in plans:
                self._count(connection, name_of("build", schema, table), plan, erased, place, f"{schema}.{table}")
            if not erased.deleted.get(place) and not erased.changed.get(place):
                return
            connection.execute("set TimeZone = 'UTC'")
            storage = self._storage_of(connection, "build")
            connection.execute(f"attach {text(unfinished)} as {name_of(catalog)} {storage}")
            connection.execute("begin")
            for schema in dict.fromkeys(schema for schema, _, _ in plans):
                connection.execute(f"create schema {name_of(catalog, schema)}")
            for schema, table, plan in plans:
                relation = name_of(catalog, schema, table)
                changed = ", ".join(f"{value} as {name_of(name)}" for name, value in plan.changed.items())
                connection.execute(
                    f"create table {relation} as select * {f'replace ({changed})' if changed else ''} "
                    f"from {name_of('build', schema, table)} "
                    + (f"where not coalesce({plan.deleted}, false)" if plan.deleted else "")
                )
                self._copy_comments(connection, ("build", schema, table), relation)
            found = self._counts(connection, catalog)
            rewritten = replace(publication, rows={table: found[table] for table in publication.rows})
            if "state.publication" in found:
                described = replace(rewritten, checksums={}, rewritten=None)
                connection.execute(
                    f"update {name_of(catalog)}.state.publication set description = $1", [described.to_json()]
                )
            connection.execute("commit")
            connection.execute(f"checkpoint {name_of(catalog)}")
            connection.execute(f"detach {name_of(catalog)}")
        rewritten = self._finish(unfinished, rewritten)
        # from here to the last line either file is the right one; see _settle
        self._describe([replace(publication, rewritten={"rows": rewritten.rows, "checksums": rewritten.checksums})])
        rename_to_disk(unfinished, file)
        if publication.is_current:
            self._copy_to(file, self.current_file, rewritten)
        self._write_parquet_again(rewritten)
        self._describe([rewritten])

    def _write_parquet_again(self, publication: Publication) -> None:
        """Writes the Parquet files of a publication again, if there are any, and leads readers of the current one
        there."""
        if self._parquet_folder(publication.publication_id) is not None:
            self._write_parquet(publication, again=True)
            if publication.is_current:
                self._link_parquet(publication.publication_id)

    def _has_earlier_parquet(self) -> bool:
        """Whether there are folders of Parquet files of which there is one that was written later."""
        folders = self._own(self.parquet, PARQUET_FOLDER)
        return any(self._parquet_folder(publication_of(found)[0]) != found for found in folders)

    def _tables(self, connection: duckdb.DuckDBPyConnection, catalog: str) -> list[tuple[str, str, dict[str, bool]]]:
        """The tables of an attached file: schema, name, and the columns with whether they hold text."""
        found: dict[tuple[str, str], dict[str, bool]] = {}
        for schema, table, column, kind in connection.execute(
            "select schema_name, table_name, column_name, data_type from duckdb_columns() "
            "inner join duckdb_tables() using (database_name, schema_name, table_name) "
            "where database_name = $1 order by schema_name, table_name, column_index",
            [catalog],
        ).fetchall():
            found.setdefault((schema, table), {})[column] = kind == "VARCHAR"
        return [(schema, table, columns) for (schema, table), columns in found.items()]

    def _count(
        self, connection: duckdb.DuckDBPyConnection, relation: str, plan: Any, erased: Erased, place: str, table: str
    ) -> None:
        """Adds to what is erased the rows of a table that will be, and columns of it that hold the same text."""
        conditions = [
            plan.deleted or "false",
            f"({plan.change or 'false'}) and not coalesce({plan.deleted or 'false'}, false)",
        ]
        conditions += [
            f"({same}) and not coalesce({plan.deleted or 'false'}, false)" for same in plan.same_text.values()
        ]
        counts = connection.execute(
            "select "
            + ", ".join(f"count(*) filter (where {condition})" for condition in conditions)
            + f" from {relation}"
        ).fetchall()[0]
        if counts[0]:
            erased.deleted.setdefault(place, {})[table] = counts[0]
        if counts[1]:
            erased.changed.setdefault(place, {})[table] = counts[1]
        same = [f"{table}.{name}" for name, count in zip(plan.same_text, counts[2:]) if count]
        if same:
            erased.same_text.setdefault(place, []).extend(same)

    # within

    def _rows_of(self, query: str) -> list[dict[str, Any]]:
        """The rows of a query of the current publication. Raises where nothing is published."""
        if not self.current_file.exists():
            raise PublishError(f"Nothing is published in {self.folder}.", ExitCode.NOTHING_TO_PUBLISH)
        check_no_log(self.current_file)
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
    def _changing(self, wait: float = SECONDS_TO_WAIT) -> Iterator[None]:
        """The right to change the folder, which is tidy at the start, and at the end of what fails: a full disk must
        not stay full."""
        with file_lock(self.folder / ".lock", wait, "publication"):
            check_no_log(self.current_file)
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

    @staticmethod
    def _storage_of(connection: duckdb.DuckDBPyConnection, catalog: str) -> str:
        """The option that attaches a new file in the storage format of an attached one: who reads the one can read the
        other, and the formats of later versions are written faster."""
        rows = connection.execute(
            "select tags['storage_version'] from duckdb_databases() where database_name = $1", [catalog]
        ).fetchall()
        # as 'v1.4.0+', or 'v1.0.0 - v1.1.3' for those that read it
        version = re.search(r"v[\d.]+", rows[0][0] or "")
        return f"(storage_version {text(version[0])})" if version else ""

    def _record(self) -> BuildRecord:
        return BuildRecord.of_rows(self._of_build(rules.RECORD_QUERY.format(table=self._record_table())))

    def _start(self) -> str | None:
        rows = self._of_build(f"select publication_id from {self._record_table('build_start')}")
        return rows[0][0] if rows else None

    def _of_build(self, query: str) -> list[tuple[Any, ...]]:
        """What a query says of the build; nothing where there is no such table or column, or no build."""
        if not self.build_file.exists():
            return []
        with self._connected(self.build_file, read_only=True) as connection:
            try:
                return connection.execute(query).fetchall()
            except (duckdb.CatalogException, duckdb.BinderException):
                return []

    def _record_table(self, name: str = "last_build") -> str:
        """The table in which dbt records a build, or another beside it."""
        return f"build.{name_of(self.schema_prefix + 'publishing', name)}"

    def _accepted_rows(self, reconciliation: Relation, compared: Publication) -> tuple[AcceptedRows, AcceptedRows]:
        self._check(compared, "The rows of the build would be compared with it.")
        counted = []
        for file, table in (
            (self.build_file, name_of(reconciliation.schema, reconciliation.name)),
            (self._history_file(compared), rules.RECONCILIATION),
        ):
            with self._connected(file, read_only=True, name=self.catalog) as connection:
                rows = connection.execute(
                    rules.ACCEPTED_QUERY.format(table=f"{name_of(self.catalog)}.{table}")
                ).fetchall()
                counted.append({(source, brand): count for source, brand, count in rows})
        return counted[0], counted[1]

    def _check(self, publication: Publication, why: str) -> None:
        """Raises where the file of a publication is not as it was published. Where readers see the same, and that is,
        it is put back first."""
        file = self._history_file(publication)
        damage = self._damage_of_file(publication, file)
        if damage and publication.is_current and publication.checksums and not logs_beside(file):
            if not self._damage_of_file(publication, self.current_file):
                print(f"lifecycle: {damage}; put back from what readers see")
                self._copy_to(self.current_file, file, publication)
                return
        rules.check_undamaged(
            publication,
            damage,
            f"{why} Nothing was changed. Put its file back from a backup, or delete {file} to do without it.",
        )

    def _copy_to(self, source: Path, target: Path, publication: Publication) -> None:
        """Puts a copy of a publication's file in the place of another file. Raises where the copy is not the same."""
        unfinished = target.with_name(UNFINISHED + target.name)
        unfinished.unlink(missing_ok=True)
        copy_file(source, unfinished)
        damage = self._damage_of_file(publication, unfinished)
        if damage:
            raise OSError(damage)
        protect(unfinished)
        rename_to_disk(unfinished, target)

    def _write(self, record: BuildRecord, publication: Publication) -> Publication:
        self.history.mkdir(parents=True, exist_ok=True)
        unfinished = self.history / f"{UNFINISHED}{publication.publication_id}.duckdb"
        rows: dict[str, int] = {}
        # views call their own catalog by its name, and are of dbt's time zone; the other name is like no file's
        with self._connected(self.build_file, read_only=True, name=self.catalog) as connection:
            connection.execute("set TimeZone = 'UTC'")
            catalog = UNFINISHED + publication.publication_id
            target = name_of(catalog)
            storage = self._storage_of(connection, self.catalog)
            connection.execute(f"attach {text(unfinished)} as {target} {storage}")
            connection.execute("begin")
            for schema in dict.fromkeys([*(found.published_schema for found in record.relations), rules.STATE_SCHEMA]):
                connection.execute(f"create schema {target}.{name_of(schema)}")
            for relation in counted(record.relations, "copying tables"):
                rows[relation.published_name] = self._copy(connection, relation, target)
            publication = rules.with_contents(publication, record, rows)
            connection.execute(
                f"create table {target}.reference.publication as select "
                "$1::varchar as publication_id, $2::date as as_of_date, $3::timestamp as published_at, "
                "$4::varchar as invocation_id",
                [
                    publication.publication_id,
                    publication.as_of_date,
                    publication.published_at.replace(tzinfo=None),
                    publication.invocation_id,
                ],
            )
            # for the day on which the description beside the file is lost
            connection.execute(
                f"create table {target}.state.publication as select $1::varchar as description", [publication.to_json()]
            )
            connection.execute("commit")
            connection.execute(f"checkpoint {target}")
            connection.execute(f"detach {target}")
        publication = self._finish(unfinished, publication)
        # a file without its description would be taken for one that was put back by hand
        self._describe([publication])
        rename_to_disk(unfinished, self._history_file(publication))
        return publication

    def _finish(self, unfinished: Path, publication: Publication) -> Publication:
        """Brings a publication's new file to disk, protected. Gives the publication with the file's checksum. Raises
        where the file does not say what was written."""
        # who opens it to write is told so, instead of changing what others read
        protect(unfinished)
        with step("writing to disk, and checking the copy"):
            sync(unfinished)
            damage = self._damage_of_rows(publication, unfinished)
            if damage:
                raise OSError(damage)
            return replace(publication, checksums={"file": sha256_of(unfinished)})

    def _copy(self, connection: duckdb.DuckDBPyConnection, relation: Relation, target: str) -> int:
        """Copies a table or view of the build as a table of the attached target, with its comments, and with what tests
        hold to be never null as a constraint. Gives its number of rows."""
        table = f"{target}.{name_of(relation.published_schema, relation.name)}"
        source = name_of(self.catalog, relation.schema, relation.name)
        # name and type
        columns = dict(found[:2] for found in connection.execute(f"describe {source}").fetchall())
        # the build's file is that of all brands, and so is what an earlier build, or a seed, has left in it
        of_brand = ""
        if self.only_brand and "brand_id" in columns:
            of_brand = f"where brand_id = {text(self.only_brand)} or brand_id is null"
        definitions = ", ".join(
            f"{name_of(column)} {kind}{' not null' if column in relation.never_null else ''}"
            for column, kind in columns.items()
        )
        connection.execute(f"create table {table} ({definitions})")
        count: int = connection.execute(f"insert into {table} from {source} {of_brand}").fetchall()[0][0]
        self._copy_comments(connection, (self.catalog, relation.schema, relation.name), table)
        return count

    def _copy_comments(self, connection: duckdb.DuckDBPyConnection, source: tuple[str, str, str], table: str) -> None:
        """Says of a table and its columns what is said of another table or view: catalog, schema and name."""
        for column, comment in connection.execute(COMMENTS_QUERY, list(source)).fetchall():
            commented = f"table {table}" if column is None else f"column {table}.{name_of(column)}"
            connection.execute(f"comment on {commented} is {text(comment)}")

    def _describe(self, publications: Iterable[Publication]) -> None:
        """Writes anew what is said of publications."""
        for publication in publications:
            file = self.history / f"{publication.publication_id}.json"
            write_to_disk(file, publication.to_json() + "\n")

    def _show(self, publication: Publication, with_parquet: bool) -> None:
        self._check(publication, "Readers would see it.")
        kept = self._history_file(publication)
        damage = self._damage_of_rows(publication, kept)
        if damage:
            raise PublishError(f"{damage}. Readers see what they saw before.", ExitCode.WRONG_USAGE)
        with_parquet = with_parquet or self.parquet.is_dir()
        if with_parquet:
            self._write_parquet(publication)
        if not self._is_shown(publication):
            self._copy_to(kept, self.current_file, publication)
        if with_parquet:
            self._link_parquet(publication.publication_id)

    def _is_shown(self, publication: Publication) -> bool:
        """Whether the file that readers open is this publication, as it was published and by no other name."""
        if not publication.checksums or not self.current_file.exists():
            return False
        return self.current_file.stat().st_nlink == 1 and not self._damage_of_file(publication, self.current_file)

    def _restore(self, restored: Publication, withdrawn: Iterable[Publication]) -> None:
        # stopped before it is shown, it is forgotten; afterwards the next command, and whoever looks, takes it as done
        write_to_disk(self.restoring_file, json.dumps({"publication_id": restored.publication_id}))
        self._show(restored, with_parquet=False)
        self._describe([*withdrawn, restored])
        self.restoring_file.unlink()

    def _write_parquet(self, publication: Publication, again: bool = False) -> None:
        """Writes a publication's tables as Parquet files, and a manifest of them, where they are not there already, or
        under another name again."""
        folder = self._parquet_folder(publication.publication_id)
        if folder is not None and not again:
            return
        number = publication_of(folder)[1] + 1 if folder is not None else 0
        folder = self.parquet / f"{publication.publication_id}{f'e{number}' if number else ''}"
        unfinished = self.parquet / (UNFINISHED + folder.name)
        tables: dict[str, list[dict[str, Any]]] = defaultdict(list)
        with self._connected(self._history_file(publication), read_only=True) as connection:
            found = connection.execute(
                "select schema_name, table_name from duckdb_tables() "
                "where database_name = 'build' and schema_name <> $1 order by all",
                [rules.STATE_SCHEMA],
            ).fetchall()
            for schema, table in counted(found, "writing Parquet files"):
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

    def _parquet_folder(self, publication_id: str) -> Path | None:
        """The folder of a publication's Parquet files: of several the one that was written last."""
        found = [
            (publication_of(folder)[1], folder)
            for folder in self._own(self.parquet, PARQUET_FOLDER)
            if publication_of(folder)[0] == publication_id and (folder / "manifest.json").is_file()
        ]
        return max(found)[1] if found else None

    def _link_parquet(self, publication_id: str) -> None:
        link = self.parquet / "current"
        if link.exists() and not link.is_symlink():
            raise PublishError(
                f"{link} is no link of the publisher's, and it is left alone. Move it away.", ExitCode.WRONG_USAGE
            )
        folder = self._parquet_folder(publication_id)
        if folder is not None and not (link.is_symlink() and os.readlink(link) == folder.name):
            unfinished = self.parquet / (UNFINISHED + "current")
            unfinished.symlink_to(folder.name, target_is_directory=True)
            rename_to_disk(unfinished, link)

    def _tidy(self) -> None:
        """Clears away what a publication left that was stopped on its way, and finishes what it had only half done.

        Nothing is deleted but what has a name that this program gives.
        """
        for folder in (self.folder, self.history, self.parquet):
            for left in self._own(folder, OWN_UNFINISHED):
                if left.is_dir() and not left.is_symlink():
                    remove_parquet(left)
                else:
                    left.unlink()
        for file in self._own(self.history, rules.ID, ".json"):
            if not file.with_suffix(".duckdb").exists():
                file.unlink()
        publications = self.publications()
        for publication in publications:
            if publication.rewritten is not None:
                self._settle(publication)
            elif self._needs_description(publication):
                self._describe([publication])
        self.restoring_file.unlink(missing_ok=True)
        kept = {publication.publication_id for publication in publications}
        for folder in self._own(self.parquet, PARQUET_FOLDER):
            publication_id = publication_of(folder)[0]
            is_known = publication_id in kept or (self.history / f"{publication_id}.duckdb").exists()
            if folder.is_dir() and not is_known and (folder / "manifest.json").is_file():
                remove_parquet(folder)
        current = self._current_id()
        if current and self._parquet_folder(current):
            self._link_parquet(current)
            self._remove_earlier_parquet()

    def _needs_description(self, publication: Publication) -> bool:
        """Whether what is said of a publication beside its file is not what holds: it is lost, or a restore was stopped
        before it said so."""
        try:
            written = Publication.from_json(
                (self.history / f"{publication.publication_id}.json").read_text(encoding="utf-8")
            )
        except (OSError, ValueError):
            return True
        return written.is_withdrawn != publication.is_withdrawn

    def _settle(self, publication: Publication) -> None:
        """Ends the rewriting of a publication that was stopped: either its file had been replaced, or it had not."""
        checksum, is_rewritten = sha256_of(self._history_file(publication)), False
        rewritten = publication.rewritten or {"checksums": {"file": None}}
        if checksum == rewritten["checksums"]["file"]:
            publication, is_rewritten = replace(publication, **rewritten), True
        elif checksum != publication.checksums.get("file"):
            return
        publication = replace(publication, rewritten=None)
        if publication.is_current and not self._is_shown(publication):
            self._copy_to(self._history_file(publication), self.current_file, publication)
        if is_rewritten:
            self._write_parquet_again(publication)
        self._describe([publication])

    def _remove_earlier_parquet(self) -> None:
        """Deletes folders of Parquet files of which there is one that was written later."""
        for folder in self._own(self.parquet, PARQUET_FOLDER):
            latest = self._parquet_folder(publication_of(folder)[0])
            if latest is not None and latest != folder and (folder / "manifest.json").is_file():
                remove_parquet(folder)

    def _own(self, folder: Path, pattern: re.Pattern[str], ending: str = "") -> list[Path]:
        """What lies in a folder under names of a pattern and an ending: this program's own."""
        if not folder.is_dir():
            return []
        names = sorted(os.listdir(folder))
        return [
            folder / name
            for name in names
            if name.endswith(ending) and pattern.fullmatch(name[: len(name) - len(ending)])
        ]

    def _drop(self, publications: Iterable[Publication]) -> None:
        for publication in publications:
            # a file without its description would be taken for one that was put back by hand
            self._history_file(publication).unlink()
            (self.history / f"{publication.publication_id}.json").unlink(missing_ok=True)

    def _current_id(self) -> str | None:
        """The id of the publication that readers see; none where there is none, or one that nobody can read. Raises
        where the file is another database, which is then somebody's own."""
        if logs_beside(self.current_file):
            return self._current_id_by_checksum()
        try:
            with closing(duckdb.connect(str(self.current_file), read_only=True)) as connection:
                rows = connection.execute("select publication_id from reference.publication").fetchall()
                return str(rows[0][0])
        except (duckdb.CatalogException, duckdb.BinderException, IndexError):
            raise PublishError(
                f"{self.current_file} is a database, but no publication, and it is left alone. Move it away, or set "
                "LIFECYCLE_PUBLICATIONS to another folder.",
                ExitCode.WRONG_USAGE,
            ) from None
        except duckdb.Error as error:
            raise_if_locked(error, self.current_file)
            return None

    def _current_id_by_checksum(self) -> str | None:
        """The same without a look inside, which would read a log that is not of the publication."""
        with suppress(OSError):
            checksum = sha256_of(self.current_file)
            for file in self._own(self.history, rules.ID, ".json"):
                with suppress(OSError, ValueError):
                    if Publication.from_json(file.read_text(encoding="utf-8")).checksums.get("file") == checksum:
                        return file.stem
        return None

    def _history_file(self, publication: Publication) -> Path:
        return self.history / f"{publication.publication_id}.duckdb"


def brand_folder(brands: Path, brand: str) -> Path:
    """The folder of a brand. Any text is a name of a brand, and few are names of folders everywhere: all but small
    letters, digits, _ and - is written as %XX, and what is too long ends with a checksum."""
    name = "".join(
        letter if re.fullmatch(r"[a-z0-9_-]", letter) else "".join(f"%{byte:02X}" for byte in letter.encode())
        for letter in brand
    )
    if RESERVED.fullmatch(brand):
        name = f"%{ord(brand[0]):02X}{name[1:]}"
    if len(name) > LONGEST_NAME:
        start = name[:LONGEST_NAME].rsplit("%", 1)[0] or name[:LONGEST_NAME]
        name = f"{start}-{hashlib.sha256(brand.encode()).hexdigest()}"
    # versions before wrote capital letters as they are
    earlier = url_quote(brand, safe="").replace(".", "%2E")
    names = os.listdir(brands) if brands.is_dir() else []
    return brands / (earlier if earlier in names and name not in names else name)


def publication_of(folder: Path) -> tuple[str, int]:
    """The id of the publication whose Parquet files a folder holds, and how many times they were written before."""
    found = PARQUET_FOLDER.fullmatch(folder.name)
    if found is None:
        raise ValueError(f"{folder} is no folder of Parquet files")
    return found[1], int(found[2] or 0)


def remove_parquet(folder: Path) -> None:
    """Deletes a folder of Parquet files, the manifest last; what somebody else has put there stays, in its folder."""
    for schema in (folder / name for name in rules.READ_SCHEMAS):
        if schema.is_dir():
            for file in schema.iterdir():
                if file.suffix == ".parquet" or LITTER.fullmatch(file.name):
                    file.unlink()
            with suppress(OSError):
                schema.rmdir()
    for file in folder.iterdir():
        if LITTER.fullmatch(file.name):
            file.unlink()
    (folder / "manifest.json").unlink(missing_ok=True)
    with suppress(OSError):
        folder.rmdir()
