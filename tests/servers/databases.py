"""Databases that live as long as a `with` block."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from tests.servers.server import Server


@contextmanager
def fresh(server: Server, *, template: str = "template0") -> Iterator[str]:
    """The name of a new database: empty, or a copy of `template`."""
    with missing(server) as name:
        server.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        yield name


@contextmanager
def missing(server: Server) -> Iterator[str]:
    """A name that no database has; dropped afterwards if somebody made it."""
    name = f"test_{uuid4().hex[:16]}"
    try:
        yield name
    finally:
        server.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def seal(server: Server, name: str) -> None:
    """Let nobody connect to the database any more: only then is it always copyable."""
    server.run(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
