"""One process at a time in a folder: two steps of one job may begin together."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Wait for the others; whoever is killed lets go."""
    with (folder / "ci.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
