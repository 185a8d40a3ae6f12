"""Writes dbctl/cli/words.py, what shell completion knows of the commands; a test holds it to them.

`python -m tests.docs.words_module` writes it anew.
"""

import inspect
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_type_hints

import dbctl
from dbctl.cli.options import ROOT_OPTIONS, _root
from dbctl.cli.root import command
from dbctl.cli.tree import BY_NAME, OPTIONS, WORDS
from dbctl.settings import ENVIRONMENTS
from tests.docs import tree

MODULE = Path(dbctl.__file__).parent / "cli" / "words.py"
HEAD = '''\
"""The command line as shell completion knows it. Written by `python -m tests.docs.words_module`.

A command: its summary, the kinds of its arguments (a star: any number), its options with their kind
and meaning. Kinds: env, files, revision, table, text, or the choices between bars; "" is a flag.
"""

# fmt: off
'''
REVISIONS = {"target", "targets", "revision", "revisions", "head", "depends_on"}
TABLES = {"name", "names"}
WIDTH = 60
HELP = {"--help": ("", "show the help of a command")}
Options = dict[str, tuple[str, str]]


def commands() -> dict[str, tuple[str, tuple[str, ...], Options]]:
    """Every noun and command of the real tree."""
    root = command()
    found: dict[str, Any] = {}
    for name in BY_NAME:  # those that a project adds are found by a scan of it
        found |= dict(tree.below(name, root.get_command(None, name)))
    summaries = {word.name: word.summary for word in WORDS}
    return {
        words: (summaries.get(words) or _short(made.help or ""), _arguments(words, made), own(made))
        for words, made in found.items()
    }


def root_options() -> Options:
    """The options that may stand anywhere."""
    meaning = {name: text for said, text in OPTIONS for name in _names(said)}
    types = get_type_hints(_root)
    found = {
        name: (_kind("", param, types), _short(meaning.get(name, "")))
        for param in ROOT_OPTIONS
        for name in param.opts
    }
    return {**found, "--version": ("", _short(meaning["--version"])), **HELP}


def own(made: Any) -> Options:
    """The options of the command itself."""
    return {
        name: (_kind("", param, hints(made)), _short(param.help or ""))
        for param in made.params
        if param.param_type_name == "option" and param not in ROOT_OPTIONS and param.name != "help"
        for name in (*param.opts, *param.secondary_opts)
    }


def _names(said: str) -> list[str]:
    """`-n, --name NAME` is -n and --name."""
    return [word.strip(",") for word in said.split() if word.startswith("-")]


def _arguments(words: str, made: Any) -> tuple[str, ...]:
    return tuple(
        _kind(words, param, hints(made)) + ("*" if param.nargs == -1 else "")
        for param in made.params
        if param.param_type_name == "argument"
    )


def hints(made: Any) -> dict[str, Any]:
    """The types of a command's parameters, read from its function: Typer's own forms change."""
    return get_type_hints(inspect.unwrap(made.callback)) if made.callback else {}


def _kind(words: str, param: Any, types: dict[str, Any]) -> str:
    if getattr(param, "is_flag", False) or getattr(param, "count", False):
        return ""
    kind = plain(types[param.name])
    if issubclass(kind, Enum):
        return "|".join(one.value for one in kind)
    if issubclass(kind, Path):
        return "files"
    if words.startswith("tables ") and param.name in TABLES:
        return "table"
    if param.name in REVISIONS:
        return "revision"
    return "env" if "--env" in param.opts else "text"


def plain(hint: Any) -> type:
    """`Optional[list[str]]` is str."""
    inside = [one for one in get_args(hint) if one is not type(None)]
    found: type = plain(inside[0]) if inside else hint
    return found


def _short(text: str) -> str:
    """The first line, without its full stop."""
    line = text.strip().split("\n")[0].removesuffix(".")
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 3]}..."


def module() -> str:
    """The text of the module."""
    return HEAD + "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield f"ENVIRONMENTS = {_literal(ENVIRONMENTS)}"
    yield "Options = dict[str, tuple[str, str]]"
    yield "ROOT: Options = {"
    yield from _options(root_options(), 4)
    yield "}"
    yield "COMMANDS: dict[str, tuple[str, tuple[str, ...], Options]] = {"
    for words, (summary, arguments, options) in sorted(commands().items()):
        yield f"    {_literal(words)}: ({_literal(summary)}, {_literal(arguments)}, {{"
        yield from _options(options, 8)
        yield "    }),"
    yield "}"


def _options(options: Options, indent: int) -> Iterator[str]:
    for name, said in options.items():
        yield f"{' ' * indent}{_literal(name)}: {_literal(said)},"


def _literal(value: Any) -> str:
    """As ruff would quote it."""
    if isinstance(value, tuple):
        inside = ", ".join(map(_literal, value))
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


if __name__ == "__main__":
    MODULE.write_text(module(), encoding="utf-8")
