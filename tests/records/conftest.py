"""A database with the tables of tests/records/models.py, and books in it."""

from collections.abc import AsyncIterator

import pytest

from dbctl import Database, Settings
from tests.records.models import Base


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An empty database, once on each dialect."""
    async with Database(Settings.load(url=database_url), metadata=Base.metadata) as made:
        await made.create_tables()
        yield made
