"""What is known of each brand and customer: the accepted rows, arranged."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from .inputs import Inputs
from .spans import (
    Span,
    covered,
    merge_intervals,
    subscription_interval,
    window_interval,
)
from .values import Moment

ZERO = Decimal("0.0000")
InteractionTypes = dict[str, tuple[str, Any]]


@dataclass
class Order:
    """A purchase. `number` counts the customer's purchases from 1."""

    order_id: str
    customer_id: str
    day: date
    instant: int
    has_time_of_day: bool
    gross_amount: Decimal
    discount_amount: Decimal
    refund_amount: Decimal
    channel: str | None
    is_discounted: bool
    has_coupon: bool
    number: int = 0

    @property
    def net_revenue(self) -> Decimal:
        return self.gross_amount - self.discount_amount - self.refund_amount


@dataclass
class Subscription:
    subscription_id: str
    kind: str
    started: date
    ended: date | None
    monthly_amount: Decimal

    def runs_at(self, day: date) -> bool:
        """Whether the subscription runs at the close of the day."""
        return self.started <= day and (self.ended is None or day < self.ended)


@dataclass
class Interaction:
    interaction_id: str
    customer_id: str
    day: date
    instant: int
    has_time_of_day: bool
    type: str
    group: str
    weight: Fraction
    seconds: Decimal
    amount: Decimal | None
    has_duration: bool


@dataclass
class Feedback:
    feedback_id: str
    customer_id: str
    day: date
    instant: int
    has_time_of_day: bool
    kind: str | None
    score: Fraction


@dataclass
class Spend:
    day: date
    channel: str
    purpose: str
    amount: Decimal
    impressions: int
    clicks: int


@dataclass
class Customer:
    """A customer with all that is accepted of them; `row` is their own row."""

    customer_id: str
    row: dict[str, Any] = field(default_factory=dict)
    orders: list[Order] = field(default_factory=list)
    subscriptions: list[Subscription] = field(default_factory=list)
    interactions: list[Interaction] = field(default_factory=list)
    feedback: list[Feedback] = field(default_factory=list)
    base_spans: list[Span] = field(default_factory=list)
    active_spans: list[Span] = field(default_factory=list)

    @property
    def known_since(self) -> date | None:
        """The first sign of the customer; None for one who is not known."""
        days = [order.day for order in self.orders]
        days += [subscription.started for subscription in self.subscriptions]
        days += [interaction.day for interaction in self.interactions]
        if self.row.get("signed_up_at_date"):
            days.append(self.row["signed_up_at_date"])
        return min(days, default=None)

    @property
    def acquisition_date(self) -> date | None:
        """The first day of the first base span."""
        return self.base_spans[0].start if self.base_spans else None

    def in_base(self, day: date) -> bool:
        """Whether the customer is in the base at the day."""
        return covered(self.base_spans, day)

    def is_active(self, day: date) -> bool:
        """Whether the customer is in the base and active at the day."""
        return self.in_base(day) and covered(self.active_spans, day)

    def order_days(self) -> list[date]:
        """The distinct dates of the orders, ascending."""
        return sorted({order.day for order in self.orders})


@dataclass
class Brand:
    """A brand with its known customers by id and its orders, spend, feedback.

    `feedback` is all of the brand's, also of customers who are not known;
    `refusing` are the customers who said no or may have said it, and
    `agreeing` those with an accepted row that does not say no, known or not.
    """

    brand_id: str
    settings: dict[str, Any]
    as_of_date: date
    customers: dict[str, Customer]
    spend: list[Spend]
    feedback: list[Feedback]
    refusing: set[str]
    agreeing: set[str]

    def is_contactable(self, customer_id: str) -> bool:
        """Whether the customer may be written to.

        Who is known may be unless a row says no, or may say it; who is not
        known only where a row was accepted as well.
        """
        if customer_id in self.refusing:
            return False
        return customer_id in self.customers or customer_id in self.agreeing

    def orders(self) -> list[Order]:
        """All purchases of the brand."""
        return [o for c in self.customers.values() for o in c.orders]

    def subscriptions(self) -> list[Subscription]:
        """All subscriptions of the brand."""
        return [s for c in self.customers.values() for s in c.subscriptions]

    def interactions(self) -> list[Interaction]:
        """All interactions of the brand."""
        return [i for c in self.customers.values() for i in c.interactions]

    def last_days(self, day: date, window_days: int) -> bool:
        """Whether the day is in the window of that length ending at the date."""
        return 0 <= (self.as_of_date - day).days < window_days


def brands_of(
    inputs: Inputs,
    settings: dict[str, dict[str, Any]],
    interaction_types: InteractionTypes,
) -> list[Brand]:
    """The brands with settings, each with its facts, by brand_id."""
    types = {name.lower(): known for name, known in interaction_types.items()}
    rows_of: dict[str, dict[str, list[dict]]] = {
        brand_id: {table: [] for table in inputs.accepted} for brand_id in settings
    }
    for table, rows in inputs.accepted.items():
        for row in rows:
            rows_of[row["brand_id"]][table].append(row)
    return [
        _brand(
            brand_id,
            own,
            inputs.as_of_date,
            rows_of[brand_id],
            types,
            {name for brand, name in inputs.unread_customers if brand == brand_id},
        )
        for brand_id, own in sorted(settings.items())
    ]


def _brand(
    brand_id: str,
    settings: dict[str, Any],
    as_of_date: date,
    rows: dict[str, list[dict]],
    types: InteractionTypes,
    unread: set[str],
) -> Brand:
    customers: dict[str, Customer] = {}

    def owner(row: dict[str, Any]) -> Customer:
        customer_id = row["customer_id"]
        return customers.setdefault(customer_id, Customer(customer_id))

    for row in rows["customers"]:
        owner(row).row = row
    for row in rows["orders"]:
        if is_purchase(row, settings):
            owner(row).orders.append(_order(row))
    for row in rows["subscriptions"]:
        owner(row).subscriptions.append(
            Subscription(
                row["subscription_id"],
                row["subscription_kind"],
                row["started_at_date"],
                row["ended_at_date"],
                row["monthly_amount"] or ZERO,
            )
        )
    weights = settings["engagement"]["weights"] or {}
    weights = {name.lower(): weight for name, weight in weights.items()}
    for row in rows["interactions"]:
        owner(row).interactions.append(_interaction(row, types, weights))
    feedback = []
    for row in rows["feedback"]:
        feedback.append(
            Feedback(
                row["feedback_id"],
                row["customer_id"],
                row["submitted_at_date"],
                row["submitted_at"].instant,
                has_time_of_day(row["submitted_at"]),
                row["feedback_kind"],
                row["score"],
            )
        )
        owner(row).feedback.append(feedback[-1])
    for customer in customers.values():
        number_orders(customer.orders)
        customer.base_spans = spans_of(customer, settings["churn"], as_of_date)
        customer.active_spans = spans_of(customer, settings["active"], as_of_date)
    spend = [
        Spend(
            row["spend_date_date"],
            row["channel"],
            row["purpose"],
            row["amount"],
            row["impressions"] or 0,
            row["clicks"] or 0,
        )
        for row in rows["marketing_spend"]
    ]
    known = {
        customer_id: customer for customer_id, customer in sorted(customers.items()) if customer.known_since is not None
    }
    refusing = unread | {row["customer_id"] for row in rows["customers"] if row["contactable"] is False}
    agreeing = {row["customer_id"] for row in rows["customers"]} - refusing
    return Brand(
        brand_id,
        settings,
        as_of_date,
        known,
        spend,
        feedback,
        refusing,
        agreeing,
    )


def has_time_of_day(moment: Moment) -> bool:
    """Whether the value had a time of day and not a date alone."""
    return moment.day is None


def net_revenue(row: dict[str, Any]) -> Decimal:
    """The net revenue of an accepted row of `orders`."""
    discount = row["discount_amount"] or ZERO
    return row["gross_amount"] - discount - (row["refund_amount"] or ZERO)


def is_purchase(row: dict[str, Any], settings: dict[str, Any]) -> bool:
    """Whether an accepted row of `orders` is a purchase."""
    valid = {s.strip().lower() for s in settings["valid_order_statuses"]}
    if row["status"] not in valid:
        return False
    net = net_revenue(row)
    return net > 0 or (settings["count_zero_value_orders"] and net == 0)


def _order(row: dict[str, Any]) -> Order:
    discount = row["discount_amount"] or ZERO
    return Order(
        row["order_id"],
        row["customer_id"],
        row["ordered_at_date"],
        row["ordered_at"].instant,
        has_time_of_day(row["ordered_at"]),
        row["gross_amount"],
        discount,
        row["refund_amount"] or ZERO,
        row["channel"],
        discount > 0 or row["coupon_code"] is not None,
        row["coupon_code"] is not None,
    )


def _interaction(row: dict[str, Any], types: InteractionTypes, weights: dict[str, Any]) -> Interaction:
    name = row["interaction_type"]
    group, default_weight = types.get(name, ("other", 0))
    weight = weights.get(name, default_weight)
    return Interaction(
        row["interaction_id"],
        row["customer_id"],
        row["occurred_at_date"],
        row["occurred_at"].instant,
        has_time_of_day(row["occurred_at"]),
        name,
        group,
        Fraction(str(weight)),
        row["duration_seconds"] or Decimal(0),
        row["amount"],
        row["duration_seconds"] is not None,
    )


def number_orders(orders: list[Order]) -> None:
    """Sort a customer's orders in place and number them from 1."""
    orders.sort(key=lambda o: (o.day, o.instant, o.order_id.encode("utf-8")))
    for number, order in enumerate(orders, start=1):
        order.number = number


def spans_of(customer: Customer, setting: dict[str, Any], as_of_date: date) -> list[Span]:
    """The customer's spans for a setting `{window_days, signals}`."""
    window, signals = setting["window_days"], set(setting["signals"])
    intervals: list[Span | None] = []
    if "order" in signals:
        intervals += [window_interval(o.day, window) for o in customer.orders]
    if "subscription" in signals:
        intervals += [subscription_interval(s.started, s.ended, as_of_date) for s in customer.subscriptions]
    intervals += [
        window_interval(interaction.day, window)
        for interaction in customer.interactions
        if interaction.group in signals
    ]
    return merge_intervals(i for i in intervals if i is not None)


def is_retained(customer: Customer, day: date, renewal_days: int) -> bool:
    """Whether the customer is retained by the day: commitments or a renewal."""
    commitments = sum(order.day <= day for order in customer.orders)
    commitments += sum(s.started <= day for s in customer.subscriptions)
    renewal = timedelta(days=renewal_days)
    renewed = any(
        day - s.started >= renewal and (s.ended is None or s.ended - s.started >= renewal)
        for s in customer.subscriptions
    )
    return commitments >= 2 or renewed


def is_cancelled(subscription: Subscription, own: list[Subscription], brand: Brand) -> bool:
    """Whether it ended and nothing of the customer's `own` goes on in its place."""
    end = subscription.ended
    if end is None or end > brand.as_of_date:
        return False
    latest_start = end + timedelta(days=brand.settings["subscription_gap_days"])
    successors = [
        other
        for other in own
        if other.kind == subscription.kind
        and subscription.started <= other.started <= latest_start
        and (other.ended is None or other.ended > end)
    ]
    return not successors


def referrals_of(brand: Brand) -> dict[str, list[Customer]]:
    """The known customers whom each known customer referred, by referrer."""
    referrals: dict[str, list[Customer]] = {}
    for customer in brand.customers.values():
        referrer = customer.row.get("referred_by_customer_id")
        if referrer in brand.customers and referrer != customer.customer_id:
            referrals.setdefault(referrer, []).append(customer)
    return referrals
