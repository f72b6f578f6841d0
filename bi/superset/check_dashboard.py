#!/usr/bin/env python3
"""Start a Superset of its own, import the dashboard into it, and check every chart against the published marts.

    python bi/superset/check_dashboard.py --publication publications/lifecycle.duckdb
    python bi/superset/check_dashboard.py --publication publications/lifecycle.duckdb --screenshot picture.png

Run it with the Python that Superset is installed for. The publication is copied and never touched; nothing is left
behind. Ends with 0 when all is right, with 1 and what is wrong when not.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import math
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import duckdb
import requests
import yaml

from export_dashboard import normalise
from superset_api import EXPORT, Superset, SupersetError, forbidden

HERE = Path(__file__).resolve().parent
SUPERSET = Path(sys.executable).parent / "superset"
# the longest that a command of Superset, or its start, may take, in seconds
PATIENCE = 300
# the stages in the order of the cycle, and as the charts name them
STAGES = ["awareness", "consideration", "purchase", "retention", "advocacy", "churned"]
IN_ORDER = [f"{number} {stage}" for number, stage in enumerate(STAGES, start=1)]
MONTHS = "brand_id = $brand and period_grain = 'month' and is_complete_period"
YEAR_ON_YEAR = "brand_id = $brand and period_grain = 'month' and compared_with = 'year_before'"
# the names of the series that a chart may have, for a pivot
CURVES = (*(f"after order {rung}" for rung in ("1", "2", "3-4", "5-9", "10+")), "window: churn", "window: active")
COHORTS = tuple(f"{year}{mark}" for year in range(1990, 2050) for mark in ("", " *"))
# moves between deciles take two years; the sample covers a year and a half
MOVES = """
    insert into marts.decile_migration
    select years.brand_id, years.period_grain, years.period_start, befores.decile, afters.decile,
        (7 * befores.decile + 3 * afters.decile + 7) % 11, null
    from marts.value_concentration as years
    cross join generate_series(-1, 10) as befores (decile)
    cross join generate_series(0, 10) as afters (decile)
    where befores.decile <> -1 or afters.decile <> 0
"""

# a record of loyalty takes many builds; as if the loyal had become so in two steps, others in one, and some had left
LOYALTY = """
    insert into marts.loyalty_history
    select
        brand_id, customer_id, valid_from - days_before, valid_from - days_after, earlier_class, loyalty_tier,
        null, null, false
    from marts.loyalty_history
    inner join (
        values
            ('loyal', 250, 120, 'one_time'),
            ('loyal', 120, 0, 'repeat'),
            ('repeat', 180, 0, 'one_time'),
            ('one_time', 300, 0, 'none')
    ) as steps (loyalty_class, days_before, days_after, earlier_class) using (loyalty_class)
    union all
    select
        brand_id, customer_id || ' left', valid_from - 400, valid_from - 200, loyalty_class, loyalty_tier,
        null, null, false
    from marts.loyalty_history
"""
# the fewest first buyers of a channel of whom a rate is shown, as in the report
ENOUGH = 30

# what a chart must show for a brand: its columns that say what a row is about, and a query that gives the same columns;
# the charts add up and divide, the marts hold the figures themselves; for a chart with a column for each series,
# whatever these are, the query has a row for each, with the columns series and figure
FIGURES = {
    "Customers": (
        ["period_start"],
        f"""
        select period_start, customers_at_end as "Customers at the end" from marts.brand_metrics where {MONTHS}""",
    ),
    "Active rate": (
        ["period_start"],
        f"""
        select period_start, active_rate as "Active rate" from marts.brand_metrics where {MONTHS}""",
    ),
    "Repeat churn rate": (
        ["period_start"],
        f"""
        select period_start, repeat_churn_rate as "Repeat churn" from marts.brand_metrics where {MONTHS}""",
    ),
    "How many subscriptions are cancelled": (
        ["period_start"],
        f"""
        select period_start, subscriptions_at_start, subscriptions_started, subscriptions_cancelled,
            subscription_cancellation_rate
        from marts.brand_metrics where {MONTHS}""",
    ),
    "Net revenue": (
        ["period_start"],
        f"""
        select period_start, net_revenue as "Net revenue" from marts.brand_metrics where {MONTHS}""",
    ),
    "Open alerts": (
        [],
        """
        select count(*) as "Alerts" from marts.lifecycle_alerts where brand_id = $brand""",
    ),
    "Where every known customer stands": (
        ["relationship_status"],
        """
        select relationship_status, count(*) as "Customers" from marts.customers
        where brand_id = $brand group by all""",
    ),
    "Second purchases, by month of the first": (
        ["cohort_start"],
        """
        select cohort_start, second_purchase_rate_30d as "Within 30 days", second_purchase_rate_90d as "Within 90 days",
            second_purchase_rate_180d as "Within 180 days"
        from marts.second_purchase where brand_id = $brand""",
    ),
    "Customers by stage at each month's end": (
        ["period_start"],
        f"""
        pivot (
            select period_start, list_position({STAGES}, stage) || ' ' || stage as stage, customers
            from marts.lifecycle_stages where {MONTHS}
        ) on stage in {tuple(IN_ORDER)} using sum(customers)""",
    ),
    "The retention bridge": (
        ["period_start"],
        f"""
        select period_start, retained_customers as "Retained", reactivated_customers as "Reactivated",
            new_customers as "New", -lost_repeat_customers as "Lost, repeat (below the line)",
            lost_repeat_customers - lost_customers as "Lost, one-time (below the line)"
        from marts.brand_metrics where {MONTHS}""",
    ),
    "Churn rates and repeat customer rate": (
        ["period_start"],
        f"""
        select period_start, repeat_churn_rate as "Repeat churn", churn_rate as "Churn",
            repeat_customer_rate as "Repeat customers"
        from marts.brand_metrics where {MONTHS}""",
    ),
    "Do they come back? Cohort retention": (
        ["cohort", "period_index"],
        """
        select strftime(cohort_start, '%Y-%m') || if(is_left_truncated, ' *', '') as cohort, period_index,
            retention_rate as "Cohort retention"
        from marts.cohort_retention
        where brand_id = $brand and cohort_grain = 'month' and is_complete_period and period_index >= 1""",
    ),
    "Customers and revenue by loyalty class": (
        ["loyalty_class_name"],
        """
        select replace(loyalty_class, '_', '-') as loyalty_class_name, share_of_customers as "Share of customers",
            revenue_share as "Share of revenue"
        from marts.loyalty_summary where brand_id = $brand""",
    ),
    "Customers and revenue by loyalty tier": (
        ["loyalty_tier"],
        """
        select loyalty_tier, share_of_customers as "Share of customers", revenue_share as "Share of revenue"
        from marts.loyalty_tiers where brand_id = $brand""",
    ),
    "What is missing to be loyal": (
        ["criterion"],
        """
        select criterion, count(*) filter (where is_met) as "Met", count(*) filter (where not is_met) as "Not met yet"
        from marts.loyalty_criteria where brand_id = $brand group by all""",
    ),
    "What a customer has brought in": (
        ["period_start"],
        f"""
        select period_start, historical_clv as "CLV so far", net_clv as "CLV so far less marketing"
        from marts.brand_metrics where {MONTHS}""",
    ),
    "Can the prediction be trusted?": (
        [],
        """
        select model, fit_status, gamma_gamma_status, customers, repeat_customers, backtest_actual_orders,
            backtest_predicted_orders, backtest_error, backtest_naive_error, backtest_customer_mae,
            backtest_naive_customer_mae, lowest_error_90d, highest_error_90d, error_cuts, season_factor_90d
        from marts.clv_model_fit where brand_id = $brand and is_used""",
    ),
    "Who will order again": (
        ["risk"],
        """
        select case when relationship_status = 'churned' then 'no longer in the base'
                when churn_risk is null then 'in the base by subscription' else churn_risk end as risk,
            count(*) as "Customers", avg(p_order_90d) as "Probability of ordering",
            sum(p_order_90d) as "To order in 90 days", sum(value_at_stake) as "At stake"
        from marts.customers where brand_id = $brand and lifetime_orders >= 1 group by all""",
    ),
    "What each channel costs and brings": (
        ["channel"],
        """
        select channel, sum(ltv_365d * acquired_customers) / sum(acquired_customers) filter (where ltv_365d is not null)
                as "First-year value",
            sum(ltv_365d * acquired_customers) / nullif(sum(acquisition_spend) filter (where ltv_365d is not null), 0)
                as "First-year value to cost"
        from marts.acquisition_channels where brand_id = $brand group by all""",
    ),
    "The ten due actions with the most at stake": (
        ["action_name"],
        """
        select replace(action_code, '_', ' ') as action_name, sum(value_at_stake) as "At stake"
        from marts.customer_actions where brand_id = $brand and is_due group by all order by 2 desc limit 10""",
    ),
    "How many order again, and how soon": (
        ["day"],
        f"""
        pivot (
            select days.day, 'after order ' || rungs.from_order as series, coalesce(1 - ladder.survival, 0) as share
            from (
                select brand_id, from_order, max(day) as last_day from marts.order_ladder
                where brand_id = $brand and from_order <> 'all' group by all
            ) as rungs
            cross join generate_series(0, 365) as days (day)
            asof left join marts.order_ladder as ladder
                on rungs.brand_id = ladder.brand_id and rungs.from_order = ladder.from_order and days.day >= ladder.day
            where days.day <= rungs.last_day
            union all
            select value::int + ends.share, 'window: ' || split_part(setting, '.', 1), ends.share
            from reference.brand_settings, generate_series(0, 1) as ends (share)
            where brand_id = $brand and setting in ('churn.window_days', 'active.window_days')
        ) on series in {CURVES} using max(share)""",
    ),
    "Does the churn window fit?": (
        ["order_number"],
        """
        select replace(from_order, 'all', 'any') as order_number, ordered_again_within_90d, ordered_again_within_180d,
            median_days, churn_window_days, return_share_at_setting, advised_churn_window_days,
            advised_active_window_days, churns_followed, false_churn_share
        from marts.order_ladder_summary where brand_id = $brand""",
    ),
    "From the year before to the last 365 days": (
        ["step"],
        """
        select unnest(['1 year before', '2 paused', '3 bought less', '4 bought more', '5 resumed', '6 new']) as step,
            unnest([net_revenue_before, -paused_revenue, -contraction_revenue, expansion_revenue, resumed_revenue,
                new_revenue]) as "Net revenue"
        from marts.revenue_bridge where brand_id = $brand and period_grain = 'trailing_year'""",
    ),
    "How much revenue stays, year by year": (
        ["period_grain", "period_start"],
        """
        select columns(name -> name <> 'brand_id' and name not like '%_customers') from marts.revenue_bridge
        where brand_id = $brand and period_grain in ('trailing_year', 'year')""",
    ),
    "What moved each month's revenue": (
        ["period_start"],
        f"""
        select period_start, buyers_effect as "Buyers", frequency_effect as "Orders per buyer",
            order_value_effect as "Order value"
        from marts.revenue_drivers where {YEAR_ON_YEAR}""",
    ),
    "The latest months in words": (
        ["period_start"],
        f"""
        with effects as (
            select *, map {{'buyers': buyers_effect, 'frequency': frequency_effect,
                'order_value': order_value_effect}}[main_driver] as effect
            from marts.revenue_drivers where {YEAR_ON_YEAR}
        )
        select period_start, revenue_change, buyers_effect, frequency_effect, order_value_effect,
            ['Revenue fell.', 'Revenue stayed the same.', 'Revenue rose.'][sign(revenue_change)::int + 2]
            || coalesce(' What counted most: ' || map {{
                'buyers-1': 'fewer buyers', 'buyers1': 'more buyers', 'frequency-1': 'fewer orders per buyer',
                'frequency1': 'more orders per buyer', 'order_value-1': 'smaller orders',
                'order_value1': 'larger orders'
            }}[main_driver || sign(effect)::int] || '.', '') as in_words
        from effects""",
    ),
    "Who brought the last year's revenue": (
        ["decile"],
        """
        select decile, revenue_share as "Share of revenue" from marts.value_deciles
        where brand_id = $brand and period_grain = 'trailing_year'""",
    ),
    "How few bring half of it": (
        ["period_grain", "period_start"],
        """
        select period_grain, period_start, customers, customers_for_half_of_revenue, gini
        from marts.value_concentration where brand_id = $brand""",
    ),
    "Where last year's best went": (
        ["before", "now"],
        """
        select ['new', 'no order', 'tenth 1', 'tenths 2-3', 'tenths 2-3', 'tenths 4-10'][least(from_decile, 4) + 2]
                as before,
            ['now none', 'now 1', 'now 2-3', 'now 2-3', 'now 4-10'][least(to_decile, 4) + 1] as now,
            sum(customers) as "Customers"
        from marts.decile_migration
        where brand_id = $brand and period_grain = 'trailing_year' and customers > 0
            and abs(from_decile) + to_decile > 0
        group by all""",
    ),
    "Layers of revenue": (
        ["period_start"],
        f"""
        pivot (
            select period_start, year(cohort_start) || if(is_left_truncated, ' *', '') as cohort, net_revenue
            from marts.cohort_calendar
            where brand_id = $brand and cohort_grain = 'year' and period_grain = 'quarter' and is_complete_period
        ) on cohort in {COHORTS} using sum(net_revenue)""",
    ),
    "What goes with more revenue later": (
        ["customer_group"],
        """
        select map {
                'sales_channel': 'sales channel', 'acquisition_channel': 'acquisition channel',
                'is_discounted': 'first order discounted', 'first_order_value_quartile': 'first order value, quarter',
                'first_order_weekday': 'weekday', 'first_order_month': 'month', 'is_referred': 'referred',
                'is_member': 'member'
            }[property] || ': ' || value as customer_group,
            later_revenue_lift - 1 as "Later revenue against others"
        from marts.ltv_drivers
        where brand_id = $brand and horizon_days = 180 and is_notable and value not in ('(other)', 'unknown')""",
    ),
    "Do they come back? By channel of the first order": (
        ["channel"],
        f"""
        with ages as (
            select channel, period_index, sum(cohort_size) as buyers, sum(retention_rate * cohort_size) as again,
                sum(ltv_per_customer * cohort_size) as worth
            from marts.cohort_retention_by_channel
            where brand_id = $brand and is_complete_period and not is_left_truncated group by all
        )
        select channel, max(buyers) filter (where period_index = 0) as "First buyers",
            max(again / buyers) filter (where period_index = 1 and buyers >= {ENOUGH}) as "Again, month +1",
            max(again / buyers) filter (where period_index = 3 and buyers >= {ENOUGH}) as "Again, month +3",
            max(again / buyers) filter (where period_index = 6 and buyers >= {ENOUGH}) as "Again, month +6",
            max(worth / buyers) filter (where period_index = 6 and buyers >= {ENOUGH}) as "Value by month +6",
            max(worth / buyers) filter (where period_index = 12 and buyers >= {ENOUGH}) as "Value by month +12"
        from ages group by all""",
    ),
    "Loyalty classes at each month's end": (
        ["period_start"],
        f"""
        select months.period_start, replace(history.loyalty_class, '_', '-') as series, count(*) as figure
        from (select period_start, last_day(period_start) as ends_on from marts.brand_metrics where {MONTHS}) as months
        inner join marts.loyalty_history as history
            on history.brand_id = $brand and history.valid_from <= months.ends_on
            and (history.valid_to is null or history.valid_to > months.ends_on)
        where history.loyalty_class <> 'none' group by all""",
    ),
    "Net revenue by sales channel": (
        ["period_start"],
        """
        select period_start, channel as series, net_revenue as figure from marts.sales_channels
        where brand_id = $brand and is_complete_period""",
    ),
    "Do they order more often than a year before?": (
        ["calendar_month"],
        """
        select calendar_month, purchase_frequency as "Orders per buyer",
            purchase_frequency_prior_year as "A year before"
        from marts.purchase_frequency_trend where brand_id = $brand and is_complete_period""",
    ),
    "Expected value by RFM segment": (
        ["rfm_segment_name"],
        """
        select array_to_string(string_split(rfm_segment, '_'), ' ') as rfm_segment_name,
            sum(predicted_clv_365d) as "Expected in 365 days"
        from marts.customers where brand_id = $brand and lifetime_orders >= 1 group by all""",
    ),
    "What each RFM segment has brought in": (
        ["segment_name"],
        """
        select array_to_string(string_split(segment, '_'), ' ') as segment_name,
            columns(name -> name not in ('brand_id', 'segment', 'net_revenue'))
        from marts.rfm_segments where brand_id = $brand""",
    ),
    "How far off were past predictions?": (
        ["cut_date", "horizon_days"],
        """
        select cut_date, horizon_days, customers, predicted_orders, actual_orders, orders_error, naive_orders_error,
            net_revenue_error, order_auc
        from marts.clv_backtests where brand_id = $brand and customer_group = 'all'""",
    ),
    "How many abandoned carts are recovered?": (
        ["period_start"],
        """
        select period_start, carts_recovered as "Recovered", carts_abandoned - carts_recovered as "Not recovered"
        from marts.cart_recovery where brand_id = $brand and is_complete_period""",
    ),
    "Is negative feedback answered?": (
        ["outcome"],
        """
        select if(age < 30, 'less than 30 days old', if(is_open, 'not answered', 'answered within 30 days')) as outcome,
            count(*) as "Number", avg(days_to_answer) as "Days to answer", avg(bought_again::int) as "Ordered again"
        from (
            select *, date_diff('day', submitted_on, (select as_of_date from reference.publication)) as age
            from marts.feedback_loop
        )
        where brand_id = $brand and age < 365 group by all""",
    ),
    "What do advocates bring in?": (
        ["referred_each"],
        """
        select ['one customer', 'two customers', 'three or more'][least(referrals, 3)] as referred_each,
            count(*) as "Advocates", sum(converted_referrals) as "Who bought",
            sum(referred_net_revenue) as "Brought in", sum(own_net_revenue) as "Own revenue"
        from marts.advocate_value where brand_id = $brand group by all""",
    ),
    "What customers of each stage do": (
        ["stage_in_order", "interaction_type_name"],
        f"""
        select list_position({STAGES}, stage) || ' ' || stage as stage_in_order,
            replace(interaction_type, '_', ' ') as interaction_type_name,
            sum(interactions) as "Interactions", sum(customers) / count(*) as "Customers a month",
            sum(interactions) / sum(customers) as "Times a month"
        from marts.engagement_by_stage where brand_id = $brand and is_complete_period group by all""",
    ),
}
# of one month: over several the chart weighs them by their customers
TRANSITIONS = "Where customers go in a month"
TRANSITIONS_OF_A_MONTH = (
    ["from_stage", "to_stage"],
    f"""
    select list_position({STAGES}, from_stage) || ' ' || from_stage as from_stage,
        list_position({STAGES}, to_stage) || ' ' || to_stage as to_stage, transition_rate as "Transition rate"
    from marts.lifecycle_transitions
    where brand_id = $brand and period_grain = 'month' and period_start = $month and from_stage <> 'unknown'""",
)
FIGURES_OF = "Figures of"
# the columns with days that charts group by
DAYS = ("period_start", "cohort_start", "calendar_month", "cut_date")


class CheckError(Exception):
    """Something is not as it must be; the message says what."""


def run(command: list[str | Path], environment: dict[str, str]) -> str:
    """Run a command to its end and give what it printed; raises CheckError when it fails."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE)
    if done.returncode:
        # not the whole command: a password is among its arguments
        said = (done.stdout + done.stderr)[-3000:]
        raise CheckError(f"{Path(command[0]).name} {command[1]} ended with {done.returncode}:\n{said}")
    return done.stdout.strip()


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def running_superset(folder: Path) -> Iterator[dict[str, str]]:
    """A Superset that keeps everything in a folder, and the environment variables to reach it; stopped afterwards.

    Raises CheckError when it does not start.
    """
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SUPERSET_", "FLASK_"))}
    environment |= {
        "FLASK_APP": "superset.app:create_app()",
        "SUPERSET_HOME": str(folder),
        "SUPERSET_CONFIG_PATH": str(HERE / "superset_config.py"),
        "SUPERSET_SECRET_KEY": secrets.token_urlsafe(42),
        "SUPERSET_URL": f"http://127.0.0.1:{port}",
        "SUPERSET_USER": "admin",
        "SUPERSET_PASSWORD": secrets.token_urlsafe(16),
    }
    run([SUPERSET, "db", "upgrade"], environment)
    run(
        [
            SUPERSET,
            "fab",
            "create-admin",
            "--username",
            "admin",
            "--password",
            environment["SUPERSET_PASSWORD"],
            "--firstname",
            "Dashboard",
            "--lastname",
            "Check",
            "--email",
            "admin@localhost",
        ],
        environment,
    )
    run([SUPERSET, "init"], environment)
    log = folder / "server.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            [SUPERSET, "run", "--port", str(port), "--with-threads"],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        end = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(requests.RequestException):
                if requests.get(f"{environment['SUPERSET_URL']}/health", timeout=5).ok:
                    break
            if server.poll() is not None or time.monotonic() > end:
                raise CheckError(f"Superset did not start:\n{log.read_text()[-3000:]}")
            time.sleep(0.5)
        yield environment
    finally:
        server.terminate()
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def filtered(context: dict[str, Any], brand: str | None = None, months: str | None = None) -> dict[str, Any]:
    """A query context with the dashboard's filters set, as the browser sets them."""
    context = copy.deepcopy(context)
    for query in context["queries"]:
        if brand is not None:
            query["filters"].append({"col": "brand_id", "op": "IN", "val": [brand]})
        for condition in query["filters"]:
            if months is not None and condition["op"] == "TEMPORAL_RANGE":
                condition["val"] = months
    return context


def plain(value: Any) -> Any:
    """A value as it compares: numbers as floats, days as ISO text."""
    if isinstance(value, date):
        return value.isoformat()[:10]
    return value if value is None or isinstance(value, (str, bool)) else float(value)


def table(rows: list[dict[str, Any]], keys: list[str]) -> dict[tuple, Any]:
    """Rows as values by key and column, or series. Superset gives days as milliseconds."""
    cells = {}
    for row in rows:
        key = tuple(
            datetime.fromtimestamp(row[name] / 1000, timezone.utc).date().isoformat()
            if name in DAYS and isinstance(row[name], (int, float))
            else plain(row[name])
            for name in keys
        )
        if "series" in row:
            cells[(*key, row["series"])] = plain(row["figure"])
        else:
            cells |= {(*key, name): plain(value) for name, value in row.items() if name not in keys}
    return cells


def compare(chart: str, shown: dict[tuple, Any], expected: dict[tuple, Any], may_be_empty: bool = False) -> None:
    """Raises CheckError when a chart does not show what it must, naming the first differences."""

    def equal(left: Any, right: Any) -> bool:
        both = isinstance(left, float) and isinstance(right, float)
        return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-12) if both else left == right

    # Superset adds columns of its own, such as the shares of a pie
    columns = {key[-1] for key in expected}
    shown = {key: value for key, value in shown.items() if key[-1] in columns or not columns}
    wrong = [
        f"{key}: {shown.get(key)} and not {expected.get(key)}"
        for key in sorted({*shown, *expected}, key=str)
        if not equal(shown.get(key), expected.get(key))
    ]
    if wrong or not (expected or may_be_empty):
        raise CheckError(f"{chart}: {len(wrong)} of {len(expected)} figures differ\n  " + "\n  ".join(wrong[:10]))


def query(publication: Path, statement: str, **values: Any) -> list[dict[str, Any]]:
    """The rows of a query of the publication, asked without Superset."""
    with duckdb.connect(publication, read_only=True) as connection:
        wanted = {name: value for name, value in values.items() if f"${name}" in statement}
        answer = connection.execute(statement, wanted)
        names = [column[0] for column in answer.description]
        return [dict(zip(names, row)) for row in answer.fetchall()]


def brands_of(publication: Path) -> list[str]:
    """The brands with figures, in the order in which the dashboard lists them."""
    statement = "select distinct brand_id from marts.brand_metrics order by brand_id"
    return [row["brand_id"] for row in query(publication, statement)]


def last_month(publication: Path, brand: str) -> date:
    """The first day of a brand's last complete month."""
    statement = f"select max(period_start) as month from marts.brand_metrics where {MONTHS}"
    return query(publication, statement, brand=brand)[0]["month"]


def check_files(publication: Path) -> str:
    """The committed datasets have the columns and words of the marts, and charts their descriptions on the dashboard.

    Raises CheckError.
    """
    words = {
        (row["mart"], row["column_name"]): row
        for row in query(publication, "select * from marts.metric_glossary where language = 'en'")
    }
    wrong, columns = [], 0
    for path in sorted(EXPORT.glob("datasets/*/*.yaml")):
        dataset = yaml.safe_load(path.read_text(encoding="utf-8"))
        relation = f"({dataset['sql']})" if dataset["sql"] else f"{dataset['schema']}.{dataset['table_name']}"
        real = {row["column_name"] for row in query(publication, f"describe select * from {relation}")}
        for column in dataset["columns"]:
            name = column["column_name"]
            word = words.get((dataset["table_name"], name))
            columns += 1
            if not column["expression"] and name not in real:
                wrong.append(f"{path.name}: there is no column {name}")
            if word and (column["verbose_name"], column["description"]) != (word["label"], word["definition"]):
                wrong.append(f"{path.name}: {name} is called and described otherwise in metric_glossary")
    dashboard = yaml.safe_load(next(EXPORT.glob("dashboards/*.yaml")).read_text(encoding="utf-8"))
    nodes = [node for node in dashboard["position"].values() if isinstance(node, dict)]
    texts = {node["meta"]["code"] for node in nodes if node["type"] == "MARKDOWN"}
    # the headline figures have no room for it
    explained = {node["meta"]["uuid"] for node in nodes if node["type"] == "CHART" and node["meta"]["width"] > 2}
    for path in sorted(EXPORT.glob("charts/*.yaml")):
        chart = yaml.safe_load(path.read_text(encoding="utf-8"))
        if not chart["description"] or (chart["uuid"] in explained and chart["description"] not in texts):
            wrong.append(f"{path.name}: its description is missing, or not what stands below it on the dashboard")
    if wrong:
        raise CheckError("\n".join(wrong))
    return f"{columns} columns of the datasets are those of the marts, and called as in the glossary"


def check_import(publication: Path, environment: dict[str, str]) -> str:
    """Importing twice is as importing once, and what Superset then exports is what is committed. Raises CheckError."""
    command = [sys.executable, HERE / "import_dashboard.py", "--publication", publication]
    run(command, environment)
    said = run(command, environment)
    superset = log_in(environment)
    exported = normalise(superset.export_dashboard())
    committed = {
        path.relative_to(EXPORT).as_posix(): path.read_text(encoding="utf-8") for path in EXPORT.rglob("*.yaml")
    }
    wrong = sorted(name for name in {*exported, *committed} if exported.get(name) != committed.get(name))
    if wrong:
        raise CheckError(f"imported and exported again, these differ from the committed files: {', '.join(wrong)}")
    return f"{said}; exported again: the {len(committed)} committed files"


def log_in(environment: dict[str, str]) -> Superset:
    """A session with the Superset of an environment; raises SupersetError."""
    return Superset(environment["SUPERSET_URL"], environment["SUPERSET_USER"], environment["SUPERSET_PASSWORD"])


def money_metrics() -> set[str]:
    """The metrics of the datasets that are null where rows are of several brands, whose currencies may differ."""
    return {
        metric["metric_name"]
        for path in EXPORT.glob("datasets/*/*.yaml")
        for metric in yaml.safe_load(path.read_text(encoding="utf-8"))["metrics"]
        if metric["expression"].startswith("CASE WHEN COUNT(DISTINCT brand_id) = 1 ")
    }


def check_charts(publication: Path, superset: Superset) -> str:
    """Every chart returns data: of all brands, of each brand, of some months. Raises CheckError or SupersetError.

    Charts of money alone may be empty where no brand is chosen.
    """
    money = money_metrics()
    brands = brands_of(publication)
    month = last_month(publication, brands[0])
    year = f"{month - timedelta(days=330)} : {month + timedelta(days=31)}"
    contexts, answers = superset.query_contexts(), 0
    for title, context in contexts.items():
        # the publication alone is of no brand
        selections = [{}] if title == FIGURES_OF else [{}, *({"brand": brand} for brand in brands)]
        if any(condition["op"] == "TEMPORAL_RANGE" for condition in context["queries"][0]["filters"]):
            selections.append({"brand": brands[0], "months": year})
        for selection in selections:
            rows = superset.rows(filtered(context, **selection))
            answers += 1
            metrics = context["queries"][0].get("metrics") or []
            may_be_empty = not selection and metrics and all(metric in money for metric in metrics)
            # the dashboard opens with the first brand; another may have no alert, and so on
            if not rows and not may_be_empty and selection.get("brand") in (None, brands[0]):
                raise CheckError(f"{title}: no data with {selection or 'no filter'}")
    return f"{len(contexts)} charts, {answers} answers: of all brands, of each of {len(brands)}, and of a year"


def check_figures(publication: Path, superset: Superset) -> str:
    """The charts show the figures of the marts, brand by brand, those over time of half a year as well.

    Raises CheckError or SupersetError.
    """
    contexts, figures = superset.query_contexts(), 0
    for place, brand in enumerate(brands_of(publication)):
        month = last_month(publication, brand)
        first, end = ((month + timedelta(days=days)).replace(day=1).isoformat() for days in (-150, 31))
        for title, (keys, statement) in FIGURES.items():
            expected = table(query(publication, statement, brand=brand), keys)
            shown = table(superset.rows(filtered(contexts[title], brand)), keys)
            # the dashboard opens with the first brand; another may have no interactions, and so on
            compare(f"{title}, {brand}", shown, expected, may_be_empty=place > 0)
            figures += len(expected)
            filters = contexts[title]["queries"][0]["filters"]
            if keys and keys[0] in [each["col"] for each in filters if each["op"] == "TEMPORAL_RANGE"]:
                expected = {cell: value for cell, value in expected.items() if first <= cell[0] < end}
                shown = table(superset.rows(filtered(contexts[title], brand, f"{first} : {end}")), keys)
                compare(f"{title}, {brand}, {first} to {end}", shown, expected, may_be_empty=place > 0)
                figures += len(expected)
        keys, statement = TRANSITIONS_OF_A_MONTH
        expected = table(query(publication, statement, brand=brand, month=month), keys)
        rows = superset.rows(filtered(contexts[TRANSITIONS], brand, f"{month} : {month + timedelta(days=1)}"))
        compare(f"{TRANSITIONS}, {brand}", table(rows, keys), expected)
        figures += len(expected)
    return f"{len(FIGURES) + 1} charts show {figures} figures as they are in the marts"


def check_republication(publication: Path, superset: Superset) -> str:
    """After the file is replaced, as publishing replaces it, the charts show the new figures. Raises CheckError."""
    contexts = superset.query_contexts()
    revenue = filtered(contexts["Net revenue"], brands_of(publication)[0])
    before = [superset.rows(context) for context in (contexts[FIGURES_OF], revenue)]
    new = publication.with_name("next.duckdb")
    shutil.copyfile(publication, new)
    with duckdb.connect(new) as connection:
        connection.execute("update reference.publication set as_of_date = as_of_date + 1")
        connection.execute("update marts.brand_metrics set net_revenue = net_revenue + 1")
    os.replace(new, publication)
    after = [superset.rows(context) for context in (contexts[FIGURES_OF], revenue)]
    if any(old == changed for old, changed in zip(before, after)):
        raise CheckError("the charts show the figures of the publication before")
    check_figures(publication, superset)
    return "after a new publication the charts show its figures"


def check_sql_lab(publication: Path, superset: Superset) -> str:
    """SQL Lab reads the marts, and nothing else of this machine or the network. Raises CheckError."""
    if superset.sql("select count(*) as customers from marts.customers") != query(
        publication, "select count(*) as customers from marts.customers"
    ):
        raise CheckError("SQL Lab does not count the customers as they are")
    secret = publication.with_name("secret.csv")
    secret.write_text("password\nswordfish\n")
    target = publication.with_name("stolen.csv")
    for statement in forbidden(secret, target):
        try:
            found = superset.sql(statement)
        except SupersetError as error:
            if "swordfish" in str(error):
                raise CheckError(f"SQL Lab tells of a file: {statement}") from None
        else:
            raise CheckError(f"SQL Lab runs {statement}: {found}")
    if target.exists():
        raise CheckError("SQL Lab has written a file")
    secret.unlink()
    return f"SQL Lab reads the marts, and refuses {len(forbidden(secret, target))} ways to other files"


def check_looks(superset: Superset, environment: dict[str, str], file: Path) -> str:
    """Every tab is drawn without an error in a real browser; one goes to a file. Raises CheckError or SupersetError."""
    # needs a browser, which the other checks do not
    from screenshot import ScreenshotError, look

    charts = len(superset.query_contexts())
    try:
        drawn = look(environment["SUPERSET_URL"], environment["SUPERSET_USER"], environment["SUPERSET_PASSWORD"], file)
    except ScreenshotError as error:
        raise CheckError(str(error)) from None
    if drawn != charts:
        raise CheckError(f"the browser drew {drawn} of {charts} charts")
    return f"a browser drew {drawn} charts without an error; {file}: {file.stat().st_size // 1000} kB"


def main(arguments: list[str] | None = None) -> int:
    """Run all checks. Gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", 1)[0])
    parser.add_argument(
        "--publication",
        type=Path,
        required=True,
        metavar="FILE",
        help="a published DuckDB file; only a copy of it is used",
    )
    parser.add_argument(
        "--screenshot",
        type=Path,
        metavar="FILE",
        help="also look at the dashboard in Chromium, and write a picture of it",
    )
    options = parser.parse_args(arguments)
    if not options.publication.is_file():
        parser.error(f"no file {options.publication}: run `make publish` first")
    if not SUPERSET.exists():
        parser.error(f"no Superset beside {sys.executable}: see bi/superset/README.md")
    # told to stop, it still ends the server and removes its folder
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    started = time.monotonic()

    def say(done: str) -> None:
        """Print what was found, and how long after the start."""
        print(f"{time.monotonic() - started:5.0f} s  {done}", flush=True)

    try:
        with tempfile.TemporaryDirectory(prefix="superset-check-") as folder:
            publication = Path(folder) / options.publication.name
            shutil.copyfile(options.publication, publication)
            with duckdb.connect(publication) as connection:
                for needed, added in (("decile_migration", MOVES), ("loyalty_history where not is_current", LOYALTY)):
                    if not connection.execute(f"select 1 from marts.{needed} limit 1").fetchall():
                        connection.execute(added)
            say(check_files(publication))
            with running_superset(Path(folder)) as environment:
                say("Superset runs")
                say(check_import(publication, environment))
                superset = log_in(environment)
                say(check_charts(publication, superset))
                say(check_figures(publication, superset))
                say(check_sql_lab(publication, superset))
                if options.screenshot:
                    say(check_looks(superset, environment, options.screenshot))
                say(check_republication(publication, superset))
    except (CheckError, SupersetError, duckdb.Error, subprocess.TimeoutExpired) as error:
        print(f"check_dashboard: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
