"""The cursor of a page: where the next one begins, as one word that means nothing to a reader.

It holds the last row's place in the order, never a number of rows: what is inserted or deleted in
the meantime moves nothing. It is not secret and not signed; it can only say where a list begins,
and one of another list, or a damaged one, is refused.
"""

import binascii
import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from dbctl.errors import UsageError

LONGEST = 1_000_000
FAULTS = (ValueError, TypeError, LookupError, ArithmeticError, RecursionError)
PLAIN = (bool, int, str)  # JSON has these itself
# How others are written and read; the names stand in cursors.
CODECS: dict[str, tuple[type[Any], Callable[[Any], Any], Callable[[Any], Any]]] = {
    "float": (float, repr, float),
    "decimal": (Decimal, str, Decimal),
    "datetime": (datetime, datetime.isoformat, datetime.fromisoformat),
    "date": (date, date.isoformat, date.fromisoformat),
    "time": (time, time.isoformat, time.fromisoformat),
    "span": (
        timedelta,
        lambda one: one // timedelta(microseconds=1),
        lambda number: timedelta(microseconds=number),
    ),
    "uuid": (UUID, str, UUID),
    "bytes": (bytes, bytes.hex, bytes.fromhex),
}


class CursorError(UsageError):
    """This is no cursor of the list."""


def is_written(kind: type[Any]) -> bool:
    """Whether values of this type can stand in a cursor."""
    return issubclass(kind, (*PLAIN, Enum, *(known for known, _, _ in CODECS.values())))


def written(of: Sequence[Any], values: Sequence[Any]) -> str:
    """The cursor behind a row that stands at `values`; `of` tells this list from others."""
    text = json.dumps([_list(of), [_told(one) for one in values]], separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read(of: Sequence[Any], kinds: Sequence[type[Any]], cursor: str) -> list[Any]:
    """The values that were written. Raises UsageError for what is no cursor of this list."""
    try:
        list_, told = json.loads(_decoded(cursor))
        if list_ != _list(of) or len(told) != len(kinds):
            raise ValueError
        return [_read(one, kind) for one, kind in zip(told, kinds, strict=True)]
    except FAULTS:
        raise refused() from None


def refused() -> UsageError:
    """What is said of a cursor that cannot be used."""
    return CursorError(
        "this is no cursor of this list",
        hint="take `next` of the page before, with the same search, sort and filters",
    )


def _told(value: Any) -> Any:  # noqa: ANN401 - of any type
    """A value as JSON."""
    if isinstance(value, Enum):
        return ["enum", value.name]
    if value is None or isinstance(value, PLAIN):
        return value
    for name, (kind, write, _) in CODECS.items():
        if isinstance(value, kind):
            return [name, write(value)]
    raise UsageError(f"cannot sort by values like {type(value).__name__}")


def _read(told: Any, kind: type[Any]) -> Any:  # noqa: ANN401 - of any type
    """The value again. Raises one of FAULTS."""
    if isinstance(told, int) and not -(2**63) <= told < 2**63:
        raise ValueError
    if isinstance(told, str) and not is_storable(told):
        raise ValueError
    if told is None or isinstance(told, PLAIN):
        return told
    name, text = told
    return kind[text] if name == "enum" else CODECS[name][2](text)


def is_storable(text: str) -> bool:
    """Whether PostgreSQL could hold it: no NUL, no half character."""
    return not any(char == "\0" or "\ud800" <= char <= "\udfff" for char in text)


def _decoded(cursor: str) -> bytes:
    """Raises ValueError (binascii.Error is one) for what is not written like a cursor."""
    if len(cursor) > LONGEST:
        raise ValueError
    plain = cursor.encode("ascii")
    decoded = urlsafe_b64decode(plain + b"=" * (-len(plain) % 4))
    # Python's decoder leaves out letters that are not its own: such a word is damaged.
    if urlsafe_b64encode(decoded).rstrip(b"=") != plain:
        raise binascii.Error
    return decoded


def _list(of: Sequence[Any]) -> str:
    """A few letters that differ between two lists, and are the same in every process."""
    return hashlib.blake2s(repr(of).encode("utf-8", "replace"), digest_size=6).hexdigest()
