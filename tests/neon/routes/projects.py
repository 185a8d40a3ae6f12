"""Projects."""

from typing import Any

from tests.neon import branching, computing, paging, shapes
from tests.neon.answer import Answer, Call, Routes
from tests.neon.computing import READ_WRITE
from tests.neon.state import Project
from tests.neon.world import DATABASE, ROLE, World

PAGE = 10


def make(world: World, body: dict[str, Any]) -> Project:
    """A project with its first branch, compute, role and database; operations are not over."""
    now = world.clock.now()
    project = Project(body.get("name") or "stand-in", now, now)
    project.pg_version = body.get("pg_version", project.pg_version)
    world.projects[project.id] = project
    first = body.get("branch", {})
    names = first.get("database_name", DATABASE), first.get("role_name", ROLE)
    branch = branching.root(world, project, first.get("name", "main"), *names)
    endpoint = computing.add(world, project, branch, {"type": READ_WRITE})
    world.operations.start(
        project, ["create_timeline", "start_compute"], branch=branch, endpoint=endpoint
    )
    return project


def listed(call: Call) -> Answer:
    """A page of the projects."""
    found = [one for one in call.world.projects.values() if _matches(one, call.query)]
    size = int(call.query.get("limit", call.world.page_size or PAGE))
    page, pagination = paging.by_cursor(found, size, lambda one: one.id, call.query)
    body = {"projects": [shapes.listed_project(one) for one in page]}
    return Answer(body | pagination | {"applications": {}, "integrations": {}})


def _matches(project: Project, query: dict[str, str]) -> bool:
    wanted = query.get("search", "")
    mine = query.get("org_id", project.org_id) == project.org_id
    # Nothing is kept of a deleted project here, so nothing is recoverable.
    return mine and query.get("recoverable") != "true" and wanted in project.name + project.id


def shared(call: Call) -> Answer:
    """Projects that others share with the user: none."""
    return Answer({"projects": []})


def created(call: Call) -> Answer:
    """Make a project."""
    project = make(call.world, call.body["project"])
    branch = call.world.default_branch(project)
    endpoint = computing.of_branch(project, branch)[0]
    role, database = next(iter(branch.roles.values())), next(iter(branch.databases.values()))
    body = {
        "project": shapes.project(project),
        "connection_uris": [shapes.connection(endpoint, role, database.name)],
        "roles": [shapes.role(role, branch.id, password=True)],
        "databases": [shapes.database(database, branch.id)],
        "operations": [shapes.operation(one) for one in project.operations],
        "branch": shapes.branch(branch),
        "endpoints": [shapes.endpoint(endpoint)],
    }
    return Answer(body, 201)


def shown(call: Call) -> Answer:
    """One project."""
    return Answer({"project": shapes.project(call.project)})


def updated(call: Call) -> Answer:
    """Change a project's name or how long its history is."""
    project, wanted = call.project, call.body["project"]
    project.name = wanted.get("name", project.name)
    project.history_seconds = wanted.get("history_retention_seconds", project.history_seconds)
    project.updated_at = call.world.clock.now()
    return Answer({"project": shapes.project(project), "operations": []})


def deleted(call: Call) -> Answer:
    """Remove a project and all that is in it."""
    project = call.project
    call.world.operations.refuse_if_busy(project, None)
    body = {"project": shapes.project(project)}
    for one in list(project.snapshots.values()):
        for copy in one.copies.values():
            call.world.cluster.drop(copy)
    for branch in list(project.branches.values()):
        branching.remove(call.world, project, branch, by="user")
    del call.world.projects[project.id]
    return Answer(body)


ROUTES: Routes = {
    ("GET", "/projects"): listed,
    ("POST", "/projects"): created,
    ("GET", "/projects/shared"): shared,
    ("GET", "/projects/{project_id}"): shown,
    ("PATCH", "/projects/{project_id}"): updated,
    ("DELETE", "/projects/{project_id}"): deleted,
}
