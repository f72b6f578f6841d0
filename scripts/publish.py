#!/usr/bin/env python3
"""The command `lifecycle` of this checkout, without installing it, for schedulers that call this file.

    python scripts/publish.py run --as-of-date 2026-06-30

The project is the one that this file is in, unless --project-dir names another. See docs/operations.md.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from customer_lifecycle.cli import main  # noqa: E402 - src first

if __name__ == "__main__":
    sys.exit(main(project_dir=ROOT))
