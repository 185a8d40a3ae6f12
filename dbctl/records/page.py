"""One page of a list: which rows, in which order, how many.

Pages are found by the key of the row before (never OFFSET), so that the last one of ten million
rows costs what the first one does.
"""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.ext.asyncio import AsyncSession

from dbctl.errors import UsageError
from dbctl.records import cursor
from dbctl.records.fields import Fields
from dbctl.records.model import LONGEST_SEARCH, MOST, Found, Question
from dbctl.records.order import Order, order
from dbctl.records.violations import is_bad_value

T = TypeVar("T")


async def page(
    session: AsyncSession, fields: Fields, question: Question, search: Sequence[str]
) -> Found[Any]:
    """The rows that `question` asks for, one statement, two where the order has nulls.

    Raises UsageError for a limit, a cursor, a column or a text that cannot be used.
    """
    chosen = order(fields, question.sort)
    rows = await _rows(session, fields, question, search)
    more = len(rows) > question.limit
    rows = rows[: question.limit]
    following = _cursor(fields, question, chosen, rows[-1]) if more else None
    number = await count(session, fields, question, search) if question.count else None
    return Found(rows, following, number)


async def count(
    session: AsyncSession, fields: Fields, question: Question, search: Sequence[str]
) -> int:
    """How many rows there are on all pages."""
    number = select(func.count()).select_from(fields.model)
    return int(await session.scalar(number.where(*_where(fields, question, search))) or 0)


def statements(
    fields: Fields, question: Question, search: Sequence[str]
) -> Iterator[Select[tuple[Any]]]:
    """What is asked, in turn, until the page is full; each without its limit."""
    _require_limit(question.limit)
    chosen = order(fields, question.sort)
    where = _where(fields, question, search)
    for segment in chosen.segments(_start(fields, question, chosen)):
        rows = select(fields.model).where(*where, *segment.where)
        yield rows.order_by(*segment.order_by)


async def _rows(
    session: AsyncSession, fields: Fields, question: Question, search: Sequence[str]
) -> list[Any]:
    """One row more than a page holds, when there is one."""
    rows: list[Any] = []
    wanted = question.limit + 1
    for statement in statements(fields, question, search):
        if len(rows) < wanted:
            rows += await _scalars(session, statement.limit(wanted - len(rows)), question)
    return rows


async def _scalars(
    session: AsyncSession, statement: Select[tuple[Any]], question: Question
) -> Sequence[Any]:
    try:
        rows: Sequence[Any] = (await session.scalars(statement)).all()
    except (DBAPIError, StatementError, OverflowError, UnicodeError) as error:
        # A cursor that somebody made up may name a value that its column cannot have.
        if question.after is not None and is_bad_value(error):
            raise cursor.refused() from None
        raise
    return rows


def _start(fields: Fields, question: Question, chosen: Order) -> list[Any] | None:
    if question.after is None:
        return None
    kinds = [fields.kind(name) or str for name in chosen.names]
    values = cursor.read(_list(fields, question), kinds, question.after)
    for name, value in zip(chosen.names, values, strict=True):
        missing = value is None and not fields.nullable(name)
        if missing or not _is_storable(value):
            raise cursor.refused()
    return values


def _cursor(fields: Fields, question: Question, chosen: Order, row: Any) -> str:  # noqa: ANN401 - an instance
    kinds = [fields.kind(name) or str for name in chosen.names]
    return cursor.written(_list(fields, question), kinds, chosen.values(row))


def _list(fields: Fields, question: Question) -> list[Any]:
    """What tells this list from every other one."""
    where = sorted((name, str(value)) for name, value in question.where.items())
    name = fields.model.__name__
    return [name, question.sort, question.state.value, question.search, where]


def _where(
    fields: Fields, question: Question, search: Sequence[str]
) -> tuple[ColumnElement[bool], ...]:
    equal = (fields.equals(name, value) for name, value in question.where.items())
    wanted = _searched(fields, question.search, search)
    return (fields.in_state(question.state), *equal, *wanted)


def _searched(
    fields: Fields, text: str | None, search: Sequence[str]
) -> Iterator[ColumnElement[bool]]:
    """The condition that one of the columns holds the text, in upper or lower case."""
    if text is None:
        return
    if len(text) > LONGEST_SEARCH or not _is_storable(text):
        raise UsageError(
            "this text cannot be searched for",
            hint=f"at most {LONGEST_SEARCH} characters, without NUL and lone surrogates",
        )
    columns = [fields[name] for name in search]
    if not columns:
        raise UsageError("these rows have no column of text to search")
    yield or_(*(column.icontains(text, autoescape=True) for column in columns))


def _is_storable(value: Any) -> bool:  # noqa: ANN401 - only text can be unfit
    """Whether PostgreSQL could hold it: no NUL, no half character."""
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    return not isinstance(value, str) or not any(
        char == "\0" or "\ud800" <= char <= "\udfff" for char in value
    )


def _require_limit(limit: int) -> None:
    if not 1 <= limit <= MOST:
        raise UsageError(f"the limit is {limit}", hint=f"from 1 to {MOST:,}")
