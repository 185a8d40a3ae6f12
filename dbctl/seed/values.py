"""Turn what a file says into what a column takes, and refuse what does not fit.

SQLite stores anything anywhere, so lengths and ranges are checked here, on every dialect. One value
at a time; whole columns of clean ones go through columns.py, which comes here when one is not.
"""

import base64
import json
import math
import re
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import ARRAY, JSON, Column, DateTime, Enum, Integer, Interval, Numeric, String
from sqlalchemy.types import BigInteger, SmallInteger, TypeDecorator, TypeEngine

WORDS = {"true": True, "false": False, "1": True, "0": False}
DEPTH = 100  # of lists and mappings in one value
_DIGITS = re.compile(r"[+-]?[0-9]{1,30}")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")
_HALF = re.compile(r"[\ud800-\udfff]")
_SPAN = re.compile(
    r"(?P<sign>-)?(?:(?P<days>\d{1,9}) days?,? ?)?"
    r"(?:(?P<hours>\d{1,9}):(?P<minutes>[0-5]\d):(?P<seconds>[0-5]\d(?:\.\d{1,6})?))?"
)
BITS = ((SmallInteger, 15), (BigInteger, 63), (Integer, 31))
KINDS: dict[type, str] = {
    bool: "is neither true nor false",
    int: "is not a whole number",
    float: "is not a number",
    Decimal: "is not a number",
    str: "is not text",
    bytes: r"is neither base64 nor hexadecimal after \x",
    date: "is not a date like 2024-12-31",
    datetime: "is not a time like 2024-12-31T23:59:59Z",
    time: "is not a time of day like 23:59:59",
    timedelta: "is not a span like 3 days, 12:00:00",
    uuid.UUID: "is not a UUID",
    list: "is not a list",
}


class UnfitError(ValueError):
    """The value does not fit its column; the message says why, as what follows the value."""


class Plain(str):
    """A bare word of YAML or a number of JSON: its column says what it is.

    In a JSON column it is what JSON would make of it.
    """

    __slots__ = ()


def fitted(column: Column[Any], value: Any, *, parsed: bool = True) -> Any:  # noqa: ANN401 - a column's value
    """`value` as the column's Python type. Raises UnfitError.

    `parsed` is False where the file has nothing but text, as CSV: then JSON is text, too.
    """
    if value is None:
        if not column.nullable:
            raise UnfitError("is empty, a value is needed")
        return None
    made = converted(column.type, value, parsed=parsed)
    require_fit(plain(column.type), made)
    return made


def converted(kind: TypeEngine[Any], value: Any, *, parsed: bool = True) -> Any:  # noqa: ANN401
    """`value` in the Python type of `kind`, lengths and ranges unseen. Raises UnfitError."""
    inner = plain(kind)
    try:
        if isinstance(kind, TypeDecorator) and _is_its_own(inner, value):
            return value
        return _convert(inner, value, parsed=parsed)
    except UnfitError:
        raise
    except (ValueError, InvalidOperation, TypeError, OverflowError) as error:
        raise UnfitError(KINDS.get(python_type(inner), "does not fit")) from error


def has_default(column: Column[Any]) -> bool:
    """Whether a column that takes no NULL may be left out."""
    counts = column.table.autoincrement_column is column
    given = not (column.default is None and column.server_default is None)
    return not column.nullable and (given or counts or column.identity is not None)


def plain(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """The type that decides length and range, without the project's decoration."""
    if isinstance(kind, TypeDecorator) and not isinstance(kind, Interval):
        return kind.impl_instance
    return kind


def python_type(kind: TypeEngine[Any]) -> type:
    """The type of its values; `object` where it does not say."""
    try:
        return kind.python_type
    except NotImplementedError:
        return object


def _is_its_own(inner: TypeEngine[Any], value: Any) -> bool:  # noqa: ANN401
    """Whether only the project's own type can know what the value means: JSON kept as text, say."""
    wanted = python_type(inner)
    return wanted is bytes or (wanted is str and isinstance(value, list | dict))


def _convert(kind: TypeEngine[Any], value: Any, *, parsed: bool) -> Any:  # noqa: ANN401
    if isinstance(kind, Enum):
        return _member(kind, value)
    if isinstance(kind, JSON):
        return _document(value, parsed=parsed)
    if isinstance(kind, ARRAY):
        return _array(kind, value, parsed=parsed)
    if isinstance(kind, DateTime):
        return _moment(value, zoned=kind.timezone)
    wanted = python_type(kind)
    if wanted is object or type(value) is wanted:
        return value
    convert = CONVERSIONS.get(wanted)
    return convert(value) if convert else value


def _member(kind: Enum, value: Any) -> Any:  # noqa: ANN401
    if str(value) not in kind.enums:
        raise UnfitError(f"is none of {', '.join(kind.enums)}")
    return kind.enum_class[str(value)] if kind.enum_class else str(value)


def _document(value: Any, *, parsed: bool) -> Any:  # noqa: ANN401
    """A JSON value. Raises UnfitError for what JSON cannot hold."""
    try:
        made = unworded(value) if parsed else json.loads(value, parse_constant=_no_constant)
        text = json.dumps(made, allow_nan=False)
    except RecursionError:
        raise UnfitError(f"has more than {DEPTH} lists and mappings in each other") from None
    except (ValueError, TypeError):
        raise UnfitError("is not JSON") from None
    if "\\u0000" in text:
        raise UnfitError("holds a NUL character")
    return made


def _no_constant(word: str) -> None:
    raise ValueError(word)


def unworded(value: Any, depth: int = 0) -> Any:  # noqa: ANN401
    """A value of a file without `Plain` in it. Raises RecursionError below `DEPTH`."""
    if depth > DEPTH:
        raise RecursionError
    if isinstance(value, dict):
        return {str(key): unworded(one, depth + 1) for key, one in value.items()}
    if isinstance(value, list):
        return [unworded(one, depth + 1) for one in value]
    return _scalar(value) if isinstance(value, Plain) else value


def _scalar(word: Plain) -> Any:  # noqa: ANN401
    """A bare word as JSON reads it, else as text: `true`, 1.5; but 010 and `no` are text."""
    try:
        return json.loads(word, parse_constant=_no_constant)
    except ValueError:
        return str(word)


def _array(kind: ARRAY[Any], value: Any, *, parsed: bool) -> list[Any]:  # noqa: ANN401
    """A list of the array's type; of `dimensions` in each other where it has several."""
    found = value if parsed else json.loads(value, parse_constant=_no_constant)
    if not isinstance(found, list):
        raise TypeError(value)
    return [_element(kind, one) for one in found]


def _element(kind: ARRAY[Any], value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, list):
        return [_element(kind, one) for one in value]
    if value is None:
        return None
    made = converted(kind.item_type, value)
    require_fit(plain(kind.item_type), made)
    return made


def _moment(value: Any, *, zoned: bool) -> datetime:  # noqa: ANN401
    """ISO 8601; without a zone it is UTC, and a column without one holds UTC."""
    made = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    made = made.astimezone(UTC) if made.tzinfo else made.replace(tzinfo=UTC)
    return made if zoned else made.replace(tzinfo=None)


def _text(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, list | dict) or (isinstance(value, float) and not math.isfinite(value)):
        raise TypeError(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _whole(value: Any) -> int:  # noqa: ANN401
    """Digits: Python's own underscores, blanks and other scripts are no numbers in a database."""
    if isinstance(value, bool) or not _DIGITS.fullmatch(str(value)):
        raise ValueError(value)
    return int(str(value))


def _decimal(value: Any) -> Decimal:  # noqa: ANN401
    if isinstance(value, bool) or not _NUMBER.fullmatch(str(value)):
        raise ValueError(value)
    made = Decimal(str(value))
    if not made.is_finite():
        raise ValueError(value)
    return made


def _bytes(value: Any) -> bytes:  # noqa: ANN401
    r"""Hexadecimal after \x, else base64."""
    if not isinstance(value, str):
        raise TypeError(value)
    if value.startswith("\\x"):
        return bytes.fromhex(value[2:])
    return base64.b64decode(value, validate=True)


def _span(value: Any) -> timedelta:  # noqa: ANN401
    """Seconds, or days and a clock: `90.5`, `3 days, 12:00:00`."""
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        match = _SPAN.fullmatch(value)
        if not (value and match):
            raise ValueError(value)
        parts = {name: float(match[name] or 0) for name in ("days", "hours", "minutes", "seconds")}
        return -timedelta(**parts) if match["sign"] else timedelta(**parts)
    return timedelta(seconds=float(_decimal(value)))


def _truth(value: Any) -> bool:  # noqa: ANN401
    return WORDS[str(value).lower()] if str(value).lower() in WORDS else bool(int("no"))


CONVERSIONS: dict[type, Callable[[Any], Any]] = {
    bool: _truth,
    int: _whole,
    float: lambda value: float(_decimal(value)),
    Decimal: _decimal,
    str: _text,
    bytes: _bytes,
    date: lambda value: date.fromisoformat(str(value)),
    time: lambda value: time.fromisoformat(str(value)),
    timedelta: _span,
    uuid.UUID: lambda value: uuid.UUID(str(value)),
}


def require_fit(kind: TypeEngine[Any], value: Any) -> None:  # noqa: ANN401
    """Raises UnfitError when a value of the right type is too long, too large or no value."""
    if isinstance(value, str):
        _require_text(kind, value)
    elif isinstance(value, float) and not math.isfinite(value):
        raise UnfitError("is not a finite number")
    elif isinstance(kind, Integer) and isinstance(value, int):
        low, high = bounds(kind)
        if not low <= value <= high:
            raise UnfitError(f"does not fit into {(high + 1).bit_length()} bits")
    elif isinstance(kind, Numeric) and isinstance(value, Decimal):
        _require_digits(kind, value)


def bounds(kind: Integer) -> tuple[int, int]:
    """The smallest and the largest number that an integer type holds."""
    bits = next(bits for type_, bits in BITS if isinstance(kind, type_))
    return -(2**bits), 2**bits - 1


def _require_text(kind: TypeEngine[Any], value: str) -> None:
    if "\0" in value:
        raise UnfitError("holds a NUL character")
    if not value.isascii() and _HALF.search(value):
        raise UnfitError("holds half a character (a lone surrogate)")
    limit = kind.length if isinstance(kind, String) else None
    if limit and len(value) > limit:
        raise UnfitError(f"has {len(value):,} characters, {limit:,} fit")


def _require_digits(kind: Numeric[Any], value: Decimal) -> None:
    if kind.precision is None:
        return
    scale = kind.scale or 0
    if value != round(value, scale) or abs(value) >= Decimal(10) ** (kind.precision - scale):
        raise UnfitError(f"does not fit into numeric({kind.precision}, {scale})")
