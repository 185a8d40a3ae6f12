"""The command that runs revisions on a copy first."""

from pathlib import Path
from typing import Annotated, Optional

import typer

from dbctl.cli.options import settings
from dbctl.rehearse.model import Rehearsal

app = typer.Typer(rich_markup_mode=None)


@app.command()
def rehearse(  # noqa: PLR0913 - one parameter an option
    ctx: typer.Context,
    target: Annotated[
        str, typer.Argument(help="head, heads, +1, an id or its beginning, label@head")
    ] = "head",
    *,
    source: Annotated[
        Optional[str],
        typer.Option(
            "--from", metavar="SOURCE", help="branch:NAME, snapshot:ID, or a database URL"
        ),
    ] = None,
    schema_only: Annotated[
        bool, typer.Option("--schema-only", help="copy no rows: where they may not be copied")
    ] = False,
    generate: Annotated[
        Optional[list[str]],
        typer.Option(metavar="TABLE=ROWS", help="fill the copy, users=1000; may be repeated"),
    ] = None,
    load: Annotated[
        bool, typer.Option("--load", help="let readers and writers work meanwhile; the worst wait")
    ] = False,
    app_at: Annotated[
        Optional[str],
        typer.Option("--app-at", metavar="GIT_REF", help="try the models of that code afterwards"),
    ] = None,
    round_trip: Annotated[
        bool, typer.Option("--round-trip/--no-round-trip", help="down and up again afterwards")
    ] = True,
    keep: Annotated[bool, typer.Option("--keep", help="keep the copy and say its name")] = False,
    report: Annotated[
        Optional[Path], typer.Option(metavar="FILE", help="write it as .md, .html or .json")
    ] = None,
) -> Rehearsal:
    """Run pending revisions on a copy: locks, rewrites, losses.

    Measures every statement, then goes down and up again. The database itself is not touched. Exit
    1 unless it is safe.
    """
    from dbctl.rehearse.rehearsal import Asked
    from dbctl.rehearse.rehearsal import rehearse as run

    asked = Asked(
        target,
        source,
        schema_only=schema_only,
        generate=tuple(generate or ()),
        load=load,
        app_at=app_at,
        keep=keep,
        round_trip=round_trip,
        report=report,
    )
    return run(settings(ctx), asked)
