#!/usr/bin/env python3
"""Kills at random moments of run, publish, restore, forget and of sending alerts, while readers read.

    python tests/acceptance/torture_kills.py                                    # sixty kills
    python tests/acceptance/torture_kills.py --kills 20 --build FILE --seed 7   # fewer, of a build that is there

The committed sample is built once, on DuckDB, and published in a temporary folder. Then commands are started and get
SIGKILL: half of them at a moment of the whole command, half right after the folder of publications has begun to change.
What is there then must be whole: `list` finds no damage, readers see a publication as it was published, or as it was
written again without a customer. The same command once more must do what it was to do. Alerts go to a local receiver,
which acts on each idempotency key once: every alert must have reached it, and none twice. dbt itself, killed while it
builds, is what tests/acceptance/torture_publication.py is for; here a stand-in leaves the sample's build, a part of its
alerts under new ids.

Exit codes: 0 all held. 1 something did not, and is named. 2 wrong usage.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from torture_publication import OPEN, PUBLISH, NothingYet, Place, fingerprint, tables_of_file

from customer_lifecycle.publishing.duckdb_store import DuckDBStore
from customer_lifecycle.publishing.files import name_of
from webhook_receiver import Receiver, running_receiver

DAY = "2026-06-30"
KEPT = 3
READERS = ("file", "parquet")
SECONDS_BETWEEN_READS = 0.3
STAND_IN = """
import json, os, shutil, sys, time
import duckdb

if "run-operation" in sys.argv:
    print(json.dumps({"raw_rows_of_customer": {
        "rows": {}, "raw_settings": "the sample",
        "schemas": ["facts", "marts", "quality", "reference", "staging", "raw"],
    }}))
else:
    build = os.environ["LIFECYCLE_DUCKDB_PATH"]
    for log in (build + ".wal",):
        if os.path.exists(log):
            os.remove(log)
    shutil.copyfile(os.environ["SAMPLE_BUILD"], build)
    with duckdb.connect(build) as connection:
        connection.execute("update publishing.last_build set invocation_id = uuid()::varchar")
        connection.execute(
            "update marts.lifecycle_alerts set alert_id = md5(alert_id || uuid()::varchar) where alert_id < '4'"
        )
"""
COMMANDS = ("run", "publish", "restore", "forget", "alerts")


def digest(found: dict[str, str]) -> str:
    """A fingerprint of many tables as one short text."""
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()


def read_on(kind: str, publications: Path, stopped: Any, output: Path) -> None:
    """Reads all that is published until it is stopped, then writes what it saw as JSON. Runs in a process of its
    own."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent, seen, errors, reads = os.getppid(), set(), [], 0
    while not stopped.wait(SECONDS_BETWEEN_READS) and os.getppid() == parent:
        try:
            with OPEN[kind](publications) as (connection, tables):
                publication_id = connection.execute(
                    f"select publication_id from {tables['reference.publication']}"
                ).fetchone()[0]
                seen.add((publication_id, digest(fingerprint(connection, tables))))
            reads += 1
        except NothingYet:
            errors.append("what was published is gone")
        except Exception as error:  # each is one that somebody's dashboard would show
            errors.append(f"{type(error).__name__}: {error}")
    output.write_text(json.dumps({"reads": reads, "seen": sorted(seen), "errors": errors}), encoding="utf-8")


class Torture:
    """What is done, seen and found wrong."""

    def __init__(self, place: Place, chance: random.Random, receiver: Receiver) -> None:
        self.place, self.chance, self.receiver = place, chance, receiver
        self.delays = random.Random(chance.random())
        self.forgotten: set[str] = set()
        self.problems: list[str] = []
        self.known: set[tuple[str, str]] = set()
        self.noted: set[tuple[str, int]] = set()
        self.seconds: dict[str, float] = {}
        self.killed: Counter[str] = Counter()
        stand_in = place.folder / "dbt"
        stand_in.write_text(f"#!{sys.executable}\n{STAND_IN}", encoding="utf-8")
        stand_in.chmod(0o755)
        self.dbt = str(stand_in)
        self.store = DuckDBStore(
            SimpleNamespace(path=str(place.build_file), database="lifecycle"), place.folder, place.publications, None
        )
        place.environment |= {
            "SAMPLE_BUILD": str(place.folder / "sample.duckdb"),
            "LIFECYCLE_ALERTS_TO": "webhook",
            "LIFECYCLE_ALERTS_WEBHOOK_URL": receiver.url,
        }
        receiver.answer = self.answer

    def answer(self, message: dict[str, Any]) -> tuple[int, bytes, dict[str, str]]:
        """What the receiver answers, in its own time."""
        time.sleep(self.delays.uniform(0, 0.2))
        return 200, b"ok", {}

    def start(self, *arguments: str, output: Any = subprocess.PIPE) -> subprocess.Popen:
        """Starts the command."""
        return subprocess.Popen(
            [sys.executable, str(PUBLISH), *arguments],
            env=self.place.environment,
            cwd=self.place.folder,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *arguments: str) -> str:
        """Runs the command to its end, which must be 0. Gives what it said."""
        start = time.monotonic()
        process = self.start(*arguments)
        said = process.communicate()[0]
        self.seconds[arguments[0]] = time.monotonic() - start
        if process.returncode:
            self.problems.append(f"{' '.join(arguments)} ended with {process.returncode}: {said[-1500:]}")
        self.note()
        return said

    def listed(self) -> list[dict]:
        """The publications that are kept, as `list` shows them."""
        return [
            {
                "publication_id": found.publication_id,
                "is_current": found.is_current,
                "damage": self.store.damage_of(found),
            }
            for found in self.store.publications()
        ]

    def note(self) -> None:
        """Takes the fingerprints of the publications that are new, or written again."""
        for file in self.place.history("*.duckdb"):
            if (file.name, file.stat().st_ino) not in self.noted:
                self.noted.add((file.name, file.stat().st_ino))
                with tables_of_file(file) as opened:
                    self.known.add((file.stem, digest(fingerprint(*opened))))

    def arguments_of(self, command: str) -> list[str]:
        """The arguments of a command, what it is done to being drawn."""
        if command == "run":
            return ["run", "--as-of-date", DAY, "--dbt", self.dbt, "--keep", str(KEPT), "--wait", "60"]
        if command == "publish":
            return ["publish", "--keep", str(KEPT), "--wait", "60"]
        if command == "restore":
            return ["restore", self.chance.choice(self.listed())["publication_id"]]
        if command == "alerts":
            return ["alerts", "--send"]
        with duckdb.connect(str(self.place.publications / "lifecycle.duckdb"), read_only=True) as connection:
            people = connection.execute("select brand_id, customer_id from marts.customers order by all").fetchall()
        brand, customer = self.chance.choice(people)
        # the next run brings the customer back, for raw is the sample's; what was sent of them is no longer known
        with duckdb.connect(str(self.place.folder / "sample.duckdb"), read_only=True) as connection:
            self.forgotten |= {
                alert_id
                for (alert_id,) in connection.execute(
                    "select alert_id from marts.lifecycle_alerts where brand_id = $1 and customer_id = $2",
                    [brand, customer],
                ).fetchall()
            }
        return ["forget", "--brand", brand, "--customer", customer, "--dbt", self.dbt, "--wait", "60"]

    def kill(self, command: str) -> None:
        """Kills a command, looks at what is there, then lets it do what it was to do."""
        if command == "publish":
            subprocess.run([self.dbt], env=self.place.environment, check=True)
        if command == "alerts":
            # so that there are new ones
            self.run(*self.arguments_of("run"))
        arguments = self.arguments_of(command)
        process = self.start(*arguments, output=subprocess.DEVNULL)
        if self.chance.random() < 0.5:
            before = self.names()
            while process.poll() is None and self.names() == before:
                time.sleep(0.002)
            time.sleep(self.chance.random() * 0.3)
        elif command == "alerts":
            # when something has gone out, or a little later
            before_sent = len(self.receiver.messages)
            while process.poll() is None and len(self.receiver.messages) == before_sent:
                time.sleep(0.002)
            time.sleep(self.chance.random() * 0.6)
        else:
            time.sleep(self.chance.random() * self.seconds.get(command, 5))
        process.kill()
        was_killed = process.wait() == -signal.SIGKILL
        self.killed[command if was_killed else f"{command}, done before"] += 1
        # what the killed one had sent must not be taken after what the next one sends
        self.receiver.wait_until_idle()
        self.note()
        for found in self.listed():
            if found["damage"]:
                self.problems.append(
                    f"after a kill of {command} {found['publication_id']} is damaged: {found['damage']}"
                )
        said = self.run(*arguments)
        left = [
            str(path)
            for path in self.place.folder.rglob("*")
            if path.name.startswith("unfinished-") or path.name in ("restoring.json", "forgetting.json")
        ]
        found = self.listed()
        if left or any(one["damage"] for one in found) or sum(one["is_current"] for one in found) != 1:
            self.problems.append(f"{' '.join(arguments)} once more left {left} and {found}: {said[-500:]}")
        if command == "restore" and not any(
            one["is_current"] and one["publication_id"] == arguments[1] for one in found
        ):
            self.problems.append(f"{arguments[1]} was restored, and is not shown")
        if command == "forget":
            self.check_forgotten(*arguments[2:5:2])
        if command == "alerts":
            self.check_alerts()

    def check_alerts(self) -> None:
        """Every alert that holds must have reached the receiver, and none twice."""
        taken = Counter(self.receiver.alert_ids)
        twice = {alert_id for alert_id, times in taken.items() if times > 1} - self.forgotten
        lost = {str(alert["alert_id"]) for alert in self.store.described_alerts()} - set(taken)
        if twice:
            self.problems.append(f"the receiver took {len(twice)} alerts twice, such as {min(twice)}")
        if lost:
            self.problems.append(f"{len(lost)} alerts never reached the receiver, such as {min(lost)}")

    def check_forgotten(self, brand: str, customer: str) -> None:
        """Looks for a customer in every column of every file that holds ids of customers."""
        for file in [self.place.build_file, *self.place.publications.rglob("*.duckdb")]:
            with duckdb.connect(str(file), read_only=True) as connection:
                for schema, table, column in connection.execute(
                    "select schema_name, table_name, column_name from duckdb_columns() inner join duckdb_tables() "
                    "using (database_name, schema_name, table_name) where column_name like '%customer_id'"
                ).fetchall():
                    if (
                        connection.execute(
                            f"select 1 from {name_of(schema, table)} where brand_id = $1 and {name_of(column)} = $2 "
                            "limit 1",
                            [brand, customer],
                        ).fetchall()
                        and schema != "raw"
                    ):
                        self.problems.append(f"{file}: {schema}.{table}.{column} still has {brand} {customer}")

    def names(self) -> set[str]:
        """What lies in the folder of publications."""
        return {str(path) for path in self.place.publications.rglob("*")}


def main() -> int:
    """The command. Gives its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=60, help="how many kills (60)")
    parser.add_argument("--seed", type=int, default=1, help="another seed kills at other moments (1)")
    parser.add_argument(
        "--build", type=Path, metavar="FILE", help="a whole, tested build of the sample; else one is made"
    )
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="torture-") as folder, running_receiver() as receiver:
        torture = Torture(Place(Path(folder)), random.Random(options.seed), receiver)
        place = torture.place
        if options.build is None:
            torture.run("build", "--as-of-date", DAY)
        sample = options.build or place.build_file
        if torture.problems or not sample.exists():
            print(torture.problems[0] if torture.problems else f"There is no {sample}.")
            return 1
        shutil.copyfile(sample, place.folder / "sample.duckdb")
        torture.run(*torture.arguments_of("run"), "--parquet")
        processes = multiprocessing.get_context("spawn")
        stopped = processes.Event()
        outputs = [place.folder / f"reader_{kind}.json" for kind in READERS]
        readers = [
            processes.Process(target=read_on, args=(kind, place.publications, stopped, output))
            for kind, output in zip(READERS, outputs)
        ]
        for reader in readers:
            reader.start()
        try:
            for number in range(1, options.kills + 1):
                command = torture.chance.choice(COMMANDS)
                before = len(torture.problems)
                torture.kill(command)
                print(
                    f"{number:3} of {options.kills}  {command:8} {' '.join(torture.problems[before:])}".rstrip(),
                    flush=True,
                )
        finally:
            stopped.set()
            for reader in readers:
                reader.join(60)
                reader.kill()
        reads = 0
        for kind, output in zip(READERS, outputs):
            found = json.loads(output.read_text(encoding="utf-8"))
            reads += found["reads"]
            torture.problems += [f"a reader of the {kind}: {error}" for error in found["errors"]]
            torture.problems += [
                f"a reader of the {kind} saw {one[0]} as it never was"
                for one in found["seen"]
                if tuple(one) not in torture.known
            ]
            if not found["reads"]:
                torture.problems.append(f"a reader of the {kind} read nothing")
    print(
        f"\nkilled: {dict(torture.killed)}; {reads} reads; {len(set(receiver.alert_ids))} alerts; "
        f"{len(torture.problems)} problems"
    )
    for problem in torture.problems:
        print(f"- {problem}")
    return 1 if torture.problems else 0


if __name__ == "__main__":
    sys.exit(main())
