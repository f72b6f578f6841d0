"""What all tests share: how hypothesis looks for examples, and compiled projects."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

import project

settings.register_profile(
    "fixed",  # the same examples on every run and machine
    deadline=None, derandomize=True, database=None, print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("searching", settings.get_profile("fixed"),
                          derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


@pytest.fixture(scope="session")
def sample_build(tmp_path_factory):
    """The sample, built once for the session as `dbt build` does it."""
    return project.build(tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="session")
def compiled_project(tmp_path_factory):
    """A function that compiles the project with settings of brands, for the session.

    It takes a name, `brands` and `brand_defaults`, and gives a
    `project.CompiledProject`; one name is compiled once.
    """
    compiled: dict[str, project.CompiledProject] = {}

    def compile_once(name, brands, brand_defaults=None):
        if name not in compiled:
            folder = tmp_path_factory.mktemp(name)
            compiled[name] = project.CompiledProject(
                folder, brands, brand_defaults
            )
        return compiled[name]

    return compile_once
