"""`dbctl ci`: the steps of a pipeline, each one line."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from dbctl.ci.model import CiCheck, CiReport, CiSetup, CiTeardown
from dbctl.cli.options import said, settings, settings_to_write

if TYPE_CHECKING:
    from dbctl.settings import Settings

app = typer.Typer(rich_markup_mode=None, help="The steps of a pipeline.")

Neon = Annotated[bool, typer.Option("--neon", help="a branch at Neon, named after the request")]
Branch = Annotated[
    bool, typer.Option("--branch", help="a branch of the settings' database, as `dbctl branch`")
]
Embedded = Annotated[bool, typer.Option("--embedded", help="a PostgreSQL from the wheel")]
Named = Annotated[Optional[str], typer.Option("--name", help="the branch; default: pr-NUMBER")]
Project = Annotated[
    Optional[str], typer.Option("--project-id", help="at Neon: else NEON_PROJECT_ID or .neon")
]
Dotenv = Annotated[
    Optional[Path],
    typer.Option("--env-file", help="where variables go outside of GitHub; default dbctl.env"),
]
Against = Annotated[
    Optional[str],
    typer.Option("--against", help="git ref it is to be merged into; default: the request's"),
]
Rehearse = Annotated[
    Optional[str],
    typer.Option(
        "--rehearse", metavar="ENV", help="environment whose database is copied for a rehearsal"
    ),
]


@app.command()
def setup(  # noqa: PLR0913 - one parameter an option
    ctx: typer.Context,
    *,
    embedded: Embedded = False,
    neon: Neon = False,
    branch: Branch = False,
    name: Named = None,
    ttl: Annotated[str, typer.Option("--ttl", help="delete the branch after 12h, 14d")] = "14d",
    seed: Annotated[
        Optional[bool], typer.Option("--seed/--no-seed", help="default: on this machine")
    ] = None,
    timeout: Annotated[
        float, typer.Option("--timeout", min=0, max=3600, help="seconds for the server to answer")
    ] = 60.0,
    variable: Annotated[
        Optional[str], typer.Option("--variable", help="one more name for DATABASE_URL")
    ] = None,
    env_file: Dotenv = None,
    project_id: Project = None,
) -> CiSetup:
    """Make a job's database ready, and hand its URL on to the next steps.

    Without an option it is the settings' database: a service container's, or a SQLite file.
    Safe to repeat. Exit 1 if the models say something else than the revisions.
    """
    from dbctl.ci import runner
    from dbctl.ci import setup as room
    from dbctl.ci.wishes import wishes

    wanted = wishes(
        embedded=embedded,
        neon=neon,
        branch=branch,
        name=name,
        ttl=ttl,
        seeding=seed,
        wait=timeout,
        variable=variable,
        project=project_id,
    )
    read = settings_to_write(ctx) if wanted.needs_url else settings(ctx, url_needed=False)
    return room.setup(read, runner.found(file=env_file), wanted)


@app.command()
def check(
    ctx: typer.Context,
    *,
    against: Against = None,
    rehearse: Rehearse = None,
) -> CiCheck:
    """Check the revisions of a change: heads, models, round trip, lint, rehearsal.

    Exit 1 if something failed. Remarks stand beside the lines that they are about.
    """
    from dbctl.ci import check as room
    from dbctl.ci import runner

    copied = _copied(ctx, rehearse)
    return room.check(settings(ctx), runner.found(), against=against, rehearsed=copied)


@app.command()
def report(
    ctx: typer.Context,
    *,
    against: Against = None,
    rehearse: Rehearse = None,
    body: Annotated[
        Optional[Path],
        typer.Option("--body", help="write the page there as well, for a comment"),
    ] = None,
) -> CiReport:
    """Write a page about a change: its plan, lint, rehearsal, and the schema's difference.

    It goes into the step's summary where there is one, and shows what `ci check` found last.
    """
    from dbctl.ci import report as room
    from dbctl.ci import runner

    copied = _copied(ctx, rehearse)
    return room.report(settings(ctx), runner.found(), against=against, rehearsed=copied, body=body)


@app.command()
def teardown(
    ctx: typer.Context,
    *,
    embedded: Embedded = False,
    neon: Neon = False,
    branch: Branch = False,
    name: Named = None,
    project_id: Project = None,
) -> CiTeardown:
    """Remove what `ci setup` made for this request; what is gone already is well."""
    from dbctl.ci import runner
    from dbctl.ci import teardown as room
    from dbctl.ci.wishes import wishes

    wanted = wishes(embedded=embedded, neon=neon, branch=branch, name=name, project=project_id)
    chosen = wanted.chosen("teardown")
    return room.teardown(settings(ctx, url_needed=chosen.needs_url), runner.found(), chosen)


@app.command()
def prune(
    ctx: typer.Context,
    *,
    open_: Annotated[
        str, typer.Option("--open", help="the numbers of open requests, with commas between")
    ],
    neon: Neon = False,
    branch: Branch = False,
    project_id: Project = None,
) -> CiTeardown:
    """Remove the branches pr-NUMBER of requests that are closed."""
    from dbctl.ci import runner
    from dbctl.ci import teardown as room
    from dbctl.ci.wishes import numbers, wishes

    chosen = wishes(neon=neon, branch=branch, project=project_id).chosen("prune")
    found = settings(ctx, url_needed=chosen.needs_url)
    return room.closed(found, runner.found(), chosen, numbers(open_))


def _copied(ctx: typer.Context, env: Optional[str]) -> "Optional[Settings]":
    """The settings of the environment whose database is copied."""
    if env is None:
        return None
    from dbctl.settings import Settings

    line = said(ctx)
    return Settings.load(env=env, config=line.config, section=line.section, arguments=line.x or ())
