"""The roles of a branch: list, create, delete, a new password."""

from typing import Any

from dbctl.errors import NotFoundError
from dbctl.neon import find, operations
from dbctl.neon.client import Clock, Neon
from dbctl.neon.errors import LostReplyError, NeonError
from dbctl.neon.model import BranchRole, BranchRoleChange, BranchRoles, NeonBranch
from dbctl.neon.reading import many

CONFLICT, ABSENT = 409, 404


async def listed(neon: Neon, branch: str | None) -> BranchRoles:
    """The roles of a branch, by name."""
    found = await find.branch(neon, find.required(neon, branch))
    roles = await _of(neon, found)
    return BranchRoles(found.name, tuple(sorted(roles, key=lambda one: one.name)))


async def _of(neon: Neon, branch: NeonBranch) -> tuple[BranchRole, ...]:
    return many(BranchRole, await neon.get("branches", branch.id, "roles"), "roles")


async def create(
    neon: Neon, branch: str | None, name: str, clock: Clock | None, *, reveal: bool
) -> BranchRoleChange:
    """Create a role; nothing happens when it is there, and then nobody knows its password."""
    found = await find.branch(neon, find.required(neon, branch))
    try:
        answer = await neon.send(
            "POST", "branches", found.id, "roles", body={"role": {"name": name}}
        )
    except (LostReplyError, NeonError) as error:
        if isinstance(error, NeonError) and error.status != CONFLICT:
            raise
        if not any(one.name == name for one in await _of(neon, found)):
            raise
        return BranchRoleChange("create", found.name, name, isinstance(error, LostReplyError))
    neon.note = f"the role {name} of {found.name} exists"
    await operations.of(neon, answer, clock)
    return BranchRoleChange("create", found.name, name, True, _password(answer, reveal=reveal))


async def reset_password(
    neon: Neon, branch: NeonBranch, name: str, clock: Clock | None, *, reveal: bool
) -> BranchRoleChange:
    """Give a role a new password; the old one works no more. A lost answer is simply repeated."""
    parts = ("branches", branch.id, "roles", name, "reset_password")
    try:
        answer = await neon.send("POST", *parts, repeatable=True)
    except NeonError as error:
        if error.status != ABSENT:
            raise
        raise _absent(branch, name) from None
    await operations.of(neon, answer, clock)
    return BranchRoleChange(
        "reset-password", branch.name, name, True, _password(answer, reveal=reveal)
    )


async def delete(
    neon: Neon, branch: NeonBranch, name: str, clock: Clock | None, *, missing_ok: bool
) -> BranchRoleChange:
    """Delete a role. Raises NotFoundError unless `missing_ok`."""
    try:
        answer = await neon.send("DELETE", "branches", branch.id, "roles", name)
    except NeonError as error:
        if error.status != ABSENT:
            raise
        answer = None
    if not answer and not missing_ok:
        raise _absent(branch, name)
    await operations.of(neon, answer, clock)
    return BranchRoleChange("delete", branch.name, name, bool(answer))


def _password(answer: Any, *, reveal: bool) -> str | None:  # noqa: ANN401 - JSON
    found = (answer.get("role") or {}).get("password")
    return found if reveal or not found else "***"


def _absent(branch: NeonBranch, name: str) -> NotFoundError:
    return NotFoundError(f"{branch.name} has no role {name!r}", hint="see `dbctl neon roles list`")
