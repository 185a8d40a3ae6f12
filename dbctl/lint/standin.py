"""A database that is not there: a real SQLAlchemy connection whose driver only listens.

What a revision asks of the schema is answered by the catalogue of the revisions before it; a
SELECT gives one row the first time and none at the same place again, so that loops end.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import create_engine, event, pool, types
from sqlalchemy.engine import Connection, Engine

from dbctl.lint.answers import Listener, Postgres, SQLite, Standing


class Value(str):
    """A value that nobody knows: it is text, compares with numbers, and is true."""

    __slots__ = ()

    def __gt__(self, other: object) -> bool:
        return True

    def __ge__(self, other: object) -> bool:
        return True

    def __lt__(self, other: object) -> bool:
        return False

    def __le__(self, other: object) -> bool:
        return False

    def __index__(self) -> int:
        return 1

    def __add__(self, other: object) -> "Value":
        return Value(str.__add__(self, other)) if isinstance(other, str) else self

    def __radd__(self, other: object) -> "Value":
        return self

    def __sub__(self, other: object) -> "Value":
        return self

    def __truediv__(self, other: object) -> "Value":
        return self

    def __floordiv__(self, other: object) -> "Value":
        return self


class Cursor:
    """A DBAPI cursor over nothing."""

    arraysize = 1
    lastrowid = 1

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._text = ""
        self._parameters: object = ()
        self._rows: list[tuple[object, ...]] = []
        self._asked = False
        self.element: object = None
        self.columns: Sequence[tuple[str, object]] = ()
        self.description: list[tuple[Any, ...]] | None = None
        self.rowcount = -1

    def execute(self, text: str, parameters: object = ()) -> None:
        """Tell the listener, and have columns ready where rows will be asked for."""
        self._text, self._parameters, self._asked = text, parameters, False
        self.rowcount = self._listener.sent(text, self.element)
        self.element = None
        if _gives_rows(text):
            columns = self.columns or [(name, Value("1")) for name in _written(text)]
            self.description = [(name, None, None, None, None, None, None) for name, _ in columns]
            self._rows = [tuple(value for _, value in columns)]

    def executemany(self, text: str, _: object) -> None:
        """As `execute`, whatever the rows."""
        self.execute(text)

    def fetchone(self) -> tuple[object, ...] | None:
        """The one row, once."""
        found = self.fetchall()
        return found[0] if found else None

    def fetchmany(self, size: int = 1) -> list[tuple[object, ...]]:  # noqa: ARG002 - DBAPI's
        """The one row, once."""
        return self.fetchall()

    def fetchall(self) -> list[tuple[object, ...]]:
        """The one row, once."""
        if not self._asked:
            self._asked = True
            if not self._listener.read(self._text, self._parameters):
                self._rows = []
        rows, self._rows = self._rows, []
        return rows

    def __iter__(self) -> Iterator[tuple[object, ...]]:
        return iter(self.fetchall())

    def close(self) -> None:
        """Nothing is held."""

    def setinputsizes(self, *_: object) -> None:
        """Nothing is sized."""


_ROWS = re.compile(r"\s*\(*\s*(SELECT|WITH|VALUES|SHOW|PRAGMA)\b|\bRETURNING\b", re.IGNORECASE)


def _gives_rows(text: str) -> bool:
    start = text[:60].lstrip().upper()
    if start.startswith("WITH") and not re.search(r"\bSELECT\b", text, re.IGNORECASE):
        return False
    return bool(_ROWS.match(text)) or " RETURNING " in text.upper()


def _written(text: str) -> tuple[str, ...]:
    from dbctl.lint.sql import result_columns

    names = result_columns(text)
    return names or ("column_1",)


class DriverConnection:
    """A DBAPI connection over nothing."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self.autocommit = False

    def cursor(self, *_: object, **__: object) -> Cursor:
        """Another cursor."""
        return Cursor(self._listener)

    def commit(self) -> None:
        """Nothing is written."""

    def rollback(self) -> None:
        """Nothing was written."""

    def close(self) -> None:
        """Nothing is open."""

    def create_function(self, *_: object, **__: object) -> None:
        """SQLite's way to add a function."""


class Driver:
    """The DBAPI module."""

    paramstyle = "numeric_dollar"
    Error = Warning = DatabaseError = OperationalError = IntegrityError = ProgrammingError = type(
        "Error", (Exception,), {}
    )
    InterfaceError = InternalError = DataError = NotSupportedError = Error
    sqlite_version_info = (3, 45, 0)
    version_info = (2, 6, 0)
    threadsafety = 1
    apilevel = "2.0"


DIALECTS: dict[str, Callable[..., Standing]] = {"postgresql": Postgres, "sqlite": SQLite}


def connect(name: str, version: tuple[int, ...], listener: Listener) -> Connection:
    """A connection to no database of the dialect called `name`."""
    dialect = DIALECTS[name](paramstyle="numeric_dollar", dbapi=Driver)
    dialect.listener, dialect.version = listener, version
    driver: Any = lambda: DriverConnection(listener)  # noqa: E731 - typed
    made = pool.StaticPool(driver, dialect=dialect)
    url = create_engine("sqlite://").url.set(drivername=name, database="lint")
    engine = Engine(made, dialect, url)
    event.listen(engine, "before_execute", _told)
    event.listen(engine, "before_cursor_execute", _prepared)
    return engine.connect()


def _told(connection: Connection, element: Any, *_: object) -> None:
    connection.info["element"] = element


def _prepared(
    connection: Connection,
    cursor: Any,
    _text: str,
    _parameters: object,
    context: Any,
    _many: bool,
) -> None:
    cursor.element = connection.info.pop("element", None)
    compiled = getattr(context, "compiled", None)
    entries = getattr(compiled, "_result_columns", None) or ()
    cursor.columns = [(str(one[0]), _sample(one[3])) for one in entries]


def _sample(type_: Any) -> object:
    """What a driver might give for a column of the type."""
    if isinstance(type_, types.Boolean):
        return True
    if isinstance(type_, types.Integer):
        return 1
    return Value("1") if isinstance(type_, types.String | types.NullType) else None
