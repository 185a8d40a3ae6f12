"""Where drawings meet the terminal. Data is text here: never markup, never escape sequences."""

import os
import sys
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any

from rich.box import Box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from dbctl.cli.text import clean

View = Callable[[Any], Iterable[RenderableType]]
WIDTH = 80
# A line below the header and no frame: rows can be copied and read in a narrow terminal.
_BOX = Box("    \n    \n ── \n    \n    \n    \n    \n    \n")
ROOMS = {
    "ci": "dbctl.cli.views.ci",
    "cli": "dbctl.cli.views.completion",
    "lint": "dbctl.cli.views.lint",
    "migrate": "dbctl.cli.views.migrate",
    "rehearse": "dbctl.cli.views.rehearse",
    "database": "dbctl.cli.views.database",
    "pipeline": "dbctl.cli.views.pipeline",
    "seed": "dbctl.cli.views.seed",
    "neon": "dbctl.cli.views.neon",
    "snapshot": "dbctl.cli.views.snapshot",
    "branch": "dbctl.cli.views.branch",
}
# What has no room here: a project's own results, the sample's among them.
ANYTHING = "dbctl.cli.views.records"


def draw(value: Any) -> None:  # noqa: ANN401 - any room's result
    """Print a result for a person."""
    console = _console()
    for part in _view(type(value))(value):
        # The terminal wraps long lines itself, so that they can be copied whole.
        console.print(part, soft_wrap=isinstance(part, Text))


def _console() -> Console:
    width = None if sys.stdout.isatty() else WIDTH
    # Rich's own reading of NO_COLOR leaves bold and dim.
    colors: Any = None if os.environ.get("NO_COLOR") else "auto"
    return Console(
        file=sys.stdout,
        width=width,
        color_system=colors,
        markup=False,
        highlight=False,
        emoji=False,
    )


def _view(kind: type) -> View:
    """The drawing for a result: its room's views, its own class before its parents'."""
    house, _, rest = kind.__module__.partition(".")
    room = rest.split(".")[0] if house == "dbctl" else ""
    views: dict[type, View] = import_module(ROOMS.get(room, ANYTHING)).VIEWS
    return next(views[parent] for parent in kind.__mro__ if parent in views)


def line(*parts: str | tuple[str, str]) -> Text:
    """One line of text; a part may be a pair of text and style."""
    made = Text()
    for part in parts:
        text, style = part if isinstance(part, tuple) else (part, "")
        made.append(clean(text), style=style)
    return made


def following(command: str) -> Text:
    """The next step."""
    return line(("next: ", "dim"), (command, "bold"))


def table(*columns: str, right: Iterable[str] = ()) -> Table:
    """An empty table; the columns named in `right` hold numbers."""
    numbers = set(right)
    made = Table(
        box=_BOX, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim"
    )
    for column in columns:
        justify: Any = "right" if column in numbers else "left"
        made.add_column(column, justify=justify, overflow="fold")
    return made


def row(into: Table, *cells: str | Text, style: str = "") -> None:
    """Add a row of clean cells."""
    made = (cell if isinstance(cell, Text) else Text(clean(cell)) for cell in cells)
    into.add_row(*made, style=style)
