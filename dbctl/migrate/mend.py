"""What `repair` does with what it found, one thing at a time; each says what it did."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from dbctl import loop
from dbctl.database import guard, mark, own
from dbctl.database.condition import Leftover
from dbctl.database.consent import Demand, Loss
from dbctl.database.server import address, server
from dbctl.database.shape import TableSize
from dbctl.errors import ConfigurationError, NotFoundError, RefusedError
from dbctl.migrate import apply, ledger, place
from dbctl.migrate.apply import Standing
from dbctl.migrate.model import Fault, Revision
from dbctl.migrate.repair import Case
from dbctl.settings import ENVIRONMENTS, Settings


def accept(case: Case, name: str) -> str:
    """Take an edited file for the one that was applied."""
    revision = _revision(case, name)
    ledger.take_down(case.settings, case.standing.table, revision, "accept")
    return f"{name}: the file as it is now counts as the one that was applied"


def mark_applied(case: Case, name: str) -> str:
    """Say of a revision that was slipped in that the database has it."""
    _require_first(case, name)
    ledger.take_down(case.settings, case.standing.table, _revision(case, name), "stamp")
    return f"{name} counts as applied; nothing was run"


def apply_slipped(case: Case, name: str) -> str:
    """Run a revision that was slipped in; the version table stays where it is."""
    from dbctl.migrate.insertion import Insertion

    settings = case.settings
    _require_first(case, name)
    case.standing.graph.sound(case.standing.look.at)
    with apply.locked(settings, "upgrade", case.standing) as (standing, watch):
        _require_slipped(standing, name)
        writer = ledger.writer(settings, *standing)
        run = Insertion(settings, "upgrade", standing.look, watch, standing.table, writer)
        run.only(name)
        after = run.ended()
    return f"{name} was run; the database stays at {', '.join(after.at)}"


def remove_ancestor(case: Case, name: str) -> str:  # noqa: ARG001 - one signature for all
    """Leave only the rows of the version table that no other row follows."""
    graph, look, _ = case.standing
    graph.known(look.at)
    rows = graph.tips(graph.ancestors(look.at))
    return _stamped(case, tuple(row for row in look.at if row in rows))


def finish(case: Case, name: str) -> str:
    """Say of a revision that began and never ended that all of it was done by hand."""
    graph, look, _ = case.standing
    direction = dict(case.steps)[name]
    has = graph.ancestors(look.at)
    has = has - {name} if direction == ledger.UNDONE else has | graph.ancestors([name])
    said = _stamped(case, graph.tips(has))
    _forget(case, name)
    return f"{said}; {name} counts as finished"


def undo(case: Case, name: str) -> str:
    """Say of a revision that began and never ended that none of it is there any more."""
    _forget(case, name)
    return f"{name} counts as never begun"


def drop_index(case: Case, name: str) -> str:
    """Drop an index that is invalid, without locking its table."""
    loop.run(_executed(case.settings, f"DROP INDEX CONCURRENTLY {name}"))
    return f"dropped the index {name}"


def clear_leftover(case: Case, name: str) -> str:
    """Drop half of a rebuilt table; give its name back to the only one that is left."""
    one = leftover(case, name)
    if one.original:
        loop.run(_executed(case.settings, f"DROP TABLE {one.name}"))
        return f"dropped {one.name}"
    loop.run(_executed(case.settings, f"ALTER TABLE {one.name} RENAME TO {one.of}"))
    return f"{one.name} is {one.of} again"


def leftover(case: Case, name: str) -> Leftover:
    """The table of that name that an interrupted rebuild left behind."""
    return next(one for one in case.health.leftovers if one.name == name)


def remark(case: Case, environment: str) -> str:
    """Mark the database as that environment's, and as this project's."""
    settings = case.settings
    known = (*ENVIRONMENTS, *settings.project.tool.get("env", {}))
    if environment not in known:
        raise ConfigurationError(
            f"there is no environment {environment!r}; there are {', '.join(known)}"
        )
    wanted = replace(mark.new(settings), environment=environment)

    async def marked() -> bool:
        async with server(settings).open() as session:
            return await mark.remark(session, wanted)

    if not loop.run(marked()):
        raise RefusedError("this role may not write dbctl's tables", hint="ask their owner")
    return f"the database is marked {environment}"


def _revision(case: Case, name: str) -> Revision:
    return case.standing.graph.revisions[name]


def _require_first(case: Case, name: str) -> None:
    """Raises RefusedError when another revision that it needs was slipped in too."""
    graph, look, _ = case.standing
    needs = graph.ancestors([name])
    for one in ledger.slipped(graph, look):
        if one.revision in needs - {name}:
            raise RefusedError(
                f"{name} needs {one.revision}, which was slipped in too",
                hint=f"first: dbctl repair --apply {one.revision}",
            )


def _require_slipped(standing: Standing, name: str) -> None:
    """Look again under the lock: somebody else may have mended it."""
    if name not in (one.revision for one in ledger.slipped(standing.graph, standing.look)):
        raise NotFoundError(f"somebody else has mended {name} just now", hint="dbctl repair")


def _stamped(case: Case, rows: tuple[str, ...]) -> str:
    done = apply.stamp(case.settings, rows or ("base",), purge=True)
    return f"the version table says {', '.join(done.to) or 'base'}"


def _forget(case: Case, name: str) -> None:
    """Remove the mark of a revision that began."""
    step = own.relation(address(case.settings).dialect, "step")
    statement = f"DELETE FROM {step} WHERE history = $1 AND revision = $2"  # noqa: S608 - a constant
    loop.run(_executed(case.settings, statement, ledger.name(case.standing.table), name))


async def _executed(
    settings: Settings, statement: str, *parameters: object
) -> list[tuple[Any, ...]]:
    async with server(settings).open() as session:
        return await session.fetch(statement, *parameters)


@dataclass(frozen=True)
class Mender:
    """What mends a kind of fault, and the question that is asked before; `{}` is its object."""

    kind: str
    question: str
    mend: Callable[[Case, str], str]


# By the option of the command line, in the order in which one is done after the other.
MENDERS = {
    "finish": Mender("step", "count {} as finished, and move the version table?", finish),
    "undo": Mender("step", "count {} as never begun?", undo),
    "remove_ancestor": Mender("ancestor_row", "remove the row {}?", remove_ancestor),
    "apply": Mender("slipped_in", "run {} now, below what is applied?", apply_slipped),
    "mark_applied": Mender("slipped_in", "count {} as applied, and run nothing?", mark_applied),
    "accept": Mender("edited", "take the file of {} as it is now?", accept),
    "drop_index": Mender("invalid_index", "drop the index {}?", drop_index),
    "leftover": Mender("leftover", "clear away {}?", clear_leftover),
}


def stake(case: Case, option: str, name: str) -> tuple[str, Loss]:
    """The question before an option does its work, and what would be lost.

    Raises as `mended` does.
    """
    fault = _fault(case, option, name)
    where = f"{case.settings.env}: {case.standing.look.place}"
    return MENDERS[option].question.format(fault.object), Loss(where, _dropped(case, fault))


def _dropped(case: Case, fault: Fault) -> tuple[TableSize, ...]:
    """The table that would be dropped, with its rows counted."""
    if fault.kind != "leftover" or not leftover(case, fault.object).original:
        return ()
    statement = f"SELECT count(*) FROM {fault.object}"  # noqa: S608 - quoted by the server
    ((rows,),) = loop.run(_executed(case.settings, statement))
    return (TableSize(fault.object, rows, None),)


def demand(case: Case) -> Demand:
    """What is to be said before the database is marked anew: its name.

    Raises RefusedError on a remote server for which nobody said the environment.
    """
    look = case.standing.look
    loss = Loss(f"{case.settings.env}: {look.place}", ())
    return guard.demand(case.settings, look, "mark", loss)


def mended(case: Case, option: str, name: str) -> str:
    """Do what an option says with what was found; what was done, in a line.

    Raises NotFoundError when nothing of that name is wrong, RefusedError in a database that is
    another environment's.
    """
    if option == "mark":
        return remark(case, name)
    return MENDERS[option].mend(case, _fault(case, option, name).object)


def _fault(case: Case, option: str, name: str) -> Fault:
    """What the option is about, in a database that may be written to."""
    place.require_ours(case.settings, case.standing.look)
    return case.fault(MENDERS[option].kind, name)
