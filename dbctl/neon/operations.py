"""What Neon does in the background: list it, and wait for its end.

`finished` and `skipped` are success. `failed` may be tried again by Neon itself, which `retry_at`
tells; `error` and `cancelled` are final. A status that nobody knows yet is still on its way.
"""

import asyncio
import logging
import re
from collections.abc import Iterable, Sequence
from typing import Any

from dbctl.errors import NotFoundError, ProviderError
from dbctl.neon import paging
from dbctl.neon.client import Clock, Neon
from dbctl.neon.errors import NeonError
from dbctl.neon.model import Operation, Operations
from dbctl.neon.reading import many, one, read

DONE = ("finished", "skipped")
LOST = ("error", "cancelled")
FIRST, GROWTH, LONGEST = 0.1, 1.5, 2.0  # seconds between two looks
RECENT = 100
ABSENT = 404
ID = re.compile(r"[0-9a-fA-F-]{36}")

progress = logging.getLogger("dbctl.progress")


async def listed(neon: Neon, limit: int | None = None) -> Operations:
    """Operations of the project, the newest first; all of them unless `limit` says less."""
    path = await neon.path("operations")
    found: list[Operation] = []
    async for item in paging.items(neon.api, path, "operations", paging.Shape.operations):
        found.append(read(Operation, item))
        if limit and len(found) >= limit:
            break
    return Operations(tuple(found))


async def shown(neon: Neon, operation_id: str) -> Operation:
    """One operation. Raises NotFoundError."""
    absent = NotFoundError(
        f"there is no operation {operation_id!r}", hint="see `dbctl neon operations list`"
    )
    if not ID.fullmatch(operation_id):
        raise absent
    try:
        return one(Operation, await neon.get("operations", operation_id), "operation")
    except NeonError as error:
        raise (absent if error.status == ABSENT else error) from None


async def awaited(neon: Neon, ids: Sequence[str], clock: Clock) -> Operations:
    """Wait for these operations, or for all that run. Raises as `finished`."""
    found = [await shown(neon, one) for one in ids] if ids else await running(neon)
    return Operations(await finished(neon, found, clock))


async def running(neon: Neon, branch_id: str | None = None) -> list[Operation]:
    """Operations that have not ended, of the project or of one branch; the newest are asked."""
    answer = await neon.get("operations", limit=RECENT)
    found = many(Operation, answer, "operations")
    mine = (one for one in found if branch_id in (None, one.branch_id))
    return [one for one in mine if not ended(one)]


def ended(operation: Operation) -> bool:
    """Whether nothing more will happen to it."""
    if operation.status == "failed":
        return operation.retry_at is None
    return operation.status in (*DONE, *LOST)


async def of(neon: Neon, answer: Any, clock: Clock | None) -> None:  # noqa: ANN401 - JSON
    """Wait for the operations that an answer names; not when `clock` is None."""
    if clock is not None:
        await finished(neon, many(Operation, answer, "operations"), clock)


async def finished(
    neon: Neon, operations: Iterable[Operation], clock: Clock
) -> tuple[Operation, ...]:
    """Wait until all have ended well.

    Raises ProviderError with id and reason when one has not, TimedOutError after the clock's limit.
    """
    found = {one.id: one for one in operations}
    pause = FIRST
    while left := [one for one in found.values() if not _succeeded(one, neon.note)]:
        _say(left, clock)
        clock.require_time(f"{_names(left)} not finished", neon.note)
        await asyncio.sleep(min(pause, max(0.0, clock.limit - clock.passed)))
        pause = min(LONGEST, pause * GROWTH)
        # They run one after the other: the first that has not ended tells enough.
        found[left[0].id] = await shown(neon, left[0].id)
    return tuple(found.values())


def _succeeded(operation: Operation, note: str) -> bool:
    """Whether it ended well; False while it runs. Raises ProviderError when it ended badly."""
    if not ended(operation):
        return False
    if operation.status in DONE:
        return True
    reason = operation.error or "Neon gives no reason"
    raise ProviderError(
        f"Neon's operation {operation.id} ({operation.action}) ended as {operation.status}: "
        f"{reason}{f'; {note}' if note else ''}",
        hint=f"see `dbctl neon operations get {operation.id}`",
    )


def _say(left: Sequence[Operation], clock: Clock) -> None:
    progress.info("waiting for Neon: %s (%.0f s)", _names(left), clock.passed)


def _names(operations: Sequence[Operation]) -> str:
    return ", ".join(dict.fromkeys(one.action or one.id for one in operations))
