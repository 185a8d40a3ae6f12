"""The rows of two databases of one kind, compared table by table through their primary keys."""

from collections.abc import Iterable
from importlib import import_module
from typing import Any

from dbctl.database.change import RowsChange
from dbctl.database.server import Session, server
from dbctl.database.shape import Column, TableDetail
from dbctl.database.url import Url
from dbctl.errors import NotFoundError
from dbctl.settings import Settings

SHOWN = 5  # keys
COMPARERS = {
    "postgresql": "dbctl.database.postgres_rows",
    "sqlite": "dbctl.database.sqlite_rows",
}


async def rows(settings: Settings, before: Url, after: Url) -> tuple[RowsChange, ...]:
    """How every table's rows differ from `before` to `after`, by name."""
    compared: Any = import_module(COMPARERS[before.dialect]).compared
    async with (
        server(settings, before).open() as one,
        server(settings, after).open() as other,
    ):
        found = []
        for name in sorted({*await one.names(), *await other.names()}):
            was, becomes = await _detail(one, name), await _detail(other, name)
            if was is None or becomes is None or not (keys := _keys(was, becomes)):
                found.append(RowsChange(name, _count(was), _count(becomes)))
                continue
            counted = await compared((one, other), was.name, keys, _shared(was, becomes))
            found.append(RowsChange(name, was.rows, becomes.rows, *counted))
    return tuple(found)


async def _detail(session: Session, name: str) -> TableDetail | None:
    try:
        return await session.detail(name)
    except NotFoundError:
        return None


def _count(detail: TableDetail | None) -> int | None:
    return detail.rows if detail else None


def _keys(was: TableDetail, becomes: TableDetail) -> tuple[str, ...]:
    """The columns of the primary key; () unless both have the same."""
    one, other = (_names(each.columns, key="primary") for each in (was, becomes))
    return one if one == other else ()


def _shared(was: TableDetail, becomes: TableDetail) -> tuple[str, ...]:
    """The columns that both have, in one order."""
    return tuple(sorted({*_names(was.columns)} & {*_names(becomes.columns)}))


def _names(columns: Iterable[Column], key: str | None = None) -> tuple[str, ...]:
    return tuple(one.name for one in columns if key is None or one.key == key)
