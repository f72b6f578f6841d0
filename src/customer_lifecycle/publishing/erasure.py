"""Forgetting a customer: what is done to which column, wherever it is kept.

Rows of the customer are deleted; where a row of somebody else refers to them, the reference becomes null; where text
quotes their id, the id is blotted out. Figures that they are part of stay as they were published.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import md5
from typing import Any

BRAND = "brand_id"
ROW_OF = "customer_id"
REFERENCE = re.compile(r"customer_id$")
# the raw row as JSON; the values of these keys are ids of customers, and "line" is a row that could not be taken apart
RAW_ROW = ("quality", "rejected_rows", "raw_row")
# lines of CSV that could not be taken apart, before they are rejected
LINES = ("staging", "base_csv_records", "malformed_record")
# text that quotes values of raw rows, and in which rows it does: other messages have numbers, which an id may be, too
QUOTING = {
    ("quality", "input_findings"): (("example", "hint"), "1 = 1"),
    ("marts", "lifecycle_alerts"): (("message", "message_ko", "message_zh"), "alert_type = 'input_finding'"),
}
BLOTTED = "(erased)"
FIRST_DAY_OF_ALERTS = date(2000, 1, 1)
# those whose subject is the customer, so that anybody who knows the customer can compute their ids
ALERTS_OF_CUSTOMERS = ("about_to_churn", "loyal_at_risk", "no_second_purchase")


@dataclass(frozen=True)
class Customer:
    """Who is to be forgotten."""

    brand_id: str
    customer_id: str

    def token(self, word: str) -> str:
        """A regular expression that finds the id where it is not part of something longer, whose characters are those
        of the class `word`."""
        return f"(^|[^{word}]){re.escape(self.customer_id)}($|[^{word}])"


@dataclass
class Erased:
    """What was removed: by place and table, the number of rows deleted, and of rows changed."""

    deleted: dict[str, dict[str, int]] = field(default_factory=dict)
    changed: dict[str, dict[str, int]] = field(default_factory=dict)
    alerts: int = 0
    same_text: dict[str, list[str]] = field(default_factory=dict)
    """By place, columns that hold the same text and were left alone, as it may mean something else there."""


class Dialect:
    """How a warehouse asks for what the rules need, as SQL; what is written here is DuckDB's and Postgres's."""

    WORD = r"[:alnum:]_-"
    """In a regular expression, within brackets: what an id is made of."""
    INSTEAD = rf"\1{BLOTTED}\2"
    """What takes the place of a token: what stood before it and after it, and the blot between."""

    @staticmethod
    def name(name: str) -> str:
        """A column's name."""
        return '"' + name.replace('"', '""') + '"'

    @staticmethod
    def literal(value: str) -> str:
        """A text."""
        return "'" + value.replace("'", "''") + "'"

    @staticmethod
    def as_text(expression: str) -> str:
        """Any value as text."""
        return f"cast({expression} as text)"

    @staticmethod
    def replaced(expression: str, pattern: str, instead: str) -> str:
        """A text with something in the place of all that a regular expression finds, both given as SQL."""
        return f"regexp_replace({expression}, {pattern}, {instead}, 'g')"

    @staticmethod
    def key_of(column: str, key: str) -> str:
        """The text of a key of an object of JSON in a column of text."""
        raise NotImplementedError

    @staticmethod
    def matches(column: str, pattern: str) -> str:
        """Whether a text fits a regular expression, given as SQL."""
        raise NotImplementedError


@dataclass
class TablePlan:
    """What is done to one table: conditions and expressions in SQL, none where there is nothing to do.

    `same_text` has, for each other column of text, the condition that it holds the id as a whole.
    """

    deleted: str = ""
    changed: dict[str, str] = field(default_factory=dict)
    change: str = ""
    same_text: dict[str, str] = field(default_factory=dict)


def plan_of(customer: Customer, schema: str, table: str, columns: dict[str, bool], dialect: type[Dialect]) -> TablePlan:
    """What is done to a table.

    Takes: the customer; the table and its schema, without prefixes and the like; its columns, and whether each holds
    text; how the warehouse asks. Gives: the plan.
    """
    quoted, text = dialect.name, dialect.literal
    customer_id = text(customer.customer_id)
    scope = f"{quoted(BRAND)} = {text(customer.brand_id)}" if BRAND in columns else "1 = 1"
    ids = [name for name in columns if REFERENCE.search(name)]
    plan, changes = TablePlan(), []
    if ROW_OF in columns:
        # rows of the raw tables that have no brand may be anybody's, and the next build makes them again
        own = f"({scope} or {quoted(BRAND)} is null)" if schema == "staging" and BRAND in columns else scope
        plan.deleted = f"{own} and {dialect.as_text(quoted(ROW_OF))} = {customer_id}"
    if (schema, table) == LINES[:2] and LINES[2] in columns:
        plan.deleted = dialect.matches(quoted(LINES[2]), text(customer.token(dialect.WORD)))
    if (schema, table) == RAW_ROW[:2] and RAW_ROW[2] in columns:
        row = quoted(RAW_ROW[2])
        held = " or ".join(
            f"trim({dialect.key_of(row, key)}) = {customer_id}" for key in ("customer_id", "referred_by_customer_id")
        )
        # in a line of CSV a dash may stand in an id, but not end it
        line = dialect.matches(dialect.key_of(row, "line"), text(customer.token(dialect.WORD)))
        # without a brand it cannot be said whose it is
        plan.deleted = f"({scope} or {quoted(BRAND)} is null) and ({held} or {line})"
    for name in ids:
        if name != ROW_OF:
            # as it was sent, before blanks were cut off
            value = (
                f"trim({dialect.as_text(quoted(name))})" if name.startswith("raw_") else dialect.as_text(quoted(name))
            )
            changes.append(f"{value} = {customer_id}")
            plan.changed[name] = f"case when {scope} and {changes[-1]} then null else {quoted(name)} end"
    quoting, rows = QUOTING.get((schema, table), ((), ""))
    for name in quoting:
        if name in columns:
            pattern, instead = text(customer.token(dialect.WORD)), text(dialect.INSTEAD)
            replaced = quoted(name)
            # the end of one may be the beginning of the next
            for _ in range(2):
                replaced = dialect.replaced(replaced, pattern, instead)
            changes.append(f"{rows} and {dialect.matches(quoted(name), pattern)}")
            plan.changed[name] = f"case when {scope} and {rows} then {replaced} else {quoted(name)} end"
    if changes:
        plan.change = f"{scope} and ({' or '.join(changes)})"
    plan.same_text = {
        name: f"{scope} and {quoted(name)} = {customer_id}"
        for name, is_text in columns.items()
        if is_text and name not in ids and name != BRAND
    }
    return plan


def alert_ids_of(customer: Customer, alert_types: Iterable[str], until: date) -> set[str]:
    """The ids of all alerts about a customer that there can have been, of types whose subject is the customer.

    They are the hash that models/marts/actions/lifecycle_alerts.sql makes. A record of those that were sent would give
    the customer away.
    """
    days: Sequence[str] = [
        (FIRST_DAY_OF_ALERTS + timedelta(days=ahead)).isoformat()
        for ahead in range((until - FIRST_DAY_OF_ALERTS).days + 2)
    ]
    return {
        md5(f"{customer.brand_id}|{alert_type}|{customer.customer_id}|{since}".encode()).hexdigest()
        for alert_type in {*alert_types, *ALERTS_OF_CUSTOMERS}
        for since in days
    }


def ids_in(events: Iterable[Mapping[str, Any]]) -> set[str]:
    """The ids of all alerts that recorded events speak of."""
    found: set[str] = set()
    for event in events:
        found.update(value for value in (event.get("alert_id"), event.get("key")) if isinstance(value, str))
        found.update(value for value in event.get("alert_ids") or () if isinstance(value, str))
    return found


def without_alerts(event: Mapping[str, Any], alert_ids: set[str]) -> dict[str, Any] | None:
    """A recorded event without some alerts; none where it speaks of these alone."""
    if event.get("alert_id") in alert_ids or event.get("key") in alert_ids:
        return None
    if not isinstance(event.get("alert_ids"), list):
        return dict(event)
    left = [alert_id for alert_id in event["alert_ids"] if alert_id not in alert_ids]
    return {**event, "alert_ids": left} if left else None
