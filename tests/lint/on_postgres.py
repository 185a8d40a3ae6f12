"""Measures a case on a PostgreSQL server."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests import schema
from tests.lint import cases, contents, deployed, running
from tests.lint.cases import Case
from tests.lint.contents import Contents
from tests.lint.effects import Effects
from tests.lint.observer import Observer, observing
from tests.projects.make import Project
from tests.servers import databases
from tests.servers.server import Server

# The server says what it is doing.
TALKATIVE = "options=-cclient_min_messages%3Ddebug1"
# What new columns of a kind are called, and new keys.
ADVICE = """
SELECT CASE WHEN t.typname = 'timestamp' THEN 'timestamp-without-zone'
    WHEN t.typname = 'json' THEN 'json'
    WHEN pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%%' THEN 'serial'
    ELSE 'small-key' END
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY(i.indkey)
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0
AND NOT a.attisdropped AND c.relname <> 'alembic_version' AND (
    t.typname IN ('timestamp', 'json')
    OR pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%%'
    OR (i.indrelid IS NOT NULL AND t.typname IN ('int2', 'int4'))
) AND NOT EXISTS (
    SELECT FROM unnest(%s::int[], %s::int[]) AS k (oid, num)
    WHERE (k.oid, k.num) = (a.attrelid::int, a.attnum)
)
"""


class Postgres:
    """A server with a database for each base, from which the cases' databases are copied."""

    def __init__(self, server: Server, template: str, base: str) -> None:
        self._server = server
        self._template = template
        self._base = base
        self._schema = schema_lines(server.url(template))
        databases.seal(server, template)

    @classmethod
    @contextmanager
    def filled(cls, server: Server, folder: Path, base: str = "shop") -> Iterator["Postgres"]:
        """Run the first revision of the base and put its rows in."""
        with databases.fresh(server) as name:
            project = cases.project(Case(base, ""), folder / base, server.url(name))
            assert not (found := running.failure(running.up(project))), found
            server.run((Case(base, "").before / "rows.sql").read_text(encoding="utf-8"), name)
            yield cls(server, name, base)

    @contextmanager
    def copy(self, case: Case, folder: Path) -> Iterator[Project]:
        """The case's project in the new folder, with a database of its own."""
        with databases.fresh(self._server, template=self._template) as name:
            yield cases.project(case, folder, self._server.url(name))

    def effects(self, case: Case, folder: Path) -> Effects:
        """Upgrade, look, downgrade, look, and upgrade again; `folder` must not exist."""
        with databases.fresh(self._server, template=self._template) as name:
            url = self._server.url(name)
            talkative = f"{url}{'&' if '?' in url else '?'}{TALKATIVE}"
            project = cases.project(case, folder, talkative)
            with psycopg.connect(url, autocommit=True) as connection:
                before = contents.taken(connection)
                rows = deployed.samples(connection, before)
                effects = self._upgraded(project, before, url)
                if not effects.failure:
                    unused = case.unused
                    effects.broken |= set(deployed.broken(connection, before, rows, unused))
                    effects.advice |= _advice(connection, before, case, project)
                    self._return(project, effects, connection, before)
        return effects

    def _upgraded(self, project: Project, before: Contents, url: str) -> Effects:
        observer = Observer(before, url)
        with observing(observer):
            observer.effects.failure = running.failure(running.up(project))
        if observer.truncated:
            observer.effects.advice.add("truncated-name")
        return observer.effects

    def _return(
        self,
        project: Project,
        effects: Effects,
        connection: contents.Connection,
        before: Contents,
    ) -> None:
        """Go down and up again; note what is not as it was."""
        upgraded = contents.taken(connection, _types(before))
        if running.failure(running.down(project, cases.FIRST)):
            effects.round_trip = "failed"
            return
        same = schema_lines(self._server.url(connection.info.dbname)) == self._schema
        effects.round_trip = "same" if same else "differs"
        effects.lost_by_downgrade |= _lost(before, upgraded, contents.taken(connection))
        effects.again = running.failure(running.up(project))


def _types(before: Contents) -> dict[contents.Key, str]:
    return {key: column.type for key, column in before.columns.items()}


def _lost(before: Contents, upgraded: Contents, after: Contents) -> set[str]:
    """Columns whose values the upgrade has kept and the downgrade has not, by name."""
    now = {
        (after.tables[key[0]].name, column.name): column.total
        for key, column in after.columns.items()
        if key[0] in after.tables
    }
    found = set()
    for key, column in before.columns.items():
        kept = upgraded.columns.get(key)
        if key[0] in before.tables and kept is not None and kept.total == column.total:
            name = before.tables[key[0]].name
            if column.values and now.get((name, column.name)) != column.total:
                found.add(f"{name}.{column.name}")
    return found


def _advice(
    connection: contents.Connection,
    before: Contents,
    case: Case,
    project: Project,
) -> set[str]:
    known = [list(numbers) for numbers in zip(*before.columns, strict=True)]
    found = {str(row[0]) for row in connection.execute(ADVICE, known)}
    if case.imports_models:
        found.add("models-imported")
    if running.failure(running.offline(project, f"{cases.FIRST}:head")):
        found.add("offline-fails")
    return found


def schema_lines(url: str) -> list[str]:
    """The schema without the order of columns, which no statement can give back."""
    return sorted(line.strip().rstrip(",") for line in schema.schema_of(url).splitlines())
