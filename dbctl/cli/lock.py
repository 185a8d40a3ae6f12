"""The options of every command that takes the migration lock."""

from typing import TYPE_CHECKING, Annotated, Optional

import typer

from dbctl.cli.options import settings_to_write

if TYPE_CHECKING:
    from dbctl.settings import Settings

LockWait = Annotated[
    Optional[float],
    typer.Option(
        "--lock-wait",
        metavar="SECONDS",
        min=0,
        max=86_400,
        help="how long to wait for other migrations and for locks; default 60",
    ),
]
NoLock = Annotated[
    bool, typer.Option("--no-lock", help="do not keep other migrations out: nothing else may run")
]


def patient(ctx: typer.Context, seconds: float | None) -> "Settings":
    """The settings of this invocation, with the limit that was said on the line."""
    chosen = settings_to_write(ctx)
    return chosen if seconds is None else chosen.model_copy(update={"lock_wait": seconds})
