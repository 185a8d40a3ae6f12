"""Words that a project adds to the command line: `[tool.dbctl.commands]`.

    [tool.dbctl.commands]
    books = "shop.commands:app"
    stock = { app = "shop.stock:app", help = "Count and move stock." }

Each is a Typer app of the project's own. It is imported when its word is used, never for the help
of the root; whatever is wrong with one is said when that one is used, and breaks nothing else.
"""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from dbctl import project
from dbctl.cli.text import clean
from dbctl.cli.tree import BY_NAME
from dbctl.errors import DbctlError
from dbctl.project import Project

_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")
TABLE = "[tool.dbctl.commands]"
WIDTH = 80 - 18


class Joined(NamedTuple):
    """One word: `app` is "package.module:name", `fault` why it cannot be used, "" when it can."""

    name: str
    app: str
    help: str
    fault: str = ""


def words(found: Project) -> dict[str, Joined]:
    """Every word of the project by its name; nothing is imported."""
    return {name: _word(name, said) for name, said in found.commands.items()}


def lines(config: Path | None = None) -> list[str]:
    """The section of the root's help; [] when no project adds a word, or none can be read."""
    try:
        found = project.find(Path.cwd(), config or _configured())
    except DbctlError:
        return []
    if not found.commands:
        return []
    whose = "The sample" if found.bundled else "This project"
    return [f"{whose}:", *map(_line, words(found).values()), ""]


def around(line: Sequence[str]) -> Project:
    """The project that a command line is about. Raises ConfigurationError."""
    return project.find(Path.cwd(), said_config(line) or _configured())


def said_config(line: Sequence[str]) -> Path | None:
    """The file that `--config` names on a line that no parser has read yet."""
    rest = iter(line)
    for word in rest:
        option, equals, value = word.partition("=")
        if word == "--":
            break
        if option == "--config":
            return Path(value if equals else next(rest, ""))
        if word in ("--env", "--url", "-n", "--name", "-x", "--log-format"):
            next(rest, "")
    return None


HINT = 'write WORD = "package.module:app", where app is a typer.Typer'


def _configured() -> Path | None:
    named = os.environ.get("DBCTL_CONFIG")
    return Path(named) if named else None


def _word(name: str, said: Any) -> Joined:  # noqa: ANN401 - whatever TOML can hold
    more = said if isinstance(said, Mapping) else {"app": said}
    place, text = more.get("app"), more.get("help", "")
    if name in BY_NAME:
        fault = "dbctl has a command of that name; choose another"
    elif not _WORD.fullmatch(name):
        fault = "a word is made of letters, digits, - and _"
    elif not isinstance(place, str) or not isinstance(text, str):
        fault = "it is neither a text nor a table with app and help"
    elif more.keys() - {"app", "help"}:
        fault = "a word has app and help, nothing else"
    else:
        return Joined(name, place, text)
    return Joined(name, "", "", fault)


def _line(word: Joined) -> str:
    text = clean(f"refused: {word.fault}" if word.fault else word.help)
    text = text if len(text) <= WIDTH else f"{text[: WIDTH - 3]}..."
    return f"  {clean(word.name)[:40]:<15} {text}".rstrip()
