"""The report's own words in its languages, and numbers, money and dates as each language writes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

import yaml
from babel.dates import format_date, format_skeleton, get_day_names, get_month_names
from babel.numbers import format_currency, format_decimal, format_percent

from customer_lifecycle.alerting.words import WORDS

FOLDER = Path(__file__).resolve().parent / "texts"

# Babel's names of them
LOCALES = {"en": "en_US", "ko": "ko_KR", "zh": "zh_Hans_CN"}

# a sign before an amount of money
SIGN = re.compile(r"[+-](?=(?:[A-Z]{2})?[₩$¥€£])")

# what each calls itself
NAMES = {"en": "English", "ko": "한국어", "zh": "中文"}

DEFAULT_LANGUAGE = "en"

Number = int | float | Decimal
NOTHING = "–"
# from here on an amount is written in millions, or 만 and 억, or 万 and 亿
COMPACT_FROM = 1_000_000
# ten thousands, and from their ten thousands on hundred millions, in the languages that count in them
MYRIADS = {"ko": ("만", "억"), "zh": ("万", "亿")}


class Written(str):
    """A value as it is written, which still knows the value: tables line up the former and download the latter.

    `kind` is the function of Texts that wrote it.
    """

    raw: Number | date
    kind: str

    def __new__(cls, text: str, raw: Number | date, kind: str) -> Written:
        """Keep the value beside its text."""
        written = super().__new__(cls, text)
        written.raw, written.kind = raw, kind
        return written


F = TypeVar("F", bound=Callable[..., str])


def remembered(function: F) -> F:
    """Let what a function of Texts writes know its value. None is written as a dash, and has no value."""

    @wraps(function)
    def write(self: Texts, value: Any, *arguments: Any, **named: Any) -> str:
        if value is None:
            return NOTHING
        return Written(function(self, value, *arguments, **named), value, function.__name__)

    return cast(F, write)


class Texts:
    """Formats text for a page of one language and currency. Every function turns None into a dash."""

    def __init__(self, language: str, currency: str | None = None) -> None:
        """Read the words of a language, one of LANGUAGES. Without a currency, money is a plain number."""
        self.language = language
        self.locale = LOCALES[language]
        self.currency = currency
        self.words: dict[str, str] = yaml.safe_load((FOLDER / f"{language}.yml").read_text(encoding="utf-8"))
        # the names of alerts are those of the messages about them
        self.words |= {key: word for key, word in WORDS[language].items() if key.startswith(("alert.", "severity."))}

    def __call__(self, key: str, **values: object) -> str:
        """Give the text of a key, with the values in their places. Raises KeyError for an unknown key."""
        # no line ends between a sign and its amount
        return SIGN.sub("\\g<0>\u2060", self.words[key].format(**values))

    def together(self, *sentences: str) -> str:
        """Give sentences as one text, without those that are empty."""
        return self.words["report.between_sentences"].join(filter(None, sentences))

    def listed(self, names: Iterable[str]) -> str:
        """Give names as a list within a sentence."""
        return self.words["report.between_names"].join(names)

    def name(self, kind: str, code: str) -> str:
        """Give the name of a code, such as a stage; a code that is the brand's own is its own name."""
        return self.words.get(f"{kind}.{code}", code.replace("_", " "))

    def of(self, row: Mapping[str, Any], column: str) -> Any:
        """Give a column of a row in the page's language: `message_ko` of `message`, or the latter if it is empty."""
        return row.get(f"{column}_{self.language}") or row[column]

    @remembered
    def count(self, value: Any) -> str:
        """Give a whole number, such as 2,357."""
        return str(format_decimal(round(value), locale=self.locale))

    @remembered
    def number(self, value: Any, digits: int = 2) -> str:
        """Give a number with a given number of decimals."""
        return str(format_decimal(plain(value, digits), format=pattern(digits), locale=self.locale))

    @remembered
    def exact(self, value: Any) -> str:
        """Give a number with the decimals it has, up to three."""
        return str(format_decimal(value, locale=self.locale))

    @remembered
    def percent(self, value: Any, digits: int = 1) -> str:
        """Give a fraction as a percentage, such as 22.4%."""
        return str(format_percent(plain(value, digits + 2), format=f"{pattern(digits)}%", locale=self.locale))

    @remembered
    def score(self, value: Any) -> str:
        """Give a score from -1 to 1 as its readers know it: a net promoter score of 0.35 is 35."""
        return str(format_decimal(round(100 * value) + 0, locale=self.locale))

    def signed(self, written: str) -> str:
        """Give a value that was written with its sign: a plus if it is above zero."""
        if isinstance(written, Written) and not isinstance(written.raw, date) and written.raw > 0:
            return Written(f"+{written}", written.raw, f"signed_{written.kind}")
        return written

    def in_one_format(self, column: list[str], is_short: bool = False) -> list[str]:
        """Give a table's column with its amounts in one format: without decimals if the largest is 1,000 or more,
        otherwise with those of the currency; if it is `is_short`, in the unit of the largest."""
        amounts = [cell for cell in column if isinstance(cell, Written) and cell.kind.endswith("money")]
        if not amounts:
            return column
        largest = max(abs(float(cell.raw)) for cell in amounts if not isinstance(cell.raw, date))

        def written(cell: str) -> str:
            if not isinstance(cell, Written) or isinstance(cell.raw, date) or not cell.kind.endswith("money"):
                return cell
            text = self.short_amount(cell.raw, largest) if is_short else self.full_amount(cell.raw, largest)
            sign = "+" if cell.kind.startswith("signed_") and cell.raw > 0 else ""
            return Written(sign + text, cell.raw, cell.kind)

        return [written(cell) for cell in column]

    def full_amount(self, value: Number, largest: float) -> str:
        """Give an amount in full, with decimals if none of its column is larger than 1,000."""
        whole = largest >= 1000
        if self.currency is None:
            return self.number(value, 0 if whole else 2)
        if whole:
            return str(
                format_currency(plain(value, 0), self.currency, "¤#,##0", locale=self.locale, currency_digits=False)
            )
        return str(format_currency(plain(value, 2), self.currency, locale=self.locale))

    def short_amount(self, value: Number, largest: float) -> str:
        """Give an amount in the unit of the largest of its column, such as $0.4M beside $12.3M."""
        if self.currency is None or largest < COMPACT_FROM:
            return self.full_amount(value, largest)
        if self.language in MYRIADS:
            unit, digits, size = MYRIADS[self.language][0], 0, 1e4
        else:
            unit, digits, size = ("B", 1, 1e9) if largest >= 1e9 else ("M", 1, 1e6)
        scaled = plain(float(value) / size, digits)
        amount = format_currency(
            scaled, self.currency, f"¤{pattern(digits)}", locale=self.locale, currency_digits=False
        )
        return f"{amount}{unit}"

    @remembered
    def money(self, value: Any) -> str:
        """Give an amount in the brand's currency: in full if it is small, such as $35.28, otherwise such as $1.2M,
        ₩2,430만 or ₩1.03억."""
        size = abs(float(value))
        if self.currency is not None and size >= COMPACT_FROM and self.language in MYRIADS:
            myriads, is_large = round(float(value) / 1e4), round(size / 1e4) >= 10_000
            unit, digits = MYRIADS[self.language][is_large], 2 if is_large else 0
            scaled = round(float(value) / 1e8, 2) if is_large else myriads
            written = format_currency(
                scaled, self.currency, format=f"¤{pattern(digits)}", locale=self.locale, currency_digits=False
            )
            return f"{written}{unit}"
        return self.short_amount(value, size)

    @remembered
    def day(self, value: Any) -> str:
        """Give a date in full, such as June 30, 2026."""
        return str(format_date(value, "long", locale=self.locale))

    @remembered
    def short_day(self, value: Any) -> str:
        """Give a date as a table has room for it, on one line, such as Jun 30, 2026."""
        return str(format_date(value, "medium", locale=self.locale)).replace(" ", "\u00a0")

    @remembered
    def month(self, value: Any) -> str:
        """Give the month of a date in short, such as Jun 2026."""
        return str(format_skeleton("yMMM", value, locale=self.locale))

    @remembered
    def quarter(self, value: Any) -> str:
        """Give the quarter of a date, such as Q2 2026."""
        return str(format_skeleton("yQQQ", value, locale=self.locale))

    @remembered
    def year(self, value: Any) -> str:
        """Give the year of a date, such as 2026."""
        return str(format_skeleton("y", value, locale=self.locale))

    def weekday(self, number: int) -> str:
        """Give the name of a day of the week, 1 being Monday."""
        return str(get_day_names("wide", context="stand-alone", locale=self.locale)[number - 1])

    def month_of_year(self, number: int) -> str:
        """Give the name of a month without its year, such as June."""
        return str(get_month_names("wide", context="stand-alone", locale=self.locale)[number])


def plain(value: Number, digits: int) -> Number:
    """Give a number rounded, and zero without a sign."""
    if isinstance(value, Decimal):
        return round(value, digits) + 0
    return round(value, digits) + 0


def pattern(digits: int) -> str:
    """Give Babel's pattern of a number with a given number of decimals."""
    return "#,##0" + ("." + "0" * digits if digits else "")
