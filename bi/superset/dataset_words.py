#!/usr/bin/env python3
"""Write the glossary's labels and definitions into the columns of the committed datasets.

    python bi/superset/dataset_words.py --publication publications/lifecycle.duckdb

Run it when the glossary has changed. Only the words change; what else a dataset says stays as it is.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import duckdb
import yaml

from yaml_text import dump

DATASETS = Path(__file__).parent / "export" / "datasets"


def glossary_of(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], tuple[str, str]]:
    """The English label and definition of each column of a mart, by mart and column."""
    rows = connection.execute(
        "select mart, column_name, label, definition from marts.metric_glossary where language = 'en'"
    ).fetchall()
    return {(mart, column): (label, definition) for mart, column, label, definition in rows}


def reworded(text: str, words: dict[tuple[str, str], tuple[str, str]]) -> str:
    """The text of a dataset, its columns called and described as in the glossary."""
    dataset = yaml.safe_load(text)
    for column in dataset["columns"]:
        word = words.get((dataset["table_name"], column["column_name"]))
        if word:
            column["verbose_name"], column["description"] = word
    return dump(dataset)


def main(arguments: list[str] | None = None) -> int:
    """Write the datasets again. Gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", 1)[0])
    parser.add_argument("--publication", type=Path, required=True, help="a DuckDB file that has the marts")
    options = parser.parse_args(arguments)
    with duckdb.connect(str(options.publication), read_only=True) as connection:
        words = glossary_of(connection)
    for path in sorted(DATASETS.glob("*/*.yaml")):
        old = path.read_text(encoding="utf-8")
        new = reworded(old, words)
        if new != old:
            path.write_text(new, encoding="utf-8")
            print(f"{path.name} is written again")
    return 0


if __name__ == "__main__":
    sys.exit(main())
