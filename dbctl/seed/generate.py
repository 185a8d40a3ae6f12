"""Generated rows into the database: parents first, in one transaction, as a stream."""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Table

from dbctl.database.engine import Database
from dbctl.errors import SeedRefusedError
from dbctl.seed.generated import pools, there, wanted
from dbctl.seed.generated.checks import limits
from dbctl.seed.generated.choice import Parent
from dbctl.seed.generated.distinct import Distinct, distinct
from dbctl.seed.generated.field import Run
from dbctl.seed.generated.plan import CHUNK, Plan, plan, require_bindable
from dbctl.seed.generated.task import Task
from dbctl.seed.generated.wanted import Amount
from dbctl.seed.model import Generated
from dbctl.seed.report import Progress
from dbctl.seed.writer import RefusalError, Writer, writing

SEED = 0
DELETED = 0.02
_MANY = 10_000  # rows from which on indexes are made after them


@dataclass
class _Work:
    """A run under way. `made` are tables whose new rows can be pointed at without a question."""

    writer: Writer
    run: Run
    needed: Mapping[Table, frozenset[str]]
    made: dict[Table, Plan] = field(default_factory=dict)


async def run(
    database: Database,
    words: Iterable[str],
    *,
    seed: int = SEED,
    fake: bool = False,
    deleted: float = DELETED,
) -> Generated:
    """Generate what `words` ask for (`users=1000`, `items=5/user`).

    Raises SeedRefusedError; then nothing was written.
    """
    started = time.perf_counter()
    asked = wanted.amounts(database.metadata, words)
    chosen = Run(seed, pools.mimesis(seed) if fake else pools.own(seed), deleted)
    rows: dict[str, int] = {}
    async with writing(database, keep=True) as writer:
        work = _Work(writer, chosen, _needed(asked))
        for amount in asked:
            rows[amount.table.fullname] = await _filled(work, amount)
        await writer.settle()
    return Generated(rows, round(time.perf_counter() - started, 6))


def _needed(asked: Iterable[Amount]) -> dict[Table, frozenset[str]]:
    """The columns of each table that rows asked for point at."""
    found: dict[Table, frozenset[str]] = {}
    for amount in asked:
        for key in wanted.foreign_keys(amount.table):
            names = frozenset(element.column.name for element in key.elements)
            found[key.referred_table] = found.get(key.referred_table, frozenset()) | names
    return found


async def _filled(work: _Work, amount: Amount) -> int:
    """Fill one table; how many rows it got."""
    made = plan(await _task(work, amount))
    require_bindable(made, work.writer.dialect)
    try:
        return await _written(work, made)
    except RefusalError as error:
        raise SeedRefusedError(
            f"{amount.table.name}: the database refuses generated rows: {_cause(error)}",
            hint="nothing was written; if no rows can keep to this, write them in a seed file",
        ) from error


def _cause(error: RefusalError) -> str:
    return str(error).split(" DETAIL:")[0]


async def _task(work: _Work, amount: Amount) -> Task:
    """What there is to do, and what is there already. Raises SeedRefusedError without parents."""
    table, connection = amount.table, work.writer.connection
    keys = distinct(table, limits(table))
    start = await there.offset(connection, table)
    parents = {}
    for key in wanted.foreign_keys(table):
        found = await _parents(work, amount, key, keys)
        if found is not None:
            parents[key] = found
    rows = amount.rows * parents[amount.key].size if amount.key else amount.rows
    task = Task(work.run, table, start, rows, work.needed.get(table, frozenset()), parents)
    return replace(
        task,
        turn=amount.key,
        each=amount.rows if amount.key else 0,
        largest=await _largest(work, table, keys),
    )


async def _largest(work: _Work, table: Table, keys: Distinct) -> dict[str, int]:
    names = {*keys.unique, *keys.numbered.values()}
    columns = [table.c[name] for name in sorted(names) if there.counts(table.c[name])]
    return {one.name: await there.largest(work.writer.connection, one) for one in columns}


async def _parents(
    work: _Work, amount: Amount, key: ForeignKeyConstraint, keys: Distinct
) -> Parent | None:
    """What one foreign key may point at: new rows, else rows that are there; None for NULL."""
    table = key.referred_table
    if table is amount.table:
        return None if any(key in parts for parts in keys.combined) else Parent({}, 0, 0)
    if table in work.made and work.made[table].task.rows:
        return work.made[table].parent
    once = (key,) in keys.combined
    most = max(there.PARENTS, amount.rows) if amount.key is not key else None
    found = await there.parents(work.writer.connection, key, once=once, most=most)
    if found.size:
        return found
    if wanted.optional(key) and amount.key is not key:
        return None
    free = "that nothing points at yet" if once else "to point at"
    raise SeedRefusedError(
        f"{amount.table.name} needs rows of {table.name} {free}, and there are none",
        hint=f"ask for them too: {table.name}=100",
    )


async def _written(work: _Work, made: Plan) -> int:
    """Write the rows of one table, and let its counters go on behind them."""
    table, writer = made.task.table, work.writer
    there_are = await there.rows(writer.connection, table) if made.task.rows else 0
    dropped: tuple[str, ...] = ()
    if made.task.rows >= _MANY and not there_are:
        dropped = await writer.drop_indexes(table)
    if made.once and there_are and not _new_parents(work, made):
        await _beside(work, made)
    else:
        await _copied(writer, made, _stream(made, writer))
        work.made[table] = made
    for statement in dropped:
        await writer.execute(statement)
    await writer.advance(table, [table.c[name] for name in made.makers])
    return made.task.rows


def _new_parents(work: _Work, made: Plan) -> bool:
    """Whether a combination cannot be there already, since a part of it is new."""
    return any(
        key.referred_table in work.made and set(key.column_keys) <= set(made.once)
        for key in wanted.foreign_keys(made.task.table)
    )


async def _copied(writer: Writer, made: Plan, rows: Iterable[tuple[Any, ...]]) -> None:
    table = made.task.table
    await writer.copy(table.name, table.schema, list(made.makers), rows)


def _stream(made: Plan, writer: Writer) -> Iterator[tuple[Any, ...]]:
    """The rows one by one, their progress said on the way."""
    progress, done = Progress(made.task.table.fullname, made.task.rows), 0
    for chunk in made.chunks(writer.dialect):
        yield from chunk
        done += len(chunk)
        progress.add(len(chunk), done)


async def _beside(work: _Work, made: Plan) -> None:
    """Write rows of combinations that are not there; the others are passed over."""
    task, writer = made.task, work.writer
    places = [list(made.makers).index(name) for name in made.once]
    left, first = task.rows, task.start
    while left:
        at = range(first, min(first + CHUNK, task.start + made.room))
        if not at:
            raise SeedRefusedError(
                f"{task.table.name} has room for {task.rows - left:,} more rows that differ in"
                f" {', '.join(made.once)}, not for {task.rows:,}",
                hint=f"ask for fewer rows of {task.table.name}, or for more of what it points at",
            )
        rows = await _new(writer, made, at, places)
        await _copied(writer, made, rows[:left])
        left, first = left - len(rows[:left]), at.stop


async def _new(writer: Writer, made: Plan, at: range, places: list[int]) -> list[tuple[Any, ...]]:
    """Of these rows those whose combinations the table does not have."""
    columns = [made.task.table.c[name] for name in made.once]
    known = await there.taken(writer.connection, columns, made.keys(at))
    rows = made.rows(at, writer.dialect)
    return [row for row in rows if tuple(row[place] for place in places) not in known]
