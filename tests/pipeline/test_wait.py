"""`wait`: for a server that starts late, never for one that has said no."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from tests.runner import Finished
from tests.servers import ports
from tests.servers.server import Server

CHECKOUT = Path(__file__).parents[2]
Run = Callable[..., Finished]


@contextmanager
def late(server: Server, port: int, delay: float) -> Iterator[None]:
    """After `delay` seconds `port` leads to the server."""
    ended = threading.Event()

    def serve() -> None:
        if ended.wait(delay):
            return
        with closing(socket.create_server((ports.LOOPBACK, port))) as listener:
            listener.settimeout(0.1)
            while not ended.is_set():
                with suppress(TimeoutError):
                    _forward(listener.accept()[0], (server.host, server.port))

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _forward(client: socket.socket, address: tuple[str, int]) -> None:
    target = socket.create_connection(address)
    for source, sink in ((client, target), (target, client)):
        threading.Thread(target=_pump, args=(source, sink), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_RDWR)
    source.close()


def at(server: Server, port: int) -> str:
    return server.url().replace(f":{server.port}/", f":{port}/")


def test_a_server_that_starts_late_is_waited_for(quick: Run, server: Server) -> None:
    port = ports.free()
    with late(server, port, 1):
        done = quick("--json", "--url", at(server, port), "wait", "--timeout", "20", cwd=CHECKOUT)
    assert done.code == 0, done
    assert done.json["attempts"] > 1
    assert 0.5 < done.json["seconds"] < 15
    assert "waiting" in done.err


def test_up_waits_too(quick: Run, server: Server, missing_postgres_url: str) -> None:
    port = ports.free()
    url = missing_postgres_url.replace(f":{server.port}/", f":{port}/")
    with late(server, port, 1):
        done = quick("--json", "--url", url, "up", "--no-seed", cwd=CHECKOUT)
    assert (done.code, done.json["created"]) == (0, True)


def test_a_server_that_never_starts_is_exit_4_in_time(quick: Run, closed_port: int) -> None:
    started = time.monotonic()
    url = f"postgresql://u:secret-47@127.0.0.1:{closed_port}/x"
    done = quick("--url", url, "wait", "--timeout", "1", cwd=CHECKOUT)
    assert done.code == 4
    assert time.monotonic() - started < 4
    assert len(done.error_lines) <= 6
    assert "secret-47" not in done.err


def test_a_silent_server_is_exit_4_in_time(quick: Run, silent_port: int) -> None:
    started = time.monotonic()
    url = f"postgresql://u@127.0.0.1:{silent_port}/x"
    done = quick("--json", "--url", url, "wait", "--timeout", "1", cwd=CHECKOUT)
    assert (done.code, done.json["error"]["kind"]) == (4, "timed_out")
    assert time.monotonic() - started < 4


def test_a_wrong_password_ends_the_waiting_at_once(quick: Run, server: Server) -> None:
    started = time.monotonic()
    url = server.url().replace(server.password, "wrong-47")
    done = quick("--json", "--url", url, "wait", "--timeout", "30", cwd=CHECKOUT)
    assert (done.code, done.json["error"]["kind"]) == (4, "wrong_password")
    assert time.monotonic() - started < 5
    assert "wrong-47" not in done.out + done.err


def test_a_missing_database_is_no_reason_to_wait(quick: Run, missing_postgres_url: str) -> None:
    done = quick("--json", "--url", missing_postgres_url, "wait", cwd=CHECKOUT)
    assert (done.code, done.json["attempts"]) == (0, 1)
    assert done.json["database"]["name"] == missing_postgres_url.rsplit("/", 1)[1]


@pytest.mark.parametrize("timeout", ["-1", "x", "1e9"])
def test_a_limit_that_is_none_is_a_usage_error(quick: Run, timeout: str) -> None:
    assert quick("wait", "--timeout", timeout, cwd=CHECKOUT).code == 2


def test_sqlite_needs_no_waiting(quick: Run, sqlite_url: str) -> None:
    done = quick("--json", "--url", sqlite_url, "wait", cwd=CHECKOUT)
    assert (done.code, done.json["attempts"]) == (0, 1)
    assert not Path(sqlite_url.removeprefix("sqlite:///")).exists()
