"""Commands about revision files: write, list, show, edit."""

from typing import Annotated, Optional

import typer

from dbctl.cli.options import settings
from dbctl.migrate.model import Authored, Branches, Heads, History, Shown

app = typer.Typer(rich_markup_mode=None)

Message = Annotated[str, typer.Option("--message", "-m", help="what changes, in a few words")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="files, parents, labels as well")]
RevisionId = Annotated[Optional[str], typer.Option("--rev-id", help="instead of a random id")]
Indicate = Annotated[
    bool, typer.Option("--indicate-current", "-i", help="mark what the database has")
]


@app.command()
def migrate(  # noqa: PLR0913 - Alembic's options
    ctx: typer.Context,
    message: Message,
    *,
    empty: Annotated[bool, typer.Option("--empty", help="a file for you to fill")] = False,
    head: Annotated[str, typer.Option(help="what it follows: an id, label@head, base")] = "head",
    splice: Annotated[bool, typer.Option("--splice", help="it may follow a non-head")] = False,
    branch_label: Annotated[Optional[str], typer.Option(help="a name for a new branch")] = None,
    version_path: Annotated[Optional[str], typer.Option(help="the folder for the file")] = None,
    depends_on: Annotated[
        Optional[list[str]], typer.Option(help="a revision of another branch; repeatable")
    ] = None,
    rev_id: RevisionId = None,
) -> Authored:
    """Write a revision from changed models.

    Exit 1 if models and database agree: no empty file is written without --empty.
    """
    from dbctl.migrate import author

    options = author.Options(
        head=head,
        splice=splice,
        branch_label=branch_label,
        version_path=version_path,
        depends_on=tuple(depends_on or ()),
        rev_id=rev_id,
    )
    return author.migrate(settings(ctx), message, empty=empty, options=options)


@app.command()
def merge(
    ctx: typer.Context,
    revisions: Annotated[Optional[list[str]], typer.Argument(help="default: all heads")] = None,
    *,
    message: Message = "merge",
    rev_id: RevisionId = None,
) -> Authored:
    """Write a revision that joins several heads."""
    from dbctl.migrate import author

    chosen = settings(ctx)
    return author.merge(chosen, message, tuple(revisions or ("heads",)), rev_id=rev_id)


@app.command()
def history(
    ctx: typer.Context,
    *,
    span: Annotated[
        str, typer.Option("--rev-range", "-r", help="START:END, as base:head, -3:current")
    ] = "",
    verbose: Verbose = False,
    indicate: Indicate = False,
) -> History:
    """List the revisions, the newest first."""
    from dbctl.migrate import read

    return read.history(settings(ctx), span, indicate=indicate, verbose=verbose)


@app.command()
def heads(
    ctx: typer.Context,
    *,
    verbose: Verbose = False,
    one: Annotated[bool, typer.Option("--one", help="exit 1 if there are several")] = False,
) -> Heads:
    """List the revisions that nothing follows."""
    from dbctl.migrate import read

    return read.heads(settings(ctx), verbose=verbose, one=one)


@app.command()
def branches(ctx: typer.Context) -> Branches:
    """List the revisions where branches begin."""
    from dbctl.migrate import read

    return read.branches(settings(ctx))


@app.command()
def show(
    ctx: typer.Context,
    revision: Annotated[str, typer.Argument(help="an id or its beginning, head, current")] = "head",
) -> Shown:
    """Show a revision."""
    from dbctl.migrate import read

    return read.show(settings(ctx), revision)


@app.command()
def edit(
    ctx: typer.Context,
    revision: Annotated[str, typer.Argument(help="an id or its beginning, head, current")] = "head",
) -> None:
    """Open a revision's file in your editor."""
    from dbctl.migrate import editor

    editor.edit(settings(ctx), revision)
