"""Commands and their exit codes, and alerts: each out once, also when a call fails and the task is tried again."""

from __future__ import annotations

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from lifecycle import notifiers
from lifecycle.operators import CommandOperator, SendAlertsOperator

# what `publish.py alerts` does, on two files of a folder
PUBLISH = """
import json, pathlib, sys
options, folder = sys.argv[1:], pathlib.Path.cwd()
sent = folder / "sent"
if "--pending" in options:
    done = sent.read_text().split() if sent.exists() else []
    for line in (folder / "alerts").read_text().splitlines():
        if json.loads(line)["alert_id"] not in done:
            print(line)
elif "--broken" in options:
    sys.exit(4)
elif options[-2:] == ["--mark-sent", "-"]:
    for line in sys.stdin:
        with sent.open("a") as file:
            file.write(line)
        print(line, end="", flush=True)
else:
    sys.exit(2)
"""


def command(code):
    """A command that ends with an exit code, 1 of which is final."""
    return CommandOperator(
        task_id="command", command=[sys.executable, "-c", f"import sys; print(sys.argv[1:]); sys.exit({code})"],
        arguments=["--one", ""], folder=".", final_exit_codes={1: "The build failed"},
    )


def test_a_command_that_ends_well():
    command(0).execute({})


def test_a_code_that_another_try_would_repeat_is_not_tried_again():
    with pytest.raises(AirflowFailException, match="The build failed .exit code 1"):
        command(1).execute({})


def test_where_there_is_no_such_command_another_try_would_not_help():
    missing = CommandOperator(
        task_id="command", command=["/no/such/python"], arguments=[], folder=".", final_exit_codes={}
    )
    with pytest.raises(AirflowFailException, match="There is no /no/such/python: run `make build`"):
        missing.execute({})


@pytest.mark.parametrize("code", [75, 4, 137])
def test_any_other_code_is_tried_again(code):
    with pytest.raises(AirflowException, match=f"exit code {code}") as raised:
        command(code).execute({})
    assert not isinstance(raised.value, AirflowFailException)


@pytest.fixture
def receiver():
    """A local HTTP server that keeps what it is sent, and answers the requests of `refused`, numbers, with an error."""
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.requests += 1
            refused = server.requests in server.refused
            if not refused:
                server.received.append((self.headers["Idempotency-Key"], body))
            self.send_response(500 if refused else 200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.requests, server.refused, server.received = 0, (), []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


@pytest.fixture
def alerts(tmp_path):
    """Six alerts that are pending; one holds what would be a template."""
    found = [
        {
            "alert_id": f"id{number}", "brand_id": "shop", "customer_id": f"c{number}", "subject": f"c{number}",
            "alert_type": "about_to_churn", "severity": "high", "message": "{{ 1 / 0 }} <b>", "action": None,
        }
        for number in range(1, 7)
    ]
    (tmp_path / "alerts").write_text("".join(json.dumps(alert) + "\n" for alert in found))
    return found


def send(folder, *more):
    SendAlertsOperator(
        task_id="send_alerts", command=[sys.executable, "-c", PUBLISH, "alerts", *more], arguments=[""],
        folder=str(folder),
    ).execute({})


def sent(folder):
    return (folder / "sent").read_text().split()


@pytest.fixture
def by_webhook(monkeypatch, receiver):
    monkeypatch.setenv("AIRFLOW_VAR_LIFECYCLE_NOTIFIER", "webhook")
    monkeypatch.setenv("AIRFLOW_VAR_LIFECYCLE_WEBHOOK_CONN_ID", "shop_webhook")
    monkeypatch.setenv("AIRFLOW_CONN_SHOP_WEBHOOK", json.dumps(
        {"conn_type": "http", "host": f"http://127.0.0.1:{receiver.server_port}/hook"}
    ))
    return receiver


def test_each_alert_goes_out_once(by_webhook, alerts, tmp_path):
    send(tmp_path)
    assert [body for _, body in by_webhook.received] == alerts
    assert [key for key, _ in by_webhook.received] == sent(tmp_path) == [f"id{number}" for number in range(1, 7)]
    send(tmp_path)
    assert len(by_webhook.received) == 6


def test_a_call_that_fails_is_made_again_by_the_next_try_and_no_other(by_webhook, alerts, tmp_path):
    by_webhook.refused = {2, 4}
    with pytest.raises(AirflowException, match="2 of 6 alerts could not be sent"):
        send(tmp_path)
    assert sent(tmp_path) == ["id1", "id3", "id5", "id6"]
    send(tmp_path)
    keys = [key for key, _ in by_webhook.received]
    assert sorted(keys) == [f"id{number}" for number in range(1, 7)]
    assert sorted(sent(tmp_path)) == sorted(keys)


def test_a_receiver_that_is_down_is_not_called_for_every_alert(by_webhook, alerts, tmp_path):
    by_webhook.refused = set(range(2, 100))
    with pytest.raises(AirflowException, match="3 alerts in a row"):
        send(tmp_path)
    assert by_webhook.requests == 4
    assert sent(tmp_path) == ["id1"]


def test_nothing_more_goes_out_when_it_cannot_be_recorded(by_webhook, alerts, tmp_path):
    with pytest.raises((AirflowException, BrokenPipeError)):
        send(tmp_path, "--broken")
    assert by_webhook.requests <= 1


def test_the_log_is_the_default(monkeypatch, alerts, tmp_path, caplog):
    monkeypatch.setattr(notifiers.Variable, "get", staticmethod(lambda key, default=None: default))
    written = []
    monkeypatch.setattr(
        notifiers.LogNotifier, "log",
        property(lambda self: type("Log", (), {"info": lambda _, text, *values: written.append(text % values)})()),
    )
    send(tmp_path)
    assert len(sent(tmp_path)) == len(written) == 6
    assert written[0] == "[shop] about_to_churn: c1: {{ 1 / 0 }} <b> "


def test_an_email_is_escaped(monkeypatch, alerts):
    monkeypatch.setenv("AIRFLOW_VAR_LIFECYCLE_SMTP_CONN_ID", "shop_smtp")
    monkeypatch.setenv("AIRFLOW_VAR_LIFECYCLE_EMAIL_TO", "team@example.com")
    notifier = notifiers.to_email(alerts[0] | {"action": "Write"})
    assert (notifier.smtp_conn_id, notifier.to) == ("shop_smtp", "team@example.com")
    assert notifier.subject == "[shop] about_to_churn: c1"
    assert notifiers.title(alerts[0] | {"subject": "S7"}) == "[shop] about_to_churn: S7 of c1"
    assert notifiers.title(alerts[0] | {"subject": None, "customer_id": None}) == "[shop] about_to_churn: the brand"
    assert notifier.html_content == "<p>{{ 1 / 0 }} &lt;b&gt;</p><p>Write</p>"


def test_a_function_of_one_s_own(monkeypatch):
    monkeypatch.setenv("AIRFLOW_VAR_LIFECYCLE_NOTIFIER", "lifecycle.notifiers.to_log")
    assert notifiers.chosen_notifier() is notifiers.to_log


@pytest.mark.parametrize("name", ["fax", "no_module.function", "lifecycle.notifiers.to_fax"])
def test_a_notifier_that_is_not_there_is_told(monkeypatch, name):
    monkeypatch.setenv("AIRFLOW_VAR_LIFECYCLE_NOTIFIER", name)
    with pytest.raises(ValueError, match=f"lifecycle_notifier is '{name}'; it must be one of log, webhook, email"):
        notifiers.chosen_notifier()
