"""No model compares every row with every row: DuckDB's own account of each model's plan, on the sample.

A condition that a join cannot look up, such as a flag of one side or a date worked out from a subquery, turns it into
one that takes hours where there are a million customers, while the sample's few thousand hide it.
"""

from __future__ import annotations

import json

import duckdb
import pytest

# rows of the smaller side: a handful of brands, grains, parameters or buckets may meet every row
SMALL = 400
# rows that a step yields for each row of the largest table that its model reads
GROWTH = 10
FEW = 500_000  # nodes of a few fits, or days of a few brands, whatever the number of customers
LOOPS = ("BLOCKWISE_NL_JOIN", "NESTED_LOOP_JOIN", "CROSS_PRODUCT")


def steps_of(plan):
    yield plan
    for child in plan["children"]:
        yield from steps_of(child)


def rows(step):
    return step.get("operator_cardinality", 0)


def faults(plan):
    """What is wrong with a plan that has run, as sentences."""
    steps = list(steps_of(plan))
    most_read = max((rows(step) for step in steps if not step["children"]), default=0)
    for step in steps:
        name = step.get("operator_name", "").strip()
        if name in LOOPS and min(map(rows, step["children"])) > SMALL:
            yield f"{name} of {' and '.join(str(rows(child)) for child in step['children'])} rows: {step['extra_info']}"
        if rows(step) > max(GROWTH * most_read, FEW):
            yield f"{name} yields {rows(step)} rows, where at most {most_read} are read: {step['extra_info']}"


def plan_of(connection, sql, file):
    connection.execute(f"pragma enable_profiling = 'json'; set profiling_output = '{file}'")
    try:
        connection.execute(sql)
    finally:
        connection.execute("pragma disable_profiling")
    return json.loads(file.read_text(encoding="utf-8"))


def test_no_model_compares_all_rows_with_all(sample_build, tmp_path):
    assert sample_build.succeeded, sample_build.messages
    found, models = [], 0
    with duckdb.connect(str(sample_build.database), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'; set preserve_insertion_order = false")
        for file in sorted(sample_build.target.glob("compiled/customer_lifecycle/models/**/*.sql")):
            sql = f"create or replace temp table result as {file.read_text(encoding='utf-8')}"
            found += [f"{file.stem}: {fault}" for fault in faults(plan_of(connection, sql, tmp_path / "plan.json"))]
            models += 1
    assert models > 80
    assert not found, "\n".join(found)


@pytest.mark.parametrize("condition", ["a.n = b.n and a.is_meant", "a.is_meant"])
def test_loops_are_found(tmp_path, condition):
    """A left join with a flag of its left side in the condition is what DuckDB 1.5 works through row by row."""
    with duckdb.connect() as connection:
        connection.execute("create table a as select range as n, range % 2 = 0 as is_meant from range(2000)")
        connection.execute("create table b as select range as n from range(2000)")
        sql = f"create table result as select a.n, b.n as m from a left join b on {condition}"
        assert list(faults(plan_of(connection, sql, tmp_path / "plan.json")))


def test_rows_that_multiply_are_found(tmp_path):
    with duckdb.connect() as connection:
        connection.execute("create table a as select range as n, range % 2 as part from range(2000)")
        sql = "create table result as select sum(a.n * b.n) from a inner join a as b on a.part = b.part"
        assert list(faults(plan_of(connection, sql, tmp_path / "plan.json")))
