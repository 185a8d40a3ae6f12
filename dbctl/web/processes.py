"""The processes that serve: one, several, or one that starts anew when a file changes.

uvicorn does the work. Stopped by a signal, it answers what is open first; that is how a server
ends, so it is no failure. A second signal does not wait.
"""

import inspect
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from socket import socket
from typing import Any

from uvicorn import Config, Server
from uvicorn.supervisors import ChangeReload, Multiprocess

from dbctl.errors import ConfigurationError
from dbctl.web import application
from dbctl.web.model import Order, Wish

# Docker kills ten seconds after it asked.
GRACE = 8


class Plan(Config):
    """uvicorn's configuration, which may watch files for an application that is no string."""

    @property
    def should_reload(self) -> bool:
        """Whether files are watched."""
        return self.reload


def run(order: Order, wish: Wish, listening: socket, root: Path) -> None:
    """Serve until somebody says stop. Raises ConfigurationError when the application won't start.

    The application is made here first: what is wrong with it is said once, not by every worker.
    """
    if wish.reload:
        _watched(order, wish, listening, root)
        return
    app = application.load(order.app)
    if wish.workers == 1:
        _alone(_plan(application.logged(app), wish), listening)
    else:
        _several(order, wish, listening)


def _plan(app: Any, wish: Wish, **options: Any) -> Plan:  # noqa: ANN401 - any ASGI application
    if wish.certificate:
        options |= {"ssl_certfile": wish.certificate, "ssl_keyfile": wish.key}
    return Plan(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
        **options,
    )


def _alone(plan: Plan, listening: socket) -> None:
    server = Server(plan)
    try:
        server.run([listening])
    except KeyboardInterrupt:
        if server.force_exit:
            raise
    except SystemExit as end:  # what uvicorn does when the lifespan fails
        raise _unstarted() from end


def _several(order: Order, wish: Wish, listening: socket) -> None:
    plan = _plan(partial(application.begun, order), wish, factory=True, workers=wish.workers)
    with _signals_kept():
        supervisor = Supervisor(plan, **_targeted(plan), sockets=[listening])
        supervisor.run()
    if not supervisor.asked:
        raise _unstarted()


def _watched(order: Order, wish: Wish, listening: socket, root: Path) -> None:
    made = partial(application.begun, order)
    plan = _plan(made, wish, factory=True, reload=True, reload_dirs=[str(root)])
    with _signals_kept():
        ChangeReload(plan, target=Server(plan).run, sockets=[listening]).run()


class Supervisor(Multiprocess):
    """uvicorn's supervisor, which remembers whether it was told to stop."""

    asked = False

    def handle_int(self) -> None:
        """Ctrl-C."""
        self.asked = True
        super().handle_int()

    def handle_term(self) -> None:
        """SIGTERM."""
        self.asked = True
        super().handle_term()


def _targeted(plan: Plan) -> dict[str, Any]:
    """What uvicorn's supervisor wants to be told; the newest ones make the server themselves."""
    wanted = inspect.signature(Multiprocess).parameters
    return {"target": Server(plan).run} if "target" in wanted else {}


def _unstarted() -> ConfigurationError:
    return ConfigurationError(
        "the application did not start", hint="run with --debug for the traceback in the log"
    )


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Undo what a supervisor does to the signals of this process."""
    before = {number: signal.getsignal(number) for number in signal.valid_signals()}
    try:
        yield
    finally:
        for number, handler in before.items():
            if handler is not None and signal.getsignal(number) is not handler:
                signal.signal(number, handler)
