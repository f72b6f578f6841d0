"""A local receiver of alerts, which keeps what it acknowledged, by idempotency key."""

from __future__ import annotations

import json
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Receiver(ThreadingHTTPServer):
    """A webhook that acts on each idempotency key once, as receivers do that know the header: what it has acknowledged,
    it acknowledges again when it comes again, because who sent it was killed before it could note the answer. A digest
    that it left unanswered for long would be split, and come again under other keys.

    `answer` gives the status, body and headers of an answer to a message, or none to hang up without one. The address
    holds the secret, which must be told nowhere.
    """

    daemon_threads = True

    def __init__(self, secret: str = "secret") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.secret = secret
        self.messages: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.acknowledged: dict[str, list[str]] = {}
        self.answer = lambda message: (200, b"ok", {})
        self.guard = threading.Lock()
        self.paths: list[str] = []
        self.open = 0

    def process_request(self, request: Any, client_address: Any) -> None:
        with self.guard:
            self.open += 1
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        super().process_request_thread(request, client_address)
        with self.guard:
            self.open -= 1

    def wait_until_idle(self) -> None:
        """Returns when every request that was made before is answered; they are accepted in order."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.server_port}/idle", timeout=60):
            pass
        while self.open:
            time.sleep(0.005)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/{self.secret}?token={self.secret}"

    @property
    def alert_ids(self) -> list[str]:
        """The alerts that it acted on, as often as it did."""
        return [alert_id for ids in self.acknowledged.values() for alert_id in ids]


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        if self.path == "/idle":
            self.send_response(204)
            self.end_headers()
            return
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.guard:
            self.server.messages.append(message)
            self.server.headers.append(dict(self.headers))
            self.server.paths.append(self.path)
            answer = self.server.answer(message)
            if self.headers["Idempotency-Key"] in self.server.acknowledged:
                answer = (200, b"ok", {})
            if answer and answer[0] == 200 and answer[1] == b"ok" and message.get("kind") != "notice":
                key = self.headers["Idempotency-Key"]
                self.server.acknowledged.setdefault(key, message.get("alert_ids") or [message["alert_id"]])
        if answer is None:
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        status, body, headers = answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST

    def log_message(self, *_: Any) -> None:
        pass

    def handle(self) -> None:
        # whoever sends may have been killed
        with suppress(OSError):
            super().handle()


@contextmanager
def running_receiver(secret: str = "secret") -> Iterator[Receiver]:
    """A receiver that answers until the block ends."""
    server = Receiver(secret)
    threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
