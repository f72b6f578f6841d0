#!/usr/bin/env python3
"""Build, and publish what is whole and tested: `python scripts/publish.py run`. See docs/operations.md."""

from __future__ import annotations

import sys

from publishing.commands import main

if __name__ == "__main__":
    sys.exit(main())
