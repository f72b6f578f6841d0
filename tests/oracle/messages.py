"""What alerts and actions say, from the texts that translators write.

The texts are data, like the playbook; what goes into their places is worked
out here, and written as each language writes it.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

Texts = dict[str, dict[str, str]]
Said = tuple[str, dict[str, Any]]

LANGUAGES = {"en": "", "ko": "_ko", "zh": "_zh"}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# the digits after the point of ISO 4217, where they are not two
NO_DIGITS = [
    "BIF",
    "CLP",
    "DJF",
    "GNF",
    "ISK",
    "JPY",
    "KMF",
    "KRW",
    "PYG",
    "RWF",
    "UGX",
    "UYI",
    "VND",
    "VUV",
    "XAF",
    "XOF",
    "XPF",
]
THREE_DIGITS = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]


def rounded(number: Any, digits: int) -> Decimal:
    """A number that is not negative with so many decimals, halves up."""
    exact = Decimal(number.numerator) / number.denominator if isinstance(number, Fraction) else Decimal(number)
    # as far as figures agree between engines
    near = exact.quantize(Decimal(1).scaleb(-10), ROUND_HALF_UP)
    return near.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def day_text(day: date, language: str) -> str:
    if language == "ko":
        return f"{day.year}년 {day.month}월 {day.day}일"
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{MONTHS[day.month - 1]} {day.day}, {day.year}"


def month_text(month: date, language: str) -> str:
    if language == "ko":
        return f"{month.year}년 {month.month}월"
    if language == "zh":
        return f"{month.year}年{month.month}月"
    return f"{MONTHS[month.month - 1]} {month.year}"


def money_text(amount: Any, language: str, currency: str | None) -> str:
    digits = 0 if currency in NO_DIGITS else 3 if currency in THREE_DIGITS else 2
    figure = f"{rounded(amount, digits):,}"
    if currency is None:
        return figure
    own = {("ko", "KRW"): f"{figure}원", ("zh", "CNY"): f"{figure} 元"}
    return own.get((language, currency), f"{figure} {currency}")


def written(place: str, value: Any, language: str, currency: str | None) -> str:
    """A value as a language writes it; its kind is the last word of its place."""
    kind = place.split("_")[-1]
    if kind == "day":
        return day_text(value, language)
    if kind == "month":
        return month_text(value, language)
    if kind == "share":
        return f"{rounded(100 * Fraction(value), 1)}%"
    if kind == "amount":
        return money_text(value, language, currency)
    if kind == "score":
        return f"{rounded(value, 1)}".removesuffix(".0")
    if kind == "table":
        return str(value)
    return f"{int(value):,}"


def text(texts: Texts, said: Said, language: str, currency: str | None) -> str:
    """A text with its places filled in."""
    name, values = said
    return re.sub(
        r"\{(\w+)\}",
        lambda place: written(place[1], values[place[1]], language, currency),
        texts[name][language],
    )


def columns(texts: Texts, column: str, said: Said, currency: str | None = None) -> dict[str, str]:
    """A text in every language, by column; what needs a hint is left out."""
    return {
        f"{column}{ending}": text(texts, said, language, currency)
        for language, ending in LANGUAGES.items()
        if "{hint}" not in texts[said[0]][language]
    }
