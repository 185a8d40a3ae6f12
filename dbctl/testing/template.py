"""The template of a test run and its copies, whatever kind of database it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from dbctl.database.url import Url
from dbctl.testing.clone import Clone
from dbctl.testing.wish import Choice, Wish, chosen


class Backend(Protocol):
    """Where the template is, and how it is copied."""

    def made(self) -> Url:
        """A new copy of the template."""
        ...

    def drop(self, url: Url) -> None:
        """Put a copy away."""
        ...


@dataclass(frozen=True)
class Template:
    """A migrated database that nobody changes."""

    backend: Backend
    choice: Choice

    @contextmanager
    def clone(self) -> Iterator[Clone]:
        """A copy of it while the block runs, for fixtures of one's own."""
        url = self.backend.made()
        clone = Clone(self.choice.settings, url, self.choice.driver)
        try:
            yield clone
        finally:
            if "sync_engine" in vars(clone):
                clone.sync_engine.dispose()
            self.backend.drop(url)


@contextmanager
def opened(wish: Wish, folder: Path) -> Iterator[Template]:
    """The template of these tests, made if its content is not there yet.

    `folder` is this process's own, for copies that are files.
    """
    choice = chosen(wish)
    with _backend(wish, choice, folder) as backend:
        yield Template(backend, choice)


@contextmanager
def _backend(wish: Wish, choice: Choice, folder: Path) -> Iterator[Backend]:
    if choice.dialect == "sqlite":
        from dbctl.testing import sqlite

        with sqlite.backend(wish, choice, folder) as files:
            yield files
    else:
        from dbctl.testing import postgres, servers

        with servers.server(wish, choice) as url, postgres.backend(wish, choice, url) as databases:
            yield databases
