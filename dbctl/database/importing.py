"""`dbctl.foreign`, with the log kept: what a project imports may set up logging of its own."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dbctl import foreign
from dbctl.database import logs
from dbctl.foreign import where

__all__ = ["imported", "importing", "where", "without"]


def imported(place: str) -> Any:  # noqa: ANN401 - whatever the project put there
    """The object behind "package.module:name". Raises ConfigurationError with file and line."""
    try:
        return foreign.imported(place)
    finally:
        logs.keep()


@contextmanager
def without(module: str) -> Iterator[None]:
    """While the block runs `module` cannot be imported, unless it has been already."""
    if module in sys.modules:
        yield
        return
    sys.modules[module] = None  # type: ignore[assignment]  # Python's own word for "there is none"
    try:
        yield
    finally:
        del sys.modules[module]


@contextmanager
def importing(what: str, *, below: Path | None = None) -> Iterator[None]:
    """As `foreign.importing`."""
    try:
        with foreign.importing(what, below=below):
            yield
    finally:
        logs.keep()
