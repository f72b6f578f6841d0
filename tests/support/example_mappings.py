"""The mappings of examples/ once more, in plain Python: from exports to raw tables.

Shares nothing with the SQL of the examples. Lines are read one by one, money is
decimal, and a refund finds its invoice by walking back through a customer's
purchases.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from datetime import datetime, timezone
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

Row = dict[str, Any]

FOUR_DECIMALS = Decimal("0.0001")
NO_ARTICLES = {"POST", "DOT", "C2", "BANK CHARGES", "AMAZONFEE", "CRUK"}
ANSWER = "How did you hear about us?:"


# UCI Online Retail


def online_retail_orders(lines: Path) -> list[Row]:
    """The rows of `orders` of examples/online_retail, by order_id.

    Takes the Parquet file of invoice lines. Gives money as decimals and times
    in UTC.
    """
    with duckdb.connect() as connection:
        read = connection.execute(
            "select InvoiceNo, StockCode, Quantity, InvoiceDate, "
            "cast(UnitPrice as decimal(18, 4)), CustomerID, Country "
            "from read_parquet(?)",
            [str(lines)],
        ).fetchall()
    london = ZoneInfo("Europe/London")
    invoices: dict[str, Row] = {}
    sold: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    credited = []
    for invoice, article, quantity, minute, price, customer, country in read:
        if invoice.startswith("A"):
            continue
        moment = minute.replace(tzinfo=london).astimezone(timezone.utc)
        customer = None if customer is None else str(int(customer))
        row = invoices.setdefault(
            invoice,
            {
                "brand_id": "giftware",
                "order_id": invoice,
                "customer_id": customer,
                "ordered_at": moment,
                "gross_amount": Decimal(0),
                "refund_amount": None,
                "status": "credit note" if invoice.startswith("C") else "completed",
                "currency": "GBP",
                "channel": country,
            },
        )
        row["ordered_at"] = min(row["ordered_at"], moment)
        if article.upper() in NO_ARTICLES:
            continue
        is_credit = invoice.startswith("C")
        row["gross_amount"] += -quantity * price if is_credit else quantity * price
        if customer is not None and is_credit:
            credited.append((customer, article, -quantity, moment, -quantity * price))
        elif customer is not None:
            sold[customer, article][invoice] += quantity
    bought_at = first_article_times(read, london)
    for customer, article, quantity, moment, amount in credited:
        earlier = [
            (bought_at[invoice, article], invoice)
            for invoice, bought in sold[customer, article].items()
            if bought >= quantity and bought_at[invoice, article] <= moment
        ]
        if earlier:
            row = invoices[max(earlier)[1]]
            row["refund_amount"] = (row["refund_amount"] or 0) + amount
    return [invoices[invoice] for invoice in sorted(invoices)]


def first_article_times(lines: list[tuple], zone: ZoneInfo) -> dict[tuple[str, str], datetime]:
    """When each article first stood on each invoice, in UTC.

    Takes the lines as read, and the zone of their clock.
    """
    times: dict[tuple[str, str], datetime] = {}
    for invoice, article, _, minute, *_ in lines:
        moment = minute.replace(tzinfo=zone).astimezone(timezone.utc)
        known = times.get((invoice, article))
        times[invoice, article] = moment if known is None else min(known, moment)
    return times


# Shopify


def shopify_raw(folder: Path) -> dict[str, list[Row]]:
    """The raw tables `orders` and `customers` of examples/shopify.

    Takes the folder of the exports. Of an order in several files the last one
    holds. Gives rows by their keys, money as decimals, times as ISO text.
    """
    orders: dict[str, list[Row]] = {}
    for file in sorted(folder.glob("orders_export*.csv")):
        lines_of: dict[str, list[Row]] = defaultdict(list)
        for line in read_csv(file):
            lines_of[line["Name"]].append(line)
        orders |= lines_of
    customers = [
        {
            "customer_id": line["Customer ID"].lstrip("'"),
            "email": line["Email"].strip().lower(),
            "phone": digits(line["Phone"]),
            "contactable": line["Accepts Email Marketing"],
        }
        for line in read_csv(max(folder.glob("customers_export*.csv")))
    ]
    raw_orders = [shopify_order(lines, customers) for lines in orders.values()]
    raw_customers = {
        customer["customer_id"]: {
            "brand_id": "kiosk",
            "customer_id": customer["customer_id"],
            "acquisition_channel": None,
            "contactable": customer["contactable"],
        }
        for customer in customers
    }
    by_time = sorted(
        zip(raw_orders, orders.values()),
        key=lambda pair: datetime.fromisoformat(pair[0]["ordered_at"]),
    )
    known_from_export = set(raw_customers)
    for order, lines in by_time:
        buyer = order["customer_id"]
        if buyer is None:
            continue
        row = raw_customers.setdefault(
            buyer,
            {
                "brand_id": "kiosk",
                "customer_id": buyer,
                "acquisition_channel": None,
            },
        )
        if buyer not in known_from_export:
            row["contactable"] = lines[0]["Accepts Marketing"]
        if row["acquisition_channel"] is None:
            row["acquisition_channel"] = answer(lines[0]["Note Attributes"])
    return {
        "orders": sorted(raw_orders, key=lambda row: row["order_id"]),
        "customers": [raw_customers[key] for key in sorted(raw_customers)],
    }


def shopify_order(lines: list[Row], customers: list[Row]) -> Row:
    """The row of `orders` of the lines of one order.

    Takes the lines in the export's order, and the customers with `email`,
    `phone` and `customer_id`.
    """
    head = lines[0]
    items = sum(int(line["Lineitem quantity"]) * Decimal(line["Lineitem price"]) for line in lines)
    subtotal, shipping, taxes, total, refunded = (
        Decimal(head[name] or 0) for name in ("Subtotal", "Shipping", "Taxes", "Total", "Refunded Amount")
    )
    # a shop's prices hold tax or do not; either way the total says which
    kept = 1 - taxes / total if total and total == subtotal + shipping else Decimal(1)
    gross, net = rounded(items * kept), rounded(subtotal * kept)
    created = re.sub(" (?=[+-])", "", head["Created at"])
    return {
        "brand_id": "kiosk",
        "order_id": head["Id"],
        "customer_id": buyer_of(head, customers),
        "ordered_at": created,
        "status": "cancelled" if head["Cancelled at"] else head["Financial Status"],
        "gross_amount": gross,
        "discount_amount": gross - net,
        "refund_amount": rounded(net * refunded / total) if total else Decimal(0),
        "currency": head["Currency"],
        "coupon_code": head["Discount Code"] or None,
        "channel": head["Source"],
    }


def buyer_of(head: Row, customers: list[Row]) -> str | None:
    """Who placed an order: by e-mail address, by phone number, or by the address.

    Takes the order's first line, and the customers. Gives none for nobody.
    """
    email, phone = head["Email"].strip().lower(), digits(head["Phone"])
    for name, value in (("email", email), ("phone", phone)):
        for customer in customers:
            if value and customer[name] == value:
                return customer["customer_id"]
    return email or None


def answer(attributes: str) -> str | None:
    """What the customer answered to the question at the checkout, if anything."""
    for line in attributes.splitlines():
        if line.startswith(ANSWER):
            return line[len(ANSWER) :].strip() or None
    return None


def digits(phone: str) -> str:
    """A phone number's digits and plus sign."""
    return re.sub("[^0-9+]", "", phone)


def rounded(amount: Decimal) -> Decimal:
    """An amount with four decimals, half away from zero."""
    return amount.quantize(FOUR_DECIMALS, ROUND_HALF_UP)


def read_csv(path: Path) -> list[Row]:
    """The lines of an export as text."""
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
