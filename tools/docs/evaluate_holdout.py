#!/usr/bin/env python3
"""How good the predictions are: fitted on the first part of two real data sets, compared with what followed.

    make holdout                                   # needs requirements-plots.txt
    python tools/docs/evaluate_holdout.py --check     # exits 1 where docs/holdout.md has other figures; draws nothing

Builds the project twice for each data set, in a temporary folder: once as of the cut, for the parameters, the
histories and the predictions; once as of the end of the hold-out, for the orders that came. Prints the tables, writes
them between the markers of docs/holdout.md, and draws the pictures into docs/images/.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import matplotlib.pyplot as plt

from plot_results import INK, PAPER, SOFT, STAGE_COLOURS, STYLE, head, save

ROOT = Path(__file__).resolve().parents[2]
DBT = Path(sys.executable).with_name("dbt")
PAGE = ROOT / "docs" / "holdout.md"
BEGIN, END = "<!-- measured: begin -->\n", "<!-- measured: end -->\n"
MOST = 7  # repeat orders in calibration: this many and more are one group
PREDICTED_BY = {
    "model": "the models",
    "naive": "the naive rule",
    "repeats": "the same, first orders left out",
}
ACTUAL, EXPECTED = INK, STAGE_COLOURS["retention"]


@dataclass
class DataSet:
    """Real orders, and the day on which they are cut."""

    brand_id: str
    title: str
    cut: date  # the last day that the fit sees
    weeks: int  # of the hold-out, right after it
    settings: dict

    @property
    def days(self) -> int:
        return 7 * self.weeks

    @property
    def end(self) -> date:
        return self.cut + timedelta(days=self.days)


DATA_SETS = [
    DataSet("cdnow", "CDNOW, 1/10 sample", date(1997, 9, 30), 39, {"currency": "USD", "count_zero_value_orders": True}),
    DataSet(
        "online_retail", "UCI Online Retail", date(2011, 6, 9), 26, {"currency": "GBP", "timezone": "Europe/London"}
    ),
]


@dataclass
class Errors:
    """Of one way to predict, in one unit."""

    actual: float
    predicted: float
    mae: float
    rmse: float

    @property
    def relative(self) -> float:
        return self.predicted / self.actual - 1


@dataclass
class Evaluation:
    """The results for one data set."""

    data_set: DataSet
    customers: int
    repeat_customers: int
    parameters: dict
    ordered_again: int  # customers, in the hold-out
    errors: dict[tuple[str, str], Errors]  # by what (orders, revenue) and by whom (see PREDICTED_BY)
    groups: list[tuple[int, int, float, float]]  # repeat orders in calibration, customers, mean actual, mean expected
    weeks: list[tuple[date, int, float]]  # last day, repeat orders up to it, expected


def write_orders(data_set: DataSet, folder: Path) -> None:
    """The raw table `orders` as a file that `raw_dir` finds."""
    folder.mkdir(parents=True)
    file = folder / "orders.parquet"
    if data_set.brand_id == "online_retail":
        sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT / "tests")]
        from oracle.online_retail import write_orders as write_online_retail

        write_online_retail(file)
        return
    source = ROOT / "tools" / "sample" / "sources" / "cdnow_sample.csv"
    with duckdb.connect() as connection:
        connection.read_csv(str(source), all_varchar=True).query(
            "purchases",
            """
            select
                'cdnow' as brand_id,
                cast(row_number() over (order by customer_id, order_date, amount) as varchar) as order_id,
                customer_id,
                order_date as ordered_at,
                'completed' as status,
                amount as gross_amount
            from purchases
            """,
        ).write_parquet(str(file))


def build(data_set: DataSet, raw: Path, folder: Path, as_of_date: date, select: str) -> Path:
    """Run some models as of a day; returns their database."""
    folder.mkdir()
    database = folder / "lifecycle.duckdb"
    # the caller's own warehouse and target do not apply here
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LIFECYCLE_", "DBT_"))}
    environment |= {"LIFECYCLE_DUCKDB_PATH": str(database), "LIFECYCLE_TARGET": "duckdb"}
    variables = {
        "raw_dir": str(raw),
        "as_of_date": as_of_date.isoformat(),
        # the page is about BG/NBD, the model of the papers that it follows
        "brands": {data_set.brand_id: data_set.settings | {"clv": {"model": "bg_nbd"}}},
        "max_rejected_share": 1,  # some invoices of Online Retail name no customer
    }
    run = subprocess.run(
        [
            DBT,
            "--quiet",
            "--no-use-colors",
            "build",
            "--select",
            select,
            "--resource-type",
            "model",
            "seed",
            "--vars",
            json.dumps(variables),
            "--target-path",
            folder / "target",
            "--log-path",
            folder / "logs",
        ],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        sys.exit(f"{run.stdout[-4000:]}{run.stderr[-4000:]}\ndbt build failed")
    return database


def there(days: str, rate: str, shape: str) -> str:
    """Expected order dates in a number of days of a customer who is still there, over the nodes of the probability of
    leaving: macros/clv/expected_orders_if_there.sql for any horizon."""
    u = f"p * {days} / {rate}"
    return f"""sum(weight * case
        when ({shape} + 1) * {u} < 1e-4
            then {shape} * {days} / {rate} * (
                1 - ({shape} + 1) / 2 * {u} * (1 - ({shape} + 2) / 3 * {u} * (1 - ({shape} + 3) / 4 * {u}))
            )
        else (1 - exp(-{shape} * ln(1 + {u}))) / p
    end)"""


def evaluate(data_set: DataSet, folder: Path) -> Evaluation:
    raw = folder / "raw"
    write_orders(data_set, raw)
    at_cut = build(data_set, raw, folder / "cut", data_set.cut, "+clv_model_fit")
    at_end = build(data_set, raw, folder / "end", data_set.end, "+fct_orders")
    with duckdb.connect(str(at_cut), read_only=True) as connection:
        connection.execute(f"attach '{at_end}' as later (read_only)")
        connection.execute("from marts.clv_model_fit where is_used")
        parameters = dict(zip([column[0] for column in connection.description], connection.fetchone()))
        # at a bound there are parameters too: nobody leaves in Online Retail's half year
        if parameters["r"] is None or parameters["p"] is None:
            sys.exit(f"{data_set.brand_id}: {parameters['fit_status']}, {parameters['gamma_gamma_status']}")
        model = {name: parameters[name] for name in ("r", "alpha", "a", "b")}
        days = data_set.days
        # as many days before the cut as after it
        first_day = data_set.cut - timedelta(days=days - 1)
        connection.execute(
            f"""
            create temporary table customers as
            with order_days as (
                select customer_id, order_date, sum(net_revenue) as revenue
                from later.facts.fct_orders
                where is_purchase
                group by customer_id, order_date
            ),
            marked as (
                select
                    *,
                    order_date > date '{data_set.cut}' as is_after,
                    order_date between date '{first_day}' and date '{data_set.cut}' as is_before,
                    order_date > min(order_date) over (partition by customer_id) as is_repeat
                from order_days
            ),
            seen as (
                select
                    customer_id,
                    count(*) filter (where is_after) as actual_orders,
                    count(*) filter (where is_before) as naive_orders,
                    count(*) filter (where is_before and is_repeat) as repeats_orders,
                    coalesce(sum(revenue) filter (where is_after), 0) as actual_revenue,
                    coalesce(sum(revenue) filter (where is_before), 0) as naive_revenue,
                    coalesce(sum(revenue) filter (where is_before and is_repeat), 0) as repeats_revenue
                from marked
                group by customer_id
            ),
            expectations as (
                select histories.x, histories.observed_days,
                    {
                there(
                    f"{days}e0",
                    f"({model['alpha']!r} + histories.observed_days)",
                    f"({model['r']!r} + histories.x)",
                )
            } as orders
                from (
                    select distinct x, observed_days from facts.fct_clv_histories where cut_days = 0
                ) as histories
                inner join facts.int_clv_nodes as nodes on nodes.cut_days = 0 and histories.x = nodes.x
                group by histories.x, histories.observed_days
            )
            select
                customer_id,
                histories.x,
                cast('{data_set.cut}' as date) - cast(histories.observed_days as integer) as first_order_date,
                seen.* exclude customer_id,
                predictions.p_alive * expectations.orders as model_orders,
                predictions.p_alive * expectations.orders * predictions.expected_order_value as model_revenue
            from facts.fct_clv_histories as histories
            inner join facts.fct_clv_predictions as predictions using (customer_id, cut_days)
            inner join expectations using (x, observed_days)
            inner join seen using (customer_id)
            where cut_days = 0
            """
        )
        (known,) = connection.execute("select count(*) from facts.fct_clv_histories where cut_days = 0").fetchone()
        customers, ordered_again = connection.execute(
            "select count(*), count(*) filter (where actual_orders > 0) from customers"
        ).fetchone()
        if customers != known:
            sys.exit(f"{data_set.brand_id}: {known} customers at the cut, {customers} with orders and an expectation")
        errors = {
            (what, who): Errors(
                *map(
                    float,
                    connection.execute(
                        f"""
                        select sum(actual_{what}), sum({who}_{what}), avg(abs({who}_{what} - actual_{what})),
                            sqrt(avg(pow({who}_{what} - actual_{what}, 2)))
                        from customers
                        """
                    ).fetchone(),
                )
            )
            for what in ("orders", "revenue")
            for who in PREDICTED_BY
        }
        groups = connection.execute(
            f"""
            select least(x, {MOST}) as repeat_orders, count(*), avg(actual_orders), avg(model_orders)
            from customers group by repeat_orders order by repeat_orders
            """
        ).fetchall()
        weeks = tracked(connection, data_set, model)
    return Evaluation(
        data_set, customers, parameters["repeat_customers"], parameters, ordered_again, errors, groups, weeks
    )


def tracked(connection: duckdb.DuckDBPyConnection, data_set: DataSet, model: dict) -> list[tuple[date, int, float]]:
    """Repeat orders of the customers known at the cut up to the end of each week, and those expected of a new customer:
    only the date of the first order is used, not the rest of the history."""
    (first,) = connection.execute("select min(first_order_date) from customers").fetchone()
    # whole weeks back from the cut, so that it is the end of one
    before = math.ceil(((data_set.cut - first).days + 1) / 7)
    return connection.execute(
        f"""
        with weeks as (
            select unnest(generate_series(
                date '{data_set.cut}' - {7 * before}, date '{data_set.end}', interval 7 day
            ))::date as week_end
        ),
        repeats as (
            select distinct customer_id, order_date
            from later.facts.fct_orders
            inner join customers using (customer_id)
            where is_purchase and order_date > customers.first_order_date
        ),
        actual as (
            select week_end, count(order_date) as orders
            from weeks left join repeats on order_date <= week_end
            group by week_end
        ),
        ages as (
            select week_end, week_end - first_order_date as age, count(*) as customers
            from weeks inner join customers on first_order_date < week_end
            group by all
        ),
        of_age as (
            select age, {there("cast(age as double)", repr(model["alpha"]), repr(model["r"]))} as orders
            from (select distinct age from ages)
            cross join (select p, weight from facts.int_clv_nodes where cut_days = 0 and x = 0)
            group by age
        ),
        expected as (
            select week_end, sum(customers * orders) as orders from ages inner join of_age using (age) group by week_end
        )
        select week_end, actual.orders, coalesce(expected.orders, 0)
        from actual left join expected using (week_end)
        order by week_end
        """
    ).fetchall()


# The page


def markdown(evaluations: list[Evaluation]) -> str:
    """Three tables: the cuts, and the errors in order dates and revenue."""
    lines = [
        "| data | fitted on orders to | held out to | weeks | customers | with a repeat order | who order in the "
        "hold-out "
        "| r, alpha, a, b | fit |",
        "|---|---|---|--:|--:|--:|--:|---|---|",
    ]
    for found in evaluations:
        data_set = found.data_set
        values = ", ".join(f"{found.parameters[name]:.4g}" for name in ("r", "alpha", "a", "b"))
        lines.append(
            f"| {data_set.title} | {data_set.cut} | {data_set.end} | {data_set.weeks} | {found.customers:,} "
            f"| {found.repeat_customers:,} | {found.ordered_again:,} | {values} | `{found.parameters['fit_status']}` |"
        )
    for what, unit, decimals in (("orders", "order dates", 3), ("revenue", "net revenue", 2)):
        lines += [
            "",
            f"| {unit} | predicted by | actual | predicted | error | per customer: mean absolute error | root mean "
            "square |",
            "|---|---|--:|--:|--:|--:|--:|",
        ]
        for found in evaluations:
            currency = f", {found.data_set.settings['currency']}" if what == "revenue" else ""
            for who, name in PREDICTED_BY.items():
                errors = found.errors[what, who]
                lines.append(
                    f"| {found.data_set.title}{currency} | {name} | {errors.actual:,.0f} | {errors.predicted:,.0f} "
                    f"| {100 * errors.relative:+.1f}% | {errors.mae:,.{decimals}f} | {errors.rmse:,.{decimals}f} |"
                )
    return "\n".join(lines) + "\n"


def page_with(table: str) -> str:
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{table}{END}{after}"


# The pictures


def bare(axes: plt.Axes) -> None:
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0)
    axes.yaxis.grid(True, color="#e4e6ea", linewidth=0.8)
    axes.set_axisbelow(True)


def draw_by_purchases(evaluations: list[Evaluation]) -> None:
    """Mean order dates of the hold-out by repeat orders in calibration."""
    figure, panels = plt.subplots(1, len(evaluations), figsize=(9.4, 4.8))
    figure.subplots_adjust(left=0.065, right=0.985, top=0.79, bottom=0.15, wspace=0.16)
    for axes, found in zip(panels, evaluations):
        places = range(len(found.groups))
        axes.bar(
            [place - 0.2 for place in places], [group[2] for group in found.groups], 0.38, color=ACTUAL, label="actual"
        )
        axes.bar(
            [place + 0.2 for place in places],
            [group[3] for group in found.groups],
            0.38,
            color=EXPECTED,
            label="expected",
        )
        axes.set_xticks(
            places,
            [f"{group[0]}{'+' if group[0] == MOST else ''}\n{group[1]:,}" for group in found.groups],
            fontsize=9,
        )
        axes.set_xlabel("repeat orders before the cut, and how many customers")
        axes.set_title(f"{found.data_set.title}, {found.data_set.weeks} weeks", loc="left", fontsize=10.5, color=INK)
        bare(axes)
    panels[0].set_ylabel("order dates per customer")
    panels[0].legend(frameon=False, loc="upper left")
    head(
        figure,
        "Expected orders rise with past orders as actual ones do, mostly below them",
        "Mean order dates in the hold-out, actual and expected by BG/NBD, by repeat orders before the cut",
    )
    save(figure, "clv_by_purchases.png")


def draw_over_time(evaluations: list[Evaluation]) -> None:
    """Cumulative repeat orders, week by week, before and after the cut."""
    figure, panels = plt.subplots(1, len(evaluations), figsize=(9.4, 4.8))
    figure.subplots_adjust(left=0.085, right=0.98, top=0.77, bottom=0.12, wspace=0.2)
    for axes, found in zip(panels, evaluations):
        numbers = list(range(len(found.weeks)))
        cut = next(number for number, week in enumerate(found.weeks) if week[0] == found.data_set.cut)
        axes.axvspan(cut, numbers[-1], color="#f3f5f8", linewidth=0, zorder=0)
        axes.plot(numbers, [week[1] for week in found.weeks], color=ACTUAL, linewidth=2, label="actual")
        axes.plot(
            numbers, [week[2] for week in found.weeks], color=EXPECTED, linewidth=2.4, dashes=(3, 1.4), label="expected"
        )
        top = 1.12 * max(max(week[1:]) for week in found.weeks)
        axes.set_xlim(0, numbers[-1])
        axes.set_ylim(0, top)
        axes.text(cut - 0.7, 0.955 * top, "fitted on", ha="right", va="center", fontsize=9, color=SOFT)
        axes.text(cut + 0.7, 0.955 * top, "held out", ha="left", va="center", fontsize=9, color=SOFT)
        axes.axvline(cut, color=SOFT, linewidth=0.9)
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        axes.set_xlabel("weeks since the data begin")
        axes.set_title(found.data_set.title, loc="left", fontsize=10.5, color=INK)
        bare(axes)
    panels[0].set_ylabel("repeat orders so far")
    panels[1].legend(frameon=False, loc="lower right", facecolor=PAPER)
    head(
        figure,
        "BG/NBD follows CDNOW for a year and a half; Online Retail's autumn is not in it",
        "Repeat orders of the customers known at the cut, added up: actual, and expected by BG/NBD from the date of "
        "the\n"
        "first order alone",
    )
    save(figure, "clv_over_time.png")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only compare the figures with those of docs/holdout.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="holdout-") as folder:
        evaluations = [evaluate(data_set, Path(folder) / data_set.brand_id) for data_set in DATA_SETS]
    table = markdown(evaluations)
    print(table)
    if options.check:
        if page_with(table) != PAGE.read_text(encoding="utf-8"):
            sys.exit(f"{PAGE.relative_to(ROOT)} has other figures: run `make holdout`")
        return
    PAGE.write_text(page_with(table), encoding="utf-8")
    with plt.rc_context(STYLE):
        draw_by_purchases(evaluations)
        draw_over_time(evaluations)


if __name__ == "__main__":
    main()
