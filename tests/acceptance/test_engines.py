"""Real sales and three nights in a row: another engine makes of them what DuckDB makes.

pytest -m postgres tests/acceptance/test_engines.py     # with requirements-postgres.txt and a server
pytest -m spark tests/acceptance/test_engines.py        # with requirements-spark.txt, and Java
pytest -m iceberg tests/acceptance/test_engines.py      # with requirements/iceberg.txt over it, and SPARK_CONF_DIR from
                                                        # tests/support/iceberg_settings.py
"""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from build_place import Place
from oracle import online_retail

ENGINES = [pytest.param(name, marks=getattr(pytest.mark, name)) for name in ("postgres", "spark")]
NIGHTS = ("2026-06-28", "2026-06-29", "2026-06-30")
# what an engine reads its raw tables from
LANDING = "landed_sales"
# a fit ends within its precision of the optimum, and where it is flat the last digits say after how many steps; the
# weights of single nodes multiply that, while what is summed over them is compared
OF_STEPS = (
    *(
        f"{table}.iterations"
        for table in ("facts.int_clv_order_fits", "facts.fct_clv_parameters", "marts.clv_model_fit")
    ),
    "facts.int_clv_nodes",
)


def land(orders: Path) -> None:
    """Loads the orders of a file of text columns into the Postgres that PGHOST, PGPORT … name."""
    import psycopg2  # only who compares with Postgres needs it

    text = orders.parents[1] / "landed.csv"
    with duckdb.connect() as connection:
        reading = connection.read_parquet(str(orders))
        reading.write_csv(str(text), header=False)
        columns = ", ".join(f"{name} text" for name in reading.columns)
    with psycopg2.connect("") as connection, connection.cursor() as cursor, text.open(encoding="utf-8") as rows:
        cursor.execute(f"drop schema if exists {LANDING} cascade; create schema {LANDING}")
        cursor.execute(f"create table {LANDING}.orders ({columns})")
        cursor.copy_expert(f"copy {LANDING}.orders from stdin (format csv)", rows)


@pytest.mark.parametrize("engine", ENGINES)
def test_online_retail_is_the_same(engine, tmp_path):
    """Every fact and mart of a whole real shop."""
    (tmp_path / "raw").mkdir()
    online_retail.write_orders(tmp_path / "raw" / "orders.parquet")
    shop = {"brands": {"online_retail": online_retail.SETTINGS}, "raw_tables": ["orders"]}
    place = Place(tmp_path, raw_dir=str(tmp_path / "raw"), **shop)
    if engine == "postgres":
        land(tmp_path / "raw" / "orders.parquet")
        place.variables[engine] = {"raw_schema": LANDING, **shop}
    for target in ("duckdb", engine):
        place.run(target, "build", "path:seeds/reference", "path:models", "path:snapshots")
    said = place.compare("facts", "marts", "quality", with_=engine, without=OF_STEPS)
    assert re.search(r"^marts.customers: [\d,]+ rows, the same$", said, re.MULTILINE), said


@pytest.mark.parametrize(
    ("engine", "variables"),
    [
        *(pytest.param(*engine.values, {}, marks=engine.marks) for engine in ENGINES),
        pytest.param("spark", {"spark_file_format": "iceberg"}, marks=pytest.mark.iceberg),
    ],
)
def test_nights_in_a_row_are_the_same(engine, variables, tmp_path):
    """History of loyalty, which each night goes on from the one before, and the ids of alerts."""
    place = Place(tmp_path)
    place.variables[engine] = variables
    for night in NIGHTS:
        place.environment["LIFECYCLE_AS_OF_DATE"] = night
        for target in ("duckdb", engine):
            place.run(target, "build", "+loyalty_history", "+lifecycle_alerts")
        said = place.compare("marts", with_=engine)
        assert re.search(r"^marts.lifecycle_alerts: [\d,]+ rows, the same$", said, re.MULTILINE), said
        assert re.search(r"^marts.loyalty_history: [\d,]+ rows, the same$", said, re.MULTILINE), said
    with duckdb.connect(place.environment["LIFECYCLE_DUCKDB_PATH"], read_only=True) as connection:
        (nights,) = connection.execute("select count(distinct valid_from) from marts.loyalty_history").fetchall()[0]
    assert nights > 1, "loyalty did not change in these nights"
    if variables:
        tables = tmp_path / "spark" / "warehouse" / "marts.db"
        # one for the table, one for its rows; what is dropped must not leave its own
        assert len(list(tables.glob("customers/metadata/*.metadata.json"))) == 2
