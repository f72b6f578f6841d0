"""Every model compiles for four hosted warehouses, into SQL of theirs: parsed, never run.

    python -m pip install --require-hashes --no-deps --target DIALECTS --requirement requirements/dialects.txt
    pytest -m dialects --dialects DIALECTS tests/project/test_hosted_dialects.py

sqlglot reads each compiled query in the warehouse's dialect. It also reads much that the warehouse would not, so what a
warehouse's documentation does not know is looked for by itself: functions, types and clauses.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel
from sqlglot.tokens import TokenType

import hosted_dialects
from hosted_dialects import DIALECTS, EVERYTHING, RAW, contract_types

pytestmark = pytest.mark.dialects


def words(text: str) -> set[str]:
    """The words of a text."""
    return set(text.split())


# What stands before a bracket: functions that the documentation of all four has, with the same meaning ...
FUNCTIONS = words("""
    abs avg cast ceil coalesce count date_trunc dense_rank exp extract first_value floor lag last_value lead left length
    ln lower lpad max md5 min mod ntile nullif power rank replace round row_number sqrt substr sum trim upper
""")
# ... and what that of one has
FUNCTIONS_OF = {
    "bigquery": words("""
        array_agg date date_add datetime_add datetime_diff format generate_date_array greatest json_value least
        logical_or regexp_contains regexp_extract regexp_replace safe_cast safe_offset split string_agg struct
        timestamp_add to_hex to_json_string unnest
    """),
    "databricks": words("""
        array_join array_sort char collect_list date_add explode format_number from_utc_timestamp get_json_object
        greatest least map named_struct percentile_cont percentile_disc regexp_extract right sequence slice split struct
        timestampadd timestampdiff to_json transform try_cast
    """),
    "redshift": words("""
        bool_or btrim dateadd datediff greatest json_extract_path_text json_serialize least listagg object
        percentile_cont regexp_replace regexp_substr split_to_array to_char try_cast
    """),
    "snowflake": words("""
        array_agg array_generate_range array_slice array_to_string boolor_agg convert_timezone dateadd datediff
        dayofweekiso flatten greatest_ignore_nulls json_extract_path_text least_ignore_nulls listagg
        object_construct_keep_null percentile_cont percentile_disc regexp_like regexp_replace regexp_substr split
        to_char to_json try_cast
    """),
}
WORDS = words("""
    all and any as between by case distinct else end exists from group having in interval is join lateral not on or
    order over recursive select then union using values when where with
""")
# names that a warehouse takes for grammar unless quoted: of those that its documentation reserves, what might be used
RESERVED = {
    "bigquery": words("""
        at current default define end enum escape exclude fetch following for groups hash if ignore lookup merge new of
        partition preceding range respect rows set some to treat unbounded window within
    """),
    "databricks": words("anti cross except full inner intersect join left natural on right semi union using"),
    "redshift": words("""
        backup check column credentials default delta do encode end explicit for foreign freeze from grant identity
        ignore lun minus new offset off offline oid old open parallel partition percent permissions pivot placing
        primary raw recover references resort respect restore similar snapshot some system table tag to top user verbose
    """),
    "snowflake": words("""
        account check column connect connection current database following for grant increment issue minus of
        organization row rows sample schema set some start table trigger unique update view whenever
    """),
}
# what dbt asks while it fits the models of predicted value
FIT = (
    "{'id': 0, 'brand_id': 'b', 'cut_days': 0, 'early_chances': 1, 'scale': 0.1, 'trial': [0, 0, 0, 0],"
    " 'data': 'd', 'repeat_counts': 'c'}"
)
QUERIES_OF_FITS = (
    "{{ order_samples_sql('d') }}",
    "{{ order_likelihood_sql([" + FIT + "], {0: [1.0, 1.0, 1.0, 1.0]}) }}",
    "{{ gamma_gamma_samples_sql('d') }}",
    "{{ gamma_gamma_likelihood_sql([" + FIT + "], {0: [1.0, 1.0, 1.0]}) }}",
)
DIGITS = r"\(\d+, ?\d+\)"
TYPES = {
    "bigquery": f"(big)?numeric{DIGITS}|bigint|boolean|date|decimal{DIGITS}|float64|integer|string|timestamp",
    "databricks": f"bigint|boolean|date|decimal{DIGITS}|double|integer|string|timestamp",
    "redshift": rf"bigint|boolean|date|decimal{DIGITS}|double precision|integer|timestamp|varchar\(65535\)",
    "snowflake": f"bigint|boolean|date|decimal{DIGITS}|double|integer|text|timestamp",
}
# what a macro refuses with an error that says so: docs/warehouses.md
REFUSED = {"redshift": {"fct_customer_rfm": "percentile_disc", "int_first_order_groups": "percentile_disc"}}
# what a warehouse will not read, though sqlglot does: docs/warehouses.md, too
LACKING = {
    "redshift": {
        "model.customer_lifecycle.ltv_drivers": "an order with ties",
        "model.customer_lifecycle.order_ladder_summary": "an order with ties",
    }
}


@pytest.fixture(scope="module")
def manifest(pytestconfig, tmp_path_factory) -> Any:
    """The project, parsed with the macros of all adapters."""
    wheels = pytestconfig.getoption("dialects")
    assert wheels, "--dialects is missing: a folder with the wheels of requirements/dialects.txt"
    hosted_dialects.register(wheels)
    return hosted_dialects.parsed(tmp_path_factory.mktemp("parsed"))


@pytest.fixture(scope="module")
def compiled(manifest, tmp_path_factory) -> Any:
    """A function that gives what dbt compiles for a dialect, compiled once: by a shape of raw tables and its id."""
    kept: dict[str, dict[tuple[str, str], str]] = {}

    def of(dialect: str) -> dict[tuple[str, str], str]:
        if dialect not in kept:
            folder = tmp_path_factory.mktemp(dialect)
            kept[dialect] = {
                (shape, name): sql
                for shape, selection in (("text", EVERYTHING), ("typed", RAW))
                for name, sql in hosted_dialects.compiled(
                    folder, dialect, shape, manifest, *selection, without=REFUSED.get(dialect, ())
                ).items()
            }
        return kept[dialect]

    return of


@functools.cache
def functions_in(sql: str, dialect: str) -> set[str]:
    """The names that stand before an opening bracket, but for words of the grammar and names of tables."""
    tokens = sqlglot.tokenize(sql, read=dialect)
    names = set()
    for before, name, bracket in zip([None, *tokens], tokens, tokens[1:]):
        is_name = name.token_type not in (TokenType.STRING, TokenType.NUMBER) and re.fullmatch(r"\w+", name.text)
        # `as numbers (decile)` names a table and its column, `as decimal(38, 4)` a type
        is_alias = before is not None and before.token_type == TokenType.ALIAS
        if bracket.token_type == TokenType.L_PAREN and is_name and not is_alias:
            names.add(name.text.lower())
    return names - WORDS


def without_rows(tree: exp.Expression) -> Iterator[str]:
    """Aggregates over an ordered window whose frame is not one of rows, which alone Redshift has."""
    unframed = (exp.Lag, exp.Lead, exp.Ntile, exp.Rank, exp.DenseRank, exp.CumeDist, exp.PercentRank, exp.RowNumber)
    for window in tree.find_all(exp.Window):
        spec = window.args.get("spec")
        has_rows = spec is not None and str(spec.args.get("kind")).upper() == "ROWS"
        if window.args.get("order") and not has_rows and not isinstance(window.this, unframed):
            yield "an order with ties"


def faults(tree: exp.Expression, dialect: str) -> Iterator[str]:
    """What a warehouse does not have, or reads otherwise, though sqlglot reads it."""
    if dialect != "databricks" and tree.find(exp.Filter):
        yield "filter (where ...)"
    if dialect in ("redshift", "snowflake"):
        yield from ("a named window" for select in tree.find_all(exp.Select) if select.args.get("windows"))
    for name in tree.find_all(exp.Identifier):
        if name.name.lower() in RESERVED[dialect] and not name.args.get("quoted"):
            yield f"the reserved word {name.name}"
    if tree.find(exp.Command):
        yield "a statement that is not read"
    if dialect == "bigquery":
        for node in tree.find_all(exp.Greatest, exp.Least):
            if not all(isinstance(one, exp.Coalesce) for one in [node.this, *node.expressions]):
                yield f"null where one value is: {node.sql(dialect)}"
        for node in tree.find_all(exp.DataType):
            digits = [int(one.name) for one in node.expressions if isinstance(one, exp.DataTypeParam)]
            if node.this == exp.DataType.Type.DECIMAL and digits:
                precision, scale = [*digits, 0][:2]
                if scale > 9 or precision - scale > 29:
                    yield f"more digits than numeric has: {digits}"
        if tree.find(exp.WithinGroup):
            yield "within group"
        if tree.find(exp.Values):
            yield "values as a table"
        for node in tree.find_all(exp.DateTrunc, exp.TimestampTrunc):
            if (
                "week" in node.args["unit"].sql(dialect).lower()
                and "isoweek" not in node.args["unit"].sql(dialect).lower()
            ):
                yield f"a week that begins on Sunday: {node.sql(dialect)}"
    if dialect == "redshift":
        yield from without_rows(tree)
        for node in tree.find_all(exp.Values, exp.NullSafeNEQ, exp.NullSafeEQ):
            yield f"{type(node).__name__}, which Redshift does not have"
        for node in tree.find_all(exp.PercentileDisc):
            if not node.find_ancestor(exp.Window):
                yield "percentile_disc as an aggregate"
    if dialect == "snowflake":
        for node in tree.find_all(exp.Greatest, exp.Least):
            if not node.args.get("ignore_nulls"):
                yield f"null where one value is: {node.sql(dialect)}"


def faults_of_text(sql: str, dialect: str) -> list[str]:
    """What a warehouse would not read, or would read otherwise, of a query."""
    try:
        trees = sqlglot.parse(sql, read=dialect, error_level=ErrorLevel.RAISE)
        found = {fault for tree in trees if tree for fault in faults(tree, dialect)}
    except sqlglot.errors.SqlglotError as error:
        found = {str(error)}
    found |= {f"{name}()" for name in functions_in(sql, dialect) - FUNCTIONS - FUNCTIONS_OF[dialect]}
    # unlike most, Redshift reads `text` as 256 bytes
    if dialect == "redshift" and re.search(r"(\bas|::)\s*text\b", sql, re.IGNORECASE):
        found.add("text")
    if dialect == "bigquery" and "::" in re.sub("'[^']*'", "", sql):
        found.add("::")
    return sorted(found)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_queries_of_fits_are_read(manifest, tmp_path, dialect):
    sql = hosted_dialects.compiled_inline(tmp_path, dialect, manifest, ";\n".join(QUERIES_OF_FITS))
    assert len(sqlglot.parse(sql, read=dialect)) == len(QUERIES_OF_FITS)
    assert faults_of_text(sql, dialect) == [], sql


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_model_is_read(compiled, dialect):
    """And so are the analyses and the singular tests; with raw columns as text, and typed."""
    queries = compiled(dialect)
    kinds = {name.split(".")[0] for _, name in queries}
    assert {"model", "analysis", "test", "snapshot"} <= kinds and len(queries) > 200
    wrong = {query: found for query, sql in queries.items() if (found := faults_of_text(sql, dialect))}
    lacking = {("text", name): [what] for name, what in LACKING.get(dialect, {}).items()}
    assert wrong == lacking


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_function_that_is_allowed_is_used(compiled, dialect):
    """So that the list stays as short as what its documentation was read for."""
    used = set().union(*(functions_in(sql, dialect) for sql in compiled(dialect).values()))
    assert FUNCTIONS_OF[dialect] - used == set()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_types_of_contracts(dialect):
    assert {
        name: models for name, models in contract_types(dialect).items() if not re.fullmatch(TYPES[dialect], name)
    } == {}


@pytest.mark.parametrize("dialect", REFUSED)
def test_what_cannot_be_had_is_refused(manifest, tmp_path, dialect):
    for model, macro in REFUSED[dialect].items():
        with pytest.raises(AssertionError, match=f"{macro}: {dialect} has no"):
            hosted_dialects.compiled(tmp_path, dialect, "text", manifest, model)


def test_macros_dispatch_to_the_parents_that_adapters_declare(manifest):
    """Databricks has Spark's macros, Redshift those of Postgres; the others have only the defaults."""
    from dbt.adapters.factory import FACTORY

    names = {dialect: FACTORY.get_adapter_type_names(dialect) for dialect in DIALECTS if dialect in FACTORY.plugins}
    assert names == {
        "bigquery": ["bigquery"],
        "databricks": ["databricks", "spark"],
        "redshift": ["redshift", "postgres"],
        "snowflake": ["snowflake"],
    }
