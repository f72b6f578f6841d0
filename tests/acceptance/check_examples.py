#!/usr/bin/env python3
"""Build every project of examples/ as a user would, and compare the result with what is expected.

    python tests/acceptance/check_examples.py [second_project | online_retail | shopify | git ...]      # all by default

Each is copied to a separate folder, installs this tree as a package (`dbt deps`), and builds with one `dbt build`, in a
session with a time zone unlike any brand's. The marts of the mapped exports must equal those that the independent
program of tests/oracle computes from an independent mapping; those of the second project are listed here.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import yaml

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
PACKAGE_PAGE = ROOT / "docs" / "use_as_a_package.md"
INVOICES = ROOT / "tests" / "data" / "online_retail.parquet"
DBT = Path(sys.executable).with_name("dbt")
SHELL_SETTINGS = ("LIFECYCLE_", "DBT_", "PG")

sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT / "tests")]


class Wrong(Exception):
    """An example's result differs from what is expected."""


class Copy:
    """An example in its own folder, with the package installed."""

    def __init__(self, name: str, work: Path) -> None:
        """Copy and install. Takes the example's name and an empty folder. Raises Wrong if dbt fails."""
        self.folder = work / name
        self.database = self.folder / "lifecycle.duckdb"
        shutil.copytree(
            EXAMPLES / name, self.folder, ignore=shutil.ignore_patterns("dbt_packages", "target", "logs", "*.duckdb")
        )
        (self.folder / "packages.yml").write_text(f"packages:\n  - local: {ROOT}\n", encoding="utf-8")
        self.dbt("deps")

    def dbt(self, *command: str) -> str:
        """Run dbt in the folder and return its output. Raises Wrong with the output if it fails."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith(SHELL_SETTINGS)} | {
            "TZ": "Asia/Seoul"
        }
        run = subprocess.run(
            [str(DBT), "--no-use-colors", *command],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode != 0:
            raise Wrong(f"dbt {' '.join(command)} failed:\n{run.stdout[-4000:]}{run.stderr}")
        return run.stdout

    def build(self, *arguments: str) -> None:
        """Everything but the package's unit tests, which test the package and not its user."""
        self.dbt("build", "--exclude-resource-type", "unit_test", *arguments)

    def rows(self, query: str) -> list[tuple]:
        """The rows of a query of what was built."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            connection.execute("set timezone = 'UTC'")
            return connection.execute(query).fetchall()

    def settings(self) -> dict[str, Any]:
        """What the example's dbt_project.yml says."""
        return yaml.safe_load((self.folder / "dbt_project.yml").read_text(encoding="utf-8"))

    def change_settings(self, change: dict[str, Any]) -> None:
        """Merge a map into dbt_project.yml, key by key."""
        merged = merge(self.settings(), change)
        (self.folder / "dbt_project.yml").write_text(yaml.safe_dump(merged, sort_keys=False), encoding="utf-8")


def merge(beneath: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Two maps as one: maps merge, other values of the upper one win."""
    merged = dict(beneath)
    for key, value in above.items():
        is_map = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = merge(merged[key], value) if is_map else value
    return merged


def must_be(what: str, actual: Any, expected: Any) -> None:
    """Raises Wrong, naming both, if two values differ."""
    if actual != expected:
        raise Wrong(f"{what}:\n  is       {actual}\n  must be  {expected}")


# The examples


def second_project(work: Path) -> str:
    """Two shops with their own brands: worked out by hand from thirteen receipts and invoices."""
    shops = Copy("second_project", work)
    shops.build()
    must_be(
        "what became of the raw rows",
        shops.rows(
            "select source_table, brand_id, raw_rows, accepted_rows, rejected_rows from quality.input_reconciliation "
            "order by all"
        ),
        [("orders", "bakery", 10, 9, 1), ("orders", "bikes", 3, 3, 0)],
    )
    must_be(
        "the customers",
        shops.rows(
            "select brand_id, customer_id, lifetime_orders, lifetime_net_revenue, loyalty_class, relationship_status "
            "from marts.customers order by all"
        ),
        [
            ("bakery", "ada", 5, Decimal(50), "loyal", "active"),
            ("bakery", "ben", 1, Decimal(20), "one_time", "churned"),  # lost on 2026-03-11
            ("bakery", "cem", 2, Decimal(25), "repeat", "active"),  # half past midnight in Berlin is in March
            ("bikes", "eve", 2, Decimal(960), "loyal", "active"),
            ("bikes", "fay", 1, Decimal(400), "one_time", "dormant"),
        ],
    )
    must_be(
        "the bakery's March",
        shops.rows(
            "select customers_at_start, lost_customers, new_customers, reactivated_customers, customers_at_end, "
            "churn_rate, orders, net_revenue from marts.brand_metrics "
            "where brand_id = 'bakery' and period_grain = 'month' and period_start = '2026-03-01'"
        ),
        [(2, 1, 1, 0, 2, 0.5, 3, Decimal(35))],
    )
    must_be(
        "the project's own model of the name of a mart",
        shops.rows("select brand_id, customer_id from main.customers order by all"),
        [("bakery", "ada"), ("bikes", "eve")],
    )
    own_playbook(shops)
    shops.change_settings({"vars": {"customer_lifecycle": {"brands": {"bakery": {"actve": {"window_days": 30}}}}}})
    try:
        shops.dbt("parse")
    except Wrong as refusal:
        message = "Brand 'bakery', setting 'actve': no such setting; did you mean 'active'?"
        if message not in str(refusal):
            raise
    else:
        raise Wrong("a misspelt setting of the project's brand was accepted")
    return "5 customers of 2 brands, as stated; its own playbook decides; a misspelt setting is refused"


def own_playbook(shops: Copy) -> None:
    """A playbook of the built second project's own, set as docs/use_as_a_package.md says: a line of it must decide."""
    general = (ROOT / "seeds" / "reference" / "playbook.csv").read_text(encoding="utf-8")
    own = (
        "bakery,5,,loyal,,reserve_a_loaf,Reserve a loaf,,,onsite,Comes often.,,,,"
        "Your loaf is here.,빵이 있습니다.,面包已备好。\n"
    )
    (shops.folder / "seeds" / "playbook.csv").write_text(general + own, encoding="utf-8")
    section = PACKAGE_PAGE.read_text(encoding="utf-8").split("\n## A playbook of your own\n")[1]
    settings = section.split("```yaml\n")[1].split("```")[0].replace("my_project", "two_shops")
    shops.change_settings(yaml.safe_load(settings))
    shops.build("--select", "playbook+")
    must_be(
        "whom the bakery's own line is for",
        shops.rows("select brand_id, customer_id from marts.customer_actions where action_code = 'reserve_a_loaf'"),
        [("bakery", "ada")],
    )


def agree(copy: Copy, raw: dict[str, list[dict[str, Any]]]) -> int:
    """Compare every mart with the independent program on these raw rows; returns the number of rows.

    Rejected rows are named after what they looked like as they arrived, in the time zone of the session, so that they
    are only counted, and their examples in findings are left out. Raises Wrong with the first differences.
    """
    import project
    from oracle import KEYS
    from oracle.files import rows_of

    names = [name for name in KEYS if name != "rejected_rows"]
    with duckdb.connect(str(copy.database), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        actual = {name: rows_of(connection.execute(f"from {project.relation_of(name)}")) for name in names}
    brands = copy.settings()["vars"]["customer_lifecycle"]["brands"]
    expected = project.expected_marts(raw, brands, customers=actual["customers"])
    for row in (*expected["input_findings"], *actual["input_findings"]):
        if row["finding"].startswith("first_bad_value:"):
            row["example"] = None
    differences = project.differences_of(expected, actual)
    if differences:
        raise Wrong("\n".join(differences))
    rejected = dict(copy.rows("select reason, count(*) from quality.rejected_rows group by reason"))
    for row in expected["rejected_rows"]:
        rejected[row["reason"]] = rejected.get(row["reason"], 0) - 1
    must_be("rejected rows more or less than expected, by reason", set(rejected.values()) - {0}, set())
    return sum(map(len, actual.values()))


def must_say(copy: Copy, query: str) -> None:
    """Compare the example's README with what was built.

    Takes a query of texts, each of which must stand in it, wherever its lines end. Raises Wrong with those that do not.
    """
    readme = " ".join((copy.folder / "README.md").read_text(encoding="utf-8").split())
    missing = [text for row in copy.rows(query) for text in row if text not in readme]
    must_be("what was built and the README does not say", missing, [])


def online_retail(work: Path) -> str:
    """Half a million invoice lines: the mapping, then every mart."""
    from example_mappings import online_retail_orders

    retail = Copy("online_retail", work)
    retail.change_settings({"vars": {"online_retail": {"invoice_file": str(INVOICES)}}})
    retail.build()
    orders = online_retail_orders(INVOICES)
    columns = list(orders[0])
    landed = retail.rows(f"select {', '.join(columns)} from main_raw.raw_orders order by order_id")
    must_be("the number of invoices", len(landed), len(orders))
    for row, expected in zip(landed, orders):
        must_be(f"invoice {expected['order_id']}", dict(zip(columns, row)), expected)
    must_say(
        retail,
        """
        select format('{:,} purchases of {:,} customers, net GBP {:,.2f}', sum(lifetime_orders)::bigint, count(*),
            sum(lifetime_net_revenue)::double)
        from marts.customers
        union all
        select format('{} customers are loyal (at least five orders, not overdue) and bring in {:.1f}% of it',
            customers, 100 * revenue_share)
        from marts.loyalty_summary where loyalty_class = 'loyal'
        union all
        select format('Of {:,} invoices, {:,} are accepted; {:,} have no customer',
            raw_rows, accepted_rows, rejected_rows)
        from quality.input_reconciliation
        union all
        select format('| found their invoice | 7,484 | {:,.2f} |', sum(refund_amount)::double) from main_raw.raw_orders
        union all
        select format('| {} | {:,} | {:,} | {:,} | {:,} | {:,} | {}| {:.0f}% |', strftime(period_start, '%Y-%m'),
            customers_at_start, lost_customers, new_customers, reactivated_customers, customers_at_end,
            coalesce(format('{:.1f}% ', 100 * churn_rate), ''), 100 * repeat_customer_rate)
        from marts.brand_metrics where period_grain = 'quarter'
    """,
    )
    return f"{len(orders):,} invoices mapped alike, {agree(retail, {'orders': orders}):,} rows of marts agree"


def shopify(work: Path) -> str:
    """Two overlapping exports of thirty orders: the mapping, then every mart."""
    from example_mappings import shopify_raw

    kiosk = Copy("shopify", work)
    kiosk.build()
    raw = shopify_raw(kiosk.folder / "export")
    for table, key in (("orders", "order_id"), ("customers", "customer_id")):
        columns = list(raw[table][0])
        must_be(
            f"raw_{table}",
            kiosk.rows(f"select {', '.join(columns)} from main_raw.raw_{table} order by {key}"),
            [tuple(row[name] for name in columns) for row in raw[table]],
        )
    must_say(
        kiosk,
        """
        select format('{} orders: {} accepted, {} rejected', raw_rows, accepted_rows, rejected_rows)
        from quality.input_reconciliation where source_table = 'orders'
        union all
        select format('Of the 27, {} are', sum(lifetime_orders)::bigint) from marts.customers
        union all
        select format('one of {} customers is loyal, with {} orders at a rhythm of {:.0f} days', count(*),
            max(lifetime_orders) filter (where is_loyal_customer),
            max(average_days_between_orders) filter (where is_loyal_customer))
        from marts.customers
    """,
    )
    return f"{len(raw['orders'])} orders mapped alike, {agree(kiosk, raw):,} rows of marts agree"


def git(work: Path) -> str:
    """The package by git: what is committed installs."""
    shops = Copy("second_project", work)
    (shops.folder / "packages.yml").write_text(
        f"packages:\n  - git: file://{ROOT}\n    warn-unpinned: false\n", encoding="utf-8"
    )
    shops.dbt("deps")
    installed = shops.folder / "dbt_packages" / "customer_lifecycle"
    must_be("installed as a copy, not as a link", installed.is_symlink(), False)
    name = yaml.safe_load((installed / "dbt_project.yml").read_text(encoding="utf-8"))["name"]
    must_be("the name of what was installed", name, "customer_lifecycle")
    return "installed"


CHECKS = {check.__name__: check for check in (second_project, online_retail, shopify, git)}


def main() -> int:
    """Run the checks named on the command line; returns 1 if one fails, otherwise 0."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("checks", nargs="*", metavar="check", help=f"of {', '.join(CHECKS)}; all by default")
    names = parser.parse_args().checks or list(CHECKS)
    unknown = [name for name in names if name not in CHECKS]
    if unknown:
        parser.error(f"no such check: {', '.join(unknown)}; there are {', '.join(CHECKS)}")
    failed = 0
    for name in names:
        start = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="example-") as work:
            try:
                said = CHECKS[name](Path(work))
            except Wrong as wrong:
                failed += 1
                said = f"FAILED\n{wrong}"
        print(f"{name}: {said} ({time.monotonic() - start:.0f} s)", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
