"""A store of a test's own, on SQLite and on PostgreSQL."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.seed.store import Store

Make = Callable[[sa.MetaData], Store]


@pytest.fixture
def store(database_url: str, tmp_path: Path) -> Make:
    """`store(metadata)`: a database with these tables, and a folder for seed files."""

    def make(metadata: sa.MetaData) -> Store:
        return Store(database_url, tmp_path / "seeds", metadata)

    return make
