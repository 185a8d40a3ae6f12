"""Numbers and marks of a rehearsal in words, the same in every kind of report."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from dbctl.rehearse.model import Confirmed, Lock, Rehearsal, Rehearsed, Statement

_MODES = {
    "AccessExclusiveLock": "ACCESS EXCLUSIVE",
    "ExclusiveLock": "EXCLUSIVE",
    "ShareRowExclusiveLock": "SHARE ROW EXCL",
    "ShareLock": "SHARE",
    "ShareUpdateExclusiveLock": "SHARE UPDATE EXCL",
    "RowExclusiveLock": "ROW EXCLUSIVE",
}
TRIPS = {
    "same": "down and up again: the same schema",
    "differs": "down and up again: another schema",
    "failed": "down and up again: fails",
    "irreversible": "no way back",
    "skipped": "the way back was not tried",
}
_MINUTE, _HOUR, _KILO = 60, 3600, 1024


def seconds(value: float) -> str:
    """A duration for a person: 12 ms, 3.4 s, 5.1 min."""
    if value < 1:
        return f"{value * 1000:.0f} ms" if value >= 0.001 else "<1 ms"  # noqa: PLR2004
    if value < _MINUTE:
        return f"{value:.1f} s"
    return f"{value / _MINUTE:.1f} min" if value < _HOUR else f"{value / _HOUR:.1f} h"


def took(measured: float, estimate: float | None) -> str:
    """The time, and what it would be with all rows where that is another."""
    said = seconds(measured)
    return said if estimate is None else f"{said} (about {seconds(estimate)} there)"


def size(value: int) -> str:
    """Bytes for a person."""
    number, units = float(value), ["B", "kB", "MB", "GB", "TB"]
    while number >= _KILO and units[1:]:
        number /= _KILO
        units.pop(0)
    return f"{number:.0f} {units[0]}" if units[0] == "B" else f"{number:.1f} {units[0]}"


def mode(lock: Lock) -> str:
    """A lock mode as the manual writes it, shortened to fit."""
    return _MODES.get(lock.mode, lock.mode)


def blocks(lock: Lock) -> str:
    """Whom it keeps out."""
    return f"blocks {' and '.join(lock.blocks)}" if lock.blocks else "blocks nobody"


def place(said: Statement, root: Path | None = None) -> str:
    """`file:line`, from `root` where it lies there."""
    path = Path(said.file)
    if root is not None and path.is_relative_to(root):
        path = path.relative_to(root)
    return f"{path}:{said.line}" if said.line is not None else str(path)


def did(said: Statement) -> Iterator[str]:
    """What a statement did, a part each."""
    if said.times > 1:
        yield f"{said.times:,} times"
    yield from (f"rewrites {name}" for name in said.rewrites)
    yield from (f"builds {name}" for name in said.built)
    yield from (
        f"reads all of {one.relation} ({count(one.rows, 'row')})"
        for one in said.scans
        if one.relation not in said.rewrites
    )
    for one in said.written:
        parts = {"inserts": one.inserted, "updates": one.updated, "deletes": one.deleted}
        words = (f"{word} {number:,}" for word, number in parts.items() if number)
        yield f"{one.relation}: {', '.join(words)}"
    if said.wal_bytes and said.wal_bytes >= _KILO:
        yield f"{size(said.wal_bytes)} of WAL"


def count(number: int, noun: str) -> str:
    """A number with its noun."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def blocking(one: Rehearsed) -> Sequence[Lock]:
    """The locks that keep somebody out, the longest first."""
    return sorted((lock for lock in one.locks if lock.blocks), key=lambda lock: -lock.likely)


def summary(found: Rehearsal) -> str:
    """The verdict in a line."""
    if not found.revisions:
        return "nothing is pending"
    bad = sum(one.verdict != "safe" for one in found.revisions)
    number = count(len(found.revisions), "revision")
    return f"{bad} of {number} not safe" if bad else f"{number}, each of them safe"


def remarks(found: Rehearsal) -> Iterator[str]:
    """What else is to be said of the whole."""
    if found.scaled:
        yield "the copy has fewer rows than the original: times there are estimates, by rows"
    if found.load is not None and (stall := found.load.worst) is not None:
        yield (
            f"under load the longest wait was {seconds(stall.seconds)}: {stall.kind} of"
            f" {stall.relation}, during {stall.revision}"
            f" ({found.load.operations:,} operations)"
        )
    if found.app is not None and not found.app.breaks:
        yield f"{found.app.whose} works on it ({count(found.app.tables, 'table')})"
    if found.drift:
        number = count(len(found.drift), "difference")
        yield f"the models and the migrated copy: {number} ({found.drift[0]})"
    yield from _linted(found)
    yield from found.notes
    if found.kept:
        yield f"the copy is kept: {found.branch}"


def _linted(found: Rehearsal) -> Iterator[str]:
    """What a linter said, and what became of it."""
    yes = [one for one in found.lint if one.measured == "confirmed"]
    no = [one for one in found.lint if one.measured == "dismissed"]
    if yes:
        yield f"lint, confirmed by what was measured: {', '.join(map(_finding, yes))}"
    if no:
        yield f"lint, dismissed by what was measured: {', '.join(map(_finding, no))}"


def _finding(one: Confirmed) -> str:
    return f"{one.rule} ({one.revision}:{one.line})"
