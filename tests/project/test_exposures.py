"""What reads the marts from outside of dbt must be on record in the exposures, table by table."""

from __future__ import annotations

import json
import re

import pytest
import yaml

import project

READ_SCHEMAS = ("marts", "quality", "reference")
READS = re.compile(rf"\b(?:from|join)\s+(?:(?:{'|'.join(READ_SCHEMAS)})\.)?(\w+)")


@pytest.fixture(scope="module")
def manifest(sample_build) -> dict:
    """dbt's manifest of the sample's build."""
    return json.loads((sample_build.target / "manifest.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def tables(manifest) -> dict[str, str]:
    """The tables that readers see, by name: the ids of their nodes. Marts go before the seeds of the same name."""
    nodes = [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] in ("model", "seed") and node["config"]["schema"] in READ_SCHEMAS
    ]
    nodes.sort(key=lambda node: node["config"]["schema"] == "marts")
    return {node["alias"]: node["unique_id"] for node in nodes}


def read_by_report() -> set[str]:
    """What the queries of the HTML report name after from and join."""
    scripts = project.ROOT / "src" / "customer_lifecycle" / "reporting"
    return {name for script in scripts.glob("*.py") for name in READS.findall(script.read_text("utf-8"))}


def read_by_dashboard() -> set[str]:
    """The tables of the dashboard's datasets, and what the queries of the others read."""
    read = set()
    for path in (project.ROOT / "bi" / "superset" / "export" / "datasets").rglob("*.yaml"):
        dataset = yaml.safe_load(path.read_text("utf-8"))
        read |= set(READS.findall(dataset["sql"])) if dataset["sql"] else {dataset["table_name"]}
    return read


@pytest.mark.parametrize(
    "exposure, read",
    [
        ("customer_lifecycle_report", read_by_report),
        ("customer_lifecycle_dashboard", read_by_dashboard),
    ],
)
def test_exposures_depend_on_what_is_read(manifest, tables, exposure, read):
    """No table is missing in an exposure, and none is there that is not read."""
    node = manifest["exposures"][f"exposure.customer_lifecycle.{exposure}"]
    assert set(node["depends_on"]["nodes"]) == {tables[name] for name in read() if name in tables}


def test_every_metric_and_exposure_is_described(manifest):
    """So is every semantic model, dimension and saved query."""
    for kind in ("metrics", "exposures", "semantic_models", "saved_queries"):
        assert manifest[kind]
        for node in manifest[kind].values():
            assert node["description"], node["unique_id"]
            assert node["label"] or kind == "semantic_models", node["unique_id"]
            for dimension in node.get("dimensions", []):
                assert dimension["description"], (node["unique_id"], dimension["name"])


def test_the_dashboard_adds_up_no_money_of_several_brands(sample_build, manifest):
    """Money of several brands, which may be of several currencies, has no sum, also where nobody has chosen a brand."""
    money = {
        (node["alias"], name)
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        for name, column in node["columns"].items()
        if re.search(r"in (the brand's|its)\s+currency", column["description"])
    }
    seen = set()
    for path in (project.ROOT / "bi" / "superset" / "export" / "datasets").rglob("*.yaml"):
        dataset = yaml.safe_load(path.read_text(encoding="utf-8"))
        table = dataset["sql"] or f"select * from marts.{dataset['table_name']}"
        # of some marts the sample has rows of one brand alone
        another = f"select * replace ('another' as brand_id) from ({table}) as dataset where brand_id = 'atelier'"
        of_marts = set(re.findall(r"marts\.(\w+)", table))
        for metric in dataset["metrics"]:
            columns = set(re.findall(r"\w+", metric["expression"]))
            if any(mart in of_marts and column in columns for mart, column in money):
                answer = sample_build.rows(
                    f"select {metric['expression']} as figure "
                    f"from (select * from ({table}) as dataset union all {another}) as datasets"
                )
                assert answer == [{"figure": None}], (path.name, metric["metric_name"])
                alone = sample_build.rows(
                    f"select {metric['expression']} as figure from ({table}) as dataset where brand_id = 'atelier'"
                )
                assert alone[0]["figure"] is not None, (path.name, metric["metric_name"])
                seen.add(metric["expression"])
    assert len(seen) > 8
