"""Files as they stand in a raw folder, read without interpreting anything."""

from __future__ import annotations

import ast
import csv
import gzip
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import duckdb

from .csv_text import read_csv_text
from .inputs import MALFORMED, TABLES, Raw


def read_interaction_types(path: str | Path) -> dict[str, tuple[str, str]]:
    """Group and default weight by interaction type, from the seed's CSV.

    The columns are interaction_type, interaction_group, default_weight.
    """
    with open(path, newline="", encoding="utf-8") as file:
        return {
            row["interaction_type"].strip().lower(): (
                row["interaction_group"].strip(),
                row["default_weight"].strip(),
            )
            for row in csv.DictReader(file)
        }


def read_rfm_segments(path: str | Path) -> dict[tuple[int, int], str]:
    """The segment of each pair of r_score and f_score, from the seed's CSV.

    The columns are r_score, f_score, segment.
    """
    with open(path, newline="", encoding="utf-8") as file:
        return {(int(row["r_score"]), int(row["f_score"])): row["segment"].strip() for row in csv.DictReader(file)}


def read_playbook(path: str | Path) -> list[dict[str, Any]]:
    """The lines of the playbook, from the seed's CSV.

    All columns are text, blank as None, but `line` and `due_days`, which are
    numbers.
    """
    with open(path, newline="", encoding="utf-8") as file:
        rows = [{name: value.strip() or None for name, value in row.items()} for row in csv.DictReader(file)]
    return [
        row
        | {
            "line": int(row["line"]),
            "due_days": int(row["due_days"]) if row["due_days"] else None,
        }
        for row in rows
    ]


def read_message_texts(path: str | Path) -> dict[str, dict[str, str]]:
    """What alerts and actions say, by name and language, from the macro that has it.

    It is a literal of Python, but for the `~` that joins texts.
    """
    written = Path(path).read_text(encoding="utf-8").partition("return(")[2].rpartition(") }}")[0]
    found: dict[str, dict[str, str]] = ast.literal_eval(re.sub(r"(?m)^(\s+)~ '", r"\1'", written))
    return found


def read_raw_folder(folder: str | Path, delimiter: str = ",", encoding: str = "utf-8") -> Raw:
    """The raw tables of a folder: Parquet typed, CSV as text, malformed records beside its rows.

    A table is `<table>.parquet`, `.csv` or `.csv.gz`, or a folder of such parts,
    in which folders called `column=value` give that column. A table without a
    file is absent. Raises CannotRead.
    """
    raw: Raw = {}
    for name in TABLES:
        for path in sorted(Path(folder).glob(f"{name}*")):
            if path.name not in (name, f"{name}.parquet", f"{name}.csv", f"{name}.csv.gz"):
                continue
            parts = (
                [path]
                if path.is_file()
                else sorted(
                    part
                    for part in path.rglob("*")
                    if part.is_file() and not any(step.startswith((".", "_")) for step in part.relative_to(path).parts)
                )
            )
            for part in parts:
                steps = [step for step in part.relative_to(path).parts[:-1] if "=" in step]
                given = {
                    key.lower(): None if value == "__HIVE_DEFAULT_PARTITION__" else unquote(value)
                    for key, value in (step.split("=", 1) for step in steps)
                }
                raw.setdefault(name, []).extend(
                    row if MALFORMED in row else given | row for row in _read_part(part, delimiter, encoding)
                )
    return raw


def _read_part(path: Path, delimiter: str, encoding: str) -> list[dict[str, Any]]:
    """The rows of one file."""
    if path.suffix == ".parquet":
        with duckdb.connect() as connection:
            connection.execute("set timezone = 'UTC'")
            return rows_of(
                connection.execute(
                    "select * from read_parquet(?, hive_partitioning = false)",
                    [re.sub(r"([\[*?])", r"[\1]", str(path))],
                )
            )
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    text = read_csv_text(data, delimiter, encoding)
    return text.rows + [{MALFORMED: record} for record in text.malformed]


def rows_of(result: Any) -> list[dict[str, Any]]:
    """The rows of a DB-API result as dicts by lower-case column name."""
    columns = [column[0].lower() for column in result.description]
    return [dict(zip(columns, row)) for row in result.fetchall()]
