"""What `lint` says of the same revisions, held against what was measured."""

from collections.abc import Callable, Iterator, Sequence
from typing import Literal, TypeAlias

from dbctl.lint.model import Flaw
from dbctl.pipeline import linting
from dbctl.pipeline.linting import Wish
from dbctl.rehearse.model import AppCheck, Confirmed, Rehearsed
from dbctl.settings import Settings

Measured: TypeAlias = Literal["confirmed", "dismissed", "not measured"]
# What a rule speaks of, as far as a rehearsal sees it.
_LOCKS = (
    "create-index constraint-index foreign-key check-constraint exclusion-constraint"
    " validated-at-once type-change column-rewrites set-not-null table-rewrite explicit-lock"
    " partition-lock many-tables-locked whole-table-update data-with-ddl row-by-row"
)
_LOSSES = "drop-table drop-column rows-removed sqlite-rebuild-cascades"
_TRIPS = "missing-downgrade partial-downgrade downgrade-loses-data enum-left-behind"
_CODE = "rename-table rename-column rename-enum-value mapped-column default-dropped not-null-column"
_FAILURES = (
    "concurrently-in-transaction enum-value-used enum-type-missing several-statements"
    " sqlite-batch sqlite-add-column"
)


def confirmed(
    copy: Settings, dialect: str, done: Sequence[Rehearsed], app: AppCheck | None
) -> tuple[Confirmed, ...]:
    """Every error and warning of `lint` in the revisions that ran. Raises as `linting.lint`."""
    ran = {one.revision: one for one in done}
    found = linting.lint(copy, Wish(dialect=dialect)).findings
    chosen = [one for one in found if one.revision in ran and one.level != "hint"]
    return tuple(_held_against(one, ran[one.revision], app) for one in chosen)


def _held_against(flaw: Flaw, ran: Rehearsed, app: AppCheck | None) -> Confirmed:
    for rules, measure in _MEASURES.items():
        if flaw.rule in rules.split():
            measured = measure(flaw, ran, app)
            break
    else:
        measured = "not measured"
    return Confirmed(flaw.rule, flaw.revision, flaw.line, flaw.table, flaw.message, measured)


def _answer(*, yes: bool) -> Measured:
    return "confirmed" if yes else "dismissed"


def _locks(flaw: Flaw, ran: Rehearsed, _app: AppCheck | None) -> Measured:
    """Somebody was kept out of the table while it took long, or values went."""
    if ran.error:
        return "not measured"
    tables = {lock.relation for lock in ran.locks if lock.during}
    return _answer(yes=_is_among(flaw, [*tables, *_lost(ran)]))


def _losses(flaw: Flaw, ran: Rehearsed, _app: AppCheck | None) -> Measured:
    return "not measured" if ran.error else _answer(yes=_is_among(flaw, list(_lost(ran))))


def _trips(_flaw: Flaw, ran: Rehearsed, _app: AppCheck | None) -> Measured:
    return "not measured" if ran.round_trip == "skipped" else _answer(yes=ran.round_trip != "same")


def _code(flaw: Flaw, ran: Rehearsed, app: AppCheck | None) -> Measured:
    if app is None or ran.error:
        return "not measured"
    return _answer(yes=_is_among(flaw, [one.table for one in app.breaks]))


def _failures(_flaw: Flaw, ran: Rehearsed, _app: AppCheck | None) -> Measured:
    return _answer(yes=bool(ran.error))


def _lost(ran: Rehearsed) -> Iterator[str]:
    return (one.relation for one in ran.lost)


def _is_among(flaw: Flaw, tables: Sequence[str]) -> bool:
    """Whether the finding's table is one of them; a finding without a table is about any."""
    name = flaw.table.removeprefix("public.")
    return name in tables if name else bool(tables)


_MEASURES: dict[str, Callable[[Flaw, Rehearsed, AppCheck | None], Measured]] = {
    _LOCKS: _locks,
    _LOSSES: _losses,
    _TRIPS: _trips,
    _CODE: _code,
    _FAILURES: _failures,
}
