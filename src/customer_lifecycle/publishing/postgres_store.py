"""Publications of a Postgres build: schemas that are swapped in one transaction.

    building_marts, building_facts …       what dbt writes; nobody reads here
    marts, reference, quality, state       the current publication
    marts_<id>, reference_<id> …           the others that are kept
    publishing.publications                what each is
    publishing.sent_alerts                 which alerts went out

All names have LIFECYCLE_SCHEMA_PREFIX in front, and those of a brand that is built by itself the brand too. A
publication is a copy, so that no later build, nor anything that is dropped by one, can reach it.

What a statement of a reader sees is one publication. Two things see to that. Names are looked up anew for each
statement, in REPEATABLE READ too, where rows that were written after the transaction began would be missing: so rows
are written frozen, which all transactions see. And a statement looks up one table after the other: so the swap holds
them all for its moment, where no reader's long transaction keeps it from that.
"""

from __future__ import annotations

import copy
import hashlib
import json
import os
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import date
from typing import Any

import psycopg2
from psycopg2 import errors, sql

from customer_lifecycle.progress import counted

from . import publication as rules
from .erasure import Customer, Dialect, Erased, TablePlan, alert_ids_of, plan_of, without_alerts
from .publication import AcceptedRows, BuildRecord, ExitCode, Publication, PublishError, Relation
from .store import SECONDS_TO_WAIT, Store

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
TEXT_TYPES = ("text", "character varying", "character")

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


class PostgresDialect(Dialect):
    """Postgres's own."""

    @staticmethod
    def key_of(column: str, key: str) -> str:
        return f"({column}::json ->> '{key}')"

    @staticmethod
    def matches(column: str, pattern: str) -> str:
        return f"{column} ~ {pattern}"


class Checksum:
    """A file that keeps nothing of what is written to it but the checksum, and writes it on, where it is to."""

    def __init__(self, file: Any = None) -> None:
        self.file = file
        self.found = hashlib.sha256()

    def write(self, part: bytes) -> int:
        self.found.update(part)
        return self.file.write(part) if self.file else len(part)


class PostgresStore(Store):
    """The schemas of the build and of its publications, in one database."""

    def __init__(self, credentials: Any, only_brand: str | None, reader_roles: Sequence[str]) -> None:
        """Takes: dbt's credentials; the brand that is published by itself, or none; the roles that may read
        publications."""
        self.credentials = credentials
        self.reader_roles = list(reader_roles)
        prefix = os.environ.get("LIFECYCLE_SCHEMA_PREFIX", "")
        self.prefix = prefix
        self.schema_prefix = f"{prefix}building_"
        self.log_schema = f"{prefix}publishing"
        self._use(only_brand)
        longest = f"{self.published_prefix}reference_{'0' * len('20260101_20260101000000000')}"
        if len(longest.encode()) > LONGEST_NAME:
            raise PublishError(
                f"The names of schemas would be longer than {LONGEST_NAME} bytes: {longest}. Shorten "
                "LIFECYCLE_SCHEMA_PREFIX, or publish the brand together with the others.",
                ExitCode.WRONG_USAGE,
            )
        if self.published_prefix.startswith("pg_"):
            raise PublishError(
                f"Postgres keeps names that begin with pg_ to itself, and the schemas would be called {longest}. Set "
                "LIFECYCLE_SCHEMA_PREFIX, or publish the brand together with the others.",
                ExitCode.WRONG_USAGE,
            )

    def _use(self, only_brand: str | None) -> None:
        """Makes the publications those of a brand by itself, or of all."""
        self.only_brand = only_brand
        self.brand_id = only_brand or ""
        self.published_prefix = f"{self.prefix}{only_brand}_" if only_brand else self.prefix

    @contextmanager
    def build_lock(self, wait: float, to_write: bool = True) -> Iterator[None]:
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
            cursor.execute(
                sql.SQL(
                    'select * from {} order by severity collate "C", brand_id collate "C", alert_type collate "C", '
                    "since, alert_id"
                ).format(sql.Identifier(self._published("marts"), "lifecycle_alerts"))
            )
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
        start_table = self._record_table("build_start")
        with self._transaction() as cursor:
            start = rules.state_before(self._publications(cursor), as_of_date)
            if start is None:
                cursor.execute(sql.SQL("drop table if exists {}").format(start_table))
                return
            damage = self._damage(cursor, start, (rules.STATE_SCHEMA,))
            rules.check_undamaged(start, damage, rules.START_FROM)
            cursor.execute(sql.SQL("drop table if exists {}").format(self._record_table()))
            for name, schema in start.state_schemas.items():
                source = sql.Identifier(self._schema_of(start, rules.STATE_SCHEMA), name)
                target = sql.Identifier(schema, name)
                cursor.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(schema)))
                # with the views of the build that stand on it, which dbt makes anew; readers have none of these
                cursor.execute(sql.SQL("drop table if exists {} cascade").format(target))
                cursor.execute(sql.SQL("create table {} as table {}").format(target, source))
            cursor.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(start_table.strings[0])))
            cursor.execute(sql.SQL("drop table if exists {}").format(start_table))
            cursor.execute(
                sql.SQL("create table {} as select %s::text as publication_id").format(start_table),
                [start.publication_id],
            )

    def damage_of(self, publication: Publication) -> str:
        with self._transaction() as cursor:
            return self._damage(cursor, publication)

    def forget(self, customer: Customer, build_schemas: Sequence[str], wait: float) -> Erased:
        erased = Erased()
        with ExitStack() as stack:
            stores = self._of_all_brands()
            # an alert of the customer must not go out meanwhile, and be recorded
            stack.enter_context(self.sending_lock(wait))
            for store in stores:
                stack.enter_context(store._changing())
            with self._transaction() as cursor:
                cursor.execute(sql.SQL("drop table if exists {}").format(self._record_table()))
                alerts, types = set(), set()
                tables = []
                for store in stores:
                    for publication in store._publications(cursor):
                        rules.check_undamaged(publication, store._damage(cursor, publication), rules.REWRITE)
                        if "marts.lifecycle_alerts" in publication.rows:
                            found, seen = store._alerts_in(cursor, publication, customer)
                            alerts |= found
                            types |= seen
                        tables += store._forget_in(cursor, publication, customer, erased)
                for schema in build_schemas:
                    logical = schema.removeprefix(self.schema_prefix)
                    tables += self._forget_in_schema(cursor, schema, logical, customer, erased, "the build")
                alerts |= alert_ids_of(customer, types, date.today())
                cursor.execute(
                    self._log("delete from {log_schema}.sent_alerts where alert_id = any(%s)"), [sorted(alerts)]
                )
                erased.alerts = cursor.rowcount + self._erase_deliveries(cursor, alerts)
                cursor.execute("select txid_current()")
                transaction = cursor.fetchone()[0]
            records = [sql.Identifier(self.log_schema, name) for name in ("sent_alerts", "alert_deliveries")]
            self._rewrite_tables([*tables, *records], transaction, wait)
        return erased

    def _erase_deliveries(self, cursor: Any, alert_ids: set[str]) -> int:
        """Takes alerts out of what was recorded of deliveries. Gives the number of events that spoke of them."""
        erased = 0
        cursor.execute(self._log("select event_id, event from {log_schema}.alert_deliveries"))
        for event_id, text in cursor.fetchall():
            event = json.loads(text)
            kept = without_alerts(event, alert_ids)
            if kept is None:
                cursor.execute(self._log("delete from {log_schema}.alert_deliveries where event_id = %s"), [event_id])
            elif kept != event:
                cursor.execute(
                    self._log("update {log_schema}.alert_deliveries set event = %s where event_id = %s"),
                    [json.dumps(kept), event_id],
                )
            erased += kept != event
        return erased

    def _of_all_brands(self) -> list[PostgresStore]:
        """The publications of all brands together, and those of brands by themselves."""
        with self._transaction() as cursor:
            cursor.execute(
                self._log("select distinct brand_id from {log_schema}.publications where brand_id <> '' order by 1")
            )
            found = [self]
            for (brand_id,) in cursor.fetchall():
                store = copy.copy(self)
                store._use(brand_id)
                found.append(store)
        return found

    def _alerts_in(self, cursor: Any, publication: Publication, customer: Customer) -> tuple[set[str], set[str]]:
        """The ids of a publication's alerts about a customer, and the types of all its alerts."""
        table = sql.Identifier(self._schema_of(publication, "marts"), "lifecycle_alerts")
        cursor.execute(
            sql.SQL("select alert_id from {} where brand_id = %s and customer_id = %s").format(table),
            [customer.brand_id, customer.customer_id],
        )
        alerts = {alert_id for (alert_id,) in cursor.fetchall()}
        cursor.execute(sql.SQL("select distinct alert_type from {}").format(table))
        return alerts, {alert_type for (alert_type,) in cursor.fetchall()}

    def _forget_in(
        self, cursor: Any, publication: Publication, customer: Customer, erased: Erased
    ) -> list[sql.Identifier]:
        """Removes a customer from a publication and describes it as it is then. Gives the tables that can have held
        them."""
        place = f"{publication.publication_id}{f' of {self.only_brand}' if self.only_brand else ''}"
        tables = []
        for schema in SCHEMAS:
            tables += self._forget_in_schema(
                cursor, self._schema_of(publication, schema), schema, customer, erased, place
            )
        touched = {*erased.deleted.get(place, {}), *erased.changed.get(place, {})}
        if touched:
            rows, checksums = dict(publication.rows), dict(publication.checksums)
            for name in touched:
                schema, table = name.split(".", 1)
                relation = sql.Identifier(self._schema_of(publication, schema), table)
                if name in rows:
                    cursor.execute(sql.SQL("select count(*) from {}").format(relation))
                    rows[name] = cursor.fetchone()[0]
                checksums[name] = self._checksum(cursor, relation)
            self._describe_in(cursor, [replace(publication, rows=rows, checksums=checksums)])
        return tables

    def _forget_in_schema(
        self, cursor: Any, schema: str, logical: str, customer: Customer, erased: Erased, place: str
    ) -> list[sql.Identifier]:
        """Removes a customer from the tables of a schema, `logical` being its name without prefixes. Gives those that
        can have held them."""
        columns: dict[str, dict[str, bool]] = {}
        cursor.execute(
            "select table_name, column_name, data_type from information_schema.columns "
            "inner join information_schema.tables using (table_schema, table_name) "
            "where table_schema = %s and table_type = 'BASE TABLE' order by table_name, ordinal_position",
            [schema],
        )
        for table, column, kind in cursor.fetchall():
            columns.setdefault(table, {})[column] = kind in TEXT_TYPES
        touched = []
        for table, found in columns.items():
            plan, relation = plan_of(customer, logical, table, found, PostgresDialect), sql.Identifier(schema, table)
            name = f"{logical}.{table}"
            if plan.deleted:
                cursor.execute(sql.SQL("delete from {} where {}").format(relation, sql.SQL(plan.deleted)))
                if cursor.rowcount:
                    erased.deleted.setdefault(place, {})[name] = cursor.rowcount
            if plan.change:
                values = sql.SQL(", ").join(
                    sql.SQL("{} = {}").format(sql.Identifier(column), sql.SQL(value))
                    for column, value in plan.changed.items()
                )
                cursor.execute(sql.SQL("update {} set {} where {}").format(relation, values, sql.SQL(plan.change)))
                if cursor.rowcount:
                    erased.changed.setdefault(place, {})[name] = cursor.rowcount
            self._note_same_text(cursor, relation, plan, erased, place, name)
            if plan.deleted or plan.change:
                touched.append(relation)
        return touched

    def _note_same_text(
        self, cursor: Any, relation: sql.Identifier, plan: TablePlan, erased: Erased, place: str, name: str
    ) -> None:
        """Adds to what is erased the columns of a table that hold the same text, and were left alone."""
        if plan.same_text:
            cursor.execute(
                sql.SQL("select {} from {}").format(
                    sql.SQL(", ").join(sql.SQL(f"count(*) filter (where {same})") for same in plan.same_text.values()),
                    relation,
                )
            )
            for column, count in zip(plan.same_text, cursor.fetchone()):
                if count:
                    erased.same_text.setdefault(place, []).append(f"{name}.{column}")

    def _rewrite_tables(self, tables: Sequence[sql.Identifier], transaction: int, wait: float) -> None:
        """Writes tables again without the rows that were deleted, which the server keeps until then, and their
        statistics.

        Takes: the tables; the transaction that deleted; the seconds to wait for transactions that still see the rows,
        and for those who read a table. Raises where that is not enough: what is left is done when it is called again.
        """
        deadline = time.monotonic() + wait

        def try_again(why: str) -> None:
            if time.monotonic() >= deadline:
                raise PublishError(
                    "The customer's rows are deleted, and readers see them no more, but the server keeps them on "
                    f"disk: {why}. "
                    "Forget the customer again later, or with a longer --wait.",
                    ExitCode.LOCKED,
                )
            time.sleep(SECONDS_BETWEEN_TRIES)

        with closing(self._connect()) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            while True:
                cursor.execute(
                    "select count(*) from pg_stat_activity where datname = current_database() and backend_xmin is "
                    "not null "
                    "and pid <> pg_backend_pid() and age(backend_xmin) >= age(%s::text::xid)",
                    [transaction % 2**32],
                )
                if not cursor.fetchone()[0]:
                    break
                try_again("a transaction that began before still sees them")
            cursor.execute("select set_config('lock_timeout', %s, false)", [DROP_TIMEOUT])
            for table in tables:
                while True:
                    try:
                        cursor.execute(sql.SQL("vacuum (full, analyze) {}").format(table))
                        break
                    except errors.LockNotAvailable:
                        try_again(f"somebody reads {'.'.join(table.strings)}")

    # within

    def _connect(self) -> Any:
        try:
            return psycopg2.connect(
                host=self.credentials.host,
                port=self.credentials.port,
                user=self.credentials.user,
                password=self.credentials.password,
                dbname=self.credentials.database,
                keepalives_idle=60,
                application_name="lifecycle",
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
    def _changing(self, wait: float = SECONDS_TO_WAIT) -> Iterator[None]:
        with closing(self._connect()) as connection:
            self._lock(connection, f"publication {self.published_prefix}", wait, "publication")
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
                raise PublishError(
                    f"There is no role {role} on the server to give the publications to.", ExitCode.WRONG_USAGE
                )

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
        return BuildRecord.of_rows(self._of_build(rules.RECORD_QUERY, self._record_table()))

    def _start(self) -> str | None:
        rows = self._of_build("select publication_id from {table}", self._record_table("build_start"))
        return rows[0][0] if rows else None

    def _of_build(self, query: str, table: sql.Identifier) -> list[tuple[Any, ...]]:
        """What a query says of the build; nothing where there is no such table or column."""
        try:
            with self._transaction() as cursor:
                cursor.execute(sql.SQL(query).format(table=table))
                rows: list[tuple[Any, ...]] = cursor.fetchall()
                return rows
        except (errors.UndefinedTable, errors.InvalidSchemaName, errors.UndefinedColumn):
            return []

    def _accepted_rows(self, reconciliation: Relation, compared: Publication) -> tuple[AcceptedRows, AcceptedRows]:
        counted = []
        with self._transaction() as cursor:
            for schema in (reconciliation.schema, self._schema_of(compared, "quality")):
                table = sql.Identifier(schema, reconciliation.name)
                cursor.execute(sql.SQL(rules.ACCEPTED_QUERY).format(table=table))
                counted.append({(source, brand): count for source, brand, count in cursor.fetchall()})
        return counted[0], counted[1]

    def _damage(self, cursor: Any, publication: Publication, schemas: Sequence[str] = SCHEMAS) -> str:
        """What is wrong with the tables of a publication, in these of its schemas."""
        for name in publication.checksums or publication.rows:
            schema, table = name.split(".", 1)
            if schema not in schemas:
                continue
            relation = sql.Identifier(self._schema_of(publication, schema), table)
            cursor.execute("savepoint looking")
            try:
                cursor.execute(sql.SQL("select count(*) from {}").format(relation))
                rows = cursor.fetchone()[0]
                if rows != publication.rows.get(name, rows):
                    return f"{name} has {rows} rows, not {publication.rows[name]} as it was published"
                checksum = self._checksum(cursor, relation) if name in publication.checksums else None
            except (errors.UndefinedTable, errors.InvalidSchemaName):
                cursor.execute("rollback to savepoint looking")
                return f"there is no table {'.'.join(relation.strings)}"
            if checksum != publication.checksums.get(name):
                return f"{name} is not what was published: its checksum is another"
        return ""

    def _checksum(self, cursor: Any, relation: sql.Identifier) -> str:
        """The checksum of a table's rows, in the order in which it keeps them."""
        # else a large table may be read from where another reader is
        cursor.execute("set local synchronize_seqscans to off")
        checksum = Checksum()
        cursor.copy_expert(sql.SQL("copy {} to stdout (format binary)").format(relation), checksum)
        return checksum.found.hexdigest()

    def _write(self, record: BuildRecord, publication: Publication) -> Publication:
        with self._transaction() as cursor:
            for schema in SCHEMAS:
                name = sql.Identifier(self._kept(publication, schema))
                cursor.execute(sql.SQL("create schema {}").format(name))
                cursor.execute(sql.SQL("comment on schema {} is %s").format(name), [MARK + publication.publication_id])
            rows, checksums = {}, {}
            for relation in counted(record.relations, "copying tables"):
                target = sql.Identifier(self._kept(publication, relation.published_schema), relation.name)
                copied = self._copy(cursor, target, self._source(cursor, relation), relation.never_null)
                rows[relation.published_name], checksums[relation.published_name] = copied
                self._copy_comments(cursor, target, relation)
            publication = rules.with_contents(publication, record, rows)
            described = sql.SQL(
                "select {}::text as publication_id, {}::date as as_of_date, "
                "{}::timestamptz at time zone 'UTC' as published_at, {}::text as invocation_id"
            ).format(
                *map(
                    sql.Literal,
                    (
                        publication.publication_id,
                        publication.as_of_date,
                        publication.published_at,
                        publication.invocation_id,
                    ),
                )
            )
            self._copy(cursor, sql.Identifier(self._kept(publication, "reference"), "publication"), described)
            publication = replace(publication, checksums=checksums)
            cursor.execute(
                self._log("insert into {log_schema}.publications values (%s, %s, %s, false, %s)"),
                [self.brand_id, publication.publication_id, publication.published_at, publication.to_json()],
            )
        return publication

    def _source(self, cursor: Any, relation: Relation) -> sql.Composable:
        """The rows of a relation of the build that are published, as a query."""
        cursor.execute(
            "select 1 from information_schema.columns where table_schema = %s and table_name = %s and column_name = "
            "'brand_id'",
            [relation.schema, relation.name],
        )
        table = sql.Identifier(relation.schema, relation.name)
        if not self.only_brand or not cursor.fetchall():
            return sql.SQL("table {}").format(table)
        # the build's schemas are those of all brands, and so is what an earlier build, or a seed, has left in them
        return sql.SQL("select * from {} where brand_id = {} or brand_id is null").format(
            table, sql.Literal(self.only_brand)
        )

    def _describe_in(self, cursor: Any, publications: Iterable[Publication]) -> None:
        """Writes anew what is said of publications."""
        for publication in publications:
            cursor.execute(
                self._log(
                    "update {log_schema}.publications set description = %s where brand_id = %s and publication_id = %s"
                ),
                [publication.to_json(), self.brand_id, publication.publication_id],
            )

    def _copy(
        self, cursor: Any, target: sql.Composable, source: sql.Composable, never_null: Iterable[str] = ()
    ) -> tuple[int, str]:
        """Makes a table of what a query gives, some of whose columns refuse nulls. Gives its number of rows, and their
        checksum.

        Only COPY writes frozen rows, so a second connection sends what the first one writes.
        """
        cursor.execute(sql.SQL("create table {} as {} with no data").format(target, source))
        constraints = [
            sql.SQL("alter column {} set not null").format(sql.Identifier(column)) for column in sorted(never_null)
        ]
        if constraints:
            cursor.execute(sql.SQL("alter table {} {}").format(target, sql.SQL(", ").join(constraints)))
        reading, writing = os.pipe()
        with closing(self._connect()) as connection, connection.cursor() as reader, open(reading, "rb") as rows:
            failed: list[BaseException] = []
            checksum = Checksum()

            def send() -> None:
                try:
                    with open(writing, "wb") as file:
                        checksum.file = file
                        reader.copy_expert(sql.SQL("copy ({}) to stdout (format binary)").format(source), checksum)
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
        return count, checksum.found.hexdigest()

    def _copy_comments(self, cursor: Any, target: sql.Identifier, relation: Relation) -> None:
        """Says of a published table and its columns what the build says of them."""
        cursor.execute(COMMENTS_QUERY, [relation.schema, relation.name])
        for column, comment in cursor.fetchall():
            kind, commented = (
                ("table", target) if column is None else ("column", sql.Identifier(*target.strings, column))
            )
            cursor.execute(sql.SQL("comment on {} {} is %s").format(sql.SQL(kind), commented), [comment])

    def _show(self, publication: Publication, with_parquet: bool) -> None:
        self._swap_in(publication, [])

    def _restore(self, restored: Publication, withdrawn: Iterable[Publication]) -> None:
        self._swap_in(restored, [*withdrawn, restored])

    def _swap_in(self, publication: Publication, described: Iterable[Publication]) -> None:
        """Shows a publication, and says something else of some, in one transaction. Raises where it is damaged."""
        with self._transaction() as cursor:
            # before anything is locked
            rules.check_undamaged(publication, self._damage(cursor, publication), rules.SHOW)
        with self._transaction() as cursor:
            self._describe_in(cursor, described)
            roles = self._readers(cursor)
            seen = self._check_names(cursor)
            self._hold_tables(cursor)
            is_shown = any(found.publication_id == publication.publication_id for found in seen.values())
            for schema in SCHEMAS:
                name = sql.Identifier(self._published(schema))
                if schema in seen and not is_shown:
                    earlier_name = sql.Identifier(self._kept(seen[schema], schema))
                    cursor.execute(sql.SQL("alter schema {} rename to {}").format(name, earlier_name))
                if not is_shown:
                    kept_name = sql.Identifier(self._kept(publication, schema))
                    cursor.execute(sql.SQL("alter schema {} rename to {}").format(kept_name, name))
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
                print(f"lifecycle: {publication.publication_id} stays for now: {str(error).strip()}")

    def _drop_schema(self, cursor: Any, schema: str) -> None:
        """Drops the tables of a schema, then the schema: without cascade, which would take others' views along."""
        cursor.execute("select tablename from pg_tables where schemaname = %s", [schema])
        for (table,) in cursor.fetchall():
            cursor.execute(sql.SQL("drop table {}").format(sql.Identifier(schema, table)))
        cursor.execute(sql.SQL("drop schema if exists {}").format(sql.Identifier(schema)))

    def _record_table(self, name: str = "last_build") -> sql.Identifier:
        """The table in which dbt records a build, or another beside it."""
        return sql.Identifier(f"{self.schema_prefix}publishing", name)

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
