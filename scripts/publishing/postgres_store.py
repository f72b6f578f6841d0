"""Publications of a Postgres build: schemas that are swapped in one transaction.

    building_marts, building_facts …       what dbt writes; nobody reads here
    marts, reference, quality, state       the current publication
    marts_<id>, reference_<id> …           the others that are kept
    publishing.publications                what each is
    publishing.sent_alerts                 which alerts went out

All names have LIFECYCLE_SCHEMA_PREFIX in front, and those of a brand that is built by itself the brand too. A publication
is a copy, so that no later build, nor anything that is dropped by one, can reach it.

What a statement of a reader sees is one publication. Two things see to that. Names are looked up anew for each
statement, in REPEATABLE READ too, where rows that were written after the transaction began would be missing: so rows
are written frozen, which all transactions see. And a statement looks up one table after the other: so the swap holds
them all for its moment, where no reader's long transaction keeps it from that.
"""

from __future__ import annotations

import json
import os
import threading
import time
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date
from typing import Any, Iterable, Iterator, Mapping, Sequence

import psycopg2
from psycopg2 import errors, sql

from . import publication as rules
from .publication import BuildRecord, ExitCode, Publication, PublishError, Relation
from .store import Store

SCHEMAS = (*rules.READ_SCHEMAS, rules.STATE_SCHEMA)
MARK = "customer lifecycle publication "
SECONDS_BETWEEN_TRIES = 0.5
# the drop of an old publication waits this long for those who still read it, and is left to the next run then
DROP_TIMEOUT = "5s"
# the swap tries so often, and each time so long, to hold the tables that readers see; shorter than the server's
# deadlock_timeout (1 s), so that it gives way before any reader is told of a deadlock
SWAP_TRIES = 5
SWAP_TIMEOUT = "700ms"
LONGEST_NAME = 63  # of the server; longer names are cut, and would be one

TABLES = """
create schema if not exists {log_schema};
create table if not exists {log_schema}.publications (
    brand_id text not null,
    publication_id text not null,
    published_at timestamptz not null,
    is_current boolean not null,
    description text not null,
    primary key (brand_id, publication_id)
);
create table if not exists {log_schema}.sent_alerts (
    alert_id text primary key,
    sent_at timestamptz not null default clock_timestamp()
);
create table if not exists {log_schema}.alert_deliveries (
    event_id bigint generated always as identity primary key,
    recorded_at timestamptz not null default clock_timestamp(),
    event text not null
)
"""

# of a table or view and of its columns, those that have one
COMMENTS_QUERY = """
select attname, description
from pg_description
inner join pg_class on pg_description.objoid = pg_class.oid
inner join pg_namespace on pg_class.relnamespace = pg_namespace.oid
left join pg_attribute on pg_class.oid = attrelid and objsubid = attnum and objsubid > 0
where classoid = 'pg_class'::regclass and nspname = %s and relname = %s
"""


class PostgresStore(Store):
    """The schemas of the build and of its publications, in one database."""

    def __init__(self, credentials: Any, only_brand: str | None, reader_roles: Sequence[str]) -> None:
        """Takes: dbt's credentials; the brand that is published by itself, or none; the roles that may read publications."""
        self.credentials = credentials
        self.only_brand = only_brand
        self.brand_id = only_brand or ""
        self.reader_roles = list(reader_roles)
        prefix = os.environ.get("LIFECYCLE_SCHEMA_PREFIX", "")
        self.schema_prefix = f"{prefix}building_"
        self.published_prefix = f"{prefix}{only_brand}_" if only_brand else prefix
        self.log_schema = f"{prefix}publishing"
        longest = f"{self.published_prefix}reference_{'0' * len('20260101_20260101000000000')}"
        if len(longest.encode()) > LONGEST_NAME:
            raise PublishError(
                f"The names of schemas would be longer than {LONGEST_NAME} bytes: {longest}. Shorten "
                "LIFECYCLE_SCHEMA_PREFIX, or publish the brand together with the others.",
                ExitCode.WRONG_USAGE,
            )

    @contextmanager
    def build_lock(self, wait: float) -> Iterator[None]:
        with closing(self._connect()) as connection:
            self._lock(connection, f"build {self.schema_prefix}", wait, "build")
            self._check_reader_roles(connection)
            with self._transaction() as cursor:
                self._check_names(cursor)
            yield None

    # reading what is there

    def publications(self) -> list[Publication]:
        with self._transaction() as cursor:
            return self._publications(cursor)

    def alerts(self) -> list[dict[str, Any]]:
        with self._transaction() as cursor:
            if not any(found.is_current for found in self._publications(cursor)):
                raise PublishError("Nothing is published.", ExitCode.NOTHING_TO_PUBLISH)
            cursor.execute(sql.SQL(
                'select * from {} order by severity collate "C", brand_id collate "C", alert_type collate "C", since, alert_id'
            ).format(sql.Identifier(self._published("marts"), "lifecycle_alerts")))
            names = [column.name for column in cursor.description]
            return [dict(zip(names, row)) for row in cursor.fetchall()]

    def sent_alerts(self) -> set[str]:
        with self._transaction() as cursor:
            cursor.execute(self._log("select alert_id from {log_schema}.sent_alerts"))
            return {alert_id for (alert_id,) in cursor.fetchall()}

    def mark_sent(self, alert_ids: Sequence[str]) -> None:
        with self._transaction() as cursor:
            for alert_id in alert_ids:
                cursor.execute(
                    self._log("insert into {log_schema}.sent_alerts (alert_id) values (%s) on conflict do nothing"),
                    [alert_id],
                )

    def described_alerts(self) -> list[dict[str, Any]]:
        with self._transaction() as cursor:
            if not any(found.is_current for found in self._publications(cursor)):
                raise PublishError("Nothing is published.", ExitCode.NOTHING_TO_PUBLISH)
            schemas = {name: sql.Identifier(self._published(name)) for name in ("marts", "reference")}
            cursor.execute(sql.SQL(rules.ALERTS_QUERY).format(**schemas))
            names = [column.name for column in cursor.description]
            return [dict(zip(names, row)) for row in cursor.fetchall()]

    def alert_events(self) -> list[dict[str, Any]]:
        with self._transaction() as cursor:
            cursor.execute(self._log("select event from {log_schema}.alert_deliveries order by event_id"))
            return [json.loads(event) for (event,) in cursor.fetchall()]

    def record_alert_events(self, events: Iterable[Mapping[str, Any]]) -> None:
        with self._transaction() as cursor:
            for event in events:
                cursor.execute(
                    self._log("insert into {log_schema}.alert_deliveries (event) values (%s)"), [json.dumps(event)]
                )

    @contextmanager
    def sending_lock(self, wait: float) -> Iterator[None]:
        with closing(self._connect()) as connection:
            self._lock(connection, f"sending {self.log_schema}", wait, "sending of alerts")
            yield

    # changing it

    def reset_state(self, as_of_date: date | None) -> None:
        with self._transaction() as cursor:
            start = rules.state_before(self._publications(cursor), as_of_date)
            if start is None:
                return
            cursor.execute(sql.SQL("drop table if exists {}").format(self._record_table()))
            for name, schema in start.state_schemas.items():
                source = sql.Identifier(self._schema_of(start, rules.STATE_SCHEMA), name)
                target = sql.Identifier(schema, name)
                cursor.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(schema)))
                # with the views of the build that stand on it, which dbt makes anew; readers have none of these
                cursor.execute(sql.SQL("drop table if exists {} cascade").format(target))
                cursor.execute(sql.SQL("create table {} as table {}").format(target, source))

    # within

    def _connect(self) -> Any:
        try:
            return psycopg2.connect(
                host=self.credentials.host, port=self.credentials.port, user=self.credentials.user,
                password=self.credentials.password, dbname=self.credentials.database, keepalives_idle=60,
                application_name="publish.py",
            )
        except psycopg2.OperationalError as error:
            raise PublishError(str(error).strip(), ExitCode.PUBLISHING_FAILED) from None

    @contextmanager
    def _transaction(self) -> Iterator[Any]:
        """A cursor in one transaction, which is undone by whatever is raised."""
        with closing(self._connect()) as connection, connection, connection.cursor() as cursor:
            cursor.execute(self._log(TABLES))
            yield cursor

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with closing(self._connect()) as connection:
            self._lock(connection, f"publication {self.published_prefix}", 600, "publication")
            yield

    def _lock(self, connection: Any, name: str, wait: float, what: str) -> None:
        """Takes a lock that the connection holds until it is closed. Raises where somebody else has it."""
        connection.autocommit = True
        deadline = time.monotonic() + wait
        with connection.cursor() as cursor:
            while True:
                cursor.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", [f"customer_lifecycle {name}"])
                if cursor.fetchone()[0]:
                    return
                if time.monotonic() >= deadline:
                    raise PublishError(f"Another {what} is under way; waited {wait:g} s for it.", ExitCode.LOCKED)
                time.sleep(SECONDS_BETWEEN_TRIES)

    def _check_reader_roles(self, connection: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("select rolname from pg_roles")
            known = {name for (name,) in cursor.fetchall()}
        for role in self.reader_roles:
            if role not in known:
                raise PublishError(f"There is no role {role} on the server to give the publications to.", ExitCode.WRONG_USAGE)

    def _publications(self, cursor: Any) -> list[Publication]:
        cursor.execute(
            self._log(
                "select description, is_current from {log_schema}.publications where brand_id = %s "
                "order by published_at desc"
            ),
            [self.brand_id],
        )
        return [
            replace(Publication.from_json(description), is_current=is_current)
            for description, is_current in cursor.fetchall()
        ]

    def _record(self) -> BuildRecord:
        try:
            with self._transaction() as cursor:
                cursor.execute(sql.SQL(rules.RECORD_QUERY).format(table=self._record_table()))
                return BuildRecord.of_rows(cursor.fetchall())
        except (errors.UndefinedTable, errors.InvalidSchemaName):
            return BuildRecord.of_rows([])

    def _write(self, record: BuildRecord, publication: Publication) -> Publication:
        with self._transaction() as cursor:
            for schema in SCHEMAS:
                name = sql.Identifier(self._kept(publication, schema))
                cursor.execute(sql.SQL("create schema {}").format(name))
                cursor.execute(sql.SQL("comment on schema {} is %s").format(name), [MARK + publication.publication_id])
            rows = {}
            for relation in record.relations:
                target = sql.Identifier(self._kept(publication, relation.published_schema), relation.name)
                source = sql.SQL("table {}").format(sql.Identifier(relation.schema, relation.name))
                rows[relation.published_name] = self._copy(cursor, target, source)
                self._copy_comments(cursor, target, relation)
            publication = rules.with_contents(publication, record, rows)
            described = sql.SQL(
                "select {}::text as publication_id, {}::date as as_of_date, "
                "{}::timestamptz at time zone 'UTC' as published_at, {}::text as invocation_id"
            ).format(*map(sql.Literal, (
                publication.publication_id, publication.as_of_date, publication.published_at, publication.invocation_id,
            )))
            self._copy(cursor, sql.Identifier(self._kept(publication, "reference"), "publication"), described)
            cursor.execute(
                self._log("insert into {log_schema}.publications values (%s, %s, %s, false, %s)"),
                [self.brand_id, publication.publication_id, publication.published_at, publication.to_json()],
            )
        return publication

    def _describe(self, publications: Iterable[Publication]) -> None:
        with self._transaction() as cursor:
            for publication in publications:
                cursor.execute(
                    self._log(
                        "update {log_schema}.publications set description = %s "
                        "where brand_id = %s and publication_id = %s"
                    ),
                    [publication.to_json(), self.brand_id, publication.publication_id],
                )

    def _copy(self, cursor: Any, target: sql.Composable, source: sql.Composable) -> int:
        """Makes a table of what a query gives. Gives its number of rows.

        Only COPY writes frozen rows, so a second connection sends what the first one writes.
        """
        cursor.execute(sql.SQL("create table {} as {} with no data").format(target, source))
        reading, writing = os.pipe()
        with closing(self._connect()) as connection, connection.cursor() as reader, open(reading, "rb") as rows:
            failed: list[BaseException] = []

            def send() -> None:
                try:
                    with open(writing, "wb") as file:
                        reader.copy_expert(sql.SQL("copy ({}) to stdout (format binary)").format(source), file)
                except BaseException as error:  # told by the thread that waits
                    failed.append(error)

            sender = threading.Thread(target=send)
            sender.start()
            try:
                cursor.copy_expert(sql.SQL("copy {} from stdin (format binary, freeze)").format(target), rows)
            finally:
                # who sends to nobody ends too
                rows.close()
                sender.join()
            if failed:
                raise failed[0]
        count = cursor.rowcount
        cursor.execute(sql.SQL("analyze {}").format(target))
        return count

    def _copy_comments(self, cursor: Any, target: sql.Identifier, relation: Relation) -> None:
        """Says of a published table and its columns what the build says of them."""
        cursor.execute(COMMENTS_QUERY, [relation.schema, relation.name])
        for column, comment in cursor.fetchall():
            kind, commented = ("table", target) if column is None else ("column", sql.Identifier(*target.strings, column))
            cursor.execute(sql.SQL("comment on {} {} is %s").format(sql.SQL(kind), commented), [comment])

    def _show(self, publication: Publication, with_parquet: bool) -> None:
        with self._transaction() as cursor:
            roles = self._readers(cursor)
            seen = self._check_names(cursor)
            self._hold_tables(cursor)
            for schema in SCHEMAS:
                name = sql.Identifier(self._published(schema))
                if schema in seen:
                    earlier_name = sql.Identifier(self._kept(seen[schema], schema))
                    cursor.execute(sql.SQL("alter schema {} rename to {}").format(name, earlier_name))
                cursor.execute(
                    sql.SQL("alter schema {} rename to {}").format(
                        sql.Identifier(self._kept(publication, schema)), name
                    )
                )
                if schema in rules.READ_SCHEMAS:
                    for role in roles:
                        cursor.execute(sql.SQL("grant usage on schema {} to {}").format(name, role))
                        cursor.execute(sql.SQL("grant select on all tables in schema {} to {}").format(name, role))
            cursor.execute(
                self._log(
                    "update {log_schema}.publications set is_current = (publication_id = %s) where brand_id = %s"
                ),
                [publication.publication_id, self.brand_id],
            )

    def _hold_tables(self, cursor: Any) -> None:
        """Locks the tables that readers see, until the transaction ends, if that can be had in a moment."""
        cursor.execute(
            "select schemaname, tablename from pg_tables where schemaname = any(%s) order by 1, 2",
            [[self._published(schema) for schema in rules.READ_SCHEMAS]],
        )
        tables = [sql.Identifier(schema, table) for schema, table in cursor.fetchall()]
        for _ in range(SWAP_TRIES if tables else 0):
            cursor.execute("savepoint held")
            cursor.execute("select set_config('statement_timeout', %s, true)", [SWAP_TIMEOUT])
            try:
                cursor.execute(sql.SQL("lock table {} in access exclusive mode").format(sql.SQL(", ").join(tables)))
                cursor.execute("set local statement_timeout to default")
                return
            except errors.QueryCanceled:
                cursor.execute("rollback to savepoint held")
                time.sleep(SECONDS_BETWEEN_TRIES)

    def _check_names(self, cursor: Any) -> dict[str, Publication]:
        """Gives the schemas that readers see now, each with its publication. Raises where one is none, but somebody's
        own."""
        shown = next((found for found in self._publications(cursor) if found.is_current), None)
        seen = {}
        for schema in SCHEMAS:
            name = self._published(schema)
            cursor.execute("select obj_description(oid, 'pg_namespace') from pg_namespace where nspname = %s", [name])
            for (comment,) in cursor.fetchall():
                if shown is None or comment != MARK + shown.publication_id:
                    raise PublishError(
                        f"There is a schema {name} that is no publication, and it is left alone. Rename it, drop it, "
                        "or set LIFECYCLE_SCHEMA_PREFIX to publish under other names.",
                        ExitCode.WRONG_USAGE,
                    )
                seen[schema] = shown
        return seen

    def _readers(self, cursor: Any) -> list[sql.Composable]:
        """Who may read publications: the roles that were named, and those that may read the one that is shown now."""
        cursor.execute(
            "select distinct case when grantee = 0 then '' else pg_get_userbyid(grantee) end "
            "from pg_namespace cross join lateral aclexplode(nspacl) "
            "where nspname = %s and privilege_type = 'USAGE' and grantee <> nspowner",
            [self._published("marts")],
        )
        names = {*self.reader_roles, *(name for (name,) in cursor.fetchall())}
        return [sql.Identifier(name) if name else sql.SQL("public") for name in sorted(names)]

    def _drop(self, publications: Iterable[Publication]) -> None:
        """Drops publications. One that is still read, or that somebody's views stand on, is left to the next run."""
        for publication in publications:
            try:
                with self._transaction() as cursor:
                    cursor.execute("select set_config('lock_timeout', %s, true)", [DROP_TIMEOUT])
                    for schema in SCHEMAS:
                        self._drop_schema(cursor, self._kept(publication, schema))
                    cursor.execute(
                        self._log("delete from {log_schema}.publications where brand_id = %s and publication_id = %s"),
                        [self.brand_id, publication.publication_id],
                    )
            except (errors.LockNotAvailable, errors.DependentObjectsStillExist) as error:
                print(f"publish.py: {publication.publication_id} stays for now: {str(error).strip()}")

    def _drop_schema(self, cursor: Any, schema: str) -> None:
        """Drops the tables of a schema, then the schema: without cascade, which would take others' views along."""
        cursor.execute("select tablename from pg_tables where schemaname = %s", [schema])
        for (table,) in cursor.fetchall():
            cursor.execute(sql.SQL("drop table {}").format(sql.Identifier(schema, table)))
        cursor.execute(sql.SQL("drop schema if exists {}").format(sql.Identifier(schema)))

    def _record_table(self) -> sql.Identifier:
        """The table in which dbt records a build."""
        return sql.Identifier(f"{self.schema_prefix}publishing", "last_build")

    def _published(self, schema: str) -> str:
        """The name under which readers see a schema."""
        return f"{self.published_prefix}{schema}"

    def _kept(self, publication: Publication, schema: str) -> str:
        """The name of a publication's schema while readers do not see it."""
        return f"{self.published_prefix}{schema}_{publication.publication_id}"

    def _schema_of(self, publication: Publication, schema: str) -> str:
        """The name of a publication's schema as it is now."""
        return self._published(schema) if publication.is_current else self._kept(publication, schema)

    def _log(self, statement: str) -> sql.Composable:
        """A statement about the log, with its schema filled in."""
        return sql.SQL(statement).format(log_schema=sql.Identifier(self.log_schema))
