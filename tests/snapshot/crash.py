"""A dbctl that SIGKILL ends before it calls one of its own functions.

    python -m tests.snapshot.crash MODULE:NAME WORD...

The name may have a class before it, `PostgresSnapshots.swap`.
"""

import os
import signal
import sys
from importlib import import_module
from typing import Any, NoReturn

from dbctl.cli.main import main


def dying(*_: Any, **__: Any) -> NoReturn:
    """What is called instead."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("still here")


def patched(where: str) -> None:
    """Put `dying` in the function's place."""
    module, _, name = where.partition(":")
    *outer, last = name.split(".")
    holder = import_module(module)
    for one in outer:
        holder = getattr(holder, one)
    assert hasattr(holder, last), where
    setattr(holder, last, dying)


if __name__ == "__main__":
    patched(sys.argv[1])
    main(sys.argv[2:])
