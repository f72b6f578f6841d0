"""`lifecycle forget`: afterwards no row and no byte of what was built and published says who the customer was."""

from __future__ import annotations

import contextlib
import hashlib
import json
import random
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from customer_lifecycle.publishing import duckdb_store, erasure
from customer_lifecycle.publishing.erasure import Customer
from customer_lifecycle.publishing.project import Project
from test_publishing import (  # noqa: F401
    DAY,
    NEXT_DAY,
    ROOT,
    ExitCode,
    PublishError,
    Workplace,
    another_program,
    before_each_step,
    check_next_run,
    copy_of,
    files,
    folder,
    killed_at_each_step,
    publish_py,
    workplace,
)
from test_publishing_files import cells, listed

chance = random.Random(1)
# long and random, so that whatever compresses text leaves pieces of it
GONE = Customer("shop", "".join(chance.choices("abcdefghijkmnpqrstuvwxyz23456789", k=120)))
PIECES = [GONE.customer_id[start : start + 12].encode() for start in range(0, 120, 12)]
SCHEMAS = ["facts", "marts", "quality", "reference"]
RAW = {"rows": {"orders": {"customer_id": 0}}, "raw_settings": "the sample", "schemas": SCHEMAS}
SENT_LONG_AGO = hashlib.md5(f"shop|about_to_churn|{GONE.customer_id}|2024-02-29".encode()).hexdigest()


def write_people(file: Path) -> None:
    """Adds customers to a build, one of them to be forgotten, wherever a build has them."""
    row = json.dumps({"brand_id": "shop", "customer_id": f" {GONE.customer_id} ", "status": "?"})
    line = json.dumps({"line": f'shop,7,"{GONE.customer_id},paid'})
    reference = json.dumps({"customer_id": "other", "referred_by_customer_id": GONE.customer_id})
    others = json.dumps({"customer_id": "other", "note": f"{GONE.customer_id}1"})
    with duckdb.connect(str(file)) as connection:
        run = connection.execute
        people = [
            ("shop", GONE.customer_id, None),
            ("shop", "other", GONE.customer_id),
            ("rival", GONE.customer_id, None),
        ]
        run(
            "create or replace table marts.customers (value varchar, brand_id varchar, customer_id varchar, "
            "referred_by_customer_id varchar, acquisition_channel varchar)"
        )
        value = run("select value from marts.lifecycle_alerts").fetchall()[0][0]
        for person in people:
            run("insert into marts.customers values ($1, $2, $3, $4, $5)", [value, *person, None])
        run("update marts.customers set acquisition_channel = $1 where customer_id = 'other'", [GONE.customer_id])
        run(
            "create or replace table facts.fct_orders as select brand_id, customer_id, range as number "
            "from marts.customers, range(2000)"
        )
        run(
            "create or replace table facts.fct_referrals as select brand_id, referred_by_customer_id as "
            "referring_customer_id, customer_id as referred_customer_id from marts.customers"
        )
        run("alter table facts.loyalty_snapshot add column if not exists brand_id varchar")
        run("alter table facts.loyalty_snapshot add column if not exists customer_id varchar")
        run("delete from facts.loyalty_snapshot where customer_id is not null")
        run(
            "insert into facts.loyalty_snapshot by name select brand_id, customer_id, 'loyal' as value, "
            "date '2026-01-01' as day from marts.customers"
        )
        run("create or replace view marts.loyalty_history as select * from facts.loyalty_snapshot")
        for column in ("message_ko", "message_zh"):
            run(f"alter table marts.lifecycle_alerts add column if not exists {column} varchar")
        run(
            "insert into marts.lifecycle_alerts by name select value, brand_id, customer_id, "
            "'loyal_at_risk' as alert_type, "
            "md5(brand_id || customer_id) as alert_id, 'call them' as message from marts.customers"
        )
        run(
            "insert into marts.lifecycle_alerts by name select $1 as value, 'shop' as brand_id, "
            "'input_finding' as alert_type, 'finding' as alert_id, $2 as message, $2 as message_ko, $2 as message_zh",
            [value, f"One customer ({GONE.customer_id})."],
        )
        run("create or replace table quality.rejected_rows (brand_id varchar, raw_row varchar)")
        for brand, text in (("shop", row), (None, line), ("shop", reference), ("shop", others), ("rival", row)):
            run("insert into quality.rejected_rows values ($1, $2)", [brand, text])
        run(
            "create or replace table quality.input_findings as "
            "select 'shop' as brand_id, $1 as example, 'hint' as hint",
            [f"{GONE.customer_id}, {GONE.customer_id}: 60 of 100 orders"],
        )
        run("create schema if not exists landing")
        run("create or replace table landing.of_somebody_else as select 'left' as customer_id")
        for table in ("rejected_rows", "input_findings"):
            run(
                "insert into publishing.last_build by name "
                "select * replace ('quality' as relation_schema, $1 as relation_name, "
                "'quality' as published_schema) from publishing.last_build limit 1",
                [table],
            )


def publish(workplace: Workplace, day: date, value: str = "", **options: Any) -> str:
    """Publishes a build that has the customer. Gives the id."""
    workplace.store.reset_state(day)
    workplace.build(day, value)
    write_people(workplace.build_file)
    return workplace.store.publish(day, 7, True, **options).publication_id


def traces(workplace: Workplace) -> list[str]:
    """Where the customer is still found: in cells of tables, and as bytes of any file. Another brand's customer of the
    same id is somebody else, and is not looked at."""
    found = []
    for file in [workplace.build_file, *workplace.publications.rglob("*.duckdb")]:
        # the other one's rows are taken away first, from a copy
        aside = workplace.folder / "aside.duckdb"
        with duckdb.connect() as connection:
            connection.execute(f"attach '{file}' as read (read_only); attach '{aside}' as written")
            connection.execute("copy from database read to written (schema)")
            for schema, table in connection.execute(
                "select schema_name, table_name from duckdb_tables() where database_name = 'read'"
            ).fetchall():
                columns = [row[0] for row in connection.execute(f'describe read."{schema}"."{table}"').fetchall()]
                condition = "where brand_id is distinct from 'rival'" if "brand_id" in columns else ""
                connection.execute(
                    f'insert into written."{schema}"."{table}" from read."{schema}"."{table}" {condition}'
                )
        found += [
            f"{file.name}: {place}"
            for place, value in cells(aside)
            if GONE.customer_id in str(value) and f"{GONE.customer_id}1" not in str(value)
        ]
        aside.unlink()
    return found


def write_without_the_other(workplace: Workplace) -> None:
    """Takes the other brand's customer of the same id, and the text that only begins like the id, out of a build."""
    with duckdb.connect(str(workplace.build_file)) as connection:
        for schema, table in connection.execute(
            "select schema_name, table_name from duckdb_columns() where column_name = 'brand_id' "
            "and schema_name <> 'information_schema' and not internal and (schema_name, table_name) in "
            "(select (schema_name, table_name) from duckdb_tables())"
        ).fetchall():
            connection.execute(f'delete from "{schema}"."{table}" where brand_id = \'rival\'')
        connection.execute("update marts.customers set acquisition_channel = null")
        connection.execute("delete from quality.rejected_rows where raw_row like '%other%note%'")


def bytes_of(workplace: Workplace) -> list[str]:
    """The files in which pieces of the id are found as bytes."""
    files_there = [path for path in workplace.folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return [
        str(file.relative_to(workplace.folder)) for file in files_there if any(p in file.read_bytes() for p in PIECES)
    ]


def contents(workplace: Workplace) -> dict[Path, bytes]:
    """All files but locks."""
    found = [path for path in workplace.folder.rglob("*") if path.is_file() and not path.name.endswith("lock")]
    return {path: path.read_bytes() for path in found}


@pytest.fixture
def forget(publish_py, monkeypatch) -> Callable[..., int]:
    """The command for the customer, who is in no raw table any more. It takes more options and gives the exit code."""
    monkeypatch.setenv("FAKE_RAW", json.dumps(RAW))
    monkeypatch.setattr(duckdb_store, "SECONDS_FOR_READERS", 0)
    return lambda *options: publish_py("forget", "--brand", GONE.brand_id, "--customer", GONE.customer_id, *options)


def test_a_customer_is_forgotten_wherever_they_were(workplace, forget, publish_py, capfd):
    first, second = publish(workplace, DAY), publish(workplace, NEXT_DAY)
    alone = Workplace(workplace.folder, "shop")
    alone.build(DAY)
    write_people(workplace.build_file)
    alone.store.publish(None, 7, True)
    workplace.build(NEXT_DAY)
    write_people(workplace.build_file)
    about = hashlib.md5(f"shop{GONE.customer_id}".encode()).hexdigest()
    workplace.store.mark_sent(["of others", about, SENT_LONG_AGO])
    workplace.store.record_alert_events(
        [
            {"event": "tried", "alert_ids": [about, "of others"], "reason": "refused"},
            {"event": "noticed", "alert_ids": [about]},
        ]
    )
    assert traces(workplace) and traces(alone)
    capfd.readouterr()
    assert forget() == ExitCode.DONE
    told = capfd.readouterr()
    assert GONE.customer_id not in told.out + told.err
    assert f"{second}: marts.customers: 1 row deleted" in told.out
    assert f"{second}: quality.rejected_rows: 3 rows deleted" in told.out
    assert f"{second}: marts.customers: 1 reference removed" in told.out
    assert f"{second}: marts.customers.acquisition_channel: the same text" in told.out
    assert "4 lines of the record of sent alerts changed" in told.out
    # a channel that happens to be called so is not the customer
    assert {trace.split(": ")[1] for trace in traces(workplace) + traces(alone)} == {"marts.customers"}
    assert workplace.store.sent_alerts() == {"of others"}
    assert [event["alert_ids"] for event in workplace.store.alert_events()] == [["of others"]]
    with duckdb.connect(str(workplace.store.current_file), read_only=True) as connection:

        def rows(query: str) -> list[tuple]:
            return connection.execute(query).fetchall()

        assert rows(
            "select brand_id, customer_id = 'other', referred_by_customer_id from marts.customers order by all"
        ) == [
            ("rival", False, None),
            ("shop", True, None),
        ]
        assert rows("select count(*) from state.loyalty_snapshot where customer_id is not null") == [(2,)]
        assert rows(
            "select message, message_ko, message_zh from marts.lifecycle_alerts where alert_type = 'input_finding'"
        ) == [("One customer ((erased)).",) * 3]
        assert rows("select example from quality.input_findings") == [("(erased), (erased): 60 of 100 orders",)]
        assert rows("select count(*) from marts.loyalty_history where customer_id is not null") == [(2,)]
    with duckdb.connect(str(workplace.build_file), read_only=True) as connection:
        assert connection.execute("from landing.of_somebody_else").fetchall() == [("left",)]
        assert connection.execute("select count(*) from marts.loyalty_history").fetchall()[0][0] > 1
    found = listed(publish_py, capfd)
    assert (
        list(found) == [second, first] and found[second]["is_current"] and found[second]["rows"]["marts.customers"] == 2
    )
    assert not any(publication["damage"] for publication in found.values())
    assert workplace.leftovers() == [] and not workplace.store.forgetting_file.exists()
    assert workplace.store.current_file.stat().st_mode & 0o222 == 0
    # the build is not the one that was tested
    assert publish_py("publish") == ExitCode.NOTHING_TO_PUBLISH
    assert publish_py("restore", first) == ExitCode.DONE
    assert workplace.seen() == workplace.seen_in_parquet() == "2026-05-01"
    assert forget() == ExitCode.DONE
    assert publish_py("run", "--as-of-date", "2026-05-03") == ExitCode.DONE


def test_no_byte_of_the_id_is_left_in_any_file(workplace, forget):
    for day in (DAY, NEXT_DAY):
        workplace.store.reset_state(day)
        workplace.build(day)
        write_people(workplace.build_file)
        write_without_the_other(workplace)
        workplace.store.publish(day, 7, True)
    workplace.store.mark_sent([SENT_LONG_AGO])
    # a build without the customer, whose deleted rows the file keeps
    with duckdb.connect(str(workplace.build_file)) as connection:
        connection.execute("delete from facts.fct_orders")
    assert {"lifecycle.duckdb", "publications/lifecycle.duckdb"} < set(bytes_of(workplace))
    assert len(bytes_of(workplace)) > 5
    assert forget() == ExitCode.DONE
    assert bytes_of(workplace) == [] and traces(workplace) == []
    assert SENT_LONG_AGO.encode() not in workplace.store.sent_file.read_bytes()


@pytest.mark.parametrize(
    "raw, told",
    [
        (
            RAW
            | {"rows": {"orders": {"customer_id": 2}, "customers": {"customer_id": 0, "referred_by_customer_id": 1}}},
            ["orders.customer_id: 2 rows", "customers.referred_by_customer_id: 1 row"],
        ),
        (RAW | {"raw_settings": '{"raw_dir": "/landing"}'}, ["other raw tables", "--vars"]),
    ],
)
def test_whoever_would_come_back_is_not_forgotten(workplace, forget, monkeypatch, capfd, raw, told):
    publish(workplace, DAY)
    before = contents(workplace)
    monkeypatch.setenv("FAKE_RAW", json.dumps(raw))
    assert forget() == ExitCode.WRONG_USAGE
    said = capfd.readouterr().err
    assert all(line in said for line in told) and GONE.customer_id not in said
    assert contents(workplace) == before


def test_from_a_damaged_publication_nobody_is_forgotten(workplace, forget, capfd):
    first = publish(workplace, DAY)
    publish(workplace, NEXT_DAY)
    file = workplace.store.history / f"{first}.duckdb"
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:-1])
    before = contents(workplace)
    assert forget() == ExitCode.WRONG_USAGE
    assert first in capfd.readouterr().err and contents(workplace) == before
    file.unlink()
    assert forget() == ExitCode.DONE


def test_another_at_work_is_waited_for(workplace, forget):
    publish(workplace, DAY)
    with workplace.store.build_lock(0):
        assert forget() == ExitCode.LOCKED
    with another_program(
        "import duckdb, sys; held = duckdb.connect(sys.argv[1], read_only=True); print(1, flush=True); input()",
        workplace.build_file,
    ):
        assert forget("--wait", "0.2") == ExitCode.LOCKED
    assert traces(workplace)


def test_where_nothing_is_published_there_is_nothing_to_forget(workplace, forget, capfd):
    assert forget() == ExitCode.DONE
    assert "nothing was kept" in capfd.readouterr().out


def test_who_reads_parquet_on_still_can_for_a_moment(workplace, forget, monkeypatch):
    publish(workplace, DAY)
    folder, seen = (workplace.store.parquet / "current").resolve(), []
    monkeypatch.setattr(
        duckdb_store.time, "sleep", lambda seconds: seen.append((folder.is_dir(), workplace.seen_in_parquet()))
    )
    assert forget() == ExitCode.DONE
    assert seen == [(True, "2026-05-01")] and not folder.exists()
    assert (workplace.store.parquet / "current").resolve().name == f"{folder.name}e1"
    manifest = json.loads((workplace.store.parquet / "current" / "manifest.json").read_text())
    assert manifest["publication_id"] == folder.name


def test_forgetting_may_be_stopped_anywhere(workplace, forget, monkeypatch):
    publish(workplace, DAY)
    publish(workplace, NEXT_DAY)
    workplace.store.mark_sent(["of others", hashlib.md5(f"shop{GONE.customer_id}".encode()).hexdigest()])

    def act(store: duckdb_store.DuckDBStore) -> None:
        store.forget(GONE, SCHEMAS, 0)

    for number, (where, left) in enumerate(killed_at_each_step(workplace, act)):
        assert left.seen() == left.seen_in_parquet() == "2026-05-02", where
        # all of it takes a second for each
        if number % 7:
            continue
        if number % 2:
            # somebody publishes before it goes on
            with left.store._changing():
                pass
            assert not any(map(left.store.damage_of, left.store.publications())), where
            assert left.seen() == left.seen_in_parquet() == "2026-05-02", where
        act(left.store)
        assert {trace.split(": ")[1] for trace in traces(left)} == {"marts.customers"}, where
        assert left.store.sent_alerts() == {"of others"}, where
        assert not any(map(left.store.damage_of, left.store.publications())), where
        assert left.leftovers() == [] and left.seen() == left.seen_in_parquet() == "2026-05-02", where


def test_the_build_is_written_again_at_once_or_not(workplace, monkeypatch):
    publish(workplace, DAY)
    names: list[str] = []
    with before_each_step(names.append):
        copied = copy_of(workplace, workplace.folder.with_name("counted"))
        copied.store._forget_in_build(GONE, SCHEMAS, erasure.Erased())
    for at in map(names.index, ("delete", "commit", "checkpoint", "copy", "chmod", "replace")):
        left, count = copy_of(workplace, workplace.folder.with_name(f"stopped_{at}")), 0

        def stop(name: str) -> None:
            nonlocal count
            count += 1
            if count == at + 1:
                raise KeyboardInterrupt

        with before_each_step(stop), contextlib.suppress(KeyboardInterrupt):
            left.store._forget_in_build(GONE, SCHEMAS, erasure.Erased())
        with left.store.build_lock(0):
            left.store.forget(GONE, SCHEMAS, 0)
        assert not left.store._unfinished_build.exists()
        with duckdb.connect(str(left.build_file), read_only=True) as connection:
            assert connection.execute("select count(*) from facts.fct_orders where brand_id = 'shop'").fetchall() == [
                (2000,)
            ]


def test_ids_of_alerts_are_those_of_the_mart():
    model = " ".join((ROOT / "models/marts/actions/lifecycle_alerts.sql").read_text(encoding="utf-8").split())
    assert (
        "brand_id || '|' || alert_type || '|' || subject || '|' || cast(since as \" ~ dbt.type_string() ~ ')'" in model
    ), "alert_ids_of computes the ids of alerts, as this model does: change both"
    for alert_type in erasure.ALERTS_OF_CUSTOMERS:
        assert f"'{alert_type}'" in model
    found = duckdb.sql(
        "select md5('shop' || '|' || 'loyal_at_risk' || '|' || 'c 1' || '|' || cast(date '2026-05-01' as varchar))"
    ).fetchall()[0][0]
    assert found in erasure.alert_ids_of(Customer("shop", "c 1"), [], DAY)
    assert found not in erasure.alert_ids_of(Customer("shop", "c 2"), ["loyal_at_risk"], DAY)


@pytest.mark.parametrize(
    "customer_id", ["1", "a.b", "a-1", "x'y", 'x"y', "(a|b)*", "a b", "\\d", "뷰티", "🛍", "%", "a\\1"]
)
def test_any_id_is_forgotten_and_no_other(workplace, customer_id):
    rows = [customer_id, f"{customer_id}1", f"1{customer_id}", f"{customer_id}-1", f"x{customer_id}", "z"]
    with duckdb.connect() as connection:
        connection.execute("create table people (brand_id varchar, customer_id varchar, other_customer_id varchar)")
        connection.execute("create table rejected_rows (brand_id varchar, raw_row varchar)")
        connection.execute("create table input_findings (brand_id varchar, example varchar)")
        for one in rows:
            connection.execute("insert into people values ('b', $1, $1)", [one])
            connection.execute(
                "insert into rejected_rows values ('b', $1)",
                [json.dumps({"customer_id": one, "order_id": customer_id})],
            )
            connection.execute("insert into rejected_rows values (null, $1)", [json.dumps({"line": f"b,{one},2"})])
            connection.execute("insert into input_findings values ('b', $1)", [f"such as {one}, {one}"])
        for schema, table in (("marts", "people"), ("quality", "rejected_rows"), ("quality", "input_findings")):
            columns = {row[0]: True for row in connection.execute(f"describe {table}").fetchall()}
            plan = erasure.plan_of(Customer("b", customer_id), schema, table, columns, duckdb_store.DuckDBDialect)
            if plan.deleted:
                connection.execute(f"delete from {table} where {plan.deleted}")
            for column, value in plan.changed.items():
                connection.execute(f"update {table} set {column} = {value}")
        assert [one for (one,) in connection.execute("select customer_id from people").fetchall()] == rows[1:]
        left = [json.loads(row) for (row,) in connection.execute("select raw_row from rejected_rows").fetchall()]
        assert [row["customer_id"] for row in left if "customer_id" in row] == rows[1:]
        assert [row["line"] for row in left if "line" in row] == [f"b,{one},2" for one in rows[1:]]
        examples = [example for (example,) in connection.execute("select example from input_findings").fetchall()]
        assert examples == ["such as (erased), (erased)", *(f"such as {one}, {one}" for one in rows[1:])]


def test_the_raw_tables_are_asked_by_whole_ids(tmp_path, monkeypatch):
    """Also where nothing is left of what the last build parsed."""
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "orders.csv").write_text(
        "brand_id,order_id,customer_id,ordered_at,status,gross_amount\n"
        "shop,1,a.1,2024-01-01,paid,1\nshop,2, a.1 ,2024-01-01,paid,1\n,3,a.1,2024-01-01,paid,1\n"
        "rival,4,a.1,2024-01-01,paid,1\nshop,5,a.12,2024-01-01,paid,1\n"
        "shop,6,a.1,2024-01-01,paid,1,one too "
        'many\nshop,7,"a.1",2024-01-01\nshop,8,a.12,2024-01-01\nshop,9,ab1,2024-01-01\n'
    )
    (raw / "customers.csv").write_text("brand_id,customer_id,referred_by_customer_id\nshop,x,a.1\nshop,y,\n")
    monkeypatch.setenv("LIFECYCLE_DUCKDB_PATH", str(tmp_path / "lifecycle.duckdb"))
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path / "target"))
    settings = {"raw_dir": str(raw), "brands": {"shop": {}, "rival": {}}}
    found = Project(ROOT, ROOT, "duckdb", None, settings).raw_rows_of("", "shop", "a.1", None)
    assert found["rows"] == {
        "orders": {"customer_id": 3, "malformed_row": 2},
        "customers": {"customer_id": 0, "referred_by_customer_id": 1},
    }
