"""The words of the migrate room: revisions, where a database stands, what was done to it."""

from dataclasses import dataclass
from pathlib import Path

from dbctl.database.model import Place


@dataclass(frozen=True)
class Revision:
    """One revision file, as its header says it."""

    revision: str
    down: tuple[str, ...]
    depends_on: tuple[str, ...]
    labels: tuple[str, ...]
    message: str
    file: Path


@dataclass(frozen=True)
class Pending:
    """A revision that is on disk and not in the database."""

    revision: str
    message: str


@dataclass(frozen=True)
class Applied:
    """A revision that was just run, and how long it took."""

    revision: str
    message: str
    seconds: float


@dataclass(frozen=True)
class Upgraded:
    """What `upgrade` did. `from_` and `to` are the rows of the version table, () for none."""

    environment: str
    database: Place
    from_: tuple[str, ...]
    to: tuple[str, ...]
    applied: tuple[Applied, ...]
    already_there: bool


@dataclass(frozen=True)
class Downgraded(Upgraded):
    """What `downgrade` did; `applied` are the revisions that were undone."""


@dataclass(frozen=True)
class Stamped:
    """The version table before and after; no revision was run."""

    environment: str
    database: Place
    from_: tuple[str, ...]
    to: tuple[str, ...]


@dataclass(frozen=True)
class Status:
    """Where a database is and what is pending."""

    environment: str
    database: Place
    revision: tuple[str, ...]
    heads: tuple[str, ...]
    pending: tuple[Pending, ...]
    up_to_date: bool
    branch: str | None = None  # of the database, where one is in use

    @property
    def exit_code(self) -> int:
        """1 when something is pending."""
        return 0 if self.up_to_date else 1


@dataclass(frozen=True)
class At:
    """One row of the version table and the file it names (None when no file does)."""

    revision: str
    message: str | None
    head: bool


@dataclass(frozen=True)
class Current:
    """The rows of the version table."""

    environment: str
    database: Place
    revision: tuple[str, ...]
    revisions: tuple[At, ...]


@dataclass(frozen=True)
class BranchPoint:
    """A revision that several others follow."""

    revision: str
    message: str
    children: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """One line of the history."""

    revision: str
    down: tuple[str, ...]
    message: str
    file: str
    head: bool
    labels: tuple[str, ...]
    depends_on: tuple[str, ...]
    applied: bool | None
    doc: str = ""


@dataclass(frozen=True)
class History:
    """Revisions, the newest first; `applied` is None when no database was asked."""

    revisions: tuple[Step, ...]
    current: tuple[str, ...] | None = None
    verbose: bool = False


@dataclass(frozen=True)
class Heads:
    """The revisions that nothing follows; `one` says that there should not be several."""

    heads: tuple[str, ...]
    revisions: tuple[Step, ...]
    verbose: bool = False
    one: bool = False

    @property
    def exit_code(self) -> int:
        """1 when there are several and one was asked for."""
        return 1 if self.one and self.heads[1:] else 0


@dataclass(frozen=True)
class Branches:
    """The revisions that several others follow, with those others."""

    branches: tuple[BranchPoint, ...]


@dataclass(frozen=True)
class Shown:
    """Revisions that were asked for by name, with the whole of their docstrings."""

    revisions: tuple[Step, ...]


@dataclass(frozen=True)
class Planned:
    """A revision that would run, and the SQL of it.

    `sql` is None when it cannot be known beforehand; `note` says why, or how it was captured.
    """

    revision: str
    message: str
    file: str
    sql: str | None
    note: str


@dataclass(frozen=True)
class Plan:
    """What an upgrade or a downgrade would run, from where the database is.

    `one_transaction` is why all of it happens or nothing; "" when each revision stands for itself.
    """

    environment: str
    database: Place
    from_: tuple[str, ...]
    to: tuple[str, ...]
    revisions: tuple[Planned, ...]
    one_transaction: str = ""


@dataclass(frozen=True)
class Difference:
    """One thing that the models say and the database does not, or the other way round."""

    kind: str
    object: str
    detail: str


@dataclass(frozen=True)
class Check:
    """The models against the database, and the revision files against what was applied.

    `edited` are applied revisions whose file does something else now, `slipped_in` revisions below
    the database's that nothing ever ran there.
    """

    environment: str
    database: Place
    in_sync: bool
    differences: tuple[Difference, ...]
    edited: tuple[str, ...] = ()
    slipped_in: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """1 when there is a difference, or a revision is not what was applied."""
        return 0 if self.in_sync and not self.edited and not self.slipped_in else 1


@dataclass(frozen=True)
class Adopted:
    """Tables without a version against the revisions.

    `nearest` are the rows that a version table would hold for the schema that is nearest, and
    `differences` what is not equal there; () when it is this schema, which was stamped then.
    """

    environment: str
    database: Place
    from_: tuple[str, ...]
    to: tuple[str, ...]
    adopted: bool
    nearest: tuple[str, ...]
    differences: tuple[Difference, ...]

    @property
    def exit_code(self) -> int:
        """1 when no revision has this schema."""
        return 1 if self.differences else 0


@dataclass(frozen=True)
class Fault:
    """One thing that `repair` can mend, or knows who can; `fixes` are commands, one is enough."""

    kind: str
    object: str
    detail: str
    fixes: tuple[str, ...]


@dataclass(frozen=True)
class Repaired:
    """What was mended, and what is still wrong."""

    environment: str
    database: Place
    done: tuple[str, ...]
    findings: tuple[Fault, ...]

    @property
    def exit_code(self) -> int:
        """1 when something is wrong and nothing was asked to be mended."""
        return 1 if self.findings and not self.done else 0


@dataclass(frozen=True)
class Authored:
    """A revision file was written."""

    revision: str
    down: tuple[str, ...]
    message: str
    file: str
    changes: tuple[Difference, ...]
