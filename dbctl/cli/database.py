"""Commands about whole databases."""

import typer

from dbctl.cli.ask import confirm
from dbctl.cli.options import settings
from dbctl.database.model import DatabaseChange, Databases

app = typer.Typer(rich_markup_mode=None, help="Create, drop and list databases.")


@app.command()
def create(ctx: typer.Context) -> DatabaseChange:
    """Create the database that the settings name; nothing happens when it is there."""
    from dbctl import loop
    from dbctl.pipeline import databases

    return loop.run(databases.create(settings(ctx)))


@app.command()
def drop(ctx: typer.Context) -> DatabaseChange:
    """Drop the database that the settings name, ending its sessions.

    Says what will be lost and asks; refused in a protected environment.
    """
    from dbctl import loop
    from dbctl.pipeline import databases

    chosen = settings(ctx)
    confirm(ctx, "drop this database?", databases.stake(chosen, "drop a database"))
    return loop.run(databases.drop(chosen))


@app.command(name="list")
def list_(ctx: typer.Context) -> Databases:
    """List the databases of the server."""
    from dbctl import loop
    from dbctl.pipeline import databases

    return loop.run(databases.listed(settings(ctx)))
