"""The web server on the command line."""

from functools import partial
from pathlib import Path
from typing import Annotated, Optional

import typer

from dbctl.cli import log
from dbctl.cli.lock import LockWait, patient
from dbctl.cli.options import said
from dbctl.database.model import Ended
from dbctl.errors import UsageError
from dbctl.web.model import Wish

app = typer.Typer(rich_markup_mode=None)


@app.command()
def serve(  # noqa: PLR0913 - one parameter an option
    ctx: typer.Context,
    *,
    host: Annotated[str, typer.Option("--host", help="the address to listen on")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="0 takes a free one, and says which")
    ] = 8000,
    workers: Annotated[
        int, typer.Option("--workers", min=1, max=256, help="processes that serve")
    ] = 1,
    reload: Annotated[
        bool, typer.Option("--reload", help="start anew when a file of the project changes")
    ] = False,
    upgrade: Annotated[
        bool, typer.Option("--upgrade", help="run what is pending first, once, under the lock")
    ] = False,
    write: Annotated[
        bool, typer.Option("--write", help="let the admin change rows; it only reads otherwise")
    ] = False,
    certificate: Annotated[
        Optional[Path], typer.Option("--certificate", help="serve over TLS with this PEM file")
    ] = None,
    key: Annotated[
        Optional[Path], typer.Option("--key", help="its private key, when that is another file")
    ] = None,
    lock_wait: LockWait = None,
) -> Ended:
    """Serve the project's web application.

    Exit 1 while revisions are pending, unless --upgrade runs them. A signal ends it: open requests
    are answered, and that is exit 0; a second signal does not wait (130, 143).
    """
    if reload and workers > 1:
        raise UsageError("--reload serves with one process", hint="leave --workers out")
    from dbctl.web import serving

    config = said(ctx).config
    wish = Wish(host, port, workers, reload, upgrade, write, config, certificate, key)
    return serving.serve(patient(ctx, lock_wait), wish, partial(log.lasting, said(ctx)))
