"""Rules for how the project is laid out, in the spirit of dbt-project-evaluator, over dbt's manifest.

A rule is a function that gives the names of what breaks it. `LAYERS` says which layer a model belongs to; where models
move to other folders, it is all that changes.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import project

PROJECT = "customer_lifecycle"


class Layer:
    """What models of a folder may be called and read.

    Takes: a pattern of paths below models/; a pattern of names; the layers and kinds of nodes that it may read.
    """

    def __init__(self, path: str, name: str, reads: str) -> None:
        self.path, self.name, self.reads = re.compile(path), re.compile(name), set(reads.split())


# The first layer whose path fits is a model's.
LAYERS: dict[str, Layer] = {
    "base": Layer(r"staging/base/", r"base_[a-z_]+", "raw base reference"),
    "staging": Layer(r"staging/", r"stg_[a-z_]+", "base reference"),
    "facts": Layer(r"facts/", r"(fct|int)_[a-z_]+", "staging reference facts"),
    "marts": Layer(r"marts/", r"(?!(fct|int|stg|base|dim|mart)_)[a-z_]+", "facts marts reference snapshot"),
    "findings": Layer(r"quality/findings/int_", r"int_[a-z_]+", "base staging facts quality reference"),
    "quality": Layer(r"quality/", r"(?!(fct|int|stg|base)_)[a-z_]+", "base staging facts quality findings reference"),
    "reference": Layer(r"reference/", r"(?!(fct|int|stg|base)_)[a-z_]+", "reference"),
    "semantic": Layer(r"semantic/", r"(?!(fct|int|stg|base)_)[a-z_]+", "reference facts"),
}
PUBLISHED = ("marts", "quality", "reference", "semantic")  # layers that readers see
CONTRACTED = ("marts", "quality")
# where a layer has a schema of another name
SCHEMAS = {"base": "staging", "findings": "staging", "semantic": "reference"}

# A count that may fall and not rise: lower it when it does.
MOST_LINES = 387  # of a model: lifecycle_alerts, which names the columns of each of its eleven alerts
MOST_PARENTS = 5  # of a model
MOST_VIEWS_IN_A_ROW = 3
MOST_LOOPS = 0.182  # share of models with a {% for %}
LEAST_TESTED = {"base": 0.0, "staging": 0.8, "facts": 0.96, "marts": 1.0, "quality": 1.0, "reference": 0.5}

JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
RELATION = re.compile(r"\b(?:from|join)\s+(\"?[a-z_]\w*\"?(?:\.\"?\w+\"?)+)", re.IGNORECASE)
IMPLEMENTATION = re.compile(
    r"(default|duckdb|postgres|spark|bigquery|databricks|redshift|snowflake)__|_|test_|materialization_"
)

Node = dict[str, Any]
Rule = Callable[["Structure"], Iterator[str]]
RULES: dict[str, Rule] = {}


def rule(function: Rule) -> Rule:
    """Registers a rule under the function's name."""
    RULES[function.__name__] = function
    return function


class Structure:
    """A manifest as written to manifest.json, with what the rules ask of it."""

    def __init__(self, manifest: dict[str, Any]) -> None:
        self.manifest = manifest
        self.nodes: dict[str, Node] = {**manifest["nodes"], **manifest["sources"]}
        self.models = self.of("model")

    def of(self, kind: str) -> dict[str, Node]:
        """The nodes of a kind, by id."""
        return {
            key: node
            for key, node in self.manifest["nodes"].items()
            if node["resource_type"] == kind and node["package_name"] == PROJECT
        }

    def layer(self, node: Node) -> str:
        """The layer of a model; raw or reference for a seed or source; of another node its kind."""
        if is_raw(node):
            return "raw"
        if node["resource_type"] != "model":
            return "reference" if node["resource_type"] == "seed" else node["resource_type"]
        path = node["original_file_path"].removeprefix("models/")
        return next((name for name, layer in LAYERS.items() if layer.path.match(path)), "")

    def parents(self, node: Node) -> list[Node]:
        """What a node reads."""
        return [self.nodes[key] for key in node["depends_on"].get("nodes", []) if key in self.nodes]

    @cached_property
    def children(self) -> dict[str, list[Node]]:
        """The models, snapshots and analyses that read a node, by its id; exposures and metrics, too."""
        found: dict[str, list[Node]] = defaultdict(list)
        readers = [
            node
            for node in self.manifest["nodes"].values()
            if node["resource_type"] in ("model", "snapshot", "analysis")
        ]
        readers += [
            node for kind in ("exposures", "semantic_models", "metrics") for node in self.manifest[kind].values()
        ]
        for node in readers:
            for key in node["depends_on"].get("nodes", []):
                found[key].append(node)
        return found

    @cached_property
    def tests(self) -> dict[str, list[Node]]:
        """The data tests of a node, by its id."""
        found: dict[str, list[Node]] = defaultdict(list)
        for test in self.of("test").values():
            if test.get("attached_node"):
                found[test["attached_node"]].append(test)
        return found

    @cached_property
    def macros(self) -> list[Node]:
        """The project's macros."""
        return [macro for macro in self.manifest["macros"].values() if macro["package_name"] == PROJECT]

    def key(self, node: Node) -> set[str] | None:
        """The columns of the key that a test holds, none without one."""
        for test in self.tests[node["unique_id"]]:
            metadata = test.get("test_metadata") or {}
            if metadata.get("name") == "unique_key":
                return set(metadata["kwargs"]["columns"])
            if metadata.get("name") == "unique":
                return {test["column_name"]}
        return None


# What reads what


@rule
def reads_only_what_its_layer_may(structure: Structure) -> Iterator[str]:
    """Data flows one way: raw, base, staging, facts, marts."""
    for node in structure.models.values():
        layer = structure.layer(node)
        if layer:
            for parent in structure.parents(node):
                if structure.layer(parent) not in LAYERS[layer].reads | {layer} - {"staging"}:
                    yield f"{node['name']} reads {parent['name']}"


@rule
def is_in_a_layer(structure: Structure) -> Iterator[str]:
    """No model lies outside the folders of the layers."""
    return (node["name"] for node in structure.models.values() if not structure.layer(node))


@rule
def reads_something(structure: Structure) -> Iterator[str]:
    """No model comes from nowhere."""
    return (node["name"] for node in structure.models.values() if not node["depends_on"]["nodes"])


@rule
def base_reads_one_raw_table(structure: Structure) -> Iterator[str]:
    """Joins come later."""
    for node in structure.models.values():
        raw = [parent for parent in structure.parents(node) if is_raw(parent)]
        if len(raw) > 1:
            yield node["name"]


@rule
def raw_table_is_read_once(structure: Structure) -> Iterator[str]:
    """One base model for each, and nothing past it."""
    for key, node in structure.nodes.items():
        readers = [child for child in structure.children[key] if child["resource_type"] == "model"]
        if is_raw(node) and len(readers) > 1:
            yield node["name"]


def is_raw(node: Node) -> bool:
    """Whether a node is a raw table: a source, or the sample's seed in its place."""
    return node["resource_type"] == "source" or (node["resource_type"] == "seed" and node["name"].startswith("raw_"))


@rule
def sources_are_all_different(structure: Structure) -> Iterator[str]:
    """No two names for one table."""
    relations = Counter(source["relation_name"] for source in structure.manifest["sources"].values())
    return (relation for relation, count in relations.items() if count > 1)


@rule
def staging_models_do_not_read_each_other(structure: Structure) -> Iterator[str]:
    """What joins two of them is a fact."""
    for node in structure.models.values():
        for parent in structure.parents(node):
            if structure.layer(node) == structure.layer(parent) == "staging":
                yield f"{node['name']} reads {parent['name']}"


@rule
def is_read_by_something(structure: Structure) -> Iterator[str]:
    """No model of an inner layer is made for nobody."""
    for key, node in structure.models.items():
        if structure.layer(node) not in PUBLISHED and not structure.children[key]:
            yield node["name"]


@rule
def does_not_read_a_parent_twice(structure: Structure) -> Iterator[str]:
    """A step that only one model reads is not joined with its own parent there: it belongs in one of the two."""
    for node in structure.models.values():
        parents = structure.parents(node)
        for step in parents:
            if step["resource_type"] == "model" and len(structure.children[step["unique_id"]]) == 1:
                above = structure.parents(step)
                if len(above) == 1 and above[0] in parents:
                    yield f"{node['name']} reads {step['name']} and {above[0]['name']}"


@rule
def reads_few(structure: Structure) -> Iterator[str]:
    """A model of many parents is hard to follow."""
    return (node["name"] for node in structure.models.values() if len(node["depends_on"]["nodes"]) > MOST_PARENTS)


@rule
def views_do_not_pile_up(structure: Structure) -> Iterator[str]:
    """A chain of views is worked out anew wherever it is read."""

    def views(node: Node) -> int:
        if node["resource_type"] != "model" or node["config"]["materialized"] != "view":
            return 0
        return 1 + max(map(views, structure.parents(node)), default=0)

    return (node["name"] for node in structure.models.values() if views(node) > MOST_VIEWS_IN_A_ROW)


@rule
def exposures_read_what_is_published(structure: Structure) -> Iterator[str]:
    """Nothing outside of dbt reads an inner layer, or a model that is not public."""
    for exposure in structure.manifest["exposures"].values():
        for parent in structure.parents(exposure):
            inner = structure.layer(parent) not in PUBLISHED
            private = parent["resource_type"] == "model" and parent["access"] != "public"
            if inner or private:
                yield f"{exposure['name']} reads {parent['name']}"


@rule
def exposures_read_something(structure: Structure) -> Iterator[str]:
    """An exposure without a model says nothing."""
    return (e["name"] for e in structure.manifest["exposures"].values() if not e["depends_on"]["nodes"])


@rule
def exposures_have_an_owner(structure: Structure) -> Iterator[str]:
    """Somebody to ask before a mart changes."""
    return (e["name"] for e in structure.manifest["exposures"].values() if not any((e["owner"] or {}).values()))


@rule
def published_models_are_public_and_in_a_group(structure: Structure) -> Iterator[str]:
    """What other projects may read, and who answers for it."""
    for node in structure.models.values():
        if structure.layer(node) in PUBLISHED and (node["access"] != "public" or not node["group"]):
            yield node["name"]


@rule
def inner_models_are_not_public(structure: Structure) -> Iterator[str]:
    """Other projects read marts."""
    for node in structure.models.values():
        if structure.layer(node) not in PUBLISHED and node["access"] == "public":
            yield node["name"]


# Names and places


@rule
def name_fits_its_layer(structure: Structure) -> Iterator[str]:
    """base_, stg_, fct_ or int_; marts are plain nouns."""
    for node in structure.models.values():
        layer = structure.layer(node)
        if layer and not LAYERS[layer].name.fullmatch(node["name"]):
            yield node["name"]


@rule
def file_has_the_name_of_its_model(structure: Structure) -> Iterator[str]:
    """A search for the table's name finds the file."""
    return (node["name"] for node in structure.models.values() if Path(node["path"]).stem != node["alias"])


@rule
def schema_fits_its_layer(structure: Structure) -> Iterator[str]:
    """The warehouse shows the layers as the folders do."""
    for node in structure.models.values():
        layer = structure.layer(node)
        if node["config"]["schema"] != SCHEMAS.get(layer, layer):
            yield node["name"]


@rule
def properties_lie_beside_the_model(structure: Structure) -> Iterator[str]:
    """The description of a model is in the model's folder, or in that of its layer."""
    for node in structure.models.values():
        folder = Path((node["patch_path"] or "").partition("://")[2]).parent
        if folder == Path("models") or folder not in Path(node["original_file_path"]).parents:
            yield node["name"]


@rule
def file_has_one_public_macro_of_its_name(structure: Structure) -> Iterator[str]:
    """A search for the macro's name finds the file. Private ones begin with `_`, implementations with the adapter."""
    public: dict[str, list[str]] = defaultdict(list)
    for macro in structure.macros:
        if not IMPLEMENTATION.match(macro["name"]):
            public[macro["original_file_path"]].append(macro["name"])
    for path, names in public.items():
        if names != [Path(path).stem]:
            yield path


@rule
def macro_is_described(structure: Structure) -> Iterator[str]:
    """Every public macro, in the _macros.yml of its folder."""
    return (
        macro["name"]
        for macro in structure.macros
        if not IMPLEMENTATION.match(macro["name"]) and not macro["description"]
    )


# How the SQL is written


def raw_code(node: Node) -> str:
    """A node's code without comments."""
    return re.sub(r"--.*", "", re.sub(r"\{#.*?#\}", "", node["raw_code"], flags=re.DOTALL))


@rule
def names_no_table_outright(structure: Structure) -> Iterator[str]:
    """ref and source alone: dbt knows what is read."""
    for node in [*structure.models.values(), *structure.of("snapshot").values(), *structure.of("analysis").values()]:
        for relation in RELATION.findall(JINJA.sub("x", raw_code(node))):
            yield f"{node['name']} reads {relation}"


@rule
def refs_are_written_out(structure: Structure) -> Iterator[str]:
    """A search for a model's name finds who reads it: no name is put together."""
    for node in [*structure.models.values(), *structure.of("snapshot").values(), *structure.of("analysis").values()]:
        if re.search(r"\bref\([^)]*~", raw_code(node)) or re.search(r"\bref\(\s*[a-z_]+\b(?!['\"])", raw_code(node)):
            yield node["name"]


@rule
def macros_read_no_model(structure: Structure) -> Iterator[str]:
    """A model shows all that it reads."""
    return (macro["name"] for macro in structure.macros if re.search(r"\bref\(", macro["macro_sql"]))


@rule
def models_differ_by_no_adapter(structure: Structure) -> Iterator[str]:
    """Differences of dialects are macros in macros/cross_db."""
    return (node["name"] for node in structure.models.values() if "target.type" in raw_code(node))


@rule
def marts_list_their_columns(structure: Structure) -> Iterator[str]:
    """The last select of what readers see names every column."""
    for node in structure.models.values():
        if structure.layer(node) in CONTRACTED and re.search(r"select\s+\*\s+from\s+\w+\s*$", raw_code(node).strip()):
            yield node["name"]


@rule
def few_models_have_a_loop(structure: Structure) -> Iterator[str]:
    """SQL that is written out is read from top to bottom. Counted, as a share; who it is, if there are too many."""
    found = [node["name"] for node in structure.models.values() if re.search(r"\{%-?\s*for\b", raw_code(node))]
    return iter(found if len(found) > MOST_LOOPS * len(structure.models) else [])


@rule
def loops_say_why(structure: Structure) -> Iterator[str]:
    """A model with a loop has a comment in Jinja that says what the loop saves."""
    for node in structure.models.values():
        if re.search(r"\{%-?\s*for\b", raw_code(node)) and "{#" not in node["raw_code"]:
            yield node["name"]


@rule
def models_are_short(structure: Structure) -> Iterator[str]:
    """What takes more lines is two models."""
    return (
        node["name"] for node in structure.models.values() if len(node["raw_code"].strip().splitlines()) > MOST_LINES
    )


# What is said of them, and what holds


@rule
def is_described(structure: Structure) -> Iterator[str]:
    """Every model, seed, snapshot and exposure."""
    nodes = [*structure.models.values(), *structure.of("seed").values(), *structure.of("snapshot").values()]
    return (
        node["name"] for node in [*nodes, *structure.manifest["exposures"].values()] if not node["description"].strip()
    )


@rule
def sources_are_described(structure: Structure) -> Iterator[str]:
    """The raw tables, and each of their columns, too."""
    for source in structure.manifest["sources"].values():
        if not source["description"].strip():
            yield source["name"]
        for name, column in source["columns"].items():
            if not column["description"].strip():
                yield f"{source['name']}.{name}"


@rule
def sources_have_the_columns_of_the_sample(structure: Structure) -> Iterator[str]:
    """A raw table is the same wherever it is read from."""
    seeds = {node["name"]: set(node["config"]["column_types"]) for node in structure.of("seed").values()}
    for source in structure.manifest["sources"].values():
        for name in sorted(set(source["columns"]) ^ seeds[f"raw_{source['name']}"]):
            yield f"{source['name']}.{name}"


@rule
def published_columns_are_described(structure: Structure) -> Iterator[str]:
    """Every column that readers see; the description is the comment in the warehouse."""
    for node in structure.models.values():
        if structure.layer(node) in PUBLISHED:
            if not node["columns"]:
                yield node["name"]
            for name, column in node["columns"].items():
                if not column["description"].strip():
                    yield f"{node['name']}.{name}"


@rule
def has_a_contract(structure: Structure) -> Iterator[str]:
    """Names and types of what readers see are checked by every build."""
    for node in structure.models.values():
        if structure.layer(node) in CONTRACTED and not node["config"]["contract"]["enforced"]:
            yield node["name"]


@rule
def is_a_table(structure: Structure) -> Iterator[str]:
    """What readers see is worked out before they ask."""
    for node in structure.models.values():
        if structure.layer(node) in PUBLISHED and node["config"]["materialized"] not in ("table", "incremental"):
            yield node["name"]


@rule
def has_a_tested_key(structure: Structure) -> Iterator[str]:
    """`unique_key` or `unique` says what a row is. Base models and findings hold rows before they are made unique."""
    for node in structure.models.values():
        if structure.layer(node) not in ("base", "findings") and not structure.key(node):
            yield node["name"]


@rule
def key_is_never_null(structure: Structure) -> Iterator[str]:
    """Of the columns of a tested key, those that may be null. A null is equal to nothing, and so never twice."""
    for node in structure.models.values():
        not_null = {
            column
            for test in structure.tests[node["unique_id"]]
            if (test.get("test_metadata") or {}).get("name") == "never_null"
            for column in test["test_metadata"]["kwargs"]["columns"]
        }
        not_null |= {
            name
            for name, column in node["columns"].items()
            if any(constraint["type"] == "not_null" for constraint in column.get("constraints", []))
        }
        for column in sorted((structure.key(node) or set()) - not_null):
            yield f"{node['name']}.{column}"


@rule
def enough_models_are_tested(structure: Structure) -> Iterator[str]:
    """The share of a layer's models with a data test; the layers where it is too low."""
    for layer, least in LEAST_TESTED.items():
        models = [node for node in structure.models.values() if structure.layer(node) == layer]
        tested = [node for node in models if structure.tests[node["unique_id"]]]
        if len(tested) < least * len(models):
            yield layer


@rule
def singular_tests_are_described(structure: Structure) -> Iterator[str]:
    """A failing test says what it holds.

    dbt forgets what is said of a test's file when it parses that file again alone: `dbt parse --no-partial-parse`.
    """
    return (
        test["name"]
        for test in structure.of("test").values()
        if not test.get("test_metadata") and not test["description"]
    )


@rule
def description_blocks_are_used(structure: Structure) -> Iterator[str]:
    """A docs block that nothing quotes describes nothing."""
    text = "".join(
        path.read_text("utf-8")
        for folder in ("models", "seeds", "snapshots", "macros")
        for path in (project.ROOT / folder).rglob("*.yml")
    )
    quoted = set(re.findall(r"doc\(\s*['\"](\w+)['\"]", text)) | {"__overview__"}
    return (
        block["name"]
        for block in structure.manifest["docs"].values()
        if block["package_name"] == PROJECT and block["name"] not in quoted
    )
