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
        below = getattr(found, "commands", {})
        if not below or getattr(found, "invoke_without_command", False):
            yield name, found
        for verb, made in below.items():
            yield f"{name} {verb}", made


def results(made: Any) -> tuple[type, ...]:
    """The classes that a command may return; () when it prints no result."""
    found = get_type_hints(inspect.unwrap(made.callback))["return"]
    kinds = (one for one in get_args(found) or (found,) if one is not type(None))
    return tuple(kind for kind in kinds if not getattr(kind, "silent", False))
