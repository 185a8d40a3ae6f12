"""Commands about seed data."""

from pathlib import Path
from typing import Annotated, Optional

import typer

from dbctl.cli.ask import ConfirmName, NoSnapshot, agree
from dbctl.cli.options import settings, settings_to_write
from dbctl.seed.model import Dumped, Format, Generated, Seeded, SeedStatus

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

    chosen = settings_to_write(ctx)
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


@app.command()
def generate(
    ctx: typer.Context,
    amounts: Annotated[
        list[str], typer.Argument(metavar="TABLE=ROWS", help="users=1000, or items=5/user")
    ],
    *,
    seed: Annotated[int, typer.Option(help="another number makes other rows")] = 0,
    fake: Annotated[
        bool, typer.Option("--fake", help="names and texts from mimesis (extra: fake)")
    ] = False,
    deleted: Annotated[
        float, typer.Option(min=0, max=1, help="the share of soft-deleted rows")
    ] = 0.02,
) -> Generated:
    """Generate believable rows for any table.

    The same seed makes the same rows on any day. One transaction; refused where data is protected.
    """
    from dbctl.pipeline import generating

    return generating.run(settings_to_write(ctx), amounts, seed=seed, fake=fake, deleted=deleted)


@app.command()
def dump(
    ctx: typer.Context,
    names: Annotated[
        Optional[list[str]],
        typer.Argument(metavar="TABLE", help="all of them when none is said"),
    ] = None,
    *,
    to: Annotated[Path, typer.Option(help="the folder; made when it is not there")],
    format_: Annotated[
        Format, typer.Option("--format", help="the format of the files")
    ] = Format.csv,
    force: Annotated[bool, typer.Option("--force", help="write over files that are there")] = False,
    secrets: Annotated[
        bool, typer.Option("--secrets", help="password hashes and tokens, too")
    ] = False,
) -> Dumped:
    """Write tables as seed files, which `dbctl seed` reads back.

    Ordered by key: the same rows make the same bytes. Password hashes and tokens are left out.
    """
    from dbctl.pipeline import dumping

    chosen = settings(ctx)
    return dumping.run(chosen, names or (), to, form=format_, force=force, secrets=secrets)
