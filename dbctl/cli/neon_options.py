"""What the commands about Neon have in common: their options, and how they are run."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Optional, TypeVar

import typer

from dbctl.cli.options import settings

if TYPE_CHECKING:
    from dbctl.neon.client import Clock, Neon

T = TypeVar("T")

Project = Annotated[
    Optional[str],
    typer.Option("--project-id", help="else NEON_PROJECT_ID, .neon, or the only project"),
]
BranchOption = Annotated[
    Optional[str], typer.Option("--branch", help="its name or id; else NEON_BRANCH or .neon")
]
Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="until Neon has done it")]
Limit = Annotated[float, typer.Option("--timeout", min=0, max=86400, help="seconds to wait")]
IfThere = Annotated[bool, typer.Option("--if-exists", help="nothing happens when it is gone")]
Reveal = Annotated[bool, typer.Option("--reveal", help="with the password")]
Database = Annotated[
    Optional[str], typer.Option("--database", help="default: DATABASE_URL's, else neondb")
]
Role = Annotated[
    Optional[str], typer.Option("--role", help="default: DATABASE_URL's, else neondb_owner")
]
SECONDS = 120.0


def run(ctx: typer.Context, project: str | None, work: "Callable[[Neon], Awaitable[T]]") -> T:
    """Run `work` at Neon with the settings of this line."""
    from dbctl.neon import client

    return client.run(settings(ctx, url_needed=False), work, project=project)


def clock(limit: float, *, wait: bool = True) -> "Clock | None":
    """How long to wait, None for not at all."""
    from dbctl.neon.client import Clock

    return Clock(limit) if wait else None


def sure(ctx: typer.Context, question: str, *stake: str) -> None:
    """See `ask.sure`. Raises NotConfirmedError."""
    from dbctl.cli import ask  # knows what a database may lose, which most commands here do not

    ask.sure(ctx, question, *stake)
