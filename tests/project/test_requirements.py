"""Requirements: every package has one version and the hashes of its files, and nothing is installed without them."""

from __future__ import annotations

import re
import sys
from itertools import chain
from pathlib import Path

import pytest
import yaml

import customer_lifecycle

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[2]
COMPILED = sorted(
    [
        *ROOT.glob("requirements*.txt"),
        *ROOT.glob("requirements/*.txt"),
        *ROOT.glob("benchmarks/requirements*.txt"),
        ROOT / "orchestration/airflow/requirements.txt",
        ROOT / "bi/superset/requirements.txt",
    ]
)
# one environment: a package has one version in all of these
OF_ONE_ENVIRONMENT = sorted(ROOT.glob("requirements*.txt"))
PINNED = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;]+)(?: ; (?P<marker>.+))?")
# compiled for each system and Python: a handful of hashes would be those of one machine
BINARY = {"duckdb": 10, "pyyaml": 20, "rpds-py": 20, "psycopg2-binary": 20, "grpcio": 20, "pandas": 10}
# what pandas wants and Superset never loads; it is no wheel
LEFT_OUT = {"odfpy"}


def requirements(file: Path) -> list[tuple[re.Match, list[str]]]:
    """The requirements of a file, each with its hashes."""
    text = "\n".join(line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    found = []
    for block in text.replace("\\\n", " ").splitlines():
        line, *hashes = re.split(r"\s+--hash=sha256:", block.strip())
        found.append((PINNED.fullmatch(line), hashes))
        assert found[-1][0], f"{file.name}: {line!r} is no pinned version"
    return found


def identity(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("file", COMPILED, ids=identity)
def test_every_requirement_is_pinned_with_its_hashes(file):
    found = requirements(file)
    assert found
    for pinned, hashes in found:
        assert hashes and all(re.fullmatch(r"[0-9a-f]{64}", one) for one in hashes), pinned["name"]
        assert len(hashes) == len(set(hashes)) >= BINARY.get(pinned["name"], 1), pinned["name"]


@pytest.mark.parametrize("file", COMPILED, ids=identity)
def test_no_address_of_an_index_is_in_it(file):
    text = file.read_text(encoding="utf-8")
    assert "://" not in text and not re.search(
        r"^\s*(-i|-f|--(extra-)?index-url|--find-links|--trusted-host)\b", text, re.MULTILINE
    )


def test_a_package_has_one_version_and_the_same_hashes_in_all_files():
    seen: dict[tuple, tuple] = {}
    for file in OF_ONE_ENVIRONMENT:
        for pinned, hashes in requirements(file):
            # 2.4 is for 3.10, 2.5 for the others: then each has its own marker
            key = pinned["name"], pinned["version"]
            assert seen.setdefault(key, (sorted(hashes), file.name))[0] == sorted(hashes), f"{key}: {file.name}"
    # Spark is for Python 3.11 or later: of two versions of a package it has one
    spark = ROOT / "requirements-spark.txt"
    versions: dict[str, set] = {}
    for file in set(OF_ONE_ENVIRONMENT) - {spark}:
        for pinned, _ in requirements(file):
            versions.setdefault(pinned["name"], set()).add(pinned["version"])
    for file in OF_ONE_ENVIRONMENT:
        for pinned, _ in requirements(file):
            found = versions.get(pinned["name"], {pinned["version"]})
            if file == spark:
                assert pinned["version"] in found, pinned["name"]
            elif not pinned["marker"] or "python" not in pinned["marker"]:
                assert found == {pinned["version"]}, pinned["name"]


@pytest.mark.parametrize(
    "source, compiled",
    [
        *(
            (f"requirements/{name}.in", f"requirements{suffix}.txt")
            for name, suffix in [
                ("base", ""),
                ("dev", "-dev"),
                ("postgres", "-postgres"),
                ("plots", "-plots"),
                ("metricflow", "-metricflow"),
                ("report", "-report"),
                ("spark", "-spark"),
            ]
        ),
        ("requirements/pin.in", "requirements/pin.txt"),
        ("requirements/duckdb-2.in", "requirements/duckdb-2.txt"),
        ("requirements/iceberg.in", "requirements/iceberg.txt"),
        ("requirements/dialects.in", "requirements/dialects.txt"),
        ("requirements/axe.in", "requirements/axe.txt"),
        ("benchmarks/requirements-lifetimes.in", "benchmarks/requirements-lifetimes.txt"),
        ("benchmarks/requirements-by-hand.in", "benchmarks/requirements-by-hand.txt"),
        ("orchestration/airflow/requirements.in", "orchestration/airflow/requirements.txt"),
        ("bi/superset/requirements.in", "bi/superset/requirements.txt"),
    ],
)
def test_what_is_asked_for_is_what_is_pinned(source, compiled):
    pinned = {}
    for found, _ in requirements(ROOT / compiled):
        pinned.setdefault(found["name"].lower().replace("_", "-"), set()).add(found["version"])

    def asked(file: Path) -> list[str]:
        lines = [line.split("#")[0].strip() for line in file.read_text(encoding="utf-8").splitlines()]
        more = [asked(file.parent / line.split()[1]) for line in lines if line.startswith("-r ")]
        return [line for line in [*lines, *chain.from_iterable(more)] if line and not line.startswith("-")]

    for line in asked(ROOT / source):
        name, _, version = line.split(";")[0].strip().partition("==")
        name = re.sub(r"\[.*\]", "", name).lower().replace("_", "-")
        assert name in pinned and (not version or pinned[name] == {version}), line


@pytest.mark.parametrize(
    "file", ["Makefile", ".ci/run", "orchestration/airflow/check_airflow.py", "benchmarks/environments.py"]
)
def test_nothing_is_installed_whose_hash_is_not_on_record(file):
    text = (ROOT / file).read_text(encoding="utf-8")
    installs = re.findall(r"pip\W+install\b.*?(?=\n\n|\n\S|\"\$\{@|\])", text, re.DOTALL)
    # without an index there is nothing to fetch
    assert installs and all("--require-hashes" in found or "--no-index" in found for found in installs), installs


def test_extras_are_what_requirements_ask_for():
    """pyproject.toml, which pip reads, and requirements/*.in, which are pinned, ask for the same."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    def asked(name: str) -> set[str]:
        lines = [
            line.split("#")[0].strip() for line in (ROOT / f"requirements/{name}.in").read_text("utf-8").splitlines()
        ]
        return {line for line in lines if line and not line.startswith("-")}

    extras = {path.stem for path in (ROOT / "requirements").glob("*.in")} - {
        "base",
        "pin",
        "duckdb-2",
        "iceberg",
        "dialects",
        "axe",
    }
    assert set(project["optional-dependencies"]) == extras
    for name in extras:
        assert set(project["optional-dependencies"][name]) == asked(name), name
    # dbt brings these two; what builds the project is no dependency of it
    assert set(project["dependencies"]) == (asked("base") - {"flit-core"}) | {"click", "pyyaml"}


def test_versions_agree():
    """The package, the dbt project and the command have one version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    dbt_project = yaml.safe_load((ROOT / "dbt_project.yml").read_text(encoding="utf-8"))
    assert project["version"] == dbt_project["version"] == customer_lifecycle.__version__


def test_odfpy_is_left_out_of_superset_and_halo_is_the_one_source():
    names = {pinned["name"] for pinned, _ in requirements(ROOT / "bi/superset/requirements.txt")}
    assert not names & LEFT_OUT
    options = re.findall(r"--no-binary (\S+)", (ROOT / "requirements/metricflow.in").read_text(encoding="utf-8"))
    assert options == ["halo"]
