"""What a long step is doing: a line that changes in place on a terminal, and nothing elsewhere."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

Item = TypeVar("Item")

START_OF_LINE = "\r\033[K"


def _show(line: str) -> None:
    """Puts a line in the place of the one before; nothing clears it. A log file gets none of it."""
    if sys.stderr.isatty():
        width = shutil.get_terminal_size().columns - 1
        print(f"{START_OF_LINE}{line[:width]}", end="", file=sys.stderr, flush=True)


@contextmanager
def step(what: str) -> Iterator[None]:
    """Shows a step as long as it takes."""
    _show(f"{what} …")
    try:
        yield
    finally:
        _show("")


def counted(items: Sequence[Item], what: str) -> Iterator[Item]:
    """Gives the items one by one, and shows how many of them are done. Takes: what is being done with them."""
    try:
        for done, item in enumerate(items):
            _show(f"{what}: {done} of {len(items)}")
            yield item
    finally:
        _show("")
