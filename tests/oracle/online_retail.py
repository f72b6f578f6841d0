"""UCI Online Retail as our raw table `orders`.

A row for every invoice number, customer and minute of the file, all columns
text: an invoice whose lines carry two minutes gives two rows with one
`order_id`, so that supersession is used; lines without a customer give rows
that are rejected; cancellations keep their amount with status `cancelled`;
the two negative adjustments keep their sign (they have no customer either).
Exact duplicate lines are lines like any other.
"""

from __future__ import annotations

import csv
import tempfile
from datetime import datetime, timezone
from pathlib import Path

import duckdb

from .inputs import TABLES
from .values import time_zone

LINES = Path(__file__).parents[1] / "data" / "online_retail.parquet"
COLUMNS = tuple(TABLES["orders"].columns)
SETTINGS = {"timezone": "Europe/London", "currency": "GBP"}

INVOICES = """
    select
        InvoiceNo,
        CustomerID,
        InvoiceDate,
        any_value(Country),
        sum(Quantity * cast(UnitPrice as decimal(18, 4)))
    from read_parquet(?)
    group by InvoiceNo, CustomerID, InvoiceDate
    order by InvoiceNo, InvoiceDate, CustomerID
"""


def orders(lines: str | Path = LINES, brand_id: str = "online_retail") -> list[dict[str, str | None]]:
    """The rows of `orders`, from the file of invoice lines."""
    london = time_zone("Europe/London")
    with duckdb.connect() as connection:
        invoices = connection.execute(INVOICES, [str(lines)]).fetchall()
    rows = []
    for invoice, customer, minute, country, total in invoices:
        cancelled = invoice.startswith("C")
        row = dict.fromkeys(COLUMNS)
        row |= {
            "brand_id": brand_id,
            "order_id": invoice,
            "customer_id": None if customer is None else str(int(customer)),
            "ordered_at": utc_text(minute.replace(tzinfo=london)),
            "status": "cancelled" if cancelled else "completed",
            "gross_amount": format(abs(total) if cancelled else total, "f"),
            "currency": "GBP",
            "channel": country,
        }
        rows.append(row)
    return rows


def utc_text(moment: datetime) -> str:
    """The moment in UTC as ISO 8601 text that ends in Z."""
    utc = moment.astimezone(timezone.utc)
    return utc.strftime("%Y-%m-%dT%H:%M:%SZ")


def write_orders(
    parquet_path: str | Path,
    lines: str | Path = LINES,
    brand_id: str = "online_retail",
) -> list[dict[str, str | None]]:
    """Write the rows of `orders` to a Parquet file, and return them."""
    rows = orders(lines, brand_id)
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        text = Path(folder) / "orders.csv"
        with open(text, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(rows)
        connection.read_csv(str(text), header=True, all_varchar=True).write_parquet(str(parquet_path))
    return rows
