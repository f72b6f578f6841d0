"""What the tests share: an Airflow without a database, and the folder of DAGs on the path, as Airflow puts it there."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

# Airflow reads these when it is imported
os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp(prefix="airflow-tests-")
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
os.environ["AIRFLOW__COSMOS__ENABLE_TELEMETRY"] = "False"
os.environ["AIRFLOW__USAGE_DATA_COLLECTION__ENABLED"] = "False"
for name in [name for name in os.environ if name.startswith("LIFECYCLE_")]:
    del os.environ[name]

DAGS = Path(__file__).parents[1] / "dags"
sys.path.insert(0, str(DAGS))
