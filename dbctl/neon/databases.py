"""The databases of a branch: list, create, delete."""

from dbctl.errors import ConfigurationError, NotFoundError
from dbctl.neon import address, find, operations
from dbctl.neon.client import Clock, Neon
from dbctl.neon.errors import LostReplyError, NeonError
from dbctl.neon.model import BranchDatabaseChange, BranchDatabases, NeonBranch

CONFLICT, ABSENT = 409, 404


async def listed(neon: Neon, branch: str | None) -> BranchDatabases:
    """The databases of a branch, by name."""
    found = await find.branch(neon, find.required(neon, branch))
    databases = await address.databases(neon, found.id)
    return BranchDatabases(found.name, tuple(sorted(databases, key=lambda one: one.name)))


async def create(
    neon: Neon, branch: str | None, name: str, owner: str | None, clock: Clock | None
) -> BranchDatabaseChange:
    """Create a database; nothing happens when it is there."""
    found = await find.branch(neon, find.required(neon, branch))
    owner = owner or await _owner(neon, found)
    body = {"database": {"name": name, "owner_name": owner}}
    changed = True
    try:
        answer = await neon.send("POST", "branches", found.id, "databases", body=body)
    except (LostReplyError, NeonError) as error:
        if isinstance(error, NeonError) and error.status != CONFLICT:
            raise
        if not any(one.name == name for one in await address.databases(neon, found.id)):
            raise
        changed = isinstance(error, LostReplyError)
    else:
        neon.note = f"the database {name} of {found.name} exists"
        await operations.of(neon, answer, clock)
    return BranchDatabaseChange("create", found.name, name, changed)


async def _owner(neon: Neon, branch: NeonBranch) -> str:
    """Who owns the other databases, when that is one role."""
    owners = {one.owner_name for one in await address.databases(neon, branch.id)}
    if len(owners) == 1:
        return owners.pop()
    raise ConfigurationError(
        f"nobody knows whose database it is to be: {', '.join(sorted(owners)) or 'no role'}",
        hint="say which role: --owner",
    )


async def delete(
    neon: Neon, branch: NeonBranch, name: str, clock: Clock | None, *, missing_ok: bool
) -> BranchDatabaseChange:
    """Delete a database with everything in it. Raises NotFoundError unless `missing_ok`."""
    try:
        answer = await neon.send("DELETE", "branches", branch.id, "databases", name)
    except NeonError as error:
        if error.status != ABSENT:
            raise
        answer = None
    if not answer and not missing_ok:
        raise NotFoundError(
            f"{branch.name} has no database {name!r}", hint="see `dbctl neon databases list`"
        )
    await operations.of(neon, answer, clock)
    return BranchDatabaseChange("delete", branch.name, name, bool(answer))
