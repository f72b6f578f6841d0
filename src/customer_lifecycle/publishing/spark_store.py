"""Publications of a Spark build: schemas that are written once, and a log that says which of them is shown.

    building_marts, building_facts …       what dbt writes; nobody reads here
    marts_<id>, reference_<id> …           a publication; only forgetting a customer writes its tables again
    publishing.events                      what happened to publications, a line an event
    publishing.current_publication         a view: which publication is shown, and the names of its schemas
    marts, reference, quality              views of the one that is shown

All names have LIFECYCLE_SCHEMA_PREFIX in front, and those of a brand that is built by itself the brand too.

Spark cannot change two tables at once, so what decides is one file: an event, or all events of a restore, are written
as one, which is there whole or not at all. A reader who asks `current_publication` once and reads the schemas that it
names sees one publication, whole and tested. The views follow one after the other: each is of one publication, and in
the seconds of the change two may be of different ones. What is left of a change that was stopped is done by the next
command.

A publication's tables are written again to forget a customer alone: all that hold the customer first, beside the
others, then a line in the log says so, and then each takes the place of the one before. In the moment of that the
table is missing. What was stopped before the line is dropped by the next `forget`, and after it finished by the next
command that changes any publication.
"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import date, datetime, timezone
from functools import cached_property
from pathlib import Path
from typing import Any

from customer_lifecycle.file_names import schema_of_brand
from customer_lifecycle.progress import counted

from . import publication as rules
from .erasure import BLOTTED, Customer, Dialect, Erased, plan_of, without_alerts
from .files import file_lock
from .publication import AcceptedRows, BuildRecord, ExitCode, Publication, PublishError, Relation
from .spark_connection import Connection, Row, SparkStatementError, connection_of
from .store import SECONDS_TO_WAIT, Store

SCHEMAS = (*rules.READ_SCHEMAS, rules.STATE_SCHEMA)
MARK = "customer lifecycle publication"
POINTER = "current_publication"
PUBLISHED, SHOWN, DESCRIBED, DROPPED = "published", "shown", "described", "dropped"
# the end of a table's name that is written again without a customer, and about to take the place of the table
REWRITTEN = "__rewritten"

TABLES = {
    "events": "event_id bigint, event string, brand_id string, publication_id string, description string",
    "sent_alerts": "alert_id string, sent_at timestamp",
    "alert_deliveries": "recorded_at timestamp, position bigint, event string",
}


def literal(value: object) -> str:
    """A text in Spark's SQL, where a backslash escapes and ${ is replaced before anything else."""
    text = str(value).replace("\\", "\\\\").replace("'", "\\'").replace("${", "\\u0024{")
    return "'" + text.replace("\n", "\\n").replace("\r", "\\r") + "'"


def named(*names: str) -> str:
    """A name in Spark's SQL, quoted."""
    return ".".join("`" + name.replace("`", "``") + "`" for name in names)


class SparkDialect(Dialect):
    """Spark's own: regular expressions are Java's."""

    WORD = r"\p{Alnum}_-"
    INSTEAD = f"$1{BLOTTED}$2"

    @staticmethod
    def name(name: str) -> str:
        return named(name)

    @staticmethod
    def literal(value: str) -> str:
        return literal(value)

    @staticmethod
    def as_text(expression: str) -> str:
        return f"cast({expression} as string)"

    @staticmethod
    def replaced(expression: str, pattern: str, instead: str) -> str:
        return f"regexp_replace({expression}, {pattern}, {instead})"

    @staticmethod
    def key_of(column: str, key: str) -> str:
        return f"get_json_object({column}, '$.{key}')"

    @staticmethod
    def matches(column: str, pattern: str) -> str:
        return f"{column} rlike {pattern}"


class SparkStore(Store):
    """The schemas of the build and of its publications, in one metastore."""

    def __init__(self, credentials: Any, project_dir: Path, only_brand: str | None) -> None:
        """Takes: dbt's credentials; the folder of the project, where locks are, which are of this machine alone; the
        brand that is published by itself, or none."""
        self.connection: Connection = connection_of(credentials, project_dir)
        self.folder = project_dir / (os.environ.get("LIFECYCLE_SPARK_DIR") or ".spark") / "locks"
        self.prefix = os.environ.get("LIFECYCLE_SCHEMA_PREFIX", "")
        self.schema_prefix = f"{self.prefix}building_"
        self.log_schema = f"{self.prefix}publishing"
        # the tables of the log that are known to be there
        self._made: set[str] = set()
        self._use(only_brand)

    def _use(self, only_brand: str | None) -> None:
        """Has it be about the publications of a brand by itself, or of all together."""
        self.only_brand = only_brand
        self.brand_id = only_brand or ""
        self.published_prefix = f"{self.prefix}{schema_of_brand(only_brand)}_" if only_brand else self.prefix

    # locks

    @contextmanager
    def build_lock(self, wait: float, to_write: bool = True) -> Iterator[int]:
        with file_lock(self.folder / f"{self.schema_prefix}build.lock", wait, "build") as descriptor:
            yield descriptor
        self.connection.close()

    @contextmanager
    def sending_lock(self, wait: float) -> Iterator[None]:
        with file_lock(self.folder / f"{self.log_schema}-sending.lock", wait, "sending of alerts"):
            yield
        self.connection.close()

    @contextmanager
    def _changing(self, wait: float = SECONDS_TO_WAIT) -> Iterator[None]:
        with file_lock(self.folder / f"{self.published_prefix}publication.lock", wait, "publication"):
            # what a change that was stopped has left undone
            self._drop_unfinished()
            for publication in self.publications():
                if publication.rewritten is not None:
                    self._finish_rewriting(publication)
            self._follow()
            yield

    @contextmanager
    def _writing_log(self) -> Iterator[None]:
        """The right to write to the log, for one at a time; a process that has it may not ask for it again."""
        with file_lock(self.folder / f"{self.log_schema}-log.lock", SECONDS_TO_WAIT, "change of the log"):
            yield

    # reading what is there

    def publications(self) -> list[Publication]:
        kept: dict[str, Publication] = {}
        shown = None
        for event, publication_id, description in self._rows(
            f"select event, publication_id, description from {self._log_table('events')} "
            f"where brand_id = {literal(self.brand_id)} order by event_id"
        ):
            if event == DROPPED:
                kept.pop(publication_id, None)
            elif event == SHOWN:
                shown = publication_id
            elif event == PUBLISHED or publication_id in kept:
                kept[publication_id] = Publication.from_json(description)
        found = [replace(one, is_current=one.publication_id == shown) for one in kept.values()]
        return sorted(found, key=lambda publication: publication.published_at, reverse=True)

    def damage_of(self, publication: Publication) -> str:
        for name, checksum in publication.checksums.items():
            schema, table = name.split(".", 1)
            relation = named(self._kept(publication, schema), table)
            try:
                rows, found = self._contents(relation)
            except SparkStatementError as error:
                return f"{name} cannot be read: {error}"
            # while it is rewritten, a table is as it was or as it will be
            if found == (publication.rewritten or {}).get("checksums", {}).get(name):
                continue
            if name in publication.rows and rows != publication.rows[name]:
                return f"{name} has {rows} rows, not {publication.rows[name]} as it was published"
            if found != checksum:
                return f"{name} is not what was published: its checksum is another"
        return ""

    def alerts(self) -> list[dict[str, Any]]:
        return self._dicts(
            f"select * from {named(self._kept(self._current(), 'marts'), 'lifecycle_alerts')} "
            "order by severity, brand_id, alert_type, since, alert_id"
        )

    def described_alerts(self) -> list[dict[str, Any]]:
        current = self._current()
        return self._dicts(
            rules.ALERTS_QUERY.format(**{name: named(self._kept(current, name)) for name in ("marts", "reference")})
        )

    def sent_alerts(self) -> set[str]:
        return {alert_id for (alert_id,) in self._rows(f"select alert_id from {self._log_table('sent_alerts')}")}

    def mark_sent(self, alert_ids: Sequence[str]) -> None:
        new = sorted(set(alert_ids) - self.sent_alerts())
        self._append("sent_alerts", [f"{literal(alert_id)}, {self._now()}" for alert_id in new])

    def alert_events(self) -> list[dict[str, Any]]:
        rows = self._rows(f"select event from {self._log_table('alert_deliveries')} order by position")
        return [json.loads(event) for (event,) in rows]

    def record_alert_events(self, events: Iterable[Mapping[str, Any]]) -> None:
        table = self._log_table("alert_deliveries")
        with self._writing_log():
            self._rows(f"refresh table {table}")
            ((last,),) = self._rows(f"select coalesce(max(position), 0) from {table}")
            self._insert(
                table,
                [
                    f"{self._now()}, {last + number}, {literal(json.dumps(event))}"
                    for number, event in enumerate(events, start=1)
                ],
            )

    # changing it

    def reset_state(self, as_of_date: date | None) -> None:
        # what could not be shown is better not built
        self._check_names()
        with self._changing():
            self._reset_state(as_of_date)
        # dbt comes next, and a metastore may have room for one
        self.connection.close()

    def _reset_state(self, as_of_date: date | None) -> None:
        start_table = named(f"{self.schema_prefix}publishing", "build_start")
        start = rules.state_before(self.publications(), as_of_date)
        self._drop_table(start_table)
        if start is not None:
            damage = self.damage_of(
                replace(
                    start,
                    checksums={
                        name: found
                        for name, found in start.checksums.items()
                        if name.startswith(f"{rules.STATE_SCHEMA}.")
                    },
                )
            )
            rules.check_undamaged(start, damage, rules.START_FROM)
            self._drop_table(named(f"{self.schema_prefix}publishing", "last_build"))
            for name, schema in start.state_schemas.items():
                self._rows(f"create schema if not exists {named(schema)}")
                self._copy(
                    named(schema, name), named(self._kept(start, rules.STATE_SCHEMA), name), is_there=True, condition=""
                )
            self._rows(f"create schema if not exists {named(f'{self.schema_prefix}publishing')}")
            self._rows(f"create table {start_table} (publication_id string)")
            self._rows(f"insert into {start_table} values ({literal(start.publication_id)})")

    def forget(self, customer: Customer, build_schemas: Sequence[str], wait: float) -> Erased:
        erased = Erased()
        with ExitStack() as stack:
            # an alert of the customer must not go out meanwhile, and be recorded
            stack.enter_context(self.sending_lock(wait))
            stores = self._of_all_brands()
            for store in stores:
                stack.enter_context(store._changing())
            for store in stores:
                for publication in store.publications():
                    store._finish_rewriting(publication)
            kept = [(store, publication) for store in stores for publication in store.publications()]
            for store, publication in kept:
                rules.check_undamaged(publication, store.damage_of(publication), rules.REWRITE)
            alerts = self._noted_alerts(stores, customer, self._forgetting_file)
            self._drop_table(named(f"{self.schema_prefix}publishing", "last_build"))
            for schema in build_schemas:
                self._settle(schema)
                logical = schema.removeprefix(self.schema_prefix)
                for table in self._rewritten_in(schema, logical, customer, erased, "the build"):
                    self._replace_table(schema, table)
            for store, publication in kept:
                store._rewrite(publication, customer, erased)
            erased.alerts = self._erase_alerts(alerts)
            self._forgetting_file.unlink(missing_ok=True)
        return erased

    def _of_all_brands(self) -> list[SparkStore]:
        """The publications of all brands together, and those of brands by themselves."""
        found = [self]
        for (brand_id,) in self._rows(
            f"select distinct brand_id from {self._log_table('events')} where brand_id <> '' order by brand_id"
        ):
            store = copy.copy(self)
            store._use(brand_id)
            found.append(store)
        return found

    @property
    def _forgetting_file(self) -> Path:
        """Where alerts of a customer are noted until they are gone from the log."""
        return self.folder / f"{self.log_schema}-forgetting.json"

    def _alerts_of(self, publication: Publication, customer: Customer) -> tuple[set[str], set[str]]:
        table = named(self._kept(publication, "marts"), "lifecycle_alerts")
        alerts = self._rows(
            f"select alert_id from {table} where brand_id = {literal(customer.brand_id)} "
            f"and customer_id = {literal(customer.customer_id)}"
        )
        types = self._rows(f"select distinct alert_type from {table}")
        return {alert_id for (alert_id,) in alerts}, {alert_type for (alert_type,) in types}

    def _rewrite(self, publication: Publication, customer: Customer, erased: Erased) -> None:
        """Writes the tables of a publication again that hold a customer, and describes it as it is then."""
        place = f"{publication.publication_id}{f' of {self.only_brand}' if self.only_brand else ''}"
        rows, checksums = dict(publication.rows), dict(publication.checksums)
        is_touched = False
        # the metastore knows no capitals
        spelled = {name.lower(): name for name in checksums}
        for schema in SCHEMAS:
            kept = self._kept(publication, schema)
            for table in self._rewritten_in(kept, schema, customer, erased, place):
                name, is_touched = spelled.get(f"{schema}.{table}", f"{schema}.{table}"), True
                count, checksums[name] = self._contents(named(kept, f"{table}{REWRITTEN}"))
                if name in rows:
                    rows[name] = count
        if is_touched:
            # from here on a command that is stopped is finished by the next; see _finish_rewriting
            publication = replace(publication, rewritten={"rows": rows, "checksums": checksums})
            self._tell([(DESCRIBED, publication)])
            self._finish_rewriting(publication)

    def _finish_rewriting(self, publication: Publication) -> None:
        """Has the tables of a publication that were all written again take the place of the others; or drops them, if
        not all were."""
        for schema in SCHEMAS:
            kept = self._kept(publication, schema)
            for table in self._rewritten_tables_of(kept):
                if publication.rewritten is None:
                    self._drop_table(named(kept, f"{table}{REWRITTEN}"))
                else:
                    self._replace_table(kept, table)
        if publication.rewritten is not None:
            self._tell([(DESCRIBED, replace(publication, **publication.rewritten, rewritten=None))])

    def _rewritten_in(self, schema: str, logical: str, customer: Customer, erased: Erased, place: str) -> list[str]:
        """Writes the tables of a schema again that hold a customer, beside the others, `logical` being its name
        without prefixes. Gives their names."""
        touched = []
        for table in self._tables_in(schema):
            source, target = named(schema, table), named(schema, f"{table}{REWRITTEN}")
            kinds = self._columns_of(source)
            plan = plan_of(customer, logical, table, {name: kind == "string" for name, kind in kinds}, SparkDialect)
            is_deleted = f"coalesce({plan.deleted or 'false'}, false)"
            others = [plan.change or "false", *plan.same_text.values()]
            conditions = [is_deleted, *(f"not {is_deleted} and ({condition})" for condition in others)]
            counted_rows = ", ".join(f"count_if({condition})" for condition in conditions)
            ((deleted, changed, *same),) = self._rows(f"select {counted_rows} from {source}")
            name = f"{logical}.{table}"
            if deleted:
                erased.deleted.setdefault(place, {})[name] = deleted
            if changed:
                erased.changed.setdefault(place, {})[name] = changed
            for column, count in zip(plan.same_text, same):
                if count:
                    erased.same_text.setdefault(place, []).append(f"{name}.{column}")
            if deleted or changed:
                values = ", ".join(
                    f"{plan.changed[column]} as {named(column)}" if column in plan.changed else named(column)
                    for column, _ in kinds
                )
                self._drop_table(target)
                self._rows(f"create table {target} {self._layout_of(source)}")
                self._rows(f"insert into {target} select {values} from {source} where not {is_deleted}")
                touched.append(table)
        return touched

    def _erase_alerts(self, alert_ids: set[str]) -> int:
        """Takes alerts out of what is on record of sending. Gives the number of lines that spoke of them."""
        sent = sorted(self.sent_alerts() & alert_ids)
        if sent:
            self._write_log_again("sent_alerts", f"alert_id not in ({', '.join(map(literal, sent))})", [])
        changed, left = [], []
        for recorded_at, position, text in self._rows(
            f"select cast(recorded_at as string), position, event from {self._log_table('alert_deliveries')}"
        ):
            event = json.loads(text)
            kept = without_alerts(event, alert_ids)
            if kept != event:
                changed.append(str(position))
                if kept is not None:
                    left.append(f"timestamp{literal(recorded_at)}, {position}, {literal(json.dumps(kept))}")
        if changed:
            self._write_log_again("alert_deliveries", f"position not in ({', '.join(changed)})", left)
        return len(sent) + len(changed)

    def _write_log_again(self, name: str, condition: str, rows: Sequence[str]) -> None:
        """Writes those rows of a table of the log again that fulfil a condition, and others with them."""
        source, target = self._log_table(name), named(self.log_schema, f"{name}{REWRITTEN}")
        others = "".join(f" union all select {row}" for row in rows)
        with self._writing_log():
            self._rows(f"refresh table {source}")
            self._drop_table(target)
            self._rows(f"create table {target} ({TABLES[name]}) using parquet")
            self._rows(f"insert into {target} select * from {source} where {condition}{others}")
            self._replace_table(self.log_schema, name)

    def _replace_table(self, schema: str, table: str) -> None:
        """Has a table that was written again take the place of the one before, which is dropped with its files."""
        self._drop_table(named(schema, table))
        try:
            self._rows(f"alter table {named(schema, f'{table}{REWRITTEN}')} rename to {named(schema, table)}")
        except SparkStatementError as error:
            if "LOCATION_ALREADY_EXISTS" not in str(error):
                raise
            raise PublishError(
                f"{error} A drop that was stopped has left this folder, whose table is gone: delete it, and run this "
                "again.",
                ExitCode.PUBLISHING_FAILED,
            ) from None

    def _settle(self, schema: str, only: str | None = None) -> None:
        """Ends what was stopped while tables of a schema, or one of them, took the place of others: where a table is
        gone, its copy is whole."""
        found = self._all_tables_in(schema)
        for table in (name.removesuffix(REWRITTEN) for name in found if name.endswith(REWRITTEN)):
            if only not in (None, table):
                continue
            if table in found:
                self._drop_table(named(schema, f"{table}{REWRITTEN}"))
            else:
                self._replace_table(schema, table)

    def _tables_in(self, schema: str) -> list[str]:
        """The tables of a schema, without views and what is written again; none where there is no such schema."""
        return [table for table in self._all_tables_in(schema) if not table.endswith(REWRITTEN)]

    def _rewritten_tables_of(self, schema: str) -> list[str]:
        """The tables of a schema, there or not, of which there is a copy that is written again."""
        return [table.removesuffix(REWRITTEN) for table in self._all_tables_in(schema) if table.endswith(REWRITTEN)]

    def _all_tables_in(self, schema: str) -> list[str]:
        if not self._rows(f"show schemas like {literal(schema)}"):
            return []
        views = {view for _, view, _ in self._rows(f"show views in {named(schema)}")}
        return sorted({table for _, table, _ in self._rows(f"show tables in {named(schema)}")} - views)

    def _columns_of(self, relation: str) -> list[tuple[str, str]]:
        """The columns of a table, and their types."""
        columns = []
        for name, kind, _ in self._rows(f"describe table {relation}"):
            if not name or name.startswith("#"):
                break
            columns.append((name, kind))
        return columns

    # within: what publishing and restoring are made of (store.py)

    def _record(self) -> BuildRecord:
        return BuildRecord.of_rows(self._of_build(rules.RECORD_QUERY, "last_build"))

    def _start(self) -> str | None:
        rows = self._of_build("select publication_id from {table}", "build_start")
        return rows[0][0] if rows else None

    def _of_build(self, query: str, table: str) -> list[Row]:
        """What a query says of the build; nothing where there is no such table or column."""
        try:
            return self._rows(query.format(table=named(f"{self.schema_prefix}publishing", table)))
        except SparkStatementError as error:
            if any(kind in str(error) for kind in ("TABLE_OR_VIEW_NOT_FOUND", "SCHEMA_NOT_FOUND", "UNRESOLVED_COLUMN")):
                return []
            raise

    def _accepted_rows(self, reconciliation: Relation, compared: Publication) -> tuple[AcceptedRows, AcceptedRows]:
        counted_rows = []
        for schema in (reconciliation.schema, self._kept(compared, "quality")):
            rows = self._rows(rules.ACCEPTED_QUERY.format(table=named(schema, reconciliation.name)))
            counted_rows.append({(source, brand): count for source, brand, count in rows})
        return counted_rows[0], counted_rows[1]

    def _write(self, record: BuildRecord, publication: Publication) -> Publication:
        for schema in SCHEMAS:
            name = self._kept(publication, schema)
            self._rows(f"create schema {named(name)} comment {literal(f'{MARK} {publication.publication_id}')}")
        rows, checksums = {}, {}
        for relation in counted(record.relations, "copying tables"):
            target = named(self._kept(publication, relation.published_schema), relation.name)
            source = named(relation.schema, relation.name)
            self._copy(target, source, is_there=False, condition=self._own_rows(source))
            rows[relation.published_name], checksums[relation.published_name] = self._contents(target)
        publication = replace(rules.with_contents(publication, record, rows), checksums=checksums)
        described = named(self._kept(publication, "reference"), "publication")
        self._rows(
            f"create table {described} "
            "(publication_id string, as_of_date date, published_at timestamp, invocation_id string)"
        )
        self._rows(
            f"insert into {described} values ({literal(publication.publication_id)}, "
            f"date{literal(publication.as_of_date)}, timestamp{literal(self._utc(publication.published_at))}, "
            f"{literal(publication.invocation_id)})"
        )
        self._tell([(PUBLISHED, publication)])
        return publication

    def _show(self, publication: Publication, with_parquet: bool) -> None:
        self._change(publication, [])

    def _restore(self, restored: Publication, withdrawn: Iterable[Publication]) -> None:
        self._change(restored, [*withdrawn, restored])

    def _change(self, publication: Publication, described: Iterable[Publication]) -> None:
        """Shows a publication, and says something else of some: one file of events. Raises where it is damaged."""
        rules.check_undamaged(publication, self.damage_of(publication), rules.SHOW)
        self._check_names()
        self._tell([*((DESCRIBED, found) for found in described), (SHOWN, publication)])
        self._follow()

    def _drop(self, publications: Iterable[Publication]) -> None:
        for publication in publications:
            self._tell([(DROPPED, publication)])
        self._drop_unfinished()

    # the views that readers see

    def _follow(self) -> None:
        """Has the pointer and the views be of the publication that the log says is shown."""
        current = next((found for found in self.publications() if found.is_current), None)
        if current is None or self._pointed_to() == current.publication_id:
            return
        for schema in rules.READ_SCHEMAS:
            name, kept = self._published(schema), self._kept(current, schema)
            self._rows(f"create schema if not exists {named(name)} comment {literal(MARK)}")
            tables = self._tables_in(kept)
            if not tables:
                raise PublishError(
                    f"The schema {kept} is gone or empty, and readers are to see it.", ExitCode.PUBLISHING_FAILED
                )
            for table in tables:
                self._point(named(name, table), f"select * from {named(kept, table)}")
            for _, table, _ in self._rows(f"show views in {named(name)}"):
                if table not in tables:
                    self._rows(f"drop view if exists {named(name, table)}")
        # of a brand by itself it is a schema of its own, which the log has not made
        self._rows(f"create schema if not exists {named(self._published('publishing'))}")
        # last, so that a change that was stopped is seen to be
        schemas = ", ".join(
            f"{literal(self._kept(current, schema))} as {schema}_schema" for schema in rules.READ_SCHEMAS
        )
        self._point(
            self._pointer(),
            f"select {literal(current.publication_id)} as publication_id, "
            f"date{literal(current.as_of_date)} as as_of_date, {schemas}",
        )

    def _point(self, view: str, query: str) -> None:
        """Has a view be of another query. Iceberg's catalog does not replace a view's text, so it is dropped there."""
        if self._has_iceberg_catalog:
            self._rows(f"drop view if exists {view}")
        self._rows(f"create or replace view {view} as {query}")

    @cached_property
    def _has_iceberg_catalog(self) -> bool:
        return any("iceberg" in str(row[-1]).lower() for row in self._rows("set spark.sql.catalog.spark_catalog"))

    def _pointed_to(self) -> str | None:
        try:
            rows = self._rows(f"select publication_id from {self._pointer()}")
        except SparkStatementError as error:
            if "TABLE_OR_VIEW_NOT_FOUND" in str(error) or "SCHEMA_NOT_FOUND" in str(error):
                return None
            raise
        return str(rows[0][0])

    def _pointer(self) -> str:
        return named(self._published("publishing"), POINTER)

    def _check_names(self) -> None:
        """Raises where a schema that readers would see is somebody's own."""
        for schema in rules.READ_SCHEMAS:
            name = self._published(schema)
            for _ in self._rows(f"show schemas like {literal(name)}"):
                about: dict[str, str] = dict(row[:2] for row in self._rows(f"describe schema extended {named(name)}"))
                if MARK not in str(about.get("Comment", "")):
                    raise PublishError(
                        f"There is a schema {name} that is no publication, and it is left alone. Rename it, drop it, "
                        "or set LIFECYCLE_SCHEMA_PREFIX to publish under other names.",
                        ExitCode.WRONG_USAGE,
                    )

    # tables

    def _copy(self, target: str, source: str, is_there: bool, condition: str) -> None:
        """Makes a table of a table's or view's rows: created first, so that a copy that was stopped can be dropped."""
        if is_there:
            self._drop_table(target)
        self._rows(f"create table {target} {self._layout_of(source)}")
        self._rows(f"insert into {target} select * from {source} {condition}")

    def _layout_of(self, source: str) -> str:
        """A table's columns, format, partitions and comments, as `create table` has them; a view's, as Parquet."""
        columns: list[str] = []
        partitions: list[str] = []
        details: dict[str, str] = {}
        part = ""
        for name, kind, comment in self._rows(f"describe table extended {source}"):
            if name.startswith("#"):
                part = name if name != "# col_name" else part
            elif not name:
                part = part or "# after the columns"
            elif not part:
                columns.append(f"{named(name)} {kind}{f' comment {literal(comment)}' if comment else ''}")
            elif part == "# Partition Information":
                partitions.append(named(name))
            elif part == "# Partitioning":
                partitions.append(named(kind))
            else:
                details.setdefault(name, kind)
        comment = details.get("Comment")
        return (
            f"({', '.join(columns)}) using {details.get('Provider', 'parquet')}"
            + (f" partitioned by ({', '.join(partitions)})" if partitions else "")
            + (f" comment {literal(comment)}" if comment else "")
        )

    def _drop_table(self, table: str) -> None:
        # Iceberg's catalog leaves the files of what is dropped, unless told otherwise
        self._rows(f"drop table if exists {table} purge")

    def _own_rows(self, source: str) -> str:
        """Of a brand that is published by itself: the condition for its rows."""
        # the build's schemas are those of all brands, and so is what an earlier build, or a seed, has left in them
        if self.only_brand and any(row[0] == "brand_id" for row in self._rows(f"describe {source}")):
            return f"where brand_id = {literal(self.only_brand)} or brand_id is null"
        return ""

    def _contents(self, relation: str) -> tuple[int, str]:
        """The number of a table's rows, and a checksum that does not depend on their order."""
        ((rows, checksum),) = self._rows(
            f"select count(*), cast(coalesce(sum(cast(xxhash64(struct(*)) as decimal(38, 0))), 0) as string) "
            f"from {relation}"
        )
        return rows, checksum

    def _drop_unfinished(self) -> None:
        """Drops the schemas of publications that are not kept: dropped ones, and those whose writing was stopped."""
        kept = {publication.publication_id for publication in self.publications()}
        for (name,) in self._rows("show schemas"):
            for schema in SCHEMAS:
                publication_id = name.removeprefix(f"{self.published_prefix}{schema}_")
                if name != publication_id and rules.ID.fullmatch(publication_id) and publication_id not in kept:
                    self._rows(f"drop schema if exists {named(name)} cascade")

    # the log

    def _tell(self, events: Sequence[tuple[str, Publication]]) -> None:
        """Writes events as one file: all of them are there, or none."""
        ((last,),) = self._rows(f"select coalesce(max(event_id), 0) from {self._log_table('events')}")
        self._append(
            "events",
            [
                f"{last + number}, {literal(event)}, {literal(self.brand_id)}, "
                f"{literal(publication.publication_id)}, {literal(publication.to_json())}"
                for number, (event, publication) in enumerate(events, start=1)
            ],
        )

    def _append(self, table: str, rows: Sequence[str]) -> None:
        relation = self._log_table(table)
        with self._writing_log():
            self._rows(f"refresh table {relation}")
            self._insert(relation, rows)

    def _insert(self, relation: str, rows: Sequence[str]) -> None:
        """Writes rows as one file. The caller has the right to."""
        if rows:
            values = ", ".join(f"({row})" for row in rows)
            self._rows(f"insert into {relation} select /*+ coalesce(1) */ * from (values {values})")

    def _log_table(self, name: str) -> str:
        """A table of the log, which is made where it is missing."""
        relation = named(self.log_schema, name)
        if name not in self._made:
            with self._writing_log():
                self.connection.rows(f"create schema if not exists {named(self.log_schema)}")
                # what was stopped while a customer was forgotten
                self._settle(self.log_schema, name)
                self.connection.rows(f"create table if not exists {relation} ({TABLES[name]}) using parquet")
            self._made.add(name)
        # another session may have written to it
        self.connection.rows(f"refresh table {relation}")
        return relation

    def _now(self) -> str:
        return f"timestamp{literal(self._utc(datetime.now(timezone.utc)))}"

    @staticmethod
    def _utc(moment: datetime) -> str:
        return moment.astimezone(timezone.utc).replace(tzinfo=None).isoformat(sep=" ", timespec="milliseconds")

    # names

    def _published(self, schema: str) -> str:
        """The name under which readers see a schema."""
        return f"{self.published_prefix}{schema}"

    def _kept(self, publication: Publication, schema: str) -> str:
        """The name of a publication's schema."""
        return f"{self.published_prefix}{schema}_{publication.publication_id}"

    def _current(self) -> Publication:
        for found in self.publications():
            if found.is_current:
                return found
        raise PublishError("Nothing is published.", ExitCode.NOTHING_TO_PUBLISH)

    # statements

    def _rows(self, statement: str) -> list[Row]:
        return self.connection.rows(statement)

    def _dicts(self, query: str) -> list[dict[str, Any]]:
        names = [row[0] for row in self._rows(f"describe query {query}")]
        return [dict(zip(names, row)) for row in self._rows(query)]
