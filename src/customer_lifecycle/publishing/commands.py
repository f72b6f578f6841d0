"""The command line of scripts/publish.py."""

from __future__ import annotations

import argparse
import functools
import json
import os
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any, Sequence

import yaml

from alerting.channels import ChannelSettingsError, channel_from
from alerting.sender import MODES, TRIES, History, Sender
from alerting.texts import ROWS, gravest_first, one_line, plain_row, without_prompt

from .erasure import Customer
from .project import Project
from .publication import KEPT, ExitCode, Publication, PublishError
from .store import SECONDS_TO_WAIT, Store

DESCRIPTION = """Build, and publish what is whole and tested.

    run        build, and publish if every test passed
    build      build only
    publish    publish what the last build left, if it was whole and every test passed
    freshness  whether the raw tables reach to the day
    prepare    bring the state to where the day starts from, for who then calls `dbt build` by other means
    list       the publications that are kept
    restore    show an earlier publication again
    alerts     the alerts of the current publication, which of them went out, and sending those that did not
    forget     remove a customer from the build and from all publications, once the raw tables hold them no more

Exit codes: 0 done. 1 the build or a test failed, a raw table is not up to date, or rows are missing that were there before;
nothing was published. 2 wrong usage or settings, or something that somebody has to look at, such as a damaged publication.
3 there is no complete, tested build to publish. 4 publishing itself failed; readers see what they saw before. 5 not all
alerts could be sent; those that were are on record. 75 another build or program holds the lock: try again later, or --wait.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command. Takes: its arguments, this process's without. Gives: the exit code."""
    options = parse(arguments)
    try:
        project = Project(
            options.project_dir, options.profiles_dir or options.project_dir, options.target, options.dbt, options.vars
        )
        return COMMANDS[options.command](project, store_of(project, options), options)
    except PublishError as error:
        print(f"publish.py: {error}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        # who reads the list has seen enough of it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.DONE
    except KeyboardInterrupt:
        print("publish.py: stopped; readers see what they saw before", file=sys.stderr)
        return ExitCode.PUBLISHING_FAILED
    except Exception as error:  # whatever a file system, a driver or a server may raise
        print(f"publish.py: {type(error).__name__}: {error}; readers see what they saw before", file=sys.stderr)
        return ExitCode.PUBLISHING_FAILED


def store_of(project: Project, options: argparse.Namespace) -> Store:
    """Where the project's target keeps its builds and publications. Raises for a warehouse that has no way to publish."""
    credentials = project.credentials()
    # a customer is forgotten in all publications
    brand = options.brand if options.command != "forget" else None
    if credentials.type == "duckdb":
        from .duckdb_store import DuckDBStore

        return DuckDBStore(credentials, project.project_dir, options.publications, brand)
    if credentials.type == "postgres":
        from .postgres_store import PostgresStore

        return PostgresStore(credentials, brand, options.reader_role)
    raise PublishError(f"Publishing is for duckdb and postgres; the target is {credentials.type}.", ExitCode.WRONG_USAGE)


def run(project: Project, store: Store, options: argparse.Namespace) -> int:
    """Builds and publishes, one after the other under one lock."""
    with store.build_lock(options.wait) as lock_file:
        make_build(project, store, options, lock_file)
        return publish_build(store, options)


def build(project: Project, store: Store, options: argparse.Namespace) -> int:
    """Builds."""
    with store.build_lock(options.wait) as lock_file:
        make_build(project, store, options, lock_file)
    return ExitCode.DONE


def publish(project: Project, store: Store, options: argparse.Namespace) -> int:
    """Publishes what was built."""
    with store.build_lock(options.wait, to_write=False):
        return publish_build(store, options)


def freshness(project: Project, store: Store, options: argparse.Namespace) -> int:
    """Checks that the raw tables reach to the day."""
    with store.build_lock(options.wait) as lock_file:
        project.check_freshness(store.schema_prefix, options.as_of_date, options.brand, lock_file)
    return ExitCode.DONE


def prepare(project: Project, store: Store, options: argparse.Namespace) -> int:
    """Brings the state to where the day starts from, as `build` does before it builds."""
    with store.build_lock(options.wait):
        store.reset_state(options.as_of_date)
    return ExitCode.DONE


def list_publications(project: Project, store: Store, options: argparse.Namespace) -> int:
    """Lists the publications, the newest first, with what is wrong with any."""
    publications = store.publications()
    if not options.json and not publications:
        print("nothing is published")
    for publication in publications:
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


def restore(project: Project, store: Store, options: argparse.Namespace) -> int:
    """Shows an earlier publication again."""
    restored = store.restore(options.publication_id, options.wait)
    print(f"restored {restored.publication_id}, as of {restored.as_of_date}")
    return ExitCode.DONE


def forget(project: Project, store: Store, options: argparse.Namespace) -> int:
    """Removes a customer from all that was built and published. What it says does not name them."""
    with store.build_lock(options.wait) as lock_file:
        held = project.raw_rows_of(store.schema_prefix, options.brand, options.customer, lock_file)
        check_forgettable(held, store.publications())
        erased = store.forget(Customer(options.brand, options.customer), held["schemas"], options.wait)
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
    """Raises where the raw tables hold the customer still, so that the next build would bring them back; or where they are
    not the tables that publications were made from."""
    settings = next((found.raw_settings for found in publications if found.raw_settings), held["raw_settings"])
    if settings != held["raw_settings"]:
        raise PublishError(
            f"Publications were made from other raw tables ({settings}) than these settings name ({held['raw_settings']}), "
            "so nothing was changed. Give the --vars that the runs are given.",
            ExitCode.WRONG_USAGE,
        )
    found = [
        f"    {table}.{column}: {count} {'row' if count == 1 else 'rows'}"
        for table, columns in held["rows"].items() for column, count in columns.items() if count
    ]
    if found:
        raise PublishError(
            "The raw tables still hold the customer, and the next build would bring them back:\n" + "\n".join(found)
            + "\nNothing was changed. Delete them there first; where another customer's row names them, make it null.",
            ExitCode.WRONG_USAGE,
        )


def alerts(project: Project, store: Store, options: argparse.Namespace) -> int:
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
                f"{', '.join(map(one_line, unknown))}: not set aside. Those that are: publish.py alerts --parked",
                ExitCode.WRONG_USAGE,
            )
        ids = sorted(parked if options.unpark == ["all"] else set(options.unpark))
        store.record_alert_events([{"event": "unparked", "alert_ids": ids}] if ids else [])
        print(f"{len(ids)} alerts will be tried again")
        return ExitCode.DONE
    for alert in map(without_prompt, gravest_first(store.described_alerts()) if options.json else store.alerts()):
        alert_id = alert["alert_id"]
        if (options.pending and (alert_id in sent or alert_id in parked)) or (options.parked and alert_id not in parked):
            continue
        if options.parked:
            alert |= {"tries": history.tries[alert_id], "failure": history.reasons.get(alert_id, "")}
        if options.json:
            print(json.dumps(plain_row(alert), default=str, ensure_ascii=False))
        else:
            print("  ".join(one_line(alert[name]) for name in ALERT_COLUMNS if alert.get(name)))
    return ExitCode.DONE


ALERT_COLUMNS = ("alert_id", "brand_id", "customer_id", "alert_type", "message", "failure")


def send_alerts(store: Store, options: argparse.Namespace) -> int:
    """Sends the alerts that have not gone out, as the environment says."""
    rows = os.environ.get("LIFECYCLE_ALERTS_ROWS") or str(ROWS)
    mode = os.environ.get("LIFECYCLE_ALERTS_MODE") or MODES[0]
    if not rows.isdecimal():
        raise PublishError(f"LIFECYCLE_ALERTS_ROWS is {rows!r}; it must be a whole number.", ExitCode.WRONG_USAGE)
    if mode not in MODES:
        raise PublishError(
            f"LIFECYCLE_ALERTS_MODE is {mode!r}; it must be one of {', '.join(MODES)}.", ExitCode.WRONG_USAGE
        )
    try:
        channel = channel_from(os.environ)
    except ChannelSettingsError as error:
        raise PublishError(str(error), ExitCode.WRONG_USAGE) from None

    def say(line: str) -> None:
        print(f"publish.py: {line}", file=sys.stderr, flush=True)

    outcome = Sender(store, channel, mode, int(rows), say).run(options.wait)
    say(str(outcome))
    return ExitCode.DONE if outcome.is_complete else ExitCode.NOT_ALL_SENT


COMMANDS = {
    "run": run, "build": build, "publish": publish, "freshness": freshness, "prepare": prepare,
    "list": list_publications, "restore": restore, "alerts": alerts, "forget": forget,
}


def make_build(project: Project, store: Store, options: argparse.Namespace, lock_file: int | None) -> None:
    """Brings the state to where the day starts from, then builds. Raises where the build fails."""
    store.reset_state(options.as_of_date)
    project.build(
        store.schema_prefix, options.as_of_date, options.brand, options.full_refresh, options.unit_tests, lock_file
    )


def publish_build(store: Store, options: argparse.Namespace) -> int:
    """Publishes the build. Says what was published, and what readers see where it is something else."""
    publication = store.publish(options.as_of_date, options.keep, options.parquet, options.accept_row_drop)
    if publication.is_current:
        print(f"published {publication.publication_id}, as of {publication.as_of_date}")
    elif publication.is_withdrawn:
        print(f"{publication.publication_id} was withdrawn and stays so; restore it, or build anew")
    else:
        shown = next(found for found in store.publications() if found.is_current)
        print(
            f"kept {publication.publication_id}, as of {publication.as_of_date}; readers go on seeing "
            f"{shown.publication_id}, as of {shown.as_of_date}, a later day. To show this one: publish.py restore "
            f"{publication.publication_id}"
        )
    return ExitCode.DONE


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options of the command line. Ends the process with exit code 2 where they are wrong."""
    root = Path(__file__).resolve().parents[2]
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--project-dir", type=Path, default=root, help="the dbt project (this one)")
    common.add_argument("--profiles-dir", type=Path, help="where its profiles.yml is (in the project)")
    common.add_argument("--target", help="the target of the profile (the profile's own)")
    common.add_argument("--dbt", metavar="PATH", help="the dbt to run (the one of this Python)")
    common.add_argument("--vars", type=vars_of, default={}, metavar="YAML", help="vars, over those of the project")
    common.add_argument(
        "--publications", type=Path, metavar="FOLDER",
        help="DuckDB: where publications go (LIFECYCLE_PUBLICATIONS, or `publications` in the project)",
    )
    common.add_argument(
        "--reader-role", action="append", metavar="ROLE",
        help="Postgres: a role that may read publications, repeatable (LIFECYCLE_READER_ROLES, with commas)",
    )
    common.add_argument("--brand", type=not_empty, help="this brand by itself, published by itself")

    building = argparse.ArgumentParser(add_help=False)
    building.add_argument("--full-refresh", action="store_true", help="make incremental models anew, fit anew")
    building.add_argument("--unit-tests", action="store_true", help="run dbt's unit tests too, which test code, not data")

    working = argparse.ArgumentParser(add_help=False)
    working.add_argument("--as-of-date", type=day, metavar="DAY", help="the day that the figures are of, as 2025-12-31")
    working.add_argument("--wait", type=seconds, default=0, metavar="SECONDS", help="how long to wait for another build (0)")

    publishing = argparse.ArgumentParser(add_help=False)
    publishing.add_argument("--keep", type=at_least_one, default=KEPT, help=f"how many publications to keep ({KEPT})")
    publishing.add_argument(
        "--accept-row-drop", action="store_true",
        help="publish although far fewer rows were accepted than before (the var max_row_drop_share)",
    )
    publishing.add_argument(
        "--parquet", action="store_true", help="DuckDB: as a folder of Parquet files too, from now on"
    )

    parser = argparse.ArgumentParser(
        prog="publish.py", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    # half a name of an option may be a mistake for another
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="COMMAND",
        parser_class=functools.partial(argparse.ArgumentParser, allow_abbrev=False),
    )
    commands.add_parser("run", parents=[common, working, building, publishing], help="build and publish")
    commands.add_parser("build", parents=[common, working, building], help="build")
    commands.add_parser("publish", parents=[common, working, publishing], help="publish the last build")
    commands.add_parser("freshness", parents=[common, working], help="whether the raw tables reach to the day")
    commands.add_parser("prepare", parents=[common, working], help="the state for a build by other means")
    listing = commands.add_parser("list", parents=[common], help="the publications that are kept")
    listing.add_argument("--json", action="store_true", help="a line of JSON for each")
    listing.add_argument(
        "--no-check", dest="check", action="store_false", help="do not read them to find those that are damaged"
    )
    restoring = commands.add_parser("restore", parents=[common], help="show an earlier publication again")
    restoring.add_argument("publication_id", help="its id, as `list` shows it")
    restoring.add_argument(
        "--wait", type=seconds, default=SECONDS_TO_WAIT, metavar="SECONDS",
        help=f"how long to wait for a publication under way ({SECONDS_TO_WAIT})",
    )
    alerting = commands.add_parser("alerts", parents=[common], help="the alerts of the current publication")
    which = alerting.add_mutually_exclusive_group()
    which.add_argument("--pending", action="store_true", help="only those that are still to be sent")
    which.add_argument("--parked", action="store_true", help=f"only those set aside after {TRIES} tries, and why")
    which.add_argument("--send", action="store_true", help="send those, as the variables LIFECYCLE_ALERTS_… say")
    alerting.add_argument("--json", action="store_true", help="a line of JSON for each")
    alerting.add_argument("--wait", type=float, default=0, metavar="SECONDS", help="how long to wait for another sender (0)")
    which.add_argument(
        "--unpark", nargs="+", metavar="ALERT_ID", help="try these again that were set aside; `all` for all of them"
    )
    which.add_argument(
        "--mark-sent", nargs="+", metavar="ALERT_ID",
        help="record these as sent; with - those that come on the standard input, line by line, each printed when recorded",
    )

    forgetting = commands.add_parser("forget", parents=[common], help="remove a customer from all that was published")
    forgetting.add_argument(
        "--customer", type=not_empty, required=True, metavar="ID", help="the customer, of the brand of --brand"
    )
    forgetting.add_argument("--wait", type=seconds, default=0, metavar="SECONDS", help="how long to wait for a build (0)")

    options = parser.parse_args(arguments)
    if options.command == "forget" and options.brand is None:
        forgetting.error("the following arguments are required: --brand")
    options.project_dir = options.project_dir.resolve()
    options.publications = (
        options.publications or options.project_dir / os.environ.get("LIFECYCLE_PUBLICATIONS", "publications")
    ).resolve()
    if not options.reader_role:
        names = os.environ.get("LIFECYCLE_READER_ROLES", "").split(",")
        options.reader_role = [name.strip() for name in names if name.strip()]
    return options


def day(value: str) -> date:
    """A day as YYYY-MM-DD. Raises for argparse what is not one."""
    try:
        # fromisoformat takes more forms than this one, from Python 3.11 on
        return datetime.strptime(value, "%Y-%m-%d").date()
    except ValueError:
        raise argparse.ArgumentTypeError(f"{value!r} is not a day; write it as 2025-12-31") from None


def not_empty(value: str) -> str:
    """A name. Raises for argparse what is none, such as a variable of the shell that is not set."""
    if not value.strip():
        raise argparse.ArgumentTypeError("it is empty")
    return value


def seconds(value: str) -> float:
    """A time to wait. Raises for argparse what is none."""
    try:
        found = float(value)
    except ValueError:
        found = -1
    if not 0 <= found < float("inf"):
        raise argparse.ArgumentTypeError(f"{value!r} is not a number of seconds from 0")
    return found


def at_least_one(value: str) -> int:
    """A whole number from 1. Raises for argparse what is not one."""
    if not value.isdecimal() or int(value) < 1:
        raise argparse.ArgumentTypeError(f"{value!r} is not a whole number from 1")
    return int(value)


def vars_of(value: str) -> dict:
    """Vars as YAML. Raises for argparse what is not a map."""
    try:
        found = yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise argparse.ArgumentTypeError(f"{value!r} is not YAML: {error}") from None
    if not isinstance(found, dict):
        raise argparse.ArgumentTypeError(f"{value!r} is not a map, such as '{{raw_schema: landing}}'")
    return found
