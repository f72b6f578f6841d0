"""What was nearly lost, and what customers bring in by themselves: carts, negative feedback and referrals."""

from __future__ import annotations

from customer_lifecycle.reporting.data import YEAR
from customer_lifecycle.reporting.page import Figure, Section, Table, Writer, share
from customer_lifecycle.reporting.source import Row


def recovery_section(writer: Writer) -> Section:
    """Abandoned carts, negative feedback and what became of both, and what advocates bring in: all of it as tables."""
    figures = [carts_figure(writer), feedback_figure(writer), advocates_figure(writer)]
    return Section("recovery", writer.t("recovery.title"), figures)


def carts_figure(writer: Writer) -> Figure:
    """Abandoned carts by month, and how many of them, and of their value, an order recovered."""
    t = writer.t
    title = t("recovery.carts.title")
    rows = writer.brand["carts"][-YEAR:]
    carts = sum(row["carts_abandoned"] for row in rows)
    if not carts:
        key = "recovery.carts.none" if rows else "stage.mix.none"
        return Figure("recovery-carts", title, t(key))
    recovered = sum(row["carts_recovered"] for row in rows)
    summary = t(
        "recovery.carts.summary",
        months=t.count(len(rows)),
        month=t.month(rows[-1]["period_start"]),
        recovered=t.count(recovered),
        carts=t.count(carts),
        share=t.percent(share(recovered, carts)),
        lost=t.money(sum(row["abandoned_amount"] - row["recovered_amount"] for row in rows)),
    )
    table = Table(
        [
            t("report.month"),
            writer.label("cart_recovery", "carts_abandoned"),
            t("recovery.carts.amount"),
            t("recovery.carts.recovered"),
            t("recovery.carts.recovered_amount"),
            writer.label("cart_recovery", "recovery_rate"),
            writer.label("cart_recovery", "recovered_value_rate"),
            t("recovery.carts.orders"),
        ],
        [
            [
                t.month(row["period_start"]),
                t.count(row["carts_abandoned"]),
                t.money(row["abandoned_amount"]),
                t.count(row["carts_recovered"]),
                t.money(row["recovered_amount"]),
                t.percent(row["recovery_rate"]),
                t.percent(row["recovered_value_rate"]),
                t.money(row["recovered_net_revenue"]),
            ]
            for row in reversed(rows)
        ],
        frozenset(range(1, 8)),
    )
    return Figure("recovery-carts", title, summary, table=table)


def feedback_figure(writer: Writer) -> Figure:
    """Negative feedback of a year: was it answered, and did the customers order again."""
    t = writer.t
    title = t("recovery.feedback.title")
    rows = writer.brand["feedback"]
    if not rows:
        return Figure("recovery-feedback", title, t("recovery.feedback.none"))
    by_outcome = {row["outcome"]: row for row in rows}
    answered, unanswered = by_outcome.get("answered"), by_outcome.get("unanswered")
    over = [row for row in (answered, unanswered) if row]
    summary = t("recovery.feedback.summary_recent", recent=t.count(rows[-1]["feedback"]))
    if over:
        scores = sum(row["feedback"] for row in over)
        count = answered["feedback"] if answered else 0
        summary = t(
            "recovery.feedback.summary", scores=t.count(scores), count=t.count(count), share=t.percent(count / scores)
        )
    if answered and unanswered:
        summary = t.together(
            summary,
            t(
                "recovery.feedback.again",
                answered=t.percent(share(answered["bought_again"], answered["feedback"]), 0),
                unanswered=t.percent(share(unanswered["bought_again"], unanswered["feedback"]), 0),
            ),
        )
    table = Table(
        [
            t("recovery.feedback.outcome"),
            t("recovery.feedback.scores"),
            t("recovery.feedback.days"),
            t("recovery.feedback.bought"),
            t("recovery.feedback.bought_share"),
        ],
        [
            [
                t(f"recovery.feedback.outcome.{row['outcome']}"),
                t.count(row["feedback"]),
                t.number(share(row["days_to_answer"], row["answered"]), 1),
                t.count(row["bought_again"]),
                t.percent(share(row["bought_again"], row["feedback"])),
            ]
            for row in rows
        ],
        frozenset(range(1, 5)),
    )
    return Figure("recovery-feedback", title, summary, table=table, open_table=True)


def advocates_figure(writer: Writer) -> Figure:
    """What the customers whom advocates referred have brought in, by how many each referred."""
    t = writer.t
    title = t("recovery.advocates.title")
    rows = writer.brand["advocates"]
    if not rows:
        return Figure("recovery-advocates", title, t("recovery.advocates.none"))
    total = {
        column: total_of(rows, column) for column in rows[0] if column not in ("brand_id", "referrals_of_advocate")
    }
    summary = t(
        "recovery.advocates.summary",
        advocates=t.count(total["advocates"]),
        referrals=t.count(total["referrals"]),
        converted=t.count(total["converted_referrals"]),
        revenue=t.money(total["referred_net_revenue"]),
        own=t.money(total["own_net_revenue"]),
    )
    named = [(t(f"recovery.advocates.referred.{row['referrals_of_advocate']}"), row) for row in rows]
    table = Table(
        [
            t("recovery.advocates.referred"),
            t("recovery.advocates.advocates"),
            t("recovery.advocates.referrals"),
            t("recovery.advocates.converted"),
            writer.label("advocate_value", "referred_net_revenue"),
            writer.label("advocate_value", "referred_predicted_clv_365d"),
            t("recovery.advocates.own"),
        ],
        [
            [
                name,
                t.count(row["advocates"]),
                t.count(row["referrals"]),
                t.count(row["converted_referrals"]),
                t.money(row["referred_net_revenue"]),
                t.money(row["referred_predicted_clv_365d"]),
                t.money(row["own_net_revenue"]),
            ]
            for name, row in [*named, (t("recovery.advocates.all"), total)]
        ],
        frozenset(range(1, 7)),
    )
    return Figure("recovery-advocates", title, summary, table=table, open_table=True)


def total_of(rows: list[Row], column: str) -> object:
    """Give the sum of a column, or None if no row has a value."""
    known = [row[column] for row in rows if row[column] is not None]
    return sum(known) if known else None
