"""Commands about seed data."""

import typer

from dbctl.cli.options import settings
from dbctl.seed.model import Seeded

app = typer.Typer(rich_markup_mode=None)


@app.command()
def seed(ctx: typer.Context) -> Seeded:
    """Load the project's seed files.

    One transaction; rows that are there are left as they are.
    """
    from dbctl.pipeline import up

    return up.seed(settings(ctx))
