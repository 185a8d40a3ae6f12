"""The three shapes in which the API cuts a list into pages.

Branches: `pagination.next`, absent on the last page. Projects and operations: `pagination.cursor`
on every page that has rows; a page shorter than asked for is the last one.
"""

import base64
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from tests.neon.state import Refused

T = TypeVar("T")


def after(rows: Sequence[T], cursor: str | None, identity: Callable[[T], str]) -> Sequence[T]:
    """The rows behind the one that the cursor names; 400 for a cursor that names none."""
    if cursor is None:
        return rows
    known = [_cursor(identity(row)) for row in rows]
    if cursor not in known:
        raise Refused(400, "invalid cursor")
    return rows[known.index(cursor) + 1 :]


def by_next(
    rows: Sequence[T], size: int, identity: Callable[[T], str], query: dict[str, str]
) -> tuple[Sequence[T], dict[str, Any]]:
    """A page, and `pagination` with `next` when there is another."""
    rest = after(rows, query.get("cursor"), identity)
    page = rest[:size]
    more = {"next": _cursor(identity(page[-1]))} if len(rest) > size else {}
    order = {key: query.get(key, default) for key, default in ORDER.items()}
    return page, {"pagination": order | more}


def by_cursor(
    rows: Sequence[T], size: int, identity: Callable[[T], str], query: dict[str, str]
) -> tuple[Sequence[T], dict[str, Any]]:
    """A page, and `pagination` with `cursor` when it has rows."""
    page = after(rows, query.get("cursor"), identity)[:size]
    return page, {"pagination": {"cursor": _cursor(identity(page[-1]))}} if page else {}


ORDER = {"sort_by": "updated_at", "sort_order": "desc"}


def _cursor(identity: str) -> str:
    # Nobody shall guess a cursor, or take one for an id.
    return base64.urlsafe_b64encode(f"after:{identity}".encode()).decode()
