"""The one place that prints: a result on stdout, everything else on stderr."""

import dataclasses
import json
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from dbctl.cli import log
from dbctl.cli.mask import masked
from dbctl.cli.options import Said
from dbctl.cli.text import clean
from dbctl.errors import DbctlError

BUG = 70
LINES = 6


def result(value: Any, options: Said) -> int:  # noqa: ANN401 - any room's result
    """Print what a command returned. Returns its exit code: 0, or the result's own."""
    if value is None or getattr(value, "silent", False):
        return int(getattr(value, "exit_code", 0))
    if hasattr(value, "sql"):
        sys.stdout.write(value.sql)
    elif hasattr(value, "verbatim"):
        sys.stdout.write(value.verbatim)
    elif options.json:
        sys.stdout.write(json.dumps(plain(value), ensure_ascii=False, indent=2) + "\n")
    else:
        _draw(value)
    sys.stdout.flush()
    return int(getattr(value, "exit_code", 0))


def prepare() -> None:
    """Load what draws results, while somebody else is waited for."""
    import dbctl.cli.views.canvas  # noqa: F401 - its loading is all that is wanted


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
    if options.debug:
        _traceback(problem, options)
    problem.message = masked(problem.message)  # it may quote an exception of the project's
    if options.json:
        said: dict[str, Any] = {"code": problem.exit_code, "kind": problem.kind}
        said |= {"message": problem.message, "hint": problem.hint}
        said |= {"problems": plain(found)} if (found := _problems(problem)) else {}
        sys.stdout.write(json.dumps({"error": said}, ensure_ascii=False, indent=2) + "\n")
    elif log.is_json(options):
        more = {"problems": "\n".join(found)} if (found := _problems(problem)) else {}
        _logged(problem.message, hint=problem.hint, kind=problem.kind, **more)
    else:
        sys.stderr.write("".join(f"{line}\n" for line in _lines(problem)))
    return problem.exit_code


def _problems(problem: DbctlError) -> tuple[str, ...]:
    """Everything that was found, where the message holds only the beginning."""
    return tuple(getattr(problem, "problems", ()))


def _logged(message: str, **more: str) -> None:
    line = log.document("error", "dbctl", message, time.time(), **more)
    sys.stderr.write(f"{line}\n")


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
        _traceback(problem, options)
    return error(found, dataclasses.replace(options, debug=False))


def _traceback(problem: BaseException, options: Said) -> None:
    """The traceback with each frame's place, without the values in it."""
    import traceback

    text = "".join(traceback.format_exception(problem))
    if log.is_json(options):
        _logged(type(problem).__name__, traceback=text)
    else:
        sys.stderr.write(clean(masked(text), keep="\n"))
