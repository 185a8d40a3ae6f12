"""The log of one command: on stderr, as much as was asked for, as text or as JSON lines."""

import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any

from dbctl.cli.mask import masked
from dbctl.cli.options import LogFormat, Said
from dbctl.cli.text import clean
from dbctl.database import logs
from dbctl.errors import ConfigurationError

VARIABLE = "DBCTL_LOG_FORMAT"
OFF = logging.CRITICAL + 1
SERVER = "uvicorn.error"  # a request that failed: the traceback is what one looks for there
lasted = ExitStack()
# Never DEBUG for these two: SQLAlchemy's engine would log rows, aiosqlite parameters.
EVERYTHING = {"aiosqlite": logging.INFO, "sqlalchemy.engine": logging.INFO}


@contextmanager
def running(options: Said) -> Iterator[None]:
    """Set the log up for one command, and leave it as it was found."""
    if options.no_color:
        os.environ["NO_COLOR"] = "1"
    levels = _levels(options)
    handler = _Stderr(levels, _formatter(options))
    with ExitStack() as stack:
        stack.callback(handler.end)
        stack.enter_context(logs.kept(logs.Log(handler, levels)))
        logging.captureWarnings(True)
        stack.callback(logging.captureWarnings, False)
        if (options.verbose or options.debug) and not options.quiet:
            stack.enter_context(logs.timed(text=options.verbose < 2 and not options.debug))  # noqa: PLR2004 - then SQLAlchemy has said it
        yield


def lasting(options: Said) -> None:
    """Set the log up for the rest of a process: a worker of `serve`."""
    lasted.enter_context(running(options))


def _levels(options: Said) -> dict[str, int]:
    """How much each logger may say, and those below it; "" is the rest."""
    names = ("", "dbctl", "alembic", "sqlalchemy")
    if options.quiet:
        return dict.fromkeys(names, OFF)
    if options.debug:
        found = dict(zip(names, (logging.DEBUG,) * 3 + (logging.WARNING,), strict=True))
        return {**found, "sqlalchemy.pool": logging.DEBUG, **EVERYTHING}
    others = logging.INFO if options.verbose else logging.WARNING
    found = dict(zip(names, (others, logging.INFO, others, logging.WARNING), strict=True))
    found["alembic.runtime.plugins"] = logging.WARNING
    return {**found, "sqlalchemy.engine": logging.INFO} if options.verbose > 1 else found


def is_json(options: Said) -> bool:
    """Whether what goes to stderr is JSON lines."""
    chosen = options.log_format.value if options.log_format else os.environ.get(VARIABLE)
    return chosen == LogFormat.json.value


def _formatter(options: Said) -> logging.Formatter:
    """Raises ConfigurationError when the variable holds something else."""
    said = os.environ.get(VARIABLE)
    if said and said not in list(LogFormat):
        raise ConfigurationError(f"{VARIABLE} is {said!r}", hint="text or json")
    return _Json() if is_json(options) else _Line(traces=options.debug)


class _Stderr(logging.StreamHandler[Any]):
    """On a terminal what is going on stands on one line that the next one wipes away."""

    wipe = "\r\x1b[K"
    lingers = False

    def __init__(self, levels: dict[str, int], formatter: logging.Formatter) -> None:
        super().__init__(sys.stderr)
        self.levels = levels
        self.setFormatter(formatter)

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether so much was asked for: an engine's own `echo` passes its logger's level."""
        if record.name in logs.ECHOING and record.name.endswith(".dbctl"):
            return self.levels[""] < OFF  # the setting `echo`, so it was asked for
        if getattr(record, "live", False) and not self._is_live(record):
            return False  # it would be a line of its own, several times a second
        name = record.name
        while name not in self.levels:
            name = name.rpartition(".")[0]
        return record.levelno >= self.levels[name]

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record; a progress line stays only until the next."""
        live = self._is_live(record)
        self.end()
        self.terminator = "" if live else "\n"
        super().emit(record)
        self.lingers = live

    def _is_live(self, record: logging.LogRecord) -> bool:
        """Whether the record stays only until the next."""
        moves = record.name == "dbctl.progress" and _moves(self.stream)
        return moves and not isinstance(self.formatter, _Json)

    def end(self) -> None:
        """Leave nothing behind on the line."""
        if self.lingers:
            self.stream.write(self.wipe)
            self.stream.flush()
            self.lingers = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Say that a record cannot be written; Python itself would print its values."""
        place = f"{record.pathname}:{record.lineno}"
        text = f"a log record of {place} cannot be written"
        plain = logging.LogRecord("dbctl", logging.WARNING, "", 0, text, None, None)
        self.stream.write(f"{self.format(plain)}\n")


def _moves(stream: Any) -> bool:  # noqa: ANN401 - any text stream
    """Whether a line may be written over: a terminal that was not asked to be plain."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return bool(stream.isatty() and not plain)


class _Line(logging.Formatter):
    """One clean line a record; a name before it only when it is not dbctl's own progress."""

    def __init__(self, *, traces: bool) -> None:
        super().__init__()
        self.traces = traces

    def format(self, record: logging.LogRecord) -> str:
        """The line, and the traceback below it where tracebacks are wanted."""
        text = clean(_message(record).rstrip("\n"))
        if record.name == "dbctl.access":
            text = f"{datetime.fromtimestamp(record.created):%H:%M:%S} {text}"  # noqa: DTZ006 - the reader's own clock
        elif record.levelno >= logging.WARNING:
            text = f"warning: {text}"
        elif not record.name.startswith("dbctl"):
            text = f"{record.name}: {text}"
        if (self.traces or record.name == SERVER) and record.exc_info:
            text += "\n" + clean(masked(self.formatException(record.exc_info)), keep="\n")
        return text


class _Json(logging.Formatter):
    """One JSON document a record."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        more = {"traceback": self.formatException(record.exc_info)} if record.exc_info else {}
        return document(record.levelname, record.name, _message(record), record.created, **more)


def document(level: str, logger: str, message: str, created: float, **more: str) -> str:
    """One line of JSON; what a terminal might obey is escaped."""
    time = datetime.fromtimestamp(created, UTC).isoformat(timespec="milliseconds")
    said = {"time": time.replace("+00:00", "Z"), "level": level.lower(), "logger": logger}
    said |= {name: masked(text) for name, text in {"message": message, **more}.items()}
    return json.dumps(said).encode("utf-8", "replace").decode()


def _message(record: logging.LogRecord) -> str:
    """What it says; SQL and Python's warnings on one line."""
    text = masked(record.getMessage())
    if record.name == "py.warnings":
        return text.split("\n", 1)[0]
    return " ".join(text.split()) if record.name.startswith("sqlalchemy") else text
