"""How messages go out, as Airflow's Variables and connections say.

What a message says and what acknowledges it is the project's own, in src/customer_lifecycle/alerting, which Airflow's
environment can import too: it needs the standard library alone.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from typing import Any

from airflow.sdk import BaseHook, Variable
from airflow.sdk.module_loading import import_string

from lifecycle.settings import Settings

CHANNELS = ("log", "webhook", "email")
# keys of an HTTP connection's extra that say how to ask, as Airflow's own hook takes them; all others are headers
NOT_HEADERS = {
    "allow_redirects",
    "cert",
    "check_response",
    "headers",
    "max_redirects",
    "proxies",
    "proxy",
    "srv_lookup",
    "stream",
    "timeout",
    "trust_env",
    "verify",
    "verify_ssl",
}
ENVIRONMENT = {
    "lifecycle_alert_mode": "LIFECYCLE_ALERTS_MODE",
    "lifecycle_alert_rows": "LIFECYCLE_ALERTS_ROWS",
    "lifecycle_report_url": "LIFECYCLE_REPORT_URL",
}


def alerting(settings: Settings) -> Any:
    """The project's module that sends. Raises FileNotFoundError where the project is not there."""
    source = settings.project_dir / "src"
    if not (source / "customer_lifecycle" / "alerting" / "channels.py").exists():
        raise FileNotFoundError(f"There is no project in {settings.project_dir}: set LIFECYCLE_PROJECT_DIR.")
    # last: nothing of the project may take the place of what Airflow imports
    if str(source) not in sys.path:
        sys.path.append(str(source))
    import customer_lifecycle.alerting.channels
    import customer_lifecycle.alerting.texts

    return customer_lifecycle.alerting


def channel(settings: Settings, context: Mapping[str, Any], output: Any = None) -> Any:
    """The channel that the Variable lifecycle_notifier names, made of its connection.

    Takes: where the project is; the context that a function of one's own is given; where lines of a log go. Raises
    ValueError for a name that is neither a channel nor the path of a function, as in `my_alerts.to_chat`, and for a
    connection that cannot be used.
    """
    channels = alerting(settings).channels
    name = Variable.get("lifecycle_notifier", default="log")
    if name == "log":
        return channels.LogChannel(output)
    if name == "webhook":
        return webhook(
            channels, BaseHook.get_connection(Variable.get("lifecycle_webhook_conn_id", default="lifecycle_webhook"))
        )
    if name == "email":
        return email(
            channels, BaseHook.get_connection(Variable.get("lifecycle_smtp_conn_id", default="lifecycle_smtp"))
        )
    try:
        notifier_of = import_string(name)
    except ImportError as error:
        raise ValueError(
            f"The Variable lifecycle_notifier is {name!r}; it must be one of {', '.join(CHANNELS)}, or the path of a "
            f"function that takes a message and gives a notifier ({error})."
        ) from None
    return function_channel(channels, notifier_of, context)


def webhook(channels: Any, connection: Any) -> Any:
    """The channel of an HTTP connection: its address, user and password, and the headers in its extra."""
    host = connection.host or ""
    url = host if "://" in host else f"{connection.schema or 'http'}://{host}"
    if connection.port:
        url = f"{url}:{connection.port}"
    extra = connection.extra_dejson
    headers = {name: value for name, value in extra.items() if name not in NOT_HEADERS} | (extra.get("headers") or {})
    if connection.login:
        headers.setdefault("Authorization", channels.basic_authorization(connection.login, connection.password or ""))
    return channels.WebhookChannel(
        url,
        headers,
        Variable.get("lifecycle_webhook_body", default="json"),
        Variable.get("lifecycle_webhook_answer", default=None),
    )


def email(channels: Any, connection: Any) -> Any:
    """The channel of an SMTP connection, to the addresses of the Variable lifecycle_email_to."""
    extra = connection.extra_dejson
    security = "ssl"
    if extra.get("disable_ssl"):
        security = "none" if extra.get("disable_tls") else "starttls"
    recipients = [address.strip() for address in Variable.get("lifecycle_email_to", default="").split(",")]
    return channels.EmailChannel(
        connection.host or "",
        extra.get("from_email") or "",
        [address for address in recipients if address],
        connection.port or 0,
        connection.login,
        connection.password,
        security,
    )


def function_channel(channels: Any, notifier_of: Callable[[Mapping[str, Any]], Any], context: Mapping[str, Any]) -> Any:
    """The channel of a function that takes a message and gives an Airflow notifier. What the notifier raises is not
    told: it may hold the address with its token."""

    class FunctionChannel(channels.Channel):
        def deliver(self, message: Mapping[str, Any]) -> None:
            try:
                # not called, which would render the message's text as a template
                notifier_of(message).notify(context)
            except Exception as error:  # whatever a hook may raise
                status = getattr(getattr(error, "response", None), "status_code", None)
                told = f"{type(error).__name__}{f' {status:d}' if isinstance(status, int) else ''}"
                raise channels.DeliveryError(told, channels.UNKNOWN) from None

    return FunctionChannel()


def environment() -> dict[str, str]:
    """The settings of `lifecycle alerts`, from Airflow's Variables. It decides what to send; this process sends it."""
    found = {name: Variable.get(variable, default=None) for variable, name in ENVIRONMENT.items()}
    return {name: str(value) for name, value in found.items() if value} | {"LIFECYCLE_ALERTS_TO": "pipe"}


def answer_of(channel: Any, message: str, channels: Any) -> str:
    """Sends a message that came as a line of JSON. Gives what to answer to who asked for it."""
    try:
        channel.deliver(json.loads(message))
    except channels.DeliveryError as error:
        return f"{error.kind}\t{error}"
    except Exception as error:  # whatever a channel may raise, and never what it says
        return f"{channels.UNKNOWN}\t{type(error).__name__}"
    return "acknowledged"


def tell_of_failure(settings: Settings, context: Mapping[str, Any], day: str | None) -> None:
    """Says that a run failed, by the same way as alerts go out: task, day and the address of the log, and no more.

    Takes: where the project is; the context of the DAG's callback; the run's day, if it is known.
    """
    found = alerting(settings)
    ti = context.get("ti") or context.get("task_instance")
    dag, link = context.get("dag"), None
    if ti is not None:
        link = without_user(getattr(ti, "log_url", None))
    message = found.texts.failure_notice(
        getattr(dag, "dag_id", "customer_lifecycle"),
        getattr(ti, "task_id", None),
        day,
        str(context.get("run_id", "")),
        link,
    )
    try:
        channel(settings, context).deliver(message)
    except found.channels.DeliveryError as error:
        print(f"The notice of the failure was not sent: {error}", file=sys.stderr)
    except Exception as error:  # neither a wrong Variable nor a hook's error, which may hold a password, goes further
        told = f": {error}" if isinstance(error, ValueError) else ""
        print(f"The notice of the failure was not sent: {type(error).__name__}{told}", file=sys.stderr)


def without_user(url: Any) -> str | None:
    """An address without the user and password that may stand in it."""
    if not isinstance(url, str):
        return None
    scheme, separator, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{separator}{host.rpartition('@')[2]}{slash}{path}" if separator else None
