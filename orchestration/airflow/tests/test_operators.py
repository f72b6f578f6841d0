"""Commands and their exit codes, and alerts as Airflow's Variables and connections say. What is sent, and when, is
tested by tests/unit/test_alerting.py; here it is sent by the project's own Sender, over two files."""

from __future__ import annotations

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import ClassVar

import pytest
from airflow.sdk import BaseNotifier
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

from lifecycle import notifiers
from lifecycle.operators import CommandOperator, SendAlertsOperator
from lifecycle.settings import Settings

SETTINGS = Settings.from_environment()
SECRET = "T0ken-Qx7-B00-zYx"

# what `lifecycle alerts --send` does, on files of a folder in the place of a warehouse
PUBLISH = f"""
import json, os, pathlib, sys
from contextlib import nullcontext
sys.path.insert(0, {str(SETTINGS.project_dir / "src")!r})
from customer_lifecycle.alerting.channels import channel_from
from customer_lifecycle.alerting.sender import Record, Sender, parse_events
folder = pathlib.Path.cwd()
if "--wrong" in sys.argv:
    sys.exit(2)
class Files(Record):
    def lines(self, name):
        return parse_events((folder / name).read_bytes().splitlines()) if (folder / name).exists() else []
    def add(self, name, events):
        with (folder / name).open("a") as file:
            file.writelines(json.dumps(event) + "\\n" for event in events)
    def described_alerts(self):
        return self.lines("alerts")
    def sent_alerts(self):
        return {{event["alert_id"] for event in self.lines("sent")}}
    def mark_sent(self, alert_ids):
        self.add("sent", [{{"alert_id": alert_id}} for alert_id in alert_ids])
    def alert_events(self):
        return self.lines("events")
    def record_alert_events(self, events):
        self.add("events", events)
    def sending_lock(self, wait):
        return nullcontext()
outcome = Sender(
    Files(), channel_from(os.environ), os.environ.get("LIFECYCLE_ALERTS_MODE", "digest"),
    say=lambda line: print(line, file=sys.stderr),
).run()
sys.exit(0 if outcome.is_complete else 5)
"""


def command(code, **more):
    """A command that ends with an exit code, 1 of which is final."""
    return CommandOperator(
        task_id="command",
        command=[sys.executable, "-c", f"import sys; print(sys.argv[1:]); sys.exit({code})"],
        arguments=["--one", ""],
        folder=".",
        final_exit_codes={1: "The build failed"},
        skip_exit_codes={69: "There is nothing to do it with"},
        **more,
    )


def test_a_command_that_ends_well():
    command(0).execute({})


def test_a_code_that_another_try_would_repeat_is_not_tried_again():
    with pytest.raises(AirflowFailException, match=r"The build failed .exit code 1"):
        command(1).execute({})


def test_where_there_is_no_such_command_another_try_would_not_help():
    missing = CommandOperator(
        task_id="command", command=["/no/such/python"], arguments=[], folder=".", final_exit_codes={}
    )
    with pytest.raises(AirflowFailException, match="There is no /no/such/python: run `make build`"):
        missing.execute({})


def test_what_there_is_no_reason_for_is_skipped(capfd):
    with pytest.raises(AirflowSkipException, match="There is nothing to do it with"):
        command(69).execute({})
    with pytest.raises(AirflowSkipException, match="Not today"):
        command(1, skip_if="Not today").execute({})


@pytest.mark.parametrize("code", [75, 4, 137])
def test_any_other_code_is_tried_again(code):
    with pytest.raises(AirflowException, match=f"exit code {code}") as raised:
        command(code).execute({})
    assert not isinstance(raised.value, AirflowFailException)


@pytest.fixture
def receiver():
    """A local HTTP server that keeps what it is sent; `answer` says what it answers to a message."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.received.append(message)
            server.headers.append(dict(self.headers))
            server.paths.append(self.path)
            status, body = server.answer(message)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.received, server.headers, server.paths = [], [], []
    server.answer = lambda message: (200, b"ok")
    threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    yield server
    server.shutdown()


@pytest.fixture
def alerts(tmp_path):
    """Six alerts of two brands; they hold what would be a template."""
    found = [
        {
            "alert_id": f"id{number}",
            "brand_id": "shop" if number < 5 else "other",
            "customer_id": f"c{number}",
            "subject": f"c{number}",
            "alert_type": "about_to_churn",
            "severity": "high",
            "message": "{{ 1 / 0 }} <b>",
            "action": None,
            "action_code": None,
            "value_at_stake": 10.0,
            "currency": "KRW",
            "as_of_date": "2026-06-30",
        }
        for number in range(1, 7)
    ]
    (tmp_path / "alerts").write_text("".join(json.dumps(alert) + "\n" for alert in found))
    return found


def send(folder, *more):
    SendAlertsOperator(
        task_id="send_alerts",
        command=[sys.executable, "-c", PUBLISH, "alerts", *more],
        arguments=[""],
        folder=str(folder),
    ).execute({})


def sent(folder):
    return [json.loads(line)["alert_id"] for line in (folder / "sent").read_text().splitlines()]


@pytest.fixture
def by_webhook(monkeypatch, receiver):
    monkeypatch.setenv("AIRFLOW_VAR_LIFECYCLE_NOTIFIER", "webhook")
    monkeypatch.setenv("AIRFLOW_VAR_LIFECYCLE_WEBHOOK_CONN_ID", "shop_webhook")
    monkeypatch.setenv(
        "AIRFLOW_CONN_SHOP_WEBHOOK",
        json.dumps(
            {
                "conn_type": "http",
                "host": f"http://127.0.0.1:{receiver.server_port}/{SECRET}",
                "login": "me",
                "password": SECRET,
                "extra": json.dumps({"X-Key": SECRET, "timeout": 5, "headers": {"X-Other": "o"}}),
            }
        ),
    )
    return receiver


def test_a_digest_for_each_brand_goes_out_once(by_webhook, alerts, tmp_path):
    send(tmp_path)
    assert [message["title"] for message in by_webhook.received] == [
        "[shop] 4 new alerts, 4 of high severity, 40 KRW at stake, as of Jun 30, 2026",
        "[other] 2 new alerts, 2 of high severity, 20 KRW at stake, as of Jun 30, 2026",
    ]
    assert sorted(sent(tmp_path)) == [alert["alert_id"] for alert in alerts]
    assert by_webhook.paths[0] == f"/{SECRET}" and by_webhook.headers[0]["X-Key"] == SECRET
    assert by_webhook.headers[0]["Authorization"].startswith("Basic ") and by_webhook.headers[0]["X-Other"] == "o"
    assert "timeout" not in by_webhook.headers[0]
    send(tmp_path)
    assert len(by_webhook.received) == 2


def test_one_message_each_on_request(by_webhook, alerts, tmp_path, monkeypatch):
    monkeypatch.setenv("AIRFLOW_VAR_LIFECYCLE_ALERT_MODE", "each")
    by_webhook.answer = lambda message: (500, b"") if message["alert_id"] in ("id2", "id4") else (200, b"ok")
    with pytest.raises(AirflowException, match=r"Not all alerts were sent .exit code 5"):
        send(tmp_path)
    assert sent(tmp_path) == ["id1", "id3", "id5", "id6"]
    by_webhook.answer = lambda message: (200, b"ok")
    send(tmp_path)
    keys = [found["Idempotency-Key"] for found in by_webhook.headers]
    assert keys == ["id1", "id2", "id3", "id4", "id5", "id6", "id2", "id4"]
    assert sorted(sent(tmp_path)) == [alert["alert_id"] for alert in alerts]


def test_a_receiver_that_says_no_has_nothing(by_webhook, alerts, tmp_path):
    by_webhook.answer = lambda message: (200, b"no_service")
    with pytest.raises(AirflowException, match="Not all alerts were sent"):
        send(tmp_path)
    assert not (tmp_path / "sent").exists()


def test_settings_that_are_wrong_are_not_tried_again(by_webhook, alerts, tmp_path):
    with pytest.raises(AirflowFailException, match="settings are wrong"):
        send(tmp_path, "--wrong")
    assert by_webhook.received == []


def test_nothing_secret_is_logged(by_webhook, alerts, tmp_path, caplog, capfd, monkeypatch):
    with caplog.at_level("DEBUG"):
        for status in (404, 500, 302):
            by_webhook.answer = lambda message: (status, SECRET.encode())
            with pytest.raises(AirflowException) as raised:
                send(tmp_path)
            assert SECRET not in str(raised.value)
        monkeypatch.setenv("AIRFLOW_CONN_SHOP_WEBHOOK", json.dumps({"conn_type": "http", "host": f"ftp://{SECRET}"}))
        with pytest.raises(AirflowFailException) as raised:
            send(tmp_path)
        assert SECRET not in str(raised.value)
    told = capfd.readouterr()
    assert SECRET not in caplog.text + told.out + told.err


def test_the_log_is_the_default(monkeypatch, alerts, tmp_path, capsys):
    monkeypatch.setattr(notifiers.Variable, "get", staticmethod(lambda key, default=None: default))
    send(tmp_path)
    lines = capsys.readouterr().out.splitlines()
    lines = lines[next(number for number, line in enumerate(lines) if line.startswith("[shop]")) :]
    assert lines[0] == "[shop] 4 new alerts, 4 of high severity, 40 KRW at stake, as of Jun 30, 2026"
    assert lines[1] == "    About to churn (high severity): 4, 40 KRW at stake"
    assert lines[3] == "    • c1 (10 KRW): {{ 1 / 0 }} <b>" and len(sent(tmp_path)) == 6


@pytest.mark.parametrize(
    "extra, security",
    [
        ({}, "ssl"),
        ({"disable_ssl": True}, "starttls"),
        ({"disable_ssl": True, "disable_tls": True}, "none"),
    ],
)
def test_an_smtp_connection(monkeypatch, extra, security):
    monkeypatch.setenv("AIRFLOW_VAR_LIFECYCLE_NOTIFIER", "email")
    monkeypatch.setenv("AIRFLOW_VAR_LIFECYCLE_SMTP_CONN_ID", "shop_smtp")
    monkeypatch.setenv("AIRFLOW_VAR_LIFECYCLE_EMAIL_TO", "team@example.com, boss@example.com")
    monkeypatch.setenv(
        "AIRFLOW_CONN_SHOP_SMTP",
        json.dumps(
            {
                "conn_type": "smtp",
                "host": "smtp.example.com",
                "login": "me",
                "password": "secret",
                "port": 2525,
                "extra": json.dumps({"from_email": "shop@example.com", **extra}),
            }
        ),
    )
    channel = notifiers.channel(SETTINGS, {})
    assert (channel.host, channel.port, channel.security) == ("smtp.example.com", 2525, security)
    assert (channel.sender, channel.recipients) == ("shop@example.com", ["team@example.com", "boss@example.com"])


# A function of one's own


class Notifier(BaseNotifier):
    """What a function of one's own gives: keeps what it is told to send, or fails with a secret in what it says."""

    notified: ClassVar[list] = []
    error: Exception | None = None

    def __init__(self, message):
        super().__init__()
        self.message = message

    def notify(self, context):
        if Notifier.error:
            raise Notifier.error
        Notifier.notified.append((self.message["kind"], self.message["text"], context))


@pytest.fixture
def by_function(monkeypatch):
    Notifier.notified, Notifier.error = [], None
    monkeypatch.setitem(sys.modules, "my_alerts", SimpleNamespace(to_chat=Notifier))
    monkeypatch.setenv("AIRFLOW_VAR_LIFECYCLE_NOTIFIER", "my_alerts.to_chat")


def test_a_function_of_one_s_own(by_function, alerts, tmp_path):
    send(tmp_path)
    assert [kind for kind, _, _ in Notifier.notified] == ["digest", "digest"] and len(sent(tmp_path)) == 6


def test_what_a_function_of_one_s_own_raises_is_not_told(by_function, alerts, tmp_path, caplog, capfd):
    Notifier.error = RuntimeError(f"POST https://hooks.example.com/{SECRET}")
    Notifier.error.response = SimpleNamespace(status_code=404)
    with caplog.at_level("DEBUG"), pytest.raises(AirflowException):
        send(tmp_path)
    told = capfd.readouterr()
    assert SECRET not in caplog.text + told.out + told.err
    with pytest.raises(Exception, match=r"^RuntimeError 404$"):
        notifiers.channel(SETTINGS, {}).deliver({})


@pytest.mark.parametrize("name", ["fax", "no_module.function", "lifecycle.notifiers.to_fax"])
def test_a_notifier_that_is_not_there_is_told(monkeypatch, name):
    monkeypatch.setenv("AIRFLOW_VAR_LIFECYCLE_NOTIFIER", name)
    with pytest.raises(ValueError, match=f"lifecycle_notifier is '{name}'; it must be one of log, webhook, email"):
        notifiers.channel(SETTINGS, {})


def test_where_there_is_no_project_that_is_told(tmp_path):
    with pytest.raises(FileNotFoundError, match="set LIFECYCLE_PROJECT_DIR"):
        notifiers.alerting(Settings.from_environment({"LIFECYCLE_PROJECT_DIR": str(tmp_path)}))


# The notice of a failure


def failure(**more):
    return {
        "dag": SimpleNamespace(dag_id="customer_lifecycle"),
        "run_id": "scheduled__2026-07-01",
        "ti": SimpleNamespace(
            task_id="build_and_test", log_url=f"http://me:{SECRET}@airflow.example.com/dags/customer_lifecycle/runs/1"
        ),
        "exception": RuntimeError(SECRET),
        "reason": SECRET,
    } | more


def test_a_failure_is_told_by_the_same_way_as_alerts(by_webhook):
    notifiers.tell_of_failure(SETTINGS, failure(), "2026-06-30")
    (message,) = by_webhook.received
    assert message["title"] == "customer_lifecycle failed: build_and_test, as of 2026-06-30"
    assert message["text"].splitlines()[1:] == [
        "Failed: build_and_test.",
        "Day: 2026-06-30.",
        "Run: scheduled__2026-07-01.",
        "Log: http://airflow.example.com/dags/customer_lifecycle/runs/1",
        "Readers see what they saw before.",
    ]
    assert SECRET not in json.dumps(message)
    assert by_webhook.headers[0]["Idempotency-Key"].startswith("failure-")


def test_a_failure_without_a_task_is_told_too(by_function):
    notifiers.tell_of_failure(SETTINGS, {"dag": None, "run_id": "manual"}, None)
    assert "no task, but the run as a whole" in Notifier.notified[0][1]


def test_a_notice_that_cannot_be_sent_says_so_without_a_secret(by_webhook, capfd, monkeypatch):
    by_webhook.answer = lambda message: (500, SECRET.encode())
    notifiers.tell_of_failure(SETTINGS, failure(), None)
    monkeypatch.setenv("AIRFLOW_CONN_SHOP_WEBHOOK", json.dumps({"conn_type": "http", "host": f"ftp://{SECRET}"}))
    notifiers.tell_of_failure(SETTINGS, failure(), None)
    monkeypatch.setenv("AIRFLOW_VAR_LIFECYCLE_NOTIFIER", "fax")
    notifiers.tell_of_failure(SETTINGS, failure(), None)
    told = capfd.readouterr().err
    assert told.count("The notice of the failure was not sent") == 3 and "'fax'" in told and SECRET not in told
