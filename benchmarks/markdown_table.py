"""Tables in Markdown: a row for each figure, a column for each run."""

from __future__ import annotations

from collections.abc import Iterable


def row(label: str, cells: Iterable[str]) -> str:
    return f"| {label} | {' | '.join(cells)} |"


def head(runs: Iterable[str]) -> list[str]:
    """The first row, with the names of the runs, and the line beneath it."""
    names = list(runs)
    return [row("", names), "|---|" + "--:|" * len(names)]
