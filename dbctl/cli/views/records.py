"""Drawings of rows and of whatever else a project's own commands return.

A dataclass or a mapping is a row, or, with `rows` and `next`, a page of a list. Nothing here knows
a class: columns are what the fields are called, so that they can be typed after `--sort`.
"""

import dataclasses
import json
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from rich.cells import cell_len
from rich.console import RenderableType
from rich.text import Text

from dbctl.cli.text import clean, count
from dbctl.cli.views.canvas import WIDTH, View, following, line, row, table
from dbctl.records.model import Purged

LONGEST = 40  # of a cell in a list; `show` has the whole
GAP = 3
BRIEF = 4  # fields of a row inside another
PAGE = {"rows", "next"}


def anything(value: Any) -> Iterator[RenderableType]:  # noqa: ANN401 - any result
    """A page, a row, a list of rows, or a plain value."""
    fields = _fields(value)
    if fields is not None and fields.keys() >= PAGE:
        yield from page(fields)
    elif fields is not None:
        yield from record(fields)
    elif isinstance(value, list | tuple | set | frozenset):
        yield from rows(list(value))
    else:
        yield line(_text(value))


def purged(value: Purged) -> Iterator[RenderableType]:
    """Which row is gone."""
    yield line(("purged", "green"), f" {value.table} {value.id}")


def page(fields: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Rows, how many there are in all, and the cursor of the next page."""
    yield from rows(list(fields["rows"]))
    if fields.get("count") is not None:
        yield line(f"{count(fields['count'], 'row')} on all pages")
    if fields["next"] is not None:
        yield following(f"--after {fields['next']}")


def rows(found: Sequence[Any]) -> Iterator[RenderableType]:
    """A table of what fits; columns without a value are left out, the last ones give way."""
    if not found:
        yield line("no rows")
        return
    cells = [_fields(one) or {"": one} for one in found]
    names = [name for name in _names(cells) if any(one.get(name) is not None for one in cells)]
    shown, hidden = _fitting(names, cells)
    made = table(*map(clean, shown), right=[clean(name) for name in shown if _counts(name, cells)])
    for one in cells:
        row(made, *(_cell(one.get(name)) for name in shown))
    yield made
    if hidden:
        yield line((f"not shown: {', '.join(hidden)} (--json has all)", "dim"))


def record(fields: Mapping[str, Any]) -> Iterator[RenderableType]:
    """One row, a line for each field; pages that belong to it below."""
    pages = {name: _fields(value) for name, value in fields.items() if _is_page(value)}
    made = table("", "")
    made.show_header = False
    for name, value in fields.items():
        if name not in pages:
            row(made, Text(clean(name), style="dim"), Text(clean(_text(value), keep="\n")))
    yield made
    for name, below in pages.items():
        yield line("")
        yield line((name, "bold"))
        yield from page(below or {})


def _fields(value: Any) -> Mapping[str, Any] | None:  # noqa: ANN401
    """The fields of a row; None when it is none."""
    if isinstance(value, Mapping):
        return {str(name): one for name, one in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name.removesuffix("_"): getattr(value, one.name) for one in _shown(value)}
    return None


def _shown(value: Any) -> Iterable[dataclasses.Field[Any]]:  # noqa: ANN401
    return dataclasses.fields(value)


def _is_page(value: Any) -> bool:  # noqa: ANN401
    return (_fields(value) or {}).keys() >= PAGE


def _names(cells: Iterable[Mapping[str, Any]]) -> list[str]:
    """Every name, in the order in which they are met."""
    return list(dict.fromkeys(name for one in cells for name in one))


def _fitting(names: list[str], cells: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[str]]:
    """The first columns that fit side by side, at least one, and the others."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDTH
    left = width
    for place, name in enumerate(names):
        wide = max(cell_len(clean(_cell(one.get(name)))) for one in cells)
        left -= max(wide, cell_len(clean(name))) + (GAP if place else 0)
        if left < 0 and place:
            return names[:place], names[place:]
    return names, []


def _counts(name: str, cells: Iterable[Mapping[str, Any]]) -> bool:
    """Whether a column holds numbers alone."""
    values = [one[name] for one in cells if one.get(name) is not None]
    return all(isinstance(one, int | float | Decimal) and one is not True for one in values)


def _cell(value: Any) -> str:  # noqa: ANN401
    text = _text(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def _text(value: Any) -> str:  # noqa: ANN401
    """A value for a person."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        moment = value.astimezone(UTC) if value.tzinfo else value
        return moment.strftime("%Y-%m-%d %H:%M:%S") + (" UTC" if value.tzinfo else "")
    if fields := _fields(value):
        known = [_text(one) for one in fields.values() if one is not None]
        return "  ".join(known[:BRIEF])
    if isinstance(value, list | tuple | set | frozenset | dict):
        return json.dumps([_text(one) for one in value], ensure_ascii=False)
    return str(value)


VIEWS: dict[type, View] = {Purged: purged, object: anything}
