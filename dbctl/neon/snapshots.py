"""Kept states of branches: create, list, restore, delete."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from dbctl.errors import NotFoundError
from dbctl.neon import find, operations
from dbctl.neon.client import Clock, Neon
from dbctl.neon.errors import LostReplyError, NeonError
from dbctl.neon.model import NeonBranch, NeonSnapshot, NeonSnapshotChange, NeonSnapshots
from dbctl.neon.parents import Point, stamp
from dbctl.neon.reading import many, one

ABSENT = 404


async def listed(neon: Neon) -> NeonSnapshots:
    """The snapshots of the project, the newest first."""
    found = many(NeonSnapshot, await neon.get("snapshots"), "snapshots")
    oldest = datetime.min.replace(tzinfo=UTC)
    return NeonSnapshots(
        tuple(sorted(found, key=lambda one: one.created_at or oldest, reverse=True))
    )


async def create(
    neon: Neon, point: Point, name: str | None, expires_at: datetime | None, clock: Clock | None
) -> NeonSnapshotChange:
    """Keep a branch as it is, or as it was at a moment."""
    branch = await find.branch(neon, point.name)
    name = name or f"{branch.name}-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    wish = {"name": name, "timestamp": point.timestamp, "lsn": point.lsn}
    wish["expires_at"] = stamp(expires_at) if expires_at else None
    query = urlencode({k: v for k, v in wish.items() if v is not None})
    path = await neon.path("branches", branch.id, "snapshot")
    try:
        answer: Any = await neon.api.send("POST", f"{path}?{query}")
    except LostReplyError:
        there = [one for one in (await listed(neon)).snapshots if one.name == name]
        if not there:
            raise
        return NeonSnapshotChange("create", there[0], branch.name)
    made = one(NeonSnapshot, answer, "snapshot")
    neon.note = f"the snapshot {made.name} ({made.id}) exists"
    await operations.of(neon, answer, clock)
    return NeonSnapshotChange("create", made, branch.name)


async def named(neon: Neon, name: str) -> NeonSnapshot:
    """The snapshot with that id or name. Raises NotFoundError."""
    for found in (await listed(neon)).snapshots:
        if name in (found.id, found.name):
            return found
    raise NotFoundError(f"there is no snapshot {name!r}", hint="see `dbctl neon snapshots list`")


async def restore(
    neon: Neon, snapshot: NeonSnapshot, name: str, clock: Clock | None
) -> NeonSnapshotChange:
    """Make a branch of that name from a snapshot."""
    try:
        answer = await neon.send("POST", "snapshots", snapshot.id, "restore", body={"name": name})
    except LostReplyError:
        made = await find.branch_or_none(neon, name)
        if made is None:
            raise
        answer = {}
    else:
        made = one(NeonBranch, answer, "branch")
    neon.note = f"the branch {made.name} ({made.id}) exists"
    await operations.of(neon, answer, clock)
    return NeonSnapshotChange("restore", snapshot, made.name)


async def delete(neon: Neon, snapshot: NeonSnapshot, clock: Clock | None) -> NeonSnapshotChange:
    """Delete a snapshot; it may be gone by now."""
    try:
        answer = await neon.send("DELETE", "snapshots", snapshot.id)
    except NeonError as error:
        if error.status != ABSENT:
            raise
        answer = None
    await operations.of(neon, answer, clock)
    return NeonSnapshotChange("delete", snapshot, changed=bool(answer))
