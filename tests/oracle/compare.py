"""Rows against rows: what is missing, what is too much, what differs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

RELATIVE = 1e-9
ABSOLUTE = 1e-12  # for figures like x / y - 1, zero but for the last bit
# no engine has the error function; what stands in for it is not exact
ROOM = {"p_value": 1e-6, "q_value": 1e-6}
# a product of many factors, from 0 to 1: held to twelve digits
STRICT = {"survival"}

Row = dict[str, Any]


def same(expected: Any, actual: Any, absolute: float = ABSOLUTE, relative: float = RELATIVE) -> bool:
    """Whether two cells agree.

    Where either is a float, within 1e-9 or so much relative (or so much
    absolute); all else exactly, numbers by value and truth values only with
    truth values.
    """
    if expected is None or actual is None:
        return expected is actual
    if isinstance(expected, bool) or isinstance(actual, bool):
        return type(expected) is type(actual) and expected == actual
    numbers = (int, float, Decimal)
    if isinstance(expected, numbers) and isinstance(actual, numbers):
        if isinstance(expected, float) or isinstance(actual, float):
            left, right = float(expected), float(actual)
            room = max(abs(left), abs(right)) * relative
            return left == right or abs(left - right) <= max(room, absolute)
        return expected == actual
    return type(expected) is type(actual) and expected == actual


def differences(
    expected_rows: Iterable[Row],
    actual_rows: Iterable[Row],
    key_columns: Sequence[str],
    columns: Sequence[str] | None = None,
    limit: int = 50,
) -> list[str]:
    """What differs between two sets of rows, a line each; empty when nothing.

    `columns` are those to compare, by default all that an expected row has.
    At most `limit` lines are given, and then one with the count of all.
    """
    lines: list[str] = []
    expected = _by_key(expected_rows, key_columns, "expected", lines)
    actual = _by_key(actual_rows, key_columns, "actual", lines)
    for key in sorted(expected.keys() - actual.keys(), key=repr):
        lines.append(f"missing row {_name(key_columns, key)}")
    for key in sorted(actual.keys() - expected.keys(), key=repr):
        lines.append(f"additional row {_name(key_columns, key)}")
    for key, row in expected.items():
        if key not in actual:
            continue
        for column in columns if columns is not None else row:
            if column not in row or column not in actual[key]:
                where = "expected" if column not in row else "actual"
                lines.append(f"{_name(key_columns, key)}: no column {column} in the {where} row")
            elif not same(
                row[column],
                actual[key][column],
                ROOM.get(column, ABSOLUTE),
                0 if column in STRICT else RELATIVE,
            ):
                lines.append(
                    f"{_name(key_columns, key)}: {column}: expected {row[column]!r}, actual {actual[key][column]!r}"
                )
    if len(lines) > limit:
        total = len(lines)
        lines = [*lines[:limit], f"… {total} differences in all"]
    return lines


def _by_key(
    rows: Iterable[Row],
    key_columns: Sequence[str],
    side: str,
    lines: list[str],
) -> dict[tuple, Row]:
    by_key: dict[tuple, Row] = {}
    for row in rows:
        key = tuple(row[column] for column in key_columns)
        if key in by_key:
            lines.append(f"{side} row twice {_name(key_columns, key)}")
        by_key[key] = row
    return by_key


def _name(key_columns: Sequence[str], key: tuple) -> str:
    return ", ".join(f"{c}={value}" for c, value in zip(key_columns, key))
