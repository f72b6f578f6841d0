#!/usr/bin/env python3
"""Put the dashboard of export/ into a running Superset, over a published DuckDB file or a Postgres database.

    python bi/superset/import_dashboard.py --publication publications/lifecycle.duckdb
    python bi/superset/import_dashboard.py --postgres        # that of PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE
    python bi/superset/import_dashboard.py --postgres postgresql://bi:secret@warehouse:5432/shop

With --report-url, or LIFECYCLE_REPORT_URL, which alerts link to as well, the first tab links to the report for those
who look from a phone: Superset lays a dashboard out for large screens. Creates what is not there yet and overwrites
what is: the connection, the datasets, the charts and the dashboard. Ends with 0 when Superset can read the publication,
with 1 and a message when not.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, urlencode

import duckdb
import yaml

from superset_api import DASHBOARD, EXPORT, SupersetError, add_connection_options, connect, connect_args_of_export

# the chart that shows of which day the figures are
FIGURES_OF = "Figures of"


def duckdb_connection(publication: Path) -> tuple[str, dict]:
    """The address of a published DuckDB file, and the options that keep Superset to it: it writes nothing, reads no
    other file, and no query can change that.

    Raises SupersetError when there is no such file, or it is no publication: the file that dbt writes must have no
    readers.
    """
    if not publication.is_file():
        raise SupersetError(f"no file {publication}: run `make publish` first")
    try:
        with closing(duckdb.connect(str(publication), read_only=True)) as connection:
            found = connection.execute(
                "select 1 from duckdb_tables() where schema_name = 'reference' and table_name = 'publication'"
            ).fetchall()
    except duckdb.Error as error:
        raise SupersetError(f"{publication} cannot be read: {str(error).splitlines()[0]}") from None
    if not found:
        raise SupersetError(f"{publication} is no publication, as publications/lifecycle.duckdb is")
    return f"duckdb:///{publication.resolve()}", connect_args_of_export()


def postgres_connection(uri: str) -> tuple[str, dict]:
    """The address of a Postgres database, and the options that make every transaction of Superset read-only.

    An empty address is made of the PG… variables. Raises SupersetError when it is none of Postgres.
    """
    if not uri:
        defaults = {"USER": "postgres", "PASSWORD": "", "PORT": "5432", "DATABASE": "postgres"}
        given = {name: quote(os.environ.get(f"PG{name}", default), safe="") for name, default in defaults.items()}
        host, query = os.environ.get("PGHOST", "localhost"), ""
        if host.startswith("/"):
            # the folder of a socket, which has its place in the query
            host, query = "", f"?{urlencode({'host': host})}"
        uri = f"postgresql://{given['USER']}:{given['PASSWORD']}@{host}:{given['PORT']}/{given['DATABASE']}{query}"
    scheme, separator, rest = uri.partition("://")
    if not separator or scheme.split("+")[0] not in ("postgresql", "postgres"):
        raise SupersetError("--postgres takes an address that begins with postgresql://")
    return f"postgresql+psycopg2://{rest}", {"options": "-c default_transaction_read_only=on"}


def with_link(dashboard: str, address: str) -> str:
    """The text of the dashboard's file, with a link to the report of that folder at the head of the first tab.

    Raises SupersetError when that is no address.
    """
    if not address.startswith(("http://", "https://")):
        raise SupersetError(f"--report-url takes an address that begins with http:// or https://, not {address!r}")
    found = yaml.safe_load(dashboard)
    place = found["position"]
    first_tab = place[place["TABS-questions"]["children"][0]]
    head = place[place[first_tab["children"][0]]["children"][0]]
    head["meta"]["code"] += f" On a phone, [the report]({address.rstrip('/')}/index.html) reads better."
    return yaml.safe_dump(found, sort_keys=False, allow_unicode=True)


def read_export(uri: str, connect_args: dict, report_url: str = "") -> dict[str, str]:
    """The files (name: text) of export/, with the connection and a link to the report filled in, as Superset wants to
    have them."""
    files = {path.relative_to(EXPORT).as_posix(): path.read_text(encoding="utf-8") for path in EXPORT.rglob("*.yaml")}
    for name, text in files.items():
        if name.startswith("databases/"):
            database = yaml.safe_load(text)
            database["sqlalchemy_uri"] = uri
            database["extra"]["engine_params"] = {"connect_args": connect_args}
            files[name] = yaml.safe_dump(database, sort_keys=False)
        elif name.startswith("dashboards/") and report_url:
            files[name] = with_link(text, report_url)
        elif name.startswith("charts/"):
            chart = yaml.safe_load(text)
            # a saved query holds the chart's settings, too; the export leaves the repetition out
            chart["query_context"] = json.dumps({**json.loads(chart["query_context"]), "form_data": chart["params"]})
            files[name] = yaml.safe_dump(chart, sort_keys=False)
    # as a dashboard Superset would overwrite the dashboard alone, and leave charts and datasets as they are
    files["metadata.yaml"] = yaml.safe_dump({**yaml.safe_load(files["metadata.yaml"]), "type": "assets"})
    return files


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", 1)[0])
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--publication", type=Path, metavar="FILE", help="the published DuckDB file")
    source.add_argument(
        "--postgres",
        nargs="?",
        const="",
        metavar="URI",
        help="a Postgres database; without URI that of the PG… variables",
    )
    parser.add_argument(
        "--report-url",
        metavar="URL",
        default=os.environ.get("LIFECYCLE_REPORT_URL", ""),
        help="the address of the folder in which reports are put, to link to; by default LIFECYCLE_REPORT_URL",
    )
    add_connection_options(parser)
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Import, and look whether Superset can read the figures. Gives the exit code."""
    options = parse(arguments)
    try:
        if options.publication:
            uri, connect_args = duckdb_connection(options.publication)
        else:
            uri, connect_args = postgres_connection(options.postgres)
        superset = connect(options)
        superset.import_assets(read_export(uri, connect_args, options.report_url))
        charts = superset.query_contexts()
        superset.rows(charts[FIGURES_OF])
    except SupersetError as error:
        print(f"import_dashboard: {error}", file=sys.stderr)
        return 1
    print(f"{len(charts)} charts: {superset.url}/superset/dashboard/{DASHBOARD}/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
