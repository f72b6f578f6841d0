"""Ratios, means and medians; of nothing they are None."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from statistics import median as _median
from typing import Any

from .facts import ZERO


def ratio(numerator: Any, denominator: Any) -> float | None:
    """The quotient as a double, rounded once; None where it has no value."""
    if numerator is None or not denominator:
        return None
    return float(Fraction(numerator) / Fraction(denominator))


def mean(numbers: Iterable[Any]) -> float | None:
    """The mean of those that are not None."""
    present = [Fraction(n) for n in numbers if n is not None]
    return ratio(sum(present, Fraction(0)), len(present))


def median(numbers: Iterable[Any]) -> float | None:
    """The middle, or the mean of the two in the middle."""
    numbers = list(numbers)
    return float(_median(numbers)) if numbers else None


def money(amounts: Iterable[Decimal]) -> Decimal:
    """The exact sum of amounts, zero for none."""
    return sum(amounts, ZERO)
