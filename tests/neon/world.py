"""Everything behind the stand-in's HTTP face: projects, the real server, fronts, operations."""

import threading
from dataclasses import dataclass, field
from datetime import datetime

from tests.neon import branching
from tests.neon.clock import Clock
from tests.neon.cluster import Cluster
from tests.neon.faults import Faults
from tests.neon.front import Front
from tests.neon.operations import Operations
from tests.neon.state import Branch, Connected, Moment, Operation, Project, Refused
from tests.servers.server import Server

DATABASE, ROLE = "neondb", "neondb_owner"

# What an operation that succeeded does to its compute.
EFFECTS = {"start_compute": "active", "suspend_compute": "idle"}


@dataclass
class World:
    """The state of one stand-in. Whoever reads or changes it holds `lock`."""

    server: Server
    cluster: Cluster
    front: Front
    clock: Clock = field(default_factory=Clock)
    faults: Faults = field(default_factory=Faults)
    projects: dict[str, Project] = field(default_factory=dict)
    connections: list[Connected] = field(default_factory=list)
    # The most that a page of branches or operations has; of projects the page without a limit.
    page_size: int | None = None
    lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self.operations = Operations(self.clock)

    @classmethod
    def on(cls, server: Server) -> "World":
        """A world without projects on a real server."""
        return cls(server, Cluster(server), Front(server.host, server.port))

    def close(self) -> None:
        """Put away the fronts, the databases and the roles."""
        try:
            self.front.shutdown()
        finally:
            self.cluster.close()

    def project(self, project_id: str) -> Project:
        """The project with this id; 404 if there is none."""
        if project_id not in self.projects:
            raise Refused(404, "project not found")
        return self.projects[project_id]

    def branch(self, project: Project, branch_id: str) -> Branch:
        """The branch with this id; 404 if there is none."""
        if branch_id not in project.branches:
            raise Refused(404, "branch not found")
        return project.branches[branch_id]

    def default_branch(self, project: Project) -> Branch:
        """The project's default branch; 404 for a project that is only there to be listed."""
        for one in project.branches.values():
            if one.default:
                return one
        raise Refused(404, "branch not found")

    def settle(self) -> None:
        """Bring everything to where the clock is: operations first, then what has expired."""
        for project in self.projects.values():
            self.operations.settle(project, self._finished)
            for branch in list(project.branches.values()):
                if branch.expires_at is not None and branch.expires_at <= self.clock.now():
                    branching.remove(self, project, branch, by="ttl")

    def _finished(self, operation: Operation) -> None:
        project = self.projects[operation.project_id]
        branch = project.branches.get(operation.branch_id or "")
        endpoint = project.endpoints.get(operation.endpoint_id or "")
        if branch is not None:
            branch.current_state = "ready"
        if endpoint is not None and operation.action in EFFECTS:
            endpoint.current_state, endpoint.pending_state = EFFECTS[operation.action], None

    def remember(self, branch: Branch) -> Moment:
        """Record how the branch is now, so that its history has this point."""
        copies = {
            one.name: self.cluster.clone(one.physical, one.owner)
            for one in branch.databases.values()
        }
        moment = Moment(self.clock.now(), self.cluster.lsn(), copies)
        branch.moments.append(moment)
        return moment

    def copies_at(
        self, branch: Branch, *, lsn: str | None = None, timestamp: datetime | None = None
    ) -> dict[str, str]:
        """Database name to physical source: the head, or the newest recorded point until then."""
        if lsn is None and timestamp is None:
            return {one.name: one.physical for one in branch.databases.values()}
        if timestamp is not None and timestamp > self.clock.now():
            raise Refused(400, "timestamp is in the future")
        known = [one for one in branch.moments if not _later(one, lsn, timestamp)]
        if not known:
            raise Refused(400, "the requested point is outside of the branch's history")
        return known[-1].copies


def _later(moment: Moment, lsn: str | None, timestamp: datetime | None) -> bool:
    """Whether the moment came after the point that is asked for."""
    if lsn is not None:
        return number_of(moment.lsn) > number_of(lsn)
    assert timestamp is not None
    # The API's times end with the millisecond.
    return int(moment.at.timestamp() * 1000) > int(timestamp.timestamp() * 1000)


def number_of(lsn: str) -> int:
    """A place in the log as a number; 400 for other text."""
    try:
        high, low = (int(part, 16) for part in lsn.split("/"))
    except ValueError:
        raise Refused(400, f"invalid LSN {lsn!r}") from None
    return (high << 32) + low
