"""Projects of every shape that is found without being edited, each as small as it can be."""

from pathlib import Path

from tests.projects import envs
from tests.projects.make import AUTHORS, Project

FLASK_ENV = """\
from alembic import context
from flask import current_app

config = context.config
database = current_app.extensions["migrate"].db
url = database.engine.url.render_as_string(hide_password=False)
config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))


def run_offline():
    context.configure(url=url, target_metadata=database.metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


def run_online():
    options = current_app.extensions["migrate"].configure_args
    with database.engine.connect() as connection:
        context.configure(connection=connection, target_metadata=database.metadata, **options)
        with context.begin_transaction():
            context.run_migrations()

"""
FLASK_APP = """\
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

database, migrate = SQLAlchemy(), Migrate()


class Author(database.Model):
    __tablename__ = "authors"
    id = database.Column(database.Integer, primary_key=True)
    name = database.Column(database.String(50), nullable=False)


def create_app():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = {url!r}
    database.init_app(app)
    migrate.init_app(app, database)
    return app
"""
ALCHEMY_ENV = """\
import asyncio

from advanced_alchemy.base import metadata_registry
from alembic import context

config = context.config
OPTIONS = {
    "target_metadata": metadata_registry.get(config.bind_key),
    "version_table": config.version_table_name,
    "version_table_schema": config.version_table_schema,
}


def run(connection):
    context.configure(connection=connection, **OPTIONS)
    with context.begin_transaction():
        context.run_migrations()


def run_offline():
    context.configure(url=config.db_url, literal_binds=True, **OPTIONS)
    with context.begin_transaction():
        context.run_migrations()


async def connect():
    async with config.engine.connect() as connection:
        await connection.run_sync(run)
    await config.engine.dispose()


def run_online():
    asyncio.run(connect())

"""
ALCHEMY_APP = """\
from advanced_alchemy.base import orm_registry, metadata_registry
from advanced_alchemy.config import AlembicAsyncConfig, SQLAlchemyAsyncConfig
from sqlalchemy import String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    registry = orm_registry


class Author(Base):
    __tablename__ = "authors"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50))


alchemy = SQLAlchemyAsyncConfig(
    connection_string={url!r},
    alembic_config=AlembicAsyncConfig(script_location="shop/history", version_table_name="ddl"),
)
"""
BASE = "from sqlalchemy.orm import DeclarativeBase\n\n\nclass Base(DeclarativeBase):\n    pass\n"
BOOKS = """\
from sqlalchemy.orm import Mapped, mapped_column

from shop.tables import Base


class Book(Base):
    __tablename__ = "books"
    id: Mapped[int] = mapped_column(primary_key=True)
"""
HERO = """\
from sqlmodel import Field, SQLModel


class Hero(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str
"""


def started(root: Path) -> Project:
    """A repository with the package `shop` in it, and nothing else."""
    (root / ".git").mkdir(parents=True)
    project = Project(root)
    project.write("shop/__init__.py", "")
    return project


def flask(root: Path, url: str) -> Project:
    """What `flask db init` makes: an ini without a folder beside env.py, which asks the app."""
    project = started(root)
    project.write("shop/__init__.py", FLASK_APP.format(url=url))
    project.write("migrations/alembic.ini", "[alembic]\n")
    project.write("migrations/env.py", FLASK_ENV + envs.END)
    project.revision("r1", up=AUTHORS, undo='op.drop_table("authors")')
    return project


def alchemy(root: Path, url: str) -> Project:
    """What `alchemy init shop/history` makes: an ini whose folder is not the one that is meant."""
    project = started(root)
    project.write("shop/config.py", ALCHEMY_APP.format(url=url))
    project.write("alembic.ini", "[alembic]\nscript_location = migrations\n")
    project.write("shop/history/env.py", ALCHEMY_ENV + envs.END)
    project.revision("r1", up=AUTHORS, folder="shop/history/versions")
    return project


def models(root: Path) -> Project:
    """A base in one file, a table in another, and no Alembic."""
    project = started(root)
    project.write("shop/tables.py", BASE)
    project.write("shop/books.py", BOOKS)
    return project


def sqlmodel(root: Path) -> Project:
    """The same with SQLModel."""
    project = started(root)
    project.write("shop/heroes.py", HERO)
    return project
