"""The command that looks for danger in revisions, without a database."""

from typing import Annotated, Optional

import typer

from dbctl.cli.options import said, settings
from dbctl.lint.model import Dialect, Explained, Format, Linted, Report

app = typer.Typer(rich_markup_mode=None)


@app.command()
def lint(
    ctx: typer.Context,
    revision: Annotated[
        str, typer.Argument(help="a revision, or FROM:TO (after FROM, up to TO); default: all")
    ] = "",
    *,
    since: Annotated[
        str, typer.Option(help="only revisions that are new or changed since a git reference")
    ] = "",
    form: Annotated[
        Format, typer.Option("--format", help="for a person, or for another program")
    ] = Format.text,
    explain: Annotated[str, typer.Option(help="print what a rule is about")] = "",
    dialect: Annotated[
        Optional[Dialect], typer.Option(help="instead of the URL's, env.py's or the configured one")
    ] = None,
) -> Linted | Explained | Report:
    """Find danger in revisions; no database is needed.

    Locks that stop everybody, tables that are written again, data that is lost, code that breaks,
    ways back that are none. Exit 1 if a finding is an error; warnings and hints alone are exit 0.
    """
    from dbctl.lint import explain as rules

    if explain:
        return rules.explained(explain)
    from dbctl.lint import formats
    from dbctl.pipeline import linting

    said(ctx).json = said(ctx).json or form is Format.json
    chosen = settings(ctx, url_needed=False)
    wish = linting.Wish(revision, since, dialect.value if dialect else "")
    return formats.reported(linting.lint(chosen, wish), form)
