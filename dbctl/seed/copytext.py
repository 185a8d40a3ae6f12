"""Values in the text form of PostgreSQL's COPY: tabs between them, a line a row.

For numbers it costs a tenth of the binary form, and a clean text is its own.

Source: PostgreSQL manual, COPY, "Text Format".
"""

from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import JSON
from sqlalchemy.types import TypeEngine

from dbctl.seed import values

NULL = "\\N"
_SPECIAL = ("\\", "\t", "\n", "\r")
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def knows(kind: TypeEngine[Any]) -> bool:
    """Whether the values of a type have a text here."""
    inner = values.plain(kind)
    return isinstance(inner, JSON) or values.python_type(inner) in KINDS


def escaped(given: Sequence[str], joined: str) -> Sequence[str]:
    """Texts as they stand in a line; `joined` is all of them."""
    # Four searches for one character are ten times as fast as one for a set of four.
    if any(character in joined for character in _SPECIAL):
        return [text.translate(_ESCAPES) for text in given]
    return given


def one(value: Any) -> str | None:  # noqa: ANN401 - as the driver would take it
    """One value; None stays None. Raises TypeError for a type without a text."""
    if value is None:
        return None
    render = KINDS.get(type(value)) or _inherited(value)
    return render(value)


def column(given: Sequence[Any]) -> Sequence[str | None]:
    """Values of one type mostly, which is then looked up once."""
    kinds = set(map(type, given))
    if len(kinds) != 1 or (render := KINDS.get(kinds.pop())) is None:
        return list(map(one, given))
    return escaped(given, "".join(given)) if render is _text else list(map(render, given))


def lines(columns: Sequence[Sequence[Any]], gaps: Collection[int]) -> bytes:
    """The rows of these columns, of which those at `gaps` have NULLs; nothing for no columns."""
    whole = [
        [NULL if text is None else text for text in column] if at in gaps else column
        for at, column in enumerate(columns)
    ]
    joined = list(map("\t".join, zip(*whole, strict=True)))
    joined.append("")
    return "\n".join(joined).encode()


def _inherited(value: Any) -> Callable[[Any], str]:  # noqa: ANN401
    for kind, render in KINDS.items():
        if isinstance(value, kind):
            return render
    raise TypeError(f"{type(value).__name__} has no text for COPY")


def _text(value: str) -> str:
    return value.translate(_ESCAPES)


def _span(value: timedelta) -> str:
    return f"{value.days} days {value.seconds}.{value.microseconds:06d} seconds"


# bool before int, which it is one of; datetime before date.
KINDS: dict[type, Callable[[Any], str]] = {
    str: _text,
    bool: lambda value: "t" if value else "f",
    int: str,
    float: repr,
    Decimal: str,
    datetime: datetime.isoformat,
    date: date.isoformat,
    time: time.isoformat,
    timedelta: _span,
    UUID: str,
    bytes: lambda value: f"\\\\x{value.hex()}",
}
