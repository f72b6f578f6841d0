"""Files spoilt at random, as tests/support/fuzz_inputs.py does it: 300 of them, the same on every run."""

from __future__ import annotations

import fuzz_inputs


def test_no_spoilt_file_loses_a_row(tmp_path):
    outcomes, problems = fuzz_inputs.fuzz(300, 20261128, tmp_path / "fuzz")
    assert not problems, "\n".join(problems)
    assert all(outcomes[name] > 20 for name in ("refused", "read", "read, with malformed records")), outcomes


def test_the_check_sees_a_row_that_is_lost(tmp_path):
    """Of a reader that drops one, and of one that says nothing of a broken quote."""

    class Reader:
        def __init__(self, rows):
            self._rows = rows

        def source(self, folder, table):
            return {"relation": "", "plans": []}

        def rows(self, query):
            return self._rows

    data = b"brand_id,customer_id\nb,1\nb,2\n"
    rows = [{"brand_id": "b", "customer_id": "1"}]
    assert "other rows" in fuzz_inputs.check_file(Reader(rows), tmp_path, "customers", data)[2]
    assert "refused: True" in fuzz_inputs.check_file(Reader(rows), tmp_path, "customers", data + b'b,"3\n')[2]
