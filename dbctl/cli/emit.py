"""The one place that prints: a result on stdout, everything else on stderr."""

import dataclasses
import json
import logging
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from dbctl.cli.options import Said
from dbctl.cli.text import clean
from dbctl.errors import DbctlError

BUG = 70
LINES = 6


def prepare(options: Said) -> None:
    """Set up the log for this command: on stderr, and not more than was asked for."""
    if options.no_color:
        os.environ["NO_COLOR"] = "1"
    handler = _Stderr(sys.stderr)
    handler.setFormatter(_Line())
    logging.basicConfig(handlers=[handler], level=_others(options), force=True)
    logging.getLogger("dbctl").setLevel(_ours(options))
    if options.verbose > 1 or options.debug:
        logging.getLogger("sqlalchemy.engine").setLevel(logging.INFO)
    if options.debug:
        logging.getLogger("dbctl").setLevel(logging.DEBUG)


def _ours(options: Said) -> int:
    return logging.WARNING if options.quiet else logging.INFO


def _others(options: Said) -> int:
    return logging.INFO if options.verbose or options.debug else logging.WARNING


class _Stderr(logging.StreamHandler[Any]):
    """On a terminal what is going on stands on one line that the next one wipes away."""

    wipe = "\r\x1b[K"
    lingers = False

    def emit(self, record: logging.LogRecord) -> None:
        live = record.name == "dbctl.progress" and _moves(self.stream)
        self.end()
        self.terminator = "" if live else "\n"
        super().emit(record)
        self.lingers = live

    def end(self) -> None:
        """Leave nothing behind on the line."""
        if self.lingers:
            self.stream.write(self.wipe)
            self.stream.flush()
            self.lingers = False


def _moves(stream: Any) -> bool:  # noqa: ANN401 - any text stream
    """Whether a line may be written over: a terminal that was not asked to be plain."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return bool(stream.isatty() and not plain)


class _Line(logging.Formatter):
    """One clean line a record; a name before it only when it is not dbctl's own progress."""

    def format(self, record: logging.LogRecord) -> str:
        text = clean(record.getMessage())
        if record.levelno >= logging.WARNING:
            return f"warning: {text}"
        return text if record.name.startswith("dbctl") else f"{record.name}: {text}"


def result(value: Any, options: Said) -> int:  # noqa: ANN401 - any room's result
    """Print what a command returned. Returns its exit code: 0, or the result's own."""
    _wipe()
    if value is None or getattr(value, "silent", False):
        return int(getattr(value, "exit_code", 0))
    if hasattr(value, "sql"):
        sys.stdout.write(value.sql)
    elif options.json:
        sys.stdout.write(json.dumps(plain(value), ensure_ascii=False, indent=2) + "\n")
    else:
        _draw(value)
    sys.stdout.flush()
    return int(getattr(value, "exit_code", 0))


def _wipe() -> None:
    for handler in logging.getLogger().handlers:
        if isinstance(handler, _Stderr):
            handler.end()


def _draw(value: Any) -> None:  # noqa: ANN401
    from dbctl.cli.views.canvas import draw

    draw(value)


def plain(value: Any) -> Any:  # noqa: ANN401 - JSON's types
    """A result as JSON has it: `from_` is `from`, times are ISO 8601 in UTC."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return {f.name.removesuffix("_"): plain(getattr(value, f.name)) for f in fields}
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value).encode("utf-8", "replace").decode()


def error(problem: DbctlError, options: Said) -> int:
    """Print what went wrong and what to do about it. Returns the exit code."""
    _wipe()
    if options.debug:
        _traceback(problem)
    if options.json:
        said = {"code": problem.exit_code, "kind": problem.kind}
        said |= {"message": problem.message, "hint": problem.hint}
        sys.stdout.write(json.dumps({"error": said}, ensure_ascii=False, indent=2) + "\n")
    else:
        sys.stderr.write("".join(f"{line}\n" for line in _lines(problem)))
    return problem.exit_code


def _lines(problem: DbctlError) -> list[str]:
    """Cause and hint; of a long cause the beginning, since the hint says what to do."""
    message = clean(f"error: {problem.message}", keep="\n").splitlines()
    hint = clean(f"hint: {problem.hint}").splitlines() if problem.hint else []
    return [*message[: LINES - len(hint)], *hint]


def bug(problem: BaseException, options: Said) -> int:
    """What nobody foresaw. The text of the exception stays out: it may hold anything."""
    kind = type(problem).__name__
    found = DbctlError(f"a bug in dbctl: {kind}", hint="run again with --debug and report it")
    if options.debug:
        _traceback(problem)
    return error(found, dataclasses.replace(options, debug=False))


def _traceback(problem: BaseException) -> None:
    """The traceback with each frame's place, without the values in it."""
    import traceback

    sys.stderr.write(clean("".join(traceback.format_exception(problem)), keep="\n"))
