"""Commands about what Neon does in the background."""

from typing import Annotated, Optional

import typer

from dbctl.cli.neon_options import SECONDS, Limit, Project, run
from dbctl.neon.model import Operation, Operations

app = typer.Typer(rich_markup_mode=None, help="What Neon does in the background.")


@app.command(name="list")
def list_(
    ctx: typer.Context,
    *,
    limit: Annotated[Optional[int], typer.Option("--limit", min=1, help="only the newest")] = None,
    project_id: Project = None,
) -> Operations:
    """List operations, the newest first."""
    from dbctl.neon import operations

    return run(ctx, project_id, lambda neon: operations.listed(neon, limit))


@app.command()
def get(ctx: typer.Context, operation: str, *, project_id: Project = None) -> Operation:
    """Show one operation."""
    from dbctl.neon import operations

    return run(ctx, project_id, lambda neon: operations.shown(neon, operation))


@app.command()
def wait(
    ctx: typer.Context,
    operation: Annotated[Optional[list[str]], typer.Argument(help="default: all that run")] = None,
    *,
    timeout: Limit = SECONDS,
    project_id: Project = None,
) -> Operations:
    """Wait until operations have ended.

    Exit 9 when one failed, 4 when the time was not enough.
    """
    from dbctl.neon import operations
    from dbctl.neon.client import Clock

    limit = Clock(timeout)
    return run(ctx, project_id, lambda neon: operations.awaited(neon, operation or [], limit))
