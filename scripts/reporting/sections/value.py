"""What a customer is worth, and whether the prediction can be trusted."""

from __future__ import annotations

from reporting import charts
from reporting.page import Figure, Section, Table, Writer, has_spend, predicted_per_customer, prediction_status, share
from reporting.texts import Texts


def clv_section(writer: Writer) -> Section:
    """What a customer is worth: four views, the prediction by tenth of the customers, and whether it can be trusted."""
    intro = [writer.definition("customers", "p_alive")]
    figures = [tenths_figure(writer), values_figure(writer), fit_figure(writer), backtest_figure(writer)]
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
    return Figure(
        "value-views", t("clv.values.title"), t("clv.values.summary"), table=table, open_table=True, half=True
    )


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
    shares = {row["tenth"]: share(row["predicted_clv_365d"], total) for row in rows}
    summary = t(
        "clv.tenths.summary",
        total=t.money(total),
        customers=t.count(sum(row["customers"] for row in rows)),
        top=t.percent(shares[1], 0),
    )
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
    )
    return Figure("value-fit", title, summary, half=True)


def backtest_figure(writer: Writer) -> Figure:
    """How the model would have done on the last 90 days, next to the naive rule."""
    t = writer.t
    title = t("clv.backtest.title")
    tested = [row for row in writer.brand["fit"] if row["backtest_error"] is not None]
    if not tested:
        return Figure("value-backtest", title, t("clv.backtest.none"), half=True)
    fit = tested[0]
    summary = t(
        "clv.backtest.summary",
        predicted=t.count(fit["backtest_predicted_orders"]),
        actual=t.count(fit["backtest_actual_orders"]),
        error=signed(t, fit["backtest_error"]),
        naive=signed(t, fit["backtest_naive_error"]),
    )
    for scope, error in (("total", "error"), ("each", "customer_mae")):
        closer = "model" if abs(fit[f"backtest_{error}"]) <= abs(fit[f"backtest_naive_{error}"]) else "naive"
        summary += " " + t(f"clv.backtest.{scope}_{closer}")
    table = Table(
        [t("clv.backtest.figure"), t("clv.backtest.model"), t("clv.backtest.naive")],
        [
            [t("clv.backtest.total"), signed(t, fit["backtest_error"]), signed(t, fit["backtest_naive_error"])],
            [
                t("clv.backtest.mae"),
                t.number(fit["backtest_customer_mae"]),
                t.number(fit["backtest_naive_customer_mae"]),
            ],
        ],
        frozenset({1, 2}),
    )
    return Figure("value-backtest", title, summary, table=table, open_table=True, half=True)


def signed(t: Texts, value: float | None) -> str:
    """Give a share with its sign."""
    return t.percent(value) if value is None or value <= 0 else f"+{t.percent(value)}"
