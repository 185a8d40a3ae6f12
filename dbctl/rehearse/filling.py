"""Rows for a copy that was made without any: the copy's own tables say what they hold."""

from sqlalchemy import Connection, MetaData

from dbctl import loop
from dbctl.database import own
from dbctl.database.engine import Database
from dbctl.rehearse.words import count
from dbctl.seed import generate
from dbctl.settings import Settings


def filled(copy: Settings, amounts: tuple[str, ...], version_table: str) -> str:
    """Generate rows (`users=1000`) in the schema as it is before the revisions; what was made.

    The models are those of the code, which may be ahead of this schema. Raises SeedRefusedError.
    """
    rows = loop.run(_filled(copy, amounts, version_table))
    parts = (f"{count(number, 'row')} of {name}" for name, number in rows.items())
    return f"generated {', '.join(parts)}"


async def _filled(copy: Settings, amounts: tuple[str, ...], version_table: str) -> dict[str, int]:
    metadata = MetaData()

    def reflect(connection: Connection) -> None:
        metadata.reflect(connection, only=lambda name, _: _is_theirs(name, version_table))

    async with Database(copy, metadata=metadata) as database:
        async with database.async_engine.connect() as connection:
            await connection.run_sync(reflect)
        made = await generate.run(database, amounts)
    return dict(made.rows)


def _is_theirs(name: str, version_table: str) -> bool:
    return name != version_table and not own.is_own(name)
