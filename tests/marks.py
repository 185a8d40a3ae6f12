"""Databases with a mark, a table, a row that a test puts there over connections of its own."""

import sqlite3
from contextlib import closing

import psycopg

from dbctl import loop
from dbctl.database import mark
from dbctl.database.model import Look, Mark
from dbctl.database.server import look, server
from dbctl.settings import Settings


def prepared(url: str, *statements: str) -> str:
    """The database after these statements; a SQLite file is made. Returns its URL."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.split(":///")[1])) as file, file:
            for statement in statements:
                file.execute(statement)
            file.execute("PRAGMA user_version = 0")  # the file is there from the first write on
    else:
        with psycopg.connect(url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())
    return url


def said(environment: str, project: str = "") -> Mark:
    """A mark of which every part names its writer."""
    return Mark(f"uuid-{environment}", environment, project, f"made-{environment}")


def marked(url: str, environment: str, project: str = "") -> str:
    """The database, marked anew as this environment's. Returns its URL."""

    async def put() -> bool:
        async with server(Settings.load(url=url)).open() as session:
            return await mark.remark(session, said(environment, project))

    assert loop.run(put())
    return url


def looked(url: str, version_table: str = "alembic_version") -> Look:
    """One glance at the database."""
    return loop.run(look(Settings.load(url=url), version_table))
