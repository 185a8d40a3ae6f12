"""Writes docs/commands.md from the real commands; a test holds the page against them.

`python -m tests.docs.commands_page` writes it anew. What Typer itself would print differs from one
of its versions to the next, so nothing here asks it for text.
"""

import inspect
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

from dbctl.cli.options import ROOT_OPTIONS
from dbctl.cli.tree import BY_NAME, OPTIONS
from dbctl.errors import EXIT_CODES
from tests.docs import tree, words_module

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"
INTRODUCTION = """\
# Commands

`--help` behind a command says the same on the terminal. This page is written by
`python -m tests.docs.commands_page`.

## Options of every command

They may stand anywhere on the line.
"""


def page() -> str:
    """The whole page."""
    lines = [INTRODUCTION, *_table(("option", "meaning"), OPTIONS)]
    lines += [
        "\n## Exit codes\n",
        "Where a command has more to say about them, it is said there.\n",
    ]
    lines += _table(("code", "meaning"), [(str(code), said) for code, said in EXIT_CODES.items()])
    found = tree.commands()
    # Those of the sample join the tree as any project's do, behind dbctl's own.
    order = list(dict.fromkeys([*BY_NAME, *(words.split()[0] for words in found)]))
    for words in sorted(found, key=lambda words: order.index(words.split()[0])):
        lines += _section(words, found[words])
    return "\n".join(lines) + "\n"


def _section(words: str, made: Any) -> Iterator[str]:
    shown = [param for param in made.params if param not in ROOT_OPTIONS and param.name != "help"]
    arguments = [param for param in shown if param.param_type_name == "argument"]
    options = [param for param in shown if param.param_type_name == "option"]
    usage = [words, *(["[OPTIONS]"] if options else []), *map(_place, arguments)]
    yield f"\n## {words}\n"
    yield f"```text\ndbctl {' '.join(usage)}\n```\n"
    yield inspect.cleandoc(made.help or "")
    types = words_module.hints(made)
    rows = [(_place(param), _meaning(param)) for param in arguments]
    rows += [(_spelling(param, types), _meaning(param)) for param in options]
    if rows:
        yield ""
        yield from _table(("argument or option", "meaning"), rows)


def _place(param: Any) -> str:
    """`[REVISION]`, `NAMES...`."""
    name = param.name.upper() + ("..." if param.nargs == -1 else "")
    return name if param.required else f"[{name}]"


def _spelling(param: Any, types: dict[str, Any]) -> str:
    names = ", ".join(sorted(param.opts, key=len))
    if param.secondary_opts:
        return f"{names} / {', '.join(param.secondary_opts)}"
    if param.is_flag or param.count:
        return names
    kind = words_module.plain(types[param.name])
    if issubclass(kind, Enum):
        return f"{names} {'|'.join(one.value for one in kind)}"
    return f"{names} {NAMES.get(kind, 'TEXT')}"


NAMES = {int: "NUMBER", float: "NUMBER", Path: "PATH"}


def _meaning(param: Any) -> str:
    default = getattr(param.default, "value", param.default)
    said = isinstance(default, str | int | float | Path) and default is not False and default != ""
    more = ["required"] if param.required else [f"default: {default}"] if said else []
    return "; ".join([*filter(None, [param.help]), *more])


def _table(heads: tuple[str, str], rows: Any) -> Iterator[str]:
    yield f"| {heads[0]} | {heads[1]} |"
    yield "|---|---|"
    for name, text in rows:
        yield f"| `{_escaped(name)}` | {_escaped(text)} |"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
