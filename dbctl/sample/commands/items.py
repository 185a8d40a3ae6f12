"""Commands about items."""

from typing import Annotated, Optional

import typer

from dbctl.cli import ask
from dbctl.cli.options import settings
from dbctl.records.model import LIMIT, Purged
from dbctl.sample.commands import lists
from dbctl.sample.commands.lists import ID
from dbctl.sample.model import (
    CountedItemPage,
    ItemPage,
    ItemRow,
    ItemShown,
    UserRow,
    listed,
    row,
)

app = typer.Typer(rich_markup_mode=None, help="Create, list, change and delete items.")


@app.command()
def create(
    ctx: typer.Context,
    *,
    owner: Annotated[int, typer.Option(help="the id of the user who offers it")],
    title: Annotated[str, typer.Option(help="what it is")],
    price: Annotated[str, typer.Option(help="with two decimals at most")],
    description: Annotated[Optional[str], typer.Option(help="more about it")] = None,
) -> ItemRow:
    """Offer an item.

    Exit 1 when there is no such owner.
    """
    from dbctl.pipeline import work
    from dbctl.sample.schemas import ItemCreate
    from dbctl.sample.services import items

    said = lists.given(title=title, price=price, description=description)
    new = lists.checked(ItemCreate, said)
    return row(ItemRow, work.write(settings(ctx), lambda s: items.create(s, owner, new)))


@app.command(name="list")
def list_(  # noqa: PLR0913 - one parameter an option
    ctx: typer.Context,
    *,
    limit: lists.Limit = LIMIT,
    after: lists.After = None,
    search: lists.Search = None,
    sort: lists.Sort = "",
    owner: Annotated[Optional[int], typer.Option(help="those of this user")] = None,
    deleted: lists.Deleted = False,
    all_: lists.All = False,
    count: lists.Count = False,
) -> ItemPage | CountedItemPage:
    """List items, a page at a time.

    The search looks at the title.
    """
    from dbctl.pipeline import work
    from dbctl.sample.services.items import ITEMS

    said = {"limit": limit, "after": after, "search": search, "sort": sort, "count": count}
    asked = lists.question(deleted=deleted, all_=all_, where={"owner_id": owner}, **said)
    found = work.read(settings(ctx), lambda session: ITEMS.page(session, asked))
    return listed(found, ItemPage, CountedItemPage, lambda item: row(ItemRow, item))


@app.command()
def show(ctx: typer.Context, id: ID, deleted: lists.DeletedToo = False) -> ItemShown:
    """Show an item and its owner."""
    from dbctl.pipeline import work
    from dbctl.sample.services import items

    gone = None if deleted else False
    found = work.read(settings(ctx), lambda session: items.shown(session, id, deleted=gone))
    return row(ItemShown, found, owner=row(UserRow, found.owner))


@app.command()
def update(
    ctx: typer.Context,
    id: ID,
    *,
    title: Annotated[Optional[str], typer.Option(help="what it is")] = None,
    price: Annotated[Optional[str], typer.Option(help="with two decimals at most")] = None,
    description: Annotated[Optional[str], typer.Option(help="more about it; '' for none")] = None,
) -> ItemRow:
    """Change an item; what is not said stays."""
    from dbctl.pipeline import work
    from dbctl.sample.schemas import ItemUpdate
    from dbctl.sample.services import items

    said = lists.required(lists.given(title=title, price=price, description=description))
    if description == "":
        said["description"] = None
    new = lists.checked(ItemUpdate, said)
    return row(ItemRow, work.write(settings(ctx), lambda session: items.update(session, id, new)))


@app.command()
def delete(ctx: typer.Context, id: ID) -> ItemRow:
    """Delete an item; `restore` brings it back."""
    from dbctl.pipeline import work
    from dbctl.sample.services.items import ITEMS

    return row(ItemRow, work.write(settings(ctx), lambda session: ITEMS.delete(session, id)))


@app.command()
def restore(ctx: typer.Context, id: ID) -> ItemRow:
    """Bring a deleted item back."""
    from dbctl.pipeline import work
    from dbctl.sample.services.items import ITEMS

    return row(ItemRow, work.write(settings(ctx), lambda session: ITEMS.restore(session, id)))


@app.command()
def purge(ctx: typer.Context, id: ID) -> Purged:
    """Delete an item for good, deleted before or not; asks."""
    from dbctl.pipeline import work
    from dbctl.sample.services.items import ITEMS

    chosen = settings(ctx)
    ask.confirm(ctx, f"purge item {id}?", work.stake(chosen, "items"))
    work.write(chosen, lambda session: ITEMS.purge(session, id))
    return Purged("items", id)
