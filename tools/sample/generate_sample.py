#!/usr/bin/env python3
"""Write the committed sample: three brands in the six raw tables under `seeds/sample/`.

    python tools/sample/generate_sample.py                      # everything, from the extracts in tools/sample/sources/
    python tools/sample/generate_sample.py --sources DIR        # the two real brands from extracts elsewhere
    python tools/sample/generate_sample.py --only atelier       # only the synthetic brand; real rows stay as they are
    python tools/sample/generate_sample.py --extract FULL_DIR   # redraw tools/sample/sources/ from the full sources

The same input gives the same bytes on every run: no clock, no unseeded randomness. Standard library only; `--extract`
also needs the package `duckdb`, to read parquet. `docs/sample.md` says what the brands are.
"""

from __future__ import annotations

import argparse
import csv
import shutil
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sample_atelier import BRAND as ATELIER
from sample_atelier import simulate
from sample_cases import TABLES, cases, rejected

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "tools" / "sample" / "sources"
SEEDS = ROOT / "seeds" / "sample"

# Whole weeks, so that every weekday stays. 1,461 weeks are exactly 28 years here: day and month stay as well.
CDNOW_WEEKS = 1461
GROCER_WEEKS = 443
GROCER_EVERY = 5  # of the source's households, in the order of their number of baskets


# --- cdnow ------------------------------------------------------------------------------------------------------
def cdnow_orders(sources: Path) -> list[dict]:
    """The purchases of the CDNOW sample, one order per line of the source, days moved by whole weeks."""
    rows = []
    with open(sources / "cdnow_sample.csv", newline="", encoding="utf-8") as file:
        for number, line in enumerate(csv.DictReader(file), start=1):
            day = date.fromisoformat(line["order_date"]) + timedelta(weeks=CDNOW_WEEKS)
            rows.append(
                {
                    "brand_id": "cdnow",
                    "order_id": f"CD{number:05d}",
                    "customer_id": line["customer_id"],
                    "ordered_at": day.isoformat(),
                    "status": "completed",
                    "gross_amount": line["amount"],
                    "currency": "USD",
                }
            )
    return rows


# --- grocer -----------------------------------------------------------------------------------------------------
def _sunday(year: int, month: int, number: int) -> datetime:
    """The n-th Sunday of a month, at midnight."""
    first = datetime(year, month, 1)
    return first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (number - 1))


def new_york_wall_time(utc: datetime) -> datetime:
    """UTC as New York wall time (daylight saving by the rules since 2007)."""
    begins = _sunday(utc.year, 3, 2) + timedelta(hours=7)
    ends = _sunday(utc.year, 11, 1) + timedelta(hours=6)
    return utc - timedelta(hours=4 if begins <= utc < ends else 5)


def utc_of_new_york(wall: datetime) -> datetime:
    """The way back. An hour that occurs twice means the first."""
    begins = _sunday(wall.year, 3, 2) + timedelta(hours=2)
    ends = _sunday(wall.year, 11, 1) + timedelta(hours=2)
    return wall + timedelta(hours=4 if begins <= wall < ends else 5)


def grocer_orders(sources: Path) -> list[dict]:
    """Grocery baskets. The wall time is shifted, not the instant, so that days and hours of shopping stay."""
    rows = []
    with open(sources / "completejourney_baskets.csv", newline="", encoding="utf-8") as file:
        for line in csv.DictReader(file):
            wall = new_york_wall_time(datetime.fromisoformat(line["transaction_timestamp"]))
            moved = utc_of_new_york(wall + timedelta(weeks=GROCER_WEEKS))
            discount = sum(Decimal(line[name]) for name in ("retail_disc", "coupon_disc", "coupon_match_disc"))
            rows.append(
                {
                    "brand_id": "grocer",
                    "order_id": line["basket_id"],
                    "customer_id": line["household_id"],
                    "ordered_at": moved.strftime("%Y-%m-%dT%H:%M:%SZ"),
                    "status": "completed",
                    "gross_amount": str(Decimal(line["sales_value"]) + discount),
                    "discount_amount": str(discount),
                    "currency": "USD",
                    "channel": "store",
                }
            )
    return rows


def grocer_interactions(sources: Path) -> list[dict]:
    """Coupon redemptions; the source only has their day."""
    rows = []
    with open(sources / "completejourney_coupon_redemptions.csv", newline="", encoding="utf-8") as file:
        for number, line in enumerate(csv.DictReader(file), start=1):
            day = date.fromisoformat(line["redemption_date"]) + timedelta(weeks=GROCER_WEEKS)
            rows.append(
                {
                    "brand_id": "grocer",
                    "interaction_id": f"R{number:04d}",
                    "customer_id": line["household_id"],
                    "occurred_at": day.isoformat(),
                    "interaction_type": "coupon_redeem",
                }
            )
    return rows


# --- extracts of the full sources -------------------------------------------------------------------------------
def extract(full: Path, target: Path) -> None:
    """Draw the small extracts from the full sources: every fifth household, ordered by number of baskets."""
    import duckdb  # only here: reading parquet

    baskets = full / "completejourney_baskets.parquet"
    redemptions = full / "completejourney_coupon_redemptions.parquet"
    target.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(full / "cdnow_sample.csv", target / "cdnow_sample.csv")
    db = duckdb.connect()
    db.execute(
        f"""create table chosen as
            select household_id from (
                select household_id, row_number() over (order by count(*), household_id) as place
                from '{baskets}' group by household_id
            ) where place % {GROCER_EVERY} = 0"""
    )
    found = db.execute(
        f"""select household_id, basket_id, transaction_timestamp, sales_value, retail_disc, coupon_disc,
                coupon_match_disc
            from '{baskets}' where household_id in (from chosen) order by household_id, basket_id"""
    ).fetchall()
    money = [[*row[:2], row[2].isoformat(), *(f"{amount:.2f}" for amount in row[3:])] for row in found]
    write_csv(
        target / "completejourney_baskets.csv",
        [
            "household_id",
            "basket_id",
            "transaction_timestamp",
            "sales_value",
            "retail_disc",
            "coupon_disc",
            "coupon_match_disc",
        ],
        money,
    )
    found = db.execute(
        f"""select household_id, redemption_date::date, coupon_upc, campaign_id
            from '{redemptions}' where household_id in (from chosen) order by all"""
    ).fetchall()
    write_csv(
        target / "completejourney_coupon_redemptions.csv",
        ["household_id", "redemption_date", "coupon_upc", "campaign_id"],
        found,
    )


# --- files ------------------------------------------------------------------------------------------------------
def write_csv(path: Path, header: list[str], rows) -> None:
    """A CSV file with LF line ends."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def real_rows(table: str, sources: Path) -> list[dict]:
    """Rows of the two real brands for a table; they have orders and coupon redemptions."""
    if table == "orders":
        return cdnow_orders(sources) + grocer_orders(sources)
    if table == "interactions":
        return grocer_interactions(sources)
    return []


def standing_rows(table: str, target: Path) -> list[dict]:
    """The real brands' rows of a table as they are in the file now."""
    with open(target / f"raw_{table}.csv", newline="", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["brand_id"] in ("cdnow", "grocer")]


def main() -> None:
    """Read the options, write the six files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=Path, default=SOURCES, help="folder with the extracts of the real data")
    parser.add_argument("--target", type=Path, default=SEEDS, help="folder to write to (default: seeds/sample)")
    parser.add_argument("--only", choices=[ATELIER], help="regenerate only the synthetic brand, keep the real rows")
    parser.add_argument("--extract", type=Path, metavar="FULL_DIR", help="first draw the extracts from full sources")
    options = parser.parse_args()
    if options.extract:
        extract(options.extract, options.sources)
    written = simulate()
    options.target.mkdir(parents=True, exist_ok=True)
    for table, columns in TABLES.items():
        real = standing_rows(table, options.target) if options.only else real_rows(table, options.sources)
        rows = real + written[table] + cases(table) + [row for _, row in rejected(table)]
        unknown = {name for row in rows for name in row} - set(columns)
        if unknown:
            raise ValueError(f"{table}: no such column {sorted(unknown)}")
        values = [["" if row.get(name) is None else row[name] for name in columns] for row in rows]
        write_csv(options.target / f"raw_{table}.csv", columns, values)
        print(f"raw_{table}.csv: {len(values)} rows")


if __name__ == "__main__":
    main()
