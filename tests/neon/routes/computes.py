"""Computes, and the URI to connect through one."""

from tests.neon import computing, shapes
from tests.neon.answer import Answer, Call, Routes
from tests.neon.state import Branch, Endpoint, Refused


def listed(call: Call) -> Answer:
    """All computes of the project."""
    return Answer({"endpoints": [shapes.endpoint(one) for one in call.project.endpoints.values()]})


def of_branch(call: Call) -> Answer:
    """The computes of a branch."""
    found = computing.of_branch(call.project, call.branch)
    return Answer({"endpoints": [shapes.endpoint(one) for one in found]})


def created(call: Call) -> Answer:
    """Add a compute to a branch and start it."""
    options = call.body["endpoint"]
    branch = call.world.branch(call.project, options["branch_id"])
    call.world.operations.refuse_if_busy(call.project, branch)
    endpoint = computing.add(call.world, call.project, branch, options)
    return _scheduled(call, endpoint, "start_compute", "active", status=201)


def shown(call: Call) -> Answer:
    """One compute."""
    return Answer({"endpoint": shapes.endpoint(call.endpoint)})


def updated(call: Call) -> Answer:
    """Change the limits and names of a compute."""
    endpoint = call.endpoint
    _refuse_if_busy(call, endpoint)
    computing.change(call.world, endpoint, call.body["endpoint"])
    return _scheduled(call, endpoint, "apply_config", None)


def deleted(call: Call) -> Answer:
    """Remove a compute; one that is not there is gone already."""
    endpoint = call.project.endpoints.get(call.names["endpoint_id"])
    if endpoint is None:
        return Answer(None, 204)
    _refuse_if_busy(call, endpoint)
    answer = _scheduled(call, endpoint, "suspend_compute", "idle")
    computing.remove(call.world, call.project, endpoint)
    return answer


def started(call: Call) -> Answer:
    """Start a compute."""
    _refuse_if_busy(call, call.endpoint)
    return _scheduled(call, call.endpoint, "start_compute", "active")


def suspended(call: Call) -> Answer:
    """Suspend a compute: connections end, the next one wakes it."""
    _refuse_if_busy(call, call.endpoint)
    call.world.front.kick(call.endpoint.port)
    return _scheduled(call, call.endpoint, "suspend_compute", "idle")


def restarted(call: Call) -> Answer:
    """Restart a compute: connections end."""
    endpoint = call.endpoint
    _refuse_if_busy(call, endpoint)
    call.world.front.kick(endpoint.port)
    first = _scheduled(call, endpoint, "suspend_compute", "idle")
    second = _scheduled(call, endpoint, "start_compute", "active")
    operations = first.body["operations"] + second.body["operations"]
    return Answer(second.body | {"operations": operations})


def _refuse_if_busy(call: Call, endpoint: Endpoint) -> None:
    call.world.operations.refuse_if_busy(call.project, _branch(call, endpoint))


def _branch(call: Call, endpoint: Endpoint) -> Branch:
    return call.project.branches[endpoint.branch_id]


def _scheduled(
    call: Call, endpoint: Endpoint, action: str, state: str | None, *, status: int = 200
) -> Answer:
    """The compute and the operation that brings it to `state`."""
    operations = call.world.operations.start(
        call.project, [action], branch=_branch(call, endpoint), endpoint=endpoint
    )
    endpoint.pending_state = state
    body = {
        "endpoint": shapes.endpoint(endpoint),
        "operations": [shapes.operation(one) for one in operations],
    }
    return Answer(body, status)


def uri(call: Call) -> Answer:
    """The URI for a role and a database, of the default branch if none is named."""
    endpoint = _chosen(call)
    branch = _branch(call, endpoint)
    role = branch.roles.get(call.query["role_name"])
    if role is None:
        raise Refused(404, "role not found")
    if call.query["database_name"] not in branch.databases:
        raise Refused(404, "database not found")
    pooled = call.query.get("pooled") == "true"
    return Answer({"uri": shapes.uri(endpoint, role, call.query["database_name"], pooled=pooled)})


def _chosen(call: Call) -> Endpoint:
    project, wanted = call.project, call.query.get("endpoint_id")
    if wanted is not None:
        found = [one for one in project.endpoints.values() if one.id == wanted]
    else:
        branch_id = call.query.get("branch_id") or call.world.default_branch(project).id
        branch = call.world.branch(project, branch_id)
        found = computing.of_type(project, branch, computing.READ_WRITE)
    if not found:
        raise Refused(404, "endpoint not found")
    return found[0]


PATH = "/projects/{project_id}/endpoints"
ROUTES: Routes = {
    ("GET", PATH): listed,
    ("POST", PATH): created,
    ("GET", f"{PATH}/{{endpoint_id}}"): shown,
    ("PATCH", f"{PATH}/{{endpoint_id}}"): updated,
    ("DELETE", f"{PATH}/{{endpoint_id}}"): deleted,
    ("POST", f"{PATH}/{{endpoint_id}}/start"): started,
    ("POST", f"{PATH}/{{endpoint_id}}/suspend"): suspended,
    ("POST", f"{PATH}/{{endpoint_id}}/restart"): restarted,
    ("GET", "/projects/{project_id}/branches/{branch_id}/endpoints"): of_branch,
    ("GET", "/projects/{project_id}/connection_uri"): uri,
}
