"""The report's own words in its languages, and numbers, money and dates as each language writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from babel.dates import format_date, format_skeleton, get_day_names, get_month_names
from babel.numbers import format_compact_currency, format_currency, format_decimal, format_percent

from customer_lifecycle.alerting.words import WORDS

FOLDER = Path(__file__).resolve().parent / "texts"

# Babel's names of them
LOCALES = {"en": "en_US", "ko": "ko_KR", "zh": "zh_Hans_CN"}

DEFAULT_LANGUAGE = "en"

Number = int | float | Decimal
NOTHING = "–"
# from here on an amount is written in millions, or 만 and 억, or 万 and 亿
COMPACT_FROM = 1_000_000
# ten thousands, and from their ten thousands on hundred millions, in the languages that count in them
MYRIADS = {"ko": ("만", "억"), "zh": ("万", "亿")}


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
        return self.words[key].format(**values)

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

    def count(self, value: Number | None) -> str:
        """Give a whole number, such as 2,357."""
        return NOTHING if value is None else format_decimal(round(value), locale=self.locale)

    def number(self, value: Number | None, digits: int = 2) -> str:
        """Give a number with a given number of decimals."""
        return (
            NOTHING
            if value is None
            else format_decimal(plain(value, digits), format=pattern(digits), locale=self.locale)
        )

    def exact(self, value: Number | None) -> str:
        """Give a number with the decimals it has, up to three."""
        return NOTHING if value is None else format_decimal(value, locale=self.locale)

    def percent(self, value: Number | None, digits: int = 1) -> str:
        """Give a fraction as a percentage, such as 22.4%."""
        if value is None:
            return NOTHING
        return str(format_percent(plain(value, digits + 2), format=f"{pattern(digits)}%", locale=self.locale))

    def money(self, value: Number | None) -> str:
        """Give an amount in the brand's currency: in full if it is small, such as $35.28, otherwise such as $1.2M,
        ₩2,430만 or ₩1.03억."""
        if value is None:
            return NOTHING
        size = abs(float(value))
        if self.currency is None:
            return self.number(value, 0 if size >= 1000 else 2)
        if size >= COMPACT_FROM and self.language in MYRIADS:
            myriads, is_large = round(float(value) / 1e4), round(size / 1e4) >= 10_000
            unit, digits = MYRIADS[self.language][is_large], 2 if is_large else 0
            scaled = round(float(value) / 1e8, 2) if is_large else myriads
            written = format_currency(
                scaled, self.currency, format=f"¤{pattern(digits)}", locale=self.locale, currency_digits=False
            )
            return f"{written}{unit}"
        if size >= COMPACT_FROM:
            return str(format_compact_currency(value, self.currency, locale=self.locale, fraction_digits=1))
        if size >= 1000:
            return str(
                format_currency(round(value), self.currency, format="¤#,##0", locale=self.locale, currency_digits=False)
            )
        return str(format_currency(plain(value, 2), self.currency, locale=self.locale))

    def day(self, value: date | None) -> str:
        """Give a date in full, such as June 30, 2026."""
        return NOTHING if value is None else format_date(value, "long", locale=self.locale)

    def short_day(self, value: date | None) -> str:
        """Give a date as a table has room for it, on one line, such as Jun 30, 2026."""
        return NOTHING if value is None else format_date(value, "medium", locale=self.locale).replace(" ", "\u00a0")

    def month(self, value: date) -> str:
        """Give the month of a date in short, such as Jun 2026."""
        return str(format_skeleton("yMMM", value, locale=self.locale))

    def quarter(self, value: date) -> str:
        """Give the quarter of a date, such as Q2 2026."""
        return str(format_skeleton("yQQQ", value, locale=self.locale))

    def year(self, value: date) -> str:
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
