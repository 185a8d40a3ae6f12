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
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any
from uuid import UUID

from dbctl.errors import UsageError

Codec = tuple[Callable[[Any], Any], Callable[[Any], Any]]
LONGEST = 1_000_000
FAULTS = (ValueError, TypeError, KeyError, ArithmeticError, InvalidOperation, RecursionError)


def _same(kind: type[Any]) -> Codec:
    """JSON has this type itself."""

    def read(value: Any) -> Any:  # noqa: ANN401 - checked here
        if type(value) is not kind:
            raise TypeError
        return value

    return (lambda value: value), read


CODECS: dict[type[Any], Codec] = {
    bool: _same(bool),
    int: _same(int),
    str: _same(str),
    float: (repr, float),
    Decimal: (str, Decimal),
    datetime: (datetime.isoformat, datetime.fromisoformat),
    date: (date.isoformat, date.fromisoformat),
    time: (time.isoformat, time.fromisoformat),
    timedelta: (timedelta.total_seconds, lambda seconds: timedelta(seconds=float(seconds))),
    UUID: (str, UUID),
    bytes: (bytes.hex, bytes.fromhex),
}


def is_written(kind: type[Any]) -> bool:
    """Whether values of this type can stand in a cursor."""
    return kind in CODECS or issubclass(kind, Enum)


def written(of: Sequence[Any], kinds: Sequence[type[Any]], values: Sequence[Any]) -> str:
    """The cursor behind a row that stands at `values`; `of` tells this list from others."""
    told = [
        None if one is None else _codec(k)[0](one) for k, one in zip(kinds, values, strict=True)
    ]
    text = json.dumps([_list(of), told], separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read(of: Sequence[Any], kinds: Sequence[type[Any]], cursor: str) -> list[Any]:
    """The values that were written. Raises UsageError for what is no cursor of this list."""
    try:
        list_, told = json.loads(_decoded(cursor))
        if list_ != _list(of) or len(told) != len(kinds):
            raise ValueError
        return [
            None if one is None else _codec(k)[1](one) for k, one in zip(kinds, told, strict=True)
        ]
    except FAULTS:
        raise refused() from None


def refused() -> UsageError:
    """What is said of a cursor that cannot be used."""
    return UsageError(
        "this is no cursor of this list",
        hint="take `next` of the page before, with the same search, sort and filters",
    )


def _decoded(cursor: str) -> bytes:
    """Raises ValueError (binascii.Error is one) for what is not written like a cursor."""
    if len(cursor) > LONGEST:
        raise ValueError
    text = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
    decoded = urlsafe_b64decode(text)
    # Python's decoder leaves out letters that are not its own: such a word is damaged.
    if urlsafe_b64encode(decoded).rstrip(b"=") != cursor.encode("ascii"):
        raise binascii.Error
    return decoded


def _codec(kind: type[Any]) -> Codec:
    if issubclass(kind, Enum):
        return (lambda member: member.name), (lambda name: kind[name])
    return CODECS[kind]


def _list(of: Sequence[Any]) -> str:
    """A few letters that differ between two lists, and are the same in every process."""
    return hashlib.blake2s(repr(of).encode("utf-8", "replace"), digest_size=6).hexdigest()
