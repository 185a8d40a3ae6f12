"""Commands about the computes of Neon's branches."""

from typing import Annotated, Optional

import typer

from dbctl.cli.neon_options import SECONDS, Limit, Project, Wait, clock, run
from dbctl.neon.model import ComputeChange, Computes

app = typer.Typer(rich_markup_mode=None, help="What a branch runs on.")

Target = Annotated[str, typer.Argument(help="a compute's id, or a branch")]


@app.command(name="list")
def list_(
    ctx: typer.Context,
    branch: Annotated[Optional[str], typer.Argument(help="default: the whole project")] = None,
    *,
    project_id: Project = None,
) -> Computes:
    """List computes with their size and state."""
    from dbctl.neon import computes

    return run(ctx, project_id, lambda neon: computes.listed(neon, branch))


@app.command()
def add(
    ctx: typer.Context,
    branch: Annotated[str, typer.Argument(help="its name or id")],
    *,
    read_only: Annotated[bool, typer.Option("--read-only", help="a replica for reading")] = False,
    cu: Annotated[Optional[str], typer.Option("--cu", help="size: 1, or 0.25-2")] = None,
    suspend_timeout: Annotated[
        Optional[str], typer.Option("--suspend-timeout", help="300, 5m, never or default")
    ] = None,
    wait: Wait = True,
    timeout: Limit = SECONDS,
    project_id: Project = None,
) -> ComputeChange:
    """Give a branch a compute; nothing happens when it has one that writes."""
    from dbctl.neon import computes

    size = computes.size(cu, suspend_timeout)
    limit = clock(timeout, wait=wait)
    return run(
        ctx, project_id, lambda neon: computes.add(neon, branch, size, limit, read_only=read_only)
    )


@app.command()
def start(
    ctx: typer.Context,
    compute: Target,
    *,
    wait: Wait = True,
    timeout: Limit = SECONDS,
    project_id: Project = None,
) -> ComputeChange:
    """Start a compute."""
    return _act(ctx, "start", compute, (timeout, wait), project_id)


@app.command()
def suspend(
    ctx: typer.Context,
    compute: Target,
    *,
    wait: Wait = True,
    timeout: Limit = SECONDS,
    project_id: Project = None,
) -> ComputeChange:
    """Suspend a compute: its connections end, the next one wakes it."""
    return _act(ctx, "suspend", compute, (timeout, wait), project_id)


@app.command()
def restart(
    ctx: typer.Context,
    compute: Target,
    *,
    wait: Wait = True,
    timeout: Limit = SECONDS,
    project_id: Project = None,
) -> ComputeChange:
    """Restart a compute: its connections end."""
    return _act(ctx, "restart", compute, (timeout, wait), project_id)


def _act(
    ctx: typer.Context, action: str, target: str, patience: tuple[float, bool], project: str | None
) -> ComputeChange:
    from dbctl.neon import computes

    timeout, wait = patience
    limit = clock(timeout, wait=wait)
    return run(ctx, project, lambda neon: computes.act(neon, action, target, limit))
