"""The end of a copy, whatever comes."""

import logging
from collections.abc import Callable, Coroutine
from typing import Any

from dbctl import loop
from dbctl.errors import DbctlError

log = logging.getLogger("dbctl.rehearse")
_TRIES = 2  # a second Ctrl-C must not keep the copy alive


def remove(gone: Callable[[], Coroutine[Any, Any, object]], name: str, command: str) -> None:
    """Delete the copy whatever comes; what cannot be is said, with the command that does it."""
    for turn in range(_TRIES):
        try:
            loop.run(gone())
        except DbctlError as error:
            log.warning("the copy %s is left: %s", name, error.message)
        except KeyboardInterrupt:
            if turn + 1 < _TRIES:
                continue
            log.warning("the copy %s may be left: `dbctl %s %s`", name, command, name)
            raise
        return
