"""What differs from one branch to another: the schema, and on demand the rows."""

import asyncio

from dbctl.branch.model import BranchDifference
from dbctl.branch.provider import Provider
from dbctl.branch.registry import provider
from dbctl.database import comparing, schema
from dbctl.database.server import server
from dbctl.database.url import Url
from dbctl.errors import RefusedError
from dbctl.settings import Settings


async def difference(
    settings: Settings, first: str, second: str | None, *, data: bool
) -> BranchDifference:
    """From `first` to `second`; with one branch alone, from its parent to it.

    Raises NotFoundError, RefusedError for the main database alone.
    """
    keeper = provider(settings)
    before, after = (first, second) if second else (await _parent(keeper, first), first)
    urls = [Url.parse(await keeper.url(name)) for name in (before, after)]
    described = await asyncio.gather(*(_described(settings, url) for url in urls))
    changes = schema.differences(*described)
    rows = await comparing.rows(settings, *urls) if data else None
    differing = tuple(one for one in rows if not one.is_same) if rows is not None else None
    return BranchDifference(before, after, not changes and not differing, changes, differing)


async def _parent(keeper: Provider, name: str) -> str:
    found = await keeper.show(name)
    if found.parent is None:
        raise RefusedError(f"{name} has no parent to compare with", hint="name two branches")
    return found.parent


async def _described(settings: Settings, url: Url) -> dict[str, str]:
    async with server(settings, url).open() as session:
        return await schema.described(session)
