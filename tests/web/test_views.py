"""Every type of column has a field, and what speaks of a secret has none."""

import enum
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import (
    ARRAY,
    JSON,
    Column,
    Enum,
    Float,
    ForeignKey,
    Integer,
    Interval,
    LargeBinary,
    Numeric,
    String,
    Table,
    types,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from starlette_admin.fields import DecimalField, EnumField, FloatField

from dbctl.web.views import views


class Colour(enum.Enum):
    """A choice."""

    red = "red"


class Own(types.UserDefinedType[str]):
    """A type that nobody knows."""

    cache_ok = True


TYPES: tuple[types.TypeEngine[Any], ...] = (
    Float(), Float(asdecimal=True), types.Double(), types.REAL(), Numeric(10, 2), Enum(Colour),
    Enum("a", "b", name="letters"), Interval(), LargeBinary(), JSON(), types.Uuid(),
    postgresql.JSONB(), postgresql.INET(), postgresql.TSVECTOR(), postgresql.DOUBLE_PRECISION(),
    postgresql.ENUM("x", name="e"), ARRAY(Integer), ARRAY(Integer, dimensions=2), Own(),
    types.Time(), types.Date(), types.BigInteger(), types.Unicode(20),
)  # fmt: skip


@pytest.mark.parametrize("kind", TYPES, ids=repr)
def test_every_type_has_a_field(kind: types.TypeEngine[object]) -> None:
    class Base(DeclarativeBase):
        pass

    table = Table("t", Base.metadata, Column("id", Integer, primary_key=True), Column("x", kind))
    mapped = type("Thing", (Base,), {"__table__": table})
    (view,) = views([mapped], write=True)
    assert [field.name for field in view.fields] == ["id", "x"]


class Base(DeclarativeBase):
    """Models with everything that is awkward."""


class Parent(Base):
    """What others point at, with a secret that a new row must have."""

    __tablename__ = "parents"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    ratio: Mapped[float]
    exact: Mapped[Decimal]
    colour: Mapped[Colour]
    at: Mapped[datetime]
    on: Mapped[date]
    hour: Mapped[time]
    long: Mapped[timedelta]
    key: Mapped[UUID]
    hashed_password: Mapped[str]
    api_key: Mapped[str | None]
    secret_key: Mapped[str | None] = mapped_column("plain", String(9))
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "p"}


class Special(Parent):
    """Rows of the same table."""

    __mapper_args__ = {"polymorphic_identity": "s"}


class Pair(Base):
    """A key of two columns, one of them pointing elsewhere."""

    __tablename__ = "pairs"
    left_id: Mapped[int] = mapped_column(ForeignKey("parents.id"), primary_key=True)
    right_id: Mapped[int] = mapped_column(primary_key=True)
    left: Mapped[Parent] = relationship()


def test_secrets_are_no_fields_and_need_no_form() -> None:
    pair, parent = views([Pair, Parent, Special], write=True)
    names = {field.name for field in parent.fields}
    assert not names & {"hashed_password", "api_key", "secret_key"}
    assert not parent.can_create(None)  # type: ignore[arg-type]  # nothing is asked of it
    assert pair.can_create(None)  # type: ignore[arg-type]
    assert [field.name for field in pair.fields] == ["left_id", "right_id", "left"]


def test_numbers_with_a_fraction_keep_their_kind() -> None:
    (parent,) = views([Parent], write=False)
    fields = {field.name: type(field) for field in parent.fields}
    assert (fields["ratio"], fields["exact"]) == (FloatField, DecimalField)
    assert fields["colour"] is EnumField
