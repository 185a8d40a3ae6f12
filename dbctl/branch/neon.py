"""Branches at Neon: its API makes them, and has their parents and expiries.

Neon's project may hold branches that somebody else made. Only what says inside that it is a branch
of dbctl's is ever reset or deleted here.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

from dbctl.branch import marked, names
from dbctl.branch.model import Branch, IfExists, Made, ProviderName, Wish
from dbctl.database import versions
from dbctl.database.guard import require_named
from dbctl.database.server import address, server
from dbctl.database.url import Url
from dbctl.errors import DbctlError, NotFoundError, RefusedError, TakenError
from dbctl.neon import address as addresses
from dbctl.neon import branches, context, create, expiry, find, parents, ready, restore
from dbctl.neon.address import Login
from dbctl.neon.api import Api
from dbctl.neon.client import Clock, Neon
from dbctl.neon.create import Made as NeonMade
from dbctl.neon.host import endpoint
from dbctl.neon.model import Endpoint, NeonBranch
from dbctl.neon.reading import one
from dbctl.settings import Settings

SECONDS = 300.0  # how long Neon may take for one branch


class NeonBranches:
    """The branches of a Neon project; the main one is that of the settings' URL."""

    name: ProviderName = "neon"

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._url = address(settings).direct
        self._login = Login(self._url.name, self._url.user)

    async def create(self, wish: Wish) -> Made:
        """Make a branch, or use what is there as `wish.if_exists` says."""
        started = time.monotonic()
        names.require(wish.name)
        require_named(self.settings, "make a branch")
        async with self._neon() as neon:
            main = await self._main(neon)
            if wish.name in (main.name, main.id):
                raise TakenError(f"{wish.name!r} is the main database", hint="choose another name")
            made = await self._made(neon, main, wish)
            url = made.url or await self._direct(neon, made.branch)
            if made.created or wish.if_exists is IfExists.reset:
                await self._prepared(neon, url, wish)
            branch = self._branch(made.branch, made.parent)
        return Made(branch, made.created, url.text, round(time.monotonic() - started, 3))

    async def _made(self, neon: Neon, main: NeonBranch, wish: Wish) -> NeonMade:
        """What Neon makes of it; nothing that somebody else made is replaced."""
        expiry.require_soon(wish.expires_at)
        if wish.if_exists in (IfExists.reset, IfExists.recreate):
            there = await find.branch_or_none(neon, wish.name)
            if there:
                await self._require_ours(neon, there, wish.if_exists.value)
        theirs = create.Wish(
            wish.name,
            parent=parents.point(wish.parent or main.id),
            schema_only=wish.schema_only,
            expires_at=wish.expires_at,
            if_exists=wish.if_exists,
            login=self._login,
        )
        return await create.create(neon, theirs, Clock(SECONDS))

    async def _prepared(self, neon: Neon, url: Url, wish: Wish) -> None:
        """Tell the copy what it is; of a bare schema, which revisions it has."""
        async with server(self.settings, url).open() as session:
            if wish.schema_only:
                # Neon makes these without a parent: nothing there says where they came from.
                source = self._url
                if wish.parent:
                    source = await self._direct(neon, await find.branch(neon, wish.parent))
                async with server(self.settings, source).open() as reading:
                    await versions.carry(reading, session)
            await marked.mark_copy(session, self.settings)

    async def list(self) -> tuple[Branch, ...]:
        """The main database, then the project's branches by name.

        Nobody is asked for a revision: that would wake every compute.
        """
        async with self._neon() as neon:
            main = await self._main(neon)
            found = [one async for one in find.branches(neon)]
        known = {one.id: one.name for one in found}
        shown = [self._branch(one, known.get(one.parent_id or "")) for one in found]
        others = sorted((one for one in shown if one.id != main.id), key=lambda one: one.name)
        return (replace(self._branch(main, known.get(main.parent_id or "")), main=True), *others)

    async def show(self, name: str) -> Branch:
        """One branch by name or id, with its revision."""
        async with self._neon() as neon:
            main, found = await self._main(neon), await find.branch(neon, name)
            parent = await find.by_id(neon, found.parent_id) if found.parent_id else None
            revision = await self._revision(neon, found)
        shown = self._branch(found, parent.name if parent else None)
        return replace(shown, main=found.id == main.id, revision=revision)

    async def delete(self, name: str) -> bool:
        """Delete a branch; False when there is none. Raises RefusedError for others' branches."""
        async with self._neon() as neon:
            found = await find.branch_or_none(neon, name)
            if found is None:
                return False
            await self._require_ours(neon, found, "delete")
            return await branches.removed(neon, found, Clock(SECONDS))

    async def discard(self, seen: Branch) -> bool:
        """Delete a branch that is still as it was seen, and dbctl's; False when it is not."""
        async with self._neon() as neon:
            found = await find.branch_or_none(neon, seen.id)
            if found is None or found.expires_at != seen.expires_at:
                return False
            try:
                await self._require_ours(neon, found, "delete")
            except RefusedError:
                return False
            return await branches.removed(neon, found, Clock(SECONDS))

    async def reset(self, name: str) -> Branch:
        """Make a branch what its parent is now."""
        async with self._neon() as neon:
            found = await find.branch(neon, name)
            await self._require_ours(neon, found, "reset")
            clock = Clock(SECONDS)
            await restore.to_parent(neon, found, clock)
            url = await self._direct(neon, found)
            await ready.answers(neon, url, clock)
            await self._prepared(neon, url, Wish(name))
        return await self.show(found.id)

    async def url(self, name: str) -> str:
        """How to reach a branch, password included: the direct URL."""
        async with self._neon() as neon:
            return (await self._direct(neon, await find.branch(neon, name))).text

    @asynccontextmanager
    async def _neon(self) -> AsyncIterator[Neon]:
        api = Api(context.access(self.settings), connect_timeout=self.settings.connect_timeout)
        async with api:
            yield Neon(self.settings, api)

    async def _main(self, neon: Neon) -> NeonBranch:
        """The branch that the settings' URL leads to."""
        answer = await neon.get("endpoints", endpoint(self._url) or "")
        return await find.by_id(neon, one(Endpoint, answer, "endpoint").branch_id)

    async def _direct(self, neon: Neon, branch: NeonBranch) -> Url:
        found = await addresses.direct(neon, branch.id, self._login)
        return found.driven(self._url.driver)

    async def _require_ours(self, neon: Neon, found: NeonBranch, verb: str) -> None:
        """Raises RefusedError for the default branch, a protected one, and what others made."""
        branches.require_expendable(found, verb)
        why = ""
        try:
            async with server(self.settings, await self._direct(neon, found)).open() as session:
                ours = await marked.is_copy(session)
        except NotFoundError as error:
            ours, why = False, f": {error.message}"
        if not ours:
            raise RefusedError(
                f"{found.name} does not say that `dbctl branch` made it: dbctl does not {verb} it"
                f" here{why}",
                hint="`dbctl neon branch` works on every branch of the project",
            )

    async def _revision(self, neon: Neon, found: NeonBranch) -> tuple[str, ...] | None:
        try:
            async with server(self.settings, await self._direct(neon, found)).open() as session:
                return await versions.rows(session)
        except DbctlError:
            return None

    def _branch(self, found: NeonBranch, parent: str | None) -> Branch:
        return Branch(
            found.name,
            found.id,
            self.name,
            parent=parent,
            created_at=found.created_at,
            expires_at=found.expires_at,
            bytes=found.logical_size,
        ).at(datetime.now(UTC))
