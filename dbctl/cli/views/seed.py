"""Drawings of seeding."""

from collections.abc import Iterator

from rich.console import RenderableType

from dbctl.cli.text import count
from dbctl.cli.views.canvas import View, following, line, row, table
from dbctl.seed.model import Seeded


def seeded(value: Seeded) -> Iterator[RenderableType]:
    """What became of each file."""
    if not value.files:
        yield line("no seed files: nothing to do")
        return
    made = table("file", "table", "inserted", "unchanged", right=["inserted", "unchanged"])
    for one in value.files:
        row(made, one.file.rsplit("/", 1)[-1], one.table, f"{one.inserted:,}", f"{one.unchanged:,}")
    yield made
    yield line((count(value.rows, "row"), "green"), f" in {value.seconds:.2f} s")
    yield following("dbctl tables list")


VIEWS: dict[type, View] = {Seeded: seeded}
