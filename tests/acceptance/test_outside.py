"""What needs an engine, a service, a browser or many builds: CI runs each by its marker, in the environment it needs.

    pytest -m postgres --sample-build FILE      # with requirements-postgres.txt, and PGHOST, PGPORT ... of a server
    pytest -m metricflow                        # with requirements-metricflow.txt
    pytest -m browser --publication FILE        # with requirements-report.txt, requirements/axe.txt and Chromium
    pytest -m superset --publication FILE       # with .venv-superset, or --superset-python
    pytest -m torture --sample-build FILE       # a whole, tested build of the sample
    pytest -m examples
    pytest -m airflow

Each check is a program that can be run by itself, too; what it prints is shown where it fails, and always with -s.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import check_examples
import pytest

from project import ROOT

HERE = Path(__file__).parent
UNREADABLE = """<!doctype html>
<html lang="en">
<head>
<title>Page</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,">
<style>
:root { color-scheme: light dark; }
body { background: #ffffff; color: #bbbbbb; }
@media (prefers-color-scheme: dark) { body { background: #000000; } }
</style>
</head>
<body><main><h1 style="color: #777777">Page</h1><p>Pale</p><select><option>One</option></select></main></body>
</html>
"""


def succeeds(*command: str | Path) -> None:
    """Runs a program in a process of its own, and fails where it does."""
    ended = subprocess.run(list(map(str, command)), cwd=ROOT, check=False)
    assert ended.returncode == 0, f"{command} ended with {ended.returncode}: see above"


@pytest.fixture
def publication(request) -> Path:
    """The published DuckDB file that --publication names."""
    return given(request, "--publication")


@pytest.fixture
def sample_file(request) -> Path:
    """The build of the sample that --sample-build names."""
    return given(request, "--sample-build")


def given(request, option: str) -> Path:
    """The file that an option names. Fails where there is none: what was asked for by its marker is not skipped."""
    path = request.config.getoption(option)
    assert path is not None and path.is_file(), f"{option} must name a file; it is {path}"
    return path


@pytest.mark.examples
@pytest.mark.parametrize("name", check_examples.CHECKS)
def test_examples_build(name, tmp_path):
    """As a user would build them; the marts are what is expected."""
    print(check_examples.CHECKS[name](tmp_path))


@pytest.mark.metricflow
def test_metrics_are_what_the_marts_say():
    """MetricFlow validates every metric, and gives the marts' figures."""
    succeeds(sys.executable, HERE / "check_metricflow.py")


@pytest.mark.postgres
def test_publishing_on_postgres(sample_file):
    """The tables are DuckDB's; readers see one publication or the next; roles, kills, restoring, keeping, damage,
    forgetting."""
    succeeds(sys.executable, HERE / "check_publishing_postgres.py", "--sample", sample_file)


@pytest.mark.browser
def test_report_in_a_browser(publication, tmp_path):
    """Its pages open without an error or a request, at four widths, and after a switch to every language."""
    succeeds(sys.executable, ROOT / "scripts" / "report.py", "--publication", publication, "--output", tmp_path)
    succeeds(sys.executable, HERE / "check_report.py", tmp_path)


@pytest.mark.browser
def test_what_keeps_people_from_a_page_is_found(tmp_path):
    """Under the policy of the report's pages, and what only one of light and dark mode shows."""
    (tmp_path / "page.html").write_text(UNREADABLE, encoding="utf-8")
    checked = subprocess.run(
        [sys.executable, HERE / "check_report.py", tmp_path], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 1
    found = {line.strip() for line in checked.stdout.splitlines() if "(serious)" in line or "(critical)" in line}
    assert {(line.split(" (")[0], line.split()[-1]) for line in found} == {
        ("light: color-contrast", "p"),
        ("light: select-name", "select"),
        ("dark: select-name", "select"),
    }


@pytest.mark.torture
def test_readers_through_builds_that_fail_and_are_killed():
    """No reader sees an error, or anything half done."""
    succeeds(sys.executable, HERE / "torture_publication.py", "--builds", "4", "--failing", "1", "--killed", "1")


@pytest.mark.torture
def test_readers_through_kills_of_every_command(sample_file):
    """The same of run, publish, restore, forget and sending; and forgotten is forgotten."""
    succeeds(sys.executable, HERE / "torture_kills.py", "--kills", "8", "--build", sample_file)


@pytest.mark.airflow
def test_airflow_runs_the_dag():
    """Green and red, again, and backwards."""
    succeeds(sys.executable, ROOT / "orchestration" / "airflow" / "check_airflow.py", "--days", "1")


@pytest.mark.superset
def test_superset_shows_the_marts(request, publication):
    """The dashboard is imported into a real Superset, and every chart has the data of the marts."""
    python = request.config.getoption("--superset-python")
    succeeds(python, ROOT / "bi" / "superset" / "check_dashboard.py", "--publication", publication)
