"""`quality.input_findings`, without its hints: what looks wrong about the rows."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from .inputs import MALFORMED, MISSING_BRAND, TABLES, Inputs
from .values import EPOCH, as_text

ALERTS = ("no_order_counts", "ids_never_meet")
UTC_NAMES = ("UTC", "Etc/UTC", "GMT", "Etc/GMT")
# the time columns that have a business date, by table
TIMES = {
    "orders": ["ordered_at"],
    "customers": ["signed_up_at", "membership_joined_at"],
    "interactions": ["occurred_at"],
    "subscriptions": ["started_at", "ended_at"],
    "feedback": ["submitted_at"],
    "marketing_spend": ["spend_date"],
}
# what two rows of one key may not differ in, unless one of them is later
AMOUNTS = {
    "orders": ["gross_amount", "discount_amount", "refund_amount"],
    "interactions": ["duration_seconds", "amount"],
    "subscriptions": ["monthly_amount"],
    "feedback": ["score"],
}

Row = dict[str, Any]


def rows(
    inputs: Inputs,
    settings: dict[str, dict[str, Any]],
    max_customer_order_share: Any,
) -> list[Row]:
    """The findings of all brands, also of those without settings."""
    return [
        *rejections(inputs),
        *(
            row
            for brand_id, own in settings.items()
            for row in (
                *statuses(inputs, brand_id, own),
                *midnights(inputs, brand_id, own),
                *versions(inputs, brand_id),
                *strangers(inputs, brand_id, own),
                *channels(inputs, brand_id),
                *dominant(inputs, brand_id, own, max_customer_order_share),
            )
        ),
    ]


def finding(brand_id: str, table: str, name: str, count: int, example: str) -> Row:
    """A row of the table, its example cut as a reader sees it."""
    return {
        "brand_id": brand_id,
        "source_table": table,
        "finding": name,
        "row_count": count,
        "example": example if len(example) <= 200 else example[:197] + "...",
        "is_alert": name in ALERTS,
    }


def first(texts: Any) -> str:
    """The text that is the first byte by byte."""
    return min(texts, key=lambda text: text.encode("utf-8"))


def of_brand(inputs: Inputs, table: str, brand_id: str) -> list[Row]:
    return [row for row in inputs.accepted[table] if row["brand_id"] == brand_id]


def is_purchase(row: Row, settings: Row) -> bool:
    valid = [word.strip().lower() for word in settings["valid_order_statuses"]]
    net = row["gross_amount"] - (row["discount_amount"] or 0) - (row["refund_amount"] or 0)
    lowest = 0 if settings["count_zero_value_orders"] else Decimal("0.0001")
    return row["status"] in valid and net >= lowest


def purchases(inputs: Inputs, brand_id: str, settings: Row) -> list[Row]:
    return [row for row in of_brand(inputs, "orders", brand_id) if is_purchase(row, settings)]


def statuses(inputs: Inputs, brand_id: str, settings: Row) -> Iterator[Row]:
    orders = of_brand(inputs, "orders", brand_id)
    counts = Counter(row["status"] for row in orders)
    if not counts:
        return
    name = "no_order_counts"
    if purchases(inputs, brand_id, settings):
        name = "status_does_not_count"
        valid = {w.strip().lower() for w in settings["valid_order_statuses"]}
        counts = Counter(
            {
                status: count
                for status, count in counts.items()
                if status not in valid and Fraction(count, len(orders)) > Fraction(1, 20)
            }
        )
    if counts:
        ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0].encode()))
        example = ", ".join(f"'{s}' ({n})" for s, n in ranked[:10])
        if len(ranked) > 10:
            example += f" and {len(ranked) - 10} more"
        yield finding(brand_id, "orders", name, sum(counts.values()), example)


def moment_text(instant: int) -> tuple[str, bool]:
    """The time in UTC as text, and whether it is midnight."""
    time = EPOCH + timedelta(microseconds=instant)
    return str(time), not (time - datetime(time.year, time.month, time.day))


def midnights(inputs: Inputs, brand_id: str, settings: Row) -> Iterator[Row]:
    if settings["timezone"] in UTC_NAMES:
        return
    for table, columns in TIMES.items():
        examples, count = [], 0
        for column in columns:
            timed = [
                (row[column].instant, row[f"{column}_date"])
                for row in of_brand(inputs, table, brand_id)
                if row[column] is not None
                and row[column].day is None
                and not (column == "ended_at" and row["ended_at_date"] > inputs.as_of_date)
            ]
            if timed and all(moment_text(i)[1] for i, _ in timed):
                count += len(timed)
                instant, day = min(timed)
                examples.append(f"{column} {moment_text(instant)[0]}, which counts on {day}")
        if examples:
            yield finding(
                brand_id,
                table,
                "times_at_midnight",
                count,
                "; ".join(examples),
            )


def versions(inputs: Inputs, brand_id: str) -> Iterator[Row]:
    for table, amounts in AMOUNTS.items():
        key = TABLES[table].key[1]
        by_key: dict[str, list[Row]] = defaultdict(list)
        for row in inputs.sound[table]:
            if row["brand_id"] == brand_id:
                by_key[row[key]].append(row)
        count, examples = 0, []
        for row in of_brand(inputs, table, brand_id):
            updated = row.get("updated_at")
            equals = [
                other
                for other in by_key[row[key]]
                if (other.get("updated_at") is None) == (updated is None)
                and (updated is None or other["updated_at"].instant == updated.instant)
            ]
            differing = [amount for amount in amounts if len({other[amount] or 0 for other in equals}) > 1]
            if differing:
                count += len(equals)
                examples.append(f"{key} '{row[key]}': {len(equals)} rows that differ in {differing[0]}")
        if examples:
            yield finding(
                brand_id,
                table,
                "versions_indistinguishable",
                count,
                first(examples),
            )


def strangers(inputs: Inputs, brand_id: str, settings: Row) -> Iterator[Row]:
    buyers = {row["customer_id"] for row in purchases(inputs, brand_id, settings)}
    for table in ("customers", "interactions", "subscriptions", "feedback"):
        ids = {row["customer_id"] for row in of_brand(inputs, table, brand_id)}
        smaller = min(len(ids), len(buyers))
        if smaller >= 2 and Fraction(len(ids & buyers), smaller) < Fraction(1, 100):
            yield finding(
                brand_id,
                table,
                "ids_never_meet",
                len(ids),
                f"'{first(buyers - ids)}' in orders, '{first(ids - buyers)}' in {table}",
            )


def channels(inputs: Inputs, brand_id: str) -> Iterator[Row]:
    spend = [row["channel"] for row in of_brand(inputs, "marketing_spend", brand_id) if row["purpose"] == "acquisition"]
    acquisition = {row["acquisition_channel"] for row in of_brand(inputs, "customers", brand_id)} - {None}
    if spend and acquisition and not acquisition & set(spend):
        pairs = [(-nearness(one, other), one.encode(), other.encode()) for one in set(spend) for other in acquisition]
        near, one, other = min(pairs)
        if -near < Fraction(2, 5):
            one, other = first(spend).encode(), first(acquisition).encode()
        yield finding(
            brand_id,
            "marketing_spend",
            "channels_never_meet",
            len(spend),
            f"'{one.decode()}' in marketing_spend, '{other.decode()}' in customers",
        )


def nearness(one: str, other: str) -> Fraction:
    """The share of letter pairs that two names have in common."""
    pairs = []
    for name in (one, other):
        padded = f" {name.lower()} "[:62]
        pairs.append({padded[i : i + 2] for i in range(len(padded) - 1)})
    return Fraction(2 * len(pairs[0] & pairs[1]), len(pairs[0]) + len(pairs[1]))


def dominant(inputs: Inputs, brand_id: str, settings: Row, share: Any) -> Iterator[Row]:
    counts = Counter(row["customer_id"] for row in purchases(inputs, brand_id, settings))
    total, most = sum(counts.values()), max(counts.values(), default=0)
    if total >= 50 and Fraction(most, total) > Fraction(str(share)):
        customer = first(c for c, count in counts.items() if count == most)
        yield finding(
            brand_id,
            "orders",
            "one_customer_dominates",
            most,
            f"'{customer}': {most} of {total} orders",
        )


def json_text(row: Row) -> str:
    """The row as JSON; DuckDB writes the digits of an escape in capitals."""
    text = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
    return re.sub(r"\\u00[01][0-9a-f]", lambda found: "\\u" + found[0][2:].upper(), text)


def rejections(inputs: Inputs) -> Iterator[Row]:
    groups: dict[tuple, list[Row]] = defaultdict(list)
    for table, brand_id, reason, raw_row in inputs.rejected_raw:
        groups[table, brand_id or MISSING_BRAND, reason].append(
            {"line": raw_row[MALFORMED]}
            if MALFORMED in raw_row
            else {c: as_text(raw_row.get(c)) for c in TABLES[table].columns}
        )
    for (table, brand_id, reason), raw_rows in groups.items():
        name, example = f"first_bad_value:{reason}", None
        text, row = min(
            ((json_text(row), row) for row in raw_rows),
            key=lambda pair: pair[0].encode("utf-8"),
        )
        kind, _, column = reason.partition("_")
        if reason == "unknown_brand":
            name, example = reason, f"'{brand_id}'"
        elif reason == "currency_mismatch":
            example = f"'{row['currency']}'"
        elif reason == "malformed_row":
            example = f"'{row['line']}'"
        elif kind == "invalid":
            example = f"'{row[column]}'"
        yield finding(brand_id, table, name, len(raw_rows), example or text)
