"""What the commands of the command line do."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from customer_lifecycle.alerting.channels import ChannelSettingsError, channel_from
from customer_lifecycle.alerting.sender import MODES, History, Sender
from customer_lifecycle.alerting.texts import ROWS, gravest_first, one_line, plain_row, without_prompt
from customer_lifecycle.progress import counted, step

from .erasure import Customer
from .project import Project
from .publication import KEPT, ExitCode, Publication, PublishError
from .store import Store


@dataclass(frozen=True, kw_only=True)
class Options:
    """What a command was given. Each reads those that are its own."""

    command: str
    project_dir: Path
    publications: Path
    profiles_dir: Path | None = None
    target: str | None = None
    dbt: str | None = None
    vars: dict[str, Any] = field(default_factory=dict)
    reader_roles: Sequence[str] = ()
    brand: str | None = None
    as_of_date: date | None = None
    wait: float = 0
    full_refresh: bool = False
    unit_tests: bool = False
    keep: int = KEPT
    accept_row_drop: bool = False
    parquet: bool = False
    json: bool = False
    check: bool = True
    publication_id: str = ""
    pending: bool = False
    parked: bool = False
    send: bool = False
    unpark: Sequence[str] = ()
    mark_sent: Sequence[str] = ()
    customer: str = ""

    @property
    def the_customer(self) -> Customer:
        """The customer of a brand that `forget` is given."""
        return Customer(self.brand or "", self.customer)


def perform(options: Options) -> int:
    """Runs a command. Gives the exit code, which says what became of it; nothing is raised."""
    try:
        project = Project(
            options.project_dir, options.profiles_dir or options.project_dir, options.target, options.dbt, options.vars
        )
        return COMMANDS[options.command](project, store_of(project, options), options)
    except PublishError as error:
        tell(str(error))
        return error.exit_code
    except BrokenPipeError:
        # who reads the list has seen enough of it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.DONE
    except KeyboardInterrupt:
        tell("stopped; readers see what they saw before")
        return ExitCode.PUBLISHING_FAILED
    except Exception as error:  # whatever a file system, a driver or a server may raise
        tell(f"{type(error).__name__}: {error}; readers see what they saw before")
        return ExitCode.PUBLISHING_FAILED


def tell(line: str) -> None:
    """Says something to the person at the terminal, beside what the command gives."""
    print(f"lifecycle: {line}", file=sys.stderr, flush=True)


def store_of(project: Project, options: Options) -> Store:
    """Where the project's target keeps its builds and publications. Raises for a warehouse that has no way to publish,
    and where roles are named that it does not have."""
    credentials = project.credentials()
    if options.reader_roles and credentials.type != "postgres":
        raise PublishError(
            f"--reader-role and LIFECYCLE_READER_ROLES are for postgres; the target is {credentials.type}. Leave them "
            "out.",
            ExitCode.WRONG_USAGE,
        )
    # a customer is forgotten in all publications
    brand = options.brand if options.command != "forget" else None
    if credentials.type == "duckdb":
        from .duckdb_store import DuckDBStore

        return DuckDBStore(credentials, project.project_dir, options.publications, brand)
    if credentials.type == "postgres":
        from .postgres_store import PostgresStore

        return PostgresStore(credentials, brand, options.reader_roles)
    if credentials.type == "spark":
        from .spark_store import SparkStore

        return SparkStore(credentials, project.project_dir, brand)
    raise PublishError(
        f"Publishing is for duckdb, postgres and spark; the target is {credentials.type}.", ExitCode.WRONG_USAGE
    )


def run(project: Project, store: Store, options: Options) -> int:
    """Builds and publishes, one after the other under one lock."""
    with store.build_lock(options.wait) as lock_file:
        make_build(project, store, options, lock_file)
        return publish_build(store, options)


def build(project: Project, store: Store, options: Options) -> int:
    """Builds."""
    with store.build_lock(options.wait) as lock_file:
        make_build(project, store, options, lock_file)
    return ExitCode.DONE


def publish(project: Project, store: Store, options: Options) -> int:
    """Publishes what was built."""
    with store.build_lock(options.wait, to_write=False):
        return publish_build(store, options)


def freshness(project: Project, store: Store, options: Options) -> int:
    """Checks that the raw tables reach to the day."""
    with store.build_lock(options.wait) as lock_file:
        project.check_freshness(store.schema_prefix, options.as_of_date, options.brand, lock_file)
    return ExitCode.DONE


def prepare(project: Project, store: Store, options: Options) -> int:
    """Brings the state to where the day starts from, as `build` does before it builds."""
    with store.build_lock(options.wait):
        store.reset_state(options.as_of_date)
    return ExitCode.DONE


def list_publications(project: Project, store: Store, options: Options) -> int:
    """Lists the publications, the newest first, with what is wrong with any."""
    publications = store.publications()
    if not options.json and not publications:
        print("nothing is published")
    for publication in counted(publications, "reading publications"):
        damage = store.damage_of(publication) if options.check else None
        if options.json:
            found = {**json.loads(publication.to_json()), "is_current": publication.is_current}
            print(json.dumps({**found, **({"damage": damage or None} if options.check else {})}, ensure_ascii=False))
        else:
            state = "current" if publication.is_current else "withdrawn" if publication.is_withdrawn else ""
            state += f"  DAMAGED: {damage}" if damage else ""
            print(
                f"{publication.publication_id}  as of {publication.as_of_date}  published "
                f"{publication.published_at:%Y-%m-%d %H:%M:%S} UTC  {state}".rstrip()
            )
    return ExitCode.DONE


def restore(project: Project, store: Store, options: Options) -> int:
    """Shows an earlier publication again."""
    restored = store.restore(options.publication_id, options.wait)
    print(f"restored {restored.publication_id}, as of {restored.as_of_date}")
    return ExitCode.DONE


def forget(project: Project, store: Store, options: Options) -> int:
    """Removes a customer from all that was built and published. What it says does not name them."""
    with store.build_lock(options.wait) as lock_file:
        held = project.raw_rows_of(store.schema_prefix, options.the_customer.brand_id, options.customer, lock_file)
        check_forgettable(held, store.publications())
        with step("removing the customer from the build and all publications"):
            erased = store.forget(options.the_customer, held["schemas"], options.wait)
    for place in sorted({*erased.deleted, *erased.changed, *erased.same_text}):
        for table, count in sorted(erased.deleted.get(place, {}).items()):
            print(f"{place}: {table}: {count} {'row' if count == 1 else 'rows'} deleted")
        for table, count in sorted(erased.changed.get(place, {}).items()):
            print(f"{place}: {table}: {count} {'reference' if count == 1 else 'references'} removed")
        for column in erased.same_text.get(place, []):
            print(f"{place}: {column}: the same text, left as it is: look whether it means the customer")
    if erased.alerts:
        print(f"{erased.alerts} {'line' if erased.alerts == 1 else 'lines'} of the record of sent alerts changed")
    if not (erased.deleted or erased.changed or erased.alerts):
        print("nothing was kept of the customer")
    print("the customer is forgotten here; docs/erasure.md says where else to look. Build before you publish again")
    return ExitCode.DONE


def check_forgettable(held: dict[str, Any], publications: Sequence[Publication]) -> None:
    """Raises where the raw tables hold the customer still, so that the next build would bring them back; or where they
    are not the tables that publications were made from."""
    settings = next((found.raw_settings for found in publications if found.raw_settings), held["raw_settings"])
    if settings != held["raw_settings"]:
        raise PublishError(
            f"Publications were made from other raw tables ({settings}) than these settings name "
            f"({held['raw_settings']}), "
            "so nothing was changed. Give the --vars that the runs are given.",
            ExitCode.WRONG_USAGE,
        )
    found = [
        f"    {table}.{column}: {count} {'row' if count == 1 else 'rows'}"
        for table, columns in held["rows"].items()
        for column, count in columns.items()
        if count
    ]
    if found:
        raise PublishError(
            "The raw tables still hold the customer, and the next build would bring them back:\n"
            + "\n".join(found)
            + "\nNothing was changed. Delete them there first; where another customer's row names them, make it null.",
            ExitCode.WRONG_USAGE,
        )


def alerts(project: Project, store: Store, options: Options) -> int:
    """Sends alerts, records them as sent or to be tried again, or lists them."""
    if options.send:
        return send_alerts(store, options)
    if options.mark_sent == ["-"]:
        for line in sys.stdin:
            store.mark_sent([line.strip()])
            print(line.strip(), flush=True)
        return ExitCode.DONE
    if options.mark_sent:
        store.mark_sent(options.mark_sent)
        return ExitCode.DONE
    sent = store.sent_alerts()
    history = History.of(store.alert_events())
    parked = history.parked - sent
    if options.unpark:
        unknown = [] if options.unpark == ["all"] else sorted(set(options.unpark) - parked)
        if unknown:
            raise PublishError(
                f"{', '.join(map(one_line, unknown))}: not set aside. Those that are: lifecycle alerts --parked",
                ExitCode.WRONG_USAGE,
            )
        ids = sorted(parked if options.unpark == ["all"] else set(options.unpark))
        store.record_alert_events([{"event": "unparked", "alert_ids": ids}] if ids else [])
        print(f"{len(ids)} alerts will be tried again")
        return ExitCode.DONE
    for alert in map(without_prompt, gravest_first(store.described_alerts()) if options.json else store.alerts()):
        alert_id = alert["alert_id"]
        if (options.pending and (alert_id in sent or alert_id in parked)) or (
            options.parked and alert_id not in parked
        ):
            continue
        if options.parked:
            alert |= {"tries": history.tries[alert_id], "failure": history.reasons.get(alert_id, "")}
        if options.json:
            print(json.dumps(plain_row(alert), default=str, ensure_ascii=False))
        else:
            print("  ".join(one_line(alert[name]) for name in ALERT_COLUMNS if alert.get(name)))
    return ExitCode.DONE


ALERT_COLUMNS = ("alert_id", "brand_id", "customer_id", "alert_type", "message", "failure")


def send_alerts(store: Store, options: Options) -> int:
    """Sends the alerts that have not gone out, as the environment says."""
    rows = os.environ.get("LIFECYCLE_ALERTS_ROWS") or str(ROWS)
    mode = os.environ.get("LIFECYCLE_ALERTS_MODE") or MODES[0]
    if not rows.isdecimal():
        raise PublishError(f"LIFECYCLE_ALERTS_ROWS is {rows!r}; it must be a whole number.", ExitCode.WRONG_USAGE)
    if mode not in MODES:
        raise PublishError(
            f"LIFECYCLE_ALERTS_MODE is {mode!r}; it must be one of {', '.join(MODES)}.", ExitCode.WRONG_USAGE
        )
    reports = os.environ.get("LIFECYCLE_REPORT_URL") or None
    if reports and not re.fullmatch(r"https?://[!-~]+", reports):
        raise PublishError(
            "LIFECYCLE_REPORT_URL is no address that begins with http:// or https://.", ExitCode.WRONG_USAGE
        )
    try:
        channel = channel_from(os.environ)
    except ChannelSettingsError as error:
        raise PublishError(str(error), ExitCode.WRONG_USAGE) from None

    outcome = Sender(store, channel, mode, int(rows), reports, tell).run(options.wait)
    tell(str(outcome))
    return ExitCode.DONE if outcome.is_complete else ExitCode.NOT_ALL_SENT


COMMANDS = {
    "run": run,
    "build": build,
    "publish": publish,
    "freshness": freshness,
    "prepare": prepare,
    "list": list_publications,
    "restore": restore,
    "alerts": alerts,
    "forget": forget,
}


def make_build(project: Project, store: Store, options: Options, lock_file: int | None) -> None:
    """Brings the state to where the day starts from, then builds. Raises where the build fails."""
    store.reset_state(options.as_of_date)
    project.build(
        store.schema_prefix, options.as_of_date, options.brand, options.full_refresh, options.unit_tests, lock_file
    )


def publish_build(store: Store, options: Options) -> int:
    """Publishes the build. Says what was published, and what readers see where it is something else."""
    publication = store.publish(options.as_of_date, options.keep, options.parquet, options.accept_row_drop)
    if publication.is_current:
        print(f"published {publication.publication_id}, as of {publication.as_of_date}")
    elif publication.is_withdrawn:
        print(f"{publication.publication_id} remains withdrawn; restore it, or build again")
    else:
        shown = next(found for found in store.publications() if found.is_current)
        print(
            f"kept {publication.publication_id}, as of {publication.as_of_date}; readers go on seeing "
            f"{shown.publication_id}, as of {shown.as_of_date}, a later day. To show this one: lifecycle restore "
            f"{publication.publication_id}"
        )
    return ExitCode.DONE
