"""Lists that come in pages. The API has three ways to say where the next one begins."""

from collections.abc import AsyncIterator
from enum import Enum
from typing import Any

from dbctl.errors import ProviderError
from dbctl.neon.api import Api

PAGES = 10_000  # nobody has more; a server that turns in a circle is stopped


class Shape(Enum):
    """Where the next cursor is, the longest page, and whether a short page is the last."""

    branches = ("next", 10_000, False)
    projects = ("cursor", 400, True)
    operations = ("cursor", 1_000, False)


async def items(
    api: Api, path: str, key: str, shape: Shape, **parameters: object
) -> AsyncIterator[dict[str, Any]]:
    """Every item of the list below `key`, page after page as they are asked for.

    Raises ProviderError when the same page is offered again and again.
    """
    name, longest, short_is_last = shape.value
    cursor: str | None = None
    seen: set[str] = set()
    for _ in range(PAGES):
        answer = await api.get(path, limit=longest, cursor=cursor, **parameters)
        found = answer.get(key) or []
        for item in found:
            yield item
        cursor = (answer.get("pagination") or {}).get(name)
        if not (cursor and found) or (short_is_last and len(found) < longest):
            return
        if cursor in seen:
            raise ProviderError(f"Neon repeats a page of {key}", hint="try again later")
        seen.add(cursor)
