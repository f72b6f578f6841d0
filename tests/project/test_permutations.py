"""The page of ltv_drivers says how often it finds something where there is nothing, and it is counted as it should."""

from __future__ import annotations

import re
import sys
from datetime import date, timedelta

import duckdb

import project

sys.path.insert(0, str(project.ROOT / "tools" / "docs"))
import permute_ltv_drivers as permutations


def test_the_page_has_few_false_findings():
    """Two hundred permutations of each real brand, of a commit, and at most 8% with anything notable."""
    text = permutations.PAGE.read_text(encoding="utf-8").split(permutations.BEGIN)[1].split(permutations.END)[0]
    assert re.match(r"Commit `[0-9a-f]{7}`:\n", text)
    rows = re.findall(r"^\| ([A-Z][\w ]+) \| (180|365) \|.* \| 200 \| (\d+) \(([\d.]+)%\) \|$", text, re.MULTILINE)
    assert {brand for brand, *_ in rows} == {"CDNOW", "Online Retail", "Complete Journey"}
    for _, _, count, share in rows:
        assert float(share) == int(count) / 2 <= 100 * permutations.LARGEST_SHARE


def test_a_difference_is_gone_when_futures_are_shuffled(tmp_path):
    """Customers of the web alone come back: notable as it is, and by lot no more; each lot is another one."""
    orders = []
    for number in range(200):
        channel = ("web", "shop")[number % 2]
        days = [date(2022, 3, 1)] if number % 2 else [date(2022, 3, 1), date(2022, 4, 1) + timedelta(days=number % 30)]
        orders += [
            {
                "brand_id": "acme", "order_id": f"{number} {day}", "customer_id": str(number), "status": "completed",
                "ordered_at": day.isoformat(), "gross_amount": str(10 + number % 7), "channel": channel,
            }
            for day in days
        ]  # fmt: skip
    raw = tmp_path / "raw"
    raw.mkdir()
    project.write_csv(raw / "orders.csv", orders, project.COLUMNS["orders"])
    built = project.build(tmp_path / "built", {
        "raw_dir": str(raw), "brands": {"acme": {"history_is_complete": True}}, "as_of_date": "2024-12-31",
    }, "+ltv_drivers")  # fmt: skip
    assert built.succeeded, built.messages

    def futures() -> list[tuple]:
        columns = ", ".join(("customer_id", "sales_channel", "net_revenue", *permutations.FUTURE))
        with duckdb.connect(str(built.database), read_only=True) as connection:
            return connection.execute(f"select {columns} from facts.fct_first_orders order by all").fetchall()

    before = futures()
    half, year = permutations.count("Acme", built, 20)
    after = futures()
    assert (half.horizon_days, year.horizon_days) == (180, 365)
    for own in (half, year):
        assert own.customers == 200 and own.notable_rows >= 1 and own.with_notable <= 4
    assert [row[:3] for row in after] == [row[:3] for row in before]
    assert [row[3:] for row in after] != [row[3:] for row in before]
    assert sorted(row[3:] for row in after) == sorted(row[3:] for row in before)
