"""Commands about snapshots."""

from typing import Annotated, Optional

import typer

from dbctl.cli.ask import ConfirmName, NoSnapshot, agree
from dbctl.cli.lock import LockWait, patient
from dbctl.cli.options import settings
from dbctl.snapshot.model import (
    OldDropped,
    SnapshotCreated,
    SnapshotDeleted,
    SnapshotRestored,
    Snapshots,
    SnapshotsPruned,
    SnapshotVerified,
)

app = typer.Typer(rich_markup_mode=None, help="Keep the database, bring it back.")

Name = Annotated[str, typer.Argument(help="as `dbctl snapshot list` has it")]
Jobs = Annotated[
    int, typer.Option("--jobs", "-j", min=0, max=64, help="how many at once; 0: as many as fit")
]
Keep = Annotated[
    Optional[int], typer.Option("--keep", min=0, help="the newest so many of this database stay")
]
OlderThan = Annotated[
    Optional[str], typer.Option("--older-than", help="only those older than 12h, 30d, 8w go")
]


@app.command()
def create(
    ctx: typer.Context,
    name: Annotated[
        Optional[str], typer.Argument(help="default: the environment and the time")
    ] = None,
    *,
    jobs: Jobs = 0,
    keep: Keep = None,
    older_than: OlderThan = None,
) -> SnapshotCreated:
    """Take a snapshot of the database.

    Others may write meanwhile: what was committed at one moment is in it. With --keep or
    --older-than older ones of this database go afterwards.
    """
    from dbctl.pipeline import retention, snapshots

    wanted = retention.wanted(keep, older_than)
    return snapshots.create(settings(ctx), name, jobs=jobs, wanted=wanted)


@app.command(name="list")
def list_(ctx: typer.Context) -> Snapshots:
    """List the snapshots, and what restores and killed commands left."""
    from dbctl.pipeline import retention

    return retention.listed(settings(ctx))


@app.command()
def verify(ctx: typer.Context, name: Name, *, jobs: Jobs = 0) -> SnapshotVerified:
    """Restore a snapshot into a throwaway database and compare.

    Checksums of the files, then every table's rows and the schema. Exit 1 if anything differs.
    """
    from dbctl.pipeline import snapshots

    return snapshots.verify(settings(ctx), name, jobs=jobs)


@app.command()
def restore(
    ctx: typer.Context,
    name: Name,
    *,
    drop_old: Annotated[
        bool, typer.Option("--drop-old", help="do not keep the database that is replaced")
    ] = False,
    end_sessions: Annotated[
        bool, typer.Option("--end-sessions", help="cut off who is connected to the database")
    ] = False,
    jobs: Jobs = 0,
    lock_wait: LockWait = None,
    confirm_name: ConfirmName = None,
    no_snapshot: NoSnapshot = False,
) -> SnapshotRestored:
    """Let a snapshot take the database's place.

    Restored beside it, compared, and swapped in by rename; what was there is kept under another
    name. Asks; a protected database demands more than a yes.
    """
    from dbctl.pipeline import snapshots

    chosen = patient(ctx, lock_wait)
    demand = snapshots.demand(chosen, name, drop_old=drop_old)
    then = "drop it afterwards?" if drop_old else "keep it under another name?"
    question = f"put {name} in this database's place, and {then}"
    consent = agree(ctx, question, demand, confirm_name, no_snapshot)
    return snapshots.restore(
        chosen,
        name,
        demand,
        consent,
        drop_old=drop_old,
        end_sessions=end_sessions,
        jobs=jobs,
    )


@app.command(name="drop-old")
def drop_old(
    ctx: typer.Context,
    name: Annotated[Optional[str], typer.Argument(help="one of them; default: all")] = None,
    *,
    confirm_name: ConfirmName = None,
) -> OldDropped:
    """Drop the databases that restores replaced.

    Asks; a protected database demands more than a yes.
    """
    from dbctl.pipeline import retention

    chosen = patient(ctx, None)
    found = retention.old(chosen, name)
    if not found:
        return OldDropped((), 0)
    demand = retention.old_demand(chosen, found)
    consent = agree(ctx, "drop what restores replaced?", demand, confirm_name, False)
    return retention.drop_old(chosen, found, demand, consent)


@app.command()
def delete(
    ctx: typer.Context,
    name: Name,
    *,
    if_exists: Annotated[
        bool, typer.Option("--if-exists", help="nothing happens when it is gone")
    ] = False,
) -> SnapshotDeleted:
    """Delete a snapshot, or a leftover; asks.

    Exit 1 if there is none of that name.
    """
    from dbctl.cli.ask import sure
    from dbctl.errors import NotFoundError
    from dbctl.pipeline import retention

    chosen = settings(ctx)
    if not retention.is_there(chosen, name):
        if if_exists:
            return SnapshotDeleted(name, False, None)
        raise NotFoundError(f"there is no snapshot {name!r}", hint="see `dbctl snapshot list`")
    sure(ctx, "delete this snapshot?", f"the snapshot {name}")
    return retention.delete(chosen, name)


@app.command()
def prune(
    ctx: typer.Context,
    *,
    keep: Keep = None,
    older_than: OlderThan = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say what would be deleted")] = False,
) -> SnapshotsPruned:
    """Delete old snapshots of this database, and leftovers; asks.

    With both options the newest --keep stay, however old they are. Without any only what killed
    commands left behind goes.
    """
    from dbctl.cli.ask import sure
    from dbctl.pipeline import retention

    chosen, wanted = settings(ctx), retention.wanted(keep, older_than)
    found = retention.prunable(chosen, wanted)
    names = (*found.snapshots, *found.leftovers)
    if dry_run or not names:
        return found
    sure(ctx, "delete these?", *names)
    return retention.prune(chosen, wanted)
