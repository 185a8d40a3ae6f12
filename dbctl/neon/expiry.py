"""When a branch deletes itself. Neon's limits are checked before it is asked."""

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from dbctl.errors import RefusedError, UsageError

if TYPE_CHECKING:
    from dbctl.neon.model import NeonBranch

LONGEST = timedelta(days=30)
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DURATION = re.compile(r"(?:\d{1,7}[smhdw])+")
_PART = re.compile(r"(\d+)([smhdw])")


def duration(text: str) -> timedelta | None:
    """`2d`, `90m`, `1d12h` as a time span; None when it is none."""
    if not _DURATION.fullmatch(text):
        return None
    parts = _PART.findall(text)
    return sum((timedelta(**{UNITS[unit]: int(number)}) for number, unit in parts), timedelta())


def span(text: str, option: str) -> timedelta:
    """The time span of an option. Raises UsageError."""
    found = duration(text)
    if found is None:
        raise UsageError(f"{option} {text!r} is not a time span", hint="write 90m, 12h, 2d or 1w")
    return found


def moment(ttl: str | None, at: str | None, longest: timedelta | None = LONGEST) -> datetime | None:
    """The moment that `--ttl` or `--expires-at` names, None without both.

    Raises UsageError for one without a zone, in the past, or further away than `longest`.
    """
    now = datetime.now(UTC)
    if ttl and at:
        raise UsageError("--ttl and --expires-at say the same twice", hint="leave one out")
    found = now + span(ttl, "--ttl") if ttl else _read(at) if at else None
    if found is None:
        return None
    if found <= now:
        raise UsageError(f"{found.isoformat()} is not in the future", hint="write --ttl 2d")
    if longest is not None:
        require_soon(found, longest)
    return found


def require_soon(moment: datetime | None, longest: timedelta = LONGEST) -> None:
    """Raises UsageError for an expiry that is further away than Neon allows."""
    if moment is not None and moment - datetime.now(UTC) > longest:
        raise UsageError("a branch expires within 30 days at most", hint="write --ttl 30d or less")


def chosen(ttl: str | None, at: str | None, *, never: bool) -> datetime | None:
    """As `moment`, where `--never` has to be said to mean none. Raises UsageError."""
    if never == bool(ttl or at):
        raise UsageError(
            "say one of --ttl, --expires-at and --never", hint="--ttl 2d, or --never to keep it"
        )
    return moment(ttl, at)


def _read(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"--expires-at {text!r} is not a time", hint="write 2026-01-31T12:00:00Z"
        ) from None
    if found.tzinfo is None:
        raise UsageError(f"--expires-at {text} has no zone", hint=f"write {text}Z for UTC")
    return found


def require_mortal(branch: "NeonBranch") -> None:
    """Raises RefusedError for a branch that must not expire."""
    why = "the default branch" if branch.default else "protected" if branch.protected else ""
    if why:
        raise RefusedError(
            f"{branch.name} is {why}: it cannot expire", hint="expire a branch made from it"
        )
