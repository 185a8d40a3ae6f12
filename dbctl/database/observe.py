"""Which statements of an engine are slow: remembered in this process, without their values."""

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dbctl.database.condition import SlowStatement
from dbctl.database.logs import elided

if TYPE_CHECKING:
    from sqlalchemy import Engine

_STATEMENT, _CONTEXT = 2, 4  # where these stand among an event's arguments
KEPT = 200  # different statements; beyond that the quickest are forgotten


class Observer:
    """Remembers every statement that takes `limit_ms` or longer, each of them once."""

    def __init__(self, limit_ms: float) -> None:
        self.limit_ms = limit_ms
        self._seen: dict[str, SlowStatement] = {}

    def attach(self, engine: "Engine") -> None:
        """Watch what this engine runs from now on."""
        from sqlalchemy import event

        event.listen(engine, "before_cursor_execute", self._begun)
        event.listen(engine, "after_cursor_execute", self._ended)

    def slowest(self, number: int = 10) -> tuple[SlowStatement, ...]:
        """The statements that took longest, the slowest first; () when none was slow."""
        return tuple(sorted(self._seen.values(), key=lambda one: -one.slowest)[:number])

    def note(self, statement: str, seconds: float) -> None:
        """Remember that a statement took so long."""
        if seconds * 1000 < self.limit_ms:
            return
        text = elided(statement)
        before = self._seen.get(text, SlowStatement(text, 0, 0.0, 0.0))
        self._seen[text] = replace(
            before,
            times=before.times + 1,
            slowest=max(before.slowest, seconds),
            seconds=before.seconds + seconds,
        )
        if len(self._seen) > KEPT:
            del self._seen[min(self._seen, key=lambda name: self._seen[name].slowest)]

    # Once for every statement of every request: the context is the cheapest place to keep a time.
    def _begun(self, *said: Any) -> None:  # noqa: ANN401 - SQLAlchemy's
        said[_CONTEXT].dbctl_began = time.perf_counter()

    def _ended(self, *said: Any) -> None:  # noqa: ANN401
        seconds = time.perf_counter() - said[_CONTEXT].dbctl_began
        if seconds * 1000 >= self.limit_ms:
            self.note(said[_STATEMENT], seconds)
