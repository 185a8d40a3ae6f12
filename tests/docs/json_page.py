"""Writes docs/json.md from the results' dataclasses; a test holds the page against them.

`python -m tests.docs.json_page` writes it anew. A key that vanishes from it breaks somebody's
script: keys are never removed or renamed within a major version.
"""

import dataclasses
import inspect
import types
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from dbctl.database.shape import Script
from dbctl.lint.model import Report
from dbctl.neon.words import Verbatim
from tests.docs import tree

PAGE = Path(__file__).parents[2] / "docs" / "json.md"
NAMES = {
    str: "text",
    int: "integer",
    float: "number",
    bool: "true or false",
    Path: "text",
    datetime: "time",
    Decimal: "number as text",
}
AS_IT_IS: dict[type, str] = {
    Script: "SQL as it is, no JSON",
    Verbatim: "what another program reads, as it is",
    Report: "the findings in the form that was asked for",
}
INTRODUCTION = """\
# What `--json` prints

With `--json`, wherever it stands on the line, a command prints exactly one JSON document on stdout;
everything else goes to stderr. Seconds are numbers, times are ISO 8601 in UTC, an empty list is
`[]` and never `null`. Keys are never removed or renamed within a major version; new ones may come.

A command that fails prints this instead. `code` is the exit code, `kind` names the error for a
program, `message` and `hint` are for a person; `dbctl seed` adds `problems`, a list with up to 20
texts of the form `file:line:column value reason`:

```json
{"error": {"code": 4, "kind": "unreachable", "message": "...", "hint": "..."}}
```

This page is written by `python -m tests.docs.json_page`.
"""


def page() -> str:
    """The whole page."""
    results = {words: tree.results(made) for words, made in sorted(tree.commands().items())}
    lines = [INTRODUCTION, "## Commands\n", "| command | result |", "|---|---|"]
    lines += [f"| `dbctl {words}` | {_either(kinds)} |" for words, kinds in results.items()]
    reached = {one for kinds in results.values() for kind in kinds for one in _reached(kind)}
    _require_names_of_their_own(reached)
    for kind in sorted(reached - {*AS_IT_IS}, key=lambda kind: kind.__name__):
        lines += _section(kind)
    return "\n".join(lines) + "\n"


def _require_names_of_their_own(kinds: set[type]) -> None:
    """Two classes of one name would be one link, and which of them came first would be chance."""
    names = [kind.__name__ for kind in kinds]
    twice = {name for name in names if names.count(name) > 1}
    assert not twice, f"several results are called {', '.join(sorted(twice))}"


def _either(kinds: tuple[type, ...]) -> str:
    said = (AS_IT_IS.get(kind) or _linked(kind) for kind in kinds)
    return ", or ".join(said) or "nothing"


def _section(kind: type) -> Iterator[str]:
    yield f"\n## {kind.__name__}\n"
    yield _prose(inspect.getdoc(kind) or "") + "\n"
    yield "| key | value |"
    yield "|---|---|"
    for name, hint in _fields(kind):
        yield f"| `{name}` | {_described(hint)} |"


def _prose(docstring: str) -> str:
    """A docstring as a reader of JSON has to see it."""
    words = {"`from_`": "`from`", "None": "`null`", " () ": " `[]` ", "True": "`true`"}
    text = " ".join(docstring.split()).replace("False", "`false`")
    for python, json in words.items():
        text = text.replace(python, json)
    return text


def _fields(kind: Any) -> Iterator[tuple[str, Any]]:
    hints = get_type_hints(kind)
    for field in dataclasses.fields(kind):
        yield field.name.removesuffix("_"), hints[field.name]


def _reached(hint: Any) -> Iterator[type]:
    """Every dataclass in a type, itself included."""
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        yield hint
        for _, inner in _fields(hint):
            yield from _reached(inner)
    for inner in get_args(hint):
        yield from _reached(inner)


def _described(hint: Any) -> str:
    """A type in words."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return " or ".join(f'`"{one}"`' for one in arguments)
    if origin in (tuple, list):
        return f"list of {_described(arguments[0])}"
    if origin in (dict, Mapping):
        return f"object of {_described(arguments[1])} by name"
    if isinstance(hint, types.UnionType) or arguments:
        return " or ".join(_described(one) for one in arguments)
    return _named(hint)


def _named(hint: Any) -> str:
    if hint is type(None):
        return "null"
    if dataclasses.is_dataclass(hint):
        return _linked(hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return " or ".join(f'`"{one.value}"`' for one in hint)
    return NAMES[hint]


def _linked(kind: Any) -> str:
    return f"[{kind.__name__}](#{kind.__name__.lower()})"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
