"""Commands about the branches of a Neon project."""

from pathlib import Path
from typing import Annotated, Optional

import typer

from dbctl.cli.neon_options import (
    SECONDS,
    Database,
    IfThere,
    Limit,
    Project,
    Reveal,
    Role,
    Wait,
    clock,
    run,
    sure,
)
from dbctl.neon.model import (
    NeonBranch,
    NeonBranchChange,
    NeonBranchCreated,
    NeonBranches,
    NeonPruned,
    NeonUrl,
    SchemaDifference,
)
from dbctl.neon.words import Format, IfExists, Verbatim

app = typer.Typer(rich_markup_mode=None, help="The branches of a project.")

Named = Annotated[str, typer.Argument(help="its name or id")]
Spelling = Annotated[
    Optional[Format],
    typer.Option("--format", help="for a driver, a file or GitHub Actions, instead of a report"),
]
Preserve = Annotated[
    Optional[str],
    typer.Option("--preserve-under-name", help="keep what was there as a branch of this name"),
]
Ttl = Annotated[Optional[str], typer.Option("--ttl", help="delete it after 12h, 2d, 30d at most")]
ExpiresAt = Annotated[Optional[str], typer.Option("--expires-at", help="2026-01-31T12:00:00Z")]


@app.command()
def create(  # noqa: PLR0913 - one parameter an option
    ctx: typer.Context,
    name: Annotated[str, typer.Argument()],
    *,
    parent: Annotated[
        Optional[str],
        typer.Option("--parent", help="NAME, an id, NAME@TIME, NAME@LSN, NAME@-2h"),
    ] = None,
    schema_only: Annotated[bool, typer.Option("--schema-only", help="without rows")] = False,
    ttl: Ttl = None,
    expires_at: ExpiresAt = None,
    protected: Annotated[bool, typer.Option("--protected", help="nobody deletes it")] = False,
    no_compute: Annotated[bool, typer.Option("--no-compute", help="nothing to connect to")] = False,
    cu: Annotated[Optional[str], typer.Option("--cu", help="size: 1, or 0.25-2")] = None,
    suspend_timeout: Annotated[
        Optional[str], typer.Option("--suspend-timeout", help="300, 5m, never or default")
    ] = None,
    if_exists: Annotated[
        IfExists, typer.Option("--if-exists", help="what to do with one of that name")
    ] = IfExists.fail,
    database: Database = None,
    role: Role = None,
    reveal: Reveal = False,
    spelling: Spelling = None,
    wait: Wait = True,
    timeout: Limit = SECONDS,
    project_id: Project = None,
) -> NeonBranchCreated | Verbatim:
    """Create a branch, and wait until a connection to it answers.

    Without --parent it is made from the default branch.
    """
    from dbctl.neon import create as room
    from dbctl.neon import formats
    from dbctl.neon.address import Login
    from dbctl.neon.client import Clock

    formats.require_place(spelling, compute=not no_compute)
    wish = room.wish(
        name,
        parent=parent,
        schema_only=schema_only,
        expiry=(ttl, expires_at),
        protected=protected,
        size=None if no_compute else (cu, suspend_timeout),
        if_exists=if_exists,
        login=Login(database, role),
    )
    limit = Clock(timeout)
    made = run(ctx, project_id, lambda neon: room.create(neon, wish, limit, wait=wait))
    if spelling is None or made.url is None:
        return made.result(reveal=reveal)
    found = formats.Written(made.branch.name, made.branch.id, made.url, created=made.created)
    return formats.text(found, spelling, reveal=reveal)


@app.command(name="list")
def list_(ctx: typer.Context, *, project_id: Project = None) -> NeonBranches:
    """List every branch of the project."""
    from dbctl.neon import branches

    return run(ctx, project_id, branches.listed)


@app.command()
def get(ctx: typer.Context, name: Named, *, project_id: Project = None) -> NeonBranch:
    """Show one branch."""
    from dbctl.neon import find

    return run(ctx, project_id, lambda neon: find.branch(neon, name))


@app.command()
def rename(
    ctx: typer.Context,
    name: Named,
    new_name: Annotated[str, typer.Argument()],
    *,
    timeout: Limit = SECONDS,
    project_id: Project = None,
) -> NeonBranchChange:
    """Give a branch another name."""
    from dbctl.neon import branches
    from dbctl.neon.client import Clock

    limit = Clock(timeout)
    return run(ctx, project_id, lambda neon: branches.rename(neon, name, new_name, limit))


@app.command()
def delete(
    ctx: typer.Context,
    name: Named,
    *,
    if_exists: IfThere = False,
    wait: Wait = True,
    timeout: Limit = SECONDS,
    project_id: Project = None,
) -> NeonBranchChange:
    """Delete a branch with everything in it; asks.

    Refused for the default branch and for protected ones.
    """
    from dbctl.neon import branches

    found = run(
        ctx,
        project_id,
        lambda neon: branches.expendable(neon, name, "delete", missing_ok=if_exists),
    )
    if found is None:
        return NeonBranchChange("delete", name, None, changed=False)
    sure(ctx, "delete this branch?", f"the branch {found.name} ({found.id}) at Neon")
    limit = clock(timeout, wait=wait)
    return run(ctx, found.project_id, lambda neon: branches.delete(neon, found, limit))


@app.command()
def reset(
    ctx: typer.Context,
    name: Named,
    *,
    preserve_under_name: Preserve = None,
    wait: Wait = True,
    timeout: Limit = SECONDS,
    project_id: Project = None,
) -> NeonBranchChange:
    """Make a branch what its parent is now; asks."""
    from dbctl.neon import restore as room

    found = _expendable(ctx, project_id, name, "reset", preserve_under_name)
    limit = clock(timeout, wait=wait)
    return run(
        ctx,
        found.project_id,
        lambda neon: room.to_parent(neon, found, limit, preserve_under_name),
    )


@app.command()
def restore(
    ctx: typer.Context,
    name: Named,
    source: Annotated[
        str, typer.Argument(help="a branch, NAME@TIME, NAME@-2h, ^self@-2h, ^parent")
    ],
    *,
    preserve_under_name: Preserve = None,
    wait: Wait = True,
    timeout: Limit = SECONDS,
    project_id: Project = None,
) -> NeonBranchChange:
    """Make a branch what another is, or was, or what it was itself; asks."""
    from dbctl.neon import parents
    from dbctl.neon import restore as room

    point = parents.point(source)
    found = _expendable(ctx, project_id, name, "restore", preserve_under_name)
    limit = clock(timeout, wait=wait)
    return run(
        ctx,
        found.project_id,
        lambda neon: room.to_point(neon, found, point, limit, preserve_under_name),
    )


def _expendable(
    ctx: typer.Context, project: str | None, name: str, verb: str, preserve: str | None
) -> NeonBranch:
    """The branch whose content is to be replaced, after everybody agreed."""
    from dbctl.neon import branches

    found = run(ctx, project, lambda neon: branches.required_expendable(neon, name, verb))
    kept = f"what is in it stays as {preserve}" if preserve else "what is in it will be lost"
    sure(ctx, f"{verb} this branch?", f"the branch {found.name} ({found.id}) at Neon", kept)
    return found


@app.command(name="set-default")
def set_default(
    ctx: typer.Context, name: Named, *, timeout: Limit = SECONDS, project_id: Project = None
) -> NeonBranchChange:
    """Make a branch the project's default."""
    from dbctl.neon import branches
    from dbctl.neon.client import Clock

    limit = Clock(timeout)
    return run(ctx, project_id, lambda neon: branches.set_default(neon, name, limit))


@app.command()
def expire(
    ctx: typer.Context,
    name: Named,
    *,
    ttl: Ttl = None,
    expires_at: ExpiresAt = None,
    never: Annotated[bool, typer.Option("--never", help="keep it until it is deleted")] = False,
    timeout: Limit = SECONDS,
    project_id: Project = None,
) -> NeonBranchChange:
    """Set when a branch deletes itself, or that it never does."""
    from dbctl.neon import branches, expiry
    from dbctl.neon.client import Clock

    moment = expiry.chosen(ttl, expires_at, never=never)
    limit = Clock(timeout)
    return run(ctx, project_id, lambda neon: branches.expire(neon, name, moment, limit))


@app.command()
def diff(
    ctx: typer.Context,
    first: Annotated[str, typer.Argument(help="a branch")],
    second: Annotated[Optional[str], typer.Argument(help="another")] = None,
    *,
    database: Annotated[
        Optional[list[str]], typer.Option("--database", help="default: all of them")
    ] = None,
    project_id: Project = None,
) -> SchemaDifference:
    """Show how the schema changes from one branch to another; of one alone, from its parent.

    Exit 1 when they differ.
    """
    from dbctl.neon import diff as room

    return run(ctx, project_id, lambda neon: room.difference(neon, first, second, database or ()))


@app.command()
def url(
    ctx: typer.Context,
    name: Annotated[
        Optional[str], typer.Argument(help="its name or id; else NEON_BRANCH or .neon")
    ] = None,
    *,
    pooled: Annotated[bool, typer.Option("--pooled", help="through Neon's pooler")] = False,
    database: Database = None,
    role: Role = None,
    reveal: Reveal = False,
    spelling: Spelling = None,
    project_id: Project = None,
) -> NeonUrl | Verbatim:
    """Print how to reach a branch: direct for migrations, pooled for the application."""
    from dbctl.neon import formats, reach
    from dbctl.neon.address import Login

    formats.require_place(spelling)
    login = Login(database, role)
    found = run(ctx, project_id, lambda neon: reach.reached(neon, name, login, pooled=pooled))
    if spelling is None:
        return formats.shown(found, reveal=reveal)
    return formats.text(found, spelling, reveal=reveal)


@app.command()
def prune(
    ctx: typer.Context,
    *,
    match: Annotated[Optional[str], typer.Option("--match", help="a pattern: 'pr-*'")] = None,
    older_than: Annotated[
        Optional[str], typer.Option("--older-than", help="made before: 12h, 7d")
    ] = None,
    merged: Annotated[
        bool, typer.Option("--merged", help="its git branch or pull request is merged here")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only show them")] = False,
    timeout: Limit = 600,
    project_id: Project = None,
) -> NeonPruned:
    """Delete the branches that nobody needs any more; asks.

    All that is said must be true of them. The default branch, protected ones and parents of
    branches that stay are never deleted.
    """
    from dbctl.neon import prune as room
    from dbctl.neon.client import Clock

    wish = room.wish(match, older_than, Path.cwd() if merged else None)
    found = run(ctx, project_id, lambda neon: room.candidates(neon, wish))
    if dry_run or not found.branches:
        return found
    sure(ctx, "delete these branches?", *(f"{one.name} ({one.id})" for one in found.branches))
    limit = Clock(timeout)
    project = found.branches[0].project_id
    return run(ctx, project, lambda neon: room.delete(neon, found, limit))
