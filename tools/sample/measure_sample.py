#!/usr/bin/env python3
"""Measure the committed sample from its raw rows, independently of the project's SQL.

    python tools/sample/measure_sample.py                    # print counts and planted truths as Markdown
    python tools/sample/measure_sample.py --update           # write them into docs/sample.md, between its markers
    python tools/sample/measure_sample.py --check            # fail if docs/sample.md holds other figures

It reads `seeds/sample/*.csv`, the brands' settings (`vars` of dbt_project.yml, or `--settings FILE`) and the weights
in `seeds/reference/interaction_types.csv`, and applies the definitions in plain Python: what is rejected, superseded
or after the date, purchases, spans, stages, loyalty. Needs PyYAML, which dbt brings along.
"""

from __future__ import annotations

import argparse
import csv
import operator
import re
import sys
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from statistics import mean, median
from zoneinfo import ZoneInfo

import yaml

from sample_atelier import AS_OF
from sample_cases import TABLES, rejected

ROOT = Path(__file__).resolve().parents[2]
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
STARRED = {
    "orders": ("brand_id", "order_id", "customer_id", "ordered_at", "status", "gross_amount"),
    "customers": ("brand_id", "customer_id"),
    "interactions": ("brand_id", "interaction_id", "customer_id", "occurred_at", "interaction_type"),
    "subscriptions": ("brand_id", "subscription_id", "customer_id", "subscription_kind", "started_at"),
    "feedback": ("brand_id", "feedback_id", "customer_id", "submitted_at", "score"),
    "marketing_spend": ("brand_id", "spend_date", "channel", "purpose", "amount"),
}
KEYS = {
    "orders": "order_id",
    "customers": "customer_id",
    "interactions": "interaction_id",
    "subscriptions": "subscription_id",
    "feedback": "feedback_id",
}
EVENT_TIME = {
    "orders": "ordered_at",
    "customers": "signed_up_at",
    "interactions": "occurred_at",
    "subscriptions": "started_at",
    "feedback": "submitted_at",
    "marketing_spend": "spend_date",
}
TIMES = {
    "ordered_at",
    "updated_at",
    "signed_up_at",
    "membership_joined_at",
    "occurred_at",
    "started_at",
    "ended_at",
    "submitted_at",
    "spend_date",
}
NUMBERS = {
    "gross_amount",
    "discount_amount",
    "refund_amount",
    "duration_seconds",
    "amount",
    "monthly_amount",
    "score",
    "impressions",
    "clicks",
}
LISTS = {
    "subscription_kind": {"product", "service"},
    "feedback_kind": {"nps", "csat", "review"},
    "purpose": {"acquisition", "retention"},
    "contactable": {"true", "false", "t", "f", "yes", "no", "1", "0"},
}
DEFAULTS = {
    "currency": None,
    "timezone": "UTC",
    "count_zero_value_orders": False,
    "valid_order_statuses": ["completed", "paid", "shipped", "delivered", "fulfilled"],
    "active": {"window_days": 30, "signals": ["order"]},
    "churn": {"window_days": 365, "signals": ["order", "subscription"]},
    "subscription_renewal_days": 30,
    "advocacy": {"window_days": 180},
    "engagement": {"window_days": 90, "full_score_points": 50, "weights": {}},
    "tiers": [],
}
TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d(?::?\d\d)?)?)?")
NUMBER = re.compile(r"[+-]?(\d+(\.\d+)?|\.\d+)(e[+-]\d\d?)?", re.IGNORECASE)
COMPARE = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
    "=": operator.eq,
    "!=": operator.ne,
}
FAR = date.max


# --- reading ----------------------------------------------------------------------------------------------------
def read_time(text: str):
    """(instant or None, date or None) of a time as text; a bare day only has a date."""
    found = TIME.fullmatch(text)
    if not found:
        raise ValueError(text)
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    if hour is None:
        return None, date(int(year), int(month), int(day))
    micro = int(((fraction or "") + "000000")[:6])
    moment = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second or 0), micro)
    if zone and zone != "Z":
        digits = zone[1:].replace(":", "")
        shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
        moment -= shift if zone[0] == "+" else -shift
    return moment.replace(tzinfo=timezone.utc), None


def read_number(text: str) -> Decimal:
    """A number that is not negative."""
    if not NUMBER.fullmatch(text) or Decimal(text) < 0:
        raise ValueError(text)
    return Decimal(text)


def read_value(column: str, text: str | None):
    """A trimmed text as the column's type."""
    if text is None:
        return None
    if column in TIMES:
        return read_time(text)
    if column in NUMBERS:
        number = read_number(text)
        if column == "score" and number > 10:
            raise ValueError(text)
        return number
    if column in LISTS and text.lower() not in LISTS[column]:
        raise ValueError(text)
    return text.lower() if column in LISTS or column in ("status", "interaction_type", "currency") else text


def reason_and_values(table: str, raw: dict, brands: dict):
    """(reason or None, values): the first reason to reject a row, or its values as they read."""
    trimmed = {column: (raw[column].strip() or None) for column in TABLES[table]}
    for column in STARRED[table]:
        if trimmed[column] is None:
            return f"missing_{column}", None
    values = {}
    for column in TABLES[table]:
        try:
            values[column] = read_value(column, trimmed[column])
        except ValueError:
            return f"invalid_{column}", None
        if column == "ended_at" and values[column] and is_before(values[column], values["started_at"]):
            return "invalid_ended_at", None
    if values["brand_id"] not in brands:
        return "unknown_brand", None
    wanted = brands[values["brand_id"]]["currency"]
    if table == "orders" and wanted and values["currency"] and values["currency"] != wanted.lower():
        return "currency_mismatch", None
    return None, values


def business_date(value, brand: dict) -> date | None:
    """The day of a time in the brand's own calendar."""
    if value is None:
        return None
    moment, day = value
    return day or moment.astimezone(ZoneInfo(brand["timezone"])).date()


def instant(value) -> datetime:
    """A time as something to sort by; null first, a bare day at its midnight."""
    if value is None:
        return datetime.min.replace(tzinfo=timezone.utc)
    moment, day = value
    return moment or datetime(day.year, day.month, day.day, tzinfo=timezone.utc)


def is_before(value, other) -> bool:
    """Whether a time lies before another: as days in UTC where one of them is a day."""
    if value[0] and other[0]:
        return value[0] < other[0]
    return instant(value).astimezone(timezone.utc).date() < instant(other).astimezone(timezone.utc).date()


def accept(table: str, seeds: Path, brands: dict, as_of: date):
    """(accepted rows, counts per brand, reasons): every raw row is exactly one of four."""
    with open(seeds / f"raw_{table}.csv", newline="", encoding="utf-8") as file:
        raws = list(csv.DictReader(file))
    counts, reasons, versions = defaultdict(Counter), [], defaultdict(list)
    for number, raw in enumerate(raws):
        brand_id = raw["brand_id"].strip() or "(missing)"
        counts[brand_id]["raw"] += 1
        reason, values = reason_and_values(table, raw, brands)
        if reason:
            counts[brand_id]["rejected"] += 1
            reasons.append((reason, raw))
            continue
        key = (brand_id, values[KEYS[table]]) if table in KEYS else number
        text = "|".join(raw[column] for column in TABLES[table]).encode()
        versions[key].append((instant(values.get("updated_at")), text, values))
    accepted = []
    for rows in versions.values():
        rows.sort(key=lambda row: row[:2])
        values = rows[-1][2]
        brand = brands[values["brand_id"]]
        counts[values["brand_id"]]["superseded"] += len(rows) - 1
        values["day"] = business_date(values[EVENT_TIME[table]], brand)
        late = values["day"] is not None and values["day"] > as_of
        counts[values["brand_id"]]["after" if late else "accepted"] += 1
        if not late:
            accepted.append(values)
    return accepted, counts, reasons


def read_settings(path: Path):
    """(brands, as_of_date) from the project's vars; without the date, that of the sample's latest order."""
    with open(path, encoding="utf-8") as file:
        given = yaml.safe_load(file).get("vars", {})
    given = given.get("customer_lifecycle", given) if "brands" not in given else given
    if "brands" not in given:
        sys.exit(f"{path}: the var brands is needed")
    brands = {}
    for name, settings in given["brands"].items():
        brands[name] = dict(DEFAULTS)
        for layer in (given.get("brand_defaults") or {}, settings):
            for key, value in layer.items():
                old = brands[name].get(key)
                brands[name][key] = {**old, **value} if isinstance(old, dict) and isinstance(value, dict) else value
    return brands, date.fromisoformat(str(given.get("as_of_date", AS_OF)))


# --- one brand --------------------------------------------------------------------------------------------------
def merge(intervals):
    """Overlapping or touching half-open intervals as disjoint spans."""
    spans = []
    for start, end in sorted(i for i in intervals if i[0] < i[1]):
        if spans and start <= spans[-1][1]:
            spans[-1][1] = max(spans[-1][1], end)
        else:
            spans.append([start, end])
    return spans


def covers(spans, day: date) -> bool:
    """Whether a span holds a day."""
    return any(start <= day < end for start, end in spans)


class Person:
    """A known customer of a brand with all that is known of them."""

    def __init__(self) -> None:
        self.row, self.orders, self.interactions, self.subscriptions, self.feedback = {}, [], [], [], []


class Brand:
    """A brand's accepted rows and the figures that follow from them."""

    def __init__(self, name: str, settings: dict, tables: dict, as_of: date, types: dict) -> None:
        self.name, self.settings, self.as_of, self.types = name, settings, as_of, types
        self.spend = [row for row in tables["marketing_spend"] if row["brand_id"] == name]
        people: dict[str, Person] = defaultdict(Person)
        self.other_orders = 0
        for row in (r for r in tables["orders"] if r["brand_id"] == name):
            row["net"] = row["gross_amount"] - (row["discount_amount"] or 0) - (row["refund_amount"] or 0)
            enough = row["net"] >= 0 if settings["count_zero_value_orders"] else row["net"] > 0
            if row["status"] in settings["valid_order_statuses"] and enough:
                row["discounted"] = bool(row["discount_amount"]) or row["coupon_code"] is not None
                people[row["customer_id"]].orders.append(row)
            else:
                self.other_orders += 1
        for table in ("interactions", "subscriptions", "feedback"):
            for row in tables[table]:
                if row["brand_id"] == name:
                    getattr(people[row["customer_id"]], table).append(row)
        for row in tables["customers"]:
            if row["brand_id"] == name:
                people[row["customer_id"]].row = row
        self.people = {}
        for key in sorted(people):
            person = people[key]
            person.id = key
            person.orders.sort(key=lambda row: (instant(row["ordered_at"]), row["order_id"].encode()))
            days = [row["day"] for row in person.orders + person.interactions + person.subscriptions]
            days += [person.row["day"]] if person.row.get("day") else []
            if days:
                person.known = min(days)
                self.people[key] = person
        self.buyers = [person for person in self.people.values() if person.orders]
        self.refer()
        for person in self.people.values():
            self.describe(person)

    def refer(self) -> None:
        """Referrals, and the days on which they were converted."""
        for person in self.people.values():
            person.referred, person.conversions = [], []
        for person in self.people.values():
            by = person.row.get("referred_by_customer_id")
            if by and by != person.id and by in self.people:
                self.people[by].referred.append(person)
                if person.orders:
                    self.people[by].conversions.append(person.orders[0]["day"])

    def spans(self, person: Person, setting: str):
        """The customer's spans under `active` or `churn`."""
        length, signals = timedelta(days=self.settings[setting]["window_days"]), self.settings[setting]["signals"]
        found = [(row["day"], row["day"] + length) for row in person.orders] if "order" in signals else []
        found += [(row["day"], row["day"] + length) for row in person.interactions if self.group(row) in signals]
        if "subscription" in signals:
            found += [(row["day"], self.ended(row)) for row in person.subscriptions]
        return merge(found)

    def ended(self, subscription: dict) -> date:
        """The end of a subscription; none, or one after the date, is far away."""
        end = business_date(subscription["ended_at"], self.settings)
        return FAR if end is None or end > self.as_of else end

    def group(self, interaction: dict) -> str:
        """The group of an interaction's type."""
        return self.types.get(interaction["interaction_type"], ("other", Decimal(0)))[0]

    def retained_from(self, person: Person) -> date:
        """The first day on which the customer counts as retained."""
        commitments = sorted(row["day"] for row in person.orders + person.subscriptions)
        days = [commitments[1]] if len(commitments) > 1 else []
        renewal = timedelta(days=self.settings["subscription_renewal_days"])
        days += [
            row["day"] + renewal
            for row in person.subscriptions
            if self.ended(row) == FAR or self.ended(row) - row["day"] >= renewal
        ]
        return min(days, default=FAR)

    def stage(self, person: Person, day: date) -> str:
        """The lifecycle stage at the close of a day."""
        in_base = covers(person.base, day)
        if not in_base and person.base and person.base[0][0] < day:
            return "churned"
        if in_base:
            window = timedelta(days=self.settings["advocacy"]["window_days"])
            signals = [row["day"] for row in person.interactions if self.group(row) == "advocacy"] + person.conversions
            if person.retained <= day:
                return "advocacy" if any(day - window < signal <= day for signal in signals) else "retention"
            if any(row["day"] <= day for row in person.orders + person.subscriptions):
                return "purchase"
        signed_up = person.row.get("day")
        considered = any(
            self.group(row) in ("consideration", "cart") and row["day"] <= day for row in person.interactions
        )
        return "consideration" if in_base or considered or (signed_up and signed_up <= day) else "awareness"

    def describe(self, person: Person) -> None:
        """Figures of a customer at the date."""
        as_of, orders = self.as_of, person.orders
        person.base, person.active = self.spans(person, "churn"), self.spans(person, "active")
        person.retained = self.retained_from(person)
        person.in_base = covers(person.base, as_of)
        person.is_active = person.in_base and covers(person.active, as_of)
        person.status = (
            "active" if person.is_active else "dormant" if person.in_base else "churned" if person.base else "prospect"
        )
        person.channel = person.row.get("acquisition_channel") or "unknown"
        person.stage = self.stage(person, as_of)
        engagement = self.settings["engagement"]
        recent = [row for row in person.interactions if (as_of - row["day"]).days < engagement["window_days"]]
        points = sum((self.weight(row) for row in recent), Decimal(0))
        days = sorted({row["day"] for row in orders})
        net = [row["net"] for row in orders]
        person.metrics = {
            "lifetime_orders": len(orders),
            "lifetime_net_revenue": sum(net),
            "distinct_order_days": len(days),
            "net_revenue_365d": sum(row["net"] for row in orders if (as_of - row["day"]).days < 365),
            "average_days_between_orders": (days[-1] - days[0]).days / (len(days) - 1) if len(days) > 1 else None,
            "discounted_order_share": mean(row["discounted"] for row in orders) if orders else None,
            "engagement_points": points,
            "engagement_score": min(100.0, 100.0 * float(points) / engagement["full_score_points"]),
            "email_opens_90d": sum(row["interaction_type"] == "email_open" for row in recent),
            "converted_referrals": len(person.conversions),
        }
        if not orders and not person.subscriptions:
            person.loyalty = "none"
        elif person.in_base and self.holds(self.settings["loyal_when"], person):
            person.loyalty = "loyal"
        else:
            person.loyalty = "repeat" if person.retained <= as_of else "one_time"
        person.tier = next(
            (tier["name"] for tier in self.settings["tiers"] if self.holds(tier["when"], person)), "none"
        )

    def weight(self, interaction: dict) -> Decimal:
        """Points of an interaction."""
        kind = interaction["interaction_type"]
        own = self.settings["engagement"]["weights"]
        return Decimal(str(own[kind])) if kind in own else self.types.get(kind, ("other", Decimal(0)))[1]

    def holds(self, rule: dict, person: Person) -> bool:
        """Whether a rule is true of a customer."""
        if "all" in rule:
            return all(self.holds(part, person) for part in rule["all"])
        if "any" in rule:
            return any(self.holds(part, person) for part in rule["any"])
        if "at_least" in rule:
            return sum(self.holds(part, person) for part in rule["of"]) >= rule["at_least"]
        if "not" in rule:
            return not self.holds(rule["not"], person)
        actual = person.metrics[rule["metric"]]
        return actual is not None and COMPARE[rule["op"]](float(actual), float(rule["value"]))

    def all_orders(self):
        """(order, customer, its number among the customer's orders)."""
        return [(row, person, n) for person in self.buyers for n, row in enumerate(person.orders, start=1)]


# --- the planted truths -----------------------------------------------------------------------------------------
def share(part, whole) -> str:
    """A percentage, or a dash."""
    return f"{100 * part / whole:.1f}%" if whole else "-"


def won(amount) -> str:
    """Money in whole units."""
    return f"{round(amount):,}"


def month(day: date) -> date:
    """The first day of a month."""
    return day.replace(day=1)


def second_within(person: Person, days: int) -> bool:
    """Whether a second order came in so many days."""
    return len(person.orders) > 1 and (person.orders[1]["day"] - person.orders[0]["day"]).days <= days


def cohort_truth(brand: Brand, first: date, neighbours) -> tuple[str, str]:
    """Second purchases within 180 days of a month's first buyers, compared with other months."""
    own = [p for p in brand.buyers if month(p.orders[0]["day"]) == first]
    rest = [p for p in brand.buyers if month(p.orders[0]["day"]) in neighbours]
    rate = [share(sum(second_within(p, 180) for p in group), len(group)) for group in (own, rest)]
    return f"{rate[0]} of {len(own)} first buyers", f"{rate[1]} of {len(rest)}"


def truths(brand: Brand, tables: dict) -> list[tuple[str, str, str]]:
    """(what was planted, where it shows, what the rows say) of the synthetic brand."""
    out, as_of = [], brand.as_of
    buyers, orders = brand.buyers, brand.all_orders()
    april, around = date(2025, 4, 1), [date(2025, m, 1) for m in (2, 3, 5, 6)]
    own, rest = cohort_truth(brand, april, around)
    out.append(
        (
            "The cohort of April 2025 (a sizing fault) is retained worse",
            "`second_purchase.second_purchase_rate_180d`; `cohort_retention.retention_rate`",
            f"a second order within 180 days: {own}; February, March, May, June 2025: {rest}",
        )
    )
    refunds = {
        m: (
            sum(o["refund_amount"] or 0 for o, _, _ in orders if month(o["day"]) == m),
            sum(o["gross_amount"] - (o["discount_amount"] or 0) for o, _, _ in orders if month(o["day"]) == m),
        )
        for m in [april, *around]
    }
    others = [sum(refunds[m][i] for m in around) for i in (0, 1)]
    out.append(
        (
            "... and its refunds are higher",
            "`brand_metrics.refund_amount` compared with `gross_amount` less `discount_amount` (month)",
            f"April {share(*refunds[april])}, the four months around it {share(*others)}",
        )
    )
    live = [p for p in buyers if p.channel == "instagram_live"]
    other = [
        p
        for p in buyers
        if month(p.orders[0]["day"]) in (date(2025, 11, 1), date(2025, 12, 1)) and p.channel != "instagram_live"
    ]
    out.append(
        (
            "The December live campaign brings one-time buyers",
            "`second_purchase`, cohort 2025-12; `acquisition_channels`, channel `instagram_live`",
            f"a second order within 180 days: {share(sum(second_within(p, 180) for p in live), len(live))} of "
            f"{len(live)} buyers of `instagram_live`; {share(sum(second_within(p, 180) for p in other), len(other))} "
            f"of {len(other)} other first buyers of November and December 2025",
        )
    )
    own, rest = cohort_truth(brand, date(2025, 12, 1), [date(2025, 10, 1), date(2025, 11, 1)])
    out.append(
        (
            "... so the whole cohort of December looks worse",
            "`second_purchase.second_purchase_rate_180d`",
            f"December {own}; October and November {rest}",
        )
    )
    out.append(echo_truth(brand))
    early = [p for p in buyers if (as_of - p.orders[0]["day"]).days >= 180]
    text = []
    for label, group in (
        ("친구추천", [p for p in early if p.channel == "친구추천"]),
        ("all other channels", [p for p in early if p.channel != "친구추천"]),
    ):
        text.append(
            f"{label}: {share(sum(p.in_base for p in group), len(group))} of {len(group)} in the base, "
            f"{mean(len(p.orders) for p in group):.1f} orders each"
        )
    out.append(
        (
            "Referred customers stay longer (first order at least 180 days ago)",
            "`customers.relationship_status`, `lifetime_orders` by `acquisition_channel`; `advocate_value`",
            "; ".join(text),
        )
    )
    out.append(
        (
            "... and so bring in more than others",
            "`advocate_value`: `referred_net_revenue` / `converted_referrals`, "
            "summed; `customers.lifetime_net_revenue`",
            advocate_value(brand),
        )
    )
    first = [o["net"] for o, _, n in orders if n == 1]
    later = [o["net"] for o, _, n in orders if n > 1]
    out.append(
        (
            "Orders grow after the first",
            "`brand_metrics.first_order_net_revenue`, `returning_net_revenue`; "
            "`lifecycle_stages.average_order_value` (`purchase` compared with `retention`, `advocacy`)",
            f"mean net value KRW {won(mean(first))} of first orders, {won(mean(later))} of later ones",
        )
    )
    often = [p for p in buyers if len(p.orders) >= 4]
    out.append(
        (
            "... also within the same customer",
            "`customers`, `fct_orders`",
            f"{len(often)} customers with four or more orders: mean KRW "
            f"{won(mean(p.orders[0]['net'] for p in often))} of the first, "
            f"{won(mean(o['net'] for p in often for o in p.orders[3:]))} from the fourth on",
        )
    )
    by_stage = defaultdict(list)
    for row, person, _ in orders:
        by_stage[brand.stage(person, row["day"])].append(row["net"])
    out.append(
        (
            "... by stage on the day of the order",
            "`lifecycle_stages.average_order_value`",
            ", ".join(
                f"{stage} KRW {won(mean(by_stage[stage]))} ({len(by_stage[stage])} orders)"
                for stage in ("purchase", "retention", "advocacy")
            ),
        )
    )
    for channel in ("naver_search", "instagram_ads", "인플루언서✨", "tiktok_ads", "instagram_live"):
        spent = sum(
            row["amount"] for row in brand.spend if row["channel"] == channel and row["purpose"] == "acquisition"
        )
        group = [p for p in brand.people.values() if p.base and p.channel == channel]
        revenue = sum(p.metrics["lifetime_net_revenue"] for p in group)
        in_time = [p for p in group if p.base[0][0] <= as_of - timedelta(days=180)]
        title = {
            "naver_search": "The most expensive channel returns most ...",
            "tiktok_ads": "... the cheap one leaves",
            "instagram_live": "... and so does the live show",
        }
        out.append(
            (
                title.get(channel, "... in between"),
                "`acquisition_channels.cost_per_acquisition`, `return_on_spend` (sums of all months)",
                f"`{channel}`: KRW {won(spent / len(group))} per acquired customer, returned "
                f"{revenue / spent:.1f} times; {share(sum(p.in_base for p in in_time), len(in_time))} of those "
                f"acquired at least 180 days ago still in the base",
            )
        )
    text = []
    for label in ("loyal", "repeat", "one_time"):
        group = [p for p in brand.people.values() if p.loyalty == label]
        text.append(
            f"{label} {mean(p.metrics['email_opens_90d'] for p in group):.2f} opens, "
            f"mean score {mean(p.metrics['engagement_score'] for p in group):.1f}"
        )
    out.append(
        (
            "Loyal customers read the emails",
            "`customers.email_opens_90d` by `loyalty_class`; `loyalty_summary.average_engagement_score`",
            "in 90 days: " + "; ".join(text),
        )
    )
    text = []
    for label in ("loyal", "repeat"):
        group = [o for p in brand.buyers if p.loyalty == label for o in p.orders]
        text.append(f"{label} {share(sum(o['discounted'] for o in group), len(group))}")
    hunters = sum(
        p.loyalty == "repeat" and p.in_base and len(p.orders) >= 3 and p.metrics["discounted_order_share"] > 0.5
        for p in buyers
    )
    out.append(
        (
            "Some repeat buyers come only for discounts",
            "`loyalty_summary.discounted_order_share`; `loyalty_criteria`, criterion `not only for discounts`",
            f"share of discounted orders: {', '.join(text)}; {hunters} customers of the base with three or more "
            "orders fail on the discounts",
        )
    )
    out.append(feedback_truth(brand))
    for title, old_only in (
        ("Customers buy more often in the second year", False),
        ("... even without the month's new customers", True),
    ):
        before, after = (monthly_frequency(orders, year, old_only) for year in (2025, 2026))
        out.append(
            (
                title,
                "`purchase_frequency_trend.purchase_frequency`, `purchase_frequency_change_yoy`",
                f"orders per purchasing customer and month, mean of {'February' if old_only else 'January'} to "
                f"June: {before:.3f} in 2025, {after:.3f} in 2026 ({after / before - 1:+.1%})",
            )
        )
    boxes = [(p, s) for p in brand.people.values() for s in p.subscriptions if s["subscription_kind"] == "product"]
    due = [(p, s) for p, s in boxes if (as_of - s["day"]).days >= 90]
    kept = sum(brand.ended(s) == FAR or (brand.ended(s) - s["day"]).days >= 90 for _, s in due)
    running = sum(brand.ended(s) == FAR for _, s in boxes)
    once = [p for p in early if not p.subscriptions and len(p.orders) > 1]
    out.append(
        (
            "Style box subscribers renew",
            "`customers.active_product_subscriptions`, "
            "`subscriptions_cancelled`; `brand_metrics.monthly_recurring_amount`",
            f"{len(boxes)} boxes, {running} running; of {len(due)} that came to their first renewal (90 days) "
            f"{share(kept, len(due))} went beyond it. For comparison: "
            f"{share(sum(p.in_base for p in once), len(once))} of earlier repeat buyers without a subscription are "
            "in the base",
        )
    )
    out.append(cart_truth(brand))
    return out


def echo_truth(brand: Brand) -> tuple[str, str, str]:
    """Who was lost in June 2026, and how many of them the December campaign had brought."""
    start, end = date(2026, 5, 31), date(2026, 6, 30)
    there = [p for p in brand.people.values() if covers(p.base, start)]
    lost = [p for p in there if not covers(p.base, end)]
    once = [p for p in there if brand.stage(p, start) == "purchase"]
    live = sum(p.channel == "instagram_live" and month(p.base[0][0]) == date(2025, 12, 1) for p in lost)
    return (
        "... and leaves half a year later (180 days without an order)",
        "`brand_metrics.churn_rate`, `lifecycle_transitions` (`purchase` to `churned`) and `lifecycle_stages` of June "
        "2026; not in `repeat_churn_rate`, so `churn_rate_high` stays silent; `analyses/lost_last_month.sql`",
        f"lost in June 2026: {share(len(lost), len(there))} of {len(there)}; of these {len(lost)}, {live} came with "
        "the "
        f"campaign; of {len(once)} in `purchase` {share(sum(p in lost for p in once), len(once))}",
    )


def advocate_value(brand: Brand) -> str:
    """What a referred customer brings in, and what an average buyer does."""
    referred = [p for person in brand.people.values() for p in person.referred if p.orders]
    return (
        f"KRW {won(mean(p.metrics['lifetime_net_revenue'] for p in referred))} per customer from "
        f"{len(referred)} referred buyers, KRW {won(mean(p.metrics['lifetime_net_revenue'] for p in brand.buyers))} "
        "from an average buyer"
    )


def monthly_frequency(orders, year: int, old_only: bool) -> float:
    """Mean over the first months of a year of orders per purchasing customer."""
    rates = []
    for number in range(2 if old_only else 1, 7):
        first = date(year, number, 1)
        who = [
            p.id
            for o, p, _ in orders
            if month(o["day"]) == first and not (old_only and month(p.orders[0]["day"]) == first)
        ]
        rates.append(len(who) / len(set(who)))
    return mean(rates)


def feedback_truth(brand: Brand) -> tuple[str, str, str]:
    """Whether customers buy again after negative feedback, answered or not."""
    result = defaultdict(list)
    for person in brand.people.values():
        for row in person.feedback:
            if row["score"] > 6:
                continue
            answers = [
                i
                for i in person.interactions
                if brand.group(i) in ("support", "contact")
                and later_than(i["occurred_at"], row["submitted_at"], i["day"], row["day"])
                and (i["day"] - row["day"]).days <= 30
            ]
            result[bool(answers)].append(any(order["day"] > row["day"] for order in person.orders))
    return (
        "An answer to negative feedback brings customers back",
        "`feedback_loop.bought_again` by `is_open`",
        f"bought again: {share(sum(result[True]), len(result[True]))} of {len(result[True])} answered, "
        f"{share(sum(result[False]), len(result[False]))} of {len(result[False])} not answered",
    )


def later_than(one, other, one_day: date, other_day: date) -> bool:
    """Whether a time is later than another; by date if either has no time of day."""
    return one_day > other_day if one[0] is None or other[0] is None else one[0] > other[0]


def cart_truth(brand: Brand) -> tuple[str, str, str]:
    """How many abandoned carts an order followed, before and after the reminder began."""
    result = defaultdict(lambda: [0, 0])
    for person in brand.people.values():
        carts = [row for row in person.interactions if row["interaction_type"] == "cart_abandoned"]
        recovered = set()
        for order in person.orders:
            before = [c for c in carts if not later_than(c["occurred_at"], order["ordered_at"], c["day"], order["day"])]
            before.sort(key=lambda c: (instant(c["occurred_at"]), c["interaction_id"].encode()))
            if before and 0 <= (order["day"] - before[-1]["day"]).days <= 7:
                recovered.add(before[-1]["interaction_id"])
        for cart in carts:
            period = "from 12 January 2026" if cart["day"] >= date(2026, 1, 12) else "before"
            result[period][0] += 1
            result[period][1] += cart["interaction_id"] in recovered
    text = "; ".join(f"{period}: {share(hit, all_)} of {all_} carts" for period, (all_, hit) in sorted(result.items()))
    return ("A reminder, sent since 12 January 2026, wins carts back", "`cart_recovery.recovery_rate`", text)


# --- report -----------------------------------------------------------------------------------------------------
def table_lines(header: list[str], rows) -> list[str]:
    """A Markdown table."""
    return [
        "| " + " | ".join(header) + " |",
        "|" + "---|" * len(header),
        *("| " + " | ".join(str(cell) for cell in row) + " |" for row in rows),
        "",
    ]


def report(seeds: Path, settings: Path) -> str:
    """Everything measured, as Markdown."""
    brands, as_of = read_settings(settings)
    with open(ROOT / "seeds" / "reference" / "interaction_types.csv", newline="", encoding="utf-8") as file:
        types = {
            row["interaction_type"]: (row["interaction_group"], Decimal(row["default_weight"]))
            for row in csv.DictReader(file)
        }
    tables, counts = {}, []
    for table in TABLES:
        tables[table], per_brand, reasons = accept(table, seeds, brands, as_of)
        expected = Counter(reason for reason, _ in rejected(table))
        if Counter(reason for reason, _ in reasons) != expected:
            raise SystemExit(f"{table}: rejected {Counter(r for r, _ in reasons)}, written as {expected}")
        for name, row in sorted(per_brand.items()):
            counts.append(
                [table, name, *(row[kind] for kind in ("raw", "accepted", "rejected", "superseded", "after"))]
            )
    lines = [f"`as_of_date` {as_of}.", ""]
    lines += table_lines(["table", "brand", "raw", "accepted", "rejected", "superseded", "after the date"], counts)
    measured = {name: Brand(name, setting, tables, as_of, types) for name, setting in brands.items()}
    rows = []
    for label, figure in FIGURES:
        rows.append([label, *(figure(brand) for brand in measured.values())])
    lines += table_lines(["at the date", *(f"`{name}`" for name in measured)], rows)
    lines += table_lines(["planted in `atelier`", "where it shows", "measured"], truths(measured["atelier"], tables))
    return "\n".join(lines).rstrip() + "\n"


def counted(attribute: str, names) -> callable:
    """A figure: customers by the values of an attribute."""

    def figure(brand: Brand) -> str:
        found = Counter(getattr(person, attribute) for person in brand.people.values())
        return ", ".join(f"{name} {found[name]}" for name in names if found[name])

    return figure


def usual_gap(brand: Brand) -> str:
    """The median of the customers' average days between orders."""
    gaps = [person.metrics["average_days_between_orders"] for person in brand.buyers]
    return f"{median(gap for gap in gaps if gap is not None):.1f}"


def kinds(brand: Brand) -> str:
    """The six kinds of active customers."""
    window, found = brand.settings["active"]["window_days"], Counter()
    for person in (p for p in brand.people.values() if p.is_active):
        groups = {brand.group(row) for row in person.interactions if (brand.as_of - row["day"]).days < window}
        running = {row["subscription_kind"] for row in person.subscriptions if brand.ended(row) == FAR}
        found["recent purchaser"] += any((brand.as_of - row["day"]).days < window for row in person.orders)
        found["loyal"] += person.loyalty == "loyal"
        for name, held in (("support", groups), ("product", running), ("service", running), ("contact", groups)):
            found[name] += name in held
    return ", ".join(f"{name} {number}" for name, number in found.items() if number)


FIGURES = (
    ("known customers", lambda b: f"{len(b.people):,}"),
    ("customers with an order", lambda b: f"{len(b.buyers):,}"),
    ("purchases", lambda b: f"{sum(len(p.orders) for p in b.buyers):,}"),
    ("orders that are no purchase", lambda b: b.other_orders),
    ("net revenue", lambda b: f"{sum(o['net'] for o, _, _ in b.all_orders()):,}"),
    ("average order value", lambda b: f"{mean(o['net'] for o, _, _ in b.all_orders()):,.2f}"),
    ("`average_days_between_orders`, median of customers", usual_gap),
    ("first order date", lambda b: min(p.orders[0]["day"] for p in b.buyers)),
    ("`relationship_status`", counted("status", ("active", "dormant", "churned", "prospect"))),
    (
        "active, of the base",
        lambda b: share(sum(p.is_active for p in b.people.values()), sum(p.in_base for p in b.people.values())),
    ),
    ("`loyalty_class`", counted("loyalty", ("loyal", "repeat", "one_time", "none"))),
    ("kinds of active customers", kinds),
    ("loyal, of customers with an order", lambda b: share(sum(p.loyalty == "loyal" for p in b.buyers), len(b.buyers))),
    ("`loyalty_tier`", counted("tier", ("vip", "gold", "silver", "none"))),
    (
        "`lifecycle_stage`",
        counted("stage", ("awareness", "consideration", "purchase", "retention", "advocacy", "churned")),
    ),
)


def main() -> None:
    """Print the figures, or update or check docs/sample.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=Path, default=ROOT / "seeds" / "sample")
    parser.add_argument("--settings", type=Path, default=ROOT / "dbt_project.yml")
    parser.add_argument("--update", action="store_true", help="write the figures into docs/sample.md")
    parser.add_argument("--check", action="store_true", help="fail if docs/sample.md holds other figures")
    options = parser.parse_args()
    text = report(options.seeds, options.settings)
    if not (options.update or options.check):
        print(text, end="")
        return
    page = ROOT / "docs" / "sample.md"
    old = page.read_text(encoding="utf-8")
    new = old[: old.index(BEGIN)] + BEGIN + "\n" + text + old[old.index(END) :]
    if options.check and new != old:
        sys.exit("docs/sample.md does not hold the measured figures: run tools/sample/measure_sample.py --update")
    if options.update:
        page.write_text(new, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
