"""Users: accounts, and what belongs to them."""

from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from dbctl.records.model import Found, Question
from dbctl.records.rows import Records
from dbctl.sample.models import Item, Post, User
from dbctl.sample.schemas import UserCreate, UserUpdate
from dbctl.sample.services import passwords, tokens
from dbctl.sample.services.items import ITEMS
from dbctl.sample.services.posts import POSTS

USERS = Records(User, search=("username", "email", "full_name"), hidden=("hashed_password",))


@dataclass(frozen=True)
class Shown:
    """A user, what they say about themselves (`user.data`), and the first page of their things."""

    user: User
    items: Found[Item]
    posts: Found[Post]


async def create(session: AsyncSession, new: UserCreate, *, superuser: bool = False) -> User:
    """Open an account. Raises TakenError when username or e-mail address belong to somebody."""
    values = new.model_dump(exclude={"password"})
    kept = await passwords.hashed(new.password)
    return await USERS.create(session, **values, hashed_password=kept, is_superuser=superuser)


async def shown(session: AsyncSession, id: int, *, deleted: bool | None = False) -> Shown:
    """One user with what belongs to them, in one query each. Raises NotFoundError."""
    options = (selectinload(User.data),)
    user = await USERS.find(session, id, deleted=deleted, options=options)
    items = await ITEMS.page(session, Question(where={"owner_id": user.id}))
    posts = await POSTS.page(session, Question(where={"author_id": user.id}))
    return Shown(user, items, posts)


async def update(
    session: AsyncSession,
    id: int,
    changes: UserUpdate,
    *,
    superuser: bool | None = None,
) -> User:
    """Change what was given, nothing else. Raises NotFoundError, TakenError."""
    values: dict[str, Any] = changes.model_dump(exclude_unset=True)
    if superuser is not None:
        values["is_superuser"] = superuser
    return await USERS.update(session, id, values)


async def set_password(session: AsyncSession, id: int, password: SecretStr) -> User:
    """Give an account another password, and end every sign-in. Raises NotFoundError."""
    kept = await passwords.hashed(password)
    user = await USERS.update(session, id, {"hashed_password": kept})
    await tokens.revoke_all(session, id)
    return user
