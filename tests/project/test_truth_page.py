"""docs/truth.md has what it must, says nothing that its tables do not, and is measured as it should be."""

from __future__ import annotations

import re
import sys

import pytest

import project

sys.path.insert(0, str(project.ROOT / "tools" / "docs"))
import truth_page

BRANDS = ("CDNOW", "Online Retail", "Complete Journey")
HEADINGS = (
    "The hold-outs", "Who ordered again", "By group", "Who left", "Who comes first", "How far off predictions were",
    "CDNOW as in the papers", "Alerts and actions per day",
)  # fmt: skip


def page() -> str:
    return truth_page.PAGE.read_text(encoding="utf-8")


def measured() -> str:
    return page().split(truth_page.BEGIN)[1].split(truth_page.END)[0]


def tables(text: str) -> list[dict[str, dict[str, str]]]:
    """The Markdown tables of a text: the cells by first column and header."""
    found = []
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        header, _, *rows = [[cell.strip() for cell in line.strip("|\n").split("|")] for line in block.splitlines()]
        found.append({row[0]: dict(zip(header, row)) for row in rows})
    return found


def test_every_part_is_there():
    """Each heading with a table below it, each brand, each figure and group, and the commit."""
    text = measured()
    parts = re.split(r"^### (.+)\n", text, flags=re.MULTILINE)
    assert tuple(parts[1::2]) == HEADINGS
    for heading, part in zip(parts[1::2], parts[2::2]):
        assert tables(part), heading
    assert re.match(r"Measured at commit `[0-9a-f]{7,}`, the latest", text)
    for brand in BRANDS:
        assert brand in text
    for score in truth_page.SCORES:
        # its AUC, lift and revenue, of every brand and cut
        figures = len(BRANDS) * len(truth_page.CUTS)
        assert len(re.findall(rf"\n\| {re.escape(score)} \|(?: [\d.]+%? \|){{{figures}}}\n", text)) == 3, score
    for values in truth_page.RANKED.values():
        for value in values:
            assert re.search(rf"\| `?{value}`? \|", text), value
    for number in range(1, 11):
        assert f"\n| {number} |" in text
    assert "nan" not in text.lower()
    assert "None" not in text


def test_the_chance_to_order_is_the_best_figure_of_the_models():
    """What the page is for: on every brand and at every cut it beats p_alive, and BG/NBD's by far."""
    by_score = next(table for table in tables(measured()) if "`p_order_90d`" in table)
    chance, new, old = (by_score[name] for name in ("`p_order_90d`", "`p_alive`", "`p_alive` of BG/NBD"))
    assert len(chance) == 1 + len(BRANDS) * len(truth_page.CUTS)
    for column in list(chance)[1:]:
        assert 0.7 < float(chance[column]) < 1, column
        assert float(chance[column]) >= float(new[column]), column
        assert float(chance[column]) > float(old[column]) + 0.05, column


def test_the_prose_quotes_the_tables():
    """Every figure with a percent sign or a decimal point in the text around the tables is in them."""
    before, rest = page().split(truth_page.BEGIN)
    table, after = rest.split(truth_page.END)
    for figure in re.findall(r"(?<![\w.])[-+]?\d*\.\d+|(?<![\w.])[-+]?\d+%", before + after):
        number = figure.lstrip("+-")
        number = f"0{number}" if number.startswith(".") else number
        assert re.search(rf"(?<![\d.]){re.escape(number)}(?![\d.])", table), figure


@pytest.mark.parametrize("scored, expected", [
    ([(3, True), (2, False), (1, False)], 1),
    ([(1, True), (2, False)], 0),
    ([(1, True), (1, False)], 0.5),
    ([(2, True), (1, True), (2, False), (0, False)], 0.625),
    ([(1, True)], None),
    ([(1, False), (2, False)], None),
])  # fmt: skip
def test_auc(scored, expected):
    assert truth_page.auc(scored) == expected


@pytest.mark.parametrize("scored, expected", [
    ([(n, n == 9) for n in range(10)], 1),
    ([(n, n == 8) for n in range(10)], 0),
    ([(1, n < 4) for n in range(10)], 0.1),  # all alike: a tenth of everything
    ([(n > 17, n == 19) for n in range(20)], 1),
    ([(n > 15, n > 17) for n in range(20)], 0.5),  # four alike share two places
])  # fmt: skip
def test_the_top_tenth(scored, expected):
    assert truth_page.of_top_tenth(scored) == pytest.approx(expected)


def test_volumes():
    """What the day before had is not new; another action for the same customer is."""
    before = ({"a": "late", "b": "late"}, {"c1": ("call", 1), "c2": ("call", 1)}, 3)
    after = ({"b": "late", "d": "cart"}, {"c1": ("call", 1), "c2": ("write", 2), "c3": ("call", 2)}, 4)
    found = truth_page.volumes([before, after])
    assert found.customers == 4
    assert found.alerts == {"late": 1, "cart": 1}
    assert found.new_alerts == {"cart": 1}
    assert found.due == {"call": 2, "write": 1}
    assert found.newly_due == {"write": 1, "call": 1}


def test_the_page_has_the_measured_figures(tmp_path):
    """Of the grocer, measured again."""
    brand = truth_page.brands()[2]
    found = truth_page.measure(brand, tmp_path, volume_days=0)
    written = tables(measured())
    for part in (truth_page.scores_tables, truth_page.groups_tables):
        for table in tables("\n".join(part([found]))):
            same = [other for other in written if set(other) == set(table)]
            assert any(
                all(
                    other[name].get(column) == cell
                    for name, row in table.items()
                    for column, cell in row.items()
                    if brand.title in column
                )
                for other in same
            ), table
    text = measured()
    for part in (truth_page.churn_tables, truth_page.priority_table):
        for line in part([found]):
            if line.startswith(f"| {brand.title}"):
                assert line in text


@pytest.mark.parametrize("mart, row, what", [
    ("lifecycle_alerts", "alert", ("in force", "new")), ("customer_actions", "action", ("due", "newly due")),
])  # fmt: skip
def test_the_pages_of_alerts_and_actions_quote_the_volumes(mart, row, what):
    """Whole numbers per day, of the brands in the page's order."""
    volumes = next(table["all"] for table in tables(measured()) if "all" in table and row in table["all"])
    counts = [
        [f"{float(volumes[f'{brand}: {name}'].replace(',', '')):,.0f}" for brand in BRANDS] for name in what
    ]  # fmt: skip
    text = " ".join((project.ROOT / "docs" / "marts" / f"{mart}.md").read_text("utf-8").split())
    for first, second, third in counts:
        assert f"{first}, {second} and {third}" in text
