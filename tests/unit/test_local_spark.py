"""What is said where Java is missing or old; Spark itself is tried in tests/acceptance/test_spark.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from customer_lifecycle import local_spark
from customer_lifecycle.publishing.publication import PublishError
from customer_lifecycle.publishing.spark_connection import SessionConnection


def java_of(folder: Path, version: str) -> Path:
    """A program that says of itself that it is a Java."""
    folder.mkdir(parents=True)
    program = folder / "java"
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2026-01-20' >&2\n")
    program.chmod(0o755)
    return program


@pytest.fixture
def path(tmp_path, monkeypatch):
    """The only folder in which programs are looked for."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path / "bin"


def test_java_that_is_new_enough(path):
    program = java_of(path, "17.0.19")
    assert local_spark.java() == str(program)


@pytest.mark.parametrize(("version", "said"), [("11.0.2", "11"), ("1.8.0_401", "8")])
def test_an_old_java(path, version, said):
    program = java_of(path, version)
    with pytest.raises(local_spark.SparkError) as raised:
        local_spark.java()
    assert f"{program} is Java {said}. Spark needs Java 17 or later. Debian and Ubuntu: apt-get" in str(raised.value)


def test_no_java(path):
    with pytest.raises(local_spark.SparkError, match=r"there is no Java\. Spark needs Java 17 or later"):
        local_spark.java()


def test_java_home_is_asked_alone(path, tmp_path, monkeypatch):
    java_of(path, "17.0.19")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "nothing"))
    with pytest.raises(local_spark.SparkError, match="there is no Java in JAVA_HOME"):
        local_spark.java()


def test_a_command_says_how_to_get_java(path, tmp_path):
    with pytest.raises(PublishError, match=r"there is no Java\. Spark needs Java 17 or later") as raised:
        SessionConnection({}, tmp_path).rows("select 1")
    assert raised.value.exit_code == 2
