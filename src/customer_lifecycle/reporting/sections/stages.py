"""Where customers stand, and where they go: the stages at the end of each month, the moves between them, and who is
active."""

from __future__ import annotations

from collections import Counter

from customer_lifecycle.reporting import charts
from customer_lifecycle.reporting.data import MONTHS, YEAR
from customer_lifecycle.reporting.page import Figure, Section, Table, Writer, shade, share
from customer_lifecycle.reporting.sections.activity import groups_figure, kinds_figure, months_figure
from customer_lifecycle.reporting.texts import NOTHING

# from the bottom to the top of a pile, with their variables of the style sheet
STAGES = {
    "advocacy": "advocacy",
    "retention": "retention",
    "purchase": "purchase",
    "consideration": "consideration",
    "awareness": "awareness",
    "churned": "loss",
}
# as a customer goes through them
IN_ORDER = ["awareness", "consideration", "purchase", "retention", "advocacy", "churned"]


def stage_section(writer: Writer) -> Section:
    """Where customers stand: the stages at the end of each month, the moves between them, and who is active."""
    intro = [writer.definition("customers", "lifecycle_stage")]
    figures = [
        mix_figure(writer),
        moves_figure(writer),
        months_figure(writer),
        groups_figure(writer),
        kinds_figure(writer),
    ]
    return Section("stages", writer.t("stage.title"), figures, intro)


def mix_figure(writer: Writer) -> Figure:
    """Customers by stage at the end of each month."""
    t = writer.t
    title = t("stage.mix.title")
    months = sorted({row["period_start"] for row in writer.brand["stages"]})[-MONTHS:]
    rows = [row for row in writer.brand["stages"] if row["period_start"] in months and row["stage"] in STAGES]
    if not rows:
        return Figure("stage-mix", title, t("stage.mix.none"))
    names = {stage: t.name("stage", stage) for stage in STAGES}
    order = {stage: place for place, stage in enumerate(STAGES)}
    drawn = [
        {
            "month": t.month(row["period_start"]),
            "kind": names[row["stage"]],
            "order": order[row["stage"]],
            "value": row["customers"],
            "text": t.count(row["customers"]),
            "share": t.percent(row["share_of_customers"]),
        }
        for row in sorted(rows, key=lambda row: (row["period_start"], order[row["stage"]]))
    ]
    last = {row["stage"]: row for row in rows if row["period_start"] == months[-1]}
    summary = t(
        "stage.mix.summary",
        month=t.month(months[-1]),
        known=t.count(sum(row["customers"] for row in last.values())),
        list=t.listed(
            t("stage.mix.item", share=t.percent(last[stage]["share_of_customers"], 0), stage=names[stage])
            for stage in IN_ORDER
            if stage in last and last[stage]["customers"]
        ),
    )
    legend = {names[stage]: colour for stage, colour in STAGES.items()}
    titles = {
        "month": t("report.month"),
        "kind": t("stage.stage"),
        "text": t("stage.customers"),
        "share": t("stage.share"),
    }
    counts = {(row["period_start"], row["stage"]): t.count(row["customers"]) for row in rows}
    table = Table(
        [t("report.month"), *(names[stage] for stage in IN_ORDER)],
        [[t.month(month), *(counts.get((month, stage), NOTHING) for stage in IN_ORDER)] for month in reversed(months)],
        frozenset(range(1, len(IN_ORDER) + 1)),
    )
    return Figure(
        "stage-mix", title, summary, charts.stacked_months(drawn, legend, summary, titles), legend, table=table
    )


def moves_figure(writer: Writer) -> Figure:
    """Where customers are at the end of a month, by where they were at its start, over a year."""
    t = writer.t
    title = t("stage.moves.title")
    months = sorted({row["period_start"] for row in writer.brand["transitions"]})[-YEAR:]
    counts: Counter[tuple[str, str]] = Counter()
    for row in writer.brand["transitions"]:
        if row["period_start"] in months:
            counts[row["from_stage"], row["to_stage"]] += row["customers"]
    totals = {before: sum(counts[before, after] for after in IN_ORDER) for before in ("unknown", *IN_ORDER)}
    if not any(totals[stage] for stage in IN_ORDER):
        return Figure("stage-moves", title, t("stage.moves.none"))
    names = {stage: t.name("stage", stage) for stage in totals}
    shares = {
        (before, after): counts[before, after] / totals[before]
        for before in totals
        if totals[before]
        for after in IN_ORDER
    }
    # the newcomers' shares are large and would leave the others pale
    highest = max((value for (before, after), value in shares.items() if before not in ("unknown", after)), default=0.0)
    drawn = [
        {
            "row": names[before],
            "column": names[after],
            "shade": "stay" if before == after else shade(min(value, highest), highest),
            "text": t.number(100 * value, 1) if value else "",
            "share": t.percent(value),
            "customers": t.count(counts[before, after]),
        }
        for (before, after), value in shares.items()
    ]
    month = {"months": t.count(len(months)), "month": t.month(months[-1])}
    on = [shares.get(("purchase", stage), 0.0) for stage in ("retention", "advocacy")]
    back = share(sum(counts["churned", stage] for stage in IN_ORDER[2:5]), totals["churned"])
    summary = (
        t(
            "stage.moves.summary",
            **month,
            on=t.percent(sum(on)),
            lost=t.percent(shares["purchase", "churned"]),
            back=t.percent(back),
        )
        if totals["purchase"] and totals["churned"]
        else t("stage.moves.summary_no_purchase", **month)
    )
    titles = {
        "row": t("stage.moves.y"),
        "column": t("stage.moves.x"),
        "share": t("stage.rate"),
        "customers": t("stage.customers"),
    }
    chart = charts.heat_map(drawn, summary, titles, None, long_columns=True)
    table = Table(
        [t("stage.moves.y"), *(names[stage] for stage in IN_ORDER)],
        [
            [
                names[before],
                *(f"{t.percent(shares[before, after])} ({t.count(counts[before, after])})" for after in IN_ORDER),
            ]
            for before in totals
            if totals[before]
        ],
        frozenset(range(1, len(IN_ORDER) + 1)),
    )
    return Figure("stage-moves", title, summary, chart, scale=t("stage.legend"), table=table)
