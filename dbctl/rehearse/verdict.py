"""Whether what was measured is safe elsewhere, and the reasons, one line each.

A rewrite, a scan or an index build under a lock that keeps others out is risky whatever the size
of the copy: with more rows it takes longer. What only the catalog needed is safe, unless it was
held longer than the limit.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from dbctl.rehearse.model import (
    AppCheck,
    Load,
    Lock,
    Lost,
    Rehearsal,
    Rehearsed,
    Statement,
    Verdict,
    worst,
)

_SAID = {
    "AccessExclusiveLock": "ACCESS EXCLUSIVE",
    "ExclusiveLock": "EXCLUSIVE",
    "ShareRowExclusiveLock": "SHARE ROW EXCLUSIVE",
    "ShareLock": "SHARE",
    "ShareUpdateExclusiveLock": "SHARE UPDATE EXCLUSIVE",
    "RowExclusiveLock": "ROW EXCLUSIVE",
}
_TRIPS = {
    "differs": "downgrade and upgrade again do not give the same schema",
    "failed": "the way back fails",
    "irreversible": "there is no way back: the downgrade does not undo it",
}
MANY = 3  # reasons of one kind that are told


def judged(one: Rehearsed, *, limit: float, is_file: bool) -> Rehearsed:
    """The revision with its verdict; `limit` is how long a lock may keep others out, in seconds.

    `is_file` says that one lock is on everything (SQLite): there only the time counts.
    """
    if one.error:
        return one.judged("failed", one.error)
    reasons = [
        *_locked(one.locks, limit, is_file=is_file),
        *([] if is_file else _unlocked(one)),
        *(f"values lost: {lost}" for lost in one.lost),
        *(f"the index {name} is left invalid" for name in one.invalid),
        *_trip(one),
    ]
    return one.judged("risky", *reasons) if reasons else one


def _locked(locks: Sequence[Lock], limit: float, *, is_file: bool) -> Iterator[str]:
    together: dict[str, list[str]] = {}
    for lock in locks:
        if said_of := _why(lock, limit, is_file=is_file):
            together.setdefault(said_of, []).append(lock.relation)
    yield from (f"{', '.join(names)}: {why}" for why, names in together.items())


def _why(lock: Lock, limit: float, *, is_file: bool) -> str:
    """What is wrong with a lock; "" when nothing is."""
    name, whom = said(lock.mode), " and ".join(lock.blocks)
    if not lock.blocks:
        return ""
    if lock.during and not is_file:
        return f"{name} blocks {whom} while {lock.during}"
    if limit and lock.likely > limit:
        about = "about " if lock.estimate is not None else ""
        return f"{name} blocks {whom} for {about}{lock.likely:.1f} s (limit {limit:g} s)"
    return ""


def _unlocked(one: Rehearsed) -> Iterator[str]:
    """Rows changed as a whole in one transaction: each stays locked until it ends."""
    for lock in one.locks:
        if not lock.blocks and "changed" in lock.during:
            what = "; ".join(part for part in lock.during.split("; ") if "changed" in part)
            yield f"{what} in one transaction: writers of those rows wait for its end"


def _trip(one: Rehearsed) -> Iterator[str]:
    if one.round_trip not in _TRIPS:
        return
    few = ", ".join(one.differences[:MANY])
    more = len(one.differences) - MANY
    tail = f" and {more} more" if more > 0 else ""
    yield _TRIPS[one.round_trip] + (f" ({few}{tail})" if few else "")


def whole(found: Rehearsal, limit: float) -> Rehearsal:
    """The rehearsal with a verdict made of those of its revisions, its load and its app check."""
    verdicts: list[Verdict] = [one.verdict for one in found.revisions]
    reasons = [f"{one.revision}: {reason}" for one in found.revisions for reason in one.reasons]
    more = [*_stalled(found.load, limit), *_broken(found.app)]
    verdict = worst(*verdicts, *(("risky",) if more else ()))
    return replace(found, verdict=verdict, reasons=(*reasons, *more))


def _stalled(load: Load | None, limit: float) -> Iterator[str]:
    stall = load.worst if load is not None else None
    if stall is not None and limit and stall.seconds > limit:
        yield (
            f"{stall.revision}: {stall.kind} of {stall.relation} stood still for"
            f" {stall.seconds:.1f} s (limit {limit:g} s)"
        )


def _broken(app: AppCheck | None) -> Iterator[str]:
    if app is None:
        return
    for one in app.breaks:
        yield f"this breaks {app.whose}: {one.action} {one.table}: {one.error}"


def said(mode: str) -> str:
    """A lock mode as the manual writes it."""
    return _SAID.get(mode, mode)


def lost_rows(lost: Sequence[Lost]) -> int:
    """How many values and rows are gone in all."""
    return sum(one.values for one in lost)


def heavy(statement: Statement) -> bool:
    """Whether a statement did what takes the longer the more rows there are."""
    return bool(statement.rewrites or statement.scans or statement.built)
