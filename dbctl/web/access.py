"""The access log: one readable line a request, with the time it took and nothing secret.

The query is left out: applications put tokens and searches there.
"""

import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

log = logging.getLogger("dbctl.access")


class Access:
    """An application around another one, which logs what was asked of it and answered."""

    def __init__(self, app: Application) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, and say so."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, answer = time.perf_counter(), _Answer(send)
        try:
            await self.app(scope, receive, answer)
        finally:
            took_ms = (time.perf_counter() - started) * 1000
            who = scope["client"][0] if scope.get("client") else "-"
            path = _path(scope)
            log.info("%s %s %s %.1f ms %s", scope["method"], path, answer.status, took_ms, who)


class _Answer:
    """The way back, on which the status passes; 500 when nothing does."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self.status = 500

    async def __call__(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self.send(message)


def _path(scope: Scope) -> str:
    """The path as it was sent, percent signs and all: it cannot break the line."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode("utf-8", "replace")
    return raw.partition(b"?")[0].decode("ascii", "backslashreplace")
