"""Branches that a database server or a folder keeps: what is the same for all of these.

`Kept` is the provider, a `Store` the place; a branch is known there by an id made of its name and
says itself, in its record, what it is. Nothing of it stands in a file that could grow old.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

from dbctl.branch import names
from dbctl.branch.model import Branch, IfExists, Made, ProviderName, Wish
from dbctl.branch.names import Names
from dbctl.branch.record import Record, stamp
from dbctl.database import versions
from dbctl.database.guard import require_named
from dbctl.database.server import server
from dbctl.database.url import Url
from dbctl.errors import DbctlError, NotFoundError, RefusedError, TakenError
from dbctl.settings import Settings

AT_ONCE = 8  # connections that ask for revisions


@dataclass(frozen=True)
class Found:
    """One copy in the store; `record` is None where its making was cut short before it had one."""

    id: str
    record: Record | None
    bytes: int | None

    @property
    def is_whole(self) -> bool:
        """Whether it is a branch, not what is left of one."""
        return self.record is not None and self.record.whole

    @property
    def name(self) -> str:
        """What somebody called it, as far as that is known."""
        return self.record.name if self.record else self.id


@dataclass(frozen=True)
class Survey:
    """The main database and every copy of it."""

    main: str
    bytes: int | None
    copies: tuple[Found, ...]


class Store(Protocol):
    """Where the copies are. An id is a database or a file; the main database has one too."""

    name: ProviderName
    settings: Settings

    def opened(self) -> AbstractAsyncContextManager["Store"]:
        """The store, ready for several questions in a row."""
        ...

    async def main(self) -> str:
        """The id of the database that the branches come from."""
        ...

    async def survey(self, names: Names) -> Survey:
        """Everything that is there, at one moment."""
        ...

    def claim(self, *ids: str) -> AbstractAsyncContextManager[None]:
        """Let nobody else work on these. Raises LockedError after `lock_wait`."""
        ...

    async def fill(self, source: str, record: Record, wish: Wish) -> None:
        """Make the copy that `record` describes; nothing is left of it when that fails."""
        ...

    async def swap(self, source: str, record: Record, names: Names, wish: Wish) -> None:
        """Put a new copy in the place of an old one, in one moment."""
        ...

    async def note(self, record: Record) -> None:
        """Keep another record with a copy."""
        ...

    async def drop(self, id: str) -> bool:  # noqa: A002 - as above
        """Remove a copy, ending its sessions; False when it is gone."""
        ...

    def address(self, id: str) -> Url:  # noqa: A002 - as above
        """How to reach it."""
        ...


class Kept:
    """The branches in a store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.name: ProviderName = store.name

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator["_Work"]:
        async with self._store.opened() as store:
            yield _Work(store, Names(await store.main()))

    async def create(self, wish: Wish) -> Made:
        """Make a branch, or use what is there as `wish.if_exists` says."""
        started = time.monotonic()
        names.require(wish.name)
        require_named(self._store.settings, "make a branch")
        async with self._opened() as work:
            _require_other(wish.name, work.names.main)
            record, created = await work.provided(wish)
        branch = _branch(Found(record.id, record, None), self.name)
        url = self._store.address(record.id).text
        return Made(branch, created, url, round(time.monotonic() - started, 3))

    async def list(self) -> tuple[Branch, ...]:
        """The main database, then its branches by name; unfinished ones too."""
        async with self._opened() as work:
            survey = await work.survey()
            copies = (_branch(one, self.name) for one in survey.copies)
            found = (_main(survey, self.name), *sorted(copies, key=lambda one: one.name))
            return tuple(await work.with_revisions(found))

    async def show(self, name: str) -> Branch:
        """One branch by name or id, with its revision."""
        async with self._opened() as work:
            survey = await work.survey()
            is_main = name == survey.main
            found = (
                _main(survey, self.name) if is_main else _branch(_named(survey, name), self.name)
            )
            (shown,) = await work.with_revisions([found])
            return shown

    async def delete(self, name: str) -> bool:
        """Delete a branch, ending its sessions; False when there is none."""
        async with self._opened() as work:
            _require_other(name, work.names.main, "delete")
            found = _lookup(await work.survey(), name)
            if found is None:
                return False
            async with work.store.claim(found.id):
                return await work.store.drop(found.id)

    async def discard(self, seen: Branch) -> bool:
        """Delete a branch that is still as it was seen; False when it is not."""
        # What has no name yet may be another branch's future: its maker claims both ids.
        async with (
            self._opened() as work,
            work.store.claim(*{work.names.id(seen.name), seen.id}),
        ):
            survey = await work.survey()
            now = [_branch(one, self.name) for one in survey.copies if one.id == seen.id]
            if not now or (now[0].state, now[0].expires_at) != (seen.state, seen.expires_at):
                return False
            return await work.store.drop(seen.id)

    async def reset(self, name: str) -> Branch:
        """Make a branch what its parent is now."""
        async with self._opened() as work:
            _require_other(name, work.names.main, "reset")
            record = _whole(_named(await work.survey(), name))
            async with work.store.claim(record.id):
                survey = await work.survey()
                record = _whole(_named(survey, name))
                await work.reset(survey, record)
        return await self.show(name)

    async def url(self, name: str) -> str:
        """How to reach a branch or the main database, password included."""
        async with self._opened() as work:
            survey = await work.survey()
            found = survey.main if name == survey.main else _whole(_named(survey, name)).id
            return self._store.address(found).text


@dataclass(frozen=True)
class _Work:
    """An open store and the names in it."""

    store: Store
    names: Names

    async def survey(self) -> Survey:
        """Everything that is there now."""
        return await self.store.survey(self.names)

    async def provided(self, wish: Wish) -> tuple[Record, bool]:
        """The branch that is there in the end, and whether it was made now."""
        copy = self.names.id(wish.name)
        async with self.store.claim(copy):
            survey = await self.survey()
            found = next((one for one in survey.copies if one.id == copy), None)
            if found and found.record and found.is_whole:
                return await self._again(survey, found.record, wish)
            if found:  # what a killed command left; nobody works on it, we have the claim
                await self.store.drop(found.id)
            source, parent = _source(survey, wish.parent)
            record = self._record(wish, parent)
            await self.store.fill(source, record, wish)
            return record, True

    async def _again(self, survey: Survey, record: Record, wish: Wish) -> tuple[Record, bool]:
        """What becomes of a branch that was there before."""
        if wish.if_exists is IfExists.fail:
            raise TakenError(
                f"there is a branch {wish.name!r} already",
                hint="--if-exists reuse uses it, reset or recreate begin again from its parent",
            )
        if wish.if_exists is IfExists.recreate:
            source, parent = _source(survey, wish.parent)
            made = self._record(wish, parent)
            await self.store.swap(source, made, self.names, wish)
            return made, True
        record = replace(record, expires=stamp(wish.expires_at) or record.expires)
        if wish.if_exists is IfExists.reset:
            await self.reset(survey, record)
        elif wish.expires_at:
            await self.store.note(record)
        return record, False

    async def reset(self, survey: Survey, record: Record) -> None:
        """Put a new copy of the parent in the place of a branch."""
        source, _ = _source(survey, record.parent)
        wish = Wish(record.name, schema_only=record.schema_only)
        await self.store.swap(source, record, self.names, wish)

    def _record(self, wish: Wish, parent: str) -> Record:
        return Record(
            name=wish.name,
            id=self.names.id(wish.name),
            main=self.names.main,
            parent=parent,
            created=stamp(datetime.now(UTC)),
            expires=stamp(wish.expires_at),
            creator=_creator(),
            git=wish.git,
            schema_only=wish.schema_only,
        )

    async def with_revisions(self, found: Sequence[Branch]) -> list[Branch]:
        """The same branches with what their version tables say, several asked at once."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def asked(branch: Branch) -> Branch:
            if branch.state != "ready":
                return branch
            async with gate:
                return replace(branch, revision=await self._revision(branch.id))

        return await asyncio.gather(*map(asked, found))

    async def _revision(self, id: str) -> tuple[str, ...] | None:  # noqa: A002 - as above
        """What the version table says; None where nobody can ask it."""
        try:
            async with server(self.store.settings, self.store.address(id)).open() as session:
                return await versions.rows(session)
        except DbctlError:
            return None


def _main(survey: Survey, provider: ProviderName) -> Branch:
    return Branch(survey.main, survey.main, provider, main=True, bytes=survey.bytes)


def _branch(found: Found, provider: ProviderName) -> Branch:
    record = found.record
    if record is None:
        return Branch(found.id, found.id, provider, state="unfinished", bytes=found.bytes)
    return Branch(
        record.name,
        found.id,
        provider,
        parent=record.parent,
        state="ready" if record.whole else "unfinished",
        created_at=record.created_at,
        expires_at=record.expires_at,
        creator=record.creator,
        git=record.git,
        bytes=found.bytes,
    ).at(datetime.now(UTC))


def _lookup(survey: Survey, name: str) -> Found | None:
    found = [one for one in survey.copies if name in (one.name, one.id)]
    return max(found, key=lambda one: one.is_whole, default=None)


def _named(survey: Survey, name: str) -> Found:
    found = _lookup(survey, name)
    if found is None:
        raise NotFoundError(f"there is no branch {name!r}", hint="see `dbctl branch list`")
    return found


def _whole(found: Found) -> Record:
    if found.record is None or not found.is_whole:
        raise RefusedError(
            f"{found.name} is unfinished: its making was cut short",
            hint="`dbctl branch prune` removes it",
        )
    return found.record


def _source(survey: Survey, parent: str | None) -> tuple[str, str]:
    """The id and the name of what a branch is made from; None is the main database."""
    if parent is None or parent == survey.main:
        return survey.main, survey.main
    record = _whole(_named(survey, parent))
    return record.id, record.name


def _require_other(name: str, main: str, verb: str = "") -> None:
    """Raises for the main database, which is no branch."""
    if name != main:
        return
    if not verb:
        raise TakenError(f"{name!r} is the main database", hint="choose another name")
    raise RefusedError(f"{name} is the main database, no branch: dbctl does not {verb} it here")


def _creator() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""
