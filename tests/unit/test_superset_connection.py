"""The connection that Superset is given: a query reaches the publication, and no other file, by whichever way.

bi/superset/check_dashboard.py asks the same of SQL Lab in a real Superset."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import pytest
import yaml

ROOT = Path(__file__).parents[2]
SUPERSET = ROOT / "bi" / "superset"
sys.path.insert(0, str(SUPERSET))
import dataset_words  # noqa: E402
import import_dashboard  # noqa: E402
import superset_api  # noqa: E402
import yaml_text  # noqa: E402


@pytest.fixture
def publication(tmp_path) -> Path:
    file = tmp_path / "published" / "lifecycle.duckdb"
    file.parent.mkdir()
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema marts")
        connection.execute("create table marts.customers as select 1 as customer_id")
    return file


@pytest.fixture
def secret(tmp_path) -> Path:
    file = tmp_path / "secret.csv"
    file.write_text("password\nswordfish\n")
    return file


def test_the_committed_connection_reads_the_publication(publication):
    with duckdb.connect(str(publication), **superset_api.connect_args_of_export()) as connection:
        assert connection.execute("select * from marts.customers").fetchall() == [(1,)]
        # large sorts and joins still spill to disk
        assert connection.execute("select current_setting('temp_directory')").fetchone() != ("",)


@pytest.mark.parametrize("number", range(len(superset_api.forbidden(Path("a"), Path("b")))))
def test_it_reaches_nothing_else(publication, secret, tmp_path, number):
    target = tmp_path / "stolen"
    statement = superset_api.forbidden(secret, target)[number]
    with duckdb.connect(str(publication), **superset_api.connect_args_of_export()) as connection:
        with pytest.raises(duckdb.Error) as raised:
            connection.execute(statement).fetchall()
    assert "swordfish" not in str(raised.value) and not target.exists()


def test_it_is_the_settings_that_keep_it_so(publication, secret):
    with duckdb.connect(str(publication), read_only=True) as connection:
        assert connection.execute(f"select * from read_csv('{secret}')").fetchall() == [("swordfish",)]


def test_the_datasets_speak_as_the_glossary_does(sample_build):
    with sample_build.connect() as connection:
        words = dataset_words.glossary_of(connection)
    stale = [
        path.name
        for path in sorted(dataset_words.DATASETS.glob("*/*.yaml"))
        if dataset_words.reworded(path.read_text(encoding="utf-8"), words) != path.read_text(encoding="utf-8")
    ]
    assert not stale, "run bi/superset/dataset_words.py"


def test_the_datasets_have_the_columns_of_their_tables(sample_build):
    checked = 0
    with sample_build.connect() as connection:
        for path in sorted(dataset_words.DATASETS.glob("*/*.yaml")):
            dataset = yaml.safe_load(path.read_text(encoding="utf-8"))
            if dataset["sql"] or dataset["schema"] != "marts":
                continue
            columns = {column["column_name"] for column in dataset["columns"] if not column["expression"]}
            real = connection.execute(f"describe marts.{dataset['table_name']}").fetchall()
            assert columns == {row[0] for row in real}, path.name
            checked += 1
    assert checked > 10


def test_the_export_is_written_as_the_command_writes_it():
    files = {path: path.read_text(encoding="utf-8") for path in superset_api.EXPORT.rglob("*.yaml")}
    assert len(files) > 30
    wrong = sorted(path.name for path, text in files.items() if yaml_text.dump(yaml.safe_load(text)) != text)
    assert not wrong, "export them from Superset, or write them with yaml_text.dump"


def test_the_dashboard_links_to_the_report():
    """At the head of the first tab, and only where its address is given."""

    def texts(**options: str) -> list[str]:
        files = import_dashboard.read_export("duckdb://", {}, **options)
        (dashboard,) = (yaml.safe_load(text) for name, text in files.items() if name.startswith("dashboards/"))
        parts = (part for part in dashboard["position"].values() if isinstance(part, dict))
        return [part["meta"]["code"] for part in parts if part.get("type") == "MARKDOWN"]

    plain, linked = texts(), texts(report_url="https://reports.example.com/shop/")
    (head,) = (text for text in linked if text not in plain)
    assert head.endswith(" On a phone, [the report](https://reports.example.com/shop/index.html) reads better.")
    assert len(linked) == len(plain)
    with pytest.raises(import_dashboard.SupersetError, match="begins with http"):
        texts(report_url="reports")
