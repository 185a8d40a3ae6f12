"""`dbctl serve`: a database that is where it should be, a port, and the project's application."""

import logging
import os
import secrets
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from dbctl.database.model import Ended
from dbctl.database.server import address
from dbctl.errors import ConfigurationError, PendingError, UnreachableError
from dbctl.migrate import apply
from dbctl.migrate.model import Status
from dbctl.settings import Settings
from dbctl.web import application
from dbctl.web.model import Order, Wish

BACKLOG = 2048
# Places that the project's own code does not read: there it is told by the usual name.
_OURS = ("--url", "DBCTL_URL", "TEST_DATABASE_URL")

log = logging.getLogger("dbctl.web")


def serve(settings: Settings, wish: Wish, prepare: Callable[[], None]) -> Ended:
    """Serve the project's application until a signal says stop; `prepare` is for its workers.

    Raises PendingError when revisions are pending, UnreachableError when the port is taken,
    MissingExtraError without a server to run, ConfigurationError when the application is broken.
    """
    _require_certificate(wish)
    order = Order(application.named(settings), prepare)
    if find_spec("uvicorn") is None:
        raise application.absent("uvicorn")
    from dbctl.web import processes

    with _listening(wish) as listening:
        _say(_current(settings, upgrade=wish.upgrade), wish, listening)
        _hand_over(settings, wish)
        settings.project.on_path()
        processes.run(order, wish, listening, settings.project.root)
    log.info("stopped")
    return Ended(0)


def _require_certificate(wish: Wish) -> None:
    """Raises ConfigurationError for files that are no certificate and its key."""
    if wish.certificate is None:
        return
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
            wish.certificate, wish.key
        )
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(
            f"{wish.certificate}: {error.strerror or error}",
            hint="a PEM file with the certificates; --key names the private key's file",
        ) from error


@contextmanager
def _listening(wish: Wish) -> Iterator[socket.socket]:
    """A socket that takes calls: until the application is there they wait. Port 0 is a free one."""
    family = socket.AF_INET6 if ":" in wish.host else socket.AF_INET
    with socket.socket(family) as made:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            made.bind((wish.host, wish.port))
            made.listen(BACKLOG)
        except OSError as error:
            raise UnreachableError(
                f"cannot listen on {wish.host}:{wish.port}: {error.strerror or error}",
                hint="end what listens there, or say another --port (0 takes a free one)",
            ) from error
        made.set_inheritable(True)
        yield made


def _current(settings: Settings, *, upgrade: bool) -> Status:
    """Where the database is, at the newest revision. With `upgrade` it is brought there first.

    It is done once, under the migration lock, before any worker starts.
    """
    if upgrade:
        apply.upgrade(settings, "heads")
    found = apply.status(settings)
    if found.pending:
        count = len(found.pending)
        raise PendingError(
            f"{found.database} lacks {count} revision{'s' * (count > 1)} that the code expects",
            hint="`dbctl upgrade` first, or serve with --upgrade",
        )
    return found


def _say(found: Status, wish: Wish, listening: socket.socket) -> None:
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    at = ", ".join(found.revision) or "base"
    log.info("%s: %s, at %s", found.environment, found.database, at)
    more = f", {wish.workers} workers" if wish.workers > 1 else ""
    more += ", watching files" if wish.reload else ""
    scheme = "https" if wish.certificate else "http"
    log.info("serving on %s://%s:%s%s; Ctrl-C stops", scheme, shown, port, more)


def _hand_over(settings: Settings, wish: Wish) -> None:
    """Let the application, in this process and its workers, have the database that was checked.

    Through the environment: a command line can be read by everybody on the machine.
    """
    raw = settings.url.get_secret_value()
    said = {"DBCTL_ENV": settings.env, "DBCTL_URL": address(settings).text}
    if settings.sources.get("url") in _OURS:
        said["DATABASE_URL"] = raw
    if wish.config:
        said["DBCTL_CONFIG"] = str(wish.config.resolve())
    said["DBCTL_SERVE_KEY"] = os.environ.get("DBCTL_SERVE_KEY") or secrets.token_hex(32)
    said["DBCTL_SERVE_WRITE"] = "1" if wish.write else ""
    os.environ.update(said)
