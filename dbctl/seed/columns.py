"""Whole columns of a file's rows into what the driver takes: one closure a column.

Clean values are checked together, by a search over their joined text or by their minimum and
maximum, which costs a fraction of a look at each. Only when that fails each is looked at, to say
which one does not fit and why.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Column, Dialect
from sqlalchemy.types import Boolean, Enum, Float, Integer, Numeric, String, TypeDecorator

from dbctl.seed import values
from dbctl.seed.values import UnfitError

Quick = Callable[[Sequence[Any]], Sequence[Any] | None]
_NO_DIGIT = re.compile(r"[^0-9+-]")
_NO_NUMBER = re.compile(r"[^0-9.eE+-]")
_HALF = re.compile(r"[\ud800-\udfff]")
_TRUTH = {"true": True, "false": False, "1": True, "0": False, "True": True, "False": False}
# What a project's own code may raise about a value of its own type.
COMPLAINTS = (ValueError, TypeError, ArithmeticError, LookupError, AttributeError)


@dataclass(frozen=True)
class Unfit:
    """One value that does not fit: its place among the given ones, and why."""

    at: int
    value: Any
    reason: str


class Fit:
    """What makes one column's values: `of` gives them, and those that do not fit."""

    def __init__(
        self, column: Column[Any], dialect: Dialect, *, parsed: bool, bound: bool = True
    ) -> None:
        self.column = column
        self.parsed = parsed
        self._quick = _quick(column)
        impl = column.type.dialect_impl(dialect)
        # Of a truth value SQLAlchemy's own processor says once more that it is one.
        bound = bound and not isinstance(column.type, Boolean)
        self._bind = impl.bind_processor(dialect) if bound else None

    def of(self, given: Sequence[Any], *, gaps: bool) -> tuple[Sequence[Any], Sequence[Unfit]]:
        """The values as the driver takes them.

        Where there are `gaps`, None stays None, whether or not it may be.
        """
        if gaps:
            return self._with_gaps(given)
        made = self._quick(given) if self._quick else None
        if made is None:
            return self._one_by_one(given)
        if self._bind is None:
            return made, ()
        try:
            return list(map(self._bind, made)), ()
        except COMPLAINTS:
            return self._one_by_one(given)

    def _with_gaps(self, given: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Unfit]]:
        places = [at for at, value in enumerate(given) if value is not None]
        made, unfit = self.of([given[at] for at in places], gaps=False) if places else ((), ())
        result: list[Any] = [None] * len(given)
        for at, value in zip(places, made, strict=True):
            result[at] = value
        return result, [Unfit(places[one.at], one.value, one.reason) for one in unfit]

    def _one_by_one(self, given: Sequence[Any]) -> tuple[list[Any], list[Unfit]]:
        made: list[Any] = []
        unfit: list[Unfit] = []
        for at, value in enumerate(given):
            try:
                made.append(self.one(value))
            except UnfitError as error:
                made.append(None)
                unfit.append(Unfit(at, value, str(error)))
        return made, unfit

    def one(self, value: Any) -> Any:  # noqa: ANN401 - a column's value
        """One value. Raises UnfitError."""
        made = values.fitted(self.column, value, parsed=self.parsed)
        try:
            return self._bind(made) if self._bind else made
        except COMPLAINTS as error:
            text = " ".join(str(error).split()) or type(error).__name__
            raise UnfitError(f"is refused by its type: {text}") from error


def _quick(column: Column[Any]) -> Quick | None:
    """A check of many values at once; it gives None when one of them needs a look."""
    kind = values.plain(column.type)
    if isinstance(column.type, TypeDecorator) and values.python_type(kind) is bytes:
        return None
    for type_, maker in QUICK:
        if isinstance(kind, type_):
            return _of_text(maker(kind))
    return None


def _of_text(check: Callable[[Sequence[str], str], Sequence[Any] | None]) -> Quick:
    """A check that sees text alone: what JSON gives as something else is looked at one by one."""

    def quick(given: Sequence[Any]) -> Sequence[Any] | None:
        try:
            return check(given, "".join(given))
        except TypeError:
            return None

    return quick


def _text(kind: String) -> Callable[[Sequence[str], str], Sequence[Any] | None]:
    limit = kind.length

    def check(given: Sequence[str], joined: str) -> Sequence[Any] | None:
        if "\0" in joined or not (joined.isascii() or not _HALF.search(joined)):
            return None
        if limit and max(map(len, given)) > limit:
            return None
        return given if type(given[0]) is str else list(map(str, given))

    return check


def _member(kind: Enum) -> Callable[[Sequence[str], str], Sequence[Any] | None]:
    found: dict[str, Any] = {
        name: kind.enum_class[name] if kind.enum_class else name for name in kind.enums
    }
    return lambda given, _: _looked_up(found, given)


def _truth(_: Boolean) -> Callable[[Sequence[str], str], Sequence[Any] | None]:
    return lambda given, _: _looked_up(_TRUTH, given)


def _looked_up(found: dict[str, Any], given: Sequence[str]) -> list[Any] | None:
    try:
        return list(map(found.__getitem__, given))
    except KeyError:
        return None


def _whole(kind: Integer) -> Callable[[Sequence[str], str], Sequence[Any] | None]:
    low, high = values.bounds(kind)

    def check(given: Sequence[str], joined: str) -> Sequence[Any] | None:
        if _NO_DIGIT.search(joined):
            return None
        try:
            made = list(map(int, given))
        except ValueError:
            return None
        return made if low <= min(made) and max(made) <= high else None

    return check


def _decimal(kind: Numeric[Any]) -> Callable[[Sequence[str], str], Sequence[Any] | None]:
    """Digits and a point, no more before and after it than fit."""
    if kind.precision is None or values.python_type(kind) is not Decimal:
        return lambda *_: None
    scale = kind.scale or 0
    before = kind.precision - scale
    after = rf"(?:\.[0-9]{{1,{scale}}})?" if scale else ""
    clean = re.compile(rf"(?:-?[0-9]{{1,{before}}}{after}\n)*") if before > 0 else None

    def check(given: Sequence[str], joined: str) -> Sequence[Any] | None:
        if clean is None or "\n" in joined or not clean.fullmatch("\n".join([*given, ""])):
            return None
        return list(map(Decimal, given))

    return check


def _float(_: Float[Any]) -> Callable[[Sequence[str], str], Sequence[Any] | None]:
    def check(given: Sequence[str], joined: str) -> Sequence[Any] | None:
        if _NO_NUMBER.search(joined):
            return None
        try:
            made = list(map(float, given))
        except (ValueError, InvalidOperation):
            return None
        return made if max(map(abs, made)) < float("inf") else None

    return check


# The first that fits: an Enum is a String, and a Float was a Numeric before SQLAlchemy 2.1.
QUICK: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (Enum, _member),
    (String, _text),
    (Boolean, _truth),
    (Integer, _whole),
    (Float, _float),
    (Numeric, _decimal),
)
