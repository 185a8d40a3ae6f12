"""What the doctor asks of the database: does it answer, is it protected, does its version fit."""

import shlex
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TypeVar

from dbctl import loop
from dbctl.database.model import Health, Leftover, Look
from dbctl.database.server import Session, server
from dbctl.database.url import Url
from dbctl.errors import DbctlError
from dbctl.migrate import files
from dbctl.migrate.environment import Learned
from dbctl.migrate.graph import Graph
from dbctl.migrate.origin import origin
from dbctl.pipeline.model import Symptom
from dbctl.settings import Settings

SHOWN = 3
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
    yield from _version(settings, graph, look)
    if pending := _pending(graph, look):
        detail = f"{len(pending)}, the first is {pending[0]}"
        yield Symptom("pending", "warning", detail, "dbctl upgrade")


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
    fix = "dbctl stamp REVISION, the one whose schema this is"
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
