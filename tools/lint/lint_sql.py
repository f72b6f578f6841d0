#!/usr/bin/env python3
"""Lint the project's SQL: sqlfluff with the rules of .sqlfluff, and the length of every line of the macros.

    python tools/lint/lint_sql.py [file ...]        # all models, tests and analyses by default

Three rules that .sqlfluff leaves out are put back here, without the findings on text that nobody wrote: LT02 on a line
with only Jinja (its indent shows the nesting of the Jinja blocks, not of the SQL), and LT05 on a line that only becomes
too long when it is rendered; and without that of AL05 on the name under which as_of_date is read, which nothing uses:
on BigQuery, a column named like its table is the whole row.

sqlfluff judges what a file says itself, not what a macro writes. Models that only call a macro are not given to it: it
would read some 400 kB of SQL, half of all, and find nothing.
"""

from __future__ import annotations

import configparser
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ["models", "tests", "analyses"]
# a tag, a comment, or text that appears only in some rounds of a loop, such as `{{ 'union all' if not loop.last }}`
JINJA_LINE = re.compile(r"\s*(\{%|\{#|\{\{-? [^}]* if [^}]*\}\}\s*$)")
# everything that is rendered
JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)

JUDGED_HERE = {"AL05", "LT02", "LT05"}


def sqlfluff_config() -> configparser.SectionProxy:
    config = configparser.ConfigParser()
    config.read(ROOT / ".sqlfluff")
    return config["sqlfluff"]


def line_limit() -> int:
    return sqlfluff_config().getint("max_line_length")


def excluded_rules() -> str:
    rules = {rule.strip() for rule in sqlfluff_config()["exclude_rules"].split(",")}
    return ",".join(sorted(rules - JUDGED_HERE))


def is_real(finding: dict, lines: list[str], limit: int) -> bool:
    number = finding["start_line_no"]
    if finding["code"] == "AL05":
        return "'reporting_day'" not in finding["description"]
    if finding["code"] == "LT05":
        return len(lines[number - 1]) > limit
    if finding["code"] == "LT02":
        # where Jinja has removed the line breaks, the indent is reported on the line before
        following = next((line for line in lines[number:] if line.strip()), "")
        return not any(JINJA_LINE.match(line) for line in (lines[number - 1], following))
    return True


def sqlfluff_findings(paths: list[str], limit: int) -> list[str]:
    run = subprocess.run(
        [
            Path(sys.executable).with_name("sqlfluff"),
            "lint",
            "--processes",
            "0",
            "--format",
            "json",
            "--nocolor",
            "--exclude-rules",
            excluded_rules(),
            *paths,
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    try:
        # dbt may print its own line before
        report = json.loads(run.stdout[run.stdout.index("[{") if "[{" in run.stdout else 0 :])
    except ValueError:
        sys.exit(f"{run.stdout}\nsqlfluff did not lint (exit code {run.returncode})")
    findings: dict[str, str] = {}
    for file in report:
        path = ROOT / file["filepath"]
        lines = path.read_text().split("\n")
        for finding in file["violations"]:
            if is_real(finding, lines, limit):
                # a line in a loop is found once a round
                place = f"{path.relative_to(ROOT)}:{finding['start_line_no']}:{finding['start_line_pos']}"
                findings.setdefault(f"{place}: {finding['code']}", f"{finding['description']} [{finding['name']}]")
    return [f"{place} {message}" for place, message in findings.items()]


def says_something(path: Path) -> bool:
    """Whether there is SQL in a file, and not only calls of macros."""
    return bool(JINJA.sub("", path.read_text()).strip())


def long_lines(paths: list[Path], limit: int) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: the line is too long ({len(line)} > {limit})"
        for path in paths
        for number, line in enumerate(path.read_text().split("\n"), start=1)
        if len(line) > limit
    ]


def main() -> int:
    limit = line_limit()
    given = [Path(argument).resolve() for argument in sys.argv[1:]]
    # sqlfluff reads models and tests; in macros and generic tests, only line length can be checked
    templates = [ROOT / "macros", ROOT / "tests" / "dbt" / "generic"]
    if given:
        read_by_length = [path for path in given if any(folder in path.parents for folder in templates)]
        paths = [str(path.relative_to(ROOT)) for path in given if path not in read_by_length]
    else:
        read_by_length = sorted(path for folder in templates for path in folder.rglob("*.sql"))
        files = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.sql"))
        paths = [str(path.relative_to(ROOT)) for path in files if path not in read_by_length and says_something(path)]
    findings = long_lines(read_by_length, limit)
    if paths:
        findings += sqlfluff_findings(paths, limit)
    for finding in findings:
        print(finding)
    print(f"{len(findings)} finding{'' if len(findings) == 1 else 's'} in the SQL")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
