"""What a customer is worth, and whether the prediction can be trusted."""

from __future__ import annotations

from customer_lifecycle.reporting import charts
from customer_lifecycle.reporting.page import (
    Figure,
    Section,
    Table,
    Writer,
    first_year,
    has_spend,
    margin,
    past_errors,
    predicted_per_customer,
    prediction_status,
    share,
    signed,
)
from customer_lifecycle.reporting.source import Row

CORRELATED = 0.2  # beyond it, how much customers spend depends on how often they order


def clv_section(writer: Writer) -> Section:
    """What a customer is worth and who will order again: the views of value, the prediction by tenth of the customers,
    the chance to order by risk of churn, and whether all this can be trusted."""
    intro = [writer.t("clv.intro"), margin(writer)]
    figures = [
        values_figure(writer),
        tenths_figure(writer),
        risk_figure(writer),
        fit_figure(writer),
        backtests_figure(writer),
    ]
    return Section("value", writer.t("clv.title"), figures, intro)


def values_figure(writer: Writer) -> Figure:
    """Lifetime value looking back, after costs, in the first year, by the textbook and looking ahead, as a table."""
    t = writer.t
    shown = (writer.complete() or writer.brand["metrics"])[-1:]
    last: Row = shown[0] if shown else {}
    year = first_year(writer.brand)
    no_spend = bool(shown) and not has_spend(writer.brand)
    ratio = year["ltv_365d_to_cac"] if year else None
    acquired = t("clv.of.acquired", month=t.month(year["period_start"])) if year else t("headline.no_year")
    predicted = predicted_per_customer(writer.brand)
    formula = t("clv.of.no_churn" if last.get("churn_rate") == 0 else "clv.of.no_year")
    brand = "brand_metrics"
    rows = [
        [writer.label(brand, "historical_clv"), t.money(last.get("historical_clv")), t("clv.of.buyers")],
        [
            writer.label(brand, "net_clv"),
            t.money(last.get("net_clv")),
            t("headline.no_spend" if no_spend else "clv.of.net"),
        ],
        [writer.label(brand, "ltv_365d"), t.money(year["ltv_365d"] if year else None), acquired],
        [
            writer.label(brand, "ltv_365d_to_cac"),
            t.number(ratio, 1),
            t("headline.no_spend") if no_spend else acquired,
        ],
        [
            writer.label(brand, "clv_formula"),
            t.money(last.get("clv_formula")),
            formula if last.get("clv_formula") is None else t("clv.of.formula"),
        ],
        [
            writer.label("customers", "predicted_clv_365d"),
            t.money(predicted),
            prediction_status(writer) if predicted is None else past_errors(writer, "short"),
        ],
    ]
    table = Table([t("clv.figure"), t("clv.value"), t("clv.of")], rows, frozenset({1}))
    summary = t("clv.values.summary")
    return Figure("value-views", t("clv.values.title"), summary, table=table, open_table=True, half=True)


def risk_figure(writer: Writer) -> Figure:
    """Who will order again, and what is at stake, by the risk of churn."""
    t = writer.t
    title = t("clv.risk.title")
    rows = writer.brand["risks"]
    if not rows:
        return Figure("value-risk", title, prediction_status(writer))
    by_risk = {row["risk"]: row for row in rows}
    high = by_risk.get("high")
    summary = t(
        "clv.risk.summary",
        orderers=t.count(sum(row["orderers_90d"] for row in rows)),
        customers=t.count(sum(row["customers"] for row in rows)),
    )
    if high:
        summary = t.together(
            summary, t("clv.risk.high", high=t.count(high["customers"]), value=t.money(high["value_at_stake"]))
        )
    summary = t.together(summary, past_errors(writer))
    names = {row["risk"]: t(f"risk.{row['risk']}") for row in rows}
    chances = {row["risk"]: share(row["orderers_90d"], row["customers"]) or 0.0 for row in rows}
    label = writer.label("customers", "p_order_90d")
    drawn = [
        {
            "category": names[row["risk"]],
            "measure": label,
            "value": round(chances[row["risk"]], 6),
            "text": t.percent(chances[row["risk"]], 0),
            "customers": t.count(row["customers"]),
            "amount": t.money(row["value_at_stake"]),
        }
        for row in rows
    ]
    titles = {
        "category": writer.label("customers", "churn_risk"),
        "text": label,
        "customers": t("clv.customers"),
        "amount": writer.label("customers", "value_at_stake"),
    }
    table = Table(
        [titles["category"], t("clv.customers"), label, t("clv.orderers"), titles["amount"]],
        [
            [
                names[row["risk"]],
                t.count(row["customers"]),
                t.percent(chances[row["risk"]]),
                t.count(row["orderers_90d"]),
                t.money(row["value_at_stake"]),
            ]
            for row in rows
        ],
        frozenset({1, 2, 3, 4}),
    )
    chart = charts.bars(drawn, {label: "customers"}, summary, titles, top=1)
    return Figure("value-risk", title, summary, chart, table=table, open_table=True, beside=True)


def tenths_figure(writer: Writer) -> Figure:
    """How concentrated predicted value is."""
    t = writer.t
    title = t("clv.tenths.title")
    rows = writer.brand["predicted_value"]
    total = sum(row["predicted_clv_365d"] for row in rows)
    if not rows:
        return Figure("value-tenths", title, prediction_status(writer), half=True)
    if not total:
        return Figure("value-tenths", title, t("clv.tenths.none.zero"), half=True)
    shares = {row["tenth"]: share(row["predicted_clv_365d"], total) or 0.0 for row in rows}
    summary = t(
        "clv.tenths.summary",
        total=t.money(total),
        customers=t.count(sum(row["customers"] for row in rows)),
        top=t.percent(shares[1], 0),
    )
    summary = t.together(summary, past_errors(writer))
    drawn = [
        {
            "step": row["tenth"],
            "value": round(shares[row["tenth"]], 6),
            "text": t.percent(shares[row["tenth"]], 0),
            "customers": t.count(row["customers"]),
            "amount": t.money(row["predicted_clv_365d"]),
        }
        for row in rows
    ]
    titles = {
        "step": t("clv.tenth"),
        "customers": t("clv.customers"),
        "amount": t("clv.predicted"),
        "text": t("clv.share"),
    }
    table = Table(
        [t("clv.tenth"), t("clv.customers"), t("clv.predicted"), t("clv.share")],
        [[str(row["step"]), row["customers"], row["amount"], t.percent(row["value"])] for row in drawn],
        frozenset({1, 2, 3}),
    )
    chart = charts.columns(drawn, "customers", summary, titles, t("clv.tenths.x"))
    return Figure("value-tenths", title, summary, chart, table=table, half=True)


def fit_figure(writer: Writer) -> Figure:
    """Whether the model could be fitted, in words."""
    t = writer.t
    title = t("clv.fit.title")
    fits = [row for row in writer.brand["fit"] if row["customers"]]
    if not fits:
        return Figure("value-fit", title, t("clv.fit.none"), half=True)
    fit = fits[0]
    summary = t(
        "clv.fit.summary",
        day=t.day(fit["fitted_as_of"]),
        customers=t.count(fit["customers"]),
        repeat=t.count(fit["repeat_customers"]),
        orders=t(f"clv.status.{fit['fit_status'] or 'null'}"),
        spend=t(f"clv.status.{fit['gamma_gamma_status'] or 'null'}"),
        model=t(f"clv.model.{fit['model']}"),
    )
    if abs(fit["spend_correlation"] or 0) > CORRELATED:
        direction = "more" if fit["spend_correlation"] > 0 else "less"
        summary = t.together(
            summary, t(f"clv.fit.correlated_{direction}", correlation=t.number(fit["spend_correlation"]))
        )
    return Figure("value-fit", title, summary, half=True)


def backtests_figure(writer: Writer) -> Figure:
    """What the model would have said in the past and what came, one row a back-test, next to the naive rule."""
    t = writer.t
    title = t("clv.backtests.title")
    backtests = sorted(writer.brand["backtests"], key=lambda row: (row["horizon_days"], row["cut_date"]))
    if not backtests:
        return Figure("value-backtests", title, t("clv.backtests.none"), half=True)
    summary = past_errors(writer)
    compared = [row for row in backtests if row["orders_error"] is not None]
    if compared:
        closer = sum(abs(row["orders_error"]) <= abs(row["naive_orders_error"]) for row in compared)
        summary = t.together(summary, t("clv.backtests.closer", closer=t.count(closer), all=t.count(len(compared))))
    (fit,) = writer.brand["fit"]
    if fit["season_factor_90d"] is not None:
        summary = t.together(summary, t("clv.backtests.season", factor=t.number(fit["season_factor_90d"])))
    table = Table(
        [
            t("clv.backtests.cut"),
            t("clv.backtests.days"),
            t("clv.backtests.predicted"),
            t("clv.backtests.actual"),
            t("clv.backtests.error"),
            t("clv.backtests.naive"),
        ],
        [
            [
                t.short_day(row["cut_date"]),
                t.count(row["horizon_days"]),
                t.count(row["predicted_orders"]),
                t.count(row["actual_orders"]),
                signed(t, row["orders_error"]),
                signed(t, row["naive_orders_error"]),
            ]
            for row in backtests
        ],
        frozenset({1, 2, 3, 4, 5}),
    )
    return Figure("value-backtests", title, summary, table=table, open_table=True, half=True)
