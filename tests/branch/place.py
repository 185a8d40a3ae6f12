"""A main database at one of the providers, and how a test works with it and its branches."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dbctl import loop
from dbctl.database.server import server
from dbctl.settings import Settings
from tests import runner
from tests.runner import Finished


@dataclass(frozen=True)
class Place:
    """`main` is what the provider calls the main database, `env` how a command reaches it."""

    provider: str
    main: str
    folder: Path
    env: Mapping[str, str] = field(repr=False)

    def __call__(self, *words: str) -> Finished:
        """Run `dbctl` in this process; it must say yes."""
        done = self.tried(*words)
        assert done.code == 0, str(done)
        return done

    def tried(self, *words: str) -> Finished:
        """Run `dbctl` in this process."""
        return runner.in_process(*words, env=self.env, cwd=self.folder)

    def json(self, *words: str) -> Any:
        """What a command that says yes returns."""
        return self("--json", *words).json

    def names(self) -> list[str]:
        """The branches, without the main database."""
        return [one["name"] for one in self.json("branch", "list")["branches"] if not one["main"]]

    def url(self, name: str) -> str:
        """How to reach a branch."""
        return str(self.json("branch", "url", name, "--reveal")["url"])

    def sql(self, name: str, statement: str) -> list[tuple[Any, ...]]:
        """Run SQL on a branch, or on the main database."""
        return ask(self.url(name), statement)

    def users(self, name: str) -> int:
        """How many users a branch has."""
        return int(self.sql(name, "SELECT count(*) FROM users")[0][0])


def ask(url: str, statement: str) -> list[tuple[Any, ...]]:
    """Run SQL on a database."""

    async def asked() -> list[tuple[Any, ...]]:
        async with server(Settings.load(url=url)).open() as session:
            return await session.fetch(statement)

    return loop.run(asked())


def masked(text: str) -> bool:
    """Whether a URL shows no password."""
    return not re.search(r":(?!\*\*\*)[^/@:]+@", text)
