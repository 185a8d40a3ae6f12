"""Time as the revision sees it: what the measuring itself takes does not pass."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Clock:
    """Seconds since it was made, without those that were spent in `paused`."""

    def __init__(self) -> None:
        self._started = time.perf_counter()
        self._paused = 0.0
        self._since: float | None = None

    def now(self) -> float:
        """Seconds that have passed; the same again and again while it is paused."""
        until = self._since if self._since is not None else time.perf_counter()
        return until - self._started - self._paused

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let no time pass while the block runs."""
        if self._since is not None:  # inside of another pause
            yield
            return
        self._since = time.perf_counter()
        try:
            yield
        finally:
            self._paused += time.perf_counter() - self._since
            self._since = None
