"""Where templates are kept between runs: a folder of the user's cache, with one lock."""

import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from dbctl.errors import LockedError
from dbctl.testing.wish import Wish

KEPT = 3  # templates of one project: a few branches of its code
WAIT = 600.0  # seconds; another process is making the template meanwhile


@dataclass(frozen=True)
class Store:
    """The templates of one checkout."""

    folder: Path

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Be the only process in here; whoever is killed lets go. Raises LockedError."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = self.folder / "lock.db"
        # SQLite's lock is known on every system.
        with closing(sqlite3.connect(lock, timeout=WAIT, isolation_level=None)) as connection:
            try:
                connection.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as error:
                raise LockedError(
                    f"another test run makes a template in {self.folder}: {error}",
                    hint="wait for it, or remove that folder",
                ) from None
            yield

    def is_first(self, run: str) -> bool:
        """Whether nobody of this test run asked before. For the holder of the lock."""
        last = self.folder / "run"
        first = not last.exists() or last.read_text() != run
        last.write_text(run)
        return first

    def kept(self, name: str, make: Callable[[Path], None]) -> Path:
        """The file or folder `name`, made by `make` if it is not there; old ones of its kind go.

        For the holder of the lock. `make` writes to the path it is given, which gets its name
        only when all is done.
        """
        target = self.folder / name
        if not target.exists():
            draft = Path(tempfile.mkdtemp(dir=self.folder, prefix="draft-")) / name
            try:
                make(draft)
                draft.rename(target)
            finally:
                remove(draft.parent)
        os.utime(target)
        self._prune(name)
        return target

    def _prune(self, name: str) -> None:
        """Keep the templates that were used last; and no draft of a killed process."""
        kind = name.split("-", maxsplit=1)[0]
        alike = [path for path in self.folder.glob(f"{kind}-*") if path.name != name]
        alike.sort(key=lambda path: path.stat().st_mtime, reverse=True)
        for path in [*alike[KEPT - 1 :], *self.folder.glob("draft-*")]:
            remove(path)


def store(wish: Wish) -> Store:
    """The store of a test run's checkout."""
    return Store((wish.root / wish.cache_dir if wish.cache_dir else _cache()) / wish.place)


def remove(path: Path) -> None:
    """Remove a file or a folder with all that is in it; gone already is fine."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _cache() -> Path:
    """The folder that this user's system has for such things."""
    home = Path.home()
    usual = {
        "darwin": home / "Library" / "Caches",
        "win32": Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local")),
    }.get(sys.platform, home / ".cache")
    return Path(os.environ.get("XDG_CACHE_HOME") or usual) / "dbctl" / "pytest"
