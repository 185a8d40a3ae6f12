"""Drawings of seeding."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table

from dbctl.cli.text import count
from dbctl.cli.views.canvas import View, following, line, row, table
from dbctl.seed.model import Dumped, Generated, Seeded, SeedFile, SeedStatus

COUNTS = ("inserted", "updated", "unchanged")
STYLES = {"loaded": "green", "changed": "yellow", "new": "cyan"}


def seeded(value: Seeded) -> Iterator[RenderableType]:
    """What became of each file."""
    if not value.files:
        yield line("no seed files: nothing to do")
        return
    made = table("file", "table", *COUNTS, right=COUNTS)
    for one in value.files:
        counts = (f"{getattr(one, name):,}" for name in COUNTS)
        row(made, one.file, one.table, *counts)
    yield made
    yield _sum(value)
    yield following("dbctl seed" if value.dry_run else "dbctl tables list")


def _sum(value: Seeded) -> RenderableType:
    took = f" in {value.seconds:.2f} s"
    if value.dry_run:
        said = f"{count(value.rows, 'row')} would be written"
        return line((said, "yellow"), f"; nothing was: --dry-run{took}")
    said = f"{count(value.rows, 'row')} written" if value.rows else "nothing changed"
    return line((said, "green"), took)


def status(value: SeedStatus) -> Iterator[RenderableType]:
    """Each file and what the ledger says of it."""
    if not value.files:
        yield line(f"no seed files in {value.folder}")
        return
    made = table("file", "table", "state", "loaded", "rows", right=["rows"])
    for one in value.files:
        _file(made, one)
    yield made
    if not value.ledger:
        yield line("nothing says what was loaded: the first `dbctl seed` keeps a ledger")
    if any(one.state != "loaded" for one in value.files):
        yield following("dbctl seed")


def _file(made: Table, one: SeedFile) -> None:
    when = (one.loaded or "")[:19].replace("T", " ")
    rows = "" if one.rows is None else f"{one.rows:,}"
    row(made, one.file, one.table, line((one.state, STYLES[one.state])), when, rows)


def generated(value: Generated) -> Iterator[RenderableType]:
    """The rows of each table, and how fast they were written."""
    made = table("table", "rows", right=["rows"])
    for name, rows in value.rows.items():
        row(made, name, f"{rows:,}")
    yield made
    total = sum(value.rows.values())
    rate = f", {total / value.seconds:,.0f} rows/s" if value.seconds else ""
    yield line((f"{count(total, 'row')} written", "green"), f" in {value.seconds:.2f} s{rate}")
    yield following("dbctl tables list")


def dumped(value: Dumped) -> Iterator[RenderableType]:
    """Each file with its rows, and what it does not have."""
    made = table("file", "rows", right=["rows"])
    for one in value.files:
        row(made, one.file, f"{one.rows:,}")
    yield made
    left = [f"{one.table}.{name}" for one in value.files for name in one.left_out]
    if left:
        yield line((f"left out: {', '.join(left)}", "yellow"), " (--secrets writes them)")
    total = sum(one.rows for one in value.files)
    yield line((f"{count(total, 'row')} written", "green"), f" in {value.seconds:.2f} s")


VIEWS: dict[type, View] = {Dumped: dumped, Generated: generated, Seeded: seeded, SeedStatus: status}
