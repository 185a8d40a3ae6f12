"""A line for every command of dbctl's own, found in its tree: what it needs is filled in."""

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_type_hints

from dbctl.cli.tree import BY_NAME
from tests.docs import tree

# What stands for a parameter that must be there; "x" where nothing is said here.
WORDS = {"shell": "bash", "name": "authors", "names": "authors", "target": "head"}
WORDS |= {"targets": "head", "message": "text", "folder": "."}
# What is said unasked, so that no test waits for a server that is not there.
IMPATIENT = {"timeout": "0"}
TEXT = (str, Path, list[str], str | None, Path | None, list[str] | None)


def _walked(name: str, made: Any) -> Iterator[tuple[str, Any]]:
    """A command itself; of a group that is none, what is below it."""
    if made.callback is not None:
        yield name, made
    else:
        for verb, below in made.commands.items():
            yield from _walked(f"{name} {verb}", below)


COMMANDS: dict[str, Any] = {
    name: made
    for word, found in tree.commands().items()
    if word.split(" ")[0] in BY_NAME
    for name, made in _walked(word, found)
}


def line(name: str, /, **given: str) -> list[str]:
    """The words of a command: what is required and what is `given`, arguments behind `--`."""
    options, arguments = [], []
    for param in COMMANDS[name].params:
        value = given.get(param.name, IMPATIENT.get(param.name))
        if value is None and param.required:
            value = WORDS.get(param.name, "x") if param.name in texts(name) else "1"
        if value is None:
            continue
        if param.param_type_name == "argument":
            arguments.append(value)
        else:
            options.append(f"{max(param.opts, key=len)}={value}")
    return [*name.split(" "), *options, "--", *arguments]


def texts(name: str) -> list[str]:
    """The parameters of a command that take any text."""
    kinds = get_type_hints(inspect.unwrap(COMMANDS[name].callback))
    return [one for one, kind in kinds.items() if one != "return" and kind in TEXT]
