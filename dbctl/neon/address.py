"""The connection strings of a branch: direct for migrations, pooled for the application.

Neon's pooler has the compute's own name with `-pooler` behind its first part, so one answer of the
API tells both.
"""

from dataclasses import dataclass, replace

from dbctl.database.server import address
from dbctl.database.url import Url
from dbctl.errors import ConfigurationError, DbctlError, NotFoundError
from dbctl.neon.client import Neon
from dbctl.neon.errors import NeonError
from dbctl.neon.model import BranchDatabase
from dbctl.neon.reading import many, names

# What Neon names them in a new project.
DATABASE, ROLE = "neondb", "neondb_owner"
ABSENT = 404
HOSTS = (".neon.tech", ".neon.build")


@dataclass(frozen=True)
class Login:
    """A database and the role that opens it; None is what the project has."""

    database: str | None = None
    role: str | None = None


def pooled(url: Url) -> Url:
    """The same database through the pooler."""
    first, dot, rest = url.host.partition(".")
    return url if url.is_pooled else replace(url, host=f"{first}-pooler{dot}{rest}")


def endpoint(url: Url) -> str | None:
    """The compute that a URL leads to, None when it is not Neon's."""
    first = url.direct.host.partition(".")[0]
    if first.startswith("ep-"):
        return first
    if url.host.endswith(HOSTS):
        options = url.parameters.get("options", "").split()
        said = dict(part.split("=", 1) for part in options if "=" in part)
        return said.get("endpoint")
    return None


async def direct(neon: Neon, branch_id: str, login: Login, endpoint_id: str | None = None) -> Url:
    """The direct URL of a branch, password included.

    Raises ConfigurationError naming the choices when the database has to be said, NotFoundError
    when the branch has no compute or no such database.
    """
    known = _known(neon, login)
    try:
        return await _asked(neon, branch_id, known, endpoint_id)
    except NeonError as error:
        if error.status != ABSENT or (login.database and login.role):
            raise _missing(error, known) from None
    found = await _chosen(neon, branch_id, login)
    try:
        return await _asked(neon, branch_id, found, endpoint_id)
    except NeonError as error:
        raise _missing(error, found) from None


async def _asked(neon: Neon, branch_id: str, login: Login, endpoint_id: str | None) -> Url:
    answer = await neon.get(
        "connection_uri",
        branch_id=branch_id,
        endpoint_id=endpoint_id,
        database_name=login.database,
        role_name=login.role,
    )
    return Url.parse(str(answer.get("uri", "")))


def _known(neon: Neon, login: Login) -> Login:
    """What was said, else what the settings' own Neon URL holds, else Neon's own names."""
    said = _of_settings(neon)
    return Login(
        login.database or (said.name if said else "") or DATABASE,
        login.role or (said.user if said else "") or ROLE,
    )


def _of_settings(neon: Neon) -> Url | None:
    if not neon.settings.url_known:
        return None  # nobody's env.py is run to find out
    try:
        url = address(neon.settings)
    except DbctlError:
        return None
    return url if url.dialect == "postgresql" and endpoint(url) else None


async def databases(neon: Neon, branch_id: str) -> tuple[BranchDatabase, ...]:
    """The databases of a branch."""
    answer = await neon.get("branches", branch_id, "databases")
    return many(BranchDatabase, answer, "databases")


async def _chosen(neon: Neon, branch_id: str, login: Login) -> Login:
    """The only database there is, or the one that was said, and the role that owns it."""
    found = await databases(neon, branch_id)
    fitting = [one for one in found if login.database in (None, one.name)]
    if len(fitting) == 1:
        return Login(fitting[0].name, login.role or fitting[0].owner_name)
    if fitting or not found:
        raise ConfigurationError(
            f"the branch has {len(found)} databases: {names(found)}", hint="say which: --database"
        )
    raise NotFoundError(
        f"the branch has no database {login.database!r}", hint=f"it has {names(found)}"
    )


def _missing(error: NeonError, login: Login) -> DbctlError:
    if error.status != ABSENT:
        return error
    return NotFoundError(
        f"no connection to {login.database} as {login.role}: {error.said}",
        hint="has the branch a compute? see `dbctl neon compute list`",
    )
