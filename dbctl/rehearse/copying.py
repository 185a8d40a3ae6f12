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
from dbctl.branch.provider import Provider
from dbctl.branch.registry import provider
from dbctl.branch.throwaway import LIFE
from dbctl.errors import DbctlError, UsageError
from dbctl.settings import Settings

log = logging.getLogger("dbctl.rehearse")
_TRIES = 2  # a second Ctrl-C must not keep the copy alive


@dataclass(frozen=True)
class Source:
    """What is copied: `original` are the settings of it, `parent` a branch of it or None."""

    original: Settings = field(repr=False)
    parent: str | None
    shown: str


def source(settings: Settings, said: str | None) -> Source:
    """What `--from` means: a URL, branch:NAME, or the settings' database. Raises UsageError."""
    if said is None:
        return Source(settings, settings.branch, f"{settings.env}")
    if "://" in said:
        elsewhere = settings.at(said)
        return Source(elsewhere, None, "another database")
    kind, colon, name = said.partition(":")
    if kind != "branch" or not colon or not name:
        raise UsageError(
            f"--from {said!r} is neither a URL nor a branch",
            hint="write branch:NAME, or a database URL",
        )
    return Source(settings, name, f"the branch {name}")


@contextmanager
def copied(found: Source, *, schema_only: bool, keep: bool) -> Iterator[tuple[str, Settings]]:
    """The name and the settings of a copy, which is removed after the block unless kept."""
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
            _remove(keeper, name)


def _remove(keeper: Provider, name: str) -> None:
    """Delete the copy whatever comes; what cannot be is said."""
    for turn in range(_TRIES):
        try:
            loop.run(keeper.delete(name))
        except DbctlError as error:
            log.warning("the copy %s is left: %s", name, error.message)
        except KeyboardInterrupt:
            if turn + 1 < _TRIES:
                continue
            log.warning("the copy %s may be left: `dbctl branch delete %s`", name, name)
            raise
        return
