"""What a message says: a digest of a brand's new alerts, one alert, or a notice."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

Alert = Mapping[str, Any]
"""A row of marts.lifecycle_alerts, with value_at_stake, currency and as_of_date beside it."""

Message = dict[str, Any]
"""What a channel sends: kind, idempotency_key, title and text for people; the rest is for programs."""

LONGEST_TITLE = 200
LONGEST_LINE = 500
ROWS = 20
SEVERITIES = ("high", "normal")
# invisible, and part of how some scripts and emoji are written
JOINERS = "\u200c\u200d"
# in a chat these would call everybody
CALLS = re.compile(r"@(?=(?:all|channel|everyone|here)\b)", re.IGNORECASE)


def one_line(text: Any, longest: int = LONGEST_LINE) -> str:
    """A text on one line, without characters that control what shows it: line breaks, escapes, changes of direction.

    Identifiers come from shops and forms: one with a line break would add a header to a mail, or a line to a log.
    """
    shown = []
    for character in str(text):
        category = unicodedata.category(character)
        if category in ("Cc", "Zl", "Zp"):
            shown.append(" ")
        elif category == "Cs":
            shown.append("\ufffd")
        elif category != "Cf" or character in JOINERS:
            shown.append(character)
    line = " ".join("".join(shown).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def for_chat(text: str) -> str:
    """A text in which nothing is markup to a chat: no tag, no link under another name, no call of everybody."""
    return CALLS.sub("@\u2060", text.replace("<", "‹").replace(">", "›"))


def without_prompt(alert: Alert) -> dict[str, Any]:
    """An alert about somebody who may not be written to, without the action that it proposes; any other as it is."""
    if alert.get("is_contactable") is False:
        return {**alert, "action_code": None, "action": None}
    return dict(alert)


def gravest_first(alerts: Iterable[Alert]) -> list[Alert]:
    """High before normal, those of the brand before those of customers, then by value at stake, then the oldest."""
    return sorted(
        alerts,
        key=lambda alert: (
            _rank(alert.get("severity")),
            alert.get("customer_id") is not None,
            -float(alert.get("value_at_stake") or 0),
            str(alert.get("since")),
            alert["alert_id"],
        ),
    )


def digest_key(alert_ids: Iterable[str]) -> str:
    """The name of a digest: the same alerts give the same one, in whatever order."""
    return _key("digest", sorted(alert_ids))


def message_of_alert(alert: Alert) -> Message:
    """The message of one alert: its row, with a title and a text."""
    alert = without_prompt(alert)
    lines = [one_line(alert.get("message") or "")]
    if alert.get("value_at_stake") is not None:
        lines.append(f"At stake: {money(alert['value_at_stake'], alert.get('currency'))}.")
    if alert.get("is_contactable") is False:
        lines.append("Has not agreed to be written to.")
    elif alert.get("action"):
        lines.append(f"Proposed: {one_line(alert['action'])}.")
    if alert.get("as_of_date"):
        lines.append(f"As of {plain(alert['as_of_date'])}.")
    return {
        **plain_row(alert),
        "kind": "alert",
        "idempotency_key": alert["alert_id"],
        "title": one_line(f"[{alert['brand_id']}] {alert['alert_type']}: {about(alert)}", LONGEST_TITLE),
        "text": "\n".join(line for line in lines if line),
    }


def digest(key: str, alerts: Sequence[Alert], rows: int = ROWS) -> Message:
    """One message of all the alerts of a brand: how many of each type, what is at stake, and the gravest one by one.

    Takes: its idempotency key; the alerts, all of one brand; how many of them are listed.
    """
    ordered = [without_prompt(alert) for alert in gravest_first(alerts)]
    first = ordered[0]
    brand, currency, day = first["brand_id"], first.get("currency"), first.get("as_of_date")
    groups = groups_of(ordered)
    stake = at_stake(ordered)
    high = sum(alert.get("severity") == SEVERITIES[0] for alert in ordered)
    title = f"[{brand}] {count(len(ordered), 'new alert')}"
    title += f", {high} of high severity" if high else ""
    title += f", {money(stake, currency)} at stake" if stake is not None else ""
    title += f", as of {plain(day)}" if day else ""
    lines = []
    for group in groups:
        line = f"{group['alert_type']} ({group['severity']}): {group['alerts']}"
        if group["value_at_stake"] is not None:
            line += f", {money(group['value_at_stake'], currency)} at stake"
        lines.append(one_line(line))
    lines.append("")
    lines += [line_of(alert, currency) for alert in ordered[:rows]]
    more = len(ordered) - min(rows, len(ordered))
    if more:
        lines.append(f"and {more} more")
    return {
        "kind": "digest",
        "idempotency_key": key,
        "title": one_line(title, LONGEST_TITLE),
        "text": "\n".join(lines),
        "brand_id": brand,
        "currency": currency,
        "as_of_date": plain(day),
        "alert_count": len(ordered),
        "value_at_stake": stake,
        "groups": groups,
        "alerts": [plain_row(alert) for alert in ordered[:rows]],
        "more_alerts": more,
        "alert_ids": [alert["alert_id"] for alert in ordered],
    }


def parked_notice(alerts: Sequence[Alert], tries: int) -> Message:
    """Says of alerts that they are no longer tried. It repeats nothing of their text, which may be why they failed."""
    ids = sorted(alert["alert_id"] for alert in alerts)
    kinds = sorted({(one_line(alert["brand_id"]), one_line(alert["alert_type"])) for alert in alerts})
    lines = [
        f"{count(len(ids), 'alert')} could not be delivered in {tries} tries, and will not be tried again: "
        + ", ".join(f"{kind} of {brand}" for brand, kind in kinds[:ROWS])
        + ".",
        "See them: lifecycle alerts --parked. Try them again: lifecycle alerts --unpark ALERT_ID",
        *ids[:ROWS],
    ]
    if len(ids) > ROWS:
        lines.append(f"and {len(ids) - ROWS} more")
    return {
        "kind": "notice",
        "idempotency_key": _key("parked", ids),
        "alert_ids": ids,
        "title": f"{count(len(ids), 'alert')} could not be delivered",
        "text": "\n".join(lines),
    }


def failure_notice(pipeline: str, task: str | None, day: str | None, run: str, link: str | None) -> Message:
    """Says that a run failed, where, of which day, and where its log is. No text of an error: that may hold
    anything."""
    lines = [
        f"Failed: {task or 'no task, but the run as a whole'}.",
        f"Day: {day or 'not known'}.",
        f"Run: {run}.",
        f"Log: {link}" if link else "",
        "Readers see what they saw before.",
    ]
    return {
        "kind": "failure",
        "idempotency_key": _key("failure", [pipeline, run, task or "", link or ""]),
        "title": one_line(f"{pipeline} failed: {task or 'the run'}" + (f", as of {day}" if day else ""), LONGEST_TITLE),
        "text": "\n".join(one_line(line) for line in lines if line),
        "pipeline": pipeline,
        "task": task,
        "as_of_date": day,
        "run": run,
        "log_url": link,
    }


def groups_of(alerts: Iterable[Alert]) -> list[dict[str, Any]]:
    """Alerts by type, the gravest types first: how many, of how many customers, and what is at stake."""
    by_type: dict[str, list[Alert]] = defaultdict(list)
    for alert in alerts:
        by_type[alert["alert_type"]].append(alert)
    groups = [
        {
            "alert_type": name,
            "severity": min((str(alert.get("severity")) for alert in found), key=_rank),
            "alerts": len(found),
            "value_at_stake": at_stake(found),
            "customers": len({alert["customer_id"] for alert in found if alert.get("customer_id") is not None}),
        }
        for name, found in by_type.items()
    ]
    return sorted(
        groups,
        key=lambda group: (
            _rank(group["severity"]),
            group["customers"] > 0,
            -(group["value_at_stake"] or 0),
            group["alert_type"],
        ),
    )


def at_stake(alerts: Iterable[Alert]) -> float | None:
    """What is at stake with the customers that alerts are about, each counted once; none where no alert says it."""
    values = {
        alert.get("customer_id"): float(alert["value_at_stake"])
        for alert in alerts
        if alert.get("value_at_stake") is not None
    }
    return sum(values.values()) if values else None


def line_of(alert: Alert, currency: str | None) -> str:
    """An alert on one line."""
    line = f"{alert['alert_type']}: {about(alert)}"
    if alert.get("value_at_stake") is not None:
        line += f" ({money(alert['value_at_stake'], currency)})"
    line += f": {alert.get('message') or ''}"
    if alert.get("is_contactable") is False:
        line += " Has not agreed to be written to."
    elif alert.get("action"):
        line += f" Proposed: {alert['action']}."
    return one_line(line)


def about(alert: Alert) -> str:
    """What an alert is about, and of whom."""
    customer = alert.get("customer_id")
    customer = customer if customer != alert.get("subject") else None
    return " of ".join(str(name) for name in (alert.get("subject"), customer) if name) or "the brand"


def money(value: Any, currency: str | None) -> str:
    """An amount as people read it."""
    amount = float(value)
    figure = f"{amount:,.0f}" if abs(amount) >= 1000 or amount == round(amount) else f"{amount:,.2f}"
    return one_line(f"{figure} {currency}" if currency else figure)


def count(number: int, noun: str) -> str:
    """A number of something, in the singular or plural."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


def plain_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as JSON has it."""
    return {name: plain(value) for name, value in row.items()}


def _key(kind: str, names: Iterable[str]) -> str:
    """A name for a message about these."""
    return f"{kind}-" + hashlib.sha256("\n".join(names).encode("utf-8", "replace")).hexdigest()[:32]


def _rank(severity: Any) -> int:
    """The place of a severity, the gravest first; one that is not known comes last."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)
