#!/usr/bin/env python3
"""Write the dashboard, as it is in a running Superset, into export/.

    python bi/superset/export_dashboard.py

For who has changed the dashboard in Superset and wants to keep it. What Superset exports is left as it is, but for what
differs from one Superset to the next: numbers, orders, times, and the address of the database.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
from typing import Any

import yaml

from superset_api import EXPORT, SupersetError, add_connection_options, connect, connect_args_of_export
from yaml_text import dump

# the connection that import_dashboard.py replaces
PLACEHOLDER = "duckdb:///publications/lifecycle.duckdb"


def normalise_chart(chart: dict[str, Any]) -> None:
    """Take from a chart what is of one Superset alone, and from its query what repeats the chart's settings."""
    for key in ("datasource", "slice_id", "dashboards"):
        chart["params"].pop(key, None)
    if chart["query_context"]:
        context = json.loads(chart["query_context"])
        queries = [{key: value for key, value in query.items() if key != "url_params"} for query in context["queries"]]
        kept = {key: value for key, value in context.items() if key not in ("datasource", "form_data")}
        chart["query_context"] = json.dumps({**kept, "queries": queries}, indent=2, sort_keys=True, ensure_ascii=False)


def normalise_dashboard(dashboard: dict[str, Any]) -> None:
    """Number the charts in the order of their ids, which are the same everywhere, and drop what pages leave behind."""
    nodes = [node for node in dashboard["position"].values() if isinstance(node, dict)]
    charts = sorted((node["meta"] for node in nodes if node["type"] == "CHART"), key=lambda chart: chart["uuid"])
    numbers = {}
    for number, chart in enumerate(charts, start=1):
        numbers[chart["chartId"]] = number
        chart["chartId"] = number
    metadata = dashboard["metadata"]
    for native_filter in metadata["native_filter_configuration"]:
        native_filter["scope"]["excluded"] = sorted(numbers[number] for number in native_filter["scope"]["excluded"])
        for key in ("chartsInScope", "tabsInScope"):
            native_filter.pop(key, None)
    # what the browser works out of the rest when the dashboard is opened
    metadata.update(chart_configuration={}, map_label_colors={}, shared_label_colors=[])
    metadata["global_chart_configuration"]["chartsInScope"] = []
    metadata.pop("color_scheme_domain", None)


def normalise(files: dict[str, str]) -> dict[str, str]:
    """The files (name: text) of an export, alike for every Superset that the dashboard was imported into."""
    normal = {}
    for name, text in files.items():
        content = yaml.safe_load(text)
        kind = name.split("/")[0]
        if kind == "metadata.yaml":
            del content["timestamp"]
        elif kind == "databases":
            if not content["sqlalchemy_uri"].startswith("duckdb:"):
                content["extra"]["engine_params"] = {"connect_args": connect_args_of_export()}
            content["sqlalchemy_uri"] = PLACEHOLDER
        elif kind == "charts":
            normalise_chart(content)
        elif kind == "dashboards":
            normalise_dashboard(content)
        elif kind == "datasets":
            content["columns"].sort(key=lambda column: column["column_name"])
            content["metrics"].sort(key=lambda metric: metric["metric_name"])
        if kind in ("charts", "datasets", "dashboards"):
            name = re.sub(r"_\d+\.yaml$", ".yaml", name)
        normal[name] = dump(content)
    return normal


def main(arguments: list[str] | None = None) -> int:
    """Rewrite export/. Gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", 1)[0])
    add_connection_options(parser)
    options = parser.parse_args(arguments)
    try:
        files = normalise(connect(options).export_dashboard())
    except SupersetError as error:
        print(f"export_dashboard: {error}", file=sys.stderr)
        return 1
    shutil.rmtree(EXPORT, ignore_errors=True)
    for name, text in files.items():
        (EXPORT / name).parent.mkdir(parents=True, exist_ok=True)
        (EXPORT / name).write_text(text, encoding="utf-8")
    print(f"{len(files)} files in {EXPORT}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
