"""The ready questions of analyses/ run on the sample and say what the marts say."""

from __future__ import annotations

import re
import shutil
from collections import Counter

import pytest
import yaml

import project

FOLDER = project.ROOT / "analyses"
NAMES = sorted(path.stem for path in FOLDER.glob("*.sql"))
HEADER = re.compile(r"-- Question: (?P<question>.+\?)\n-- Reading: .+\n")


@pytest.fixture(scope="module")
def analyses(sample_build, tmp_path_factory):
    """The compiled SQL of every analysis by its name."""
    assert sample_build.succeeded, sample_build.messages
    folder = tmp_path_factory.mktemp("analyses")
    # dbt holds the file that it reads, which others test at the same time
    shutil.copy(sample_build.database, folder)
    compiled = project.run_dbt(
        folder,
        None,
        project.parsed(folder),
        [],
        "compile",
        "--select",
        "resource_type:analysis",
        "--no-print",
    )
    assert compiled.success, compiled.exception
    return {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("target/compiled/*/analyses/*.sql")}


@pytest.fixture(scope="module")
def answers(sample_build, analyses):
    """A function that gives the rows of an analysis's answer."""
    return lambda name: sample_build.rows(analyses[name])


def test_every_analysis_is_described():
    """_analyses.yml has each file, by its question."""
    described = yaml.safe_load((FOLDER / "_analyses.yml").read_text(encoding="utf-8"))["analyses"]
    assert len(NAMES) >= 12
    assert sorted(entry["name"] for entry in described) == NAMES
    for entry in described:
        text = (FOLDER / f"{entry['name']}.sql").read_text(encoding="utf-8")
        question = HEADER.match(text)["question"]
        assert entry["description"].startswith(question), entry["name"]


@pytest.mark.parametrize("name", NAMES)
def test_analysis_answers(sample_build, analyses, name):
    """It says what it asks and how to read it, and gives rows in an order."""
    sql = analyses[name]
    assert HEADER.match((FOLDER / f"{name}.sql").read_text(encoding="utf-8"))
    assert "\norder by" in sql
    with sample_build.connect() as connection:
        result = connection.execute(sql)
        columns = [column[0] for column in result.description]
        rows = result.fetchall()
    assert len(set(columns)) == len(columns)
    assert columns[0] == "brand_id"
    assert rows
    for column, values in zip(columns, zip(*rows)):
        assert any(value is not None for value in values), column


def test_own_window_counts_the_active(sample_build, answers):
    """With the window that is set, the active are those of `customers`."""
    expected = sample_build.rows(
        "select brand_id, count(*) as active_customers from marts.customers where is_active group by brand_id"
    )
    assert {
        row["brand_id"]: row["active_customers"] for row in answers("other_active_windows") if row["is_own_window"]
    } == {row["brand_id"]: row["active_customers"] for row in expected}


def test_lost_customers_are_those_of_the_bridge(sample_build, answers):
    """The customers of last month's churn are all there, and the repeat customers among them."""
    lost, repeat = Counter(), Counter()
    for row in answers("lost_last_month"):
        lost[row["brand_id"]] += row["lost_customers"]
        repeat[row["brand_id"]] += row["lost_repeat_customers"]
    months = sample_build.rows(
        "select brand_id, lost_customers, lost_repeat_customers from marts.brand_metrics "
        "where period_grain = 'month' and is_complete_period "
        "order by period_start"
    )
    last = {row["brand_id"]: row for row in months}
    assert lost == Counter({name: row["lost_customers"] for name, row in last.items()})
    assert repeat == Counter({name: row["lost_repeat_customers"] for name, row in last.items()})
    assert lost.total() > repeat.total() > 0


def test_the_loyal_who_leave_are_those_of_the_alert(sample_build, answers):
    """Every customer of the alert is there once; what is at stake with them is at most that with all the loyal."""
    rows = answers("loyal_about_to_leave")
    alerts = sample_build.rows(
        "select brand_id, customer_id from marts.lifecycle_alerts where alert_type = 'loyal_at_risk'"
    )
    assert Counter((row["brand_id"], row["customer_id"]) for row in rows) == Counter(
        (row["brand_id"], row["customer_id"]) for row in alerts
    )
    assert all(0 <= row["share_up_to_here"] <= 1 + 1e-9 for row in rows)


def test_valuable_first_orders_are_what_is_notable(sample_build, answers):
    """Every notable row of the mart, with all customers of a brand and horizon as 1."""
    rows = answers("valuable_from_the_first_order")
    notable = sample_build.rows("from marts.ltv_drivers where is_notable")
    key = ("brand_id", "horizon_days", "property", "value")
    assert sorted([row[name] for name in key] for row in rows) == sorted([row[name] for name in key] for row in notable)
    sizes: dict[tuple, set[int]] = {}
    for row in rows:
        everybody = round(row["customers"] / row["share_of_customers"])
        sizes.setdefault((row["brand_id"], row["horizon_days"]), set()).add(everybody)
        assert (row["later_revenue_difference"] > 0) == (row["later_revenue_lift"] > 1)
    assert all(len(of_horizon) == 1 for of_horizon in sizes.values())


def test_contacts_are_all_actions(sample_build, answers):
    """Every customer with an action that is due is in one line."""
    [expected] = sample_build.rows(
        "select count(*) as customers, sum(value_at_stake) as value_at_stake from marts.customer_actions where is_due"
    )
    rows = answers("contacts_today")
    assert sum(row["customers"] for row in rows) == expected["customers"]
    assert sum(row["value_at_stake"] for row in rows) == pytest.approx(expected["value_at_stake"])


def test_one_step_makes_loyal(sample_build, answers):
    """Who is one step away by a criterion lacks it, and is not loyal."""
    for row in answers("what_repeat_customers_lack"):
        assert 0 <= row["one_step_away"] <= row["customers_lacking"], row
        assert row["customers_lacking"] <= row["repeat_customers"], row
    # where one rule is all, it alone is what everybody lacks
    [only] = [row for row in answers("what_repeat_customers_lack") if row["brand_id"] == "cdnow"]
    assert only["one_step_away"] == only["repeat_customers"]


def test_sample_page_quotes_the_answers(answers):
    """What docs/sample.md says of the analyses is what they answer."""

    def written(name, key):
        return {row[key]: row for row in answers(name) if row["brand_id"] == "atelier"}

    cohorts = list(written("weakest_cohorts", "cohort_start").values())
    april, december, third = (-row["standard_errors"] for row in cohorts[:3])
    lost = [row for row in answers("lost_last_month") if row["brand_id"] == "atelier"]
    [live] = [row for row in lost if row["channel"] == "instagram_live"]
    channels = written("channels_that_pay_back", "channel")
    naver, show = channels["naver_search"], channels["instagram_live"]
    first = written("discounts_and_loyalty", "first_order")
    cheap, full = first["discounted"], first["full price"]
    raw, mixed = "second_purchase_rate_180d", "second_purchase_rate_in_same_mix"
    feedback = list(written("answers_to_negative_feedback", "answer").values())
    carts = list(written("carts_lost_and_won", "quarter_start").values())
    orders = written("order_value_by_order_number", "order_number")
    boxes = {
        row["month_number"]: row["share_cancelled"]
        for row in answers("when_subscribers_leave")
        if row["subscription_kind"] == "product"
    }
    assert [row["cohort_start"].isoformat() for row in cohorts[:2]] == ["2025-04-01", "2025-12-01"]
    assert max(row["average_orders_before"] for row in feedback[:2]) <= (feedback[2]["average_orders_before"])
    assert max(boxes[1], boxes[2]) == 0
    page = (project.ROOT / "docs" / "sample.md").read_text(encoding="utf-8")
    for text in (
        f"are {april:.1f} and {december:.1f} standard errors below",
        f"no other more than {third:.1f} |",
        f"{live['lost_customers']} of the {sum(row['lost_customers'] for row in lost)} customers lost",
        f"a margin of {naver['margin_on_first_orders']:.0%} on first orders "
        f"and {naver['margin_to_date']:.0%} on all orders to date",
        f"{show['margin_on_first_orders']:.0%} and still {show['margin_to_date']:.0%} |",
        f"in {cheap[raw]:.0%} of cases, full-price ones in {full[raw]:.0%}",
        f"with the same mix of channels, {cheap[mixed]:.0%} and {full[mixed]:.0%} |",
        f"from {carts[-3]['recovery_rate']:.0%} in the last quarter of 2025 "
        f"to {carts[-2]['recovery_rate']:.0%} in the first of 2026",
        f"the same {orders[1]['customers']} customers spend {orders[2]['against_first'] - 1:.0%} more",
        f"{orders[4]['against_first'] - 1:.0%} more on their fourth",
        f"loses {boxes[3]:.0%} in its third month",
    ):
        assert text in page, text
