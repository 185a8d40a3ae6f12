"""A dbctl that SIGKILL ends before it calls one of its own functions.

    python -m tests.snapshot.crash MODULE:NAME WORD...

The name may have a class before it, `PostgresSnapshots.swap`, and which call it is behind it, `@2`.
"""

import os
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

from dbctl.cli.main import main


def dying(real: Any, calls: int) -> Callable[..., Any]:
    """What is called instead of `real`: the last of `calls` is the end."""
    left = [calls]

    def called(*args: Any, **said: Any) -> Any:
        left[0] -= 1
        if left[0]:
            return real(*args, **said)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("still here")

    return called


def patched(where: str) -> None:
    """Put `dying` in the function's place."""
    where, _, calls = where.partition("@")
    module, _, name = where.partition(":")
    *outer, last = name.split(".")
    holder = import_module(module)
    for one in outer:
        holder = getattr(holder, one)
    setattr(holder, last, dying(getattr(holder, last), int(calls or 1)))


if __name__ == "__main__":
    patched(sys.argv[1])
    main(sys.argv[2:])
