"""Create, find, list, change, delete, restore and purge rows of any mapped class.

Every function takes a session and commits nothing: the transaction belongs to the caller. Whether
a value is taken is the database's word, at the flush; nobody looks first.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Generic, Literal, TypeVar

from sqlalchemy import MetaData, Select, delete, inspect, select
from sqlalchemy.ext.asyncio import AsyncSession

from dbctl.errors import NotFoundError, UsageError
from dbctl.records.fields import DELETED_AT, PLACE, Fields
from dbctl.records.model import Found, Question
from dbctl.records.page import Pages
from dbctl.records.violations import translated

T = TypeVar("T")
Lock = Literal["", "share", "update"]


class Records(Generic[T]):
    """The rows of one mapped class.

    `noun` is what a message calls a row. `search` names the columns of text that are searched (all
    that hold text, unless it says); `hidden` those that nobody may see, sort by or search.
    """

    def __init__(
        self,
        model: type[T],
        *,
        noun: str = "",
        search: Sequence[str] | None = None,
        hidden: Sequence[str] = (),
    ) -> None:
        self.model = model
        self.noun = noun or model.__name__.lower()
        self.fields = Fields(model, hidden)
        searched = self.fields.texts if search is None else tuple(search)
        self.pages = Pages(self.fields, searched)
        self.bare = Fields(model, hidden, bare=True)
        self.bare_pages = Pages(self.bare, searched)
        self._reads: dict[tuple[str, ...], Select[Any]] = {}

    @cached_property
    def metadata(self) -> MetaData:
        """The tables around the class: they name what a constraint is on."""
        found: MetaData = inspect(self.model).local_table.metadata
        return found

    async def create(self, session: AsyncSession, **values: Any) -> T:  # noqa: ANN401 - what columns hold
        """Insert a row. Raises TakenError, NotFoundError, BadValueError when it is refused."""
        row = self.model(**values)
        session.add(row)
        return await self._flushed(session, row)

    async def find(
        self,
        session: AsyncSession,
        id: Any,  # noqa: ANN401 - the key, a tuple when it has several columns
        *,
        deleted: bool | None = False,
        lock: Lock = "",
        options: Sequence[Any] = (),
    ) -> T:
        """The row with that key; `deleted` None finds it in the bin and outside.

        `lock` holds it until the transaction ends, where the database locks rows. Raises
        NotFoundError.
        """
        statement = select(self.model).where(*self._is(id)).options(*options)
        if lock:
            statement = statement.with_for_update(read=lock == "share")
            statement = statement.execution_options(populate_existing=True)
        with translated(self.metadata):
            row = (await session.scalars(statement)).one_or_none()
        if row is None:
            raise NotFoundError(f"there is no {self.noun} {_said(id)}")
        marked = self.fields.has_bin and getattr(row, DELETED_AT) is not None
        self._require(id, deleted, gone=marked)
        return row

    async def page(self, session: AsyncSession, question: Question) -> Found[T]:
        """One page of a list. Raises UsageError for a question that cannot be answered."""
        with translated(self.metadata):
            return await self.pages.page(session, question)

    async def read(
        self,
        session: AsyncSession,
        id: Any,  # noqa: ANN401 - the key
        names: Sequence[str],
        *,
        deleted: bool | None = False,
    ) -> dict[str, Any]:
        """Some columns of the row with that key, for a reader who changes nothing.

        Raises NotFoundError as `find` does, UsageError for a column that nobody may see.
        """
        with translated(self.metadata):
            row = (await session.execute(self.reading(tuple(names)), self.places(id))).one_or_none()
        return self.taken(id, row, names, deleted=deleted)

    def reading(self, names: tuple[str, ...]) -> Select[Any]:
        """The statement of `read`, made once: the columns, and last when the row was deleted."""
        if names not in self._reads:
            marks = (self.bare[DELETED_AT],) if self.fields.has_bin else ()
            places = (self.bare.equals(name, self.bare.place(name)) for name in self.fields.key)
            self._reads[names] = select(*(self.bare[name] for name in names), *marks).where(*places)
        return self._reads[names]

    def places(self, id: Any) -> dict[str, Any]:  # noqa: ANN401 - the key
        """What stands in that statement for a key."""
        return dict(zip(map(PLACE.format, self.fields.key), self._parts(id), strict=True))

    def taken(
        self,
        id: Any,  # noqa: ANN401 - the key
        row: Sequence[Any] | None,
        names: Sequence[str],
        *,
        deleted: bool | None = False,
    ) -> dict[str, Any]:
        """What that statement found. Raises as `read`."""
        if row is None:
            raise NotFoundError(f"there is no {self.noun} {_said(id)}")
        self._require(id, deleted, gone=self.fields.has_bin and row[len(names)] is not None)
        return dict(zip(names, row, strict=False))

    async def rows(
        self, session: AsyncSession, question: Question, names: Sequence[str]
    ) -> Found[dict[str, Any]]:
        """One page of a list, of some columns alone. Raises as `page` and `read`."""
        with translated(self.metadata):
            return await self.bare_pages.page(session, question, names)

    async def update(self, session: AsyncSession, id: Any, values: Mapping[str, Any]) -> T:  # noqa: ANN401 - the key
        """Change what `values` names and nothing else. Raises as `create` and `find`."""
        row = await self.find(session, id, lock="update")
        return await self._set(session, row, values)

    async def delete(self, session: AsyncSession, id: Any) -> T:  # noqa: ANN401 - the key
        """Put a row into the bin. Raises NotFoundError, also when it is there already."""
        marks = self.fields.marks(deleted=True)
        row = await self.find(session, id, lock="update")
        return await self._set(session, row, marks)

    async def restore(self, session: AsyncSession, id: Any) -> T:  # noqa: ANN401 - the key
        """Take a row out of the bin. Raises TakenError when its name was given away."""
        marks = self.fields.marks(deleted=False)
        row = await self.find(session, id, deleted=True, lock="update")
        return await self._set(session, row, marks)

    async def purge(self, session: AsyncSession, id: Any) -> T:  # noqa: ANN401 - the key
        """Delete a row for good, in the bin or outside. Raises InUseError when others need it.

        What happens to rows that point at it is the foreign keys' business. Returns what it was.
        """
        row = await self.find(session, id, deleted=None, lock="update")
        with translated(self.metadata, deleting=True):
            await session.execute(delete(self.model).where(*self._is(id)))
        return row

    def _is(self, id: Any) -> list[Any]:  # noqa: ANN401 - the key
        return [
            self.fields.equals(name, one)
            for name, one in zip(self.fields.key, self._parts(id), strict=True)
        ]

    def _parts(self, id: Any) -> tuple[Any, ...]:  # noqa: ANN401 - the key
        """The values of the key's columns. Raises NotFoundError for what no column can hold."""
        parts = id if isinstance(id, tuple) else (id,)
        if len(parts) != len(self.fields.key):
            raise UsageError(f"the key of a {self.noun} has {len(self.fields.key)} parts")
        if any(isinstance(one, int) and not -(2**63) <= one < 2**63 for one in parts):
            raise NotFoundError(f"there is no {self.noun} {_said(id)}")
        return parts

    def _require(self, id: Any, deleted: bool | None, *, gone: bool) -> None:  # noqa: ANN401 - the key
        """Raises NotFoundError for a row on the wrong side of the bin."""
        if deleted is None or gone == deleted:
            return
        if gone:
            raise NotFoundError(
                f"{self.noun} {_said(id)} was deleted", hint="`restore` brings it back"
            )
        raise NotFoundError(f"{self.noun} {_said(id)} is not deleted")

    async def _set(self, session: AsyncSession, row: T, values: Mapping[str, Any]) -> T:
        for name in values:
            if name not in self.fields.properties:
                raise UsageError(f"a {self.noun} has no column {name!r}")
        for name, value in values.items():
            setattr(row, name, value)
        return await self._flushed(session, row)

    async def _flushed(self, session: AsyncSession, row: T) -> T:
        """Write the row, and read back what the database itself has put into it."""
        with translated(self.metadata):
            await session.flush()
            unread = inspect(row).expired_attributes & self.fields.properties.keys()
            if unread:
                await session.refresh(row, unread)
        return row


def _said(id: Any) -> str:  # noqa: ANN401 - the key
    """A key in a message, of any length."""
    text = ", ".join(map(str, id)) if isinstance(id, tuple) else str(id)
    return text if len(text) <= 40 else f"{text[:37]}..."  # noqa: PLR2004 - half a line
