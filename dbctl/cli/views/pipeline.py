"""Drawings of walks through several rooms."""

from collections.abc import Iterator

from rich.console import RenderableType

from dbctl.cli.text import count
from dbctl.cli.views.canvas import View, following, line, row, table
from dbctl.cli.views.findings import Findings
from dbctl.cli.views.migrate import applied, where
from dbctl.cli.views.revisions import names
from dbctl.pipeline.model import (
    ConfigChecked,
    ConfigShown,
    Diagnosis,
    Initialised,
    Reset,
    Up,
    UrlShown,
)


def up(value: Up) -> Iterator[RenderableType]:
    """Where the database is now, and what had to be done for it."""
    yield where(value.status.environment, value.status.database)
    if isinstance(value, Reset):
        yield line(("dropped and created", "green") if value.dropped else ("created", "green"))
    elif value.created:
        yield line(("created", "green"))
    if value.upgrade.applied:
        yield from applied(value.upgrade)
    elif value.status.heads and not value.upgrade.already_there:
        yield line("tables made from the models, at ", (names(value.upgrade.to), "green"))
    elif value.status.heads:
        yield line("schema already at ", (names(value.upgrade.to), "green"))
    yield _seeded(value)
    more = "dbctl tables list" if value.status.heads else 'dbctl migrate -m "first tables"'
    yield following(more)


def _seeded(value: Up) -> RenderableType:
    if not value.seeding:
        return line("not seeded")
    rows = sum(value.seeded.values())
    if not rows:
        return line("no new rows seeded")
    tables = ", ".join(f"{name} {number:,}" for name, number in value.seeded.items())
    return line((f"seeded {count(rows, 'row')}", "green"), f"  {tables}")


def initialised(value: Initialised) -> Iterator[RenderableType]:
    """What was written, and what the models hold."""
    for path in value.written:
        yield line("wrote ", (path, "green"))
    if not value.written:
        yield line("everything is there already: nothing to do")
    yield line(f"models: {value.metadata}, {count(value.tables, 'table')}")
    if value.tables:
        yield following('dbctl up && dbctl migrate -m "first tables"')
        return
    yield line((f"import the modules that hold your models where {value.metadata} is", "yellow"))


def config(value: ConfigShown) -> Iterator[RenderableType]:
    """Every setting, its value and where it came from."""
    yield line((value.environment, "bold"), "  ", value.found)
    made = table("setting", "value", "source")
    for one in value.settings:
        shown = "" if one.value is None else str(one.value)
        row(made, one.name, shown, one.source, style="dim" if one.source == "default" else "")
    yield made


def checked(value: ConfigChecked) -> Iterator[RenderableType]:
    """One line a thing that was looked at."""
    for one in value.findings:
        mark = ("ok    ", "green") if one.ok else ("wrong ", "red")
        yield line(mark, f"{one.check:<11} ", one.detail)
    if value.ok:
        yield following("dbctl up")


def diagnosis(value: Diagnosis) -> Iterator[RenderableType]:
    """One line a check; under what needs a hand, what to do."""
    yield Findings(value.findings)


def url(value: UrlShown) -> Iterator[RenderableType]:
    """The URL alone, so that it can be pasted."""
    text = line(value.url)
    text.no_wrap, text.overflow = True, "ignore"
    yield text


VIEWS: dict[type, View] = {
    Up: up,
    Initialised: initialised,
    ConfigShown: config,
    ConfigChecked: checked,
    Diagnosis: diagnosis,
    UrlShown: url,
}
