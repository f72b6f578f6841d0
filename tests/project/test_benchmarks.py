"""A figure of the benchmarks' page says of which commit and of how many models it is, and how many there are today."""

from __future__ import annotations

import csv
import re
import subprocess

import pytest

import project

PAGE = (project.ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
RESULTS = project.ROOT / "benchmarks" / "results.csv"
MEASURED = re.compile(
    r"^Commit `(?P<commit>[0-9a-f]{7})`, (?P<models>\d+) models \(today: (?P<today>\d+)\)", re.MULTILINE
)
# of times, as in "45.9 s", "23.2 floors" or "times the floor"
FIGURE = re.compile(r"\d\.\d (s|GB|floors)\b|\d\.\d times (its|the) floor|\|\s*\d+\.\d+ \|")


def sections_of(page):
    """The text below each heading."""
    return re.split(r"^#+ ", page, flags=re.MULTILINE)[1:]


def sections_with_figures(page):
    return [section for section in sections_of(page) if FIGURE.search(re.sub(r"`[^`]*`", "", section))]


def faults_of(page, today):
    for section in sections_with_figures(page):
        title = section.splitlines()[0]
        found = MEASURED.search(section)
        if found is None:
            yield f"{title}: which commit, and how many models?"
        elif int(found["today"]) != today:
            yield f"{title}: not {found['today']} models today, there are {today}: write that, or measure again"


# models that only Spark builds: the page counts those of DuckDB
OF_SPARK = ("fct_loyalty_changes.sql", "loyalty_snapshot.sql")


def models_of(commit):
    """The number of models of a commit, or of the work tree."""
    command = ["git", "ls-tree", "-r", "--name-only", commit] if commit else ["git", "ls-files"]
    listed = subprocess.run([*command, "models"], cwd=project.ROOT, capture_output=True, text=True, check=True).stdout
    return sum(name.endswith(".sql") and not name.endswith(OF_SPARK) for name in listed.splitlines())


def test_figures_say_of_which_models_they_are():
    assert len(sections_with_figures(PAGE)) >= 2
    assert not list(faults_of(PAGE, models_of(None)))


def test_commits_had_as_many_models():
    for found in MEASURED.finditer(PAGE):
        try:
            models = models_of(found["commit"])
        except subprocess.CalledProcessError:
            pytest.skip("this checkout has no history")
        assert models == int(found["models"]), found[0]


def test_the_run_of_the_page_is_on_record():
    """results.csv has a run of the first section's commit, with its ratio in processor time."""
    measured = next(section for section in sections_with_figures(PAGE))
    commit = MEASURED.search(measured)["commit"]
    with RESULTS.open(encoding="utf-8", newline="") as file:
        runs = [run for run in csv.DictReader(file) if run["commit"] == commit]
    assert runs
    for run in runs:
        assert f"{float(run['processor_to_floor']):.1f}" in measured
        assert run["model_count"] == MEASURED.search(measured)["models"]


@pytest.mark.parametrize(
    "text, fault",
    [
        ("## Measured\nAll models take 45.9 s, 23.2 times the floor.\n", "which commit"),
        ("## Measured\nCommit `0123abc`, 52 models (today: 52): 45.9 s.\n", "there are 110: write that"),
        ("## Measured\nCommit `0123abc`, 52 models (today: 110): 45.9 s.\n", ""),
        ("## What is measured\nThe floor is one query.\n", ""),
    ],
)
def test_a_figure_without_its_commit_is_found(text, fault):
    found = list(faults_of(text, 110))
    assert fault in found[0] if fault else not found
