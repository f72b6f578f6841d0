"""What files and schemas are called that have the name of a brand."""

from __future__ import annotations

import hashlib
import re


def page_of_brand(brand_id: str) -> str:
    """Give the name of a brand's page, which every system takes, and no two brands share: the brand's name if it is
    one, otherwise its valid characters and a hash of it."""
    return f"{_name_of(brand_id, r'[^a-z0-9_-]+', '-', reserved='index')}.html"


def schema_of_brand(brand_id: str) -> str:
    """Give a name for a brand's schemas, likewise: a metastore of Spark takes letters without case, digits and _."""
    return _name_of(brand_id, r"[^a-z0-9_]+", "_")


def _name_of(brand_id: str, invalid: str, separator: str, reserved: str = "") -> str:
    plain = re.sub(invalid, separator, brand_id.lower()).strip(separator)[:40]
    if plain == brand_id and plain not in ("", reserved):
        return plain
    checksum = hashlib.sha256(brand_id.encode("utf-8", "replace")).hexdigest()[:8]
    return f"{plain or 'brand'}{separator}{checksum}"
