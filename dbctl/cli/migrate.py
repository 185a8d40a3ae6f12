"""Commands that move a database along its revisions, or say where it stands."""

from typing import Annotated, Optional

import typer

from dbctl.cli.ask import ConfirmName, NoSnapshot, SnapshotFirst, agree
from dbctl.cli.lock import LockWait, NoLock, patient
from dbctl.cli.options import settings
from dbctl.database.shape import Script
from dbctl.migrate.model import Check, Current, Downgraded, Plan, Stamped, Status, Upgraded

app = typer.Typer(rich_markup_mode=None)

Target = Annotated[
    str, typer.Argument(help="head, heads, +1, -1, base, an id or its beginning, label@head")
]
Sql = Annotated[
    bool, typer.Option("--sql", help="print the SQL instead; the target may be FROM:TO")
]
Scratch = Annotated[
    Optional[bool],
    typer.Option(
        "--scratch/--no-scratch",
        help="write down what cannot be known otherwise on an empty database, dropped again; "
        "default: on this machine only",
    ),
]


@app.command()
def status(ctx: typer.Context) -> Status:
    """Show where the database is and what is pending.

    Exit 1 if anything is pending.
    """
    from dbctl.migrate import apply

    return apply.status(settings(ctx))


@app.command()
def plan(ctx: typer.Context, target: Target = "heads", *, scratch: Scratch = None) -> Plan:
    """Show what would run, with its SQL.

    From where the database is to TARGET; nothing is changed there.
    """
    from dbctl.migrate import offline

    return offline.plan(settings(ctx), target, use_scratch=scratch)


@app.command()
def upgrade(
    ctx: typer.Context,
    target: Target = "head",
    *,
    sql: Sql = False,
    scratch: Scratch = None,
    lock_wait: LockWait = None,
    no_lock: NoLock = False,
    snapshot: SnapshotFirst = None,
) -> Upgraded | Script:
    """Run pending revisions, up to TARGET.

    Each runs in a transaction of its own; when one fails the earlier ones stay. Exit 6 then. Of
    several at once one runs them and the others wait; exit 8 when they waited too long.
    """
    if sql:
        from dbctl.migrate import offline

        return offline.script(settings(ctx), "upgrade", target, use_scratch=scratch)
    from dbctl.migrate import apply
    from dbctl.pipeline import precaution

    chosen = patient(ctx, lock_wait)
    before = precaution.before_upgrade(chosen, snapshot)
    return apply.upgrade(chosen, target, lock=not no_lock, before=before)


@app.command(context_settings={"ignore_unknown_options": True})
def downgrade(
    ctx: typer.Context,
    target: Target,
    *,
    sql: Sql = False,
    scratch: Scratch = None,
    lock_wait: LockWait = None,
    no_lock: NoLock = False,
    confirm_name: ConfirmName = None,
    no_snapshot: NoSnapshot = False,
) -> Downgraded | Script:
    """Undo revisions, down to TARGET.

    Says what will be lost and asks; a protected database demands more than a yes.
    """
    chosen = patient(ctx, lock_wait)
    if sql:
        from dbctl.migrate import offline

        return offline.script(chosen, "downgrade", target, use_scratch=scratch)
    from dbctl.database import guard
    from dbctl.migrate import apply, loss
    from dbctl.pipeline import precaution

    demand = loss.demand(chosen, target, precaution.before(chosen))
    consent = agree(ctx, f"downgrade to {target}?", demand, confirm_name, no_snapshot)
    guard.settle(demand, consent)
    return apply.downgrade(chosen, target, lock=not no_lock)


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
def stamp(
    ctx: typer.Context,
    targets: Annotated[list[str], typer.Argument(help="as for upgrade; several for several heads")],
    *,
    purge: Annotated[bool, typer.Option("--purge", help="empty the version table first")] = False,
    lock_wait: LockWait = None,
    no_lock: NoLock = False,
) -> Stamped:
    """Set the version; run no revision."""
    from dbctl.migrate import apply

    chosen = patient(ctx, lock_wait)
    return apply.stamp(chosen, targets, purge=purge, lock=not no_lock)


@app.command(name="ensure-version")
def ensure_version(ctx: typer.Context) -> Stamped:
    """Make the version table if missing."""
    from dbctl.migrate import apply

    return apply.ensure_version(settings(ctx))
