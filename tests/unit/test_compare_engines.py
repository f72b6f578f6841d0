"""The comparison of two builds must fail for whatever could be wrong with one of them."""

import json
import shutil

import duckdb
import pytest

import compare_engines
from compare_engines import compare_databases, main, manifest_keys

ROWS = """
    create schema marts;
    create table marts.people as
    select * from (values
        ('a', 1, 10.5::decimal(18, 4), 0.1::double, date '2024-01-31', true, timestamp '2024-01-31 10:00:00.000001'),
        ('a', 2, null, null, null, null, null),
        ('b', 1, 0, 1e300, date '2024-02-29', false, timestamp '2024-02-29 00:00:00')
    ) as people(brand_id, person_id, amount, rate, day, is_known, seen_at);
    create view marts.brands as select distinct brand_id from marts.people;
"""
KEYS = {("marts", "people"): [["brand_id", "person_id"]]}


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    path = tmp_path_factory.mktemp("one") / "one.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(ROWS)
    return path


@pytest.fixture
def changed(one, tmp_path):
    """A function that makes a copy of the database `one` and changes it."""

    def change(*statements):
        path = shutil.copy(one, tmp_path / "other.duckdb")
        with duckdb.connect(str(path)) as connection:
            for statement in statements:
                connection.execute(statement)
        return path

    return change


def differences(one, path, keys):
    results = compare_databases(one, path, ["marts"], keys)
    return {result.table: result.shown for result in results if result.count}


@pytest.mark.parametrize("keys", [KEYS, {}], ids=["by key", "whole rows"])
def test_the_same_rows_in_another_order_are_the_same(one, changed, keys):
    other = changed(
        "create or replace table marts.people as select * from marts.people order by brand_id desc, person_id desc",
    )
    assert differences(one, other, keys) == {}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("delete from marts.people where person_id = 2", "only in"),
        ("insert into marts.people select * from marts.people where person_id = 2", "only in"),
        ("insert into marts.people (brand_id, person_id) values ('c', 1)", "only in"),
        ("update marts.people set amount = 10.5001 where person_id = 1 and brand_id = 'a'", "10.5001"),
        ("update marts.people set amount = 0 where person_id = 2", "amount"),
        ("update marts.people set brand_id = 'a ' where person_id = 2", "only in"),
        ("update marts.people set is_known = true where person_id = 2", "is_known"),
        ("update marts.people set day = day + 1 where brand_id = 'b'", "day"),
        ("update marts.people set seen_at = seen_at + interval 1 microsecond where brand_id = 'b'", "seen_at"),
        ("update marts.people set rate = rate * (1 + 2e-9) where brand_id = 'b'", "rate"),
        ("alter table marts.people drop column rate", "no column rate"),
        ("alter table marts.people add column further integer", "no column further"),
        ("alter table marts.people alter column day type timestamp", "column day is of type date against timestamp"),
        ("alter table marts.people alter column amount type double", "column amount is of type number against double"),
        ("drop view marts.brands", "there is no such table"),
        ("create table marts.further as select 1 as n", "there is no such table"),
    ],
)
@pytest.mark.parametrize("keys", [KEYS, {}], ids=["by key", "whole rows"])
def test_a_difference_is_found_from_either_side(one, changed, change, found, keys):
    other = changed(change)
    assert found in str(differences(one, other, keys))
    assert differences(other, one, keys)


def test_doubles_may_differ_in_the_last_digits(one, changed):
    other = changed("update marts.people set rate = rate * (1 + 1e-12)")
    assert differences(one, other, KEYS) == {}
    assert differences(one, other, {}) == {}


def test_types_of_one_kind_are_the_same_type(one, changed):
    other = changed(
        "alter table marts.people alter column person_id type bigint",
        "alter table marts.people alter column amount type decimal(38, 6)",
    )
    assert differences(one, other, KEYS) == {}


def test_a_key_that_is_not_unique_is_no_key(one, changed):
    other = changed("update marts.people set amount = 1 where person_id = 2")
    found = differences(one, other, {("marts", "people"): [["brand_id"]]})
    assert len(found["marts.people"]) == 2  # the whole row, on either side


def test_the_command_says_so(one, changed, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(compare_engines, "MANIFEST", tmp_path / "none.json")
    other = changed("delete from marts.people where brand_id = 'b'")
    assert main([str(one), str(one), "--schemas", "marts"]) == 0
    assert "2 tables compared, 0 of them different" in capsys.readouterr().out
    assert main([str(one), str(other), "--schemas", "marts"]) == 1
    assert "only in" in capsys.readouterr().out
    assert main([str(one), str(other), "--schemas", "marts", "--exclude", "marts.people", "marts.brands"]) == 0
    # nothing compared is not the same as nothing different
    assert main([str(one), str(other), "--schemas", "facts"]) == 2
    assert main([str(one), str(tmp_path / "missing.duckdb")]) == 2


def test_keys_are_read_from_the_manifest():
    def model(name, **more):
        return {"resource_type": "model", "schema": "marts", "name": name, "alias": name, "config": {}, **more}

    def test(kind, model_name, **arguments):
        metadata = {"name": kind, "kwargs": {"model": "{{ get_where_subquery(...) }}", **arguments}}
        return {"resource_type": "test", "test_metadata": metadata, "attached_node": f"model.p.{model_name}"}

    nodes = {
        "model.p.declared": model("declared", constraints=[{"type": "primary_key", "columns": ["a", "b"]}]),
        "model.p.column": model("column", columns={"a": {"name": "a", "constraints": [{"type": "primary_key"}]}}),
        "model.p.tested": model("tested"),
        "model.p.combined": model("combined"),
        "model.p.incremental": model("incremental", config={"unique_key": ["a", "b"]}),
        "test.p.1": test("unique", "tested", column_name="a"),
        "test.p.2": test("unique_combination", "combined", columns=["a", "b"]),
        "test.p.3": test("not_null", "tested", column_name="b"),
    }
    keys = manifest_keys(json.loads(json.dumps({"nodes": nodes})))
    assert {table: found for (_, table), found in keys.items()} == {
        "declared": [["a", "b"]],
        "column": [["a"]],
        "tested": [["a"]],
        "combined": [["a", "b"]],
        "incremental": [["a", "b"]],
    }


def test_views_of_the_right_side_can_be_left_out(one, changed):
    other = changed("create or replace view marts.brands as select 'c' as brand_id")
    compared = [result.table for result in compare_databases(one, other, ["marts"], KEYS, with_views=False)]
    assert compared == ["marts.people"]
    assert differences(one, other, KEYS).keys() == {"marts.brands"}
    missing = changed("drop view marts.brands")
    assert next(result.shown for result in compare_databases(one, missing, ["marts"], KEYS, with_views=False)) == [
        f"there is no such table in {missing}"
    ]
