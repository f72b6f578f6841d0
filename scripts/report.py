#!/usr/bin/env python3
"""`lifecycle report` of this checkout, without installing it, for schedulers that call this file.

    python scripts/report.py --brand shop --language ko --output /tmp/pages

The project is the one that this file is in, unless --project-dir names another. See docs/report.md.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from customer_lifecycle.cli import main  # noqa: E402 - src first

if __name__ == "__main__":
    sys.exit(main(["report", *sys.argv[1:]], project_dir=ROOT))
