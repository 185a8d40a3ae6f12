"""A branch at a moment: NAME, NAME@2026-01-31T12:00:00Z, NAME@-2h, NAME@0/1E19478."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from dbctl.errors import UsageError
from dbctl.neon.expiry import duration

LSN = re.compile(r"[0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8}")
_DATE = re.compile(r"\d{4}-\d\d-\d\d.*")


@dataclass(frozen=True)
class Point:
    """A branch by name or id, and when; without time and LSN it is the branch as it is now."""

    name: str
    timestamp: str | None = None
    lsn: str | None = None

    def fields(self, prefix: str) -> dict[str, str]:
        """What the API wants: `parent_timestamp` or `parent_lsn`, or nothing."""
        said = {f"{prefix}_timestamp": self.timestamp, f"{prefix}_lsn": self.lsn}
        return {name: value for name, value in said.items() if value}


def point(text: str, now: datetime | None = None) -> Point:
    """Read `text`; an @ that no moment follows is part of the name.

    Raises UsageError for a moment without a zone, or in the future.
    """
    name, at, moment = text.rpartition("@")
    if not at or not name:
        return Point(text)
    now = now or datetime.now(UTC)
    if LSN.fullmatch(moment):
        return Point(name, lsn=moment)
    if moment.startswith("-") and (past := duration(moment[1:])) is not None:
        return Point(name, timestamp=stamp(now - past))
    if _DATE.fullmatch(moment):
        return Point(name, timestamp=stamp(_past(moment, now)))
    return Point(text)


def _past(text: str, now: datetime) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{text!r} is not a time", hint="write NAME@2026-01-31T12:00:00Z, or NAME@-2h"
        ) from None
    if found.tzinfo is None:
        raise UsageError(f"{text} has no zone", hint=f"write {text}Z for UTC")
    if found > now:
        raise UsageError(f"{text} is in the future", hint="a branch begins at a moment in the past")
    return found


def stamp(moment: datetime) -> str:
    """A time as the API takes it: RFC 3339 in UTC, milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
