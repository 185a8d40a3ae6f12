"""List, rename, delete, expire branches, make one the default."""

from datetime import datetime
from typing import Any

from dbctl.errors import ProviderError, RefusedError
from dbctl.neon import expiry, find, operations
from dbctl.neon.client import Clock, Neon
from dbctl.neon.model import NeonBranch, NeonBranchChange, NeonBranches
from dbctl.neon.parents import stamp
from dbctl.neon.reading import one


async def listed(neon: Neon) -> NeonBranches:
    """Every branch of the project, by name."""
    found = [one async for one in find.branches(neon)]
    return NeonBranches(await neon.project(), tuple(sorted(found, key=lambda one: one.name)))


async def rename(neon: Neon, name: str, new_name: str, clock: Clock) -> NeonBranchChange:
    """Give a branch another name. Raises NotFoundError, ProviderError when it is taken."""
    found = await find.branch(neon, name)
    if found.name != new_name:
        await _patched(neon, found, {"name": new_name}, clock)
    return NeonBranchChange("rename", found.name, found.id, found.name != new_name, new_name)


async def set_default(neon: Neon, name: str, clock: Clock) -> NeonBranchChange:
    """Make a branch the project's default."""
    found = await find.branch(neon, name)
    if not found.default:
        answer = await neon.send("POST", "branches", found.id, "set_as_default", repeatable=True)
        await operations.of(neon, answer, clock)
    return NeonBranchChange("set-default", found.name, found.id, not found.default)


async def expire(neon: Neon, name: str, moment: datetime | None, clock: Clock) -> NeonBranchChange:
    """Let a branch delete itself at `moment`, None: never. Raises RefusedError for some."""
    found = await find.branch(neon, name)
    if moment:
        expiry.require_mortal(found)
    changed = found.expires_at != moment
    if changed:
        await _patched(neon, found, {"expires_at": stamp(moment) if moment else None}, clock)
    return NeonBranchChange(
        "expire", found.name, found.id, changed, stamp(moment) if moment else ""
    )


async def expire_at(neon: Neon, found: NeonBranch, moment: datetime) -> NeonBranch:
    """Move the expiry of a branch that is at hand. Raises RefusedError where it must not."""
    expiry.require_mortal(found)
    return await _patched(neon, found, {"expires_at": stamp(moment)}, None)


async def _patched(
    neon: Neon, found: NeonBranch, fields: dict[str, Any], clock: Clock | None
) -> NeonBranch:
    answer = await neon.send("PATCH", "branches", found.id, body={"branch": fields})
    await operations.of(neon, answer, clock)
    return one(NeonBranch, answer, "branch")


def require_expendable(found: NeonBranch, verb: str) -> None:
    """Raises RefusedError for the default branch and for a protected one."""
    if found.default or found.protected:
        why = "the default branch" if found.default else "protected"
        raise RefusedError(
            f"{found.name} is {why}: dbctl does not {verb} it",
            hint="`dbctl neon branch list` shows which branches are which",
        )


async def expendable(
    neon: Neon, name: str, verb: str, *, missing_ok: bool = False
) -> NeonBranch | None:
    """The branch that is to be changed for good, before anybody is asked.

    None when there is none and `missing_ok`. Raises NotFoundError, RefusedError.
    """
    found = await find.branch_or_none(neon, name)
    if found is None and not missing_ok:
        raise find.absent(name)
    if found is not None:
        require_expendable(found, verb)
    return found


async def required_expendable(neon: Neon, name: str, verb: str) -> NeonBranch:
    """As `expendable`, of a branch that must be there."""
    found = await find.branch(neon, name)
    require_expendable(found, verb)
    return found


async def delete(neon: Neon, found: NeonBranch, clock: Clock | None) -> NeonBranchChange:
    """Delete a branch with its computes; it may be gone by now."""
    changed = await removed(neon, found, clock)
    return NeonBranchChange("delete", found.name, found.id, changed)


async def removed(neon: Neon, found: NeonBranch, clock: Clock | None) -> bool:
    """Delete a branch; False when it was gone already."""
    answer = await neon.send("DELETE", "branches", found.id)
    neon.note = f"the branch {found.name} ({found.id}) is being deleted"
    if not answer:
        return False
    try:
        await operations.of(neon, answer, clock)
    except ProviderError:
        # With the branch its operations go, and then nobody can be asked about them.
        if await find.branch_or_none(neon, found.id):
            raise
    return True
