"""How the schema changes from one branch to another."""

from collections.abc import Sequence

from dbctl.errors import NotFoundError, RefusedError
from dbctl.neon import address, find
from dbctl.neon.client import Neon
from dbctl.neon.errors import NeonError
from dbctl.neon.model import DatabaseDifference, NeonBranch, SchemaDifference

ABSENT = 404


async def difference(
    neon: Neon, first: str, second: str | None, databases: Sequence[str] = ()
) -> SchemaDifference:
    """From `first` to `second`; with one branch alone, from its parent to it.

    Without `databases` every database of the branch is compared.
    Raises NotFoundError, RefusedError when there is no parent.
    """
    before, after = await _pair(neon, first, second)
    names = databases or [one.name for one in await address.databases(neon, after.id)]
    found = [await _one(neon, before, after, name) for name in names]
    same = not any(one.diff for one in found)
    return SchemaDifference(before.name, after.name, same, tuple(found))


async def _pair(neon: Neon, first: str, second: str | None) -> tuple[NeonBranch, NeonBranch]:
    if second is not None:
        return await find.two(neon, first, second)
    after = await find.branch(neon, first)
    if after.parent_id is None:
        raise RefusedError(f"{after.name} has no parent to compare with", hint="name two branches")
    return await find.by_id(neon, after.parent_id), after


async def _one(
    neon: Neon, before: NeonBranch, after: NeonBranch, database: str
) -> DatabaseDifference:
    try:
        answer = await neon.get(
            "branches", after.id, "compare_schema", base_branch_id=before.id, db_name=database
        )
    except NeonError as error:
        if error.status != ABSENT:
            raise
        raise NotFoundError(
            f"{database!r} cannot be compared: {error.said}",
            hint="is it in both branches? see `dbctl neon databases list`",
        ) from None
    return DatabaseDifference(database, str(answer.get("diff") or ""))
