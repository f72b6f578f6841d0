"""The report's pages: what they say is in the marts, and nothing in the data can break them.

Needs requirements-report.txt and a built sample; without either these tests are skipped. How the pages look in a
browser is checked by tests/acceptance/check_report.py.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import string
from base64 import b64decode
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest

for needed in ("altair", "babel", "jinja2", "vl_convert", "yaml"):
    pytest.importorskip(needed, reason="needs requirements-report.txt")

import duckdb
import vl_convert
import yaml

ROOT = Path(__file__).resolve().parents[2]

from customer_lifecycle import cli, reporting
from customer_lifecycle.file_names import page_of_brand, schema_of_brand
from customer_lifecycle.reporting import brands, charts, colours, data, headlines, pages, rules, texts
from customer_lifecycle.reporting.page import Writer
from customer_lifecycle.reporting.sections import ladder, loyalty, sales
from customer_lifecycle.reporting.source import duckdb_reader

BUILD = Path(os.environ.get("LIFECYCLE_DUCKDB_PATH", ROOT / "lifecycle.duckdb"))
HOSTILE = "</script><script>alert('brand')</script><img src=x onerror=alert(1)> & \"co\""
MARKUP = "</script><b onclick='alert(2)'>{{ 7 * 7 }}</b> <!-- "

# where a brand writes what it likes
HOSTILE_TEXTS = {
    "marts.lifecycle_alerts": "message",
    "marts.customer_actions": "action",
    "marts.loyalty_criteria": "criterion",
    "marts.acquisition_channels": "channel",
    "marts.cohort_retention_by_channel": "channel",
    "marts.sales_channels": "channel",
    "marts.loyalty_tiers": "loyalty_tier",
    "marts.rfm_segments": "segment",
    "marts.ltv_drivers": "value",
    "marts.engagement_by_stage": "interaction_type",
}
# no model, no tiers, no alerts, no marketing spend, no carts, feedback or referrals
PLAIN_CHANGES = [
    "update marts.clv_model_fit set fit_status = 'too_few_repeat_customers', error_cuts = 0 where is_used and",
    "delete from marts.clv_backtests where",
    "update marts.clv_model_fit set gamma_gamma_status = 'too_few_repeat_customers' where",
    "update marts.customers set predicted_clv_365d = null where",
    "delete from marts.loyalty_tiers where loyalty_tier <> 'none' and",
    "delete from marts.lifecycle_alerts where",
    "update marts.brand_metrics set net_clv = null, cost_per_acquisition = null, acquisition_spend = null where",
    "update marts.acquisition_channels set acquisition_spend = null where",
    "update marts.cart_recovery set carts_abandoned = 0 where",
    "delete from marts.feedback_loop where",
    "delete from marts.advocate_value where",
    # few first buyers, and nobody active
    "update marts.cohort_retention_by_channel set cohort_size = 1 where",
    "update marts.active_kinds set customers = 0 where",
]

# in its first month, which is not over
FIRST_CHANGES = [
    f"{change} where {condition}"
    for table in (
        "brand_metrics",
        "lifecycle_stages",
        "lifecycle_transitions",
        "acquisition_channels",
        "cohort_calendar",
        "engagement_by_stage",
        "cart_recovery",
        "sales_channels",
    )
    for change, condition in (
        (f"delete from marts.{table}", "period_start > '2025-01-31' and"),
        (f"update marts.{table} set is_complete_period = false", ""),
    )
] + [
    "delete from marts.purchase_frequency_trend where",
    "delete from marts.loyalty_history where",
    "delete from marts.cohort_retention_by_channel where (cohort_start > '2025-01-31' or period_index > 0) and",
    "delete from marts.cohort_retention where (cohort_start > '2025-01-31' or period_index > 0) and",
    *(
        f"delete from marts.{table} where"
        for table in ("second_purchase", "revenue_drivers", "value_deciles", "value_concentration", "ltv_drivers")
    ),
    # nobody has been watched for long, and nobody has left
    "delete from marts.order_ladder where day > 30 and",
    "update marts.order_ladder_summary set ordered_again_within_90d = null, ordered_again_within_180d = null, "
    "return_share_at_setting = null, advised_churn_window_days = null, advice_status = 'not_reached', "
    "churns_followed = 0, false_churns = 0, false_churn_share = null where",
]

# the orders go back to the brand's beginning, and it has set its margin
WHOLE_CHANGES = [
    *(
        f"update marts.{table} set is_left_truncated = false where"
        for table in (
            "brand_metrics",
            "cohort_retention",
            "cohort_retention_by_channel",
            "second_purchase",
            "acquisition_channels",
            "cohort_calendar",
        )
    ),
    "update marts.revenue_bridge set gross_revenue_retention = 0.614, net_revenue_retention = 0.809 "
    "where period_grain = 'trailing_year' and",
    "update reference.brand_settings set value = '0.4' where setting = 'margin_rate' and",
    "update marts.ltv_drivers set is_notable = false where",
    # some channels have not paid back, and the others after one to three months
    "update marts.acquisition_channels set payback_months = nullif(length(channel) % 4, 0) where",
    "delete from marts.loyalty_history where",
]
# four months on record: who becomes loyal, who no longer is, who comes as a loyal customer, who has been erased, and
# a change of tier alone
HISTORY = """
    insert into marts.loyalty_history
    select
        'whole',
        customer_id,
        valid_from,
        lead(valid_from, 1, gone_on) over customer,
        loyalty_class,
        loyalty_tier,
        lag(loyalty_class) over customer,
        lag(loyalty_tier) over customer,
        lead(valid_from, 1, gone_on) over customer is null
    from (
        values
            ('a', date '2026-03-15', 'repeat', 'none', null),
            ('a', date '2026-04-20', 'loyal', 'none', null),
            ('b', date '2026-03-15', 'one_time', 'none', null),
            ('b', date '2026-04-30', 'repeat', 'none', null),
            ('b', date '2026-05-01', 'loyal', 'none', null),
            ('c', date '2026-03-15', 'loyal', 'none', null),
            ('c', date '2026-03-31', 'repeat', 'none', null),
            ('c', date '2026-06-10', 'loyal', 'none', null),
            ('d', date '2026-03-15', 'loyal', 'silver', null),
            ('d', date '2026-05-31', 'repeat', 'silver', null),
            ('e', date '2026-06-30', 'loyal', 'none', null),
            ('f', date '2026-03-15', 'one_time', 'none', date '2026-05-31'),
            ('g', date '2026-03-15', 'loyal', 'none', null),
            ('g', date '2026-04-01', 'loyal', 'silver', null),
            ('h', date '2026-03-15', 'none', 'none', null)
    ) as classes (customer_id, valid_from, loyalty_class, loyalty_tier, gone_on)
    window customer as (partition by customer_id order by valid_from)
"""
# two whole years: half of each tenth stays, 30 percent move on by one, the rest does not order
MIGRATION = """
    insert into marts.decile_migration
    select
        'whole', 'trailing_year', date '2025-07-01', before, after,
        case
            when before = -1 then 7
            when after = before then 25
            when after = before + 1 then 15
            when after = 0 then 10
            else 0
        end,
        case when after = before then 0.5 when after = before + 1 then 0.3 when after = 0 then 0.2 else 0 end
    from generate_series(-1, 10) as befores (before)
    cross join generate_series(0, 10) as afters (after)
    where not (before = -1 and after = 0)
"""


@pytest.fixture(scope="module")
def publication_file(tmp_path_factory):
    """A publication of the sample, with five brands more: one whose every text is markup, one of which nothing is
    known but its settings, one without a model, tiers or alerts, one in its first month, and one whose orders go back
    to its beginning."""
    if not BUILD.exists():
        pytest.skip(f"needs a built sample, {BUILD}")
    path = tmp_path_factory.mktemp("publication") / "published.duckdb"
    with duckdb.connect(str(path)) as connection:
        # views name the catalog that they were made in
        connection.execute(f"attach '{BUILD}' as lifecycle (read_only)")
        for schema in ("marts", "reference", "quality"):
            connection.execute(f"create schema {schema}")
            for name, has_brands in connection.execute(
                "select table_name, bool_or(column_name = 'brand_id') from information_schema.columns "
                "where table_catalog = 'lifecycle' and table_schema = ? group by table_name",
                [schema],
            ).fetchall():
                connection.execute(f"create table {schema}.{name} as from lifecycle.{schema}.{name}")
                for copy in [HOSTILE, "plain", "first", "whole"] if has_brands else []:
                    connection.execute(
                        f"insert into {schema}.{name} select * replace (? as brand_id) from lifecycle.{schema}.{name} "
                        "where brand_id = 'atelier'",
                        [copy],
                    )
        connection.execute("detach lifecycle")
        connection.execute(
            "create or replace table reference.publication as select '20260630_20260701020000000' as publication_id, "
            "as_of_date, timestamp '2026-07-01 02:00:00' as published_at from reference.as_of_date"
        )
        connection.execute(
            "insert into reference.brand_settings values ('young', 'currency', null), ('young', 'timezone', 'UTC')"
        )
        for table, column in HOSTILE_TEXTS.items():
            connection.execute(f"update {table} set {column} = ? || {column} where brand_id = ?", [MARKUP, HOSTILE])
        connection.execute(
            "update reference.brand_settings set value = ? where setting in ('loyal_when', 'timezone') "
            "and brand_id = ?",
            [MARKUP, HOSTILE],
        )
        for change in PLAIN_CHANGES:
            connection.execute(f"{change} brand_id = 'plain'")
        for change in FIRST_CHANGES:
            connection.execute(f"{change} brand_id = 'first'")
        for change in WHOLE_CHANGES:
            connection.execute(f"{change} brand_id = 'whole'")
        connection.execute(MIGRATION)
        connection.execute(HISTORY)
    return path


@pytest.fixture(scope="module")
def publication(publication_file):
    """That publication, as the report reads it."""
    return data.load(lambda: duckdb_reader(publication_file))


@pytest.fixture(scope="module")
def html_of(publication):
    """A function that gives the page of a brand."""
    made = {}

    def page(brand_id, language="en"):
        if (brand_id, language) not in made:
            made[brand_id, language] = pages.brand_html(publication, publication.brands[brand_id], language)
        return made[brand_id, language]

    return page


class Outline(HTMLParser):
    """What a page is made of: its tags with their attributes, its text outside of scripts, and its charts."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text, self.charts, self.scripts = [], [], [], []
        self.inside = None
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag in ("script", "style"):
            self.inside = dict(attributes).get("type", tag)
            self.scripts.append("")

    def handle_endtag(self, tag):
        if tag in ("script", "style"):
            if self.inside == "application/json":
                self.charts.append(json.loads(self.scripts[-1]))
            self.inside = None

    def handle_data(self, text):
        if self.inside:
            self.scripts[-1] += text
        else:
            self.text.append(text)

    @property
    def words(self):
        """The text, with single spaces, and without what keeps a line from ending."""
        return " ".join(" ".join(self.text).replace("\u2060", "").split())


def write(publication_file, output, *options):
    """Run the command, and give its exit code."""
    return cli.main(["report", "--publication", str(publication_file), "--output", str(output), *options])


def contents(folder):
    """The files of a folder by their names."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_same_publication_gives_same_bytes(publication_file, tmp_path, monkeypatch):
    assert write(publication_file, tmp_path / "all") == 0
    assert write(publication_file, tmp_path / "alone", "--brand", "grocer") == 0
    written, alone = contents(tmp_path / "all"), contents(tmp_path / "alone")
    assert len(written) == 9
    assert alone == {"grocer.html": written["grocer.html"]}
    # the index again, without the pages that it takes a minute to make
    monkeypatch.setattr(pages, "brand_html", lambda *_: "")
    assert write(publication_file, tmp_path / "index") == 0
    assert contents(tmp_path / "index")["index.html"] == written["index.html"]


@pytest.mark.parametrize("brand_id", ["atelier", "cdnow", "grocer", "plain", "young", "first", HOSTILE])
def test_nothing_is_loaded_and_nothing_runs_but_the_page_itself(html_of, brand_id):
    outline = Outline(html_of(brand_id))
    for tag, attributes in outline.tags:
        assert tag not in ("iframe", "img", "object", "embed", "form", "base"), tag
        assert not [name for name in attributes if name.startswith("on") or name == "src"], (tag, attributes)
        assert attributes.get("href", "#").startswith(("#", "data:,")), attributes
    names = [attributes["id"] for _, attributes in outline.tags if "id" in attributes]
    links = {attributes["href"][1:] for _, attributes in outline.tags if attributes.get("href", "").startswith("#")}
    assert len(set(names)) == len(names) and links <= set(names)
    policy = next(attributes["content"] for _, attributes in outline.tags if "http-equiv" in attributes)
    assert "default-src 'none'" in policy and "unsafe-eval" not in policy
    running = [attributes for tag, attributes in outline.tags if tag == "script" and "type" not in attributes]
    assert len(running) == 1
    assert pages.digest(outline.scripts[-1]) in policy


def test_names_and_messages_are_text(html_of, publication):
    html = html_of(HOSTILE)
    outline = Outline(html)
    headings = re.findall(r"<h1>(.*?)</h1>", html)
    assert headings == [
        "&lt;/script&gt;&lt;script&gt;alert(&#39;brand&#39;)&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt; "
        "&amp; &#34;co&#34;"
    ]
    assert " ".join(MARKUP.split()) in outline.words
    assert not [tag for tag, _ in outline.tags if tag in ("b", "img")]
    index = Outline(pages.index_html(publication, {HOSTILE: "a.html"}, "en"))
    assert HOSTILE in index.words


def test_figures_are_those_of_the_marts(html_of, publication_file):
    words = Outline(html_of("atelier")).words
    with duckdb.connect(str(publication_file), read_only=True) as connection:
        metrics = connection.execute(
            "select purchase_frequency, average_order_value, customers_at_start, lost_customers, new_customers, "
            "reactivated_customers, customers_at_end, churn_rate, repeat_churn_rate, lost_repeat_customers, "
            "repeat_customers_at_start, lapse_rate, at_risk_customers from marts.brand_metrics "
            "where brand_id = 'atelier' and period_grain = 'month' and is_complete_period "
            "order by period_start desc limit 1"
        ).fetchone()
        alerts, high, customers = connection.execute(
            "select count(*), count(*) filter (severity = 'high'), count(distinct customer_id) "
            "from marts.lifecycle_alerts where brand_id = 'atelier' and customer_id is not null"
        ).fetchone()
        (stake,) = connection.execute(
            "select sum(value_at_stake) from marts.customer_actions where brand_id = 'atelier' "
            "and customer_id in (select customer_id from marts.lifecycle_alerts where brand_id = 'atelier')"
        ).fetchone()
        predicted = connection.execute(
            "select avg(predicted_clv_365d) from marts.customers where brand_id = 'atelier'"
        ).fetchone()[0]
        year_month, year_value, year_cost, year_ratio = connection.execute(
            "select period_start, ltv_365d, cost_per_acquisition, ltv_365d_to_cac from marts.brand_metrics "
            "where brand_id = 'atelier' and period_grain = 'month' and ltv_365d is not null "
            "order by period_start desc limit 1"
        ).fetchone()
        high_count, high_chance, high_stake = connection.execute(
            "select count(*), avg(p_order_90d), sum(value_at_stake) from marts.customers "
            "where brand_id = 'atelier' and churn_risk = 'high'"
        ).fetchone()
        due, actions = connection.execute(
            "select count(*) filter (is_due), count(*) from marts.customer_actions "
            "where brand_id = 'atelier' and action_code <> 'none'"
        ).fetchone()
        years = connection.execute(
            "select sum(ltv_365d * acquired_customers) / sum(acquired_customers), "
            "sum(acquisition_spend) / sum(acquired_customers) from marts.brand_metrics "
            "where brand_id = 'atelier' and period_grain = 'month' and ltv_365d is not null"
        ).fetchone()
    frequency, order_value, start, lost, new, back, end = metrics[:7]
    churn, repeat_churn, lost_repeat, repeat, lapse, at_risk = metrics[7:]
    assert f"Repeat churn rate {repeat_churn:.1%}" in words
    assert f"{repeat_churn:.1%} of the opening repeat customers ({lost_repeat} of {repeat}) were lost" in words
    assert f"Of all opening customers, {churn:.1%} were lost." in words
    assert f"Lapse rate {lapse:.1%}" in words
    assert f"the time of {at_risk} customers ran out; {lost} of them ({lapse:.1%}) did not come back." in words
    assert f"First-year value ₩{year_value:,.0f} customers acquired in {year_month:%b %Y}" in words
    assert year_ratio == pytest.approx(year_value / year_cost)
    assert f"First-year value to acquisition cost {year_ratio:.1f} customers acquired in {year_month:%b %Y}" in words
    assert f"brought in ₩{years[0]:,.0f} in their first year. They cost ₩{years[1]:,.0f} to acquire" in words
    assert f"first year covers {years[0] / years[1]:.1f} times." in words
    assert f"in the base, high churn risk {high_count} {high_chance:.1%}" in words
    assert f"{high_count} customers in the base are at high risk" in words
    assert f"₩{high_stake / 1e6:.1f}M is at stake with them" in words
    assert f"{due} of {actions} actions are due." in words
    assert f"Purchase frequency {frequency:.2f}" in words
    assert f"(AOV) ₩{order_value:,.0f}" in words
    assert (
        f"{start} customers at the start of Jun 2026: {lost} were lost, {new} were new and "
        f"{back} came back. At the end there are {end}." in words
    )
    assert f"Open alerts: {alerts}, of high severity: {high}. Customers: {customers}." in words
    assert f"At stake: ₩{stake / 1e6:.1f}M." in words
    assert f"Predicted value, 365 days ₩{predicted:,.0f}" in words
    assert "As of June 30, 2026 · Publication" in words


def tables_of(html):
    """The tables of a page's figures by the figure's name, and of their views by `figure/view`: each cell as it is
    read, and its value as a download has it."""
    tables, figure, table, row, cell, value = {}, None, None, None, None, None

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attributes):
            nonlocal figure, table, row, cell, value
            if tag == "figure":
                figure = dict(attributes)["id"]
                table = tables[figure] = []
            elif tag == "template":
                table = tables[f"{figure}/{dict(attributes)['data-view']}"] = []
            elif tag == "tr" and figure:
                row = []
                table.append(row)
            elif tag in ("td", "th") and figure:
                cell, value = "", dict(attributes).get("data-value")

        def handle_endtag(self, tag):
            nonlocal figure, cell
            if tag == "figure":
                figure = None
            elif tag in ("td", "th") and figure:
                row.append((cell, cell if value is None else value))
                cell = None

        def handle_data(self, text):
            nonlocal cell
            if cell is not None:
                cell += text

    Reader().feed(html)
    return tables


def values_of(html, figure):
    """The values of a figure's table, below its head, as a download has them."""
    return [[value for _, value in row] for row in tables_of(html)[figure][1:]]


def is_value(text, value):
    """Whether a download's text is a value of a mart: decimals and counts exactly, doubles with ten digits."""
    if value is None:
        return text == texts.NOTHING
    if isinstance(value, float):
        return float(text) == pytest.approx(value, rel=1e-9, abs=1e-12)
    return Decimal(text) == value


def rows_of(publication_file, query):
    """The rows of a query, as dicts."""
    with duckdb.connect(str(publication_file), read_only=True) as connection:
        cursor = connection.execute(query)
        return [dict(zip([column[0] for column in cursor.description], row)) for row in cursor.fetchall()]


def points_of(outline, figure):
    """What a figure's chart draws: all of its data, or nothing if it has no chart."""
    charted, inside = [], None
    for tag, attributes in outline.tags:
        if tag == "figure":
            inside = attributes["id"]
        elif tag == "div" and attributes.get("class") == "chart":
            charted.append(inside)
    if figure not in charted:
        return []

    def values(part):
        layers = [value for layer in part.get("layer", []) for value in values(layer)]
        return part.get("data", {}).get("values", []) + layers

    return values(outline.charts[charted.index(figure)])


FIRST_SCREEN = """
    select period_start, net_revenue, orders, new_customers, returning_customer_rate, is_left_truncated, nps
    from marts.brand_metrics
    where brand_id = '{}' and period_grain = 'month' and is_complete_period
    order by period_start desc
"""


def comparisons_of(spoken, months, place, first_order):
    """What the first screen says of a month, by figure: its value, and two comparisons; from the rows of the months,
    the latest first."""
    now = months[place]
    starts = {row["period_start"]: row for row in months}
    month_before = (now["period_start"] - timedelta(days=1)).replace(day=1)
    a_year_before = now["period_start"].replace(year=now["period_start"].year - 1)
    kinds = {"net_revenue": "money", "orders": "count", "new_customers": "count", "returning_customer_rate": "percent"}
    said = {}
    for column, kind in kinds.items():
        write = getattr(spoken, kind)
        said[column] = [write(now[column])]
        for start in (month_before, a_year_before):
            # a month that begins before the first order is not wholly in the data
            earlier = starts.get(start) if start >= first_order else None
            month = spoken.month(start)
            if earlier is None:
                said[column].append(spoken("headline.no_data", month=month))
            elif column in ("new_customers", "returning_customer_rate") and (
                now["is_left_truncated"] or earlier["is_left_truncated"]
            ):
                said[column].append(spoken("headline.too_early", month=month))
            else:
                difference = float(now[column]) - float(earlier[column])
                if kind == "percent":
                    difference = round(100 * difference, 1)
                    size = spoken("headline.change_points", change=spoken.number(abs(difference), 1))
                elif earlier[column]:
                    difference = round(difference / float(earlier[column]), 3)
                    size = spoken.percent(abs(difference))
                else:
                    size = write(now[column])
                change = f"{'▲' if difference > 0 else '▼'} {size}"
                value = write(earlier[column])
                said[column].append(
                    spoken("headline.against", month=month, change=change, value=value)
                    if difference
                    else spoken("headline.against_same", month=month)
                )
    return said


def churn_of(months, place):
    """What the story says of a month's repeat churn, the months being the latest first: a function of the language, or
    None where it is not compared."""
    now = months[place]
    before = [row for row in months[place + 1 : place + 18] if row["repeat_churn_rate"] is not None]
    if now["repeat_churn_rate"] is None or not before:
        return None
    before = [row for row in before if not row["is_left_truncated"]] or before
    usual = sum(row["repeat_churn_rate"] for row in before) / len(before)
    spread = (usual * (1 - usual) / now["repeat_customers_at_start"]) ** 0.5
    is_chance = 0 < abs(now["repeat_churn_rate"] - usual) < 2 * spread
    counts = ("customers_at_start", "customers_at_end", "lost_repeat_customers", "repeat_customers_at_start")
    return lambda spoken: [
        *(spoken.count(now[column]) for column in counts),
        spoken.percent(now["repeat_churn_rate"]),
        spoken.percent(usual),
        *([spoken("story.chance")] if is_chance else []),
    ]


@pytest.mark.parametrize("language", reporting.LANGUAGES)
@pytest.mark.parametrize("brand_id", ["atelier", "cdnow", "grocer", "whole"])
def test_the_first_screen_is_as_in_the_marts(html_of, publication, publication_file, brand_id, language):
    """Each figure with the month before and the same month a year before, where these can be compared; in the latest
    month, and in each that the page can be switched to."""
    html = html_of(brand_id, language)
    words = Outline(html).words
    spoken = texts.Texts(language, publication.brands[brand_id].settings["currency"])
    months = rows_of(publication_file, FIRST_SCREEN.format(brand_id))
    (first,) = rows_of(
        publication_file, f"select min(first_order_date) as day from marts.customers where brand_id = '{brand_id}'"
    )
    for column, said in comparisons_of(spoken, months, 0, first["day"]).items():
        assert f"{publication.glossary[language, 'brand_metrics', column]['label']} {' '.join(said)}" in words
    if months[0]["nps"] is not None:
        assert round(100 * months[0]["nps"]) == 35
        assert f"{publication.glossary[language, 'brand_metrics', 'nps']['label']} 35 ▼" in words
    (periods,) = re.findall(r'<script type="text/json" id="periods">(.*?)</script>', html)
    periods = json.loads(periods)
    assert (
        len(periods)
        == min(24, len(months))
        == re.search('class="period".*?</label>', html, re.DOTALL)[0].count("<option ")
    )
    every = rows_of(
        publication_file,
        f"select * from marts.brand_metrics where brand_id = '{brand_id}' and period_grain = 'month' "
        "and is_complete_period order by period_start desc",
    )
    drivers = rows_of(
        publication_file,
        f"select * from marts.revenue_drivers where brand_id = '{brand_id}' and period_grain = 'month'",
    )
    for place, period in enumerate(periods):
        assert spoken.month(months[place]["period_start"]) in period["intro"]
        for column, said in comparisons_of(spoken, months, place, first["day"]).items():
            written, value, changes = period["figures"][column]
            assert [written, *(change for change, _ in changes)] == said
            assert is_value(value, months[place][column])
        # all other figures of a month are there, each with the value of the mart
        others = set(headlines.HEADLINES) - headlines.ONCE
        assert set(period["figures"]) == others | set(headlines.FIRST)
        for column in others:
            if column not in ("net_clv", "cost_per_acquisition") or every[0]["acquisition_spend"] is not None:
                assert is_value(period["figures"][column][1], every[place][column])
        of_month = [row for row in drivers if row["period_start"] == months[place]["period_start"]]
        churn = churn_of(every, place)
        assert len(period["story"]) == max(1, len(of_month)) + (churn is not None)
        if churn:
            assert all(part in period["story"][-1] for part in churn(spoken))
        for row in of_month:
            assert any(spoken.money(abs(row["revenue_change"])) in sentence for sentence in period["story"])
    # the page opens with the latest
    assert periods[0]["intro"] in words and all(
        sentence.replace("\u2060", "") in words for sentence in periods[0]["story"]
    )


def test_the_first_screen_says_what_worked_against_the_change(html_of, publication_file):
    """The month before too: what counted most, and the largest effect of the other sign."""
    (row,) = rows_of(
        publication_file,
        "select * from marts.revenue_drivers where brand_id = 'atelier' and period_grain = 'month' "
        "and period_start = '2026-06-01' and compared_with = 'previous_period'",
    )
    assert row["revenue_change"] > 0 and row["main_driver"] == "buyers" and row["order_value_effect"] < 0
    assert (
        f"Net revenue of Jun 2026 was {WON.money(row['revenue_change'])} higher than in the month before. What counted "
        f"most was more buyers: +{WON.money(row['buyers_effect'])}. Smaller orders worked the other way: "
        f"{WON.money(row['order_value_effect'])}."
    ) in Outline(html_of("atelier")).words


def test_what_to_do_today_is_urgent_first(publication, publication_file):
    """All that is due, each customer once; and the page has the first lines of it."""
    rows = rows_of(
        publication_file,
        """
        select
            actions.action, alerts.severity, alerts.alert_type, count(*) as customers,
            sum(value_at_stake) as value_at_stake, min(due_until) as due_until,
            case when alerts.severity is null then actions.reason end as reason
        from marts.customer_actions as actions
        left join (
            select distinct on (brand_id, customer_id, action_code) *
            from marts.lifecycle_alerts
            order by brand_id, customer_id, action_code, severity, since desc, alert_id
        ) as alerts using (brand_id, customer_id, action_code)
        where actions.brand_id = 'atelier' and is_due
        group by all
        """,
    )
    rows.sort(key=lambda row: (["high", "normal", None].index(row["severity"]), -row["value_at_stake"]))
    assert len({row["severity"] for row in rows}) == 3
    brand = publication.brands["atelier"]
    assert [(row["action"], row["severity"], row["alert_type"], row["customers"]) for row in brand["today"]] == [
        (row["action"], row["severity"], row["alert_type"], row["customers"]) for row in rows
    ]
    html = pages.brand_html(publication, brand, "en")
    whole = len(brand["brand_alerts"])
    shown = values_of(html, "today")
    assert len(shown) == max(6, whole) and len(rows) > 6
    for row, cells in zip(rows, shown[whole:], strict=False):
        assert cells[:2] == [row["action"], row["severity"] or "no alert"]
        assert cells[2] == (texts.Texts("en").name("alert", row["alert_type"]) if row["alert_type"] else row["reason"])
        assert int(cells[3]) == row["customers"]
        assert float(cells[4]) == pytest.approx(row["value_at_stake"])
        assert cells[5] == (row["due_until"].isoformat() if row["due_until"] else "while the alert is open")
    assert f"6 of {len(rows) + whole} lines. The others: What to do" in Outline(html).words
    customers, value = sum(row["customers"] for row in rows), sum(row["value_at_stake"] for row in rows)
    assert f"{customers} customers have an action due, with {WON.money(value)} at stake." in Outline(html).words


@pytest.mark.parametrize("brand_id", ["atelier", "cdnow", "grocer", "whole", "plain", "first"])
def test_every_chart_has_its_figures_as_a_table(html_of, brand_id):
    """And every table can be downloaded."""
    html = html_of(brand_id)
    figures = re.findall(r'<figure .*? id="([\w-]+)">(.*?)</figure>', html, re.DOTALL)
    assert len(figures) > 15
    assert [name for name, text in figures if 'class="chart"' in text and "<table" not in text] == []
    assert [name for name, text in figures if ("<table" in text) != ('class="csv"' in text)] == []


@pytest.mark.parametrize(
    "figure, query, columns",
    [
        (
            "bridge-gains",
            "select * from marts.brand_metrics where brand_id = 'atelier' and period_grain = 'month' "
            "and is_complete_period order by period_start desc",
            "customers_at_start lost_customers lost_repeat_customers new_customers reactivated_customers "
            "customers_at_end repeat_churn_rate lapse_rate churn_rate",
        ),
        (
            "bridge-churn",
            "select * from marts.brand_metrics where brand_id = 'atelier' and period_grain = 'month' "
            "and is_complete_period and repeat_churn_rate is not null order by period_start desc",
            "repeat_customers_at_start lost_repeat_customers repeat_churn_rate",
        ),
        (
            "bridge-lapse",
            "select * from marts.brand_metrics where brand_id = 'atelier' and period_grain = 'month' "
            "and is_complete_period and lapse_rate is not null order by period_start desc",
            "at_risk_customers lost_customers lapse_rate",
        ),
        (
            "change-drivers",
            "select * from marts.revenue_drivers where brand_id = 'atelier' and period_grain = 'month' "
            "and compared_with = 'year_before' order by period_start desc limit 12",
            "revenue_change buyers_effect first_time_buyers_effect returning_buyers_effect frequency_effect "
            "order_value_effect gross_value_effect discount_effect refund_effect",
        ),
        (
            "dependence-deciles",
            "select * from marts.value_deciles where brand_id = 'atelier' and period_grain = 'trailing_year' "
            "order by decile",
            "customers net_revenue revenue_share cumulative_revenue_share purchase_frequency",
        ),
    ],
)
def test_a_download_has_the_values_of_the_marts(html_of, publication_file, figure, query, columns):
    """Whatever the table rounds; in each language the same."""
    rows, names = rows_of(publication_file, query), columns.split()
    assert len(rows) > 5
    for language in reporting.LANGUAGES:
        found = [cells[1 : len(names) + 1] for cells in values_of(html_of("atelier", language), figure)]
        assert len(found) == len(rows)
        for row, cells in zip(rows, found):
            assert [name for name, cell in zip(names, cells, strict=True) if not is_value(cell, row[name])] == []


@pytest.mark.parametrize("language", reporting.LANGUAGES)
@pytest.mark.parametrize("brand_id", ["atelier", "cdnow", "grocer", "whole"])
def test_amounts_of_a_column_have_one_format(html_of, brand_id, language):
    """One unit, and one number of decimals."""
    columns = 0
    for rows in tables_of(html_of(brand_id, language)).values():
        # what a brand's value is depends on the row
        for column in zip(*rows[1:]):
            amounts = [text.lstrip("+-") for text, _ in column if re.match(r"[+-]?(US)?[₩$¥]", text)]
            forms = {
                re.sub(r"[\d,]+", "0", re.sub(r"\.\d+", lambda found: f".{len(found[0])}", text)) for text in amounts
            }
            assert len(forms) <= 1, column
            columns += len(forms)
    assert columns > 12


def test_what_is_written_knows_its_value():
    spoken = texts.Texts("en", "KRW")
    written = [spoken.money(Decimal("1234567.5000")), spoken.percent(0.12345), spoken.month(date(2026, 6, 1)), "text"]
    assert written == ["₩1.2M", "12.3%", "Jun 2026", "text"]
    assert [pages.raw(value) for value in written] == ["1234567.5", "0.12345", "2026-06-01", "text"]
    assert pages.raw(spoken.percent(1 / 3)) == "0.3333333333" and pages.raw(spoken.count(7)) == "7"
    assert pages.raw(spoken.money(-0.0)) == "0.0" and pages.raw(spoken.money(2_980_919.3577542505)) == "2980919.358"
    assert pages.raw(spoken.money(Decimal("0.0000"))) == "0" and pages.raw(spoken.money(None)) == "–"
    assert spoken.signed(spoken.money(5_000_000)) == "+₩5.0M" and spoken.signed(spoken.money(0)) == "₩0"
    assert spoken.signed(texts.NOTHING) == texts.NOTHING
    assert spoken.score(0.3529) == "35" and spoken.score(-0.004) == "0"
    amounts = [spoken.money(value) for value in (4_000_000, 858_775, None, -35)]
    assert spoken.in_one_format(amounts) == ["₩4,000,000", "₩858,775", "–", "-₩35"]
    assert spoken.in_one_format(amounts, is_short=True) == ["₩4.0M", "₩0.9M", "–", "₩0.0M"]
    korean, dollars = texts.Texts("ko", "KRW"), texts.Texts("en", "USD")
    assert korean.in_one_format([korean.money(103_400_000), korean.money(20_000)], True) == ["₩10,340만", "₩2만"]
    assert dollars.in_one_format([dollars.money(999.5), dollars.money(0.25)]) == ["$999.50", "$0.25"]
    assert dollars.in_one_format([dollars.money(1000), dollars.money(0.25)]) == ["$1,000", "$0"]
    assert texts.Texts("en").in_one_format([texts.Texts("en").money(2.5)]) == ["2.50"]


# Languages


def unpacked(html):
    """What a page holds of the languages that it can be switched to, by language."""
    packed = re.findall(
        r'<script type="application/gzip" data-language="(\w+)" data-title="(.*?)">(.*?)</script>', html
    )
    return {language: (title, gzip.decompress(b64decode(text)).decode()) for language, title, text in packed}


def test_a_page_can_be_switched_to_every_language(publication):
    brand = publication.brands["atelier"]
    html = {language: pages.brand_html(publication, brand, language, reporting.LANGUAGES) for language in ("en", "ko")}
    inside = unpacked(html["en"])
    assert sorted(inside) == ["ko", "zh"] and sorted(unpacked(html["ko"])) == ["en", "zh"]
    # what it is switched to is what a page in that language shows
    assert inside["ko"][1] in html["ko"] and unpacked(html["ko"])["en"][1] in html["en"]
    assert inside["zh"] == unpacked(html["ko"])["zh"]
    assert f"<title>{inside['ko'][0]}</title>" in html["ko"]
    for language in ("en", "ko", "zh"):
        body = inside[language][1] if language != "en" else html["en"]
        assert re.findall(r'data-language="(\w+)" aria-pressed="true"', body) == [language]
    # without others there is no switch
    alone = pages.brand_html(publication, brand, "ko")
    assert unpacked(alone) == {} and 'class="languages"' not in alone


def test_a_page_stays_small(publication):
    for brand_id in ("atelier", "cdnow", "grocer"):
        html = pages.brand_html(publication, publication.brands[brand_id], "ko", reporting.LANGUAGES)
        assert len(html.encode()) < 1_500_000


def test_what_is_packed_is_as_safe_as_the_page(publication):
    for _, body in unpacked(pages.brand_html(publication, publication.brands[HOSTILE], "en", ["ko", "zh"])).values():
        outline = Outline(body)
        assert " ".join(MARKUP.split()) in outline.words
        assert not [tag for tag, _ in outline.tags if tag in ("b", "img", "iframe", "form")]
        kinds = {attributes.get("type") for tag, attributes in outline.tags if tag == "script"}
        assert kinds == {"application/json", "text/json"}


# A brand's own name and colour


@pytest.mark.parametrize("colour", ["#000000", "#ffffff", "#ffe600", "#0B57A4", "#808080", "#ff0000", "#00ff99"])
def test_a_logo_colour_is_made_readable(colour):
    light = colours.readable(colour, colours.LIGHT_GROUNDS, "#000000")
    dark = colours.readable(colour, colours.DARK_GROUNDS, "#ffffff")
    assert all(contrast(light, ground) >= 4.5 for ground in colours.LIGHT_GROUNDS)
    assert all(contrast(dark, ground) >= 4.5 for ground in colours.DARK_GROUNDS)
    # and left as it is where it can be read
    if all(contrast(colour, ground) >= 4.5 for ground in colours.LIGHT_GROUNDS):
        assert light == colour.lower()
    style = colours.accent_style(colour)
    assert f"--brand: {colour.lower()};" in style and f"--link: {light};" in style and f"--link: {dark};" in style


@pytest.mark.parametrize("colour", [None, "", "red", "#fff", "#0b57a4; } body { display: none", "#0b57a4\n"])
def test_nothing_but_a_colour_gets_into_the_style(colour):
    assert colours.accent_style(colour) == ""


def test_the_grounds_of_colours_are_those_of_the_style_sheet():
    style = (pages.FOLDER / "report.css").read_text("utf-8")
    grounds = re.findall(r"--paper: (#\w+); --ground: (#\w+);", style)
    assert grounds == [colours.LIGHT_GROUNDS, colours.DARK_GROUNDS]


def test_a_page_has_the_name_and_colour_of_its_brand(publication):
    brand = publication.brands["atelier"]
    own = brand.settings | {"display_name": "Atelier <& Söhne>", "logo_colour": "#ffe600"}
    named = data.Brand("atelier", own, brand.rows)
    html = pages.brand_html(publication, named, "en")
    assert "<h1>Atelier &lt;&amp; Söhne&gt;</h1>" in html and "<title>Atelier &lt;&amp; Söhne&gt; · " in html
    assert "--brand: #ffe600;" in html
    index = pages.index_html(replace(publication, brands={"atelier": named}), {"atelier": "atelier.html"}, "en")
    assert '<a href="atelier.html">Atelier &lt;&amp; Söhne&gt;</a>' in index
    plain = pages.brand_html(publication, brand, "en")
    assert "<h1>atelier</h1>" in plain and "--brand: #" not in plain


# money of atelier, as its page writes it
WON = texts.Texts("en", "KRW")


def test_who_buys_again_is_as_in_the_marts(html_of, publication_file):
    page = Outline(html_of("atelier"))
    rungs = {
        row["from_order"]: row
        for row in rows_of(publication_file, "select * from marts.order_ladder_summary where brand_id = 'atelier'")
    }
    first, every = rungs["1"], rungs["all"]
    assert (
        f"Of {first['gaps']} first orders, {first['ordered_again_within_90d']:.1%} are followed by another within 90 "
        f"days, and {first['ordered_again_within_180d']:.1%} within 180."
    ) in page.words
    # nobody has been watched for 90 days after a tenth order
    assert rungs["10+"]["ordered_again_within_90d"] is None and "From the tenth order on" not in page.words
    (tenth,) = rows_of(
        publication_file,
        "select ordered_again_within_90d as share from marts.order_ladder_summary "
        "where brand_id = 'cdnow' and from_order = '10+'",
    )
    assert f"From the tenth order on, it is {tenth['share']:.1%} within 90 days." in Outline(html_of("cdnow")).words
    # who may have ordered before the data begins
    assert "By number, customers are left out" in page.words
    assert "By number, customers are left out" not in Outline(html_of("cdnow")).words
    assert (every["advised_churn_window_days"], every["advice_status"]) == (91, "ok")
    assert (
        "91 days is the shortest churn window after which at most 20% of the silent still order within the next 180 "
        "days. This brand has set 180. That is close enough (between half and twice as long), so it can stay. Of those "
        f"silent for 180 days, {every['return_share_at_setting']:.1%} order within the next 180 anyway. "
        f"{every['false_churns']} of {every['churns_followed']} churns ({every['false_churn_share']:.1%}) were false: "
        "the customer was back within 180 days. Three quarters of those who order again within a year do so within "
        f"{every['advised_active_window_days']} days; the active window is 60."
    ) in page.words
    for name, row in (("1st", first), ("3rd or 4th", rungs["3-4"]), ("any", every)):
        assert (
            f"{name} {row['gaps']:,} {row['ordered_again_within_90d']:.1%} {row['ordered_again_within_180d']:.1%} "
            f"{row['median_days']}"
        ) in page.words
    drawn = points_of(page, "again-curves")
    for rung, name in (("1", "1st"), ("10+", "10th or later")):
        curve = {
            row["day"]: round(1 - row["survival"], 6)
            for row in rows_of(
                publication_file,
                f"select day, survival from marts.order_ladder where brand_id = 'atelier' and from_order = '{rung}'",
            )
        }
        shown = {point["day"]: point["value"] for point in drawn if point["kind"] == name}
        assert len(shown) > 20
        assert {day: value for day, value in shown.items() if curve.get(day, 0.0) != value} == {}
        assert max(shown) == max(curve) and shown[max(shown)] == max(curve.values())
        # what is left out rises by less than is seen
        for day, value in curve.items():
            assert value - max(shown[seen] for seen in shown if seen <= day) < 0.004
    assert {(point["day"], point["kind"]) for point in drawn if "value" not in point} == {
        (180, "churn window, 180 days"),
        (60, "active window, 60 days"),
    }


def test_no_window_is_advised_where_orders_cannot_tell(html_of):
    words = Outline(html_of("grocer")).words
    assert "The orders so far cannot tell which churn window fits" in words and "This brand has set 90 days." in words
    assert "10 of 10 churns (100.0%) were false" in words
    assert "leave as it is" not in words


@pytest.mark.parametrize(
    "advised, verdict",
    [
        (None, ""),
        (44, "more than twice as long"),
        (45, "so it can stay"),
        (180, "so it can stay"),
        (181, "less than half as long"),
    ],
)
def test_the_setting_is_judged_as_the_alert_judges_it(publication, advised, verdict):
    writer = Writer(publication, publication.brands["atelier"], WON)
    said = ladder.verdict(writer, {"churn_window_days": 90, "advised_churn_window_days": advised})
    assert said if verdict else not said
    assert verdict in said


def test_rungs_that_lie_far_apart_are_named(html_of, publication_file, publication):
    shares = {
        row["rung"]: (row["share"], row["watched"])
        for row in rows_of(
            publication_file,
            "select from_order as rung, any_value(return_share_at_setting) as share, max(at_risk) as watched "
            "from marts.order_ladder_summary join marts.order_ladder using (brand_id, from_order) "
            "where brand_id = 'cdnow' and day >= 180 + 180 group by all",
        )
    }
    page = Outline(html_of("cdnow"))
    # of the 5th to 9th orders, whose share is the highest, and of later ones fewer than 30 have been watched that long
    assert {rung for rung, (_, watched) in shares.items() if watched < 30} == {"5-9", "10+"}
    low, high = shares["1"][0], shares["3-4"][0]
    assert f"that share is {low:.1%} after the 1st and {high:.1%} after the 3rd or 4th order." in page.words
    assert "5th to 9th too few" in page.words and f"3rd or 4th {high:.1%}" in page.words
    assert "“Too few”: fewer than 30 orders" in page.words
    assert "“Too few”: fewer than 30 orders" not in Outline(html_of("atelier")).words
    # no rung of atelier has been watched for long enough
    assert "One window cannot suit every customer" not in Outline(html_of("atelier")).words
    writer = Writer(publication, publication.brands["cdnow"], WON)
    rungs = [{"from_order": "1", "return_share_at_setting": 0.2}, {"from_order": "2", "return_share_at_setting": 0.25}]
    assert ladder.spread(writer, rungs) == ""


def test_why_revenue_changed_is_as_in_the_marts(html_of, publication_file):
    page = Outline(html_of("atelier"))
    (year,) = rows_of(
        publication_file,
        "select * from marts.revenue_bridge where brand_id = 'atelier' and period_grain = 'trailing_year'",
    )
    money = {column: WON.money(year[column]) for column in year if "revenue" in column}
    assert (
        "Do not read this as growth or decline: the orders cover only a part of the year before, so revenue retention "
        "is not known, and who looks new may be an old customer. "
        f"Net revenue went from {money['net_revenue_before']} to {money['net_revenue']}. New customers "
        f"brought in {money['new_revenue']}, customers who resumed {money['resumed_revenue']}, and those who bought "
        f"more added {money['expansion_revenue']}. Those who bought less took away {money['contraction_revenue']}, and "
        f"those who paused {money['paused_revenue']}."
    ) in page.words
    # the bars begin where those before them end
    level, places = year["net_revenue_before"], [(0, year["net_revenue_before"])]
    for column, sign in (("paused", -1), ("contraction", -1), ("expansion", 1), ("resumed", 1), ("new", 1)):
        after = level + sign * year[f"{column}_revenue"]
        places.append(tuple(sorted((level, after))))
        level = after
    assert level == year["net_revenue"]
    places.append((0, year["net_revenue"]))
    bars = [point for point in points_of(page, "change-bridge") if "low" in point]
    assert [(bar["low"], bar["high"]) for bar in bars] == [tuple(map(float, place)) for place in places]
    assert [bar["text"][0] for bar in bars] == ["₩", "-", "-", "+", "₩", "+", "₩"]  # nobody resumed
    assert bars[0]["category"] == "Year before (in part)"
    (running,) = rows_of(
        publication_file,
        "select * from marts.revenue_bridge where brand_id = 'atelier' and period_grain = 'year' "
        "and not is_complete_period",
    )
    assert (
        f"{WON.money(running['net_revenue'])} {running['gross_revenue_retention']:.1%} "
        f"{running['net_revenue_retention']:.1%}"
    ) in page.words
    assert "2026 so far" in page.words and "who ordered only later in that year counts as resumed" in page.words
    (month,) = rows_of(
        publication_file,
        "select * from marts.revenue_bridge where brand_id = 'atelier' and period_grain = 'month' "
        "and period_start = '2026-06-01'",
    )
    # retention is of years
    line = next(line for line in tables_of(html_of("atelier"))["change-bridge"] if line[0][0] == "Jun 2026")
    assert month["net_revenue_retention"] is not None and [value for value, _ in line[-2:]] == ["", ""]
    whole = Outline(html_of("whole")).words
    assert "Do not read this as growth" not in whole and "(in part)" not in whole
    assert "brought in 61.4% of their revenue again; with what some of them added it was 80.9%." in whole


def test_what_moved_revenue_is_as_in_the_marts(html_of, publication_file):
    (row,) = rows_of(
        publication_file,
        "select * from marts.revenue_drivers where brand_id = 'atelier' and period_grain = 'month' "
        "and period_start = '2026-06-01' and compared_with = 'year_before'",
    )
    assert row["main_driver"] == "buyers" and row["revenue_change"] > 0 and row["buyers_effect"] > 0
    page = Outline(html_of("atelier"))
    change, effect = WON.money(row["revenue_change"]), WON.money(row["buyers_effect"])
    assert (
        f"Net revenue of Jun 2026 was {change} higher than in the same month of the year before. What counted most was "
        f"more buyers: +{effect}."
    ) in page.words
    bars = [point for point in points_of(page, "change-drivers") if "low" in point]
    effects = [row[column] for column in ("revenue_change", "buyers_effect", "frequency_effect", "order_value_effect")]
    assert [bar["low"] + bar["high"] for bar in bars] == [round(float(value), 2) for value in effects]
    assert all(0 in (bar["low"], bar["high"]) for bar in bars)
    for language, sentence in (
        (
            "ko",
            "2026년 6월 순매출은 전년 동월보다 {} 늘었습니다. 가장 큰 요인은 구매 고객 수 증가입니다(+{}).",
        ),
        ("zh", "2026年6月净收入比上年同月高 {}。影响最大的是购买客户增多：+{}。"),
    ):
        spoken = texts.Texts(language, "KRW")
        written = sentence.format(spoken.money(row["revenue_change"]), spoken.money(row["buyers_effect"]))
        assert written in Outline(html_of("atelier", language)).words


def test_a_month_without_a_year_before_is_compared_with_the_month_before(html_of, publication_file):
    row = rows_of(
        publication_file, "select * from marts.revenue_drivers where brand_id = 'grocer' order by period_start"
    )[-1]
    assert row["compared_with"] == "previous_period"
    words = Outline(html_of("grocer")).words
    currency = rows_of(
        publication_file,
        "select value from reference.brand_settings where brand_id = 'grocer' and setting = 'currency'",
    )[0]["value"]
    change = texts.Texts("en", currency).money(abs(row["revenue_change"]))
    higher = "higher" if row["revenue_change"] > 0 else "lower"
    assert f"Net revenue of {row['period_start']:%b %Y} was {change} {higher} than in the month before." in words


def test_who_revenue_depends_on_is_as_in_the_marts(html_of, publication_file):
    page = Outline(html_of("atelier"))
    of = "where brand_id = 'atelier' and period_grain = 'trailing_year'"
    (year,) = rows_of(publication_file, f"select * from marts.value_concentration {of}")
    deciles = rows_of(publication_file, f"select * from marts.value_deciles {of} order by decile")
    assert (
        f"{year['customers_for_half_of_revenue']} of {year['customers']} customers make half of the net revenue. The "
        f"most valuable tenth (decile 1) brings in {deciles[0]['revenue_share']:.1%}. Gini coefficient of revenue: "
        f"{year['gini']:.2f}, on a scale from 0"
    ) in page.words
    bars = points_of(page, "dependence-deciles")
    assert [(bar["step"], bar["value"]) for bar in bars] == [
        (row["decile"], round(row["revenue_share"], 6)) for row in deciles
    ]
    for row in deciles:
        assert (
            f"{row['decile']} {row['customers']} ₩{row['net_revenue']:,.0f} {row['revenue_share']:.1%} "
            f"{row['cumulative_revenue_share']:.1%} {row['purchase_frequency']:.1f}"
        ) in page.words
    assert "Not shown yet: it needs two years that lie wholly in the data." in page.words
    assert points_of(page, "dependence-moves") == []


def test_moves_between_deciles_are_a_heat_map(html_of):
    page = Outline(html_of("whole"))
    assert "25 customers (50.0%) are still in it, and 10 (20.0%) did not order." in page.words
    assert "regression to the mean" in page.words
    cells = points_of(page, "dependence-moves")
    # ten deciles, without an order and new ones, to ten deciles and no order
    assert len(cells) == 12 * 11 - 1
    assert {cell["text"] for cell in cells if cell["row"] == "decile 3"} == {"50", "30", "20", "0"}
    assert {cell["column"] for cell in cells if cell["row"] == "new customers"} == {str(n) for n in range(1, 11)}


def test_layers_of_revenue_are_as_in_the_marts(html_of, publication_file):
    page = Outline(html_of("atelier"))
    rows = rows_of(
        publication_file,
        "select * from marts.cohort_calendar where brand_id = 'atelier' and cohort_grain = 'quarter' "
        "and period_grain = 'quarter' and is_complete_period order by period_start, cohort_start",
    )
    assert {(point["period"], point["kind"]): point["value"] for point in points_of(page, "layers-area")} == {
        (WON.quarter(row["period_start"]), WON.quarter(row["cohort_start"])): float(row["net_revenue"]) for row in rows
    }
    # a payback counts only customers who are known to be new
    truncated = {row["cohort_start"] for row in rows if row["is_left_truncated"]}
    lines = tables_of(html_of("atelier"))["layers-area"]
    not_judged = {line[0][0] for line in lines if "not judged" in (value for value, _ in line)}
    assert truncated and not_judged == {WON.quarter(start) for start in truncated}
    last = [row for row in rows if row["period_start"] == rows[-1]["period_start"]]
    largest = max(last, key=lambda row: row["share_of_period"])
    assert last[-1]["cohort_start"] == last[-1]["period_start"]
    assert (
        f"In Q2 2026, {last[-1]['share_of_period']:.1%} of net revenue came from customers who first ordered in that "
        f"quarter. The largest layer is the cohort of {WON.quarter(largest['cohort_start'])}, with "
        f"{largest['share_of_period']:.1%}."
    ) in page.words
    assert "first order: from Q2 2026 on the left to Q1 2025 on the right" in page.words
    truncated = max(row["cohort_start"] for row in rows if row["is_left_truncated"])
    assert f"Cohorts up to {WON.quarter(truncated)} may hold customers whose earlier orders" in page.words
    assert "may hold customers whose earlier orders" not in html_of("whole")
    # the sum of a quarter's layers is its revenue
    quarters = rows_of(
        publication_file,
        "select period_start, net_revenue from marts.brand_metrics where brand_id = 'atelier' "
        "and period_grain = 'quarter'",
    )
    for quarter in quarters:
        layers = [
            point for point in points_of(page, "layers-area") if point["period"] == WON.quarter(quarter["period_start"])
        ]
        assert round(sum(point["value"] for point in layers), 2) == float(quarter["net_revenue"])
    assert "In Q2 2026, nobody ordered for the first time" in Outline(html_of("cdnow")).words


def test_what_valuable_customers_have_in_common_is_as_in_the_marts(html_of, publication_file):
    page = Outline(html_of("cdnow"))
    assert "These are correlations, not causes" in page.words
    for days in (180, 365):
        rows = rows_of(
            publication_file,
            f"select * from marts.ltv_drivers where brand_id = 'cdnow' and horizon_days = {days} and is_notable "
            "order by later_revenue_lift desc",
        )
        bars = [point for point in points_of(page, f"starts-{days}") if "low" in point]
        assert [bar["high"] if bar["kind"] == "gain" else bar["low"] for bar in bars] == [
            round(row["later_revenue_lift"], 6) for row in rows
        ]
        assert all(1 in (bar["low"], bar["high"]) for bar in bars)
        assert [bar["text"] for bar in bars] == [f"{row['later_revenue_lift'] - 1:+.1%}" for row in rows]
        assert (
            f"Over their first {days} days, customers with “Value of the first order: highest quarter” brought in "
            f"{rows[0]['later_revenue_lift'] - 1:.1%} more after the first order than all others, and those with "
            f"“Value of the first order: lowest quarter” {1 - rows[-1]['later_revenue_lift']:.1%} less."
        ) in page.words
        for row in rows:
            chance = f"{row['q_value']:.3f}" if row["q_value"] >= 0.001 else "< 0.001"
            assert f"{row['repeat_rate']:.1%} {row['repeat_lift']:.2f} {chance} yes" in page.words
    assert "Weekday of the first order: Saturday" in page.words and "Month of the first order: February" in page.words
    # small groups taken together are nobody to turn to
    atelier = Outline(html_of("atelier"))
    named = {point["category"] for point in points_of(atelier, "starts-180") if "low" in point}
    assert named and not [name for name in named if name.endswith("groups too small by themselves")]
    assert "Small groups taken together, and unknown values, are in the table only." in atelier.words
    untested = rows_of(
        publication_file, "select * from marts.ltv_drivers where brand_id = 'atelier' and q_value is null"
    )
    assert untested and atelier.words.count("– not tested") == len(untested)
    assert "Acquisition channel: groups too small by themselves" in atelier.words and "taken together" not in page.words
    words = Outline(html_of("whole")).words
    assert "groups of customers, none differs notably from all others in the first 180 days" in words
    assert points_of(Outline(html_of("whole")), "starts-180") == []


def test_engagement_by_stage_is_as_in_the_marts(html_of, publication_file):
    words = Outline(html_of("atelier")).words
    rows = rows_of(
        publication_file,
        "select * from marts.engagement_by_stage where brand_id = 'atelier' and period_start = '2026-06-01' "
        "qualify row_number() over (partition by stage order by customers desc, interaction_type) <= 5",
    )
    assert len({row["stage"] for row in rows}) == 6 and len(rows) > 20
    spoken = texts.Texts("en")
    for row in rows:
        change = row["interactions_per_customer_change_yoy"]
        before = row["interactions_per_customer_prior_year"]
        assert (
            f"{row['stage']} {spoken.name('interaction', row['interaction_type'])} {row['customers']} "
            f"{row['interactions_per_customer']:.2f} "
            + ("– –" if before is None else f"{before:.2f} {'+' if change > 0 else ''}{spoken.percent(change)}")
        ) in words
    assert "There is nothing to compare with in the same month" in Outline(html_of("grocer")).words


def test_subscriptions_are_as_in_the_marts(html_of, publication_file):
    rows = rows_of(
        publication_file,
        "select * from marts.brand_metrics where brand_id = 'atelier' and period_grain = 'month' "
        "and is_complete_period and subscriptions_at_start > 0 order by period_start desc",
    )
    last, earlier = rows[0], rows[1:18]
    rate = "subscription_cancellation_rate"
    words = Outline(html_of("atelier")).words
    assert (
        f"Of the {last['subscriptions_at_start']} subscriptions that ran at the start of Jun 2026, {last[rate]:.1%} "
        f"were cancelled by its end; {last['subscriptions_started']} started in the month. The average of the "
        f"{len(earlier)} months before was {sum(row[rate] for row in earlier) / len(earlier):.1%}."
    ) in words
    for row in [last, *earlier]:
        assert (
            f"{WON.month(row['period_start'])} {row['subscriptions_at_start']} {row['subscriptions_started']} "
            f"{row['subscriptions_cancelled']} {row[rate]:.1%}"
        ) in words
    assert "No complete month has begun with a running subscription." in Outline(html_of("grocer")).words


def test_a_handful_of_customers_is_too_few_to_judge(html_of):
    words = Outline(html_of("grocer")).words
    assert "Only 6 first orders are of customers known to be new: too few to judge by." in words
    assert re.search(r"Only \d+ first buyers have had a month to come back: too few to judge by\.", words)


# Every mart has its place

# marts of which no figure is drawn, and why
NOT_SHOWN = {
    "lifecycle_stage_history": "a row for each change of a customer, and the page names no customer: lifecycle_stages "
    "and lifecycle_transitions are its months, and these are shown",
}


def test_every_mart_is_read():
    """By a query of the report, if it is not listed with a reason."""
    marts = {path.stem for path in (ROOT / "models" / "marts").rglob("*.sql")}
    queries = [*data.BY_BRAND.values(), data.CUSTOMERS_TO_CONTACT, data.GLOSSARY]
    read = {name for query in queries for name in re.findall(r"(?:from|join) (\w+)", query)}
    assert len(marts) > 30
    assert marts - read == set(NOT_SHOWN)
    assert all(len(reason) > 40 for reason in NOT_SHOWN.values())


def test_what_is_read_is_on_the_page(publication):
    """No query is there in vain: the page asks for its rows."""

    class Watched(data.Brand):
        def __getitem__(self, name):
            asked.add(name)
            return super().__getitem__(name)

    asked = set()
    brand = publication.brands["atelier"]
    pages.brand_html(publication, Watched(brand.brand_id, brand.settings, brand.rows), "en")
    assert set(data.BY_BRAND) - asked == set()


def same_cells(found, expected):
    """Whether the cells of a table, as a download has them, are the names and values of these rows."""
    assert len(found) == len(expected)
    for cells, values in zip(found, expected):
        wrong = [
            (cell, value)
            for cell, value in zip(cells, values, strict=True)
            if not (cell == value if isinstance(value, str) else is_value(cell, value))
        ]
        assert wrong == [], cells
    return True


# each cell of a table of cohorts, and the average below them, which no truncated cohort counts in where others do
COHORTS = """
    with ranked as (
        select *, dense_rank() over (partition by cohort_grain order by cohort_start desc) as place
        from marts.cohort_retention
        where brand_id = '{0}' and is_complete_period and cohort_size > 0
            and cohort_grain in ('month', 'quarter', 'year') and period_index <= 12
    ),

    shown as (
        select *
        from ranked
        where place <= case cohort_grain when 'month' then 18 when 'quarter' then 8 else 5 end
    )

    select
        cohort_grain,
        cohort_start,
        period_index,
        is_left_truncated,
        cohort_size,
        purchasing_customers::double / cohort_size as share,
        purchasing_customers::double as customers,
        net_revenue::double as revenue,
        {1} * cumulative_net_revenue::double / cohort_size as value
    from shown
    union all
    select
        cohort_grain,
        null,
        period_index,
        false,
        null,
        sum(purchasing_customers)::double / sum(cohort_size),
        avg(purchasing_customers),
        avg(net_revenue::double),
        {1} * sum(cumulative_net_revenue)::double / sum(cohort_size)
    from shown
    where not is_left_truncated
    group by cohort_grain, period_index
"""


@pytest.mark.parametrize("brand_id, margin_rate", [("atelier", 1), ("cdnow", 1), ("grocer", 1), ("whole", 0.4)])
def test_every_view_of_cohorts_is_as_in_the_marts(publication, publication_file, brand_id, margin_rate):
    """By month, quarter and year: the share that bought again, customers, revenue and value, and their average."""
    settings = dict(publication.brands[brand_id].settings, margin_rate=str(margin_rate))
    html = pages.brand_html(publication, replace(publication.brands[brand_id], settings=settings), "en")
    rows, tables = rows_of(publication_file, COHORTS.format(brand_id, margin_rate)), tables_of(html)
    names = {"month": WON.month, "quarter": WON.quarter, "year": WON.year}
    offered = re.findall(r'<option value="(\w*)">', re.search(r'class="view".*?</label>', html, re.DOTALL)[0])
    assert offered[0] == "" and {name.partition("_")[0] for name in offered[1:]} <= set(names)
    seen = 0
    for name in ["month_share", *offered[1:]]:
        grain, measure = name.split("_")
        found = tables["cohort-heat" if name == "month_share" else f"cohort-heat/{name}"]
        cells = {
            (row["cohort_start"], row["period_index"]): row
            for row in rows
            if row["cohort_grain"] == grain and (measure != "share" or row["period_index"] > 0)
        }
        starts = sorted({start for start, _ in cells if start is not None})
        indexes = sorted({index for _, index in cells} - ({7, 8, 10, 11} if name == "month_value" else set()))
        assert [text for text, _ in found[0][1:]] == [f"+{index}" for index in indexes]
        # cohorts that may hold old customers are in no average
        averages = [None] if any(start is None for start, _ in cells) else []
        for start, line in zip([*starts, *averages], found[1:], strict=True):
            if start is None:
                assert line[0][0] == "Average of those old enough"
            else:
                row = next(row for (of, _), row in cells.items() if of == start)
                star = " *" if row["is_left_truncated"] else ""
                assert line[0][0] == f"{names[grain](start)} ({row['cohort_size']:,}){star}"
            for index, (_, value) in zip(indexes, line[1:], strict=True):
                row = cells.get((start, index))
                assert (value == "") == (row is None)
                if row is not None:
                    assert float(value) == pytest.approx(row[measure], rel=1e-9), (name, start, index)
                    seen += 1
    assert seen > (400 if brand_id in ("atelier", "whole") else 50)


COHORTS_BY_CHANNEL = """
    with sums as (
        select
            channel,
            period_index,
            sum(cohort_size) as buyers,
            sum(purchasing_customers)::double / sum(cohort_size) as again,
            sum(cumulative_net_revenue)::double / sum(cohort_size) as value
        from marts.cohort_retention_by_channel
        where brand_id = '{}' and is_complete_period and not is_left_truncated
        group by all
    )

    select
        channel,
        max(buyers) filter (period_index = 0) as buyers,
        max(again) filter (period_index = 1) as again_1,
        max(again) filter (period_index = 3) as again_3,
        max(again) filter (period_index = 6) as again_6,
        max(value) filter (period_index = 6) as value_6,
        max(value) filter (period_index = 12) as value_12,
        {{'again_1': max(buyers) filter (period_index = 1), 'again_3': max(buyers) filter (period_index = 3),
        'again_6': max(buyers) filter (period_index = 6), 'value_6': max(buyers) filter (period_index = 6),
        'value_12': max(buyers) filter (period_index = 12)}} as of
    from sums
    group by channel
    order by buyers desc, channel
"""


@pytest.mark.parametrize("brand_id", ["atelier", "cdnow", "grocer", "whole"])
def test_channels_of_the_first_order_are_as_in_the_marts(html_of, publication_file, brand_id):
    """Sums over the cohorts that are old enough and not truncated, and nothing of fewer than 30 first buyers."""
    rows = rows_of(publication_file, COHORTS_BY_CHANNEL.format(brand_id))
    few = texts.Texts("en")("cohort.channel.few")
    expected, judged = [], {}
    for row in rows:
        name = "unknown" if row["channel"] == "unknown" else row["channel"]
        cells = [
            few if of is not None and of < 30 else row[column] if of is not None else texts.NOTHING
            for column, of in row["of"].items()
        ]
        expected.append([name, row["buyers"], *cells])
        if row["of"]["again_1"] is not None and row["of"]["again_1"] >= 30:
            judged[name] = row["again_1"]
    assert same_cells(values_of(html_of(brand_id), "cohort-channels"), expected)
    words = Outline(html_of(brand_id)).words
    if len(judged) > 1:
        best, worst = max(judged, key=judged.get), min(judged, key=judged.get)
        assert (
            f"Of the channels with at least 30 first buyers, “{best}” brought back the largest share in the "
            f"following month ({judged[best]:.1%}), “{worst}” the smallest ({judged[worst]:.1%})."
        ) in words
    elif judged:
        ((name, again),) = judged.items()
        assert f"Only “{name}” has at least 30 first buyers to judge by: {again:.1%} of them bought again" in words
    else:
        assert "No channel has 30 first buyers who have had a month to come back" in words
    # each case is there
    every = [cell for cells in expected for cell in cells]
    assert {
        "atelier": few in every and texts.NOTHING in every and len(judged) > 1,
        "cdnow": len(judged) == 1 and few not in every,
        "grocer": not judged,
        "whole": len(judged) > 1 and texts.NOTHING in every,
    }[brand_id]


@pytest.mark.parametrize("brand_id", ["atelier", "cdnow", "grocer"])
def test_active_customers_are_as_in_the_marts(html_of, publication, publication_file, brand_id):
    page = Outline(html_of(brand_id))
    months = rows_of(
        publication_file,
        "select period_start, customers_at_end, active_customers, customers_at_end - active_customers as dormant, "
        f"active_rate from marts.brand_metrics where brand_id = '{brand_id}' and period_grain = 'month' "
        "and is_complete_period order by period_start desc limit 18",
    )
    expected = [[row["period_start"].isoformat(), *list(row.values())[1:]] for row in months]
    assert same_cells(values_of(html_of(brand_id), "active-months"), expected)
    assert {
        (point["month"], point["kind"]): point["value"] for point in points_of(page, "active-months") if "kind" in point
    } == {
        (f"{row['period_start']:%b %Y}", kind): row[column]
        for row in months
        for kind, column in (("Active", "active_customers"), ("Dormant", "dormant"))
    }
    last = months[0]
    assert (
        f"At the end of {last['period_start']:%b %Y}, {last['active_customers']} of the {last['customers_at_end']} "
        f"customers in the base ({last['active_rate']:.1%}) were active; {last['dormant']} were dormant"
    ) in page.words
    if len(months) > 12:
        assert f"at the end of Jun 2025, {months[12]['active_rate']:.1%} were active." in page.words
    (active,), (inactive,) = (
        rows_of(
            publication_file,
            f"select * exclude (brand_id, segment) from marts.active_vs_inactive where brand_id = '{brand_id}' "
            f"and segment = '{segment}'",
        )
        for segment in ("active", "inactive")
    )
    spoken = texts.Texts("en")
    shown = {cells[0]: cells[1:] for cells in values_of(html_of(brand_id), "active-groups")}
    assert set(shown) == {spoken(f"active.measure.{column}") for column in active}
    for column, value in active.items():
        assert same_cells([shown[spoken(f"active.measure.{column}")]], [[value, inactive[column]]])
    assert (
        f"The {active['customers']:,} active customers brought in {active['revenue_share_365d']:.0%} of the net revenue"
    ) in page.words
    kinds = {
        row["kind"]: row
        for row in rows_of(publication_file, f"select * from marts.active_kinds where brand_id = '{brand_id}'")
    }
    assert len(kinds) == 6
    for language in reporting.LANGUAGES:
        names = {kind: publication.glossary[language, "customers", f"is_{kind}"]["label"] for kind in kinds}
        shown = {cells[0]: cells[1:] for cells in values_of(html_of(brand_id, language), "active-kinds")}
        assert set(shown) == set(names.values())
        for kind, row in kinds.items():
            values = [row[column] for column in ("customers", "share_of_active_customers", "net_revenue_365d")]
            assert same_cells([shown[names[kind]]], [values])
    most = max(kinds.values(), key=lambda row: row["customers"])
    assert (
        f"is “Recent purchaser”: {most['customers']} customers, {most['share_of_active_customers']:.0%}" in page.words
    )


def test_carts_are_as_in_the_marts(html_of, publication_file):
    rows = rows_of(
        publication_file,
        "select * from marts.cart_recovery where brand_id = 'atelier' and is_complete_period "
        "order by period_start desc limit 12",
    )
    columns = "carts_abandoned abandoned_amount carts_recovered recovered_amount recovery_rate recovered_value_rate"
    names = [*columns.split(), "recovered_net_revenue"]
    expected = [[row["period_start"].isoformat(), *(row[name] for name in names)] for row in rows]
    assert same_cells(values_of(html_of("atelier"), "recovery-carts"), expected)
    carts, recovered = (sum(row[column] for row in rows) for column in ("carts_abandoned", "carts_recovered"))
    lost = sum(row["abandoned_amount"] - row["recovered_amount"] for row in rows)
    assert 0 < recovered < carts
    assert (
        f"{recovered} of {carts} abandoned carts ({recovered / carts:.1%}) were followed by an order within seven "
        f"days; carts worth {WON.money(lost)} were not."
    ) in Outline(html_of("atelier")).words


def test_feedback_is_as_in_the_marts(html_of, publication_file):
    """Of a year, by whether its 30 days are over."""
    scores = rows_of(publication_file, "select * from marts.feedback_loop where brand_id = 'atelier'")
    today = date(2026, 6, 30)
    by_outcome = {"Answered within 30 days": [], "Not answered": [], "Less than 30 days old": []}
    for row in scores:
        age = (today - row["submitted_on"]).days
        if age < 365:
            kind = (
                "Less than 30 days old" if age < 30 else "Not answered" if row["is_open"] else "Answered within 30 days"
            )
            by_outcome[kind].append(row)
    # each of them is there, and so are older ones
    assert all(len(rows) > 5 for rows in by_outcome.values()) and sum(map(len, by_outcome.values())) < len(scores)
    expected = []
    for name, rows in by_outcome.items():
        days = [row["days_to_answer"] for row in rows if row["days_to_answer"] is not None]
        again = sum(row["bought_again"] for row in rows)
        expected.append(
            [name, len(rows), sum(days) / len(days) if days else texts.NOTHING, again, float(again) / len(rows)]
        )
    assert same_cells(values_of(html_of("atelier"), "recovery-feedback"), expected)
    (_, answered, _, _, again), (_, unanswered, _, _, again_without), _ = expected
    assert (
        f"Of {answered + unanswered} scores of 6 or less that have had 30 days for an answer, {answered} got one "
        f"({answered / (answered + unanswered):.1%}). {again:.0%} of the customers answered ordered again, and "
        f"{again_without:.0%} of the others; that is a comparison"
    ) in Outline(html_of("atelier")).words


def test_advocates_are_as_in_the_marts(html_of, publication_file):
    rows = rows_of(
        publication_file,
        """
        select
            case least(referrals, 3) when 1 then 'one customer' when 2 then 'two customers' when 3 then 'three or more'
            else 'all' end as referred,
            count(*) as advocates,
            sum(referrals) as referrals,
            sum(converted_referrals) as converted,
            sum(referred_net_revenue) as revenue,
            sum(referred_predicted_clv_365d) as predicted,
            sum(own_net_revenue) as own
        from marts.advocate_value
        where brand_id = 'atelier'
        group by grouping sets ((least(referrals, 3)), ())
        order by least(referrals, 3) nulls last
        """,
    )
    # predicted values are summed up to a ten-thousandth
    found = values_of(html_of("atelier"), "recovery-advocates")
    predicted = [cells.pop(5) for cells in found]
    assert [float(cell) for cell in predicted] == pytest.approx([row.pop("predicted") for row in rows], rel=1e-9)
    assert same_cells(found, [list(row.values()) for row in rows]) and len(rows) == 4
    every = rows[-1]
    assert (
        f"{every['advocates']} customers referred {every['referrals']} others, of whom {every['converted']} have "
        f"bought; these have brought in {WON.money(every['revenue'])} so far, beside the {WON.money(every['own'])} "
        "that the advocates spent themselves."
    ) in Outline(html_of("atelier")).words


def test_sales_channels_are_as_in_the_marts(html_of, publication_file):
    page = Outline(html_of("atelier"))
    rows = rows_of(
        publication_file,
        """
        select latest.*, before.revenue_share as share_before
        from marts.sales_channels as latest
        left join marts.sales_channels as before
            on
                latest.brand_id = before.brand_id
                and latest.channel = before.channel
                and before.period_start = latest.period_start - interval 1 year
        where latest.brand_id = 'atelier' and latest.is_complete_period
        order by latest.period_start desc, latest.net_revenue desc, latest.channel
        """,
    )
    latest = [row for row in rows if row["period_start"] == rows[0]["period_start"]]
    columns = (
        "channel orders purchasing_customers first_orders average_order_value net_revenue revenue_share share_before"
    )
    expected = [[row[column] for column in columns.split()] for row in latest]
    assert same_cells(values_of(html_of("atelier"), "sales-channels"), expected) and len(latest) == 6
    assert (
        f"“{latest[0]['channel']}” brought in {latest[0]['revenue_share']:.1%} of the net revenue of Jun 2026, the "
        "most of 6 sales channels."
    ) in page.words
    # of a year before that is only in part in the data nothing is said
    assert [cells[-1] for cells in values_of(html_of("grocer"), "sales-channels")] == [texts.NOTHING]
    assert "came through “store”, this brand’s only sales channel." in Outline(html_of("grocer")).words
    assert "All orders came through one sales channel, so there are no shares" in Outline(html_of("grocer")).words
    # the five of the most revenue in twelve months, and all others
    months = sorted({row["period_start"] for row in rows}, reverse=True)[:12]
    revenue, shares = {}, {}
    for row in rows:
        if row["period_start"] in months:
            revenue[row["channel"]] = revenue.get(row["channel"], 0) + row["net_revenue"]
            shares[row["period_start"], row["channel"]] = row["revenue_share"]
    *shown, other = sorted(revenue, key=lambda channel: -revenue[channel])
    expected = [
        [month.isoformat(), *(shares[month, channel] for channel in shown), shares[month, other]] for month in months
    ]
    assert same_cells(values_of(html_of("atelier"), "sales-months"), expected)
    assert [text for text, _ in tables_of(html_of("atelier"))["sales-months"][0]] == ["Month", *shown, "all others"]
    moved = max(shown, key=lambda channel: abs(shares[months[0], channel] - shares[months[-1], channel]))
    assert (
        f"“{moved}” changed most: from {shares[months[-1], moved]:.1%} of net revenue in Jul 2025 to "
        f"{shares[months[0], moved]:.1%} in Jun 2026."
    ) in page.words


def test_sales_without_revenue_or_in_one_month_say_so(publication):
    """A month without net revenue has no shares, and one month no change."""
    brand = publication.brands["atelier"]
    month = [row for row in brand["sales"] if row["period_start"] == date(2026, 6, 1)]
    empty = [row | {"net_revenue": Decimal(0), "revenue_share": None} for row in month]

    def said(rows):
        writer = Writer(publication, data.Brand("atelier", brand.settings, brand.rows | {"sales": rows}), WON)
        return sales.channels_figure(writer).summary, sales.months_figure(writer)

    assert said(empty)[0] == "There was no net revenue in Jun 2026."
    assert said(month)[1].summary.startswith("Only one month is complete") and said(month)[1].table is None
    earlier = [row for row in brand["sales"] if row["period_start"] == date(2026, 5, 1)]
    both = said(earlier + empty)[1]
    assert both.summary == "" and set(both.table.rows[0][1:]) == {texts.NOTHING}


@pytest.mark.parametrize("brand_id", ["atelier", "cdnow", "grocer"])
def test_purchase_frequency_is_as_in_the_marts(html_of, publication_file, brand_id):
    rows = rows_of(
        publication_file,
        "select calendar_month, purchase_frequency, case when purchase_frequency_change_yoy is not null then "
        "purchase_frequency_prior_year end as before, purchase_frequency_change_yoy, orders_change_yoy, "
        f"purchasing_customers_change_yoy, average_order_value_change_yoy from marts.purchase_frequency_trend where "
        f"brand_id = '{brand_id}' and is_complete_period order by calendar_month desc limit 12",
    )
    expected = [[row["calendar_month"].isoformat(), *list(row.values())[1:]] for row in rows]
    assert same_cells(values_of(html_of(brand_id), "sales-frequency"), expected)
    last, words = rows[0], Outline(html_of(brand_id)).words
    if brand_id == "grocer":
        assert "No month can be compared yet: it and the same month of the year before" in words
    else:
        assert (
            f"Buyers of Jun 2026 ordered {last['purchase_frequency']:.2f} times on average, against "
            f"{last['before']:.2f} in the same month of the year before ({last['purchase_frequency_change_yoy']:+.1%})."
        ) in words


def test_loyalty_over_time_is_as_in_the_marts(html_of, publication, publication_file):
    rows = rows_of(
        publication_file,
        """
        with months as (
            select unnest([date '2026-06-01', date '2026-05-01', date '2026-04-01']) as month
        ),

        ends as (
            select month, loyalty_class, count(*) as customers
            from months
            inner join marts.loyalty_history
                on valid_from <= last_day(month) and (valid_to is null or valid_to > last_day(month))
            where brand_id = 'whole'
            group by all
        )

        select
            months.month,
            coalesce(sum(customers) filter (loyalty_class = 'loyal'), 0) as loyal,
            coalesce(sum(customers) filter (loyalty_class = 'repeat'), 0) as repeat,
            coalesce(sum(customers) filter (loyalty_class = 'one_time'), 0) as one_time,
            coalesce(sum(customers) filter (loyalty_class = 'none'), 0) as none,
            (
                select count(*) from marts.loyalty_history
                where brand_id = 'whole' and loyalty_class = 'loyal' and previous_class is distinct from 'loyal'
                and date_trunc('month', valid_from) = months.month
            ) as became,
            (
                select count(*) from marts.loyalty_history
                where brand_id = 'whole' and loyalty_class <> 'loyal' and previous_class = 'loyal'
                and date_trunc('month', valid_from) = months.month
            ) as no_longer
        from months
        left join ends using (month)
        group by months.month
        order by months.month desc
        """,
    )
    expected = [[row["month"].isoformat(), *list(row.values())[1:]] for row in rows]
    # of June: a, b, c, e and g are loyal, d is not any more, f has been erased
    assert expected[0] == ["2026-06-01", 5, 1, 0, 1, 2, 0]
    assert same_cells(values_of(html_of("whole"), "loyalty-history"), expected)
    assert ("In the 3 months to Jun 2026, 4 customers became loyal and 1 ceased to be; 5 are loyal now.") in Outline(
        html_of("whole")
    ).words
    # the first build has nothing to compare with
    assert "is recorded from June 30, 2026 on, so there is no earlier month" in Outline(html_of("atelier")).words
    # a month that is not over says so
    early = replace(publication, as_of_date=date(2026, 6, 29))
    figure = loyalty.history_figure(Writer(early, publication.brands["whole"], WON))
    assert [row[0] for row in figure.table.rows] == ["Jun 2026 so far", "May 2026", "Apr 2026"]


@pytest.mark.parametrize("brand_id", ["atelier", "whole"])
def test_cost_and_first_year_value_by_month_are_as_in_the_marts(html_of, publication_file, brand_id):
    """And how much of the spend has come back: half of it by the month in which the sum over channels reaches half."""
    rows = rows_of(
        publication_file,
        f"""
        with spends as (
            select period_start, acquisition_spend, payback_months
            from marts.acquisition_channels
            where brand_id = '{brand_id}' and is_complete_period and acquisition_spend > 0
        ),

        running as (
            select
                period_start,
                payback_months,
                sum(acquisition_spend) over (partition by period_start) as spend,
                sum(acquisition_spend) over (partition by period_start order by payback_months nulls last) as so_far
            from spends
        ),

        returned as (
            select
                period_start,
                max(spend) as spend,
                coalesce(max(so_far) filter (payback_months is not null), 0) as returned,
                min(payback_months) filter (so_far >= spend / 2) as half_in_month
            from running
            group by period_start
        )

        select
            metrics.period_start,
            metrics.acquired_customers,
            metrics.cost_per_acquisition,
            metrics.ltv_365d,
            metrics.ltv_365d_to_cac,
            returned.returned::double / returned.spend as returned_share,
            returned.half_in_month,
            metrics.is_left_truncated,
            returned.spend,
            returned.returned
        from marts.brand_metrics as metrics
        left join returned using (period_start)
        where metrics.brand_id = '{brand_id}' and metrics.period_grain = 'month' and metrics.is_complete_period
        order by metrics.period_start desc
        limit 18
        """,
    )
    # a month's name with a star is no date
    expected = [
        [
            f"{row['period_start']:%b %Y} *" if row["is_left_truncated"] else row["period_start"].isoformat(),
            *list(row.values())[1:7],
        ]
        for row in rows
    ]
    assert same_cells(values_of(html_of(brand_id), "channel-months"), expected)
    judged = [row for row in rows if row["ltv_365d_to_cac"] is not None]
    paid = sum(row["ltv_365d"] >= row["cost_per_acquisition"] for row in judged)
    returned = sum(row["returned"] for row in rows) / sum(row["spend"] for row in rows)
    words = Outline(html_of(brand_id)).words
    assert f"{returned:.1%} of the acquisition spend of the last 18 months has been earned back" in words
    assert (
        f"Of the {len(judged)} months whose new customers have all had their first year, {paid} earned back in it what "
        "they had cost."
    ) in words
    if brand_id == "whole":
        halves = {row["half_in_month"] for row in rows}
        assert len(halves) > 1 and 0.3 < returned < 0.95


@pytest.mark.parametrize(
    "language, terms",
    [
        (
            "ko",
            [
                "이탈 판정 기간",
                "활성 기간",
                "재주문 비율",
                "총매출 유지율",
                "10분위",
                "상관관계일 뿐",
                "평균 회귀",
            ],
        ),
        ("zh", ["流失窗口", "活跃窗口", "再次下单", "总收入留存率", "十分位", "不是因果关系", "均值回归"]),
    ],
)
def test_the_customer_base_is_told_in_the_words_of_the_glossary(html_of, publication, language, terms):
    words = Outline(html_of("whole", language)).words
    assert [term for term in terms if term not in words] == []
    labels = {publication.glossary[(language, *pair)]["label"] for pair in headlines.EXPLAINED}
    assert [label for label in labels if label not in words] == []


def test_months_of_which_it_is_not_known_who_is_new_are_grey(html_of, publication_file):
    page = Outline(html_of("atelier"))
    with duckdb.connect(str(publication_file), read_only=True) as connection:
        truncated = [
            f"{start:%b %Y}"
            for (start,) in connection.execute(
                "select distinct cohort_start from marts.cohort_retention where brand_id = 'atelier' "
                "and cohort_grain = 'month' and is_left_truncated order by cohort_start"
            ).fetchall()
        ]
    assert len(truncated) == 6
    heat = next(chart for chart in page.charts if "bought again in the following month" in chart["description"])
    cells = heat["layer"][0]["data"]["values"] if "data" in heat["layer"][0] else heat["data"]["values"]
    grey = {cell["row"].split(" (")[0] for cell in cells if cell["shade"] == "stay"}
    assert grey == set(truncated)
    assert not [cell for cell in cells if cell["row"].split(" (")[0] in truncated and cell["shade"] != "stay"]
    assert f"Cohorts up to {truncated[-1]} are grey" in page.words
    assert f"Up to {truncated[-1]}, who looks new may be an old customer" in page.words
    assert f"{truncated[-1]} *" in page.words and "Jul 2025 *" not in page.words
    # a brand whose orders go back to its beginning
    assert "are grey" not in Outline(html_of("whole")).words and "may be an old customer" not in html_of("whole")


def test_averages_leave_those_months_out(html_of, publication_file):
    with duckdb.connect(str(publication_file), read_only=True) as connection:
        mean, months = connection.execute(
            "select avg(repeat_churn_rate), count(*) from marts.brand_metrics where brand_id = 'atelier' "
            "and period_grain = 'month' and not is_left_truncated and period_start < '2026-06-01'"
        ).fetchone()
    assert f"the average of the {months} months before was {mean:.1%}." in Outline(html_of("atelier")).words


def test_the_margin_is_said_wherever_it_counts(html_of):
    for language, none, set_ in (
        ("en", "the brand has set no margin", "count 40.0% of net revenue as margin"),
        ("ko", "마진율을 설정하지 않아", "순매출의 40.0%를 마진으로"),
        ("zh", "未设置毛利率", "净收入的 40.0% 作为毛利"),
    ):
        assert Outline(html_of("atelier", language)).words.count(none) == 5
        words = Outline(html_of("whole", language)).words
        assert words.count(set_) == 5 and none not in words


def test_whom_to_contact_first_is_due(publication_file):
    # more than are due
    asked = data.load(lambda: duckdb_reader(publication_file), customers=1000)
    with duckdb.connect(str(publication_file), read_only=True) as connection:
        expected = connection.execute(
            "select customer_id, due_until from marts.customer_actions where brand_id = 'atelier' and is_due "
            "order by priority"
        ).fetchall()
    assert 20 < len(expected) < 900
    listed = asked.brands["atelier"]["customers_to_contact"]
    assert [(row["customer_id"], row["due_until"]) for row in listed] == expected
    values = [row["value_at_stake"] for row in listed]
    assert values == sorted(values, reverse=True)
    words = Outline(pages.brand_html(asked, asked.brands["atelier"], "en")).words
    for customer_id, due_until in expected:
        assert customer_id in words
        assert due_until is None or f"{due_until:%b} {due_until.day}, {due_until.year}" in words
    # the reason of an action that an alert calls for is the alert's message
    assert any(row["alert_type"] for row in listed)
    for row in listed:
        assert (row["message"] if row["alert_type"] else row["reason"]) in words


def test_a_brand_of_which_nothing_is_known_says_so(html_of):
    outline = Outline(html_of("young"))
    assert outline.charts == []
    for sentence in (
        "Amounts in the currency of the orders · days in UTC",
        "currency –",
        "nothing to measure",
        "No month is complete yet",
        "No first buyer has had",
        "No customer is known yet",
        "This brand has set no tiers",
        "so nothing is predicted",
        "there is no model",
        "No customer has an open alert",
        "No customer has bought yet",
        "No customer was acquired",
        "Who buys again, and how soon",
        "No customer has ordered yet.",
        "No two complete months can be compared yet.",
        "No year lies wholly in the data yet.",
        "Not shown yet: it needs two years that lie wholly in the data.",
        "No quarter is complete yet.",
        "so there is nothing to compare.",
        "No complete month has any interactions.",
        "No first buyer from a month with enough history before it has had a full month",
        "No customer has been in the base yet.",
        "No customer is active today.",
        "No score of 6 or less was given in the last 365 days",
        "No customer of this brand is known to have referred another.",
        "No customer’s class has been recorded yet.",
        "No order has been placed in a complete month yet.",
    ):
        assert sentence in outline.words


def test_a_brand_in_its_first_month_says_so(html_of):
    outline = Outline(html_of("first"))
    assert "Jan 2025 so far" in outline.words and "against the month before" not in outline.words
    for sentence in (
        "No month is complete yet",
        "No first buyer has had",
        "No customer was acquired",
        "No first order has been watched for 90 days yet.",
        "The orders so far cannot tell which churn window fits",
        "so it is not known yet how many churns are false.",
        "No two complete months can be compared yet.",
        "No year lies wholly in the data yet.",
        "No quarter is complete yet.",
        "so there is nothing to compare.",
        "No complete month has any interactions.",
        "No first buyer from a month with enough history before it has had a full month",
        "No customer’s class has been recorded yet.",
        "No order has been placed in a complete month yet.",
    ):
        assert sentence in outline.words


def test_what_is_missing_has_a_reason(html_of):
    outline = Outline(html_of("plain"))
    for sentence in (
        "Too few customers have bought on a second day for a reliable prediction, so none is made.",
        "Order model (MBG/NBD): too few repeat customers.",
        "No past prediction could be tested",
        "This brand has set no tiers.",
        "No alert is open for the brand as a whole.",
        "No customer has an open alert.",
        "no marketing spend is recorded",
        "there is no cost per acquisition.",
        "The data has no abandoned carts for these months, so there is nothing to recover.",
        "No score of 6 or less was given in the last 365 days",
        "No customer of this brand is known to have referred another.",
        "No channel has 30 first buyers who have had a month to come back",
        "No customer is active today.",
    ):
        assert sentence in outline.words
    assert len(outline.charts) == len(Outline(html_of("atelier")).charts) - 3


@pytest.mark.parametrize("language", reporting.LANGUAGES)
@pytest.mark.parametrize("brand_id", ["atelier", "plain", "young", "first", HOSTILE])
def test_every_language_writes_every_page(html_of, language, brand_id):
    outline = Outline(html_of(brand_id, language))
    assert ("html", {"lang": language}) in outline.tags
    assert "None" not in outline.words and "nan" not in outline.words.split()


@pytest.mark.parametrize("language", ["ko", "zh"])
@pytest.mark.parametrize("brand_id", ["atelier", "cdnow", "grocer", "plain", "first"])
def test_no_sentence_of_a_page_is_in_another_language(publication_file, language, brand_id):
    """Three words of English in a row are a sentence, but for the names that a brand gave its own things, the names of
    settings and formulas, and Pareto's distributions."""
    found = data.load(lambda: duckdb_reader(publication_file), customers=50)
    brand = found.brands[brand_id]
    html = pages.brand_html(found, brand, language)
    outline = Outline(html.partition('aria-labelledby="glossary"')[0])
    drawn = json.dumps([chart["data"] for chart in outline.charts if "data" in chart], ensure_ascii=False)
    own = {row["criterion"] for row in brand["criteria"]} | {row["channel"] for row in brand["channels"]}
    own |= {row["value"] for row in brand["first_orders"]} | {row["channel"] for row in brand["sales"]}
    for text in [*outline.text, drawn]:
        for name in sorted(own, key=len, reverse=True):
            text = text.replace(str(name), "")
        assert re.findall(r"[A-Za-z]{2,}(?:[ ,;]+[a-z]{2,}){2,}", text) == [], text[:200]
    # and there is something of each kind to be said
    if brand_id == "atelier":
        messages = [texts.Texts(language).of(row, "message") for row in brand["customers_to_contact"] if row["message"]]
        assert messages and all(message in outline.words for message in messages)
        actions = {row[f"action_{language}"] for row in brand["customers_to_contact"]}
        assert len(actions) > 3 and all(action in outline.words for action in actions)


def test_a_page_is_in_the_language_of_its_brand(publication_file, tmp_path, monkeypatch):
    """Unless another is asked for; the index is in that of all brands, or in English."""
    monkeypatch.setattr(pages, "brand_html", lambda publication, brand, language, others: f'<html lang="{language}">')
    found = data.load(lambda: duckdb_reader(publication_file))
    for brand_id, brand in found.brands.items():
        brand.settings["language"] = "ko" if brand_id == "atelier" else "zh"
    del found.brands["grocer"].settings["language"]

    def languages(only=None, language=None):
        files = pages.write_pages(found, only, language, tmp_path)
        return {file.stem: re.findall('<html lang="(.*)">', file.read_text("utf-8"))[0] for file in files}

    spoken = languages()
    assert {name: spoken[name] for name in ("atelier", "cdnow", "grocer", "index")} == {
        "atelier": "ko",
        "cdnow": "zh",
        "grocer": "en",
        "index": "en",
    }
    assert set(languages(language="zh").values()) == {"zh"}
    assert languages("atelier") == {"atelier": "ko"}
    for brand in found.brands.values():
        brand.settings["language"] = "ko"
    assert languages()["index"] == "ko"


@pytest.mark.parametrize(
    "rule, words",
    [
        ("lifetime_orders >= 3", {"en": "Orders: at least 3", "ko": "누적 주문 수 3 이상", "zh": "累计订单数不少于 3"}),
        ("discounted_order_share < 0.5", {"en": "Share of discounted orders: less than 50%"}),
        ("churn_probability <= 0.125", {"en": "Churn probability: at most 12.5%"}),
        ("net_revenue_365d > 1500000", {"ko": "순매출(365일) ₩150만 초과"}),
        ("is_member = true", {"en": "is a member", "zh": "是会员"}),
        ("is_member != true", {"en": "is not a member"}),
        ("is_active = false", {"ko": "활성 고객이 아님"}),
        ("churn_count = 0", {"en": "Times left: exactly 0"}),
        ("reviews != 2.5", {"zh": "评价数不等于 2.5"}),
        ("bought (very) often: lifetime_orders >= 3", {"en": "bought (very) often (Orders: at least 3)"}),
        ("not (reviews >= 1)", {"en": "not (Reviews: at least 1)"}),
    ],
)
def test_comparisons_are_said_in_words(publication, rule, words):
    leads = {
        "en": "This brand calls a customer loyal if this applies: {}.",
        "ko": "이 브랜드에서는 다음에 해당하는 고객이 충성 고객입니다: {}.",
        "zh": "在该品牌，符合以下条件的客户是忠诚客户：{}。",
    }
    for language, expected in words.items():
        writer = Writer(publication, publication.brands["atelier"], texts.Texts(language, "KRW"))
        assert rules.rule_in_words(writer, rule) == leads[language].format(expected)


@pytest.mark.parametrize(
    "rule, words",
    [
        (
            "all of (a: reviews >= 1; any of (is_member = true; not (referrals < 2)))",
            {
                "en": "This brand calls a customer loyal if all of this applies: "
                "a (Reviews: at least 1); is a member or not (Referrals: less than 2).",
                "ko": "이 브랜드에서는 다음에 모두 해당하는 고객이 충성 고객입니다: "
                "a(리뷰 수 1 이상); 멤버십 회원임 또는 다음에 해당하지 않음(추천 수 2 미만).",
                "zh": "在该品牌，符合以下全部条件的客户是忠诚客户："
                "a（评价数不少于 1）；是会员 或 不符合（推荐人数小于 2）。",
            },
        ),
        (
            "at least 2 of (reviews >= 1; referrals >= 1; is_member = true)",
            {
                "en": "This brand calls a customer loyal if at least 2 of these apply: "
                "Reviews: at least 1; Referrals: at least 1; is a member.",
                "ko": "이 브랜드에서는 다음 중 2개 이상에 해당하는 고객이 충성 고객입니다: "
                "리뷰 수 1 이상; 추천 수 1 이상; 멤버십 회원임.",
                "zh": "在该品牌，至少符合以下 2 项条件的客户是忠诚客户：评价数不少于 1；推荐人数不少于 1；是会员。",
            },
        ),
        # within a group within a group, brackets say what belongs together
        (
            "any of (all of (reviews >= 1; any of (is_member = true; referrals >= 2)); "
            "at least 1 of (is_active = true; all of (reviews >= 3; referrals >= 3)))",
            {
                "en": "This brand calls a customer loyal if any of this applies: "
                "Reviews: at least 1 and (is a member or Referrals: at least 2); "
                "at least 1 of (is active; Reviews: at least 3 and Referrals: at least 3).",
            },
        ),
        # what cannot be taken apart is shown as it is
        (
            "all of (a; b: reviews >= 1; referrals >= 1)",
            {"en": "This brand calls a customer loyal when: all of (a; b: reviews >= 1; referrals >= 1)"},
        ),
        ("reviews >= many", {"en": "This brand calls a customer loyal when: reviews >= many"}),
    ],
)
def test_rules_are_said_in_a_sentence(publication, rule, words):
    for language, expected in words.items():
        writer = Writer(publication, publication.brands["atelier"], texts.Texts(language, "KRW"))
        assert rules.rule_in_words(writer, rule) == expected


def test_every_metric_of_rules_has_a_name(publication):
    """In every language, and truth values both ways."""
    macro = (ROOT / "macros" / "rules" / "customer_metrics.sql").read_text(encoding="utf-8")
    metrics = dict(re.findall(r"'(\w+)': '(number|boolean)'", macro))
    assert len(metrics) > 50
    for language in reporting.LANGUAGES:
        writer = Writer(publication, publication.brands["atelier"], texts.Texts(language, "KRW"))
        names = [rules.metric_name(writer, name) for name, kind in metrics.items() if kind == "number"]
        assert len(set(names)) == len(names)
        for name, kind in metrics.items():
            if kind == "boolean":
                assert {f"metric.{name}.true", f"metric.{name}.false"} <= writer.t.words.keys()
            else:
                named = writer.term("customers", name) or f"metric.{name}" in writer.t.words
                assert named, name


def test_languages_have_the_same_words_with_the_same_places():
    def places(words):
        return {key: {name for _, name, _, _ in string.Formatter().parse(text) if name} for key, text in words.items()}

    by_language = {
        language: yaml.safe_load((texts.FOLDER / f"{language}.yml").read_text("utf-8"))
        for language in reporting.LANGUAGES
    }
    assert set(by_language) >= {"en", "ko", "zh"}
    for words in by_language.values():
        assert places(words) == places(by_language["en"])


def test_glossary_explains_every_headline(publication):
    for language in reporting.LANGUAGES:
        columns = [
            ("brand_metrics", column) for column in (*headlines.FIRST, *headlines.HEADLINES)
        ] + headlines.EXPLAINED
        assert [pair for pair in columns if (language, *pair) not in publication.glossary] == []


@pytest.mark.parametrize("brand_id", ["atelier", "cdnow", "grocer", "whole", "first"])
def test_charts_compile_and_describe_themselves(html_of, brand_id):
    for spec in Outline(html_of(brand_id)).charts:
        assert spec["description"] and spec["width"] == "container"
        vl_convert.vegalite_to_vega(spec, vl_version=pages.VEGA_LITE)


def test_colours_are_variables_of_the_style_sheet(html_of):
    style = (pages.FOLDER / "report.css").read_text("utf-8")
    for used in re.findall(r"var\(--([\w-]+)\)", html_of("atelier").replace(style, "") + style):
        assert f"--{used}:" in style, used


def test_text_stands_out_from_its_ground():
    style = (pages.FOLDER / "report.css").read_text("utf-8")
    light, dark = (
        dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", part))
        for part in re.findall(r":root \{(.*?)\}", style, re.DOTALL)[:2]
    )
    pairs = [(ink, ground) for ink in ("ink", "soft", "link", "good", "bad") for ground in ("paper", "ground")]
    pairs = [pair for pair in pairs if pair not in (("good", "ground"), ("bad", "ground"))] + [("soft", "stay")]
    pairs += [(f"heat-ink-{shade}", f"heat-{shade}") for shade in range(charts.SHADES)]
    for mode in (light, dark):
        for ink, ground in pairs:
            assert contrast(mode[ink], mode[ground]) >= 4.5, (ink, ground)


def contrast(one, other):
    """The contrast of two colours as WCAG 2 defines it: from 1 to 21; text wants 4.5. Not that of colours.py."""

    def luminance(colour):
        channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_no_customer_is_named_unless_asked_for(html_of, publication_file):
    with duckdb.connect(str(publication_file), read_only=True) as connection:
        known = {
            row[0]
            for row in connection.execute(
                "select customer_id from marts.customers where brand_id = 'atelier'"
            ).fetchall()
        }
    assert known.isdisjoint(re.findall(r"[\w-]+", Outline(html_of("atelier")).words))
    asked = data.load(lambda: duckdb_reader(publication_file), customers=5)
    words = Outline(pages.brand_html(asked, asked.brands["atelier"], "en")).words
    assert len(known & set(re.findall(r"[\w-]+", words))) == 5


def test_file_names_are_safe_and_distinct():
    brands = [
        "shop",
        "Shop",
        "SHOP",
        "index",
        "../../etc/passwd",
        "a/b",
        "a-b",
        "",
        ".",
        "브랜드",
        "品牌",
        HOSTILE,
        "x" * 300,
    ]
    names = [page_of_brand(brand) for brand in brands]
    assert names[0] == "shop.html"
    assert len({name.lower() for name in names}) == len(brands)
    for name in names:
        assert re.fullmatch(r"[a-z0-9_][a-z0-9_-]{0,60}\.html", name) and name != "index.html"
    schemas = [schema_of_brand(brand) for brand in brands]
    assert schemas[0] == "shop"
    assert len(set(schemas)) == len(brands)
    for schema in schemas:
        assert re.fullmatch(r"[a-z0-9_]{1,60}", schema)


def test_a_page_is_whole_or_as_it_was(publication_file, tmp_path, monkeypatch):
    assert write(publication_file, tmp_path, "--brand", "grocer") == 0
    before = contents(tmp_path)

    def full(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr(pages.os, "replace", full)
    assert write(publication_file, tmp_path, "--brand", "grocer", "--language", "ko") == 4
    assert contents(tmp_path) == before


def test_what_is_wrong_is_said(publication_file, tmp_path, capsys):
    assert write(tmp_path / "nowhere.duckdb", tmp_path) == 3
    assert "run `make publish` first" in capsys.readouterr().err
    (tmp_path / "text.duckdb").write_text("no database" * 1000)
    assert write(tmp_path / "text.duckdb", tmp_path) == 3
    with duckdb.connect(str(tmp_path / "build.duckdb")) as connection:
        connection.execute("create schema marts; create schema reference; create schema quality")
    assert write(tmp_path / "build.duckdb", tmp_path) == 3
    assert "is no publication" in capsys.readouterr().err
    assert write(publication_file, tmp_path, "--brand", "nobody") == 2
    assert "its brands: " in capsys.readouterr().err
    assert not list(tmp_path.glob("*.html"))


def test_a_publication_that_changes_while_it_is_read_is_read_again(publication_file):
    ids = iter(["first", "second", "third", "third"])
    readers = []

    def open_reader():
        opened = duckdb_reader(publication_file)
        read = opened.__enter__()

        class Reader:
            def __enter__(self):
                readers.append(self)
                return lambda query: (
                    [{**row, "publication_id": next(ids)} for row in read(query)]
                    if query == data.PUBLICATION
                    else read(query)
                )

            def __exit__(self, *error):
                return opened.__exit__(*error)

        return Reader()

    assert data.load(open_reader).publication_id == "third"
    assert len(readers) == 2


def test_money_and_numbers_are_written_as_the_language_does():
    english, korean = texts.Texts("en", "USD"), texts.Texts("ko", "KRW")
    assert [english.money(value) for value in (35.284, 1234.5, 2_345_678, -4, None)] == [
        "$35.28",
        "$1,234",
        "$2.3M",
        "-$4.00",
        "–",
    ]
    amounts = (129_917.4, 1_000_000, 24_303_300, -24_303_300, 99_994_999, 99_996_000, 103_400_000, 1_234_560_000_000)
    chinese = texts.Texts("zh", "CNY")
    assert [korean.money(value) for value in amounts] == [
        "₩129,917",
        "₩100만",
        "₩2,430만",
        "-₩2,430만",
        "₩9,999만",
        "₩1.00억",
        "₩1.03억",
        "₩12,345.60억",
    ]
    assert [chinese.money(value) for value in (35.5, 24_303_300, 103_400_000)] == ["¥35.50", "¥2,430万", "¥1.03亿"]
    assert [english.percent(value) for value in (0.22434, -0.00001, None)] == ["22.4%", "0.0%", "–"]
    assert texts.Texts("en").money(1234.5) == "1,234"


def test_no_line_ends_between_a_sign_and_its_amount():
    english, korean = texts.Texts("en", "KRW"), texts.Texts("ko", "USD")
    written = english("change.driver.buyers.up", effect=english.signed(english.money(3_000_000)))
    assert written == "What counted most was more buyers: +\u2060₩3.0M."
    assert "(-\u2060US$35.00)" in korean("change.driver.buyers.down", effect=korean.money(-35))
    assert "\u2060" not in english("clv.errors.short_one", lowest="-3.0%")


def test_the_index_compares_brands(publication_file, publication):
    """Each figure of the last complete month with its change from the year before; sums of brands of one currency."""
    files = {brand_id: f"{number}.html" for number, brand_id in enumerate(("atelier", "whole", "cdnow", "grocer"))}
    comparison = brands.compare(publication, files, "en")
    found = comparison.lines
    assert comparison.heads[:4] == [
        "Net revenue",
        "Orders",
        "New customers",
        "Returning customer rate",
    ]
    months = rows_of(
        publication_file,
        """
        with months as (
            select *, row_number() over (partition by brand_id order by period_start desc) as place
            from marts.brand_metrics
            where period_grain = 'month' and is_complete_period
        )

        select
            now.brand_id,
            now.net_revenue,
            now.orders,
            now.new_customers,
            now.customers_at_end,
            now.returning_customer_rate,
            now.repeat_churn_rate,
            now.net_revenue::double / before.net_revenue - 1 as revenue_change,
            drivers.brand_id is not null as is_whole,
            (select count(*) from marts.lifecycle_alerts where lifecycle_alerts.brand_id = now.brand_id) as alerts
        from months as now
        left join months as before
            on now.brand_id = before.brand_id and now.period_start = before.period_start + interval 1 year
        left join marts.revenue_drivers as drivers
            on now.brand_id = drivers.brand_id and now.period_start = drivers.period_start
            and drivers.period_grain = 'month' and drivers.compared_with = 'year_before'
        where now.place = 1
        """,
    )
    by_brand = {row["brand_id"]: row for row in months}
    currencies = {brand_id: publication.brands[brand_id].settings["currency"] for brand_id in files}
    expected = []
    for currency in sorted(set(currencies.values())):
        together = [by_brand[brand_id] for brand_id in files if currencies[brand_id] == currency]
        together.sort(key=lambda row: -row["net_revenue"])
        expected += [row["brand_id"] for row in together]
        if len(together) > 1:
            expected.append(f"All brands in {currency}")
    assert [line.name for line in found] == expected
    assert expected.count("All brands in USD") == expected.count("All brands in KRW") == 1
    for line in found:
        of = [
            row for row in months if line.name in (row["brand_id"], f"All brands in {currencies.get(row['brand_id'])}")
        ]
        t = texts.Texts("en", currencies[of[0]["brand_id"]])
        values = [cell.value for cell in line.cells]
        assert values[:3] == [
            t.money(sum(row["net_revenue"] for row in of)),
            t.count(sum(row["orders"] for row in of)),
            t.count(sum(row["new_customers"] for row in of)),
        ]
        assert values[4] == t.count(sum(row["customers_at_end"] for row in of))
        assert values[6] == t.count(sum(row["alerts"] for row in of))
        if len(of) == 1:
            assert values[3] == t.percent(of[0]["returning_customer_rate"])
            assert values[5] == t.percent(of[0]["repeat_churn_rate"])
            assert line.file == files[line.name]
            assert (line.cells[0].change != "") == of[0]["is_whole"]
            if of[0]["is_whole"]:
                way = "▲" if of[0]["revenue_change"] > 0 else "▼"
                assert line.cells[0].change == f"{way} {t.percent(abs(of[0]['revenue_change']))}"
        else:
            assert (values[3], values[5], line.file) == ("", "", "")
            assert (line.cells[0].change != "") == all(row["is_whole"] for row in of)
    # the second brand in won is the first under another name
    (won,) = [line for line in found if line.name == "All brands in KRW"]
    assert won.cells[0].change == found[0].cells[0].change != ""
