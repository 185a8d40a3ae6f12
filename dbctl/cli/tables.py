"""Commands about tables."""

from typing import Annotated

import typer

from dbctl.cli.ask import ConfirmName, NoSnapshot, agree
from dbctl.cli.options import settings, settings_to_write
from dbctl.database.shape import Script, TableDetail, Tables, TablesChange

app = typer.Typer(rich_markup_mode=None, help="List, show, create, drop, empty tables.")


@app.command(name="list")
def list_(ctx: typer.Context) -> Tables:
    """List the tables with their rows and bytes."""
    from dbctl import loop
    from dbctl.pipeline import tables

    return loop.run(tables.listed(settings(ctx)))


@app.command()
def show(ctx: typer.Context, name: str) -> TableDetail:
    """Show one table: columns, keys, indexes, rows, bytes."""
    from dbctl import loop
    from dbctl.pipeline import tables

    return loop.run(tables.shown(settings(ctx), name))


@app.command()
def create(ctx: typer.Context) -> TablesChange:
    """Create the models' tables that are missing, without migrations."""
    from dbctl.pipeline import tables

    return tables.create(settings_to_write(ctx))


@app.command()
def drop(
    ctx: typer.Context, *, confirm_name: ConfirmName = None, no_snapshot: NoSnapshot = False
) -> TablesChange:
    """Drop the models' tables and forget the revision.

    Says what will be lost and asks; a protected database demands more than a yes.
    """
    from dbctl.pipeline import precaution, tables

    chosen = settings_to_write(ctx)
    demand = tables.demand(chosen, snapshot=precaution.before(chosen))
    consent = agree(ctx, "drop these tables?", demand, confirm_name, no_snapshot)
    return tables.drop(chosen, demand, consent)


@app.command()
def truncate(
    ctx: typer.Context,
    names: Annotated[list[str], typer.Argument(help="the tables to empty")],
    *,
    confirm_name: ConfirmName = None,
    no_snapshot: NoSnapshot = False,
) -> TablesChange:
    """Empty tables.

    Says what will be lost and asks; a protected database demands more than a yes.
    """
    from dbctl.pipeline import precaution, tables

    chosen = settings_to_write(ctx)
    demand = tables.demand(chosen, names, precaution.before(chosen))
    consent = agree(ctx, "empty these tables?", demand, confirm_name, no_snapshot)
    return tables.truncate(chosen, demand, consent)


@app.command()
def sql(ctx: typer.Context) -> Script:
    """Print the models as CREATE statements."""
    from dbctl.pipeline import tables

    return tables.sql(settings(ctx))
