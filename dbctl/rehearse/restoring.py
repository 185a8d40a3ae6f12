"""A snapshot as the copy: restored beside the database, and removed behind the rehearsal."""

from collections.abc import Iterator
from contextlib import contextmanager

from dbctl import loop
from dbctl.branch.registry import kind, provider
from dbctl.database.server import address
from dbctl.errors import DamagedError
from dbctl.migrate import place
from dbctl.rehearse.removing import remove
from dbctl.settings import Settings
from dbctl.snapshot import registry, store


@contextmanager
def restored(settings: Settings, snapshot: str, *, keep: bool) -> Iterator[tuple[str, Settings]]:
    """Its name and settings. Raises NotFoundError, DamagedError, ProviderError."""
    home = store.folder(settings)
    found = store.read(home, snapshot)
    if wrong := store.damage(home, found):
        raise DamagedError(f"{snapshot} is damaged: {wrong[0].object} {wrong[0].found}")
    keeper = registry.provider(settings, found.provider)
    name = loop.run(keeper.beside("check"))
    whole = False
    try:
        loop.run(keeper.build(home, found, name, place.version_table(settings), 0))
        yield name, settings.branched(_url(settings, name))
        whole = True
    finally:
        if not (keep and whole):
            remove(lambda: keeper.remove(name), name, "snapshot delete")


def _url(settings: Settings, name: str) -> str:
    """How to reach what stands beside the database."""
    url = address(settings).direct
    if kind(url) == "neon":
        return loop.run(provider(settings).url(name))
    return url.named(str(url.file.with_name(name)) if url.file else name).text
