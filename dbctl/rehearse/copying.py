"""The copy that a rehearsal works on: a branch, made before and removed behind it.

Its name is known before it is made, so that an interrupt at any moment leaves nothing.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

from dbctl import loop
from dbctl.branch.model import Wish
from dbctl.branch.registry import provider
from dbctl.branch.throwaway import LIFE
from dbctl.errors import UsageError
from dbctl.rehearse.removing import remove
from dbctl.rehearse.restoring import restored
from dbctl.settings import Settings

log = logging.getLogger("dbctl.rehearse")


@dataclass(frozen=True)
class Source:
    """What is copied: `original` are the settings of it, `parent` a branch of it or None.

    `snapshot` is one of it that is restored instead.
    """

    original: Settings = field(repr=False)
    parent: str | None
    shown: str
    snapshot: str | None = None


def source(settings: Settings, said: str | None) -> Source:
    """What `--from` means: a URL, branch:NAME, snapshot:NAME, or None: the settings' database.

    Raises UsageError for anything else.
    """
    if said is None:
        return Source(settings, settings.branch, f"{settings.env}")
    if "://" in said:
        elsewhere = settings.at(said)
        return Source(elsewhere, None, "another database")
    kind, _, name = said.partition(":")
    if kind == "branch" and name:
        return Source(settings, name, f"the branch {name}")
    if kind == "snapshot" and name:
        return Source(settings, None, f"the snapshot {name}", name)
    raise UsageError(
        f"--from {said!r} is neither a URL nor a branch nor a snapshot",
        hint="write branch:NAME, snapshot:NAME, or a database URL",
    )


@contextmanager
def copied(found: Source, *, schema_only: bool, keep: bool) -> Iterator[tuple[str, Settings]]:
    """The name and the settings of a copy, which is removed after the block unless kept.

    A snapshot that is restored has its rows, and stands beside the database as a branch does.
    """
    if found.snapshot is not None:
        with restored(found.original, found.snapshot, keep=keep) as made_of_it:
            yield made_of_it
        return
    keeper = provider(found.original)
    name = f"tmp/rehearse-{uuid4().hex[:8]}"
    wish = Wish(name, found.parent, schema_only=schema_only, expires_at=datetime.now(UTC) + LIFE)
    whole = False
    try:
        log.info("copying %s to %s", found.shown, name)
        made = loop.run(keeper.create(wish))
        yield name, found.original.branched(made.url)
        whole = True
    finally:
        if not (keep and whole):
            remove(lambda: keeper.delete(name), name, "branch delete")
