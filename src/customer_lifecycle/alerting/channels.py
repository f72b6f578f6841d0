"""How a message goes out. What a channel says of a failure never holds an address, a password or what was answered."""

from __future__ import annotations

import base64
import html
import json
import os
import re
import smtplib
import socket
import ssl
import sys
import time
import urllib.error
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from email.message import EmailMessage
from email.utils import formatdate
from http.client import HTTPException
from typing import Any, TextIO
from urllib.parse import unquote, urlsplit

from .texts import BULLET, Message, for_chat, one_line

SECONDS_FOR_AN_ANSWER = 30
LARGEST_ANSWER = 65_536

# whose fault a failure is, and so what is to be done about it
REFUSED = "refused"  # the receiver has read this message and does not want it
NOT_REACHED = "not reached"  # the message was not read: the address, the credentials, the network, a limit
UNKNOWN = "unknown"  # it may have been taken: no answer, or an error of the receiver's own

NOT_READ = {401, 404, 405, 407, 408, 410, 421, 425, 429}
YES = {"", "1", "accepted", "done", "ok", "queued", "received", "success", "true"}
NO_WORDS = {"error", "failed", "failure", "fail", "invalid", "no", "rejected", "denied", "false"}
# fields of a JSON answer that say yes or no, and those that hold a code that is zero, or that of HTTP, where all is
# well
YES_OR_NO = ("ok", "success", "succeeded", "successful", "accepted")
ERRORS = ("error", "errors")
CODES = ("code", "errcode", "errorcode", "statuscode", "status_code", "status")
# the name of an error, such as invalid_payload: nothing else of an answer is repeated
ERROR_NAME = re.compile(r"[a-z]+(?:[_ ][a-z]+){0,4}", re.ASCII)


class DeliveryError(Exception):
    """A message did not go out, or nobody knows; the text may be shown to anybody.

    Takes: why; REFUSED, NOT_REACHED or UNKNOWN.
    """

    def __init__(self, reason: str, kind: str) -> None:
        super().__init__(one_line(reason))
        self.kind = kind


class ChannelSettingsError(ValueError):
    """The settings of a channel are wrong; the text names the setting, never its value where that may be secret."""


class Channel(ABC):
    """A way for messages to go out."""

    @abstractmethod
    def deliver(self, message: Message) -> None:
        """Sends a message and waits until it is acknowledged. Raises DeliveryError where it is not."""


class LogChannel(Channel):
    """Writes messages as lines, each of them begun with the title."""

    def __init__(self, output: TextIO | None = None) -> None:
        self.output = output

    def deliver(self, message: Message) -> None:
        output = self.output or sys.stdout
        print(
            message["title"],
            *(f"    {line}" for line in message["text"].splitlines() if line),
            sep="\n",
            file=output,
            flush=True,
        )


class PipeChannel(Channel):
    """Hands messages to the program at the other end, a line of JSON each, and reads what became of it.

    It answers `acknowledged`, or the kind of failure, a tab, and why.
    """

    def __init__(self, answers: TextIO | None = None, output: TextIO | None = None) -> None:
        self.answers = answers
        self.output = output

    def deliver(self, message: Message) -> None:
        print(json.dumps(message), file=self.output or sys.stdout, flush=True)
        answer = (self.answers or sys.stdin).readline().rstrip("\n")
        if answer == "acknowledged":
            return
        kind, _, reason = answer.partition("\t")
        if kind not in (REFUSED, NOT_REACHED, UNKNOWN):
            kind, reason = UNKNOWN, "the program that sends did not say what became of it"
        raise DeliveryError(reason, kind)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Goes nowhere but to the address that was given: another may be anybody's."""

    def redirect_request(self, *_: Any) -> None:
        return None


class WebhookChannel(Channel):
    """POSTs messages as JSON to an address."""

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        body: str = "json",
        also_yes: str | None = None,
        context: ssl.SSLContext | None = None,
    ) -> None:
        """Takes: the address, which may hold a user and a password; headers; what is sent, `json` for all there is or
        `text` for {"text": …} alone; a further answer that acknowledges; how to trust the server, as by default.

        Raises ChannelSettingsError.
        """
        try:
            parts = urlsplit(url)
            host = parts.hostname if parts.port != 0 else None
        except ValueError:
            host = None
        if not host or parts.scheme not in ("http", "https") or not url.isprintable() or " " in url:
            raise ChannelSettingsError("The webhook's address is none that begins with http:// or https://.")
        if body not in BODIES:
            raise ChannelSettingsError(f"The webhook's body is {body!r}; it must be one of {', '.join(BODIES)}.")
        self.url = parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="").geturl()
        self.headers = dict(headers or {})
        if parts.username is not None:
            authorization = basic_authorization(unquote(parts.username), unquote(parts.password or ""))
            self.headers.setdefault("Authorization", authorization)
        for name, value in self.headers.items():
            if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", str(name)):
                raise ChannelSettingsError("The name of one of the webhook's headers is none.")
            if not isinstance(value, str) or not value.isprintable() or not value.isascii():
                raise ChannelSettingsError(f"The webhook's header {name} holds what a header cannot hold.")
        self.body = BODIES[body]
        self.also_yes = also_yes
        self.opener = urllib.request.build_opener(_NoRedirects, urllib.request.HTTPSHandler(context=context))

    def deliver(self, message: Message) -> None:
        request = urllib.request.Request(
            self.url,
            method="POST",
            data=json.dumps(self.body(message)).encode(),
            headers={
                "User-Agent": "customer-lifecycle",
                **self.headers,
                "Content-Type": "application/json",
                "Idempotency-Key": one_line(message["idempotency_key"]).encode("ascii", "replace").decode(),
            },
        )
        status, answer = self._post(request)
        refusal = refused(status, answer, self.also_yes, hidden=" ".join([self.url, *self.headers.values()]))
        if refusal is not None:
            raise DeliveryError(f"the webhook answered {refusal[0]}", refusal[1])

    def _post(self, request: urllib.request.Request) -> tuple[int, bytes]:
        """The status and body of the answer. Raises DeliveryError where there is none, without what the error says:
        that may hold the address."""
        deadline = time.monotonic() + SECONDS_FOR_AN_ANSWER
        try:
            with self.opener.open(request, timeout=SECONDS_FOR_AN_ANSWER) as answer:
                return answer.status, _read(answer, deadline)
        except urllib.error.HTTPError as error:
            with error:
                try:
                    return error.code, _read(error, deadline)
                except (OSError, HTTPException):
                    return error.code, b""
        except urllib.error.URLError as error:
            # a request that could not be sent, in whole; an answer that fails to come raises others
            cause = error.reason
            not_begun = isinstance(cause, (socket.gaierror, ConnectionRefusedError, ssl.SSLCertVerificationError))
            raise DeliveryError(
                f"the webhook could not be reached ({_name_of(cause)})", NOT_REACHED if not_begun else UNKNOWN
            ) from None
        except (OSError, HTTPException, ValueError) as error:
            raise DeliveryError(f"the webhook did not answer ({_name_of(error)})", UNKNOWN) from None


class EmailChannel(Channel):
    """Sends messages by SMTP."""

    def __init__(
        self,
        host: str,
        sender: str,
        recipients: Sequence[str],
        port: int = 0,
        user: str | None = None,
        password: str | None = None,
        security: str = "ssl",
        context: ssl.SSLContext | None = None,
    ) -> None:
        """Takes: the server; who sends and who receives; port, user and password; `ssl`, `starttls` or `none`.

        Raises ChannelSettingsError.
        """
        if not host:
            raise ChannelSettingsError("The SMTP server has no host.")
        if security not in ("ssl", "starttls", "none"):
            raise ChannelSettingsError(f"The security of SMTP is {security!r}; it must be ssl, starttls or none.")
        addresses = [sender, *recipients]
        for address in addresses:
            if not re.fullmatch(r"[^\s<>@,;:\"\\]+@[^\s<>@,;:\"\\]+", address or "") or not address.isprintable():
                raise ChannelSettingsError(f"{one_line(address)!r} is no e-mail address.")
        if not recipients:
            raise ChannelSettingsError("There is no e-mail address to send alerts to.")
        self.host, self.sender, self.recipients = host, sender, list(recipients)
        self.port = port or {"ssl": 465, "starttls": 587, "none": 25}[security]
        self.user, self.password, self.security = user, password, security
        self.context = context or ssl.create_default_context()

    def deliver(self, message: Message) -> None:
        mail = self.mail_of(message)
        server = self._connected()
        try:
            refused_by_server = server.send_message(mail)
        except smtplib.SMTPRecipientsRefused:
            raise DeliveryError("the SMTP server refused every address", NOT_REACHED) from None
        except smtplib.SMTPDataError as error:
            kind = REFUSED if error.smtp_code >= 500 else NOT_REACHED
            raise DeliveryError(f"the SMTP server refused the mail with {error.smtp_code}", kind) from None
        except smtplib.SMTPResponseException as error:
            raise DeliveryError(f"the SMTP server answered {error.smtp_code}", NOT_REACHED) from None
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise DeliveryError(f"the SMTP server did not take the mail ({_name_of(error)})", UNKNOWN) from None
        finally:
            # what was taken is taken, whatever comes of the goodbye
            try:
                server.quit()
            except (OSError, smtplib.SMTPException):
                server.close()
        if refused_by_server:
            print(
                f"the SMTP server refused {len(refused_by_server)} of {len(self.recipients)} addresses",
                file=sys.stderr,
                flush=True,
            )

    def mail_of(self, message: Message) -> EmailMessage:
        """The message as a mail, as text and as HTML."""
        mail = EmailMessage()
        mail["From"], mail["To"] = self.sender, ", ".join(self.recipients)
        mail["Subject"] = one_line(message["title"])
        mail["Date"] = formatdate()
        key = re.sub(r"[^0-9A-Za-z-]", "", message["idempotency_key"])
        mail["Message-ID"] = f"<{key}@customer-lifecycle>"
        lines = [one_line(line) for line in message["text"].split("\n")]
        mail.set_content("\n".join(lines) + "\n")
        mail.add_alternative(html_of(message, lines), subtype="html")
        return mail

    def _connected(self) -> smtplib.SMTP:
        """The server, logged in. Raises DeliveryError."""
        try:
            if self.security == "ssl":
                server: smtplib.SMTP = smtplib.SMTP_SSL(
                    self.host, self.port, timeout=SECONDS_FOR_AN_ANSWER, context=self.context
                )
            else:
                server = smtplib.SMTP(self.host, self.port, timeout=SECONDS_FOR_AN_ANSWER)
            try:
                if self.security == "starttls":
                    server.starttls(context=self.context)
                if self.user:
                    server.login(self.user, self.password or "")
            except BaseException:
                server.close()
                raise
            return server
        except smtplib.SMTPResponseException as error:
            raise DeliveryError(f"the SMTP server answered {error.smtp_code}", NOT_REACHED) from None
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise DeliveryError(f"the SMTP server could not be reached ({_name_of(error)})", NOT_REACHED) from None


BODIES: dict[str, Callable[[Message], Any]] = {
    "json": lambda message: {**message, "text": for_chat(f"{message['title']}\n{message['text']}")},
    "text": lambda message: {"text": for_chat(f"{message['title']}\n{message['text']}")},
}


def html_of(message: Message, lines: Sequence[str]) -> str:
    """The lines of a message as HTML: those of a digest with a heading to each type and a list under it, the address of
    the report as a link."""
    link, parts, in_list, starts_block = message.get("report_url"), [], False, message["kind"] == "digest"
    for line in lines:
        is_item = line.startswith(BULLET)
        if is_item != in_list:
            parts.append("<ul>" if is_item else "</ul>")
            in_list = is_item
        shown = html.escape(line.removeprefix(BULLET))
        if link and line.endswith(link):
            address = html.escape(link)
            parts.append(f'<p>{shown.removesuffix(address)}<a href="{address}">{address}</a></p>')
        elif is_item:
            parts.append(f"<li>{shown}</li>")
        elif line and starts_block:
            parts.append(f"<h3>{shown}</h3>")
        elif line:
            parts.append(f"<p>{shown}</p>")
        starts_block = message["kind"] == "digest" and not line
    return "\n".join([*parts, *(["</ul>"] if in_list else [])]) + "\n"


def basic_authorization(user: str, password: str) -> str:
    """The value of the header Authorization for a user and a password."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def refused(status: int, answer: bytes, also_yes: str | None = None, hidden: str = "") -> tuple[str, str] | None:
    """What an answer says against a message, and of what kind it is; none where the message is acknowledged.

    Acknowledged is a status of 200 to 299 with no body, one of the words of YES, or JSON that does not say no: no field
    of YES_OR_NO is false, none of ERRORS holds anything, and no code is other than 0 or one of 200 to 299. Anything
    else is none, a page that asks to log in above all. Takes: status and body; a further text that acknowledges; what
    must not be repeated of the body.
    """
    if not 200 <= status < 300:
        kind = UNKNOWN if status >= 500 else NOT_REACHED if status < 400 or status in NOT_READ else REFUSED
        if 300 <= status < 400:
            return f"{status}: it wants the message sent elsewhere, which is not done", kind
        return f"{status}{_error_name(answer, hidden)}", kind
    if len(answer) > LARGEST_ANSWER:
        return f"{status} with a body that is no acknowledgement", REFUSED
    text = answer.decode("utf-8", "replace").strip().lstrip("\ufeff")
    if text.lower() in YES or (also_yes and text == also_yes.strip()):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return f"{status} with a body that is no acknowledgement{_error_name(answer, hidden)}", REFUSED
    if any(_says_no(one) for one in (found if isinstance(found, list) else [found])):
        return f"{status} with a body that says no{_error_name(answer, hidden)}", REFUSED
    return None


def _says_no(found: Any) -> bool:
    """Whether a value of JSON is no acknowledgement."""
    if not isinstance(found, dict):
        return not (found is True or (isinstance(found, str) and found.strip().lower() in YES) or found == 1)
    fields = {str(name).lower(): value for name, value in found.items()}
    if any(_is_no(fields[name]) for name in YES_OR_NO if name in fields):
        return True
    if any(fields.get(name) not in (None, False, "", 0, [], {}) for name in ERRORS):
        return True
    return any(_is_error_code(fields[name]) for name in CODES if name in fields)


def _is_no(value: Any) -> bool:
    """Whether the value of a field that says yes or no says no."""
    if isinstance(value, str):
        return value.strip().lower() in NO_WORDS | {"0", "null", "none", ""}
    return value is None or value is False or value == 0 or value == []


def _is_error_code(value: Any) -> bool:
    """Whether a code or status says that something went wrong."""
    if isinstance(value, bool):
        return not value
    text = str(value).strip().lower()
    try:
        number = float(text)
    except ValueError:
        return text in NO_WORDS
    return number != 0 and not 200 <= number < 300


def _error_name(answer: bytes, hidden: str) -> str:
    """The name of the error in an answer, such as Slack's `invalid_payload`, in brackets; nothing where there is
    none."""
    text = answer[:LARGEST_ANSWER].decode("utf-8", "replace").strip()
    try:
        found = json.loads(text)
        text = next((found[name] for name in ("error", "errmsg", "msg") if isinstance(found.get(name), str)), "")
    except (ValueError, RecursionError, AttributeError):
        pass
    is_name = len(text) <= 40 and ERROR_NAME.fullmatch(text) and text not in hidden
    return f" ({text})" if is_name else ""


def _read(answer: Any, deadline: float) -> bytes:
    """The body of an answer, as far as it is looked at. Raises TimeoutError where it takes too long."""
    body = b""
    while len(body) <= LARGEST_ANSWER:
        part = answer.read1(LARGEST_ANSWER)
        if not part:
            return body
        body += part
        if time.monotonic() > deadline:
            raise TimeoutError
    return body


def _name_of(error: Any) -> str:
    """What kind of error it is. Its text may hold an address or a password."""
    if isinstance(error, TimeoutError):
        return "it took too long"
    number = getattr(error, "errno", None)
    if isinstance(error, OSError) and not isinstance(error, (ssl.SSLError, socket.gaierror)) and number:
        return os.strerror(number)
    return type(error).__name__


def channel_from(environment: Mapping[str, str]) -> Channel:
    """The channel that environment variables describe. Raises ChannelSettingsError."""
    name = environment.get("LIFECYCLE_ALERTS_TO") or "log"
    if name == "log":
        return LogChannel()
    if name == "pipe":
        return PipeChannel()
    if name == "webhook":
        try:
            headers = json.loads(environment.get("LIFECYCLE_ALERTS_WEBHOOK_HEADERS") or "{}")
        except ValueError:
            headers = None
        if not isinstance(headers, dict):
            raise ChannelSettingsError("LIFECYCLE_ALERTS_WEBHOOK_HEADERS must be a map in JSON.")
        return WebhookChannel(
            environment.get("LIFECYCLE_ALERTS_WEBHOOK_URL", ""),
            headers,
            environment.get("LIFECYCLE_ALERTS_WEBHOOK_BODY") or "json",
            environment.get("LIFECYCLE_ALERTS_WEBHOOK_ANSWER"),
        )
    if name == "email":
        try:
            server = urlsplit(environment.get("LIFECYCLE_ALERTS_SMTP_URL", ""))
            host, port = server.hostname, server.port
        except ValueError:
            host = None
        security = {"smtps": "ssl", "smtp+starttls": "starttls", "smtp": "none"}
        if not host or server.scheme not in security:
            raise ChannelSettingsError(
                "LIFECYCLE_ALERTS_SMTP_URL must begin with smtps://, smtp+starttls:// or smtp://."
            )
        recipients = (environment.get("LIFECYCLE_ALERTS_EMAIL_TO") or "").split(",")
        return EmailChannel(
            host,
            environment.get("LIFECYCLE_ALERTS_EMAIL_FROM", ""),
            [one.strip() for one in recipients if one.strip()],
            port or 0,
            unquote(server.username or "") or None,
            unquote(server.password or ""),
            security[server.scheme],
        )
    raise ChannelSettingsError(f"LIFECYCLE_ALERTS_TO is {name!r}; it must be log, webhook, email or pipe.")
