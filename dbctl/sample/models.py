"""The tables of the sample: users and their data, tokens, items, posts.

Models say what is stored and how rows relate, nothing more: rules of the business live in services.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    false,
    func,
    text,
    true,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from dbctl.sample.columns import LowerCase, Money, UtcDateTime

USERNAME_LENGTH = 50
EMAIL_LENGTH = 254  # RFC 5321: a longer address cannot be written to
NAME_LENGTH = 255
TITLE_LENGTH = 255
SLUG_LENGTH = 255
HASH_LENGTH = 255
SHA256_LENGTH = 64  # hexadecimal digits
FAMILY_LENGTH = 36  # a UUID as text

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The metadata of the sample, with a name for every constraint, so that it can be dropped."""

    metadata = MetaData(naming_convention=NAMING)


class BaseModel(Base):
    """What every table has: a key, two times, and deletion that can be undone.

    `deleted_at` is stored and `is_deleted` derived from it, in Python and in SQL alike: one column
    cannot disagree with itself.
    """

    __abstract__ = True
    # The server's clock sets both times; fetched with RETURNING, they never need a lazy load.
    __mapper_args__ = {"eager_defaults": True}

    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-1)
    created_at: Mapped[datetime] = mapped_column(
        UtcDateTime, server_default=func.now(), sort_order=1
    )
    updated_at: Mapped[datetime] = mapped_column(
        UtcDateTime, server_default=func.now(), onupdate=func.now(), sort_order=2
    )
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime, sort_order=3)

    def __init__(self, **values: Any) -> None:  # noqa: ANN401 - whatever the columns hold
        """Set the attributes, and plain column defaults at once instead of at the flush."""
        for column in self.__table__.columns:
            if column.default is not None and column.default.is_scalar:
                values.setdefault(column.key, column.default.arg)
        super().__init__(**values)

    def __repr__(self) -> str:
        """Name the row by its key only: no value that may be a secret."""
        return f"<{type(self).__name__}(id={self.id})>"

    @hybrid_property
    def is_deleted(self) -> bool:
        """Whether the row is in the bin."""
        return self.deleted_at is not None

    @is_deleted.inplace.expression
    @classmethod
    def _is_deleted_in_sql(cls) -> ColumnElement[bool]:
        return cls.deleted_at.is_not(None)

    @is_deleted.inplace.update_expression
    @classmethod
    def _is_deleted_in_update(cls, value: Any) -> list[tuple[Any, Any]]:  # noqa: ANN401 - a bool
        return [(cls.deleted_at, func.now() if value else None)]

    def soft_delete(self) -> None:
        """Put the row in the bin; a row that is there already keeps its time."""
        self.deleted_at = self.deleted_at or datetime.now(UTC)

    def restore(self) -> None:
        """Take the row out of the bin."""
        self.deleted_at = None


class TitleMixin:
    """A title."""

    title: Mapped[str] = mapped_column(String(TITLE_LENGTH), index=True)


class DescriptionMixin:
    """A longer text that may be missing."""

    description: Mapped[str | None] = mapped_column(Text)


class SlugMixin:
    """The part of an address that names the row; unique among rows that are not deleted."""

    slug: Mapped[str] = mapped_column(String(SLUG_LENGTH))


def unique_while_kept(table: str, column: str) -> Index:
    """Return an index that lets a deleted row's value be used again."""
    kept = text("deleted_at IS NULL")
    return Index(
        f"uq_{table}_{column}", column, unique=True, postgresql_where=kept, sqlite_where=kept
    )


def amount_check(column: str) -> CheckConstraint:
    """Return a CHECK against negative amounts; the upper bound keeps PostgreSQL's NaN out."""
    return CheckConstraint(f"{column} >= 0 AND {column} < 1000000000000", name=f"{column}_amount")


class User(BaseModel):
    """A person with an account."""

    __tablename__ = "users"
    __table_args__ = (
        unique_while_kept("users", "username"),
        unique_while_kept("users", "email"),
        CheckConstraint("email = lower(email)", name="email_lower"),
        amount_check("balance"),
    )

    username: Mapped[str] = mapped_column(String(USERNAME_LENGTH))
    email: Mapped[str] = mapped_column(LowerCase(EMAIL_LENGTH))
    full_name: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    hashed_password: Mapped[str] = mapped_column(String(HASH_LENGTH))
    is_active: Mapped[bool] = mapped_column(default=True, server_default=true())
    is_superuser: Mapped[bool] = mapped_column(default=False, server_default=false())
    balance: Mapped[Decimal] = mapped_column(
        Money, default=Decimal("0.00"), server_default=text("0")
    )

    data: Mapped["UserData | None"] = relationship(
        back_populates="user", lazy="raise", cascade="all, delete-orphan", passive_deletes=True
    )
    tokens: Mapped[list["Token"]] = relationship(
        back_populates="user", lazy="raise", cascade="all, delete-orphan", passive_deletes=True
    )
    refresh_tokens: Mapped[list["RefreshToken"]] = relationship(
        back_populates="user", lazy="raise", cascade="all, delete-orphan", passive_deletes=True
    )
    # What others may have linked to is not swept away with an account: the server refuses.
    items: Mapped[list["Item"]] = relationship(
        back_populates="owner", lazy="raise", passive_deletes="all"
    )
    posts: Mapped[list["Post"]] = relationship(
        back_populates="author", lazy="raise", passive_deletes="all"
    )


class UserData(BaseModel):
    """What a user says about themselves; at most one row a user."""

    __tablename__ = "user_data"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    bio: Mapped[str | None] = mapped_column(Text)
    locale: Mapped[str | None] = mapped_column(String(35))
    time_zone: Mapped[str | None] = mapped_column(String(64))

    user: Mapped[User] = relationship(back_populates="data", lazy="raise")


class Token(BaseModel):
    """An access token, known only by the SHA-256 of what the client holds.

    `family` is the sign-in it comes from, as the refresh tokens of it say; null before there were
    any.
    """

    __tablename__ = "tokens"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(SHA256_LENGTH), unique=True)
    family: Mapped[str | None] = mapped_column(String(FAMILY_LENGTH))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    user: Mapped[User] = relationship(back_populates="tokens", lazy="raise")


class RefreshToken(BaseModel):
    """A refresh token; one family is one sign-in, of which only the newest may be used."""

    __tablename__ = "refresh_tokens"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(SHA256_LENGTH), unique=True)
    family: Mapped[str] = mapped_column(String(FAMILY_LENGTH), index=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    user: Mapped[User] = relationship(back_populates="refresh_tokens", lazy="raise")


class Item(TitleMixin, DescriptionMixin, BaseModel):
    """A thing that somebody offers."""

    __tablename__ = "items"
    __table_args__ = (amount_check("price"),)

    price: Mapped[Decimal] = mapped_column(Money)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"), index=True)

    owner: Mapped[User] = relationship(back_populates="items", lazy="raise")


class Post(TitleMixin, SlugMixin, BaseModel):
    """A text that somebody wrote."""

    __tablename__ = "posts"
    __table_args__ = (unique_while_kept("posts", "slug"),)

    content: Mapped[str] = mapped_column(Text)
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"), index=True)

    author: Mapped[User] = relationship(back_populates="posts", lazy="raise")
