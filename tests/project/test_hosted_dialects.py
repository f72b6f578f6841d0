"""Every model compiles for four hosted warehouses, into SQL of theirs: parsed, never run.

    python -m pip install --require-hashes --no-deps --target DIALECTS --requirement requirements/dialects.txt
    pytest -m dialects --dialects DIALECTS tests/project/test_hosted_dialects.py

sqlglot reads each compiled query in the warehouse's dialect. It also reads much that the warehouse would not, so what a
warehouse's documentation does not know is looked for by itself: functions, types and clauses.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel
from sqlglot.tokens import Token, TokenType

import hosted_dialects
from hosted_dialects import DIALECTS, SHAPES, column_types, raw_columns

pytestmark = pytest.mark.dialects


def words(text: str) -> set[str]:
    """The words of a text."""
    return set(text.split())


# What stands before a bracket: functions that the documentation of all four has, with the same meaning ...
FUNCTIONS = words("""
    abs avg cast ceil coalesce count date_trunc dense_rank exp extract first_value floor lag last_value lead left length
    ln lower lpad max min mod ntile nullif power rank replace round row_number sqrt substr sum trim upper
""")
# ... and what that of one has
FUNCTIONS_OF = {
    "bigquery": words("""
        array_agg date date_add datetime_add datetime_diff format generate_date_array greatest json_value least
        logical_or md5 regexp_contains regexp_extract regexp_replace safe_cast safe_offset split string_agg struct
        timestamp_add to_hex to_json_string unnest
    """),
    "databricks": words("""
        array_join array_sort char collect_list date_add explode format_number from_utc_timestamp get_json_object
        greatest least map md5 named_struct percentile_cont percentile_disc regexp_extract right sequence slice split
        struct timestampadd timestampdiff to_json transform try_cast
    """),
    "redshift": words("""
        bool_or btrim dateadd datediff greatest json_extract_path_text json_serialize least listagg md5 object
        percentile_cont regexp_replace regexp_substr split_to_array to_char try_cast
    """),
    "snowflake": words("""
        array_agg array_generate_range array_slice array_to_string boolor_agg convert_timezone dateadd datediff
        dayofweekiso flatten greatest_ignore_nulls json_extract_path_text least_ignore_nulls listagg md5
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
    "bigquery": f"(big)?numeric{DIGITS}|numeric|bigint|boolean|date|decimal{DIGITS}|float64|integer|string|timestamp",
    "databricks": f"bigint|boolean|date|decimal{DIGITS}|double|integer|string|timestamp",
    "redshift": rf"bigint|boolean|date|decimal{DIGITS}|double precision|integer|timestamp|varchar\(65535\)",
    "snowflake": f"bigint|boolean|date|decimal{DIGITS}|double|integer|text|timestamp",
}
# what a macro refuses with an error that says so: docs/hosted_warehouses.md
REFUSED = {"redshift": {"fct_customer_rfm": "percentile_disc", "int_first_order_groups": "percentile_disc"}}
# what a warehouse will not read, though sqlglot does: docs/hosted_warehouses.md, too
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


class Query:
    """What was compiled, read once: its names of functions, and what the warehouse would not read."""

    def __init__(self, sql: str, dialect: str) -> None:
        reader = sqlglot.Dialect.get_or_raise(dialect)
        tokens = reader.tokenize(sql)
        self.sql = sql
        self.functions = functions_in(tokens)
        try:
            trees = [tree for tree in reader.parser(error_level=ErrorLevel.RAISE).parse(tokens, sql) if tree]
            self.statements = len(trees)
            found = {fault for tree in trees for fault in faults(Nodes(tree), dialect)}
        except sqlglot.errors.SqlglotError as error:
            found = {str(error)}
        found |= {f"{name}()" for name in self.functions - FUNCTIONS - FUNCTIONS_OF[dialect]}
        # unlike most, Redshift reads `text` as 256 bytes
        if dialect == "redshift" and re.search(r"(\bas|::)\s*text\b", sql, re.IGNORECASE):
            found.add("text")
        if dialect == "bigquery" and "::" in re.sub("'[^']*'", "", sql):
            found.add("::")
        self.faults = sorted(found)


@pytest.fixture(scope="module")
def queries(manifest, tmp_path_factory) -> Any:
    """A function that gives the queries of a dialect, compiled and read once: by a shape of the input and their id."""
    kept: dict[str, dict[tuple[str, str], Query]] = {}

    def of(dialect: str) -> dict[tuple[str, str], Query]:
        if dialect not in kept:
            folder = tmp_path_factory.mktemp(dialect)
            read: dict[str, Query] = {}
            kept[dialect] = {
                (shape, name): read[sql] if sql in read else read.setdefault(sql, Query(sql, dialect))
                for shape in SHAPES
                for name, sql in hosted_dialects.compiled(
                    folder, dialect, shape, manifest, without=REFUSED.get(dialect, ())
                ).items()
            }
        return kept[dialect]

    return of


class Nodes:
    """The nodes of a tree by their type, gathered in one walk."""

    def __init__(self, tree: exp.Expression) -> None:
        self.by_type: dict[type, list[Any]] = defaultdict(list)
        for node in tree.walk():
            self.by_type[type(node)].append(node)

    def of(self, *types: type) -> list[Any]:
        """Those of a type or of several."""
        return [node for one, nodes in self.by_type.items() if issubclass(one, types) for node in nodes]


def functions_in(tokens: list[Token]) -> set[str]:
    """The names that stand before an opening bracket, but for words of the grammar and names of tables."""
    names = set()
    for before, name, bracket in zip([None, *tokens], tokens, tokens[1:]):
        is_name = name.token_type not in (TokenType.STRING, TokenType.NUMBER)
        # `as numbers (decile)` names a table and its column, `as decimal(38, 4)` a type
        is_alias = before is not None and before.token_type == TokenType.ALIAS
        if bracket.token_type == TokenType.L_PAREN and is_name and not is_alias and re.fullmatch(r"\w+", name.text):
            names.add(name.text.lower())
    return names - WORDS


def without_rows(nodes: Nodes) -> Iterator[str]:
    """Aggregates over an ordered window whose frame is not one of rows, which alone Redshift has."""
    unframed = (exp.Lag, exp.Lead, exp.Ntile, exp.Rank, exp.DenseRank, exp.CumeDist, exp.PercentRank, exp.RowNumber)
    for window in nodes.of(exp.Window):
        spec = window.args.get("spec")
        has_rows = spec is not None and str(spec.args.get("kind")).upper() == "ROWS"
        if window.args.get("order") and not has_rows and not isinstance(window.this, unframed):
            yield "an order with ties"


def hidden_names(nodes: Nodes) -> Iterator[str]:
    """Names that BigQuery resolves otherwise: a table's before a column's, and what is selected before a table."""
    for column in nodes.of(exp.Column):
        select = column.find_ancestor(exp.Select)
        # a table that is `unnest(...)` is the value itself
        tables = [] if column.table or select is None else [select.args.get("from_"), *select.args.get("joins", [])]
        if any(table and table.alias_or_name == column.name for table in tables if not table.find(exp.Unnest)):
            yield f"the whole row: {column.name}"
        clause = column.find_ancestor(exp.Group, exp.Having, exp.Order, exp.Select)
        if isinstance(clause, exp.Group | exp.Having | exp.Order) and isinstance(clause.parent, exp.Select):
            if column.table in {one.alias for one in clause.parent.selects if one.alias}:
                yield f"what is selected, not its table: {column.sql()}"


def faults_of_bigquery(nodes: Nodes) -> Iterator[str]:
    """What BigQuery does not have, or reads otherwise, though sqlglot reads it."""
    yield from hidden_names(nodes)
    for node in nodes.of(exp.Greatest, exp.Least):
        if not all(isinstance(one, exp.Coalesce) for one in [node.this, *node.expressions]):
            yield f"null where one value is: {node.sql('bigquery')}"
    for node in nodes.of(exp.DataType):
        digits = [int(one.name) for one in node.expressions if isinstance(one, exp.DataTypeParam)]
        if node.this == exp.DataType.Type.DECIMAL and digits:
            precision, scale = [*digits, 0][:2]
            if scale > 9 or precision - scale > 29:
                yield f"more digits than numeric has: {digits}"
    for node in nodes.of(exp.Cast):
        inner = node.this if node.to.is_type("text") and isinstance(node.this, exp.Cast) else None
        places = [one.name for one in inner.to.expressions[1:]] if inner else []
        if inner and inner.to.is_type("decimal", "bigdecimal") and places not in ([], ["0"]):
            yield f"a text without its last zeros: {node.sql('bigquery')}"
    for node in nodes.of(exp.In):
        query = node.args.get("query")
        if query and len(query.unnest().selects) > 1:
            yield f"in, with a query of several columns: {node.sql('bigquery')}"
    for select in nodes.of(exp.Select):
        if select.args.get("where") and not select.args.get("from_"):
            yield "where without from"
    # `to_hex(md5(...))`, which is text, is a node of its own
    unlike = {exp.WithinGroup: "within group", exp.Values: "values as a table", exp.MD5Digest: "md5 is bytes"}
    yield from (fault for kind, fault in unlike.items() if nodes.of(kind))


def faults(nodes: Nodes, dialect: str) -> Iterator[str]:
    """What a warehouse does not have, or reads otherwise, though sqlglot reads it."""
    if dialect == "bigquery":
        yield from faults_of_bigquery(nodes)
    if dialect != "databricks" and nodes.of(exp.Filter):
        yield "filter (where ...)"
    if dialect in ("redshift", "snowflake"):
        yield from ("a named window" for select in nodes.of(exp.Select) if select.args.get("windows"))
    if dialect in ("bigquery", "snowflake"):
        for node in nodes.of(exp.Offset):
            if not node.parent.args.get("limit"):
                yield "offset without limit"
        for node in nodes.of(exp.DateTrunc, exp.TimestampTrunc):
            unit = node.args["unit"].sql(dialect).lower()
            if "week" in unit and "isoweek" not in unit:
                yield f"a week that may begin on Sunday: {node.sql(dialect)}"
    for name in nodes.of(exp.Identifier):
        if name.name.lower() in RESERVED[dialect] and not name.args.get("quoted"):
            yield f"the reserved word {name.name}"
    for number in nodes.of(exp.Literal):
        if number.is_number and len(re.sub(r"\D", "", number.name)) > 38:
            yield f"more digits than a number has: {number.name}"
    if nodes.of(exp.Command):
        yield "a statement that is not read"
    if dialect == "redshift":
        yield from without_rows(nodes)
        for node in nodes.of(exp.Values, exp.NullSafeNEQ, exp.NullSafeEQ):
            yield f"{type(node).__name__}, which Redshift does not have"
        for node in nodes.of(exp.PercentileDisc):
            if not node.find_ancestor(exp.Window):
                yield "percentile_disc as an aggregate"
    if dialect == "snowflake":
        for node in nodes.of(exp.Greatest, exp.Least):
            if not node.args.get("ignore_nulls"):
                yield f"null where one value is: {node.sql(dialect)}"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_queries_of_fits_are_read(manifest, tmp_path, dialect):
    sql = hosted_dialects.compiled_inline(tmp_path, dialect, manifest, ";\n".join(QUERIES_OF_FITS))
    query = Query(sql, dialect)
    assert query.faults == [] and query.statements == len(QUERIES_OF_FITS), sql


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_model_is_read(queries, dialect):
    """And so are the analyses and the singular tests, for every shape of the input."""
    read = queries(dialect)
    kinds = {name.split(".")[0] for _, name in read}
    assert {"model", "analysis", "test", "snapshot"} <= kinds and len(read) > 200
    wrong = {name: query.faults for name, query in read.items() if query.faults}
    lacking = {("text", name): [what] for name, what in LACKING.get(dialect, {}).items()}
    assert wrong == lacking


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_function_that_is_allowed_is_used(queries, dialect):
    """So that the list stays as short as what its documentation was read for."""
    used = set().union(*(query.functions for query in queries(dialect).values()))
    assert FUNCTIONS_OF[dialect] - used == set()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_types_of_contracts_and_seeds(dialect):
    assert {
        name: nodes for name, nodes in column_types(dialect).items() if not re.fullmatch(TYPES[dialect], name)
    } == {}


def test_redshift_casts_no_boolean_to_text(queries):
    """It cannot, and rows as they arrived are texts."""
    flags = {
        f"raw_{name}"
        for columns in raw_columns("redshift", "typed").values()
        for name, kind in columns.items()
        if kind == "boolean"
    }
    as_arrived = [
        (model, one.alias, one.this.sql("redshift"))
        for (shape, model), query in queries("redshift").items()
        if shape == "typed" and any(flag in query.sql for flag in flags)
        for one in sqlglot.parse_one(query.sql, read="redshift").find_all(exp.Alias)
        if one.alias in flags
    ]
    assert {name for _, name, _ in as_arrived} == flags
    assert [one for one in as_arrived if not one[2].startswith("CASE ")] == []


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
