"""Commands about the settings."""

from typing import Annotated

import typer

from dbctl.cli.options import settings
from dbctl.pipeline.model import ConfigChecked, ConfigShown, UrlFormat, UrlShown

app = typer.Typer(rich_markup_mode=None, help="Show and check the settings.")


@app.command()
def show(ctx: typer.Context) -> ConfigShown:
    """Show every setting, its value and where it came from; secrets are masked."""
    from dbctl.pipeline import config

    return config.shown(settings(ctx))


@app.command()
def check(ctx: typer.Context) -> ConfigChecked:
    """Find out whether the settings work, connection included.

    Exit 1 when something does not.
    """
    from dbctl.pipeline import config

    return config.checked(settings(ctx))


@app.command()
def url(
    ctx: typer.Context,
    *,
    reveal: Annotated[bool, typer.Option("--reveal", help="with the password")] = False,
    spelling: Annotated[
        UrlFormat, typer.Option("--format", help="as it is written, for a driver, or for psql")
    ] = UrlFormat.plain,
) -> UrlShown:
    """Print the database URL."""
    from dbctl.pipeline import config

    return config.url(settings(ctx), reveal=reveal, spelling=spelling)
