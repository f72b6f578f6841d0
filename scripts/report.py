#!/usr/bin/env python3
"""Write the report: one self-contained HTML page per brand, from the published marts. Each opens without a network.

    python scripts/report.py                         # after `make publish`; needs requirements-report.txt
    python scripts/report.py --brand shop --language ko --output /tmp/pages
    python scripts/report.py --target postgres       # of the PG… variables; also needs requirements-postgres.txt

The same publication gives the same bytes. Exit codes: 0 written; 2 wrong usage; 3 there is no publication to read;
4 the pages could not be written; 69 a package that it needs is not installed.
"""

from __future__ import annotations

import argparse
import os
import sys
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

try:
    from reporting.data import load
    from reporting.errors import WRONG_USAGE, ReportError
    from reporting.pages import write_pages
    from reporting.source import duckdb_reader, postgres_reader
    from reporting.texts import LANGUAGES
except ModuleNotFoundError as missing:
    print(f"{missing.name} is not installed: pip install -r requirements-report.txt", file=sys.stderr)
    sys.exit(69)  # EX_UNAVAILABLE of sysexits.h


def arguments(given: list[str] | None) -> argparse.Namespace:
    """Give the command's options. Exits with code 2 for wrong ones."""
    publications = Path(os.environ.get("LIFECYCLE_PUBLICATIONS", ROOT / "publications"))
    parser = argparse.ArgumentParser(
        description="Write one self-contained HTML page per brand, and index.html, from the published marts."
    )
    parser.add_argument(
        "--publication",
        type=Path,
        default=publications / "lifecycle.duckdb",
        help="the published DuckDB file (%(default)s)",
    )
    parser.add_argument(
        "--target", choices=["duckdb", "postgres"], default="duckdb", help="where the publication is (%(default)s)"
    )
    parser.add_argument("--output", type=Path, default=ROOT / "reports", help="the folder to write to (%(default)s)")
    parser.add_argument("--brand", help="only this brand's page; index.html is left alone")
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="language of the page (%(default)s)")
    parser.add_argument(
        "--customers",
        type=int,
        default=0,
        metavar="N",
        help="list the N most valuable open alerts by customer_id; without it no page names a customer",
    )
    return parser.parse_args(given)


def main(given: list[str] | None = None) -> int:
    """Write the pages, and give the exit code."""
    options = arguments(given)
    open_reader = postgres_reader if options.target == "postgres" else partial(duckdb_reader, options.publication)
    try:
        publication = load(open_reader, options.customers)
        if options.brand is not None and options.brand not in publication.brands:
            known = ", ".join(publication.brands) or "none"
            raise ReportError(f"the publication has no brand {options.brand!r}; its brands: {known}", WRONG_USAGE)
        for path in write_pages(publication, options.brand, options.language, options.output):
            print(path)
    except ReportError as error:
        print(f"no report: {error}", file=sys.stderr)
        return error.code
    return 0


if __name__ == "__main__":
    sys.exit(main())
