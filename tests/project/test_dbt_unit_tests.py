"""dbt's unit tests, a folder of models at a time, so that those of one can run beside those of another."""

from __future__ import annotations

import shutil

import pytest

import project

FOLDERS = sorted(folder.name for folder in (project.ROOT / "models").iterdir() if folder.is_dir())


@pytest.mark.parametrize("folder", FOLDERS)
def test_all_pass(sample_build, tmp_path, folder):
    """Over a copy of the sample: a unit test asks the tables that its model reads for their columns."""
    shutil.copy(sample_build.database, tmp_path / "lifecycle.duckdb")
    manifest = project.parsed(tmp_path)
    expected = {
        test.unique_id
        for test in manifest.unit_tests.values()
        if test.original_file_path.startswith(f"models/{folder}/")
    }
    done = project.run_dbt(tmp_path, None, manifest, [], "test", "--select", f"test_type:unit,path:models/{folder}")
    results = {
        result.node.unique_id: result for result in done.result or () if result.node.resource_type == "unit_test"
    }
    failed = [f"{name}: {result.message}" for name, result in results.items() if result.status != "pass"]
    assert done.success and not failed, "\n".join([str(done.exception or ""), *failed])
    assert results.keys() == expected
