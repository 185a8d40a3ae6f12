"""What dbctl keeps for itself inside a database, and how it is told from the project's tables.

On PostgreSQL a schema `dbctl`, which plain `alembic revision --autogenerate` never looks into; on
SQLite, which has no schemas, tables whose names begin with `dbctl_`.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

Include: TypeAlias = Callable[[Any, Any, str, bool, Any], bool]
SCHEMA = "dbctl"
PREFIX = "dbctl_"

# Instants are ISO 8601 text in UTC: the same on both dialects, and ordered as text.
_COLUMNS = {
    # What this database is: uuid, environment, project.
    "mark": "key text PRIMARY KEY, value text NOT NULL",
    # What was applied, by whom and when; `history` is the version table's name.
    "ledger": "id {counter} PRIMARY KEY, history text NOT NULL, revision text NOT NULL,"
    " direction text NOT NULL, checksum text NOT NULL, started text NOT NULL,"
    " seconds double precision NOT NULL, who text NOT NULL, host text NOT NULL,"
    " tool text NOT NULL",
    # A revision with autocommit steps: begun, and not known to be done.
    "step": "history text NOT NULL, revision text NOT NULL, direction text NOT NULL,"
    " started text NOT NULL, PRIMARY KEY (history, revision)",
    # Seed files that were loaded, with the hash of what they held.
    "seed": "file text PRIMARY KEY, hash text NOT NULL, rows bigint NOT NULL, loaded text NOT NULL",
}
_COUNTER = {"postgresql": "bigint GENERATED ALWAYS AS IDENTITY", "sqlite": "integer"}
NAMES = frozenset(f"{PREFIX}{name}" for name in _COLUMNS)


def relation(dialect: str, name: str) -> str:
    """The table `name` ("mark", "ledger", "step", "seed") as it stands in a statement."""
    return f"{SCHEMA}.{name}" if dialect == "postgresql" else f"{PREFIX}{name}"


def creation(dialect: str, *names: str) -> tuple[str, ...]:
    """Statements that make the tables `names`, and nothing where they are there already."""
    schema = (f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}",) if dialect == "postgresql" else ()
    tables = (
        f"CREATE TABLE IF NOT EXISTS {relation(dialect, name)}"
        f" ({_COLUMNS[name].format(counter=_COUNTER[dialect])})"
        for name in names
    )
    return (*schema, *tables)


def hiding(include: Include | None) -> Include:
    """Alembic's `include_object` that leaves dbctl's tables out of what `include` takes in."""

    def included(one: Any, name: Any, kind: str, reflected: bool, other: Any) -> bool:  # noqa: ANN401
        if kind == "table" and is_own(name, one.schema):
            return False
        return include is None or include(one, name, kind, reflected, other)

    return included


def is_own(name: str, schema: str | None = None) -> bool:
    """Whether a table is dbctl's: never compared, counted, dropped or seeded."""
    return schema == SCHEMA or (schema is None and name in NAMES)
