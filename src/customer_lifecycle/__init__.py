"""Customer lifecycle and loyalty: what runs, publishes and shows the dbt models of this project.

cli.py              the command `lifecycle`
publishing/         a build shows itself whole and tested, or not at all
alerting/           alerts that go out once; needs the standard library alone, so that Airflow can import it
reporting/          the report: one self-contained HTML page per brand
progress.py         what a long step is doing, on a terminal
local_postgres.py   a throw-away Postgres server; needs the standard library alone
"""

__version__ = "0.1.0"
