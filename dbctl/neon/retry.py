"""How long to pause before a request is sent again, and when to give up.

423 (operations are running), 429 (too many requests) and 503 mean that nothing was done: they are
repeated whatever the method. Other faults are repeated only for a request that changes nothing, or
changes it to the same whenever it comes.
"""

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

NOTHING_DONE = (423, 429, 503)
MAYBE_DONE = (500, 502, 504)
FIRST = 0.1
LONGEST = 5.0
FEW = 3  # how often a fault is repeated that may last for ever


@dataclass
class Patience:
    """The pauses of one request; `limit` seconds in all."""

    limit: float
    repeatable: bool
    started: float = field(default_factory=time.monotonic)
    attempts: int = 0

    def after_answer(self, status: int, headers: Mapping[str, str]) -> float | None:
        """Seconds until the next attempt, None when this answer stands."""
        if status in NOTHING_DONE:
            return self._pause(retry_after(headers))
        if status in MAYBE_DONE and self.repeatable and self.attempts < FEW:
            return self._pause(None)
        return None

    def after_fault(self, *, sent: bool) -> float | None:
        """Seconds until the next attempt after a broken connection; `sent`: the request was."""
        if (sent and not self.repeatable) or self.attempts >= FEW:
            return None
        return self._pause(None)

    def _pause(self, said: float | None) -> float | None:
        """What the server said, else a growing pause; a random part keeps clients apart."""
        grown = min(LONGEST, FIRST * 2**self.attempts) * random.uniform(0.5, 1)  # noqa: S311
        pause = grown if said is None else said + grown / 10
        self.attempts += 1
        over = time.monotonic() - self.started + pause > self.limit
        return None if over else pause


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The header Retry-After in seconds from now: it holds seconds or a date."""
    said = headers.get("retry-after", "").strip()
    if said.isdecimal():
        return float(said)
    try:
        at = parsedate_to_datetime(said)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())
