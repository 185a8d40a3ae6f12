"""What every kind of database can be asked, and which module answers for it.

dbctl's own questions go through the bare driver, one connection and as few round trips as they
need: SQLAlchemy's first connection alone costs five to ten.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from dbctl import loop
from dbctl.database import using
from dbctl.database.model import Look, Place
from dbctl.database.url import Url
from dbctl.errors import ConfigurationError
from dbctl.inifile import UNREADABLE
from dbctl.settings import Settings

if TYPE_CHECKING:
    from dbctl.database.condition import Answer, DatabaseSize, Health, Use
    from dbctl.database.shape import TableDetail, TableSize

T = TypeVar("T")


class Session(Protocol):
    """One open connection."""

    async def place(self) -> Place:
        """Where this is."""
        ...

    async def look(self, version_table: str, schema: str | None) -> Look:
        """Place, number of tables and the rows of the version table, in one go."""
        ...

    async def sizes(self) -> tuple["TableSize", ...]:
        """Every table with its rows counted."""
        ...

    async def names(self) -> tuple[str, ...]:
        """The names of the tables, without counting anything."""
        ...

    async def detail(self, name: str) -> "TableDetail":
        """One table. Raises NotFoundError when there is none of that name."""
        ...

    async def health(self) -> "Health":
        """How the connection is protected, and what an interrupted migration left behind."""
        ...

    async def run(self, statement: str) -> "Answer":
        """Run one statement as it is. Raises AnswerIsNo when the database refuses it."""
        ...

    async def fetch(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Run a statement of dbctl's own; $1, $2 ... stand for the parameters."""
        ...

    async def use(self) -> "Use":
        """How large the database is, and who else is connected."""
        ...

    async def peek(self, statement: str, *parameters: object) -> list[tuple[Any, ...]] | None:
        """`fetch` from dbctl's own tables; None where they are not, or this role may not read."""
        ...

    async def provide(self, *names: str) -> bool:
        """Make dbctl's own tables `names` (own.py) if missing; False when this role may not."""
        ...

    async def truncate(self, names: Sequence[str]) -> None:
        """Empty the tables in one transaction. Raises RefusedError when others point at them."""
        ...


class Server(Protocol):
    """A place that holds databases, one of which the settings name."""

    url: Url

    def open(self) -> AbstractAsyncContextManager[Session]:
        """Connect. Raises UnreachableError or a child of it; never creates anything."""
        ...

    async def answers(self) -> Place | None:
        """Whether the server is up: its place, or None when only the database is missing."""
        ...

    async def create(self) -> bool:
        """Create the database; False when it is there already."""
        ...

    async def drop(self) -> bool:
        """Drop the database, ending its sessions; False when it is gone already."""
        ...

    async def databases(self) -> tuple["DatabaseSize", ...]:
        """The databases on this server."""
        ...


SERVERS = {
    "postgresql": ("dbctl.database.postgres", "Postgres"),
    "sqlite": ("dbctl.database.sqlite", "Sqlite"),
}


def server(settings: Settings, url: Url | None = None) -> Server:
    """The server behind the settings' URL, or behind `url` with the same settings.

    dbctl itself never goes through a pooler: a session behind one is not one's own.
    """
    url = url or address(settings).direct
    module, name = SERVERS[url.dialect]
    made: Server = getattr(import_module(module), name)(url, settings)
    return made


class Ask(Protocol):
    """Puts a question to a database; from a thread in which no event loop runs."""

    def __call__(self, question: Callable[[Session], Awaitable[T]], /) -> T:
        """What the question found. Raises what it raises, and UnreachableError."""
        ...


def asker(settings: Settings) -> Ask:
    """One connection for each question."""

    def ask(question: Callable[[Session], Awaitable[T]], /) -> T:
        return loop.run(asked(settings, question))

    return ask


async def asked(settings: Settings, question: Callable[[Session], Awaitable[T]]) -> T:
    """What the question finds over a connection of its own. Raises UnreachableError."""
    async with server(settings).open() as session:
        return await question(session)


def address(settings: Settings) -> Url:
    """The settings' URL, read; that of the branch in use where there is one.

    Raises ConfigurationError when nobody said one for a project that dbctl was not set up in, its
    env.py neither: it makes a connection of its own, and a database of ours would be the wrong one.
    """
    settings = settings.asked()
    if not settings.url_known:
        raise ConfigurationError(
            f"no database URL is known for this project ({settings.project.why}){_why(settings)}",
            hint="set DATABASE_URL, or url in [tool.dbctl] of pyproject.toml, as env.py has it",
        )
    main = Url.parse(settings.url.get_secret_value(), base=settings.base)
    return using.applied(settings.used, main) if settings.used else main


def _why(settings: Settings) -> str:
    """The commonest reason: an ini file reads % as the start of an interpolation."""
    if settings.project.alembic.get("sqlalchemy.url") != UNREADABLE:
        return ""
    return ": its sqlalchemy.url holds a % that is not doubled"


async def look(
    settings: Settings, version_table: str = "alembic_version", schema: str | None = None
) -> Look:
    """One glance at the settings' database. Raises UnreachableError."""
    async with server(settings).open() as session:
        return await session.look(version_table, schema)
