"""One file's rows into one table: straight in where that is safe, else by way of a stage.

Straight in means that no row of the file can be there already: a unique index would say so, and
then everything is taken back and goes the other way.
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from itertools import chain
from typing import Any

from sqlalchemy import Column, Table

from dbctl.seed import copytext
from dbctl.seed.columns import Form
from dbctl.seed.files import File
from dbctl.seed.layout import Group, Layout
from dbctl.seed.report import Problems, Progress
from dbctl.seed.rows import Batch
from dbctl.seed.shape import Shape
from dbctl.seed.stage import Counts, Stage
from dbctl.seed.writer import RefusalError, Writer, named

LARGE_BYTES = 4 * 1024 * 1024  # a file for which building indexes anew is quicker than keeping them


class _MixedError(Exception):
    """Rows of a second layout: they cannot go the straight way."""


class Filling:
    """One file on its way into its table; `rows` counts those of the file.

    Without `updates` the rows that are there stay as they are.
    """

    def __init__(self, writer: Writer, file: File, table: Table, *, updates: bool = True) -> None:
        self._writer, self._file, self._table, self._updates = writer, file, table, updates
        self._size = file.path.stat().st_size
        self._begin()

    def _begin(self) -> None:
        """From the first line on."""
        self._problems = Problems(self._file.path)
        self._progress = Progress(self._file.name or self._file.path.name, self._size)
        self._shapes: dict[tuple[str, ...], Shape] = {}
        self._filled: dict[Column[Any], None] = {}
        self.rows = 0

    async def run(self) -> Counts:
        """Bring the rows in. Raises SeedRefusedError; then the transaction is to be rolled back."""
        made = await self._straight()
        if made is None:
            self._begin()
            made = await self._staged()
        await self._writer.advance(self._table, list(self._filled))
        return made

    def _groups(self) -> Generator[Group]:
        """All rows. Raises SeedRefusedError at the end, or when there are too many problems."""
        for batch in self._file.batches(self._problems):
            yield from self._shape(batch).groups(batch)
            self.rows += len(batch.rows)
            self._progress.add(len(batch.rows), batch.read_bytes)
        self._problems.settle()

    def _shape(self, batch: Batch) -> Shape:
        if batch.names not in self._shapes:
            parsed = self._file.parsed
            made = Shape(self._table, batch, self._writer, self._problems, parsed=parsed)
            self._shapes[batch.names] = made
        return self._shapes[batch.names]

    async def _straight(self) -> Counts | None:
        """The rows into their table as they are; None when that is not the way for them."""
        with closing(self._groups()) as groups:
            first = next(groups, None)
            if first is None:
                return Counts()
            if not await self._may_go_straight(first):
                return None
            try:
                await self._copied(first, groups)
            except (RefusalError, _MixedError):
                return None
        return Counts(inserted=self.rows)

    async def _copied(self, first: Group, groups: Iterator[Group]) -> None:
        layout = first.layout
        columns = [slot.column for slot in layout.slots] + [one.column for one in layout.filled]
        names = [column.name for column in columns]
        every = _alike(layout, chain([first], groups))
        place = (self._table.name, self._table.schema, names)
        async with self._writer.savepoint():
            indexes = await self._dropped()
            if layout.form is Form.text:
                await self._writer.copy_text(
                    *place, (copytext.lines(one.columns, one.gaps) for one in every)
                )
            else:
                rows = chain.from_iterable(one.rows for one in every)
                await self._writer.copy(*place, rows)
            await self._rebuild(indexes)
        self._filled.update(dict.fromkeys(columns))

    async def _may_go_straight(self, first: Group) -> bool:
        """Whether the database itself keeps the rows apart, and none of the first ones is there."""
        layout = first.layout
        if layout.key is None or layout.form is Form.plain or layout.references:
            return False
        if any(one.sql for one in layout.defaults):
            return False
        if frozenset(layout.key.names) not in await self._writer.unique_sets(self._table):
            return False
        return await self._is_empty() or not await self._knows_some(first)

    async def _is_empty(self) -> bool:
        name = named(self._writer.dialect, self._table)
        return not await self._writer.fetch(f"SELECT 1 FROM {name} LIMIT 1")  # noqa: S608 - quoted

    async def _knows_some(self, first: Group) -> bool:
        stage = Stage(self._writer, first.layout)
        await stage.make()
        await stage.add(first)
        known = await stage.knows_some()
        await stage.drop()
        return known

    async def _dropped(self) -> tuple[str, ...]:
        """The statements that make the indexes anew which were dropped for a large file."""
        if self._size < LARGE_BYTES:
            return ()
        return await self._writer.drop_indexes(self._table)

    async def _rebuild(self, indexes: Sequence[str]) -> None:
        if indexes:
            self._progress.now("building indexes")
        await self._writer.rebuild(indexes)

    async def _staged(self) -> Counts:
        """The rows by way of stages, one a layout."""
        stages: dict[Layout, Stage] = {}
        for group in self._groups():
            if group.layout not in stages:
                made = Stage(self._writer, group.layout, updates=self._updates)
                stages[group.layout] = made
                await made.make()
            await stages[group.layout].add(group)
        self._progress.now("comparing with what is there")
        for stage in stages.values():
            await stage.check(self._problems)
        self._problems.settle()
        counts = await self._applied(sorted(stages.values(), key=lambda stage: stage.waits))
        for layout, stage in stages.items():
            self._filled.update(dict.fromkeys(slot.column for slot in layout.slots))
            await stage.drop()
        return counts

    async def _applied(self, stages: Sequence[Stage]) -> Counts:
        """The staged rows in their table, with its indexes built after them where that is quicker.

        A row that an index refuses is named only where the index is there.
        """
        try:
            async with self._writer.savepoint():
                indexes = await self._dropped()
                made = await self._brought(stages)
                await self._rebuild(indexes)
                return made
        except RefusalError:
            return await self._brought(stages)

    async def _brought(self, stages: Sequence[Stage]) -> Counts:
        """Every stage, and those whose rows wait for others again until nothing is left to do."""
        made = more = await self._once(stages)
        waiting = [stage for stage in stages if stage.waits]
        while waiting and more != Counts():
            more = await self._once(waiting)
            made += more
        for stage in waiting:
            await stage.complain_of_waiting(self._problems)
        self._problems.settle()
        return made

    async def _once(self, stages: Sequence[Stage]) -> Counts:
        made = Counts()
        for stage in stages:
            made += await stage.bring(self._problems)
            self._problems.settle()
        return made


def _alike(layout: Layout, groups: Iterator[Group]) -> Iterator[Group]:
    for group in groups:
        if group.layout is not layout:
            raise _MixedError
        yield group
