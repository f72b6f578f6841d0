"""The sections of a brand's page: each is a function that gives sentences, pictures and tables, or says why there are
none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from customer_lifecycle.reporting.data import Brand, Publication
from customer_lifecycle.reporting.headlines import (
    ONCE,
    first_headlines,
    glossary_of,
    headlines_of,
    month_sentence,
    months_of,
)
from customer_lifecycle.reporting.page import Figure, Page, Period, Section, Table, Writer, display_name, share
from customer_lifecycle.reporting.sections.actions import action_section, alert_section, today_figure
from customer_lifecycle.reporting.sections.dependence import dependence_section
from customer_lifecycle.reporting.sections.engagement import engagement_section
from customer_lifecycle.reporting.sections.ladder import ladder_section
from customer_lifecycle.reporting.sections.loyalty import loyalty_section
from customer_lifecycle.reporting.sections.recovery import recovery_section
from customer_lifecycle.reporting.sections.retention import bridge_section, cohort_section
from customer_lifecycle.reporting.sections.revenue import change_section, layers_section
from customer_lifecycle.reporting.sections.sales import sales_section
from customer_lifecycle.reporting.sections.segments import channel_section, rfm_section
from customer_lifecycle.reporting.sections.stages import stage_section
from customer_lifecycle.reporting.sections.starts import starts_section
from customer_lifecycle.reporting.sections.story import month_story, story_of
from customer_lifecycle.reporting.sections.value import clv_section
from customer_lifecycle.reporting.source import Row
from customer_lifecycle.reporting.texts import NOTHING, Texts

# how many months a page can be switched to
PERIODS = 24


def page_of(publication: Publication, brand: Brand, texts: Texts) -> Page:
    """Give a brand's page."""
    writer = Writer(publication, brand, texts)
    makers: list[Callable[[Writer], Section]] = [
        bridge_section,
        cohort_section,
        ladder_section,
        stage_section,
        engagement_section,
        recovery_section,
        loyalty_section,
        clv_section,
        change_section,
        sales_section,
        dependence_section,
        layers_section,
        starts_section,
        alert_section,
        action_section,
        rfm_section,
        channel_section,
    ]
    months = months_of(writer)
    today, today_more = today_figure(writer)
    return Page(
        name=display_name(brand),
        headline_month=month_sentence(writer, months),
        first=first_headlines(writer, months),
        month_story=month_story(writer, months) if months else [],
        story=story_of(writer),
        periods=periods_of(writer, months),
        today=in_one_format(today, texts),
        today_more=today_more,
        headlines=headlines_of(writer, months),
        sections=[
            replace(section, figures=[in_one_format(figure, texts) for figure in section.figures])
            for section in (maker(writer) for maker in makers)
        ],
        glossary=glossary_of(writer),
        settings=Table(
            [texts("settings.setting"), texts("settings.value")],
            [[name, NOTHING if value is None else value] for name, value in sorted(brand.settings.items())],
        ),
        rows=rows_of(writer),
    )


def periods_of(writer: Writer, months: list[Row]) -> list[Period]:
    """Give the months that the page can be switched to, the latest first. Figures that are not of a month stay."""
    return [
        Period(
            name=writer.t.month(months[place]["period_start"]),
            intro=month_sentence(writer, until),
            headlines=[
                headline
                for headline in first_headlines(writer, until) + headlines_of(writer, until)
                if headline.name not in ONCE
            ],
            story=month_story(writer, until),
        )
        for place in range(len(months) - 1, max(-1, len(months) - 1 - PERIODS), -1)
        for until in [months[: place + 1]]
    ]


def in_one_format(figure: Figure, texts: Texts) -> Figure:
    """Give a figure with each column of its tables in one format."""
    if figure.table is None:
        return figure
    views = [replace(view, table=view.table.in_one_format(texts)) for view in figure.views]
    return replace(figure, table=figure.table.in_one_format(texts), views=views)


def rows_of(writer: Writer) -> str:
    """Say how many raw rows were read, and how many of them rejected."""
    t = writer.t
    for row in writer.brand["reconciliation"]:
        rejected = share(row["rejected_rows"], row["raw_rows"])
        return t(
            "footer.rows",
            raw=t.count(row["raw_rows"]),
            rejected=t.count(row["rejected_rows"]),
            share=t.percent(rejected, 2),
        )
    return ""
