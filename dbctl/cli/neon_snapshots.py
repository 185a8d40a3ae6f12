"""Commands about kept states of Neon's branches."""

from typing import Annotated, Optional

import typer

from dbctl.cli.neon_options import SECONDS, IfThere, Limit, Project, Wait, clock, run, sure
from dbctl.neon.model import NeonSnapshot, NeonSnapshotChange, NeonSnapshots

app = typer.Typer(rich_markup_mode=None, help="Kept states of branches.")

Named = Annotated[str, typer.Argument(help="a snapshot's name or id")]


@app.command(name="list")
def list_(ctx: typer.Context, *, project_id: Project = None) -> NeonSnapshots:
    """List the snapshots, the newest first."""
    from dbctl.neon import snapshots

    return run(ctx, project_id, snapshots.listed)


@app.command()
def create(
    ctx: typer.Context,
    branch: Annotated[str, typer.Argument(help="NAME, NAME@2026-01-31T12:00:00Z, NAME@-2h")],
    *,
    name: Annotated[
        Optional[str], typer.Option("--name", help="default: the branch and the time")
    ] = None,
    ttl: Annotated[Optional[str], typer.Option("--ttl", help="delete it after 12h, 7d")] = None,
    expires_at: Annotated[
        Optional[str], typer.Option("--expires-at", help="2026-01-31T12:00:00Z")
    ] = None,
    wait: Wait = True,
    timeout: Limit = SECONDS,
    project_id: Project = None,
) -> NeonSnapshotChange:
    """Keep a branch as it is, or as it was."""
    from dbctl.neon import expiry, parents, snapshots

    point, end = parents.point(branch), expiry.moment(ttl, expires_at, longest=None)
    limit = clock(timeout, wait=wait)
    return run(ctx, project_id, lambda neon: snapshots.create(neon, point, name, end, limit))


@app.command()
def restore(
    ctx: typer.Context,
    snapshot: Named,
    *,
    name: Annotated[str, typer.Option("--branch-name", help="of the branch that is made")],
    wait: Wait = True,
    timeout: Limit = SECONDS,
    project_id: Project = None,
) -> NeonSnapshotChange:
    """Make a branch from a snapshot; the branch it was taken of stays as it is."""
    from dbctl.neon import snapshots
    from dbctl.neon.client import Neon

    limit = clock(timeout, wait=wait)

    async def work(neon: Neon) -> NeonSnapshotChange:
        return await snapshots.restore(neon, await snapshots.named(neon, snapshot), name, limit)

    return run(ctx, project_id, work)


@app.command()
def delete(
    ctx: typer.Context,
    snapshot: Named,
    *,
    if_exists: IfThere = False,
    wait: Wait = True,
    timeout: Limit = SECONDS,
    project_id: Project = None,
) -> NeonSnapshotChange:
    """Delete a snapshot; asks."""
    from dbctl.errors import NotFoundError
    from dbctl.neon import snapshots

    try:
        found = run(ctx, project_id, lambda neon: snapshots.named(neon, snapshot))
    except NotFoundError:
        if not if_exists:
            raise
        return NeonSnapshotChange("delete", NeonSnapshot("", snapshot), changed=False)
    sure(ctx, "delete this snapshot?", f"the snapshot {found.name} ({found.id}) at Neon")
    limit = clock(timeout, wait=wait)
    return run(ctx, project_id, lambda neon: snapshots.delete(neon, found, limit))
