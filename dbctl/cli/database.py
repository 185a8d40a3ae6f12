"""Commands about whole databases."""

import typer

from dbctl.cli.ask import ConfirmName, NoSnapshot, agree
from dbctl.cli.lock import LockWait, NoLock, patient
from dbctl.cli.options import settings
from dbctl.database.condition import DatabaseChange, Databases

app = typer.Typer(rich_markup_mode=None, help="Create, drop and list databases.")


@app.command()
def create(ctx: typer.Context) -> DatabaseChange:
    """Create the database that the settings name; nothing happens when it is there."""
    from dbctl import loop
    from dbctl.pipeline import databases

    return loop.run(databases.create(settings(ctx)))


@app.command()
def drop(
    ctx: typer.Context,
    *,
    lock_wait: LockWait = None,
    no_lock: NoLock = False,
    confirm_name: ConfirmName = None,
    no_snapshot: NoSnapshot = False,
) -> DatabaseChange:
    """Drop the database that the settings name, ending its sessions.

    Says what will be lost and asks; a protected database demands more than a yes.
    """
    from dbctl.pipeline import databases, precaution

    chosen = patient(ctx, lock_wait)
    demand = databases.demand(chosen, "drop the database", precaution.before(chosen))
    consent = agree(ctx, "drop this database?", demand, confirm_name, no_snapshot)
    return databases.drop(chosen, demand, consent, lock=not no_lock)


@app.command(name="list")
def list_(ctx: typer.Context) -> Databases:
    """List the databases of the server."""
    from dbctl import loop
    from dbctl.pipeline import databases

    return loop.run(databases.listed(settings(ctx)))
