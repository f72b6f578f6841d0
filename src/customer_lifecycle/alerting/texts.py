"""What a message says: a digest of a brand's new alerts, one alert, or a notice."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from customer_lifecycle.file_names import page_of_brand

from .words import Words

Alert = Mapping[str, Any]
"""A row of marts.lifecycle_alerts, with value_at_stake, currency, language, display_name and as_of_date beside it."""

Message = dict[str, Any]
"""What a channel sends: kind, idempotency_key, title and text for people; the rest is for programs."""

LONGEST_TITLE = 200
LONGEST_LINE = 500
# the alerts of each type that a digest lists, and the alerts that a notice does
ROWS = 5
NOTICED = 20
BULLET = "• "
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
        return {**alert, **dict.fromkeys(("action_code", "action", "action_ko", "action_zh") & alert.keys())}
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


def message_of_alert(alert: Alert, reports: str | None = None) -> Message:
    """The message of one alert: its row, with a title and a text. Takes: the address of the folder of reports."""
    alert, words = without_prompt(alert), Words(alert.get("language"))
    link = link_to(reports, alert["brand_id"])
    lines = [one_line(said(alert, "message", words))]
    if alert.get("value_at_stake") is not None:
        lines.append(words("at_stake", stake=words.money(alert["value_at_stake"], alert.get("currency"))))
    action = one_line(said(alert, "action", words))
    if alert.get("is_contactable") is False:
        lines.append(words("silent"))
    elif action:
        lines.append(words("proposed", action=action))
    if alert.get("as_of_date"):
        lines.append(words("as_of", day=words.day(alert["as_of_date"])))
    if link:
        lines.append(words("report", url=link))
    title = words(
        "title.alert",
        brand=name_of_brand(alert),
        type=words.name("alert", alert["alert_type"]),
        about=about(alert) or words("brand"),
    )
    return {
        **plain_row(alert),
        "kind": "alert",
        "idempotency_key": alert["alert_id"],
        "language": words.language,
        "title": one_line(title, LONGEST_TITLE),
        "text": "\n".join(line for line in lines if line),
        "report_url": link,
    }


def digest(key: str, alerts: Sequence[Alert], rows: int = ROWS, reports: str | None = None) -> Message:
    """One message of all the alerts of a brand, in its language: by type what happened, how many, what is at stake, the
    first of them by value at stake, and what to do.

    Takes: its idempotency key; the alerts, all of one brand; how many of each type are listed; the address of the
    folder of reports.
    """
    ordered = [without_prompt(alert) for alert in gravest_first(alerts)]
    first = ordered[0]
    brand, currency, day = first["brand_id"], first.get("currency"), first.get("as_of_date")
    words, link = Words(first.get("language")), link_to(reports, brand)
    stake = at_stake(ordered)
    high = sum(alert.get("severity") == SEVERITIES[0] for alert in ordered)
    title = words(
        "title",
        brand=name_of_brand(first),
        count=len(ordered),
        alerts=words("alerts.one" if len(ordered) == 1 else "alerts.more"),
        high=words("title.high", high=high) if high else "",
        stake=_at_stake(stake, currency, words),
        day=words("title.day", day=words.day(day)) if day else "",
    )
    groups = groups_of(ordered)
    lines: list[str] = []
    listed: list[Alert] = []
    for group in groups:
        of_type = [alert for alert in ordered if alert["alert_type"] == group["alert_type"]]
        listed += of_type[:rows]
        lines += [*block_of(group, of_type, rows, currency, words), ""]
    if link:
        lines.append(words("report", url=link))
    return {
        "kind": "digest",
        "idempotency_key": key,
        "title": one_line(title, LONGEST_TITLE),
        "text": "\n".join(lines).rstrip("\n"),
        "brand_id": brand,
        "display_name": first.get("display_name"),
        "language": words.language,
        "currency": currency,
        "as_of_date": plain(day),
        "alert_count": len(ordered),
        "value_at_stake": stake,
        "groups": groups,
        "alerts": [plain_row(alert) for alert in listed],
        "more_alerts": len(ordered) - len(listed),
        "alert_ids": [alert["alert_id"] for alert in ordered],
        "report_url": link,
    }


def block_of(
    group: Mapping[str, Any], alerts: Sequence[Alert], rows: int, currency: str | None, words: Words
) -> list[str]:
    """What a digest says of the alerts of one type, line by line: the first line is its heading."""
    heading = words(
        "group",
        type=words.name("alert", group["alert_type"]),
        severity=words.name("severity", group["severity"]),
        count=group["alerts"],
        stake=_at_stake(group["value_at_stake"], currency, words),
    )
    lines = [one_line(heading), words.words.get(f"happened.{group['alert_type']}", "")]
    lines += [BULLET + one_line(item_of(alert, currency, words)) for alert in alerts[:rows]]
    if len(alerts) > rows:
        lines.append(BULLET + words("more", more=len(alerts) - rows))
    asked = [alert for alert in alerts if alert.get("is_contactable") is not False]
    actions = Counter(action for alert in asked if (action := one_line(said(alert, "action", words))))
    if actions:
        named = [
            action if len(actions) == 1 and count == len(asked) else words("to_do.of", action=action, count=count)
            for action, count in sorted(actions.items(), key=lambda pair: (-pair[1], pair[0]))
        ]
        lines.append(one_line(words("to_do", actions=words("to_do.between").join(named))))
    if len(asked) < len(alerts):
        lines.append(words("silent.count", count=len(alerts) - len(asked)))
    return [line for line in lines if line]


def link_to(reports: str | None, brand_id: str) -> str | None:
    """The address of a brand's report; none where nobody has said where reports are."""
    return f"{reports.rstrip('/')}/{page_of_brand(brand_id)}" if reports else None


def parked_notice(alerts: Sequence[Alert], tries: int) -> Message:
    """Says of alerts that they are no longer tried. It repeats nothing of their text, which may be why they failed."""
    ids = sorted(alert["alert_id"] for alert in alerts)
    kinds = sorted({(one_line(alert["brand_id"]), one_line(alert["alert_type"])) for alert in alerts})
    lines = [
        f"{count(len(ids), 'alert')} could not be delivered in {tries} tries, and will not be tried again: "
        + ", ".join(f"{kind} of {brand}" for brand, kind in kinds[:NOTICED])
        + ".",
        "See them: lifecycle alerts --parked. Try them again: lifecycle alerts --unpark ALERT_ID",
        *ids[:NOTICED],
    ]
    if len(ids) > NOTICED:
        lines.append(f"and {len(ids) - NOTICED} more")
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


def said(alert: Alert, column: str, words: Words) -> str:
    """A text of the marts in the language of the words; in English, where a publication has none in that language."""
    return str(alert.get(f"{column}_{words.language}") or alert.get(column) or "")


def item_of(alert: Alert, currency: str | None, words: Words) -> str:
    """An alert on one line, under the heading of its type."""
    stake, subject, message = alert.get("value_at_stake"), about(alert), said(alert, "message", words)
    if not subject:
        return message
    shown = "" if stake is None else words("item.stake", stake=words.money(stake, currency))
    return words("item", about=subject, stake=shown, message=message)


def name_of_brand(alert: Alert) -> str:
    """What the brand of an alert calls itself, or else its id; publications of before that setting have no name."""
    return str(alert.get("display_name") or alert["brand_id"])


def about(alert: Alert) -> str:
    """Whom an alert is about, or else what; empty for one of the whole brand."""
    return str(alert.get("customer_id") or alert.get("subject") or "")


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


def _at_stake(stake: float | None, currency: str | None, words: Words) -> str:
    """What is at stake as the end of a line; nothing where nobody knows."""
    return "" if stake is None else words("title.stake", stake=words.money(stake, currency))


def _rank(severity: Any) -> int:
    """The place of a severity, the gravest first; one that is not known comes last."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)
