"""Drawings of revisions."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from dbctl.cli.text import count
from dbctl.cli.views import repair, revisions
from dbctl.cli.views.canvas import View, following, line, row, table
from dbctl.cli.views.revisions import names
from dbctl.database.model import Place
from dbctl.migrate.model import (
    Applied,
    Authored,
    Check,
    Current,
    Downgraded,
    Pending,
    Plan,
    Stamped,
    Status,
    Upgraded,
)

TOLD = 20  # revisions in one table; more of them are a screen that nobody reads
SLOWEST = 5
SLOW = 0.01  # seconds; what took less is not worth a line


def status(value: Status) -> Iterator[RenderableType]:
    """Place, revision, and what is pending."""
    yield where(value.environment, value.database)
    if value.branch:
        yield line("branch ", (value.branch, "green"), (" in use", "dim"))
    if not value.heads:
        yield line("no revisions yet")
        yield following('dbctl migrate -m "first tables"')
        return
    yield standing(value.revision, value.heads)
    if value.up_to_date:
        yield line(("up to date", "green"))
        return
    yield from _pending(value.pending)
    yield following("dbctl upgrade")


def _pending(pending: tuple[Pending, ...]) -> Iterator[RenderableType]:
    yield line((f"{count(len(pending), 'revision')} pending", "yellow"))
    for one in pending:
        yield line("  ", (one.revision, "yellow"), "  ", one.message)


def upgraded(value: Upgraded) -> Iterator[RenderableType]:
    """What ran, or that nothing had to."""
    if value.already_there:
        yield line(("already at ", ""), (names(value.to), "green"), ": nothing to do")
        return
    yield from applied(value)
    undone = isinstance(value, Downgraded)
    yield following("dbctl upgrade" if undone else "dbctl status")


def applied(value: Upgraded) -> Iterator[RenderableType]:
    """The revisions that ran, with their times; many are summed up."""
    if len(value.applied) > TOLD:
        yield from _summary(value)
    else:
        yield _timed(value, value.applied)
    yield line(names(value.from_), " -> ", (names(value.to), "green"))


def _summary(value: Upgraded) -> Iterator[RenderableType]:
    ran = value.applied
    slow = sorted((one for one in ran if one.seconds >= SLOW), key=lambda one: -one.seconds)
    slowest = tuple(one for one in ran if one in slow[:SLOWEST])
    seconds = sum(one.seconds for one in ran)
    more = "; the slowest:" if slowest else ""
    yield line(f"{count(len(ran), 'revision')} {_done(value)} in {seconds:.2f} s{more}")
    if slowest:
        yield _timed(value, slowest)
    yield line(("all of them: ", "dim"), (f"dbctl history{_span(value)}", "bold"))


def _timed(value: Upgraded, ran: tuple[Applied, ...]) -> RenderableType:
    made = table(_done(value), "message", "seconds", right=["seconds"])
    for one in ran:
        row(made, one.revision, one.message, f"{one.seconds:.2f}")
    return made


def _done(value: Upgraded) -> str:
    return "undone" if isinstance(value, Downgraded) else "applied"


def _span(value: Upgraded) -> str:
    """How `history` is told to show them alone; "" where several branches are open."""
    ends = [value.from_ or ("base",), value.to or ("base",)]
    if isinstance(value, Downgraded):
        ends.reverse()
    return " -r " + ":".join(one for (one,) in ends) if all(len(end) == 1 for end in ends) else ""


def planned(value: Plan) -> Iterator[RenderableType]:
    """Every revision that would run, with its SQL."""
    yield where(value.environment, value.database)
    if not value.revisions:
        yield line(("nothing to run", "green"), f": at {names(value.from_)}")
        return
    for one in value.revisions:
        yield line("")
        yield line((one.revision, "bold"), f"  {one.message}")
        yield line((one.file, "dim"))
        if one.note:
            yield line((one.note, "yellow"))
        yield from (line("  ", text) for text in (one.sql or "").strip().splitlines())
    yield line("")
    if value.one_transaction:
        yield line((f"one transaction, all or nothing: {value.one_transaction}", "yellow"))
    yield line(names(value.from_), " -> ", (names(value.to), "green"))
    yield following("dbctl upgrade" if len(value.revisions) else "dbctl status")


def stamped(value: Stamped) -> Iterator[RenderableType]:
    """The version table before and after."""
    if value.from_ == value.to:
        yield line("already at ", (names(value.to), "green"), ": nothing to do")
        return
    yield line(names(value.from_), " -> ", (names(value.to), "green"), "  no revision was run")
    yield following("dbctl check")


def current(value: Current) -> Iterator[RenderableType]:
    """One line a row of the version table."""
    if not value.revisions:
        yield line("base: no revision is applied")
    for one in value.revisions:
        message = one.message if one.message is not None else "(no file has this revision)"
        yield line((one.revision, "green"), " (head)" if one.head else "", "  ", message)


def check(value: Check) -> Iterator[RenderableType]:
    """The differences, one a line."""
    yield where(value.environment, value.database)
    yield from _strange(value)
    if value.in_sync:
        yield line(("in sync", "green"), ": the models and the database agree")
        return
    yield line((count(len(value.differences), "difference"), "yellow"))
    for one in value.differences:
        yield line("  ", (one.kind, "yellow"), "  ", one.object, ("  " + one.detail, "dim"))
    yield following('dbctl migrate -m "what changes"')


def _strange(value: Check) -> Iterator[RenderableType]:
    """Revisions that are not what was applied."""
    for one in value.edited:
        yield line(("edited", "yellow"), f"  {one}  its file does something else than what ran")
    for one in value.slipped_in:
        yield line(("slipped in", "yellow"), f"  {one}  nothing ever ran it here")
    if value.edited or value.slipped_in:
        yield following("dbctl repair")


def authored(value: Authored) -> Iterator[RenderableType]:
    """The file and what is in it."""
    yield line("wrote ", (value.file, "green"))
    for one in value.changes:
        yield line("  ", one.kind, "  ", one.object, ("  " + one.detail, "dim"))
    yield line(("read it before it runs: autogenerate guesses renames as drop and add", "dim"))
    yield following("dbctl upgrade")


def where(environment: str, place: Place) -> Text:
    """Environment, dialect, version, host or file, database."""
    return line((environment, "bold"), "  ", str(place), (f"  {place.server_version}", "dim"))


def standing(revision: tuple[str, ...], heads: tuple[str, ...]) -> Text:
    """Where the database is and where the project is."""
    head = " (head)" if revision and set(revision) == set(heads) else f", head {names(heads)}"
    return line("at ", (names(revision), "green"), head)


VIEWS: dict[type, View] = {
    **revisions.VIEWS,
    **repair.VIEWS,
    Status: status,
    Upgraded: upgraded,
    Plan: planned,
    Stamped: stamped,
    Current: current,
    Check: check,
    Authored: authored,
}
