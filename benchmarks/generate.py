#!/usr/bin/env python3
"""Order histories of any size, up to 100 million orders, as parquet files that `raw_dir` can name.

    python benchmarks/generate.py 10000000 benchmarks/data/10000000
    python benchmarks/generate.py 1000000 benchmarks/data/small --tables all

The same arguments give the same rows with one version of DuckDB: whatever looks random is a hash of a row's number.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import time
import zlib
from datetime import date
from pathlib import Path

import duckdb

ORDERS_PER_CUSTOMER = 5.3
ONE_TIME_SHARE = 0.4  # of customers have one order
REPEATED_SHARE = 0.005  # of orders came in twice, the second time with a later updated_at
BAD_SHARE = 0.001  # of orders are to be rejected

FIRST_DAY = date(2022, 1, 1)
AS_OF_DATE = date(2025, 12, 31)
DAYS = (AS_OF_DATE - FIRST_DAY).days + 1

# name, share of the customers, currency, time zone, what an amount is multiplied by
BRANDS = [
    ("harbor", 0.5, "EUR", "UTC", 1),
    ("hanok", 0.3, "KRW", "Asia/Seoul", 1300),
    ("hudson", 0.2, "USD", "America/New_York", 1),
]
CHANNELS = [
    "web",
    "app",
    "store",
    "marketplace",
    "social",
    "phone",
    "email",
    "affiliate",
    "search",
    "kiosk",
    "wholesale",
    "live",
]
INTERACTION_TYPES = [
    "site_visit",
    "site_visit",
    "site_visit",
    "site_visit",
    "email_open",
    "email_open",
    "email_click",
    "product_view",
    "cart_add",
    "cart_abandoned",
    "sns_like",
    "support_ticket",
    "coupon_redeem",
    "review",
    "store_visit",
    "ad_click",
]
TABLES = ["orders", "customers", "interactions", "subscriptions", "feedback", "marketing_spend"]


def settings() -> dict:
    """The vars with which dbt builds from these files."""
    return {
        "as_of_date": AS_OF_DATE.isoformat(),
        "brands": {name: {"currency": currency, "timezone": zone} for name, _, currency, zone, _ in BRANDS},
    }


def customers_by_orders(orders: int, customers: int) -> dict[int, int]:
    """How many customers have how many orders: one and a gamma-mixed Poisson number more; exact in both sums."""
    if orders < customers:
        raise ValueError("there are fewer orders than customers, and every customer has one")
    further = orders / customers - 1
    if further == 0:
        return {1: customers}
    # the shape with which ONE_TIME_SHARE have none further; without one, a plain Poisson number comes nearest
    low, high = 1e-6, 1e6
    for _ in range(200):
        shape = math.sqrt(low * high)
        if shape * math.log1p(further / shape) < -math.log(ONE_TIME_SHARE):
            low = shape
        else:
            high = shape
    counts: dict[int, int] = {}
    probability = math.exp(-shape * math.log1p(further / shape))
    expected = placed = 0.0
    number = 0
    while expected < customers - 0.5 and number < 100_000:
        expected += customers * probability
        counts[number + 1] = round(expected) - round(placed)
        placed = expected
        probability *= (shape + number) / (number + 1) * further / (shape + further)
        number += 1
    counts[1] += customers - sum(counts.values())
    # rounding and the cut tail: some customers get one order more or less
    missing = orders - sum(number * count for number, count in counts.items())
    step = 1 if missing > 0 else -1
    while missing:
        for number in sorted(counts, key=lambda number: -counts[number]):
            moved = min(abs(missing), counts[number] // 4 + 1) if number + step >= 1 else 0
            counts[number] -= moved
            counts[number + step] = counts.get(number + step, 0) + moved
            missing -= step * moved
            if not missing:
                break
    return {number: count for number, count in sorted(counts.items()) if count}


def noise(of: str, purpose: str) -> str:
    """A whole number that looks random, the same for the same number (below 10^12) and purpose."""
    # a hash of both at once would not be independent from purpose to purpose
    return f"hash({of} * 1000003 + {zlib.crc32(purpose.encode()) % 1_000_003})"


def share(of: str, purpose: str) -> str:
    """The same from 0 to below 1."""
    return f"({noise(of, purpose)} >> 11) / 9007199254740992.0"


def pick(of: str, purpose: str, choices: list) -> str:
    """The same, one of some texts."""
    listed = ", ".join(f"'{choice}'" for choice in choices)
    return f"[{listed}][cast(1 + {noise(of, purpose)} % {len(choices)} as bigint)]"


def by_brand(values: list) -> str:
    cases = " ".join(f"when brand = {number} then {value}" for number, value in enumerate(values))
    return f"case {cases} end"


def brand_of(customer: str) -> str:
    bounds, total = [], 0.0
    for number, (_, brand_share, *_) in enumerate(BRANDS[:-1]):
        total += brand_share
        bounds.append(f"when {share(customer, 'brand')} < {total} then {number}")
    return f"case {' '.join(bounds)} else {len(BRANDS) - 1} end"


def at(seconds: str) -> str:
    """A timestamp in UTC, so many seconds after the first day began."""
    return f"(timestamp '{FIRST_DAY} 00:00:00' + to_seconds(cast(floor({seconds}) as bigint)))"


SPAN = DAYS * 86_400
PRIME = 15_485_863  # with it the numbers from 0 to the count of orders change places
BRAND_ID = by_brand([f"'{name}'" for name, *_ in BRANDS])
CURRENCY = by_brand([f"'{currency}'" for _, _, currency, *_ in BRANDS])
SCALE = by_brand([scale for *_, scale in BRANDS])
FIRST_ORDER = f"{share('customer', 'acquired')} * {SPAN}"
CUSTOMER_ID = "cast(7000000000000 + customer as varchar)"


def orders_sql(total: int) -> str:
    bad = round(1 / BAD_SHARE)
    repeated = round(1 / REPEATED_SHARE)
    return f"""
        with customers as (
            select orders, first_order, unnest(range(customers)) as rank, first_customer + rank as customer
            from customers_by_orders
        ),
        lives as (
            select
                customer,
                orders,
                first_order + rank * orders as first_order,
                {brand_of("customer")} as brand,
                {FIRST_ORDER} as born,
                -- how long a customer stays; longer for customers who buy more
                least({SPAN} - born, -ln(1 - {share("customer", "stay")}) * 86400 * (120 + 60 * orders)) as stays
            from customers
        ),
        numbered as (
            -- the numbers of the orders, each once, in no order that tells of the customer
            select
                customer,
                brand,
                born,
                stays,
                unnest(range(orders)) as sequence,
                (first_order + sequence) * {PRIME} % {total} as number
            from lives
        ),
        versions as (
            select *, unnest(range(case when {noise("number", "repeated")} % {repeated} = 0 then 2 else 1 end)) as version
            from numbered
        ),
        valued as (
            select
                *,
                born + case when sequence = 0 then 0 else {share("number", "time")} * stays end as placed,
                round(cast(exp(3.4 + 0.9 * ({" + ".join(share("number", f"z{n}") for n in range(3))} - 1.5) * 2)
                    as decimal(18, 2)) * {SCALE}, 2) as gross,
                {noise("number", "bad")} % {bad * 6} as badness,
                {share("number", "discount")} as discounted,
                {share("number", "status")} as state
            from versions
        )
        select
            case when badness = 1 then 'nobody' else {BRAND_ID} end as brand_id,
            cast(5000000000000 + number as varchar) as order_id,
            case when badness = 2 then null else {CUSTOMER_ID} end as customer_id,
            case when badness = 3 then null else {at("placed")} end as ordered_at,
            case
                when badness = 4 then null
                when version = 1 or state < 0.93 then 'completed'
                when state < 0.96 then 'cancelled'
                when state < 0.98 then 'shipped'
                else 'refunded'
            end as status,
            cast(case when badness = 5 then -1 else gross end as decimal(18, 4)) as gross_amount,
            cast(case when discounted < 0.2 then round(gross * (1 + cast(floor(discounted * 20) as integer)) / 10, 2) end
                as decimal(18, 4)) as discount_amount,
            cast(case when state >= 0.98 then gross when {noise("number", "refund")} % 50 = 0 then round(gross / 2, 2) end
                as decimal(18, 4)) as refund_amount,
            case when badness = 0 then 'XTS' else {CURRENCY} end as currency,
            case when discounted < 0.1 then {pick("number", "coupon", ["SAVE10", "WELCOME", "BACK"])} end as coupon_code,
            case when {noise("number", "unknown channel")} % 50 > 0 then {pick("number", "channel", CHANNELS)} end as channel,
            {at("placed")} + to_hours(cast(2 + 46 * version as bigint)) as updated_at
        from valued
        -- the order in which orders come in
        order by updated_at, order_id
    """


def other_sql(table: str, customers: int) -> str:
    of_customer = f"customer, {brand_of('customer')} as brand from range({{rows}}) as numbers(n)"
    if table == "customers":
        # one in ten has never bought
        return f"""
            select
                {BRAND_ID} as brand_id,
                {CUSTOMER_ID} as customer_id,
                {at(f"greatest(0, {FIRST_ORDER} - {share('customer', 'waits')} * 2592000)")} as signed_up_at,
                case when {noise("customer", "known")} % 5 > 0 then {pick("customer", "channel", CHANNELS)} end
                    as acquisition_channel,
                case when {noise("customer", "referred")} % 20 = 0
                    then cast(7000000000000 + {noise("customer", "by")} % {customers} as varchar) end as referred_by_customer_id,
                case when {noise("customer", "member")} % 5 = 0 then signed_up_at + interval 3 day end as membership_joined_at,
                {noise("customer", "contactable")} % 10 > 0 as contactable,
                signed_up_at + interval 5 day as updated_at
            from (select n as {of_customer.format(rows=customers * 10 // 9)})
        """
    if table == "interactions":
        return f"""
            select
                {BRAND_ID} as brand_id,
                cast(9000000000000 + n as varchar) as interaction_id,
                {CUSTOMER_ID} as customer_id,
                {at(f"{share('n', 'time')} * {SPAN}")} as occurred_at,
                {pick("n", "type", INTERACTION_TYPES)} as interaction_type,
                case when interaction_type = 'site_visit' then cast({noise("n", "duration")} % 900 as decimal(18, 6)) end
                    as duration_seconds,
                case when interaction_type = 'cart_abandoned' then cast({noise("n", "cart")} % 200 as decimal(18, 4)) end as amount
            from (select n, {noise("n", "customer")} % {customers} as {of_customer.format(rows=customers * 8)})
        """
    if table == "subscriptions":
        return f"""
            select
                {BRAND_ID} as brand_id,
                cast(3000000000000 + n as varchar) as subscription_id,
                {CUSTOMER_ID} as customer_id,
                {pick("n", "kind", ["product", "service"])} as subscription_kind,
                {at(f"{share('n', 'start')} * {SPAN}")} as started_at,
                case when {noise("n", "ends")} % 2 = 0
                    then started_at + to_days(cast(30 + {noise("n", "length")} % 700 as integer)) end as ended_at,
                cast(5 + {noise("n", "amount")} % 40 as decimal(18, 4)) as monthly_amount,
                started_at as updated_at
            from (select n, {noise("n", "subscriber")} % {customers} as {of_customer.format(rows=customers // 20)})
        """
    if table == "feedback":
        return f"""
            select
                {BRAND_ID} as brand_id,
                cast(1000000000000 + n as varchar) as feedback_id,
                {CUSTOMER_ID} as customer_id,
                {at(f"{share('n', 'time')} * {SPAN}")} as submitted_at,
                {pick("n", "kind", ["nps", "csat", "review"])} as feedback_kind,
                cast(10 - floor(11 * pow({share("n", "score")}, 2)) as integer) as score
            from (select n, {noise("n", "answers")} % {customers} as {of_customer.format(rows=customers // 12)})
        """
    return f"""
        select
            {BRAND_ID} as brand_id,
            cast(date '{FIRST_DAY}' + cast(day as integer) as date) as spend_date,
            channel,
            purpose,
            cast((20 + hash(brand, day, channel, purpose) % 200) * {SCALE} as decimal(18, 4)) as amount,
            1000 + hash(day, channel, brand) % 9000 as impressions,
            20 + hash(channel, day, brand) % 300 as clicks
        from range({len(BRANDS)}) as brands(brand), range({DAYS}) as days(day), unnest({CHANNELS}) as channels(channel),
            unnest(['acquisition', 'retention']) as purposes(purpose)
    """


def generate(orders: int, folder: Path, customers: int | None = None, tables: list[str] | None = None) -> dict:
    """Write the files, unless they are there already; what was written, and how long it took."""
    customers = customers or max(1, round(orders / ORDERS_PER_CUSTOMER))
    tables = tables or ["orders"]
    wanted = {
        "orders": orders,
        "customers": customers,
        "tables": tables,
        "duckdb": duckdb.__version__,
        "generator": hash_of_this_file(),
    }
    marker = folder / "generated.json"
    if marker.is_file():
        found = json.loads(marker.read_text())
        if {key: found.get(key) for key in wanted} == wanted:
            return found
    folder.mkdir(parents=True, exist_ok=True)
    for old in [marker, *folder.glob("*.parquet")]:
        old.unlink(missing_ok=True)
    start = time.perf_counter()
    with duckdb.connect() as connection:
        # sorting 100 million orders takes more memory than some machines have
        connection.execute(f"set temp_directory = '{folder / 'spill'}'")
        connection.execute(
            "create table customers_by_orders (orders bigint, customers bigint, first_customer bigint, first_order "
            "bigint)"
        )
        first_customer = first_order = 0
        for number, count in customers_by_orders(orders, customers).items():
            connection.execute(
                "insert into customers_by_orders values (?, ?, ?, ?)", [number, count, first_customer, first_order]
            )
            first_customer += count
            first_order += number * count
        rows = {}
        for table in tables:
            sql = orders_sql(orders) if table == "orders" else other_sql(table, customers)
            (rows[table],) = connection.execute(
                f"copy ({sql}) to '{folder / table}.parquet' (format parquet)"
            ).fetchone()
    found = {**wanted, "rows": rows, "seconds": round(time.perf_counter() - start, 1)}
    marker.write_text(json.dumps(found, indent=2) + "\n")
    return found


def hash_of_this_file() -> str:
    return hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("orders", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--customers", type=int, help=f"default: orders / {ORDERS_PER_CUSTOMER}")
    parser.add_argument(
        "--tables",
        nargs="+",
        choices=[*TABLES, "all"],
        default=["orders"],
        help="default: orders, the one that is required",
    )
    options = parser.parse_args()
    if not 0 < options.orders <= 100_000_000:
        parser.error("from 1 to 100 million orders")
    tables = TABLES if "all" in options.tables else options.tables
    print(json.dumps(generate(options.orders, options.folder.resolve(), options.customers, list(tables)), indent=2))
    print(f"dbt vars: {json.dumps({'raw_dir': str(options.folder), **settings()})}")


if __name__ == "__main__":
    main()
