"""A copy of the database for one purpose, removed when it is done.

It is a branch like any other: what a killed command leaves behind `branch list` shows, and
`branch prune` removes it when it expired.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from dbctl.branch.model import Wish
from dbctl.branch.provider import Provider
from dbctl.branch.registry import provider
from dbctl.settings import Settings

LIFE = timedelta(hours=2)


@dataclass(frozen=True)
class Throwaway:
    """A copy: `settings` are those of the original, for the copy."""

    name: str
    settings: Settings = field(repr=False)
    provider: Provider = field(repr=False)


async def make(settings: Settings, *, purpose: str, schema_only: bool = False) -> Throwaway:
    """Copy the settings' database, a branch in use included. Raises as `Provider.create`.

    `purpose` is a word that its name begins with, as `rehearse`.
    """
    keeper = provider(settings)
    name = f"tmp/{purpose}-{uuid4().hex[:8]}"
    wish = Wish(
        name,
        parent=settings.branch,
        schema_only=schema_only,
        expires_at=datetime.now(UTC) + LIFE,
    )
    made = await keeper.create(wish)
    return Throwaway(name, settings.branched(made.url), keeper)


async def remove(settings: Settings, throwaway: Throwaway) -> None:  # noqa: ARG001 - the seam's shape
    """Delete the copy; it may be gone by now."""
    await throwaway.provider.delete(throwaway.name)
