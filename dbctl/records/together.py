"""A row and the rows that point at it, in one statement: a round trip less for every request."""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, true
from sqlalchemy.ext.asyncio import AsyncSession

from dbctl.records.model import Found, Question
from dbctl.records.page import LIMITED
from dbctl.records.rows import Records
from dbctl.records.violations import translated

P = TypeVar("P")
C = TypeVar("C")


class Together(Generic[P, C]):
    """Rows of one class with the first page of another's that point at them.

    `by` is the other's column that holds the key, `names` what is read of it; the page is that of
    `Records.rows` in the order of the keys.
    """

    def __init__(
        self, parents: Records[P], children: Records[C], *, by: str, names: Sequence[str]
    ) -> None:
        self.parents = parents
        self.children = children
        self.by = by
        self.names = tuple(names)
        self._made: dict[tuple[Any, ...], Select[Any]] = {}

    async def read(
        self,
        session: AsyncSession,
        id: Any,  # noqa: ANN401 - the key
        names: Sequence[str],
    ) -> tuple[dict[str, Any], Found[dict[str, Any]]]:
        """Some columns of a row, and the page. Raises as `Records.read`."""
        question = Question(where={self.by: id})
        chosen = tuple(names)
        statement, given = self._statement(session.get_bind().dialect.name, chosen, question)
        given |= {**self.parents.places(id), LIMITED: question.limit + 1}
        with translated(self.parents.metadata):
            rows = (await session.execute(statement, given)).all()
        row = self.parents.taken(id, rows[0] if rows else None, chosen)
        behind = len(chosen) + self.parents.fields.has_bin
        # Without any child there is one row, of nothing but NULL there; a key is never NULL.
        page = [one[behind:] for one in rows if one[-1] is not None]
        return row, Found(*self.children.bare_pages.cut(question, page, self.names))

    def _statement(
        self, dialect: str, names: tuple[str, ...], question: Question
    ) -> tuple[Select[Any], dict[str, Any]]:
        """The statement, made once, and what stands in it for the children's column."""
        statements, given = self.children.bare_pages.prepared(question, dialect, self.names)
        key = dialect, names, question.where[self.by] is None
        if key not in self._made:
            (page,) = statements  # a key has no NULL: one statement reads its order
            found = page.subquery("page")
            columns = list(found.c)  # the names, then what says where a row stands
            whole = self.parents.reading(names).add_columns(*columns).outerjoin(found, true())
            self._made[key] = whole.order_by(*columns[len(self.names) :])
        return self._made[key], given
