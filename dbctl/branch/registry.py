"""Which provider keeps the branches of a database: its URL tells."""

from importlib import import_module
from typing import cast

from dbctl.branch.provider import Provider
from dbctl.database.server import address
from dbctl.database.url import Url
from dbctl.neon.host import endpoint
from dbctl.settings import Settings

# Module and class, made from the settings of the main database.
PROVIDERS = {
    "neon": ("dbctl.branch.neon", "NeonBranches"),
    "postgresql": ("dbctl.branch.postgres", "PostgresBranches"),
    "sqlite": ("dbctl.branch.sqlite", "SqliteBranches"),
}


def provider(settings: Settings) -> Provider:
    """The branches of the settings' main database, also while one of them is in use."""
    main = settings.main
    module, name = PROVIDERS[kind(address(main))]
    return cast(Provider, getattr(import_module(module), name)(main))


def kind(url: Url) -> str:
    """Who keeps the branches of the database behind `url`: a key of `PROVIDERS`."""
    neon = url.dialect == "postgresql" and endpoint(url) is not None
    return "neon" if neon else url.dialect
