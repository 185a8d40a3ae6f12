"""Tokens: who a client is after it has signed in. Only their SHA-256 is kept.

An access token is short-lived. A refresh token is used once, for new ones of both kinds; all that
come from one sign-in are a family. Whoever uses a refresh token twice has stolen it, or was stolen
from: nobody can say which, so the whole family ends.
"""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

from sqlalchemy import ColumnElement, bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from dbctl.database.claim import claim
from dbctl.records.violations import translated
from dbctl.sample.models import RefreshToken, Token, User

TOKEN_BYTES = 32
TOKEN_LENGTH = 43  # characters that these bytes are written with
KINDS: tuple[type[Token | RefreshToken], ...] = (Token, RefreshToken)


class Lifetimes(NamedTuple):
    """How long tokens are valid."""

    access: timedelta
    refresh: timedelta


class Signed(NamedTuple):
    """What a client holds after it has signed in, told this once."""

    access: str
    refresh: str


class Bearer(NamedTuple):
    """Whose an access token is."""

    user_id: int
    is_superuser: bool
    family: str | None


class Account(NamedTuple):
    """What it takes to sign in."""

    user_id: int
    hashed_password: str


def digest(token: str) -> str:
    """What is kept of a token: 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


async def account(session: AsyncSession, login: str) -> Account | None:
    """The active account of that username or e-mail address, None when there is none."""
    statement = BY_EMAIL if "@" in login else BY_NAME
    with translated(User.metadata):
        row = (await session.execute(statement, {"login": login})).one_or_none()
    return None if row is None else Account(*row)


async def bearer(session: AsyncSession, token: str) -> Bearer | None:
    """Whose access token this is; None when it is nobody's, has expired or was revoked."""
    given = {"hash": digest(token), "now": datetime.now(UTC)}
    with translated(User.metadata):
        row = (await session.execute(BEARER, given)).one_or_none()
    return None if row is None else Bearer(*row)


async def sign_in(
    session: AsyncSession, user_id: int, lifetimes: Lifetimes, *, family: str = ""
) -> Signed:
    """New tokens for a user, of a new family unless one is said; sweeps expired ones away."""
    signed = Signed(secrets.token_urlsafe(TOKEN_BYTES), secrets.token_urlsafe(TOKEN_BYTES))
    family = family or str(uuid4())
    now = datetime.now(UTC)
    with translated(User.metadata):
        await claim(session)
        for old, new, token, lifetime in zip(OLD, NEW, signed, lifetimes, strict=True):
            await session.execute(old, {"of": user_id, "now": now})
            values = {"user_id": user_id, "family": family, "expires_at": now + lifetime}
            await session.execute(new, {**values, "token_hash": digest(token)})
    return signed


async def refresh(session: AsyncSession, token: str, lifetimes: Lifetimes) -> Signed | None:
    """New tokens for a refresh token, which is used up by it.

    None when it is not valid. One that was used before revokes its family: commit then, too.
    """
    hashed = digest(token)
    with translated(User.metadata):
        await claim(session)
        row = (await session.execute(_known(hashed))).one_or_none()
        if row is None or not await _held(session, row.user_id):
            return None
        used = (await session.execute(_used_up(hashed), execution_options=UNSEEN)).one_or_none()
    if used is None:
        if row.revoked_at or await _is_revoked(session, hashed):
            await revoke_family(session, row.user_id, row.family)
        return None
    await _revoke(session, Token, row.user_id, Token.family == row.family)
    return await sign_in(session, row.user_id, lifetimes, family=row.family)


async def sign_out(session: AsyncSession, of: Bearer, token: str) -> None:
    """Revoke an access token and everything else that came from its sign-in."""
    with translated(User.metadata):
        await claim(session)
        await _held(session, of.user_id)
    await _revoke(session, Token, of.user_id, Token.token_hash == digest(token))
    await revoke_family(session, of.user_id, of.family)


async def revoke_family(session: AsyncSession, user_id: int, family: str | None) -> None:
    """Revoke all that came from one sign-in of a user."""
    for kind in KINDS if family else ():
        await _revoke(session, kind, user_id, kind.family == family)


async def revoke_all(session: AsyncSession, user_id: int) -> None:
    """Sign a user out everywhere."""
    with translated(User.metadata):
        await claim(session)
        await _held(session, user_id)
    for kind in KINDS:
        await _revoke(session, kind, user_id)


def sweep(session: Session) -> int:
    """Delete every token that has expired, of all users; how many there were.

    Synchronous, for a thread or a task queue: nobody waits for it.
    """
    now = datetime.now(UTC)
    gone = (delete(kind).where(kind.expires_at < now).returning(kind.id) for kind in KINDS)
    return sum(len(session.scalars(one, execution_options=UNSEEN).all()) for one in gone)


# Every request of somebody signed in asks this: it is made once.
BEARER = (
    select(User.id, User.is_superuser, Token.family)
    .join(User, User.id == Token.user_id)
    .where(
        Token.token_hash == bindparam("hash", type_=Token.token_hash.type),
        Token.revoked_at.is_(None),
        Token.expires_at > bindparam("now", type_=Token.expires_at.type),
        User.is_active.is_(True),
        User.deleted_at.is_(None),
    )
)
# A crowd that signs in asks these: the less time they take, the less do others wait.
BY_EMAIL, BY_NAME = (
    select(User.id, User.hashed_password).where(
        of == bindparam("login", type_=of.type), User.is_active.is_(True), User.deleted_at.is_(None)
    )
    for of in (User.email, User.username)
)
TABLES: tuple[Any, ...] = tuple(kind.__table__ for kind in KINDS)
NEW = tuple(insert(table) for table in TABLES)
OLD = tuple(
    delete(table).where(
        table.c.user_id == bindparam("of", type_=table.c.user_id.type),
        table.c.expires_at < bindparam("now", type_=table.c.expires_at.type),
    )
    for table in TABLES
)
# Nobody keeps token objects in a session: there is nothing to bring up to date.
UNSEEN = {"synchronize_session": False}


def _active() -> tuple[ColumnElement[bool], ...]:
    return (User.is_active.is_(True), User.deleted_at.is_(None))


def _valid(kind: type[Token | RefreshToken]) -> tuple[ColumnElement[bool], ...]:
    return (kind.revoked_at.is_(None), kind.expires_at > datetime.now(UTC))


def _known(hashed: str) -> Any:  # noqa: ANN401 - a SELECT
    """A refresh token, whatever became of it."""
    return select(RefreshToken.user_id, RefreshToken.family, RefreshToken.revoked_at).where(
        RefreshToken.token_hash == hashed
    )


def _used_up(hashed: str) -> Any:  # noqa: ANN401 - an UPDATE with RETURNING
    """Of two clients with one token the database lets one through."""
    return (
        update(RefreshToken)
        .where(RefreshToken.token_hash == hashed, *_valid(RefreshToken))
        .values(revoked_at=datetime.now(UTC))
        .returning(RefreshToken.id)
    )


async def _is_revoked(session: AsyncSession, hashed: str) -> bool:
    """Whether it was revoked, also by somebody for whom we have just waited."""
    return (await session.execute(_known(hashed))).one().revoked_at is not None


async def _held(session: AsyncSession, user_id: int) -> bool:
    """Lock the account, so that no token is made while its tokens are revoked; False if closed."""
    held = select(User.id).where(User.id == user_id, *_active()).with_for_update(key_share=True)
    return await session.scalar(held) is not None


async def _revoke(
    session: AsyncSession,
    kind: type[Token | RefreshToken],
    user_id: int,
    *where: ColumnElement[bool],
) -> None:
    """Mark as revoked what is valid among a user's tokens; what was revoked keeps its time."""
    chosen = update(kind).where(kind.user_id == user_id, kind.revoked_at.is_(None), *where)
    with translated(User.metadata):
        await session.execute(chosen.values(revoked_at=datetime.now(UTC)), execution_options=UNSEEN)
