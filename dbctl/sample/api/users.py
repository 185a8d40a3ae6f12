"""Accounts. Everybody may open one and see who offers something; the rest is the owner's."""

from dataclasses import replace
from typing import Any

from fastapi import Request, Response

from dbctl.errors import AnswerIsNo
from dbctl.records.model import State
from dbctl.records.together import Together
from dbctl.sample.api.answers import answer, columns, listed, shown
from dbctl.sample.api.callers import Caller, Host, SignedIn, SomeCaller, Superuser
from dbctl.sample.api.failures import BODY, ForbiddenError, declared
from dbctl.sample.api.items import ITEM
from dbctl.sample.api.parameters import Id, Kept, Listing, UserSort
from dbctl.sample.api.routing import below
from dbctl.sample.api.schemas import Profile, ProfileShown, UserPage, UserReplace, UserShown
from dbctl.sample.api.sessions import Session
from dbctl.sample.schemas import UserCreate, UserRead, UserUpdate
from dbctl.sample.services import tokens, users
from dbctl.sample.services.items import ITEMS
from dbctl.sample.services.users import USERS

router = below("/users", "users")
USER, PROFILE = columns(UserRead), columns(Profile)
WITH_ITEMS = Together(USERS, ITEMS, by="owner_id", names=ITEM)
OWN = declared(401, 403, 404)
CHANGED = declared(*BODY, 401, 403, 404, 409)


@router.post("", status_code=201, response_model=UserRead, responses=declared(*BODY, 409, 429))
async def create(sent: UserCreate, request: Request, session: Session, host: Host) -> Response:
    """Open an account. It has no rights and no money."""
    request.app.state.attempts.take(host, "")
    with request.app.state.gate.entered():
        user = await users.create(session, sent)
    return answer(shown(USER, user), 201)


@router.get("", response_model=UserPage, responses=OWN)
async def list_(
    session: Session,
    _caller: Superuser,
    question: Listing,
    sort: UserSort = "id",
    state: Kept = State.kept,
) -> Response:
    """List accounts, deleted ones too if asked. For superusers."""
    asked = replace(question, sort=sort, state=state)
    return answer(listed(await USERS.rows(session, asked, USER)))


@router.get(
    "/{id}",
    response_model=UserShown | ProfileShown,
    responses=declared(401, 404),
    openapi_extra={"security": [{}]},  # or nobody
)
async def show(id: Id, session: Session, caller: SomeCaller) -> Response:
    """Show a user with the first of their items: all to themselves, a profile to others."""
    names = USER if caller and caller.may(id) else PROFILE
    user, items = await WITH_ITEMS.read(session, id, names)
    return answer({**user, "items": listed(items)})


@router.patch("/{id}", response_model=UserRead, responses=CHANGED)
async def update(id: Id, sent: UserUpdate, session: Session, caller: SignedIn) -> Response:
    """Change what is sent of an account. Whether it is active is up to superusers."""
    caller.require(id)
    if "is_active" in sent.model_fields_set and not caller.bearer.is_superuser:
        raise ForbiddenError("whether an account is active is up to superusers")
    if sent.is_active is False:
        _require_remaining(caller, id)
    return await _updated(session, id, sent)


@router.put("/{id}", response_model=UserRead, responses=CHANGED)
async def replace_(id: Id, sent: UserReplace, session: Session, caller: SignedIn) -> Response:
    """Set all of an account that its owner decides."""
    caller.require(id)
    return await _updated(session, id, UserUpdate(**sent.model_dump()))


@router.delete("/{id}", status_code=204, responses={**OWN, **declared(409)})
async def delete(id: Id, session: Session, caller: SignedIn) -> Response:
    """Close an account; its tokens end, and a superuser can bring it back."""
    caller.require(id)
    _require_remaining(caller, id)
    await USERS.delete(session, id)
    await tokens.revoke_all(session, id)
    return Response(status_code=204)


@router.post("/{id}/restore", response_model=UserRead, responses={**OWN, **declared(409)})
async def restore(id: Id, session: Session, _caller: Superuser) -> Response:
    """Bring a closed account back, unless its name was given away. For superusers."""
    return answer(shown(USER, await USERS.restore(session, id)))


def _require_remaining(caller: Caller, id: int) -> None:
    """Raises AnswerIsNo when superusers shut themselves out: perhaps nobody could undo it."""
    if caller.bearer.is_superuser and caller.id == id:
        raise AnswerIsNo("this takes another superuser")


async def _updated(session: Any, id: int, changes: UserUpdate) -> Response:  # noqa: ANN401
    return answer(shown(USER, await users.update(session, id, changes)))
