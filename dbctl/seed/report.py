"""What goes wrong in a file, and how far the work has come."""

import logging
import time
from pathlib import Path
from typing import Any

from dbctl.errors import SeedRefusedError

MOST = 20  # problems of one file that are looked for
SHOWN = 4
WIDTH = 40
_SOON, _SELDOM = 0.2, 10.0  # seconds between two words on a terminal, and elsewhere
_BAR = 20

log = logging.getLogger("dbctl.progress")


class Problems:
    """The problems of one file, each as `file:line:column value reason`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.found: list[tuple[int, str]] = []

    def add(self, line: int, name: str, value: Any, reason: str) -> None:  # noqa: ANN401 - of a file
        """One value that its column does not take. Raises SeedRefusedError at the last one."""
        shown = "" if value is None or value == "" else f" {shortened(value)}"
        self.say(line, f":{name}{shown} {reason}")

    def say(self, line: int, text: str) -> None:
        """One problem; `text` begins with what separates it from the line's number."""
        self.found.append((line, f"{self.path}:{line}{text}"))
        if len(self.found) >= MOST:
            self.settle()

    def settle(self) -> None:
        """Raises SeedRefusedError when there were any."""
        if self.found:
            lines = [text for _, text in sorted(self.found, key=lambda one: one[0])]
            raise refusal(lines)

    def __bool__(self) -> bool:
        """Whether there were any."""
        return bool(self.found)


def refusal(lines: list[str]) -> SeedRefusedError:
    """The error for these problems; its message holds the first ones."""
    message = lines[: SHOWN + 1] if len(lines) <= SHOWN + 1 else [*lines[:SHOWN], _more(lines)]
    return SeedRefusedError(
        "\n".join(message), hint="nothing was written; mend the file", problems=tuple(lines)
    )


def _more(lines: list[str]) -> str:
    least = "at least " if len(lines) >= MOST else ""
    return f"and {least}{len(lines) - SHOWN} more"


def shortened(value: Any) -> str:  # noqa: ANN401 - of a file
    """A value as it is shown: quoted, on one line, never long."""
    text = value if isinstance(value, str) else str(value)
    return repr(str(text) if len(text) <= WIDTH else f"{text[: WIDTH - 3]}...")


class Progress:
    """Says now and then how many rows there were, and how fast.

    On a terminal it is a line that the next one wipes away; elsewhere a line every ten seconds.
    """

    def __init__(self, name: str, size_bytes: int) -> None:
        self.name, self.size_bytes = name, size_bytes
        self.rows = 0
        self._started = self._drawn = self._said = time.monotonic()

    def add(self, rows: int, read_bytes: int) -> None:
        """So many more rows; the file was read up to there."""
        self.rows += rows
        now = time.monotonic()
        if now - self._drawn < _SOON:
            return
        self._drawn = now
        if now - self._said >= _SELDOM:
            self._said = now
        log.info("%s", self._line(read_bytes, now), extra={"live": self._said != now})

    def now(self, what: str) -> None:
        """What goes on where no rows can be counted."""
        log.info("%s  %s", self.name, what, extra={"live": True})

    def _line(self, read_bytes: int, now: float) -> str:
        part = min(1.0, read_bytes / self.size_bytes) if self.size_bytes else 1.0
        bar = "━" * round(part * _BAR)
        rate = self.rows / max(now - self._started, 0.001)
        return f"{self.name}  {bar:╌<{_BAR}} {part:4.0%}  {self.rows:,} rows, {rate:,.0f} rows/s"
