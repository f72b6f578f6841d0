"""Settings of a Superset that shows the dashboard: point SUPERSET_CONFIG_PATH to this file.

Everything else is Superset's default; its own database is superset.db in SUPERSET_HOME.
"""

from __future__ import annotations

import copy
import os

from superset.config import TALISMAN_CONFIG as SUPERSET_TALISMAN_CONFIG

SECRET_KEY = os.environ.get("SUPERSET_SECRET_KEY", "")
if len(SECRET_KEY) < 32:
    raise SystemExit(
        "Set SUPERSET_SECRET_KEY to 32 characters or more, for instance to the output of: openssl rand -base64 42\n"
        "Keep it: what Superset saves of passwords is encrypted with it."
    )

# Superset refuses databases that are files on its own machine, as DuckDB's are, unless told otherwise
PREVENT_UNSAFE_DB_CONNECTIONS = False

# the browser may not load the picture by which Superset's pages report to the makers of Superset
TALISMAN_CONFIG = copy.deepcopy(SUPERSET_TALISMAN_CONFIG)
TALISMAN_CONFIG["content_security_policy"]["img-src"] = [
    source for source in TALISMAN_CONFIG["content_security_policy"]["img-src"] if "scarf.sh" not in source
]
