"""Rules of loyalty in words: the settings have them as the macro rule_text writes them."""

from __future__ import annotations

import re

from customer_lifecycle.reporting.page import Writer

COMPARISON = re.compile(
    r"(?:(?P<name>.+): )?(?P<metric>[a-z][a-z0-9_]*) (?P<op>>=|<=|!=|>|<|=) (?P<value>\S+)", re.DOTALL
)
GROUP = re.compile(r"(?P<kind>all|any|at least (?P<least>\d+)) of \((?P<parts>.*)\)|not \((?P<part>.*)\)", re.DOTALL)
MONEY = {
    "lifetime_net_revenue",
    "average_order_value",
    "net_revenue_365d",
    "monthly_recurring_amount",
    "historical_clv",
    "net_clv",
    "acquisition_cost",
    "retention_cost",
    "expected_order_value",
    "predicted_clv_365d",
    "value_at_stake",
}
SHARES = {"discounted_order_share", "p_alive", "p_order_90d", "p_order_365d", "churn_probability"}


def rule_in_words(writer: Writer, rule: str) -> str:
    """Say in a sentence of the page's language when a customer is loyal; give the rule as it is written, if a name in
    it keeps it from being read.
    """
    t = writer.t
    kind, parts, least = _taken_apart(rule)
    if kind == "not":
        kind, parts = "one", [rule]
    words = [_words(writer, part) for part in parts]
    if None in words:
        return t("loyalty.rule", rule=rule)
    return t(f"loyalty.rule.{kind}", parts=t("rule.between_parts").join(map(str, words)), least=least)


def comparison_in_words(writer: Writer, metric: str, op: str, value: float) -> str:
    """Give a comparison of a metric of `customers` in the words of the page's language, such as Orders: at least 3."""
    t = writer.t
    name = metric_name(writer, metric)
    if f"metric.{metric}.true" in t.words:
        is_asked = bool(value) == (op == "=")
        return t(f"metric.{metric}.{'true' if is_asked else 'false'}")
    if metric in MONEY:
        written = t.money(value)
    elif metric in SHARES:
        written = t.percent(value, 0 if round(value * 100, 6) % 1 == 0 else 1)
    else:
        written = t.exact(value)
    return t(f"rule.{op}", metric=name, value=written)


def criterion_in_words(writer: Writer, criterion: str, metric: str, op: str, value: float) -> str:
    """Give the name that the brand gave a comparison, in the brand's own language; without one, the comparison in
    words."""
    if criterion.startswith(f"{metric} {op} "):
        return comparison_in_words(writer, metric, op, value)
    return criterion


def metric_name(writer: Writer, metric: str) -> str:
    """Give the name of a metric of `customers`: that of the glossary, or else the report's own."""
    term = writer.term("customers", metric)
    return term["label"] if term else writer.t.name("metric", metric)


def _words(writer: Writer, rule: str, is_inner: bool = False) -> str | None:
    """Give a part of a rule in words, in brackets if another group holds it; None if it cannot be taken apart."""
    t = writer.t
    kind, parts, least = _taken_apart(rule)
    if kind != "one":
        said = [_words(writer, part, is_inner=kind in ("all", "any")) for part in parts]
        if None in said:
            return None
        if kind in ("all", "any"):
            joined = t(f"rule.between_{kind}").join(map(str, said))
            return t("rule.inner", parts=joined) if is_inner else joined
        return t(f"rule.{kind}", parts=t("rule.between_parts").join(map(str, said)), least=least)
    comparison = COMPARISON.fullmatch(rule)
    if comparison is None or "; " in (comparison["name"] or ""):
        return None
    try:
        value = float({"true": "1", "false": "0"}.get(comparison["value"], comparison["value"]))
    except ValueError:
        return None
    words = comparison_in_words(writer, comparison["metric"], comparison["op"], value)
    return t("rule.named", name=comparison["name"], comparison=words) if comparison["name"] else words


def _taken_apart(rule: str) -> tuple[str, list[str], str | None]:
    """Give what kind of group a rule is, its parts, and how many of them must hold; `one` for a comparison."""
    group = GROUP.fullmatch(rule)
    if group is None:
        return "one", [rule], None
    if group["part"] is not None:
        return "not", [group["part"]], None
    return "at_least" if group["least"] else group["kind"], _parts(group["parts"]), group["least"]


def _parts(text: str) -> list[str]:
    """Give the parts of a group: what semicolons outside of brackets separate."""
    parts, depth, start = [], 0, 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if not depth and text.startswith("; ", place):
            parts.append(text[start:place])
            start = place + 2
    return [*parts, text[start:]]
