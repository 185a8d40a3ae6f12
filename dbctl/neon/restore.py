"""Put a branch back: to its parent as it is now, or to a moment of a branch's history."""

from typing import Any

from dbctl.errors import RefusedError, UsageError
from dbctl.neon import find, operations
from dbctl.neon.client import Clock, Neon
from dbctl.neon.errors import LostReplyError
from dbctl.neon.model import NeonBranch, NeonBranchChange
from dbctl.neon.parents import Point

SELF, PARENT = "^self", "^parent"


async def to_parent(
    neon: Neon, found: NeonBranch, clock: Clock | None, preserve: str | None = None
) -> NeonBranchChange:
    """Reset a branch to its parent as it is now. Raises RefusedError when it has none."""
    if found.parent_id is None:
        raise RefusedError(
            f"{found.name} has no parent to reset to", hint="restore it from another branch"
        )
    body = {"source_branch_id": found.parent_id}
    await _restored(neon, found, body, clock, preserve)
    return NeonBranchChange("reset", found.name, found.id, True, preserve or "")


async def to_point(
    neon: Neon, found: NeonBranch, point: Point, clock: Clock | None, preserve: str | None = None
) -> NeonBranchChange:
    """Restore a branch from another, or from its own past (`^self`, `^parent`).

    Raises UsageError when it is to be restored to what it is.
    """
    source = await _source(neon, found, point.name)
    moment = point.fields("source")
    if source == found.id and not moment:
        raise UsageError(
            f"{found.name} is what it is now",
            hint="add a moment: ^self@-2h, or ^self@2026-01-31T12:00Z",
        )
    body = {"source_branch_id": source, **moment}
    await _restored(neon, found, body, clock, preserve)
    return NeonBranchChange("restore", found.name, found.id, True, preserve or "")


async def _source(neon: Neon, found: NeonBranch, name: str) -> str:
    if name == SELF:
        return found.id
    if name != PARENT:
        return (await find.branch(neon, name)).id
    if found.parent_id is None:
        raise RefusedError(f"{found.name} has no parent", hint="name another source")
    return found.parent_id


async def _restored(
    neon: Neon, found: NeonBranch, body: dict[str, Any], clock: Clock | None, preserve: str | None
) -> None:
    """Send it. Without a name for what was there before, a second time changes nothing more."""
    body = {**body, **({"preserve_under_name": preserve} if preserve else {})}
    parts = ("branches", found.id, "restore")
    neon.note = f"the branch {found.name} ({found.id}) is being restored"
    try:
        answer = await neon.send("POST", *parts, body=body, repeatable=not preserve)
    except LostReplyError:
        if not (preserve and await find.branch_or_none(neon, preserve)):
            raise
        if clock is not None:
            await operations.finished(neon, await operations.running(neon, found.id), clock)
    else:
        await operations.of(neon, answer, clock)
