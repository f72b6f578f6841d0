"""Who buys again and after how long, and whether the churn window fits."""

from __future__ import annotations

from customer_lifecycle.reporting import charts
from customer_lifecycle.reporting.data import ENOUGH, LADDER_DAYS
from customer_lifecycle.reporting.page import Figure, Section, Table, Writer
from customer_lifecycle.reporting.source import Row

# the curves, with their variables of the style sheet; `all` is in the table only
CURVES = {"1": "rung-1", "2": "rung-2", "3-4": "rung-3", "5-9": "rung-4", "10+": "rung-5"}
# a smaller step of a curve is not seen, so it is not drawn
STEP = 0.004
# from here on the rungs differ too much for one window
SPREAD = 0.1


def ladder_section(writer: Writer) -> Section:
    """Who buys again, by the number of the order, and what that says about the churn window."""
    t = writer.t
    rungs = writer.brand["rungs"]
    if not rungs:
        return Section("again", t("again.title"), [Figure("again-curves", t("again.curves.title"), t("again.none"))])
    intro = [t("again.intro")]
    if writer.brand.settings.get("history_is_complete") != "true":
        intro.append(t("again.left_out"))
    figures = [curves_figure(writer, rungs), window_figure(writer, rungs)]
    return Section("again", t("again.title"), figures, intro)


def curves_figure(writer: Writer, rungs: list[Row]) -> Figure:
    """The share who have ordered again by days since the order, one curve for each rung, with the brand's windows."""
    t = writer.t
    by_rung = {row["from_order"]: row for row in rungs}
    first, tenth = by_rung["1"], by_rung["10+"]
    known = [column for column in ("90d", "180d") if first[f"ordered_again_within_{column}"] is not None]
    kind = "none" if not known else "few" if first["gaps"] < ENOUGH else known[-1]
    summary = t(
        f"again.curves.summary_{kind}",
        orders=t.count(first["gaps"]),
        share_90=t.percent(first["ordered_again_within_90d"]),
        share_180=t.percent(first["ordered_again_within_180d"]),
    )
    if known and tenth["ordered_again_within_90d"] is not None:
        summary = t.together(summary, t("again.curves.tenth", share=t.percent(tenth["ordered_again_within_90d"])))
    names = {rung: t(f"again.rung.{rung}") for rung in by_rung}
    drawn = [
        {
            "day": row["day"],
            "kind": names[row["from_order"]],
            "value": round(row["ordered_again"], 6),
            "text": t.percent(row["ordered_again"]),
        }
        for rung in CURVES
        for row in steps(
            [row for row in writer.brand["ladder"] if row["from_order"] == rung and row["day"] <= LADDER_DAYS]
        )
    ]
    days = {
        "churn": (rungs[0]["churn_window_days"], "loss"),
        "active": (int(writer.brand.settings["active.window_days"] or 0), "level"),
    }
    windows = {t(f"again.window.{name}", days=t.count(day)): (day, colour) for name, (day, colour) in days.items()}
    legend = {names[rung]: colour for rung, colour in CURVES.items()}
    legend |= {name: colour for name, (_, colour) in windows.items()}
    chart = charts.curves(
        drawn,
        legend,
        {name: day for name, (day, _) in windows.items()},
        summary,
        {"kind": t("again.rung"), "day": t("again.days"), "text": t("again.share")},
        t("again.days"),
    )
    table = Table(
        [
            t("again.rung"),
            t("again.orders"),
            t("again.within_90"),
            writer.label("order_ladder_summary", "ordered_again_within_180d"),
            t("again.median"),
        ],
        [
            [
                names[row["from_order"]],
                t.count(row["gaps"]),
                t.percent(row["ordered_again_within_90d"]),
                t.percent(row["ordered_again_within_180d"]),
                t.count(row["median_days"]),
            ]
            for row in rungs
        ],
        frozenset(range(1, 5)),
    )
    return Figure(
        "again-curves", t("again.curves.title"), summary, chart if drawn else None, legend, table=table, open_table=True
    )


def steps(rows: list[Row]) -> list[Row]:
    """Give the rows of a curve that are seen: its beginning, each rise of at least STEP, and its end."""
    seen: list[Row] = [{**rows[0], "day": 0, "ordered_again": 0.0}] if rows and rows[0]["day"] > 0 else []
    for row in rows:
        if not seen or row is rows[-1] or row["ordered_again"] - seen[-1]["ordered_again"] >= STEP:
            seen.append(row)
    return seen


def window_figure(writer: Writer, rungs: list[Row]) -> Figure:
    """Whether the churn and active windows fit how customers buy, in words and by rung."""
    t, settings = writer.t, writer.brand.settings
    every = next(row for row in rungs if row["from_order"] == "all")
    follow = t.exact(int(settings["window_advice.follow_up_days"] or 0))
    setting = t.count(every["churn_window_days"])
    sentences = [
        t(
            f"again.advice.{every['advice_status']}",
            advised=t.count(every["advised_churn_window_days"]),
            share=t.percent(float(settings["window_advice.return_share"] or 0), 0),
            follow=follow,
            setting=setting,
        ),
        verdict(writer, every),
    ]
    judged = [row for row in rungs if is_judged(writer, row)]
    if every in judged:
        share = t.percent(every["return_share_at_setting"])
        sentences.append(t("again.advice.returned", setting=setting, share=share, follow=follow))
        sentences.append(spread(writer, judged))
    if every["false_churn_share"] is not None:
        sentences.append(
            t(
                "again.advice.false",
                false=t.count(every["false_churns"]),
                churns=t.count(every["churns_followed"]),
                share=t.percent(every["false_churn_share"]),
                follow=follow,
            )
        )
    else:
        sentences.append(t("again.advice.false_none", follow=follow))
    if every["advised_active_window_days"] is not None:
        advised = t.count(every["advised_active_window_days"])
        active = t.count(int(settings["active.window_days"] or 0))
        sentences.append(t("again.advice.active", advised=advised, setting=active))
    if any(row["return_share_at_setting"] is not None for row in rungs if row not in judged):
        sentences.append(t("again.advice.few", least=t.count(ENOUGH)))
    mart = "order_ladder_summary"
    table = Table(
        [
            t("again.rung"),
            writer.label(mart, "return_share_at_setting"),
            t("again.in_days", label=writer.label(mart, "advised_churn_window_days")),
            t("again.in_days", label=t("again.advised_active")),
        ],
        [
            [
                t(f"again.rung.{row['from_order']}"),
                t.percent(row["return_share_at_setting"])
                if row in judged or row["return_share_at_setting"] is None
                else t("again.few"),
                t.count(row["advised_churn_window_days"]),
                t.count(row["advised_active_window_days"]),
            ]
            for row in rungs
        ],
        frozenset({1, 2, 3}),
    )
    return Figure("again-window", t("again.advice.title"), t.together(*sentences), table=table, open_table=True)


def is_judged(writer: Writer, rung: Row) -> bool:
    """Whether ENOUGH gaps of the rung have been watched until its share of those who return is known."""
    end = rung["churn_window_days"] + int(writer.brand.settings["window_advice.follow_up_days"] or 0)
    watched = (
        row["at_risk"]
        for row in writer.brand["ladder"]
        if row["from_order"] == rung["from_order"] and row["day"] >= end
    )
    return rung["return_share_at_setting"] is not None and max(watched, default=0) >= ENOUGH


def verdict(writer: Writer, every: Row) -> str:
    """Say whether the setting may stay, by the limits of the alert `churn_window_off`; nothing without an advice."""
    setting, advised = every["churn_window_days"], every["advised_churn_window_days"]
    if advised is None:
        return ""
    if setting > 2 * advised:
        return writer.t("again.advice.too_long")
    return writer.t("again.advice.too_short" if 2 * setting < advised else "again.advice.fits")


def spread(writer: Writer, judged: list[Row]) -> str:
    """Say how far the shares of those who return lie apart, by the number of the order; nothing if less than SPREAD."""
    t = writer.t
    known = [row for row in judged if row["from_order"] != "all"]
    known.sort(key=lambda row: row["return_share_at_setting"])
    if not known or known[-1]["return_share_at_setting"] - known[0]["return_share_at_setting"] < SPREAD:
        return ""
    return t(
        "again.advice.rungs",
        low=t.percent(known[0]["return_share_at_setting"]),
        low_rung=t(f"again.rung.{known[0]['from_order']}"),
        high=t.percent(known[-1]["return_share_at_setting"]),
        high_rung=t(f"again.rung.{known[-1]['from_order']}"),
    )
