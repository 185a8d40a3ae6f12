"""Commands about posts."""

import sys
from typing import Annotated, Optional

import typer

from dbctl.cli import ask
from dbctl.cli.options import settings
from dbctl.errors import UsageError
from dbctl.records.model import LIMIT, Purged
from dbctl.sample.commands import lists
from dbctl.sample.commands.lists import ID
from dbctl.sample.model import (
    CountedPostPage,
    PostPage,
    PostRow,
    PostShown,
    UserRow,
    listed,
    row,
)

LONGEST = 1_000_000  # characters of stdin; what is too long a text is said by the schema

app = typer.Typer(rich_markup_mode=None, help="Create, list, change and delete posts.")


@app.command()
def create(
    ctx: typer.Context,
    *,
    author: Annotated[int, typer.Option(help="the id of the user who wrote it")],
    title: Annotated[str, typer.Option(help="its title")],
    content: Annotated[str, typer.Option(help="the text; - reads it from stdin")],
    slug: Annotated[Optional[str], typer.Option(help="its address; else from the title")] = None,
) -> PostRow:
    """Publish a post.

    Exit 1 when there is no such author, or the slug is taken.
    """
    from dbctl.pipeline import work
    from dbctl.sample.schemas import PostCreate
    from dbctl.sample.services import posts

    said = lists.given(title=title, content=_text(content), slug=slug)
    new = lists.checked(PostCreate, said)
    return row(PostRow, work.write(settings(ctx), lambda s: posts.create(s, author, new)))


@app.command(name="list")
def list_(  # noqa: PLR0913 - one parameter an option
    ctx: typer.Context,
    *,
    limit: lists.Limit = LIMIT,
    after: lists.After = None,
    search: lists.Search = None,
    sort: lists.Sort = "",
    author: Annotated[Optional[int], typer.Option(help="those of this user")] = None,
    deleted: lists.Deleted = False,
    all_: lists.All = False,
    count: lists.Count = False,
) -> PostPage | CountedPostPage:
    """List posts, a page at a time.

    The search looks at the title.
    """
    from dbctl.pipeline import work
    from dbctl.sample.services.posts import POSTS

    said = {"limit": limit, "after": after, "search": search, "sort": sort, "count": count}
    asked = lists.question(deleted=deleted, all_=all_, where={"author_id": author}, **said)
    found = work.read(settings(ctx), lambda session: POSTS.page(session, asked))
    return listed(found, PostPage, CountedPostPage, lambda post: row(PostRow, post))


@app.command()
def show(ctx: typer.Context, id: ID, deleted: lists.DeletedToo = False) -> PostShown:
    """Show a post and its author."""
    from dbctl.pipeline import work
    from dbctl.sample.services import posts

    gone = None if deleted else False
    found = work.read(settings(ctx), lambda session: posts.shown(session, id, deleted=gone))
    return row(PostShown, found, author=row(UserRow, found.author))


@app.command()
def update(
    ctx: typer.Context,
    id: ID,
    *,
    title: Annotated[Optional[str], typer.Option(help="another title")] = None,
    content: Annotated[Optional[str], typer.Option(help="the text; - reads it from stdin")] = None,
    slug: Annotated[Optional[str], typer.Option(help="another address")] = None,
) -> PostRow:
    """Change a post; what is not said stays."""
    from dbctl.pipeline import work
    from dbctl.sample.schemas import PostUpdate
    from dbctl.sample.services import posts

    said = lists.required(lists.given(title=title, content=_text(content), slug=slug))
    new = lists.checked(PostUpdate, said)
    return row(PostRow, work.write(settings(ctx), lambda session: posts.update(session, id, new)))


@app.command()
def delete(ctx: typer.Context, id: ID) -> PostRow:
    """Delete a post; `restore` brings it back."""
    from dbctl.pipeline import work
    from dbctl.sample.services.posts import POSTS

    return row(PostRow, work.write(settings(ctx), lambda session: POSTS.delete(session, id)))


@app.command()
def restore(ctx: typer.Context, id: ID) -> PostRow:
    """Bring a deleted post back."""
    from dbctl.pipeline import work
    from dbctl.sample.services.posts import POSTS

    return row(PostRow, work.write(settings(ctx), lambda session: POSTS.restore(session, id)))


@app.command()
def purge(ctx: typer.Context, id: ID) -> Purged:
    """Delete a post for good, deleted before or not; asks."""
    from dbctl.pipeline import work
    from dbctl.sample.services.posts import POSTS

    chosen = settings(ctx)
    ask.confirm(ctx, f"purge post {id}?", work.stake(chosen, "posts"))
    work.write(chosen, lambda session: POSTS.purge(session, id))
    return Purged("posts", id)


def _text(content: str | None) -> str | None:
    """The text itself. Raises UsageError when stdin holds none."""
    if content != "-" or not sys.stdin:
        return content
    try:
        return sys.stdin.read(LONGEST)
    except UnicodeDecodeError:
        raise UsageError("stdin is not UTF-8", hint="convert it first") from None
