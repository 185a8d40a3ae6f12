"""Branches: list, count, create, get, change, delete, make default."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.neon import branching, computing, paging, shapes
from tests.neon.answer import Answer, Call, Routes
from tests.neon.state import Branch, Endpoint, Operation, Refused

PAGE = 100
LONGEST = timedelta(days=30)
SOURCES = ("parent-data", "schema-only")


def listed(call: Call) -> Answer:
    """A page of the branches."""
    project, query = call.project, call.query
    gone = project.gone.values() if query.get("include_deleted") == "true" else ()
    wanted = query.get("search", "")
    found = [one for one in (*project.branches.values(), *gone) if wanted in one.name + one.id]
    found.sort(key=_order(query), reverse=query.get("sort_order", "desc") == "desc")
    largest = call.world.page_size or PAGE
    size = min(int(query.get("limit", largest)), largest)
    page, pagination = paging.by_next(found, size, lambda one: one.id, query)
    notes = {one.id: shapes.annotation(one) for one in page if one.annotation}
    body = {"branches": [shapes.branch(one) for one in page], "annotations": notes}
    return Answer(body | pagination)


def _order(query: dict[str, str]) -> Any:
    field = query.get("sort_by", "updated_at")
    return lambda one: (getattr(one, field), one.id)


def counted(call: Call) -> Answer:
    """How many branches there are."""
    wanted = call.query.get("search", "")
    found = [one for one in call.project.branches.values() if wanted in one.name + one.id]
    return Answer({"count": len(found)})


def created(call: Call) -> Answer:
    """Make a branch of another one, with the computes that are asked for."""
    world, project = call.world, call.project
    options, wanted = call.body.get("branch", {}), call.body.get("endpoints", [])
    parent = _parent(call, options)
    world.operations.refuse_if_busy(project, parent)
    branch = _made(call, parent, options)
    endpoints = _computes(call, branch, wanted)
    operations = world.operations.start(project, ["create_branch"], branch=branch)
    for endpoint in endpoints:
        operations += world.operations.start(
            project, ["start_compute"], branch=branch, endpoint=endpoint
        )
    return Answer(_created(branch, endpoints, operations), 201)


def _computes(call: Call, branch: Branch, wanted: list[dict[str, Any]]) -> list[Endpoint]:
    """The computes that are asked for; when one is refused there is no branch either."""
    try:
        return [computing.add(call.world, call.project, branch, one) for one in wanted]
    except Refused:
        branching.remove(call.world, call.project, branch, by="user", trace=False)
        raise


def _parent(call: Call, options: dict[str, Any]) -> Branch:
    if "parent_id" in options:
        return call.world.branch(call.project, options["parent_id"])
    return call.world.default_branch(call.project)


def _made(call: Call, parent: Branch, options: dict[str, Any]) -> Branch:
    """The branch with its data; nothing is kept of it when something is refused."""
    project, now = call.project, call.world.clock.now()
    source = options.get("init_source", SOURCES[0])
    if source not in SOURCES:
        raise Refused(400, f"unsupported init_source {source!r}")
    branch = Branch(options.get("name", ""), project.id, parent.id, now, now)
    branch.name, branch.init_source = branch.name or branch.id, source
    branching.refuse_taken(project, branch.name)
    if parent.expires_at is not None:
        raise Refused(422, "a branch that expires cannot have children")
    branch.protected = options.get("protected", False)
    branch.annotation = call.body.get("annotation_value", {})
    branch.expires_at = _expiry(call, branch, options.get("expires_at"))
    _fill(call, branch, parent, options)
    project.branches[branch.id] = branch
    return branch


def _fill(call: Call, branch: Branch, parent: Branch, options: dict[str, Any]) -> None:
    lsn, timestamp = options.get("parent_lsn"), moment(options.get("parent_timestamp"))
    copies = call.world.copies_at(parent, lsn=lsn, timestamp=timestamp)
    rows = branch.init_source == SOURCES[0]
    branching.fill(call.world, branch, parent, copies, rows=rows)
    branch.parent_lsn = lsn or call.world.cluster.lsn()
    branch.parent_timestamp = timestamp or branch.created_at
    if not rows:
        # It shares no history with anybody: a schema-only branch is a root.
        branch.parent_id = branch.parent_lsn = branch.parent_timestamp = None


def moment(text: str | None) -> datetime | None:
    """The moment of an RFC 3339 text; 400 without a zone."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(400, f"invalid timestamp {text!r}") from None
    if found.tzinfo is None:
        raise Refused(400, f"timestamp {text!r} has no time zone")
    return found.astimezone(UTC)


def _expiry(call: Call, branch: Branch, text: str | None) -> datetime | None:
    """The expiry that is asked for, if the branch may have one."""
    wanted = moment(text)
    if wanted is None:
        return None
    now = call.world.clock.now()
    if branch.default or branch.protected:
        raise Refused(422, "default and protected branches cannot expire")
    if branching.children(call.project, branch):
        raise Refused(422, "a branch that has children cannot expire")
    if wanted <= now:
        raise Refused(422, "expires_at must be in the future")
    if wanted > now + LONGEST:
        raise Refused(422, "expires_at must be at most 30 days from now")
    return wanted


def _created(
    branch: Branch, endpoints: list[Endpoint], operations: list[Operation]
) -> dict[str, Any]:
    body: dict[str, Any] = {
        "branch": shapes.branch(branch),
        "endpoints": [shapes.endpoint(one) for one in endpoints],
        "operations": [shapes.operation(one) for one in operations],
        "roles": [shapes.role(one, branch.id) for one in branch.roles.values()],
        "databases": [shapes.database(one, branch.id) for one in branch.databases.values()],
    }
    uris = [
        shapes.connection(endpoint, branch.roles[database.owner], database.name)
        for endpoint in endpoints
        for database in branch.databases.values()
    ]
    return body | ({"connection_uris": uris} if uris else {})


def shown(call: Call) -> Answer:
    """One branch."""
    body = {"branch": shapes.branch(call.branch)}
    return Answer(body | {"annotation": shapes.annotation(call.branch)})


def updated(call: Call) -> Answer:
    """Rename, protect, or let expire."""
    branch, options = call.branch, call.body["branch"]
    call.world.operations.refuse_if_busy(call.project, branch)
    if options.get("name", branch.name) != branch.name:
        branching.refuse_taken(call.project, options["name"])
    expires_at = branch.expires_at
    if "expires_at" in options:
        expires_at = _expiry(call, branch, options["expires_at"])
    if options.get("protected") and expires_at is not None:
        raise Refused(422, "default and protected branches cannot expire")
    branch.name, branch.expires_at = options.get("name", branch.name), expires_at
    branch.protected = options.get("protected", branch.protected)
    branch.updated_at = call.world.clock.now()
    return Answer({"branch": shapes.branch(branch), "operations": []})


def deleted(call: Call) -> Answer:
    """Delete a branch; one that is not there is gone already."""
    project = call.project
    branch = project.branches.get(call.names["branch_id"])
    if branch is None:
        return Answer(None, 204)
    _refuse_delete(call, branch)
    operations = call.world.operations.start(
        project, ["suspend_compute", "delete_timeline"], branch=branch
    )
    body = {
        "branch": shapes.branch(branch),
        "operations": [shapes.operation(one) for one in operations],
    }
    trace = call.query.get("hard_delete") != "true"
    branching.remove(call.world, project, branch, by="user", trace=trace)
    return Answer(body)


def _refuse_delete(call: Call, branch: Branch) -> None:
    if branch.default:
        raise Refused(422, "cannot delete the default branch")
    if branch.protected:
        raise Refused(422, "cannot delete a protected branch")
    if branching.children(call.project, branch):
        raise Refused(422, "cannot delete a branch that has children")
    call.world.operations.refuse_if_busy(call.project, branch)


def made_default(call: Call) -> Answer:
    """Let this be the branch that is meant when none is named."""
    branch = call.branch
    call.world.operations.refuse_if_busy(call.project, branch)
    if branch.expires_at is not None:
        raise Refused(422, "default and protected branches cannot expire")
    call.world.default_branch(call.project).default = False
    branch.default, branch.updated_at = True, call.world.clock.now()
    return Answer({"branch": shapes.branch(branch), "operations": []})


PATH = "/projects/{project_id}/branches"
ROUTES: Routes = {
    ("GET", PATH): listed,
    ("POST", PATH): created,
    ("GET", f"{PATH}/count"): counted,
    ("GET", f"{PATH}/{{branch_id}}"): shown,
    ("PATCH", f"{PATH}/{{branch_id}}"): updated,
    ("DELETE", f"{PATH}/{{branch_id}}"): deleted,
    ("POST", f"{PATH}/{{branch_id}}/set_as_default"): made_default,
}
