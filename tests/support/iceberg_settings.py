#!/usr/bin/env python3
"""Writes the settings of a Spark whose catalog is Iceberg's, for SPARK_CONF_DIR.

python tests/support/iceberg_settings.py FOLDER      # with requirements/iceberg.txt over requirements-spark.txt
"""

import sys
from importlib.resources import files
from pathlib import Path

SPARK_AND_SCALA = "3.5_2.12"
SETTINGS = {
    "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
    "spark.sql.catalog.spark_catalog": "org.apache.iceberg.spark.SparkSessionCatalog",
    "spark.sql.catalog.spark_catalog.type": "hive",
    # what a metastore of Derby's needs
    "spark.hadoop.iceberg.engine.hive.lock-enabled": "false",
    "spark.hadoop.hive.metastore.disallow.incompatible.col.type.changes": "false",
    "spark.hadoop.datanucleus.schema.autoCreateAll": "true",
    "spark.hadoop.hive.metastore.schema.verification": "false",
}


def main() -> None:
    folder = Path(sys.argv[1])
    jars = Path(str(files("snowpark_connect_deps_iceberg"))) / "jars"
    (jar,) = jars.glob(f"iceberg-spark-runtime-{SPARK_AND_SCALA}-*.jar")
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"{name} {value}\n" for name, value in {"spark.jars": jar, **SETTINGS}.items()]
    (folder / "spark-defaults.conf").write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
