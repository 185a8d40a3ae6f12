"""The fixture `neon`: a stand-in for Neon that lives as long as a test."""

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from tests.neon.client import Client
from tests.neon.judge import MISSING, PROGRAM, Judge
from tests.neon.standin import StandIn
from tests.servers.server import Server


@pytest.fixture
def neon(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """A stand-in with one project and the branch `main`; fails when the API was misused.

    In this process `*.localhost` means this machine; commands get the same from `neon.env`.
    """
    monkeypatch.setattr(socket, "getaddrinfo", _resolver(socket.getaddrinfo))
    with judged(server) as standin:
        yield standin


@pytest.fixture
def api(neon: StandIn) -> Iterator[Client]:
    """Plain requests to the stand-in."""
    with Client(neon) as client:
        yield client


@pytest.fixture
def judge(request: pytest.FixtureRequest) -> Judge:
    """Neon's own command; who comes here without it must have it."""
    if not PROGRAM.exists():
        pytest.fail(MISSING, pytrace=False)
    return Judge(request.getfixturevalue("neon"))


@contextmanager
def judged(server: Server) -> Iterator[StandIn]:
    """A stand-in that is put away at the end; then every exchange must be as it is described."""
    with closing(StandIn(server)) as standin:
        yield standin
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
