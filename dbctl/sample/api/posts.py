"""Posts: everybody reads them, their authors change them."""

from dataclasses import replace

from fastapi import Response

from dbctl.sample.api.answers import answer, columns, listed, shown
from dbctl.sample.api.callers import SignedIn
from dbctl.sample.api.failures import BODY, declared
from dbctl.sample.api.parameters import Id, Listing, PostSort
from dbctl.sample.api.routing import below
from dbctl.sample.api.schemas import PostPage
from dbctl.sample.api.sessions import Session
from dbctl.sample.schemas import PostCreate, PostRead, PostUpdate
from dbctl.sample.services import posts
from dbctl.sample.services.posts import POSTS

router = below("/posts", "posts")
POST = columns(PostRead)
CHANGED = declared(*BODY, 401, 403, 404, 409)


@router.get("", response_model=PostPage, responses=declared(404))
async def list_(session: Session, question: Listing, sort: PostSort = "id") -> Response:
    """List posts."""
    return answer(listed(await POSTS.rows(session, replace(question, sort=sort), POST)))


@router.post("", status_code=201, response_model=PostRead, responses=declared(*BODY, 401, 409))
async def create(sent: PostCreate, session: Session, caller: SignedIn) -> Response:
    """Publish a post; without a slug it has one of its title."""
    return answer(shown(POST, await posts.create(session, caller.id, sent)), 201)


@router.get("/{id}", response_model=PostRead, responses=declared(404))
async def show(id: Id, session: Session) -> Response:
    """Show a post."""
    return answer(await POSTS.read(session, id, POST))


@router.patch("/{id}", response_model=PostRead, responses=CHANGED)
async def update(id: Id, sent: PostUpdate, session: Session, caller: SignedIn) -> Response:
    """Change what is sent of a post."""
    await _require_own(session, id, caller)
    return answer(shown(POST, await posts.update(session, id, sent)))


@router.delete("/{id}", status_code=204, responses=declared(401, 403, 404))
async def delete(id: Id, session: Session, caller: SignedIn) -> Response:
    """Take a post away."""
    await _require_own(session, id, caller)
    await POSTS.delete(session, id)
    return Response(status_code=204)


async def _require_own(session: Session, id: int, caller: SignedIn) -> None:
    """Raises NotFoundError, ForbiddenError. A post never changes hands: nothing is locked."""
    author = await POSTS.read(session, id, ("author_id",))
    caller.require(author["author_id"])
