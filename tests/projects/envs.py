"""The env.py files of small projects, each with a habit of real ones; plain Alembic runs them.

None of them knows dbctl.
"""

HEAD = """\
from alembic import context
from sqlalchemy import engine_from_config, pool

from models import Base

config = context.config
target_metadata = Base.metadata
"""

OFFLINE = """
def run_offline():
    context.configure(
        url=config.get_main_option("sqlalchemy.url"),
        target_metadata=target_metadata,
        literal_binds=True{options},
    )
    with context.begin_transaction():
        context.run_migrations()

"""

RUN = """
def run(connection):
    context.configure(connection=connection, target_metadata=target_metadata{options})
    with context.begin_transaction():
        context.run_migrations()

"""

ONLINE = """
def run_online():
    engine = {engine}
    with engine.connect() as connection:
        run(connection)

"""

END = """
if context.is_offline_mode():
    run_offline()
else:
    run_online()
"""

FROM_CONFIG = (
    "engine_from_config(config.get_section(config.config_ini_section, {}),"
    ' prefix="sqlalchemy.", poolclass=pool.NullPool)'
)

# Foreign keys that SQLite enforces, on this engine alone: `engine="enforcing(...)"`.
ENFORCED = """
from sqlalchemy import event


def enforcing(engine):
    @event.listens_for(engine, "connect")
    def enforce(connection, _):
        connection.execute("PRAGMA foreign_keys = ON")

    return engine

"""


def sync(*, head: str = "", options: str = "", engine: str = FROM_CONFIG) -> str:
    """Alembic's own template, with lines of `head` before and `options` in configure."""
    given = f", {options}" if options else ""
    return "".join(
        [
            HEAD,
            head,
            OFFLINE.format(options=given),
            RUN.format(options=given),
            ONLINE.format(engine=engine),
            END,
        ]
    )


ASYNC = (
    HEAD.replace("engine_from_config, pool", "pool")
    + "import asyncio\nfrom sqlalchemy.ext.asyncio import async_engine_from_config\n"
    + OFFLINE.format(options="")
    + RUN.format(options="")
    + """
async def connect():
    engine = async_engine_from_config(
        config.get_section(config.config_ini_section, {}),
        prefix="sqlalchemy.",
        poolclass=pool.NullPool,
    )
    async with engine.connect() as connection:
        await connection.run_sync(run)
    await engine.dispose()


def run_online():
    asyncio.run(connect())

"""
    + END
)

SYNC = sync()
PRINTS = sync(head='print("env.py says hello")\n')
LOGGING = sync(
    head="from logging.config import fileConfig\nfileConfig(config.config_file_name)\n",
)
NO_METADATA = sync(head="target_metadata = None\n")
OWN_VERSION_TABLE = sync(options='version_table="my_versions"')
MIXED_CASE_VERSION_TABLE = sync(options='version_table="MyVersions"')
OWN_VERSION_SCHEMA = sync(options='version_table="my_versions", version_table_schema="ops"')
KEEPS_OPTIONS = sync(
    options="include_name=lambda name, kind, parents: name != 'ignored', compare_type=False,"
    " transaction_per_migration=False, compare_server_default=False, render_as_batch=False",
)


def own_engine(url: str) -> str:
    """An env.py that looks at no option: it has a URL of its own."""
    return sync(
        head="from sqlalchemy import create_engine\n",
        engine=f"create_engine({url!r}, poolclass=pool.NullPool)",
    )


def own_creator(module: str, *args: str) -> str:
    """An env.py whose engine connects by itself."""
    given = ", ".join(map(repr, args))
    return sync(
        head=f"import {module}\nfrom sqlalchemy import create_engine\n",
        engine=(
            f"create_engine({'sqlite://' if module == 'sqlite3' else 'postgresql+psycopg://'!r},"
            f" creator=lambda: {module}.connect({given}), poolclass=pool.NullPool)"
        ),
    )
