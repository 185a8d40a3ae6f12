"""Commands that walk through several rooms."""

from pathlib import Path
from typing import Annotated, Optional

import typer

from dbctl.cli.ask import ConfirmName, NoSnapshot, SnapshotFirst, agree
from dbctl.cli.lock import LockWait, NoLock, patient
from dbctl.cli.options import said, settings
from dbctl.database.condition import Waited
from dbctl.pipeline.model import Diagnosis, Initialised, Reset, Template, Up

app = typer.Typer(rich_markup_mode=None)

Seeding = Annotated[
    Optional[bool],
    typer.Option("--seed/--no-seed", help="default: on this machine, or where --env is said"),
]
Limit = Annotated[
    float, typer.Option("--timeout", min=0, max=86400, help="seconds to wait for the server")
]


@app.command()
def up(
    ctx: typer.Context,
    *,
    seed: Seeding = None,
    timeout: Limit = 10,
    lock_wait: LockWait = None,
    no_lock: NoLock = False,
    from_models: Annotated[
        bool,
        typer.Option("--from-models", help="an empty database: make the models' tables, stamp"),
    ] = False,
    snapshot: SnapshotFirst = None,
) -> Up:
    """Bring a database up: wait, create, upgrade, seed.

    Safe to repeat, and by several at once: what is there is left as it is.
    """
    from dbctl.pipeline import up as pipeline

    chosen = patient(ctx, lock_wait)
    return pipeline.up(
        chosen,
        seeding=seed,
        wait_limit=timeout,
        lock=not no_lock,
        from_models=from_models,
        snapshot=snapshot,
    )


@app.command()
def reset(
    ctx: typer.Context,
    *,
    seed: Seeding = None,
    lock_wait: LockWait = None,
    no_lock: NoLock = False,
    confirm_name: ConfirmName = None,
    no_snapshot: NoSnapshot = False,
) -> Reset:
    """Drop the database and bring it up again.

    Says what will be lost and asks; a protected database demands more than a yes.
    """
    from dbctl.pipeline import databases, precaution
    from dbctl.pipeline import up as pipeline

    chosen = patient(ctx, lock_wait)
    demand = databases.demand(chosen, "reset the database", precaution.before(chosen))
    question = "drop this database and start again?"
    consent = agree(ctx, question, demand, confirm_name, no_snapshot)
    return pipeline.reset(chosen, demand, consent, seeding=seed, lock=not no_lock)


@app.command()
def wait(ctx: typer.Context, *, timeout: Limit = 60) -> Waited:
    """Wait until the database server answers.

    Exit 4 when it does not within the time-out.
    """
    from dbctl import loop
    from dbctl.pipeline import up as pipeline

    return loop.run(pipeline.wait(settings(ctx), limit=timeout))


@app.command()
def doctor(ctx: typer.Context) -> Diagnosis:
    """Find what is wrong, and what to do about it.

    Exit 1 when something needs a hand; a warning, as pending revisions are, does not. Exit 3 when
    the settings or env.py cannot be used.
    """
    from dbctl.pipeline import doctor as pipeline

    return pipeline.examine(lambda: settings(ctx), said(ctx).config)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="the project's folder")] = Path(),
    *,
    metadata: Annotated[
        Optional[str], typer.Option("--metadata", help="package.module:Base, when it is not found")
    ] = None,
    migrations: Annotated[
        str, typer.Option("--migrations", help="the folder for revisions")
    ] = "migrations",
    template: Annotated[
        Optional[Template],
        typer.Option("--template", help="where there are no models yet: write the first ones"),
    ] = None,
) -> Initialised:
    """Start a project: configuration and migrations folder.

    Writes only what is missing; the plain `alembic` command works with it too.
    """
    from dbctl.pipeline import init as pipeline

    return pipeline.init(folder, metadata=metadata, migrations=migrations, template=template)
