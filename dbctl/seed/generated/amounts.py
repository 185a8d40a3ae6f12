"""Numbers: whole, decimal and floating, in the range that name, type and CHECK allow."""

from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from random import Random
from typing import Any

from sqlalchemy import BigInteger, Float, Integer, SmallInteger

from dbctl.errors import SeedRefusedError
from dbctl.seed.generated.checks import Value
from dbctl.seed.generated.field import Field
from dbctl.seed.generated.makers import Counter, Each, Maker
from dbctl.seed.generated.words import listed

MONEY = frozenset(
    listed("price amount total cost balance salary fee revenue budget subtotal payment tax")
)
_POOL = 1021  # a prime
_BITS = ((SmallInteger, 15), (BigInteger, 63), (Integer, 31))
_ENDINGS = (0, 50, 90, 95, 99)  # cents as shops like them
_RANGES: tuple[tuple[str, tuple[str, str]], ...] = (
    ("salary", ("28000", "96000")),
    ("balance", ("0", "2500")),
    ("latitude lat", ("-60", "70")),
    ("longitude lon lng", ("-180", "180")),
    ("age", ("18", "90")),
    ("year", ("1990", "2025")),
    ("month", ("1", "12")),
    ("day", ("1", "28")),
    ("weekday", ("0", "6")),
    ("hour", ("0", "23")),
    ("minute", ("0", "59")),
    ("rating stars score grade", ("1", "5")),
    ("percent percentage progress discount", ("0", "100")),
    ("rate ratio probability share", ("0", "1")),
    ("position order rank sort priority level ordinal", ("1", "10")),
    ("port", ("1024", "49151")),
    ("quantity qty count stock units", ("1", "120")),
    ("duration seconds", ("5", "7200")),
)
_MONEY_RANGE, _ANY_RANGE = (Decimal(1), Decimal(500)), (Decimal(0), Decimal(1000))


def is_money(words: Sequence[str]) -> bool:
    """Whether a column of these words holds an amount of money."""
    return bool(MONEY.intersection(words))


def amounts(field: Field) -> Maker:
    """A maker of numbers. Raises SeedRefusedError when a unique column has too few."""
    step = _step(field)
    if field.unique:
        return _counted(field, step)
    low, high = _bounds(field, step)
    values = [one for one in _spread(field, low, high, step) if one not in field.limit.excluded]
    if not values:
        raise SeedRefusedError(f"no number keeps to every CHECK of {field.label}")
    return field.turns([_typed(field, one) for one in values], field.name)


def _step(field: Field) -> Decimal:
    """The distance between two numbers of the column's type."""
    if isinstance(field.kind, Integer):
        return Decimal(1)
    scale = getattr(field.kind, "scale", None)
    if isinstance(field.kind, Float) or scale is None:
        scale = 2 if is_money(field.words) or getattr(field.kind, "precision", None) is None else 0
    return Decimal(1).scaleb(-scale)


def _bounds(field: Field, step: Decimal) -> tuple[Decimal, Decimal]:
    """The smallest and the largest number, both fitting."""
    low, high = _usual(field)
    smallest, largest = _allowed(field, step)
    width = high - low
    if smallest is not None and low < smallest:
        low, high = smallest, max(high, smallest + width)
    if largest is not None and high > largest:
        high = largest
        low = low if low <= high else max(high - width, high if smallest is None else smallest)
    part = (high - low) / field.limit.ranks
    low, high = low + part * field.limit.rank, low + part * (field.limit.rank + 1)
    if field.limit.rank + 1 < field.limit.ranks:
        high -= step
    return low.quantize(step, ROUND_CEILING), high.quantize(step, ROUND_FLOOR)


def _usual(field: Field) -> tuple[Decimal, Decimal]:
    """What a column of this name holds; columns in an order must begin with one range."""
    if field.limit.ranks > 1:
        return _ANY_RANGE
    names = set(field.words)
    for known, (low, high) in _RANGES:
        if names.intersection(known.split()):
            return Decimal(low), Decimal(high)
    return _MONEY_RANGE if is_money(field.words) else _ANY_RANGE


def _allowed(field: Field, step: Decimal) -> tuple[Decimal | None, Decimal | None]:
    """What CHECK and type allow at most; None where they set no bound."""
    limit, largest = field.limit, _largest(field, step)
    lows = [_number(limit.low), _number(limit.above, step), None if largest is None else -largest]
    highs = [_number(limit.high), _number(limit.below, -step), largest]
    return (
        max((one for one in lows if one is not None), default=None),
        min((one for one in highs if one is not None), default=None),
    )


def _number(bound: Value | None, beyond: Decimal = Decimal(0)) -> Decimal | None:
    return bound + beyond if isinstance(bound, Decimal) else None


def _largest(field: Field, step: Decimal) -> Decimal | None:
    if isinstance(field.kind, Integer):
        bits = next(bits for kind, bits in _BITS if isinstance(field.kind, kind))
        return Decimal(2**bits - 1)
    precision = getattr(field.kind, "precision", None)
    if isinstance(field.kind, Float) or precision is None:
        return None
    return Decimal(1).scaleb(precision) * step - step


def _spread(field: Field, low: Decimal, high: Decimal, step: Decimal) -> list[Decimal]:
    """Numbers from low to high; of prices more small ones than large."""
    places = int((high - low) / step) + 1
    if places <= _POOL:
        return [low + step * at for at in range(max(places, 1))]
    chance = Random(field.number("amounts", field.name))  # noqa: S311 - nothing to guess
    bend = 3 if is_money(field.words) else 1
    found = [low + step * int(places * chance.random() ** bend) for _ in range(_POOL)]
    if step == Decimal("0.01") and is_money(field.words):
        found = [_priced(one, low, high, at) for at, one in enumerate(found)]
    return found


def _priced(value: Decimal, low: Decimal, high: Decimal, at: int) -> Decimal:
    priced = value // 1 + Decimal(_ENDINGS[at % len(_ENDINGS)]).scaleb(-2)
    return priced if low <= priced <= high else value


def _typed(field: Field, value: Decimal) -> Any:  # noqa: ANN401 - int, float or Decimal
    if isinstance(field.kind, Integer):
        return int(value)
    return value if getattr(field.kind, "asdecimal", False) else float(value)


def _counted(field: Field, step: Decimal) -> Maker:
    """One number after the other, behind the largest that is there."""
    smallest, largest = _allowed(field, step)
    least = int((smallest or Decimal(0)).to_integral_value(ROUND_CEILING))
    first = max(field.largest + 1, least, 1)
    last = first + (field.stop - field.start) - 1
    if largest is not None and last > largest:
        raise SeedRefusedError(
            f"{field.label} is unique and ends at {largest}; {last} would be needed",
            hint=f"ask for fewer rows of {field.table}",
        )
    if isinstance(field.kind, Integer):
        return Counter(first - field.start)
    return Each(lambda index: _typed(field, Decimal(first + index - field.start)))
