"""Operations, newest first."""

from tests.neon import paging, shapes
from tests.neon.answer import Answer, Call, Routes
from tests.neon.state import Refused

PAGE = 1_000


def listed(call: Call) -> Answer:
    """A page of the project's operations."""
    found = list(reversed(call.project.operations))
    largest = call.world.page_size or PAGE
    size = min(int(call.query.get("limit", largest)), largest)
    page, pagination = paging.by_cursor(found, size, lambda one: one.id, call.query)
    return Answer({"operations": [shapes.operation(one) for one in page]} | pagination)


def shown(call: Call) -> Answer:
    """One operation."""
    for one in call.project.operations:
        if one.id == call.names["operation_id"]:
            return Answer({"operation": shapes.operation(one)})
    raise Refused(404, "operation not found")


PATH = "/projects/{project_id}/operations"
ROUTES: Routes = {("GET", PATH): listed, ("GET", f"{PATH}/{{operation_id}}"): shown}
