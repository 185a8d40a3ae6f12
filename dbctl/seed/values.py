"""Turn what a file says into what a column takes, and refuse what does not fit.

SQLite stores anything anywhere, so lengths and ranges are checked here, on every dialect.
"""

import math
import re
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Column, DateTime, Enum, Integer, Numeric, String
from sqlalchemy.types import BigInteger, SmallInteger, TypeDecorator, TypeEngine

WORDS = {"true": True, "false": False, "1": True, "0": False}
_DIGITS = re.compile(r"[+-]?[0-9]{1,30}")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")
_HALF = re.compile(r"[\ud800-\udfff]")
BITS = ((SmallInteger, 15), (BigInteger, 63), (Integer, 31))


class UnfitError(ValueError):
    """The value does not fit its column; the message says why."""


def fitted(column: Column[Any], value: Any) -> Any:  # noqa: ANN401 - a column's value
    """`value` as the column's Python type. Raises UnfitError."""
    if value is None:
        if not column.nullable:
            raise UnfitError("a value is needed")
        return None
    plain = _plain(column.type)
    try:
        made = _convert(plain, value)
    except (ValueError, InvalidOperation, TypeError) as error:
        raise UnfitError(f"{_short(value)} is not a {_kind(plain).__name__}") from error
    _require_fit(plain, made)
    return made


def has_default(column: Column[Any]) -> bool:
    """Whether a column that takes no NULL may be left out."""
    counts = column.table.autoincrement_column is column
    given = not (column.default is None and column.server_default is None)
    return not column.nullable and (given or counts)


def _plain(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """The type that decides length and range, without the project's decoration."""
    return kind.impl_instance if isinstance(kind, TypeDecorator) else kind


def _kind(kind: TypeEngine[Any]) -> type:
    try:
        return kind.python_type
    except NotImplementedError:
        return object


def _convert(kind: TypeEngine[Any], value: Any) -> Any:  # noqa: ANN401
    if isinstance(kind, Enum):
        return _member(kind, value)
    wanted = _kind(kind)
    if isinstance(kind, DateTime):
        return _moment(value, zoned=kind.timezone)
    if wanted is object or type(value) is wanted:
        return value
    convert = CONVERSIONS.get(wanted)
    return convert(value) if convert else value


def _member(kind: Enum, value: Any) -> Any:  # noqa: ANN401
    if str(value) not in kind.enums:
        raise UnfitError(f"{_short(value)} is none of {', '.join(kind.enums)}")
    return kind.enum_class[str(value)] if kind.enum_class else str(value)


def _moment(value: Any, *, zoned: bool) -> datetime:  # noqa: ANN401
    """ISO 8601; without a zone it is UTC, and a column without one holds UTC."""
    made = datetime.fromisoformat(str(value))
    made = made.astimezone(UTC) if made.tzinfo else made.replace(tzinfo=UTC)
    return made if zoned else made.replace(tzinfo=None)


def _text(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, list | dict):
        raise TypeError(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _whole(value: Any) -> int:  # noqa: ANN401
    """Digits: Python's own underscores, blanks and other scripts are no numbers in a database."""
    if not _DIGITS.fullmatch(str(value)):
        raise ValueError(value)
    return int(str(value))


def _decimal(value: Any) -> Decimal:  # noqa: ANN401
    if not _NUMBER.fullmatch(str(value)):
        raise ValueError(value)
    made = Decimal(str(value))
    if not made.is_finite():
        raise ValueError(value)
    return made


CONVERSIONS: dict[type, Callable[[Any], Any]] = {
    bool: lambda value: WORDS[str(value).lower()] if str(value).lower() in WORDS else int("no"),
    int: _whole,
    float: lambda value: float(_decimal(value)),
    Decimal: _decimal,
    str: _text,
    date: lambda value: date.fromisoformat(str(value)),
    time: lambda value: time.fromisoformat(str(value)),
    uuid.UUID: lambda value: uuid.UUID(str(value)),
}


def _require_fit(kind: TypeEngine[Any], value: Any) -> None:  # noqa: ANN401
    if isinstance(value, str):
        _require_text(kind, value)
    if isinstance(value, float) and not math.isfinite(value):
        raise UnfitError(f"{value} is no number")
    if isinstance(kind, Integer):
        bits = next(bits for type_, bits in BITS if isinstance(kind, type_))
        if not -(2**bits) <= value < 2**bits:
            raise UnfitError(f"{value} does not fit into {bits + 1} bits")
    if isinstance(kind, Numeric) and isinstance(value, Decimal):
        _require_digits(kind, value)


def _require_text(kind: TypeEngine[Any], value: str) -> None:
    if "\0" in value:
        raise UnfitError("text with a NUL character")
    if not value.isascii() and _HALF.search(value):
        raise UnfitError("text with half a character (a lone surrogate)")
    limit = kind.length if isinstance(kind, String) else None
    if limit and len(value) > limit:
        raise UnfitError(f"{len(value)} characters, {limit} fit")


def _require_digits(kind: Numeric[Any], value: Decimal) -> None:
    if kind.precision is None:
        return
    scale = kind.scale or 0
    if value != round(value, scale) or abs(value) >= Decimal(10) ** (kind.precision - scale):
        raise UnfitError(f"{value} does not fit into numeric({kind.precision}, {scale})")


def _short(value: Any) -> str:  # noqa: ANN401
    text = str(value)
    return repr(text if len(text) <= 40 else text[:37] + "...")  # noqa: PLR2004 - a line's width
