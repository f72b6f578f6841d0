"""What the target `spark` does with files and with builds that were killed. DuckDB is what it is held against.

    pytest -m spark tests/acceptance/test_spark.py       # with requirements-spark.txt, and Java

Each build is a process of its own, since a metastore of Derby's is open to one at a time.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

import project
from build_place import Place
from customer_lifecycle import cli
from customer_lifecycle.publishing import spark_store
from customer_lifecycle.publishing.project import Project
from customer_lifecycle.publishing.spark_connection import SessionConnection

pytestmark = pytest.mark.spark

BRANDS = {
    "seoul": {"currency": "KRW", "timezone": "Asia/Seoul", "active": {"window_days": 30}, "churn": {"window_days": 60}},
    "utc": {"active": {"window_days": 30}, "churn": {"window_days": 60}},
    "007": {},
}


def write_files(folder: Path) -> None:
    """All six raw tables in the forms that are read: CSV and Parquet, in one file or in parts, clean and not."""
    folder.mkdir()
    (folder / "orders.csv").write_text(
        "\ufeffbrand_id,order_id,customer_id,ordered_at,status,gross_amount,coupon_code\r\n"
        "seoul,1,c1,2024-01-05T10:00:00.123456+09:00,completed,10.25,\r\n"
        'seoul,2,"c,2",2024-01-06 23:30Z,completed,20,"ten ""off"""\r\n'
        'seoul,3,c3,2024-01-07,completed,1e+1,"two\r\nlines"\r\n'
        "seoul,4,c1,2024-02-05T15:00:00+0000,completed,7\r\n"
        "utc,5,c1,2024-02-05,completed,1,a,b\r\n"
        "utc,6, c1 ,2024-02-30,completed,1,\r\n"
        "utc,7,c1,2024-02-20T00:00:00.999999Z,completed,12,\r\n"
        "utc,7,c1,2024-02-20T00:00:00.999999Z,completed,13,\r\n"
        "nobody,8,c1,2024-02-20,completed,12,\r\n",
        newline="",
    )
    (folder / "interactions").mkdir()
    (folder / "interactions" / "a.csv").write_text(
        "brand_id,interaction_id,customer_id,occurred_at,interaction_type\n"
        "utc,1,c1,2024-02-01T10:00,site_visit\n"
        "utc,2,c9,2024-02-02T10:00,review\n"
    )
    with gzip.open(folder / "interactions" / "b.csv.gz", "wt") as part:
        part.write(
            "interaction_type,brand_id,customer_id,occurred_at,interaction_id\nemail_open,seoul,c3,2024-02-03,3\n"
        )
    for brand_id in BRANDS:
        (folder / "subscriptions" / f"brand_id={brand_id}").mkdir(parents=True)
        (folder / "subscriptions" / f"brand_id={brand_id}" / "part.csv").write_text(
            "subscription_id,customer_id,subscription_kind,started_at\n1,c1,product,2024-01-15\n"
        )
    with duckdb.connect() as connection:
        connection.execute(
            "copy (select 'utc' as brand_id, 'c' || n as customer_id, timestamp '2024-01-02 03:04:05.678901' as "
            f"signed_up_at, n % 2 = 0 as contactable from range(1, 4) as r(n)) to '{folder / 'customers.parquet'}'"
        )
        (folder / "feedback").mkdir()
        # each of the parts has a column that the other lacks
        connection.execute(
            "copy (select 'utc' as brand_id, 1 as feedback_id, 'c1' as customer_id, date '2024-02-10' as submitted_at, "
            f"9.0::double as score) to '{folder / 'feedback' / 'a.parquet'}'"
        )
        connection.execute(
            "copy (select 'seoul' as brand_id, 2 as feedback_id, 'c3' as customer_id, date '2024-02-11' as "
            f"submitted_at, 'nps' as feedback_kind) to '{folder / 'feedback' / 'b.parquet'}'"
        )
        for brand_id in ("utc", "007"):
            (folder / "marketing_spend" / f"brand_id={brand_id}").mkdir(parents=True)
            connection.execute(
                "copy (select date '2024-01-10' as spend_date, 'ads' as channel, 'acquisition' as purpose, 5 as amount)"
                f" to '{folder / 'marketing_spend' / f'brand_id={brand_id}' / 'part.parquet'}'"
            )


def test_files_are_read_alike(tmp_path):
    """CSV with quotes, line breaks, a byte order mark and records of another length; parts whose columns differ;
    folders that are columns, and no numbers; Parquet with types."""
    write_files(tmp_path / "raw")
    place = Place(
        tmp_path,
        raw_dir=str(tmp_path / "raw"),
        brands=BRANDS,
        max_rejected_share=1,
        as_of_date="2024-03-07",
        max_source_age_days={"orders": 99},
    )
    for target in ("duckdb", "spark"):
        models = (
            "input_findings",
            "input_reconciliation",
            "fct_known_customers",
            "fct_customer_feedback",
            "int_brands",
        )
        place.run(target, "build", *(f"+{model}" for model in models))
        place.run(target, "source freshness")
    assert place.ages("spark") == place.ages("duckdb")
    assert place.ages("spark")["orders"] == 60
    said = place.compare("quality", "facts")
    assert re.search(r"^quality.rejected_rows: [4-9] rows, the same$", said, re.MULTILINE), said
    assert re.search(r"^facts.fct_orders: 4 rows, the same$", said, re.MULTILINE), said
    # the other row is rejected, and quoted with the column that the first part lacks
    assert re.search(r"^facts.fct_customer_feedback: 1 rows, the same$", said, re.MULTILINE), said
    assert re.search(r"^facts.int_brands: 3 rows, the same$", said, re.MULTILINE), said


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Where DuckDB has built the orders of the sample."""
    made = Place(tmp_path_factory.mktemp("sample"))
    made.run("duckdb", "build", "+fct_orders")
    return made


def test_what_was_killed_is_healed_by_the_next(place):
    """Tables that a kill left half written are there and whole after the next run."""
    place.run_and_kill("seed", "raw.orders", "raw_orders")
    place.run_and_kill("build", "facts.fct_orders", "+fct_orders")
    place.run("spark", "run", "+fct_orders")
    assert "facts.fct_orders: 15," in place.compare("facts")


def test_a_cluster_that_loses_a_worker_builds_the_same(place):
    """Through a Thrift server, on two workers of which one is killed while orders are checked."""
    cluster = [sys.executable, "-m", "customer_lifecycle.local_spark"]
    environment = place.environment | {"PYTHONPATH": str(project.ROOT / "src"), "LIFECYCLE_SPARK_MEMORY": "2g"}
    subprocess.run([*cluster, "start"], env=environment, check=True, timeout=600)
    try:
        state = json.loads((place.folder / "spark" / "cluster" / "cluster.json").read_text())
        assert "-Xmx2g" in Path(f"/proc/{state['processes']['thrift-server']}/cmdline").read_text().split("\0")
        place.environment |= {"LIFECYCLE_SPARK_HOST": "127.0.0.1", "LIFECYCLE_SPARK_PORT": str(state["port"])}
        process = place.start("spark_thrift", "build", "+fct_orders")
        while "START sql table model staging.base_orders_checked" not in place.log("spark_thrift"):
            assert process.poll() is None, place.log("spark_thrift")
            time.sleep(0.05)
        time.sleep(1)
        os.killpg(state["processes"]["worker-2"], signal.SIGKILL)
        assert process.wait(900) == 0, place.log("spark_thrift")[-6000:]
        assert "facts.fct_orders: 15," in place.compare("facts", with_="spark_thrift")
    finally:
        subprocess.run([*cluster, "stop"], env=environment, check=True, timeout=120)


# publications, of a run whose record names a handful of tables from here on


PUBLISHED = ("customers", "lifecycle_alerts", "customer_actions", "brand_settings", "input_reconciliation")


class LastingSession(SessionConnection):
    """A Spark that one command leaves open for the next: to start one takes longer than most commands."""

    def close(self) -> None:
        pass

    def end(self) -> None:
        """Closes it. The next statement opens it again."""
        super().close()


class Publisher:
    """The command `lifecycle` over the build of a whole run, its commands in this process."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.capsys = capsys
        monkeypatch.chdir(project.ROOT)
        monkeypatch.setenv("LIFECYCLE_SPARK_DIR", str(folder))
        monkeypatch.setenv("LIFECYCLE_SPARK_MASTER", "local[2]")
        # of the processes that it starts
        monkeypatch.setenv("PYTHONPATH", str(project.ROOT / "src"))
        credentials = Project(project.ROOT, project.ROOT, "spark").credentials()
        self.session = LastingSession(credentials.server_side_parameters, project.ROOT)
        monkeypatch.setattr(spark_store, "connection_of", lambda *_: self.session)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Starts a command in a process of its own, and a Spark of its own."""
        self.session.end()
        return subprocess.Popen(
            [sys.executable, "-m", "customer_lifecycle", arguments[0], "--target", "spark", *arguments[1:]],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def run(self, *arguments: str, code: int = 0) -> str:
        """Runs a command. Gives what it said; fails where it ends with another code."""
        self.capsys.readouterr()
        ended = cli.main([arguments[0], "--target", "spark", *arguments[1:]])
        said, errors = self.capsys.readouterr()
        assert ended == code, said + errors
        return said + errors

    def listed(self, *options: str, check: bool = False) -> list[dict]:
        """What `list` says, the newest first."""
        said = self.run("list", "--json", *options, *([] if check else ["--no-check"]))
        return [json.loads(line) for line in said.splitlines() if line.startswith("{")]

    def ask(self, *statements: str) -> list[tuple]:
        """What Spark answers to the last of some statements."""
        return [self.session.rows(statement) for statement in statements][-1]

    def built_again(self, number: int, only_brand: str = "") -> None:
        """Has the record say that the build is of another run, and of a handful of tables; or of a brand by itself."""
        self.ask(
            "drop table if exists building_publishing.kept purge",
            "create table building_publishing.kept as select * from building_publishing.last_build",
            "insert overwrite building_publishing.last_build "
            f"select 'run {number}', as_of_date, '{only_brand}', max_row_drop_share, raw_settings, relation_schema, "
            "relation_name, published_schema, never_null from building_publishing.kept "
            "where published_schema = 'state' or "
            f"relation_name in {PUBLISHED}",
        )


@pytest.fixture
def publisher(request, monkeypatch, capsys):
    """Publishes the build that --spark-build names."""
    folder = request.config.getoption("--spark-build")
    assert folder is not None and folder.is_dir(), f"--spark-build must name a folder; it is {folder}"
    made = Publisher(folder, monkeypatch, capsys)
    yield made
    made.session.end()


def test_publications(publisher):
    """Readers see the last whole run, or the one that was restored; a stopped publication is never seen."""
    (first,) = publisher.listed(check=True)
    assert first["is_current"] and first["damage"] is None and len(first["rows"]) > 30

    publisher.built_again(2)
    assert "published" in publisher.run("publish")
    second, again = publisher.listed()
    assert (second["is_current"], again["publication_id"]) == (True, first["publication_id"])
    pointer = "select publication_id, marts_schema from publishing.current_publication"
    ((shown, schema),) = publisher.ask(pointer)
    assert (shown, schema) == (second["publication_id"], f"marts_{second['publication_id']}")
    counts = publisher.ask(
        f"select (select count(*) from marts.customers), (select count(*) from {schema}.customers), "
        "(select count(*) from building_marts.customers)"
    )
    assert len(set(counts[0])) == 1 and counts[0][0] == second["rows"]["marts.customers"]
    # a table that the publication does not have is no view of the one before
    assert "rfm_segments" not in [row[1] for row in publisher.ask("show tables in marts")]

    publisher.run("restore", first["publication_id"])
    assert publisher.ask(pointer)[0][0] == first["publication_id"]
    assert [found["is_withdrawn"] for found in publisher.listed()] == [True, False]

    # stopped while it copies
    publisher.built_again(3)
    process = publisher.start("publish")
    warehouse = publisher.folder / "warehouse"
    end = time.monotonic() + 300
    while len(list(warehouse.glob("marts_*.db"))) < 3:
        assert process.poll() is None and time.monotonic() < end
        time.sleep(0.05)
    time.sleep(1)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert [found["publication_id"] for found in publisher.listed()] == [
        second["publication_id"],
        first["publication_id"],
    ]
    assert publisher.ask(pointer)[0][0] == first["publication_id"]
    publisher.run("publish", "--keep", "2")
    third, _ = publisher.listed()
    assert third["is_current"] and third["invocation_id"] == "run 3"
    schemas = {row[0] for row in publisher.ask("show schemas")}
    kept = {found["publication_id"] for found in publisher.listed()}
    assert {name.split("_", 1)[1] for name in schemas if name.startswith("marts_")} == kept

    publisher.ask(f"insert into marts_{third['publication_id']}.customers select * from marts.customers limit 1")
    assert "marts.customers has" in publisher.listed(check=True)[0]["damage"]


def test_a_schema_of_somebody_else_stops_a_run_before_it_builds(publisher, monkeypatch):
    monkeypatch.setenv("LIFECYCLE_SCHEMA_PREFIX", "others_")
    publisher.ask("create schema others_marts")
    try:
        assert "There is a schema others_marts that is no publication" in publisher.run("prepare", code=2)
    finally:
        publisher.ask("drop schema others_marts")


def test_a_brand_by_itself_is_published_beside_all(publisher):
    """Neither is taken for the other."""
    brand = "atelier"
    publisher.built_again(4, brand)
    before = publisher.listed()
    assert f"is of brand {brand} by itself" in publisher.run("publish", code=3)
    assert "published" in publisher.run("publish", "--brand", brand)
    assert publisher.listed() == before
    (published,) = publisher.listed("--brand", brand, check=True)
    assert published["is_current"] and published["damage"] is None
    assert publisher.ask("select publication_id, marts_schema from atelier_publishing.current_publication") == [
        (published["publication_id"], f"atelier_marts_{published['publication_id']}"),
    ]
    assert publisher.ask("select count(*) from atelier_marts.customers")[0][0] == published["rows"]["marts.customers"]
    assert publisher.ask("select publication_id from publishing.current_publication") == [
        (found["publication_id"],) for found in before if found["is_current"]
    ]


# a customer of the sample with alerts, who has referred somebody
GONE = ("atelier", "A0028")
RAW_OF_CUSTOMERS = ("orders", "customers", "interactions", "subscriptions", "feedback")


def traces(publisher):
    """The tables that hold the customer, but for the raw ones."""
    found = []
    for (schema,) in publisher.ask("show schemas"):
        views = {row[1] for row in publisher.ask(f"show views in {schema}")}
        for _, table, _ in publisher.ask(f"show tables in {schema}"):
            name = f"{schema}.{table}"
            # what their id is quoted by is a word of its own
            held = f"select 1 from {name} as read where to_json(struct(*)) rlike '\\\\b{GONE[1]}\\\\b' limit 1"
            if table not in views and not schema.endswith("raw") and publisher.ask(held):
                found.append(name)
    return found


def test_a_customer_is_forgotten(publisher, monkeypatch):
    """In the build, its state, and all publications, those of a brand by itself too; also where the command is
    stopped on the way."""
    publisher.built_again(5)
    publisher.run("publish", "--keep", "1")
    publisher.built_again(6)
    publisher.run("publish")
    before = publisher.listed(check=True)
    assert len(before) == 2 and not any(found["damage"] for found in before)
    publisher.session.end()
    forget = ("forget", "--brand", GONE[0], "--customer", GONE[1])
    said = publisher.run(*forget, code=2)
    assert "The raw tables still hold the customer" in said and "orders.customer_id: " in said and GONE[1] not in said
    is_theirs = f"brand_id = '{GONE[0]}' and customer_id = '{GONE[1]}'"
    for table in RAW_OF_CUSTOMERS:
        name = f"building_raw.{table}"
        publisher.ask(
            f"create table {name}_left as select * from {name} where not coalesce({is_theirs}, false)",
            f"drop table {name} purge",
            f"alter table {name}_left rename to {name}",
        )
    publisher.ask(
        "create table building_raw.customers_left as select * except (referred_by_customer_id), nullif("
        f"referred_by_customer_id, '{GONE[1]}') as referred_by_customer_id from building_raw.customers",
        "drop table building_raw.customers purge",
        "alter table building_raw.customers_left rename to building_raw.customers",
    )
    alerts = [row[0] for row in publisher.ask(f"select alert_id from marts.lifecycle_alerts where {is_theirs}")]
    assert alerts and traces(publisher)
    publisher.session.end()
    publisher.run("alerts", "--mark-sent", *alerts)

    # stopped while tables take the place of others
    replaced, replace_table = [], spark_store.SparkStore._replace_table

    def stops(store, schema, table):
        replaced.append(f"{schema}.{table}")
        if schema.startswith("marts_") and len([name for name in replaced if name.startswith("marts_")]) == 2:
            store._drop_table(f"{schema}.{table}")
            raise KeyboardInterrupt
        replace_table(store, schema, table)

    monkeypatch.setattr(spark_store.SparkStore, "_replace_table", stops)
    publisher.session.end()
    publisher.run(*forget, code=4)
    assert any(found["damage"] for found in publisher.listed(check=True))
    monkeypatch.setattr(spark_store.SparkStore, "_replace_table", replace_table)
    publisher.session.end()
    said = publisher.run(*forget)
    assert "marts.customers: 1 row deleted" in said and GONE[1] not in said

    assert not traces(publisher)
    after = publisher.listed(check=True)
    assert not any(found["damage"] for found in after)
    assert [found["publication_id"] for found in after] == [found["publication_id"] for found in before]
    assert all(
        now["rows"]["marts.customers"] == then["rows"]["marts.customers"] - 1 for now, then in zip(after, before)
    )
    assert not any(found["damage"] for found in publisher.listed("--brand", GONE[0], check=True))
    assert not publisher.ask("select * from publishing.sent_alerts")
    # the views that readers see are of the same tables
    assert publisher.ask("select count(*) from marts.customers")[0][0] == after[0]["rows"]["marts.customers"]
    assert "no complete, tested build" in publisher.run("publish", code=3)
