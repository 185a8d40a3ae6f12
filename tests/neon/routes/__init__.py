"""What the stand-in does for each operation of the API."""

from tests.neon.answer import Routes
from tests.neon.routes import (
    accounts,
    branches,
    computes,
    contents,
    history,
    operations,
    projects,
    snapshots,
)

ROUTES: Routes = {
    **accounts.ROUTES,
    **branches.ROUTES,
    **computes.ROUTES,
    **contents.ROUTES,
    **history.ROUTES,
    **operations.ROUTES,
    **projects.ROUTES,
    **snapshots.ROUTES,
}
