"""How an alert goes out: as the Airflow Variable `lifecycle_notifier` says, to the log, a webhook or by e-mail."""

from __future__ import annotations

import html
from typing import Any, Callable, Mapping

from airflow.sdk import BaseNotifier, Variable
from airflow.sdk.module_loading import import_string

Alert = Mapping[str, Any]
"""A row of marts.lifecycle_alerts."""

SECONDS_FOR_AN_ANSWER = 30


class LogNotifier(BaseNotifier):
    """Writes an alert to the task's log."""

    def __init__(self, alert: Alert) -> None:
        super().__init__()
        self.alert = alert

    def notify(self, context: Mapping[str, Any]) -> None:
        """Writes it. Takes: the task's context, which is not used."""
        self.log.info("%s: %s %s", title(self.alert), self.alert["message"], self.alert["action"] or "")


def to_log(alert: Alert) -> BaseNotifier:
    """A line of the task's log."""
    return LogNotifier(alert)


def to_webhook(alert: Alert) -> BaseNotifier:
    """A POST of the alert as JSON to the HTTP connection `lifecycle_webhook`.

    The header Idempotency-Key holds the alert's id: a receiver can tell by it when one comes a second time, as it does
    where this process dies after the answer and before it could record it.
    """
    from airflow.providers.http.notifications.http import HttpNotifier

    return HttpNotifier(
        http_conn_id=Variable.get("lifecycle_webhook_conn_id", default="lifecycle_webhook"),
        json=dict(alert),
        headers={"Idempotency-Key": alert["alert_id"]},
        extra_options={"timeout": SECONDS_FOR_AN_ANSWER},
    )


def to_email(alert: Alert) -> BaseNotifier:
    """An e-mail by the SMTP connection `lifecycle_smtp` to the addresses of the Variable `lifecycle_email_to`."""
    from airflow.providers.smtp.notifications.smtp import SmtpNotifier

    lines = [alert["message"], alert["action"]]
    return SmtpNotifier(
        smtp_conn_id=Variable.get("lifecycle_smtp_conn_id", default="lifecycle_smtp"),
        to=Variable.get("lifecycle_email_to"),
        subject=title(alert),
        html_content="".join(f"<p>{html.escape(line)}</p>" for line in lines if line),
    )


NOTIFIERS: dict[str, Callable[[Alert], BaseNotifier]] = {"log": to_log, "webhook": to_webhook, "email": to_email}


def chosen_notifier() -> Callable[[Alert], BaseNotifier]:
    """The function that makes an alert's notifier, as the Variable names it.

    Raises ValueError for a name that is neither one of these nor the path of a function, as in `my_alerts.to_chat`.
    """
    name = Variable.get("lifecycle_notifier", default="log")
    if name in NOTIFIERS:
        return NOTIFIERS[name]
    try:
        return import_string(name)
    except ImportError as error:
        raise ValueError(
            f"The Variable lifecycle_notifier is {name!r}; it must be one of {', '.join(NOTIFIERS)}, "
            f"or the path of a function that takes an alert and gives a notifier ({error})."
        ) from None


def title(alert: Alert) -> str:
    """What an alert is about, and of whom, on one line."""
    customer = alert["customer_id"] if alert["customer_id"] != alert["subject"] else None
    about = " of ".join(name for name in (alert["subject"], customer) if name)
    return f"[{alert['brand_id']}] {alert['alert_type']}: {about or 'the brand'}"
