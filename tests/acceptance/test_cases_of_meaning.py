"""Small inputs whose right figures are written beside them, and computed by the independent program, too.

A folder of tests/data/cases is a case: `raw` holds its tables, `vars.json` its vars, and `right.json` what marts must
hold: by mart, the columns looked at and all its rows in them. Behind a mart's name may stand what its rows are of: a
grain, a type of alert or an action. No two cases have a brand in common, so that one project serves them all.
"""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

import project
from project import differences_of

CASES = Path(project.ROOT) / "tests" / "data" / "cases"
FILTERED = {
    "brand_metrics": "period_grain",
    "lifecycle_stages": "period_grain",
    "lifecycle_alerts": "alert_type",
    "customer_actions": "action_code",
}


def cases() -> list[str]:
    """The cases with right figures beside them; the folder has others, which are about files."""
    return sorted(path.parent.name for path in CASES.glob("*/right.json"))


def read_json(name: str, file: str) -> dict:
    """A JSON file of a case."""
    return json.loads((CASES / name / file).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def compiled(compiled_project):
    """The project with the brands of all cases."""
    brands = {}
    for name in cases():
        own = read_json(name, "vars.json")["brands"]
        assert not brands.keys() & own.keys(), f"{name}: a brand of another case"
        brands |= own
    return compiled_project("cases of meaning", brands)


def plain(value: object) -> object:
    """A value of a mart as JSON would have it."""
    return str(value) if isinstance(value, (date, Decimal)) else value


@pytest.mark.parametrize("name", cases())
def test_the_right_figures(compiled, name):
    raw = {path.stem: project.read_csv(path) for path in (CASES / name / "raw").glob("*.csv")}
    day = date.fromisoformat(read_json(name, "vars.json")["as_of_date"])
    rights = read_json(name, "right.json")
    actual = compiled.run(raw, day, {title.partition(" ")[0] for title in rights})
    assert not differences_of(compiled.expected(raw, day), actual)
    for title, right in rights.items():
        mart, _, kind = title.partition(" ")
        rows = [
            [plain(row[column]) for column in right["columns"]]
            for row in actual[mart]
            if not kind or row[FILTERED[mart]] == kind
        ]
        assert sorted(rows, key=repr) == sorted(right["rows"], key=repr), title


def test_a_row_of_no_brand_has_the_say_also_where_one_brand_is_built(tmp_path):
    """Of the other rows those of other brands are left out, and with them what they say."""
    name = "consent_of_no_brand"
    built = project.build(
        tmp_path,
        {
            "raw_dir": str(CASES / name / "raw"),
            "only_brand": "consent_there",
            **read_json(name, "vars.json"),
        },
        select="+fct_unread_consents",
    )
    assert built.succeeded, built.messages
    assert {(row["brand_id"], row["customer_id"]) for row in built.rows("from facts.fct_unread_consents")} == {
        ("consent_there", "in no brand"),
        ("consent_there", "in no brand and older"),
        ("consent_there", "in the other brand"),
    }
