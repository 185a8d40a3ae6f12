"""Before something is written: is the URL really that of the branch that was named?"""

from dbctl.database.server import address
from dbctl.errors import RefusedError
from dbctl.neon import find
from dbctl.neon.client import Neon, run
from dbctl.neon.errors import NeonError
from dbctl.neon.host import endpoint
from dbctl.neon.model import Endpoint
from dbctl.neon.reading import one
from dbctl.settings import Settings

ABSENT = 404


def require_branch(settings: Settings) -> None:
    """Refuse a Neon URL that leads to another branch than NEON_BRANCH (`neon_branch`) names.

    Nothing is asked when no branch is named, or the URL is not Neon's.
    Raises RefusedError, NotFoundError for a branch that does not exist, ConfigurationError.
    """
    if not settings.neon_branch:
        return
    found = endpoint(address(settings))
    if found is not None:
        name = settings.neon_branch
        run(settings, lambda neon: require_url_of(neon, name, found))


async def require_url_of(neon: Neon, name: str, endpoint_id: str) -> None:
    """Refuse when the compute belongs to another branch than `name`. Raises RefusedError."""
    branch = await find.branch(neon, name)
    try:
        compute = one(Endpoint, await neon.get("endpoints", endpoint_id), "endpoint")
    except NeonError as error:
        if error.status != ABSENT:
            raise
        raise _another(name, f"{endpoint_id}, which this project does not have") from None
    if compute.branch_id != branch.id:
        raise _another(name, f"{endpoint_id} of the branch {compute.branch_id}")


def _another(name: str, where: str) -> RefusedError:
    return RefusedError(
        f"NEON_BRANCH is {name}, and the database URL leads to {where}",
        hint=f"`dbctl neon branch url {name}` prints the right one; else unset NEON_BRANCH",
    )
