"""Ports of this machine in every state that a client can meet."""

import random
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager

LOOPBACK = "127.0.0.1"
# Below what systems give to outgoing connections, so that none of them takes the port meanwhile.
QUIET = range(15_000, 32_000)


def free() -> int:
    """A port on which a server may be started a moment later."""
    for port in random.sample(QUIET, 100):
        with closing(socket.socket()) as candidate:
            if _binds(candidate, port):
                return port
    raise RuntimeError(f"no free port on {LOOPBACK}")


def _binds(candidate: socket.socket, port: int) -> bool:
    try:
        candidate.bind((LOOPBACK, port))
    except OSError:
        return False
    return True


@contextmanager
def silent() -> Iterator[int]:
    """A port that accepts connections and never says a word."""
    # The kernel accepts for us; nobody reads.
    with closing(socket.create_server((LOOPBACK, 0), backlog=128)) as listener:
        yield listener.getsockname()[1]


@contextmanager
def closed() -> Iterator[int]:
    """A port that refuses: it is bound, so nobody else can get it, and does not listen."""
    with closing(socket.socket()) as bound:
        bound.bind((LOOPBACK, 0))
        yield bound.getsockname()[1]
