"""The command `lifecycle`: its subcommands, their options and their help. What they do is in publishing and
reporting."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

try:
    import click
    import yaml
except ModuleNotFoundError as missing:
    print(f"{missing.name} is not installed: pip install -r requirements.txt", file=sys.stderr)
    sys.exit(69)  # EX_UNAVAILABLE of sysexits.h

from customer_lifecycle import __version__
from customer_lifecycle.alerting.sender import TRIES
from customer_lifecycle.progress import step
from customer_lifecycle.publishing import commands
from customer_lifecycle.publishing.publication import KEPT
from customer_lifecycle.publishing.store import SECONDS_TO_WAIT
from customer_lifecycle.reporting import LANGUAGES
from customer_lifecycle.reporting.errors import NOT_INSTALLED, WRONG_USAGE, ReportError

EXIT_CODES = """\b
Exit codes:
   0  done
   1  the build or a test failed, a raw table is not up to date, or rows
      are missing that were there before; nothing was published
   2  wrong usage or settings, or something that needs a person, such as
      a damaged publication
   3  there is no complete, tested build to publish, or no publication to read
   4  publishing failed, and readers see what they saw before; or the report
      could not be written
   5  not all alerts could be sent; those that were are on record
  69  a package that the report needs is not installed
  75  another build or program holds the lock: try again later, or --wait
"""

Command = TypeVar("Command", bound=Callable[..., Any])


def main(arguments: Sequence[str] | None = None, project_dir: Path | None = None) -> int:
    """Runs a command.

    Takes: its arguments, by default this process's; the project where --project-dir names none, by default the current
    folder. Gives: the exit code.
    """
    try:
        code = lifecycle.main(
            arguments if arguments is None else list(arguments),
            prog_name="lifecycle",
            standalone_mode=False,
            obj=project_dir or Path.cwd(),
        )
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        print("lifecycle: stopped", file=sys.stderr)
        return 130
    return int(code or 0)


class Commands(click.Group):
    """Commands in the order in which they are defined here, which is that of a day's work."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(
    cls=Commands, epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="lifecycle", message="%(prog)s %(version)s")
def lifecycle() -> None:
    """Build the customer marts, and publish what is whole and tested.

    Run it in the folder of a dbt project that has these models, or name that folder with --project-dir.

    \b
    lifecycle run --as-of-date 2026-06-30          every night
    lifecycle alerts --send                        after it
    lifecycle report                               a page per brand

    `lifecycle COMMAND --help` describes each command. docs/operations.md has the whole story.
    """


# Values


def _day(value: str) -> date:
    """A day as YYYY-MM-DD. Raises for click what is not one."""
    try:
        # fromisoformat takes more forms than this one, from Python 3.11 on
        return datetime.strptime(value, "%Y-%m-%d").date()
    except ValueError:
        raise click.BadParameter(f"{value!r} is not a day; write it as 2025-12-31") from None


def _not_empty(value: str) -> str:
    """A name. Raises for click what is none, such as a variable of the shell that is not set."""
    if not value.strip():
        raise click.BadParameter("it is empty")
    return value


def _seconds(value: Any) -> float:
    """A time to wait. Raises for click what is none."""
    try:
        found = float(value)
    except ValueError:
        found = -1
    if not 0 <= found < float("inf"):
        raise click.BadParameter(f"{value!r} is not a number of seconds from 0")
    return found


def _vars(value: Any) -> dict[str, Any]:
    """Vars as YAML. Raises for click what is not a map."""
    if isinstance(value, dict):
        return value
    try:
        found = yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise click.BadParameter(f"{value!r} is not YAML: {error}") from None
    if not isinstance(found, dict):
        raise click.BadParameter(f"{value!r} is not a map, such as '{{raw_schema: landing}}'")
    return found


# Options that several commands have


def _options(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Several options as one decorator, in the order of the help."""

    def decorate(function: Command) -> Command:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


FOLDER = click.Path(path_type=Path)
PROJECT_DIR = click.option(
    "--project-dir", type=FOLDER, metavar="FOLDER", help="The dbt project; by default the current folder."
)
PROJECT = _options(
    PROJECT_DIR,
    click.option(
        "--profiles-dir", type=FOLDER, metavar="FOLDER", help="Where profiles.yml is; by default in the project."
    ),
    click.option("--target", metavar="NAME", help="The target of the profile; by default the profile's own."),
    click.option("--dbt", metavar="PATH", help="The dbt to run; by default the one installed with this command."),
    click.option(
        "--vars",
        type=_vars,
        default={},
        show_default=False,
        metavar="YAML",
        help="Vars that go before the project's, such as '{raw_schema: landing}'.",
    ),
    click.option(
        "--publications",
        type=FOLDER,
        metavar="FOLDER",
        help="DuckDB: where publications go; by default LIFECYCLE_PUBLICATIONS, or `publications` in the project.",
    ),
    click.option(
        "--reader-role",
        "reader_roles",
        multiple=True,
        metavar="ROLE",
        help="Postgres: a role that may read publications; repeatable. By default those of LIFECYCLE_READER_ROLES, "
        "separated by commas.",
    ),
)
BRAND = click.option("--brand", type=_not_empty, metavar="BRAND", help="This brand by itself, published by itself.")
DAY = click.option("--as-of-date", type=_day, metavar="DAY", help="The day that the figures are of, as 2026-06-30.")


def _wait(for_what: str, seconds: int = 0) -> Callable[[Command], Command]:
    """The option --wait. Takes: what is waited for; how long by default."""
    return click.option(
        "--wait",
        type=_seconds,
        default=seconds,
        show_default=True,
        metavar="SECONDS",
        help=f"How long to wait for {for_what}.",
    )


WAIT = _wait("another build")
BUILDING = _options(
    click.option("--full-refresh", is_flag=True, help="Rebuild incremental models from scratch, and fit again."),
    click.option("--unit-tests", is_flag=True, help="Run dbt's unit tests too, which test code and not data."),
)
PUBLISHING = _options(
    click.option(
        "--keep",
        type=click.IntRange(min=1),
        default=KEPT,
        show_default=True,
        metavar="N",
        help="How many publications to keep.",
    ),
    click.option(
        "--accept-row-drop",
        is_flag=True,
        help="Publish although far fewer rows were accepted than before (see the var max_row_drop_share).",
    ),
    click.option("--parquet", is_flag=True, help="DuckDB: publish as a folder of Parquet files too, from now on."),
)
AS_JSON = click.option("--json", is_flag=True, help="One line of JSON for each.")


# Commands


@lifecycle.command()
@_options(DAY, BRAND, WAIT, BUILDING, PUBLISHING, PROJECT)
@click.pass_obj
def run(default_dir: Path, /, **given: Any) -> int:
    """Build, and publish if every test passed.

    Readers see the new figures all at once, or go on seeing the old ones. This is the command for every night.

    \b
    lifecycle run --as-of-date "$(date --date yesterday +%F)" --wait 3600
    """
    return _perform("run", default_dir, given)


@lifecycle.command()
@_options(DAY, BRAND, WAIT, BUILDING, PROJECT)
@click.pass_obj
def build(default_dir: Path, /, **given: Any) -> int:
    """Build and test, but publish nothing."""
    return _perform("build", default_dir, given)


@lifecycle.command()
@_options(DAY, BRAND, WAIT, PROJECT)
@click.pass_obj
def prepare(default_dir: Path, /, **given: Any) -> int:
    """Put the state back to where the day starts from.

    For schedulers that then call `dbt build` by themselves and `lifecycle publish` after it; `run` and `build` do this
    on their own.
    """
    return _perform("prepare", default_dir, given)


@lifecycle.command(short_help="Publish the last build, if it is whole and tested.")
@_options(DAY, BRAND, WAIT, PUBLISHING, PROJECT)
@click.pass_obj
def publish(default_dir: Path, /, **given: Any) -> int:
    """Publish the last build, if it is complete and every test passed.

    With --as-of-date only if it is of that day.
    """
    return _perform("publish", default_dir, given)


@lifecycle.command()
@click.argument("publication_id")
@_options(BRAND, _wait("a publication under way", SECONDS_TO_WAIT), PROJECT)
@click.pass_obj
def restore(default_dir: Path, /, **given: Any) -> int:
    """Show an earlier publication again, and withdraw those after it.

    PUBLICATION_ID is the id that `lifecycle list` shows.
    """
    return _perform("restore", default_dir, given)


@lifecycle.command("list")
@AS_JSON
@click.option(
    "--no-check", "check", is_flag=True, default=True, flag_value=False, help="Do not read them to find damage."
)
@_options(BRAND, PROJECT)
@click.pass_obj
def list_publications(default_dir: Path, /, **given: Any) -> int:
    """List the publications that are kept, the newest first."""
    return _perform("list", default_dir, given)


@lifecycle.command()
@click.option(
    "--publication",
    type=FOLDER,
    metavar="FILE",
    help="DuckDB: the published file; by default lifecycle.duckdb in LIFECYCLE_PUBLICATIONS, or in `publications` of "
    "the project.",
)
@click.option(
    "--target",
    type=click.Choice(["duckdb", "postgres"]),
    default="duckdb",
    show_default=True,
    help="Where the publication is; Postgres is that of the PG… variables.",
)
@click.option(
    "--output", type=FOLDER, metavar="FOLDER", help="The folder to write to; by default `reports` in the project."
)
@click.option("--brand", metavar="BRAND", help="Only this brand's page; index.html is left alone.")
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    help="The language of all pages; by default each brand's own, a setting.",
)
@click.option(
    "--customers",
    type=int,
    default=0,
    metavar="N",
    help="List the N customers to contact first by customer_id; without it no page names a customer.",
)
@PROJECT_DIR
@click.pass_obj
def report(
    default_dir: Path,
    project_dir: Path | None,
    publication: Path | None,
    target: str,
    output: Path | None,
    brand: str | None,
    language: str | None,
    customers: int,
) -> int:
    """Write the report: one HTML page per brand, and index.html.

    The pages come from the published marts, and each opens without a network. The same publication gives the same
    bytes. Needs the packages of requirements-report.txt, and no dbt.
    """
    folder = (project_dir or default_dir).resolve()
    # these packages take a second to import, and no other command needs them
    try:
        from customer_lifecycle.reporting.data import load
        from customer_lifecycle.reporting.pages import write_pages
        from customer_lifecycle.reporting.source import duckdb_reader, postgres_reader
    except ModuleNotFoundError as missing:
        print(f"{missing.name} is not installed: pip install -r requirements-report.txt", file=sys.stderr)
        return NOT_INSTALLED
    file = publication or folder / os.environ.get("LIFECYCLE_PUBLICATIONS", "publications") / "lifecycle.duckdb"
    try:
        with step("reading what is published"):
            found = load(postgres_reader if target == "postgres" else partial(duckdb_reader, file), customers)
        if brand is not None and brand not in found.brands:
            known = ", ".join(found.brands) or "none"
            raise ReportError(f"the publication has no brand {brand!r}; its brands: {known}", WRONG_USAGE)
        for path in write_pages(found, brand, language, output or folder / "reports"):
            print(path)
    except ReportError as error:
        print(f"no report: {error}", file=sys.stderr)
        return error.code
    return 0


@lifecycle.command(short_help="List alerts, send them, or record what became of them.")
@click.argument("alert_ids", nargs=-1, metavar="[ALERT_ID]...")
@click.option("--pending", is_flag=True, help="Only those that are still to be sent.")
@click.option("--parked", is_flag=True, help=f"Only those set aside after {TRIES} tries, and why.")
@click.option("--send", is_flag=True, help="Send those that are pending, as the variables LIFECYCLE_ALERTS_… say.")
@click.option(
    "--unpark", multiple=True, metavar="ALERT_ID...", help="Try these again that were set aside; `all` for all of them."
)
@click.option(
    "--mark-sent",
    multiple=True,
    metavar="ALERT_ID...",
    help="Record these as sent. With - those that come on the standard input, line by line; each is printed once it is "
    "recorded.",
)
@_options(AS_JSON, _wait("another sender"), BRAND, PROJECT)
@click.pass_obj
def alerts(default_dir: Path, /, alert_ids: tuple[str, ...], **given: Any) -> int:
    """List the alerts of the current publication, send them, or record what became of them.

    \b
    lifecycle alerts --pending                what has not gone out
    lifecycle alerts --send                   send it
    lifecycle alerts --mark-sent ID ID        it went out by other means
    """
    chosen = [name for name in ("pending", "parked", "send", "unpark", "mark_sent") if given[name]]
    if len(chosen) > 1:
        names = " and ".join(f"--{name.replace('_', '-')}" for name in chosen)
        raise click.UsageError(f"{names} exclude one another.")
    if chosen and chosen[0] in ("unpark", "mark_sent"):
        given[chosen[0]] = [*given[chosen[0]], *alert_ids]
    elif alert_ids:
        raise click.UsageError("Alerts are named after --unpark or --mark-sent.")
    return _perform("alerts", default_dir, given)


@lifecycle.command(short_help="Check whether the raw tables reach to the day.")
@_options(DAY, BRAND, WAIT, PROJECT)
@click.pass_obj
def freshness(default_dir: Path, /, **given: Any) -> int:
    """Check whether the raw tables reach to the day (see the var max_source_age_days)."""
    return _perform("freshness", default_dir, given)


@lifecycle.command()
@click.option("--brand", type=_not_empty, required=True, metavar="BRAND", help="The customer's brand.")
@click.option("--customer", type=_not_empty, required=True, metavar="ID", help="The customer_id.")
@_options(WAIT, PROJECT)
@click.pass_obj
def forget(default_dir: Path, /, **given: Any) -> int:
    """Remove a customer from the build and from all publications.

    The raw tables must no longer hold the customer, or the next build would bring them back. docs/erasure.md says where
    else a customer's data may be.
    """
    return _perform("forget", default_dir, given)


def _perform(command: str, default_dir: Path, given: dict[str, Any]) -> int:
    """Runs a command of publishing with what was given. Raises for click where there is no dbt project."""
    project_dir = (given.pop("project_dir") or default_dir).resolve()
    if not (project_dir / "dbt_project.yml").is_file():
        raise click.UsageError(
            f"There is no dbt_project.yml in {project_dir}: go to the project's folder, or name it with --project-dir."
        )
    publications = given.pop("publications") or project_dir / os.environ.get("LIFECYCLE_PUBLICATIONS", "publications")
    roles = given.pop("reader_roles") or [
        name.strip() for name in os.environ.get("LIFECYCLE_READER_ROLES", "").split(",") if name.strip()
    ]
    return commands.perform(
        commands.Options(
            command=command, project_dir=project_dir, publications=publications.resolve(), reader_roles=roles, **given
        )
    )
