"""The HTTP face of the stand-in: faults, the key, the description as a judge, then the route."""

import json
import socket
import sys
import threading
import traceback
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from tests.neon import contract
from tests.neon.answer import Answer, Call
from tests.neon.faults import Fault, with_novelties
from tests.neon.routes import ROUTES
from tests.neon.state import Refused
from tests.neon.world import World

PREFIX = "/api/v2"
HANGING_UP = ("silence", "drop_before")


@dataclass
class Exchange:
    """One request and its answer; status 0 when there was none."""

    method: str
    path: str
    query: dict[str, list[str]]
    body: Any
    request_id: str
    status: int = 0
    answer: Any = None
    wrong: list[str] = field(default_factory=list)


class Wire(ThreadingHTTPServer):
    """Listens on loopback; keeps every exchange."""

    daemon_threads = False
    block_on_close = True

    def __init__(self, world: World, key: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.world, self.key = world, key
        self.exchanges: list[Exchange] = []
        self.closing = threading.Event()
        self._open: set[socket.socket] = set()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), name="neon-http")
        self._thread.start()

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection and remember it, for `stop`."""
        connection, address = super().get_request()
        self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        """Close a connection."""
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        """A client that went away is no error; everything else makes the teardown fail."""
        error = sys.exc_info()[1]
        if not isinstance(error, ConnectionError | TimeoutError):
            broken = Exchange("?", "?", {}, None, "", wrong=[traceback.format_exc()])
            self.exchanges.append(broken)

    def stop(self) -> None:
        """Listen no more, end every connection and every thread."""
        self.closing.set()
        self.shutdown()
        self._thread.join()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    """One connection of a client."""

    server: Wire
    protocol_version = "HTTP/1.1"
    # Headers and body leave in one packet; otherwise each answer waits 40 ms for an ACK.
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name there
        """Say nothing on stderr."""

    def respond(self) -> None:
        """Answer any method."""
        exchange = self._read()
        self.server.exchanges.append(exchange)
        fault = self.server.world.faults.take(exchange.method, exchange.path)
        if fault is not None and fault.kind in HANGING_UP:
            self.server.closing.wait(fault.seconds)
            self.close_connection = True
            return
        self._answer(exchange, fault)
        if fault is not None and fault.kind == "drop_after":
            exchange.status = 0
            self.close_connection = True
            return
        self._write(exchange, fault)

    # The names that http.server calls.
    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = respond  # noqa: N815

    def _read(self) -> Exchange:
        parts = urlsplit(self.path)
        size = int(self.headers.get("Content-Length") or 0)
        text = self.rfile.read(size)
        return Exchange(
            self.command,
            parts.path.removeprefix(PREFIX),
            parse_qs(parts.query, keep_blank_values=True),
            _parsed(text),
            self.headers.get("X-Request-ID") or str(uuid4()),
        )

    def _answer(self, exchange: Exchange, fault: Fault | None) -> None:
        """Fill in status and body."""
        try:
            if fault is not None and fault.kind == "answer":
                raise Refused(fault.status, fault.message, fault.code)
            answer = self._routed(exchange)
        except Refused as no:
            body = {"request_id": exchange.request_id, "code": no.code, "message": no.message}
            answer = Answer(body, no.status)
        exchange.status, exchange.answer = answer.status, answer.body
        self._judge(exchange)

    def _routed(self, exchange: Exchange) -> Answer:
        if not self.path.startswith(f"{PREFIX}/"):
            raise Refused(404, f"not below {PREFIX}")
        if self.headers.get("Authorization") != f"Bearer {self.server.key}":
            raise Refused(401, "authorization failed, or the key is not valid")
        endpoint = contract.find(exchange.method, exchange.path)
        if endpoint is None:
            exchange.wrong.append("not in the description of the API")
            raise Refused(404, "this route does not exist")
        wrong = contract.of_request(endpoint, exchange.query, exchange.body)
        if wrong:
            exchange.wrong += wrong
            raise Refused(400, "; ".join(wrong))
        with self.server.world.lock:
            self.server.world.settle()
            query = {name: values[-1] for name, values in exchange.query.items()}
            call = Call(self.server.world, endpoint.names, query, exchange.body or {})
            return ROUTES[endpoint.method, endpoint.template](call)

    def _judge(self, exchange: Exchange) -> None:
        """Hold the answer against the description."""
        endpoint = contract.find(exchange.method, exchange.path)
        if endpoint is not None:
            exchange.wrong += contract.of_response(endpoint, exchange.status, exchange.answer)

    def _write(self, exchange: Exchange, fault: Fault | None) -> None:
        body = exchange.answer
        if self.server.world.faults.novelties:
            body = with_novelties(body)
        content = b"" if body is None else json.dumps(body).encode()
        self.send_response(exchange.status)
        self.send_header("X-Request-ID", exchange.request_id)
        if fault is not None and fault.retry_after is not None:
            self.send_header("Retry-After", fault.retry_after)
        if exchange.status != 204:
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()


def _parsed(text: bytes) -> Any:
    """The body as JSON; None for no body, the text itself when it is no JSON."""
    if not text:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return text.decode(errors="replace")
