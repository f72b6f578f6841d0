"""What changed, and why: the first screen's sentences, from the drivers of revenue, its bridge, and what goes with more
later revenue."""

from __future__ import annotations

from customer_lifecycle.reporting.page import Writer, signed_money
from customer_lifecycle.reporting.sections.retention import churn_story
from customer_lifecycle.reporting.sections.revenue import EFFECTS, change_sentence
from customer_lifecycle.reporting.sections.starts import lift_sentence, notable_of
from customer_lifecycle.reporting.source import Row


def month_story(writer: Writer, months: list[Row]) -> list[str]:
    """Give the sentences about the last of these months, or the one that says why there are none."""
    rows = [row for row in writer.brand["revenue_drivers"] if row["period_start"] == months[-1]["period_start"]]
    by_comparison = {row["compared_with"]: row for row in rows}
    compared = [by_comparison[name] for name in ("previous_period", "year_before") if name in by_comparison]
    said = [sentence_of(writer, row) for row in compared] or [writer.t("story.none")]
    return said + churn_story(writer, months)


def story_of(writer: Writer) -> list[str]:
    """Give the sentences about longer stretches: what the customers of the year before brought in again, and what goes
    with more later revenue."""
    t = writer.t
    sentences = []
    for row in [row for row in writer.brand["revenue_bridge"] if row["period_grain"] != "month"][:1]:
        if row["gross_revenue_retention"] is not None:
            gross, net = t.percent(row["gross_revenue_retention"]), t.percent(row["net_revenue_retention"])
            sentences.append(t("change.bridge.retention", gross=gross, net=net))
    for days in sorted({row["horizon_days"] for row in writer.brand["first_orders"]})[:1]:
        _, _, shown = notable_of([row for row in writer.brand["first_orders"] if row["horizon_days"] == days])
        if shown:
            sentences.append(t.together(lift_sentence(writer, days, shown), t("starts.cause")))
    return sentences


def sentence_of(writer: Writer, row: Row) -> str:
    """Say how a month's revenue changed, what counted most, and what worked against the change."""
    t, said = writer.t, change_sentence(writer, row)
    effects = {name: row[column] for name, column in EFFECTS.items()}
    # of the effects of the other sign, the largest
    against = {name: effect for name, effect in effects.items() if effect * effects[row["main_driver"]] < 0}
    if against:
        name = max(against, key=lambda name: abs(against[name]))
        way = "up" if against[name] > 0 else "down"
        said = t.together(said, t(f"story.against.{name}.{way}", effect=signed_money(t, against[name])))
    return said
