"""Commands about Neon: projects, and any request of its API. The other nouns have their files."""

from pathlib import Path
from typing import Annotated, Optional

import typer

from dbctl.cli import neon_branch, neon_compute, neon_content, neon_operations, neon_snapshots
from dbctl.cli.neon_options import Project, Reveal, run
from dbctl.neon.model import NeonProjects
from dbctl.neon.words import Verbatim

app = typer.Typer(rich_markup_mode=None, help="Branches and all else at Neon.")
projects = typer.Typer(rich_markup_mode=None, help="The projects of the account.")
app.add_typer(projects, name="projects")
app.add_typer(neon_branch.app, name="branch")
app.add_typer(neon_compute.app, name="compute")
app.add_typer(neon_content.databases, name="databases")
app.add_typer(neon_content.roles, name="roles")
app.add_typer(neon_operations.app, name="operations")
app.add_typer(neon_snapshots.app, name="snapshots")


@projects.command(name="list")
def projects_list(ctx: typer.Context) -> NeonProjects:
    """List the projects that the key may see."""
    from dbctl.neon.client import Neon

    async def work(neon: Neon) -> NeonProjects:
        return NeonProjects(await neon.projects())

    return run(ctx, None, work)


@app.command()
def api(
    ctx: typer.Context,
    method: Annotated[str, typer.Argument(help="GET, POST, PATCH, PUT or DELETE")],
    path: Annotated[str, typer.Argument(help="/projects/{project_id}/branches")],
    *,
    field: Annotated[
        Optional[list[str]],
        typer.Option("--field", help="name=value of the body, of the query with GET; a.b=value"),
    ] = None,
    input: Annotated[  # noqa: A002 - the option's name
        Optional[Path], typer.Option("--input", help="a file with the body's JSON, - for stdin")
    ] = None,
    reveal: Reveal = False,
    project_id: Project = None,
) -> Verbatim:
    """Send any request to Neon's API and print the answer, passwords masked."""
    from dbctl.neon import raw

    body = raw.body(field or [], input)
    return run(ctx, project_id, lambda neon: raw.call(neon, method, path, body, reveal=reveal))
