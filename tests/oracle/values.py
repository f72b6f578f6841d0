"""Raw values: what a cell of an input table reads as, or that it does not read.

Every reader takes a raw value (text, or a typed value) that is not null and
returns what it stands for; it raises `InvalidValue` when the value does not
read as the column's type.
"""

from __future__ import annotations

import math
import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

WHITESPACE = (
    "\t\n\v\f\r \x85\xa0\u1680"
    + "".join(chr(code) for code in range(0x2000, 0x200B))
    + "\u2028\u2029\u202f\u205f\u3000"
)
EPOCH = datetime(1970, 1, 1)
MICROSECOND = timedelta(microseconds=1)
LARGEST_MONEY = 10**18  # of ten-thousandths, excluded
LARGEST_DURATION = 10**18  # of millionths, excluded
LARGEST_BIGINT = 2**63 - 1
TRUE_WORDS = {"true", "t", "yes", "y", "on", "1", "1.0"}
FALSE_WORDS = {"false", "f", "no", "n", "off", "0", "0.0"}
FIRST_DAY, LAST_DAY = date(1, 1, 2), date(9999, 12, 30)

TIME_PATTERN = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?"
    r"(Z| UTC| ?[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)
NUMBER_PATTERN = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:e[+-][0-9]{1,2})?")


class InvalidValue(ValueError):
    """The value does not read as the type of its column."""


class Moment(NamedTuple):
    """A point in time as it arrived.

    `instant` counts microseconds since 1970-01-01 UTC; `day` is the business
    date itself where the value had no time of day (its instant is then
    midnight UTC of that date), else None.
    """

    instant: int
    day: date | None


def as_text(value: Any) -> str | None:
    """The raw value cast to text, untrimmed; None stays None."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)


def is_null(value: Any) -> bool:
    """True for None and for text that is blank once trimmed."""
    return value is None or (isinstance(value, str) and not value.strip(WHITESPACE))


def read_text(value: Any) -> str:
    """The trimmed text."""
    return as_text(value).strip(WHITESPACE)


def read_identifier(value: Any) -> str:
    """The trimmed text; of a number, which must be whole, its digits."""
    if isinstance(value, float):
        if not math.isfinite(value) or value != int(value) or abs(value) >= 2**53:
            raise InvalidValue(str(value))
        return str(int(value))
    if isinstance(value, Decimal):
        if value != int(value):
            raise InvalidValue(str(value))
        return str(int(value))
    return read_text(value)


def read_word(value: Any) -> str:
    """The trimmed text in lower case, for what compares without case."""
    return read_text(value).lower()


def read_boolean(value: Any) -> bool:
    """True or False for the words of `contactable`, without case."""
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        if value not in (0, 1):
            raise InvalidValue(str(value))
        return value == 1
    word = read_word(value)
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise InvalidValue(word)


def read_number(value: Any) -> Fraction:
    """The exact number; a float counts as its shortest decimal form."""
    if isinstance(value, bool):
        raise InvalidValue("a truth value is not a number")
    if isinstance(value, int):
        return Fraction(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise InvalidValue(str(value))
        return Fraction(Decimal(repr(value)))
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise InvalidValue(str(value))
        return Fraction(value)
    text = read_text(value)
    if not NUMBER_PATTERN.fullmatch(text):
        raise InvalidValue(text)
    return Fraction(Decimal(text))


def round_half_away(number: Fraction, decimals: int) -> int:
    """The number times 10^decimals, rounded half away from zero."""
    scaled = abs(number) * 10**decimals
    rounded = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return -rounded if number < 0 else rounded


def read_money(value: Any) -> Decimal:
    """A non-negative decimal(18,4); the sign is checked after rounding."""
    units = round_half_away(read_number(value), 4)
    if not 0 <= units < LARGEST_MONEY:
        raise InvalidValue(as_text(value))
    return Decimal(units).scaleb(-4)


def read_duration(value: Any) -> Decimal:
    """A non-negative number of seconds below 10^12 with six decimals."""
    units = round_half_away(read_number(value), 6)
    if not 0 <= units < LARGEST_DURATION:
        raise InvalidValue(as_text(value))
    return Decimal(units).scaleb(-6)


def read_count(value: Any) -> int:
    """A non-negative number that fits a bigint, whole to 18 decimals."""
    number = Fraction(round_half_away(read_number(value), 18), 10**18)
    if number.denominator != 1 or not 0 <= number <= LARGEST_BIGINT:
        raise InvalidValue(as_text(value))
    return int(number)


def read_score(value: Any) -> Fraction:
    """A number from 0 to 10, both included, of twelve decimals."""
    number = Fraction(round_half_away(read_number(value), 12), 10**12)
    if not 0 <= number <= 10:
        raise InvalidValue(as_text(value))
    return number


def read_time(value: Any) -> Moment:
    """A `Moment` from a date, a datetime (naive is UTC) or text."""
    if isinstance(value, datetime):
        offset = value.utcoffset() or timedelta()
        return _at(value.replace(tzinfo=None), offset)
    if isinstance(value, date):
        return Moment(_midnight(_within(value)), value)
    text = read_text(value)
    match = TIME_PATTERN.fullmatch(text)
    if not match:
        raise InvalidValue(text)
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    try:
        on = _within(date(int(year), int(month), int(day)))
        if hour is None:
            return Moment(_midnight(on), on)
        micros = int(((fraction or "") + "000000")[:6])
        wall = datetime(
            on.year,
            on.month,
            on.day,
            int(hour),
            int(minute),
            int(second or 0),
            micros,
        )
    except ValueError as error:
        raise InvalidValue(text) from error
    return _at(wall, _offset(zone))


def business_date(moment: Moment, zone: ZoneInfo) -> date:
    """The date of the moment in the zone.

    What falls outside the years 1 to 9999 counts as the nearest date inside.
    """
    if moment.day is not None:
        return moment.day
    try:
        utc = EPOCH + timedelta(microseconds=moment.instant)
        return zone.fromutc(utc.replace(tzinfo=zone)).date()
    except (OverflowError, ValueError):
        return date.max if moment.instant > 0 else date.min


def time_zone(name: str) -> ZoneInfo:
    """The zone, from the system's data or else from the copy in pytz.

    Raises ZoneInfoNotFoundError when neither has it.
    """
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError:
        import pytz

        try:
            with pytz.open_resource(name) as data:
                return ZoneInfo.from_file(data, key=name)
        except OSError:
            raise ZoneInfoNotFoundError(name) from None


def _midnight(day: date) -> int:
    return (datetime(day.year, day.month, day.day) - EPOCH) // MICROSECOND


def _within(day: date) -> date:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise InvalidValue(day.isoformat())
    return day


def _at(wall: datetime, offset: timedelta) -> Moment:
    try:
        _within((wall - offset).date())
    except OverflowError as error:
        raise InvalidValue(str(wall)) from error
    return Moment((wall - EPOCH - offset) // MICROSECOND, None)


def _offset(zone: str | None) -> timedelta:
    if zone in (None, "Z", " UTC"):
        return timedelta()
    zone = zone.strip()
    digits = zone[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:] or 0)
    if hours > 23 or minutes > 59:
        raise InvalidValue(zone)
    size = timedelta(hours=hours, minutes=minutes)
    return -size if zone[0] == "-" else size
