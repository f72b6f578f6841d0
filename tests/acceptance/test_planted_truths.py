"""What was planted in the synthetic brand can be seen in the marts.

Each test asks the marts as an analyst would, and fails where they hid a truth
of docs/sample.md. Bounds are wide: the figures themselves are tested elsewhere.
"""

from __future__ import annotations

from datetime import date
from statistics import mean

import pytest

APRIL, DECEMBER = date(2025, 4, 1), date(2025, 12, 1)
AROUND_APRIL = [date(2025, month, 1) for month in (2, 3, 5, 6)]
AROUND_DECEMBER = [date(2025, 10, 1), date(2025, 11, 1), date(2026, 1, 1)]
LAST_MONTH = date(2026, 6, 1)


@pytest.fixture(scope="module")
def ask(sample_build):
    """A function that gives what a query says by its first column's value.

    The text `atelier` stands for the condition that selects the synthetic brand.
    """
    assert sample_build.succeeded, sample_build.messages

    def answer(query):
        rows = sample_build.rows(query.replace("atelier", "brand_id = 'atelier'"))
        answers = {}
        for row in rows:
            key, *values = row.values()
            answers[key] = values[0] if len(values) == 1 else values
        return answers

    return answer


def retention(ask):
    """The mean retention rate of the six months that follow, by cohort."""
    return ask(
        "select cohort_start, avg(retention_rate) from marts.cohort_retention "
        "where atelier and cohort_grain = 'month' "
        "and period_index between 1 and 6 and is_complete_period group by all"
    )


def second_purchases(ask):
    """The share of second purchases within 180 days, by cohort."""
    return ask(
        "select cohort_start, second_purchase_rate_180d "
        "from marts.second_purchase "
        "where atelier and second_purchase_rate_180d is not null"
    )


def channels(ask):
    """Cost per acquisition and return on spend of all months, by channel."""
    return ask(
        "select channel, "
        "sum(acquisition_spend) / sum(acquired_customers) as cost, "
        "sum(net_revenue_to_date) / sum(acquisition_spend) as returned "
        "from marts.acquisition_channels where atelier group by channel "
        "having sum(acquisition_spend) > 0 and sum(clicks) > 0"
    )


def test_april_is_retained_worse(ask):
    """The cohort of the sizing fault is the worst of all."""
    again, kept = second_purchases(ask), retention(ask)
    assert min(again, key=again.get) == APRIL
    assert min(kept, key=kept.get) == APRIL
    assert again[APRIL] < 0.5 * min(again[month] for month in AROUND_APRIL)
    assert kept[APRIL] < 0.5 * min(kept[month] for month in AROUND_APRIL)


def test_april_has_refunds(ask):
    """April's refunds are more than twice those of any month around it."""
    refunds = ask(
        "select period_start, "
        "refund_amount / (gross_amount - discount_amount) "
        "from marts.brand_metrics where atelier and period_grain = 'month'"
    )
    assert max(refunds, key=refunds.get) == APRIL
    assert refunds[APRIL] > 2 * max(refunds[month] for month in AROUND_APRIL)


def test_december_brings_one_time_buyers(ask):
    """December has the most first buyers, and of its time the least return."""
    buyers = ask("select cohort_start, first_buyers from marts.second_purchase where atelier")
    assert max(buyers, key=buyers.get) == DECEMBER
    again, kept = second_purchases(ask), retention(ask)
    assert again[DECEMBER] < 0.6 * min(again[month] for month in AROUND_DECEMBER if month in again)
    assert kept[DECEMBER] < 0.6 * min(kept[month] for month in AROUND_DECEMBER)


def test_live_show_is_to_blame(ask):
    """It is the show's buyers who do not return, not December's."""
    again = ask(
        "select acquisition_channel, "
        "avg(case when days_to_second_order <= 180 then 1 else 0 end) "
        "from marts.customers where atelier "
        "and first_order_date between '2025-12-01' and '2025-12-31' "
        "and acquisition_channel is not null "
        "group by all having count(*) >= 5"
    )
    assert again.pop("instagram_live") < 0.1
    assert min(again.values()) > 0.3
    shares = ask(
        "select channel, sum(acquired_customers) filter "
        f"(where period_start = '{DECEMBER}') / sum(acquired_customers) "
        "from marts.acquisition_channels where atelier "
        "group by all having sum(acquired_customers) > 0"
    )
    assert shares["instagram_live"] > 0.95


def test_live_buyers_leave_half_a_year_later(ask):
    """The show swells the stage of first purchase, and June's churn."""
    stages = ask(
        "select period_start, customers from marts.lifecycle_stages "
        "where atelier and period_grain = 'month' and stage = 'purchase' "
        "order by period_start"
    )
    growth = {
        month: customers - before for (month, customers), before in zip(list(stages.items())[1:], stages.values())
    }
    assert max(growth, key=growth.get) == DECEMBER
    assert min(growth, key=growth.get) == LAST_MONTH
    left = ask(
        "select period_start, transition_rate "
        "from marts.lifecycle_transitions where atelier "
        "and period_grain = 'month' "
        "and from_stage = 'purchase' and to_stage = 'churned'"
    )
    assert max(left, key=left.get) == LAST_MONTH
    assert left[LAST_MONTH] > 0.4
    churn = ask(
        "select period_start, churn_rate from marts.brand_metrics "
        "where atelier and period_grain = 'month' and churn_rate is not null"
    )
    assert max(churn, key=churn.get) == LAST_MONTH
    # repeat customers stay, so there is no reason for an alarm
    repeat_churn = ask(
        "select period_start, repeat_churn_rate from marts.brand_metrics "
        "where atelier and period_grain = 'month' and repeat_churn_rate is not null"
    )
    assert repeat_churn[LAST_MONTH] < 0.1
    assert not ask(
        "select alert_type, since from marts.lifecycle_alerts where atelier and alert_type = 'churn_rate_high'"
    )


def test_friends_stay_longer(ask):
    """Whom friends sent are in the base more often, and order more."""
    customers = ask(
        "select acquisition_channel = '친구추천', "
        "avg(case when relationship_status in ('active', 'dormant') "
        "then 1 else 0 end), avg(lifetime_orders) from marts.customers "
        "where atelier and first_order_date <= '2026-01-01' "
        "and acquisition_channel is not null group by all"
    )
    friends, others = customers[True], customers[False]
    assert friends[0] > 2 * others[0]
    assert friends[1] > 1.5 * others[1]


def test_advocates_bring_good_customers(ask):
    """A converted referral is worth more than a buyer is on average."""
    [(referred, usual)] = ask(
        "select 'value', (select sum(referred_net_revenue) "
        "/ sum(converted_referrals) from marts.advocate_value where atelier), "
        "(select avg(lifetime_net_revenue) from marts.customers "
        "where atelier and lifetime_orders > 0)"
    ).values()
    assert referred > 1.5 * usual


def test_orders_grow_with_the_stage(ask):
    """Order value rises from purchase to retention to advocacy."""
    value = ask(
        "select stage, sum(net_revenue) / sum(orders) "
        "from marts.lifecycle_stages where atelier and period_grain = 'year' "
        "group by stage having sum(orders) > 0"
    )
    assert set(value) == {"purchase", "retention", "advocacy"}
    assert value["retention"] > 1.5 * value["purchase"]
    assert value["advocacy"] > 1.05 * value["retention"]


def test_first_buyers_move_on_or_leave(ask):
    """From first purchase more go on than leave, and hardly any return."""
    moves = ask(
        "select from_stage || ' ' || to_stage, sum(customers) "
        "from marts.lifecycle_transitions where atelier "
        "and period_grain = 'month' group by all"
    )
    assert moves["purchase churned"] > 200
    assert moves["purchase retention"] > moves["purchase advocacy"] > 20
    assert moves["retention advocacy"] > moves["advocacy retention"] > 20
    came_back = moves["churned retention"] + moves["churned advocacy"]
    assert 5 < came_back < 0.1 * moves["purchase churned"]


def test_dear_channel_returns_most(ask):
    """Cost per acquisition and return on spend put the channels in order."""
    found = channels(ask)
    cost = {channel: values[0] for channel, values in found.items()}
    returned = {channel: values[1] for channel, values in found.items()}
    assert max(cost, key=cost.get) == "naver_search"
    assert min(cost, key=cost.get) == "tiktok_ads"
    by_return = sorted(returned, key=returned.get)
    assert by_return[:2] == ["instagram_live", "tiktok_ads"]
    assert by_return[-1] == "naver_search"
    assert returned["naver_search"] > 4 * returned["instagram_live"]


def test_loyal_take_part_and_pay_the_price(ask):
    """The classes differ in emails, engagement, discounts and order value."""
    opens = ask("select loyalty_class, avg(email_opens_90d) from marts.customers where atelier group by all")
    assert opens["loyal"] > 3 * opens["repeat"] > 3 * opens["one_time"]
    classes = ask(
        "select loyalty_class, average_engagement_score, "
        "discounted_order_share, average_order_value "
        "from marts.loyalty_summary where atelier"
    )
    loyal, repeat, once = (classes[name] for name in ("loyal", "repeat", "one_time"))
    assert loyal[0] > 3 * repeat[0] > 3 * once[0]
    assert 2 * loyal[1] < repeat[1] < once[1]
    assert loyal[2] > repeat[2] > once[2]


def test_some_repeat_for_discounts_alone(ask):
    """Repeat buyers of three orders and more fail on the discounts."""
    missed = ask(
        "select criteria.criterion, count(*) "
        "from marts.loyalty_criteria as criteria "
        "inner join marts.customers using (brand_id, customer_id) "
        "where atelier and loyalty_class = 'repeat' and lifetime_orders >= 3 "
        "and relationship_status in ('active', 'dormant') and not is_met "
        "group by all"
    )
    assert missed["not only for discounts"] > 20


def test_an_answer_brings_customers_back(ask):
    """After negative feedback, who got an answer buys again more often."""
    again = ask(
        "select is_open, "
        "avg(case when bought_again then 1 else 0 end), count(*) "
        "from marts.feedback_loop where atelier group by all"
    )
    answered, unanswered = again[False], again[True]
    assert answered[0] > 2 * unanswered[0]
    assert min(answered[1], unanswered[1]) > 30


def test_second_year_is_more_frequent(ask):
    """Purchase frequency is above that of the year before, month by month."""
    change = ask(
        "select calendar_month, purchase_frequency_change_yoy "
        "from marts.purchase_frequency_trend "
        "where atelier and purchase_frequency_change_yoy is not null"
    )
    assert len(change) == 6
    assert min(change.values()) > 0.1
    assert mean(change.values()) > 0.2


def test_subscribers_stay(ask):
    """Repeat buyers with a subscription are in the base, others half so."""
    in_base = ask(
        "select subscriptions_started > 0, "
        "avg(case when relationship_status in ('active', 'dormant') "
        "then 1 else 0 end) from marts.customers where atelier "
        "and first_order_date <= '2026-01-01' and lifetime_orders > 1 "
        "group by all"
    )
    assert in_base[True] > 0.9 > 2 * in_base[False]
    amounts = ask(
        "select period_start, monthly_recurring_amount "
        "from marts.brand_metrics where atelier and period_grain = 'month' "
        "order by period_start"
    )
    assert list(amounts.values()) == sorted(amounts.values())


def test_a_reminder_wins_carts_back(ask):
    """Every month after the reminder began recovers more than any before."""
    rates = ask(
        "select period_start, recovery_rate, recovered_value_rate, "
        "carts_abandoned from marts.cart_recovery where atelier"
    )
    begun = date(2026, 1, 1)
    before = [row for month, row in rates.items() if month < begun]
    after = [row for month, row in rates.items() if month > begun]
    for rate in (0, 1):
        weighed = [sum(row[rate] * row[2] for row in rows) / sum(row[2] for row in rows) for rows in (before, after)]
        assert weighed[1] > 2.5 * weighed[0]
    assert min(row[0] for row in after) > max(row[0] for row in before)
