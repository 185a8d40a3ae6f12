"""Make a branch that answers, however often and from wherever it is asked for.

One request when nothing is there. A POST whose answer was lost is never sent blindly again: the
branch is looked for by name, and who was first is known by when it was made.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from dbctl.database.url import Url
from dbctl.errors import ProviderError, RefusedError, TakenError, UnreachableError, UsageError
from dbctl.neon import address, computes, find, host, operations, ready, restore
from dbctl.neon import expiry as limits
from dbctl.neon.address import Login
from dbctl.neon.branches import expire_at, removed, require_expendable
from dbctl.neon.client import Clock, Neon
from dbctl.neon.computes import WRITING, Size
from dbctl.neon.errors import LostReplyError, NeonError
from dbctl.neon.model import NeonBranch, NeonBranchCreated, Operation
from dbctl.neon.parents import Point, stamp
from dbctl.neon.parents import point as parse
from dbctl.neon.reading import many, one
from dbctl.neon.words import IfExists

CONFLICT = 409
LONGEST_NAME = 256
TRIES = 3  # how often an answer may be lost
ROUNDING = timedelta(seconds=1.5)  # the header Date has whole seconds


@dataclass(frozen=True)
class Wish:
    """The branch that somebody wants. `compute` None is a branch without one."""

    name: str
    parent: Point | None = None
    schema_only: bool = False
    expires_at: datetime | None = None
    protected: bool = False
    compute: Size | None = field(default_factory=Size)
    if_exists: IfExists = IfExists.fail
    login: Login = field(default_factory=Login)


def wish(
    name: str,
    *,
    parent: str | None,
    expiry: tuple[str | None, str | None],
    size: tuple[str | None, str | None] | None,
    protected: bool,
    **more: Any,  # noqa: ANN401 - the rest of `Wish`
) -> Wish:
    """Read the options: `expiry` is --ttl and --expires-at, `size` --cu and --suspend-timeout.

    `size` None is a branch without a compute. Raises UsageError before Neon is asked.
    """
    ends = limits.moment(*expiry)
    if ends and protected:
        raise UsageError("a protected branch cannot expire", hint="leave out one of the two")
    if not 0 < len(name) <= LONGEST_NAME:
        raise UsageError(f"a branch's name has 1 to {LONGEST_NAME} letters")
    return Wish(
        name,
        parent=parse(parent) if parent else None,
        expires_at=ends,
        protected=protected,
        compute=computes.size(*size) if size else None,
        **more,
    )


@dataclass(frozen=True)
class Made:
    """The branch that is there; `url` is direct, with its password, None without a compute."""

    branch: NeonBranch
    created: bool
    parent: str | None
    url: Url | None = field(repr=False)
    seconds: float = 0.0

    def result(self, *, reveal: bool) -> NeonBranchCreated:
        """As a command returns it."""
        direct = written(self.url, reveal=reveal)
        return NeonBranchCreated(
            name=self.branch.name,
            id=self.branch.id,
            provider="neon",
            parent=self.parent,
            created=self.created,
            url=direct,
            direct=direct,
            pooled=written(self.url and host.pooled(self.url), reveal=reveal),
            expires_at=self.branch.expires_at,
            seconds=round(self.seconds, 3),
            masked=not reveal,
        )


def written(url: Url | None, *, reveal: bool) -> str | None:
    """A URL as text, its password only when it was asked for."""
    return None if url is None else url.text if reveal else url.masked


async def create(neon: Neon, wish: Wish, clock: Clock, *, wait: bool = True) -> Made:
    """Make the branch, or use what is there as `wish.if_exists` says.

    Returns when its operations have ended and a connection answers, unless `wait` is False.
    Raises TakenError, RefusedError, TimedOutError, ProviderError; what exists then is in the text.
    """
    return await _Making(neon, wish, clock, wait).made()


@dataclass
class _Making:
    """One branch on its way."""

    neon: Neon
    wish: Wish
    clock: Clock
    wait: bool
    parent: NeonBranch | None = None

    async def made(self) -> Made:
        """The branch, made or found."""
        if self.wish.parent:
            self.parent = await find.branch(self.neon, self.wish.parent.name)
        answer = await self._posted()
        return await self._existing() if answer is None else await self._completed(answer)

    async def _posted(self) -> dict[str, Any] | None:
        """What Neon answers to the new branch, None when somebody has made it before."""
        started = time.monotonic()
        try:
            return await self._post()
        except LostReplyError as lost:
            error: ProviderError | UnreachableError = lost
        for _ in range(TRIES):
            found = await find.branch_or_none(self.neon, self.wish.name)
            if found is not None:
                return {"branch": found} if _is_new(self.neon, found, started) else None
            try:
                return await self._post() or {"branch": await self._there()}
            except LostReplyError as lost:
                error = lost
        raise error

    async def _post(self) -> dict[str, Any] | None:
        try:
            answer: dict[str, Any] = await self.neon.send("POST", "branches", body=self._body)
        except NeonError as error:
            if error.status != CONFLICT:
                raise
            return None
        return answer

    @property
    def _body(self) -> dict[str, Any]:
        wish = self.wish
        branch: dict[str, Any] = {"name": wish.name}
        if wish.parent and self.parent:
            branch |= {"parent_id": self.parent.id, **wish.parent.fields("parent")}
        if wish.schema_only:
            branch["init_source"] = "schema-only"
        if wish.expires_at:
            branch["expires_at"] = stamp(wish.expires_at)
        if wish.protected:
            branch["protected"] = True
        endpoints = [{"type": WRITING, **wish.compute.fields}] if wish.compute else []
        return {"branch": branch, **({"endpoints": endpoints} if endpoints else {})}

    async def _completed(self, answer: dict[str, Any]) -> Made:
        """The branch that this command made, from the answer that names it."""
        if isinstance(answer["branch"], NeonBranch):  # the answer was lost, and it was looked for
            branch = answer["branch"]
            self._note(branch, "exists")
            return await self._ready(branch, await self._running(branch), created=True)
        branch = one(NeonBranch, answer, "branch")
        self._note(branch, "exists")
        running = many(Operation, answer, "operations")
        return await self._ready(branch, running, created=True, uris=tuple(_uris(answer)))

    async def _existing(self) -> Made:
        """What becomes of a branch that was there before."""
        found = await self._there()
        self._note(found, "was there before")
        if self.wish.if_exists is IfExists.fail:
            raise TakenError(
                f"there is a branch {found.name!r} already ({found.id})",
                hint="--if-exists reuse uses it, reset or recreate begin again from its parent",
            )
        if found.default:
            raise RefusedError(
                f"{found.name} is the default branch: it is not used as if it were made for this",
                hint="choose another name",
            )
        if self.wish.if_exists is IfExists.reset:
            require_expendable(found, "reset")
            await restore.to_parent(self.neon, found, self.clock)
        if self.wish.if_exists is IfExists.recreate:
            return await self._recreated(found)
        return await self._reused(found)

    async def _there(self) -> NeonBranch:
        found = await find.branch_or_none(self.neon, self.wish.name)
        if found is None:
            raise ProviderError(
                f"Neon says that there is a branch {self.wish.name!r}, and does not list it",
                hint="it may have been deleted just now: run the command again",
            )
        return found

    async def _reused(self, found: NeonBranch) -> Made:
        if self.wish.expires_at:
            found = await expire_at(self.neon, found, self.wish.expires_at)
        return await self._ready(found, await self._running(found), created=False)

    async def _recreated(self, found: NeonBranch) -> Made:
        require_expendable(found, "delete")
        await removed(self.neon, found, self.clock)
        answer = await self._posted()
        if answer is None:  # somebody else was quicker
            return await self._reused(await self._there())
        return await self._completed(answer)

    async def _running(self, branch: NeonBranch) -> Sequence[Operation]:
        return await operations.running(self.neon, branch.id) if self.wait else ()

    async def _ready(
        self,
        branch: NeonBranch,
        running: Sequence[Operation],
        *,
        created: bool,
        uris: tuple[Url, ...] = (),
    ) -> Made:
        """Wait as long as was wished, and find out how to connect."""
        parent = self.parent
        if branch.parent_id and (parent is None or parent.id != branch.parent_id):
            parent = await find.by_id(self.neon, branch.parent_id)
        if self.wait:
            await operations.finished(self.neon, running, self.clock)
        url = await self._url(branch, uris) if self.wish.compute else None
        if self.wait and url:
            await ready.answers(self.neon, url, self.clock)
        return Made(branch, created, parent.name if parent else None, url, self.clock.passed)

    async def _url(self, branch: NeonBranch, uris: tuple[Url, ...]) -> Url:
        """The URL that came with the branch; asked for when none or several fit."""
        login = self.wish.login
        fitting = [
            url
            for url in uris
            if login.database in (None, url.name) and login.role in (None, url.user)
        ]
        if len(fitting) == 1:
            return fitting[0]
        return await address.direct(self.neon, branch.id, login)

    def _note(self, branch: NeonBranch, what: str) -> None:
        self.neon.note = f"the branch {branch.name} ({branch.id}) {what}"


def _is_new(neon: Neon, branch: NeonBranch, started: float) -> bool:
    """Whether it was made after we asked for it, by the clock of the server."""
    now = neon.api.server_time or datetime.now(UTC)
    asked = now - timedelta(seconds=time.monotonic() - started) - ROUNDING
    return branch.created_at is not None and branch.created_at >= asked


def _uris(answer: dict[str, Any]) -> Iterator[Url]:
    for details in answer.get("connection_uris") or ():
        if text := details.get("connection_uri"):
            yield Url.parse(text)
