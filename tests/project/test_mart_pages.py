"""The pages of the marts must say what the project does, and lead where they say."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest
import yaml

import project

sys.path.insert(0, str(project.ROOT / "tools" / "docs"))
import mart_pages

OPERATIONS = project.ROOT / "docs" / "operations.md"
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```", re.DOTALL)


@pytest.fixture(scope="module")
def sample(sample_build) -> tuple[Path, Path]:
    """The database of the sample's build, and dbt's manifest of it."""
    return sample_build.database, sample_build.target / "manifest.json"


@pytest.fixture
def copied_pages(tmp_path, monkeypatch) -> Path:
    """A copy of the pages, to be spoilt; it takes their place for the test."""
    folder = tmp_path / "docs" / "marts"
    shutil.copytree(mart_pages.PAGES, folder)
    monkeypatch.setattr(mart_pages, "ROOT", tmp_path)
    monkeypatch.setattr(mart_pages, "PAGES", folder)
    monkeypatch.setattr(mart_pages, "INDEX", folder / "README.md")
    return folder


def replace(page: Path, old: str, new: str) -> None:
    """Change one place of a page. Fails where it is not there."""
    text = page.read_text("utf-8")
    assert old in text, f"{page.name} has no {old!r}"
    page.write_text(text.replace(old, new, 1), encoding="utf-8")


def headings(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    text = CODE.sub("", page.read_text("utf-8"))
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", LINK.sub(r"\1", title).lower()).replace(" ", "-") for title in titles}


def test_pages_are_what_the_project_says(sample):
    """Descriptions, lineage and the rows of the examples are those of the sample's build."""
    assert mart_pages.stale_pages(*sample) == []


@pytest.mark.parametrize(
    "page, old, new",
    [
        ("brand_metrics.md", "| 0.224 |", "| 0.225 |"),
        (
            "customers.md",
            "| days | Days from the customer's last order",
            "| days | Weeks from the customer's last order",
        ),
        ("rfm_segments.md", "**One row per** `brand_id`, `segment`", "**One row per** `segment`"),
        (
            "feedback_loop.md",
            "**Made by** [models/marts/recovery/feedback_loop.sql]",
            "**Made by** [models/marts/x.sql]",
        ),
        ("README.md", "how soon, and did that customer buy again?", "and how soon?"),
    ],
)
def test_another_figure_or_text_is_found(sample, copied_pages, page, old, new):
    """A page that says something else, in any kind of part, is named."""
    replace(copied_pages / page, old, new)
    assert page in mart_pages.stale_pages(*sample)


def test_example_follows_its_query(sample, copied_pages):
    """The rows under a query are made by that query."""
    page = copied_pages / "active_kinds.md"
    replace(page, "order by customers desc", "order by customers")
    made = mart_pages.pages(*sample)[page]
    assert made.index("| contact | 21 |") < made.index("| recent_purchaser | 212 |")


@pytest.mark.parametrize(
    "page, old, new, message",
    [
        ("sales_channels.md", "columns of marts.sales_", "columns of marts.order_", "no table marts.order_channels"),
        ("sales_channels.md", "columns of marts.sales_", "fields of marts.sales_", "nothing makes the part 'fields'"),
        ("sales_channels.md", "lineage of marts.sales_", "columns of marts.sales_", "lacks the part 'lineage of"),
        ("sales_channels.md", "brand_id = 'atelier'", "brand_id = 'nobody'", "finds nothing in the sample"),
        ("feedback_loop.md", "**Did negative", "Did negative", "does not begin with its question"),
    ],
)
def test_page_without_a_part_is_an_error(sample, copied_pages, page, old, new, message):
    """What is missing on a page is said, with the page's name or the query."""
    replace(copied_pages / page, old, new)
    with pytest.raises(mart_pages.PageError, match=re.escape(message)):
        mart_pages.pages(*sample)


def test_mart_without_a_page_is_an_error(sample, copied_pages):
    """A new mart needs a page."""
    (copied_pages / "loyalty_tiers.md").unlink()
    with pytest.raises(mart_pages.PageError, match=r"docs/marts/loyalty_tiers.md"):
        mart_pages.pages(*sample)


def test_page_without_a_mart_is_an_error(sample, copied_pages):
    """A mart that is gone leaves no page behind."""
    (copied_pages / "profits.md").write_text("# `marts.profits`\n", encoding="utf-8")
    with pytest.raises(mart_pages.PageError, match=r"docs/marts/profits.md is of no table"):
        mart_pages.pages(*sample)


def test_nothing_built_is_said(tmp_path):
    """Without a build the message says what to do."""
    with pytest.raises(mart_pages.PageError, match="run `dbt build` first"):
        mart_pages.pages(tmp_path / "lifecycle.duckdb", tmp_path / "manifest.json")


def test_number_without_a_unit_is_an_error():
    """A description that says no unit does not pass."""
    with pytest.raises(mart_pages.PageError, match="length"):
        mart_pages.unit_of("length", "double", "How long it is.")


@pytest.mark.parametrize(
    "values, shown",
    [
        ((0.224, 0.5), ["0.224", "0.500"]),
        ((1234567.8, None, 0.0), ["1,234,568", "null", "0"]),
        ((0.393, 177.0), ["0.393", "177.0"]),
        ((True, None), ["true", "null"]),
        ((3, 1200), ["3", "1,200"]),
        (("a|b", ""), ["a\\|b", "(empty)"]),
    ],
)
def test_values_are_rounded_for_reading(values, shown):
    """Rounding never makes a value that is something look like nothing."""
    assert [mart_pages.shown(value, mart_pages.decimals_of(values)) for value in values] == shown


def test_index_leads_to_every_page():
    """Every page is linked from a question of the index, not only from its list of all."""
    questions = mart_pages.INDEX.read_text("utf-8").split("## All tables")[0]
    linked = {target.split("#")[0] for target in LINK.findall(questions)}
    assert {page.name for page in mart_pages.PAGES.glob("*.md")} - linked == {"README.md"}


@pytest.mark.parametrize("page", [*sorted(mart_pages.PAGES.glob("*.md")), OPERATIONS], ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    """Files and headings that a page links to are there."""
    broken = []
    for target in LINK.findall(CODE.sub("", page.read_text("utf-8"))):
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if "://" not in target and (not file.exists() or (anchor and anchor not in headings(file))):
            broken.append(target)
    assert broken == []


def test_operations_explain_every_alert():
    """Each type of alert has a section that says what it means and what to do."""
    properties = yaml.safe_load((project.ROOT / "models/marts/actions/lifecycle_alerts.yml").read_text("utf-8"))
    columns = {column["name"]: column for column in properties["models"][0]["columns"]}
    tests = [test for test in columns["alert_type"]["data_tests"] if "accepted_values" in test]
    values = tests[0]["accepted_values"]["arguments"]["values"]
    section = OPERATIONS.read_text("utf-8").split("## What each alert means")[1].split("\n## ")[0]
    assert re.findall(r"^### `(\w+)`$", section, re.MULTILINE) == values
