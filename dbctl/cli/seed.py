"""Commands about seed data."""

from typing import Annotated, Optional

import typer

from dbctl.cli.ask import ConfirmName, NoSnapshot, agree
from dbctl.cli.options import settings
from dbctl.seed.model import Seeded, SeedStatus

app = typer.Typer(rich_markup_mode=None)

Only = Annotated[
    Optional[list[str]], typer.Option("--only", help="this file or table alone; may be repeated")
]


@app.callback(invoke_without_command=True)
def seed(
    ctx: typer.Context,
    *,
    only: Only = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="do everything, roll it back, say what it was")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="empty the files' tables first; asks")
    ] = False,
    confirm_name: ConfirmName = None,
    no_snapshot: NoSnapshot = False,
) -> Optional[Seeded]:
    """Load the project's seed files.

    One transaction: new rows are inserted, changed ones updated, the others left as they are.
    """
    if ctx.invoked_subcommand is not None:
        return None
    from dbctl.pipeline import seeding

    chosen = settings(ctx)
    names = tuple(only or ())
    if not replace or dry_run:
        return seeding.run(chosen, only=names, dry_run=dry_run, replace=replace)
    demand = seeding.demand(chosen, names)
    consent = agree(ctx, "empty these tables and seed them?", demand, confirm_name, no_snapshot)
    return seeding.replace(chosen, demand, consent, only=names)


@app.command()
def status(ctx: typer.Context) -> SeedStatus:
    """Show which seed files were loaded, and which changed since."""
    from dbctl.pipeline import seeding

    return seeding.status(settings(ctx))
