"""The figures at the top of the page, and what the page's figures mean."""

from __future__ import annotations

from datetime import date

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

# the figures of the first screen: column of brand_metrics -> how it is written, and whether more is better
FIRST = {
    "net_revenue": ("money", True),
    "orders": ("count", True),
    "new_customers": ("count", True),
    "returning_customer_rate": ("percent", True),
}
# of these, the ones that count who is new: not compared with months that have too little history
OF_NEWCOMERS = {"new_customers", "returning_customer_rate"}
# the other figures
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
    "nps": ("score", True),
}
# those that are not of the month: predicted as of the report's day, or of the latest month whose year is over
ONCE = {"predicted_clv_365d", "ltv_365d"}
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
    ("cohort_retention_by_channel", "ltv_per_customer"),
    ("brand_metrics", "active_customers"),
    ("active_kinds", "share_of_active_customers"),
    ("cart_recovery", "recovery_rate"),
    ("feedback_loop", "is_open"),
    ("advocate_value", "referred_net_revenue"),
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
    ("acquisition_channels", "payback_months"),
    ("purchase_frequency_trend", "purchase_frequency_change_yoy"),
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


def months_of(writer: Writer) -> list[Row]:
    """Give the months that have headlines: the complete ones, or the first one while it runs."""
    return writer.complete() or writer.brand["metrics"]


def month_sentence(writer: Writer, months: list[Row]) -> str:
    """Say which month the headlines are of, the last of these, or that there is nothing to measure yet."""
    t = writer.t
    if not months:
        return t("headline.none")
    month = t.month(months[-1]["period_start"])
    if not months[-1]["is_complete_period"]:
        return t("headline.month_open", month=month)
    currency = writer.brand.settings.get("currency")
    if currency is None:
        return t("headline.month_without_currency", month=month)
    return t("headline.month", month=month, currency=currency)


def first_headlines(writer: Writer, months: list[Row]) -> list[Headline]:
    """Give the figures of the first screen in the last of these months, each against the month before and the same
    month a year before."""
    return [first_headline(writer, column, months) for column in FIRST] if months else []


def first_headline(writer: Writer, column: str, shown: list[Row]) -> Headline:
    """Give one figure of the first screen."""
    t, now = writer.t, shown[-1]
    kind, _ = FIRST[column]
    changes = []
    if now["is_complete_period"]:
        for compared_with, start in (
            ("previous_period", month_before(now["period_start"], 1)),
            ("year_before", month_before(now["period_start"], 12)),
        ):
            changes.append(comparison(writer, column, now, compared_with, start))
    values = [None if row[column] is None else float(row[column]) for row in shown[-MONTHS:]]
    return Headline(
        name=column,
        label=writer.label("brand_metrics", column),
        value=getattr(t, kind)(now[column]),
        changes=changes,
        definition=writer.definition("brand_metrics", column),
        spark=charts.sparkline(values),
    )


def comparison(writer: Writer, column: str, now: Row, compared_with: str, start: date) -> tuple[str, str]:
    """Give the change from an earlier month as a sentence, and its trend; or why the two cannot be compared."""
    t, month = writer.t, writer.t.month(start)
    earlier, reason = comparable_month(writer, column, now, compared_with, start)
    if earlier is None:
        return t(reason, month=month), ""
    kind, more_is_good = FIRST[column]
    change, difference = change_of(t, kind, now[column], earlier[column])
    value = getattr(t, kind)(earlier[column])
    if not difference:
        return t("headline.against_same", month=month), ""
    return t("headline.against", month=month, change=change, value=value), trend_of(difference, more_is_good)


def comparable_month(writer: Writer, column: str, now: Row, compared_with: str, start: date) -> tuple[Row | None, str]:
    """Give the earlier month that a figure may be compared with; or None, and the words that say why there is none."""
    earlier = next((row for row in writer.complete() if row["period_start"] == start), None)
    # revenue_drivers compares only months that lie wholly in the data
    is_whole = any(
        row["period_start"] == now["period_start"] and row["compared_with"] == compared_with
        for row in writer.brand["revenue_drivers"]
    )
    if earlier is None or not is_whole or now[column] is None or earlier[column] is None:
        return None, "headline.no_data"
    if column in OF_NEWCOMERS and (now["is_left_truncated"] or earlier["is_left_truncated"]):
        return None, "headline.too_early"
    return earlier, ""


def month_before(start: date, months: int) -> date:
    """Give the start of the month that many months before."""
    count = start.year * 12 + start.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)


def trend_of(difference: float, more_is_good: bool) -> str:
    """Say whether a change is for the better."""
    return "" if not difference else "better" if (difference > 0) == more_is_good else "worse"


def headlines_of(writer: Writer, shown: list[Row]) -> list[Headline]:
    """Give the other figures in the last of these months, each against the month before."""
    t = writer.t
    if not shown:
        return []
    now, before = shown[-1], shown[-2] if len(shown) > 1 else None
    headlines = [headline_of(writer, column, now, before, shown[-MONTHS:]) for column in HEADLINES]
    predicted = predicted_per_customer(writer.brand)
    said = past_errors(writer, "short") if predicted is not None else prediction_status(writer)
    headlines.insert(
        list(HEADLINES).index("cost_per_acquisition"),
        Headline(
            name="predicted_clv_365d",
            label=writer.label("customers", "predicted_clv_365d"),
            value=t.money(predicted),
            changes=[(said, "")],
            definition=writer.definition("customers", "predicted_clv_365d"),
        ),
    )
    return headlines


def headline_of(writer: Writer, column: str, now: Row, before: Row | None, shown: list[Row]) -> Headline:
    """Give one headline: its value, and its change from the month before."""
    t = writer.t
    kind, more_is_good = HEADLINES[column]
    value, earlier = now[column], before[column] if before else None
    label, definition = writer.label("brand_metrics", column), writer.definition("brand_metrics", column)
    if column in ("net_clv", "cost_per_acquisition") and not has_spend(writer.brand):
        return Headline(column, label, NOTHING, [(t("headline.no_spend"), "")], definition)
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
        trend = trend_of(difference, more_is_good)
    return Headline(
        name=column,
        label=label,
        value=getattr(t, kind)(value),
        changes=[(change, trend)] if change else [],
        definition=definition,
        spark=charts.sparkline([None if row[column] is None else float(row[column]) for row in shown]),
    )


def change_of(t: Texts, kind: str, value: Number, earlier: Number) -> tuple[str, float]:
    """Give a change as it is written, and the change: points for rates, the difference for numbers, otherwise
    percent."""
    if kind == "percent":
        difference = round(100 * (float(value) - float(earlier)), 1)
        written = t("headline.change_points", change=t.number(abs(difference), 1))
    elif kind == "score":
        difference = float(round(100 * value) - round(100 * earlier))
        written = t("headline.change_points", change=t.count(abs(difference)))
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
    terms = [writer.term("brand_metrics", column) for column in (*FIRST, *HEADLINES)]
    terms += [writer.term(mart, column) for mart, column in EXPLAINED]
    return Table(
        [t("glossary.figure"), t("glossary.definition"), t("glossary.formula")],
        [[term["label"], term["definition"], term["formula"]] for term in terms if term],
    )
