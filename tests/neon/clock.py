"""The time as the stand-in sees it: it runs by itself, and a test can push it forward."""

from datetime import UTC, datetime, timedelta


class Clock:
    """The real time plus what `advance` has added."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        """The moment, in UTC."""
        return datetime.now(UTC) + self._ahead

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass at once."""
        self._ahead += timedelta(seconds=seconds)


def stamp(moment: datetime) -> str:
    """The moment as the API writes it: RFC 3339 in UTC, milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
