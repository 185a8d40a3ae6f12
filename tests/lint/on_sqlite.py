"""Measures a case on SQLite: what is lost, what fails, and whether there is a way back."""

import hashlib
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.lint import cases, running
from tests.lint.cases import Case
from tests.lint.effects import Effects, Lost
from tests.projects.make import Project

# Parts of a table's definition that a rebuild may forget; a revision that means it names the table.
PARTS = ("CHECK", "AUTOINCREMENT", "COLLATE", "ON DELETE", "ON CONFLICT")
OBJECTS = "SELECT type, name, coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"


@dataclass(frozen=True)
class Values:
    """The rows of a table, and of each column how many values there are and what they come to."""

    rows: int
    columns: dict[str, tuple[int, str]]


class Sqlite:
    """A file of the base with its rows, from which the cases' files are copied."""

    def __init__(self, folder: Path, base: str = "notes") -> None:
        case = Case(base, "")
        self._file = folder / f"{base}.db"
        project = cases.project(case, folder / base, f"sqlite:///{self._file}")
        assert not (found := running.failure(running.up(project))), found
        with closing(sqlite3.connect(self._file)) as connection:
            connection.executescript((case.before / "rows.sql").read_text(encoding="utf-8"))
        self._schema = described(self._file)

    @contextmanager
    def copy(self, case: Case, folder: Path) -> Iterator[Project]:
        """The case's project in the new folder, with a file of its own."""
        file = folder.parent / f"{folder.name}.db"
        shutil.copy(self._file, file)
        yield cases.project(case, folder, f"sqlite:///{file}")

    def effects(self, case: Case, folder: Path) -> Effects:
        """Upgrade, look, downgrade, look, and upgrade again; `folder` must not exist."""
        file = folder.parent / f"{folder.name}.db"
        with self.copy(case, folder) as project:
            before, objects = _values(file), _objects(file)
            effects = Effects(failure=running.failure(running.up(project)))
            upgraded = _values(file)
            effects.lost |= set(_lost(before, upgraded))
            if not effects.failure:
                said = " ".join(case.texts)
                effects.schema_lost |= set(_forgotten(objects, _objects(file), said))
                effects.broken |= set(_broken(file, before))
                self._return(project, file, effects, (before, upgraded))
        return effects

    def _return(
        self,
        project: Project,
        file: Path,
        effects: Effects,
        values: tuple[dict[str, Values], dict[str, Values]],
    ) -> None:
        """Go down and up again; note what is not as it was."""
        before, upgraded = values
        if running.failure(running.down(project, cases.FIRST)):
            effects.round_trip = "failed"
            return
        effects.round_trip = "same" if described(file) == self._schema else "differs"
        now = _values(file)
        kept = {name for name in before if upgraded.get(name) == before[name]}
        effects.lost_by_downgrade |= {name for name in kept if now.get(name) != before[name]}
        effects.again = running.failure(running.up(project))


def described(file: Path) -> set[str]:
    """The schema as SQLite understands it, however its statements were written."""
    with closing(sqlite3.connect(file)) as connection:
        found = connection.execute(OBJECTS).fetchall()
        tables = [name for kind, name, _ in found if kind == "table"]
        lines = {f"{name} {kind} {row}" for name in tables for kind, row in _of(connection, name)}
    others = {text for kind, _, text in found if kind not in {"table", "index"}}
    parts = {
        f"{name} {part} {text.upper().count(part)}" for _, name, text in found for part in PARTS
    }
    return lines | others | parts


def _of(connection: sqlite3.Connection, table: str) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Columns without their place, keys, and indexes without the names that SQLite gives."""
    for row in connection.execute(f'PRAGMA table_info("{table}")'):
        yield "column", row[1:]
    for row in connection.execute(f'PRAGMA foreign_key_list("{table}")'):
        yield "key", row[2:]
    for row in connection.execute(f'PRAGMA index_list("{table}")').fetchall():
        columns = connection.execute(f'PRAGMA index_info("{row[1]}")').fetchall()
        yield "index", (*row[2:], *(column[2] for column in columns))


def _objects(file: Path) -> dict[tuple[str, str], str]:
    with closing(sqlite3.connect(file)) as connection:
        return {(kind, name): text for kind, name, text in connection.execute(OBJECTS)}


def _values(file: Path) -> dict[str, Values]:
    """All tables with rows."""
    with closing(sqlite3.connect(file)) as connection:
        names = [row[1] for row in connection.execute(OBJECTS) if row[0] == "table"]
        found = {name: _table(connection, name) for name in names if name != "alembic_version"}
    return {name: values for name, values in found.items() if values.rows}


def _table(connection: sqlite3.Connection, name: str) -> Values:
    rows = connection.execute(f'SELECT * FROM "{name}"')
    columns = [one[0] for one in rows.description]
    read = rows.fetchall()
    sums = {column: _sum([row[at] for row in read]) for at, column in enumerate(columns)}
    return Values(len(read), sums)


def _sum(values: list[object]) -> tuple[int, str]:
    """How many values there are, and a hash of them in any order."""
    told = sorted(str(one) for one in values if one is not None)
    return len(told), hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


def _lost(before: dict[str, Values], after: dict[str, Values]) -> Iterator[Lost]:
    everywhere = [values.columns for values in after.values()]
    for name, values in before.items():
        now = after.get(name)
        if now is None and values.columns in everywhere:
            continue  # it has another name
        rows = now.rows if now else 0
        if rows < values.rows:
            yield Lost(name, "", values.rows - rows)
        elif now:
            yield from _lost_columns(name, values, now)


def _lost_columns(name: str, before: Values, after: Values) -> Iterator[Lost]:
    new = [values for column, values in after.columns.items() if column not in before.columns]
    for column, (count, total) in before.columns.items():
        renamed = column not in after.columns and (count, total) in new
        if count and not renamed and after.columns.get(column) != (count, total):
            yield Lost(name, column, count)


def _forgotten(
    before: dict[tuple[str, str], str], after: dict[tuple[str, str], str], said: str
) -> Iterator[str]:
    """Objects, and parts of tables, that are gone and that the revisions do not speak of."""
    for (kind, name), text in before.items():
        now = after.get((kind, name))
        if now is None and name not in said:
            yield f"{kind} {name}"
        for part in PARTS:
            if now is not None and now.upper().count(part) < text.upper().count(part):
                yield f"{part} of {kind} {name}"


def _broken(file: Path, before: dict[str, Values]) -> Iterator[str]:
    """What fails for code that knows only the tables of before."""
    with closing(sqlite3.connect(file)) as connection:
        for name, values in before.items():
            columns = ", ".join(values.columns)
            for word, query in (
                ("read", f"SELECT {columns} FROM {name} LIMIT 1"),
                ("write", f"INSERT INTO {name} ({columns}) SELECT {columns} FROM {name} WHERE 0"),
            ):
                if _fails(connection, query):
                    yield f"{name}: {word}"


def _fails(connection: sqlite3.Connection, query: str) -> bool:
    try:
        connection.execute(query)
    except sqlite3.Error:
        return True
    return False
