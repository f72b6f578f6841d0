"""What customers of each stage do, and how often against the year before."""

from __future__ import annotations

from customer_lifecycle.reporting.page import Figure, Section, Table, Writer, signed
from customer_lifecycle.reporting.sections.stages import IN_ORDER

# how many types of interaction the table has for each stage: those of the most customers
MOST = 5


def engagement_section(writer: Writer) -> Section:
    """The most common interactions of each stage in the latest complete month, as a table."""
    t = writer.t
    intro = [t("engagement.intro")]
    every = writer.brand["engagement"]
    if not every:
        figure = Figure("engagement-stages", t("engagement.title_none"), t("engagement.none"))
        return Section("engagement", t("engagement.title"), [figure], intro)
    # rows are in the order of their months, then of their customers
    latest = [row for row in every if row["period_start"] == every[-1]["period_start"]]
    rows = [row for stage in IN_ORDER for row in [row for row in latest if row["stage"] == stage][:MOST]]
    month = t.month(latest[0]["period_start"])
    widest = latest[0]
    summary = t(
        "engagement.summary",
        month=month,
        stage=t.name("stage", widest["stage"]),
        type=t.name("interaction", widest["interaction_type"]),
        customers=t.count(widest["customers"]),
        times=t.number(widest["interactions_per_customer"]),
    )
    if all(row["interactions_per_customer_change_yoy"] is None for row in latest):
        summary = t.together(summary, t("engagement.no_year"))
    table = Table(
        [
            t("stage.stage"),
            t("engagement.type"),
            t("stage.customers"),
            t("engagement.times"),
            t("engagement.times_before"),
            t("engagement.change"),
        ],
        [
            [
                t.name("stage", row["stage"]),
                t.name("interaction", row["interaction_type"]),
                t.count(row["customers"]),
                t.number(row["interactions_per_customer"]),
                t.number(row["interactions_per_customer_prior_year"]),
                signed(t, row["interactions_per_customer_change_yoy"]),
            ]
            for row in rows
        ],
        frozenset({2, 3, 4, 5}),
    )
    title = t("engagement.table.title", month=month, most=t.count(MOST))
    figure = Figure("engagement-stages", title, summary, table=table, open_table=True)
    return Section("engagement", t("engagement.title"), [figure], intro)
