#!/usr/bin/env python3
"""A small Spark cluster on this machine, from the package that requirements-spark.txt installs.

    eval "$(python src/customer_lifecycle/local_spark.py start)"    # a master, two workers and a Thrift server
    dbt build --target spark_thrift --exclude-resource-type unit_test
    python src/customer_lifecycle/local_spark.py stop               # stop it and delete its data
    python src/customer_lifecycle/local_spark.py java               # only look for Java: exit code 2 without

Everything listens on 127.0.0.1 alone, on free ports. Data and logs are in `.spark/cluster/`, or in the folder
LIFECYCLE_SPARK_DIR. It is for trying the project on a cluster, and no place for data that matters.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import importlib.util
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

# of the project in whose folder it is called
FOLDER = Path(os.environ.get("LIFECYCLE_SPARK_DIR", ".spark")).absolute() / "cluster"
STATE = FOLDER / "cluster.json"
LEAST_JAVA = 17
WORKERS = 2
START_SECONDS = 180
STOP_SECONDS = 20

State = dict[str, Any]


class SparkError(Exception):
    """What the user is told, without a traceback."""


def java() -> str:
    """The path of Java. Raises SparkError where there is none, or an old one."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which(str(Path(home) / "bin" / "java") if home else "java")
    get_it = (
        f"Spark needs Java {LEAST_JAVA} or later. Debian and Ubuntu: apt-get install openjdk-17-jre-headless; "
        "macOS: brew install openjdk@17; or set JAVA_HOME to where it is."
    )
    if found is None:
        raise SparkError(f"there is no Java{f' in JAVA_HOME ({home})' if home else ''}. {get_it}")
    said = subprocess.run([found, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(?:1\.)?(\d+)', said)
    if version is None or int(version[1]) < LEAST_JAVA:
        raise SparkError(f"{found} is Java {version[1] if version else 'of an unknown version'}. {get_it}")
    return found


def spark_home() -> Path:
    spec = importlib.util.find_spec("pyspark")
    if spec is None or not spec.submodule_search_locations:
        raise SparkError(f"no Spark in this Python ({sys.executable}): run `pip install -r requirements-spark.txt`")
    return Path(next(iter(spec.submodule_search_locations)))


def say(message: str) -> None:
    """Messages go to the error output: the standard output is for `eval`."""
    print(message, file=sys.stderr)


@contextlib.contextmanager
def locked() -> Iterator[None]:
    """One start or stop at a time."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER.parent / "cluster.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def read_state() -> State | None:
    """What is on record of the cluster; nothing where there is none."""
    try:
        found: State = json.loads(STATE.read_text())
        return found
    except (FileNotFoundError, json.JSONDecodeError):
        return None


def write_state(state: State) -> None:
    STATE.write_text(json.dumps(state, indent=2) + "\n")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
        return True
    return False


def is_ours(pid: int) -> bool:
    """Whether a process is alive and one of Spark's: the number may have gone to another."""
    said = subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return "org.apache.spark" in said


def launch(state: State, name: str, command: Sequence[object], memory: str = "512m") -> None:
    """Starts a part of the cluster, and puts it on record before anything else happens."""
    environment = {
        **os.environ,
        "SPARK_HOME": str(spark_home()),
        "SPARK_LOCAL_IP": "127.0.0.1",
        # a Thrift server takes its memory from here as well, and not from spark.driver.memory
        "SPARK_DAEMON_MEMORY": memory,
        "PYSPARK_PYTHON": sys.executable,
    }
    with (FOLDER / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=FOLDER,
            env=environment,
            start_new_session=True,
        )
    state["processes"][name] = process.pid
    write_state(state)


def tail(name: str, lines: int = 15) -> str:
    with contextlib.suppress(OSError):
        text = (FOLDER / f"{name}.log").read_text(errors="replace").splitlines()
        return "\n".join("  " + line for line in text[-lines:])
    return ""


def wait_for(state: State, name: str, port: int) -> None:
    end = time.monotonic() + START_SECONDS
    while not answers(port):
        if not is_ours(state["processes"][name]) or time.monotonic() > end:
            raise SparkError(f"the {name} did not start:\n{tail(name)}")
        time.sleep(0.5)


def new_cluster(workers: int) -> State:
    programs = spark_home() / "bin"
    state: State = {"processes": {}, "master_port": free_port(), "port": free_port()}
    master = f"spark://127.0.0.1:{state['master_port']}"
    run = [programs / "spark-class"]
    launch(
        state,
        "master",
        [
            *run,
            "org.apache.spark.deploy.master.Master",
            "--host",
            "127.0.0.1",
            "--port",
            state["master_port"],
            "--webui-port",
            0,
        ],
    )
    wait_for(state, "master", state["master_port"])
    for number in range(1, workers + 1):
        launch(
            state,
            f"worker-{number}",
            [
                *run,
                "org.apache.spark.deploy.worker.Worker",
                "--host",
                "127.0.0.1",
                "--webui-port",
                0,
                "--cores",
                1,
                "--memory",
                "3g",
                "--work-dir",
                FOLDER / f"worker-{number}",
                master,
            ],
        )
    settings = {
        # what a small table takes that is broadcast; on few cores it would be 64 MB
        "spark.buffer.pageSize": "4m",
        "spark.executor.memory": "2g",
        "spark.executor.cores": "1",
        "spark.ui.enabled": "false",
        "spark.log.level": "WARN",
        "spark.sql.warehouse.dir": FOLDER / "warehouse",
        "spark.hadoop.javax.jdo.option.ConnectionURL": f"jdbc:derby:;databaseName={FOLDER / 'metastore'};create=true",
        "spark.driver.extraJavaOptions": f"-Dderby.system.home={FOLDER}",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "4",
        "spark.sql.ansi.enabled": "false",
        # a session per connection shares the catalog, not its temporary views
        "spark.sql.hive.thriftServer.singleSession": "false",
    }
    launch(
        state,
        "thrift-server",
        [
            programs / "spark-submit",
            "--master",
            master,
            "--class",
            "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2",
            *(part for name, value in settings.items() for part in ("--conf", f"{name}={value}")),
            "spark-internal",
            "--hiveconf",
            f"hive.server2.thrift.port={state['port']}",
            "--hiveconf",
            "hive.server2.thrift.bind.host=127.0.0.1",
        ],
        memory=os.environ.get("LIFECYCLE_SPARK_MEMORY", "4g"),
    )
    wait_for(state, "thrift-server", state["port"])
    return state


def remove(state: State | None) -> bool:
    """Stops what runs and deletes the data; returns whether anything ran."""
    running = [pid for pid in (state or {}).get("processes", {}).values() if is_ours(pid)]
    for pid in reversed(running):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGTERM)
    end = time.monotonic() + STOP_SECONDS
    while any(is_ours(pid) for pid in running):
        if time.monotonic() > end:
            for pid in running:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGKILL)
        time.sleep(0.2)
    shutil.rmtree(FOLDER, ignore_errors=True)
    return bool(running)


def is_running(state: State) -> bool:
    return all(map(is_ours, state["processes"].values())) and answers(state["port"])


def exports(state: State) -> str:
    values = {"LIFECYCLE_SPARK_HOST": "127.0.0.1", "LIFECYCLE_SPARK_PORT": str(state["port"])}
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in values.items())


def start(workers: int = WORKERS) -> None:
    with locked():
        state = read_state()
        if state and is_running(state):
            say(f"Spark runs already, its Thrift server on port {state['port']}")
        else:
            java()
            remove(state)
            FOLDER.mkdir(parents=True)
            try:
                state = new_cluster(workers)
            except BaseException:
                remove(read_state())
                raise
            say(f"Spark started: a master, workers: {workers}, and a Thrift server on port {state['port']}")
    print(exports(state))


def stop() -> None:
    if not FOLDER.exists():
        say("Spark was not running")
        return
    with locked():
        ran = remove(read_state())
    say("Spark stopped, its data deleted" if ran else "Spark was not running")


def status() -> int:
    state = read_state()
    if not state or not is_running(state):
        say("Spark is not running")
        return 1
    say(f"Spark runs, its Thrift server on port {state['port']}, data in {FOLDER}")
    print(exports(state))
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "command",
        choices=["start", "stop", "status", "java"],
        help="start: start the cluster or find it running, and print the `export` lines to eval; stop: stop it and "
        "delete its data; status: report whether it runs (exit 1: it does not); java: look for Java alone",
    )
    parser.add_argument("--workers", type=int, default=WORKERS, help=f"of one core each, by default {WORKERS}")
    arguments = parser.parse_args()
    commands: dict[str, Callable[[], int | None]] = {
        "start": lambda: start(arguments.workers),
        "stop": stop,
        "status": status,
        "java": lambda: say(java()),
    }
    try:
        return commands[arguments.command]() or 0
    except (SparkError, OSError) as error:
        say(f"local_spark: {error}")
        return 2


if __name__ == "__main__":
    sys.exit(main())
