"""Drawings of Neon's branches and what belongs to them."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from rich.console import RenderableType
from rich.text import Text

from dbctl.cli.text import clean, size
from dbctl.cli.views.canvas import View, following, line, row, table
from dbctl.neon.model import (
    BranchDatabaseChange,
    BranchDatabases,
    BranchRoleChange,
    BranchRoles,
    ComputeChange,
    Computes,
    NeonBranch,
    NeonBranchChange,
    NeonBranchCreated,
    NeonBranches,
    NeonProjects,
    NeonPruned,
    NeonSnapshotChange,
    NeonSnapshots,
    NeonUrl,
    Operation,
    Operations,
    SchemaDifference,
)

PAST = {
    "create": "created",
    "rename": "renamed",
    "delete": "deleted",
    "reset": "reset",
    "restore": "restored",
    "set-default": "made the default",
    "expire": "expiry set",
    "add": "added",
    "start": "started",
    "suspend": "suspended",
    "restart": "restarted",
    "reset-password": "new password of",
}
DIFF = {"+": "green", "-": "red", "@": "dim"}


SPANS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def _when(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if moment else ""


def _far(moment: datetime | None) -> str:
    """How far away a moment is, `3 h` ago or ahead: a table has no room for dates."""
    if moment is None:
        return ""
    seconds = abs((moment - datetime.now(UTC)).total_seconds())
    return next((f"{seconds // one:.0f} {unit}" for one, unit in SPANS if seconds >= one), "now")


def _branches(number: int) -> str:
    return "1 branch" if number == 1 else f"{number:,} branches"


def projects(value: NeonProjects) -> Iterator[RenderableType]:
    """Every project with its id, which commands take."""
    made = table("project", "id", "region", "pg", right=["pg"])
    for one in value.projects:
        row(made, one.name, one.id, one.region_id, str(one.pg_version or ""))
    yield made if value.projects else line("no projects")


def branches(value: NeonBranches) -> Iterator[RenderableType]:
    """A line a branch: its age, and the time left until it expires."""
    names = {one.id: one.name for one in value.branches}
    made = table("branch", "parent", "state", "age", "left", "size", right=["age", "left", "size"])
    for one in value.branches:
        marks = [*(["default"] if one.default else []), *(["protected"] if one.protected else [])]
        state = ", ".join([*marks, one.current_state])
        parent = names.get(one.parent_id or "", one.parent_id or "")
        cells = (parent, state, _far(one.created_at), _far(one.expires_at))
        row(made, one.name, *cells, size(one.logical_size), style="green" if one.default else "")
    yield made if value.branches else line("no branches")
    yield line((f"{_branches(len(value.branches))} of {value.project}", "dim"))


def branch(value: NeonBranch) -> Iterator[RenderableType]:
    """Everything about one branch."""
    marks = [*(["default"] if value.default else []), *(["protected"] if value.protected else [])]
    yield line((value.name, "bold"), f"  {value.id}  {', '.join([*marks, value.current_state])}")
    since = _when(value.parent_timestamp) or value.parent_lsn or ""
    yield from _facts(
        ("parent", f"{value.parent_id} at {since}" if value.parent_id else ""),
        ("created", _when(value.created_at)),
        ("reset", _when(value.last_reset_at)),
        ("expires", _when(value.expires_at)),
        ("size", size(value.logical_size)),
    )


def _facts(*facts: tuple[str, str | None]) -> Iterator[RenderableType]:
    """Names and values under one another; what is empty is left out."""
    for name, said in facts:
        if said:
            yield line((f"{name:<8} ", "dim"), said)


def created(value: NeonBranchCreated) -> Iterator[RenderableType]:
    """The branch and how to reach it."""
    word = "created" if value.created else "is there already"
    parent = f" from {value.parent}" if value.parent and value.created else ""
    yield (
        line((word, "green"), f" {value.name} ({value.id}){parent} after {value.seconds:.1f} s")
        if value.created
        else line(f"{value.name} ({value.id}) {word}")
    )
    yield from _facts(
        ("direct", value.direct), ("pooled", value.pooled), ("expires", _when(value.expires_at))
    )
    if value.masked and value.url:
        yield following(f"dbctl neon branch url {value.name} --reveal")


def change(value: NeonBranchChange) -> Iterator[RenderableType]:
    """What happened to a branch."""
    if not value.changed:
        yield line(f"{value.name}: nothing to do")
        return
    details = {"rename": f" to {value.detail}", "expire": f": {value.detail or 'never'}"}
    kept = f", what was in it is {value.detail}" if value.detail else ""
    yield line((PAST[value.action], "green"), f" {value.name}{details.get(value.action, kept)}")


def url(value: NeonUrl) -> Iterator[RenderableType]:
    """The URL alone, so that it can be copied."""
    yield line(value.url)


def difference(value: SchemaDifference) -> Iterator[RenderableType]:
    """A diff a database, without its own heading."""
    if value.same:
        yield line(("same", "green"), f" schema in {value.from_} and {value.to}")
        return
    for one in value.databases:
        if one.diff:
            yield line((f"--- {value.from_}/{one.database}", "bold"))
            yield line((f"+++ {value.to}/{one.database}", "bold"))
            yield from _diff(one.diff.splitlines())


def _diff(lines: Sequence[str]) -> Iterator[Text]:
    """The hunks without SQL comments, and never more than one empty line at a time."""
    begin = next((at for at, one in enumerate(lines) if one.startswith("@@")), 0)
    empty = False
    for one in lines[begin:]:
        comment, was_empty = one[1:].startswith("--"), empty
        empty = comment or not one[1:].strip()
        if not comment and not (empty and was_empty):
            yield line((one, DIFF.get(one[:1], "")))


def pruned(value: NeonPruned) -> Iterator[RenderableType]:
    """What went, or would go."""
    if not value.branches:
        yield line("nothing to delete")
        return
    made = table("branch", "age", "size", right=["age", "size"])
    for one in value.branches:
        row(made, one.name, _far(one.created_at), size(one.logical_size))
    yield made
    word = ("would be deleted", "yellow") if value.dry_run else ("deleted", "green")
    yield line(word, f": {_branches(len(value.branches))}, {value.kept:,} stay")


def computes(value: Computes) -> Iterator[RenderableType]:
    """A line a compute."""
    made = table("compute", "branch", "kind", "state", "size (CU)")
    for one in value.computes:
        least, most = one.autoscaling_limit_min_cu, one.autoscaling_limit_max_cu
        units = f"{least:g}" if least == most else f"{least:g}-{most:g}"
        kind = "reads" if one.type == "read_only" else "writes"
        row(made, one.id, one.branch_id, kind, one.current_state, units)
    yield made if value.computes else line("no computes")


def compute_change(value: ComputeChange) -> Iterator[RenderableType]:
    """What happened to a compute."""
    name = f"{value.compute.id} of {value.compute.branch_id}"
    if value.changed:
        yield line((PAST[value.action], "green"), f" {name}")
    else:
        yield line(f"{name}: nothing to do")


def databases(value: BranchDatabases) -> Iterator[RenderableType]:
    """The databases with their owners."""
    made = table("database", "owner", "age", right=["age"])
    for one in value.databases:
        row(made, one.name, one.owner_name, _far(one.created_at))
    yield made if value.databases else line("no databases")
    yield line((value.branch, "dim"))


def roles(value: BranchRoles) -> Iterator[RenderableType]:
    """The roles."""
    made = table("role", "", "age", right=["age"])
    for one in value.roles:
        row(made, one.name, "protected" if one.protected else "", _far(one.created_at))
    yield made if value.roles else line("no roles")
    yield line((value.branch, "dim"))


def database_change(value: BranchDatabaseChange) -> Iterator[RenderableType]:
    """What happened to a database."""
    yield _content(value.action, value.database, value.branch, changed=value.changed)


def role_change(value: BranchRoleChange) -> Iterator[RenderableType]:
    """What happened to a role, and its password."""
    yield _content(value.action, value.role, value.branch, changed=value.changed)
    yield from _facts(("password", value.password))


def _content(action: str, name: str, where: str, *, changed: bool) -> Text:
    if changed:
        return line((PAST[action], "green"), f" {name} in {where}")
    said = "is there already" if action == "create" else "is not there"
    return line(f"{name} {said} in {where}: nothing to do")


def operations(value: Operations) -> Iterator[RenderableType]:
    """A line an operation, the reason of a failure below."""
    if not value.operations:
        yield line("no operations")
        return
    made = table("operation", "action", "status", "age", right=["age"])
    for one in value.operations:
        failed = "red" if one.error else ""
        row(made, one.id, one.action, one.status, _far(one.created_at), style=failed)
    yield made
    for one in value.operations:
        if one.error:
            yield line((one.id, "red"), f" {one.error}")


def operation(value: Operation) -> Iterator[RenderableType]:
    """Everything about one operation."""
    yield line((value.action, "bold"), f"  {value.status}  {value.id}")
    yield from _facts(
        ("branch", value.branch_id),
        ("compute", value.endpoint_id),
        ("started", _when(value.created_at)),
        ("error", value.error),
        ("retried", _when(value.retry_at)),
    )


def snapshots(value: NeonSnapshots) -> Iterator[RenderableType]:
    """A line a snapshot."""
    made = table("snapshot", "id", "branch", "age", "left", right=["age", "left"])
    for one in value.snapshots:
        cells = (one.source_branch_id or "", _far(one.created_at), _far(one.expires_at))
        row(made, one.name, one.id, *cells)
    yield made if value.snapshots else line("no snapshots")


def snapshot_change(value: NeonSnapshotChange) -> Iterator[RenderableType]:
    """What happened to a snapshot."""
    name = clean(value.snapshot.name or value.snapshot.id)
    if not value.changed:
        yield line(f"{name} is not there: nothing to do")
        return
    where = {"create": f" of {value.branch}", "restore": f" as the branch {value.branch}"}
    yield line((PAST[value.action], "green"), f" {name}{where.get(value.action, '')}")


VIEWS: dict[type, View] = {
    NeonProjects: projects,
    NeonBranches: branches,
    NeonBranch: branch,
    NeonBranchCreated: created,
    NeonBranchChange: change,
    NeonUrl: url,
    SchemaDifference: difference,
    NeonPruned: pruned,
    Computes: computes,
    ComputeChange: compute_change,
    BranchDatabases: databases,
    BranchDatabaseChange: database_change,
    BranchRoles: roles,
    BranchRoleChange: role_change,
    Operations: operations,
    Operation: operation,
    NeonSnapshots: snapshots,
    NeonSnapshotChange: snapshot_change,
}
