"""The connection string of a branch, as the API tells it."""

from dataclasses import dataclass

from dbctl.database.server import address
from dbctl.database.url import Url
from dbctl.errors import ConfigurationError, DbctlError, NotFoundError
from dbctl.neon.client import Neon
from dbctl.neon.errors import NeonError
from dbctl.neon.host import endpoint
from dbctl.neon.model import BranchDatabase
from dbctl.neon.reading import many, names

# What Neon names them in a new project.
DATABASE, ROLE = "neondb", "neondb_owner"
ABSENT = 404


@dataclass(frozen=True)
class Login:
    """A database and the role that opens it; None is what the project has."""

    database: str | None = None
    role: str | None = None


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
