"""Posts: texts that users write, each with an address of its own (the slug)."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from dbctl.database.claim import claim
from dbctl.errors import TakenError
from dbctl.records.rows import Records
from dbctl.records.violations import translated
from dbctl.sample.models import Post, User
from dbctl.sample.schemas import PostCreate, PostUpdate
from dbctl.sample.services.slugs import slug

POSTS = Records(Post, search=("title",))
AUTHORS = Records(User)
ATTEMPTS = 20


async def create(session: AsyncSession, author_id: int, new: PostCreate) -> Post:
    """Publish a post; a slug that is not given is made from the title, with a number if need be.

    Raises NotFoundError when the author is not there, TakenError when a given slug is.
    """
    with translated(Post.metadata):
        await claim(session)
    author = await AUTHORS.find(session, author_id, lock="share")
    values = {**new.model_dump(exclude={"slug"}), "author_id": author.id}
    if new.slug is not None:
        return await POSTS.create(session, **values, slug=new.slug)
    return await _named(session, slug(new.title), values)


async def shown(session: AsyncSession, id: int, *, deleted: bool | None = False) -> Post:
    """One post, `post.author` with it in one more query. Raises NotFoundError."""
    return await POSTS.find(session, id, deleted=deleted, options=(selectinload(Post.author),))


async def update(session: AsyncSession, id: int, changes: PostUpdate) -> Post:
    """Change what was given, nothing else; the slug stays with the post. Raises NotFoundError."""
    return await POSTS.update(session, id, changes.model_dump(exclude_unset=True))


async def _named(session: AsyncSession, wanted: str, values: dict[str, object]) -> Post:
    """Insert under the first free slug: the database decides, each attempt in a savepoint."""
    for attempt in range(ATTEMPTS):
        number = 1 if attempt == 0 else await _highest(session, wanted) + attempt
        try:
            async with session.begin_nested():
                name = wanted if number == 1 else f"{wanted}--{number}"
                return await POSTS.create(session, **values, slug=name)
        except TakenError:
            continue
    raise TakenError(f"slug {wanted} is taken", hint="say one with --slug")


async def _highest(session: AsyncSession, wanted: str) -> int:
    """A number below the free ones, most of the time: where to begin to try."""
    like = Post.slug.startswith(f"{wanted}--", autoescape=True)
    return 1 + (await session.scalar(select(func.count()).select_from(Post).where(like)) or 0)
