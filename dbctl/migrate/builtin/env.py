"""What stands for a project's env.py where it has none: its models, and dbctl's own engine."""

from alembic import context
from sqlalchemy import Connection

from dbctl import Database, loop
from dbctl.migrate.rendering import imports

database = Database(context.config.attributes["settings"])


def run(connection: Connection) -> None:
    """Run the revisions on a connection."""
    context.configure(
        connection=connection,
        target_metadata=database.metadata,
        compare_type=True,
        render_item=imports,
    )
    with context.begin_transaction():
        context.run_migrations()


async def run_online() -> None:
    """Connect, run, and leave no connection behind."""
    async with database, database.async_engine.connect() as connection:
        await connection.run_sync(run)


if context.is_offline_mode():
    context.configure(dialect_name=database.url.dialect, target_metadata=database.metadata)
    with context.begin_transaction():
        context.run_migrations()
else:
    loop.run(run_online())
