"""Make a branch that answers, however often and from wherever it is asked for.

One request when nothing is there. A POST whose answer was lost is never sent blindly again: the
branch is looked for by name, and who was first is known by when it was made.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from dbctl.database.url import Url
from dbctl.errors import ProviderError, RefusedError, TakenError
from dbctl.neon import address, find, operations, ready, restore
from dbctl.neon.address import Login
from dbctl.neon.branches import expire_at, removed, require_expendable
from dbctl.neon.client import Clock, Neon
from dbctl.neon.computes import Size
from dbctl.neon.errors import LostReplyError, NeonError
from dbctl.neon.model import Branch, BranchCreated, IfExists, Operation
from dbctl.neon.parents import Point, stamp
from dbctl.neon.reading import many, one

CONFLICT = 409
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


@dataclass(frozen=True)
class Made:
    """The branch that is there; `url` is direct, with its password, None without a compute."""

    branch: Branch
    created: bool
    parent: str | None
    url: Url | None = field(repr=False)
    seconds: float = 0.0

    def result(self, *, reveal: bool) -> BranchCreated:
        """As a command returns it."""
        direct = written(self.url, reveal=reveal)
        return BranchCreated(
            name=self.branch.name,
            id=self.branch.id,
            provider="neon",
            parent=self.parent,
            created=self.created,
            url=direct,
            direct=direct,
            pooled=written(self.url and address.pooled(self.url), reveal=reveal),
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
    parent = await find.branch(neon, wish.parent.name) if wish.parent else None
    answer = await _posted(neon, wish, _body(wish, parent))
    if answer is None:
        return await _existing(neon, wish, clock, wait=wait)
    return await _completed(neon, wish, answer, clock, wait=wait, parent=parent)


def _body(wish: Wish, parent: Branch | None) -> dict[str, Any]:
    branch: dict[str, Any] = {"name": wish.name}
    if wish.parent and parent:
        branch |= {"parent_id": parent.id, **wish.parent.fields("parent")}
    if wish.schema_only:
        branch["init_source"] = "schema-only"
    if wish.expires_at:
        branch["expires_at"] = stamp(wish.expires_at)
    if wish.protected:
        branch["protected"] = True
    endpoints = [{"type": "read_write", **wish.compute.fields}] if wish.compute else []
    return {"branch": branch, **({"endpoints": endpoints} if endpoints else {})}


async def _posted(neon: Neon, wish: Wish, body: dict[str, Any]) -> dict[str, Any] | None:
    """What Neon answers to the new branch, None when somebody has made it before."""
    started = time.monotonic()
    for lost_before in (False, True):
        try:
            answer: dict[str, Any] = await neon.send("POST", "branches", body=body)
        except LostReplyError:
            found = await find.branch_or_none(neon, wish.name)
            if found is None and lost_before:
                raise
        except NeonError as error:
            if error.status != CONFLICT:
                raise
            if not lost_before:
                return None
            found = await find.branch(neon, wish.name)
        else:
            return answer
        if found is not None:
            return {"branch": found} if _is_new(neon, found, started) else None
    return None


def _is_new(neon: Neon, branch: Branch, started: float) -> bool:
    """Whether it was made after we asked for it, by the clock of the server."""
    now = neon.api.server_time or datetime.now(UTC)
    asked = now - timedelta(seconds=time.monotonic() - started) - ROUNDING
    return branch.created_at is not None and branch.created_at >= asked


async def _completed(
    neon: Neon, wish: Wish, answer: dict[str, Any], clock: Clock, *, wait: bool,
    parent: Branch | None = None,
) -> Made:  # fmt: skip
    """A branch that this command made, from the answer that names it."""
    lost = isinstance(answer["branch"], Branch)
    branch = answer["branch"] if lost else one(Branch, answer, "branch")
    neon.note = f"the branch {branch.name} ({branch.id}) exists"
    running = many(Operation, answer, "operations")
    if lost and wait:
        running = tuple(await operations.running(neon, branch.id))
    return await _ready(
        neon, wish, branch, clock, wait=wait, running=running, created=True,
        parent=parent, uris=tuple(_uris(answer)),
    )  # fmt: skip


async def _existing(neon: Neon, wish: Wish, clock: Clock, *, wait: bool) -> Made:
    """What becomes of a branch that was there before."""
    found = await find.branch_or_none(neon, wish.name)
    if found is None:
        raise ProviderError(
            f"Neon says that there is a branch {wish.name!r}, and does not list it",
            hint="it may have been deleted just now: run the command again",
        )
    neon.note = f"the branch {found.name} ({found.id}) was there before"
    if wish.if_exists is IfExists.fail:
        raise TakenError(
            f"there is a branch {found.name!r} already ({found.id})",
            hint="--if-exists reuse uses it, reset or recreate begin again from its parent",
        )
    if found.default:
        raise RefusedError(
            f"{found.name} is the default branch: it is never taken for one that was made for this",
            hint="choose another name",
        )
    return await AGAIN[wish.if_exists](neon, wish, found, clock, wait)


async def _reused(neon: Neon, wish: Wish, found: Branch, clock: Clock, wait: bool) -> Made:
    if wish.expires_at:
        found = await expire_at(neon, found, wish.expires_at)
    running = await operations.running(neon, found.id) if wait else []
    return await _ready(
        neon, wish, found, clock, wait=wait, running=tuple(running), created=False
    )


async def _reset(neon: Neon, wish: Wish, found: Branch, clock: Clock, wait: bool) -> Made:
    require_expendable(found, "reset")
    await restore.to_parent(neon, found, clock)
    return await _reused(neon, wish, found, clock, wait)


async def _recreated(neon: Neon, wish: Wish, found: Branch, clock: Clock, wait: bool) -> Made:
    require_expendable(found, "delete")
    await removed(neon, found, clock)
    neon.note = f"the branch {found.name} ({found.id}) is deleted"
    parent = await find.branch(neon, wish.parent.name) if wish.parent else None
    answer = await _posted(neon, wish, _body(wish, parent))
    if answer is None:  # somebody else was quicker
        return await _reused(neon, wish, await find.branch(neon, wish.name), clock, wait)
    return await _completed(neon, wish, answer, clock, wait=wait, parent=parent)


AGAIN = {IfExists.reuse: _reused, IfExists.reset: _reset, IfExists.recreate: _recreated}


async def _ready(
    neon: Neon, wish: Wish, branch: Branch, clock: Clock, *, wait: bool,
    running: tuple[Operation, ...], created: bool, parent: Branch | None = None,
    uris: tuple[Url, ...] = (),
) -> Made:  # fmt: skip
    """Wait as long as was wished, and find out how to connect."""
    if parent is None and branch.parent_id:
        parent = await find.by_id(neon, branch.parent_id)
    if wait:
        await operations.finished(neon, running, clock)
    url = await _url(neon, wish, branch, uris) if wish.compute else None
    if wait and url:
        await ready.answers(neon, url, clock)
    name = parent.name if parent else None
    return Made(branch, created, name, url, clock.passed)


async def _url(neon: Neon, wish: Wish, branch: Branch, uris: tuple[Url, ...]) -> Url:
    """The URL that came with the branch; asked for when none or several fit."""
    fitting = [
        url
        for url in uris
        if wish.login.database in (None, url.name) and wish.login.role in (None, url.user)
    ]
    if len(fitting) == 1:
        return fitting[0]
    return await address.direct(neon, branch.id, wish.login)


def _uris(answer: dict[str, Any]) -> Iterator[Url]:
    for details in answer.get("connection_uris") or ():
        if text := details.get("connection_uri"):
            yield Url.parse(text)
