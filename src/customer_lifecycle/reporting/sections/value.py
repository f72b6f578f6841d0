"""What a customer is worth, and whether the prediction can be trusted."""

from __future__ import annotations

from customer_lifecycle.reporting import charts
from customer_lifecycle.reporting.page import (
    Figure,
    Section,
    Table,
    Writer,
    has_spend,
    past_errors,
    predicted_per_customer,
    prediction_status,
    share,
    signed,
)

CORRELATED = 0.2  # beyond it, how much customers spend depends on how often they order


def clv_section(writer: Writer) -> Section:
    """What a customer is worth: four views, the prediction by tenth of the customers, and whether it can be trusted."""
    intro = [writer.definition("customers", "p_order_90d")]
    figures = [tenths_figure(writer), values_figure(writer), fit_figure(writer), backtests_figure(writer)]
    return Section("value", writer.t("clv.title"), figures, intro)


def values_figure(writer: Writer) -> Figure:
    """Lifetime value looking back, after marketing, by the textbook and looking ahead, as a table."""
    t = writer.t
    shown = (writer.complete() or writer.brand["metrics"])[-1:]
    values = {
        column: t.money(shown[0][column] if shown else None) for column in ("historical_clv", "net_clv", "clv_formula")
    }
    if shown and not has_spend(writer.brand):
        values["net_clv"] = t("headline.no_spend")
    if shown and shown[0]["churn_rate"] == 0:
        values["clv_formula"] = t("clv.values.no_churn")
    rows = [[writer.label("brand_metrics", column), value] for column, value in values.items()]
    rows.append([writer.label("customers", "predicted_clv_365d"), t.money(predicted_per_customer(writer.brand))])
    table = Table([t("clv.figure"), t("clv.value")], rows, frozenset({1}))
    summary = f"{t('clv.values.summary')} {past_errors(writer)}"
    return Figure("value-views", t("clv.values.title"), summary, table=table, open_table=True, half=True)


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
    summary += " " + past_errors(writer)
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
        summary += " " + t(f"clv.fit.correlated_{direction}", correlation=t.number(fit["spend_correlation"]))
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
        summary += " " + t("clv.backtests.closer", closer=t.count(closer), all=t.count(len(compared)))
    (fit,) = writer.brand["fit"]
    if fit["season_factor_90d"] is not None:
        summary += " " + t("clv.backtests.season", factor=t.number(fit["season_factor_90d"]))
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
                t.day(row["cut_date"]),
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
