"""What a run sends to the database, written down as a script that another run could send.

Statements are taken at the cursor, with their parameters put in as literals: what SQLAlchemy would
compile for a script offline can differ from what it sends to a live server.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, event

# Quoted text and comments hold no placeholder.
_SKIPPED = r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/"
_PLACEHOLDERS = {
    "qmark": r"\?",
    "numeric_dollar": r"\$(?P<number>\d+)",
    "pyformat": r"%\((?P<name>[^)]+)\)s|(?P<percent>%%)",
    "format": r"%s|(?P<percent>%%)",
}
_READS = ("select", "pragma", "show", "explain", "values")
_CATALOGUE = re.compile(r"pg_catalog|pg_class|information_schema|sqlite_master|sqlite_temp|pragma_")


@dataclass
class Captured:
    """The statements of one revision; `reads` when it looked at rows of the project's tables."""

    statements: list[tuple[str, bool]] = field(default_factory=list)
    reads: bool = False

    @property
    def sql(self) -> str:
        """The statements as a script: one transaction, except where the run had none."""
        lines: list[str] = []
        inside = False
        for text, autocommit in self.statements:
            if autocommit == inside:
                lines.append("COMMIT;" if inside else "BEGIN;")
                inside = not inside
            lines.append(text.rstrip().rstrip(";") + ";")
        return "\n\n".join([*lines, "COMMIT;"] if inside else lines) + ("\n" if lines else "")


class Capture:
    """Listens to every engine of the process; `current` is the revision that is running."""

    def __init__(self, version_table: str) -> None:
        self.current: Captured | None = None
        self.executing = False
        self._version_table = version_table

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Write down statements while the block runs."""
        event.listen(Engine, "before_cursor_execute", self._statement)
        try:
            yield
        finally:
            event.remove(Engine, "before_cursor_execute", self._statement)

    def watch(self, impl: Any) -> None:  # noqa: ANN401 - Alembic's DefaultImpl
        """Know which statements came by `op.execute`: a SELECT there is run for what it does."""
        execute: Callable[..., Any] = impl.execute

        def watched(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - as given
            self.executing = True
            try:
                return execute(*arguments, **options)
            finally:
                self.executing = False

        impl.execute = watched

    def _statement(
        self,
        connection: Connection,
        _cursor: object,
        statement: str,
        parameters: Any,  # noqa: ANN401
        _context: object,
        executemany: bool,
    ) -> None:
        if self.current is None:
            return
        words = statement.split(None, 1)
        if words and words[0].lower() in ("begin", *_READS) and not self.executing:
            self.current.reads |= self._is_read(statement)
            return
        options = connection.get_execution_options()
        autocommit = options.get("isolation_level") == "AUTOCOMMIT"
        for one in parameters if executemany else [parameters]:
            self.current.statements.append((literal(connection, statement, one), autocommit))

    def _is_read(self, statement: str) -> bool:
        """Whether a SELECT looks at the project's rows, not at the catalogue."""
        text = statement.lower()
        if not text.lstrip().startswith("select") or " from " not in " ".join(text.split()):
            return False
        return not _CATALOGUE.search(text) and self._version_table not in text


def literal(connection: Connection, statement: str, parameters: Any) -> str:  # noqa: ANN401
    """`statement` with its parameters put in. Raises ValueError for a value without a literal."""
    if not parameters:
        return statement.replace("%%", "%") if _percents(connection) else statement
    style = connection.dialect.paramstyle
    placeholder = re.compile(f"(?P<skipped>{_SKIPPED})|{_PLACEHOLDERS[style]}", re.DOTALL)
    given = iter(parameters.values() if isinstance(parameters, Mapping) else parameters)

    def put(match: re.Match[str]) -> str:
        found = match.groupdict()
        if found["skipped"] is not None:
            return match[0].replace("%%", "%") if _percents(connection) else match[0]
        if found.get("percent"):
            return "%"
        return value(connection.dialect.name, _given(found, parameters, given))

    return placeholder.sub(put, statement)


def _percents(connection: Connection) -> bool:
    return connection.dialect.paramstyle in ("pyformat", "format")


def _given(
    found: Mapping[str, str | None],
    parameters: Any,  # noqa: ANN401 - as given
    rest: Iterator[Any],
) -> Any:  # noqa: ANN401 - one of them
    if name := found.get("name"):
        return parameters[name]
    if number := found.get("number"):
        return parameters[int(number) - 1]
    return next(rest)


def value(dialect: str, given: Any) -> str:  # noqa: ANN401, PLR0911 - one line a type
    """A parameter as an SQL literal. Raises ValueError for a type that has none."""
    if given is None:
        return "NULL"
    if isinstance(given, bool):
        return str(given).upper() if dialect == "postgresql" else str(int(given))
    if isinstance(given, Enum):
        return value(dialect, given.value)
    if isinstance(given, int | float | Decimal):
        text = str(given)
        return text if re.fullmatch(r"[-+0-9.eE]+", text) else f"'{text}'"
    if isinstance(given, str | UUID | datetime | date | time):
        return "'" + str(given).replace("'", "''") + "'"
    if isinstance(given, bytes | bytearray | memoryview):
        return (
            f"'\\x{bytes(given).hex()}'" if dialect == "postgresql" else f"X'{bytes(given).hex()}'"
        )
    if isinstance(given, Sequence) and dialect == "postgresql":
        return f"ARRAY[{', '.join(value(dialect, one) for one in given)}]"
    raise ValueError(f"a {type(given).__name__} cannot be written as SQL")
