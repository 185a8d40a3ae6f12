"""An empty database for a moment: revisions run there that must not run on the real one."""

import logging
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dbctl import loop
from dbctl.database.server import address, server
from dbctl.settings import Settings

PREFIX = "dbctl_scratch_"


@contextmanager
def scratch(settings: Settings) -> Iterator[Settings]:
    """Settings for an empty database beside the settings' own; it is dropped after the block.

    For SQLite a file in a temporary folder, for PostgreSQL a database on the same server.
    Raises ProviderError when the user may not create one.
    """
    url = address(settings)
    with tempfile.TemporaryDirectory(prefix=PREFIX) as folder:
        name = str(Path(folder) / "scratch.db") if url.file else PREFIX + secrets.token_hex(8)
        elsewhere = settings.at(url.direct.named(name).text).model_copy(update={"ledger": False})
        found = server(elsewhere)
        loop.run(found.create())
        try:
            yield elsewhere
        finally:
            loop.run(found.drop())


@contextmanager
def quietly() -> Iterator[None]:
    """What happens on the scratch database is no news."""
    logging.disable(logging.INFO)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
