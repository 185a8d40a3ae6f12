"""Commands about users."""

from typing import Annotated, Optional

import typer

from dbctl.cli import ask, secret
from dbctl.cli.options import settings
from dbctl.errors import UsageError
from dbctl.records.model import LIMIT, Purged
from dbctl.sample.commands import lists
from dbctl.sample.commands.lists import ID
from dbctl.sample.model import (
    CountedUserPage,
    ItemPage,
    ItemRow,
    PostPage,
    PostRow,
    Transferred,
    UserDataRow,
    UserPage,
    UserRow,
    UserShown,
    UserWithPassword,
    listed,
    page,
    row,
)

app = typer.Typer(rich_markup_mode=None, help="Create, list, change and delete users.")

FLAGS = "--password-stdin or --generate-password"
Stdin = Annotated[bool, typer.Option("--password-stdin", help="read the password from stdin")]
Generate = Annotated[
    bool, typer.Option("--generate-password", help="make one up and print it once")
]


@app.command()
def create(
    ctx: typer.Context,
    *,
    username: Annotated[str, typer.Option(help="3 to 50 letters, digits, and . _ -")],
    email: Annotated[str, typer.Option(help="the e-mail address")],
    full_name: Annotated[Optional[str], typer.Option(help="the name to show")] = None,
    superuser: Annotated[bool, typer.Option("--superuser", help="may do everything")] = False,
    password_stdin: Stdin = False,
    generate_password: Generate = False,
) -> UserRow | UserWithPassword:
    """Open an account; asks for its password.

    Exit 1 when the username or the e-mail address belongs to somebody.
    """
    from dbctl.pipeline import work
    from dbctl.sample.schemas import UserCreate
    from dbctl.sample.services import users

    said = lists.given(username=username, email=email, full_name=full_name)
    chosen = _secret(stdin=password_stdin, generate=generate_password)
    new = lists.checked(UserCreate, {**said, "password": chosen})
    made = work.write(settings(ctx), lambda s: users.create(s, new, superuser=superuser))
    return row(UserWithPassword, made, password=chosen) if generate_password else row(UserRow, made)


@app.command(name="list")
def list_(
    ctx: typer.Context,
    *,
    limit: lists.Limit = LIMIT,
    after: lists.After = None,
    search: lists.Search = None,
    sort: lists.Sort = "",
    deleted: lists.Deleted = False,
    all_: lists.All = False,
    count: lists.Count = False,
) -> UserPage | CountedUserPage:
    """List users, a page at a time.

    The search looks at username, e-mail address and full name.
    """
    from dbctl.pipeline import work
    from dbctl.sample.services.users import USERS

    asked = lists.question(
        deleted=deleted, all_=all_, limit=limit, after=after, search=search, sort=sort, count=count
    )
    found = work.read(settings(ctx), lambda session: USERS.page(session, asked))
    return listed(found, UserPage, CountedUserPage, lambda user: row(UserRow, user))


@app.command()
def show(ctx: typer.Context, id: ID, deleted: lists.DeletedToo = False) -> UserShown:
    """Show a user, what they say about themselves, and their first items and posts."""
    from dbctl.pipeline import work
    from dbctl.sample.services import users

    gone = None if deleted else False
    found = work.read(settings(ctx), lambda session: users.shown(session, id, deleted=gone))
    return row(
        UserShown,
        found.user,
        data=row(UserDataRow, found.user.data) if found.user.data else None,
        items=page(found.items, ItemPage, lambda item: row(ItemRow, item)),
        posts=page(found.posts, PostPage, lambda post: row(PostRow, post)),
    )


@app.command()
def update(
    ctx: typer.Context,
    id: ID,
    *,
    username: Annotated[Optional[str], typer.Option(help="another username")] = None,
    email: Annotated[Optional[str], typer.Option(help="another e-mail address")] = None,
    full_name: Annotated[Optional[str], typer.Option(help="another name; '' for none")] = None,
    active: Annotated[
        Optional[bool], typer.Option("--active/--inactive", help="whether they may sign in")
    ] = None,
    superuser: Annotated[
        Optional[bool], typer.Option("--superuser/--no-superuser", help="may do everything")
    ] = None,
) -> UserRow:
    """Change a user; what is not said stays.

    Exit 1 when there is no such user, or the name belongs to somebody.
    """
    from dbctl.pipeline import work
    from dbctl.sample.schemas import UserUpdate
    from dbctl.sample.services import users

    said = lists.given(username=username, email=email, full_name=full_name, is_active=active)
    lists.required({**said, **lists.given(superuser=superuser)})
    if full_name == "":
        said["full_name"] = None
    new = lists.checked(UserUpdate, said)
    changed = work.write(settings(ctx), lambda s: users.update(s, id, new, superuser=superuser))
    return row(UserRow, changed)


@app.command()
def delete(ctx: typer.Context, id: ID) -> UserRow:
    """Delete a user; `restore` brings them back, and their name is free until then."""
    from dbctl.pipeline import work
    from dbctl.sample.services.users import USERS

    return row(UserRow, work.write(settings(ctx), lambda session: USERS.delete(session, id)))


@app.command()
def restore(ctx: typer.Context, id: ID) -> UserRow:
    """Bring a deleted user back.

    Exit 1 when somebody else has taken the name since.
    """
    from dbctl.pipeline import work
    from dbctl.sample.services.users import USERS

    return row(UserRow, work.write(settings(ctx), lambda session: USERS.restore(session, id)))


@app.command()
def purge(ctx: typer.Context, id: ID) -> Purged:
    """Delete a user for good, deleted before or not; asks.

    Their tokens go with them; exit 1 while items or posts of theirs are there.
    """
    from dbctl.pipeline import work
    from dbctl.sample.services.users import USERS

    chosen = settings(ctx)
    ask.confirm(ctx, f"purge user {id}?", work.stake(chosen, "users"))
    work.write(chosen, lambda session: USERS.purge(session, id))
    return Purged("users", id)


@app.command()
def password(
    ctx: typer.Context,
    id: ID,
    *,
    password_stdin: Stdin = False,
    generate_password: Generate = False,
) -> UserRow | UserWithPassword:
    """Give a user another password; asks for it."""
    from dbctl.pipeline import work
    from dbctl.sample.schemas import UserPassword
    from dbctl.sample.services import users

    chosen = _secret(stdin=password_stdin, generate=generate_password)
    new = lists.checked(UserPassword, {"password": chosen}).password
    changed = work.write(settings(ctx), lambda session: users.set_password(session, id, new))
    if generate_password:
        return row(UserWithPassword, changed, password=chosen)
    return row(UserRow, changed)


@app.command()
def transfer(
    ctx: typer.Context,
    source: Annotated[int, typer.Argument(metavar="FROM", help="the id of who pays")],
    target: Annotated[int, typer.Argument(metavar="TO", help="the id of who is paid")],
    amount: Annotated[str, typer.Argument(help="more than 0, with two decimals at most")],
) -> Transferred:
    """Move money from one user to another, all of it or nothing.

    Exit 1 when there is not enough.
    """
    from dbctl.pipeline import work
    from dbctl.sample.schemas import TransferCreate
    from dbctl.sample.services.transfers import transfer as moved

    exact = lists.checked(TransferCreate, {"amount": amount}).amount
    done = work.write(settings(ctx), lambda session: moved(session, source, target, exact))
    return Transferred(exact, row(UserRow, done.source), row(UserRow, done.target))


def _secret(*, stdin: bool, generate: bool) -> str:
    """The password, from where it was said that it comes from."""
    if stdin and generate:
        raise UsageError(f"{FLAGS}: not both")
    if generate:
        from dbctl.sample.services import passwords

        return passwords.generated()
    return secret.piped() if stdin else secret.asked("password", flags=FLAGS)
