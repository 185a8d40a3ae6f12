"""What an accident left in a database or in its history, and the command that mends each of it.

Nothing is changed here; mend.py does that.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from dbctl import loop
from dbctl.database import own
from dbctl.database.condition import Health
from dbctl.database.server import address, server
from dbctl.errors import NotFoundError
from dbctl.migrate import graph as graphs
from dbctl.migrate import ledger, place
from dbctl.migrate.apply import Standing
from dbctl.migrate.model import Fault, Repaired
from dbctl.migrate.origin import whereabouts
from dbctl.settings import Settings


@dataclass(frozen=True)
class Case:
    """A database with all that is known of it. `steps` are revisions that began and never ended."""

    settings: Settings
    standing: Standing
    health: Health
    steps: tuple[tuple[str, str], ...]  # revision and direction

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Everything that is wrong, what stands in the way of the rest first."""
        return tuple(fault for find in _FINDERS for fault in find(self))

    def fault(self, kind: str, name: str) -> Fault:
        """One of them. Raises NotFoundError when there is none of that name."""
        for one in self.faults:
            if one.kind == kind and name in (one.object, ""):
                return one
        raise NotFoundError(
            f"there is no {kind.replace('_', ' ')} {name}".rstrip() + " here to mend",
            hint="`dbctl repair` alone lists what there is",
        )


def examine(settings: Settings) -> Case:
    """Look at everything that can be wrong; a mark that says another environment is no refusal."""
    graph, table = graphs.read(settings.project), place.version_table(settings)
    look = ledger.look(settings, table)
    place.require_no_sample(settings, look)
    health, steps = loop.run(_asked(settings, ledger.name(table)))
    return Case(settings, Standing(graph, look, table), health, steps)


def result(case: Case, done: tuple[str, ...]) -> Repaired:
    """What was mended, and what is wrong in `case`."""
    return Repaired(case.settings.env, case.standing.look.place, done, case.faults)


async def _asked(settings: Settings, history: str) -> tuple[Health, tuple[tuple[str, str], ...]]:
    step = own.relation(address(settings).dialect, "step")
    async with server(settings).open() as session:
        rows = await session.peek(
            f"SELECT revision, direction FROM {step} WHERE history = $1 ORDER BY 1",  # noqa: S608 - a constant
            history,
        )
        return await session.health(), tuple((row[0], row[1]) for row in rows or ())


def _mismarked(case: Case) -> Iterator[Fault]:
    marked, env = case.standing.look.mark, case.settings.env
    if marked is None:
        return
    here, there = case.settings.project.name, marked.project
    if marked.environment != env:
        detail = f"the database is marked {marked.environment}, and this is {env}"
    elif here and there and here != there:
        detail = f"the database is marked as {there}'s, and this project is {here}"
    else:
        return
    yield Fault("mark", env, detail, (f"dbctl repair --mark {env}",))


def _unknown(case: Case) -> Iterator[Fault]:
    graph = case.standing.graph
    for row in case.standing.look.at:
        if row not in graph.revisions:
            who, fix = whereabouts(row, graph.folders)
            detail = "the database is at it, and no file here has it" + (f"; {who}" if who else "")
            yield Fault("unknown", row, detail, (fix or "dbctl stamp --purge REVISION",))


def _ancestors(case: Case) -> Iterator[Fault]:
    """Rows of the version table that another row follows."""
    graph = case.standing.graph
    rows = [row for row in case.standing.look.at if row in graph.revisions]
    for row in rows:
        for other in rows:
            if other != row and row in graph.below(other):
                detail = f"a row of the version table, and {other}, which follows it, has one too"
                yield Fault("ancestor_row", row, detail, ("dbctl repair --remove-ancestor",))
                break


def _unversioned(case: Case) -> Iterator[Fault]:
    look = case.standing.look
    if look.tables and not look.at and case.standing.graph.revisions:
        state = "no version table" if look.versions is None else "an empty version table"
        yield Fault(
            "unversioned", look.place.name, f"{look.tables} tables, {state}", ("dbctl adopt",)
        )


def _slipped(case: Case) -> Iterator[Fault]:
    for one in ledger.slipped(case.standing.graph, case.standing.look):
        name = one.revision
        detail = f"{one.file.name} lies below what is applied, and nothing ever ran it here"
        fixes = (f"dbctl repair --apply {name}", f"dbctl repair --mark-applied {name}")
        yield Fault("slipped_in", name, detail, fixes)


def _edited(case: Case) -> Iterator[Fault]:
    for one in ledger.edited(case.standing.graph, case.standing.look):
        detail = f"{one.file.name} does something else now than when it was applied"
        yield Fault("edited", one.revision, detail, (f"dbctl repair --accept {one.revision}",))


def _steps(case: Case) -> Iterator[Fault]:
    for revision, direction in case.steps:
        detail = f"its {direction} began, did part of its work for good, and never ended"
        fixes = (f"dbctl repair --finish {revision}", f"dbctl repair --undo {revision}")
        yield Fault("step", revision, detail, fixes)


def _indexes(case: Case) -> Iterator[Fault]:
    for name in case.health.invalid_indexes:
        detail = "an index that was never built to its end: kept up, and used by no query"
        yield Fault("invalid_index", name, detail, (f"dbctl repair --drop-index '{name}'",))


def _leftovers(case: Case) -> Iterator[Fault]:
    for one in case.health.leftovers:
        detail = f"left of a rebuild of {one.of} that was interrupted"
        detail += "" if one.original else f", and all that is left of {one.of}"
        yield Fault("leftover", one.name, detail, (f"dbctl repair --leftover '{one.name}'",))


_FINDERS: tuple[Callable[[Case], Iterator[Fault]], ...] = (
    _mismarked,
    _unknown,
    _ancestors,
    _unversioned,
    _steps,
    _slipped,
    _edited,
    _indexes,
    _leftovers,
)
