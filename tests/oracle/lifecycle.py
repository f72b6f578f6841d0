"""The lifecycle stages of customers: their histories, by period, transitions.

`stage_at` is the definition, for any day. The rest asks it: a history asks on
the days on which the answer may change, the marts of periods read histories.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from .arithmetic import mean, money, ratio
from .facts import Brand, Customer, is_retained, referrals_of
from .periods import (
    GRAINS,
    is_complete,
    period_end,
    period_start,
    period_starts,
)

DAY = timedelta(days=1)
STAGES = (
    "awareness",
    "consideration",
    "purchase",
    "retention",
    "advocacy",
    "churned",
)
UNKNOWN = "unknown"


@dataclass
class Run:
    """Days in one stage, to the day before `end`; None: to `as_of_date`."""

    stage: str
    start: date
    end: date | None = None


Histories = dict[str, list[Run]]


def advocacy_days(brand: Brand) -> dict[str, list[date]]:
    """The days of the advocacy signals of every customer, by customer_id."""
    days = {
        customer_id: [i.day for i in c.interactions if i.group == "advocacy"]
        for customer_id, c in brand.customers.items()
    }
    for referrer, referred in referrals_of(brand).items():
        days[referrer] += [c.orders[0].day for c in referred if c.orders]
    return days


def stage_at(brand: Brand, customer: Customer, signals: Iterable[date], day: date) -> str:
    """The stage at the close of the day, `unknown` before the first one.

    Takes the days of the customer's advocacy signals.
    """
    if day < customer.known_since:
        return UNKNOWN
    in_base = customer.in_base(day)
    if not in_base and any(span.start < day for span in customer.base_spans):
        return "churned"
    renewal_days = brand.settings["subscription_renewal_days"]
    if in_base and is_retained(customer, day, renewal_days):
        window = brand.settings["advocacy"]["window_days"]
        if any(0 <= (day - signal).days < window for signal in signals):
            return "advocacy"
        return "retention"
    committed = any(order.day <= day for order in customer.orders) or any(
        s.started <= day for s in customer.subscriptions
    )
    if in_base and committed:
        return "purchase"
    signed_up = customer.row.get("signed_up_at_date")
    considers = any(i.group in ("consideration", "cart") and i.day <= day for i in customer.interactions)
    if in_base or considers or (signed_up is not None and signed_up <= day):
        return "consideration"
    return "awareness"


def days_of_change(brand: Brand, customer: Customer, signals: Iterable[date]) -> list[date]:
    """All days on which the stage may change, from the first known one."""
    first = customer.known_since
    days: set[date | None] = {first}
    days |= {order.day for order in customer.orders}
    for span in customer.base_spans:
        days |= {span.start, span.end}
    for subscription in customer.subscriptions:
        renewal_days = brand.settings["subscription_renewal_days"]
        started = subscription.started
        days |= {started, later(started, renewal_days)}
    days.add(customer.row.get("signed_up_at_date"))
    days |= {i.day for i in customer.interactions if i.group in ("consideration", "cart")}
    for signal in signals:
        window = brand.settings["advocacy"]["window_days"]
        days |= {signal, later(signal, window)}
    return sorted(day for day in days if day is not None and first <= day <= brand.as_of_date)


def later(day: date, days: int) -> date | None:
    """The day so many days later, None past the end of the calendar."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return None


def histories(brand: Brand) -> Histories:
    """The runs of every known customer, in the order of time."""
    signals = advocacy_days(brand)
    result: Histories = {}
    for customer_id, customer in brand.customers.items():
        runs: list[Run] = []
        own = signals[customer_id]
        for day in days_of_change(brand, customer, own):
            stage = stage_at(brand, customer, own, day)
            if not runs or runs[-1].stage != stage:
                if runs:
                    runs[-1].end = day
                runs.append(Run(stage, day))
        result[customer_id] = runs
    return result


def stage_on(runs: list[Run], day: date) -> str:
    """The stage that a history has at the day, `unknown` before it begins."""
    for run in reversed(runs):
        if run.start <= day:
            return run.stage
    return UNKNOWN


def history_rows(brand: Brand, histories: Histories) -> list[dict[str, Any]]:
    """The mart `lifecycle_stage_history` of the brand."""
    result = []
    for customer_id, runs in histories.items():
        previous = None
        for run in runs:
            result.append(
                {
                    "brand_id": brand.brand_id,
                    "customer_id": customer_id,
                    "valid_from": run.start,
                    "valid_to": run.end,
                    "stage": run.stage,
                    "previous_stage": previous,
                    "is_current": run.end is None,
                }
            )
            previous = run.stage
    return result


def periods(brand: Brand, histories: Histories) -> list[tuple[str, date, date, bool]]:
    """Grain, first day, end as measured and completeness of every period.

    From the period in which the brand's first customer became known.
    """
    first = min((runs[0].start for runs in histories.values()), default=None)
    if first is None:
        return []
    return [
        (
            grain,
            start,
            min(period_end(start, grain), brand.as_of_date),
            is_complete(start, grain, brand.as_of_date),
        )
        for grain in GRAINS
        for start in period_starts(first, brand.as_of_date, grain)
    ]


def stage_rows(brand: Brand, histories: Histories) -> list[dict[str, Any]]:
    """The mart `lifecycle_stages` of the brand: all stages in every period."""
    orders = _by_period_and_stage(brand.orders(), histories)
    interactions = _by_period_and_stage(brand.interactions(), histories)
    result = []
    for grain, start, end, complete in periods(brand, histories):
        at_end = Counter(stage_on(runs, end) for runs in histories.values())
        known = len(histories) - at_end[UNKNOWN]
        for stage in STAGES:
            ordered = orders.get((grain, start, stage), [])
            buyers = len({order.customer_id for order in ordered})
            net = money(order.net_revenue for order in ordered)
            contacts = interactions.get((grain, start, stage), [])
            people = len({contact.customer_id for contact in contacts})
            result.append(
                {
                    "brand_id": brand.brand_id,
                    "period_grain": grain,
                    "period_start": start,
                    "stage": stage,
                    "period_end": period_end(start, grain),
                    "is_complete_period": complete,
                    "customers": at_end[stage],
                    "share_of_customers": ratio(at_end[stage], known),
                    "orders": len(ordered),
                    "net_revenue": net,
                    "average_order_value": ratio(net, len(ordered)),
                    "purchasing_customers": buyers,
                    "purchase_frequency": ratio(len(ordered), buyers),
                    "interactions": len(contacts),
                    "interactions_per_customer": ratio(len(contacts), people),
                }
            )
    return result


def _by_period_and_stage(happened: Iterable[Any], histories: Histories) -> dict[tuple[str, date, str], list[Any]]:
    """Orders or interactions by grain, period and the stage on their day."""
    result: dict[tuple[str, date, str], list[Any]] = {}
    for one in happened:
        stage = stage_on(histories[one.customer_id], one.day)
        for grain in GRAINS:
            key = grain, period_start(one.day, grain), stage
            result.setdefault(key, []).append(one)
    return result


def transition_rows(brand: Brand, histories: Histories) -> list[dict[str, Any]]:
    """The mart `lifecycle_transitions` of the brand: pairs that occur."""
    result = []
    for grain, start, end, complete in periods(brand, histories):
        pairs = Counter((stage_on(runs, start - DAY), stage_on(runs, end)) for runs in histories.values())
        at_start = Counter(stage_on(runs, start - DAY) for runs in histories.values())
        for (before, after), customers in sorted(pairs.items()):
            if after == UNKNOWN:
                continue
            rate = ratio(customers, at_start[before])
            result.append(
                {
                    "brand_id": brand.brand_id,
                    "period_grain": grain,
                    "period_start": start,
                    "from_stage": before,
                    "to_stage": after,
                    "is_complete_period": complete,
                    "customers": customers,
                    "transition_rate": None if before == UNKNOWN else rate,
                }
            )
    return result


def engagement_rows(brand: Brand, histories: Histories) -> list[dict[str, Any]]:
    """The mart `engagement_by_stage` of the brand: what occurs."""
    found: dict[tuple[date, str, str], list[Any]] = {}
    for one in brand.interactions():
        stage = stage_on(histories[one.customer_id], one.day)
        key = period_start(one.day, "month"), stage, one.type
        found.setdefault(key, []).append(one)
    known = min((runs[0].start for runs in histories.values()), default=None)
    rows = []
    for (month, stage, name), own in found.items():
        last_year = date(month.year - 1, month.month, 1)
        complete = is_complete(month, "month", brand.as_of_date)
        each = per_customer(own)
        before = None
        if complete and known is not None and last_year >= known:
            before = per_customer(found.get((last_year, stage, name), []))
        timed = [one.seconds for one in own if one.has_duration]
        rows.append(
            {
                "brand_id": brand.brand_id,
                "period_start": month,
                "stage": stage,
                "interaction_type": name,
                "interaction_group": own[0].group,
                "is_complete_period": complete,
                "interactions": len(own),
                "customers": len({one.customer_id for one in own}),
                "interactions_per_customer": float(each),
                "average_duration_seconds": mean(timed),
                "interactions_per_customer_prior_year": None if before is None else float(before),
                "interactions_per_customer_change_yoy": (None if before is None else float(each / before - 1)),
            }
        )
    return rows


def per_customer(happened: list[Any]) -> Fraction | None:
    """How many there are for each customer that has any."""
    people = len({one.customer_id for one in happened})
    return Fraction(len(happened), people) if people else None
