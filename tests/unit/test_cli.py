"""The command `lifecycle`: its help, its answers to mistakes, where it looks for the project, and its shims.

What its subcommands do is tested by test_publishing.py, test_publishing_files.py, test_forget.py, test_alerting.py and
test_report.py.
"""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from customer_lifecycle import __version__, cli
from customer_lifecycle.publishing import commands

ROOT = Path(__file__).parents[2]
COMMANDS = ["run", "build", "prepare", "publish", "restore", "list", "report", "alerts", "freshness", "forget"]


@pytest.fixture(autouse=True)
def own_environment(monkeypatch):
    """No variable of this shell decides where publications are."""
    for name in [name for name in os.environ if name.startswith(("LIFECYCLE_", "DBT_"))]:
        monkeypatch.delenv(name)


@pytest.fixture
def performed(monkeypatch):
    """What commands were given, in the place of performing them."""
    given = []
    monkeypatch.setattr(commands, "perform", lambda options: given.append(options) or 0)
    return given


def test_help_lists_the_commands_in_the_order_of_a_days_work(capsys):
    assert cli.main(["--help"]) == 0
    listed = capsys.readouterr().out.split("Commands:\n")[1].split("\n\n")[0].splitlines()
    assert [line.split()[0] for line in listed] == COMMANDS
    assert not [line for line in listed if line.endswith("...")], "a command's summary is cut short"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_described(command, capsys):
    assert cli.main([command, "--help"]) == 0
    told = capsys.readouterr().out
    assert told.startswith(f"Usage: lifecycle {command} [OPTIONS]")
    for option in cli.lifecycle.commands[command].params:
        if option.param_type_name == "option":
            assert option.help and option.help.endswith("."), option.name


def test_exit_codes_of_the_help_are_those_of_the_code(capsys):
    cli.main(["--help"])
    told = capsys.readouterr().out.split("Exit codes:\n")[1]
    codes = {int(line.split()[0]) for line in told.splitlines() if line.split()[:1] and line.split()[0].isdecimal()}
    assert codes == {code for name, code in vars(commands.ExitCode).items() if name.isupper()} | {69}


def test_the_version(capsys):
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"lifecycle {__version__}\n"


@pytest.mark.parametrize(
    "arguments, nearest",
    [
        (["lst"], "Did you mean 'list'?"),
        (["publsh"], "Did you mean 'publish'?"),
        (["run", "--as-of-dat", "2026-06-30"], "Did you mean '--as-of-date'?"),
        (["alerts", "--marksent", "ID"], "'--mark-sent'"),
        (["report", "--langage", "ko"], "Did you mean '--language'?"),
    ],
)
def test_a_mistake_names_the_nearest(arguments, nearest, capsys):
    assert cli.main(arguments, project_dir=ROOT) == 2
    assert nearest in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["run", "--as-of", "2026-06-30"], "No such option '--as-of'"),
        (["run", "--as-of-date", "30.6.2026"], "'30.6.2026' is not a day; write it as 2025-12-31"),
        (["run", "--vars", "[1]"], "is not a map, such as '{raw_schema: landing}'"),
        (["run", "--keep", "0"], "--keep"),
        (["alerts", "--send", "--pending"], "--pending and --send exclude one another."),
        (["alerts", "ID"], "Alerts are named after --unpark or --mark-sent."),
        (["forget", "--brand", "shop"], "--customer"),
    ],
)
def test_what_is_wrong_is_named(arguments, message, capsys, performed):
    assert cli.main(arguments, project_dir=ROOT) == 2
    assert message in capsys.readouterr().err and not performed


def test_the_project_is_the_current_folder_or_the_one_that_is_named(performed, tmp_path, monkeypatch, capsys):
    (tmp_path / "dbt_project.yml").touch()
    monkeypatch.chdir(tmp_path)
    assert cli.main(["list"]) == 0
    monkeypatch.chdir("/")
    assert cli.main(["list", "--project-dir", str(tmp_path)]) == 0
    assert [options.project_dir for options in performed] == [tmp_path, tmp_path]
    assert [options.publications for options in performed] == [tmp_path / "publications"] * 2
    assert cli.main(["list", "--project-dir", str(tmp_path / "dbt_project.yml")]) == 2
    assert "name it with --project-dir" in capsys.readouterr().err


def test_what_is_given_arrives(performed, monkeypatch):
    monkeypatch.setenv("LIFECYCLE_READER_ROLES", "bi, web,")
    arguments = ["run", "--as-of-date", "2026-06-30", "--vars", "{raw_dir: landing}", "--wait", "5", "--full-refresh"]
    assert cli.main([*arguments, "--keep", "3", "--parquet"], project_dir=ROOT) == 0
    (options,) = performed
    assert (options.as_of_date.isoformat(), options.vars, options.wait) == ("2026-06-30", {"raw_dir": "landing"}, 5)
    assert options.full_refresh and options.parquet and not options.unit_tests and not options.accept_row_drop
    assert options.keep == 3 and options.reader_roles == ["bi", "web"]


def test_roles_are_for_postgres(capsys):
    assert cli.main(["list", "--target", "duckdb", "--reader-role", "bi"], project_dir=ROOT) == 2
    assert "--reader-role and LIFECYCLE_READER_ROLES are for postgres; the target is duckdb" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["unpark", "mark_sent"])
def test_alerts_are_named_one_after_the_other(performed, option):
    assert cli.main(["alerts", f"--{option.replace('_', '-')}", "a", "b", "c"], project_dir=ROOT) == 0
    assert getattr(performed[0], option) == ["a", "b", "c"]


@pytest.mark.parametrize(
    "script, usage",
    [
        ("publish.py", "Usage: lifecycle [OPTIONS]"),
        ("report.py", "Usage: lifecycle report [OPTIONS]"),
    ],
)
def test_shims_need_no_installation(script, usage, tmp_path):
    ended = subprocess.run(
        [sys.executable, "-S", ROOT / "scripts" / script, "--help"],
        cwd=tmp_path,
        env={"PYTHONPATH": os.pathsep.join(path for path in sys.path if "site-packages" in path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0 and ended.stdout.startswith(usage), ended.stderr


def test_help_waits_for_no_heavy_package():
    """Neither dbt nor an engine nor the report's packages."""
    script = (
        "import sys; from customer_lifecycle import cli; cli.main(['run', '--help']); "
        "print(sorted({'dbt', 'duckdb', 'psycopg2', 'altair', 'babel'} & set(sys.modules)))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout.splitlines()[-1] == "[]"


PROGRESS = """
from customer_lifecycle.progress import counted, step
assert list(counted(["a", "b", "c"], "copying tables")) == ["a", "b", "c"]
with step("writing to disk"):
    pass
"""


def test_progress_is_shown_on_a_terminal_alone():
    command = [sys.executable, "-c", PROGRESS]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    quiet = subprocess.run(command, env=environment, capture_output=True, check=True)
    assert quiet.stdout == quiet.stderr == b""
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=theirs) as process:
        assert process.wait(30) == 0 and process.stdout.read() == b""
    os.close(theirs)
    shown = os.read(ours, 10000).decode()
    os.close(ours)
    assert "copying tables: 2 of 3" in shown and "writing to disk …" in shown and shown.endswith("\r\x1b[K")
