"""What the scripts of this folder ask of a running Superset, over its REST API."""

from __future__ import annotations

import argparse
import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import requests
import yaml

# the dashboard as files, in Superset's own format
EXPORT = Path(__file__).resolve().parent / "export"
# the dashboard's name in its address
DASHBOARD = "customer-lifecycle"
# the longest that one answer may take, in seconds
TIMEOUT = 120


def connect_args_of_export() -> dict[str, Any]:
    """The options of the committed connection to DuckDB."""
    database = yaml.safe_load(next(EXPORT.glob("databases/*.yaml")).read_text(encoding="utf-8"))
    return database["extra"]["engine_params"]["connect_args"]


def forbidden(file: Path, target: Path) -> list[str]:
    """Statements by which a query would reach beyond its database: read a file, write one, load code, or lift the ban.

    Takes: a file that is there; one that is to be written.
    """
    return [
        f"select * from read_csv('{file}')",
        f"select * from read_text('{file}')",
        f"select * from '{file}'",
        f"select * from read_blob('{file}')",
        f"select * from glob('{file.parent}/*')",
        "select * from '/etc/passwd'",
        f"select * from read_json_auto('{file}')",
        f"select * from read_parquet('{file}')",
        "select * from read_csv('https://example.com/data.csv')",
        f"select * from sniff_csv('{file}')",
        f"copy (select 1) to '{target}'",
        f"copy marts.customers to '{target}'",
        f"copy marts.customers from '{file}'",
        f"export database '{target}'",
        f"import database '{file.parent}'",
        f"attach '{target}' as other",
        "attach ':memory:' as other",
        "install httpfs",
        "load httpfs",
        f"load '{file}'",
        "set enable_external_access = true",
        "set lock_configuration = false",
        "reset lock_configuration",
        f"set temp_directory = '{file.parent}'",
        "pragma enable_external_access = true",
        "create table stolen (a int)",
        "create secret stolen (type s3, key_id 'a', secret 'b')",
        "set allowed_paths = ['/etc/passwd']",
        "set allowed_directories = ['/etc']",
    ]


class SupersetError(Exception):
    """Superset cannot be reached, or has refused what was asked; the message says which and why."""


class Superset:
    """A session with a running Superset, logged in."""

    def __init__(self, url: str, user: str, password: str) -> None:
        """Log in at `url`; raises SupersetError when nobody answers there, or the user is refused."""
        self.url = url.rstrip("/")
        self.session = requests.Session()
        login = {"username": user, "password": password, "provider": "db", "refresh": False}
        token = self.post("/api/v1/security/login", json=login).json()["access_token"]
        self.session.headers["Authorization"] = f"Bearer {token}"
        # every request that changes something is checked against the session that this begins
        csrf = self.get("/api/v1/security/csrf_token/").json()["result"]
        self.session.headers.update({"X-CSRFToken": csrf, "Referer": self.url})

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        """Superset's answer; raises SupersetError for anything but success, with what Superset says of it."""
        try:
            answer = self.session.request(method, self.url + path, timeout=TIMEOUT, **options)
        except requests.RequestException as error:
            raise SupersetError(f"no answer from Superset at {self.url}: {error}") from None
        if not answer.ok:
            raise SupersetError(f"{method} {path}: {answer.status_code} {answer.text[:2000].strip()}")
        return answer

    def get(self, path: str, **options: Any) -> requests.Response:
        """The answer to a GET; raises SupersetError."""
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> requests.Response:
        """The answer to a POST; raises SupersetError."""
        return self.request("POST", path, **options)

    def import_assets(self, files: dict[str, str]) -> None:
        """Create or overwrite what the files (name: text) of an export describe; raises SupersetError."""
        bundle = io.BytesIO()
        with zipfile.ZipFile(bundle, "w") as archive:
            for name, text in files.items():
                # Superset drops the first folder of every name
                archive.writestr(f"export/{name}", text)
        bundle.seek(0)
        self.post("/api/v1/assets/import/", files={"bundle": ("export.zip", bundle, "application/zip")})

    def export_dashboard(self) -> dict[str, str]:
        """The files (name: text) of Superset's own export of the dashboard; raises SupersetError."""
        number = self.get(f"/api/v1/dashboard/{DASHBOARD}").json()["result"]["id"]
        bundle = self.get("/api/v1/dashboard/export/", params={"q": f"!({number})"}).content
        with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
            return {name.split("/", 1)[1]: archive.read(name).decode() for name in archive.namelist()}

    def query_contexts(self) -> dict[str, dict[str, Any]]:
        """What each chart of the dashboard asks for, by the chart's title; raises SupersetError."""
        contexts = {}
        for chart in self.get(f"/api/v1/dashboard/{DASHBOARD}/charts").json()["result"]:
            saved = self.get(f"/api/v1/chart/{chart['id']}").json()["result"]["query_context"]
            if saved is None:
                raise SupersetError(f"the chart {chart['slice_name']} has no saved query: save it in Superset")
            contexts[chart["slice_name"]] = json.loads(saved)
        return contexts

    def sql(self, statement: str) -> list[dict[str, Any]]:
        """The rows that SQL Lab gives for a statement; raises SupersetError for what the database refuses."""
        number = self.get("/api/v1/database/").json()["result"][0]["id"]
        answer = self.post(
            "/api/v1/sqllab/execute/",
            json={
                "database_id": number,
                "sql": statement,
                "schema": "marts",
                "runAsync": False,
                "queryLimit": 10,
            },
        )
        return answer.json()["data"]

    def rows(self, context: dict[str, Any]) -> list[dict[str, Any]]:
        """The rows that Superset answers to a query context; raises SupersetError, also for an error of the query."""
        result = self.post("/api/v1/chart/data", json=context).json()["result"][0]
        if result.get("error"):
            raise SupersetError(result["error"])
        return result["data"]


def add_connection_options(parser: argparse.ArgumentParser) -> None:
    """Give a parser the options that say where Superset is and who asks."""
    environment = os.environ
    parser.add_argument(
        "--url",
        default=environment.get("SUPERSET_URL", "http://127.0.0.1:8088"),
        help="where Superset answers (SUPERSET_URL; %(default)s)",
    )
    parser.add_argument(
        "--user", default=environment.get("SUPERSET_USER", "admin"), help="an admin of it (SUPERSET_USER; %(default)s)"
    )
    parser.add_argument(
        "--password",
        default=environment.get("SUPERSET_PASSWORD"),
        help="the admin's password (better in SUPERSET_PASSWORD)",
    )


def connect(arguments: argparse.Namespace) -> Superset:
    """Log in as the options say; raises SupersetError."""
    if not arguments.password:
        raise SupersetError("no password: set SUPERSET_PASSWORD or give --password")
    return Superset(arguments.url, arguments.user, arguments.password)
