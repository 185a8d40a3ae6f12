"""Items: things that users offer."""

from typing import Any

from sqlalchemy import bindparam, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from dbctl.errors import NotFoundError
from dbctl.records.rows import Records
from dbctl.records.violations import translated
from dbctl.sample.models import Item, User
from dbctl.sample.schemas import ItemCreate, ItemUpdate

ITEMS = Records(Item, search=("title",))
OWNERS = Records(User)
GIVEN = ("title", "description", "price")
KEYS = range(1, 2**31)  # what the column can hold
TABLE: Any = Item.__table__
# The owner is held until the item is there: nobody deletes one in between.
OFFER = select(Item).from_statement(
    insert(TABLE)
    .from_select(
        [*GIVEN, "owner_id"],
        select(*(bindparam(name, type_=ITEMS.fields[name].type) for name in GIVEN), User.id)
        .where(User.id == bindparam("owner", type_=User.id.type), User.deleted_at.is_(None))
        .with_for_update(read=True),
    )
    .returning(*TABLE.columns)
)


async def create(session: AsyncSession, owner_id: int, new: ItemCreate) -> Item:
    """Offer an item. Raises NotFoundError when the owner is not there, or was deleted.

    One statement, made once: what reads the owner and what writes the item is one round trip.
    """
    given = {**new.model_dump(), "owner": owner_id}
    if owner_id in KEYS:
        with translated(Item.metadata):
            made: Item | None = (await session.scalars(OFFER, given)).one_or_none()
        if made is not None:
            return made
    await OWNERS.find(session, owner_id)
    raise NotFoundError(f"there is no user {owner_id}")


async def shown(session: AsyncSession, id: int, *, deleted: bool | None = False) -> Item:
    """One item, `item.owner` with it in one more query. Raises NotFoundError."""
    return await ITEMS.find(session, id, deleted=deleted, options=(selectinload(Item.owner),))


async def update(session: AsyncSession, id: int, changes: ItemUpdate) -> Item:
    """Change what was given, nothing else. Raises NotFoundError."""
    return await ITEMS.update(session, id, changes.model_dump(exclude_unset=True))
