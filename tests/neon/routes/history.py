"""Restoring a branch, and the schemas of branches and their differences."""

import difflib
from datetime import datetime
from typing import Any

from tests.neon import branching, described, shapes
from tests.neon.answer import Answer, Call, Routes
from tests.neon.routes.branches import moment
from tests.neon.state import Branch, Project, Refused
from tests.neon.world import World


def restored(call: Call) -> Answer:
    """Replace what is in the branch by what is, or was, in another one or in itself."""
    world, project, branch, body = call.world, call.project, call.branch, call.body
    source = world.branch(project, body["source_branch_id"])
    world.operations.refuse_if_busy(project, branch)
    keep = body.get("preserve_under_name")
    _refuse_restore(project, branch, source, keep)
    lsn, timestamp = body.get("source_lsn"), moment(body.get("source_timestamp"))
    copies = world.copies_at(source, lsn=lsn, timestamp=timestamp)
    replace(world, project, branch, source, copies, keep=keep)
    branch.parent_lsn = lsn or world.cluster.lsn()
    branch.parent_timestamp = timestamp or world.clock.now()
    operations = restarted(call, branch)
    return Answer({"branch": shapes.branch(branch)} | operations)


def _refuse_restore(project: Project, branch: Branch, source: Branch, keep: str | None) -> None:
    if branch.protected:
        raise Refused(422, "cannot restore a protected branch")
    if keep is not None:
        branching.refuse_taken(project, keep)
    elif source is branch or branching.children(project, branch):
        raise Refused(422, "preserve_under_name is required for this branch")


def replace(
    world: World,
    project: Project,
    branch: Branch,
    source: Branch,
    copies: dict[str, str],
    *,
    keep: str | None,
) -> None:
    """Fill the branch anew; what was in it goes, or lives on in a branch named `keep`."""
    branching.disconnect(world, project, branch)
    backup = Branch(keep or "", project.id, branch.parent_id, branch.created_at, world.clock.now())
    backup.databases, branch.databases = branch.databases, {}
    branching.fill(world, branch, source, copies)
    if keep is None:
        branching.empty(world, backup)
    else:
        _preserve(world, project, branch, backup)
    branch.restored_from = branch.restored_from if source is branch else source.id
    branch.last_reset_at = branch.updated_at = world.clock.now()


def _preserve(world: World, project: Project, branch: Branch, backup: Branch) -> None:
    """Put the backup between the branch and its parent; children go with the data they know."""
    for role in branch.roles.values():
        branching.add_role(world, backup, role.name, password=role.password)
    for child in branching.children(project, branch):
        child.parent_id = backup.id
    backup.current_state, backup.moments, branch.moments = "ready", branch.moments, []
    project.branches[backup.id] = backup
    branch.parent_id = backup.id


def restarted(call: Call, branch: Branch) -> dict[str, Any]:
    """The operations after which a branch whose data were replaced is there again."""
    operations = call.world.operations.start(call.project, ["create_branch"], branch=branch)
    for endpoint in call.project.endpoints.values():
        if endpoint.branch_id == branch.id:
            operations += call.world.operations.start(
                call.project, ["start_compute"], branch=branch, endpoint=endpoint
            )
    branch.current_state = "init"
    return {"operations": [shapes.operation(one) for one in operations]}


def schema(call: Call) -> Answer:
    """The schema of a database, as SQL or as a description of its tables."""
    if call.query.get("format") == "json":
        url = call.world.server.url(_physical_at(call, call.branch, ""))
        return Answer({"json": {"tables": described.tables(url)}})
    return Answer({"sql": _schema_at(call, call.branch, "")})


def compared(call: Call) -> Answer:
    """The difference between two schemas, as a unified diff; against the parent by default."""
    branch = call.branch
    base_id = call.query.get("base_branch_id") or branch.parent_id
    if base_id is None:
        raise Refused(400, "the branch has no parent, base_branch_id is required")
    base = _schema_at(call, call.world.branch(call.project, base_id), "base_")
    lines = difflib.unified_diff(
        base.splitlines(True), _schema_at(call, branch, "").splitlines(True), "a/db", "b/db"
    )
    return Answer({"diff": "".join(lines)})


def _schema_at(call: Call, branch: Branch, prefix: str) -> str:
    return call.world.cluster.schema(_physical_at(call, branch, prefix))


def _physical_at(call: Call, branch: Branch, prefix: str) -> str:
    """The database on the real server that is meant, now or at a point in time."""
    lsn = call.query.get(f"{prefix}lsn")
    timestamp: datetime | None = moment(call.query.get(f"{prefix}timestamp"))
    copies = call.world.copies_at(branch, lsn=lsn, timestamp=timestamp)
    if call.query["db_name"] not in copies:
        raise Refused(404, "database not found")
    return copies[call.query["db_name"]]


BRANCH = "/projects/{project_id}/branches/{branch_id}"
ROUTES: Routes = {
    ("POST", f"{BRANCH}/restore"): restored,
    ("GET", f"{BRANCH}/schema"): schema,
    ("GET", f"{BRANCH}/compare_schema"): compared,
}
