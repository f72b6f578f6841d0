"""Spans: the merged, half-open intervals of days that a customer's signals cover."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple


class Span(NamedTuple):
    """The days from `start` to the day before `end`; `end` None is endless."""

    start: date
    end: date | None

    def covers(self, day: date) -> bool:
        """Whether the span covers the day."""
        return self.start <= day and (self.end is None or day < self.end)

    def is_open(self, as_of_date: date) -> bool:
        """Whether nothing is known against the span yet."""
        return self.end is None or self.end > as_of_date


def window_interval(day: date, window_days: int) -> Span:
    """What an order or interaction on the day covers.

    A window that runs past the calendar is endless.
    """
    try:
        return Span(day, day + timedelta(days=window_days))
    except OverflowError:
        return Span(day, None)


def subscription_interval(started: date, ended: date | None, as_of_date: date) -> Span | None:
    """What a subscription covers; None where it covers nothing."""
    if ended is None or ended > as_of_date:
        return Span(started, None)
    return Span(started, ended) if ended > started else None


def merge_intervals(intervals: Iterable[Span]) -> list[Span]:
    """Overlapping and touching intervals merged, in the order of time."""
    merged: list[Span] = []
    for interval in sorted(intervals, key=lambda i: i.start):
        last = merged[-1] if merged else None
        if last is None or (last.end is not None and interval.start > last.end):
            merged.append(interval)
        elif last.end is not None:
            ends = (last.end, interval.end)
            end = None if None in ends else max(ends)
            merged[-1] = Span(last.start, end)
    return merged


def covered(spans: list[Span], day: date) -> bool:
    """Whether any of the spans covers the day."""
    return any(span.covers(day) for span in spans)
