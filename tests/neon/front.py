"""A TCP front for every compute: it turns a branch's names into those of the real server.

Every branch has a database `neondb` and a role `neondb_owner`; the real server has one name for
each database. The front rewrites both in the first packet and passes on the rest untouched. It
speaks no TLS, as loopback needs none.
"""

import asyncio
import struct
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

SSL_REQUEST, GSS_REQUEST, CANCEL_REQUEST = 80877103, 80877104, 80877102
LIMIT = 65_536

T = TypeVar("T")


@dataclass(frozen=True)
class Login:
    """Whose log-in it is on the real server, and in which database."""

    user: str
    database: str


@dataclass(frozen=True)
class Rejection:
    """What the front says itself instead of asking the server."""

    sqlstate: str
    message: str


Route = Callable[[str, str], Login | Rejection]


@dataclass
class Listener:
    """The open port of a compute and the connections through it."""

    server: asyncio.Server
    tasks: set["asyncio.Task[None]"] = field(default_factory=set)


class Front:
    """All listeners, in one thread with a loop of its own."""

    def __init__(self, host: str, port: int) -> None:
        self._target = host, port
        self._listeners: dict[int, Listener] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="neon-front")
        self._thread.start()

    def open(self, route: Route) -> int:
        """Listen on a new port of loopback; `route(user, database)` decides about each log-in."""
        return self._call(self._open(route))

    def kick(self, port: int) -> None:
        """End the connections through `port`, as a compute does when it stops."""
        self._call(self._kick(self._listeners[port]))

    def close(self, port: int) -> None:
        """Listen no more on `port`, and end its connections."""
        self._call(self._close(self._listeners.pop(port)))

    def shutdown(self) -> None:
        """End everything, the thread too."""
        for port in list(self._listeners):
            self.close(port)
        self._call(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)

    async def _open(self, route: Route) -> int:
        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            listener.tasks.add(task)
            try:
                await self._serve(route, reader, writer)
            finally:
                listener.tasks.discard(task)

        listener = Listener(await asyncio.start_server(accept, "127.0.0.1", 0))
        port = int(listener.server.sockets[0].getsockname()[1])
        self._listeners[port] = listener
        return port

    async def _kick(self, listener: Listener) -> None:
        tasks = list(listener.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _close(self, listener: Listener) -> None:
        listener.server.close()
        await self._kick(listener)

    async def _serve(
        self, route: Route, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """One connection from its first byte to its last."""
        # A client that goes away, or a compute that is stopped, is nothing to report.
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            try:
                await self._connect(route, reader, writer)
            finally:
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()

    async def _connect(
        self, route: Route, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        code, body = await _first_packet(reader, writer)
        if code == CANCEL_REQUEST:
            await self._pass_on(_packet(code, body), reader, writer)
            return
        names = _names(body)
        user = names.get("user", "")
        # The route may have to wait for the stand-in, which may be waiting for this loop.
        decision = await asyncio.to_thread(route, user, names.get("database", user))
        if isinstance(decision, Rejection):
            writer.write(_fatal(decision))
            await writer.drain()
            return
        names |= {"user": decision.user, "database": decision.database}
        await self._pass_on(_packet(code, _joined(names)), reader, writer)

    async def _pass_on(
        self, packet: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Open the real connection and carry bytes both ways until one side ends."""
        there_reader, there = await asyncio.open_connection(*self._target)
        there.write(packet)
        ways = [
            asyncio.create_task(_carry(reader, there)),
            asyncio.create_task(_carry(there_reader, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            there.close()
            with suppress(OSError):
                await there.wait_closed()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(LIMIT):
            writer.write(data)
            await writer.drain()


async def _first_packet(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> tuple[int, bytes]:
    """The code and the body of the first packet that is not a wish for encryption."""
    while True:
        length, code = struct.unpack("!II", await reader.readexactly(8))
        body = await reader.readexactly(length - 8)
        if code not in (SSL_REQUEST, GSS_REQUEST):
            return code, body
        writer.write(b"N")
        await writer.drain()


def _names(body: bytes) -> dict[str, str]:
    parts = body.rstrip(b"\0").decode().split("\0")
    return dict(zip(parts[::2], parts[1::2], strict=False))


def _joined(names: dict[str, str]) -> bytes:
    return "".join(f"{key}\0{value}\0" for key, value in names.items()).encode() + b"\0"


def _packet(code: int, body: bytes) -> bytes:
    return struct.pack("!II", len(body) + 8, code) + body


def _fatal(rejection: Rejection) -> bytes:
    """An ErrorResponse that ends the connection."""
    fields = {"S": "FATAL", "V": "FATAL", "C": rejection.sqlstate, "M": rejection.message}
    body = "".join(f"{key}{value}\0" for key, value in fields.items()).encode() + b"\0"
    return b"E" + struct.pack("!I", len(body) + 4) + body
