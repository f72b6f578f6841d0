"""The sample's synthetic brand: `atelier`, a fictional Korean fashion label. A small day-by-day simulation, from the
label's first day to a few days after the sample's `as_of_date`. Every customer has a channel, a pace of buying, a
chance to leave after each purchase, a taste for engagement; what they do becomes rows of the six raw tables. Effects
that a reader should find in the marts are planted on purpose, together under "Planted effects"; `docs/sample.md` lists
them with what the rows actually show, measured by `measure_sample.py`.

Only `random.Random.random()` is used and no clock is read, so the rows are the same on every run and machine.
"""

from __future__ import annotations

import calendar
import math
import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

BRAND = "atelier"
SEED = 20260630
FIRST_DAY = date(2025, 1, 1)
AS_OF = date(2026, 6, 30)
LAST_DAY = date(2026, 7, 4)  # the extract was drawn some days after the date the figures are made for

# --- Planted effects --------------------------------------------------------------------------------------------
WEAK_COHORT = (2025, 4)  # a sizing fault in the spring drop: more refunds, more first buyers who never return
WEAK_COHORT_EXTRA_DROPOUT = 0.52
WEAK_COHORT_REFUND_SHARE = 0.30
LIVE_SHOWS = (date(2025, 12, 6), date(2025, 12, 13), date(2025, 12, 20))  # LIVE30: one-time buyers of December
SECOND_YEAR_PACE = 1.45  # purchases come faster from 2026 on
REMINDER_FROM = date(2026, 1, 12)  # a reminder follows an abandoned cart from here on
RECOVERY_BEFORE, RECOVERY_AFTER = 0.05, 0.46
ORDER_VALUE_STEPS = (0.74, 0.95, 1.06, 1.15)  # of the first, second, third, every later order
ANSWER_SHARE = 0.52  # of negative feedback
ANSWERED_RETURN, UNANSWERED_LEAVE = 0.60, 0.70
BOX_CANCEL_AT_RENEWAL = 0.10  # the style box, paid every 90 days
LOYAL_EMAIL_BONUS = 0.45  # on the chance that a customer with three or more orders opens a newsletter

# --- The world the brand lives in -------------------------------------------------------------------------------
NAVER, INSTA, TIKTOK, LIVE = "naver_search", "instagram_ads", "tiktok_ads", "instagram_live"
INFLUENCER, FRIEND, POPUP = "인플루언서✨", "친구추천", "오프라인 팝업🛍️"


@dataclass(frozen=True)
class Channel:
    """How customers of one acquisition channel tend to behave, and what they cost."""

    gap_days: float  # mean days between orders while the customer stays
    dropout: float  # chance to leave for good after an order
    spend: float  # size of a basket against the mean
    taking_part: float  # mean of the taste for emails, social channels, reviews
    cost_per_buyer: int = 0  # KRW of acquisition spend
    cost_per_click: int = 0
    click_rate: float = 0.0


CHANNELS = {
    NAVER: Channel(40, 0.07, 1.28, 0.50, 76000, 900, 0.031),
    INSTA: Channel(50, 0.23, 1.00, 0.44, 47000, 600, 0.014),
    TIKTOK: Channel(58, 0.62, 0.70, 0.16, 18000, 180, 0.009),
    LIVE: Channel(75, 0.90, 0.82, 0.12, 30000, 350, 0.022),
    INFLUENCER: Channel(50, 0.32, 1.05, 0.48, 54000, 700, 0.017),
    FRIEND: Channel(38, 0.04, 1.08, 0.62),
    POPUP: Channel(55, 0.17, 1.22, 0.30, 64000),
    None: Channel(55, 0.27, 1.00, 0.30),
}

# First buyers that the channels bring in per month, before friends bring friends.
BUYERS = {
    (2025, 1): 28,
    (2025, 2): 27,
    (2025, 3): 36,
    (2025, 4): 56,
    (2025, 5): 37,
    (2025, 6): 29,
    (2025, 7): 23,
    (2025, 8): 22,
    (2025, 9): 34,
    (2025, 10): 37,
    (2025, 11): 38,
    (2025, 12): 35,
    (2026, 1): 24,
    (2026, 2): 22,
    (2026, 3): 31,
    (2026, 4): 30,
    (2026, 5): 28,
    (2026, 6): 21,
    (2026, 7): 3,
}
LIVE_BUYERS_PER_SHOW = 24
CHANNEL_MIX = ((NAVER, 24), (INSTA, 30), (TIKTOK, 28), (INFLUENCER, 12), (None, 6))
POPUP_MONTHS = {(2025, 4), (2025, 5), (2025, 10), (2026, 4), (2026, 5)}
SEASON = {1: 0.85, 2: 0.80, 3: 1.10, 4: 1.15, 5: 1.10, 6: 0.95, 7: 0.80, 8: 0.75, 9: 1.10, 10: 1.20, 11: 1.25, 12: 1.20}
WEEKDAY = (1.16, 1.08, 1.00, 1.00, 0.95, 0.80, 1.01)  # Monday to Sunday
HOURS = (
    (8, 2),
    (9, 3),
    (10, 4),
    (11, 5),
    (12, 8),
    (13, 6),
    (14, 4),
    (15, 4),
    (16, 4),
    (17, 4),
    (18, 5),
    (19, 7),
    (20, 10),
    (21, 13),
    (22, 13),
    (23, 8),
    (0, 4),
    (1, 2),
)
PIECES = {  # price in KRW: the months in which the piece is on the rail
    12000: range(1, 13),
    19000: range(1, 13),
    29000: range(1, 13),
    39000: range(3, 10),
    45000: (1, 2, 10, 11, 12),
    49000: range(1, 13),
    59000: range(1, 13),
    69000: range(2, 12),
    79000: range(1, 13),
    89000: range(1, 13),
    99000: (1, 2, 3, 9, 10, 11, 12),
    129000: range(2, 12),
    159000: range(1, 13),
    189000: (1, 2, 3, 4, 9, 10, 11, 12),
    298000: (1, 2, 10, 11, 12),
}
SALE_MONTHS = {1, 7}
BOX_DAYS, BOX_PRICE, BOX_MONTHLY, SERVICE_MONTHLY = 90, 99000, 33000, 4900
BROWSING = (("site_visit", 30), ("product_view", 22), ("cart_add", 9), ("wishlist_add", 8), ("product_compare", 4))
TAKING_PART = (
    ("sns_like", 16),
    ("sns_comment", 6),
    ("sns_share", 5),
    ("store_visit", 4),
    ("sns_message", 3),
    ("lookbook_download", 1.2),
)
CONTACTS = {"store_visit", "sns_message", "email_reply", "phone_call", "support_chat", "support_ticket", "support_call"}
ANSWERS = (
    ("support_chat", 5),
    ("support_call", 2),
    ("support_ticket", 3),
    ("phone_call", 3),
    ("email_reply", 4),
    ("sns_message", 2),
)

# Each system that the rows come from writes time in its own way.
SALES_SYSTEM = {
    "online_store": "offset",
    "app": "fraction",
    "naver_smartstore": "offset_compact",
    "성수 쇼룸": "day",
    "라이브🎥": "zulu",
    "style_box": "naive",
}
INTERACTION_SYSTEM = {
    "email_open": "zulu",
    "email_click": "zulu",
    "sns_like": "naive",
    "sns_comment": "naive",
    "sns_share": "naive",
    "sns_message": "naive",
    "store_visit": "day",
    "site_visit": "offset_hours",
    "product_view": "offset_hours",
    "service_use": "offset_compact",
}


class Draws:
    """Random choices based only on `random.Random.random()`, whose numbers never change between versions."""

    def __init__(self, seed: int) -> None:
        self.next = random.Random(seed).random

    def chance(self, probability: float) -> bool:
        return self.next() < probability

    def between(self, low: int, high: int) -> int:
        return low + int(self.next() * (high - low + 1))

    def within(self, low: float, high: float) -> float:
        return low + self.next() * (high - low)

    def pick(self, options):
        return options[int(self.next() * len(options))]

    def weighted(self, pairs):
        """One of the first members of (option, weight) pairs."""
        left = self.next() * sum(weight for _, weight in pairs)
        for option, weight in pairs:
            left -= weight
            if left < 0:
                return option
        return pairs[-1][0]

    def bell(self) -> float:
        """An approximately standard normal number."""
        return sum(self.next() for _ in range(12)) - 6.0

    def spread(self, sigma: float) -> float:
        """A log-normal factor with median one."""
        return math.exp(sigma * self.bell())


def clock_text(moment: datetime, system: str) -> str:
    """A Seoul wall time the way the named system writes it."""
    utc = moment - timedelta(hours=9)
    return {
        "day": lambda: moment.strftime("%Y-%m-%d"),
        "offset": lambda: moment.strftime("%Y-%m-%dT%H:%M:%S+09:00"),
        "offset_compact": lambda: moment.strftime("%Y-%m-%d %H:%M:%S+0900"),
        "offset_hours": lambda: moment.strftime("%Y-%m-%dT%H:%M+09"),
        "fraction": lambda: moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.second * 16 + 7:03d}+09:00",
        "zulu": lambda: utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "naive": lambda: utc.strftime("%Y-%m-%d %H:%M:%S"),
    }[system]()


def add_months(day: date, months: int) -> date:
    """The same day some months later, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@dataclass
class Customer:
    """One person in the simulation."""

    id: str
    channel: str | None
    signed_up: datetime
    buyer: bool
    taking_part: float
    gap_days: float
    dropout: float
    spend: float
    hunter: bool  # buys only at a discount
    newsletter: bool
    contactable: bool
    referred_by: str | None = None
    has_row: bool = True
    stays: bool = True
    orders: int = 0
    first_order: date | None = None
    last_order: date | None = None
    member_since: datetime | None = None
    member_in_table: bool = False
    box_until: date | None = None  # far future while it runs
    service_until: date | None = None
    quiet_until: date = FIRST_DAY  # no contact of any kind before this day
    last_seen: date = FIRST_DAY


@dataclass
class Rows:
    """Rows of the six tables, each with the moment that sorts it."""

    orders: list = field(default_factory=list)
    customers: list = field(default_factory=list)
    interactions: list = field(default_factory=list)
    subscriptions: list = field(default_factory=list)
    feedback: list = field(default_factory=list)
    marketing_spend: list = field(default_factory=list)


class Label:
    """The simulation: `run()` lives through every day, `tables()` gives the rows."""

    def __init__(self) -> None:
        self.draw = Draws(SEED)
        self.rows = Rows()
        self.people: list[Customer] = []
        self.agenda: dict[date, list] = defaultdict(list)
        self.first_buyers: dict[tuple, int] = defaultdict(int)

    # --- small helpers ------------------------------------------------------------------------------------------
    def at(self, day: date, hour: int | None = None) -> datetime:
        """A moment on a day, at an hour at which people shop."""
        hour = self.draw.weighted(HOURS) if hour is None else hour
        return datetime.combine(day, time(hour, self.draw.between(0, 59), self.draw.between(0, 59)))

    def later(self, day: date, low: int, high: int, action, *arguments) -> None:
        """Put an action on the agenda some days ahead."""
        self.agenda[day + timedelta(days=self.draw.between(low, high))].append((action, arguments))

    def touch(self, who, kind: str, moment: datetime, seconds=None, amount=None) -> None:
        """Write an interaction. `who` is a customer or the id of someone who never signed up."""
        if isinstance(who, Customer):
            if kind in CONTACTS and moment.date() < who.quiet_until:
                return
            who.last_seen = max(who.last_seen, moment.date())
            who = who.id
        row = {
            "customer_id": who,
            "interaction_type": kind,
            "duration_seconds": seconds,
            "amount": amount,
            "occurred_at": clock_text(moment, INTERACTION_SYSTEM.get(kind, "offset")),
        }
        twice = [dict(row)] if self.draw.chance(0.002) else []  # delivered twice, as event streams do
        self.rows.interactions.append((moment, row, twice))

    def browse(self, who, day: date) -> None:
        """One step of a visitor browsing the shop."""
        kind = self.draw.weighted(BROWSING)
        seconds = int(20 + 150 * self.draw.spread(0.8)) if kind == "site_visit" else None
        self.touch(who, kind, self.at(day), seconds=seconds)

    # --- people arrive ------------------------------------------------------------------------------------------
    def plan_arrivals(self) -> None:
        """Spread the planned sign-ups of every month over its days."""
        for (year, month), buyers in BUYERS.items():
            days = [date(year, month, n + 1) for n in range(calendar.monthrange(year, month)[1])]
            days = [(day, WEEKDAY[day.weekday()]) for day in days if day <= LAST_DAY]
            mix = CHANNEL_MIX + (((POPUP, 14),) if (year, month) in POPUP_MONTHS else ())
            for _ in range(buyers):
                self.agenda[self.draw.weighted(days)].append((self.arrive, (self.draw.weighted(mix), True)))
            for _ in range(round(buyers * 0.16)):
                self.agenda[self.draw.weighted(days)].append((self.arrive, (self.draw.weighted(mix), False)))
            for _ in range(round(buyers * 0.09)):
                self.agenda[self.draw.weighted(days)].append((self.pass_by, ()))
        for show in LIVE_SHOWS:
            for n in range(LIVE_BUYERS_PER_SHOW + 3):
                self.agenda[show].append((self.arrive, (LIVE, n < LIVE_BUYERS_PER_SHOW)))

    def pass_by(self, day: date) -> None:
        """A person sees an advertisement, perhaps visits, and leaves no name."""
        visitor = f"V{day:%y%m%d}{self.draw.between(100, 999)}"
        self.touch(visitor, "ad_view", self.at(day))
        if self.draw.chance(0.7):
            self.touch(visitor, "ad_click", self.at(day))
            self.touch(visitor, "site_visit", self.at(day), seconds=self.draw.between(5, 120))

    def arrive(self, day: date, channel, buyer: bool, referrer: Customer | None = None) -> None:
        """A sign-up, with what led to it and what it leads to."""
        draw, traits = self.draw, CHANNELS[channel]
        live = channel == LIVE
        person = Customer(
            id=f"A{len(self.people) + 1:04d}",
            channel=channel,
            buyer=buyer,
            signed_up=self.at(day, draw.pick((20, 21)) if live else None),
            taking_part=min(1.0, max(0.02, traits.taking_part + 0.22 * draw.bell())),
            gap_days=traits.gap_days * draw.spread(0.35),
            dropout=traits.dropout,
            spend=traits.spend * draw.spread(0.22),
            hunter=channel != FRIEND and draw.chance(0.15),
            newsletter=draw.chance(0.62),
            contactable=draw.chance(0.93),
            last_seen=day,
            referred_by=referrer.id if referrer else None,
            has_row=not (channel is None and draw.chance(0.4)),
        )
        person.dropout *= 1.35 - 0.7 * person.taking_part
        self.people.append(person)
        if traits.cost_per_click and day > FIRST_DAY + timedelta(days=5):
            for kind, share in (("ad_view", 0.25), ("ad_click", 0.5)):
                if draw.chance(share):
                    self.touch(person, kind, person.signed_up - timedelta(minutes=draw.between(2, 4000)))
        if person.has_row:
            self.touch(person, "sign_up", person.signed_up)
        if person.newsletter and draw.chance(0.55):
            self.touch(person, "newsletter_sign_up", person.signed_up + timedelta(minutes=draw.between(1, 30)))
        if buyer:
            if live:
                self.buy(day, person, person.signed_up + timedelta(minutes=draw.between(3, 40)))
            elif day == FIRST_DAY or draw.chance(0.55):
                self.buy(day, person, person.signed_up + timedelta(minutes=draw.between(5, 90)))
            else:
                self.later(day, 1, 14, self.buy, person)
        else:
            person.stays = draw.chance(0.5)
            if draw.chance(0.3):
                self.later(day, 0, 20, self.abandon_cart, person)

    # --- they buy -----------------------------------------------------------------------------------------------
    def basket(self, day: date, target: float) -> int:
        """Prices of pieces of the season that come near a target sum."""
        rail = [price for price, months in PIECES.items() if day.month in months]
        total = 0
        while True:
            fitting = [price for price in rail if price <= (target - total) * 1.15]
            if not fitting:
                return total or rail[0]
            total += self.draw.pick(fitting[-4:])

    def sales_channel(self, person: Customer) -> str:
        """Where the order is placed."""
        if person.channel == LIVE and person.orders == 0:
            return "라이브🎥"
        if person.channel == POPUP and person.orders == 0:
            return "성수 쇼룸"
        naver = 30 if person.channel == NAVER else 8
        return self.draw.weighted((("online_store", 42), ("app", 34), ("naver_smartstore", naver), ("성수 쇼룸", 7)))

    def offer(self, day: date, person: Customer, cart: bool) -> tuple[str | None, float]:
        """Coupon and discount rate of an order; a sale has a rate and no coupon."""
        draw = self.draw
        if person.channel == LIVE and person.orders == 0:
            return "LIVE30", 0.30
        if cart and draw.chance(0.35):
            return "CARTBACK5", 0.05
        if person.orders == 0:
            share = 0.62 if person.channel == TIKTOK or person.hunter else 0.28
            return ("WELCOME10", 0.10) if draw.chance(share) else (None, 0.0)
        if day.month in SALE_MONTHS and draw.chance(0.45):
            return None, 0.20
        if person.hunter and draw.chance(0.88):
            return draw.pick((("FLASH20", 0.20), ("FLASH15", 0.15), ("APP10", 0.10)))
        if draw.chance(0.10):
            return draw.pick((("BDAY10", 0.10), ("FREESHIP", 0.0), ("VIP10", 0.10), ("SPRING15", 0.15)))
        return None, 0.0

    def buy(self, day: date, person: Customer, moment: datetime | None = None, cart_amount: int | None = None) -> None:
        """An order and everything that follows from it."""
        draw = self.draw
        first_of_weak_cohort = person.orders == 0 and (day.year, day.month) == WEAK_COHORT
        step = ORDER_VALUE_STEPS[min(person.orders, len(ORDER_VALUE_STEPS) - 1)]
        season = 1.18 if day.month in (11, 12, 1) else 0.92 if day.month in (6, 7, 8) else 1.0
        gross = cart_amount or self.basket(day, 98000 * person.spend * step * season * draw.spread(0.42))
        channel = self.sales_channel(person)
        moment = moment or self.at(day, draw.between(12, 19) if channel == "성수 쇼룸" else None)
        coupon, rate = self.offer(day, person, cart_amount is not None)
        discount = int(gross * rate / 100) * 100
        status, refund = self.outcome(day, gross - discount, first_of_weak_cohort)
        self.write_order(person, moment, channel, gross, discount, refund, status, coupon)
        if coupon and discount and draw.chance(0.75):
            self.touch(person, "coupon_redeem", moment - timedelta(minutes=draw.between(1, 9)))
        if draw.chance(0.28):
            self.touch(
                person,
                "site_visit",
                moment - timedelta(minutes=draw.between(10, 50)),
                seconds=int(60 + 240 * draw.spread(0.6)),
            )
        if status not in ("delivered", "completed", "shipped") or refund >= gross - discount:
            if person.orders == 0 and draw.chance(0.6):
                self.later(day, 1, 10, self.buy, person)
            return
        self.count_purchase(day, person, refund > 0, first_of_weak_cohort)

    def outcome(self, day: date, net: int, weak: bool) -> tuple[str, int]:
        """Status and refund of an order."""
        draw = self.draw
        if (LAST_DAY - day).days < 4:
            return draw.pick(("shipped", "paid", "shipped")), 0
        status = draw.weighted(
            (
                ("delivered", 74),
                ("completed", 19),
                ("shipped", 1),
                ("cancelled", 3.2),
                ("payment_failed", 1.4),
                ("returned", 1.0),
                ("pending", 0.4),
            )
        )
        if status == "returned":
            return status, net
        if status in ("delivered", "completed") and draw.chance(WEAK_COHORT_REFUND_SHARE if weak else 0.05):
            full = draw.chance(0.3)
            return status, net if full else max(1000, int(net * draw.within(0.25, 0.6) / 1000) * 1000)
        return status, 0

    def write_order(self, person, moment, channel, gross, discount, refund, status, coupon) -> None:
        """The order's row, and for some an earlier version that a later one supersedes."""
        draw = self.draw
        row = {
            "customer_id": person.id,
            "ordered_at": clock_text(moment, SALES_SYSTEM[channel]),
            "status": status,
            "gross_amount": str(gross),
            "discount_amount": str(discount) if discount or draw.chance(0.5) else "",
            "refund_amount": str(refund) if refund else "",
            "currency": "KRW",
            "coupon_code": coupon,
            "channel": channel,
            "updated_at": "",
        }
        earlier = []
        if draw.chance(0.45 if refund else 0.02):
            placed = moment + timedelta(minutes=2)
            changed = moment + timedelta(days=draw.between(1, 6), hours=3)
            earlier = [dict(row, status="paid", refund_amount="", updated_at=clock_text(placed, "zulu"))]
            row["updated_at"] = clock_text(changed, "zulu")
        elif draw.chance(0.06):
            row["updated_at"] = clock_text(moment + timedelta(days=2), "offset")
        self.rows.orders.append((moment, row, earlier))

    def count_purchase(self, day: date, person: Customer, refunded: bool, weak: bool) -> None:
        """What a purchase changes, and what it sets off."""
        draw = self.draw
        person.orders += 1
        person.last_order = day
        if person.orders == 1:
            person.first_order = day
            self.first_buyers[(day.year, day.month, person.channel)] += 1
        if draw.chance(min(0.95, person.dropout + (WEAK_COHORT_EXTRA_DROPOUT if weak else 0.0))):
            person.stays = False
        mood = 8.5 + 1.6 * (person.taking_part - 0.4) - (1.8 if weak else 0.0) - (2.6 if refunded else 0.0)
        if draw.chance(0.15):
            self.later(day, 6, 12, self.give_feedback, person, "nps", mood)
        if draw.chance(0.04 + 0.11 * person.taking_part):
            self.later(day, 3, 15, self.review, person, mood)
        if draw.chance(0.07):
            self.later(day, 1, 4, self.ask_support, person, mood)
        if person.orders >= 2 and not person.member_since and draw.chance(0.30):
            person.member_since = self.at(day)
            person.member_in_table = draw.chance(0.8)
            if not person.member_in_table or draw.chance(0.8):
                self.touch(person, "membership_join", person.member_since)
        if person.orders >= 2 and person.stays and not person.hunter:
            if person.box_until is None and draw.chance(0.03 + 0.14 * person.taking_part):
                self.later(day, 3, 20, self.start_box, person)
            if person.service_until is None and draw.chance(0.17):
                self.later(day, 1, 10, self.start_service, person)

    def abandon_cart(self, day: date, person: Customer) -> None:
        """A filled cart is abandoned; some come back for it, more since reminders are sent."""
        moment = self.at(day)
        step = ORDER_VALUE_STEPS[min(person.orders, 3)]
        amount = self.basket(day, 105000 * person.spend * step * self.draw.spread(0.4))
        known = None if self.draw.chance(0.03) else str(amount)
        self.touch(person, "cart_abandoned", moment, amount=known)
        reminded = day >= REMINDER_FROM and person.contactable
        if self.draw.chance(RECOVERY_AFTER if reminded else RECOVERY_BEFORE):
            self.later(day, 1, 4, self.buy, person, None, amount)

    # --- they speak ---------------------------------------------------------------------------------------------
    def give_feedback(self, day: date, person: Customer, kind: str, mood: float) -> None:
        """A score, and for a low one the answer that comes or does not come."""
        draw = self.draw
        moment = self.at(day)
        score = min(10, max(0, round(mood + 1.9 * draw.bell())))
        system = draw.weighted((("offset", 6), ("zulu", 3), ("day", 1)))
        self.rows.feedback.append(
            (
                moment,
                {
                    "customer_id": person.id,
                    "submitted_at": clock_text(moment, system),
                    "feedback_kind": kind,
                    "score": str(score),
                },
            )
        )
        if score > 6:
            return
        if draw.chance(ANSWER_SHARE):
            self.later(day, 1, 5, self.answer, person)
        else:
            person.quiet_until = max(person.quiet_until, day + timedelta(days=32))
            if draw.chance(UNANSWERED_LEAVE):
                person.stays = False

    def answer(self, day: date, person: Customer) -> None:
        """The brand answers a low score and keeps some who were about to leave."""
        person.quiet_until = FIRST_DAY
        self.touch(
            person,
            self.draw.weighted(ANSWERS),
            self.at(day, self.draw.between(10, 18)),
            seconds=self.draw.between(60, 900),
        )
        if person.orders and self.draw.chance(ANSWERED_RETURN):
            person.stays = True
            person.dropout *= 0.6
            person.gap_days = min(person.gap_days, 45.0)

    def review(self, day: date, person: Customer, mood: float) -> None:
        """A published review; some of them are rated, some are thanked with a sample at no charge."""
        moment = self.at(day)
        self.touch(person, "review", moment)
        if self.draw.chance(0.85):
            self.give_feedback(day, person, "review", mood)
        if self.draw.chance(0.08):
            self.write_order(person, moment + timedelta(days=1), "online_store", 0, 0, 0, "delivered", None)

    def ask_support(self, day: date, person: Customer, mood: float) -> None:
        """A question to the brand, often followed by one about how it was answered."""
        if day < person.quiet_until:
            return
        kind = self.draw.weighted((("support_chat", 5), ("support_ticket", 3), ("support_call", 2)))
        self.touch(person, kind, self.at(day, self.draw.between(10, 18)), seconds=self.draw.between(60, 1500))
        if self.draw.chance(0.7):
            self.later(day, 1, 2, self.give_feedback, person, "csat", mood - 1.0)

    # --- they subscribe -----------------------------------------------------------------------------------------
    def write_subscription(self, person_id, kind, started: datetime, ended: date | None, monthly, system="offset"):
        """A subscription's row; one that ended has an earlier version without the end."""
        row = {
            "customer_id": person_id,
            "subscription_kind": kind,
            "started_at": clock_text(started, system),
            "ended_at": ended.isoformat() if ended else "",
            "monthly_amount": str(monthly),
            "updated_at": "",
        }
        earlier = []
        if ended and self.draw.chance(0.3):
            earlier = [dict(row, ended_at="", updated_at=clock_text(started, "zulu"))]
            row["updated_at"] = f"{ended.isoformat()}T03:00:00Z"
        self.rows.subscriptions.append((started, row, earlier))

    def start_box(self, day: date, person: Customer) -> None:
        """The style box: an order of its own every 90 days until it is cancelled."""
        if person.box_until or not person.stays:
            return
        started, ended, payments = self.at(day), None, 0
        while ended is None:
            due = day + timedelta(days=BOX_DAYS * payments)
            if due > LAST_DAY:
                break
            if payments and self.draw.chance(BOX_CANCEL_AT_RENEWAL):
                ended = due - timedelta(days=self.draw.between(1, 15))
                break
            self.agenda[due].append((self.box_arrives, (person, started.time())))
            payments += 1
        person.box_until = ended or date.max
        self.write_subscription(person.id, "product", started, ended, BOX_MONTHLY)

    def box_arrives(self, day: date, person: Customer, at: time) -> None:
        """One quarter's box."""
        self.write_order(
            person,
            datetime.combine(day, at),
            "style_box",
            BOX_PRICE,
            0,
            0,
            "delivered" if (LAST_DAY - day).days > 4 else "shipped",
            None,
        )
        person.orders += 1
        person.last_order = day
        person.stays = True

    def start_service(self, day: date, person: Customer) -> None:
        """The tailoring service, paid by the month outside the shop."""
        if person.service_until:
            return
        months = 1
        while months < 24 and not self.draw.chance(0.10):
            months += 1
        ended = add_months(day, months)
        ended = ended if ended <= AS_OF + timedelta(days=25) else None
        person.service_until = ended or date.max
        self.write_subscription(person.id, "service", self.at(day), ended, SERVICE_MONTHLY, "zulu")

    def start_service_only(self, day: date, person: Customer) -> None:
        """A service for someone who never buys from the shop."""
        person.stays = True
        self.start_service(day, person)

    # --- day after day ------------------------------------------------------------------------------------------
    def live_through(self, day: date, person: Customer) -> None:
        """What a customer may do on any day."""
        draw = self.draw
        warm = person.stays and (person.orders > 0 or (day - person.signed_up.date()).days < 60)
        if person.orders and person.stays and day > person.last_order:
            pace = SEASON[day.month] * WEEKDAY[day.weekday()] * (SECOND_YEAR_PACE if day.year > 2025 else 1.0)
            if draw.chance(pace / person.gap_days):
                self.buy(day, person)
            elif draw.chance(0.0036):
                self.abandon_cart(day, person)
            if person.orders >= 2 and draw.chance((0.009 if day.year == 2025 else 0.004) * person.taking_part):
                self.touch(person, "referral", self.at(day))
                self.later(day, 0, 6, self.arrive, FRIEND, draw.chance(0.62), person)
        if draw.chance((0.008 + 0.034 * person.taking_part) if warm else 0.0007):
            if person.taking_part > 0.3 and person.orders and draw.chance(0.34):
                self.touch(person, draw.weighted(TAKING_PART), self.at(day))
            else:
                self.browse(person, day)
        if warm and draw.chance(0.0005):
            self.touch(person, draw.pick(("email_reply", "phone_call", "sns_message")), self.at(day, 14))
        if person.service_until and day < person.service_until and draw.chance(0.014):
            self.touch(person, "service_use", self.at(day))

    def send_newsletter(self, day: date) -> None:
        """Every second Thursday; who has bought often reads it most."""
        for person in self.people:
            if not (person.newsletter and person.contactable) or (day - person.last_seen).days > 120:
                continue
            chance = 0.03
            if person.stays:
                chance = 0.04 + 0.28 * person.taking_part + (LOYAL_EMAIL_BONUS if person.orders >= 3 else 0.0)
            if self.draw.chance(chance):
                opened = self.at(day)
                self.touch(person, "email_open", opened)
                if self.draw.chance(0.28):
                    self.touch(person, "email_click", opened + timedelta(minutes=self.draw.between(1, 5)))

    def run(self) -> None:
        """Live from the first day to the last."""
        self.agenda[FIRST_DAY].append((self.arrive, (NAVER, True)))
        self.plan_arrivals()
        day = FIRST_DAY
        while day <= LAST_DAY:
            done = 0
            while done < len(self.agenda[day]):  # an action may add one for the same day
                action, arguments = self.agenda[day][done]
                action(day, *arguments)
                done += 1
            for person in list(self.people):
                if person.signed_up.date() < day:
                    self.live_through(day, person)
            if (day - date(2025, 1, 9)).days % 14 == 0:
                self.send_newsletter(day)
            if day.day == 10 or day.day == 24:
                self.sell_service_to_prospect(day)
            day += timedelta(days=1)
        self.write_customers()
        self.write_spend()

    def sell_service_to_prospect(self, day: date) -> None:
        """Now and then someone who only looked takes the tailoring service."""
        waiting = [p for p in self.people if not p.buyer and not p.orders and p.service_until is None and p.has_row]
        if waiting:
            self.start_service_only(day, self.draw.pick(waiting))

    # --- tables that are written at the end ---------------------------------------------------------------------
    def write_customers(self) -> None:
        """The customer file as the shop system exports it."""
        draw = self.draw
        yes, no = ("true", "true", "true", "t", "yes", "1"), ("false", "false", "f", "no", "0")
        for person in self.people:
            if not person.has_row:
                continue
            system = "day" if person.channel == POPUP else "zulu"
            row = {
                "customer_id": person.id,
                "signed_up_at": clock_text(person.signed_up, system),
                "acquisition_channel": person.channel,
                "referred_by_customer_id": person.referred_by,
                "membership_joined_at": clock_text(person.member_since, "offset") if person.member_in_table else "",
                "contactable": draw.pick(yes if person.contactable else no),
                "updated_at": "",
            }
            if person.contactable and draw.chance(0.2):
                row["contactable"] = ""
            earlier = []
            if draw.chance(0.03):
                joined = clock_text(person.signed_up, "zulu")
                earlier = [
                    dict(row, acquisition_channel="", membership_joined_at="", contactable="true", updated_at=joined)
                ]
                row["updated_at"] = clock_text(person.signed_up + timedelta(days=draw.between(5, 90)), "zulu")
            self.rows.customers.append((person.signed_up, row, earlier))

    def write_spend(self) -> None:
        """Weekly spend per channel: for new customers by how many came, for old ones by the month."""
        for year, month in BUYERS:
            days = [date(year, month, n + 1) for n in range(calendar.monthrange(year, month)[1])]
            weeks = [day for day in days if day.weekday() == 2 and day <= LAST_DAY]
            for name, traits in CHANNELS.items():
                came = self.first_buyers[(year, month, name)]
                if not traits.cost_per_buyer or (name in (LIVE, POPUP) and not came):
                    continue
                whole = traits.cost_per_buyer * max(came, 0.6) * self.draw.within(0.88, 1.12)
                for week in weeks:
                    amount = int(whole / len(weeks) * self.draw.within(0.8, 1.2) / 100) * 100
                    clicks = int(amount / traits.cost_per_click) if traits.cost_per_click else ""
                    shown = int(clicks / traits.click_rate) if clicks != "" else ""
                    self.spend_row(week, name, "acquisition", amount, shown, clicks)
            for name, monthly in (("kakao_channel", 520000), ("email", 180000), (INSTA, 310000)):
                for week in weeks:
                    amount = int(monthly / len(weeks) * self.draw.within(0.85, 1.15) / 100) * 100
                    clicks = int(amount / 700) if name == INSTA else ""
                    self.spend_row(week, name, "retention", amount, clicks * 60 if clicks else "", clicks)

    def spend_row(self, day, channel, purpose, amount, impressions, clicks) -> None:
        """One row of spend; some weeks are booked in two parts that add up."""
        parts = [amount] if not self.draw.chance(0.02) else [amount - amount // 3, amount // 3]
        for number, part in enumerate(parts):
            first = number == 0
            self.rows.marketing_spend.append(
                (
                    datetime.combine(day, time()),
                    {
                        "spend_date": day.isoformat(),
                        "channel": channel,
                        "purpose": purpose,
                        "amount": str(part),
                        "impressions": str(impressions) if first else "",
                        "clicks": str(clicks) if first else "",
                    },
                )
            )

    # --- numbered and in order ----------------------------------------------------------------------------------
    def tables(self) -> dict[str, list[dict]]:
        """All rows, numbered in the order of time; rows of days after the extract are left out, and orders after AS_OF,
        so that the latest order gives the sample its date."""
        tables = {}
        for table, key, letter in (
            ("orders", "order_id", "O"),
            ("customers", None, ""),
            ("interactions", "interaction_id", "I"),
            ("subscriptions", "subscription_id", "S"),
            ("feedback", "feedback_id", "F"),
            ("marketing_spend", None, ""),
        ):
            out = []
            limit = datetime.combine(AS_OF if table == "orders" else LAST_DAY, time.max)
            entries = [entry for entry in getattr(self.rows, table) if entry[0] <= limit]
            entries.sort(key=lambda entry: entry[0])  # stable: ties stay in the order of writing
            for number, entry in enumerate(entries, start=1):
                row, earlier = entry[1], entry[2] if len(entry) > 2 else []
                for version in [*earlier, row]:
                    identity = {"brand_id": BRAND, **({key: f"{letter}{number:05d}"} if key else {})}
                    out.append({**identity, **version})
            tables[table] = out
        return tables


def simulate() -> dict[str, list[dict]]:
    """Rows of the synthetic brand by table, without the hand-written cases."""
    label = Label()
    label.run()
    return label.tables()
