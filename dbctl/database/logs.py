"""The log while a project's code runs: what that code sets up neither silences it nor doubles it.

The command line says where records go and how many (`Log`); in a library's process nothing is kept,
and logging belongs to the application. Here too: the time of each statement, and no parameters.
"""

import logging
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

sql = logging.getLogger("dbctl.sql")
_LITERAL, _ELIDED = re.compile(r"'(?:[^']|'')*'"), "'...'"
# With `echo` SQLAlchemy gives these a handler of their own, on stdout, unless they have one.
_ECHOING = (
    "sqlalchemy.engine.Engine",
    "sqlalchemy.pool.impl.AsyncAdaptedQueuePool",
    "sqlalchemy.pool.impl.NullPool",
    "sqlalchemy.pool.impl.QueuePool",
)
ECHOING = (*_ECHOING, *(f"{name}.dbctl" for name in _ECHOING))
_OURS = ("dbctl", "alembic", "sqlalchemy", "py")


class Log:
    """One handler for everything, and how much each logger says."""

    def __init__(self, handler: logging.Handler, levels: Mapping[str, int]) -> None:
        self.handler = handler
        self.levels = levels

    def set_up(self) -> None:
        """Make it so; a project's log files stay, what it writes to the terminal comes from us."""
        logging.root.handlers[:] = [
            self.handler, *(one for one in logging.root.handlers if not self._doubles(one))
        ]  # fmt: skip
        for logger in list(logging.root.manager.loggerDict.values()):
            if isinstance(logger, logging.Logger):
                self._free(logger)
        for name, level in self.levels.items():
            logging.getLogger(name).setLevel(level)
        for name in ECHOING:
            logging.getLogger(name).addHandler(_NOWHERE)

    def _free(self, logger: logging.Logger) -> None:
        logger.handlers[:] = [one for one in logger.handlers if not self._doubles(one)]
        logger.disabled = False
        if logger.name.split(".")[0] in _OURS:
            logger.propagate = True
            logger.setLevel(logging.NOTSET)

    def _doubles(self, handler: logging.Handler) -> bool:
        """Whether it is our own, or writes to the terminal as well."""
        console = getattr(handler, "console", None)  # Rich's
        stream = getattr(console, "file", getattr(handler, "stream", None))
        streams = (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__)
        return handler is self.handler or any(stream is one for one in streams if one)


_NOWHERE = logging.NullHandler()
_kept: list[Log] = []


@contextmanager
def kept(log: Log) -> Iterator[None]:
    """While the block runs the log is `log`; afterwards it is what it was."""
    root = logging.root
    before = {"": (root.level, root.handlers[:])}
    for name in (*log.levels, *ECHOING):
        logger = logging.getLogger(name)
        before[name] = (logger.level, logger.handlers[:])
    _kept.append(log)
    log.set_up()
    try:
        yield
    finally:
        _kept.pop()
        for name, (level, handlers) in before.items():
            logger = logging.getLogger(name)
            logger.setLevel(level)
            logger.handlers[:] = handlers


def keep() -> None:
    """Undo what a project's code has done to the log by now."""
    if _kept:
        _kept[-1].set_up()


@contextmanager
def kept_from_project() -> Iterator[None]:
    """While the block runs a project neither configures logging nor logs a statement's values."""
    with _unconfigured(), _without_parameters():
        yield


@contextmanager
def _unconfigured() -> Iterator[None]:
    """Make configuring do nothing; what went past this is undone at the end of the block."""
    from logging import config

    places: list[tuple[Any, str]] = [
        (config, "fileConfig"), (config, "dictConfig"), (logging, "basicConfig")
    ]  # fmt: skip
    before = [(module, name, getattr(module, name)) for module, name in places]
    for module, name in places:
        setattr(module, name, _nothing)
    try:
        yield
    finally:
        for module, name, function in before:
            setattr(module, name, function)
        keep()


def _nothing(*_: object, **__: object) -> None:
    """What a project's configuration of the log does under dbctl."""


@contextmanager
def _without_parameters() -> Iterator[None]:
    """No engine, a project's neither, logs values or puts them into its errors."""

    def hide(connection: Any) -> None:  # noqa: ANN401 - SQLAlchemy's
        connection.engine.hide_parameters = True

    with _listening(("engine_connect", hide)):
        yield


def elided(statement: str) -> str:
    """A statement on one line, without the values that are written out in it."""
    return _LITERAL.sub(_ELIDED, " ".join(statement.split()))


@contextmanager
def timed(*, text: bool) -> Iterator[None]:
    """While the block runs every statement's milliseconds are logged, with its `text` or alone.

    Of any engine in this process. Neither parameters nor literals are shown: they may be secrets.
    """

    def before(connection: Any, *_: object) -> None:  # noqa: ANN401 - SQLAlchemy's
        connection.info["dbctl_timed"] = time.perf_counter()

    def after(connection: Any, _cursor: object, statement: str, *_: object) -> None:  # noqa: ANN401
        took_ms = (time.perf_counter() - connection.info["dbctl_timed"]) * 1000
        said = f"  {elided(statement)}" if text else ""
        sql.info("%.1f ms%s", took_ms, said)

    with _listening(("before_cursor_execute", before), ("after_cursor_execute", after)):
        yield


@contextmanager
def _listening(*listeners: tuple[str, Callable[..., None]]) -> Iterator[None]:
    from sqlalchemy import Engine, event

    for name, listener in listeners:
        event.listen(Engine, name, listener)
    try:
        yield
    finally:
        for name, listener in listeners:
            event.remove(Engine, name, listener)
