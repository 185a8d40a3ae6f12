"""The computes of branches: list, add, start, suspend, restart."""

from dataclasses import dataclass
from typing import Any

from dbctl.errors import NotFoundError, UsageError
from dbctl.neon import find, operations
from dbctl.neon.client import Clock, Neon
from dbctl.neon.errors import LostReplyError, NeonError
from dbctl.neon.expiry import duration
from dbctl.neon.model import ComputeChange, Computes, Endpoint
from dbctl.neon.reading import many, one

SMALLEST = 0.25
LONGEST = 604_800  # seconds
SPANS = {"never": -1, "-1": -1, "default": 0, "0": 0}
WRITING, READING = "read_write", "read_only"
ABSENT = 404
# How Neon says that a branch has a compute that writes already.
TAKEN = (400, 409, 422)


@dataclass(frozen=True)
class Size:
    """How large a compute may be, and when it sleeps (seconds); None is the project's default."""

    smallest: float | None = None
    largest: float | None = None
    suspend_timeout: int | None = None

    @property
    def fields(self) -> dict[str, float]:
        """As the API has it."""
        said = {
            "autoscaling_limit_min_cu": self.smallest,
            "autoscaling_limit_max_cu": self.largest,
            "suspend_timeout_seconds": self.suspend_timeout,
        }
        return {name: value for name, value in said.items() if value is not None}


def size(cu: str | None, suspend_timeout: str | None) -> Size:
    """Read `0.25-2` or `1`, and `300`, `5m`, `never` or `default`. Raises UsageError."""
    smallest, dash, largest = (cu or "").partition("-")
    least, most = _units(smallest), _units(largest if dash else smallest)
    if cu is not None and not (least and most and least <= most):
        raise UsageError(f"--cu {cu!r} is no size", hint="write --cu 1, or --cu 0.25-2")
    return Size(least, most, _seconds(suspend_timeout))


def _units(text: str) -> float | None:
    if not text:
        return None
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not SMALLEST <= found < float("inf"):
        raise UsageError(f"--cu {text!r} is no size", hint="write --cu 1 or --cu 0.25-2")
    return found


def _seconds(text: str | None) -> int | None:
    if text is None:
        return None
    span = duration(f"{text}s" if text.isdecimal() else text)
    found = SPANS[text] if text in SPANS else int(span.total_seconds()) if span else None
    if found is None or found > LONGEST:
        raise UsageError(
            f"--suspend-timeout {text!r} is no time up to a week",
            hint="write seconds, 5m, never or default",
        )
    return found


async def listed(neon: Neon, name: str | None) -> Computes:
    """The computes of one branch, or of the whole project."""
    if name is None:
        return Computes(many(Endpoint, await neon.get("endpoints"), "endpoints"))
    return Computes(await of(neon, (await find.branch(neon, name)).id))


async def of(neon: Neon, branch_id: str) -> tuple[Endpoint, ...]:
    """The computes of a branch by its id."""
    return many(Endpoint, await neon.get("branches", branch_id, "endpoints"), "endpoints")


async def add(
    neon: Neon, name: str, wish: Size, clock: Clock | None, *, read_only: bool = False
) -> ComputeChange:
    """Give a branch a compute. A branch has one that writes at most: it is found, not doubled."""
    branch = await find.branch(neon, name)
    kind = READING if read_only else WRITING
    body = {"endpoint": {"branch_id": branch.id, "type": kind, **wish.fields}}
    try:
        answer = await neon.send("POST", "endpoints", body=body)
    except (LostReplyError, NeonError) as error:
        there = await _there(neon, branch.id, error, read_only=read_only)
        return ComputeChange("add", there, changed=isinstance(error, LostReplyError))
    made = one(Endpoint, answer, "endpoint")
    neon.note = f"the compute {made.id} of {branch.name} exists"
    await operations.of(neon, answer, clock)
    return ComputeChange("add", made, changed=True)


async def _there(neon: Neon, branch_id: str, error: Exception, *, read_only: bool) -> Endpoint:
    """The compute that is there already. Raises `error` when that was not the reason."""
    other = isinstance(error, NeonError) and error.status not in TAKEN
    found = () if read_only or other else await of(neon, branch_id)
    for compute in found:
        if compute.type == WRITING:
            return compute
    raise error


async def act(neon: Neon, action: str, target: str, clock: Clock | None) -> ComputeChange:
    """Start, suspend or restart a compute by its id, or the writing one of a branch."""
    endpoint_id = await _id(neon, target)
    try:
        answer: Any = await neon.send(
            "POST", "endpoints", endpoint_id, action, repeatable=action != "restart"
        )
    except NeonError as error:
        if error.status != ABSENT:
            raise
        raise _absent(target) from None
    await operations.of(neon, answer, clock)
    made = one(Endpoint, answer, "endpoint")
    return ComputeChange(action, made, changed=bool(answer.get("operations")))


async def _id(neon: Neon, target: str) -> str:
    if target.startswith("ep-"):
        return target
    found = await of(neon, (await find.branch(neon, target)).id)
    writing = [compute for compute in found if compute.type == WRITING]
    if not writing:
        raise NotFoundError(
            f"{target} has no compute", hint=f"`dbctl neon compute add {target}` makes one"
        )
    return writing[0].id


def _absent(target: str) -> NotFoundError:
    return NotFoundError(f"there is no compute {target!r}", hint="see `dbctl neon compute list`")
