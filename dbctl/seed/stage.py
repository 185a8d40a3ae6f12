"""Rows in a table of their own first, and from there into theirs: all at once, in the database.

There the natural keys of other rows become what foreign keys hold, rows that the file has twice
become one, known rows are updated where they differ, and the others inserted.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from sqlalchemy import Column as Made
from sqlalchemy import MetaData, Table, insert

from dbctl.seed import copytext, defaults
from dbctl.seed.columns import Form
from dbctl.seed.keys import Key
from dbctl.seed.layout import Group, Layout, Reference, Slot
from dbctl.seed.report import MOST, Problems
from dbctl.seed.writer import RefusalError, Writer, named, quoted

_numbers = count()


@dataclass(frozen=True)
class Counts:
    """What became of rows."""

    inserted: int = 0
    updated: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        """Both together."""
        return Counts(self.inserted + other.inserted, self.updated + other.updated)


class Stage:
    """The temporary table of one layout: c0, c1 ... as given, v0 ... as found, d0 ... by default.

    `n` counts the rows, `line` says where each began.
    """

    def __init__(self, writer: Writer, layout: Layout, *, updates: bool = True) -> None:
        self._writer, self._layout, self._updates = writer, layout, updates
        # Never a name twice: asyncpg remembers the columns of a table that it copied to.
        self.name = f"dbctl_stage_{next(_numbers)}"
        self.rows = 0
        self._table = named(writer.dialect, layout.table)

    async def make(self) -> None:
        """Create it, with the very types of the columns that it is for."""
        columns = [
            *(f"{self._origin(slot)} AS c{at}" for at, slot in enumerate(self._layout.slots)),
            *(f"{self._there(self._layout.slots[at])} AS v{at}" for at, _ in self._references()),
            *(
                f"{self._table}.{self._quoted(one.column.name)} AS d{at}"
                for at, one in enumerate(self._layout.filled)
            ),
            # CAST: SQLite gives a bare number no type, PostgreSQL a small one.
            *("CAST(0 AS bigint) AS n", "CAST(0 AS bigint) AS line"),
        ]
        parents = {self._place(ref.target.table) for _, ref in self._references()}
        await self._writer.execute(
            f"CREATE TEMPORARY TABLE {self.name} AS SELECT {', '.join(columns)}"
            f" FROM {', '.join(sorted({self._table, *parents}))} LIMIT 0"
        )

    def _origin(self, slot: Slot) -> str:
        """The column whose values a slot is given."""
        column = slot.reference.column if slot.reference else slot.column
        return f"{self._place(column.table)}.{self._quoted(column.name)}"

    async def drop(self) -> None:
        """Drop it."""
        await self._writer.execute(f"DROP TABLE {self.name}")

    async def add(self, group: Group) -> None:
        """Put rows in."""
        first = self.rows
        self.rows += len(group.lines)
        numbers: list[Sequence[int]] = [range(first, self.rows), group.lines]
        if self._layout.form is Form.text:
            texts = [list(map(str, column)) for column in numbers]
            pieces = [copytext.lines([*group.columns, *texts], group.gaps)]
            await self._writer.copy_text(self.name, None, self._names(), pieces)
        elif self._layout.form is Form.bound:
            rows = zip(*group.columns, *numbers, strict=True)
            await self._writer.copy(self.name, None, self._names(), rows)
        else:
            await self._add_by_core(zip(*group.columns, *numbers, strict=True))

    def _names(self) -> list[str]:
        given = [f"c{at}" for at in range(len(self._layout.slots))]
        return [*given, *(f"d{at}" for at in range(len(self._layout.filled))), "n", "line"]

    async def _add_by_core(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """SQLAlchemy's own way: for types that it alone can write."""
        kinds = [
            (slot.reference.column if slot.reference else slot.column).type
            for slot in self._layout.slots
        ] + [one.column.type for one in self._layout.filled]
        names = self._names()
        columns = [Made(name, kind) for name, kind in zip(names, kinds, strict=False)]
        table = Table(self.name, MetaData(), *columns, Made("n"), Made("line"))
        given = [dict(zip(names, row, strict=True)) for row in rows]
        await self._writer.connection.execute(insert(table), given)

    async def knows_some(self) -> bool:
        """Whether one of the rows is in the table already."""
        query = f"SELECT 1 FROM {self.name} JOIN {self._table} ON {self._match()} LIMIT 1"
        return bool(await self._writer.fetch(query))

    @property
    def waits(self) -> bool:
        """Whether rows may point at rows of the same table, which have to be there first."""
        return any(ref.target.table is self._layout.table for _, ref in self._references())

    async def check(self, problems: Problems) -> None:
        """Look up what rows refer to and let one row stand for those that are the same."""
        await self._resolve()
        for at, reference in self._references():
            if reference.target.table is not self._layout.table:
                await self._complain(at, reference, problems)
        await self._reduce(problems)

    async def bring(self, problems: Problems) -> Counts:
        """Update and insert the rows whose references can be followed by now.

        What is wrong with a row becomes a problem.
        """
        if self.waits:
            await self._resolve()
        try:
            async with self._writer.savepoint():
                return await self._bring("")
        except RefusalError as error:
            line, why = await self._culprit(str(error))
            problems.say(line, f": the database refuses it: {why}")
            return Counts()

    async def complain_of_waiting(self, problems: Problems) -> None:
        """Rows that still point at no row of their own table."""
        for at, reference in self._references():
            await self._complain(at, reference, problems)

    async def _complain(self, at: int, reference: Reference, problems: Problems) -> None:
        rows = await self._writer.fetch(
            f"SELECT line, c{at} FROM {self.name} WHERE c{at} IS NOT NULL AND v{at} IS NULL"
            f" ORDER BY n LIMIT {MOST}"
        )
        what = f"is no {reference.column.name} of {reference.target.table.name}"
        if reference.target.table is self._layout.table:
            what += ", or the rows wait for each other"
        for line, value in rows:
            problems.add(int(line), self._layout.slots[at].name, f"@{value}", what)

    async def _bring(self, up_to: str) -> Counts:
        updated = await self._update(up_to)
        return Counts(await self._insert(up_to), updated)

    async def _culprit(self, why: str) -> tuple[int, str]:
        """The line of the first row with which the database refuses, and what it then says.

        Rows before it go in without it, so halving finds it.
        """
        low, high = 0, self.rows - 1
        while low < high:
            middle = (low + high) // 2
            refused = await self._refused(middle)
            low, high, why = (low, middle, refused) if refused else (middle + 1, high, why)
        rows = await self._writer.fetch(f"SELECT line FROM {self.name} WHERE n >= {low} ORDER BY n")
        return int(rows[0][0]) if rows else 1, why

    async def _refused(self, limit: int) -> str:
        """What the database says to the rows up to there; "" when it takes them."""
        try:
            async with self._writer.savepoint():
                await self._bring(f" AND {self.name}.n <= {limit}")
                raise _TakenError
        except _TakenError:
            return ""
        except RefusalError as error:
            return str(error)

    async def _resolve(self) -> int:
        """Look up the rows that references name; how many were found now."""
        found = 0
        for at, reference in self._references():
            parent = self._place(reference.target.table)
            key = f"{parent}.{self._quoted(reference.column.name)}"
            found += await self._writer.execute(
                f"UPDATE {self.name} SET v{at} = {parent}.{self._quoted(reference.target.name)}"
                f" FROM {parent} WHERE {key} = {self.name}.c{at} AND {self.name}.v{at} IS NULL"
                f"{self._where(reference.key)}"
            )
        return found

    async def _reduce(self, problems: Problems) -> None:
        """Let one row stand for those that are the same; rows that contradict are problems."""
        keys = ", ".join(self._keys(self.name))
        if not keys:
            await self._writer.execute(f"DELETE FROM {self.name} WHERE n > 0")
            return
        twice = f"SELECT 1 FROM {self.name} GROUP BY {keys} HAVING count(*) > 1 LIMIT 1"
        if not await self._writer.fetch(twice):
            return
        for line, first in await self._contradictions():
            problems.say(int(line), f": says otherwise than line {first} about the same row")
        ranked = (
            f"SELECT n, row_number() OVER (PARTITION BY {keys} ORDER BY n) AS r FROM {self.name}"
        )
        again = f"SELECT n FROM ({ranked}) ranked WHERE r > 1"
        await self._writer.execute(f"DELETE FROM {self.name} WHERE n IN ({again})")

    async def _contradictions(self) -> list[tuple[Any, ...]]:
        """Lines, each with the line of the first row of the same key, from which it differs."""
        rest = list(self._others())
        if not rest:
            return []
        keys = self._keys("e")
        named = ", ".join(f"{key} AS k{at}" for at, key in enumerate(keys))
        first = f"SELECT {named}, min(n) AS n FROM {self.name} e GROUP BY {', '.join(keys)}"
        same = " AND ".join(f"{key} = g.k{at}" for at, key in enumerate(self._keys("s")))
        differ = " OR ".join(
            self._writer.differ(self._given_value("s", at), self._given_value("f", at))
            for at, _ in rest
        )
        return await self._writer.fetch(
            f"SELECT s.line, f.line FROM {self.name} s JOIN ({first}) g ON {same}"
            f" JOIN {self.name} f ON f.n = g.n WHERE s.n > g.n AND ({differ})"
            f" ORDER BY s.n LIMIT {MOST}"
        )

    async def _update(self, up_to: str) -> int:
        """Rows that are there and differ."""
        others = list(self._others())
        if not (others and self._updates):
            return 0
        differ = " OR ".join(
            self._writer.differ(
                self._comparable(slot, self._there(slot)), self._comparable(slot, self._value(at))
            )
            for at, slot in others
        )
        changes = [f"{self._quoted(slot.column.name)} = {self._value(at)}" for at, slot in others]
        given = {slot.column.name for slot in self._layout.slots}
        changes += [
            f"{self._quoted(one.column.name)} = {one.sql}"
            for one in defaults.of_updates(self._layout.table, given, self._writer.dialect)
        ]
        return await self._writer.execute(
            f"UPDATE {self._table} SET {', '.join(changes)} FROM {self.name}"
            f" WHERE {self._match()} AND ({differ}){self._ready()}{up_to}"
        )

    async def _insert(self, up_to: str) -> int:
        """Rows that are not there."""
        slots, layout = self._layout.slots, self._layout
        filled = {
            **{slot.column: self._value(at) for at, slot in enumerate(slots)},
            **dict.fromkeys(layout.nulls, "NULL"),
            **{one.column: f"{self.name}.d{at}" for at, one in enumerate(layout.filled)},
            **{one.column: one.sql for one in layout.defaults if one.sql},
        }
        columns = ", ".join(self._quoted(column.name) for column in filled)
        return await self._writer.execute(
            f"INSERT INTO {self._table} ({columns}){self._writer.inserting(list(filled))}"
            f" SELECT {', '.join(filled.values())} FROM {self.name} {self._absent()}"
            f"{self._ready()}{up_to} ORDER BY {self.name}.n"
        )

    def _absent(self) -> str:
        """What leaves the rows that the table lacks; a join can be hashed, or use an index."""
        telling = [slot for _, slot in self._telling()]
        if not telling:
            return f"WHERE NOT EXISTS (SELECT 1 FROM {self._table} WHERE {self._match()})"
        return f"LEFT JOIN {self._table} ON {self._match()} WHERE {self._there(telling[0])} IS NULL"

    def _match(self) -> str:
        """The condition that a row of the stage is a row of the table."""
        same = [
            f"{self._comparable(slot, self._there(slot))}"
            f" = {self._comparable(slot, self._value(at))}"
            for at, slot in self._telling()
        ]
        empty = [
            f"{self._table}.{self._quoted(column.name)} IS NULL" for column in self._layout.nulls
        ]
        key = self._layout.key
        return " AND ".join([*same, *empty]) + (self._where(key) if key else "")

    def _ready(self) -> str:
        """The condition that all references could be followed."""
        return "".join(
            f" AND ({self.name}.c{at} IS NULL OR {self.name}.v{at} IS NOT NULL)"
            for at, _ in self._references()
        )

    def _where(self, key: Key) -> str:
        """The condition of a partial index, as something to add."""
        if key.where is None:
            return ""
        text = key.where.compile(
            dialect=self._writer.dialect, compile_kwargs={"literal_binds": True}
        )
        return f" AND ({text})"

    def _telling(self) -> Iterator[tuple[int, Slot]]:
        """The slots that tell a row, with their places."""
        key = self._layout.key
        for at, slot in enumerate(self._layout.slots):
            if key is None or slot.column.name in key.names:
                yield at, slot

    def _others(self) -> Iterator[tuple[int, Slot]]:
        """The slots that may differ; a primary key never changes."""
        key = self._layout.key
        for at, slot in enumerate(self._layout.slots):
            if key and slot.column.name not in key.names and not slot.column.primary_key:
                yield at, slot

    def _keys(self, stage: str) -> list[str]:
        return [self._given_value(stage, at) for at, _ in self._telling()]

    def _given_value(self, stage: str, at: int) -> str:
        slot = self._layout.slots[at]
        column = slot.reference.column if slot.reference else slot.column
        return self._writer.comparable(column, f"{stage}.c{at}")

    def _comparable(self, slot: Slot, expression: str) -> str:
        return self._writer.comparable(slot.column, expression)

    def _there(self, slot: Slot) -> str:
        return f"{self._table}.{self._quoted(slot.column.name)}"

    def _value(self, at: int) -> str:
        return f"{self.name}.{'v' if self._layout.slots[at].reference else 'c'}{at}"

    def _references(self) -> Iterator[tuple[int, Reference]]:
        for at, slot in enumerate(self._layout.slots):
            if slot.reference:
                yield at, slot.reference

    def _place(self, table: Table) -> str:
        return named(self._writer.dialect, table)

    def _quoted(self, name: str) -> str:
        return quoted(self._writer.dialect, name)


class _TakenError(Exception):
    """The database takes the rows; undo them."""
