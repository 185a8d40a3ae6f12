"""What a column holds as the database keeps it, where that is not what SQLAlchemy makes of it."""

from typing import Any

from sqlalchemy import ColumnElement, literal, type_coerce
from sqlalchemy.sql.sqltypes import BigInteger, Integer, NullType


def stored(column: Any, dialect: str) -> ColumnElement[Any]:  # noqa: ANN401 - a column or an attribute
    """The column for ordering and comparing.

    SQLite keeps times and decimals as text and floats: `14:20:03`, which the server wrote, and
    `14:20:03.000000`, which SQLAlchemy would, are two texts there. Only what is kept compares
    exactly with itself.
    """
    found: ColumnElement[Any] = type_coerce(column, NullType()) if dialect == "sqlite" else column
    return found


def value(column: Any, held: Any, dialect: str) -> ColumnElement[Any]:  # noqa: ANN401 - as above
    """A value that `stored` gave, to compare it with; a whole number may exceed the column's."""
    if dialect == "sqlite":
        return literal(held, NullType())
    kind = column.type
    return literal(held, BigInteger() if isinstance(kind, Integer) else kind)
