"""Classes that have what rows of other people's projects have: nulls, times, enums, two keys."""

import enum
import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    DateTime,
    Enum,
    ForeignKey,
    Integer,
    Numeric,
    String,
    UniqueConstraint,
    func,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """The metadata of the tests."""


class Colour(enum.Enum):
    """Something that is not text."""

    red = "r"
    green = "g"


class Book(Base):
    """A row with a bin, and a column of each kind."""

    __tablename__ = "books"
    __table_args__ = (
        UniqueConstraint("shelf", "place", name="uq_place"),
        CheckConstraint("pages > 0", name="ck_pages"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str | None] = mapped_column(String(20), index=True)
    isbn: Mapped[str | None] = mapped_column(String(20), unique=True)
    pages: Mapped[int | None] = mapped_column(Integer)
    price: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    weight: Mapped[float | None]
    printed: Mapped[date | None]
    code: Mapped[uuid.UUID | None]
    colour: Mapped[Colour | None] = mapped_column(Enum(Colour))
    bound: Mapped[bool | None]
    shelf: Mapped[int | None]
    place: Mapped[int | None]
    more: Mapped[Any | None] = mapped_column(JSON)
    secret: Mapped[str | None] = mapped_column(String(20))
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Loan(Base):
    """A row without a bin whose key has two parts."""

    __tablename__ = "loans"

    book_id: Mapped[int] = mapped_column(ForeignKey("books.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    reader: Mapped[str] = mapped_column(String(20))


class Draft(Base):
    """A bin of two columns, as some projects have it."""

    __tablename__ = "drafts"

    id: Mapped[int] = mapped_column(primary_key=True)
    is_deleted: Mapped[bool] = mapped_column(default=False)
    deleted_at: Mapped[datetime | None]
