"""Import what a project's configuration names, and say file and line when that fails."""

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from dbctl.errors import ConfigurationError, DbctlError


def imported(place: str) -> Any:  # noqa: ANN401 - whatever the project put there
    """The object behind "package.module:name". Raises ConfigurationError with file and line."""
    module, colon, name = place.partition(":")
    if not (module and colon and name):
        raise ConfigurationError(f"{place!r} is not of the form package.module:name")
    with importing(module):
        loaded = import_module(module)
    if not hasattr(loaded, name):
        raise ConfigurationError(f"{module} has no {name}", hint=f"check {place!r}")
    return getattr(loaded, name)


@contextmanager
def importing(what: str, *, below: Path | None = None) -> Iterator[None]:
    """Turn an exception of the project's own code into a ConfigurationError with file and line.

    `below` is the project's folder: the line named is the deepest one inside it, since that is
    the one that the user can change.
    """
    try:
        yield
    except (DbctlError, KeyboardInterrupt):
        raise
    except SystemExit as error:
        raise ConfigurationError(f"{what} ended the program (exit {error.code})") from error
    except Exception as error:
        place = where(error, below)
        raise ConfigurationError(
            f"cannot run {what}: {type(error).__name__}: {_first_line(error)}",
            hint=f"see {place}" if place else "run with --debug for the traceback",
        ) from error


def where(error: BaseException, below: Path | None = None) -> str:
    """`file:line` of the deepest frame in the project's own code; "" when there is none."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}"
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if _is_users(frame.filename, below)
    ]
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""


def _is_users(filename: str, below: Path | None) -> bool:
    if filename.startswith("<") or "site-packages" in filename:
        return False
    if below is not None:
        return Path(filename).is_relative_to(below)
    ours = str(Path(__file__).parent)
    return not filename.startswith((ours, sys.base_prefix))


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0] if str(error) else ""
