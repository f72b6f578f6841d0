"""What the documents say must be what the project does."""

from __future__ import annotations

import subprocess
import sys

import pytest
import yaml

import project

TOOLS = project.ROOT / "tools"


def test_results_page_shows_the_marts(sample_build):
    """The tables of docs/results.md are those of the sample's marts."""
    sys.path.insert(0, str(TOOLS / "docs"))
    import results_page

    text = results_page.PAGE.read_text(encoding="utf-8")
    assert results_page.results(str(sample_build.database)) in text


def test_readme_is_short():
    """The README has at most 110 lines, and its two commands within the first 40."""
    lines = (project.ROOT / "README.md").read_text("utf-8").splitlines()
    assert len(lines) <= 110
    for command in ("make build ", "make test "):
        assert any(line.startswith(command) for line in lines[:40]), command


@pytest.mark.parametrize(
    "script, arguments",
    [
        ("measure_sample.py", ["--check"]),
    ],
)
def test_sample_page_is_measured(script, arguments):
    """The figures of docs/sample.md are those of the committed rows."""
    run = subprocess.run(
        [sys.executable, TOOLS / "sample" / script, *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr + run.stdout


def test_seeds_are_what_the_generator_writes(tmp_path):
    """The committed sample is reproduced byte for byte."""
    subprocess.run(
        [sys.executable, TOOLS / "sample" / "generate_sample.py", "--target", tmp_path],
        check=True,
        capture_output=True,
    )
    for written in sorted(tmp_path.rglob("raw_*.csv")):
        committed = project.SAMPLE / written.name
        assert written.read_bytes() == committed.read_bytes(), written.name
    assert len(list(tmp_path.rglob("raw_*.csv"))) == len(project.COLUMNS)


def test_every_number_of_customers_is_a_metric(sample_build):
    """Rules can use every number and boolean that does not rest on them."""
    properties = yaml.safe_load((project.ROOT / "models/marts/customers/customers.yml").read_text("utf-8"))
    described = {column["name"] for column in properties["models"][0]["columns"]}
    columns = sample_build.rows("describe marts.customers")
    numeric = {row["column_name"] for row in columns if row["column_type"] not in ("VARCHAR", "DATE")}
    assert {row["column_name"] for row in columns} == described
    rests_on_the_rule = {"is_loyal", "is_loyal_customer", "is_loyal_but_for_silence", "criteria_met", "criteria_total"}
    text = (project.ROOT / "macros/rules/customer_metrics.sql").read_text("utf-8")
    metrics = {line.split("'")[1] for line in text.splitlines() if line.strip().endswith(("'number',", "'boolean',"))}
    assert metrics == numeric - rests_on_the_rule


def test_unit_tests_that_are_not_for_every_engine_say_why():
    """In their `meta`, and on the page about Spark."""
    page = (project.ROOT / "docs" / "spark.md").read_text("utf-8")
    found = 0
    for path in sorted((project.ROOT / "models").rglob("*_unit_tests.yml")):
        for test in yaml.safe_load(path.read_text("utf-8"))["unit_tests"]:
            config = test.get("config", {})
            reasons = [config.get("meta", {}).get(name) for name in ("not_on_spark", "only_on_spark")]
            assert ("enabled" in config) == any(reasons), test["name"]
            if any(reasons):
                found += 1
                assert f"`{test['name']}`" in page, test["name"]
    assert found
