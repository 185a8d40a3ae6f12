"""The words of a comparison: what differs between two databases."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Change:
    """One thing in a schema that differs between two databases: its kind and name, and both sides.

    `before` is null for what was added, `after` for what was removed.
    """

    kind: Literal["added", "removed", "changed"]
    object: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class RowsChange:
    """How the rows of one table differ between two databases; rows are null where it is not there.

    They are told apart by the primary key, and compared in the columns that both have; without a
    key in common the last three are null. `keys` are some of those that differ, as text.
    """

    table: str
    rows_before: int | None
    rows_after: int | None
    added: int | None = None
    removed: int | None = None
    changed: int | None = None
    keys: tuple[str, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether nothing is known to differ."""
        return self.rows_before == self.rows_after and not (
            self.added or self.removed or self.changed
        )
