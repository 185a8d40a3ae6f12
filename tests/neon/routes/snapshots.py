"""Snapshots, restoring them, and their schedule."""

from typing import Any

from tests.neon import branching, shapes
from tests.neon.answer import Answer, Call, Routes
from tests.neon.routes import history
from tests.neon.routes.branches import moment
from tests.neon.state import Branch, Refused, Snapshot


def created(call: Call) -> Answer:
    """Keep how a branch is, or was."""
    world, branch, query = call.world, call.branch, call.query
    world.operations.refuse_if_busy(call.project, branch)
    lsn, timestamp = query.get("lsn"), moment(query.get("timestamp"))
    sources = world.copies_at(branch, lsn=lsn, timestamp=timestamp)
    owners = {one.name: one.owner for one in branch.databases.values()}
    made = Snapshot(
        name=query.get("name") or f"{branch.name} at {world.clock.now():%Y-%m-%d %H:%M:%S}",
        source_branch_id=branch.id,
        created_at=world.clock.now(),
        lsn=lsn or world.cluster.lsn(),
        copies={name: world.cluster.clone(one, owners[name]) for name, one in sources.items()},
        owners=owners,
        timestamp=timestamp or world.clock.now(),
        expires_at=moment(query.get("expires_at")),
    )
    call.project.snapshots[made.id] = made
    return _scheduled(call, branch, {"snapshot": shapes.snapshot(made)})


def _scheduled(call: Call, branch: Branch, body: dict[str, Any], status: int = 200) -> Answer:
    operations = call.world.operations.start(call.project, ["create_timeline"], branch=branch)
    return Answer(body | {"operations": [shapes.operation(one) for one in operations]}, status)


def listed(call: Call) -> Answer:
    """The project's snapshots."""
    found = call.project.snapshots.values()
    return Answer({"snapshots": [shapes.snapshot(one) for one in found]})


def _snapshot(call: Call) -> Snapshot:
    found = call.project.snapshots.get(call.names["snapshot_id"])
    if found is None:
        raise Refused(404, "snapshot not found")
    return found


def renamed(call: Call) -> Answer:
    """Give a snapshot another name."""
    found = _snapshot(call)
    found.name = call.body["snapshot"].get("name", found.name)
    return Answer({"snapshot": shapes.snapshot(found)})


def deleted(call: Call) -> Answer:
    """Forget a snapshot."""
    found = call.project.snapshots.pop(_snapshot(call).id)
    for copy in found.copies.values():
        call.world.cluster.drop(copy)
    operations = call.world.operations.start(call.project, ["delete_timeline"])
    return Answer({"operations": [shapes.operation(one) for one in operations]}, 202)


def restored(call: Call) -> Answer:
    """Make a branch of a snapshot; with `finalize_restore` it takes the target's place."""
    world, project, found = call.world, call.project, _snapshot(call)
    source = project.branches.get(found.source_branch_id) or world.default_branch(project)
    target = world.branch(project, call.body.get("target_branch_id", source.id))
    now = world.clock.now()
    branch = Branch("", project.id, None, now, now, init_source="snapshot", restored_from=found.id)
    branch.name = call.body.get("name") or call.query.get("name") or f"{found.name} restored"
    branching.refuse_taken(project, branch.name)
    branching.fill(world, branch, source, {})
    branching.restore_snapshot(world, branch, found)
    branch.restored_as = target.id
    project.branches[branch.id] = branch
    if call.body.get("finalize_restore"):
        _take_place(call, branch, target)
    operations = history.restarted(call, branch)
    return Answer({"branch": shapes.branch(branch)} | operations)


def finalized(call: Call) -> Answer:
    """Let a restored branch take the place of the one it was restored for."""
    branch = call.branch
    if branch.restored_as is None:
        raise Refused(422, "the branch was not restored from a snapshot")
    target = call.world.branch(call.project, branch.restored_as)
    _take_place(call, branch, target, call.body.get("name"))
    return Answer(history.restarted(call, branch))


def _take_place(call: Call, branch: Branch, target: Branch, name: str | None = None) -> None:
    """Give the branch the target's name and computes; the target lives on under `name`."""
    branching.disconnect(call.world, call.project, target)
    taken = target.name
    target.name = name or f"{taken}_old_{target.id[-8:]}"
    branch.name, branch.default, target.default = taken, target.default, False
    for endpoint in call.project.endpoints.values():
        if endpoint.branch_id == target.id:
            endpoint.branch_id = branch.id
    branch.restored_as = None


def schedule(call: Call) -> Answer:
    """When snapshots are made by themselves."""
    return Answer({"schedule": call.branch.schedule})


def scheduled(call: Call) -> Answer:
    """Note when snapshots shall be made; the stand-in makes none by itself."""
    call.branch.schedule = call.body["schedule"]
    return Answer({})


BRANCH = "/projects/{project_id}/branches/{branch_id}"
PATH = "/projects/{project_id}/snapshots"
ROUTES: Routes = {
    ("POST", f"{BRANCH}/snapshot"): created,
    ("GET", f"{BRANCH}/backup_schedule"): schedule,
    ("PUT", f"{BRANCH}/backup_schedule"): scheduled,
    ("POST", f"{BRANCH}/finalize_restore"): finalized,
    ("GET", PATH): listed,
    ("PATCH", f"{PATH}/{{snapshot_id}}"): renamed,
    ("DELETE", f"{PATH}/{{snapshot_id}}"): deleted,
    ("POST", f"{PATH}/{{snapshot_id}}/restore"): restored,
}
