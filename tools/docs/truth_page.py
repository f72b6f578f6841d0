#!/usr/bin/env python3
"""Do the figures that people act on point the right way? Measured on hold-outs of three real brands: docs/truth.md.

    make truth                                  # needs requirements-plots.txt; about ten minutes
    python tools/docs/truth_page.py --check     # exits 1 where the page has other figures; draws nothing

Builds the project from the committed data as of days in the past, sees what the marts said of each customer then, and
compares it with the orders that followed. Writes the tables between the markers of docs/truth.md and, by
plot_truth.py, the pictures in docs/images/.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT / "tests")]

import clv_data  # noqa: E402
import project  # noqa: E402
from oracle import clv, online_retail  # noqa: E402

PAGE = ROOT / "docs" / "truth.md"
BEGIN, END = "<!-- measured: begin -->\n", "<!-- measured: end -->\n"
# what the figures come from
MEASURED = (":(glob)models/**/*.sql", ":(glob)macros/**/*.sql", "seeds/reference", "dbt_project.yml")

HORIZON = 90  # days that are held out after each cut
CUTS = (90, 180)  # days before the end of the data
VOLUME_DAYS = 7  # a week of daily builds
OLD = "_bg_nbd"  # the same orders again, as a brand that uses BG/NBD

# What a customer is, from least to most likely to order again: the order is set here, before anything is measured.
RANKED = {
    "loyalty_class": ("one_time", "repeat", "loyal"),
    "lifecycle_stage": ("churned", "purchase", "retention"),
    "rfm_segment": (
        "hibernating", "at_risk", "cannot_lose_them", "about_to_sleep", "need_attention", "promising",
        "new_customers", "potential_loyalists", "loyal_customers", "champions",
    ),
    "churn_risk": ("not in the base", "high", "medium", "low"),
}  # fmt: skip
# name on the page, and the score: the higher, the sooner the customer should order again
SCORES: dict[str, Callable[[dict[str, Any]], float]] = {
    "`p_order_90d`": lambda row: row["p_order_90d"],
    "`p_alive`": lambda row: row["p_alive"],
    "`p_alive` of BG/NBD": lambda row: row["old_p_alive"],
    **{
        f"`{column}`": lambda row, column=column, values=values: values.index(row[column])
        for column, values in RANKED.items()
    },
    "`r_score`": lambda row: row["r_score"],
    "`overdue_ratio`, the lower the better": lambda row: -row["overdue_ratio"],
    "days since the last order, the fewer the better": lambda row: -row["recency_days"],
    "orders in the 90 days before": lambda row: row["orders_90d"],
    "`priority` of `customer_actions`, 1 the highest": lambda row: -row["priority"],
}


@dataclass
class Brand:
    """Real orders, the settings of a shop like that, and the last whole day of the data."""

    name: str
    title: str
    end: date
    settings: dict[str, Any]
    rows: Callable[[str], list[dict[str, Any]]]  # of the raw table `orders`, under a brand_id

    @property
    def old_settings(self) -> dict[str, Any]:
        return self.settings | {"clv": {"model": "bg_nbd"}}


def dated(orders: Iterable[tuple[str, date, str]]) -> Callable[[str], list[dict[str, Any]]]:
    """Rows of `orders` from customers, days and amounts."""
    orders = list(orders)
    return lambda brand_id: [
        {
            "brand_id": brand_id, "order_id": f"{brand_id} {number}", "customer_id": customer_id,
            "ordered_at": day.isoformat(), "status": "completed", "gross_amount": amount,
        }
        for number, (customer_id, day, amount) in enumerate(orders)
    ]  # fmt: skip


def brands() -> list[Brand]:
    """The three brands; CDNOW and the grocer with the settings that the sample gives them."""
    given = project.project_settings()["brands"]
    return [
        Brand("cdnow", "CDNOW", date(1998, 6, 30), given["cdnow"], dated(clv_data.cdnow(whole=True))),
        Brand(
            "gift", "Online Retail", date(2011, 12, 8),
            online_retail.SETTINGS | {
                "active": {"window_days": 90}, "churn": {"window_days": 180},
                "loyal_when": {"metric": "lifetime_orders", "op": ">=", "value": 5},
            },
            lambda brand_id: online_retail.orders(brand_id=brand_id),
        ),
        # the days of the grocer's orders are those of its own time zone already
        Brand(
            "grocer", "Complete Journey", date(2017, 12, 31), given["grocer"] | {"timezone": "UTC"},
            dated(clv_data.grocer()),
        ),
    ]  # fmt: skip


# How well a score tells customers apart


def auc(scored: Sequence[tuple[float, bool]]) -> float | None:
    """The chance that of two customers, one who ordered and one who did not, the first has the higher score; ties count
    half. None where all or none ordered."""
    ordered, others = Counter(), Counter()
    for score, is_ordered in scored:
        (ordered if is_ordered else others)[score] += 1
    pairs = ordered.total() * others.total()
    won = below = 0.0
    for score in sorted(ordered | others):
        won += ordered[score] * (below + others[score] / 2)
        below += others[score]
    return won / pairs if pairs else None


def of_top_tenth(scored: Sequence[tuple[float, float]]) -> float:
    """How much of a quantity the tenth of the customers with the highest scores has. Customers with equal scores have
    equal parts in the tenth, as if drawn by lot."""
    left = len(scored) / 10
    by_score: dict[float, list[float]] = {}
    for score, quantity in scored:
        by_score.setdefault(score, []).append(quantity)
    total = 0.0
    for score in sorted(by_score, reverse=True):
        part = min(1.0, left / len(by_score[score]))
        total += part * sum(by_score[score])
        left -= part * len(by_score[score])
        if left <= 0:
            break
    return total / sum(quantity for _, quantity in scored)


# What is measured


@dataclass
class Cut:
    """A brand on a day: its customers with an order by then, and what they did next.

    A customer has the columns of `customers`, `priority` and `is_due` of `customer_actions`, `old_p_alive`,
    `ordered` (whether within the horizon), `revenue` (in it), `base_end` (the first day out of the base unless another
    order comes) and `left` (whether no order came before it; None where the data end earlier).
    """

    day: date
    customers: list[dict[str, Any]]


@dataclass
class Volumes:
    """Per day of a week: alerts by type, actions by code."""

    customers: int
    alerts: Counter = field(default_factory=Counter)  # in force, all days added up
    new_alerts: Counter = field(default_factory=Counter)
    due: Counter = field(default_factory=Counter)
    newly_due: Counter = field(default_factory=Counter)


@dataclass
class Measured:
    """All of one brand."""

    brand: Brand
    cuts: list[Cut]
    backtests: dict[str, dict[tuple[date, int, str], dict[str, Any]]]  # by model, then by the key
    fit: dict[str, Any]
    volumes: Volumes


COLUMNS = (
    "customer_id, loyalty_class, lifecycle_stage, rfm_segment, coalesce(churn_risk, 'not in the base') as churn_risk, "
    "churn_probability, p_order_90d, p_alive, r_score, overdue_ratio, recency_days, orders_90d, last_base_day, "
    "predicted_clv_365d"
)


def measure(brand: Brand, folder: Path, volume_days: int = VOLUME_DAYS) -> Measured:
    """Build a brand at its end, at its cuts and on the days of a week, and read what is needed."""
    both, alone = {brand.name: brand.settings, brand.name + OLD: brand.old_settings}, {brand.name: brand.settings}
    for name, names in (("both", both), ("alone", alone)):
        (folder / name).mkdir(parents=True)
        rows = [row for brand_id in names for row in brand.rows(brand_id)]
        project.write_csv(folder / name / "orders.csv", rows, project.COLUMNS["orders"])

    def build(day: date, of: dict[str, Any], select: str) -> project.Build:
        print(f"{brand.name} as of {day}: {select}", file=sys.stderr, flush=True)
        name = "both" if of is both else "alone"
        done = project.build(folder / f"{name} {day}", {
            "raw_dir": str(folder / name), "brands": of, "as_of_date": day.isoformat(),
            "max_rejected_share": 1,  # some invoices of Online Retail name no customer
        }, select)  # fmt: skip
        if not done.succeeded:
            sys.exit(f"{done.messages[-4000:]}\ndbt build failed")
        return done

    at_end = build(brand.end, both, "+clv_backtests +clv_model_fit +fct_orders")
    purchases: dict[str, list[tuple[date, float]]] = {}
    for row in at_end.rows(
        "select customer_id, order_date, cast(sum(net_revenue) as double) as revenue from facts.fct_orders "
        f"where is_purchase and brand_id = '{brand.name}' group by all"
    ):
        purchases.setdefault(row["customer_id"], []).append((row["order_date"], row["revenue"]))
    cuts = []
    for days in CUTS:
        day = brand.end - timedelta(days=days)
        done = build(day, both, "+customer_actions")
        # where BG/NBD has no p_alive to show, for customers with one order date, it is 1
        cuts.append(Cut(day, [seen(row, purchases, day, brand.end) for row in done.rows(
            f"""
            with old as (
                select customer_id, coalesce(p_alive, 1) as old_p_alive from marts.customers
                where brand_id = '{brand.name}{OLD}'
            )
            select {COLUMNS}, priority, is_due, old_p_alive
            from marts.customers
            inner join marts.customer_actions using (brand_id, customer_id)
            inner join old using (customer_id)
            where brand_id = '{brand.name}' and lifetime_orders > 0
            """
        )]))  # fmt: skip
    backtests: dict[str, dict[tuple[date, int, str], dict[str, Any]]] = {"mbg_nbd": {}, "bg_nbd": {}}
    for row in at_end.rows("from marts.clv_backtests"):
        model = "bg_nbd" if row["brand_id"].endswith(OLD) else "mbg_nbd"
        backtests[model][row["cut_date"], row["horizon_days"], row["customer_group"]] = row
    (fit,) = at_end.rows(f"from marts.clv_model_fit where is_used and brand_id = '{brand.name}'")
    days = [brand.end - timedelta(days=number) for number in range(volume_days, -1, -1)] if volume_days else []
    return Measured(
        brand, cuts, backtests, fit,
        volumes([day_of(build(day, alone, "+customer_actions")) for day in days]),
    )  # fmt: skip


def seen(row: dict[str, Any], purchases: dict[str, list[tuple[date, float]]], cut: date, end: date) -> dict[str, Any]:
    """A customer at the cut, with what came after it."""
    later = sorted((day, revenue) for day, revenue in purchases.get(row["customer_id"], []) if day > cut)
    within = [revenue for day, revenue in later if day <= cut + timedelta(days=HORIZON)]
    last_day = row["last_base_day"]
    left = None
    if last_day is not None and last_day <= end:
        left = not (later and later[0][0] <= last_day)
    return row | {"ordered": bool(within), "revenue": sum(within), "left": left}


def day_of(done: project.Build) -> tuple[dict[str, str], dict[str, tuple[str, date]], int]:
    """The alerts of a build by id, and the actions that are due by customer; how many customers there are."""
    alerts = {row["alert_id"]: row["alert_type"] for row in done.rows("from marts.lifecycle_alerts")}
    due = {
        row["customer_id"]: (row["action_code"], row["since"])
        for row in done.rows("from marts.customer_actions where is_due")
    }
    (known,) = done.rows("select count(*) as customers from marts.customer_actions")
    return alerts, due, known["customers"]


def volumes(days: list[tuple[dict[str, str], dict[str, tuple[str, date]], int]]) -> Volumes:
    """What each day but the first has, and what the day before did not have."""
    found = Volumes(days[-1][2] if days else 0)
    for (alerts_before, due_before, _), (alerts, due, _) in pairwise(days):
        found.alerts.update(alerts.values())
        found.new_alerts.update(kind for key, kind in alerts.items() if key not in alerts_before)
        found.due.update(code for code, _ in due.values())
        found.newly_due.update(
            action[0] for customer_id, action in due.items() if due_before.get(customer_id) != action
        )
    return found


# CDNOW as in the papers: 39 weeks to fit, 39 to predict


@dataclass
class Papers:
    """The totals and errors of each way to predict order dates and net revenue, and the weekly sums in the picture."""

    customers: int
    ordered: int
    errors: dict[str, dict[str, tuple[float, float, float, float]]]  # by unit, by name: actual, predicted, mae, rmse
    weeks: list[tuple[date, int, dict[str, float]]]  # last day, repeat order dates up to it, expected by each model


WEEKS = 39


def measure_papers(folder: Path) -> Papers:
    """The CDNOW sample, fitted by both models on its first half."""
    cut, end = date(1997, 9, 30), date(1998, 6, 30)
    days = (end - cut).days
    orders = clv_data.cdnow()
    settings = clv_data.FREE
    done = project.build(folder / "built", {
        "raw_dir": str(clv_data.write_orders(folder / "raw", {"new": orders, "old": orders})),
        "brands": {"new": settings, "old": settings | {"clv": {"model": "bg_nbd"}}}, "as_of_date": cut.isoformat(),
    }, "+customers +clv_model_fit")  # fmt: skip
    if not done.succeeded:
        sys.exit(f"{done.messages[-4000:]}\ndbt build failed")
    purchases = clv.day_amounts(clv_data.rows_of(orders))
    histories = clv.histories(purchases, cut)
    models = {
        row["brand_id"]: clv.MODELS[row["model"]](row["r"], row["alpha"], row["a"], row["b"])
        for row in done.rows("from marts.clv_model_fit where is_used")
    }
    names = {"new": "MBG/NBD", "old": "BG/NBD"}
    worth = {
        row["customer_id"]: row["expected_order_value"]
        for row in done.rows("select customer_id, expected_order_value from marts.customers where brand_id = 'new'")
    }
    predicted: dict[str, dict[str, dict[str, float]]] = {"order dates": {}, "net revenue": {}}
    for key, name in names.items():
        # the marts have no horizon of 273 days: the independent program takes it from the marts' parameters
        expected = {c: clv.expected_orders(models[key], history, days) for c, history in histories.items()}
        predicted["order dates"][name] = expected
        predicted["net revenue"][name] = {c: count * worth[c] for c, count in expected.items()}
    for name, skip in (("the naive rule", 0), ("the same, first orders left out", 1)):
        past = {
            c: [float(amount) for day, amount in sorted(purchases[c].items())[skip:]
                if cut - timedelta(days=days) < day <= cut]
            for c in histories
        }  # fmt: skip
        predicted["order dates"][name] = {c: float(len(amounts)) for c, amounts in past.items()}
        predicted["net revenue"][name] = {c: sum(amounts) for c, amounts in past.items()}
    future = {c: [float(amount) for day, amount in purchases[c].items() if cut < day <= end] for c in histories}
    actual = {
        "order dates": {c: float(len(amounts)) for c, amounts in future.items()},
        "net revenue": {c: sum(amounts) for c, amounts in future.items()},
    }
    errors = {
        unit: {name: misses(actual[unit], values) for name, values in by_name.items()}
        for unit, by_name in predicted.items()
    }
    weeks = []
    first = {c: min(purchases[c]) for c in histories}
    new = clv.History(0, 0, 0)
    for number in range(1, 2 * WEEKS + 1):
        day = cut + timedelta(days=7 * (number - WEEKS))
        ages = Counter((day - first_day).days for first_day in first.values() if first_day < day)
        weeks.append((
            day,
            sum(1 for c in histories for d in purchases[c] if first[c] < d <= day),
            {name: sum(count * clv.expected_orders(models[key], new, age) for age, count in ages.items())
             for key, name in names.items()},
        ))  # fmt: skip
    return Papers(len(histories), sum(map(bool, future.values())), errors, weeks)


def misses(actual: dict[str, float], predicted: dict[str, float]) -> tuple[float, float, float, float]:
    """Totals, mean absolute and root mean squared miss of a customer."""
    each = [predicted[c] - actual[c] for c in actual]
    return (
        sum(actual.values()), sum(predicted.values()), sum(map(abs, each)) / len(each),
        (sum(miss * miss for miss in each) / len(each)) ** 0.5,
    )  # fmt: skip


# The page


def table(header: Sequence[str], rows: Iterable[Sequence[str]], texts: int = 1) -> list[str]:
    """A Markdown table whose first columns are text, the others numbers."""
    lines = [f"| {' | '.join(header)} |", f"|{'|'.join('---' if i < texts else '--:' for i in range(len(header)))}|"]
    return [*lines, *(f"| {' | '.join(row)} |" for row in rows), ""]


def two(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def percent(value: float | None, sign: bool = False) -> str:
    """A whole percentage; an error has its sign."""
    if value is None:
        return ""
    whole = round(100 * value)
    return f"{whole:+}%" if sign and whole else f"{whole}%"


def share(rows: Sequence[dict[str, Any]], column: str) -> float:
    return sum(row[column] for row in rows) / len(rows)


def lift(value: float, of: float) -> str:
    return f"{value / of:.2f}"


def cuts_table(all_measured: list[Measured]) -> list[str]:
    return table(
        ["brand", "cut", "held out to", "customers", "ordered in the 90 days", "base window, days"],
        (
            [
                found.brand.title, str(cut.day), str(cut.day + timedelta(days=HORIZON)), f"{len(cut.customers):,}",
                percent(share(cut.customers, "ordered")), str(found.brand.settings["churn"]["window_days"]),
            ]
            for found in all_measured for cut in found.cuts
        ),
        3,
    )  # fmt: skip


def scores_tables(all_measured: list[Measured]) -> list[str]:
    """For each score: its AUC against who ordered, and the share of buyers and revenue in its top decile."""
    header = ["", *(f"{found.brand.title}, {cut.day}" for found in all_measured for cut in found.cuts)]
    cuts = [cut for found in all_measured for cut in found.cuts]
    lines = []
    for title, figure in (
        (
            "AUC: of two customers, one of whom ordered in the 90 days and one did not, how often the one who did had "
            "the higher score (ties count half; .50 is a coin).",
            lambda rows, score: two(auc([(score(row), row["ordered"]) for row in rows])),
        ),
        (
            "Lift: customers who ordered per customer of the tenth with the highest scores, as a multiple of all "
            "customers'.",
            lambda rows, score: two(10 * of_top_tenth([(score(row), row["ordered"]) for row in rows])),
        ),
        (
            "Revenue: the part of the 90 days' net revenue that came from this tenth.",
            lambda rows, score: percent(of_top_tenth([(score(row), row["revenue"]) for row in rows])),
        ),
    ):
        lines += [title, ""]
        rows = ([name, *(figure(cut.customers, score) for cut in cuts)] for name, score in SCORES.items())
        lines += table(header, rows)
    return lines


def groups_tables(all_measured: list[Measured]) -> list[str]:
    """For each figure that is a group: who ordered, and what they spent, of the first cut of each brand."""
    lines = []
    for column, values in RANKED.items():
        rows = []
        for value in reversed(values):
            cells = [f"`{value}`" if " " not in value else value]
            for found in all_measured:
                customers = found.cuts[0].customers
                members = [row for row in customers if row[column] == value]
                if not members:
                    cells += ["0", "", "", ""]
                    continue
                ordered, revenue = share(members, "ordered"), share(members, "revenue")
                cells += [
                    f"{len(members):,}", percent(ordered), lift(ordered, share(customers, "ordered")),
                    lift(revenue, share(customers, "revenue")),
                ]  # fmt: skip
            rows.append(cells)
        header = [f"`{column}`"]
        for found in all_measured:
            header += [f"{found.brand.title}: {what}" for what in ("customers", "ordered", "lift", "revenue lift")]
        lines += table(header, rows)
    return lines


def churn_tables(all_measured: list[Measured]) -> list[str]:
    """The chance to leave beside who left, of customers whose time was up before the data ended."""
    rows, aucs = [], []
    for found in all_measured:
        for cut in found.cuts:
            based = [row for row in cut.customers if row["churn_probability"] is not None]
            if any(row["left"] is None for row in based):
                continue  # those whose end is known are those who have been silent for long
            name = f"{found.brand.title}, {cut.day}"
            aucs.append([
                name, f"{len(based):,}", two(share(based, "churn_probability")), two(share(based, "left")),
                two(auc([(row["churn_probability"], row["left"]) for row in based])),
            ])  # fmt: skip
            for risk in ("low", "medium", "high"):
                members = [row for row in based if row["churn_risk"] == risk]
                rows.append([
                    name, f"`{risk}`", f"{len(members):,}",
                    *((two(share(members, "churn_probability")), two(share(members, "left"))) if members else ("", "")),
                ])  # fmt: skip
    return [
        "Customers in the base, at the cuts after which the data last as long as the base window: the mean chance to "
        "leave, and the share that did leave, without another order.",
        "",
        *table(["brand and cut", "in the base", "`churn_probability`", "left", "AUC"], aucs),
        *table(["brand and cut", "`churn_risk`", "customers", "`churn_probability`", "left"], rows, 2),
    ]


def priority_table(all_measured: list[Measured]) -> list[str]:
    """Who is first in line, beside the customers worth most."""
    rows = []
    for found in all_measured:
        for cut in found.cuts:
            by_priority = sorted(cut.customers, key=lambda row: row["priority"])
            by_value = sorted(cut.customers, key=lambda row: (-(row["predicted_clv_365d"] or 0), row["customer_id"]))
            for name, ranked in (("`priority`", by_priority), ("`predicted_clv_365d`", by_value)):
                first = ranked[:100]
                risks = Counter(row["churn_risk"] for row in first)
                chances = [row["churn_probability"] for row in first if row["churn_probability"] is not None]
                rows.append([
                    f"{found.brand.title}, {cut.day}", name,
                    *(str(risks[risk]) for risk in ("low", "medium", "high", "not in the base")),
                    two(sum(chances) / len(chances) if chances else None), percent(share(first, "ordered")),
                    f"{share(first, 'revenue') / share(cut.customers, 'revenue'):.1f}",
                ])  # fmt: skip
    return table(
        ["brand and cut", "the first 100 by", "`low`", "`medium`", "`high`", "not in the base",
         "mean `churn_probability`", "ordered in the 90 days", "revenue lift"],
        rows, 2,
    )  # fmt: skip


def backtest_tables(all_measured: list[Measured]) -> list[str]:
    """Errors of the totals at every cut, and by tenth at the latest."""
    rows = []
    for found in all_measured:
        for key, new in sorted(found.backtests["mbg_nbd"].items()):
            if key[2] != "all":
                continue
            old = found.backtests["bg_nbd"].get(key, {})
            rows.append([
                found.brand.title, str(key[0]), str(key[1]), f"{new['actual_orders']:,}",
                percent(new["orders_error"], True), percent(old.get("orders_error"), True),
                percent(new["naive_orders_error"], True), two(new["customer_mae"]), two(old.get("customer_mae")),
                two(new["naive_customer_mae"]), percent(new["net_revenue_error"], True),
                percent(new["naive_net_revenue_error"], True), two(new["order_auc"]), two(old.get("order_auc")),
            ])  # fmt: skip
    lines = [
        "From `clv_backtests`, of all customers known at each cut: error of the total of order dates, mean absolute "
        "error per customer (MAE), error of the total of net revenue, and `order_auc`. The naive rule expects as much "
        "as in the equally long time before the cut.",
        "",
    ]
    lines += table(
        ["brand", "cut", "days", "order dates", "error: MBG/NBD", "error: BG/NBD", "error: naive", "MAE: MBG/NBD",
         "MAE: BG/NBD", "MAE: naive", "revenue: MBG/NBD", "revenue: naive", "AUC: MBG/NBD", "AUC: BG/NBD"],
        rows, 2,
    )  # fmt: skip
    header = ["tenth"]
    for found in all_measured:
        header += [f"{found.brand.title}: {what}" for what in ("order dates", "MBG/NBD", "naive", "BG/NBD")]
    rows = []
    for number in range(1, 11):
        cells = [str(number)]
        for found in all_measured:
            key = found.brand.end - timedelta(days=90), 90, f"decile_{number}"
            new, old = found.backtests["mbg_nbd"].get(key), found.backtests["bg_nbd"].get(key)
            cells += ["", "", "", ""] if new is None else [
                f"{new['actual_orders']:,}", percent(new["orders_error"], True),
                percent(new["naive_orders_error"], True), percent(old and old["orders_error"], True),
            ]  # fmt: skip
        rows.append(cells)
    lines += [
        f"By tenth of the customers, the best first, at the cut {CUTS[0]} days before the end. BG/NBD has tenths of "
        "its own, which other customers may be in.",
        "",
        *table(header, rows),
    ]
    lines += table(
        ["brand", "lowest error", "highest error", "cuts", "`season_factor_90d`", "`spend_correlation`"],
        (
            [
                found.brand.title, percent(found.fit["lowest_error_90d"], True),
                percent(found.fit["highest_error_90d"], True), str(found.fit["error_cuts"]),
                two(found.fit["season_factor_90d"]), two(found.fit["spend_correlation"]),
            ]
            for found in all_measured
        ),
    )  # fmt: skip
    return lines


def volumes_tables(all_measured: list[Measured]) -> list[str]:
    """Alerts and actions of an average day of the week before the end of the data."""

    def rows(of: Callable[[Volumes], tuple[Counter, Counter]]) -> list[list[str]]:
        names = sorted({name for found in all_measured for counter in of(found.volumes) for name in counter})
        return [
            [f"`{name}`", *(f"{counter[name] / VOLUME_DAYS:,.1f}" for found in all_measured
                            for counter in of(found.volumes))]
            for name in names
        ] + [
            ["all", *(f"{counter.total() / VOLUME_DAYS:,.1f}" for found in all_measured
                      for counter in of(found.volumes))]
        ]  # fmt: skip

    lines = [
        "Per day, mean of the last "
        + ("week" if VOLUME_DAYS == 7 else f"{VOLUME_DAYS} days")
        + " of the data. Known customers: "
        + ", ".join(f"{found.brand.title} {found.volumes.customers:,}" for found in all_measured)
        + ".",
        "",
    ]
    lines += table(
        ["alert", *(f"{found.brand.title}: {what}" for found in all_measured for what in ("in force", "new"))],
        rows(lambda day: (day.alerts, day.new_alerts)),
    )
    lines += table(
        ["action", *(f"{found.brand.title}: {what}" for found in all_measured for what in ("due", "newly due"))],
        rows(lambda day: (day.due, day.newly_due)),
    )
    return lines


def papers_tables(found: Papers) -> list[str]:
    lines = [
        f"{found.customers:,} customers, {found.ordered:,} of whom order in the hold-out.",
        "",
    ]
    rows = []
    for unit, by_name in found.errors.items():
        decimals = 3 if unit == "order dates" else 2
        for name, (actual, predicted, mae, rmse) in by_name.items():
            rows.append([
                unit, name, f"{actual:,.0f}", f"{predicted:,.0f}", f"{100 * (predicted / actual - 1):+.1f}%",
                f"{mae:,.{decimals}f}", f"{rmse:,.{decimals}f}",
            ])  # fmt: skip
    return lines + table(
        ["", "predicted by", "actual", "predicted", "error", "per customer: mean absolute error", "root mean square"],
        rows, 2,
    )  # fmt: skip


def measured_commit() -> str:
    """The latest commit that changed what is measured, and whether that was changed since."""

    def git(*arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()

    commit = git("log", "-1", "--format=%h", "--abbrev=7", "--", *MEASURED)
    return f"`{commit}`" + (", with changes" if git("status", "--porcelain", "--", *MEASURED) else "")


def generated(all_measured: list[Measured], papers: Papers, commit: str) -> str:
    """What stands between the markers."""
    lines = [
        f"Measured at commit {commit}, the latest that changed a model, macro or seed.",
        "",
        "### The hold-outs", "", *cuts_table(all_measured),
        "### Who ordered again", "", *scores_tables(all_measured),
        "### By group", "",
        f"At the cut {CUTS[0]} days before the end: customers, how many of them ordered in the 90 days, and both that "
        "and net revenue per customer as a multiple of all customers'.", "", *groups_tables(all_measured),
        "### Who left", "", *churn_tables(all_measured),
        "### Who comes first", "", *priority_table(all_measured),
        "### How far off predictions were", "", *backtest_tables(all_measured),
        "### CDNOW as in the papers", "", *papers_tables(papers),
        "### Alerts and actions per day", "", *volumes_tables(all_measured),
    ]  # fmt: skip
    return "\n".join(map(wrapped, lines)).rstrip() + "\n"


def wrapped(line: str) -> str:
    """A paragraph in lines of 120 characters at most; a row of a table stays on one line."""
    return line if line.startswith("|") else textwrap.fill(line, 120, break_long_words=False, break_on_hyphens=False)


def page_with(text: str, measured: str) -> str:
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{measured}{END}{after}"


def without_commit(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("Measured at commit"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only compare the figures with those of docs/truth.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="truth-") as folder:
        papers = measure_papers(Path(folder) / "papers")
        all_measured = [measure(brand, Path(folder) / brand.name) for brand in brands()]
    text = PAGE.read_text(encoding="utf-8")
    new = page_with(text, generated(all_measured, papers, measured_commit()))
    if options.check:
        if without_commit(new) != without_commit(text):
            sys.exit(f"{PAGE.relative_to(ROOT)} has other figures: run `make truth`")
        return
    PAGE.write_text(new, encoding="utf-8")

    import plot_truth  # needs matplotlib, which measuring does not

    plot_truth.draw(all_measured, papers)


if __name__ == "__main__":
    main()
