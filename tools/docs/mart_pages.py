#!/usr/bin/env python3
"""Write the generated parts of docs/marts from what dbt built, or check that they are current.

    python tools/docs/mart_pages.py             # after `dbt build` of the sample: rewrites the generated parts
    python tools/docs/mart_pages.py --check     # exits 1 if a page is out of date

The explanations on a page are written by hand. The rest comes from the project: what a table is, its columns and its
lineage come from the descriptions in dbt's manifest; and below every query, its rows from the sample.
"""

from __future__ import annotations

import json
import os
import re
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs" / "marts"
INDEX = PAGES / "README.md"
READ_SCHEMAS = ("marts", "quality", "reference")  # the schemas that readers see
NUMBERS = ("bigint", "integer", "decimal", "double")
QUESTION = re.compile(r"^\*\*(.+)\*\*$", re.MULTILINE)
GENERATED = re.compile(r"<!-- generated: (\w+)(?: of ([\w.]+))? -->\n.*?<!-- generated: end -->\n", re.DOTALL)
QUERY = re.compile(r"```sql\n(.*?)```\n", re.DOTALL)

# The unit of a number, by the first pattern that its name and description match. Descriptions say it in words; this
# makes a column of them. A number that nothing matches is an error: its description lacks the unit.
UNITS = [
    (r"^\w+: Natural logarithm", "pure number"),
    (r"in the brand's currency|in its currency", "currency"),
    (r"^(actual_value|threshold|shortfall): ", "its metric's"),
    (r"^\w*p_alive: | from 0 to 1\b", "0 to 1"),
    (r" from -1 to 1\b", "-1 to 1"),
    (r" 0 to 100\b", "0 to 100"),
    (r" 0 to 10\b| from 0, the worst, to 10\b", "0 to 10"),
    (r" from 1 to 5\b", "1 to 5"),
    (r"^\w*days(_\w+)?: |, in days\.", "days"),
    (r"^\w+_seconds\w*: ", "seconds"),
    (r"^\w+_months: ", "months"),
    (r"^\w+_periods: ", "periods"),
    (r"^(engagement_points|default_weight): ", "points"),
    (r"[Ee]xpected (and actual )?order dates|expected orders of|, in order dates", "order dates"),
    (r"per customer of the naive rule|between predicted and actual order dates", "order dates"),
    (r"^naive_customer_\w+: ", "order dates"),
    (r"^(lowest|highest)_error_\w+: |^season_factor", "ratio"),
    (r"^\w+: (Number of the|Rank of|Which)", "number"),
    (r"^\w*(rate|share|_yoy|_error|ratio|_cac|return_on_spend): |^purchase_frequency|^\w+: `?\w+`? / ", "ratio"),
    (r"_per_customer\w*: |^average_orders|_revenue_retention: ", "ratio"),
    (r"shape of the ", "pure number"),
]


class PageError(Exception):
    """A page or its input is wrong; the message says what to do."""


def unit_of(name: str, data_type: str, description: str) -> str:
    """The unit of a column, empty if it is not a number. Raises PageError if its description names none."""
    if not data_type.startswith(NUMBERS):
        return ""
    for pattern, unit in UNITS:
        if re.search(pattern, f"{name}: {description}"):
            return unit
    if data_type in ("bigint", "decimal(38,0)"):
        return "count"
    raise PageError(f"the description of {name} says no unit that tools/docs/mart_pages.py knows: {description}")


def one_line(text: str) -> str:
    """A description as the cell of a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|")


def first_sentence(text: str) -> str:
    """The first sentence of a description, without its full stop."""
    return re.split(r"(?<=[\w`)])[.:] ", one_line(text) + " ")[0].rstrip(". ")


def link(page_folder: Path, path: str) -> str:
    """A file of the project as seen from a page."""
    return os.path.relpath(ROOT / path, page_folder)


class Table:
    """A table that readers see: its node in dbt's manifest, its key, and what it reads and is read by."""

    def __init__(self, manifest: dict[str, Any], unique_id: str) -> None:
        """Take the manifest as a dict and the node's id. Raises PageError for a table without a tested key."""
        nodes = manifest["nodes"]
        self.node = nodes[unique_id]
        self.name = f"{self.node['config']['schema']}.{self.node['alias']}"
        self.key = self._key(nodes, unique_id)
        self.parents = [nodes[parent] for parent in self.node["depends_on"].get("nodes", []) if parent in nodes]
        children = [nodes[child] for child in manifest["child_map"][unique_id] if child in nodes]
        self.readers = [node for node in children if node["resource_type"] == "model" and is_read(node)]
        self.analyses = [node for node in children if node["resource_type"] == "analysis"]

    def _key(self, nodes: dict[str, Any], unique_id: str) -> list[str]:
        """The columns that a test keeps unique."""
        for test, columns in [("unique_key", "columns"), ("unique", "column_name")]:
            for node in nodes.values():
                metadata = node.get("test_metadata")
                if metadata and metadata["name"] == test and node["attached_node"] == unique_id:
                    key = metadata["kwargs"][columns]
                    return [key] if isinstance(key, str) else key
        raise PageError(f"{self.name} has no test unique_key")


def is_read(node: dict[str, Any]) -> bool:
    """Whether a node of the manifest is a table that readers see."""
    return node["resource_type"] in ("model", "seed") and node["config"]["schema"] in READ_SCHEMAS


def tables_of(manifest_path: Path) -> dict[str, Table]:
    """All tables that readers see, by schema and name. Raises PageError if there is no manifest."""
    if not manifest_path.exists():
        raise PageError(f"there is no {manifest_path}: run `dbt build` first")
    manifest = json.loads(manifest_path.read_text(encoding="utf-8"))
    tables = [Table(manifest, unique_id) for unique_id, node in manifest["nodes"].items() if is_read(node)]
    return {table.name: table for table in sorted(tables, key=lambda table: table.name)}


# Parts


def about(table: Table) -> str:
    """What a table holds, and one row of it."""
    columns = ", ".join(f"`{column}`" for column in table.key)
    if table.node["resource_type"] == "seed":
        kept = "A file of the project"
    elif table.node["config"]["materialized"] == "view":
        kept = "A view; a table in publications"
    else:
        kept = "Rebuilt on every run"
    return f"{one_line(table.node['description'])}\n\n**One row per** {columns}. {kept}.\n"


def columns(table: Table, connection: duckdb.DuckDBPyConnection) -> str:
    """The columns of a table with type, unit and description, its key in bold.

    Types are those of the warehouse, which the contract keeps the same. Raises PageError if a column has no
    description.
    """
    lines = ["| column | type | unit | description |", "|---|---|---|---|"]
    for name, duckdb_type, *_ in connection.execute(f"describe {table.name}").fetchall():
        data_type = duckdb_type.lower().replace("varchar", "text")
        description = one_line(table.node["columns"].get(name, {}).get("description", ""))
        if not description:
            raise PageError(f"{table.name}: the column {name} has no description")
        shown = f"**`{name}`**" if name in table.key else f"`{name}`"
        lines.append(f"| {shown} | {data_type} | {unit_of(name, data_type, description)} | {description} |")
    return "\n".join(lines) + "\n"


def lineage(table: Table, folder: Path) -> str:
    """The SQL and the contract of a table, what it reads, and what reads it."""
    path = table.node["original_file_path"]
    lines = [f"- **Made by** [{path}]({link(folder, path)})"]
    if table.node.get("patch_path"):
        contract = table.node["patch_path"].split("://")[1]
        lines[0] += f", described in [{contract}]({link(folder, contract)})"
    for heading, nodes in [
        ("Reads", table.parents),
        ("Read by", table.readers),
        ("Ready questions", table.analyses),
    ]:
        entries = []
        for node in sorted(nodes, key=lambda node: (node["resource_type"] == "seed", node["name"])):
            page = page_of(f"{node['config'].get('schema')}.{node['alias']}") if is_read(node) else None
            target = page.name if page else link(folder, node["original_file_path"])
            entries.append(f"  - [{node['name']}]({target}): {first_sentence(node['description'])}")
        if entries:
            lines += [f"- **{heading}**", *entries]
    return "\n".join(lines) + "\n"


def page_of(name: str) -> Path:
    """The page of a table: its own, or the shared one for reference tables."""
    schema, table = name.split(".")
    return PAGES / ("reference.md" if schema == "reference" else f"{table}.md")


def rows(query: str, connection: duckdb.DuckDBPyConnection) -> str:
    """A query's result as a Markdown table, with numbers rounded and right-aligned."""
    result = connection.execute(query)
    names = [column[0] for column in result.description]
    values = result.fetchall()
    if not values:
        raise PageError(f"this query finds nothing in the sample:\n{query}")
    cells, aligned = [], []
    for column in zip(*values):
        decimals = decimals_of(column)
        cells.append([shown(value, decimals) for value in column])
        aligned.append("---:" if any(is_number(value) for value in column) else "---")
    lines = ["| " + " | ".join(names) + " |", "|" + "|".join(aligned) + "|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in zip(*cells)]) + "\n"


def is_number(value: Any) -> bool:
    """Whether a value of a result is a number; to Python a boolean is one."""
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def decimals_of(column: tuple[Any, ...]) -> int:
    """How many decimals the numbers of a column are shown with: about four digits of the largest."""
    numbers = [abs(value) for value in column if isinstance(value, (float, Decimal))]
    if not numbers or all(number == int(number) for number in numbers):
        return 0
    return next(decimals for limit, decimals in [(1000, 0), (100, 1), (10, 2), (0, 3)] if max(numbers) >= limit)


def shown(value: Any, decimals: int) -> str:
    """One value of a result as text."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, (float, Decimal)):
        # a share in a column of days would be rounded away
        return f"{value:,.{decimals}f}" if not value or abs(value) >= 10 ** (1 - decimals) else f"{value:.3g}"
    return one_line(str(value)) or "(empty)"


def contents(tables: dict[str, Table]) -> str:
    """The index: every table with its own page, and the question the page answers."""
    lines = ["| table | answers | one row per |", "|---|---|---|"]
    for name, table in tables.items():
        page = page_of(name)
        if page.name != "reference.md":
            key = ", ".join(f"`{column}`" for column in table.key)
            question = QUESTION.search(page.read_text(encoding="utf-8"))
            if not question:
                raise PageError(f"{page.relative_to(ROOT)} does not begin with its question in bold")
            lines.append(f"| [`{name}`]({page.name}) | {question[1]} | {key} |")
    return "\n".join(lines) + "\n"


# Pages


def page(path: Path, tables: dict[str, Table], connection: duckdb.DuckDBPyConnection) -> str:
    """A page's text with every generated part up to date. Raises PageError for an unknown part."""
    text = path.read_text(encoding="utf-8")

    def part(match: re.Match[str]) -> str:
        """A generated part with its markers, to replace the current one."""
        kind, name = match.groups()
        if name is not None and name not in tables:
            raise PageError(f"{path.relative_to(ROOT)}: there is no table {name}")
        if kind == "about":
            made = about(tables[name])
        elif kind == "columns":
            made = columns(tables[name], connection)
        elif kind == "lineage":
            made = lineage(tables[name], path.parent)
        elif kind == "contents":
            made = contents(tables)
        elif kind == "rows":
            made = rows(QUERY.findall(text[: match.start()])[-1], connection)
        else:
            raise PageError(f"{path.relative_to(ROOT)}: nothing makes the part '{kind}'")
        opening = match[0].split("\n", 1)[0]
        return f"{opening}\n{made}<!-- generated: end -->\n"

    return GENERATED.sub(part, text)


def pages(database: Path, manifest_path: Path) -> dict[Path, str]:
    """All pages of docs/marts, up to date, by path.

    Takes a DuckDB file with the sample built, and dbt's manifest of that build. Raises PageError if a table has no
    page, a page lacks a part or belongs to no table, or an input is missing.
    """
    if not database.exists():
        raise PageError(f"there is no {database}: run `dbt build` first")
    tables = tables_of(manifest_path)
    for name in tables:
        if not page_of(name).exists():
            raise PageError(f"{name} has no page: write {page_of(name).relative_to(ROOT)}, after one of the others")
    with duckdb.connect(str(database), read_only=True) as connection:
        made = {path: page(path, tables, connection) for path in sorted(PAGES.glob("*.md"))}
    for name in tables:
        for kind in ("about", "columns", "lineage"):
            if f"<!-- generated: {kind} of {name} -->" not in made.get(page_of(name), ""):
                raise PageError(f"{page_of(name).relative_to(ROOT)} lacks the part '{kind} of {name}'")
    of_no_table = set(made) - {page_of(name) for name in tables} - {INDEX}
    if of_no_table:
        raise PageError(f"{min(of_no_table).relative_to(ROOT)} is of no table")
    return made


def stale_pages(database: Path, manifest_path: Path) -> list[str]:
    """The pages that are out of date. Takes and raises what `pages` does."""
    made = pages(database, manifest_path)
    return [path.name for path, text in made.items() if text != path.read_text(encoding="utf-8")]


def main() -> None:
    """Write the pages, or check them; exit with code 1 and a message on failure or if a page is out of date."""
    database = Path(os.environ.get("LIFECYCLE_DUCKDB_PATH", ROOT / "lifecycle.duckdb"))
    manifest_path = ROOT / os.environ.get("DBT_TARGET_PATH", "target") / "manifest.json"
    try:
        if "--check" in sys.argv[1:]:
            stale = stale_pages(database, manifest_path)
            if stale:
                sys.exit(f"docs/marts is out of date in {', '.join(stale)}: run python tools/docs/mart_pages.py")
        else:
            for path, text in pages(database, manifest_path).items():
                path.write_text(text, encoding="utf-8")
    except (PageError, duckdb.Error) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
