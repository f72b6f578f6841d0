#!/usr/bin/env python3
"""Publishing on Postgres, held to what it promises: real builds, readers that poll, kills, roles, and what is kept.

    eval "$(python src/customer_lifecycle/local_postgres.py start)"
    python tests/acceptance/check_publishing_postgres.py
    python tests/acceptance/check_publishing_postgres.py --sample lifecycle.duckdb    # whose tables are the same, too

Works in schemas of its own prefix, which it drops before and afterwards, and with a role that it makes and drops; it
needs a user who may make roles. Says what held. Exit codes: 0 all did. 1 something did not. A few minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import errors

ROOT = Path(__file__).resolve().parents[2]
PUBLISH = ROOT / "scripts" / "publish.py"
COMPARE = ROOT / "tests" / "support" / "compare_engines.py"
# they hold what earlier days left
OF_MORE_DAYS = ("facts.loyalty_snapshot", "marts.loyalty_history")
PREFIX = "publishing_check_"
ROLE = f"{PREFIX}reader"
PASSWORD = secrets.token_urlsafe(12)
FIRST_DAY, SECOND_DAY = "2026-03-31", "2026-06-30"
FAILING_VARS = "{max_rejected_share: 0, fail_on_rejected_share: true}"
RESTORES = 4
KILLS = 2
SECONDS_BETWEEN_READS = 0.1
DEADLINE = 600
FORGOTTEN = ("atelier", "A0016")  # of the sample: one with orders, subscriptions, feedback and a referral
MARTS = f"{PREFIX}marts"
COUNTED = ("marts.customers", "marts.brand_metrics", "marts.lifecycle_alerts", "quality.rejected_rows")
# one statement over many tables: it must see one publication
READ = (
    f"select publication_id, as_of_date::text, (select as_of_date::text from {PREFIX}reference.as_of_date), "
    + ", ".join(f"(select count(*) from {PREFIX}{table})" for table in COUNTED)
    + f" from {PREFIX}reference.publication"
)


class CheckFailed(Exception):
    """What did not hold."""


def check(holds: Any, what: str) -> None:
    """Raises CheckFailed where something does not hold."""
    if not holds:
        raise CheckFailed(what)


def connect(**options: Any) -> Any:
    """A connection by the PG… variables, each statement a transaction of its own."""
    connection = psycopg2.connect("", **options)
    connection.autocommit = True
    return connection


def rows(statement: str, *values: Any, **options: Any) -> list[tuple]:
    """What a statement gives in a connection of its own."""
    with closing(connect(**options)) as connection, connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []


def as_reader(statement: str) -> list[tuple]:
    """What a statement gives the role that may only read."""
    return rows(statement, user=ROLE, password=PASSWORD)


def schemas() -> set[str]:
    """The schemas of this check."""
    return {name for (name,) in rows("select nspname from pg_namespace where starts_with(nspname, %s)", PREFIX)}


def is_running(pattern: str) -> bool:
    """Whether somebody else runs a statement that a pattern fits."""
    return bool(
        rows(
            "select 1 from pg_stat_activity where state = 'active' and query ~ %s and pid <> pg_backend_pid()", pattern
        )
    )


def clean() -> None:
    """Drops all that this check made."""
    for schema in schemas():
        rows(f'drop schema "{schema}" cascade')
    if rows("select 1 from pg_roles where rolname = %s", ROLE):
        rows(f"drop owned by {ROLE}")
        rows(f"drop role {ROLE}")


def raises(error: type[Exception], call: Callable[[], Any]) -> bool:
    """Whether a call raises this error."""
    try:
        call()
    except error:
        return True
    return False


# The command


class Command:
    """scripts/publish.py on Postgres, in the schemas of this check."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **{name: value for name, value in os.environ.items() if not re.match("LIFECYCLE_|DBT_", name)},
            "LIFECYCLE_TARGET": "postgres",
            "LIFECYCLE_SCHEMA_PREFIX": PREFIX,
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
        }

    def start(self, *arguments: str) -> subprocess.Popen:
        """Starts it; what it says goes to a file."""
        with (self.folder / "output").open("wb") as output:
            return subprocess.Popen(
                [sys.executable, str(PUBLISH), *arguments],
                env=self.environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def said(self) -> str:
        """What it said."""
        return (self.folder / "output").read_text(encoding="utf-8", errors="replace")

    def run(self, expected: int, *arguments: str) -> str:
        """Runs it to its end. Gives what it said. Raises CheckFailed where it ends with another code."""
        code = self.start(*arguments).wait()
        check(
            code == expected,
            f"publish.py {' '.join(arguments)} ended with {code}, not {expected}:\n{self.said()[-2000:]}",
        )
        return self.said()

    def kill(self, moment: Callable[[], bool], *arguments: str) -> None:
        """Starts it and sends it SIGKILL at a moment."""
        process = self.start(*arguments)
        deadline = time.monotonic() + DEADLINE
        while not moment():
            check(
                process.poll() is None and time.monotonic() < deadline, f"the moment never came:\n{self.said()[-2000:]}"
            )
            time.sleep(0.005)
        process.kill()
        check(process.wait() == -signal.SIGKILL, "it was done before it was killed")

    def publications(self) -> list[dict]:
        """What is kept, the newest first."""
        return [json.loads(line) for line in self.run(0, "list", "--json").splitlines()]


def current(publications: Sequence[dict]) -> dict:
    """The publication that readers see."""
    return next(publication for publication in publications if publication["is_current"])


# Readers


@dataclass
class Reader:
    """Somebody who polls the publication, as the role that may only read."""

    isolation: str
    statements: int
    """So many of them in a transaction."""
    seen: set[tuple] = field(default_factory=set)
    reads: int = 0
    errors: list[str] = field(default_factory=list)

    def read_on(self, stopped: threading.Event) -> None:
        """Reads until it is stopped."""
        with closing(psycopg2.connect("", user=ROLE, password=PASSWORD)) as connection, connection.cursor() as cursor:
            connection.set_session(isolation_level=self.isolation, readonly=True)
            while not stopped.is_set():
                try:
                    for _ in range(self.statements):
                        cursor.execute(READ)
                        found = cursor.fetchall()
                        check(len(found) == 1, f"{len(found)} rows in reference.publication")
                        self.seen.add(found[0])
                        self.reads += 1
                        time.sleep(SECONDS_BETWEEN_READS)
                except (psycopg2.Error, CheckFailed) as error:
                    self.errors.append(f"{self.isolation}: {error}")
                connection.rollback()


@contextmanager
def reading() -> Iterator[list[Reader]]:
    """Readers that poll as long as the block lasts."""
    stopped = threading.Event()
    isolations = ("READ COMMITTED", "REPEATABLE READ")
    readers = [Reader(isolation, statements) for isolation in isolations for statements in (1, 50)]
    threads = [threading.Thread(target=reader.read_on, args=(stopped,)) for reader in readers]
    for thread in threads:
        thread.start()
    try:
        yield readers
    finally:
        stopped.set()
        for thread in threads:
            thread.join()


def check_readers(readers: Sequence[Reader], publications: dict[str, dict]) -> None:
    """Raises CheckFailed where a reader saw an error, or what is not one whole publication."""
    for reader in readers:
        check(not reader.errors, f"{len(reader.errors)} errors of a reader, such as {reader.errors[:1]}")
        for publication_id, day, day_of_tables, *counts in reader.seen:
            publication = publications[publication_id]
            expected = [publication["as_of_date"]] * 2 + [publication["rows"][name] for name in COUNTED]
            found = [day, day_of_tables, *counts]
            check(found == expected, f"mixed: {publication_id} read as {found}, not {expected}")
    seen = {found[0] for reader in readers for found in reader.seen}
    reads = sum(reader.reads for reader in readers)
    say(f"{reads} reads saw {len(seen)} publications: no error, none mixed, none empty")


# The checks, each after the other: every one leaves what the next starts from


def check_first_publication(command: Command) -> None:
    """Somebody's own schema is left alone; a build is published for a role that may read no more than that."""
    rows(f"create schema {MARTS}")
    rows(f"create table {MARTS}.mine as select 1 as one")
    said = command.run(2, "run", "--as-of-date", FIRST_DAY, "--reader-role", ROLE)
    check("left alone" in said and rows(f"select one from {MARTS}.mine") == [(1,)], f"somebody's own schema: {said}")
    rows(f"drop schema {MARTS} cascade")
    command.run(2, "run", "--reader-role", "nobody_of_this_name")
    command.run(0, "run", "--as-of-date", FIRST_DAY, "--reader-role", ROLE)
    say("a schema that is no publication is left alone")

    check(as_reader(READ)[0][1] == FIRST_DAY, "the reader does not see the publication")
    for relation in ("customers", "loyalty_history"):
        table = f"{MARTS}.{relation}"
        said = rows(
            "select count(*), count(col_description(attrelid, attnum)), count(obj_description(attrelid, 'pg_class')) "
            "from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped",
            table,
        )[0]
        check(len(set(said)) == 1, f"{table} has columns, comments on them, and on itself: {said}")
    refusing = {
        name
        for (name,) in rows(
            "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and attnotnull",
            f"{MARTS}.customers",
        )
    }
    check(
        {"brand_id", "customer_id"} < refusing and "last_order_date" not in refusing,
        f"columns of customers that refuse nulls: {sorted(refusing)}",
    )
    for statement in (
        f"select * from {PREFIX}building_marts.customers",
        f"select * from {PREFIX}state.loyalty_snapshot",
        f"select * from {PREFIX}publishing.publications",
        f"delete from {MARTS}.customers",
        f"create table {MARTS}.mine (one int)",
        f"drop table {MARTS}.customers",
    ):
        check(raises(errors.InsufficientPrivilege, partial(as_reader, statement)), f"the reader may: {statement}")
    say("a role that may read reads publications, and can neither see the build and the state nor change anything")


def check_builds(command: Command, sample: Path | None) -> None:
    """A killed build and one that fails publish nothing, the next one does, and has the tables of a sample on DuckDB. A
    long transaction neither blocks it nor fails."""
    before = current(command.publications())

    def dbt_is_building() -> bool:
        # not publish.py, which brings the state to the start before dbt
        return is_running(f'"app": "dbt".* create .*{PREFIX}building_(facts|marts)')

    command.kill(dbt_is_building, "run", "--as-of-date", SECOND_DAY)
    command.run(3, "publish", "--wait", str(DEADLINE))
    command.run(1, "run", "--as-of-date", SECOND_DAY, "--vars", FAILING_VARS, "--wait", str(DEADLINE))
    command.run(3, "publish")
    check(command.publications() == [before], "a build that was killed or failed has left a publication")
    say("a build that is killed, or fails a test, publishes nothing")

    with closing(psycopg2.connect("", user=ROLE, password=PASSWORD)) as connection, connection.cursor() as cursor:
        connection.set_session(isolation_level="REPEATABLE READ")
        cursor.execute(READ)
        cursor.execute(f"select count(*) from {MARTS}.customers")
        command.run(0, "run", "--as-of-date", SECOND_DAY)
        cursor.execute(READ)
        days = [found[1] for found in cursor.fetchall()]
        check(days == [SECOND_DAY], f"a long transaction sees publications of {days}")
        cursor.execute(f"select count(*) from {MARTS}_{before['publication_id']}.customers")
        count = cursor.fetchone()
        check(count == (before["rows"]["marts.customers"],), f"a long transaction reads {count} of the earlier one")
    check(as_reader(READ)[0][1] == SECOND_DAY, "the role that may read does not see the next publication")
    say("the next one publishes, whatever long transaction reads; the role still reads")
    if sample:
        compared = subprocess.run(
            [
                *(sys.executable, COMPARE, sample, "postgres", "--right-prefix", f"{PREFIX}building_"),
                *("--exclude", *OF_MORE_DAYS),
            ],
            capture_output=True,
            encoding="utf-8",
        )
        check(compared.returncode == 0, f"its tables are not those of {sample}: {compared.stdout}{compared.stderr}")
        say(f"its tables are those of DuckDB: {compared.stdout.splitlines()[-1]}")


def check_alerts(command: Command) -> None:
    """Alerts come with what is at stake, go out once, and what failed is remembered."""
    listed = [json.loads(line) for line in command.run(0, "alerts", "--json").splitlines()]
    check(listed and all(alert["as_of_date"] for alert in listed), "there are no alerts with a date")
    check(any(alert["value_at_stake"] and alert["currency"] for alert in listed), "no alert says what is at stake")
    # nobody answers at the other end of the pipe: none of them is sent
    command.environment["LIFECYCLE_ALERTS_TO"] = "pipe"
    command.run(5, "alerts", "--send")
    del command.environment["LIFECYCLE_ALERTS_TO"]
    tried = rows(f"select count(*) from {PREFIX}publishing.alert_deliveries where event like %s", '%"failed"%')
    check(tried[0][0] > 0, "what failed is not on record")
    check(f"{len(listed)} alerts sent, 0 not" in command.run(0, "alerts", "--send"), "not all alerts were sent")
    check("0 alerts sent, 0 not" in command.run(0, "alerts", "--send"), "alerts were sent twice")
    check(command.run(0, "alerts", "--parked") == "", "an alert was set aside")
    say(f"{len(listed)} alerts went out once")


def check_kills(command: Command) -> None:
    """Publishing that is killed while it writes shows nothing and leaves nothing; the next time works."""

    def publishing_is_writing() -> bool:
        return is_running(f"^copy .*{PREFIX}.* from stdin")

    for _ in range(KILLS):
        before = current(command.publications())
        rows(f"update {PREFIX}building_publishing.last_build set invocation_id = gen_random_uuid()::text")
        command.kill(publishing_is_writing, "publish")
        check(current(command.publications()) == before, "publishing was killed and readers see something new")
        command.run(0, "publish", "--wait", str(DEADLINE))
        check(current(command.publications()) != before, "the next time published nothing")
        check_schemas(command)
    say(f"publishing that is killed while it writes, {KILLS} times, leaves nothing, and the next time works")


def check_schemas(command: Command) -> None:
    """Raises CheckFailed where there are other schemas than those of publications and of the build."""
    expected = {f"{PREFIX}{schema}" for schema in ("marts", "reference", "quality", "state", "publishing")}
    for publication in command.publications():
        if not publication["is_current"]:
            kept_as = f"_{publication['publication_id']}"
            expected |= {f"{PREFIX}{schema}{kept_as}" for schema in ("marts", "reference", "quality", "state")}
    found = {schema for schema in schemas() if not schema.startswith(f"{PREFIX}building_")}
    check(found == expected, f"schemas: {found ^ expected}")


def check_restoring(command: Command) -> None:
    """Publications of both days in turn."""
    kept = command.publications()
    ids = [kept[0]["publication_id"], kept[-1]["publication_id"]]
    for number in range(RESTORES):
        command.run(0, "restore", ids[number % 2])
        check(current(command.publications())["publication_id"] == ids[number % 2], "restored, and not seen")
    command.run(0, "restore", ids[0])
    say(f"{RESTORES} publications restored, of one day and of another in turn")


def check_keeping(command: Command) -> None:
    """As many are kept as asked for, except those that somebody still reads or has views on."""
    viewed = current(command.publications())
    rows(f"create schema {PREFIX}own")
    rows(f"create view {PREFIX}own.customers as select * from {MARTS}.customers")
    with closing(psycopg2.connect("", user=ROLE, password=PASSWORD)) as connection, connection.cursor() as cursor:
        other = next(found for found in command.publications() if found["as_of_date"] == FIRST_DAY)
        cursor.execute(f"select count(*) from {MARTS}_{other['publication_id']}.customers")
        rows(f"update {PREFIX}building_publishing.last_build set invocation_id = gen_random_uuid()::text")
        said = command.run(0, "publish", "--keep", "1")
        ids = {found["publication_id"] for found in command.publications()}
        check(
            len(ids) == 3 and {viewed["publication_id"], other["publication_id"]} < ids,
            f"kept are {ids}, not the new one, the one that is read and the one with a view: {said}",
        )
        check(said.count("stays for now") == 2, said)
    count = rows(f"select count(*) from {PREFIX}own.customers")
    check(count == [(viewed["rows"]["marts.customers"],)], f"a view sees {count}")
    rows(f"drop schema {PREFIX}own cascade")
    command.run(0, "publish", "--keep", "1")
    check(len(command.publications()) == 1, "nobody reads the old ones, and they are still kept")
    check_schemas(command)
    say("as many are kept as asked for; those that are read, or have views on them, until that ends")


def new_build() -> None:
    """Makes of the build that is there one that is not published yet."""
    rows(f"update {PREFIX}building_publishing.last_build set invocation_id = gen_random_uuid()::text")


def check_missing_rows(command: Command) -> None:
    """Where far fewer rows were accepted than before, nothing is published unless somebody says that it is right."""
    before = current(command.publications())
    new_build()
    rows(
        f"update {PREFIX}building_quality.input_reconciliation set accepted_rows = accepted_rows / 2 "
        "where source_table = 'orders' and brand_id = 'grocer'"
    )
    said = command.run(1, "publish")
    check("orders, brand grocer: " in said and "50." in said, f"missing rows are not named: {said}")
    check(current(command.publications()) == before, "rows are missing, and it was published")
    command.run(0, "publish", "--accept-row-drop")
    check(current(command.publications()) != before, "accepted, and not published")
    say("a build in which rows are missing is not published, unless that is right")


def check_forgetting(command: Command) -> None:
    """A customer whom the raw tables hold is not forgotten; one whom they do not is nowhere afterwards, on disk
    either."""
    brand, customer = FORGOTTEN
    forget = ("forget", "--brand", brand, "--customer", customer)
    before = command.publications()
    said = command.run(2, *forget)
    check("orders.customer_id: " in said and customer not in said, f"the raw tables hold the customer: {said}")
    check(command.publications() == before, "a customer was forgotten whom the raw tables hold")
    for table in ("orders", "customers", "interactions", "subscriptions", "feedback"):
        rows(f"delete from {PREFIX}building_raw.{table} where brand_id = %s and customer_id = %s", brand, customer)
    rows(
        f"update {PREFIX}building_raw.customers set referred_by_customer_id = null "
        "where brand_id = %s and referred_by_customer_id = %s",
        brand,
        customer,
    )
    alerts = list(
        rows(f"select alert_id from {MARTS}.lifecycle_alerts where brand_id = %s and customer_id = %s", brand, customer)
    )
    rows(
        f"insert into {PREFIX}publishing.sent_alerts (alert_id) select unnest(%s::text[])",
        [found for (found,) in alerts],
    )
    with reading() as readers:
        said = command.run(0, *forget, "--wait", str(DEADLINE))
    check(not any(reader.errors for reader in readers), f"readers saw {[reader.errors[:1] for reader in readers]}")
    check("marts.customers: 1 row deleted" in said, f"it says: {said}")
    after = command.publications()
    check(
        [found["publication_id"] for found in after] == [found["publication_id"] for found in before]
        and all(
            now["rows"]["marts.customers"] == then["rows"]["marts.customers"] - 1 for now, then in zip(after, before)
        ),
        "the publications are not the same with one customer less",
    )
    check(not any(found["damage"] for found in after), f"damaged: {[found['damage'] for found in after]}")
    check(
        not rows(
            f"select 1 from {PREFIX}publishing.sent_alerts where alert_id = any(%s)", [found for (found,) in alerts]
        ),
        "alerts of the customer are on record as sent",
    )
    check(not traces(customer), f"traces: {traces(customer)}")
    command.run(3, "publish")
    command.run(0, *forget, "--wait", str(DEADLINE))
    say("a customer is forgotten once the raw tables hold them no more, and is in no row and no file afterwards")


def traces(customer_id: str) -> list[str]:
    """The tables of this check that hold a text, in a row or in their files, where those can be read. The raw tables
    are somebody else's."""
    found = []
    rows("checkpoint")
    folder = Path(rows("show data_directory")[0][0])
    for schema, table in rows(
        "select schemaname, tablename from pg_tables where starts_with(schemaname, %s) and schemaname <> %s order by "
        "1, 2",
        PREFIX,
        f"{PREFIX}building_raw",
    ):
        name = f'"{schema}"."{table}"'
        if rows(f"select 1 from {name} as read where read::text ~ %s limit 1", rf"\m{customer_id}\M"):
            found.append(name)
        for (path,) in rows("select pg_relation_filepath(%s::regclass)", name):
            with suppress(PermissionError, FileNotFoundError):
                if customer_id.encode() in (folder / path).read_bytes():
                    found.append(str(path))
    return found


def check_damage(command: Command) -> None:
    """A publication that somebody has written to is marked, and not restored."""
    new_build()
    rows(f"update {PREFIX}building_publishing.last_build set as_of_date = as_of_date - 1")
    said = command.run(0, "publish")
    kept = re.search(rf"{re.escape('kept ')}(\d+_\d+)", said)[1]
    rows(f"update {MARTS}_{kept}.customers set lifetime_orders = lifetime_orders + 1")
    marked = {found["publication_id"]: found["damage"] for found in command.publications()}
    check(marked[kept] and not any(damage for other, damage in marked.items() if other != kept), f"marked: {marked}")
    before = current(command.publications())
    said = command.run(2, "restore", kept)
    check("damaged" in said and current(command.publications()) == before, f"a damaged one was restored: {said}")
    new_build()
    command.run(0, "publish", "--keep", "1")
    check(not any(found["damage"] for found in command.publications()), "it is kept longer than others")
    new_build()
    command.run(0, "publish")
    say("a publication that somebody has written to is marked as damaged, and not shown")


def say(what: str) -> None:
    """Says what held, at once."""
    print(f"ok  {what}", flush=True)


def main() -> int:
    """The command. Gives its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", type=Path, help="a build of the sample on DuckDB, to compare with")
    sample = parser.parse_args().sample
    try:
        clean()
        rows(f"create role {ROLE} login password %s", PASSWORD)
        with tempfile.TemporaryDirectory(prefix="publishing-check-") as folder:
            command = Command(Path(folder))
            check_first_publication(command)
            publications: dict[str, dict] = {}
            with reading() as readers:
                for checks in (partial(check_builds, sample=sample), check_alerts, check_kills, check_restoring):
                    checks(command)
                    publications.update({found["publication_id"]: found for found in command.publications()})
            check_readers(readers, publications)
            check_keeping(command)
            for checks in (check_missing_rows, check_damage, check_forgetting):
                checks(command)
        clean()
        return 0
    except (CheckFailed, psycopg2.Error) as error:
        print(f"check_publishing_postgres.py: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
