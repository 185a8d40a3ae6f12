"""Values that are not text, by the type of their column and then by its name."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    Boolean,
    Date,
    DateTime,
    Enum,
    Float,
    Integer,
    Interval,
    LargeBinary,
    Numeric,
    String,
    Time,
    Uuid,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

from dbctl.seed.generated import codes, roles, words
from dbctl.seed.generated.amounts import amounts
from dbctl.seed.generated.field import Field, Make
from dbctl.seed.generated.makers import Cycle, Each, Maker, Sometimes
from dbctl.seed.generated.words import listed

ANCHOR = datetime(2026, 1, 1, tzinfo=UTC)  # "now" for generated rows, on whatever day they are made
DELETED = frozenset({"deleted", "removed", "trashed"})
_ENDED = frozenset(
    listed("revoked cancelled canceled archived banned blocked locked suspended failed disabled")
)
_NEVER = frozenset(listed("superuser admin staff root sudo"))
_SELDOM = _ENDED | frozenset(listed("private hidden internal spam draft"))
_POOL = 4093  # values of a pool that is made, not written: a prime
_YEAR = 365
# Days before (-) and after the anchor.
_SPANS: tuple[tuple[frozenset[str], tuple[int, int]], ...] = (
    (frozenset(listed("birth birthday born dob")), (-75 * _YEAR, -18 * _YEAR)),
    (frozenset(listed("created joined registered signup hired founded")), (-3 * _YEAR, -_YEAR)),
    (frozenset(listed("updated modified changed")), (-_YEAR, -60)),
    (DELETED | _ENDED, (-60, 0)),
    (frozenset(listed("expires expire expiry due until deadline scheduled renewal")), (1, _YEAR)),
)
_PAST = (-3 * _YEAR, 0)


def maker(field: Field) -> Maker | None:
    """What makes the values of `field`; None when a value of its type cannot be made."""
    made = chosen(field) if field.limit.choices else _by_type(field)
    if made is None or not field.nullable or field.unique:
        return made
    return Sometimes(made, field.some(_filled(field), *_gate(field)))


def _filled(field: Field) -> float:
    """The share of the rows in which a column that may be NULL is not."""
    if DELETED.intersection(field.words):
        return field.run.deleted
    return 0.05 if _ENDED.intersection(field.words) else 0.9


def _gate(field: Field) -> tuple[str, ...]:
    """Columns that say the same of a row say it together: `is_deleted` and `deleted_at`."""
    return ("deleted",) if DELETED.intersection(field.words) else (field.name, "null")


def chosen(field: Field) -> Cycle:
    """What a CHECK lists."""
    listed = field.limit.choices
    values: list[Any] = [str(one) for one in listed]
    if isinstance(field.kind, Integer):
        values = [int(one) for one in listed]
    elif isinstance(field.kind, Numeric | Float):
        values = [Decimal(one) for one in listed]
    if field.unique:
        field.require(len(values))
    return field.turns(values, field.name)


def _by_type(field: Field) -> Maker | None:
    make = next((make for kind, make in KINDS if isinstance(field.kind, kind)), None)
    return make(field) if make else None


def _enum(field: Field) -> Maker:
    assert isinstance(field.kind, Enum)  # noqa: S101 - KINDS says so
    if field.unique:
        field.require(len(field.kind.enums))
    return field.turns(field.kind.enums, field.name)


def _boolean(field: Field) -> Maker:
    if field.unique:
        field.require(2)
        return field.turns((False, True), field.name)
    if DELETED.intersection(field.words):
        return field.some(field.run.deleted, *_gate(field))
    if _NEVER.intersection(field.words):  # all know the password: nobody of these may do much
        return Cycle((False,))
    return field.some(0.05 if _SELDOM.intersection(field.words) else 0.9, field.name)


def _uuid(field: Field) -> Maker:
    made = codes.identifiers(field)
    return made if getattr(field.kind, "as_uuid", True) else codes.as_text(made)


def _json(field: Field) -> Maker:
    pools = field.run.pools
    tags = [
        [pools.nouns[at].lower(), pools.nouns[at + 1].lower()] for at in range(len(pools.nouns) - 1)
    ]
    if field.name.endswith("s") and not field.name.endswith(("settings", "options", "details")):
        return field.turns(tags, field.name)
    settings = [
        {"theme": colour, "language": country[3], "page_size": size, "beta": size > 25}  # noqa: PLR2004
        for colour in words.COLOURS
        for country, size in zip(words.COUNTRIES, (10, 25, 50) * 11, strict=False)
    ]
    return field.turns(settings, field.name)


def _array(field: Field) -> Maker | None:
    assert isinstance(field.kind, ARRAY)  # noqa: S101 - KINDS says so
    item = replace(field, kind=field.kind.item_type, unique=False, nullable=False, start=0)
    made = maker(item)
    if made is None:
        return None
    values = made(range(101))
    sizes = field.turns((0, 1, 2, 3, 2), field.name, "size").values
    return Cycle([values[at : at + sizes[at % len(sizes)]] for at in range(len(values))])


def _bytes(field: Field) -> Maker:
    size = min(field.length or 16, 16)
    start = field.number("bytes", field.name)
    return Each(lambda at: blake2b(b"%d %d" % (start, at), digest_size=size).digest())


def _span(field: Field) -> tuple[datetime, datetime]:
    """The first and the last moment that a column of this name may hold."""
    names = set(field.words)
    days = next((span for known, span in _SPANS if names & known), _PAST)
    if field.limit.ranks > 1:
        days = _PAST
    first, last = (ANCHOR + timedelta(days=one) for one in days)
    step = (last - first) / field.limit.ranks
    first, last = first + step * field.limit.rank, first + step * (field.limit.rank + 1)
    return _within(field, first, last)


def _within(field: Field, first: datetime, last: datetime) -> tuple[datetime, datetime]:
    """The span moved into what a CHECK says of dates."""
    width, limit = last - first, field.limit
    low = _read(limit.low) or _read(limit.above)
    high = _read(limit.high) or _read(limit.below)
    if low and low > first:
        first, last = low + timedelta(days=1), max(last, low + width)
    if high and high < last:
        last = high - timedelta(days=1)
        first = first if first < last else last - width
    return (max(first, low) if low else first), last


def _read(bound: object) -> datetime | None:
    try:
        made = datetime.fromisoformat(str(bound))
    except ValueError:
        return None
    return made if made.tzinfo else made.replace(tzinfo=UTC)


def _moments(field: Field, shape: Callable[[datetime], Any], apart: timedelta) -> Maker:
    """Moments of the span; of a unique column every one, `apart` from the next and back in time."""
    first, last = _span(field)
    if field.unique:
        field.require((last - datetime(1, 1, 2, tzinfo=UTC)) // apart)
        return Each(lambda index: shape(last - apart * (index + 1)))
    step = (last - first) / _POOL
    moments = [(first + step * at).replace(microsecond=0) for at in range(_POOL)]
    return field.turns([shape(moment) for moment in moments], field.name)


def _datetime(field: Field) -> Maker:
    zoned = getattr(field.kind, "timezone", False)
    shape = (lambda at: at) if zoned else (lambda at: at.replace(tzinfo=None))
    return _moments(field, shape, timedelta(seconds=61))


def _date(field: Field) -> Maker:
    return _moments(field, datetime.date, timedelta(days=1))


def _time(field: Field) -> Maker:
    zone = UTC if getattr(field.kind, "timezone", False) else None
    count = 86_399 if field.unique else 96
    if field.unique:
        field.require(count)
    seconds = [at * (86_400 // count) for at in range(count)]
    clock = [time(at // 3600, at // 60 % 60, at % 60, tzinfo=zone) for at in seconds]
    return field.turns(clock, field.name)


def _interval(field: Field) -> Maker:
    if field.unique:
        return Each(lambda index: timedelta(seconds=index + 1))
    return field.turns([timedelta(minutes=15 * at) for at in range(1, 98)], field.name)


def _network(field: Field) -> Maker:
    return roles.by_name(replace(field, name="ip"))


def _mac(field: Field) -> Maker:
    """RFC 7042 keeps 00-00-5E-00-53-xx for documentation."""
    if field.unique:
        field.require(256)
    return field.turns([f"00:00:5e:00:53:{at:02x}" for at in range(256)], field.name)


# The first line that fits decides.
KINDS: Sequence[
    tuple[
        type[TypeEngine[Any]] | tuple[type[TypeEngine[Any]], ...],
        Make | Callable[[Field], Maker | None],
    ]
] = (
    (Enum, _enum),
    (Boolean, _boolean),
    (Uuid, _uuid),
    (JSON, _json),
    (DateTime, _datetime),
    (Date, _date),
    (Time, _time),
    ((Interval, postgresql.INTERVAL), _interval),
    ((Integer, Numeric, Float), amounts),
    (LargeBinary, _bytes),
    (ARRAY, _array),
    (postgresql.INET, _network),
    (postgresql.MACADDR, _mac),
    (String, roles.by_name),
)
