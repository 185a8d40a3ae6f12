"""Templates that are SQLite files: a copy costs a millisecond."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

from dbctl.database.url import Url
from dbctl.testing.build import build
from dbctl.testing.key import key
from dbctl.testing.store import remove, store
from dbctl.testing.wish import Choice, Wish

SIDE_FILES = ("", "-wal", "-shm", "-journal")


class Files:
    """Copies of the file `template` in a folder of this process's own."""

    def __init__(self, template: Path, folder: Path) -> None:
        self._template = template
        self._folder = folder
        self._numbers = count(1)

    def made(self) -> Url:
        """A new copy of the template."""
        target = self._folder / f"{next(self._numbers)}.db"
        shutil.copyfile(self._template, target)
        return Url("sqlite", name=str(target))

    def drop(self, url: Url) -> None:
        """Put a copy away, and what SQLite wrote beside it."""
        for suffix in SIDE_FILES:
            Path(url.name + suffix).unlink(missing_ok=True)


@contextmanager
def backend(wish: Wish, choice: Choice, folder: Path) -> Iterator[Files]:
    """The template's copies of this process, in a folder of its own."""
    name, template = f"sqlite-{key(wish, choice.settings)}", folder / "template"
    kept = store(wish)
    with kept.locked():
        if wish.fresh and kept.is_first(wish.run):
            remove(kept.folder / name)
        found = kept.kept(name, lambda path: _make(wish, path))
        # A copy of one's own: another branch's run may prune the kept one meanwhile.
        shutil.copyfile(found, template)
    yield Files(template, folder)


def _make(wish: Wish, path: Path) -> None:
    """Migrate a file, then have all of it in the one file."""
    draft = path.with_name("draft.db")
    build(wish, Url("sqlite", name=str(draft)))
    with closing(sqlite3.connect(draft)) as source, closing(sqlite3.connect(path)) as target:
        source.backup(target)
