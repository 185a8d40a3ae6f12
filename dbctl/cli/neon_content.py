"""Commands about what is in a branch at Neon: its databases and roles."""

from typing import Annotated, Optional

import typer

from dbctl.cli.neon_options import (
    SECONDS,
    BranchOption,
    IfThere,
    Limit,
    Project,
    Reveal,
    Wait,
    clock,
    run,
    sure,
)
from dbctl.neon.model import (
    BranchDatabaseChange,
    BranchDatabases,
    BranchRoleChange,
    BranchRoles,
    NeonBranch,
)

databases = typer.Typer(rich_markup_mode=None, help="The databases of a branch.")
roles = typer.Typer(rich_markup_mode=None, help="The roles of a branch.")

Name = Annotated[str, typer.Argument()]


@databases.command(name="list")
def databases_list(
    ctx: typer.Context, *, branch: BranchOption = None, project_id: Project = None
) -> BranchDatabases:
    """List the databases of a branch."""
    from dbctl.neon import databases as room

    return run(ctx, project_id, lambda neon: room.listed(neon, branch))


@databases.command(name="create")
def databases_create(
    ctx: typer.Context,
    name: Name,
    *,
    branch: BranchOption = None,
    owner: Annotated[
        Optional[str], typer.Option("--owner", help="default: the owner of the others")
    ] = None,
    wait: Wait = True,
    timeout: Limit = SECONDS,
    project_id: Project = None,
) -> BranchDatabaseChange:
    """Create a database; nothing happens when it is there."""
    from dbctl.neon import databases as room

    limit = clock(timeout, wait=wait)
    return run(ctx, project_id, lambda neon: room.create(neon, branch, name, owner, limit))


@databases.command(name="delete")
def databases_delete(
    ctx: typer.Context,
    name: Name,
    *,
    branch: BranchOption = None,
    if_exists: IfThere = False,
    wait: Wait = True,
    timeout: Limit = SECONDS,
    project_id: Project = None,
) -> BranchDatabaseChange:
    """Delete a database with everything in it; asks."""
    from dbctl.neon import databases as room

    found = _branch(ctx, project_id, branch)
    sure(ctx, "delete this database?", f"the database {name} of the branch {found.name} at Neon")
    limit = clock(timeout, wait=wait)
    return run(
        ctx,
        found.project_id,
        lambda neon: room.delete(neon, found, name, limit, missing_ok=if_exists),
    )


@roles.command(name="list")
def roles_list(
    ctx: typer.Context, *, branch: BranchOption = None, project_id: Project = None
) -> BranchRoles:
    """List the roles of a branch."""
    from dbctl.neon import roles as room

    return run(ctx, project_id, lambda neon: room.listed(neon, branch))


@roles.command(name="create")
def roles_create(
    ctx: typer.Context,
    name: Name,
    *,
    branch: BranchOption = None,
    reveal: Reveal = False,
    wait: Wait = True,
    timeout: Limit = SECONDS,
    project_id: Project = None,
) -> BranchRoleChange:
    """Create a role that logs in; nothing happens when it is there."""
    from dbctl.neon import roles as room

    limit = clock(timeout, wait=wait)
    return run(ctx, project_id, lambda neon: room.create(neon, branch, name, limit, reveal=reveal))


@roles.command(name="delete")
def roles_delete(
    ctx: typer.Context,
    name: Name,
    *,
    branch: BranchOption = None,
    if_exists: IfThere = False,
    wait: Wait = True,
    timeout: Limit = SECONDS,
    project_id: Project = None,
) -> BranchRoleChange:
    """Delete a role; asks."""
    from dbctl.neon import roles as room

    found = _branch(ctx, project_id, branch)
    sure(ctx, "delete this role?", f"the role {name} of the branch {found.name} at Neon")
    limit = clock(timeout, wait=wait)
    return run(
        ctx,
        found.project_id,
        lambda neon: room.delete(neon, found, name, limit, missing_ok=if_exists),
    )


@roles.command(name="reset-password")
def roles_reset_password(
    ctx: typer.Context,
    name: Name,
    *,
    branch: BranchOption = None,
    reveal: Reveal = False,
    wait: Wait = True,
    timeout: Limit = SECONDS,
    project_id: Project = None,
) -> BranchRoleChange:
    """Give a role a new password; asks, as the old one works no more."""
    from dbctl.neon import roles as room

    found = _branch(ctx, project_id, branch)
    who = f"the role {name} of the branch {found.name} at Neon"
    sure(ctx, "give it a new password?", who, "whoever has the old one cannot connect any more")
    limit = clock(timeout, wait=wait)
    return run(
        ctx,
        found.project_id,
        lambda neon: room.reset_password(neon, found, name, limit, reveal=reveal),
    )


def _branch(ctx: typer.Context, project: str | None, name: str | None) -> NeonBranch:
    """The branch that is to be changed, before anybody is asked."""
    from dbctl.neon import find
    from dbctl.neon.client import Neon

    async def work(neon: Neon) -> NeonBranch:
        return await find.branch(neon, find.required(neon, name))

    return run(ctx, project, work)
