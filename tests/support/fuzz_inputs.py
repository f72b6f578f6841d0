#!/usr/bin/env python3
"""Good files of the six raw tables, spoilt at random: none may lose a row.

    python tests/support/fuzz_inputs.py --mutations 10000 --seed 7

Each spoilt file ends in a message that names it, and the line where it is about one; or its records are those that a
program reads which shares nothing with the project (tests/oracle/csv_text.py), and every one of them is
accepted, rejected, superseded or after the date, as that program says.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import project
from oracle.csv_text import CannotRead, read_csv_text
from oracle.inputs import MALFORMED, TABLES
from raw_reader import RawReader, Refused

BRANDS = {"b": {}, "seoul": {"timezone": "Asia/Seoul", "currency": "KRW"}}
TIMES = ["2024-01-05", "2024-01-05T15:00Z", "2024-02-29 10:00:00 +0900", "2024-03-01 10:00 UTC", "0001-01-01", ""]
VALUES = {
    "brand_id": ["b", "seoul", " b ", "nobody"],
    "status": ["paid", "PAID", "cancelled"],
    "currency": ["KRW", "EUR", ""],
    "subscription_kind": ["product", "service"],
    "feedback_kind": ["nps", ""],
    "purpose": ["acquisition", "retention"],
    "interaction_type": ["site_visit", "Smoke, Signal"],
    "contactable": ["", "Y", "no", "off", "maybe"],
    "score": ["9", "10.0", "11"],
}
NUMBERS = ["10", "0", "1.5", "-1", "1e+3", "2,000.00"]
NOTES = ["", "x", "a,b", 'say "hi"', "two\nlines", "three\r\n\r\nlines", "한국 é", "#", "\\", "'"]
PIECES = [
    b'"',
    b'"',
    b",",
    b"\n",
    b"\r",
    b"\r\n",
    b'""',
    b',"',
    b'",',
    b'"\n',
    b"\xff",
    b"\xed\xa0",
    b"\x00",
    b";",
    b"\xef\xbb\xbf",
]


def good_file(table: str, chance: random.Random) -> bytes:
    """A file of the table with a few rows, as some program would write it."""
    columns = [*TABLES[table].columns, "note"]
    chance.shuffle(columns)
    end, quotes_all = chance.choice(["\n", "\n", "\r\n", "\r"]), chance.random() < 0.2

    def cell(column: str) -> str:
        if column == "note":
            value = chance.choice(NOTES)
        elif column in VALUES:
            value = chance.choice(VALUES[column])
        elif column.endswith(("_at", "_date")):
            value = chance.choice(TIMES)
        elif column.endswith("_id"):
            value = str(chance.randrange(20))
        else:
            value = chance.choice(NUMBERS)
        if quotes_all or any(mark in value for mark in ',"\r\n'):
            return '"' + value.replace('"', '""') + '"'
        return value

    lines = [",".join(columns)]
    lines += [",".join(cell(column) for column in columns) for _ in range(chance.choice([1, 4, 12, 40]))]
    return (end.join(lines) + chance.choice([end, ""])).encode()


def spoil(data: bytes, chance: random.Random) -> bytes:
    """The file with one to four things done to it."""
    for _ in range(chance.choice([1, 1, 1, 2, 4])):
        if not data:
            return data
        at, what = chance.randrange(len(data)), chance.randrange(8)
        if what == 0:  # a bit flipped
            data = data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]
        elif what in (1, 2):  # something put in
            data = data[:at] + chance.choice(PIECES) + data[at:]
        elif what == 3:  # bytes cut out
            data = data[:at] + data[at + chance.randint(1, 40) :]
        elif what == 4:  # a quote, a delimiter or a line end dropped
            marks = [place for place, byte in enumerate(data) if byte in b'",\r\n']
            at = chance.choice(marks or [at])
            data = data[:at] + data[at + 1 :]
        elif what == 5:  # the end cut off
            data = data[:at]
        elif what == 6:  # other line ends, from somewhere on
            ends = [b"\n", b"\r\n", b"\r"]
            data = data[:at] + data[at:].replace(chance.choice(ends), chance.choice(ends))
        else:  # another encoding
            data = data.decode("utf-8", "replace").encode(chance.choice(["cp949", "utf-16", "cp1252"]), "replace")
    return data


def refused_by_header(data: bytes, table: str) -> bool:
    """Whether the header of a file that can be read lacks a column, or has one twice."""
    names = read_csv_text(data).names
    return any(name not in names for name in TABLES[table].required) or any(
        names.count(name) > 1 for name in TABLES[table].columns
    )


def check_file(reader: RawReader, folder: Path, table: str, data: bytes) -> tuple[list[dict], str | None, str | None]:
    """What the project makes of one file.

    Gives its rows, malformed records among them; the message, None where the file was read; and what is wrong with all
    this, None where nothing is.
    """
    path = folder / f"{table}.csv"
    path.write_bytes(data)
    said = expected = None
    rows, malformed, total = [], Counter(), 0
    try:
        source = reader.source(folder, table)
        rows = reader.rows(f"select * from {source['relation']}")
        for plan in source["plans"]:
            for record in reader.rows(reader.call("csv_records", plan=plan)):
                total += 1
                malformed[record["record"]] += not record["is_well_formed"]
    except Refused as refusal:
        said = str(refusal)
    finally:
        path.unlink()
    malformed = +malformed
    line = None
    try:
        text = read_csv_text(data)
        is_refused = refused_by_header(data, table)
        expected = text
    except CannotRead as error:
        is_refused, line = True, error.line
    if is_refused != (said is not None):
        return [], said, f"refused: {is_refused} by the other program, and the project says {said}"
    if said is not None:
        number = re.search(r", line (\d+):", said)
        about_header = " has no column " in said or " twice" in said
        if path.name not in said or not (about_header or number):
            return [], said, f"the message names neither file nor line: {said}"
        # a file in UTF-16 is wrong as a whole: blank lines before its first letter read as UTF-8 too
        named = {line, 1} if "they look like UTF-16" in said else {line}
        if number and int(number[1]) not in named:
            return [], said, f"line {line} by the other program, and the project says {said}"
        return [], said, None
    columns = list(TABLES[table].columns)

    def counted(found: list[dict]) -> Counter:
        return Counter(tuple(row.get(column) for column in columns) for row in found)

    if counted(rows) != counted(expected.rows) or malformed != Counter(expected.malformed):
        return (
            [],
            None,
            f"other rows: {counted(rows) - counted(expected.rows)}, {malformed - Counter(expected.malformed)}",
        )
    if total != len(expected.rows) + len(expected.malformed):
        return [], None, f"{total} records"
    return rows + [{MALFORMED: record} for record in malformed.elements()], None, None


def fuzz(mutations: int, seed: int, folder: Path, log=print) -> tuple[Counter, list[str]]:
    """Spoils that many files. Gives counts of what became of them, and what went wrong."""
    chance = random.Random(seed)
    work, raw_folder = folder / "work", folder / "raw"
    raw_folder.mkdir(parents=True)
    compiled = project.CompiledProject(project.prepare(folder / "compiled", BRANDS))
    reader = RawReader(work)
    outcomes, problems, raw = Counter(), [], {table: [] for table in TABLES}
    for number in range(1, mutations + 1):
        table = chance.choice([*TABLES])
        data = spoil(good_file(table, chance), chance)
        try:
            rows, said, wrong = check_file(reader, raw_folder, table, data)
        except Exception as error:
            rows, said, wrong = [], None, f"{type(error).__name__}: {error}"
        outcomes[
            "refused" if said else "read, with malformed records" if any(MALFORMED in row for row in rows) else "read"
        ] += 1
        raw[table] += rows
        if wrong:
            problems.append(f"{table}, {wrong}\n    {data!r}")
            log(problems[-1])
        if number % 250 == 0 or number == mutations:
            found = compiled.run(raw, models=project.QUALITY)
            differences = project.differences_of(compiled.expected(raw), found)
            unaccounted = [
                row
                for row in found["input_reconciliation"]
                if row["raw_rows"]
                != sum(row[outcome] for outcome in row if outcome.endswith("_rows") and outcome != "raw_rows")
            ]
            problems += differences + [f"does not add up: {row}" for row in unaccounted]
            outcomes["rows"] += sum(map(len, raw.values()))
            log(f"{number} files: {dict(outcomes)}, {len(problems)} problems")
            raw = {name: [] for name in TABLES}
    reader.close()
    return outcomes, problems


def main() -> int:
    """The command line. Gives 0 where nothing went wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mutations", type=int, default=300)
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.randrange(10**6)
    print(f"seed {seed}", flush=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        outcomes, problems = fuzz(options.mutations, seed, Path(folder), lambda text: print(text, flush=True))
    print(f"seed {seed}: {options.mutations} files in {time.monotonic() - began:.0f} s, {dict(outcomes)}")
    print("\n".join(problems) if problems else "Nothing is lost.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
