"""Which provider keeps snapshots of a database: its URL tells."""

from importlib import import_module
from typing import cast

from dbctl.database.server import address
from dbctl.settings import Settings
from dbctl.snapshot.model import ProviderName
from dbctl.snapshot.provider import Provider

# Module and class, made from the settings of the database.
PROVIDERS: dict[ProviderName, tuple[str, str]] = {
    "neon": ("dbctl.snapshot.neon", "NeonSnapshots"),
    "postgresql": ("dbctl.snapshot.postgres", "PostgresSnapshots"),
    "sqlite": ("dbctl.snapshot.sqlite", "SqliteSnapshots"),
}


def provider(settings: Settings, kind: ProviderName | None = None) -> Provider:
    """The snapshots of the settings' database, of `kind` where that is known.

    A Neon database whose key nobody said is a PostgreSQL like any other.
    """
    from dbctl.neon.host import endpoint

    url = address(settings)
    neon = url.dialect == "postgresql" and endpoint(url) is not None and settings.neon_api_key
    module, name = PROVIDERS[kind or cast(ProviderName, "neon" if neon else url.dialect)]
    return cast(Provider, getattr(import_module(module), name)(settings, url.direct))
