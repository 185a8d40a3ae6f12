"""What the doctor asks of the database: does it answer, is it protected, does its version fit."""

import shlex
from collections.abc import Awaitable, Callable, Iterator, Sequence
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import TypeVar

from dbctl import loop
from dbctl.database import guard
from dbctl.database.condition import Health, Leftover
from dbctl.database.model import Look, Mark
from dbctl.database.server import Session, server
from dbctl.database.url import Url
from dbctl.errors import DbctlError
from dbctl.migrate import files, repair, span
from dbctl.migrate.environment import Learned
from dbctl.migrate.graph import Graph
from dbctl.migrate.origin import origin
from dbctl.pipeline.model import Symptom
from dbctl.settings import Settings

SHOWN = 3
PLUGIN = "alembic.autogenerate.dbctl"
# What only `repair` knows to say; the other faults have checks of their own.
HISTORY = ("step", "slipped_in", "edited")
T = TypeVar("T")


def symptoms(
    settings: Settings, url: Url, graph: Graph | None, learned: Learned | None
) -> Iterator[Symptom]:
    """Everything about the database; without a connection only that there is none."""
    if url.is_pooled:
        detail = f"{url.host} is a pooler: sessions there are shared"
        yield Symptom("pooler", "warning", detail, f"migrate over {url.direct.host}")
    try:
        place = _asked(settings, lambda session: session.place())
    except DbctlError as error:
        yield failed("connection", error)
        return
    yield Symptom("connection", "ok", f"{place}, server {place.server_version}")
    yield from _placed(settings, graph, learned)
    if graph is not None:
        yield from _history(settings)
    yield from _unhidden(settings, url, learned)
    yield from _kept(settings, url)


def _placed(settings: Settings, graph: Graph | None, learned: Learned | None) -> Iterator[Symptom]:
    """Whether the version table fits the schema and the files, and what is pending."""
    known = learned or Learned()
    table, schema = known.version_table, known.version_schema
    try:
        look = _asked(settings, lambda session: session.look(table, schema))
    except DbctlError as error:
        yield failed("version", error)
        return
    yield from _marked(settings, look)
    yield from _transaction(settings, look, learned)
    yield from _version(settings, graph, look)
    if pending := _pending(graph, look):
        detail = f"{len(pending)}, the first is {pending[0]}"
        yield Symptom("pending", "warning", detail, "dbctl upgrade")


def _transaction(settings: Settings, look: Look, learned: Learned | None) -> Iterator[Symptom]:
    """Said only where revisions do not stand for themselves."""
    try:
        why = span.shared(settings, look.identity) if learned else ""
    except DbctlError:
        return  # what stops env.py has a line of its own
    if why:
        yield Symptom("transaction", "ok", f"one for all revisions, or none is applied: {why}")


def _history(settings: Settings) -> Iterator[Symptom]:
    """Whether the files are what was applied, and every revision that began has ended."""
    try:
        faults = repair.examine(settings).faults
    except DbctlError as error:
        yield failed("history", error)
        return
    found = [one for one in faults if one.kind in HISTORY]
    for one in found[:SHOWN]:
        yield Symptom("history", "error", f"{one.object}: {one.detail}", one.fixes[0])
    if len(found) > SHOWN:
        names = [one.object for one in found[SHOWN:]]
        yield Symptom("history", "error", f"also {few(names)}", "dbctl repair")


def _unhidden(settings: Settings, url: Url, learned: Learned | None) -> Iterator[Symptom]:
    """Whether plain Alembic would take dbctl's own tables for some that a model has lost."""
    seen = url.dialect == "sqlite" or bool(learned and learned.options.get("include_schemas"))
    if settings.ledger and seen and not _has_plugins():
        detail = "this Alembic has no plug-ins: plain `alembic revision --autogenerate` would drop"
        detail += " dbctl's own tables (`dbctl migrate` does not)"
        fix = "pip install 'alembic>=1.18', or ledger = false in [tool.dbctl]"
        yield Symptom("autogenerate", "warning", detail, fix)


def _has_plugins() -> bool:
    """Whether this Alembic asks plug-ins, from 1.18 on, and dbctl's is installed."""
    asked = find_spec("alembic.runtime.plugins") is not None
    return asked and any(one.name == PLUGIN for one in entry_points(group="alembic.plugins"))


def _kept(settings: Settings, url: Url) -> Iterator[Symptom]:
    """How the connection is protected, and what an interrupted migration left behind."""
    try:
        health = _asked(settings, lambda session: session.health())
    except DbctlError as error:
        yield failed("leftovers", error)
        return
    yield from _tls(settings, url, health)
    yield from _leftovers(health)
    yield from _indexes(health)


def failed(check: str, error: DbctlError) -> Symptom:
    """A check that could not be done, in the error's own words."""
    return Symptom(check, "error", " ".join(error.message.split()), error.hint)


def few(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _asked(settings: Settings, ask: Callable[[Session], Awaitable[T]]) -> T:
    async def asked() -> T:
        async with server(settings).open() as session:
            return await ask(session)

    return loop.run(asked())


def _tls(settings: Settings, url: Url, health: Health) -> Iterator[Symptom]:
    if url.dialect != "postgresql":
        return
    if health.tls:
        yield Symptom("tls", "ok", health.tls)
    elif url.is_local:
        yield Symptom("tls", "ok", "none; the server is on this machine")
    else:
        # Who wrote `disable` has decided; who wrote nothing may not know.
        said = "disable" in (settings.ssl, url.parameters.get("sslmode"), url.parameters.get("ssl"))
        detail = f"none: {url.server} is not this machine, and anybody between can read along"
        yield Symptom("tls", "warning" if said else "error", detail, "DBCTL_SSL=require")


def _marked(settings: Settings, look: Look) -> Iterator[Symptom]:
    """What the database says of itself, and what that means for this command's environment."""
    if look.hidden:
        detail = "this role may not read it: the database counts as protected"
        yield Symptom("mark", "warning", detail, "grant it USAGE on schema dbctl, SELECT on mark")
    elif look.mark is None and guard.protection(settings, look):
        detail = "none: the database counts as protected"
        yield Symptom("mark", "warning", detail, "dbctl --env NAME upgrade")
    elif look.mark:
        yield _mark(settings, look, look.mark)


def _mark(settings: Settings, look: Look, mark: Mark) -> Symptom:
    of = f" of {mark.project}" if mark.project else ""
    detail = f"{mark.environment}{of}, {mark.uuid}"
    if mark.environment != settings.env:
        detail += f"; this command runs as {settings.env}, so what writes is refused"
        return Symptom("mark", "warning", detail, f"--env {mark.environment}, or dbctl repair")
    if guard.is_foreign(settings, look):
        detail += f"; this project is {settings.project.name}"
        return Symptom("mark", "warning", detail, "dbctl repair, if it was renamed")
    return Symptom("mark", "ok", detail)


def _version(settings: Settings, graph: Graph | None, look: Look) -> Iterator[Symptom]:
    """The version table against the schema and the files."""
    if not look.versions:
        yield _unversioned(settings, look)
        return
    if graph is None:
        yield Symptom("version", "ok", f"at {few(look.versions)}")
        return
    unknown = [row for row in look.versions if row not in graph.revisions]
    for row in unknown[:SHOWN]:
        yield _unknown(settings, row)
    known = [row for row in look.versions if row in graph.revisions]
    if covered := _covered(graph, known):
        heads = [row for row in dict.fromkeys(known) if row not in covered]
        detail = f"{len(known)} rows that are not heads of their own: {few(known)}"
        fix = f"dbctl stamp --purge {' '.join(heads or known[:1])}"
        yield Symptom("version", "error", detail, fix)
    elif not unknown:
        head = " (head)" if set(known) == set(graph.heads) else ""
        yield Symptom("version", "ok", f"at {few(known)}{head}")


def _unversioned(settings: Settings, look: Look) -> Symptom:
    """No row says where the database is: right for an empty one alone."""
    state = "no version table" if look.versions is None else "the version table is empty"
    if not look.tables:
        return Symptom("version", "ok", f"{state}; no tables either: at base")
    fix = "dbctl adopt"
    if settings.project.bundled:
        fix = "run dbctl in your project; `dbctl init` starts one"
    return Symptom("version", "error", f"{state}, but there are {look.tables} tables", fix)


def _unknown(settings: Settings, row: str) -> Symptom:
    """A row that no file here has; perhaps another git branch has it."""
    detail = f"at {row}, which no file here has"
    for folder in files.folders(settings.project):
        if found := origin(row, folder):
            on = f" on {few(found.branches)}" if found.branches else ""
            fix = f"git checkout {found.commit} -- {shlex.quote(f':/{found.file}')}"
            return Symptom("version", "error", f"{detail}; commit {found.commit}{on} has", fix)
    fix = "bring its file back, or dbctl stamp --purge REVISION, the one whose schema this is"
    return Symptom("version", "error", detail, fix)


def _covered(graph: Graph, rows: Sequence[str]) -> set[str]:
    """Rows that say nothing, because another row comes after them or is the same."""
    return {
        row
        for at, row in enumerate(rows)
        for other_at, other in enumerate(rows)
        if at != other_at and row in graph.ancestors([other])
    }


def _pending(graph: Graph | None, look: Look) -> list[str]:
    """What is still to run, where that can be known."""
    rows = look.versions or ()
    # Tables and no version: everything on disk may have run already.
    if graph is None or (look.tables and not rows) or not set(rows) <= set(graph.revisions):
        return []
    return [one.revision for one in graph.pending(rows)]


def _leftovers(health: Health) -> Iterator[Symptom]:
    for one in health.leftovers[:SHOWN]:
        yield _leftover(one)
    if len(health.leftovers) > SHOWN:
        names = [one.name for one in health.leftovers[SHOWN:]]
        yield Symptom("leftovers", "error", f"also {few(names)}", "likewise")


def _leftover(one: Leftover) -> Symptom:
    """Half of a table that was being built anew; the only one of it, if the old one is gone."""
    if one.original:
        detail = f"{one.name} is left of a rebuild that was interrupted"
        return Symptom("leftovers", "error", detail, _sql(f"DROP TABLE {one.name}"))
    detail = f"{one.name} is left of a rebuild, and {one.of} is gone"
    return Symptom("leftovers", "error", detail, _sql(f"ALTER TABLE {one.name} RENAME TO {one.of}"))


def _indexes(health: Health) -> Iterator[Symptom]:
    """Indexes that an interrupted CREATE INDEX CONCURRENTLY left: kept up and never used."""
    for name in health.invalid_indexes[:SHOWN]:
        # The revision that was interrupted is not recorded: it runs again and makes the index.
        fix = f"{_sql(f'DROP INDEX CONCURRENTLY {name}')}, then make it again"
        yield Symptom("indexes", "error", f"{name} is invalid: no query uses it", fix)
    if len(health.invalid_indexes) > SHOWN:
        names = health.invalid_indexes[SHOWN:]
        yield Symptom("indexes", "error", f"also {few(names)}", "likewise")


def _sql(statement: str) -> str:
    return f"dbctl shell -c {shlex.quote(statement)}"
