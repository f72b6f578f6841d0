# Everything here needs Python 3.10 or later and make, nothing else. `make help` lists the targets.
#
#   make test PYTHON=python3.12      another Python (an environment of another version is replaced)
#   make build DBT_ARGS='--vars "{as_of_date: 2024-06-30}"'

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
SUPERSET_VENV ?= .venv-superset
DBT := $(BIN)/dbt
# wheels alone (but for the few named here, which have none and need no compiler), the same versions in all files, the hashes of all their
# files for every system, and no address of an index
PIN := UV_CUSTOM_COMPILE_COMMAND="make requirements" $(BIN)/uv pip compile --quiet --universal --upgrade \
	--generate-hashes --only-binary :all: --no-binary halo --no-binary pyhive --no-binary pyspark --no-binary thrift --no-binary pure-sasl --no-emit-index-url --no-annotate --python-version
# nothing is installed whose hash is not on record: no package that was changed since, and none that no file names
INSTALL := -m pip install --quiet --disable-pip-version-check --require-hashes --requirement
# further arguments for dbt build, pytest, the benchmarks, publishing, the report and the checks
DBT_ARGS ?=
PYTEST_ARGS ?=
BENCH_ARGS ?=
PUBLISH_ARGS ?=
REPORT_ARGS ?=
AIRFLOW_ARGS ?=
# pytest reads the build that `make test` has just made, unless that was asked to be another one
SAMPLE = $(if $(DBT_ARGS)$(LIFECYCLE_TARGET)$(DBT_TARGET_PATH),,--sample-build="$${LIFECYCLE_DUCKDB_PATH:-lifecycle.duckdb}" --sample-target=target)

.DEFAULT_GOAL := help
.PHONY: help build publish report report-check test test-slow test-nightly lint docs site plots mart-pages postgres-start postgres-stop build-postgres spark-start spark-stop build-spark bench bench-engines bench-clv truth permutations torture torture-kills check-airflow check-superset superset-import examples check-metrics requirements clean FORCE

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { gsub(/\$$\$$/, "$$", $$2); printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: $(VENV)/.project ## the sample on DuckDB: install what is missing, then dbt build into lifecycle.duckdb
	$(DBT) build $(DBT_ARGS)

publish: $(VENV)/.project ## build, and publish into publications/ if every test passed: docs/operations.md
	$(BIN)/lifecycle run $(PUBLISH_ARGS)

report: $(VENV)/.project $(VENV)/.requirements-report ## a page per brand from the publication: reports/index.html
	$(BIN)/lifecycle report $(REPORT_ARGS)

report-check: $(VENV)/.axe ## open every page of reports/ in headless Chromium, from phone to large desktop
	$(BIN)/python tests/acceptance/check_report.py reports

# pytest runs dbt's unit tests, side by side
test: $(VENV)/.requirements-dev ## all tests: dbt build of the sample, then pytest
	$(DBT) build --exclude-resource-types unit_test $(DBT_ARGS)
	$(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist worksteal -m 'not slow and not nightly and not outside' $(SAMPLE) $(PYTEST_ARGS)

test-slow: $(VENV)/.requirements-dev ## the long tests: whole data sets, many builds, faults at every step
	$(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist worksteal -m 'slow and not outside' --durations 40 $(PYTEST_ARGS)

test-nightly: $(VENV)/.requirements-dev ## further seeds of random histories and files, further days, models of value over further real sales
	$(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist worksteal -m 'nightly and not outside' --durations 20 $(PYTEST_ARGS)

lint: $(VENV)/.requirements-dev ## dbt's two parsers, deprecations as errors, sqlfluff, ruff and mypy
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(DBT) --quiet --warn-error-options '{error: [Deprecations]}' parse --no-partial-parse
	$(DBT) --quiet --warn-error-options '{error: [Deprecations]}' parse --no-partial-parse --use-v2-parser
	$(BIN)/python tools/lint/lint_sql.py

docs: $(VENV)/.requirements ## the documentation of every table and column: target/static_index.html
	@[ -e "$${LIFECYCLE_DUCKDB_PATH:-lifecycle.duckdb}" ] || $(DBT) build
	$(DBT) docs generate --static

site: docs $(VENV)/.requirements-site ## the documentation site, with the documentation of every table and column in it: site/index.html
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

plots: $(VENV)/.requirements-plots ## draw the pictures of docs/results.md from the built sample
	@[ -e "$${LIFECYCLE_DUCKDB_PATH:-lifecycle.duckdb}" ] || $(DBT) build
	$(BIN)/python tools/docs/plot_results.py

mart-pages: $(VENV)/.requirements ## write the generated parts of docs/marts from the built sample
	@[ -e "$${LIFECYCLE_DUCKDB_PATH:-lifecycle.duckdb}" ] || $(DBT) build
	$(BIN)/python tools/docs/mart_pages.py

postgres-start: $(VENV)/.requirements-postgres ## start a throw-away Postgres: eval "$$(make -s postgres-start)"
	@$(BIN)/python src/customer_lifecycle/local_postgres.py start

postgres-stop: $(VENV)/.requirements-postgres ## stop it and delete its data
	@$(BIN)/python src/customer_lifecycle/local_postgres.py stop

build-postgres: $(VENV)/.requirements-postgres ## dbt build on Postgres: with PGHOST, PGPORT ... or the throw-away one
	@if [ -z "$$PGHOST" ]; then settings=$$($(BIN)/python src/customer_lifecycle/local_postgres.py start) || exit 1; eval "$$settings"; fi; \
		set -x; $(DBT) build --target postgres $(DBT_ARGS)

spark-start: $(VENV)/.requirements-spark ## start a small Spark cluster on this machine: eval "$$(make -s spark-start)"
	@$(BIN)/python src/customer_lifecycle/local_spark.py start

spark-stop: $(VENV)/.requirements-spark ## stop it and delete its data
	@$(BIN)/python src/customer_lifecycle/local_spark.py stop

build-spark: $(VENV)/.requirements-spark $(VENV)/.project ## dbt build on Spark, without the unit tests: on a cluster's Thrift server where LIFECYCLE_SPARK_HOST names one
	@$(if $(LIFECYCLE_SPARK_HOST),,$(BIN)/python src/customer_lifecycle/local_spark.py java)
	$(DBT) build --target $(if $(LIFECYCLE_SPARK_HOST),spark_thrift,spark) --exclude-resource-type unit_test $(DBT_ARGS)

bench: $(VENV)/.requirements ## how long 1 and 10 million orders take: benchmarks/README.md
	$(BIN)/python benchmarks/run.py $(BENCH_ARGS)

bench-engines: $(VENV)/.requirements-postgres $(VENV)/.requirements-spark ## DuckDB, Postgres and Spark side by side, 1 million orders
	$(BIN)/python benchmarks/engines.py $(BENCH_ARGS)

bench-clv: $(VENV)/.requirements ## predicted value of 1 million customers, compared with the Python package lifetimes
	$(BIN)/python benchmarks/clv.py $(BENCH_ARGS)

truth: $(VENV)/.requirements-plots ## who ordered again, on hold-outs of three real brands: docs/truth.md and its pictures
	$(BIN)/python tools/docs/truth_page.py

permutations: $(VENV)/.requirements ## how often ltv_drivers finds something where there is nothing: docs/marts/ltv_drivers.md
	$(BIN)/python tools/docs/permute_ltv_drivers.py

torture: $(VENV)/.requirements-dev ## readers through thirty builds, 5 failing and 5 killed: docs/torture.md
	$(BIN)/python tests/acceptance/torture_publication.py --output docs/torture.md

torture-kills: $(VENV)/.requirements-dev ## sixty kills of run, publish, restore, forget and sending, while readers read
	$(BIN)/python tests/acceptance/torture_kills.py

check-airflow: $(VENV)/.project ## Airflow itself runs the DAG over the sample: orchestration/airflow/README.md
	$(BIN)/python orchestration/airflow/check_airflow.py $(AIRFLOW_ARGS)

check-superset: $(SUPERSET_VENV)/.requirements ## starts its own Superset, imports the dashboard, checks every chart against the publication
	$(SUPERSET_VENV)/bin/python bi/superset/check_dashboard.py --publication publications/lifecycle.duckdb

superset-import: $(SUPERSET_VENV)/.requirements ## the dashboard into the Superset of SUPERSET_URL, SUPERSET_USER, SUPERSET_PASSWORD
	$(SUPERSET_VENV)/bin/python bi/superset/import_dashboard.py --publication publications/lifecycle.duckdb

examples: $(VENV)/.requirements-dev ## build the projects of examples/ and what the documents build, and check the results
	$(BIN)/pytest tests/acceptance/test_outside.py -s -m examples
	$(BIN)/pytest tests/project/test_doc_commands.py --builds -k test_commands_build

check-metrics: $(VENV)/.requirements-metricflow ## compares MetricFlow's answers with the marts of the built sample
	@[ -e "$${LIFECYCLE_DUCKDB_PATH:-lifecycle.duckdb}" ] || $(DBT) build
	$(BIN)/python tests/acceptance/check_metricflow.py

requirements: $(BIN)/python ## pin again: the newest versions that fit requirements/*.in and every Python from 3.10 on
	$(BIN)/python $(INSTALL) requirements/pin.txt
	$(PIN) 3.10 --output-file requirements/all.txt requirements/base.in requirements/dev.in \
		requirements/postgres.in requirements/plots.in requirements/metricflow.in requirements/report.in requirements/site.in
	$(PIN) 3.10 --constraint requirements/all.txt --output-file requirements.txt requirements/base.in
	$(PIN) 3.10 --constraint requirements/all.txt --output-file requirements-dev.txt requirements/dev.in
	$(PIN) 3.10 --constraint requirements/all.txt --output-file requirements-postgres.txt requirements/postgres.in
	$(PIN) 3.10 --constraint requirements/all.txt --output-file requirements-plots.txt requirements/plots.in
	$(PIN) 3.10 --constraint requirements/all.txt --output-file requirements-metricflow.txt requirements/metricflow.in
	$(PIN) 3.10 --constraint requirements/all.txt --output-file requirements-report.txt requirements/report.in
	$(PIN) 3.10 --constraint requirements/all.txt --output-file requirements-site.txt requirements/site.in
	$(PIN) 3.11 --constraint requirements/all.txt --output-file requirements-spark.txt requirements/spark.in
	$(PIN) 3.10 --no-deps --output-file requirements/dialects.txt requirements/dialects.in
	$(PIN) 3.10 --no-deps --output-file requirements/axe.txt requirements/axe.in
	$(PIN) 3.10 --output-file orchestration/airflow/requirements.txt orchestration/airflow/requirements.in
	$(PIN) 3.10 --no-binary odfpy --no-emit-package odfpy --output-file bi/superset/requirements.txt \
		bi/superset/requirements.in
	$(PIN) 3.10 --output-file requirements/pin.txt requirements/pin.in
	$(PIN) 3.11 --output-file requirements/duckdb-2.txt requirements/duckdb-2.in
	$(PIN) 3.11 --output-file requirements/iceberg.txt requirements/iceberg.in
	$(PIN) 3.10 --output-file benchmarks/requirements-lifetimes.txt benchmarks/requirements-lifetimes.in
	$(PIN) 3.11 --output-file benchmarks/requirements-by-hand.txt benchmarks/requirements-by-hand.in
	rm requirements/all.txt

clean: ## delete what was built, but not the environment
	@if [ -e .postgres/server.json ]; then $(PYTHON) src/customer_lifecycle/local_postgres.py stop; fi
	@if [ -e .spark/cluster/cluster.json ]; then LIFECYCLE_SPARK_DIR=.spark $(PYTHON) src/customer_lifecycle/local_spark.py stop; fi
	rm -rf target logs reports site dbt_packages .postgres .spark .pytest_cache .hypothesis .mypy_cache .ruff_cache benchmarks/data benchmarks/out
	rm -f lifecycle.duckdb lifecycle.duckdb.wal

# The environment. A stamp in it for each requirements file says that this very file is installed.

ifneq ($(origin PYTHON),file)
ifneq ($(wildcard $(VENV)/pyvenv.cfg),)
ifneq ($(shell sed -n 's/^version *= *//p' $(VENV)/pyvenv.cfg),$(shell $(PYTHON) -c 'import platform; print(platform.python_version())'))
OTHER_PYTHON := FORCE
endif
endif
endif

$(BIN)/python: $(OTHER_PYTHON)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
		|| { echo "$(PYTHON) is no Python 3.10 or later: name one, as in make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)

# without --no-deps pandas asks for a package that has no wheel, and that nothing here uses
$(SUPERSET_VENV)/.requirements: bi/superset/requirements.txt
	$(PYTHON) -m venv --clear $(SUPERSET_VENV)
	$(SUPERSET_VENV)/bin/python $(INSTALL) $< --no-deps --only-binary :all:
	@touch $@

# the command `lifecycle` of this folder, as it is at any time; nothing is fetched for it
$(VENV)/.project: pyproject.toml $(VENV)/.requirements
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation --editable .
	@touch $@

# axe-core alone, without the browsers that its package asks for
$(VENV)/.axe: requirements/axe.txt $(BIN)/python $(OTHER_PYTHON)
	$(BIN)/python $(INSTALL) $< --no-deps
	@touch $@

$(VENV)/.%: %.txt $(BIN)/python $(OTHER_PYTHON)
	$(BIN)/python $(INSTALL) $<
	@touch $@
