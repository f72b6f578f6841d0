"""The figures at the top of the page, and what the page's figures mean."""

from __future__ import annotations

from customer_lifecycle.reporting import charts
from customer_lifecycle.reporting.data import MONTHS
from customer_lifecycle.reporting.page import (
    Headline,
    Table,
    Writer,
    first_year,
    has_spend,
    past_errors,
    predicted_per_customer,
    prediction_status,
)
from customer_lifecycle.reporting.source import Row
from customer_lifecycle.reporting.texts import NOTHING, Number, Texts

# the figures at the top: column of brand_metrics -> how it is written, and whether more is better
HEADLINES = {
    "customers_at_end": ("count", True),
    "repeat_churn_rate": ("percent", False),
    "lapse_rate": ("percent", False),
    "active_rate": ("percent", True),
    "repeat_customer_rate": ("percent", True),
    "purchase_frequency": ("number", True),
    "average_order_value": ("money", True),
    "ltv_365d": ("money", True),
    "net_clv": ("money", True),
    "cost_per_acquisition": ("money", False),
    "nps": ("number", True),
}
# what else the page explains, beside the headlines: mart and column of the glossary
EXPLAINED = [
    ("customers", "predicted_clv_365d"),
    ("customers", "churn_risk"),
    ("customers", "value_at_stake"),
    ("customer_actions", "is_due"),
    ("brand_metrics", "historical_clv"),
    ("brand_metrics", "clv_formula"),
    ("brand_metrics", "ltv_365d_to_cac"),
    ("brand_metrics", "churn_rate"),
    ("brand_metrics", "retention_rate"),
    ("brand_metrics", "at_risk_customers"),
    ("brand_metrics", "lost_customers"),
    ("brand_metrics", "lost_repeat_customers"),
    ("brand_metrics", "reactivated_customers"),
    ("brand_metrics", "reactivated_within_180d_rate"),
    ("cohort_retention", "retention_rate"),
    ("cohort_retention", "is_left_truncated"),
    ("lifecycle_stages", "share_of_customers"),
    ("lifecycle_transitions", "transition_rate"),
    ("customers", "loyalty_class"),
    ("customers", "loyalty_tier"),
    ("loyalty_summary", "revenue_share"),
    ("loyalty_summary", "share_in_base"),
    ("loyalty_summary", "high_risk_share"),
    ("customers", "p_order_90d"),
    ("clv_backtests", "orders_error"),
    ("rfm_segments", "average_predicted_clv_365d"),
    ("acquisition_channels", "acquired_customers"),
    ("acquisition_channels", "return_on_spend"),
    ("order_ladder_summary", "ordered_again_within_180d"),
    ("order_ladder_summary", "return_share_at_setting"),
    ("order_ladder_summary", "advised_churn_window_days"),
    ("order_ladder_summary", "false_churn_share"),
    ("revenue_bridge", "gross_revenue_retention"),
    ("revenue_bridge", "net_revenue_retention"),
    ("value_concentration", "gini"),
    ("value_concentration", "customers_for_half_of_revenue"),
    ("cohort_calendar", "share_of_period"),
    ("ltv_drivers", "later_revenue_lift"),
    ("ltv_drivers", "repeat_lift"),
    ("ltv_drivers", "q_value"),
    ("ltv_drivers", "is_notable"),
    ("engagement_by_stage", "interactions_per_customer_change_yoy"),
]


def headlines_of(writer: Writer) -> tuple[str, list[Headline]]:
    """Give the month that the headlines are of, as a sentence, and the headlines: of the last complete month, or of
    the first one while it runs."""
    t, rows = writer.t, writer.brand["metrics"]
    if not rows:
        return t("headline.none"), []
    shown = writer.complete() or rows
    now, before = shown[-1], shown[-2] if len(shown) > 1 else None
    headlines = [headline_of(writer, column, now, before, shown[-MONTHS:]) for column in HEADLINES]
    predicted = predicted_per_customer(writer.brand)
    headlines.insert(
        list(HEADLINES).index("cost_per_acquisition"),
        Headline(
            label=writer.label("customers", "predicted_clv_365d"),
            value=t.money(predicted),
            change=past_errors(writer, "short") if predicted is not None else prediction_status(writer),
            trend="",
            definition=writer.definition("customers", "predicted_clv_365d"),
        ),
    )
    month = "headline.month" if now["is_complete_period"] else "headline.month_open"
    return t(month, month=t.month(now["period_start"])), headlines


def headline_of(writer: Writer, column: str, now: Row, before: Row | None, shown: list[Row]) -> Headline:
    """Give one headline: its value, and its change from the month before."""
    t = writer.t
    kind, more_is_good = HEADLINES[column]
    value, earlier = now[column], before[column] if before else None
    if column in ("net_clv", "cost_per_acquisition") and not has_spend(writer.brand):
        return Headline(
            writer.label("brand_metrics", column),
            NOTHING,
            t("headline.no_spend"),
            "",
            writer.definition("brand_metrics", column),
        )
    change, trend = "", ""
    if column == "ltv_365d":
        # the customers of this month have not had their year yet
        year = first_year(writer.brand)
        value = year["ltv_365d"] if year else None
        change = t("headline.acquired", month=t.month(year["period_start"])) if year else t("headline.no_year")
    elif value is None:
        change = t("headline.no_feedback" if column == "nps" else "headline.no_value")
    elif earlier is not None:
        change, difference = change_of(t, kind, value, earlier)
        trend = "" if not difference else "better" if (difference > 0) == more_is_good else "worse"
    return Headline(
        label=writer.label("brand_metrics", column),
        value=getattr(t, kind)(value),
        change=change,
        trend=trend,
        definition=writer.definition("brand_metrics", column),
        spark=charts.sparkline([None if row[column] is None else float(row[column]) for row in shown]),
    )


def change_of(t: Texts, kind: str, value: Number, earlier: Number) -> tuple[str, float]:
    """Give a change as it is written, and the change: points for rates, the difference for numbers, otherwise
    percent."""
    if kind == "percent":
        difference = round(100 * (float(value) - float(earlier)), 1)
        written = t("headline.change_points", change=t.number(abs(difference), 1))
    elif kind == "number":
        difference = round(float(value) - float(earlier), 2)
        written = t.number(abs(difference))
    else:
        difference = round((float(value) - float(earlier)) / abs(float(earlier)), 3) if earlier else float(value)
        written = t.percent(abs(difference)) if earlier else getattr(t, kind)(value)
    if not difference:
        return t("headline.change_same"), 0.0
    return f"{'▲' if difference > 0 else '▼'} {written}", difference


def glossary_of(writer: Writer) -> Table:
    """What the page's figures mean, from the glossary."""
    t = writer.t
    terms = [writer.term("brand_metrics", column) for column in HEADLINES]
    terms += [writer.term(mart, column) for mart, column in EXPLAINED]
    return Table(
        [t("glossary.figure"), t("glossary.definition"), t("glossary.formula")],
        [[term["label"], term["definition"], term["formula"]] for term in terms if term],
    )
