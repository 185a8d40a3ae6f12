"""What is in a branch: databases and roles."""

from typing import Any

from tests.neon import branching, shapes
from tests.neon.answer import Answer, Call, Routes
from tests.neon.state import Database, Refused, Role, new_password


def _database(call: Call) -> Database:
    found = call.branch.databases.get(call.names["database_name"])
    if found is None:
        raise Refused(404, "database not found")
    return found


def _role(call: Call) -> Role:
    found = call.branch.roles.get(call.names["role_name"])
    if found is None:
        raise Refused(404, "role not found")
    return found


def _applied(call: Call, body: dict[str, Any], status: int = 200) -> Answer:
    """The body with the operation that brings the change to the computes."""
    operations = call.world.operations.start(call.project, ["apply_config"], branch=call.branch)
    return Answer(body | {"operations": [shapes.operation(one) for one in operations]}, status)


def databases(call: Call) -> Answer:
    """The databases of a branch."""
    branch = call.branch
    found = [shapes.database(one, branch.id) for one in branch.databases.values()]
    return Answer({"databases": found})


def database_created(call: Call) -> Answer:
    """Make a database for one of the roles."""
    branch, wanted = call.branch, call.body["database"]
    call.world.operations.refuse_if_busy(call.project, branch)
    if wanted["name"] in branch.databases:
        raise Refused(409, "database already exists", "DATABASE_ALREADY_EXISTS")
    if wanted["owner_name"] not in branch.roles:
        raise Refused(404, "role not found")
    made = branching.add_database(call.world, branch, wanted["name"], wanted["owner_name"])
    return _applied(call, {"database": shapes.database(made, branch.id)}, 201)


def database_shown(call: Call) -> Answer:
    """One database."""
    return Answer({"database": shapes.database(_database(call), call.branch.id)})


def database_updated(call: Call) -> Answer:
    """Give a database another name or owner."""
    branch, database, wanted = call.branch, _database(call), call.body["database"]
    call.world.operations.refuse_if_busy(call.project, branch)
    owner = wanted.get("owner_name", database.owner)
    if owner not in branch.roles:
        raise Refused(404, "role not found")
    call.world.cluster.change_owner(database.physical, owner)
    del branch.databases[database.name]
    database.name, database.owner = wanted.get("name", database.name), owner
    database.updated_at = call.world.clock.now()
    branch.databases[database.name] = database
    return _applied(call, {"database": shapes.database(database, branch.id)})


def database_deleted(call: Call) -> Answer:
    """Remove a database; one that is not there is gone already."""
    branch = call.branch
    database = branch.databases.get(call.names["database_name"])
    if database is None:
        return Answer(None, 204)
    call.world.operations.refuse_if_busy(call.project, branch)
    call.world.cluster.drop(branch.databases.pop(database.name).physical)
    return _applied(call, {"database": shapes.database(database, branch.id)})


def roles(call: Call) -> Answer:
    """The roles of a branch."""
    branch = call.branch
    return Answer({"roles": [shapes.role(one, branch.id) for one in branch.roles.values()]})


def role_created(call: Call) -> Answer:
    """Make a role with a password of its own."""
    branch, wanted = call.branch, call.body["role"]
    call.world.operations.refuse_if_busy(call.project, branch)
    if wanted["name"] in branch.roles:
        raise Refused(409, "role already exists", "ROLE_ALREADY_EXISTS")
    no_login = wanted.get("no_login", False)
    made = branching.add_role(call.world, branch, wanted["name"], no_login=no_login)
    return _applied(call, {"role": shapes.role(made, branch.id, password=True)}, 201)


def role_shown(call: Call) -> Answer:
    """One role."""
    return Answer({"role": shapes.role(_role(call), call.branch.id)})


def role_deleted(call: Call) -> Answer:
    """Remove a role that owns no database; one that is not there is gone already."""
    branch = call.branch
    role = branch.roles.get(call.names["role_name"])
    if role is None:
        return Answer(None, 204)
    call.world.operations.refuse_if_busy(call.project, branch)
    if any(one.owner == role.name for one in branch.databases.values()):
        raise Refused(422, "cannot delete a role that owns a database")
    call.world.cluster.drop_login(branch.roles.pop(role.name).physical)
    return _applied(call, {"role": shapes.role(role, branch.id)})


def password_shown(call: Call) -> Answer:
    """The password of a role."""
    return Answer({"password": _role(call).password})


def password_reset(call: Call) -> Answer:
    """Give a role a new password; the old one ends at once."""
    role = _role(call)
    call.world.operations.refuse_if_busy(call.project, call.branch)
    role.password, role.updated_at = new_password(), call.world.clock.now()
    call.world.cluster.change_password(role.physical, role.password)
    return _applied(call, {"role": shapes.role(role, call.branch.id, password=True)})


BRANCH = "/projects/{project_id}/branches/{branch_id}"
DATABASE = f"{BRANCH}/databases/{{database_name}}"
ROLE = f"{BRANCH}/roles/{{role_name}}"
ROUTES: Routes = {
    ("GET", f"{BRANCH}/databases"): databases,
    ("POST", f"{BRANCH}/databases"): database_created,
    ("GET", DATABASE): database_shown,
    ("PATCH", DATABASE): database_updated,
    ("DELETE", DATABASE): database_deleted,
    ("GET", f"{BRANCH}/roles"): roles,
    ("POST", f"{BRANCH}/roles"): role_created,
    ("GET", ROLE): role_shown,
    ("DELETE", ROLE): role_deleted,
    ("GET", f"{ROLE}/reveal_password"): password_shown,
    ("POST", f"{ROLE}/reset_password"): password_reset,
}
