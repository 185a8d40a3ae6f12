"""The words of what may be lost: what it is, what was said to it, what is asked for."""

from collections.abc import Callable
from dataclasses import dataclass

from dbctl.database.condition import Use
from dbctl.database.shape import TableSize


@dataclass(frozen=True)
class Loss:
    """What a command would destroy: tables with their rows, and columns of tables that stay.

    `use` is None where there is no database.
    """

    place: str
    tables: tuple[TableSize, ...]
    columns: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()  # revision files that do more than can be seen in them
    use: Use | None = None
    fate: str = "would be lost"

    @property
    def rows(self) -> int:
        """All rows together."""
        return sum(table.rows for table in self.tables)


@dataclass(frozen=True)
class Consent:
    """What somebody said to a demand: yes, the database's name, that no snapshot is wanted."""

    yes: bool = False
    name: str | None = None
    no_snapshot: bool = False


@dataclass(frozen=True)
class Demand:
    """What is to be agreed to before something is destroyed.

    `protection` says why a yes is not enough, "" where it is. `allowed` is the database that the
    process's environment lets go, `snapshot` makes one now; None where none can be made.
    """

    verb: str
    name: str
    loss: Loss
    protection: str = ""
    allowed: str = ""
    snapshot: Callable[[], object] | None = None
