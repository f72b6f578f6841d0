#!/usr/bin/env python3
"""All of Airflow on this machine, and for this machine alone: its page answers on 127.0.0.1, and nothing else listens.

    .airflow/venv/bin/python orchestration/airflow/start.py

`airflow standalone` answers every address by default, and beside its page starts two servers of logs on 8793 and 8794
that cannot be told to answer this machine alone. One machine needs neither: logs are read from its disk.

Run it with the Python of Airflow's environment. Ends with the first signal, and everything with it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

COMMANDS = (
    ("api-server",),
    ("scheduler", "--skip-serve-logs"),
    ("dag-processor",),
    ("triggerer", "--skip-serve-logs"),
)
SECONDS_TO_END = 20


def main() -> int:
    """Starts all parts and waits for a signal, or for the first that ends by itself. Gives the exit code."""
    airflow = Path(sys.executable).with_name("airflow")
    if not airflow.exists():
        print(f"There is no Airflow beside {sys.executable}: see orchestration/airflow/README.md", file=sys.stderr)
        return 2
    # parts of it call `airflow` by name
    environment = {"AIRFLOW__API__HOST": "127.0.0.1", **os.environ}
    environment["PATH"] = f"{airflow.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    subprocess.run([airflow, "db", "migrate"], env=environment, check=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    # groups of their own: their children, too, can then be ended
    parts = [subprocess.Popen([airflow, *command], env=environment, start_new_session=True) for command in COMMANDS]
    try:
        while all(part.poll() is None for part in parts):
            time.sleep(0.5)
        ended = next(command[0] for command, part in zip(COMMANDS, parts) if part.poll() is not None)
        print(f"{ended} has ended, and so do the others", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        # a second ^C must not leave half of it behind
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        end(parts)


def end(parts: list[subprocess.Popen]) -> None:
    """Ends processes with all that they have started: asked first, then whether they want or not."""
    for part in parts:
        if part.poll() is None:
            part.terminate()
    deadline = time.monotonic() + SECONDS_TO_END
    while any(part.poll() is None for part in parts) and time.monotonic() < deadline:
        time.sleep(0.2)
    for part in parts:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(part.pid, signal.SIGKILL)
        part.wait()


if __name__ == "__main__":
    sys.exit(main())
