"""CSV by RFC 4180, read character by character: the records, the malformed ones, and what cannot be told.

A record is a line, or the lines that a quoted value spans. Blank lines are no
records, and within a value any run of line breaks is one line feed.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field

LONGEST_LINE = 2_000_000  # bytes
csv.field_size_limit(2**30)


class CannotRead(ValueError):
    """The text cannot be read without guessing; `line` is where, or None where that is the header as a whole."""

    def __init__(self, line: int | None, why: str) -> None:
        super().__init__(f"line {line}: {why}" if line else why)
        self.line = line


@dataclass
class CsvText:
    """What a text holds: the columns' names, the records by name (an empty field is None), the malformed records."""

    names: list[str] = field(default_factory=list)
    rows: list[dict[str, str | None]] = field(default_factory=list)
    malformed: list[str] = field(default_factory=list)


def read_csv_text(data: bytes, delimiter: str = ",", encoding: str = "utf-8") -> CsvText:
    """The records of a file's bytes. Raises CannotRead."""
    lines = _lines(data, encoding)
    if not lines:
        return CsvText()
    number, header = lines[0]
    if _scan(header, False, delimiter)[0] != "whole":
        raise CannotRead(number, "the header's quotes")
    text = CsvText([name.replace("\ufeff", "").strip().lower() for name in _fields(header, delimiter)])
    width = len(text.names)
    brand = text.names.index("brand_id") if "brand_id" in text.names else None
    waiting = iter(lines[1:])
    for number, line in waiting:
        state, _ = _scan(line, False, delimiter)
        parts = [line]
        if state == "broken":
            begins_quoted = line.startswith('"') or f'{delimiter}"' in line
            if line.count('"') % 2 and begins_quoted:
                raise CannotRead(number, "a broken quote")
            text.malformed.append(line)
            continue
        opened_on = number
        while state == "open":
            following = next(waiting, None)
            if following is None:
                raise CannotRead(opened_on, "a quote without an end")
            state, reopened = _scan(following[1], True, delimiter)
            if state == "broken":
                raise CannotRead(opened_on, "a quote that closes amid a value")
            parts.append(following[1])
            opened_on = following[0] if reopened else opened_on
        if len(parts) > 1 and _has_swallowed_rows(parts, width, brand, delimiter):
            raise CannotRead(number, "a quote that swallowed rows")
        record = "\n".join(parts)
        fields = _fields(record, delimiter)
        if len(fields) != width:
            text.malformed.append(record)
        else:
            text.rows.append({name: value or None for name, value in zip(text.names, fields)})
    return text


def _lines(data: bytes, encoding: str) -> list[tuple[int, str]]:
    """The lines that are not blank, each with its number as an editor counts."""
    if encoding != "utf-8":
        data = data.decode(encoding).encode("utf-8")
    lines = []
    first = next((line for line in re.split(rb"[\r\n]", data) if line), b"")
    if first and first.isascii() and first.count(0) * 3 >= len(first):
        raise CannotRead(1, "UTF-16")
    for number, line in enumerate(re.split(rb"\r\n|\r|\n", data.removeprefix(b"\xef\xbb\xbf")), 1):
        if len(line) >= LONGEST_LINE:
            raise CannotRead(number, "too long a line")
        if line:
            try:
                lines.append((number, line.decode("utf-8")))
            except UnicodeDecodeError as error:
                raise CannotRead(number, str(error)) from None
    return lines


def _scan(line: str, inside: bool, delimiter: str) -> tuple[str, bool]:
    """How a line ends: "whole", "open" (within a quoted value) or "broken"; and whether a value began in it.

    `inside` says that a quoted value goes on from the line before.
    """
    began, at = False, 0
    while True:
        if not inside:
            if line[at : at + 1] != '"':
                end = line.find(delimiter, at)
                end = len(line) if end < 0 else end
                if '"' in line[at:end]:
                    return "broken", began
                if end == len(line):
                    return "whole", began
                at = end + 1
                continue
            inside, began, at = True, True, at + 1
        while line[at : at + 1] != '"' or line[at : at + 2] == '""':
            if at >= len(line):
                return "open", began
            at += 2 if line[at] == '"' else 1
        inside, at = False, at + 1
        if at == len(line):
            return "whole", began
        if line[at] != delimiter:
            return "broken", began
        at += 1


def _has_swallowed_rows(parts: list[str], width: int, brand: int | None, delimiter: str) -> bool:
    """Whether lines within a value are rows: all of them, or one of the record's own brand."""
    cells = [part.split(delimiter) for part in parts]
    if all(len(row) == width for row in cells):
        return True
    return (
        brand is not None
        and len(cells[0]) > brand
        and any(len(row) == width and row[brand] == cells[0][brand] for row in cells[1:])
    )


def _fields(record: str, delimiter: str) -> list[str]:
    """The fields of a record whose quotes are in order."""
    is_one_line = "\n" not in record and "\r" not in record
    lines = [record] if is_one_line else io.StringIO(record, newline="")
    (fields,) = csv.reader(lines, delimiter=delimiter, strict=True)
    return fields
