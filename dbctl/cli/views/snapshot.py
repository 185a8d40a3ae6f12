"""Drawings of snapshots."""

from collections.abc import Iterator
from datetime import UTC, datetime

from rich.console import RenderableType

from dbctl.cli.text import count, size
from dbctl.cli.views.canvas import View, following, line, row, table
from dbctl.snapshot.model import (
    OldDropped,
    Rest,
    Snapshot,
    SnapshotCreated,
    SnapshotDeleted,
    SnapshotRestored,
    Snapshots,
    SnapshotsPruned,
    SnapshotVerified,
)

SHOWN = 12
SPANS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
WHAT = {
    "new": "a restore that was cut short",
    "check": "a check that was cut short",
    "draft": "a snapshot that was cut short",
}


def _age(moment: datetime) -> str:
    seconds = (datetime.now(UTC) - moment).total_seconds()
    return next((f"{seconds // one:.0f} {unit}" for one, unit in SPANS if seconds >= one), "now")


def _at(revision: tuple[str, ...]) -> str:
    return ", ".join(revision) or "base"


def created(value: SnapshotCreated) -> Iterator[RenderableType]:
    """What was kept, and where."""
    one = value.snapshot
    yield line(("created", "green"), f" {one.name}  {_held(one)}, {size(one.bytes)}")
    yield line((f"  {one.database} at {_at(one.revision)}, {value.seconds:.1f} s", "dim"))
    yield line((f"  {value.folder}", "dim"))
    if value.pruned:
        yield line(f"deleted {len(value.pruned)} older: {', '.join(value.pruned)}")
    yield following(f"dbctl snapshot verify {one.name}")


def _held(one: Snapshot) -> str:
    return f"{count(one.tables, 'table')}, {count(one.rows, 'row')}"


def snapshots(value: Snapshots) -> Iterator[RenderableType]:
    """A line a snapshot, then what stands beside the database."""
    made = table("snapshot", "of", "revision", "rows", "size", "age", right=["rows", "size", "age"])
    for one in value.snapshots:
        of = "damaged" if one.fault else one.environment
        style = "red" if one.fault else ""
        cells = (one.name, of, _at(one.revision), f"{one.rows:,}", size(one.bytes))
        row(made, *cells, _age(one.created), style=style)
    yield made if value.snapshots else line("no snapshots")
    yield from _rests("replaced by a restore", value.kept)
    yield from _rests("left behind", value.leftovers)
    if value.leftovers:
        yield following("dbctl snapshot prune")
    elif not value.snapshots:
        yield following("dbctl snapshot create")


def _rests(title: str, found: tuple[Rest, ...]) -> Iterator[RenderableType]:
    if not found:
        return
    yield line("")
    yield line((f"{title}:", "bold"))
    for one in found:
        what = "a command works on it" if one.running else WHAT.get(one.purpose, "")
        facts = [size(one.bytes), _age(one.made), what]
        yield line(f"  {one.name}")
        yield line(("    " + ", ".join(fact for fact in facts if fact), "dim"))


def verified(value: SnapshotVerified) -> Iterator[RenderableType]:
    """Whole, or what differs."""
    if value.ok:
        held = f"{count(value.tables, 'table')}, {count(value.rows, 'row')}"
        yield line(("whole", "green"), f"  {value.name}  {held}, {value.seconds:.1f} s")
        return
    yield line(("damaged", "red"), f"  {value.name}")
    for one in value.differences[:SHOWN]:
        yield line(f"  {one.kind} {one.object}: expected {one.expected}, found {one.found}")
    if len(value.differences) > SHOWN:
        yield line(f"  and {len(value.differences) - SHOWN} more")


def restored(value: SnapshotRestored) -> Iterator[RenderableType]:
    """What the database holds now, and what became of the other one."""
    held = f"{count(value.tables, 'table')}, {count(value.rows, 'row')}"
    yield line(("restored", "green"), f" {value.name}  {held}, {value.seconds:.1f} s")
    moved = f"{_at(value.from_)} -> {_at(value.to)}" if value.from_ != value.to else _at(value.to)
    yield line((f"  {value.database}: {moved}", "dim"))
    if value.old:
        yield line(f"  what was there is {value.old}")
        yield following("dbctl snapshot drop-old")


def deleted(value: SnapshotDeleted) -> Iterator[RenderableType]:
    """Gone, or never there."""
    if value.changed:
        yield line(("deleted", "green"), f" {value.name}  {size(value.bytes)}")
    else:
        yield line(f"{value.name} is not there: nothing to do")


def pruned(value: SnapshotsPruned) -> Iterator[RenderableType]:
    """What went."""
    names = (*value.snapshots, *value.leftovers)
    if not names:
        yield line(f"nothing to delete, {count(value.kept, 'snapshot')} kept")
        return
    verb = "would delete" if value.dry_run else "deleted"
    yield line((verb, "green"), f" {len(names)}, {count(value.kept, 'snapshot')} kept")
    for name in names:
        yield line(f"  {name}")


def dropped(value: OldDropped) -> Iterator[RenderableType]:
    """Which databases went."""
    if not value.databases:
        yield line("nothing was kept: nothing to do")
        return
    yield line(("dropped", "green"), f" {len(value.databases)}  {size(value.bytes)}")
    for name in value.databases:
        yield line(f"  {name}")


VIEWS: dict[type, View] = {
    SnapshotCreated: created,
    Snapshots: snapshots,
    SnapshotVerified: verified,
    SnapshotRestored: restored,
    SnapshotDeleted: deleted,
    SnapshotsPruned: pruned,
    OldDropped: dropped,
}
