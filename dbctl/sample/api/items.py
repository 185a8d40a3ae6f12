"""Items: everybody sees them, their owners change them."""

from dataclasses import replace

from fastapi import Response

from dbctl.sample.api.answers import answer, columns, listed, shown
from dbctl.sample.api.callers import SignedIn
from dbctl.sample.api.failures import BODY, declared
from dbctl.sample.api.parameters import Id, ItemSort, Listing
from dbctl.sample.api.routing import below
from dbctl.sample.api.schemas import ItemPage
from dbctl.sample.api.sessions import Session
from dbctl.sample.schemas import ItemCreate, ItemRead, ItemUpdate
from dbctl.sample.services import items
from dbctl.sample.services.items import ITEMS

router = below("", "items")
ITEM = columns(ItemRead)
OWN = declared(401, 403, 404)
CHANGED = declared(*BODY, 401, 403, 404)


@router.get("/items", response_model=ItemPage, responses=declared(404))
async def list_(session: Session, question: Listing, sort: ItemSort = "id") -> Response:
    """List items."""
    return answer(listed(await ITEMS.rows(session, replace(question, sort=sort), ITEM)))


@router.get("/users/{id}/items", response_model=ItemPage, responses=declared(404))
async def list_of(id: Id, session: Session, question: Listing, sort: ItemSort = "id") -> Response:
    """List what one user offers; nothing for a user who is not there."""
    asked = replace(question, sort=sort, where={"owner_id": id})
    return answer(listed(await ITEMS.rows(session, asked, ITEM)))


@router.post("/users/{id}/items", status_code=201, response_model=ItemRead, responses=CHANGED)
async def create(id: Id, sent: ItemCreate, session: Session, caller: SignedIn) -> Response:
    """Offer something."""
    caller.require(id)
    return answer(shown(ITEM, await items.create(session, id, sent)), 201)


@router.get("/items/{id}", response_model=ItemRead, responses=declared(404))
async def show(id: Id, session: Session) -> Response:
    """Show an item."""
    return answer(await ITEMS.read(session, id, ITEM))


@router.patch("/items/{id}", response_model=ItemRead, responses=CHANGED)
async def update(id: Id, sent: ItemUpdate, session: Session, caller: SignedIn) -> Response:
    """Change what is sent of an item."""
    await _require_own(session, id, caller)
    return answer(shown(ITEM, await items.update(session, id, sent)))


@router.delete("/items/{id}", status_code=204, responses=OWN)
async def delete(id: Id, session: Session, caller: SignedIn) -> Response:
    """Withdraw an item."""
    await _require_own(session, id, caller)
    await ITEMS.delete(session, id)
    return Response(status_code=204)


async def _require_own(session: Session, id: int, caller: SignedIn) -> None:
    """Raises NotFoundError, ForbiddenError. An item never changes hands: nothing is locked."""
    owner = await ITEMS.read(session, id, ("owner_id",))
    caller.require(owner["owner_id"])
