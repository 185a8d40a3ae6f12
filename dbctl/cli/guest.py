"""Run the commands that a project brings itself: they have what dbctl's own have.

Root options, one printing of what is returned, errors with file and line. What is wrong with one
breaks no other command.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import typer

from dbctl.cli.joined import HINT, TABLE, Joined, said_config
from dbctl.cli.options import said
from dbctl.errors import ConfigurationError, DbctlError, UsageError
from dbctl.project import Project

# What is an answer, and no failure of the project's code.
CLICK_EXCEPTION: type[Exception] = typer.BadParameter.__mro__[2]
PASSING = (DbctlError, CLICK_EXCEPTION, typer.Exit, typer.Abort, BrokenPipeError)


def command(found: Project, word: Joined, line: Sequence[str]) -> Any:  # noqa: ANN401 - Typer's own click
    """The command behind a project's word, imported now; `line` is what the user typed.

    Raises ConfigurationError with file and line when it cannot be imported.
    """
    made = typer.main.get_group(_app(found, word))
    _leaves(made, line)
    run = made.invoke

    def invoke(ctx: Any) -> Any:  # noqa: ANN401
        with _running(found, word):
            return run(ctx)

    made.invoke = invoke  # type: ignore[method-assign]  # Typer makes a new object for each call
    return made


def _app(found: Project, word: Joined) -> typer.Typer:
    from dbctl.database.importing import imported

    if word.fault:
        raise ConfigurationError(f"{TABLE} {word.name}: {word.fault}", hint=HINT)
    found.on_path()
    made = imported(word.app)
    if not isinstance(made, typer.Typer):
        raise ConfigurationError(f"{word.app} is not a Typer app", hint=HINT)
    return made


def _leaves(command: Any, line: Sequence[str]) -> None:  # noqa: ANN401
    """Let every command below refuse to run when the project was guessed from the wrong word."""
    for below in getattr(command, "commands", {}).values():
        _leaves(below, line)
    run = command.invoke

    def invoke(ctx: Any) -> Any:  # noqa: ANN401
        if said(ctx).config != said_config(line):
            raise UsageError("which --config is meant?", hint="put it before the command's word")
        return run(ctx)

    if not hasattr(command, "commands"):
        command.invoke = invoke


@contextmanager
def _running(found: Project, word: Joined) -> Iterator[None]:
    """Say file and line of the project's code when it fails; the sample's faults are dbctl's."""
    from dbctl.database.importing import where

    try:
        yield
    except PASSING:
        raise
    except Exception as error:
        if found.bundled:
            raise
        place = where(error, found.root)
        first = str(error).splitlines()[0] if str(error) else ""
        raise ConfigurationError(
            f"{word.name} failed: {type(error).__name__}: {first}",
            hint=f"see {place}" if place else "run with --debug for the traceback",
        ) from error
