"""What a revision asks of the schema, answered by the catalogue of the revisions before it."""

from collections.abc import Mapping
from typing import Any, Protocol

from sqlalchemy import types
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.dialects.sqlite.base import SQLiteDialect
from sqlalchemy.engine import Connection
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.exc import NoSuchTableError

from dbctl.lint.catalogue import Catalogue, Table
from dbctl.lint.facts import Column, Constraint


class Listener(Protocol):
    """Who is told what a revision sends, and knows what it would find."""

    catalogue: Catalogue

    def sent(self, text: str, element: object) -> int:
        """A statement is executed; the number of rows that it would touch."""

    def read(self, text: str, parameters: object) -> bool:
        """Rows of a SELECT are looked at; whether there are any."""

    def looked(self) -> None:
        """The schema is looked at."""

    def autocommits(self, *, on: bool) -> None:
        """From now on each statement is a transaction of its own, or no longer."""


class Standing(DefaultDialect):
    """Answers of a dialect that come from the catalogue."""

    listener: Listener
    version: tuple[int, ...] = ()
    supports_statement_cache = True
    default_isolation_level = "READ COMMITTED"

    def initialize(self, connection: Connection) -> None:
        """Nobody is asked."""
        self.server_version_info = self.version
        self.default_schema_name = "public" if self.name == "postgresql" else "main"

    def on_connect(self) -> None:
        """A new connection needs nothing."""
        return

    def get_default_isolation_level(self, _: object) -> Any:
        """The usual one."""
        return "READ COMMITTED"

    def get_isolation_level(self, _: object) -> Any:
        """The usual one."""
        return "READ COMMITTED"

    def get_isolation_level_values(self, *_: object) -> Any:
        """Those that PostgreSQL and SQLite have."""
        return [
            "AUTOCOMMIT",
            "READ COMMITTED",
            "READ UNCOMMITTED",
            "REPEATABLE READ",
            "SERIALIZABLE",
        ]

    def set_isolation_level(self, _: Any, level: str) -> None:
        """Note whether each statement commits itself from now on."""
        self.listener.autocommits(on=level == "AUTOCOMMIT")

    def reset_isolation_level(self, _: Any) -> None:
        """Back to transactions."""
        self.listener.autocommits(on=False)

    def _seen(self, table_name: str, schema: str | None) -> Table:
        self.listener.looked()
        found = self.listener.catalogue.table(_key(table_name, schema))
        if found is None:
            raise NoSuchTableError(table_name)
        return found

    def has_table(
        self, connection: Any, table_name: str, schema: str | None = None, **kw: Any
    ) -> bool:
        """Whether a revision before made it."""
        self.listener.looked()
        return self.listener.catalogue.table(_key(table_name, schema)) is not None

    def has_index(
        self,
        connection: Any,
        table_name: str,
        index_name: str,
        schema: str | None = None,
        **kw: Any,
    ) -> bool:
        """Whether a revision before made it."""
        self.listener.looked()
        found = self.listener.catalogue.table(_key(table_name, schema))
        return found is not None and any(one.name == index_name for one in found.indexes)

    def has_type(self, connection: Any, name: str, schema: str | None = None, **kw: Any) -> bool:
        """Whether a revision before made it."""
        return _key(name, schema) in self.listener.catalogue.types

    def has_sequence(self, *args: Any, **kw: Any) -> bool:
        """Sequences are not followed."""
        self.listener.looked()
        return False

    def has_schema(self, *args: Any, **kw: Any) -> bool:
        """Schemas are not followed; there may be any."""
        return True

    def get_schema_names(self, *args: Any, **kw: Any) -> list[str]:
        """The default one."""
        return [self.default_schema_name or "public"]

    def get_table_names(self, connection: Any, schema: str | None = None, **kw: Any) -> list[str]:
        """The tables of one schema."""
        self.listener.looked()
        wanted = "" if schema in (None, "public", "main") else f"{schema}."
        names = self.listener.catalogue.tables
        return [n.removeprefix(wanted) for n in names if ("." in n) == bool(wanted)]

    def get_view_names(self, *args: Any, **kw: Any) -> list[str]:
        """Views are not followed."""
        return []

    def get_temp_table_names(self, *args: Any, **kw: Any) -> list[str]:
        """Temporary tables are not followed."""
        return []

    get_materialized_view_names = get_view_names
    get_sequence_names = get_view_names
    get_temp_view_names = get_view_names

    def get_enums(
        self, connection: Any, schema: str | None = None, **kw: Any
    ) -> list[dict[str, Any]]:
        """The enum types."""
        found = self.listener.catalogue.types.items()
        return [
            {"name": name, "labels": list(labels), "schema": "public", "visible": True}
            for name, labels in found
        ]

    def get_columns(
        self, connection: Any, table_name: str, schema: str | None = None, **kw: Any
    ) -> Any:
        """The columns as an Inspector gives them."""
        return [_column(one, self) for one in self._seen(table_name, schema).columns.values()]

    def get_pk_constraint(
        self, connection: Any, table_name: str, schema: str | None = None, **kw: Any
    ) -> Any:
        """The primary key."""
        found = self._kind(table_name, schema, "primary")
        if not found:
            return {"constrained_columns": [], "name": None}
        return {"constrained_columns": list(found[0].columns), "name": found[0].name or None}

    def get_foreign_keys(
        self, connection: Any, table_name: str, schema: str | None = None, **kw: Any
    ) -> Any:
        """The foreign keys."""
        return [_foreign(one) for one in self._kind(table_name, schema, "foreign")]

    def get_unique_constraints(
        self, connection: Any, table_name: str, schema: str | None = None, **kw: Any
    ) -> Any:
        """The unique constraints."""
        found = self._kind(table_name, schema, "unique")
        return [{"name": one.name or None, "column_names": list(one.columns)} for one in found]

    def get_check_constraints(
        self, connection: Any, table_name: str, schema: str | None = None, **kw: Any
    ) -> Any:
        """The CHECKs."""
        found = self._kind(table_name, schema, "check")
        return [{"name": one.name or None, "sqltext": one.expression} for one in found]

    def get_indexes(
        self, connection: Any, table_name: str, schema: str | None = None, **kw: Any
    ) -> Any:
        """The indexes on columns alone."""
        return [
            {"name": one.name, "column_names": list(one.columns), "unique": one.unique}
            for one in self._seen(table_name, schema).indexes
            if one.plain
        ]

    def get_table_options(self, *args: Any, **kw: Any) -> dict[str, Any]:
        """None are followed."""
        return {}

    def get_table_comment(self, *args: Any, **kw: Any) -> Any:
        """None are followed."""
        return {"text": None}

    def _kind(self, table_name: str, schema: str | None, kind: str) -> list[Constraint]:
        return [one for one in self._seen(table_name, schema).constraints if one.kind == kind]

    # PostgreSQL's own read the system's catalogue for many tables at once.
    get_multi_columns = DefaultDialect.get_multi_columns
    get_multi_pk_constraint = DefaultDialect.get_multi_pk_constraint
    get_multi_foreign_keys = DefaultDialect.get_multi_foreign_keys
    get_multi_unique_constraints = DefaultDialect.get_multi_unique_constraints
    get_multi_check_constraints = DefaultDialect.get_multi_check_constraints
    get_multi_indexes = DefaultDialect.get_multi_indexes
    get_multi_table_options = DefaultDialect.get_multi_table_options
    get_multi_table_comment = DefaultDialect.get_multi_table_comment


def _key(name: str, schema: str | None) -> str:
    return str(name) if schema in (None, "public", "main") else f"{schema}.{name}"


def _column(one: Column, dialect: Any) -> dict[str, Any]:
    names: Mapping[str, Any] = dialect.ischema_names
    found = names.get(one.type.name) or names.get(one.type.name.upper()) or types.NullType
    arguments = one.type.arguments if found in _LENGTHS else ()
    return {
        "name": one.name,
        "type": found(*arguments),
        "nullable": one.nullable,
        "default": one.default,
        "autoincrement": "auto",
    }


_LENGTHS = (types.VARCHAR, types.CHAR, types.NUMERIC)


def _foreign(one: Constraint) -> dict[str, Any]:
    schema, _, table = one.referent.rpartition(".")
    return {
        "name": one.name or None,
        "constrained_columns": list(one.columns),
        "referred_schema": schema or None,
        "referred_table": table,
        "referred_columns": list(one.referent_columns or ("id",)),
        "options": {"ondelete": one.on_delete} if one.on_delete else {},
    }


class Postgres(Standing, PGDialect):  # type: ignore[misc]  # the catalogue answers instead
    """PostgreSQL, of any version."""

    supports_statement_cache = True

    driver = "standin"


class SQLite(Standing, SQLiteDialect):  # type: ignore[misc]  # as above
    """SQLite, of any version."""

    supports_statement_cache = True

    driver = "standin"
