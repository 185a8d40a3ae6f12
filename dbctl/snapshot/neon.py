"""Snapshots at Neon: its API keeps them, of the whole branch and all databases in it.

Here only the manifest is kept. A restored branch takes the place of the real one by Neon's own
step, which keeps hosts and passwords; what was there lives on as a branch.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

from dbctl.database.postgres import Postgres
from dbctl.database.server import Session
from dbctl.database.url import Url
from dbctl.errors import NotFoundError, ProviderError
from dbctl.neon import address, branches, computes, context, find, operations, ready, snapshots
from dbctl.neon.address import Login
from dbctl.neon.api import Api
from dbctl.neon.client import Clock, Neon
from dbctl.neon.errors import LostReplyError
from dbctl.neon.host import endpoint
from dbctl.neon.model import Endpoint, NeonBranch, NeonSnapshot
from dbctl.neon.parents import Point
from dbctl.neon.reading import one
from dbctl.settings import Settings
from dbctl.snapshot import rests, store
from dbctl.snapshot.model import Content, Manifest, ProviderName, Purpose, Rest
from dbctl.snapshot.postgres import in_use, seen
from dbctl.snapshot.provider import Built, Seen, Table
from dbctl.snapshot.store import Draft

SECONDS = 600.0  # how long Neon may take for one step
LONGEST = 200  # bytes of a branch's name
ID, STILL = "neon_snapshot", "still"
# A snapshot whose manifest is not written yet; after that nobody works on it any more.
UNFINISHED = re.compile(r"(?P<name>.+) \(dbctl is taking it\)")
NEONS = "cloud_admin"  # whose sessions are Neon's own
WORKING = timedelta(hours=1)


class NeonSnapshots:
    """Snapshots of one Neon branch."""

    name: ClassVar[ProviderName] = "neon"

    def __init__(self, settings: Settings, url: Url) -> None:
        self._settings = settings
        self._url = url

    @asynccontextmanager
    async def _neon(self) -> AsyncIterator[Neon]:
        api = Api(context.access(self._settings), connect_timeout=self._settings.connect_timeout)
        async with api:
            yield Neon(self._settings, api)

    async def _branch(self, neon: Neon) -> NeonBranch:
        """The branch that the settings' URL leads to."""
        found = one(Endpoint, await neon.get("endpoints", endpoint(self._url) or ""), "endpoint")
        return await find.by_id(neon, found.branch_id)

    async def save(self, draft: Draft, table: Table, jobs: int) -> Seen:  # noqa: ARG002
        """Let Neon keep the branch, and count what is in it meanwhile."""
        name = f"{draft.path.name.rsplit('.', 2)[0]} (dbctl is taking it)"
        async with self._neon() as neon, Postgres(self._url, self._settings).open() as session:
            branch = await self._branch(neon)
            before = await _position(session)
            await session.fetch("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            look, tables, described = await seen(session, table)
            made = await snapshots.create(neon, Point(branch.id), name, None, Clock(SECONDS))
            still = before == await _position(session)
        details = {ID: made.snapshot.id, "branch": branch.id, STILL: "yes" if still else "no"}
        content = Content(look.place.server_version, "Neon", tables, described, details)
        return Seen(content, look)

    async def published(self, found: Manifest) -> None:
        """Give the snapshot at Neon the name that it has here."""
        async with self._neon() as neon:
            await neon.send(
                "PATCH",
                "snapshots",
                found.content.details[ID],
                body={"snapshot": {"name": found.name}},
            )

    async def beside(self, purpose: Purpose) -> str:
        """A new name for a branch beside the real one."""
        async with self._neon() as neon:
            return rests.made((await self._branch(neon)).name, purpose, LONGEST)

    async def build(
        self,
        home: Path,  # noqa: ARG002 - all of it is at Neon
        found: Manifest,
        name: str,
        table: Table,
        jobs: int,  # noqa: ARG002 - Neon decides
    ) -> Built:
        """Let Neon make a branch of the snapshot, and look into it through a compute of its own."""
        async with self._neon() as neon:
            target = await self._branch(neon)
            kept = await snapshots.named(neon, found.content.details[ID])
            branch = await _restored(neon, kept, target, name)
            url = await self._reached(neon, branch)
            content, look = await self._content(url, found, table)
        return Built(name, content, look)

    async def _reached(self, neon: Neon, branch: NeonBranch) -> Url:
        clock = Clock(SECONDS)
        await computes.add(neon, branch.id, computes.Size(), clock)
        url = await address.direct(neon, branch.id, Login(self._url.name, self._url.user))
        await ready.answers(neon, url, clock)
        return url

    async def _content(self, url: Url, found: Manifest, table: Table) -> Seen:
        async with Postgres(url, self._settings).open() as session:
            await session.fetch("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            look, tables, described = await seen(session, table)
        kept = found.content
        # Where others wrote while it was taken the rows may be those of a moment before.
        rows = tables if kept.details.get(STILL) == "yes" else kept.tables
        content = replace(kept, tables=rows, schema=described)
        return Seen(content, look)

    async def require_free(self, *, end_sessions: bool) -> None:
        """Raises RefusedError naming who is connected, unless they may be cut off."""
        if end_sessions:
            return
        async with Postgres(self._url, self._settings).open() as session:
            clients = [one for one in (await session.use()).clients if one.user != NEONS]
        if clients:
            raise in_use(self._url, clients)

    async def swap(self, built: Built, *, end_sessions: bool) -> str | None:
        """Let the restored branch take the real one's name and computes."""
        await self.require_free(end_sessions=end_sessions)
        async with self._neon() as neon:
            target, branch = await self._branch(neon), await find.branch(neon, built.name)
            for compute in await computes.of(neon, branch.id):
                # It has the real one's from now on; a branch has one that writes.
                answer = await neon.send("DELETE", "endpoints", compute.id)
                await operations.of(neon, answer, Clock(SECONDS))
            old = rests.made(target.name, "old", LONGEST)
            answer = await neon.send(
                "POST", "branches", branch.id, "finalize_restore", body={"name": old}
            )
            await operations.of(neon, answer, Clock(SECONDS))
            await ready.answers(neon, self._url, Clock(SECONDS))
        return old

    async def rests(self) -> tuple[Rest, ...]:
        """Branches that a restore or a check made, and snapshots that nobody finished."""
        async with self._neon() as neon:
            target = await self._branch(neon)
            found = [
                rests.read(target.name, branch.name, branch.logical_size)
                async for branch in find.branches(neon)
            ]
            kept = (await snapshots.listed(neon)).snapshots
        unfinished = (self._unfinished(one, target) for one in kept)
        return tuple(one for one in (*found, *unfinished) if one)

    def _unfinished(self, found: NeonSnapshot, target: NeonBranch) -> Rest | None:
        """A snapshot without a manifest; as long as its maker may be at work it is running."""
        if not UNFINISHED.fullmatch(found.name) or found.source_branch_id != target.id:
            return None
        made = found.created_at or datetime.now(UTC)
        if found.id in _known(store.folder(self._settings)):
            return None
        return Rest(found.id, "new", made, None, datetime.now(UTC) - made < WORKING)

    def url(self, name: str) -> None:
        """Nothing: a branch that was replaced has no compute."""

    async def remove(self, name: str) -> None:
        """Delete a branch or a snapshot that nobody finished; it may be gone by now."""
        async with self._neon() as neon:
            if (branch := await find.branch_or_none(neon, name)) is not None:
                await branches.removed(neon, branch, Clock(SECONDS))
                return
            for kept in (await snapshots.listed(neon)).snapshots:
                if kept.id == name and UNFINISHED.fullmatch(kept.name):
                    await snapshots.delete(neon, kept, Clock(SECONDS))

    async def forget(self, found: Manifest) -> None:
        """Delete the snapshot at Neon; it may be gone by now."""
        async with self._neon() as neon:
            kept = NeonSnapshot(found.content.details[ID])
            await snapshots.delete(neon, kept, Clock(SECONDS))


async def _position(session: Session) -> str:
    """How far the branch's log has come: the same twice says that nobody wrote between."""
    return str((await session.fetch("SELECT pg_current_wal_insert_lsn()::text"))[0][0])


async def _restored(neon: Neon, kept: NeonSnapshot, target: NeonBranch, name: str) -> NeonBranch:
    """A branch made from a snapshot, ready to take the place of `target`."""
    body = {"name": name, "target_branch_id": target.id, "finalize_restore": False}
    try:
        answer = await neon.send("POST", "snapshots", kept.id, "restore", body=body)
    except LostReplyError:
        if (made := await find.branch_or_none(neon, name)) is None:
            raise
        answer = {}
    else:
        made = one(NeonBranch, answer, "branch")
    neon.note = f"the branch {name} exists"
    await operations.of(neon, answer, Clock(SECONDS))
    return made


def _known(home: Path) -> set[str]:
    """The snapshots at Neon that have a manifest here."""
    found = set()
    for name in store.names(home):
        try:
            found.add(store.read(home, name).content.details.get(ID, ""))
        except (ProviderError, NotFoundError):
            continue
    return found
