"""The committed Superset dashboard: every mart has its place in it, and datasets, charts and layout fit together.

bi/superset/check_dashboard.py imports it into a real Superset, and compares its figures with the marts."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator

import pytest
import yaml

import project

SUPERSET = project.ROOT / "bi" / "superset"
sys.path.insert(0, str(SUPERSET))
import check_dashboard  # noqa: E402

EXPORT = SUPERSET / "export"
# what no chart shows, and why
NOT_SHOWN = {
    "lifecycle_stage_history": "a row for each change of a customer, for a CRM: lifecycle_stages and "
    "lifecycle_transitions are its months, and these are shown",
    "metric_glossary": "no figures but words: dataset_words.py writes them into the datasets, whose columns show them",
}
GRID = 12


def load(pattern: str) -> list[dict]:
    """The files of the export that a pattern names."""
    return [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(EXPORT.glob(pattern))]


CHARTS = {chart["slice_name"]: chart for chart in load("charts/*.yaml")}
DATASETS = {dataset["uuid"]: dataset for dataset in load("datasets/*/*.yaml")}
DASHBOARD = load("dashboards/*.yaml")[0]
NODES = {name: node for name, node in DASHBOARD["position"].items() if isinstance(node, dict)}
PLACES = {node["meta"]["uuid"]: node for node in NODES.values() if node["type"] == "CHART"}


def query_of(chart: dict) -> dict:
    """What a chart asks for."""
    return json.loads(chart["query_context"])["queries"][0]


def columns_of(query: dict) -> list[str]:
    """The names of the columns that a query groups by, or lists."""
    return [column if isinstance(column, str) else column["label"] for column in query["columns"]]


def of_filter(name: str) -> set[str]:
    """The titles of the charts that a filter of the dashboard reaches."""
    filters = {found["name"]: found for found in DASHBOARD["metadata"]["native_filter_configuration"]}
    excluded = filters[name]["scope"]["excluded"]
    return {place["meta"]["sliceName"] for place in PLACES.values() if place["meta"]["chartId"] not in excluded}


def test_every_mart_has_its_place():
    """In a dataset, and so in a chart and on the dashboard, if it is not listed with a reason."""
    marts = {path.stem for path in (project.ROOT / "models" / "marts").rglob("*.sql")}
    shown = set()
    for dataset in DATASETS.values():
        shown |= set(re.findall(r"\bmarts\.(\w+)", dataset["sql"] or f"marts.{dataset['table_name']}"))
    assert len(marts) > 30
    assert marts - shown == set(NOT_SHOWN)
    assert all(len(reason) > 40 for reason in NOT_SHOWN.values())


def test_no_dataset_or_chart_is_there_in_vain():
    assert {chart["dataset_uuid"] for chart in CHARTS.values()} == set(DATASETS)
    assert {chart["uuid"]: title for title, chart in CHARTS.items()} == {
        uuid: place["meta"]["sliceName"] for uuid, place in PLACES.items()
    }


def test_every_part_of_the_layout_is_in_its_place():
    """From the root each is reached once, knows its way there, and fits into its row."""

    def walk(name: str, parents: list[str]) -> Iterator[str]:
        node = NODES[name]
        yield name
        assert node.get("parents", []) == parents, name
        for child in node.get("children", []):
            yield from walk(child, [*parents, name])

    assert sorted(walk("ROOT_ID", [])) == sorted(set(NODES) - {"HEADER_ID"})
    for name, node in NODES.items():
        if node["type"] == "ROW":
            assert sum(NODES[child]["meta"]["width"] for child in node["children"]) == GRID, name
        if node["type"] == "COLUMN":
            assert {NODES[child]["meta"]["width"] for child in node["children"]} == {node["meta"]["width"]}, name


def test_the_filter_of_months_reaches_the_charts_over_time():
    """Those that leave room for it, and no other: the others say how things stand on the day of the figures."""
    over_time = {
        title
        for title, chart in CHARTS.items()
        if any(condition["operator"] == "TEMPORAL_RANGE" for condition in chart["params"]["adhoc_filters"])
    }
    assert len(over_time) > 20
    assert of_filter("Months") == over_time


def test_the_filter_of_the_brand_reaches_every_chart_of_a_brand():
    of_a_brand = {
        title
        for title, chart in CHARTS.items()
        if "brand_id" in {column["column_name"] for column in DATASETS[chart["dataset_uuid"]]["columns"]}
    }
    assert of_filter("Brand") == of_a_brand == set(CHARTS) - {check_dashboard.FIGURES_OF}


@pytest.mark.parametrize("title", CHARTS)
def test_a_chart_asks_for_what_its_dataset_has(title):
    """Its saved query, which the check compares with the marts, is that of its settings, which the browser draws."""
    chart = CHARTS[title]
    dataset, query, settings = DATASETS[chart["dataset_uuid"]], query_of(chart), chart["params"]
    columns = {column["column_name"] for column in dataset["columns"]}
    metrics = query.get("metrics") or []
    assert set(columns_of(query)) | {condition["col"] for condition in query["filters"]} <= columns
    assert set(metrics) <= {metric["metric_name"] for metric in dataset["metrics"]}
    asked = [(condition["col"], condition["op"], condition.get("val")) for condition in query["filters"]]
    # a saved query names the days also where no filter of days is set
    asked = [condition for condition in asked if condition[1:] != ("TEMPORAL_RANGE", "No filter")]
    assert asked == [
        (condition["subject"], condition["operator"], condition.get("comparator"))
        for condition in settings["adhoc_filters"]
        if condition["operator"] != "TEMPORAL_RANGE"
    ]
    if chart["viz_type"] == "table":
        assert columns_of(query) == [*settings["all_columns"], *settings["groupby"]]
        assert set(settings["column_config"]) <= set(columns_of(query))
        order = [json.loads(column) for column in settings["order_by_cols"]]
        sorted_by = settings.get("timeseries_limit_metric")
        assert query.get("orderby", []) == (order or ([[sorted_by, False]] if sorted_by else []))
    if "x_axis" in settings:
        groups = settings.get("groupby", [])
        assert columns_of(query) == [settings["x_axis"], *([groups] if isinstance(groups, str) else groups)]
    if "metrics" in settings:
        assert metrics == settings["metrics"]
    elif "metric" in settings:
        assert metrics == [settings["metric"]]


def test_the_check_compares_charts_that_are_there():
    assert {*check_dashboard.FIGURES, check_dashboard.TRANSITIONS} <= set(CHARTS)
    readme = (SUPERSET / "README.md").read_text(encoding="utf-8")
    assert f"compares {len(check_dashboard.FIGURES) + 1} charts with the marts" in " ".join(readme.split())
