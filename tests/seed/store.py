"""A database with tables of a test's own, and a folder of seed files for them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from dbctl import Database, Settings, loop
from dbctl.seed import load
from dbctl.seed.model import Seeded


@dataclass
class Store:
    """`tables` are created when it is made; `seed` writes files and loads the folder."""

    url: str
    folder: Path
    metadata: sa.MetaData

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        loop.run(self._created())

    def seed(self, files: dict[str, Any] | None = None, **options: Any) -> Seeded:
        """Write the files, text as it is and all else as JSON, then load the folder."""
        for name, content in (files or {}).items():
            path = self.folder / name
            path.parent.mkdir(exist_ok=True)
            if isinstance(content, bytes):
                path.write_bytes(content)
            else:
                text = content if isinstance(content, str) else json.dumps(content)
                path.write_text(text, encoding="utf-8", newline="")
        return loop.run(self._seeded(options))

    def counts(self, files: dict[str, Any] | None = None, **options: Any) -> list[tuple[int, ...]]:
        """Inserted, updated and unchanged of each file."""
        done = self.seed(files, **options).files
        return [(one.inserted, one.updated, one.unchanged) for one in done]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query, as the driver has them."""
        return loop.run(self._rows(query))

    def run(self, statement: str) -> None:
        """Run a statement."""
        loop.run(self._run(statement))

    def _database(self) -> Database:
        return Database(Settings.load(url=self.url), metadata=self.metadata)

    async def _created(self) -> None:
        async with self._database() as database:
            await database.create_tables()

    async def _seeded(self, options: dict[str, Any]) -> Seeded:
        async with self._database() as database:
            return await load.run(database, self.folder, **options)

    async def _rows(self, query: str) -> list[tuple[Any, ...]]:
        async with self._database() as database, database.session() as session:
            return [tuple(row) for row in await session.execute(sa.text(query))]

    async def _run(self, statement: str) -> None:
        async with self._database() as database, database.session() as session:
            await session.execute(sa.text(statement))
