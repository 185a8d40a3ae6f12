"""One page of a list: which rows, in which order, how many.

Pages are found by the key of the row before (never OFFSET), so that the last one of ten million
rows costs what the first one does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Integer, Row, Select, bindparam, func, or_, select
from sqlalchemy.exc import StatementError
from sqlalchemy.ext.asyncio import AsyncSession

from dbctl.errors import UsageError
from dbctl.records import cursor
from dbctl.records.fields import PLACE, Fields
from dbctl.records.model import LONGEST_SEARCH, MOST, Found, Question
from dbctl.records.order import Order, order
from dbctl.records.violations import is_bad_value

LIMITED = "rows_at_most"


class Pages:
    """The lists of one class; `search` names the columns of text that are searched."""

    def __init__(self, fields: Fields, search: Sequence[str]) -> None:
        self.fields = fields
        self.search = search
        self._made: dict[tuple[Any, ...], Sequence[Select[Any]]] = {}

    async def page(
        self, session: AsyncSession, question: Question, names: Sequence[str] = ()
    ) -> Found[Any]:
        """The rows that `question` asks for: one statement, two where the order has nulls.

        With `names` a row is a dictionary of these columns alone, not an object. Raises UsageError
        for a limit, a cursor, a column or a text that cannot be used.
        """
        found: list[Row[Any]] = []
        wanted = question.limit + 1
        statements, values = self.prepared(question, session.get_bind().dialect.name, names)
        for statement in statements:
            if len(found) < wanted:
                given = {**values, LIMITED: wanted - len(found)}
                found += await _rows(session, statement, given, question)
        shown, following = self.cut(question, found, names)
        number = await self.count(session, question) if question.count else None
        return Found(shown, following, number)

    def cut(
        self, question: Question, found: Sequence[Sequence[Any]], names: Sequence[str]
    ) -> tuple[list[Any], str | None]:
        """What was read as a page, and the cursor of the next one: a row too many tells of it."""
        rows = found[: question.limit]
        behind = rows[-1][len(names) or 1 :] if len(found) > len(rows) else None
        following = None if behind is None else cursor.written(self._list(question), behind)
        # The places stand behind the names, and are left out.
        return [dict(zip(names, row, strict=False)) if names else row[0] for row in rows], following

    def prepared(
        self, question: Question, dialect: str, names: Sequence[str]
    ) -> tuple[Sequence[Select[Any]], dict[str, Any]]:
        """The statements, each with a limit to be said, and what stands in them for `where`.

        Those of a first page are kept: to make a statement takes longer than to send it.
        """
        _require_limit(question)
        if question.after is not None or question.search is not None:
            return self._limited(question, dialect, names), {}
        where = {name: value is None for name, value in question.where.items()}
        key = (dialect, tuple(names), question.sort, question.state, tuple(where.items()))
        if key not in self._made:
            places = {
                name: None if null else self.fields.place(name) for name, null in where.items()
            }
            shape = replace(question, where=places)
            self._made[key] = self._limited(shape, dialect, names)
        return self._made[key], {PLACE.format(k): v for k, v in question.where.items()}

    def _limited(
        self, question: Question, dialect: str, names: Sequence[str]
    ) -> Sequence[Select[Any]]:
        limit = bindparam(LIMITED, type_=Integer())
        return [one.limit(limit) for one in self.statements(question, dialect, names)]

    async def count(self, session: AsyncSession, question: Question) -> int:
        """How many rows there are on all pages."""
        number = select(func.count()).select_from(self.fields.model)
        return int(await session.scalar(number.where(*self._where(question))) or 0)

    def statements(
        self, question: Question, dialect: str, names: Sequence[str] = ()
    ) -> Iterator[Select[Any]]:
        """What is asked, in turn, until the page is full; each without its limit.

        Behind the row itself, or the columns `names` of it, stand the values that say where it is
        in the order.
        """
        _require_limit(question)
        chosen = order(self.fields, question.sort, dialect)
        where = self._where(question)
        what = [self.fields[name] for name in names] or [self.fields.model]
        for segment in chosen.segments(self._start(question, chosen)):
            rows = select(*what, *chosen.columns).where(*where, *segment.where)
            yield rows.order_by(*segment.order_by)

    def _start(self, question: Question, chosen: Order) -> list[Any] | None:
        if question.after is None:
            return None
        values = cursor.read(self._list(question), chosen.kinds, question.after)
        for name, value in zip(chosen.names, values, strict=True):
            if value is None and not self.fields.nullable(name):
                raise cursor.refused()
        return values

    def _list(self, question: Question) -> list[Any]:
        """What tells this list from every other one."""
        where = sorted((name, str(value)) for name, value in question.where.items())
        name = self.fields.model.__name__
        return [name, question.sort, question.state.value, question.search, where]

    def _where(self, question: Question) -> list[ColumnElement[bool]]:
        found = [self.fields.in_state(question.state)]
        found += [self.fields.equals(name, value) for name, value in question.where.items()]
        return found if question.search is None else [*found, self._holds(question.search)]

    def _holds(self, text: str) -> ColumnElement[bool]:
        """The condition that one of the columns holds the text, in upper or lower case."""
        if len(text) > LONGEST_SEARCH or not cursor.is_storable(text):
            raise UsageError(
                "this text cannot be searched for",
                hint=f"at most {LONGEST_SEARCH} characters, without NUL and lone surrogates",
            )
        columns = [self.fields[name] for name in self.search]
        if not columns:
            raise UsageError("these rows have no column of text to search")
        return or_(*(column.icontains(text, autoescape=True) for column in columns))


def _require_limit(question: Question) -> None:
    if not 1 <= question.limit <= MOST:
        raise UsageError(f"the limit is {question.limit}", hint=f"from 1 to {MOST:,}")


async def _rows(
    session: AsyncSession, statement: Select[Any], given: dict[str, Any], question: Question
) -> Sequence[Row[Any]]:
    try:
        rows: Sequence[Row[Any]] = (await session.execute(statement, given)).all()
    except (StatementError, OverflowError, UnicodeError) as error:
        # A cursor that somebody made up may name a value that its column cannot have.
        if question.after is not None and is_bad_value(error):
            raise cursor.refused() from None
        raise
    return rows
