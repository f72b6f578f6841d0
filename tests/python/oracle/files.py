"""Files as they stand in a raw folder, read without interpreting anything."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import duckdb

from .inputs import TABLES, Raw


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
        return {
            (int(row["r_score"]), int(row["f_score"])): row["segment"].strip()
            for row in csv.DictReader(file)
        }


def read_playbook(path: str | Path) -> list[dict[str, Any]]:
    """The lines of the playbook, from the seed's CSV.

    All columns are text, blank as None, but `line`, which is a number.
    """
    with open(path, newline="", encoding="utf-8") as file:
        rows = [
            {name: value.strip() or None for name, value in row.items()}
            for row in csv.DictReader(file)
        ]
    return [row | {"line": int(row["line"])} for row in rows]


def read_raw_folder(folder: str | Path) -> Raw:
    """The raw tables of a folder: `<table>.parquet` typed, `.csv` as text.

    An empty CSV field is null. A table without a file is absent.
    """
    raw: Raw = {}
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        for name in TABLES:
            parquet = Path(folder) / f"{name}.parquet"
            text = Path(folder) / f"{name}.csv"
            if parquet.exists():
                raw[name] = rows_of(connection.execute(
                    "select * from read_parquet(?)", [str(parquet)]
                ))
            elif text.exists():
                raw[name] = rows_of(connection.execute(
                    "select * from read_csv(?, all_varchar = true, "
                    "header = true)",
                    [str(text)],
                ))
    return raw


def rows_of(result: Any) -> list[dict[str, Any]]:
    """The rows of a DB-API result as dicts by lower-case column name."""
    columns = [column[0].lower() for column in result.description]
    return [dict(zip(columns, row)) for row in result.fetchall()]
