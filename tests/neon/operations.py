"""Operations run in the background, on the clock; tests hold them and decide how they end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from tests.neon.clock import Clock
from tests.neon.state import Branch, Endpoint, Operation, Project, Refused

LOCKED = "project already has running conflicting operations, scheduling of new ones is prohibited"
DONE = ("finished", "skipped")
OVER = (*DONE, "error", "cancelled")


@dataclass
class Plan:
    """How the next operation of an action ends, when it is not simply finished."""

    action: str
    status: str
    reason: str | None
    retry_after: float | None


@dataclass
class Operations:
    """The rules by which operations advance.

    `seconds` is how long each takes. `hold()` stops all that are not over, `release()` lets
    them go on. `end(...)` says how the next one of an action ends. `whole_project=True` makes
    an operation lock every branch of its project, not just its own.
    """

    clock: Clock
    seconds: float = 0.02
    held: bool = False
    whole_project: bool = False
    plans: list[Plan] = field(default_factory=list)
    chosen: dict[str, Plan] = field(default_factory=dict)

    def hold(self) -> None:
        """Let no operation advance until `release`."""
        self.held = True

    def release(self) -> None:
        """Let the operations go on."""
        self.held = False

    def end(
        self,
        action: str,
        status: str,
        *,
        reason: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        """Let the next operation `action` end as `status`: error, failed, cancelled, skipped.

        `failed` with `retry_after` seconds is tried again by the server, and finishes then.
        """
        self.plans.append(Plan(action, status, reason, retry_after))

    def start(
        self,
        project: Project,
        actions: Sequence[str],
        *,
        branch: Branch | None = None,
        endpoint: Endpoint | None = None,
    ) -> list[Operation]:
        """Schedule the actions, one after the other."""
        now = self.clock.now()
        made = [
            Operation(
                project_id=project.id,
                action=action,
                created_at=now + timedelta(microseconds=number),
                updated_at=now,
                branch_id=None if branch is None else branch.id,
                endpoint_id=None if endpoint is None else endpoint.id,
            )
            for number, action in enumerate(actions)
        ]
        for operation in made:
            self._choose(operation)
        project.operations.extend(made)
        return made

    def _choose(self, operation: Operation) -> None:
        plan = next((one for one in self.plans if one.action == operation.action), None)
        if plan is not None:
            self.plans.remove(plan)
            self.chosen[operation.id] = plan

    def refuse_if_busy(self, project: Project, branch: Branch | None) -> None:
        """423 while operations of the branch (or of the project) are not over."""
        for operation in project.operations:
            mine = branch is None or self.whole_project or operation.branch_id == branch.id
            if mine and self.is_busy(operation):
                raise Refused(423, LOCKED)

    def is_busy(self, operation: Operation) -> bool:
        """Whether it still holds its branch; a failure that is not tried again does not."""
        if operation.status == "failed":
            return operation.retry_at is not None
        return operation.status not in OVER

    def settle(self, project: Project, finished: Callable[[Operation], None]) -> None:
        """Advance every operation to where the clock says; `finished` is told of each success."""
        if self.held:
            return
        for branch_id in {operation.branch_id for operation in project.operations}:
            chain = [one for one in project.operations if one.branch_id == branch_id]
            self._settle_chain([one for one in chain if self.is_busy(one)], finished)

    def _settle_chain(self, chain: list[Operation], finished: Callable[[Operation], None]) -> None:
        """One after the other: each begins when the one before it is over."""
        begin = chain[0].created_at if chain else None
        for number, operation in enumerate(chain):
            if operation.status == "scheduling":
                operation.status, operation.updated_at = "running", begin or operation.created_at
            self._end_if_due(operation)
            begin = operation.updated_at
            if operation.status in DONE:
                finished(operation)
            else:
                self._abandon(operation, chain[number + 1 :])
                return

    def _end_if_due(self, operation: Operation) -> None:
        due = operation.retry_at or operation.updated_at + timedelta(seconds=self.seconds)
        if self.clock.now() < due:
            return
        plan = self.chosen.pop(operation.id, Plan(operation.action, "finished", None, None))
        operation.status, operation.error, operation.updated_at = plan.status, plan.reason, due
        operation.failures += plan.status in ("failed", "error")
        operation.retry_at = None
        if plan.retry_after is not None:
            operation.retry_at = due + timedelta(seconds=plan.retry_after)

    def _abandon(self, failed: Operation, rest: list[Operation]) -> None:
        """What comes after an operation that is over without success is never done."""
        if self.is_busy(failed):
            return
        for operation in rest:
            operation.status, operation.updated_at = "cancelled", failed.updated_at
