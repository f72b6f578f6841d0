"""The six raw tables: every row accepted, rejected, superseded or after the date.

`classify` is the door: raw rows in, `Inputs` out.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from . import values
from .values import InvalidValue, Moment, business_date, time_zone

Raw = dict[str, list[dict[str, Any]]]
MISSING_BRAND = "(missing)"
# the one key of a raw row that stands for a malformed record of a file
MALFORMED = "malformed record"


def one_of(*words: str) -> Callable[[Any], str]:
    """A reader of a word from a fixed list, without case."""

    def read(value: Any) -> str:
        word = values.read_word(value)
        if word not in words:
            raise InvalidValue(word)
        return word

    return read


@dataclass(frozen=True)
class Table:
    """A raw table as the specification lists it.

    `columns` maps each column, in order, to its reader; `required` are the
    starred ones; `key` is empty where rows add up; `event` is the time that
    decides whether a row lies after `as_of_date`; `not_before` names, for a
    time, the one that it may not precede.
    """

    columns: dict[str, Callable[[Any], Any]]
    required: tuple[str, ...]
    key: tuple[str, ...]
    event: str
    not_before: dict[str, str] = field(default_factory=dict)


ID, TEXT, WORD = values.read_identifier, values.read_text, values.read_word
TIME = values.read_time
MONEY, COUNT = values.read_money, values.read_count

TABLES = {
    "orders": Table(
        columns={
            "brand_id": ID,
            "order_id": ID,
            "customer_id": ID,
            "ordered_at": TIME,
            "status": WORD,
            "gross_amount": MONEY,
            "discount_amount": MONEY,
            "refund_amount": MONEY,
            "currency": WORD,
            "coupon_code": TEXT,
            "channel": TEXT,
            "updated_at": TIME,
        },
        required=(
            "brand_id",
            "order_id",
            "customer_id",
            "ordered_at",
            "status",
            "gross_amount",
        ),
        key=("brand_id", "order_id"),
        event="ordered_at",
    ),
    "customers": Table(
        columns={
            "brand_id": ID,
            "customer_id": ID,
            "signed_up_at": TIME,
            "acquisition_channel": TEXT,
            "referred_by_customer_id": ID,
            "membership_joined_at": TIME,
            "contactable": values.read_boolean,
            "updated_at": TIME,
        },
        required=("brand_id", "customer_id"),
        key=("brand_id", "customer_id"),
        event="signed_up_at",
    ),
    "interactions": Table(
        columns={
            "brand_id": ID,
            "interaction_id": ID,
            "customer_id": ID,
            "occurred_at": TIME,
            "interaction_type": WORD,
            "duration_seconds": values.read_duration,
            "amount": MONEY,
        },
        required=(
            "brand_id",
            "interaction_id",
            "customer_id",
            "occurred_at",
            "interaction_type",
        ),
        key=("brand_id", "interaction_id"),
        event="occurred_at",
    ),
    "subscriptions": Table(
        columns={
            "brand_id": ID,
            "subscription_id": ID,
            "customer_id": ID,
            "subscription_kind": one_of("product", "service"),
            "started_at": TIME,
            "ended_at": TIME,
            "monthly_amount": MONEY,
            "updated_at": TIME,
        },
        required=(
            "brand_id",
            "subscription_id",
            "customer_id",
            "subscription_kind",
            "started_at",
        ),
        key=("brand_id", "subscription_id"),
        event="started_at",
        not_before={"ended_at": "started_at"},
    ),
    "feedback": Table(
        columns={
            "brand_id": ID,
            "feedback_id": ID,
            "customer_id": ID,
            "submitted_at": TIME,
            "feedback_kind": one_of("nps", "csat", "review"),
            "score": values.read_score,
        },
        required=(
            "brand_id",
            "feedback_id",
            "customer_id",
            "submitted_at",
            "score",
        ),
        key=("brand_id", "feedback_id"),
        event="submitted_at",
    ),
    "marketing_spend": Table(
        columns={
            "brand_id": ID,
            "spend_date": TIME,
            "channel": TEXT,
            "purpose": one_of("acquisition", "retention"),
            "amount": MONEY,
            "impressions": COUNT,
            "clicks": COUNT,
        },
        required=("brand_id", "spend_date", "channel", "purpose", "amount"),
        key=(),
        event="spend_date",
    ),
}


@dataclass
class Inputs:
    """The outcome for all raw rows.

    `accepted` holds, per table, the rows as read: every column, and for each
    time column `x_at` also `x_at_date`, its business date. `as_of_date` is
    None when none was given and no order gives one. `unread_customers` are
    the brands and customers whose consent cannot be read. `rejected_raw` has
    table, brand, reason and the row as it arrived; `sound` all rows that were
    not rejected, superseded ones too.
    """

    as_of_date: date | None
    accepted: dict[str, list[dict[str, Any]]]
    unread_customers: set[tuple[str, str]]
    rejected_rows: list[dict[str, Any]]
    rejected_raw: list[tuple[str, str | None, str, dict[str, Any]]]
    sound: dict[str, list[dict[str, Any]]]
    input_reconciliation: list[dict[str, Any]]


def row_text(table: Table, row: dict[str, Any]) -> str:
    """The row's columns as text, untrimmed, null as `\\N`, joined with `|`."""
    texts = (values.as_text(row.get(column)) for column in table.columns)
    return "|".join("\\N" if text is None else text for text in texts)


def read_row(table: Table, row: dict[str, Any], brands: dict[str, dict]) -> tuple[dict[str, Any], str | None]:
    """The row as read and the first reason to reject it, None if there is none.

    Columns that do not read are None in the row.
    """
    name = next(name for name, other in TABLES.items() if other is table)
    read: dict[str, Any] = {}
    reasons: list[str] = []
    for column in table.required:
        if values.is_null(row.get(column)):
            reasons.append(f"missing_{column}")
    for column, reader in table.columns.items():
        read[column] = None
        if not values.is_null(row.get(column)):
            try:
                read[column] = reader(row[column])
            except InvalidValue:
                reasons.append(f"invalid_{column}")
        own = brands.get(read["brand_id"], {})
        if column in own.get("dates_at_midnight", {}).get(name, []):
            read[column] = as_date(read[column])
        first = read.get(table.not_before.get(column))
        if first is not None and read[column] is not None and is_before(read[column], first):
            reasons.append(f"invalid_{column}")
    settings = brands.get(read["brand_id"])
    if settings is None:
        reasons.append("unknown_brand")
    elif read.get("currency") is not None and settings["currency"] is not None:
        if read["currency"] != values.read_word(settings["currency"]):
            reasons.append("currency_mismatch")
    return read, reasons[0] if reasons else None


def is_before(moment: Moment, other: Moment) -> bool:
    """Whether one time lies before another: days as days, instants as such."""
    if moment.day is None and other.day is None:
        return moment.instant < other.instant
    microseconds_a_day = 86_400_000_000
    return moment.instant // microseconds_a_day < other.instant // microseconds_a_day


def as_date(moment: Moment | None) -> Moment | None:
    """A moment at midnight as the date that it stands for."""
    if moment is None or moment.instant % (24 * 60 * 60 * 10**6):
        return moment
    time = values.EPOCH + timedelta(microseconds=moment.instant)
    return Moment(moment.instant, time.date())


def add_business_dates(row: dict[str, Any], zone: Any) -> None:
    """Give the row `<column>_date` beside each of its times."""
    for column in [c for c in row if c.endswith(("_at", "_date"))]:
        moment: Moment | None = row[column]
        row[f"{column}_date"] = None if moment is None else business_date(moment, zone)


def keep_latest(table: Table, rows: list[tuple[dict, str]]) -> tuple[list[dict], list[dict]]:
    """Split rows, each with its text, into those that stay and the superseded."""
    if not table.key:
        return [row for row, _ in rows], []
    versions: dict[tuple, list[tuple[tuple, dict]]] = defaultdict(list)
    for row, text in rows:
        updated = row.get("updated_at")
        rank = (
            updated is not None,
            updated.instant if updated is not None else 0,
            text.encode("utf-8"),
        )
        versions[tuple(row[c] for c in table.key)].append((rank, row))
    stay, superseded = [], []
    for candidates in versions.values():
        candidates.sort(key=lambda candidate: candidate[0])
        stay.append(candidates[-1][1])
        superseded.extend(row for _, row in candidates[:-1])
    return stay, superseded


def classify(raw: Raw, brands: dict[str, dict], as_of_date: date | None = None) -> Inputs:
    """Decide for each raw row which of the four it is.

    Takes the raw tables (an absent one is absent from `raw`), the merged
    settings by brand, and the last day that counts; without one it is the
    latest business date of any order that stays, and without any such order
    every row that has a date lies after it.
    """
    zones = {b: time_zone(s["timezone"]) for b, s in brands.items()}
    counts: Counter[tuple[str, str, str]] = Counter()
    rejected: list[dict[str, Any]] = []
    rejected_customers: list[dict[str, Any]] = []
    rejected_raw: list[tuple[str, str | None, str, dict[str, Any]]] = []
    sound: dict[str, list[dict]] = {}
    staying: dict[str, list[dict]] = {}
    for name, table in TABLES.items():
        valid: list[tuple[dict, str]] = []
        occurrences: Counter[str] = Counter()
        for raw_row in raw.get(name) or []:
            if MALFORMED in raw_row:
                # of no brand and of nobody, so nobody's consent is in doubt
                row = {"brand_id": None, "customer_id": None}
                reason = "malformed_row"
                text = raw_row[MALFORMED]
            else:
                row, reason = read_row(table, raw_row, brands)
                text = row_text(table, raw_row)
            counts[name, label(row), "raw_rows"] += 1
            if reason is None:
                add_business_dates(row, zones[row["brand_id"]])
                valid.append((row, text))
                continue
            if name == "customers" and reason == "malformed_row":
                # any part of the record may be the customer's id
                for part in re.split(r'[,;|"\t]', text) + text.split('"'):
                    if not values.is_null(part):
                        rejected_customers.append(
                            {
                                "brand_id": None,
                                "updated_at": None,
                                "customer_id": values.read_text(part),
                            }
                        )
            elif name == "customers":
                rejected_customers.append(row)
            rejected_raw.append((name, row["brand_id"], reason, raw_row))
            occurrences[text] += 1
            counts[name, label(row), "rejected_rows"] += 1
            digest = hashlib.md5(text.encode("utf-8")).hexdigest()
            rejected.append(
                {
                    "source_table": name,
                    "row_id": f"{digest}-{occurrences[text]}",
                    "brand_id": row["brand_id"],
                    "reason": reason,
                }
            )
        sound[name] = [row for row, _ in valid]
        staying[name], superseded = keep_latest(table, valid)
        for row in superseded:
            counts[name, label(row), "superseded_rows"] += 1
    if as_of_date is None:
        as_of_date = default_as_of_date(staying["orders"])
    accepted = {name: [] for name in TABLES}
    for name, rows in staying.items():
        for row in rows:
            day = row[f"{TABLES[name].event}_date"]
            after = day is not None and (as_of_date is None or day > as_of_date)
            outcome = "after_as_of_date_rows" if after else "accepted_rows"
            counts[name, label(row), outcome] += 1
            if not after:
                accepted[name].append(row)
    unread = unread_customers(brands, rejected_customers, staying["customers"], accepted["customers"])
    return Inputs(
        as_of_date,
        accepted,
        unread,
        rejected,
        rejected_raw,
        sound,
        reconciliation(counts),
    )


def unread_customers(
    brands: dict[str, dict],
    rejected: list[dict[str, Any]],
    staying: list[dict[str, Any]],
    accepted: list[dict[str, Any]],
) -> set[tuple[str, str]]:
    """The brands and customers of whom a row may say no that was not taken.

    Takes the rejected rows of `customers`, those that no version supersedes,
    and the accepted ones among these.
    """
    taken = {(row["brand_id"], row["customer_id"]): row for row in accepted}
    unread = {(row["brand_id"], row["customer_id"]) for row in staying}
    unread -= taken.keys()  # what is left is dated after the day
    for row in rejected:
        if row["customer_id"] is None:
            continue  # of nobody in particular
        of_brand = row["brand_id"]
        for brand_id in brands if of_brand is None else [of_brand]:
            key = brand_id, row["customer_id"]
            versions = [r["updated_at"] for r in (row, taken.get(key)) if r is not None]
            is_older = len(versions) == 2 and None not in versions and versions[0].instant < versions[1].instant
            if not is_older:
                unread.add(key)
    return unread


def default_as_of_date(orders: list[dict[str, Any]]) -> date | None:
    """The latest business date of the orders that stay, of any status."""
    return max((row["ordered_at_date"] for row in orders), default=None)


def label(row: dict[str, Any]) -> str:
    """The brand under which the row is counted."""
    return MISSING_BRAND if row["brand_id"] is None else row["brand_id"]


def reconciliation(counts: Counter) -> list[dict[str, Any]]:
    """One row per table and brand that has raw rows, from the counted outcomes."""
    columns = (
        "raw_rows",
        "accepted_rows",
        "rejected_rows",
        "superseded_rows",
        "after_as_of_date_rows",
    )
    pairs = sorted({(name, brand) for name, brand, _ in counts})
    return [
        {"source_table": name, "brand_id": brand} | {column: counts[name, brand, column] for column in columns}
        for name, brand in pairs
    ]
