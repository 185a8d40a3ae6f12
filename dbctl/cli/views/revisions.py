"""Drawings of revision files: the history, heads, branches, one revision whole."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from dbctl.cli.text import count
from dbctl.cli.views import lanes
from dbctl.cli.views.canvas import View, following, line
from dbctl.migrate.model import Branches, Heads, History, Shown, Step


def history(value: History) -> Iterator[RenderableType]:
    """The revisions as a graph, the newest first."""
    if not value.revisions:
        yield line("no revisions")
        yield following('dbctl migrate -m "first tables"')
    for row in lanes.rows(value.revisions):
        if row.step is None:
            yield line((row.lanes, "dim"))
            continue
        yield _titled(row, row.step, value.current)
        if value.verbose:
            margin = row.lanes.replace("*", "|")
            yield from _details(row.step, f"{margin}   ")
    if value.current is not None:
        yield line(("the database is at ", "dim"), (names(value.current), "green"))


def _titled(row: lanes.Row, one: Step, current: tuple[str, ...] | None) -> Text:
    notes = [*(["head"] if one.head else []), *one.labels]
    here = current is not None and one.revision in current
    style = {True: "green", False: "yellow", None: ""}[one.applied]
    note = f" ({', '.join(notes)})" if notes else ""
    pending = ("  pending", "yellow") if one.applied is False else ""
    mark = ("  <- the database", "bold green") if here else pending
    return line(
        (row.lanes, "dim"), " ", (one.revision, style), (note, "dim"), f"  {one.message}", mark
    )


def _details(one: Step, margin: str) -> Iterator[RenderableType]:
    facts = {
        "follows": names(one.down),
        "depends on": ", ".join(one.depends_on),
        "file": one.file,
    }
    for name, text in facts.items():
        if text:
            yield line((margin, "dim"), (f"{name}: ", "dim"), text)


def heads(value: Heads) -> Iterator[RenderableType]:
    """One line a head; several are a warning."""
    for one in value.revisions:
        labels = f" ({', '.join(one.labels)})" if one.labels else ""
        yield line((one.revision, "green"), labels, f"  {one.message}")
        if value.verbose:
            yield from _details(one, "  ")
    if not value.heads:
        yield line("no revisions")
    if value.heads[1:]:
        yield following("dbctl merge")


def branches(value: Branches) -> Iterator[RenderableType]:
    """Each branch point with what follows it."""
    for one in value.branches:
        yield line((one.revision, "green"), f"  {one.message}")
        for child in one.children:
            yield line("  -> ", child)
    if not value.branches:
        yield line("no branches")


def shown(value: Shown) -> Iterator[RenderableType]:
    """Each revision with its whole docstring."""
    for one in value.revisions:
        note = " (head)" if one.head else ""
        yield line((one.revision, "bold green"), note, f"  {one.message}")
        yield from _details(one, "  ")
        for text in one.doc.splitlines()[1:]:
            yield line("  ", (text, "dim"))
    if not value.revisions:
        yield line(count(0, "revision"))


def names(revisions: tuple[str, ...]) -> str:
    """Revisions in a line; `base` for none."""
    return ", ".join(revisions) or "base"


VIEWS: dict[type, View] = {
    History: history,
    Heads: heads,
    Branches: branches,
    Shown: shown,
}
