"""The fixture `neon`: a stand-in for Neon that lives as long as a test."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests.neon.standin import StandIn
from tests.servers.server import Server


@pytest.fixture
def neon(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """A stand-in with one project and the branch `main`; fails when the API was misused.

    In this process `*.localhost` means this machine; commands get the same from `neon.env`.
    """
    monkeypatch.setattr(socket, "getaddrinfo", _resolver(socket.getaddrinfo))
    standin = StandIn(server)
    try:
        yield standin
    finally:
        standin.close()
    wrong = "\n".join(standin.violations)
    if wrong:
        pytest.fail(f"not as the API is described:\n{wrong}", pytrace=False)


def _resolver(original: Any) -> Any:
    """See resolver/sitecustomize.py, which is the same for other processes."""

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(host, str) and host.endswith(".localhost"):
            host = "127.0.0.1"
        return original(host, *args, **kwargs)

    return getaddrinfo
