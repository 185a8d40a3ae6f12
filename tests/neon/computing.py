"""Computes: they open a front, and decide who gets through it to the branch's databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.neon.front import Login, Rejection, Route
from tests.neon.state import Branch, Connected, Endpoint, Project, Refused

if TYPE_CHECKING:
    from tests.neon.world import World

READ_WRITE = "read_write"
NOT_FOUND = (
    "The requested endpoint could not be found, or you don't have access to it."
    " Please check the provided ID and try again."
)


def add(world: World, project: Project, branch: Branch, options: dict[str, Any]) -> Endpoint:
    """A compute of the branch with a front of its own, not started yet."""
    kind = options["type"]
    if kind == READ_WRITE and of_type(project, branch, READ_WRITE):
        raise Refused(409, "read-write endpoint already exists", "ENDPOINT_ALREADY_EXISTS")
    now = world.clock.now()
    endpoint = Endpoint(project.id, branch.id, kind, now, now)
    change(world, endpoint, options)
    endpoint.port = world.front.open(_route(world, project, endpoint))
    project.endpoints[endpoint.id] = endpoint
    return endpoint


def of_type(project: Project, branch: Branch, kind: str) -> list[Endpoint]:
    """The branch's computes of this type."""
    return [one for one in of_branch(project, branch) if one.type == kind]


def of_branch(project: Project, branch: Branch) -> list[Endpoint]:
    """All computes of the branch."""
    return [one for one in project.endpoints.values() if one.branch_id == branch.id]


def change(world: World, endpoint: Endpoint, options: dict[str, Any]) -> None:
    """Set what the options name; 400 for limits that contradict each other."""
    minimum = options.get("autoscaling_limit_min_cu", endpoint.min_cu)
    maximum = options.get("autoscaling_limit_max_cu", max(endpoint.max_cu, minimum))
    if minimum > maximum:
        raise Refused(400, "autoscaling_limit_min_cu must not exceed autoscaling_limit_max_cu")
    endpoint.min_cu, endpoint.max_cu = minimum, maximum
    endpoint.suspend_timeout = options.get("suspend_timeout_seconds", endpoint.suspend_timeout)
    endpoint.disabled = options.get("disabled", endpoint.disabled)
    endpoint.name = options.get("name", endpoint.name)
    endpoint.updated_at = world.clock.now()


def remove(world: World, project: Project, endpoint: Endpoint) -> None:
    """Remove the compute and close its front."""
    world.front.close(endpoint.port)
    del project.endpoints[endpoint.id]


def _route(world: World, project: Project, endpoint: Endpoint) -> Route:
    def route(user: str, database: str) -> Login | Rejection:
        with world.lock:
            world.settle()
            return _decision(world, project, endpoint, user, database)

    return route


def _decision(
    world: World, project: Project, endpoint: Endpoint, user: str, database: str
) -> Login | Rejection:
    """Whom the front lets through: nobody before the branch and the compute are up."""
    branch = project.branches.get(endpoint.branch_id)
    if branch is None or branch.current_state != "ready" or endpoint.current_state == "init":
        return Rejection("XX000", NOT_FOUND)
    if endpoint.disabled:
        return Rejection("XX000", "endpoint is disabled, enable it using Neon API and retry")
    if world.faults.refuses_login() or user not in branch.roles:
        return Rejection("28P01", f"password authentication failed for user '{user}'")
    if database not in branch.databases:
        return Rejection("3D000", f'database "{database}" does not exist')
    return _woken(world, endpoint, branch, user, database)


def _woken(world: World, endpoint: Endpoint, branch: Branch, user: str, database: str) -> Login:
    """Let somebody in; a compute that sleeps wakes for him."""
    endpoint.current_state = "active"
    world.connections.append(Connected(endpoint.id, branch.name, user, database))
    return Login(branch.roles[user].physical, branch.databases[database].physical)
