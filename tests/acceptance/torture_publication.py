#!/usr/bin/env python3
"""Readers that poll the publication through many builds in a row, some of which fail and some of which are killed.

    python tests/acceptance/torture_publication.py                              # thirty builds: 5 fail, 5 are killed
    python tests/acceptance/torture_publication.py --builds 5 --failing 1 --killed 1
    python tests/acceptance/torture_publication.py --output docs/torture.md     # and write what was measured

Every build is a `scripts/publish.py run` of the committed sample on DuckDB, in a temporary folder. A failing one has a
data test that fails. A killed one gets SIGKILL: some at a moment of the whole run that a seeded random decides, the
others while they publish. All the while readers, processes of their own, open the published file, and the published
Parquet files, anew for each read. They check that all tables are of one publication, and take a fingerprint of every
table, which must be that of the file which was published under this id. Publications of one day are compared cell by
cell, as engines are.

Exit codes: 0 all held. 1 something did not, and is named. 2 wrong usage.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import multiprocessing
import os
import platform
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests" / "support"), str(ROOT / "tests")]
from compare_engines import compare_databases  # noqa: E402
from customer_lifecycle.publishing.files import name_of, text  # noqa: E402
from customer_lifecycle.publishing.publication import READ_SCHEMAS  # noqa: E402

PUBLISH = ROOT / "scripts" / "publish.py"
FIRST_DAY = date(2026, 3, 1)  # the sample is of January 2025 to June 2026
BUILDS_A_DAY = 2
KEPT = 4
READERS = {"file": 2, "parquet": 2}
SECONDS_BETWEEN_READS = 1.0
SECONDS_TO_DIE = 10
FAILING_VARS = "{max_rejected_share: 0, fail_on_rejected_share: true}"
SHELL_SETTINGS = re.compile("LIFECYCLE_|DBT_|PG")

Fingerprint = dict[str, str]
"""From a table's name to the number of its rows and the sum of their hashes."""

# what dbt tests of a build, asked of a publication: tables of two publications do not agree in it
IDENTITY = """
    with customers as (
        select
            brand_id,
            count(*) filter (where relationship_status in ('active', 'dormant')) as at_end,
            count(*) filter (where is_active) as active
        from {marts.customers}
        group by brand_id
    ),
    last_months as (
        select
            brand_id,
            arg_max(customers_at_end, period_start) as at_end,
            arg_max(active_customers, period_start) as active
        from {marts.brand_metrics}
        where period_grain = 'month'
        group by brand_id
    )
    select brand_id
    from customers
    left join last_months using (brand_id)
    where customers.at_end <> last_months.at_end or customers.active <> last_months.active or last_months.at_end is null
"""


# Readers


class NothingYet(Exception):
    """Nothing has been published so far."""


@contextlib.contextmanager
def published_file(publications: Path) -> Iterator[tuple[duckdb.DuckDBPyConnection, dict[str, str]]]:
    """The tables of the published file. Gives: a connection to it, and the SQL name of each table."""
    file = publications / "lifecycle.duckdb"
    if not file.exists():
        raise NothingYet
    with tables_of_file(file) as opened:
        yield opened


@contextlib.contextmanager
def tables_of_file(file: Path) -> Iterator[tuple[duckdb.DuckDBPyConnection, dict[str, str]]]:
    """The tables of a publication's file, its state left out. Gives: as published_file."""
    with closing(duckdb.connect(str(file), read_only=True, config={"threads": 1})) as connection:
        found = connection.execute(
            "select schema_name, table_name from duckdb_tables() where schema_name <> 'state' order by all"
        ).fetchall()
        yield connection, {f"{schema}.{table}": name_of(schema, table) for schema, table in found}


@contextlib.contextmanager
def published_parquet(publications: Path) -> Iterator[tuple[duckdb.DuckDBPyConnection, dict[str, str]]]:
    """The published Parquet files, by the manifest of the folder that the link leads to now. Gives: as
    published_file."""
    link = publications / "parquet" / "current"
    if not link.exists():
        raise NothingYet
    folder = link.resolve()
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    with closing(duckdb.connect(config={"threads": 1})) as connection:
        yield (
            connection,
            {
                f"{schema}.{entry['table']}": f"read_parquet({text(folder / entry['file'])})"
                for schema, entries in manifest["schemas"].items()
                for entry in entries
            },
        )


OPEN = {"file": published_file, "parquet": published_parquet}


def fingerprint(connection: duckdb.DuckDBPyConnection, tables: dict[str, str]) -> Fingerprint:
    """The fingerprint of some tables, which reads every value of them."""
    counted = " union all ".join(
        f"select {text(table)}, count(*) || ' rows, ' || coalesce(sum(hash(read)::hugeint), 0) from {source} as read"
        for table, source in tables.items()
    )
    return dict(connection.execute(counted).fetchall())


@dataclass
class Readings:
    """What one reader saw."""

    kind: str
    reads: int = 0
    longest_seconds: float = 0
    publications: list[str] = field(default_factory=list)
    """The ids that it saw, in the order in which it did."""
    fingerprints: dict[str, Fingerprint] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)


def read_once(kind: str, publications: Path, readings: Readings) -> None:
    """Opens what is published and reads all of it. Adds to the readings. Raises whatever a reader would see."""
    with OPEN[kind](publications) as (connection, tables):
        sources = {table: f"(from {source})" for table, source in tables.items()}
        publication_id, day = connection.execute(
            f"select publication_id, as_of_date from {tables['reference.publication']}"
        ).fetchone()
        days = connection.execute(f"select as_of_date from {tables['reference.as_of_date']}").fetchall()
        identity = IDENTITY
        for table, source in sources.items():
            identity = identity.replace("{" + table + "}", source)
        broken = connection.execute(identity).fetchall()
        found = fingerprint(connection, tables)
    if days != [(day,)]:
        readings.errors.append(f"mixed: publication {publication_id} is of {day}, its tables of {days}")
    if broken:
        readings.errors.append(f"mixed: in {publication_id} brand_metrics and customers disagree about {broken}")
    if readings.fingerprints.setdefault(publication_id, found) != found:
        readings.errors.append(f"mixed or torn: publication {publication_id} reads otherwise than before")
    if not readings.publications or readings.publications[-1] != publication_id:
        readings.publications.append(publication_id)


def read_on(kind: str, publications: Path, stopped: Any, output: Path) -> None:
    """Reads until it is stopped, then writes the readings as JSON. Runs in a process of its own."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent, readings = os.getppid(), Readings(kind)
    # who is killed stops nobody
    while not stopped.wait(SECONDS_BETWEEN_READS) and os.getppid() == parent:
        start = time.monotonic()
        try:
            read_once(kind, publications, readings)
            readings.reads += 1
        except NothingYet:
            if readings.reads:
                readings.errors.append("what was published is gone")
        except Exception as error:  # each is one that somebody's dashboard would show
            readings.errors.append(f"{type(error).__name__}: {error}")
        readings.longest_seconds = max(readings.longest_seconds, time.monotonic() - start)
    output.write_text(json.dumps(vars(readings)), encoding="utf-8")


# Builds


@dataclass
class Planned:
    """A build that is to come."""

    fate: str  # finishes, fails or is killed
    as_of_date: date
    kill_at: float | str | None = None
    """For one that is killed: the share of a whole run, or the step of publishing at which."""


def plan(builds: int, failing: int, killed: int, chance: random.Random) -> list[Planned]:
    """Which builds finish, fail or are killed, and when. The first and the last finish; every second killed one is
    killed while it publishes. Raises ValueError where so many do not fit."""
    if failing + killed > builds - 2:
        raise ValueError("the first and the last build finish: two more builds are needed than failing and killed ones")
    between = ["fails"] * failing + ["is killed"] * killed
    between += ["finishes"] * (builds - 2 - len(between))
    chance.shuffle(between)
    planned, steps, done = [], list(PUBLISHING_STEPS), 0
    for fate in ["finishes", *between, "finishes"]:
        build = Planned(fate, FIRST_DAY + timedelta(days=done // BUILDS_A_DAY))
        if fate == "is killed":
            aimed = sum(other.fate == "is killed" for other in planned) % 2 == 0
            build.kill_at = steps.pop(0) if aimed and steps else chance.random()
        elif fate == "finishes":
            # a day that failed is built again, as a scheduler would
            done += 1
        planned.append(build)
    return planned


# a step of publishing has begun when something of this name is there that was not before
PUBLISHING_STEPS = {
    "while the file is written": "history/unfinished-*",
    "while Parquet is written": "parquet/unfinished-*/*/*",
    "when the file is written, but not shown": "history/*.json",
    "when it is shown, but old ones are not dropped": "parquet/current",
}


class Place:
    """The folder of a build and its publications, and what runs there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.publications = folder / "publications"
        self.build_file = folder / "lifecycle.duckdb"
        self.output = folder / "output"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not SHELL_SETTINGS.match(name)},
            "LIFECYCLE_DUCKDB_PATH": str(self.build_file),
            "LIFECYCLE_PUBLICATIONS": str(self.publications),
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
        }

    def start(self, planned: Planned) -> subprocess.Popen:
        """Starts a build; its output goes to a file."""
        command = [
            sys.executable,
            str(PUBLISH),
            "run",
            "--as-of-date",
            planned.as_of_date.isoformat(),
            "--parquet",
            "--keep",
            str(KEPT),
            "--wait",
            "0",
        ]
        if planned.fate == "fails":
            command += ["--vars", FAILING_VARS]
        with self.output.open("wb") as output:
            return subprocess.Popen(
                command, env=self.environment, cwd=self.folder, stdout=output, stderr=subprocess.STDOUT
            )

    def kept(self) -> dict[str, dict]:
        """What is kept, by id."""
        return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in self.history("*.json")}

    def history(self, pattern: str) -> list[Path]:
        """The finished files of the history of a pattern."""
        found = self.publications.glob(f"history/{pattern}")
        return sorted(file for file in found if not file.name.startswith("unfinished-"))

    def shown(self) -> str | None:
        """The id of what readers of the file see."""
        try:
            with published_file(self.publications) as (connection, _):
                return connection.execute("select publication_id from reference.publication").fetchone()[0]
        except NothingYet:
            return None

    def shown_parquet(self) -> str | None:
        """The id of what readers of Parquet see."""
        link = self.publications / "parquet" / "current"
        return os.readlink(link) if link.is_symlink() else None

    def is_locked(self) -> bool:
        """Whether a build still holds the lock."""
        with open(f"{self.build_file}.lock", "a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def leftovers(self, kept_before: set[str]) -> list[str]:
        """What lies in the folders after a build that should not."""
        names = self.publications.rglob("*")
        left = [str(path) for path in names if path.name.startswith("unfinished-") or path.suffix in (".wal", ".tmp")]
        kept, files = set(self.kept()), {file.stem for file in self.history("*.duckdb")}
        left += [f"the file of {publication_id}, which is not kept" for publication_id in files - kept]
        left += [f"no file of {publication_id}" for publication_id in kept - files]
        # a folder of Parquet outlives its publication by one
        for folder in (self.publications / "parquet").iterdir():
            if not folder.is_symlink() and folder.name not in kept | kept_before:
                left.append(str(folder))
        left += [str(path) for path in self.folder.glob("lifecycle.duckdb.*") if path.suffix != ".lock"]
        return left


def killed_at(place: Place, kept_before: set[str], shown_before: str | None) -> str:
    """In which phase a build was killed, by what it left."""
    new = place.kept().keys() - kept_before
    if list(place.publications.glob("history/unfinished-*.duckdb")):
        return "publishing: the file half written"
    if list(place.publications.glob("parquet/unfinished-*")):
        return "publishing: Parquet half written"
    if new and place.shown() == shown_before:
        return "publishing: written, not shown"
    if new and place.shown_parquet() != place.shown():
        return "publishing: shown as a file, not as Parquet"
    if new:
        return "publishing: shown"
    output = place.output.read_text(encoding="utf-8", errors="replace")
    nodes = re.findall(r"(\d+) of (\d+) (?:START|OK|PASS|WARN)", output)
    if "Completed" in output:
        return "between building and publishing"
    return "dbt: {} of {} models and tests".format(*nodes[-1]) if nodes else "dbt: before the first model"


@dataclass
class Result:
    """What became of a build."""

    planned: Planned
    seconds: float
    exit_code: int
    phase: str = ""
    problems: list[str] = field(default_factory=list)
    shown: str | None = None


def run_build(place: Place, planned: Planned, usual_seconds: float, chance: random.Random) -> Result:
    """Runs a build, kills it where that is planned, and looks at what is there then.

    Takes: where; what is planned; how long a run takes, of which a moment may be a share; the random that delays a
    kill.
    """
    kept_before, shown_before = set(place.kept()), place.shown()
    start = time.monotonic()
    process = place.start(planned)
    if planned.fate == "is killed":
        wait_for_moment(place, process, planned.kill_at, usual_seconds, chance)
        process.kill()
    exit_code = process.wait()
    result = Result(planned, time.monotonic() - start, exit_code)
    if planned.fate == "is killed":
        result.phase = "it was done before"
        if exit_code == -signal.SIGKILL:
            result.phase = killed_at(place, kept_before, shown_before)
        deadline = time.monotonic() + SECONDS_TO_DIE
        while place.is_locked():
            if time.monotonic() > deadline:
                result.problems.append(f"its dbt lives on {SECONDS_TO_DIE} s later")
                break
            time.sleep(0.01)
    new = place.kept().keys() - kept_before
    result.shown = place.shown()
    expected = {"finishes": 0, "fails": 1, "is killed": -signal.SIGKILL}[planned.fate]
    if exit_code != expected and not (planned.fate == "is killed" and exit_code == 0):
        output = place.output.read_text(encoding="utf-8", errors="replace")
        result.problems.append(f"exit code {exit_code}, not {expected}: {output[-1500:]}")
    if planned.fate == "fails" and (new or result.shown != shown_before):
        result.problems.append("it failed and was published")
    if planned.fate == "finishes":
        if result.shown not in new:
            result.problems.append("it is not shown")
        if place.shown_parquet() != result.shown:
            result.problems.append("its Parquet files are not shown")
        if len(place.kept()) > KEPT:
            result.problems.append(f"{len(place.kept())} publications are kept")
        result.problems += [f"left lying: {left}" for left in place.leftovers(kept_before)]
    if result.shown not in new | {shown_before}:
        result.problems.append(f"readers see {result.shown}")
    return result


def wait_for_moment(
    place: Place, process: subprocess.Popen, kill_at: float | str, usual_seconds: float, chance: random.Random
) -> None:
    """Waits for the moment to kill a build, or for its end, whichever comes first."""
    if isinstance(kill_at, float):
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(kill_at * usual_seconds)
        return
    pattern = PUBLISHING_STEPS[kill_at]

    def state() -> set[tuple[str, int]]:
        found = [
            path
            for path in place.publications.glob(pattern)
            if pattern.startswith("history/unf") or not path.name.startswith("unfinished-")
        ]
        seen = set()
        for path in found:
            with contextlib.suppress(FileNotFoundError):
                seen.add((str(path), path.lstat().st_ino))
        return seen

    before = state()
    while process.poll() is None and not state() - before:
        time.sleep(0.0005)
    time.sleep(chance.random() * 0.01)


# All of it


@dataclass
class Torture:
    """What was done, seen and found wrong."""

    results: list[Result] = field(default_factory=list)
    readings: list[Readings] = field(default_factory=list)
    publications: dict[str, Fingerprint] = field(default_factory=dict)
    """Of each publication that there was: the fingerprint of its file."""
    compared: int = 0
    """Publications of a day of which another was kept."""
    seconds: float = 0

    def note_publications(self, place: Place, result: Result) -> None:
        """Takes the fingerprints of what is new, and compares it with others of its day. Adds to the result's
        problems."""
        kept = place.kept()
        for publication_id in sorted(kept.keys() - self.publications.keys()):
            file = place.publications / "history" / f"{publication_id}.duckdb"
            with tables_of_file(file) as opened:
                self.publications[publication_id] = fingerprint(*opened)
            for other in sorted(kept.keys() - {publication_id}):
                if kept[other]["as_of_date"] == kept[publication_id]["as_of_date"] and other < publication_id:
                    self.compared += 1
                    result.problems += [
                        f"{publication_id} is not equal to {other}: {table}"
                        for table in compare_databases(file, file.with_name(f"{other}.duckdb"), READ_SCHEMAS)
                        if table.count and table.table != "reference.publication"
                    ]

    def problems(self) -> list[str]:
        """All that did not hold."""
        found = [
            f"build {number} ({result.planned.fate}, {result.planned.as_of_date}): {problem}"
            for number, result in enumerate(self.results, 1)
            for problem in result.problems
        ]
        for number, readings in enumerate(self.readings, 1):
            name = f"reader {number} ({readings.kind})"
            found += [f"{name}: {error}" for error in readings.errors]
            for publication_id, seen in readings.fingerprints.items():
                if publication_id not in self.publications:
                    found.append(f"{name}: there is no publication {publication_id}")
                elif seen != self.publications[publication_id]:
                    found.append(f"{name}: {publication_id} reads otherwise than it was published")
            if readings.publications != sorted(set(readings.publications)):
                found.append(f"{name}: went back to an earlier publication: {readings.publications}")
            if not readings.reads:
                found.append(f"{name}: read nothing")
        return found


def torture(place: Place, planned: list[Planned], chance: random.Random, say: Callable[[str], None]) -> Torture:
    """Runs the builds while readers read. Gives what was seen."""
    done = Torture()
    start = time.monotonic()
    processes = multiprocessing.get_context("spawn")
    stopped = processes.Event()
    kinds = [kind for kind, count in READERS.items() for _ in range(count)]
    outputs = [place.folder / f"reader_{number}.json" for number in range(len(kinds))]
    readers = [
        processes.Process(target=read_on, args=(kind, place.publications, stopped, output))
        for kind, output in zip(kinds, outputs)
    ]
    for reader in readers:
        reader.start()
    try:
        usual_seconds = 0.0
        for number, build in enumerate(planned, 1):
            result = run_build(place, build, usual_seconds, chance)
            if build.fate == "finishes":
                usual_seconds = result.seconds
            done.results.append(result)
            done.note_publications(place, result)
            trouble = "".join(f"\n    {problem}" for problem in result.problems)
            say(
                f"{number:3} of {len(planned)}  as of {build.as_of_date}  {build.fate:9}  {result.seconds:5.1f} s  "
                f"{result.phase}{trouble}".rstrip()
            )
    finally:
        stopped.set()
        for reader in readers:
            reader.join(60)
            reader.kill()
    done.seconds = time.monotonic() - start
    for kind, output in zip(kinds, outputs):
        if output.exists():
            done.readings.append(Readings(**json.loads(output.read_text(encoding="utf-8"))))
        else:
            done.readings.append(Readings(kind, errors=["the reader did not live to the end"]))
    return done


def summary(done: Torture, command: str) -> str:
    """What was measured, as a page of Markdown."""
    fates = Counter(result.planned.fate for result in done.results)
    problems = done.problems()
    seen = {publication_id for readings in done.readings for publication_id in readings.publications}
    finished = sorted(result.seconds for result in done.results if result.planned.fate == "finishes")
    lines = [
        "# Readers through builds that fail and are killed",
        "",
        "Written by the command that measured it; do not edit:",
        "",
        "<!-- not run: takes an hour; CI runs five builds of it -->",
        "```sh",
        command,
        "```",
        "",
        f"Each of the {len(done.results)} consecutive builds is a `lifecycle run` of the committed sample on DuckDB; "
        "every day is built twice. Some builds have a failing data test. Some receive SIGKILL, at a random moment of "
        "the run or at a step of publishing, and nobody cleans up after them. Meanwhile, reader processes reopen the "
        "publication for every read, read every value, and check that all tables belong to one publication and are "
        "unchanged since it was published.",
        "",
        "| | measured |",
        "|---|---:|",
        f"| minutes, with whatever else the machine did | {done.seconds / 60:.0f} |",
        f"| builds that finished, failed, were killed | {fates['finishes']}, {fates['fails']}, {fates['is killed']} |",
        f"| seconds of a build that finished: least, median, most | {finished[0]:.0f}, "
        f"{finished[len(finished) // 2]:.0f}, {finished[-1]:.0f} |",
    ]
    for kind, name in (("file", "the DuckDB file"), ("parquet", "the Parquet files")):
        of_kind = [readings for readings in done.readings if readings.kind == kind]
        lines.append(
            f"| reads of {name}, by {len(of_kind)} readers | {sum(readings.reads for readings in of_kind):,} |"
        )
    lines += [
        f"| the longest read, in seconds | {max(readings.longest_seconds for readings in done.readings):.1f} |",
        f"| publications that readers saw | {len(seen)} |",
        f"| errors of readers, mixed or torn reads | {sum(len(readings.errors) for readings in done.readings)} |",
        f"| pairs of publications of one day, equal cell by cell (doubles within 1e-9) | {done.compared} |",
        f"| problems of any kind | {len(problems)} |",
        "",
        "## The killed builds",
        "",
        "| as of | planned | seconds in | what it was doing | readers saw then | next build |",
        "|---|---|---:|---|---|---|",
    ]
    previous = None
    for number, result in enumerate(done.results):
        if result.planned.fate == "is killed":
            moment = result.planned.kill_at
            planned = moment if isinstance(moment, str) else f"at {moment:.0%} of a run"
            following = done.results[number + 1]
            lines.append(
                f"| {result.planned.as_of_date} | {planned} | {result.seconds:.1f} | {result.phase} | "
                f"{'the one before' if result.shown == previous else 'the new one, whole'} | "
                f"{following.planned.fate}, as planned |"
            )
        previous = result.shown
    if problems:
        lines += ["", "## What did not hold", "", *(f"- {problem}" for problem in problems)]
    lines += [
        "",
        f"Python {platform.python_version()}, DuckDB {duckdb.__version__}, {os.cpu_count()} cores, "
        f"{platform.system()}.",
        "",
    ]
    return "\n".join(lines)


def main() -> int:
    """The command. Gives its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--builds", type=int, default=30, help="how many builds in a row (30)")
    parser.add_argument("--failing", type=int, default=5, help="how many of them fail (5)")
    parser.add_argument("--killed", type=int, default=5, help="how many of them are killed (5)")
    parser.add_argument("--seed", type=int, default=1, help="another seed kills at other moments (1)")
    parser.add_argument("--output", type=Path, help="a page to write what was measured to, as Markdown")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    try:
        planned = plan(options.builds, options.failing, options.killed, chance)
    except ValueError as error:
        parser.error(str(error))
    with tempfile.TemporaryDirectory(prefix="torture-") as folder:
        done = torture(Place(Path(folder)), planned, chance, lambda line: print(line, flush=True))
    command = (
        f"python tests/acceptance/torture_publication.py --builds {options.builds} --failing {options.failing} "
        f"--killed {options.killed} --seed {options.seed} --output docs/torture.md"
    )
    page = summary(done, command)
    print("\n" + page)
    if options.output:
        options.output.write_text(page, encoding="utf-8")
    return 1 if done.problems() else 0


if __name__ == "__main__":
    sys.exit(main())
