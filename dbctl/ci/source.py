"""Which database a job works on: one that is there, one from the wheel, or a branch of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dbctl import loop
from dbctl.branch import marked
from dbctl.branch import model as branches
from dbctl.branch.registry import kind, provider
from dbctl.ci import keeper
from dbctl.ci.model import Source
from dbctl.database.arguments import libpq_url
from dbctl.database.server import address, server
from dbctl.database.url import Url
from dbctl.errors import ConfigurationError
from dbctl.neon import branches as neon_branches
from dbctl.neon import create, expiry, host
from dbctl.neon.client import Clock, Neon
from dbctl.neon.client import run as at_neon
from dbctl.neon.words import IfExists
from dbctl.settings import Settings

NAME = "app"  # the database on a server of the wheel
SECONDS = 300.0  # how long Neon may take for one branch


@dataclass(frozen=True)
class Database:
    """What the job works on; `created` tells whether it was made for it now."""

    source: Source
    settings: Settings = field(repr=False)
    branch: str | None = None
    created: bool = False

    @property
    def url(self) -> Url:
        """The address, password included."""
        return address(self.settings).direct

    @property
    def variables(self) -> Mapping[str, str]:
        """What an application and the next commands of dbctl read.

        At Neon the application goes through the pooler, migrations do not.
        """
        if host.endpoint(self.url) is None:
            return {"DATABASE_URL": self.url.text}
        pooled = libpq_url(host.pooled(self.url)).text
        said = {"DATABASE_URL": pooled, "DATABASE_URL_UNPOOLED": libpq_url(self.url).text}
        return said | ({"NEON_BRANCH": self.branch} if self.branch else {})


def there(settings: Settings) -> Database:
    """The database that the settings name: a service container's, or a file."""
    return Database("sqlite" if address(settings).file else "postgresql", settings)


def embedded(settings: Settings) -> Database:
    """A database on a server from the wheel, which stays until `teardown`."""
    url, created = keeper.server(settings.project)
    return Database("embedded", settings.at(url.named(NAME).text), created=created)


def branch(settings: Settings, name: str, expires_at: datetime | None) -> Database:
    """A branch of the settings' database, made or used again; its time begins anew."""
    wish = branches.Wish(name, expires_at=expires_at, if_exists=IfExists.reuse)
    made = loop.run(provider(settings).create(wish))
    return Database(kind_of(settings), settings.branched(made.url), made.branch.name, made.created)


def kind_of(settings: Settings) -> Source:
    """Who keeps the branches."""
    found = kind(address(settings.main))
    return "neon" if found == "neon" else "sqlite" if found == "sqlite" else "postgresql"


def neon(
    settings: Settings, name: str, expires_at: datetime | None, project: str | None
) -> Database:
    """A branch at Neon, for which a key and a project are enough; as `branch`."""
    wish = create.Wish(name, expires_at=expires_at, if_exists=IfExists.reuse)
    made = at_neon(settings, lambda client: _made(client, wish), project=project)
    if made.url is None:
        raise ConfigurationError(
            f"the Neon branch {name} has no compute to connect to",
            hint=f"delete it: dbctl neon branch delete {name}",
        )
    elsewhere = settings.branched(made.url.text)
    if made.created:
        loop.run(_marked(elsewhere))
    return Database("neon", elsewhere, made.branch.name, made.created)


async def _made(client: Neon, wish: create.Wish) -> create.Made:
    made = await create.create(client, wish, Clock(SECONDS))
    if not made.created and wish.expires_at:
        await neon_branches.expire_at(client, made.branch, wish.expires_at)
    return made


async def _marked(settings: Settings) -> None:
    async with server(settings).open() as session:
        await marked.mark_copy(session, settings)


def ends(ttl: str | None) -> datetime | None:
    """When a branch of that time to live ends. Raises UsageError."""
    return expiry.moment(ttl, None)
