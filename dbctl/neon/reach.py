"""How to reach a branch that is there."""

from dbctl.neon import address, find
from dbctl.neon.address import Login
from dbctl.neon.client import Neon
from dbctl.neon.formats import Written


async def reached(neon: Neon, name: str | None, login: Login, *, pooled: bool) -> Written:
    """The direct URL of a branch, password included, in two requests.

    Raises NotFoundError, ConfigurationError when no branch is named.
    """
    found = await find.branch(neon, find.required(neon, name))
    direct = await address.direct(neon, found.id, login)
    return Written(found.name, found.id, direct, pooled)
