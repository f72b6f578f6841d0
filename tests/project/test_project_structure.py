"""The project is laid out by the rules of structure_rules.py; structure_exceptions.yml has what is not, and why."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
import yaml

import structure_rules
from structure_rules import RULES, Structure

EXCEPTIONS = yaml.safe_load(Path(__file__).with_name("structure_exceptions.yml").read_text("utf-8"))


@pytest.fixture(scope="module")
def manifest(sample_build) -> dict:
    """dbt's manifest of the sample's build, as written."""
    return json.loads((sample_build.target / "manifest.json").read_text("utf-8"))


def exceptions_of(rule: str) -> dict[str, str]:
    """The exceptions of a rule with their reasons; `*` for all, where a rule does not hold yet."""
    return {name: entry["because"] for entry in EXCEPTIONS.get(rule, []) for name in entry["not"]}


@pytest.mark.parametrize("rule", RULES)
def test_rule_holds(manifest, rule):
    """Nothing breaks it but its exceptions; and each of these still does, or is to be taken off the list."""
    broken = set(RULES[rule](Structure(manifest)))
    excepted = exceptions_of(rule)
    if "*" in excepted:
        assert broken, "holds now: take the rule off structure_exceptions.yml"
        return
    assert sorted(broken - set(excepted)) == [], RULES[rule].__doc__
    assert sorted(set(excepted) - broken) == [], "no exception any more: take it off structure_exceptions.yml"


def test_every_exception_is_of_a_rule_and_has_a_reason():
    """Once, and in words."""
    assert len(RULES) >= 30
    assert set(EXCEPTIONS) <= set(RULES)
    for rule, entries in EXCEPTIONS.items():
        names = [name for entry in entries for name in entry["not"]]
        assert len(names) == len(set(names)), rule
        assert all(len(entry["because"].split()) > 3 for entry in entries), rule


def model(manifest: dict, name: str) -> dict:
    """A model of the manifest."""
    return manifest["nodes"][f"model.customer_lifecycle.{name}"]


def test_of(manifest: dict, name: str, kind: str) -> list[str]:
    """The ids of a model's generic tests of a kind."""
    return [
        key
        for key, node in manifest["nodes"].items()
        if node["resource_type"] == "test"
        and node.get("attached_node") == f"model.customer_lifecycle.{name}"
        and (node.get("test_metadata") or {}).get("name") == kind
    ]


test_of.__test__ = False


def spoil_reads(manifest):
    model(manifest, "customers")["depends_on"]["nodes"].append("model.customer_lifecycle.stg_orders")
    return "reads_only_what_its_layer_may", "customers reads stg_orders"


def spoil_source(manifest):
    [source] = [key for key in manifest["sources"] if key.endswith(".orders")]
    model(manifest, "fct_orders")["depends_on"]["nodes"].append(source)
    return "reads_only_what_its_layer_may", "fct_orders reads orders"


def spoil_facts(manifest):
    model(manifest, "stg_customers")["depends_on"]["nodes"].append("model.customer_lifecycle.int_brands")
    return "reads_only_what_its_layer_may", "stg_customers reads int_brands"


def spoil_staging(manifest):
    model(manifest, "stg_customers")["depends_on"]["nodes"].append("model.customer_lifecycle.stg_feedback")
    return "staging_models_do_not_read_each_other", "stg_customers reads stg_feedback"


def spoil_root(manifest):
    model(manifest, "cart_recovery")["depends_on"]["nodes"] = []
    return "reads_something", "cart_recovery"


def spoil_name(manifest):
    model(manifest, "fct_orders")["name"] = "orders"
    return "name_fits_its_layer", "orders"


def spoil_folder(manifest):
    model(manifest, "fct_orders")["original_file_path"] = "models/other/fct_orders.sql"
    return "is_in_a_layer", "fct_orders"


def spoil_description(manifest):
    model(manifest, "fct_orders")["description"] = " "
    return "is_described", "fct_orders"


def spoil_column(manifest):
    model(manifest, "customers")["columns"]["brand_id"]["description"] = ""
    return "published_columns_are_described", "customers.brand_id"


def spoil_key(manifest):
    for key in test_of(manifest, "fct_orders", "unique_key"):
        del manifest["nodes"][key]
    return "has_a_tested_key", "fct_orders"


def spoil_not_null(manifest):
    for key in test_of(manifest, "fct_orders", "never_null"):
        del manifest["nodes"][key]
    model(manifest, "fct_orders")["columns"]["brand_id"]["constraints"] = []
    return "key_is_never_null", "fct_orders.brand_id"


def spoil_reference(manifest):
    model(manifest, "customers")["raw_code"] += "\nunion all select * from facts.fct_customers"
    return "names_no_table_outright", "customers reads facts.fct_customers"


def spoil_ref(manifest):
    model(manifest, "customers")["raw_code"] += "\n{{ ref('fct_' ~ name) }}"
    return "refs_are_written_out", "customers"


def spoil_ref_of_variable(manifest):
    model(manifest, "customers")["raw_code"] += "\n{{ ref(name) }}"
    return "refs_are_written_out", "customers"


def spoil_macro(manifest):
    manifest["macros"]["macro.customer_lifecycle.add_days"]["macro_sql"] += "{{ ref('customers') }}"
    return "macros_read_no_model", "add_days"


def spoil_macro_file(manifest):
    macro = copy.deepcopy(manifest["macros"]["macro.customer_lifecycle.add_days"])
    macro["name"] = "add_weeks"
    manifest["macros"]["macro.customer_lifecycle.add_weeks"] = macro
    return "file_has_one_public_macro_of_its_name", macro["original_file_path"]


def spoil_sources(manifest):
    first, second = list(manifest["sources"].values())[:2]
    second["relation_name"] = first["relation_name"]
    return "sources_are_all_different", first["relation_name"]


def spoil_exposure(manifest):
    exposure = manifest["exposures"]["exposure.customer_lifecycle.alert_feed"]
    exposure["depends_on"]["nodes"].append("model.customer_lifecycle.fct_orders")
    return "exposures_read_what_is_published", "alert_feed reads fct_orders"


def spoil_private(manifest):
    model(manifest, "lifecycle_alerts")["access"] = "protected"
    return "exposures_read_what_is_published", "alert_feed reads lifecycle_alerts"


def spoil_access(manifest):
    model(manifest, "rejected_rows")["access"] = "protected"
    return "published_models_are_public_and_in_a_group", "rejected_rows"


def spoil_group(manifest):
    model(manifest, "brand_settings")["group"] = None
    return "published_models_are_public_and_in_a_group", "brand_settings"


def spoil_source_column(manifest):
    [source] = [source for key, source in manifest["sources"].items() if key.endswith(".orders")]
    source["columns"]["status"]["description"] = " "
    return "sources_are_described", "orders.status"


def spoil_source_columns(manifest):
    [source] = [source for key, source in manifest["sources"].items() if key.endswith(".orders")]
    del source["columns"]["status"]
    return "sources_have_the_columns_of_the_sample", "orders.status"


def spoil_contract(manifest):
    model(manifest, "customers")["config"]["contract"]["enforced"] = False
    return "has_a_contract", "customers"


def spoil_leaf(manifest):
    for node in manifest["nodes"].values():
        nodes = node["depends_on"].get("nodes", [])
        if node["resource_type"] != "test" and "model.customer_lifecycle.fct_carts" in nodes:
            nodes.remove("model.customer_lifecycle.fct_carts")
    return "is_read_by_something", "fct_carts"


def spoil_loops(manifest):
    for node in manifest["nodes"].values():
        if node["resource_type"] == "model":
            node["raw_code"] += "{% for x in y %}{% endfor %}"
    return "few_models_have_a_loop", "customers"


def spoil_reason(manifest):
    model(manifest, "customers")["raw_code"] = "{% for x in y %}{% endfor %} -- a comment"
    return "loops_say_why", "customers"


def spoil_length(manifest):
    model(manifest, "customers")["raw_code"] += "\nselect 1" * structure_rules.MOST_LINES
    return "models_are_short", "customers"


def spoil_coverage(manifest):
    for key in [key for key, node in manifest["nodes"].items() if node["resource_type"] == "test"]:
        if manifest["nodes"][key].get("attached_node") == "model.customer_lifecycle.cart_recovery":
            del manifest["nodes"][key]
    return "enough_models_are_tested", "marts"


def spoil_star(manifest):
    model(manifest, "customers")["raw_code"] += "\nselect * from final\n"
    return "marts_list_their_columns", "customers"


@pytest.mark.parametrize(
    "spoil",
    [function for name, function in list(globals().items()) if name.startswith("spoil_")],
    ids=lambda function: function.__name__.removeprefix("spoil_"),
)
def test_broken_rule_is_found(manifest, spoil):
    """Each of these mistakes is named by its rule."""
    spoilt = copy.deepcopy(
        {
            kind: manifest[kind]
            for kind in ("nodes", "sources", "macros", "exposures", "semantic_models", "metrics", "docs")
        }
    )
    rule, broken = spoil(spoilt)
    assert broken in set(RULES[rule](Structure(spoilt)))
    assert broken not in exceptions_of(rule)
