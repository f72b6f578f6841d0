#!/usr/bin/env python3
"""Airflow itself runs the DAG over the sample.

    python orchestration/airflow/check_airflow.py              # three days
    python orchestration/airflow/check_airflow.py --days 1     # what CI checks of a change

Makes an environment for Airflow, runs the tests of this folder in it, and then checks that
- the days, run one after the other by `airflow dags test`, are green, each published, each alert sent once in a digest
  of its brand, and a report written where its packages are installed;
- a failing data test makes the run red, leaves what is published as it was, to the byte, and is told of;
- a rerun of a day publishes the same tables;
- a call of the webhook that fails is made again by the next try of the task, and no other;
- nothing of Airflow listens on another address than this machine's own;
- the scheduler runs a backfill of the days that publishes the same tables as those runs, while a run whose
  raw tables are not up to date waits for them without building.

Wants dbt in .venv, as `make build` makes it. Exit code 0: all of it holds. 1: something does not, and it says what.
"""

from __future__ import annotations

import argparse
import hashlib
import ipaddress
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
DAG_ID = "customer_lifecycle"
LAST_DAY = date(2026, 6, 30)
DAYS = 3
PUBLISHED_SCHEMAS = ("marts", "reference", "quality", "state")
# the table that says which publication it is
OF_ITS_OWN = ("reference.publication", "state.publication")
SECONDS_TO_START = 300
SECONDS_TO_BACKFILL = 900
SECONDS_TO_END = 60
# of a socket in /proc/net/tcp
LISTENING = "0A"


class CheckFailed(Exception):
    """What does not hold."""


def main() -> int:
    """Runs all checks. Gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dbt-python", type=Path, default=ROOT / ".venv" / "bin" / "python", help="the Python of dbt")
    parser.add_argument("--airflow-python", type=Path, help="the Python of an environment that has Airflow already")
    parser.add_argument("--days", type=int, default=DAYS, help=f"how many days are run, up to {LAST_DAY} ({DAYS})")
    parser.add_argument("--folder", type=Path, help="where to work, kept afterwards (a temporary folder)")
    options = parser.parse_args()
    # not resolved: it is a link, and its place says which environment is meant
    options.dbt_python = Path(os.path.abspath(options.dbt_python))
    # who stops this stops the scheduler, too
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with tempfile.TemporaryDirectory(prefix="check-airflow-") as temporary:
        try:
            days = [LAST_DAY - timedelta(days=before) for before in reversed(range(options.days))]
            check((options.folder or Path(temporary)).resolve(), options.dbt_python, options.airflow_python, days)
        except CheckFailed as error:
            print(f"FAILED: {error}", file=sys.stderr)
            return 1
    return 0


def check(folder: Path, dbt_python: Path, airflow_python: Path | None, days: Sequence[date]) -> None:
    """All checks, in a folder, of days in a row. Raises CheckFailed for the first that does not hold."""
    if not dbt_python.exists():
        raise CheckFailed(f"there is no {dbt_python}; `make build` makes it")
    folder.mkdir(parents=True, exist_ok=True)
    with told("Airflow's environment"):
        airflow_python = airflow_python or environment(folder / "airflow")
    with told("the tests of the DAG, its operators and its alerts"):
        run([airflow_python, "-m", "pytest", "-q", "-p", "no:cacheprovider", HERE / "tests"])
    with webhook() as receiver:
        daily = Site(folder / "daily", airflow_python, dbt_python, receiver)
        # the sample once more, as files that a run of today must find too old
        backfilled = Site(folder / "backfill", airflow_python, dbt_python, receiver, {"raw_dir": str(landing(folder))})
        with scheduler(backfilled) as api:
            if sys.platform == "linux":
                with told("Airflow answers this machine alone"):
                    check_listeners(backfilled)
            for day in days:
                with told(f"a run of {day} by `airflow dags test`"):
                    daily.run_day(day)
                    expect(daily.days_published() == [one for one in days if one <= day], "the day is not published")
            with told("each alert was sent once"):
                check_alerts(daily, receiver)
            with told("the report is written, or left out and that is said"):
                has_packages = not subprocess.run(
                    [dbt_python, "-c", "import altair, babel, vl_convert"], check=False, capture_output=True
                ).returncode
                expect((daily.folder / "reports" / "index.html").exists() == has_packages, "the report")
            with told("a failing data test"):
                check_failure(daily, receiver)
            with told(f"a rerun of {LAST_DAY}"):
                first = daily.published(LAST_DAY)
                daily.run_day(LAST_DAY)
                expect(daily.published(LAST_DAY) != first, "the rerun is not published")
                daily.compare(first, daily.published(LAST_DAY))
            with told("a call of the webhook that fails"):
                check_repeated_alerts(daily, receiver)
            with told(f"a backfill of {len(days)} days by the scheduler, next to a run without raw rows of its day"):
                backfill(api, backfilled, days)
            with told("the backfill published what the runs did"):
                for day in days:
                    daily.compare(daily.published(day), backfilled.published(day))
                expect(backfilled.current_day() == LAST_DAY, "readers do not see the last day")


def check_alerts(site: Site, receiver: Receiver) -> None:
    """All alerts of the last day have been sent, and none twice."""
    expect(len(receiver.received) == len(set(receiver.received)), "an alert was sent twice")
    current = {alert["alert_id"] for alert in site.publish_json("alerts", "--json")}
    expect(bool(current) and current <= set(receiver.received), "an alert of the last day was not sent")
    expect(site.publish_json("alerts", "--pending", "--json") == [], "a sent alert is still pending")


def check_listeners(site: Site) -> None:
    """No process of a site's Airflow listens on an address that another machine can reach."""
    found = listeners(site.scheduler)
    expect(any(port == site.port for _, port in found), f"nothing listens on {site.port}: {found}")
    open_to_others = [(address, port) for address, port in found if not address.is_loopback]
    expect(not open_to_others, f"Airflow listens on {', '.join(f'{a}:{p}' for a, p in open_to_others)}")


def check_failure(site: Site, receiver: Receiver) -> None:
    """A data test that fails makes the run red, changes nothing of what is published, and is told of."""
    before = fingerprint(site.publications)
    receiver.failures.clear()
    day = LAST_DAY + timedelta(days=1)
    failed = site.run_day(day, expected=1, dbt_vars={"fail_on_rejected_share": True, "max_rejected_share": 0})
    expect("rejected_share" in failed, "the run failed for another reason than the test")
    expect(fingerprint(site.publications) == before, "what is published has changed")
    expect(len(receiver.failures) == 1, f"{len(receiver.failures)} notices of the failure")
    notice = receiver.failures[0]
    expect(notice["as_of_date"] == day.isoformat() and notice["log_url"].startswith("http"), f"the notice: {notice}")


def check_repeated_alerts(site: Site, receiver: Receiver) -> None:
    """With one call refused the task fails, and its next try sends what was in that call alone."""
    for name in ("sent_alerts.jsonl", "alert_deliveries.jsonl"):
        (site.publications / name).unlink()
    receiver.received.clear()
    receiver.refuse_next = True
    # ends with 0 though the task is to be tried again
    test = ("tasks", "test", DAG_ID, "send_alerts", f"{LAST_DAY + timedelta(days=1)}T06:00:00+00:00")
    expect("Not all alerts were sent" in site.airflow(*test), "the task did not notice that an alert was refused")
    sent = len(receiver.received)
    brands = {alert["brand_id"] for alert in site.publish_json("alerts", "--json")}
    missing = {alert["brand_id"] for alert in site.publish_json("alerts", "--pending", "--json")}
    expect(len(brands) > 1 and len(missing) == 1, f"of the digests of {brands} those of {missing} are missing")
    site.airflow(*test)
    expect(len(receiver.received) > sent, "nothing was sent again")
    check_alerts(site, receiver)


def backfill(api: Api, site: Site, days: Sequence[date]) -> None:
    """The scheduler backfills the days, one after the other. Raises where a run does not end well, or not in time."""

    def created() -> bool:
        """Where Airflow finds its SQLite locked, it takes back what it has made of a backfill, for another try."""
        try:
            api.call(
                "POST",
                "backfills",
                dag_id=DAG_ID,
                from_date=f"{days[0]}T00:00:00Z",
                to_date=f"{days[-1]}T23:59:59Z",
                max_active_runs=1,
                reprocess_behavior="none",
                dag_run_conf={},
                run_backwards=False,
            )
        except urllib.error.HTTPError as error:
            if error.code != HTTPStatus.SERVICE_UNAVAILABLE:
                raise
            return False
        return True

    wait(created, SECONDS_TO_START, "Airflow's database, which is locked")
    # this makes a run of yesterday, too
    api.call("PATCH", f"dags/{DAG_ID}", is_paused=False)

    def states() -> list[str]:
        runs = api.call("GET", f"dags/{DAG_ID}/dagRuns?run_type=backfill")["dag_runs"]
        return [found["state"] for found in runs]

    wait(lambda: all(state in ("success", "failed") for state in states()), SECONDS_TO_BACKFILL, "the backfill")
    expect(states() == ["success"] * len(days), f"the runs ended as {states()}")
    expect(sorted(site.days_published()) == list(days), f"published are {site.days_published()}")
    waiting = api.call("GET", f"dags/{DAG_ID}/dagRuns?run_type=scheduled")["dag_runs"]
    expect(len(waiting) == 1, f"there are {len(waiting)} scheduled runs")
    tasks = api.call("GET", f"dags/{DAG_ID}/dagRuns/{waiting[0]['dag_run_id']}/taskInstances")["task_instances"]
    found = {task["task_id"]: task["state"] for task in tasks}
    expect(
        found["source_freshness"] == "up_for_retry" and found["build_and_test"] is None,
        f"the run whose raw tables are too old does not wait for them: {found}",
    )


@dataclass
class Receiver:
    """What a webhook received: the alerts' ids, in the order in which they came; the notices of failures."""

    url: str
    received: list[str] = field(default_factory=list)
    failures: list[dict[str, Any]] = field(default_factory=list)
    refuse_next: bool = False


@contextmanager
def webhook() -> Iterator[Receiver]:
    """A local HTTP server for alerts."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            refuse, receiver.refuse_next = receiver.refuse_next, False
            if message["kind"] == "failure":
                receiver.failures.append(message)
            elif not refuse:
                receiver.received += message["alert_ids"]
            self.send_response(503 if refuse else 204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(f"http://127.0.0.1:{server.server_port}/alerts")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield receiver
    finally:
        server.shutdown()


class Site:
    """An Airflow of its own with its own build and publications: a folder, and the environment variables for it."""

    def __init__(
        self,
        folder: Path,
        airflow_python: Path,
        dbt_python: Path,
        receiver: Receiver,
        dbt_vars: dict[str, Any] | None = None,
    ) -> None:
        folder.mkdir()
        self.folder = folder
        self.publications = folder / "publications"
        self.airflow_python = airflow_python
        self.dbt_python = dbt_python
        self.port = free_port()
        self.scheduler = 0
        address = f"http://127.0.0.1:{self.port}"
        ours = ("AIRFLOW", "LIFECYCLE_", "DBT_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        self.environment = kept | {
            "PATH": f"{airflow_python.parent}{os.pathsep}{os.environ['PATH']}",
            "AIRFLOW_HOME": str(folder / "airflow"),
            "AIRFLOW__CORE__DAGS_FOLDER": str(HERE / "dags"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
            "AIRFLOW__API__PORT": str(self.port),
            "AIRFLOW__API__BASE_URL": address,
            "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
            "AIRFLOW_VAR_LIFECYCLE_NOTIFIER": "webhook",
            "AIRFLOW_CONN_LIFECYCLE_WEBHOOK": json.dumps({"conn_type": "http", "host": receiver.url}),
            "LIFECYCLE_DBT_PYTHON": str(dbt_python),
            "LIFECYCLE_DUCKDB_PATH": str(folder / "lifecycle.duckdb"),
            "LIFECYCLE_PUBLICATIONS": str(self.publications),
            "LIFECYCLE_REPORTS": str(folder / "reports"),
            "LIFECYCLE_VARS": json.dumps(dbt_vars or {}),
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
            # caches of bytecode stay out of the checkout
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self.airflow("db", "migrate")

    def airflow(self, *arguments: str, expected: int = 0, **environment: str) -> str:
        """Runs an airflow command. Gives what it said. Raises CheckFailed for another exit code than the expected."""
        return run([self.airflow_python.with_name("airflow"), *arguments], expected, self.environment | environment)

    def run_day(self, day: date, expected: int = 0, dbt_vars: dict[str, Any] | None = None) -> str:
        """Runs the DAG for a day, as the schedule would the morning after. Gives what it said."""
        more = {"LIFECYCLE_VARS": json.dumps(dbt_vars)} if dbt_vars else {}
        logical_date = f"{day + timedelta(days=1)}T06:00:00+00:00"
        return self.airflow("dags", "test", DAG_ID, logical_date, expected=expected, **more)

    def publish_json(self, *arguments: str) -> list[dict[str, Any]]:
        """What `lifecycle` prints as lines of JSON."""
        command = [self.dbt_python.with_name("lifecycle"), arguments[0], "--project-dir", ROOT, *arguments[1:]]
        return [json.loads(line) for line in run(command, environment=self.environment, with_errors=False).splitlines()]

    def days_published(self) -> list[date]:
        """The days of all publications, in the order in which they were published."""
        kept = self.publish_json("list", "--json")
        return [date.fromisoformat(one["as_of_date"]) for one in sorted(kept, key=lambda one: one["published_at"])]

    def current_day(self) -> date:
        """The day that readers see."""
        return next(
            date.fromisoformat(one["as_of_date"]) for one in self.publish_json("list", "--json") if one["is_current"]
        )

    def published(self, day: date) -> Path:
        """The file of the newest publication of a day."""
        kept = [one for one in self.publish_json("list", "--json") if one["as_of_date"] == day.isoformat()]
        newest = max(kept, key=lambda one: one["published_at"])
        return self.publications / "history" / f"{newest['publication_id']}.duckdb"

    def compare(self, one: Path, other: Path) -> None:
        """Raises CheckFailed where two publications differ in a cell."""
        run(
            [
                self.dbt_python,
                ROOT / "tests" / "support" / "compare_engines.py",
                one,
                other,
                "--schemas",
                *PUBLISHED_SCHEMAS,
                "--exclude",
                *OF_ITS_OWN,
                "--manifest",
                self.folder / "target" / "manifest.json",
            ]
        )


class Api:
    """Airflow's REST API."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.token = ""

    def call(self, method: str, path: str, **body: Any) -> Any:
        """Calls it. Takes the method, the path and the body's fields. Gives the answer. Raises what urllib raises."""
        return self._request(method, f"/api/v2/{path}", body)

    def is_ready(self) -> bool:
        """Whether it answers, and knows the DAG."""
        try:
            self.token = self._request("GET", "/auth/token", {})["access_token"]
            self.call("GET", f"dags/{DAG_ID}")
        except (urllib.error.URLError, ConnectionError):
            return False
        return True

    def _request(self, method: str, path: str, body: dict[str, Any]) -> Any:
        request = urllib.request.Request(
            self.address + path,
            method=method,
            data=json.dumps(body).encode() if body else None,
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)


@contextmanager
def scheduler(site: Site) -> Iterator[Api]:
    """All of Airflow for a site, its output in a file there. Gives its API."""
    log = site.folder / "airflow.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [site.airflow_python, HERE / "start.py"],
            env=site.environment,
            cwd=site.folder,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    site.scheduler = process.pid
    try:
        api = Api(site.port)
        with told("the scheduler started"):
            wait(api.is_ready, SECONDS_TO_START, f"the scheduler (see {log})")
        yield api
    finally:
        process.terminate()
        try:
            process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def environment(folder: Path) -> Path:
    """An environment with the pinned packages. Gives its Python."""
    python = folder / "bin" / "python"
    run([sys.executable, "-m", "venv", folder])
    pinned = HERE / "requirements.txt"
    run(
        [
            python,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--only-binary",
            ":all:",
            "--require-hashes",
            "--requirement",
            pinned,
        ]
    )
    run([python, "-m", "pip", "check"])
    return python


def landing(folder: Path) -> Path:
    """The sample as a folder of files. Gives it."""
    files = folder / "landing"
    files.mkdir()
    for seed in (ROOT / "seeds" / "sample").glob("raw_*.csv"):
        shutil.copy(seed, files / seed.name.removeprefix("raw_"))
    return files


def run(
    command: list[Any], expected: int = 0, environment: dict[str, str] | None = None, with_errors: bool = True
) -> str:
    """Runs a command. Gives what it said. Raises CheckFailed, with the end of that, for another exit code."""
    done = subprocess.run(
        [str(part) for part in command],
        env=environment,
        encoding="utf-8",
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if with_errors else subprocess.DEVNULL,
    )
    if done.returncode != expected:
        end = "\n".join(done.stdout.splitlines()[-60:])
        raise CheckFailed(f"exit code {done.returncode} and not {expected}: {' '.join(map(str, command))}\n{end}")
    return done.stdout


def listeners(root: int) -> list[tuple[ipaddress.IPv4Address | ipaddress.IPv6Address, int]]:
    """Where a process and all that it has started listen, on Linux."""
    parents = {}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parents[int(process.name)] = int((process / "stat").read_text().rpartition(")")[2].split()[1])
    family = {root}
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    own = set()
    for pid in family:
        with suppress(OSError):
            own |= {os.readlink(file) for file in Path(f"/proc/{pid}/fd").iterdir()}
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path("/proc/net", table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == LISTENING and f"socket:[{fields[9]}]" in own:
                address, port = fields[1].split(":")
                # words of four bytes each, in this machine's order
                words = [int(address[at : at + 8], 16).to_bytes(4, sys.byteorder) for at in range(0, len(address), 8)]
                found.add((ipaddress.ip_address(b"".join(words)), int(port, 16)))
    return sorted(found, key=str)


def expect(holds: bool, otherwise: str) -> None:
    """Raises CheckFailed where something does not hold."""
    if not holds:
        raise CheckFailed(otherwise)


def wait(condition: Any, seconds: float, what: str) -> None:
    """Waits until a condition holds. Raises CheckFailed when it takes too long."""
    deadline = time.monotonic() + seconds
    while not condition():
        expect(time.monotonic() < deadline, f"{what} took more than {seconds:g} s")
        time.sleep(2)


@contextmanager
def told(what: str) -> Iterator[None]:
    """Prints what was checked when it held, and how long it took."""
    start = time.monotonic()
    yield
    print(f"ok  {time.monotonic() - start:5.0f} s  {what}", flush=True)


def fingerprint(folder: Path) -> dict[str, str]:
    """The files of a folder and a hash of each."""
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


if __name__ == "__main__":
    sys.exit(main())
