"""What happens to the real databases when branches come, change and go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.neon import computing
from tests.neon.state import Branch, Database, Project, Refused, Role, Snapshot, new_password

if TYPE_CHECKING:
    from tests.neon.world import World


def root(world: World, project: Project, name: str, database: str, role: str) -> Branch:
    """The first branch of a project, with an empty database and a role."""
    now = world.clock.now()
    branch = Branch(name, project.id, None, now, now, default=True, current_state="ready")
    project.branches[branch.id] = branch
    add_role(world, branch, role)
    add_database(world, branch, database, role)
    return branch


def add_role(
    world: World, branch: Branch, name: str, *, password: str = "", no_login: bool = False
) -> Role:
    """A role of the branch that really logs in."""
    now, password = world.clock.now(), password or new_password()
    physical = world.cluster.login(name, password, no_login=no_login)
    role = branch.roles[name] = Role(name, password, physical, now, now, no_login)
    return role


def add_database(world: World, branch: Branch, name: str, owner: str) -> Database:
    """A new empty database of the branch."""
    return _adopt(world, branch, name, owner, world.cluster.create(owner))


def _adopt(world: World, branch: Branch, name: str, owner: str, physical: str) -> Database:
    now = world.clock.now()
    database = branch.databases[name] = Database(name, owner, physical, now, now)
    return database


def fill(
    world: World, branch: Branch, source: Branch, copies: dict[str, str], *, rows: bool = True
) -> None:
    """Give `branch` copies of databases of `source`, and its roles.

    A child of a protected branch gets passwords of its own.
    """
    for role in source.roles.values():
        if role.name not in branch.roles:
            password = "" if source.protected else role.password
            add_role(world, branch, role.name, password=password, no_login=role.no_login)
    clone = world.cluster.clone if rows else world.cluster.clone_schema
    for name, physical in copies.items():
        owner = (
            source.databases[name].owner if name in source.databases else next(iter(branch.roles))
        )
        _adopt(world, branch, name, owner, clone(physical, owner))


def restore_snapshot(world: World, branch: Branch, snapshot: Snapshot) -> None:
    """Give `branch` copies of the databases of a snapshot."""
    for name, physical in snapshot.copies.items():
        owner = snapshot.owners[name]
        _adopt(world, branch, name, owner, world.cluster.clone(physical, owner))


def empty(world: World, branch: Branch) -> None:
    """Take its databases away from the branch; who is connected through a compute is cut off."""
    for database in list(branch.databases.values()):
        world.cluster.drop(database.physical)
    branch.databases.clear()


def disconnect(world: World, project: Project, branch: Branch) -> None:
    """End every connection to the branch, as a restarted compute does."""
    for endpoint in project.endpoints.values():
        if endpoint.branch_id == branch.id:
            world.front.kick(endpoint.port)


def children(project: Project, branch: Branch) -> list[Branch]:
    """The branches made from this one."""
    return [one for one in project.branches.values() if one.parent_id == branch.id]


def remove(world: World, project: Project, branch: Branch, *, by: str, trace: bool = True) -> None:
    """Remove the branch, its computes, databases and roles; `trace` keeps it among the deleted."""
    for endpoint in list(project.endpoints.values()):
        if endpoint.branch_id == branch.id:
            computing.remove(world, project, endpoint)
    empty(world, branch)
    for moment in branch.moments:
        for copy in moment.copies.values():
            world.cluster.drop(copy)
    for role in branch.roles.values():
        world.cluster.drop_login(role.physical)
    del project.branches[branch.id]
    branch.deleted_at, branch.deleted_by = world.clock.now(), by
    if trace:
        project.gone[branch.id] = branch


def refuse_taken(project: Project, name: str) -> None:
    """409 when a branch has this name."""
    if any(one.name == name for one in project.branches.values()):
        raise Refused(409, "branch already exists", "BRANCH_ALREADY_EXISTS")
