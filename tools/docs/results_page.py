#!/usr/bin/env python3
"""Write the tables of docs/results.md from the marts of the built sample, or check that they are up to date.

python tools/docs/results_page.py             # after `dbt build`: rewrites the part between the markers
python tools/docs/results_page.py --check     # exits 1 if the page differs from the marts
"""

from __future__ import annotations

import os
import sys
import textwrap
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "results.md"
BEGIN, END = "<!-- results: begin -->\n", "<!-- results: end -->\n"

# heading above the table, then the query whose column names are the table's
TABLES = [
    (
        "## How many stay?\n\n`marts.brand_metrics`, the synthetic brand by month: start - lost + new + back = end.",
        """
        select
            strftime(period_start, '%Y-%m') as "month",
            customers_at_start as "start",
            lost_customers as "lost",
            new_customers as "new",
            reactivated_customers as "back",
            customers_at_end as "end",
            format('{:.1f}%', 100 * churn_rate) as "churn",
            format('{:.1f}%', 100 * repeat_customer_rate) as "bought twice",
            format('{:.2f}', purchase_frequency) as "frequency",
            format('{:t,}', cast(round(average_order_value) as bigint)) as "order value",
            format('{:.0f}%', 100 * active_rate) as "active"
        from marts.brand_metrics
        where brand_id = 'atelier' and period_grain = 'month' and period_start >= '2025-10-01'
        order by period_start
        """,
    ),
    (
        "## Do they come back?\n\n`marts.cohort_retention`: the share of each month's first-time buyers who "
        "bought again one, two … months"
        " later. April 2025 and December 2025 stand out; [the sample's page](sample.md) says why. (The first "
        "table counts a"
        " customer as new from the first order or subscription on, this one from the first order.)",
        """
        select
            strftime(cohort_start, '%Y-%m') as "first bought",
            max(cohort_size) as "customers",
            coalesce(format('{:.0f}%', 100 * max(retention_rate) filter (where period_index = 1)), '') as "+1",
            coalesce(format('{:.0f}%', 100 * max(retention_rate) filter (where period_index = 2)), '') as "+2",
            coalesce(format('{:.0f}%', 100 * max(retention_rate) filter (where period_index = 3)), '') as "+3",
            coalesce(format('{:.0f}%', 100 * max(retention_rate) filter (where period_index = 6)), '') as "+6",
            coalesce(format('{:.0f}%', 100 * max(retention_rate) filter (where period_index = 9)), '') as "+9"
        from marts.cohort_retention
        where brand_id = 'atelier' and cohort_grain = 'month' and cohort_start between '2025-02-01' and '2026-01-01'
        group by cohort_start
        order by cohort_start
        """,
    ),
    (
        "## Who is loyal, and who only buys repeatedly?\n\n`marts.loyalty_summary`, each brand by its own rules.",
        """
        select
            brand_id as "brand",
            loyalty_class as "class",
            customers as "customers",
            format('{:.1f}%', 100 * revenue_share) as "of revenue",
            format('{:t,.2f}', average_order_value) as "order value",
            format('{:.0f}%', 100 * discounted_order_share) as "discounted",
            format('{:.1f}', average_engagement_score) as "engagement",
            coalesce(format('{:.0f}%', 100 * average_p_order_90d), '') as "to order in 90 days",
            coalesce(format('{:.0f}%', 100 * high_risk_share), '') as "at high risk"
        from marts.loyalty_summary
        where orders > 0
        order by brand_id, revenue_share desc
        """,
    ),
    (
        "## Why is this customer not loyal?\n\n`marts.loyalty_criteria`, one row per rule. The brand requires the "
        "first two rules"
        " and one of the other two; `shortfall` says what is missing.",
        """
        select
            customer_id as "customer",
            criterion as "criterion",
            metric || ' ' || op || ' ' || format('{:g}', threshold) as "rule",
            format('{:.3g}', actual_value) as "has",
            case when is_met then 'yes' else 'no' end as "met",
            format('{:.3g}', shortfall) as "shortfall"
        from marts.loyalty_criteria
        where
            brand_id = 'atelier'
            and customer_id = (
                select min(customer_id) from marts.customers
                where
                    brand_id = 'atelier'
                    and loyalty_class = 'repeat'
                    and relationship_status = 'active'
                    and criteria_met = 2
            )
        order by case criterion when 'bought often' then 1 when 'not only for discounts' then 2 else 3 end, criterion
        """,
    ),
    (
        "## What needs attention?\n\n`marts.lifecycle_alerts`, the open alerts by type, with one of each in plain "
        "words.",
        """
        select
            brand_id as "brand",
            alert_type as "alert",
            min(message) as "for example",
            count(*) as "open"
        from marts.lifecycle_alerts
        group by brand_id, alert_type
        order by brand_id, count(*) desc, alert_type
        """,
    ),
    (
        "## Whom to contact today?\n\n`marts.customer_actions`, the synthetic brand: the actions that an alert "
        "calls for, by the"
        " value at stake.",
        """
        select
            playbook.alert_type as "because of",
            actions.action as "action",
            actions.channel as "by",
            count(*) as "customers",
            format('{:t,}', cast(sum(actions.value_at_stake) as bigint)) as "value at stake"
        from marts.customer_actions as actions
        inner join facts.int_playbook as playbook
            on actions.brand_id = playbook.brand_id and actions.playbook_line = playbook.line
        where actions.brand_id = 'atelier' and playbook.alert_type is not null
        group by all
        order by sum(actions.value_at_stake) desc
        """,
    ),
]


def markdown(cursor: duckdb.DuckDBPyConnection, query: str) -> str:
    """A query's result as a Markdown table with right-aligned numbers."""
    result = cursor.execute(query)
    names = [column[0] for column in result.description]
    rows = [[str(value) for value in row] for row in result.fetchall()]
    is_number = [all(row[i][:1].isdigit() or not row[i] for row in rows) and i > 0 for i in range(len(names))]
    lines = ["| " + " | ".join(names) + " |", "|" + "|".join("---:" if right else "---" for right in is_number) + "|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def results(path: str) -> str:
    """All tables, from the DuckDB file at the path."""
    with duckdb.connect(path, read_only=True) as connection:
        return "\n".join(f"{wrapped(text)}\n\n{markdown(connection, query)}" for text, query in TABLES)


def wrapped(text: str) -> str:
    """Paragraphs in lines of 120 characters at most."""
    return "\n\n".join(
        textwrap.fill(paragraph, 120, break_long_words=False, break_on_hyphens=False)
        for paragraph in text.split("\n\n")
    )


def main() -> None:
    path = os.environ.get("LIFECYCLE_DUCKDB_PATH", str(ROOT / "lifecycle.duckdb"))
    if not Path(path).exists():
        sys.exit(f"there is no {path}: run `dbt build` first")
    text = PAGE.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    _, tail = rest.split(END)
    new = head + BEGIN + results(path) + END + tail
    if "--check" in sys.argv[1:]:
        if new != text:
            sys.exit("docs/results.md differs from the marts: run python tools/docs/results_page.py")
    else:
        PAGE.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    main()
