"""Which messages go out, so that no alert is lost, none is sent twice to a receiver that acknowledged it, and none that
always fails holds up the others.

What is sent is written down before, and that it was acknowledged after. Where the process stops in between, nobody
knows whether the receiver has it: the next run sends the same alerts under the same idempotency key, before all else.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from . import texts
from .channels import NOT_REACHED, REFUSED, UNKNOWN, Channel, DeliveryError
from .texts import Alert, Message, gravest_first

MODES = ("digest", "each")
TRIES = 5
# so many failures in a row end a run: of messages that nobody took, and of messages that the receiver did not want
UNANSWERED_IN_A_ROW = 3
REFUSED_IN_A_ROW = 10
# a digest that failed so often without a clear answer is taken apart
FAILURES_BEFORE_SPLIT = 2


class Record(ABC):
    """What is remembered of alerts from one run to the next."""

    @abstractmethod
    def described_alerts(self) -> list[dict[str, Any]]:
        """The alerts that hold, with value_at_stake, currency and as_of_date."""

    @abstractmethod
    def sent_alerts(self) -> set[str]:
        """The ids of all alerts that were sent."""

    @abstractmethod
    def mark_sent(self, alert_ids: Sequence[str]) -> None:
        """Records alerts as sent, and brings that to disk."""

    @abstractmethod
    def alert_events(self) -> list[dict[str, Any]]:
        """What was recorded of deliveries, in order."""

    @abstractmethod
    def record_alert_events(self, events: Iterable[Mapping[str, Any]]) -> None:
        """Records events of deliveries, and brings them to disk."""

    @abstractmethod
    def sending_lock(self, wait: float) -> AbstractContextManager[Any]:
        """The right to send, for one at a time. Raises where somebody else has it."""


@dataclass
class Parcel:
    """Alerts that go out together: one of them, or a digest."""

    key: str
    alert_ids: tuple[str, ...]
    is_digest: bool
    # how often it was sent before, and not acknowledged
    failures: int = 0
    # then it goes out as it was, for a receiver that has it to tell
    may_have_arrived: bool = True

    @property
    def is_single(self) -> bool:
        return len(self.alert_ids) == 1


@dataclass
class History:
    """What the recorded events amount to."""

    parcels: dict[str, Parcel] = field(default_factory=dict)
    tries: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, str] = field(default_factory=dict)
    noticed: set[str] = field(default_factory=set)
    suspected: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, events: Iterable[Mapping[str, Any]]) -> History:
        """Reads the events. Takes them in the order in which they were recorded."""
        history = cls()
        for event in events:
            kind, ids = event.get("event"), event.get("alert_ids", [])
            if kind == "sending":
                earlier = history.parcels.get(event["key"])
                history.parcels[event["key"]] = Parcel(
                    event["key"], tuple(ids), event["is_digest"], earlier.failures + 1 if earlier else 1
                )
            elif kind == "failed" and event.get("key") in history.parcels:
                history.parcels[event["key"]].may_have_arrived = event["kind"] == UNKNOWN
            elif kind == "split":
                history.parcels.pop(event.get("key", ""), None)
            elif kind == "suspected":
                history.suspected.update(ids)
            elif kind == "tried":
                for alert_id in ids:
                    history.tries[alert_id] += 1
                    history.reasons[alert_id] = event.get("reason", "")
            elif kind == "noticed":
                history.noticed.update(ids)
            elif kind == "unparked":
                for alert_id in ids:
                    history.tries.pop(alert_id, None)
                    history.noticed.discard(alert_id)
        return history

    @property
    def parked(self) -> set[str]:
        """The ids of alerts that are no longer tried."""
        return {alert_id for alert_id, tries in self.tries.items() if tries >= TRIES}


@dataclass
class Outcome:
    """What a run has done: how many alerts were sent, how many could not be, how many it has set aside."""

    sent: int = 0
    failed: int = 0
    newly_parked: int = 0
    gave_up: bool = False
    notice_failed: bool = False

    @property
    def is_complete(self) -> bool:
        return not (self.failed or self.notice_failed)

    def __str__(self) -> str:
        text = f"{texts.count(self.sent, 'alert')} sent, {self.failed} not"
        if self.newly_parked:
            text += f"; {self.newly_parked} of these set aside after {TRIES} tries: lifecycle alerts --parked"
        if self.gave_up:
            text += "; gave up for now, as one message after the other failed"
        if self.notice_failed:
            text += "; the notice of what is set aside could not be sent"
        return text


class Sender:
    """Sends the alerts that are new.

    Takes: where alerts are and what is remembered of them; how they go out; `digest` for one message a brand, `each`
    for one an alert; how many alerts of each type a digest lists; the address of the folder of reports, if messages are
    to link to them; whom to tell, line by line, what happens.
    """

    def __init__(
        self,
        record: Record,
        channel: Channel,
        mode: str = "digest",
        rows: int = texts.ROWS,
        reports: str | None = None,
        say: Callable[[str], None] = print,
    ) -> None:
        if mode not in MODES:
            raise ValueError(f"The mode of alerts is {mode!r}; it must be one of {', '.join(MODES)}.")
        self.record, self.channel, self.mode, self.rows, self.say = record, channel, mode, rows, say
        self.reports = reports

    def run(self, wait: float = 0) -> Outcome:
        """Sends what is new, says what it has set aside, and gives what it did. Raises where another sends."""
        with self.record.sending_lock(wait):
            return self._run()

    def _run(self) -> Outcome:
        outcome = Outcome()
        alerts = {alert["alert_id"]: alert for alert in self.record.described_alerts()}
        history = History.of(self.record.alert_events())
        done = self.record.sent_alerts() | history.parked
        pending = {alert_id: alert for alert_id, alert in alerts.items() if alert_id not in done}
        # the last is the next
        waiting = self._parcels(pending, history)[::-1]
        is_only_one = len(pending) == 1
        tried: dict[str, DeliveryError] = {}
        in_a_row: Counter[bool] = Counter()
        while waiting:
            parcel = waiting.pop()
            found = [pending[alert_id] for alert_id in parcel.alert_ids if alert_id in pending]
            try:
                self._send(parcel, found)
            except DeliveryError as error:
                self.say(f"{self._name_of(parcel, found)} was not sent: {error}")
                in_a_row[error.kind == REFUSED] += 1
                if parcel.is_single:
                    tried[parcel.alert_ids[0]] = error
                elif error.kind == REFUSED or (error.kind == UNKNOWN and parcel.failures >= FAILURES_BEFORE_SPLIT):
                    # one alert in it may be what the receiver does not take
                    waiting += self._halves(parcel, found)
                if in_a_row[False] >= UNANSWERED_IN_A_ROW or sum(in_a_row.values()) >= REFUSED_IN_A_ROW:
                    outcome.gave_up = bool(waiting)
                    break
            else:
                outcome.sent += len(found)
                in_a_row.clear()
        outcome.failed = len(pending) - outcome.sent
        # where the receiver took nothing at all, that is not for an alert's own sake, unless it was so before
        reasons = {
            alert_id: str(error)
            for alert_id, error in tried.items()
            if (outcome.sent and error.kind != NOT_REACHED)
            or (error.kind == REFUSED and (is_only_one or history.tries[alert_id]))
        }
        self.record.record_alert_events(
            [
                *({"event": "suspected", "alert_ids": [alert_id]} for alert_id in tried.keys() - reasons.keys()),
                *(
                    {"event": "tried", "alert_ids": [alert_id], "reason": reason}
                    for alert_id, reason in reasons.items()
                ),
            ]
        )
        history.tries.update(reasons.keys())
        outcome.newly_parked = len(history.parked & reasons.keys())
        self._tell_of_parked(history, alerts, outcome)
        return outcome

    def _parcels(self, pending: Mapping[str, Alert], history: History) -> list[Parcel]:
        """What is to be sent, what fails most last: what may have arrived already, once more as it was; what is new,
        the gravest first; what has failed before."""
        again = [
            parcel
            for parcel in history.parcels.values()
            if parcel.may_have_arrived and any(alert_id in pending for alert_id in parcel.alert_ids)
        ]
        taken = {alert_id for parcel in again for alert_id in parcel.alert_ids}
        groups: dict[tuple[int, bool, str | None, str | None], list[Alert]] = defaultdict(list)
        for alert in gravest_first(alert for alert_id, alert in pending.items() if alert_id not in taken):
            alert_id = alert["alert_id"]
            tries, is_suspected = history.tries[alert_id], alert_id in history.suspected
            alone = alert_id if self.mode == "each" or tries else None
            groups[tries, is_suspected, alert["brand_id"] if alone is None else None, alone].append(alert)
        new = [self._parcel(group) for _, group in sorted(groups.items(), key=lambda item: item[0][:2])]
        for parcel in new:
            earlier = history.parcels.get(parcel.key)
            parcel.failures = earlier.failures if earlier else 0
        return [
            *(parcel for parcel in again if parcel.failures == 1),
            *new,
            *sorted((parcel for parcel in again if parcel.failures > 1), key=lambda parcel: parcel.failures),
        ]

    def _parcel(self, alerts: Sequence[Alert], is_digest: bool | None = None) -> Parcel:
        """A parcel of these alerts."""
        is_digest = self.mode == "digest" if is_digest is None else is_digest
        ids = tuple(alert["alert_id"] for alert in alerts)
        return Parcel(texts.digest_key(ids) if is_digest else ids[0], ids, is_digest)

    def _halves(self, parcel: Parcel, alerts: Sequence[Alert]) -> list[Parcel]:
        """Two parcels in the place of one; the first half is the last of the list, and so the next to go out."""
        self.record.record_alert_events([{"event": "split", "key": parcel.key}])
        middle = len(alerts) // 2
        halves = [self._parcel(half, parcel.is_digest) for half in (alerts[middle:], alerts[:middle]) if half]
        for half in halves:
            half.failures = parcel.failures
        return halves

    def _send(self, parcel: Parcel, alerts: Sequence[Alert]) -> None:
        """Sends a parcel: written down before, and after. Raises DeliveryError."""
        self.record.record_alert_events(
            [
                {
                    "event": "sending",
                    "key": parcel.key,
                    "alert_ids": list(parcel.alert_ids),
                    "is_digest": parcel.is_digest,
                }
            ]
        )
        try:
            self._deliver(self._message_of(parcel, alerts))
        except DeliveryError as error:
            self.record.record_alert_events([{"event": "failed", "key": parcel.key, "kind": error.kind}])
            raise
        self.record.mark_sent([alert["alert_id"] for alert in alerts])

    def _deliver(self, message: Message) -> None:
        """Hands a message to the channel. Raises DeliveryError for whatever that raises, without what it says: a text
        that nobody has looked at may hold an address with a password in it."""
        try:
            self.channel.deliver(message)
        except DeliveryError:
            raise
        except Exception as error:
            raise DeliveryError(type(error).__name__, UNKNOWN) from None

    def _message_of(self, parcel: Parcel, alerts: Sequence[Alert]) -> Message:
        if parcel.is_digest:
            return texts.digest(parcel.key, alerts, self.rows, self.reports)
        return texts.message_of_alert(alerts[0], self.reports)

    @staticmethod
    def _name_of(parcel: Parcel, alerts: Sequence[Alert]) -> str:
        """A parcel, for a line of a log."""
        if parcel.is_single:
            return f"Alert {texts.one_line(parcel.alert_ids[0])}"
        return f"A digest of {texts.count(len(alerts), 'alert')} of {texts.one_line(alerts[0]['brand_id'])}"

    def _tell_of_parked(self, history: History, alerts: Mapping[str, Alert], outcome: Outcome) -> None:
        """Says once of each alert that was set aside that it was."""
        unknown = sorted(history.parked - history.noticed - self.record.sent_alerts())
        parked = [alerts[alert_id] for alert_id in unknown if alert_id in alerts]
        if not parked:
            return
        notice = texts.parked_notice(parked, TRIES)
        self.say(f"{notice['title']}, and will not be tried again: lifecycle alerts --parked")
        try:
            self._deliver(notice)
        except DeliveryError as error:
            self.say(f"The notice of that was not sent: {error}")
            outcome.notice_failed = True
        else:
            self.record.record_alert_events([{"event": "noticed", "alert_ids": notice["alert_ids"]}])


def parse_events(lines: Iterable[bytes]) -> list[dict[str, Any]]:
    """The events of lines of JSON. A line is torn where the machine stopped while it was written: it is left out."""
    events = []
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict):
            events.append(event)
    return events
