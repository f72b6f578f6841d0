"""What the target `spark` does with files and with builds that were killed. DuckDB is what it is held against.

    pytest -m spark tests/acceptance/test_spark.py       # with requirements-spark.txt, and Java

Each build is a process of its own, since a metastore of Derby's is open to one at a time.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest
import yaml

import project
from build_place import COMPARE, Place
from customer_lifecycle import cli
from customer_lifecycle.publishing import spark_store
from customer_lifecycle.publishing.project import Project
from customer_lifecycle.publishing.spark_connection import SessionConnection, ThriftConnection

sys.path.append(str(project.ROOT / "benchmarks"))
from spark_stages import PARSING

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


TYPED = {
    "orders": """
        select
            'seoul' as brand_id, n as order_id, n % 3 as customer_id,
            timestamptz '2024-01-05 22:30:00.123456+00' + interval (n) day as ordered_at, 'completed' as status,
            (n * 10.25)::decimal(12, 2) as gross_amount, n / 4.0::double as discount_amount,
            nullif(n, 2)::decimal(5, 1) as refund_amount, timestamp '2024-02-01 10:00:00' as updated_at
        from range(1, 8) as r(n)
    """,
    "customers": """
        select
            'seoul' as brand_id, n as customer_id, date '2024-01-02' as signed_up_at,
            case n when 1 then true when 2 then false end as contactable,
            timestamptz '2024-02-01 10:00:00+09' as updated_at
        from range(0, 4) as r(n)
    """,
}


def test_typed_tables_of_a_schema_are_read_alike(tmp_path, monkeypatch):
    """Instants, times without a zone, dates, booleans and numbers of tables that are there (raw_schema)."""
    place = Place(
        tmp_path, raw_schema="landing", raw_tables=[*TYPED], brands={"seoul": BRANDS["seoul"]}, as_of_date="2024-03-07"
    )
    statements = ["create schema landing"]
    with duckdb.connect(place.environment["LIFECYCLE_DUCKDB_PATH"]) as connection:
        connection.execute("set timezone = 'UTC'; create schema landing")
        for table, query in TYPED.items():
            connection.execute(f"create table landing.{table} as {query}")
            connection.execute(f"copy landing.{table} to '{tmp_path / table}.parquet'")
            statements.append(f"create table landing.{table} as select * from parquet.`{tmp_path / table}.parquet`")
    monkeypatch.setenv("LIFECYCLE_SPARK_DIR", place.environment["LIFECYCLE_SPARK_DIR"])
    monkeypatch.setenv("PYTHONPATH", str(project.ROOT / "src"))
    session = SessionConnection(
        Project(project.ROOT, project.ROOT, "spark").credentials().server_side_parameters, project.ROOT
    )
    for statement in statements:
        session.rows(statement)
    kinds = {row[0]: row[1] for row in session.rows("describe landing.orders")}
    assert (kinds["ordered_at"], kinds["updated_at"]) == ("timestamp", "timestamp_ntz")
    session.close()
    for target in ("duckdb", "spark"):
        place.run(target, "build", "+fct_customers", "+input_reconciliation")
    said = place.compare("facts", "quality")
    assert re.search(r"^facts.fct_orders: 7 rows, the same$", said, re.MULTILINE), said
    assert re.search(r"^facts.fct_customers: 4 rows, the same$", said, re.MULTILINE), said
    with duckdb.connect(place.environment["LIFECYCLE_DUCKDB_PATH"], read_only=True) as connection:
        # half past seven in the morning of the next day
        first = connection.execute("select order_date::text from facts.fct_orders where order_id = '1'").fetchone()
    assert first == ("2024-01-07",)


def test_a_session_that_is_not_in_utc_stops_a_run(tmp_path):
    """It would say of every time that it was another one."""
    profiles = (project.ROOT / "profiles.yml").read_text(encoding="utf-8")
    (tmp_path / "profiles.yml").write_text(profiles.replace("timeZone: UTC", "timeZone: Asia/Seoul"), encoding="utf-8")
    place = Place(tmp_path)
    assert place.start("spark", f"run --profiles-dir {tmp_path}", "as_of_date").wait(300) == 2
    assert "The time zone of this session of Spark is Asia/Seoul" in place.log("spark")


def test_an_installed_package_writes_tables_as_this_project_does(tmp_path):
    """Or a run stops, and says what the project that has installed it must say."""
    folder = tmp_path / "two_shops"
    shutil.copytree(project.ROOT / "examples" / "second_project", folder)
    (folder / "packages.yml").write_text(f"packages:\n  - local: {project.ROOT}\n", encoding="utf-8")
    profiles = yaml.safe_load((project.ROOT / "profiles.yml").read_text(encoding="utf-8"))
    (folder / "profiles.yml").write_text(yaml.safe_dump({"two_shops": profiles["customer_lifecycle"]}), "utf-8")
    environment = {**os.environ, "LIFECYCLE_SPARK_DIR": str(tmp_path / "spark"), "LIFECYCLE_SPARK_MASTER": "local[2]"}

    def dbt(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [Path(sys.executable).with_name("dbt"), "--no-use-colors", *arguments]
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", timeout=900)

    assert dbt("deps").returncode == 0
    settings = (folder / "dbt_project.yml").read_text(encoding="utf-8")
    without = re.sub(r"^dispatch:\n(  .*\n)+", "", settings, flags=re.MULTILINE)
    assert without != settings
    (folder / "dbt_project.yml").write_text(without, encoding="utf-8")
    stopped = dbt("run", "--target", "spark", "--select", "customer_lifecycle.reference.as_of_date")
    assert stopped.returncode == 2
    assert "search_order: [two_shops, customer_lifecycle, dbt]" in stopped.stdout
    # the types of the example's own seeds are DuckDB's
    (folder / "dbt_project.yml").write_text(settings.replace("varchar", "string"), encoding="utf-8")
    seeds = ("bakery_receipts", "bike_invoices", "customer_lifecycle.reference.playbook")
    options = ("--target", "spark", "--exclude-resource-type", "unit_test", "--indirect-selection", "cautious")
    built = dbt("build", *options, "--select", *seeds, "+fct_orders")
    assert built.returncode == 0, built.stdout[-6000:]
    shown = dbt(
        *("show", "--target", "spark", "--output", "json", "--limit", "-1", "--inline"),
        "select (select count(*) from facts.fct_orders) as orders, (select count(*) from reference.playbook) as lines, "
        "(select count(*) from reference.playbook where brand_id is null) as general",
    )
    found = json.loads(shown.stdout[shown.stdout.index("{") :])["show"][0]
    assert found["orders"] == 12 and found["lines"] == found["general"] > 10, found


# a table of every layer, and what builds it
KILLED_AT = {
    "staging.base_orders_versions": "+fct_orders",
    "facts.fct_orders": "+fct_orders",
    "facts.fct_loyalty_changes": "+fct_loyalty_changes",
    "marts.feedback_loop": "+feedback_loop",
    "quality.rejected_rows": "+rejected_rows",
}


def test_what_was_killed_is_healed_by_the_next(tmp_path):
    """Tables that a kill left half written, of every layer, are there and whole after the next run."""
    place = Place(tmp_path)
    models = ["+fct_orders", "+loyalty_history", "+feedback_loop", "+rejected_rows"]
    place.run("duckdb", "build", *models)
    place.run_and_kill("seed", "raw.orders", "raw_orders")
    for table, selected in KILLED_AT.items():
        place.run_and_kill("build", table, selected)
    place.run("spark", "run", *models)
    said = place.compare("facts", "marts", "quality")
    assert re.search(r"^facts.fct_orders: 15,\d+ rows, the same$", said, re.MULTILINE), said
    assert re.search(r"^marts.loyalty_history: [\d,]+ rows, the same$", said, re.MULTILINE), said
    assert re.search(r"^marts.feedback_loop: \d+ rows, the same$", said, re.MULTILINE), said
    assert re.search(r"^quality.rejected_rows: \d+ rows, the same$", said, re.MULTILINE), said


def record_of(number: int, only_brand: str = "", condition: str = "true") -> tuple[str, ...]:
    """Statements by which the record says that the build is of another run, and of the tables that meet a condition."""
    record = "building_publishing.last_build"
    return (
        "drop table if exists building_publishing.kept purge",
        f"create table building_publishing.kept as select * from {record}",
        f"insert overwrite {record} select 'run {number}', as_of_date, '{only_brand}', max_row_drop_share, "
        "raw_settings, relation_schema, relation_name, published_schema, never_null "
        f"from building_publishing.kept where {condition}",
    )


class Cluster:
    """A master, two workers and a Thrift server on this machine, and the command `lifecycle` for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **os.environ,
            "LIFECYCLE_SPARK_DIR": str(folder / "spark"),
            "LIFECYCLE_SPARK_MEMORY": "2g",
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
            "DBT_LOG_LEVEL": "warn",
            "DBT_LOG_LEVEL_FILE": "info",
            "PYTHONPATH": str(project.ROOT / "src"),
        }

    def __enter__(self) -> Cluster:
        self._make("start", timeout=600)
        state = json.loads((self.folder / "spark" / "cluster" / "cluster.json").read_text())
        self.processes = state["processes"]
        self.environment |= {"LIFECYCLE_SPARK_HOST": "127.0.0.1", "LIFECYCLE_SPARK_PORT": str(state["port"])}
        return self

    def __exit__(self, *error: object) -> None:
        self._make("stop", timeout=120)

    def _make(self, what: str, timeout: float) -> None:
        command = [sys.executable, "-m", "customer_lifecycle.local_spark", what]
        subprocess.run(command, env=self.environment, check=True, timeout=timeout)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Starts a command."""
        return subprocess.Popen(
            [sys.executable, "-m", "customer_lifecycle", arguments[0], "--target", "spark_thrift", *arguments[1:]],
            cwd=project.ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )

    def run(self, *arguments: str, code: int = 0) -> str:
        """Runs a command. Gives what it said; fails where it ends with another code."""
        process = self.start(*arguments)
        said, _ = process.communicate(timeout=1500)
        assert process.returncode == code, said[-6000:]
        return said

    def listed(self) -> list[dict]:
        """What `list` says, the newest first."""
        return [json.loads(line) for line in self.run("list", "--json").splitlines() if line.startswith("{")]

    def log(self) -> str:
        """What dbt has said so far."""
        with suppress(FileNotFoundError):
            return (self.folder / "logs" / "dbt.log").read_text(errors="replace")
        return ""

    def ask(self, *statements: str) -> list[tuple]:
        """What the server answers to the last of some statements."""
        given = {name: self.environment[name] for name in ("LIFECYCLE_SPARK_HOST", "LIFECYCLE_SPARK_PORT")}
        with pytest.MonkeyPatch.context() as patched:
            for name, value in given.items():
                patched.setenv(name, value)
            connection = ThriftConnection(Project(project.ROOT, project.ROOT, "spark_thrift").credentials())
        try:
            return [connection.rows(statement) for statement in statements][-1]
        finally:
            connection.close()


def test_a_cluster_that_loses_a_worker_publishes_the_same(request, tmp_path):
    """The whole sample, through a Thrift server, on two workers of which one is killed while facts are built."""
    sample = request.config.getoption("--sample-build")
    assert sample is not None and sample.is_file(), f"--sample-build must name a file; it is {sample}"
    with Cluster(tmp_path) as cluster:
        server = Path(f"/proc/{cluster.processes['thrift-server']}/cmdline").read_text().split("\0")
        assert "-Xmx2g" in server
        process = cluster.start("run")
        while "START sql table model building_facts.fct_orders " not in cluster.log():
            assert process.poll() is None, process.stdout.read()[-6000:]
            time.sleep(0.05)
        time.sleep(1)
        os.killpg(cluster.processes["worker-2"], signal.SIGKILL)
        said, _ = process.communicate(timeout=1500)
        assert process.returncode == 0, said[-6000:]
        compared = subprocess.run(
            [
                *(sys.executable, COMPARE, sample, "spark_thrift", "--manifest", tmp_path / "target" / "manifest.json"),
                *("--right-prefix", "building_"),
                *("--exclude", "facts.loyalty_snapshot", "facts.fct_loyalty_changes"),
            ],
            env=cluster.environment,
            capture_output=True,
            encoding="utf-8",
        )
        assert compared.returncode == 0, compared.stdout[-6000:] + compared.stderr[-2000:]

        (first,) = cluster.listed()
        assert first["is_current"] and first["damage"] is None and len(first["rows"]) > 30
        cluster.ask(*record_of(2))
        assert "published" in cluster.run("publish")
        second, _ = cluster.listed()
        assert second["is_current"] and second["damage"] is None
        cluster.run("restore", first["publication_id"])
        ((shown, schema),) = cluster.ask("select publication_id, marts_schema from publishing.current_publication")
        assert (shown, schema) == (first["publication_id"], f"marts_{first['publication_id']}")
        counts = cluster.ask(
            f"select (select count(*) from marts.customers), (select count(*) from {schema}.customers)"
        )
        assert set(counts[0]) == {first["rows"]["marts.customers"]}
        alerts = cluster.run("alerts", "--json").splitlines()
        assert [line for line in alerts if line.startswith("{")]
        cluster.run("alerts", "--send")
        assert cluster.run("alerts", "--pending", "--json") == ""


# publications, of a run whose record names a handful of tables from here on


RAW_OF_CUSTOMERS = ("orders", "customers", "interactions", "subscriptions", "feedback")
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
        self.ask(*record_of(number, only_brand, f"published_schema = 'state' or relation_name in {PUBLISHED}"))


@pytest.fixture
def publisher(request, monkeypatch, capsys):
    """Publishes the build that --spark-build names."""
    folder = request.config.getoption("--spark-build")
    assert folder is not None and folder.is_dir(), f"--spark-build must name a folder; it is {folder}"
    made = Publisher(folder, monkeypatch, capsys)
    yield made
    made.session.end()


def compiled(folder: Path, *selected: str) -> dict[str, str]:
    """The SQL of models or analyses as Spark gets it, by their names, over the build of `lifecycle`."""
    command = [Path(sys.executable).with_name("dbt"), "--quiet", "--no-use-colors", "compile", "--no-print"]
    subprocess.run(
        [*command, "--target", "spark", "--target-path", folder, "--log-path", folder, "--select", *selected],
        cwd=project.ROOT,
        env={**os.environ, "LIFECYCLE_SCHEMA_PREFIX": "building_"},
        check=True,
        timeout=300,
    )
    return {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("compiled/**/*.sql")}


def test_analyses_answer(publisher, tmp_path):
    """Every ready question has rows, and so have the docs of dbt."""
    queries = compiled(tmp_path, "resource_type:analysis")
    assert len(queries) >= 12
    without_rows = [name for name, query in queries.items() if not publisher.ask(query)]
    assert not without_rows
    publisher.session.end()
    command = [Path(sys.executable).with_name("dbt"), "--quiet", "docs", "generate", "--target", "spark"]
    subprocess.run(
        [*command, "--target-path", tmp_path, "--log-path", tmp_path],
        cwd=project.ROOT,
        env={**os.environ, "LIFECYCLE_SCHEMA_PREFIX": "building_"},
        check=True,
        timeout=600,
    )
    catalog = json.loads((tmp_path / "catalog.json").read_text(encoding="utf-8"))["nodes"]
    assert "loyalty_class" in catalog["model.customer_lifecycle.customers"]["columns"]


def test_no_sort_works_expressions_out_for_each_comparison(publisher, tmp_path):
    """Of rows before they are checked, whose keys are cleaned text (docs/spark.md)."""
    queries = compiled(tmp_path, *(f"base_{table}_versions" for table in RAW_OF_CUSTOMERS))
    assert len(queries) == len(RAW_OF_CUSTOMERS)
    # as over tables that are too large to be broadcast
    publisher.ask("set spark.sql.autoBroadcastJoinThreshold = -1")
    for name, query in queries.items():
        ((plan,),) = publisher.ask(f"explain formatted {query}")
        assert re.search(r"^\(\d+\) (Sort|Shuffled)\w*", plan, re.MULTILINE), f"{name} neither sorts nor joins: {plan}"
        for node in re.split(r"\n\s*\n", plan):
            if re.match(r"\(\d+\) (Sort|SortMergeJoin|Window)\b", node):
                assert not PARSING.search(node), f"{name}: {node}"


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
    for marts in ("building_marts", schema):
        comments = {name: comment for name, _, comment in publisher.ask(f"describe {marts}.customers")}
        assert all(comment and len(comment) <= 256 for comment in comments.values()), comments
        assert comments["customer_id"].startswith("The brand's own id of the customer")
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


def traces(publisher):
    """The tables that hold the customer, but for the raw ones."""
    found = []
    for (schema,) in publisher.ask("show schemas"):
        views = {row[1] for row in publisher.ask(f"show views in {schema}")}
        for _, table, _ in publisher.ask(f"show tables in {schema}"):
            name = f"{schema}.{table}"
            # what their id is quoted by is a word of its own
            # Spark 3.5 takes a star in what is selected alone
            rows = f"select to_json(struct(*)) as fields from {name}"
            held = f"select 1 from ({rows}) as read where fields rlike '\\\\b{GONE[1]}\\\\b' limit 1"
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
        selected = [
            f"nullif({column}, '{GONE[1]}') as {column}" if column == "referred_by_customer_id" else column
            for column in (row[0] for row in publisher.ask(f"describe {name}"))
        ]
        publisher.ask(
            f"create table {name}_left as select {', '.join(selected)} from {name} "
            f"where not coalesce({is_theirs}, false)",
            f"insert overwrite {name} select * from {name}_left",
            f"drop table {name}_left purge",
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
