"""The entry point: root help and the version are answered before Typer loads."""

import atexit
import gc
import os
import sys
import threading
from contextlib import suppress
from typing import NoReturn

# Modules that load are no garbage: looking for some among them costs a sixth of a short command.
ALLOCATIONS = 500_000
_OPEN = "/proc/self/fd"
HELP: tuple[list[str], ...] = ([], ["--help"], ["-h"], ["help"])


def main(argv: list[str] | None = None) -> NoReturn:
    """Run one command line and leave with its exit code."""
    if argv is None:
        gc.set_threshold(ALLOCATIONS)
    words = sys.argv[1:] if argv is None else argv
    _open_streams()
    if words[:1] == ["__complete"]:
        _complete(words[1:], leave=argv is None)
    if words[:1] == ["completion"] and words[1:] in (["bash"], ["zsh"], ["fish"]):
        from dbctl.cli.complete import script

        _print(script(words[1]).removesuffix("\n"))
    if words in HELP:
        from dbctl.cli import joined
        from dbctl.cli.tree import help_text

        _print(help_text(joined.lines()))
    if "--version" in words and set(words) <= {"--version", "--json"}:
        from dbctl.cli.version import text

        _print(text(json="--json" in words))
    from dbctl.cli.root import command

    code = command().main(words)
    if argv is None:
        _leave(code)
    sys.exit(code)


def _leave(code: int) -> None:
    """End the process without taking its modules apart, a tenth of a second for some commands.

    What asked to be told of the end is told. Where threads still run, or a SQLite file may have
    a connection that nobody closed (its WAL is written back then), the interpreter ends itself.
    """
    gc.disable()  # the interpreter's end would collect what goes with the process anyway
    if _flushed(code) and _is_alone():
        atexit._run_exitfuncs()
        if _flushed(code):
            os._exit(code)


def _is_alone() -> bool:
    """Whether no thread runs, and no SQLite file waits for its connection to be closed."""
    return threading.active_count() == 1 and not (
        "sqlalchemy.dialects.sqlite" in sys.modules and _holds_log()
    )


def _holds_log() -> bool:
    """Whether a WAL or a journal is open; where nobody can tell, one may be."""
    try:
        open_files = os.listdir(_OPEN)  # noqa: PTH208 - pathlib would have to be loaded
    except OSError:
        return True
    for one in open_files:
        with suppress(OSError):  # the one that lists them is closed by now
            if os.readlink(f"{_OPEN}/{one}").endswith(("-wal", "-journal")):  # noqa: PTH115
                return True
    return False


def _flushed(code: int) -> bool:
    """Write out what was printed. What cannot be written was said already if `code` is not 0."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        if code:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return False
    return True


def _open_streams() -> None:
    """Give a closed standard stream (`>&-`) a place to go: what opens next would land there."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, os.fdopen(number, "r" if number == 0 else "w", closefd=False))


def _complete(words: list[str], *, leave: bool) -> NoReturn:
    """Answer a shell that waits at a pressed key: no garbage collection, no clean-up."""
    gc.disable()
    from dbctl.cli.complete import main as complete

    complete(words)
    if leave:
        os._exit(0)
    gc.enable()
    sys.exit(0)


def _print(text: str) -> NoReturn:
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader went away: nothing more can be said, at the end of the process neither.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    sys.exit(0)
