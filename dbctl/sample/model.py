"""What the sample's commands return: rows as others may see them, never a password's hash."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from dbctl.records.model import CountedPage, Found, Page

R = TypeVar("R")
P = TypeVar("P", bound=Page)
C = TypeVar("C", bound=CountedPage)


@dataclass(frozen=True)
class UserRow:
    """An account."""

    id: int
    username: str
    email: str
    full_name: str | None
    balance: Decimal
    is_active: bool
    is_superuser: bool
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


@dataclass(frozen=True)
class UserWithPassword(UserRow):
    """An account with the password that was generated for it; it is told this once."""

    password: str


@dataclass(frozen=True)
class UserPage(Page):
    """Some users; `next` is the cursor for those behind them, None when there are none."""

    rows: tuple[UserRow, ...]


@dataclass(frozen=True)
class CountedUserPage(CountedPage):
    """The same with the number of users on all pages (`--count`)."""

    rows: tuple[UserRow, ...]


@dataclass(frozen=True)
class UserDataRow:
    """What a user says about themselves."""

    bio: str | None
    locale: str | None
    time_zone: str | None


@dataclass(frozen=True)
class ItemRow:
    """An item."""

    id: int
    title: str
    price: Decimal
    owner_id: int
    description: str | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


@dataclass(frozen=True)
class ItemPage(Page):
    """Some items; `next` is the cursor for those behind them, None when there are none."""

    rows: tuple[ItemRow, ...]


@dataclass(frozen=True)
class CountedItemPage(CountedPage):
    """The same with the number of items on all pages (`--count`)."""

    rows: tuple[ItemRow, ...]


@dataclass(frozen=True)
class ItemShown(ItemRow):
    """An item with its owner."""

    owner: UserRow


@dataclass(frozen=True)
class PostRow:
    """A post."""

    id: int
    slug: str
    title: str
    author_id: int
    content: str
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


@dataclass(frozen=True)
class PostPage(Page):
    """Some posts; `next` is the cursor for those behind them, None when there are none."""

    rows: tuple[PostRow, ...]


@dataclass(frozen=True)
class CountedPostPage(CountedPage):
    """The same with the number of posts on all pages (`--count`)."""

    rows: tuple[PostRow, ...]


@dataclass(frozen=True)
class PostShown(PostRow):
    """A post with its author."""

    author: UserRow


@dataclass(frozen=True)
class UserShown(UserRow):
    """An account with what belongs to it; `items` and `posts` are the first page of each."""

    data: UserDataRow | None
    items: ItemPage
    posts: PostPage


@dataclass(frozen=True)
class Transferred:
    """Money went from one user to another."""

    amount: Decimal
    source: UserRow
    target: UserRow


def row(kind: type[R], of: Any, **more: Any) -> R:  # noqa: ANN401 - an object of the models
    """What a row holds, as a result: the attributes of the same names, and `more`."""
    names = [one.name for one in fields(kind) if one.name not in more]  # type: ignore[arg-type]
    return kind(**{name: getattr(of, name) for name in names}, **more)


def page(found: Found[Any], kind: type[P], row_of: Callable[[Any], Any]) -> P:
    """A page of rows, as a result."""
    return kind(rows=tuple(map(row_of, found.rows)), next=found.next)


def listed(
    found: Found[Any], plain: type[P], counted: type[C], row_of: Callable[[Any], Any]
) -> P | C:
    """A list, as a result; with its count when it was asked for."""
    if found.count is None:
        return page(found, plain, row_of)
    return counted(rows=tuple(map(row_of, found.rows)), next=found.next, count=found.count)
