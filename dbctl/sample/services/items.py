"""Items: things that users offer."""

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from dbctl.records.rows import Records
from dbctl.sample.models import Item, User
from dbctl.sample.schemas import ItemCreate, ItemUpdate

ITEMS = Records(Item, search=("title",))
OWNERS = Records(User)


async def create(session: AsyncSession, owner_id: int, new: ItemCreate) -> Item:
    """Offer an item. Raises NotFoundError when the owner is not there, or was deleted."""
    # Held until the item is there: nobody deletes an owner in between.
    owner = await OWNERS.find(session, owner_id, lock="share")
    return await ITEMS.create(session, **new.model_dump(), owner_id=owner.id)


async def shown(session: AsyncSession, id: int, *, deleted: bool | None = False) -> Item:
    """One item, `item.owner` with it in one more query. Raises NotFoundError."""
    return await ITEMS.find(session, id, deleted=deleted, options=(selectinload(Item.owner),))


async def update(session: AsyncSession, id: int, changes: ItemUpdate) -> Item:
    """Change what was given, nothing else. Raises NotFoundError."""
    return await ITEMS.update(session, id, changes.model_dump(exclude_unset=True))
