"""A request as the routes get it, and the answer that they give."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.neon.state import Branch, Endpoint, Project, Refused
from tests.neon.world import World


@dataclass(frozen=True)
class Answer:
    """A status and a JSON body; None for no body."""

    body: Any
    status: int = 200


@dataclass(frozen=True)
class Call:
    """A request that keeps to the description: names from its path, its query, its body."""

    world: World
    names: dict[str, str]
    query: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)

    @property
    def project(self) -> Project:
        """The project of the path; 404 if there is none."""
        return self.world.project(self.names["project_id"])

    @property
    def branch(self) -> Branch:
        """The branch of the path; 404 if there is none."""
        return self.world.branch(self.project, self.names["branch_id"])

    @property
    def endpoint(self) -> Endpoint:
        """The compute of the path; 404 if there is none."""
        found = self.project.endpoints.get(self.names["endpoint_id"])
        if found is None:
            raise Refused(404, "endpoint not found")
        return found


Handler = Callable[[Call], Answer]
Routes = dict[tuple[str, str], Handler]
