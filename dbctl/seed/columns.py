"""Whole columns of a file's rows into what the driver takes: one closure a column.

Clean values are checked together, by a search over their joined text or by their minimum and
maximum, which costs a fraction of a look at each. Only when that fails each is looked at, to say
which one does not fit and why.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum as Choice
from typing import Any

from sqlalchemy import Column, Dialect
from sqlalchemy.types import Boolean, Enum, Float, Integer, Numeric, String, TypeDecorator

from dbctl.seed import copytext, values
from dbctl.seed.values import UnfitError

# Some values and their joined text into values of the right type; None when one needs a look.
Check = Callable[[Sequence[str], str], Sequence[Any] | None]
_NO_DIGIT = re.compile(r"[^0-9+-]")
_NO_NUMBER = re.compile(r"[^0-9.eE+-]")
_HALF = re.compile(r"[\ud800-\udfff]")
_TRUTH = {"true": True, "false": False, "1": True, "0": False, "True": True, "False": False}
# What a project's own code may raise about a value of its own type.
COMPLAINTS = (ValueError, TypeError, ArithmeticError, LookupError, AttributeError)


class Form(Choice):
    """How the driver takes values: bound by SQLAlchemy's types, as they are, or as text of COPY."""

    bound = "bound"
    plain = "plain"
    text = "text"


@dataclass(frozen=True)
class Unfit:
    """One value that does not fit: its place among the given ones, and why."""

    at: int
    value: Any
    reason: str


class Fit:
    """What makes one column's values: `of` gives them, and those that do not fit."""

    def __init__(self, column: Column[Any], dialect: Dialect, form: Form, *, parsed: bool) -> None:
        self._column, self._form, self._parsed = column, form, parsed
        # Of a truth value SQLAlchemy's own processor says once more that it is one.
        bound = form is not Form.plain and not isinstance(column.type, Boolean)
        impl = column.type.dialect_impl(dialect)
        self._bind = impl.bind_processor(dialect) if bound else None
        self._verbatim = form is Form.text and self._bind is None
        self._quick = _quick(column, verbatim=self._verbatim)

    def of(self, given: Sequence[Any], *, gaps: bool) -> tuple[Sequence[Any], Sequence[Unfit]]:
        """The values as the driver takes them.

        Where there are `gaps`, None stays None, whether or not it may be.
        """
        if gaps:
            return self._with_gaps(given)
        made = self._at_once(given)
        return self._one_by_one(given) if made is None else (made, ())

    def _at_once(self, given: Sequence[Any]) -> Sequence[Any] | None:
        """All of them; None when one of them needs a look."""
        if self._quick is None:
            return None
        try:
            joined = "".join(given)
        except TypeError:  # JSON gives more than text
            return None
        made = self._quick(given, joined)
        if made is None or self._bind is None:
            return copytext.escaped(given, joined) if made is not None and self._verbatim else made
        try:
            bound = list(map(self._bind, made))
            return copytext.column(bound) if self._form is Form.text else bound
        except COMPLAINTS:
            return None

    def _with_gaps(self, given: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Unfit]]:
        places = [at for at, value in enumerate(given) if value is not None]
        some = [given[at] for at in places]
        made, unfit = self.of(some, gaps=False) if some else ((), ())
        result: list[Any] = [None] * len(given)
        for at, value in zip(places, made, strict=True):
            result[at] = value
        return result, [Unfit(places[one.at], one.value, one.reason) for one in unfit]

    def _one_by_one(self, given: Sequence[Any]) -> tuple[list[Any], list[Unfit]]:
        made: list[Any] = []
        unfit: list[Unfit] = []
        for at, value in enumerate(given):
            try:
                made.append(self._one(value))
            except UnfitError as error:
                made.append(None)
                unfit.append(Unfit(at, value, str(error)))
        return made, unfit

    def _one(self, value: Any) -> Any:  # noqa: ANN401 - a column's value
        made = values.fitted(self._column, value, parsed=self._parsed)
        try:
            bound = self._bind(made) if self._bind else made
            return copytext.one(bound) if self._form is Form.text else bound
        except COMPLAINTS as error:
            text = " ".join(str(error).split()) or type(error).__name__
            raise UnfitError(f"is refused by its type: {text}") from error


def _quick(column: Column[Any], *, verbatim: bool) -> Check | None:
    """A check of many texts at once; `verbatim`: they stay what they are, nobody converts them."""
    kind = values.plain(column.type)
    if isinstance(column.type, TypeDecorator) and values.python_type(kind) is bytes:
        return None
    for type_, maker in QUICK:
        if isinstance(kind, type_):
            return maker(kind, verbatim)
    return None


def _text(kind: String, verbatim: bool) -> Check:
    limit = kind.length

    def check(given: Sequence[str], joined: str) -> Sequence[Any] | None:
        if "\0" in joined or not (joined.isascii() or not _HALF.search(joined)):
            return None
        if limit and max(map(len, given)) > limit:
            return None
        return given if verbatim or type(given[0]) is str else list(map(str, given))

    return check


def _member(kind: Enum, verbatim: bool) -> Check:
    found: dict[str, Any] = {
        name: kind.enum_class[name] if kind.enum_class else name for name in kind.enums
    }
    return _looked_up(found, verbatim)


def _truth(_: Boolean, verbatim: bool) -> Check:
    return _looked_up(_TRUTH, verbatim)


def _looked_up(found: dict[str, Any], verbatim: bool) -> Check:
    def check(given: Sequence[str], _: str) -> Sequence[Any] | None:
        if not found.keys() >= set(given):
            return None
        return given if verbatim else list(map(found.__getitem__, given))

    return check


def _whole(kind: Integer, verbatim: bool) -> Check:
    low, high = values.bounds(kind)

    def check(given: Sequence[str], joined: str) -> Sequence[Any] | None:
        if _NO_DIGIT.search(joined):
            return None
        try:
            made = list(map(int, given))
        except ValueError:
            return None
        if not low <= min(made) <= max(made) <= high:
            return None
        return given if verbatim else made

    return check


def _decimal(kind: Numeric[Any], verbatim: bool) -> Check | None:
    """Digits and a point, no more before and after it than fit."""
    if kind.precision is None or values.python_type(kind) is not Decimal:
        return None
    scale = kind.scale or 0
    before = kind.precision - scale
    if before <= 0:
        return None
    after = rf"(?:\.[0-9]{{1,{scale}}})?" if scale else ""
    clean = re.compile(rf"(?:-?[0-9]{{1,{before}}}{after}\n)*")

    def check(given: Sequence[str], joined: str) -> Sequence[Any] | None:
        if "\n" in joined or not clean.fullmatch("\n".join([*given, ""])):
            return None
        return given if verbatim else list(map(Decimal, given))

    return check


def _float(_: Float[Any], verbatim: bool) -> Check:
    def check(given: Sequence[str], joined: str) -> Sequence[Any] | None:
        if _NO_NUMBER.search(joined):
            return None
        try:
            made = list(map(float, given))
        except ValueError:
            return None
        if max(map(abs, made)) == float("inf"):
            return None
        return given if verbatim else made

    return check


# The first that fits: an Enum is a String, and a Float was a Numeric before SQLAlchemy 2.1.
QUICK: tuple[tuple[Any, Callable[[Any, bool], Check | None]], ...] = (
    (Enum, _member),
    (String, _text),
    (Boolean, _truth),
    (Integer, _whole),
    (Float, _float),
    (Numeric, _decimal),
)
