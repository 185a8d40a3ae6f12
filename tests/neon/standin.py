"""The stand-in for Neon: its API over a real PostgreSQL server. README.md says how to use it."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from tests.neon import computing, shapes
from tests.neon.clock import Clock
from tests.neon.faults import Faults
from tests.neon.operations import Operations
from tests.neon.routes import projects
from tests.neon.state import Branch, Connected, Endpoint, Moment, Project, Role
from tests.neon.wire import PREFIX, Exchange, Wire
from tests.neon.world import DATABASE, ROLE, World
from tests.servers.server import Server

RESOLVER = Path(__file__).parent / "resolver"


class StandIn:
    """One stand-in with one project; a test's handle on it."""

    def __init__(self, server: Server) -> None:
        self.key = "napi_standin_walrus_7731"
        self.world = World.on(server)
        self.project = self._begun()
        self.wire = Wire(self.world, self.key)

    def _begun(self) -> Project:
        """A project that was there long before."""
        usual, self.operations.seconds = self.operations.seconds, 0.0
        project = projects.make(self.world, {"name": "stand-in"})
        self.world.settle()
        self.operations.seconds = usual
        return project

    def close(self) -> None:
        """End every thread and connection, remove every database and role."""
        try:
            self.wire.stop()
        finally:
            self.world.close()

    @property
    def host(self) -> str:
        """What NEON_API_HOST is set to."""
        return f"http://127.0.0.1:{self.wire.server_address[1]}{PREFIX}"

    @property
    def project_id(self) -> str:
        """The id of the project that is there from the start."""
        return self.project.id

    @property
    def clock(self) -> Clock:
        """The stand-in's time."""
        return self.world.clock

    @property
    def faults(self) -> Faults:
        """What is to go wrong."""
        return self.world.faults

    @property
    def operations(self) -> Operations:
        """How operations advance and end."""
        return self.world.operations

    @property
    def exchanges(self) -> list[Exchange]:
        """Every request with its answer, in the order of arrival."""
        return self.wire.exchanges

    @property
    def requests(self) -> list[tuple[str, str, int]]:
        """Method, path below /api/v2 and status of every request; status 0: no answer."""
        return [(one.method, one.path, one.status) for one in self.exchanges]

    @property
    def connections(self) -> list[Connected]:
        """Who got through a front to a database."""
        return self.world.connections

    @property
    def page_size(self) -> int | None:
        """The most branches or operations on a page; of projects the page without a limit."""
        return self.world.page_size

    @page_size.setter
    def page_size(self, size: int | None) -> None:
        self.world.page_size = size

    @property
    def env(self) -> dict[str, str]:
        """The environment of a command that is to use the stand-in, key included.

        PGHOSTADDR and the resolver let `*.localhost` mean this machine, where its own resolver
        does not know RFC 6761: the first for libpq, the second for Python.
        """
        return {
            "NEON_API_KEY": self.key,
            "NEON_API_HOST": self.host,
            "NEON_PROJECT_ID": self.project_id,
            "PGHOSTADDR": "127.0.0.1",
            "PYTHONPATH": f"{RESOLVER}:{RESOLVER.parents[2]}",
        }

    @property
    def names(self) -> list[str]:
        """The names of the branches, sorted."""
        self._settle()
        return sorted(one.name for one in self.project.branches.values())

    def branch(self, name: str) -> Branch:
        """The branch with this name; KeyError if there is none."""
        self._settle()
        return {one.name: one for one in self.project.branches.values()}[name]

    def endpoint(self, name: str) -> Endpoint:
        """The first compute of the branch with this name."""
        return computing.of_branch(self.project, self.branch(name))[0]

    def role(self, name: str, role: str = ROLE) -> Role:
        """The role of a branch, with its password."""
        return self.branch(name).roles[role]

    def uri(
        self, name: str, *, pooled: bool = False, database: str = DATABASE, role: str = ROLE
    ) -> str:
        """The URI of a branch, as the API gives it."""
        return shapes.uri(self.endpoint(name), self.role(name, role), database, pooled=pooled)

    def run(self, name: str, statements: str, database: str = DATABASE) -> list[tuple[Any, ...]]:
        """Run SQL in a branch's database as its owner's role, not through a front."""
        one = self.branch(name).databases[database]
        url, owner = self.world.server.url(one.physical), self.world.cluster.owner(one.owner)
        with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
            connection.execute(f'SET ROLE "{owner}"')
            return last_rows(connection.execute(statements))

    def snapshot_now(self, name: str) -> Moment:
        """Record how the branch is now; its `at` and `lsn` name this point of its history.

        A point in time that is asked for is the newest recorded one that is not later.
        """
        with self.world.lock:
            return self.world.remember(self.branch(name))

    def add_projects(self, count: int) -> list[Project]:
        """More projects, which have nothing in them: for lists."""
        now = self.clock.now()
        made = [Project(f"project-{number}", now, now) for number in range(count)]
        self.world.projects |= {one.id: one for one in made}
        return made

    @property
    def violations(self) -> list[str]:
        """What of the exchanges did not keep to the description of the API."""
        return [
            f"{one.method} {one.path} {one.status}: {text}"
            + f"\n  query {one.query}, body {json.dumps(one.body)[:500]}"
            for one in self.exchanges
            for text in one.wrong
        ]

    def state(self) -> dict[str, Any]:
        """What is there, without ids, times and passwords: to compare two stories."""
        self._settle()
        return {
            one.name: self._state(one)
            for one in sorted(self.project.branches.values(), key=lambda one: one.name)
        }

    def _state(self, branch: Branch) -> dict[str, Any]:
        parent = self.project.branches.get(branch.parent_id or "")
        computes = computing.of_branch(self.project, branch)
        return {
            "parent": parent and parent.name,
            "default": branch.default,
            "protected": branch.protected,
            "init_source": branch.init_source,
            "hours_left": _hours(branch.expires_at, self.clock.now()),
            "was_reset": branch.last_reset_at is not None,
            "computes": sorted((one.type, one.min_cu, one.max_cu) for one in computes),
            "roles": sorted(branch.roles),
            "databases": {
                one.name: self.world.cluster.schema(one.physical)
                for one in branch.databases.values()
            },
        }

    def _settle(self) -> None:
        with self.world.lock:
            self.world.settle()


def last_rows(cursor: psycopg.Cursor[Any]) -> list[tuple[Any, ...]]:
    """The rows of the last of several statements."""
    while cursor.nextset():
        pass
    return cursor.fetchall() if cursor.description else []


def _hours(moment: datetime | None, now: datetime) -> int | None:
    return None if moment is None else round((moment - now).total_seconds() / 3600)
