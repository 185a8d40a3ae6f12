"""The root of the command line: finds a word's command, runs it, and handles what goes wrong.

The only place that catches `DbctlError`, and the only one that ends in an exit code.
"""

import errno
import importlib
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import typer
from typer.core import TyperGroup

from dbctl.cli import emit, guest, joined, log
from dbctl.cli.joined import Joined
from dbctl.cli.options import ROOT_OPTIONS, Said, join
from dbctl.cli.tree import BY_NAME, help_text
from dbctl.errors import (
    ConfigurationError,
    DbctlError,
    ProviderError,
    StoppedError,
    TerminatedError,
    UsageError,
)
from dbctl.project import Project

CLICK_EXCEPTION = guest.CLICK_EXCEPTION


class Root(TyperGroup):
    """Commands are imported when their word is used."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401 - click's signature
        """Every word at the root, the project's own last."""
        own = (word for word in joined.words(joined.around(_line(ctx))).values() if not word.fault)
        return [*BY_NAME, *(word.name for word in own)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401
        """The command behind a word, imported now; None when there is no such word.

        Raises ConfigurationError for a word of the project's own that cannot be used.
        """
        found, own = _own(_line(ctx), cmd_name)
        word = BY_NAME.get(cmd_name)
        if found is not None and own is not None:
            return _logged(join(_guest(ctx, found, own)))
        if word is None:
            return None
        group = typer.main.get_group(importlib.import_module(word.module).app)
        return _logged(join(group if word.noun else group.commands[cmd_name]))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401
        """As click does, with a suggestion that needs no command imported."""
        if args[0][:1] != "-" and args[0] not in BY_NAME and not _own(_line(ctx), args[0])[1]:
            known = self.list_commands(ctx)
            raise UsageError(f"there is no command {args[0]!r}", hint=_near(args[0], known))
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> int:  # noqa: ANN401
        """Run the command and print what it returns; the result is the exit code."""
        options: Said = ctx.obj
        try:
            return emit.result(super().invoke(ctx), options)
        except KeyboardInterrupt as stopped:  # here: Typer would swallow it without a word
            raise _stopped(stopped) from None

    def get_help(self, ctx: Any) -> str:  # noqa: ANN401
        """The same text as the quick path prints."""
        return help_text(joined.lines(joined.said_config(_line(ctx))))

    def main(self, args: Any = None, **_: Any) -> int:  # type: ignore[override]  # noqa: ANN401
        """Run one command line. Returns the exit code; nothing escapes but SystemExit."""
        words = list(args or [])
        options = Said(words=tuple(words))
        with terminating():
            try:
                return int(super().main(words, "dbctl", standalone_mode=False, obj=options) or 0)
            except BrokenPipeError:
                return _closed()
            except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the last net
                return _answered(error, options, words)


def _logged(command: Any) -> Any:  # noqa: ANN401 - Typer's own click
    """Let every command below run with the log that its line, read to the end, asks for."""
    for below in getattr(command, "commands", {}).values():
        _logged(below)
    run = command.invoke

    def invoke(ctx: Any) -> Any:  # noqa: ANN401
        if _verb_follows(ctx):
            return run(ctx)
        with log.running(ctx.find_root().obj):
            return run(ctx)

    if not hasattr(command, "commands") or command.invoke_without_command:
        command.invoke = invoke
    return command


def _verb_follows(ctx: Any) -> bool:  # noqa: ANN401
    """Whether a group that runs alone, too, was given a verb: that one has the log."""
    # The name without the underscore warns in newer versions of click.
    names = ("_protected_args", "protected_args")
    return hasattr(ctx.command, "commands") and any(vars(ctx).get(name) for name in names)


_FULL = (errno.ENOSPC, errno.EDQUOT)


class Terminated(KeyboardInterrupt):
    """SIGTERM: handled like Ctrl-C, with an exit code of its own."""


@contextmanager
def terminating() -> Iterator[None]:
    """Turn SIGTERM into an exception, so that transactions are rolled back and it is said."""

    def raised(*_: object) -> None:
        raise Terminated

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, raised)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _answered(error: BaseException, options: Said, words: list[str]) -> int:
    """Say what went wrong; the exit code."""
    if isinstance(error, KeyboardInterrupt | typer.Abort):
        error = _stopped(error)
    if isinstance(error, CLICK_EXCEPTION):
        error = _usage(error)
    if isinstance(error, UsageError):
        options = _guessed(options, words)
    if isinstance(error, OSError) and (error.filename or error.errno in _FULL):
        error = _unusable(error)
    if isinstance(error, DbctlError):
        return emit.error(error, options)
    return emit.bug(error, options)


def _stopped(error: BaseException) -> StoppedError:
    noted = getattr(error, "__notes__", ())  # what the command leaves behind
    hint = (
        "; ".join(noted)
        or "run the command again: what was committed stays, the rest was rolled back"
    )
    if isinstance(error, Terminated):
        return TerminatedError("terminated", hint=hint)
    return StoppedError("interrupted", hint=hint)


def _line(ctx: Any) -> tuple[str, ...]:  # noqa: ANN401
    """The words that the user typed."""
    return ctx.find_root().obj.words if ctx is not None and ctx.find_root().obj else ()


def _own(line: Sequence[str], name: str) -> tuple[Project | None, Joined | None]:
    """The project's own command of that name; a word of dbctl's that a project claims, too."""
    try:
        found = joined.around(line)
    except ConfigurationError:
        if name in BY_NAME:
            return None, None  # the command itself will say what is wrong, if it has to know
        raise
    return found, joined.words(found).get(name)


def _unusable(error: OSError) -> ProviderError:
    """A file that cannot be read or written: its name is too long, the disk is full."""
    where = error.filename or "the output"
    hint = "make room and run it again" if error.errno in _FULL else "check the path"
    made = ProviderError(f"{where}: {error.strerror}", hint=hint)
    made.__cause__ = error
    return made


def _guest(ctx: Any, found: Project, own: Joined) -> Any:  # noqa: ANN401
    """The project's own command, imported now. Raises ConfigurationError."""
    try:
        return guest.command(found, own, _line(ctx))
    except ConfigurationError:
        # The line will not be read to its end: whether --json is on it has to be guessed.
        options: Said = ctx.find_root().obj
        options.json = _guessed(options, list(_line(ctx))).json
        raise


def _near(word: str, known: list[str]) -> str:
    import difflib

    near = difflib.get_close_matches(word, known, n=1)
    return f"did you mean {near[0]}?" if near else "see `dbctl --help`"


def _guessed(options: Said, words: list[str]) -> Said:
    """What was said on a line that was not read to its end."""
    before = words[: words.index("--")] if "--" in words else words
    return replace(options, json=options.json or "--json" in before)


def _usage(error: Exception) -> UsageError:
    """A complaint of the parser in our words."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "dbctl"
    message = getattr(error, "format_message", lambda: str(error))()
    message = message.removesuffix(".")
    return UsageError(message[:1].lower() + message[1:], hint=f"see `{command} --help`")


def _closed() -> int:
    """The reader went away (`dbctl history | head`): leave quietly, as other commands do."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


app = typer.Typer(
    cls=Root,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def root() -> None:
    """The database lifecycle in one command, for any SQLAlchemy project."""


def command() -> Root:
    """The root as a runnable command."""
    made: Any = typer.main.get_group(app)
    made.params = [*made.params, *ROOT_OPTIONS]
    found: Root = made
    return found
