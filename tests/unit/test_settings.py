"""The settings: what is refused and with which words, what the rest resolves to,
and the rules as SQL.

The macros are called straight from a parsed project, at a few milliseconds a
call; the last tests run dbt as a user does.
"""

from __future__ import annotations

import json
import operator
import os
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt_common.exceptions import CompilationError
from hypothesis import example, given, settings
from hypothesis import strategies as st

import project
from oracle.settings import DEFAULTS, merge

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PROJECT_VARS = yaml.safe_load((ROOT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
# what a developer's shell may say about where dbt works
SHELL_SETTINGS = (
    "LIFECYCLE_TARGET",
    "LIFECYCLE_SCHEMA_PREFIX",
    "DBT_TARGET_PATH",
    "DBT_LOG_PATH",
    "DBT_PROFILES_DIR",
    "DBT_PROJECT_DIR",
    "DBT_TARGET",
)
WRONG_BRANDS = yaml.safe_load((HERE / "settings_cases_wrong_brands.yml").read_text(encoding="utf-8"))
WRONG_PROJECT = yaml.safe_load((HERE / "settings_cases_wrong_project.yml").read_text(encoding="utf-8"))
NASTY_TEXTS = [
    "atelier",
    "o'neill",
    "''",
    '"quoted"',
    "a b",
    "로스터리 카페",
    "品牌",
    "☕️👩🏽‍🎨",
    "back\\slash",
    "\\",
    "\\'",
    "-- comment",
    "/* comment */",
    "a;b",
    "100%",
    "{{ target.name }}",
    "{% raw %}",
    "{# x #}",
    "${spark.app.name}",
    "$1",
    "line\nbreak",
    "tab\there",
    "null",
    "",
    "é",
    "%s",
    ":name",
    "?",
]
# a metric of the trees below, with the SQL type of its column
METRIC_TYPES = {
    "lifetime_orders": "bigint",
    "reviews": "bigint",
    "lifetime_net_revenue": "decimal(38, 4)",
    "average_order_value": "double",
    "discounted_order_share": "double",
    "is_member": "boolean",
    "is_active": "boolean",
}
NUMBERS = [name for name, kind in METRIC_TYPES.items() if kind != "boolean"]
BOOLEANS = [name for name, kind in METRIC_TYPES.items() if kind == "boolean"]
COMPARISONS = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
    "=": operator.eq,
    "!=": operator.ne,
}

Macro = Callable[..., Any]
Rule = dict[str, Any]


def run_dbt(folder: Path, *command: str, **environment: str) -> tuple[dbtRunnerResult, str]:
    """What a command of dbt over this project gives, and its errors as text.

    Takes a folder for all that it writes; the command with its arguments; what is set in the environment.
    """
    errors: list[str] = []

    def note(event: Any) -> None:
        if event.info.level == "error":
            errors.append(event.info.msg)

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        for name in SHELL_SETTINGS:
            patch.delenv(name, raising=False)
        patch.setenv("LIFECYCLE_DUCKDB_PATH", str(folder / "lifecycle.duckdb"))
        for name, value in environment.items():
            patch.setenv(name, value)
        result = dbtRunner(callbacks=[note]).invoke(
            [
                *command,
                "--quiet",
                "--no-use-colors",
                "--no-partial-parse",
                "--project-dir",
                str(ROOT),
                "--profiles-dir",
                str(ROOT),
                "--target",
                "duckdb",
                "--target-path",
                str(folder / "target"),
                "--log-path",
                str(folder / "logs"),
                "--log-level-file",
                "none",
            ]
        )
    # the adapter would hold the file for whoever runs dbt next
    DuckDBConnectionManager.close_all_connections()
    return result, "\n".join([*errors, str(result.exception or "")])


@pytest.fixture(scope="module")
def macro(tmp_path_factory: pytest.TempPathFactory) -> Macro:
    """Calls a macro of the project by name, with values of Python for both its
    arguments and its result. The project is parsed once."""
    adapter, manifest = project.for_macros(tmp_path_factory.mktemp("settings"))

    def call(macro_name: str, /, **arguments: Any) -> Any:
        return adapter.execute_macro(
            macro_name,
            macro_resolver=manifest,
            project="customer_lifecycle",
            kwargs=arguments,
        )

    call.manifest = manifest
    return call


@pytest.fixture(scope="module")
def database() -> duckdb.DuckDBPyConnection:
    """A database in memory."""
    with duckdb.connect() as connection:
        yield connection


def case_name(case: dict[str, Any]) -> str:
    return case["case"]


def brand_vars(case: dict[str, Any]) -> dict[str, Any]:
    """The vars of a case of settings_cases_wrong_brands.yml."""
    brands = {"atelier": case["atelier"]} if "atelier" in case else case["brands"]
    return {"brands": brands, "brand_defaults": case.get("brand_defaults")}


# What is refused


@pytest.mark.parametrize("case", WRONG_BRANDS, ids=case_name)
def test_wrong_brand_settings(macro: Macro, case: dict[str, Any]) -> None:
    given_vars = brand_vars(case)
    before = repr(given_vars)
    problems = macro("settings_problems", **given_vars)
    assert problems == case["problems"].splitlines()
    assert repr(given_vars) == before


@pytest.mark.parametrize("case", WRONG_PROJECT, ids=case_name)
def test_wrong_project_settings(macro: Macro, case: dict[str, Any]) -> None:
    problems = macro(
        "project_settings_problems",
        target_type=case.get("target_type", "duckdb"),
        **case["vars"],
    )
    assert problems == case["problems"].splitlines()


def test_case_names_are_unique() -> None:
    for cases in (WRONG_BRANDS, WRONG_PROJECT):
        names = [case["case"] for case in cases]
        assert len(names) == len(set(names))


def test_one_error_says_all(macro: Macro) -> None:
    """Every problem of every brand is a line of the one error that stops dbt."""
    cases = [case for case in WRONG_BRANDS if "atelier" in case]
    brands = {f"brand {i}": case["atelier"] for i, case in enumerate(cases)}
    expected = [
        line.replace("'atelier'", f"'brand {i}'", 1)
        for i, case in enumerate(cases)
        for line in case["problems"].splitlines()
    ]
    with pytest.raises(CompilationError) as caught:
        macro("brand_settings", brands=brands, brand_defaults={})
    lines = [line.strip() for line in str(caught.value.msg).splitlines()]
    assert lines == [f"Invalid settings in vars ({len(expected)} problems):", *expected]


def test_a_rule_of_too_many_parts(macro: Macro) -> None:
    leaves = [{"metric": "reviews", "op": ">=", "value": n} for n in range(1000)]
    assert macro("rule_problems", rule={"any": leaves[1:]}, path="r") == []
    too_many = [["r", "the rule has more than 1000 parts."]]
    assert macro("rule_problems", rule={"any": leaves}, path="r") == too_many


def test_a_rule_within_itself(macro: Macro) -> None:
    """YAML's anchors can do that."""
    rule: Rule = {"all": []}
    rule["all"].append(rule)
    problems = macro("rule_problems", rule=rule, path="r")
    assert problems == [["r", "the rule has more than 1000 parts."]]


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.dates()
    | st.sampled_from(["order", "reviews", ">=", "UTC", "30"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.none()
            | st.booleans()
            | st.integers()
            | st.text(max_size=8)
            | st.sampled_from(
                [
                    *DEFAULTS,
                    *DEFAULTS["alerts"],
                    "window_days",
                    "signals",
                    "weights",
                    "days",
                    "metric",
                    "op",
                    "value",
                    "name",
                    "when",
                    "all",
                    "any",
                    "not",
                    "at_least",
                    "of",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=100)
@given(
    brands=anything
    | st.dictionaries(
        st.text(max_size=4) | st.integers(),
        st.dictionaries(st.sampled_from([*DEFAULTS]), anything, max_size=5),
        max_size=2,
    ),
    brand_defaults=st.none() | anything,
)
def test_nothing_makes_the_check_stumble(macro: Macro, brands: Any, brand_defaults: Any) -> None:
    """Whatever YAML delivers, the answer is a list of messages."""
    problems = macro("settings_problems", brands=brands, brand_defaults=brand_defaults)
    for problem in problems:
        assert problem.startswith(("Brand '", "Setting '", "brand_defaults,"))
        assert "\n" not in problem and "\r" not in problem
    if problems:
        with pytest.raises(CompilationError):
            macro(
                "brand_settings",
                brands={} if brands is None else brands,
                brand_defaults={} if brand_defaults is None else brand_defaults,
            )
    else:
        assert [*map(str, brands)] == [*macro("brand_settings", brands=brands, brand_defaults=brand_defaults)]


@settings(max_examples=60)
@given(
    given_values=st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            (
                "as_of_date",
                "only_brand",
                "raw_schema",
                "raw_database",
                "raw_dir",
                "raw_project",
                "raw_tables",
                "raw_csv",
                "max_source_age_days",
                "max_rejected_share",
                "max_customer_order_share",
                "fail_on_rejected_share",
            ),
            anything,
        ),
    )
)
def test_nothing_makes_the_project_check_stumble(macro: Macro, given_values: dict[str, Any]) -> None:
    for problem in macro("project_settings_problems", **given_values):
        assert problem.startswith("Setting '") and "\n" not in problem


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("orders", "orders"),
        ("Orders ", "orders"),
        ("ordres", "orders"),
        ("oders", "orders"),
        ("orderss", "orders"),
        ("ordesr", "orders"),
        ("customer", "customers"),
        ("coustemers", "customers"),
        ("spend", "marketing_spend"),
        ("inter", "interactions"),
        ("payments", None),
        ("o", None),
        ("", None),
        (None, None),
        (3, None),
        ("orders" * 20, None),
    ],
)
def test_nearest_name(macro: Macro, name: Any, nearest: str | None) -> None:
    names = ["orders", "customers", "interactions", "marketing_spend"]
    assert macro("nearest_name", name=name, names=names) == nearest


def test_names_of_vars(macro: Macro) -> None:
    """Dbt takes a var of any name: one that is nearly ours is a mistake, another may be somebody's own."""
    given = {"raw_dir": "x", "brands": {}, "schema_prefix": "", "my_mart_window": 3}
    assert macro("var_name_problems", given=given) == []
    assert macro("var_name_problems", given={**given, "raw_dr": "x"}) == [
        "Var 'raw_dr' is not a var of this project; did you mean 'raw_dir'?"
    ]


def test_of_two_near_names_the_nearer(macro: Macro) -> None:
    names = ["orders_30d", "orders_90d", "orders_365d"]
    assert macro("nearest_name", name="order_90d", names=names) == "orders_90d"


# What the rest resolves to


def test_no_settings_are_the_defaults(macro: Macro) -> None:
    resolved = macro("brand_settings", brands={"atelier": None, "b": {}}, brand_defaults={})
    assert resolved == {"atelier": DEFAULTS, "b": DEFAULTS}
    assert resolved["atelier"] is not resolved["b"]


def test_maps_merge_and_lists_replace(macro: Macro) -> None:
    brands = {
        "atelier": {
            "active": {"window_days": 90},
            "dates_at_midnight": {"customers": ["signed_up_at"]},
            "engagement": {"weights": {"review": 10, "site_visit": 0}},
            "alerts": {
                "cart_abandoned": {"days": 3},
                "rejected_rows_high": {},
            },
        },
        "roastery": {
            "active": {"signals": ["subscription"]},
            "churn": {},
            "loyal_when": {"metric": "is_member", "op": "=", "value": True},
            "tiers": [],
        },
    }
    brand_defaults = {
        "currency": "eur",
        "active": {"signals": ["order", "engagement"]},
        "engagement": {"weights": {"review": 5, "referral": 8.5}},
        "alerts": {
            "cart_abandoned": {"days": 5},
            "revenue_drop": {"relative_drop": 0.3},
        },
        "dates_at_midnight": {
            "orders": ["ordered_at"],
            "customers": ["signed_up_at", "membership_joined_at"],
        },
        "loyal_when": {"any": [{"metric": "reviews", "op": ">", "value": 0}]},
        "tiers": [{"name": "gold", "when": {"metric": "reviews", "op": ">", "value": 9}}],
    }
    resolved = macro("brand_settings", brands=brands, brand_defaults=brand_defaults)
    atelier, roastery = resolved["atelier"], resolved["roastery"]
    assert atelier["currency"] == roastery["currency"] == "EUR"
    assert atelier["dates_at_midnight"] == {
        "orders": ["ordered_at"],
        "customers": ["signed_up_at"],
    }
    assert atelier["active"] == {"window_days": 90, "signals": ["order", "engagement"]}
    assert roastery["active"] == {"window_days": 30, "signals": ["subscription"]}
    assert roastery["churn"] == DEFAULTS["churn"]
    assert atelier["engagement"]["weights"] == {"review": 10, "referral": 8.5, "site_visit": 0}
    assert roastery["engagement"]["weights"] == {"review": 5, "referral": 8.5}
    assert atelier["alerts"] == DEFAULTS["alerts"] | {
        "cart_abandoned": {"days": 3},
        "revenue_drop": {"relative_drop": 0.3},
    }
    assert roastery["alerts"]["cart_abandoned"] == {"days": 5}
    assert atelier["loyal_when"] == brand_defaults["loyal_when"]
    assert roastery["loyal_when"] == brands["roastery"]["loyal_when"]
    assert atelier["tiers"] == brand_defaults["tiers"]
    assert roastery["tiers"] == []


def test_a_rule_replaces_a_rule_of_the_same_form(macro: Macro) -> None:
    """`all` over `all`, `not` over `not`: never merged."""
    leaf = {"metric": "reviews", "op": ">", "value": 0}
    for beneath, above in [
        ({"all": [leaf]}, {"not": leaf}),
        ({"not": {"any": [leaf]}}, {"not": leaf | {"value": 5}}),
        (leaf | {"name": "writes"}, leaf | {"op": "<"}),
    ]:
        resolved = macro(
            "brand_settings",
            brands={"b": {"loyal_when": above}},
            brand_defaults={"loyal_when": beneath},
        )
        assert resolved["b"]["loyal_when"] == above


def test_currency_and_statuses_are_normalised(macro: Macro) -> None:
    resolved = macro(
        "brand_settings",
        brand_defaults={"currency": "usd"},
        brands={
            "a": {
                "currency": " krw ",
                "valid_order_statuses": [" Completed", "PAID ", "paid", "배송완료"],
            },
            "b": {"currency": None},
        },
    )
    assert resolved["a"]["currency"] == "KRW"
    assert resolved["a"]["valid_order_statuses"] == ["completed", "paid", "배송완료"]
    assert resolved["b"]["currency"] is None


def test_brand_ids(macro: Macro) -> None:
    """Any text without space around it is one; a whole number stands for its text."""
    ids = [text for text in NASTY_TEXTS if text]
    resolved = macro(
        "brand_settings",
        brands={**{name: {} for name in ids}, 7: None, -1: {}},
        brand_defaults={},
    )
    assert list(resolved) == [*ids, "7", "-1"]


def test_the_edges_of_what_is_allowed(macro: Macro) -> None:
    settings_ = {
        "active": {
            "window_days": 1,
            "signals": [
                "order",
                "subscription",
                "awareness",
                "consideration",
                "cart",
                "engagement",
                "support",
                "contact",
                "advocacy",
            ],
        },
        "churn": {"window_days": 1},
        "advocacy": {"window_days": 1_000_000},
        "window_advice": {"return_share": 0, "follow_up_days": 1},
        "annual_discount_rate": 0,
        "margin_rate": 0.001,
        "clv": {"model": "bg_nbd"},
        "rfm": {"recency_shares": [0.0001, 0.5, 0.9999]},
        "engagement": {
            "full_score_points": 0.001,
            "weights": dict.fromkeys(macro("interaction_type_names"), 0),
        },
        "alerts": {
            "churn_rate_high": {"churn_rate": 0, "relative_rise": 2},
            "no_second_purchase": {"percentile": 1},
            "loyal_at_risk": {"churn_probability": 1.0},
        },
        "dates_at_midnight": {
            "orders": ["ordered_at"],
            "customers": [],
            "subscriptions": ["ended_at", "started_at"],
        },
        "tiers": [
            {"name": "없음", "when": {"metric": "reviews", "op": "=", "value": -1e308}},
            {
                "name": "o'",
                "when": {
                    "all": [
                        {"metric": "reviews", "op": ">", "value": 1},
                        {"metric": "reviews", "op": ">", "value": 1},
                    ]
                },
            },
        ],
    }
    brands = {"b": settings_}
    assert macro("settings_problems", brands=brands, brand_defaults={}) == []
    resolved = macro("brand_settings", brands=brands, brand_defaults={})
    assert resolved["b"] == merge(DEFAULTS, settings_)


def test_every_zone_of_the_database_is_allowed(macro: Macro) -> None:
    for zone in ("Asia/Seoul", "America/New_York", "UTC", "Etc/GMT+9", "EST"):
        assert macro("settings_problems", brands={"b": {"timezone": zone}}) == []


leaves = st.builds(
    lambda metric, op, value: {"metric": metric, "op": op, "value": value},
    st.sampled_from(NUMBERS),
    st.sampled_from([*COMPARISONS]),
    st.integers(-3, 12) | st.sampled_from([0.5, 0.25, 2.75, 1e-7, 1e15, 0.1]),
) | st.builds(
    lambda metric, op, value: {"metric": metric, "op": op, "value": value},
    st.sampled_from(BOOLEANS),
    st.sampled_from(["=", "!="]),
    st.booleans(),
)


@st.composite
def branches(draw: st.DrawFn, inner: st.SearchStrategy[Rule]) -> Rule:
    """A rule of other rules."""
    form = draw(st.sampled_from(["all", "any", "not", "at_least"]))
    if form == "not":
        return {"not": draw(inner)}
    parts = draw(st.lists(inner, min_size=1, max_size=4))
    if form == "at_least":
        return {"at_least": draw(st.integers(1, len(parts))), "of": parts}
    return {form: parts}


rules = st.recursive(leaves, branches, max_leaves=14)


def named(rule: Rule) -> Rule:
    """The rule with a name of its own for each leaf."""
    rule = deepcopy(rule)
    for number, leaf in enumerate(leaves_of(rule)):
        leaf[0]["name"] = f"criterion {number}"
    return rule


some_settings = st.fixed_dictionaries(
    {},
    optional={
        "timezone": st.sampled_from(["UTC", "Asia/Seoul", "Europe/Paris"]),
        "count_zero_value_orders": st.booleans(),
        "valid_order_statuses": st.just(["paid"]) | st.just(["done", "paid"]),
        "active": st.fixed_dictionaries(
            {},
            optional={
                "window_days": st.integers(1, 300),
                "signals": st.lists(
                    st.sampled_from(["order", "subscription", "support"]),
                    min_size=1,
                    unique=True,
                ),
            },
        ),
        "churn": st.fixed_dictionaries(
            {},
            optional={
                "window_days": st.integers(300, 900),
            },
        ),
        "engagement": st.fixed_dictionaries(
            {},
            optional={
                "full_score_points": st.integers(1, 9) | st.just(7.5),
                "weights": st.dictionaries(
                    st.sampled_from(["review", "site_visit", "referral"]),
                    st.integers(0, 9) | st.just(0.5),
                ),
            },
        ),
        "loyal_when": rules.map(named),
        "alerts": st.dictionaries(
            st.sampled_from(["cart_abandoned", "subscription_cancelled"]),
            st.fixed_dictionaries({}, optional={"days": st.integers(1, 60)}),
        ),
        "tiers": st.lists(rules, max_size=2).map(
            lambda found: [{"name": f"tier {n}", "when": rule} for n, rule in enumerate(found)]
        ),
    },
)


@settings(max_examples=60)
@given(own=some_settings, other=some_settings, brand_defaults=some_settings)
def test_merging_is_what_the_independent_program_does(
    macro: Macro, own: dict, other: dict, brand_defaults: dict
) -> None:
    brands = {"b": own, "c": other}
    before = deepcopy((brands, brand_defaults))
    resolved = macro("brand_settings", brands=brands, brand_defaults=brand_defaults)
    beneath = merge(DEFAULTS, brand_defaults)
    assert resolved == {"b": merge(beneath, own), "c": merge(beneath, other)}
    assert (brands, brand_defaults) == before


def test_flat_brand_settings(macro: Macro) -> None:
    rows = macro(
        "flat_brand_settings",
        brand_defaults={},
        brands={
            "로스터리": {
                "currency": "krw",
                "display_name": "로스터리 & 친구들",
                "logo_colour": "#B5651D",
                "engagement": {"weights": {"review": 2.5}},
                "dates_at_midnight": {"subscriptions": ["started_at", "ended_at"]},
                "loyal_when": {"not": {"metric": "is_member", "op": "=", "value": False}},
                "tiers": [{"name": "gold", "when": {"metric": "reviews", "op": ">=", "value": 5}}],
            },
            7: None,
        },
    )
    by_brand: dict[str, dict[str, Any]] = {"로스터리": {}, "7": {}}
    for row in rows:
        assert list(row) == ["brand_id", "setting", "value"]
        assert row["setting"] not in by_brand[row["brand_id"]]
        by_brand[row["brand_id"]][row["setting"]] = row["value"]
    common = {
        "timezone": "UTC",
        "language": "en",
        "count_zero_value_orders": "false",
        "history_is_complete": "false",
        "valid_order_statuses": "completed, paid, shipped, delivered, fulfilled",
        "active.window_days": "30",
        "active.signals": "order",
        "churn.window_days": "365",
        "churn.signals": "order, subscription",
        "subscription_renewal_days": "30",
        "subscription_gap_days": "0",
        "advocacy.window_days": "180",
        "window_advice.return_share": "0.2",
        "window_advice.follow_up_days": "180",
        "engagement.window_days": "90",
        "engagement.full_score_points": "50",
        "annual_discount_rate": "0.1",
        "margin_rate": "1",
        "clv.model": "mbg_nbd",
        "rfm.recency_shares": "0.125, 0.25, 0.5",
        "alerts.about_to_churn.days_ahead": "14",
        "alerts.loyal_at_risk.churn_probability": "0.66",
        "alerts.no_second_purchase.percentile": "0.75",
        "alerts.cart_abandoned.days": "7",
        "alerts.negative_feedback_open.days": "30",
        "alerts.subscription_cancelled.days": "7",
        "alerts.churn_rate_high.churn_rate": "0.1",
        "alerts.churn_rate_high.relative_rise": "0.2",
        "alerts.repeat_rate_drop.relative_drop": "0.2",
        "alerts.revenue_drop.relative_drop": "0.2",
    }
    assert by_brand["로스터리"] == common | {
        "currency": "KRW",
        "display_name": "로스터리 & 친구들",
        "logo_colour": "#B5651D",
        "engagement.weights.review": "2.5",
        "dates_at_midnight.subscriptions": "started_at, ended_at",
        "loyal_when": "not (is_member = false)",
        "tiers.gold": "reviews >= 5",
    }
    assert by_brand["7"] == common | {
        "currency": None,
        "display_name": None,
        "logo_colour": None,
        "loyal_when": "all of (lifetime_orders >= 3; discounted_order_share <= 0.5)",
    }


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"as_of_date": "2024-02-29"},
        {"as_of_date": "2000-02-29"},
        {"as_of_date": date(2025, 12, 31)},
        {"as_of_date": "0001-01-01"},
        {"only_brand": "cdnow"},
        {"raw_schema": "landed", "raw_database": "warehouse"},
        {"raw_dir": "s3://bucket/prefix", "raw_tables": ["orders"]},
        {"raw_tables": ["marketing_spend", "orders", "customers"]},
        {"max_rejected_share": 0, "fail_on_rejected_share": True},
        {"max_rejected_share": 1},
        {"max_customer_order_share": 0},
        {"max_customer_order_share": 1},
        {"raw_project": "shop", "raw_tables": ["orders"]},
        {"max_source_age_days": {"orders": 0, "customers": 30, "feedback": None}},
    ],
)
def test_right_project_settings(macro: Macro, values: dict[str, Any]) -> None:
    problems = macro("project_settings_problems", target_type="duckdb", **values)
    assert problems == []


def test_project_settings_of_the_project(macro: Macro) -> None:
    """The vars of dbt_project.yml, with defaults for those it leaves out."""
    defaults = {
        "as_of_date": None,
        "only_brand": None,
        "raw_schema": None,
        "raw_database": None,
        "raw_dir": None,
        "raw_project": None,
        "raw_tables": None,
        "max_source_age_days": {},
        "max_rejected_share": 0.05,
        "max_customer_order_share": 0.05,
        "max_row_drop_share": 0.2,
        "raw_csv": {},
        "fail_on_rejected_share": False,
        "annual_discount_rate": 0.10,
        "clv_min_repeat_customers": 50,
        "clv_refit": "always",
        "spark_file_format": "parquet",
    }
    given_vars = {
        name: str(value) if name == "as_of_date" and value else value
        for name, value in PROJECT_VARS.items()
        if name in defaults
    }
    assert macro("project_settings") == defaults | given_vars


def test_brand_settings_of_the_project(macro: Macro) -> None:
    """Without arguments the vars are read; asked twice, the answer is one."""
    brands = PROJECT_VARS["brands"]
    beneath = merge(DEFAULTS, PROJECT_VARS.get("brand_defaults") or {})
    resolved = macro("brand_settings")
    assert resolved == {str(brand_id): merge(beneath, own or {}) for brand_id, own in brands.items()}
    assert macro("brand_settings") == resolved
    assert macro("check_settings_once") == ""


# Metrics


def test_metrics_are_columns_of_customers(macro: Macro) -> None:
    """Metrics are numbers and booleans of the contract of `customers`, and
    what is said to be neither is neither."""
    metrics = macro("customer_metrics")
    others = macro("customer_columns_without_number")
    customers = macro.manifest.nodes["model.customer_lifecycle.customers"]
    kinds = {name: kind_of(column.data_type) for name, column in customers.columns.items()}
    assert {name: kinds.get(name) for name in metrics} == metrics
    assert {kinds[name] for name in others if name in kinds} == {"other"}
    assert not [
        name
        for name in metrics
        if name in ("is_loyal", "is_loyal_customer") or name.startswith(("loyalty_", "criteria_"))
    ]


def kind_of(data_type: str) -> str:
    """What rules can do with a column of this type."""
    if data_type == "boolean":
        return "boolean"
    is_number = data_type.startswith(("bigint", "decimal", "double", "float"))
    return "number" if is_number else "other"


# Rules


def holds(rule: Rule, row: dict[str, Any]) -> bool:
    """Whether a rule holds for a row: the definition, in plain Python."""
    if "all" in rule:
        return all(holds(part, row) for part in rule["all"])
    if "any" in rule:
        return any(holds(part, row) for part in rule["any"])
    if "not" in rule:
        return not holds(rule["not"], row)
    if "of" in rule:
        return sum(holds(part, row) for part in rule["of"]) >= rule["at_least"]
    actual = row[rule["metric"]]
    if actual is None:
        return False
    return COMPARISONS[rule["op"]](float(actual), float(rule["value"]))


def leaves_of(rule: Rule, is_negated: bool = False) -> list[tuple[Rule, bool]]:
    """The leaves of a rule in the order of the tree, and whether under a `not`."""
    if "metric" in rule:
        return [(rule, is_negated)]
    parts = [rule["not"]] if "not" in rule else next(rule[key] for key in ("all", "any", "of") if key in rule)
    return [leaf for part in parts for leaf in leaves_of(part, is_negated or "not" in rule)]


def sql_answers(database: duckdb.DuckDBPyConnection, sql: str, rows: list[dict[str, Any]]) -> list[Any]:
    """What a boolean expression over `c` says of each row."""
    columns = ", ".join(f"{name} {kind}" for name, kind in METRIC_TYPES.items())
    places = ", ".join("?" for _ in METRIC_TYPES)
    database.execute(f"create or replace table customers (n int, {columns})")
    database.executemany(
        f"insert into customers values (?, {places})",
        [[n, *(row[name] for name in METRIC_TYPES)] for n, row in enumerate(rows)],
    )
    return [answer for (answer,) in database.execute(f"select {sql} from customers as c order by n").fetchall()]


rows_of_metrics = st.lists(
    st.fixed_dictionaries(
        {
            name: st.none()
            | (
                st.booleans()
                if kind == "boolean"
                else st.integers(-3, 12)
                if kind == "bigint"
                else st.sampled_from([0, 0.25, 0.5, 2.75, 3, 1e15])
                if kind != "double"
                else st.sampled_from([0.0, 0.1, 0.25, 0.5, 2.75, 3.0, 1e-7, 1e15])
            )
            for name, kind in METRIC_TYPES.items()
        }
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=100)
@given(rule=rules, rows=rows_of_metrics)
@example(
    rule={"not": {"metric": "reviews", "op": ">=", "value": 1}},
    rows=[dict.fromkeys(METRIC_TYPES)],
)
def test_rule_sql(
    macro: Macro,
    database: duckdb.DuckDBPyConnection,
    rule: Rule,
    rows: list[dict[str, Any]],
) -> None:
    assert macro("rule_problems", rule=rule, path="r", names_are_unique=False) == []
    answers = sql_answers(database, macro("rule_sql", rule=rule, alias="c"), rows)
    assert answers == [holds(rule, row) for row in rows]


@settings(max_examples=60)
@given(rule=rules)
def test_rule_leaves(macro: Macro, rule: Rule) -> None:
    def default_name(leaf: Rule) -> str:
        value = leaf["value"]
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return f"{leaf['metric']} {leaf['op']} {text}"

    expected = [{"name": default_name(leaf), **leaf, "is_negated": is_negated} for leaf, is_negated in leaves_of(rule)]
    assert macro("rule_leaves", rule=rule) == expected


def test_leaf_names(macro: Macro) -> None:
    rule = {
        "any": [
            {"metric": "lifetime_orders", "op": ">=", "value": 3},
            {"metric": "is_member", "op": "!=", "value": True},
            {"metric": "discounted_order_share", "op": "<=", "value": 0.5},
            {"name": "글을 쓴다", "metric": "reviews", "op": ">", "value": 0},
        ]
    }
    assert [leaf["name"] for leaf in macro("rule_leaves", rule=rule)] == [
        "lifetime_orders >= 3",
        "is_member != true",
        "discounted_order_share <= 0.5",
        "글을 쓴다",
    ]


def test_rule_sql_as_written(macro: Macro) -> None:
    number = {"metric": "reviews", "op": "!=", "value": -2}
    boolean = {"metric": "is_member", "op": "=", "value": True}
    assert macro("rule_sql", rule=number, alias="c") == (
        "coalesce(cast(c.reviews as double) <> cast((-2) as double), false)"
    )
    assert macro("rule_sql", rule=boolean) == (
        "coalesce(case when is_member then 1 when not is_member then 0 end = 1, false)"
    )


def test_rule_text(macro: Macro) -> None:
    rule = {
        "all": [
            {"name": "bought often", "metric": "lifetime_orders", "op": ">=", "value": 4},
            {
                "any": [
                    {"metric": "engagement_score", "op": ">", "value": 39.5},
                    {"not": {"metric": "is_member", "op": "=", "value": False}},
                ]
            },
            {
                "at_least": 2,
                "of": [
                    {"metric": "reviews", "op": ">=", "value": 1},
                    {"name": "referrals >= 1", "metric": "referrals", "op": ">=", "value": 1},
                ],
            },
        ]
    }
    assert macro("rule_text", rule=rule) == (
        "all of (bought often: lifetime_orders >= 4; "
        "any of (engagement_score > 39.5; not (is_member = false)); "
        "at least 2 of (reviews >= 1; referrals >= 1))"
    )


def test_a_deep_rule(macro: Macro, database: duckdb.DuckDBPyConnection) -> None:
    """Three hundred rules in one another."""
    rule: Rule = {"metric": "reviews", "op": ">=", "value": 1}
    for level in range(300):
        other = {
            "metric": "lifetime_orders",
            "op": "<",
            "value": level,
            "name": f"level {level}",
        }
        rule = [
            {"not": rule},
            {"any": [other, rule]},
            {"all": [rule]},
            {"at_least": 1, "of": [rule, other]},
        ][level % 4]
    assert macro("settings_problems", brands={"b": {"loyal_when": rule}}) == []
    assert len(macro("rule_leaves", rule=rule)) == 151
    assert macro("rule_text", rule=rule).count("(") == 300
    rows = [
        dict.fromkeys(METRIC_TYPES) | {"reviews": reviews, "lifetime_orders": orders}
        for reviews in (None, 0, 1)
        for orders in (None, 5, 500)
    ]
    answers = sql_answers(database, macro("rule_sql", rule=rule, alias="c"), rows)
    assert answers == [holds(rule, row) for row in rows]


# Literals


def test_texts_survive_as_literals(macro: Macro, database: duckdb.DuckDBPyConnection) -> None:
    literals = [macro("sql_text", value=text) for text in NASTY_TEXTS]
    row = database.execute(f"select {', '.join(literals)}").fetchone()
    assert list(row) == NASTY_TEXTS


def test_text_literals_as_written(macro: Macro) -> None:
    assert macro("sql_text", value=None) == "null"
    assert macro("sql_text", value=7) == "'7'"
    assert macro("default__sql_text", value="it's \\ {{ x }}") == "'it''s \\ {{ x }}'"
    assert macro("spark__sql_text", value="it's \\ ${x} $1") == (r"'it\'s \\ \u0024{x} $1'")


@settings(max_examples=100)
@given(value=st.floats(-1e308, 1e308) | st.integers(-(10**25), 10**25))
@example(value=0.1 + 0.2)
@example(value=1e-7)
@example(value=123456789.12345678)
@example(value=5e-324)
@example(value=10**30)
@example(value=-0.5)
def test_numbers_survive_as_literals(macro: Macro, database: duckdb.DuckDBPyConnection, value: float) -> None:
    literal = macro("sql_number", value=value)
    answer = database.execute(f"select cast({literal} as double), 1 -{literal} is not null").fetchone()
    assert answer == (float(value), True)
    assert "," not in literal


def test_numbers_as_written(macro: Macro) -> None:
    written = {3: "3", -3: "(-3)", 0.5: "0.5", 1000000: "1000000", 2.0: "2.0"}
    for value, literal in written.items():
        assert macro("sql_number", value=value) == literal


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), "3", True, None, [3]])
def test_no_literal_for_what_is_no_number(macro: Macro, value: Any) -> None:
    with pytest.raises(CompilationError, match="is not a finite number"):
        macro("sql_number", value=value)


# As a user meets them


WRONG_BRAND = {"atelier": {"active": {"window_days": -3}, "actve": {}}}
WRONG_BRAND_LINES = [
    "Brand 'atelier', setting 'actve': no such setting; did you mean 'active'?",
    "Brand 'atelier', setting 'active.window_days': -3 is not a positive whole number.",
]


def test_wrong_settings_stop_the_command_line(tmp_path: Path) -> None:
    """A user sees the message, no traceback, and a code that CI heeds."""
    environment = {name: value for name, value in os.environ.items() if name not in SHELL_SETTINGS}
    run = subprocess.run(
        [
            sys.executable,
            "-c",
            "from dbt.cli.main import cli; cli()",
            "parse",
            "--no-use-colors",
            "--project-dir",
            str(ROOT),
            "--profiles-dir",
            str(ROOT),
            "--target",
            "duckdb",
            "--target-path",
            str(tmp_path / "target"),
            "--log-path",
            str(tmp_path / "logs"),
            "--vars",
            json.dumps({"brands": WRONG_BRAND}),
        ],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=tmp_path,
        env=environment | {"LIFECYCLE_DUCKDB_PATH": str(tmp_path / "l.duckdb")},
    )
    said = [line.strip() for line in (run.stdout + run.stderr).splitlines()]
    assert run.returncode != 0
    assert "Traceback (most recent call last):" not in said
    assert set(WRONG_BRAND_LINES) <= set(said)


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        (
            {"raw_tables": ["order"]},
            "Setting 'raw_tables': 'order' is not one of the six tables; did you mean 'orders'?",
        ),
        ({"brands": None}, "Setting 'brands': no brand is defined;"),
    ],
)
def test_wrong_settings_stop_parsing(tmp_path: Path, wrong: dict[str, Any], line: str) -> None:
    parsed, errors = run_dbt(tmp_path, "parse", "--vars", json.dumps(wrong))
    assert not parsed.success
    assert line in errors


def test_check_settings(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """`dbt run-operation check_settings`, with the vars and with arguments."""
    checked, errors = run_dbt(tmp_path, "run-operation", "check_settings")
    assert checked.success, errors
    assert "all settings are valid" in capfd.readouterr().out
    checked, errors = run_dbt(
        tmp_path,
        "run-operation",
        "check_settings",
        "--vars",
        json.dumps({"as_of_dat": "2026-06-30"}),
    )
    assert not checked.success
    assert "did you mean 'as_of_date'?" in errors
    checked, errors = run_dbt(
        tmp_path,
        "run-operation",
        "check_settings",
        "--args",
        json.dumps({"brands": WRONG_BRAND}),
    )
    assert not checked.success
    for line in WRONG_BRAND_LINES:
        assert line in errors


def test_the_day_of_the_environment(tmp_path: Path) -> None:
    """It goes before the var, is no part of what dbt has parsed, and is named where it is wrong."""
    vars_of_another_day = json.dumps({"as_of_date": "2024-01-31"})
    built, errors = run_dbt(
        tmp_path, "run", "--select", "as_of_date", "--vars", vars_of_another_day, LIFECYCLE_AS_OF_DATE="2024-02-29"
    )
    assert built.success, errors
    with duckdb.connect(str(tmp_path / "lifecycle.duckdb")) as connection:
        assert connection.sql("from reference.as_of_date").fetchall() == [(date(2024, 2, 29),)]
    assert "LIFECYCLE_AS_OF_DATE" not in project.read_manifest(tmp_path / "target" / "partial_parse.msgpack").env_vars
    checked, errors = run_dbt(tmp_path, "run-operation", "check_settings", LIFECYCLE_AS_OF_DATE="2024-02-30")
    assert not checked.success
    assert "Setting 'as_of_date' (LIFECYCLE_AS_OF_DATE): '2024-02-30' is not a calendar date." in errors
