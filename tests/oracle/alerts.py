"""The mart `lifecycle_alerts`."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from . import messages
from .actions import lines_of, translated
from .carts import carts_of, recoveries
from .facts import Brand, is_cancelled
from .ladder import window_is_off
from .messages import Texts

DAY = timedelta(days=1)
HIGH = (
    "loyal_at_risk",
    "negative_feedback_open",
    "churn_rate_high",
    "repeat_rate_drop",
    "revenue_drop",
    "rejected_rows_high",
)
MONTHS_BEFORE = 6

Row = dict[str, Any]


def alert_id(brand_id: str, alert_type: str, subject: str, since: date) -> str:
    """The key that an alert keeps while it lasts."""
    text = f"{brand_id}|{alert_type}|{subject}|{since.isoformat()}"
    return hashlib.md5(text.encode("utf-8")).hexdigest()


def alert(
    brand: Brand,
    alert_type: str,
    subject: str,
    since: date,
    actual: Any = None,
    threshold: Any = None,
    customer_id: str | None = None,
    name: str | None = None,
    **values: Any,
) -> Row:
    """A row of the mart, and the name of its text, by default the type, with what goes into its places."""
    return {
        "said": (name or alert_type, values),
        "alert_id": alert_id(brand.brand_id, alert_type, subject, since),
        "brand_id": brand.brand_id,
        "customer_id": customer_id,
        "alert_type": alert_type,
        "subject": subject,
        "severity": "high" if alert_type in HIGH else "normal",
        "since": since,
        "actual_value": None if actual is None else float(actual),
        "threshold": None if threshold is None else float(threshold),
        "is_contactable": (None if customer_id is None else brand.is_contactable(customer_id)),
    }


def rows(
    brand: Brand,
    customer_rows: list[Row],
    brand_metrics: list[Row],
    feedback_loop: list[Row],
    ladder_summary: list[Row],
    reconciliation: list[Row],
    max_rejected_share: Any,
    findings: list[Row],
    playbook: list[Row],
    texts: Texts | None = None,
) -> list[Row]:
    """The alerts of the brand and of its customers, with what to do.

    Takes the brand's rows of `customers`, `brand_metrics`, `feedback_loop`
    and `order_ladder_summary`, all of `input_reconciliation` and `input_findings`, the
    largest share of rejected rows that is none to alert of, the lines of
    the playbook, and the texts; without them there are no messages.
    """
    lines = lines_of(brand.brand_id, playbook)
    known = {row["customer_id"]: row for row in customer_rows}
    return [
        worded(brand, row, texts) | advice(row, known.get(row["customer_id"], {}), lines)
        for row in raised(
            brand,
            customer_rows,
            brand_metrics,
            feedback_loop,
            ladder_summary,
            reconciliation,
            max_rejected_share,
            findings,
        )
    ]


def worded(brand: Brand, row: Row, texts: Texts | None) -> Row:
    """The row with its messages, which say of whom nobody may write to."""
    shown = {name: value for name, value in row.items() if name != "said"}
    if texts is None:
        return shown
    currency = brand.settings["currency"]
    found = messages.columns(texts, "message", row["said"], currency and currency.strip().upper())
    if row["is_contactable"] is False:
        silent = messages.columns(texts, "message", ("do_not_contact", {}))
        found = {name: message + silent[name] for name, message in found.items()}
    return shown | found


def advice(row: Row, customer_row: Row, lines: list[Row]) -> Row:
    """What the playbook says of an alert: nothing where nobody may be asked.

    The first line that names the type and whose stage and loyalty class, as
    far as it asks for them, are those of the customer's row.
    """
    if row["is_contactable"] is False:
        return {"action_code": "none", "action": "none", "action_ko": "없음", "action_zh": "无"}
    for line in lines:
        asked = {
            "lifecycle_stage": line["stage"],
            "loyalty_class": line["loyalty_class"],
        }
        if line["alert_type"] == row["alert_type"] and all(
            value is None or customer_row.get(name) == value for name, value in asked.items()
        ):
            return {"action_code": line["action_code"]} | translated(line, "action")
    return {"action_code": None, "action": None, "action_ko": None, "action_zh": None}


def raised(
    brand: Brand,
    customer_rows: list[Row],
    brand_metrics: list[Row],
    feedback_loop: list[Row],
    ladder_summary: list[Row],
    reconciliation: list[Row],
    max_rejected_share: Any,
    findings: list[Row],
) -> list[Row]:
    """The same without what to do."""
    return [
        *about_to_churn(brand, customer_rows),
        *loyal_at_risk(brand, customer_rows),
        *no_second_purchase(brand, customer_rows),
        *cart_abandoned(brand),
        *negative_feedback_open(brand, feedback_loop),
        *subscription_cancelled(brand),
        *churn_rate_high(brand, brand_metrics),
        *drops(brand, brand_metrics),
        *churn_window_off(brand, ladder_summary),
        *rejected_rows_high(brand, reconciliation, max_rejected_share),
        *input_finding(brand, findings),
    ]


def limit(brand: Brand, alert_type: str, key: str) -> Any:
    """The brand's threshold for an alert."""
    return brand.settings["alerts"][alert_type][key]


def exact(number: Any) -> Fraction:
    """A number of the settings as it is written."""
    return Fraction(str(number))


# Of customers


def days_left(brand: Brand, customer_id: str) -> int | None:
    """Days to the last one in the base, None outside it or without an end."""
    for span in brand.customers[customer_id].base_spans:
        if span.covers(brand.as_of_date) and span.end is not None:
            return (span.end - DAY - brand.as_of_date).days
    return None


def churns_soon(brand: Brand, customer_id: str) -> bool:
    """Whether the customer is about to churn."""
    left = days_left(brand, customer_id)
    days_ahead = limit(brand, "about_to_churn", "days_ahead")
    return left is not None and left <= days_ahead


def about_to_churn(brand: Brand, customer_rows: list[Row]) -> Iterator[Row]:
    days_ahead = limit(brand, "about_to_churn", "days_ahead")
    for row in customer_rows:
        customer_id = row["customer_id"]
        if churns_soon(brand, customer_id):
            left = days_left(brand, customer_id)
            end = brand.as_of_date + timedelta(days=left + 1)
            entered = next(
                span.start for span in brand.customers[customer_id].base_spans if span.covers(brand.as_of_date)
            )
            yield alert(
                brand,
                "about_to_churn",
                customer_id,
                max(end - timedelta(days=days_ahead + 1), entered),
                left,
                days_ahead,
                customer_id,
                day=end - DAY,
                days=left,
            )


def loyal_at_risk(brand: Brand, customer_rows: list[Row]) -> Iterator[Row]:
    """Of customers who are loyal but for their silence, and likely to leave.

    The chance is looked at where the row of the customer has one.
    """
    highest = limit(brand, "loyal_at_risk", "churn_probability")
    days_ahead = limit(brand, "about_to_churn", "days_ahead")
    for row in customer_rows:
        if not row["is_loyal_but_for_silence"]:
            continue
        customer_id, chance = row["customer_id"], row.get("churn_probability")
        values: Row = {"day": row["last_order_date"]}
        if chance is not None and chance > highest:
            figures = chance, highest
            name, values = "loyal_at_risk_likely", values | {"share": chance}
        elif churns_soon(brand, customer_id):
            left = days_left(brand, customer_id)
            figures = left, days_ahead
            name = "loyal_at_risk_leaving" if row["last_order_date"] else "loyal_at_risk_leaving_without_order"
            values |= {"end_day": brand.as_of_date + timedelta(days=left)}
        else:
            continue
        span_start = next(
            span.start for span in brand.customers[customer_id].base_spans if span.covers(brand.as_of_date)
        )
        yield alert(
            brand,
            "loyal_at_risk",
            customer_id,
            row["last_order_date"] or span_start,
            *figures,
            customer_id,
            name,
            **values,
        )


def percentile(numbers: Iterable[int], share: Fraction) -> Fraction | None:
    """The continuous percentile: between two neighbours, in proportion."""
    ordered = sorted(numbers)
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    below, above = ordered[math.floor(place)], ordered[math.ceil(place)]
    return below + (above - below) * (place - math.floor(place))


def no_second_purchase(brand: Brand, customer_rows: list[Row]) -> Iterator[Row]:
    waits = [row["days_to_second_order"] for row in customer_rows]
    longest = percentile(
        (days for days in waits if days is not None),
        exact(limit(brand, "no_second_purchase", "percentile")),
    )
    for row in customer_rows:
        customer = brand.customers[row["customer_id"]]
        if (
            longest is not None
            and row["lifetime_orders"] == 1
            and customer.in_base(brand.as_of_date)
            and row["recency_days"] > longest
        ):
            yield alert(
                brand,
                "no_second_purchase",
                customer.customer_id,
                row["first_order_date"],
                row["recency_days"],
                longest,
                customer.customer_id,
                days=row["recency_days"],
                usual_days=math.floor(longest),
            )


def cart_abandoned(brand: Brand) -> Iterator[Row]:
    recovered = recoveries(brand)
    days = limit(brand, "cart_abandoned", "days")
    for cart in carts_of(brand):
        if brand.last_days(cart.day, days) and cart.interaction_id not in recovered:
            yield alert(
                brand,
                "cart_abandoned",
                cart.interaction_id,
                cart.day,
                customer_id=cart.customer_id,
                name="cart_abandoned_without_amount" if cart.amount is None else None,
                day=cart.day,
                amount=cart.amount,
            )


def negative_feedback_open(brand: Brand, feedback_loop: list[Row]) -> Iterator[Row]:
    days = limit(brand, "negative_feedback_open", "days")
    for row in feedback_loop:
        if row["is_open"] and brand.last_days(row["submitted_on"], days):
            yield alert(
                brand,
                "negative_feedback_open",
                row["feedback_id"],
                row["submitted_on"],
                customer_id=row["customer_id"],
                score=row["score"],
                day=row["submitted_on"],
            )


def subscription_cancelled(brand: Brand) -> Iterator[Row]:
    days = limit(brand, "subscription_cancelled", "days")
    for customer in brand.customers.values():
        for subscription in customer.subscriptions:
            ended = subscription.ended
            if is_cancelled(subscription, customer.subscriptions, brand) and brand.last_days(ended, days):
                yield alert(
                    brand,
                    "subscription_cancelled",
                    subscription.subscription_id,
                    ended,
                    customer_id=customer.customer_id,
                    name=f"{subscription.kind}_subscription_ended",
                    day=ended,
                )


# Of the brand


def complete_months(brand_metrics: list[Row]) -> dict[date, Row]:
    """The rows of the months that are complete, by their first day."""
    return {
        row["period_start"]: row
        for row in brand_metrics
        if row["period_grain"] == "month" and row["is_complete_period"]
    }


def months_back(last: date, count: int) -> date:
    """The first day of the month so many months before."""
    number = last.year * 12 + last.month - 1 - count
    return date(number // 12, number % 12 + 1, 1)


def repeat_churn(row: Row | None) -> Fraction | None:
    """The month's repeat_churn_rate, not rounded."""
    if row is None or not row["repeat_customers_at_start"]:
        return None
    return Fraction(row["lost_repeat_customers"], row["repeat_customers_at_start"])


def churn_rate_high(brand: Brand, brand_metrics: list[Row]) -> Iterator[Row]:
    """Of repeat customers, against the same month a year before or six months."""
    months = complete_months(brand_metrics)
    if not months:
        return
    last = max(months)
    now = repeat_churn(months[last])
    year_before = months.get(months_back(last, 12))
    compared = repeat_churn(year_before)
    if year_before is None or compared is None or nobody_could_leave(brand, year_before["period_start"]):
        six = [repeat_churn(months.get(months_back(last, n))) for n in range(1, 7)]
        if None in six:
            return
        compared = sum(six) / 6
    highest = exact(limit(brand, "churn_rate_high", "churn_rate"))
    rise = exact(limit(brand, "churn_rate_high", "relative_rise"))
    threshold = max(highest, (1 + rise) * compared)
    if now is not None and now > threshold:
        yield alert(brand, "churn_rate_high", "", last, now, threshold, month=last, share=now, earlier_share=compared)


def nobody_could_leave(brand: Brand, start: date) -> bool:
    """Whether the month begins in the churn window of the brand's first order."""
    first = min((order.day for order in brand.orders()), default=None)
    window = timedelta(days=brand.settings["churn"]["window_days"])
    return first is not None and start < first + window


def repeat_rate(row: Row) -> Fraction | None:
    """The month's repeat_customer_rate, not rounded."""
    if not row["purchasing_customers"]:
        return None
    return Fraction(row["repeat_purchasers"], row["purchasing_customers"])


def seasonal(months: dict[date, Row], last: date, figure: Any) -> Fraction | None:
    """What the same month a year before makes of the last three months.

    None without sixteen complete months, and where it cannot be told.
    """
    if any(months_back(last, n) not in months for n in range(16)):
        return None

    def three(from_: int) -> Fraction | None:
        found = [figure(months[months_back(last, n)]) for n in range(from_, from_ + 3)]
        return None if None in found else sum(found)

    lately, then = three(1), three(13)
    year_before = figure(months[months_back(last, 12)])
    if lately is None or not then or year_before is None:
        return None
    return year_before * lately / then


def drops(brand: Brand, brand_metrics: list[Row]) -> Iterator[Row]:
    """Of the last complete month against the six before it and the season."""
    months = complete_months(brand_metrics)
    if not months:
        return
    last = max(months)
    before = [months_back(last, n) for n in range(MONTHS_BEFORE + 1)]
    if not all(month in months for month in before):
        return
    for alert_type, figure in (
        ("repeat_rate_drop", repeat_rate),
        ("revenue_drop", lambda row: Fraction(row["net_revenue"])),
    ):
        largest = limit(brand, alert_type, "relative_drop")
        now, *earlier = [figure(months[month]) for month in before]
        if now is None or None in earlier or not sum(earlier):
            continue
        found = [1 - now / (sum(earlier) / MONTHS_BEFORE)]
        season = seasonal(months, last, figure)
        if season == 0:
            continue  # nothing is below nothing
        if season is not None:
            found.append(1 - now / season)
        if min(found) > exact(largest):
            yield alert(brand, alert_type, "", last, min(found), largest, month=last, share=min(found))


def churn_window_off(brand: Brand, ladder_summary: list[Row]) -> Iterator[Row]:
    """Of the setting; another setting is another alert."""
    for row in ladder_summary:
        figures = window_is_off(brand, row) if row["from_order"] == "all" else None
        if figures is not None:
            since = min(order.day for order in brand.orders())
            is_far = figures[1] == row["advised_churn_window_days"]
            yield alert(
                brand,
                "churn_window_off",
                str(row["churn_window_days"]),
                since,
                *figures,
                name="churn_window_off_by_advice" if is_far else "churn_window_off_by_false_churns",
                days=row["churn_window_days"],
                advised_days=row["advised_churn_window_days"],
                customers=row["churns_followed"],
                share=row["false_churn_share"],
            )


def rejected_rows_high(brand: Brand, reconciliation: list[Row], max_rejected_share: Any) -> Iterator[Row]:
    for row in reconciliation:
        if row["brand_id"] != brand.brand_id:
            continue
        share = Fraction(row["rejected_rows"], row["raw_rows"])
        if share > exact(max_rejected_share):
            yield alert(
                brand,
                "rejected_rows_high",
                row["source_table"],
                brand.as_of_date,
                share,
                max_rejected_share,
                share=share,
                table=row["source_table"],
            )


def input_finding(brand: Brand, findings: list[Row]) -> Iterator[Row]:
    for row in findings:
        if row["brand_id"] == brand.brand_id and row["is_alert"]:
            yield alert(
                brand,
                "input_finding",
                f"{row['source_table']}:{row['finding']}",
                brand.as_of_date,
                name=f"input_finding_{row['finding']}",
                rows=row["row_count"],
                table=row["source_table"],
            )
