"""How Alembic reaches the sample's database: with the plain `alembic` command, and under dbctl.

dbctl sets `sqlalchemy.url`; the plain command leaves it unset and the settings say where to go.
"""

import asyncio
from logging.config import fileConfig
from pathlib import Path
from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection

from dbctl import Database, Settings
from dbctl.sample.columns import LowerCase, Money, UtcDateTime
from dbctl.sample.models import Base

# Revisions outlive the models, so they name SQLAlchemy's types and never import ours.
PLAIN_TYPES = {
    LowerCase: "sa.String(length={type.length})",
    Money: 'sa.Numeric(12, 2).with_variant(sa.Integer(), "sqlite")',
    UtcDateTime: "sa.DateTime(timezone=True)",
}

config = context.config


def settings() -> Settings:
    """Return the settings of this project, wherever the shell stands."""
    home = Path(config.config_file_name or ".").resolve().parent
    url = config.get_main_option("sqlalchemy.url")
    inside = url is None and (home / "pyproject.toml").is_file()
    return Settings.load(url=url, cwd=home if inside else None)


def render_item(kind: str, item: Any, _autogenerate: object) -> str | Literal[False]:  # noqa: ANN401 - any schema item
    """Write a type of our own as the plain one it stands for; leave the rest to Alembic."""
    plain = PLAIN_TYPES.get(type(item)) if kind == "type" else None
    return plain.format(type=item) if plain else False


def configure(**place: Any) -> None:  # noqa: ANN401 - passed on to Alembic
    """Tell Alembic where to work and how to compare; each revision is a transaction of its own."""
    context.configure(
        target_metadata=Base.metadata,
        compare_type=True,
        compare_server_default=True,
        transaction_per_migration=True,
        render_item=render_item,
        **place,
    )
    with context.begin_transaction():
        context.run_migrations()


def run_offline(database: Database) -> None:
    """Write the SQL instead of running it: no connection is made."""
    configure(
        dialect_name=database.url.dialect,
        literal_binds=True,
        render_as_batch=database.url.dialect == "sqlite",
    )


def run_connected(connection: Connection) -> None:
    """Run the revisions; SQLite changes a table by building it anew."""
    configure(connection=connection, render_as_batch=connection.dialect.name == "sqlite")


async def run_online(database: Database) -> None:
    """Connect, run, and leave no connection behind."""
    async with database, database.async_engine.connect() as connection:
        await connection.run_sync(run_connected)


# Only the `alembic` command sets cmd_opts: a program that uses Alembic keeps its own logging.
if config.cmd_opts and config.config_file_name and config.file_config.has_section("loggers"):
    fileConfig(config.config_file_name, disable_existing_loggers=False)

if context.is_offline_mode():
    run_offline(Database(settings()))
else:
    asyncio.run(run_online(Database(settings())))
