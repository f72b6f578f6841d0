"""Sending alerts: none is lost, none comes twice to a receiver that acknowledged it, none holds up the others, and
nothing secret is told. The receiver is a local HTTP server that keeps what it acknowledged, by idempotency key."""

from __future__ import annotations

import json
import os
import random
import re
import smtplib
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import duckdb
import pytest

from webhook_receiver import Receiver, running_receiver

ROOT = Path(__file__).parents[2]

from customer_lifecycle import cli  # noqa: E402
from customer_lifecycle.alerting import channels, sender, texts, words  # noqa: E402
from customer_lifecycle.alerting.channels import (  # noqa: E402
    NOT_REACHED,
    REFUSED,
    UNKNOWN,
    DeliveryError,
    EmailChannel,
    WebhookChannel,
)
from customer_lifecycle.alerting.sender import TRIES, Sender  # noqa: E402
from customer_lifecycle.file_names import page_of_brand  # noqa: E402
from customer_lifecycle.publishing.duckdb_store import DuckDBStore  # noqa: E402
from customer_lifecycle.publishing.publication import ExitCode, PublishError  # noqa: E402

SECRET = "T0ken-Qx7/B00/zYx"
DAY = date(2026, 6, 30)


# What there is to send


def alert(number: int, **more: Any) -> dict[str, Any]:
    """A row of lifecycle_alerts."""
    return {
        "alert_id": f"{number:032x}",
        "brand_id": "shop",
        "customer_id": f"c{number}",
        "alert_type": "about_to_churn",
        "subject": f"c{number}",
        "severity": "normal",
        "since": DAY,
        "actual_value": 3.0,
        "threshold": 14.0,
        "message": "Leaves soon.",
        "message_ko": "곧 떠납니다.",
        "message_zh": "即将离开。",
        "action_code": "remind",
        "action": "Send a reminder",
        "action_ko": "리마인더 보내기",
        "action_zh": "发送提醒",
        "is_contactable": True,
    } | more


def publish(
    folder: Path,
    alerts: list[dict[str, Any]],
    stakes: dict[str, float] | None = None,
    language: str | None = None,
    display_name: str | None = None,
) -> DuckDBStore:
    """A publication of these alerts, as far as sending reads one. Takes: what is at stake by customer; the language of
    the brand `shop`, and what it calls itself."""
    file = folder / "publications" / "lifecycle.duckdb"
    file.parent.mkdir(exist_ok=True)
    unfinished = file.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    with duckdb.connect(str(unfinished)) as connection:
        connection.execute("create schema marts")
        connection.execute("create schema reference")
        connection.execute(
            "create table marts.lifecycle_alerts (alert_id text, brand_id text, customer_id text, alert_type text, "
            "subject text, severity text, since date, actual_value double, threshold double, message text, "
            "message_ko text, message_zh text, action_code text, action text, action_ko text, action_zh text, "
            "is_contactable boolean)"
        )
        if alerts:
            connection.executemany(
                f"insert into marts.lifecycle_alerts values ({', '.join('?' * len(alerts[0]))})",
                [list(row.values()) for row in alerts],
            )
        connection.execute(
            "create table marts.customer_actions (brand_id text, customer_id text, value_at_stake double)"
        )
        for customer, stake in (stakes or {}).items():
            connection.execute("insert into marts.customer_actions values ('shop', ?, ?)", [customer, stake])
        connection.execute(
            "create table reference.brand_settings as from (values ('shop', 'currency', 'KRW'), "
            "('shop', 'timezone', 'Asia/Seoul'), ('other', 'currency', null)) as settings (brand_id, setting, value)"
        )
        for setting, value in (("language", language), ("display_name", display_name)):
            if value:
                connection.execute("insert into reference.brand_settings values ('shop', ?, ?)", [setting, value])
        connection.execute("create table reference.publication as select ?::date as as_of_date", [DAY])
    unfinished.rename(file)
    return store_of(folder)


def store_of(folder: Path) -> DuckDBStore:
    """Where the publication is."""
    credentials = SimpleNamespace(path=str(folder / "lifecycle.duckdb"), database="lifecycle")
    return DuckDBStore(credentials, folder, folder / "publications", None)


# Who receives


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver(SECRET) as server:
        yield server


def send(store: DuckDBStore, receiver: Receiver, mode: str = "digest", said: list[str] | None = None, **options: Any):
    """Sends what is new. Gives what was done."""
    said = [] if said is None else said
    return Sender(store, WebhookChannel(receiver.url), mode, say=said.append, **options).run()


def refuse(*ids: str, status: int = 400, body: bytes = b"invalid_payload"):
    """Answers that refuse every message that holds one of these alerts."""

    def answer(message):
        held = message.get("alert_ids") or [message.get("alert_id")]
        return (status, body, {}) if message.get("kind") != "notice" and set(ids) & set(held) else (200, b"ok", {})

    return answer


# A digest


def test_a_digest_says_how_much_of_what_the_gravest_first(tmp_path, receiver):
    store = publish(
        tmp_path,
        [
            alert(1),
            alert(2, customer_id="c1", subject="c1"),
            alert(3),
            alert(4, alert_type="loyal_at_risk", severity="high"),
            alert(
                5, alert_type="churn_rate_high", severity="high", customer_id=None, subject="", message="Of all 12%."
            ),
        ],
        {"c1": 1000, "c3": 250.5, "c4": 7_000_000},
    )
    assert str(send(store, receiver)) == "5 alerts sent, 0 not"
    (message,) = receiver.messages
    assert message["title"] == "[shop] 5 new alerts, 2 of high severity, 7,001,250 KRW at stake, as of Jun 30, 2026"
    assert message["text"].splitlines() == [
        message["title"],
        "Repeat churn rate is high (high severity): 1",
        "More repeat customers were lost in the last complete month than before.",
        "• Of all 12%.",
        "What to do: Send a reminder",
        "",
        "Loyal, at risk (high severity): 1, 7,000,000 KRW at stake",
        "Loyal customers who are likely to leave, or whose time runs out.",
        "• c4 (7,000,000 KRW): Leaves soon.",
        "What to do: Send a reminder",
        "",
        # a customer with two alerts is at stake once
        "About to churn (normal severity): 3, 1,250 KRW at stake",
        "Customers who will leave the base within days unless they act.",
        "• c1 (1,000 KRW): Leaves soon.",
        "• c1 (1,000 KRW): Leaves soon.",
        "• c3 (250 KRW): Leaves soon.",
        "What to do: Send a reminder",
    ]
    assert message["groups"][2] == {
        "alert_type": "about_to_churn",
        "severity": "normal",
        "alerts": 3,
        "value_at_stake": 1250.5,
        "customers": 2,
    }
    assert (message["currency"], message["as_of_date"], message["more_alerts"]) == ("KRW", "2026-06-30", 0)
    assert message["alerts"][0]["alert_id"] == alert(5)["alert_id"]
    assert receiver.headers[0]["Idempotency-Key"] == message["idempotency_key"]


def test_a_digest_lists_no_more_than_it_is_told_to(tmp_path, receiver):
    store = publish(tmp_path, [alert(number) for number in range(30)])
    send(store, receiver, rows=4)
    (message,) = receiver.messages
    assert message["text"].splitlines()[-2] == "• and 26 more"
    assert (len(message["alerts"]), message["more_alerts"], len(message["alert_ids"])) == (4, 26, 30)
    assert len(store.sent_alerts()) == 30


def test_each_brand_has_a_digest_of_its_own_and_money_without_a_currency(tmp_path, receiver):
    store = publish(tmp_path, [alert(1), alert(2, brand_id="other", customer_id="c2"), alert(3)], {"c1": 5})
    send(store, receiver)
    assert sorted(message["title"] for message in receiver.messages) == [
        "[other] 1 new alert, as of Jun 30, 2026",
        "[shop] 2 new alerts, 5 KRW at stake, as of Jun 30, 2026",
    ]
    assert send(store, receiver).sent == 0 and len(receiver.messages) == 2


def test_one_message_each_on_request(tmp_path, receiver):
    store = publish(tmp_path, [alert(1), alert(2, severity="high")], {"c1": 5})
    send(store, receiver, "each")
    assert [message["alert_id"] for message in receiver.messages] == [alert(2)["alert_id"], alert(1)["alert_id"]]
    assert receiver.messages[1]["text"].splitlines() == [
        "[shop] About to churn: c1",
        "Leaves soon.",
        "At stake: 5 KRW.",
        "Proposed: Send a reminder.",
        "As of Jun 30, 2026.",
    ]
    assert [found["Idempotency-Key"] for found in receiver.headers] == [
        found["alert_id"] for found in receiver.messages
    ]


@pytest.mark.parametrize("mode", ["digest", "each"])
def test_people_read_the_name_that_a_brand_gave_itself(tmp_path, receiver, mode):
    """In the title, which is a mail's subject; programs find the brand's id where it was."""
    alerts = [alert(1), alert(2, brand_id="other", customer_id="c2")]
    store = publish(tmp_path, alerts, language="ko", display_name="로스터리 & <친구들>")
    send(store, receiver, mode)
    messages = {message["brand_id"]: message for message in receiver.messages}
    named, plain = messages["shop"], messages["other"]
    assert named["title"].startswith("[로스터리 & <친구들>] ") and named["display_name"] == "로스터리 & <친구들>"
    assert named["text"].startswith("[로스터리 & ‹친구들›] ")
    assert plain["title"].startswith("[other] ") and plain["display_name"] is None
    mail = EmailChannel("mail.example.com", "from@example.com", ["to@example.com"]).mail_of(named)
    assert mail["Subject"] == named["title"]


def test_a_digest_lists_of_each_type_those_with_the_most_at_stake(tmp_path, receiver):
    """Five of each type; what to do, by how many; those who said no are counted, and asked for nothing."""
    carts = [
        alert(
            number,
            alert_type="cart_abandoned",
            subject=f"cart{number}",
            customer_id=f"c{number}",
            action="Call" if number == 7 else "Send a reminder",
            is_contactable=number != 3,
        )
        for number in range(1, 9)
    ]
    rejected = alert(20, alert_type="rejected_rows_high", severity="high", customer_id=None, subject="orders")
    store = publish(
        tmp_path, [*carts, rejected | {"action": None}], {f"c{number}": 10.0 * number for number in range(9)}
    )
    send(store, receiver)
    (message,) = receiver.messages
    assert message["text"].splitlines()[1:] == [
        "Many rejected rows (high severity): 1",
        "So many rows could not be read that figures may be incomplete.",
        "• orders: Leaves soon.",
        "",
        "Cart abandoned (normal severity): 8, 360 KRW at stake",
        "Carts of the last few days that no order has recovered.",
        "• c8 (80 KRW): Leaves soon.",
        "• c7 (70 KRW): Leaves soon.",
        "• c6 (60 KRW): Leaves soon.",
        "• c5 (50 KRW): Leaves soon.",
        "• c4 (40 KRW): Leaves soon.",
        "• and 3 more",
        "What to do: Send a reminder (6); Call (1)",
        "Not to be contacted, for lack of consent: 1",
    ]
    assert [found["customer_id"] for found in message["alerts"]] == [None, "c8", "c7", "c6", "c5", "c4"]
    assert (message["alert_count"], message["more_alerts"], len(message["alert_ids"])) == (9, 3, 9)


DIGESTS = {
    "ko": [
        "[shop] 새 알림 3건, 심각도 높음 1건, 영향 매출 1,234,568원, 2026년 6월 30일 기준",
        "이탈 위험 충성 고객(심각도 높음): 1건, 영향 매출 1,234,568원",
        "이탈할 가능성이 높거나 이탈 판정 기간이 곧 끝나는 충성 고객입니다.",
        "• c1(1,234,568원): 곧 떠납니다.",
        "할 일: 리마인더 보내기",
        "",
        "이탈 임박(심각도 보통): 2건",
        "새로운 활동이 없으면 며칠 안에 이탈로 집계될 고객입니다.",
        "• c2: 곧 떠납니다.",
        "• 외 1건",
        "할 일: 리마인더 보내기",
        "마케팅 수신 미동의로 연락 금지: 1건",
        "",
        "리포트: https://reports.example.com/shop.html",
    ],
    "zh": [
        "[shop] 新预警 3 条，严重程度高 1 条，涉及价值 1,234,568 KRW，截至2026年6月30日",
        "忠诚客户有流失风险（严重程度高）：1 条，涉及价值 1,234,568 KRW",
        "很可能流失或即将到期的忠诚客户。",
        "• c1（1,234,568 KRW）：即将离开。",
        "建议：发送提醒",
        "",
        "即将流失（严重程度一般）：2 条",
        "若无新的活动，几天之内将计为流失的客户。",
        "• c2：即将离开。",
        "• 另有 1 条",
        "建议：发送提醒",
        "未同意营销联系，请勿联系：1 条",
        "",
        "报告：https://reports.example.com/shop.html",
    ],
}


@pytest.mark.parametrize("language", ["ko", "zh"])
def test_a_digest_is_in_the_language_of_the_brand(tmp_path, receiver, language):
    alerts = [
        alert(1, alert_type="loyal_at_risk", severity="high"),
        alert(2),
        alert(3, is_contactable=False),
    ]
    store = publish(tmp_path, alerts, {"c1": 1234567.8}, language)
    send(store, receiver, rows=1, reports="https://reports.example.com/")
    (message,) = receiver.messages
    assert message["text"].splitlines() == DIGESTS[language]
    assert (message["title"], message["language"]) == (DIGESTS[language][0], language)
    assert message["report_url"] == "https://reports.example.com/shop.html"


def test_a_link_leads_to_the_page_that_the_report_writes():
    nameless = texts.message_of_alert(alert(1, brand_id="My shop"), "https://reports.example.com/a/")
    assert nameless["report_url"] == f"https://reports.example.com/a/{page_of_brand('My shop')}"
    assert nameless["text"].splitlines()[-1] == f"Report: {nameless['report_url']}"
    assert texts.message_of_alert(alert(1))["report_url"] is None


def test_every_type_of_alert_is_said_in_words():
    """As the mart's test of its values has them."""
    properties = (ROOT / "models" / "marts" / "actions" / "lifecycle_alerts.yml").read_text("utf-8")
    types = re.findall(r"- ([a-z_]+)\n", properties.partition("values:\n")[2].partition("- name:")[0])
    assert len(types) == 12
    for language in words.WORDS.values():
        assert {f"alert.{name}" for name in types} | {f"happened.{name}" for name in types} <= language.keys()


LINES_OF_EACH = {
    "ko": [
        "[shop] 이탈 임박: c1",
        "곧 떠납니다.",
        "영향 매출: 1,234,568원.",
        "할 일: 리마인더 보내기.",
        "2026년 6월 30일 기준.",
    ],
    "zh": ["[shop] 即将流失：c1", "即将离开。", "涉及价值：1,234,568 KRW。", "建议：发送提醒。", "截至2026年6月30日。"],
}


@pytest.mark.parametrize("language", ["ko", "zh"])
def test_a_message_is_in_the_language_of_the_brand(tmp_path, receiver, language):
    store = publish(tmp_path, [alert(1)], {"c1": 1234567.8}, language)
    send(store, receiver, "each")
    (message,) = receiver.messages
    assert message["text"].splitlines() == LINES_OF_EACH[language]
    assert (message["language"], message["title"]) == (language, LINES_OF_EACH[language][0])


@pytest.mark.parametrize("language", ["ko", "zh"])
@pytest.mark.parametrize("mode", ["digest", "each"])
def test_a_message_to_nobody_says_so_in_the_language_of_the_brand(tmp_path, receiver, language, mode):
    send(publish(tmp_path, [alert(1, is_contactable=False)], {}, language), receiver, mode)
    (message,) = receiver.messages
    silent = {
        "ko": {"each": "마케팅 수신에 동의하지 않았습니다.", "digest": "마케팅 수신 미동의로 연락 금지: 1건"},
        "zh": {"each": "未同意营销联系。", "digest": "未同意营销联系，请勿联系：1 条"},
    }
    assert silent[language][mode] in message["text"]
    assert not re.search("[a-z]{3,} [a-z]{3,}", message["title"] + message["text"])


def test_without_a_translation_a_message_is_in_english():
    """As in a publication of before there was one; a language that nothing is written in is English, too."""
    row = {name: value for name, value in alert(1).items() if not name.endswith(("_ko", "_zh"))}
    assert texts.message_of_alert(row | {"language": "ko"})["text"] == "Leaves soon.\n할 일: Send a reminder."
    assert texts.message_of_alert(row | {"language": "xx"})["text"] == "Leaves soon.\nProposed: Send a reminder."
    assert texts.message_of_alert(alert(1, message_ko=None, language="ko"))["text"].startswith("Leaves soon.")


def test_every_language_has_the_same_words_with_the_same_places():
    def places(language):
        return {key: sorted(re.findall(r"{(\w+)}", text)) for key, text in words.WORDS[language].items()}

    assert places("en") == places("ko") == places("zh")
    assert {"en", "ko", "zh"} == set(words.WORDS)


def test_dates_and_money_are_written_as_in_each_language():
    english, korean, chinese = (words.Words(language) for language in ("en", "ko", "zh"))
    assert [w.day(DAY) for w in (english, korean, chinese)] == ["Jun 30, 2026", "2026년 6월 30일", "2026年6月30日"]
    assert english.day("2026-06-30T00:00:00") == "Jun 30, 2026" and english.day("soon") == "soon"
    assert [korean.money(12.5, "KRW"), korean.money(12.5, "EUR"), korean.money(1e6, None)] == [
        "12원",
        "12.50 EUR",
        "1,000,000",
    ]
    assert [chinese.money(12.5, "CNY"), chinese.money(12.5, "KRW")] == ["12.50 元", "12 KRW"]


@pytest.mark.parametrize("mode", ["digest", "each"])
def test_nobody_is_told_to_write_to_who_said_no(tmp_path, receiver, mode):
    store = publish(tmp_path, [alert(1, is_contactable=False)])
    send(store, receiver, mode)
    said = json.dumps(receiver.messages, ensure_ascii=False)
    assert not any(word in said for word in ("reminder", "remind", "리마인더", "提醒"))
    silent = {"each": "Has not agreed to be written to.", "digest": "Not to be contacted, for lack of consent: 1"}
    assert silent[mode] in receiver.messages[0]["text"]


def test_an_alert_without_word_of_consent_is_sent_as_it_is():
    row = alert(1)
    del row["is_contactable"]
    assert "Proposed: Send a reminder." in texts.message_of_alert(row)["text"]
    assert "Proposed" in texts.message_of_alert(row | {"is_contactable": None})["text"]


# What acknowledges


@pytest.mark.parametrize(
    "status, body, kind",
    [
        (200, "", None),
        (204, "", None),
        (202, "accepted", None),
        (200, "OK\n", None),
        (200, '"ok"', None),
        (200, "1", None),
        (200, "true", None),
        (200, '{"ok": true}', None),
        (200, '{"id": "17", "status": "queued"}', None),
        (200, '{"StatusCode": 0, "code": 0, "msg": "success"}', None),
        (200, '{"errcode": 0, "errmsg": "ok"}', None),
        (200, '{"error": null, "errors": []}', None),
        (200, '[{"success": true}]', None),
        (200, "{}", None),
        (200, "[]", None),
        (201, '{"code": 200}', None),
        (200, "\ufeffok", None),
        (200, '{"accepted": 3}', None),
        (200, "no_service", REFUSED),
        (200, "invalid_payload", REFUSED),
        (200, '{"ok": false}', REFUSED),
        (200, '{"OK": "False"}', REFUSED),
        (200, '{"success": 0}', REFUSED),
        (200, '{"error": "no"}', REFUSED),
        (200, '{"errors": ["no"]}', REFUSED),
        (200, '{"errcode": 310000, "errmsg": "keywords not in content"}', REFUSED),
        (200, '{"code": 19001}', REFUSED),
        (200, '{"code": "400"}', REFUSED),
        (200, '{"status": "error"}', REFUSED),
        (200, '{"status": 500}', REFUSED),
        (200, '[{"ok": true}, {"ok": false}]', REFUSED),
        (200, "false", REFUSED),
        (200, "null", REFUSED),
        (200, "0", REFUSED),
        (200, "<html>Log in</html>", REFUSED),
        (200, "{", REFUSED),
        (200, "Webhook message delivery failed with error: HTTP error 429", REFUSED),
        (200, "x" * 70_000, REFUSED),
        (200, "[" * 60_000, REFUSED),
        (200, '{"accepted": []}', REFUSED),
        (200, '{"success": null}', REFUSED),
        (400, "invalid_payload", REFUSED),
        (403, "", REFUSED),
        (413, "", REFUSED),
        (422, "", REFUSED),
        (301, "ok", NOT_REACHED),
        (302, "ok", NOT_REACHED),
        (307, "ok", NOT_REACHED),
        (304, "", NOT_REACHED),
        (401, "ok", NOT_REACHED),
        (404, "ok", NOT_REACHED),
        (410, "", NOT_REACHED),
        (429, "ok", NOT_REACHED),
        (500, "ok", UNKNOWN),
        (502, "", UNKNOWN),
        (503, "", UNKNOWN),
    ],
)
def test_what_acknowledges(status, body, kind):
    found = channels.refused(status, body.encode())
    assert (found and found[1]) == kind


def test_a_further_answer_can_acknowledge():
    assert channels.refused(200, b"Thanks!") and channels.refused(200, b"Thanks!\n", "Thanks!") is None


def test_the_name_of_an_error_is_told_and_nothing_else_of_an_answer():
    assert channels.refused(200, b"no_service") == ("200 with a body that is no acknowledgement (no_service)", REFUSED)
    assert channels.refused(400, b'{"error": "channel_not_found"}')[0] == "400 (channel_not_found)"
    assert channels.refused(400, b'{"error": "%s"}' % SECRET.encode())[0] == "400"
    assert channels.refused(400, b"lettersonly", hidden="https://hooks.example.com/lettersonly")[0] == "400"


@pytest.mark.parametrize("body", [b"no_service", b'{"ok": false}'])
def test_a_body_that_says_no_is_not_sent(tmp_path, receiver, body):
    store = publish(tmp_path, [alert(1)])
    receiver.answer = lambda message: (200, body, {})
    outcome = send(store, receiver)
    assert (outcome.sent, outcome.failed, store.sent_alerts()) == (0, 1, set())
    receiver.answer = lambda message: (200, b"ok", {})
    assert send(store, receiver).sent == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(tmp_path, receiver, status):
    said: list[str] = []
    with running_receiver(SECRET) as elsewhere:
        receiver.answer = lambda message: (status, b"", {"Location": elsewhere.url})
        outcome = send(publish(tmp_path, [alert(1)]), receiver, said=said)
    assert elsewhere.messages == [] and len(receiver.messages) == 1 and outcome.failed == 1
    assert f"the webhook answered {status}" in said[0] and SECRET not in str(said)


# One that always fails


def test_a_digest_is_taken_apart_until_only_what_is_refused_is_left(tmp_path, receiver):
    store = publish(tmp_path, [alert(number) for number in range(50)])
    poison = {alert(17)["alert_id"], alert(18)["alert_id"]}
    receiver.answer = refuse(*poison)
    outcome = send(store, receiver)
    assert (outcome.sent, outcome.failed) == (48, 2)
    assert sorted(receiver.alert_ids) == sorted(store.sent_alerts())
    assert not poison & set(receiver.alert_ids) and len(receiver.alert_ids) == 48


@pytest.mark.parametrize("mode", ["digest", "each"])
def test_after_five_tries_it_is_set_aside_and_that_is_said_once(tmp_path, receiver, mode):
    store = publish(tmp_path, [alert(number) for number in range(4)])
    bad = alert(2)["alert_id"]
    receiver.answer = refuse(bad)
    for tried in range(TRIES):
        store = publish(tmp_path, [alert(2), *(alert(tried * 10 + number) for number in range(3, 6))])
        outcome = send(store, receiver, mode)
        assert (outcome.sent, outcome.failed, outcome.newly_parked) == (3, 1, int(tried == TRIES - 1))
    notices = [message for message in receiver.messages if message["kind"] == "notice"]
    assert [notice["alert_ids"] for notice in notices] == [[bad]]
    assert "about_to_churn of shop" in notices[0]["text"] and bad in notices[0]["text"]
    before = len(receiver.messages)
    outcome = send(store, receiver, mode)
    assert outcome.is_complete and len(receiver.messages) == before
    # taken up again on request
    store.record_alert_events([{"event": "unparked", "alert_ids": [bad]}])
    receiver.answer = lambda message: (200, b"ok", {})
    assert send(store, receiver, mode).sent == 1 and bad in store.sent_alerts()


def test_a_notice_that_does_not_get_through_is_said_the_next_time(tmp_path, receiver):
    store = publish(tmp_path, [alert(1)])
    receiver.answer = lambda message: (400, b"", {})
    for _tried in range(TRIES):
        outcome = send(store, receiver)
    assert outcome.newly_parked == 1 and outcome.notice_failed and not outcome.is_complete
    receiver.answer = lambda message: (200, b"ok", {})
    assert send(store, receiver).is_complete and receiver.messages[-1]["kind"] == "notice"
    said = len(receiver.messages)
    assert send(store, receiver).is_complete and len(receiver.messages) == said


@pytest.mark.parametrize("answer", [(503, b"", {}), (404, b"no_team", {}), (401, b"", {}), (302, b"", {}), None])
@pytest.mark.parametrize("mode", ["digest", "each"])
def test_a_receiver_that_is_down_costs_no_alert_a_try(tmp_path, receiver, answer, mode):
    alerts = [alert(number, brand_id=f"b{number % 5}") for number in range(20)]
    store = publish(tmp_path, alerts)
    receiver.answer = lambda message: answer
    for _ in range(TRIES + 2):
        before = len(receiver.messages)
        assert send(store, receiver, mode).sent == 0
        assert len(receiver.messages) - before <= sender.UNANSWERED_IN_A_ROW
    receiver.answer = lambda message: (200, b"ok", {})
    while not (outcome := send(store, receiver, mode)).is_complete:
        assert outcome.sent
    assert sorted(receiver.alert_ids) == sorted(found["alert_id"] for found in alerts)
    assert not any(message["kind"] == "notice" for message in receiver.messages)


def test_a_receiver_that_wants_nothing_is_not_called_for_every_alert(tmp_path, receiver):
    store = publish(tmp_path, [alert(number) for number in range(300)])
    receiver.answer = lambda message: (200, b"no_service", {})
    for _ in range(TRIES + 1):
        before = len(receiver.messages)
        assert send(store, receiver).gave_up
        assert len(receiver.messages) - before <= sender.REFUSED_IN_A_ROW
    receiver.answer = lambda message: (200, b"ok", {})
    assert send(store, receiver).is_complete
    assert len(receiver.alert_ids) == len(set(receiver.alert_ids)) == 300


def test_the_gravest_being_refused_the_rest_goes_out_in_the_end(tmp_path, receiver):
    """Also where so many are refused that the receiver seems to want nothing."""
    alerts = [alert(number, severity="high" if number < 20 else "normal") for number in range(60)]
    store = publish(tmp_path, alerts)
    receiver.answer = refuse(*(found["alert_id"] for found in alerts[:20]))
    for _ in range(20):
        if send(store, receiver).sent:
            break
    assert len(set(receiver.alert_ids)) == len(receiver.alert_ids) == 40


def test_an_alert_that_makes_the_receiver_hang_up_does_not_hold_up_the_others(tmp_path, receiver):
    bad = alert(3)["alert_id"]

    def answer(message):
        held = message.get("alert_ids") or [message["alert_id"]]
        return None if bad in held and message["kind"] != "notice" else (200, b"ok", {})

    receiver.answer = answer
    for day in range(10):
        store = publish(tmp_path, [alert(number) for number in range(8 + day)])
        send(store, receiver)
    assert sorted(receiver.alert_ids) == sorted(store.sent_alerts()) and len(store.sent_alerts()) == 16
    assert sender.History.of(store.alert_events()).parked == {bad}


def test_an_alert_that_is_gone_is_not_sent_any_more(tmp_path, receiver):
    store = publish(tmp_path, [alert(1), alert(2)])
    receiver.answer = lambda message: (500, b"", {})
    send(store, receiver)
    receiver.answer = lambda message: (200, b"ok", {})
    store = publish(tmp_path, [alert(2), alert(3)])
    assert send(store, receiver).is_complete
    # the digest whose fate nobody knows comes again under its name, and what is new by itself
    first, again, new = receiver.messages
    assert again["idempotency_key"] == first["idempotency_key"] != new["idempotency_key"]
    assert [again["alert_ids"], new["alert_ids"]] == [[alert(2)["alert_id"]], [alert(3)["alert_id"]]]


# Texts that would be something else where they are shown

NASTY = [
    "a\r\nBcc: everyone@example.com",
    "a\nSubject: other",
    "a\x1b[2Jb",
    "a\u202eb",
    "a\u2028b",
    "a\x00b",
    "a\x85b",
    "<!channel>",
    "<http://evil.example|click>",
    "<script>alert(1)</script>",
    "@everyone",
    "{{ 1 / 0 }}",
    "\ud800",
    "x" * 100_000,
    "한국어",
    "👩‍👩‍👧",
    "a\tb",
    "=HYPERLINK(1)",
    "%s%n",
    "'; drop table --",
]


@pytest.mark.parametrize("name", NASTY)
def test_names_break_no_mail_no_log_and_no_chat(name, capsys):
    nasty = alert(1, brand_id=name, customer_id=name, subject=name, message=name, action=name, alert_type=name)
    mail = EmailChannel("smtp.example.com", "from@example.com", ["to@example.com"])
    for message in (
        texts.message_of_alert(nasty),
        texts.digest("digest-1", [nasty, alert(2, brand_id=name)]),
        texts.parked_notice([nasty], 5),
        texts.failure_notice("dag", name, name, name, name),
    ):
        sent = bytes(mail.mail_of(message)).split(b"\n\n", 1)
        headers = [line.split(b":")[0] for line in sent[0].split(b"\n") if not line.startswith((b" ", b"\t"))]
        assert sorted(headers) == sorted(
            [
                b"From",
                b"To",
                b"Subject",
                b"Date",
                b"Message-ID",
                b"MIME-Version",
                b"Content-Type",
            ]
        )
        assert b"<script>" not in sent[1].partition(b"text/html")[2]
        assert "\n" not in message["title"] and len(message["title"]) <= texts.LONGEST_TITLE
        channels.LogChannel().deliver(message | {"title": message["title"].replace("\ud800", "?")})
        lines = capsys.readouterr().out.split("\n")
        assert lines[0] == message["title"] and all(line.startswith("    ") for line in lines[1:-1])
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2029\ud800-\udfff]", "\n".join(lines))
        for body in channels.BODIES.values():
            said = body(message)["text"]
            assert "<" not in said and not re.search("@everyone", said)


def test_programs_get_names_as_they_are(tmp_path, receiver):
    store = publish(tmp_path, [alert(1, customer_id="a\r\nb<c>")])
    send(store, receiver)
    assert receiver.messages[0]["alerts"][0]["customer_id"] == "a\r\nb<c>"


# Secrets


@contextmanager
def hanging_up() -> Iterator[int]:
    """A port that accepts and says nothing."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        stop = threading.Event()

        def accept() -> None:
            while not stop.is_set():
                try:
                    listener.accept()[0].close()
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1]
        stop.set()


def told_by(channel: channels.Channel) -> str:
    """What a failing channel says."""
    with pytest.raises(DeliveryError) as raised:
        channel.deliver(texts.message_of_alert(alert(1)))
    error = raised.value
    assert error.__cause__ is None and (error.__context__ is None or error.__suppress_context__)
    return str(error)


def test_a_webhook_never_tells_its_address_or_headers(receiver, monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = free.getsockname()[1]
    headers = {"Authorization": f"Bearer {SECRET}", "X-Key": SECRET}
    echo = json.dumps({"error": f"no such token {SECRET}", "url": receiver.url}).encode()
    for answer in [
        (500, echo, {}),
        (404, SECRET.encode(), {}),
        (200, echo, {}),
        (302, b"", {"Location": SECRET}),
        None,
    ]:
        receiver.answer = lambda message: answer
        told = told_by(WebhookChannel(receiver.url, headers))
        assert SECRET not in told and "127.0.0.1" not in told
    with hanging_up() as port:
        for url in (
            f"http://user:{quote(SECRET, safe='')}@127.0.0.1:{port}/{SECRET}",
            f"https://127.0.0.1:{port}/{SECRET}",
            f"http://127.0.0.1:{closed}/{SECRET}",
            f"http://no-such-host.invalid/{SECRET}",
            f"https://127.0.0.1:{receiver.server_port}/{SECRET}",
        ):
            assert SECRET not in told_by(WebhookChannel(url, headers))
    monkeypatch.setenv("http_proxy", f"http://user:{SECRET}@127.0.0.1:{closed}")
    monkeypatch.setenv("no_proxy", "")
    assert SECRET not in told_by(WebhookChannel(f"http://hooks.example.com/{SECRET}", headers))


@pytest.mark.parametrize(
    "settings",
    [
        {"LIFECYCLE_ALERTS_TO": "webhook", "LIFECYCLE_ALERTS_WEBHOOK_URL": f"ftp://{SECRET}"},
        {"LIFECYCLE_ALERTS_TO": "webhook", "LIFECYCLE_ALERTS_WEBHOOK_URL": f"https://host/{SECRET}\nX: y"},
        {"LIFECYCLE_ALERTS_TO": "webhook", "LIFECYCLE_ALERTS_WEBHOOK_URL": f"https://host:{SECRET}/"},
        {"LIFECYCLE_ALERTS_TO": "webhook", "LIFECYCLE_ALERTS_WEBHOOK_URL": f"https://[{SECRET}/"},
        {
            "LIFECYCLE_ALERTS_TO": "webhook",
            "LIFECYCLE_ALERTS_WEBHOOK_URL": "https://host",
            "LIFECYCLE_ALERTS_WEBHOOK_HEADERS": f'{{"Authorization": "{SECRET}',
        },
        {
            "LIFECYCLE_ALERTS_TO": "webhook",
            "LIFECYCLE_ALERTS_WEBHOOK_URL": "https://host",
            "LIFECYCLE_ALERTS_WEBHOOK_HEADERS": json.dumps({"Authorization": f"{SECRET}\n"}),
        },
        {
            "LIFECYCLE_ALERTS_TO": "webhook",
            "LIFECYCLE_ALERTS_WEBHOOK_URL": "https://host",
            "LIFECYCLE_ALERTS_WEBHOOK_HEADERS": json.dumps({f"{SECRET} x": "y"}),
        },
        {
            "LIFECYCLE_ALERTS_TO": "webhook",
            "LIFECYCLE_ALERTS_WEBHOOK_URL": "https://host",
            "LIFECYCLE_ALERTS_WEBHOOK_BODY": "xml",
        },
        {"LIFECYCLE_ALERTS_TO": "email", "LIFECYCLE_ALERTS_SMTP_URL": f"https://user:{SECRET}@host"},
        {"LIFECYCLE_ALERTS_TO": "email", "LIFECYCLE_ALERTS_SMTP_URL": f"smtps://user:{SECRET}@host"},
        {
            "LIFECYCLE_ALERTS_TO": "email",
            "LIFECYCLE_ALERTS_SMTP_URL": f"smtps://user:{SECRET}@host",
            "LIFECYCLE_ALERTS_EMAIL_FROM": "a@example.com",
        },
        {
            "LIFECYCLE_ALERTS_TO": "email",
            "LIFECYCLE_ALERTS_SMTP_URL": f"smtps://user:{SECRET}@host",
            "LIFECYCLE_ALERTS_EMAIL_FROM": "a@example.com",
            "LIFECYCLE_ALERTS_EMAIL_TO": "b@example.com\nBcc: c@example.com",
        },
        {"LIFECYCLE_ALERTS_TO": "fax"},
        {"LIFECYCLE_ALERTS_MODE": "hourly"},
        {"LIFECYCLE_ALERTS_ROWS": "-1"},
        {"LIFECYCLE_REPORT_URL": f"ftp://{SECRET}"},
        {"LIFECYCLE_REPORT_URL": f"https://{SECRET} x"},
    ],
)
def test_wrong_settings_are_told_without_their_secrets(publish_py, settings, monkeypatch, capfd):
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert publish_py("alerts", "--send") == ExitCode.WRONG_USAGE
    told = capfd.readouterr()
    assert told.err.startswith("lifecycle: ") and SECRET not in told.err + told.out


def test_a_user_in_the_address_is_sent_as_a_header_and_not_in_the_address(tmp_path, receiver):
    channel = WebhookChannel(receiver.url.replace("http://", "http://me:p%40ss@"), {"X-Key": "k"})
    channel.deliver(texts.message_of_alert(alert(1)))
    assert receiver.headers[0]["Authorization"] == "Basic bWU6cEBzcw==" and receiver.headers[0]["X-Key"] == "k"
    assert receiver.paths == [f"/{SECRET}?token={SECRET}"]


def test_a_channel_that_raises_anything_tells_only_what_kind_it_was(tmp_path):
    class Careless(channels.Channel):
        def deliver(self, message):
            raise RuntimeError(f"POST https://hooks.example.com/{SECRET} failed")

    said: list[str] = []
    assert Sender(publish(tmp_path, [alert(1)]), Careless(), say=said.append).run().failed == 1
    assert said == [f"Alert {alert(1)['alert_id']} was not sent: RuntimeError"]


# E-mail


class Mailbox(socketserver.ThreadingTCPServer):
    """A server that takes mail by SMTP, as far as is needed; `answers` by command, else 250."""

    daemon_threads = allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Smtp)
        self.mails: list[str] = []
        self.answers: dict[str, str] = {}
        self.recipients: list[str] = []


class _Smtp(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        say = lambda line: self.wfile.write(line.encode() + b"\r\n")  # noqa: E731
        say("220 here")
        while line := self.rfile.readline().decode().strip():
            command = line.split()[0].upper()
            answer = self.server.answers.get(line, self.server.answers.get(command))
            if answer == "hang up":
                return
            if command == "DATA" and not answer:
                say("354 go on")
                mail = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    mail += part
                self.server.mails.append(mail.decode())
                answer = self.server.answers.get("taken")
                if answer == "hang up":
                    return
            if command == "RCPT" and not answer:
                self.server.recipients.append(line)
            say(answer or "250 fine")
            if command == "QUIT":
                return


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    server = Mailbox()
    threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def mail(mailbox: Mailbox, **more: Any) -> EmailChannel:
    return EmailChannel(
        "127.0.0.1",
        "from@example.com",
        ["one@example.com", "two@example.com"],
        mailbox.server_address[1],
        security="none",
        **more,
    )


def test_a_digest_by_mail(tmp_path, mailbox):
    store = publish(tmp_path, [alert(1, customer_id="<b>", subject="<b>"), alert(2)])
    assert Sender(store, mail(mailbox), say=print).run().sent == 2
    (received,) = mailbox.mails
    assert "Subject: [shop] 2 new alerts, as of Jun 30, 2026" in received and "&lt;b&gt;" in received
    assert re.search(r"Message-ID: <digest-[0-9a-f]{32}@customer-lifecycle>", received)
    assert len(mailbox.recipients) == 2


def test_a_digest_by_mail_has_headings_lists_and_a_link():
    found = [
        alert(1, message="a < b"),
        alert(2),
        alert(3, alert_type="revenue_drop", severity="high", customer_id=None),
    ]
    message = texts.digest("digest-1", found, 1, "https://reports.example.com/?a=1&b=2")
    sent = EmailChannel("smtp.example.com", "from@example.com", ["to@example.com"]).mail_of(message)
    plain, formatted = (part.get_content() for part in sent.iter_parts())
    assert plain.splitlines() == message["text"].splitlines()
    address = "https://reports.example.com/?a=1&amp;b=2/shop.html"
    assert formatted.splitlines() == [
        "<h3>Revenue dropped (high severity): 1</h3>",
        "<p>The last complete month brought less than before.</p>",
        "<ul>",
        "<li>c3: Leaves soon.</li>",
        "</ul>",
        "<p>What to do: Send a reminder</p>",
        "<h3>About to churn (normal severity): 2</h3>",
        "<p>Customers who will leave the base within days unless they act.</p>",
        "<ul>",
        "<li>c1: a &lt; b</li>",
        "<li>and 1 more</li>",
        "</ul>",
        "<p>What to do: Send a reminder</p>",
        f'<p>Report: <a href="{address}">{address}</a></p>',
    ]
    (alone,) = (
        EmailChannel("smtp.example.com", "from@example.com", ["to@example.com"])
        .mail_of(texts.message_of_alert(alert(1)))
        .get_body(("html",))
        .get_content()
        .splitlines()[:1]
    )
    assert alone == "<p>Leaves soon.</p>"


@pytest.mark.parametrize(
    "command, answer, kind",
    [
        ("DATA", "554 no", REFUSED),
        ("DATA", "451 later", NOT_REACHED),
        ("RCPT", "550 nobody", NOT_REACHED),
        ("MAIL", "530 log in", NOT_REACHED),
        ("DATA", "hang up", UNKNOWN),
        ("taken", "hang up", UNKNOWN),
        ("taken", "554 spam", REFUSED),
    ],
)
def test_a_mail_that_is_not_taken(mailbox, command, answer, kind):
    mailbox.answers[command] = f"{answer} {SECRET}" if answer != "hang up" else answer
    with pytest.raises(DeliveryError) as raised:
        mail(mailbox).deliver(texts.message_of_alert(alert(1)))
    assert raised.value.kind == kind and SECRET not in str(raised.value)


@pytest.mark.parametrize("goodbye", ["hang up", "500 no"])
def test_a_mail_that_was_taken_is_sent_whatever_comes_after(mailbox, goodbye):
    mailbox.answers["QUIT"] = goodbye
    mail(mailbox).deliver(texts.message_of_alert(alert(1)))
    assert len(mailbox.mails) == 1


def test_one_address_of_several_that_is_refused_sends_nothing_twice(mailbox, capsys):
    mailbox.answers["rcpt TO:<two@example.com>"] = "550 nobody"
    mail(mailbox).deliver(texts.message_of_alert(alert(1)))
    assert len(mailbox.mails) == 1 and "refused 1 of 2 addresses" in capsys.readouterr().err


def test_a_password_that_is_wrong_is_not_told(mailbox, monkeypatch):
    def login(self, user, password):
        raise smtplib.SMTPAuthenticationError(535, f"wrong password {password}".encode())

    monkeypatch.setattr(smtplib.SMTP, "login", login)
    assert told_by(mail(mailbox, user="me", password=SECRET)) == "the SMTP server answered 535"


# The command


@pytest.fixture
def publish_py(tmp_path, monkeypatch):
    """The command over a publication of three alerts, one of whom said no. It takes arguments and gives the exit
    code."""
    for name in [name for name in os.environ if name.startswith(("LIFECYCLE_", "DBT_"))]:
        monkeypatch.delenv(name)
    publish(tmp_path, [alert(1), alert(2, is_contactable=False), alert(3)], {"c3": 12.5})
    monkeypatch.setenv("LIFECYCLE_DUCKDB_PATH", str(tmp_path / "lifecycle.duckdb"))
    monkeypatch.setenv("LIFECYCLE_PUBLICATIONS", str(tmp_path / "publications"))
    return lambda *arguments: cli.main(arguments, project_dir=ROOT)


def test_the_command_sends_and_tells(publish_py, receiver, monkeypatch, capfd):
    monkeypatch.setenv("LIFECYCLE_ALERTS_TO", "webhook")
    monkeypatch.setenv("LIFECYCLE_ALERTS_WEBHOOK_URL", receiver.url)
    bad = alert(2)["alert_id"]
    receiver.answer = refuse(bad)
    monkeypatch.setenv("LIFECYCLE_ALERTS_MODE", "each")
    assert publish_py("alerts", "--send") == ExitCode.NOT_ALL_SENT
    told = capfd.readouterr()
    assert "2 alerts sent, 1 not" in told.err and SECRET not in told.err and told.out == ""
    for _ in range(TRIES - 1):
        assert publish_py("alerts", "--send") == ExitCode.NOT_ALL_SENT
    assert publish_py("alerts", "--send") == ExitCode.DONE
    capfd.readouterr()
    assert publish_py("alerts", "--parked") == ExitCode.DONE
    assert capfd.readouterr().out.split("  ") == [
        bad,
        "shop",
        "c2",
        "about_to_churn",
        "Leaves soon.",
        "the webhook answered 400 (invalid_payload)\n",
    ]
    assert publish_py("alerts", "--parked", "--json") == ExitCode.DONE
    assert json.loads(capfd.readouterr().out)["tries"] == TRIES
    assert publish_py("alerts", "--pending") == ExitCode.DONE and capfd.readouterr().out == ""
    assert publish_py("alerts", "--unpark", "nothing") == ExitCode.WRONG_USAGE
    assert publish_py("alerts", "--unpark", bad) == ExitCode.DONE
    receiver.answer = lambda message: (200, b"ok", {})
    assert publish_py("alerts", "--send") == ExitCode.DONE
    assert sorted(receiver.alert_ids) == [alert(number)["alert_id"] for number in (1, 2, 3)]


def test_the_log_is_the_default(publish_py, capfd):
    assert publish_py("alerts", "--send") == ExitCode.DONE
    assert capfd.readouterr().out.splitlines()[0] == "[shop] 3 new alerts, 12 KRW at stake, as of Jun 30, 2026"
    assert publish_py("alerts", "--send") == ExitCode.DONE and capfd.readouterr().out == ""


def test_what_is_listed_for_programs_asks_nobody_to_write_to_who_said_no(publish_py, capfd):
    assert publish_py("alerts", "--json") == ExitCode.DONE
    listed = {row["customer_id"]: row for row in map(json.loads, capfd.readouterr().out.splitlines())}
    assert listed["c2"]["action"] is None and listed["c1"]["action"] == "Send a reminder"
    assert (listed["c3"]["value_at_stake"], listed["c3"]["currency"], listed["c3"]["as_of_date"]) == (
        12.5,
        "KRW",
        "2026-06-30",
    )


def test_two_senders_do_not_send_at_once(tmp_path, receiver):
    store = publish(tmp_path, [alert(1)])
    with store.sending_lock(0), pytest.raises(PublishError) as raised:
        send(store_of(tmp_path), receiver)
    assert raised.value.exit_code == ExitCode.LOCKED and receiver.messages == []


def test_the_program_at_the_other_end_of_a_pipe_sends(publish_py, monkeypatch, capfd):
    monkeypatch.setenv("LIFECYCLE_ALERTS_TO", "pipe")
    monkeypatch.setenv("LIFECYCLE_ALERTS_MODE", "each")
    monkeypatch.setattr("sys.stdin", iter_lines("acknowledged\n", f"{REFUSED}\tnot this one\n", "", ""))
    assert publish_py("alerts", "--send") == ExitCode.NOT_ALL_SENT
    told = capfd.readouterr()
    assert [json.loads(line)["customer_id"] for line in told.out.splitlines()] == ["c3", "c1", "c2"]
    assert "not this one" in told.err and "did not say what became of it" in told.err


def iter_lines(*lines: str) -> SimpleNamespace:
    """A standard input of these lines."""
    left = list(lines)
    return SimpleNamespace(readline=lambda: left.pop(0) if left else "")


# Kills

SENDER = """
import sys
from pathlib import Path
from types import SimpleNamespace
sys.path.insert(0, sys.argv[1])
from customer_lifecycle.alerting.channels import WebhookChannel
from customer_lifecycle.alerting.sender import Sender
from customer_lifecycle.publishing.duckdb_store import DuckDBStore
folder = Path(sys.argv[2])
credentials = SimpleNamespace(path=str(folder / "lifecycle.duckdb"), database="lifecycle")
store = DuckDBStore(credentials, folder, folder / "publications", None)
print("ready", flush=True)
outcome = Sender(store, WebhookChannel(sys.argv[3]), sys.argv[4]).run(wait=30)
sys.exit(not outcome.is_complete)
"""


@pytest.mark.parametrize("mode", ["digest", "each"])
@pytest.mark.parametrize("seed", range(2))
def test_killed_at_any_moment_no_alert_is_lost_and_none_comes_twice(tmp_path, receiver, mode, seed):
    """Eight kills each, one a day while alerts come and go, with a receiver that fails now and then. A kill comes about
    when a message is answered: before, while that is recorded, or while the next is written down."""
    chance = random.Random(seed * 2 + (mode == "each"))
    processes: list[subprocess.Popen] = []
    may_kill = False

    def answer(message):
        if may_kill and chance.random() < 0.4:
            threading.Timer(chance.uniform(0, 0.015), processes[-1].kill).start()
        time.sleep(chance.uniform(0, 0.01))
        return chance.choices([(200, b"ok", {}), (500, b"", {}), None], [8, 1, 1])[0]

    receiver.answer = answer
    kills = 0
    today: list[dict[str, Any]] = []
    for day in range(20):
        today = [found for found in today if chance.random() < 0.8]
        today += [alert(day * 100 + number, brand_id=f"brand{number % 3}") for number in range(7)]
        publish(tmp_path, today)
        may_kill = kills < 8
        process = subprocess.Popen(
            [sys.executable, "-c", SENDER, str(ROOT / "src"), str(tmp_path), receiver.url, mode],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        processes.append(process)
        process.stdout.readline()
        process.wait(timeout=120)
        process.stdout.close()
        # what the killed one had sent must not be taken after what the next one sends
        receiver.wait_until_idle()
        kills += process.returncode == -9
        if not may_kill:
            break
    receiver.answer = lambda message: (200, b"ok", {})
    store = store_of(tmp_path)
    while not (outcome := send(store, receiver, mode)).is_complete:
        assert outcome.sent
    taken = receiver.alert_ids
    assert len(taken) == len(set(taken)), "an alert came twice to a receiver that had acknowledged it"
    assert {found["alert_id"] for found in today} <= set(taken), "an alert was lost"
    assert store.sent_alerts() <= set(taken), "an alert is on record that never went out"
    assert kills == 8
