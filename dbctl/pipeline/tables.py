"""Tables as the models declare them against tables as the database has them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dbctl import loop
from dbctl.database import guard
from dbctl.database.consent import Consent, Demand, Loss
from dbctl.database.server import address, server
from dbctl.database.shape import Script, TableDetail, Tables, TablesChange, TableSize
from dbctl.errors import NotFoundError
from dbctl.migrate import place
from dbctl.settings import Settings

# SQLAlchemy is imported where models are needed: `tables list` needs none.
if TYPE_CHECKING:
    from sqlalchemy import MetaData


async def listed(settings: Settings) -> Tables:
    """Every table with its rows counted."""
    async with server(settings).open() as session:
        return Tables(await session.place(), await session.sizes())


async def shown(settings: Settings, name: str) -> TableDetail:
    """One table. Raises NotFoundError."""
    async with server(settings).open() as session:
        return await session.detail(name)


def create(settings: Settings) -> TablesChange:
    """Create the tables of the models that are missing; the version table is left alone."""
    from dbctl.database.engine import Database
    from dbctl.pipeline import models

    place.require_ours(settings, place.look(settings))
    metadata = models.metadata(settings)
    before = {table.name for table in loop.run(listed(settings)).tables}

    async def work() -> None:
        async with Database(settings, metadata=metadata) as database:
            await database.create_tables()

    loop.run(work())
    after = loop.run(listed(settings)).tables
    return TablesChange("create", tuple(t.name for t in after if t.name not in before), 0)


def demand(
    settings: Settings,
    names: Sequence[str] | None = None,
    snapshot: Callable[[], object] | None = None,
) -> Demand:
    """What is to be agreed to before the models' tables go, or the tables `names` are emptied.

    `snapshot` makes one now. Raises RefusedError where that is not allowed at all, NotFoundError
    for a table that is not there.
    """
    from dbctl.pipeline import models

    verb = "drop tables" if names is None else "empty tables"
    guard.require_named(settings, verb)
    look = place.look(settings)
    place.require_ours(settings, look)
    there = loop.run(_witnessed(settings, f"{settings.env}: {look.place}"))
    wanted = tuple(models.metadata(settings).tables) if names is None else tuple(names)
    loss = replace(there, tables=_named(there.tables, wanted, strict=names is not None))
    return guard.demand(settings, look, verb, loss, snapshot)


async def _witnessed(settings: Settings, where: str) -> Loss:
    async with server(settings).open() as session:
        return await guard.witness(session, where)


def _named(
    tables: Sequence[TableSize], wanted: Sequence[str], *, strict: bool
) -> tuple[TableSize, ...]:
    """The tables of these names; `strict` raises NotFoundError when one is missing."""
    by_name = {table.name: table for table in tables}
    for name in wanted if strict else ():
        if name not in by_name:
            raise NotFoundError(f"there is no table {name!r}", hint="see `dbctl tables list`")
    return tuple(by_name[name] for name in wanted if name in by_name)


def drop(settings: Settings, demand: Demand, consent: Consent) -> TablesChange:
    """Drop every table of the models and forget the revision: none of them holds any more.

    Raises RefusedError unless `consent` gives what `demand` wants.
    """
    from dbctl.database.engine import Database
    from dbctl.pipeline import models

    guard.settle(demand, consent)
    metadata = models.metadata(settings)
    table, schema = place.version_table(settings)

    async def work() -> None:
        async with Database(settings, metadata=metadata) as database:
            await database.drop_tables()
        async with server(settings).open() as session:
            if (await session.look(table, schema)).versions:
                there = [size.name for size in await session.sizes()]
                named = (table, f"{schema}.{table}")
                await session.truncate([name for name in there if name in named])

    loop.run(work())
    return TablesChange("drop", _names(demand.loss.tables), demand.loss.rows)


def truncate(settings: Settings, demand: Demand, consent: Consent) -> TablesChange:
    """Empty the tables.

    Raises RefusedError when rows of other tables point at them, and unless `consent` gives what
    `demand` wants.
    """
    guard.settle(demand, consent)
    names = _names(demand.loss.tables)

    async def work() -> None:
        async with server(settings).open() as session:
            await session.truncate(names)

    loop.run(work())
    return TablesChange("truncate", names, demand.loss.rows)


def sql(settings: Settings) -> Script:
    """The CREATE statements of the models in the dialect of the settings' database."""
    from dbctl.pipeline import models

    return Script(_rendered(models.metadata(settings), address(settings).dialect))


def _rendered(metadata: "MetaData", dialect: str) -> str:
    from sqlalchemy import create_mock_engine
    from sqlalchemy.engine import make_url

    lines: list[str] = []
    engine: Any = create_mock_engine(
        make_url(f"{dialect}://" if dialect != "postgresql" else "postgresql+asyncpg://"),
        lambda statement, *_, **__: lines.append(
            str(statement.compile(dialect=engine.dialect)).strip() + ";\n"
        ),
    )
    metadata.create_all(engine, checkfirst=False)
    return "\n".join(lines)


def _names(tables: Sequence[TableSize]) -> tuple[str, ...]:
    return tuple(table.name for table in tables)
