"""The anchor from below: the API as tutorials write it, response_model over ORM entities.

Same tables, same driver, same pool, no statement log; each request has a session that commits.
"""

import os
from collections.abc import AsyncIterator
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import DateTime, ForeignKey, Numeric, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload

engine = create_async_engine(os.environ["BENCHMARK_URL"])
sessions = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


class Base(DeclarativeBase):
    """The models."""


class User(Base):
    """A user."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str]
    email: Mapped[str]
    full_name: Mapped[str | None]
    hashed_password: Mapped[str]
    is_active: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(DateTime(True), server_default=func.now())
    items: Mapped[list["Item"]] = relationship(back_populates="owner")


class Item(Base):
    """An item."""

    __tablename__ = "items"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    description: Mapped[str | None]
    price: Mapped[Decimal] = mapped_column(Numeric(14, 2))
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(DateTime(True), server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(DateTime(True), server_default=func.now())
    deleted_at: Mapped[datetime | None] = mapped_column(DateTime(True))
    owner: Mapped[User] = relationship(back_populates="items")


class ItemIn(BaseModel):
    """What a client sends."""

    title: str = Field(min_length=1)
    description: str | None = None
    price: float = Field(gt=0)


class ItemOut(BaseModel):
    """What a client gets."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    title: str
    description: str | None
    price: Decimal
    owner_id: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


class UserOut(BaseModel):
    """A user with their items."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    username: str
    full_name: str | None
    created_at: datetime
    items: list[ItemOut] = []


async def session_of() -> AsyncIterator[AsyncSession]:
    """A session a request, as the tutorial has it."""
    async with sessions() as session:
        try:
            yield session
            await session.commit()
        except Exception:
            await session.rollback()
            raise


Db = Annotated[AsyncSession, Depends(session_of)]


@app.get("/items", response_model=list[ItemOut])
async def items(db: Db, skip: int = 0, limit: int = 100) -> list[Item]:
    """A page of items."""
    found = await db.execute(select(Item).order_by(Item.id).offset(skip).limit(limit))
    return list(found.scalars().all())


@app.get("/users/{user_id}", response_model=UserOut)
async def user(user_id: int, db: Db) -> User:
    """One user."""
    wanted = select(User).filter(User.id == user_id).options(selectinload(User.items))
    found = (await db.execute(wanted)).scalars().first()
    if found is None:
        raise HTTPException(404, "User not found")
    return found


@app.post("/users/{user_id}/items", response_model=ItemOut, status_code=201)
async def create(user_id: int, item: ItemIn, db: Db) -> Item:
    """A new item of a user."""
    found = (await db.execute(select(User).filter(User.id == user_id))).scalars().first()
    if found is None:
        raise HTTPException(404, "Owner user not found")
    made = Item(**item.model_dump(), owner_id=user_id)
    db.add(made)
    await db.flush()
    await db.refresh(made)
    return made
