"""The examples, and the recipes of docs/brand_settings.md.

Quick checks: the SQL of the Shopify mapping over its exports, held against
`example_mappings`, and what a second project that installs the package
resolves to. tests/acceptance/check_examples.py builds all three examples whole.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import pytest
import yaml
from dbt.adapters.factory import FACTORY
from dbt.cli.main import dbtRunner

import project
from example_mappings import shopify_raw
from oracle.files import rows_of
from oracle.inputs import TABLES

EXAMPLES = project.ROOT / "examples"
RECIPES = project.ROOT / "docs" / "brand_settings.md"

Macro = Callable[..., Any]
Row = dict[str, Any]


# The mappings


def landed(example: str, models: list[str]) -> Callable[[str], list[Row]]:
    """The models of an example, made by DuckDB alone.

    Takes the example's folder, and its models in the order in which they read
    one another. Gives a function from a model's name to its rows.
    """
    folder = EXAMPLES / example
    settings = yaml.safe_load((folder / "dbt_project.yml").read_text("utf-8"))
    own_vars = settings["vars"][settings["name"]]
    connection = duckdb.connect()
    connection.execute("set timezone = 'Asia/Seoul'")
    for model in models:
        [path] = folder.glob(f"models/**/{model}.sql")
        sql = jinja2.Template(path.read_text("utf-8")).render(
            ref=lambda name: name,
            var=lambda name: folder / own_vars[name],
        )
        connection.execute(f"create table {model} as {sql}")
    connection.execute("set timezone = 'UTC'")
    return lambda model: rows_of(connection.execute(f"from {model} order by all"))


def by_key(rows: list[Row], key: str) -> list[Row]:
    """The rows in the order of a column."""
    return sorted(rows, key=lambda row: row[key])


def test_shopify_mapping() -> None:
    rows = landed(
        "shopify",
        [
            "shopify_orders",
            "shopify_customers",
            "shopify_buyers",
            "raw_orders",
            "raw_customers",
        ],
    )
    expected = shopify_raw(EXAMPLES / "shopify" / "export")
    assert by_key(rows("raw_orders"), "order_id") == expected["orders"]
    assert by_key(rows("raw_customers"), "customer_id") == expected["customers"]


def test_shopify_cases() -> None:
    """The cases that the README explains, with figures worked out by hand."""
    rows = landed("shopify", ["shopify_orders", "shopify_customers", "shopify_buyers", "raw_orders"])
    name_of = {row["order_id"]: row["order_name"] for row in rows("shopify_orders")}
    orders = {name_of[row["order_id"]]: row for row in rows("raw_orders")}
    assert len(orders) == 30

    def amounts(name: str) -> tuple[float, float, float]:
        """Gross amount, discount and refund of an order, as numbers."""
        return tuple(float(orders[name][f"{kind}_amount"]) for kind in ("gross", "discount", "refund"))

    # 33.30 and 4.90 shipping, of which 6.10 tax: 33.30 * (1 - 6.10 / 38.20)
    assert amounts("#1001") == (27.9825, 0, 0)
    # prices without tax, and 65.80 off
    assert amounts("#1029") == (368, 65.8, 0)
    # the code took the shipping off, and nothing off the items
    assert (amounts("#1009")[1], orders["#1009"]["coupon_code"]) == (0, "FREESHIP")
    # all of it given back leaves nothing; 24.00 of 57.90 leave that much less of the items
    assert amounts("#1006")[0] == amounts("#1006")[2]
    assert amounts("#1007") == (44.542, 0, 18.463)
    # a gift: nothing was paid
    assert amounts("#1020") == (27.4, 27.4, 0)
    # by e-mail address in other letters, by phone number, by address alone, by nothing
    anna, farid, carla = (f"704000000000{number}" for number in (0, 5, 2))
    assert [orders[name]["customer_id"] for name in ("#1005", "#1008", "#1021", "#1028", "#1004")] == [
        anna,
        farid,
        carla,
        "ivo@example.net",
        None,
    ]
    # the later export holds
    assert orders["#1018"]["status"] == "paid"
    assert {orders[name]["status"] for name in ("#1010", "#1027")} == {"cancelled"}


def test_the_query_that_writes_a_file(tmp_path: Path) -> None:
    """The query of docs/bring_your_own_data.md writes every column that `orders` must hold."""
    text = (project.ROOT / "docs" / "bring_your_own_data.md").read_text("utf-8")
    query = text.split("```sql\n")[1].split("```")[0]
    (tmp_path / "export.csv").write_text("id,email,created_at,status,items\n7,A@example.com,2026-01-01,paid,5\n")
    with duckdb.connect() as connection:
        connection.execute(query.replace("export.csv", f"{tmp_path}/export.csv").replace("landing/", f"{tmp_path}/"))
        [order] = rows_of(connection.execute(f"from '{tmp_path}/orders.parquet'"))
    assert order["customer_id"] == "a@example.com"
    assert set(TABLES["orders"].required) <= set(order)


# A second project


@pytest.fixture(scope="module")
def second_project(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The manifest of examples/second_project, with the package installed."""
    folder = tmp_path_factory.mktemp("second") / "project"
    left_out = shutil.ignore_patterns("dbt_packages", "target", "logs")
    shutil.copytree(EXAMPLES / "second_project", folder, ignore=left_out)
    (folder / "packages.yml").write_text(f"packages:\n  - local: {project.ROOT}\n", encoding="utf-8")
    places = ["--project-dir", str(folder), "--log-path", str(folder / "logs"), "--quiet"]
    with project.dbt_environment(folder / "lifecycle.duckdb"):
        assert dbtRunner().invoke(["deps", *places]).success
        parsed = dbtRunner().invoke(
            ["parse", *places, "--profiles-dir", str(folder), "--target-path", str(folder / "target")]
        )
    assert parsed.success, parsed.exception
    return parsed.result


@pytest.fixture(scope="module")
def macro(second_project: Any) -> Macro:
    """Calls a macro of the package as installed, by name and with arguments."""
    adapter = FACTORY.adapters["duckdb"]

    def call(name: str, /, **arguments: Any) -> Any:
        return adapter.execute_macro(
            name,
            macro_resolver=second_project,
            project="customer_lifecycle",
            kwargs=arguments,
        )

    return call


def test_what_the_package_reads(second_project: Any) -> None:
    """Of the second project the package reads the raw tables and nothing else,
    though that has a model `customers`, too."""
    read = {
        (node.name, read)
        for node in second_project.nodes.values()
        if node.package_name == "customer_lifecycle"
        for read in node.depends_on_nodes
        if read.split(".")[1] != "customer_lifecycle"
    }
    assert read == {("base_orders", "model.two_shops.raw_orders")}


def test_what_the_package_brings(second_project: Any) -> None:
    """Its marts lie where they always do, and its sample stays away."""
    package = [node for node in second_project.nodes.values() if node.package_name == "customer_lifecycle"]
    schemas = {node.schema for node in package if node.resource_type == "model"}
    assert schemas == {"staging", "facts", "marts", "quality", "reference"}
    seeds = {node.name for node in package if node.resource_type == "seed"}
    assert seeds == {"glossary", "interaction_types", "playbook", "rfm_grid"}
    hooks = {node.name for node in package if node.resource_type == "operation"}
    assert any("on-run-start" in name for name in hooks)


# Recipes


def recipes() -> dict[str, dict[str, Any]]:
    """The settings of each recipe of docs/brand_settings.md, by its title."""
    text = RECIPES.read_text("utf-8").split("\n## Recipes\n")[1].split("\n## ")[0]
    found = re.findall(r"^### (.+?)\n.*?^```yaml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert len(found) == text.count("```yaml") == text.count("\n### ")
    return {title: yaml.safe_load(block) for title, block in found}


# for each recipe a customer whom it calls loyal, and what makes that customer another
JUDGED: dict[str, tuple[Row, Row]] = {
    "Count of purchases": ({"lifetime_orders": 5}, {"lifetime_orders": 4}),
    "Repurchase cycle": (
        {"average_days_between_orders": 7, "distinct_order_days": 8, "overdue_ratio": 0.9},
        {"overdue_ratio": 2},
    ),
    "Repeated use": (
        {"active_service_subscriptions": 1, "tenure_days": 400, "engagement_score": 80},
        {"engagement_score": 10},
    ),
    "Engagement crossed with purchases": (
        {"lifetime_orders": 3, "engagement_score": 40, "sns_interactions_90d": 3},
        {"engagement_score": 39},
    ),
    "Referrals": ({"converted_referrals": 1, "lifetime_orders": 2}, {"lifetime_orders": 1}),
    "Short-cycle repeat buyers": (
        {"orders_90d": 3, "median_days_between_orders": 12},
        {"median_days_between_orders": 40},
    ),
    "Not only for discounts": (
        {"lifetime_orders": 4, "discounted_order_share": 0.25, "average_feedback_score": None},
        {"discounted_order_share": 0.75},
    ),
    "Lifetime value": (
        {"lifetime_net_revenue": 1200, "predicted_clv_365d": 300, "p_order_365d": 0.9},
        {"p_order_365d": 0.2},
    ),
    "No cancellations": (
        {"subscriptions_started": 2, "subscriptions_cancelled": 0, "churn_count": 0, "tenure_days": 365},
        {"subscriptions_cancelled": 1},
    ),
    "Takes part, also when not buying": (
        {
            "lifetime_orders": 2,
            "is_member": True,
            "reviews": 1,
            "latest_feedback_score": 9,
            "engagement_score": 0,
            "converted_referrals": 0,
        },
        {"latest_feedback_score": 3, "is_member": False},
    ),
}


def test_recipes_are_judged() -> None:
    assert set(recipes()) == set(JUDGED)


@pytest.mark.parametrize("title", JUDGED)
def test_recipe(macro: Macro, title: str) -> None:
    """A recipe is free of problems, and its rule tells two customers apart."""
    settings = recipes()[title]
    assert macro("settings_problems", brands={"brand": settings}, brand_defaults={}) == []
    rule = macro("brand_settings", brands={"brand": settings}, brand_defaults={})["brand"]["loyal_when"]
    metrics = macro("customer_metrics")
    loyal, change = JUDGED[title]
    verdicts = []
    with duckdb.connect() as connection:
        for customer in (loyal, loyal | change):
            columns = ", ".join(
                f"cast({'null' if customer.get(name) is None else customer[name]} as "
                f"{'boolean' if kind == 'boolean' else 'double'}) as {name}"
                for name, kind in metrics.items()
            )
            sql = f"select {macro('rule_sql', rule=rule)} from (select {columns})"
            verdicts.append(connection.execute(sql).fetchone()[0])
    assert verdicts == [True, False]


def test_indicators_are_metrics(macro: Macro) -> None:
    """The table of indicators names metrics that rules know."""
    text = RECIPES.read_text("utf-8").split("\n## Indicators\n")[1].split("\n## ")[0]
    rows = [line for line in text.splitlines() if line.startswith("| ")][2:]
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[2])}
    assert named and named <= set(macro("customer_metrics"))
