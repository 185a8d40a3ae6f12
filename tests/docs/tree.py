"""Every command of dbctl and the classes of what they return."""

import inspect
from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

from dbctl.cli.root import command


def commands() -> dict[str, Any]:
    """Each command by its words: `tables list`."""
    return dict(_walked())


def _walked() -> Iterator[tuple[str, Any]]:
    root = command()
    for name in root.list_commands(None):
        found = root.get_command(None, name)
        yield from ((words, made) for words, made in below(name, found) if _runs(made))


def below(words: str, made: Any) -> Iterator[tuple[str, Any]]:
    """A noun or command by its words, then everything below it."""
    yield words, made
    for verb, one in getattr(made, "commands", {}).items():
        yield from below(f"{words} {verb}", one)


def _runs(made: Any) -> bool:
    """Whether it is a command: a noun alone is none, unless it says so."""
    return not getattr(made, "commands", {}) or getattr(made, "invoke_without_command", False)


def results(made: Any) -> tuple[type, ...]:
    """The classes that a command may return; () when it prints no result."""
    found = get_type_hints(inspect.unwrap(made.callback))["return"]
    kinds = (one for one in get_args(found) or (found,) if one is not type(None))
    return tuple(kind for kind in kinds if not getattr(kind, "silent", False))
