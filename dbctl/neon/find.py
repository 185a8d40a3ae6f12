"""Branches by their name or id. A name that does not exist is never anybody else's branch."""

import re
from collections.abc import AsyncIterator

from dbctl.errors import ConfigurationError, NotFoundError
from dbctl.neon import paging
from dbctl.neon.client import Neon
from dbctl.neon.errors import NeonError
from dbctl.neon.model import NeonBranch
from dbctl.neon.reading import one, read

ID = re.compile(r"br-[a-z0-9-]{1,57}")
ABSENT = 404


def required(neon: Neon, name: str | None) -> str:
    """`name`, else what NEON_BRANCH or .neon says. Raises ConfigurationError: there is no default.

    The project's default branch is mostly production.
    """
    chosen = name or neon.api.access.branch
    if not chosen:
        raise ConfigurationError(
            "no branch is named", hint="name it, set NEON_BRANCH, or write it into .neon"
        )
    return chosen


async def branch(neon: Neon, name: str) -> NeonBranch:
    """The branch of that name or id. Raises NotFoundError."""
    found = await branch_or_none(neon, name)
    if found is None:
        raise absent(name)
    return found


async def branch_or_none(neon: Neon, name: str) -> NeonBranch | None:
    """The branch of that name or id, None when there is none."""
    if ID.fullmatch(name) and (found := await _by_id(neon, name)):
        return found
    async for found in branches(neon, search=name):
        if found.name == name:
            return found
    return None


async def two(neon: Neon, first: str, second: str) -> tuple[NeonBranch, NeonBranch]:
    """Two branches by name or id, in one list. Raises NotFoundError."""
    found = {key: one async for one in branches(neon) for key in (one.id, one.name)}
    for name in (first, second):
        if name not in found:
            raise absent(name)
    return found[first], found[second]


async def by_id(neon: Neon, branch_id: str) -> NeonBranch:
    """The branch with that id. Raises NotFoundError."""
    found = await _by_id(neon, branch_id)
    if found is None:
        raise absent(branch_id)
    return found


async def _by_id(neon: Neon, branch_id: str) -> NeonBranch | None:
    try:
        return one(NeonBranch, await neon.get("branches", branch_id), "branch")
    except NeonError as error:
        if error.status != ABSENT:
            raise
        return None


async def branches(neon: Neon, *, search: str | None = None) -> AsyncIterator[NeonBranch]:
    """Every branch, page after page; `search` leaves out what does not hold that text."""
    path = await neon.path("branches")
    async for item in paging.items(
        neon.api, path, "branches", paging.Shape.branches, search=search
    ):
        yield read(NeonBranch, item)


def absent(name: str) -> NotFoundError:
    """There is no branch of that name."""
    return NotFoundError(
        f"there is no branch {name!r} in this project", hint="see `dbctl neon branch list`"
    )
