"""What files are called that have the name of a brand."""

from __future__ import annotations

import hashlib
import re


def page_of_brand(brand_id: str) -> str:
    """Give the name of a brand's page, which every system takes, and no two brands share: the brand's name if it is
    one, otherwise its valid characters and a hash of it."""
    plain = re.sub(r"[^a-z0-9_-]+", "-", brand_id.lower()).strip("-")[:40]
    if plain == brand_id and plain not in ("", "index"):
        return f"{plain}.html"
    return f"{plain or 'brand'}-{hashlib.sha256(brand_id.encode('utf-8', 'replace')).hexdigest()[:8]}.html"
