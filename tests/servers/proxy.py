"""A TCP proxy in front of a PostgreSQL server that cuts the line at a COMMIT."""

import re
import select
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Literal

from tests.servers.ports import LOOPBACK

Cut = Literal["before", "after"]
# A simple query (Q, the length, the text), or with an older psycopg a statement to be parsed.
_COMMIT = re.compile(rb"(?:Q....|P....[^\0]*\0)COMMIT", re.DOTALL)
_CHUNK = 65_536


class Proxy:
    """Forwards every connection; at COMMIT number `at` of all it cuts that connection.

    "before" the server has seen the COMMIT, or "after" it has answered and before that answer is
    passed on.
    """

    def __init__(self, host: str, port: int, cut: Cut, at: int) -> None:
        self._target = (host, port)
        self._cut = cut
        self._left = at
        self._guard = threading.Lock()
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port: int = self._listener.getsockname()[1]
        self.cuts = 0

    def serve(self) -> None:
        """Accept until the listener is closed."""
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._forward, args=(client,), daemon=True).start()

    def close(self) -> None:
        """Accept no more."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _forward(self, client: socket.socket) -> None:
        server = socket.create_connection(self._target)
        with closing(client), closing(server), suppress(OSError):
            while self._step(client, server):
                pass

    def _step(self, client: socket.socket, server: socket.socket) -> bool:
        """Pass on what came; False when the connection is to end."""
        ready, _, _ = select.select([client, server], [], [])
        for one in ready:
            data = one.recv(_CHUNK)
            other = server if one is client else client
            if not data:
                return False
            if one is client and self._is_cut(data):
                return self._end(server, data)
            other.sendall(data)
        return True

    def _is_cut(self, data: bytes) -> bool:
        if not _COMMIT.search(data):
            return False
        with self._guard:
            self._left -= 1
            return self._left == 0

    def _end(self, server: socket.socket, data: bytes) -> bool:
        self.cuts += 1
        if self._cut == "after":
            server.sendall(data)
            server.recv(_CHUNK)  # the server has committed, and nobody will hear of it
        return False


@contextmanager
def cutting(host: str, port: int, cut: Cut, at: int = 1) -> Iterator[Proxy]:
    """A proxy that listens on a port of its own while the block runs."""
    proxy = Proxy(host, port, cut, at)
    threading.Thread(target=proxy.serve, daemon=True).start()
    with closing(proxy):
        yield proxy
