#!/usr/bin/env python3
"""How often does ltv_drivers find something where there is nothing? Real customers, each with another one's future.

    make permutations                                             # two hundred for each of three real brands
    python tools/docs/permute_ltv_drivers.py --permutations 20    # prints the table, and leaves the page alone

Builds the project from the committed data, hands what followed the first order to another customer by lot, and runs
the project's own SQL of the mart over it, again and again. The lots are fixed: the same data give the same shares.
Writes the table into docs/marts/ltv_drivers.md and exits 1 where more than 8% of the permutations have anything notable
among the rows of a brand and horizon, over which the mart corrects its p-values.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT / "tests"), str(ROOT / "tools" / "docs")]

import project  # noqa: E402
import truth_page  # noqa: E402

PAGE = ROOT / "docs" / "marts" / "ltv_drivers.md"
BEGIN, END = "<!-- measured: begin -->\n", "<!-- measured: end -->\n"
PERMUTATIONS = 200
LARGEST_SHARE = 0.08
STEPS = ("int_first_order_groups", "ltv_drivers")  # what comes after the table that is shuffled
FUTURE = ("later_net_revenue_180d", "later_net_revenue_365d", "ordered_again_180d", "ordered_again_365d")


@dataclass
class Counted:
    """The rows of a brand and horizon as they are, and what the permutations had."""

    title: str
    horizon_days: int
    customers: int
    rows: int
    notable_rows: int
    permutations: int
    with_notable: int = 0

    @property
    def share(self) -> float:
        return self.with_notable / self.permutations


def compiled(built: project.Build) -> list[str]:
    """The compiled statements that rebuild the mart from fct_first_orders."""
    nodes = json.loads((built.target / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    models = [nodes[f"model.customer_lifecycle.{name}"] for name in STEPS]
    return [f"create or replace table {model['relation_name']} as {model['compiled_code']}" for model in models]


def shuffled(number: int) -> str:
    """A statement that gives every customer the future of another one of the brand, by a lot of that number."""
    columns = ", ".join(f"futures.{name} as {name}" for name in FUTURE)
    return f"""
        create or replace table facts.fct_first_orders as
        with customers as (
            select *, row_number() over (partition by brand_id order by customer_id) as place from as_it_was
        ),
        futures as (
            select *, row_number() over (
                partition by brand_id order by md5(customer_id || '|{number}'), customer_id
            ) as place
            from as_it_was
        )
        select customers.* exclude (place) replace ({columns})
        from customers
        inner join futures on customers.brand_id = futures.brand_id and customers.place = futures.place
    """


def count(title: str, built: project.Build, permutations: int) -> list[Counted]:
    """Permute the customers of a build of one brand, so many times. Its database is not what it was afterwards."""
    statements = compiled(built)
    with duckdb.connect(str(built.database)) as connection:
        # all customers have the property whose values are four at most
        found = [
            Counted(title, *row, permutations)
            for row in connection.execute(
                "select horizon_days, "
                "cast(sum(customers) filter (where property = 'first_order_value_quartile') as bigint), "
                "count(p_value), count(*) filter (where is_notable) "
                "from marts.ltv_drivers group by horizon_days order by horizon_days"
            ).fetchall()
        ]
        connection.execute("create temporary table as_it_was as from facts.fct_first_orders")
        connection.execute("drop view facts.fct_first_orders")
        for lot in range(permutations):
            for statement in (shuffled(lot), *statements):
                connection.execute(statement)
            notable = connection.execute("select distinct horizon_days from marts.ltv_drivers where is_notable")
            horizons = {horizon for (horizon,) in notable.fetchall()}
            for own in found:
                own.with_notable += own.horizon_days in horizons
    return found


def build(brand: truth_page.Brand, folder: Path) -> project.Build:
    """The mart of a real brand. To have many, all customers count as new with their first order of the file."""
    raw = folder / "raw"
    raw.mkdir(parents=True)
    project.write_csv(raw / "orders.csv", brand.rows(brand.name), project.COLUMNS["orders"])
    settings: dict[str, Any] = brand.settings | {"history_is_complete": True}
    built = project.build(folder / "built", {
        "raw_dir": str(raw), "brands": {brand.name: settings}, "as_of_date": brand.end.isoformat(),
        "max_rejected_share": 1,  # some invoices of Online Retail name no customer
    }, "+ltv_drivers")  # fmt: skip
    if not built.succeeded:
        sys.exit(f"{built.messages[-4000:]}\ndbt build failed")
    return built


def table(counted: Sequence[Counted]) -> str:
    """The table of the page."""
    lines = [
        "| brand | days | customers | rows with a p | notable as it is | permutations | with anything notable |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {own.title} | {own.horizon_days} | {own.customers:,} | {own.rows} | {own.notable_rows} | "
        f"{own.permutations} | {own.with_notable} ({own.share:.1%}) |"
        for own in counted
    ]
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--permutations", type=int, default=PERMUTATIONS)
    given = parser.parse_args(arguments)
    counted: list[Counted] = []
    with tempfile.TemporaryDirectory() as folder:
        for brand in truth_page.brands():
            print(f"{brand.title}: {given.permutations} permutations", file=sys.stderr, flush=True)
            counted += count(brand.title, build(brand, Path(folder) / brand.name), given.permutations)
    print(table(counted), end="")
    if given.permutations == PERMUTATIONS:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        text = f"{before}{BEGIN}Commit {truth_page.measured_commit()}:\n\n{table(counted)}{END}{rest.partition(END)[2]}"
        PAGE.write_text(text, encoding="utf-8")
    if any(own.share > LARGEST_SHARE for own in counted):
        sys.exit(f"more than {LARGEST_SHARE:.0%} of the permutations have something notable")


if __name__ == "__main__":
    main()
