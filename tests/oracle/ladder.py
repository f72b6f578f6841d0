"""The marts `order_ladder` and `order_ladder_summary`: the product limit, gap by gap."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from .arithmetic import ratio
from .facts import Brand

RUNGS = ("1", "2", "3-4", "5-9", "10+", "all")
WINDOWS = (30, 60, 90, 180, 365)
ROOM = 1e-9  # of a comparison with a share

Row = dict[str, Any]


def gaps_of(brand: Brand) -> dict[str, list[tuple[int, bool]]]:
    """By rung, the length of every gap and whether an order ended it."""
    gaps: dict[str, list[tuple[int, bool]]] = defaultdict(list)
    known_from = first_day_of_the_rungs(brand)
    for customer in brand.customers.values():
        days = customer.order_days()
        for number, day in enumerate(days, start=1):
            is_followed = number < len(days)
            end = days[number] if is_followed else brand.as_of_date
            gap = ((end - day).days, is_followed)
            gaps["all"].append(gap)
            if days[0] >= known_from:
                gaps[rung_of(number)].append(gap)
    return gaps


def first_day_of_the_rungs(brand: Brand) -> date:
    """From when on a first order is the customer's first one, as far as can be told."""
    days = [order.day for order in brand.orders()]
    if not days or brand.settings["history_is_complete"]:
        return date.min
    return min(days) + timedelta(days=brand.settings["churn"]["window_days"])


def rung_of(number: int) -> str:
    """The rung of a gap that begins with the order date of that number."""
    if number in (1, 2):
        return str(number)
    if number < 5:
        return "3-4"
    return "5-9" if number < 10 else "10+"


class Curve:
    """The product limit of a list of gaps, worked out day by day."""

    def __init__(self, gaps: list[tuple[int, bool]]) -> None:
        self.gaps = len(gaps)
        self.longest = max((length for length, _ in gaps), default=-1)
        self.events = Counter(length for length, is_event in gaps if is_event)
        self.censored = Counter(length for length, is_event in gaps if not is_event)
        self.days = sorted(self.events.keys() | self.censored.keys())
        self.at_risk: dict[int, int] = {}
        self.logs: dict[int, float] = {}
        self.errors: dict[int, float | None] = {}
        left, log, error = len(gaps), [], []
        for day in self.days:
            self.at_risk[day] = left
            if self.events[day] < left:
                log.append(math.log1p(-self.events[day] / left))
                error.append(self.events[day] / (left * (left - self.events[day])))
                self.logs[day] = math.fsum(log)
                self.errors[day] = math.fsum(error)
            else:
                self.logs[day], self.errors[day] = -math.inf, None
            left -= self.events[day] + self.censored[day]

    def survival(self, day: int) -> float:
        """The share of gaps that last beyond the day."""
        log = 0.0
        for row in self.days:
            if row <= day:
                log = self.logs[row]
        return math.exp(log)

    def smallest_day(self, largest_survival: float) -> int | None:
        """The first day on which no more than that share is left."""
        for day in self.days:
            if math.exp(self.logs[day]) <= largest_survival + ROOM:
                return day
        return None

    def return_share(self, window: int, follow_up: int) -> float | None:
        """Of those silent for the window, who return in the days after it."""
        silent = self.survival(window)
        if not silent or window + follow_up > self.longest:
            return None
        return (silent - self.survival(window + follow_up)) / silent

    def advised_window(self, share: float, follow_up: int) -> int | None:
        """The first window after which few enough return, of fifty or more."""
        logs, left = [0.0], [self.gaps]
        for day in range(self.longest + 1):
            logs.append(self.logs.get(day, logs[-1]))
            left.append(left[-1] - self.events[day] - self.censored[day])
        # logs[day + 1] is of the close of the day, left[day] of the gaps that last that long
        for window in range(1, self.longest - follow_up + 1):
            end = window + follow_up
            silent, still = math.exp(logs[window + 1]), math.exp(logs[end + 1])
            if left[end] >= 50 and silent and (silent - still) / silent <= share + ROOM:
                return window
        return None


def ladder_rows(brand: Brand) -> list[Row]:
    """A row for each rung and length of a gap."""
    rows = []
    for rung, gaps in gaps_of(brand).items():
        curve = Curve(gaps)
        for day in curve.days:
            survival = math.exp(curve.logs[day])
            error = curve.errors[day]
            rows.append(
                {
                    "brand_id": brand.brand_id,
                    "from_order": rung,
                    "day": day,
                    "at_risk": curve.at_risk[day],
                    "events": curve.events[day],
                    "censored": curve.censored[day],
                    "survival": survival,
                    "standard_error": None if error is None else survival * math.sqrt(error),
                }
            )
    return rows


def summary_rows(brand: Brand) -> list[Row]:
    """All six rungs of a brand with orders, and what its window is worth."""
    if not brand.orders():
        return []
    gaps = gaps_of(brand)
    setting = brand.settings["window_advice"]
    follow_up, share = setting["follow_up_days"], float(setting["return_share"])
    window = brand.settings["churn"]["window_days"]
    rows = []
    for rung in RUNGS:
        curve = Curve(gaps[rung])
        row: Row = {
            "brand_id": brand.brand_id,
            "from_order": rung,
            "gaps": curve.gaps,
            "events": sum(curve.events.values()),
        }
        for days in WINDOWS:
            row[f"ordered_again_within_{days}d"] = 1 - curve.survival(days) if days <= curve.longest else None
        advised = curve.advised_window(share, follow_up)
        row |= {
            "median_days": curve.smallest_day(0.5),
            "quartile_3_days": curve.smallest_day(0.25),
            "churn_window_days": window,
            "return_share_at_setting": curve.return_share(window, follow_up),
            "advised_churn_window_days": advised,
            "advice_status": "not_reached" if advised is None else "ok",
            "advised_active_window_days": active_window(curve),
        }
        row |= (
            followed_churns(brand, follow_up)
            if rung == "all"
            else dict.fromkeys(("churns_followed", "false_churns", "false_churn_share"))
        )
        rows.append(row)
    return rows


def active_window(curve: Curve) -> int | None:
    """When three quarters of a year's returns have come; None without any."""
    returned = 1 - curve.survival(min(365, curve.longest)) if curve.days else 0.0
    return curve.smallest_day(1 - 0.75 * returned) if returned else None


def followed_churns(brand: Brand, follow_up: int) -> Row:
    """Churns that lie long enough back, and how many were none."""
    found = false = 0
    for customer in brand.customers.values():
        spans = customer.base_spans
        for span, following in zip(spans, [*spans[1:], None]):
            if span.is_open(brand.as_of_date) or (brand.as_of_date - span.end).days < follow_up:
                continue
            found += 1
            false += following is not None and following.start <= span.end + timedelta(days=follow_up)
    return {
        "churns_followed": found,
        "false_churns": false,
        "false_churn_share": ratio(false, found),
    }


def window_is_off(brand: Brand, row: Row) -> tuple[Any, Any] | None:
    """The figure and the limit that call the churn window into question.

    Takes the row `all`. None where the window is fine, or where other signals
    than orders keep customers in the base; subscriptions do where there are any.
    """
    signals = set(brand.settings["churn"]["signals"])
    if (
        signals - {"order", "subscription"}
        or "order" not in signals
        or ("subscription" in signals and brand.subscriptions())
    ):
        return None
    window, advised = row["churn_window_days"], row["advised_churn_window_days"]
    if advised is not None and not Fraction(advised, 2) <= window <= 2 * advised:
        return window, advised
    if row["churns_followed"] >= 30 and Fraction(row["false_churns"], row["churns_followed"]) > Fraction(1, 2):
        return row["false_churn_share"], 0.5
    return None
