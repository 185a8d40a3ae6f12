"""What is asked about the rows of a class, and what comes back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, TypeVar

T = TypeVar("T")

LIMIT = 20
MOST = 1000
LONGEST_SEARCH = 1000  # characters: SQLite takes no pattern over 50,000 bytes


class State(StrEnum):
    """Which rows: those that are kept, those that were deleted, or all."""

    kept = "kept"
    deleted = "deleted"
    all = "all"


@dataclass(frozen=True)
class Question:
    """What a list is to hold.

    `sort` is a column's name, -name for descending order, "" for the order of the keys. `where`
    names columns and what they must equal.
    """

    limit: int = LIMIT
    after: str | None = None
    search: str | None = None
    sort: str = ""
    state: State = State.kept
    count: bool = False
    where: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Found(Generic[T]):
    """Some rows in order; `next` asks for those behind them, None when there are none.

    `count` is the number of rows on all pages, None when nobody asked.
    """

    rows: Sequence[T]
    next: str | None
    count: int | None = None


@dataclass(frozen=True)
class Page:
    """A list as a command prints it."""

    rows: tuple[Any, ...]
    next: str | None


@dataclass(frozen=True)
class CountedPage(Page):
    """A list with the number of rows on all its pages."""

    count: int


@dataclass(frozen=True)
class Purged:
    """A row that is gone for good."""

    table: str
    id: int | str
