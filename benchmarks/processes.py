"""What processes and all that they started use: processor time and memory, from /proc. Linux alone."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
EVERY_SECONDS = 0.5


def descendants(roots: Iterable[int]) -> set[int]:
    """The processes and all that they started and that live."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        fields = fields_of(int(folder.name))
        if fields:
            parents[int(folder.name)] = int(fields[1])
    found = {root for root in roots if root in parents}
    while True:
        more = {child for child, parent in parents.items() if parent in found} - found
        if not more:
            return found
        found |= more


def fields_of(process: int) -> list[str]:
    """The fields of /proc/…/stat from the third on; nothing if the process has ended."""
    try:
        return (Path("/proc") / str(process) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def processor_seconds(roots: Iterable[int]) -> float:
    """User and system time of the processes, of all that they started and that live, and of what those have waited
    for."""
    return sum(sum(map(int, fields[11:15])) for fields in map(fields_of, descendants(roots)) if fields) / TICKS


def memory_bytes(roots: Iterable[int]) -> int:
    """What they hold, with shared memory divided among those that share it."""
    held = 0
    for process in descendants(roots):
        try:
            lines = (Path("/proc") / str(process) / "smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        held += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    return held


class Watch:
    """Looks twice a second at what processes use, in a `with` block: `processor_seconds` in the block, and the most
    memory they held at once."""

    def __init__(self, roots: Callable[[], Iterable[int]]) -> None:
        self.roots = roots
        self.before = 0.0
        self.latest = 0.0
        self.memory = 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.look_on, daemon=True)

    @property
    def processor_seconds(self) -> float:
        return self.latest - self.before

    def look(self) -> None:
        roots = list(self.roots())
        # a process that has just ended takes its time with it
        self.latest = max(self.latest, processor_seconds(roots))
        self.memory = max(self.memory, memory_bytes(roots))

    def look_on(self) -> None:
        while not self.over.wait(EVERY_SECONDS):
            self.look()

    def __enter__(self) -> Watch:
        self.before = self.latest = processor_seconds(self.roots())
        self.thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.over.set()
        self.thread.join()
        self.look()
