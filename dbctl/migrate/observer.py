"""Who looks at revisions while they run, and changes nothing: a rehearsal."""

from typing import Any, Protocol

from sqlalchemy import Connection


class Observer(Protocol):
    """Told of a run in its own thread; what it takes there counts as the revision's time."""

    def joined(self, connection: Connection) -> None:
        """A connection begins to migrate; it is left as it was found, outside a transaction too."""
        ...

    def began(self, script: Any) -> None:  # noqa: ANN401 - Alembic's Script
        """A revision begins; once more where the run was rolled back to let others go."""
        ...

    def ended(self) -> None:
        """The revision that began last has ended well, its transaction too if it has its own."""
        ...
