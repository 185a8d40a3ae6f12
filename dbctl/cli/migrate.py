"""Commands about revisions and the database's place among them."""

from typing import Annotated

import typer

from dbctl.cli.ask import confirm
from dbctl.cli.options import settings
from dbctl.migrate.model import Authored, Check, Current, Downgraded, History, Status, Upgraded

app = typer.Typer(rich_markup_mode=None)

Revision = Annotated[
    str, typer.Argument(help="head, heads, +1, -1, base, an id or its beginning, label@head")
]


@app.command()
def status(ctx: typer.Context) -> Status:
    """Show where the database is and what is pending.

    Exit 1 if anything is pending.
    """
    from dbctl.migrate import apply

    return apply.status(settings(ctx))


@app.command()
def migrate(
    ctx: typer.Context,
    message: Annotated[str, typer.Option("--message", "-m", help="what changes, in a few words")],
    *,
    empty: Annotated[bool, typer.Option("--empty", help="a file for you to fill")] = False,
    rev_id: Annotated[str | None, typer.Option("--rev-id", help="instead of a random id")] = None,
) -> Authored:
    """Write a revision from the models' changes.

    Exit 1 if models and database agree: no empty file is written without --empty.
    """
    from dbctl.migrate import author

    return author.migrate(settings(ctx), message, empty=empty, rev_id=rev_id)


@app.command()
def upgrade(ctx: typer.Context, revision: Revision = "head") -> Upgraded:
    """Run pending revisions, up to REVISION.

    Each runs in a transaction of its own; when one fails the earlier ones stay. Exit 6 then.
    """
    from dbctl.migrate import apply

    return apply.upgrade(settings(ctx), revision)


@app.command(context_settings={"ignore_unknown_options": True})
def downgrade(ctx: typer.Context, revision: Revision) -> Downgraded:
    """Undo revisions, down to REVISION.

    Says what will be lost and asks; refused in a protected environment.
    """
    from dbctl.migrate import apply, loss

    chosen = settings(ctx)
    confirm(ctx, f"downgrade to {revision}?", loss.stake(chosen, revision))
    return apply.downgrade(chosen, revision)


@app.command()
def check(ctx: typer.Context) -> Check:
    """Compare the models with the database.

    Exit 1 if they differ, or if revisions are pending; 3 without models.
    """
    from dbctl.migrate import drift

    return drift.check(settings(ctx))


@app.command()
def current(ctx: typer.Context) -> Current:
    """Show the database's revision."""
    from dbctl.migrate import read

    return read.current(settings(ctx))


@app.command()
def history(
    ctx: typer.Context,
    *,
    indicate: Annotated[
        bool, typer.Option("--indicate-current", "-i", help="mark what the database has")
    ] = False,
) -> History:
    """List the revisions, the newest first."""
    from dbctl.migrate import read

    return read.history(settings(ctx), indicate=indicate)
