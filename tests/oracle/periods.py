"""Weeks, months, quarters and years: first day, last day, and runs of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

DAY = timedelta(days=1)
GRAINS = ("week", "month", "quarter", "year")
MONTHS_IN = {"month": 1, "quarter": 3, "year": 12}


def period_start(day: date, grain: str) -> date:
    """The first day of the period of that grain that holds the day."""
    if grain == "week":
        return day - timedelta(days=day.weekday())
    months = MONTHS_IN[grain]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def next_start(start: date, grain: str) -> date:
    """The first day of the period after the one that begins on `start`."""
    if grain == "week":
        return start + timedelta(days=7)
    month = start.month - 1 + MONTHS_IN[grain]
    return date(start.year + month // 12, month % 12 + 1, 1)


def period_end(start: date, grain: str) -> date:
    """The last day of the period that begins on `start`."""
    return next_start(start, grain) - DAY


def period_starts(first: date, last: date, grain: str) -> Iterator[date]:
    """The first days of all periods from that of `first` to that of `last`."""
    start = period_start(first, grain)
    while start <= last:
        yield start
        start = next_start(start, grain)


def is_complete(start: date, grain: str, as_of_date: date) -> bool:
    """Whether the period that begins on `start` has ended by `as_of_date`."""
    return period_end(start, grain) <= as_of_date
