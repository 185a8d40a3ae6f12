"""The words of snapshots: what was kept of a database, and what a command did with it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

ProviderName = Literal["postgresql", "sqlite", "neon"]
# What a database or a file beside the real one is: being restored, being checked, or kept.
Purpose = Literal["new", "check", "old", "draft"]


@dataclass(frozen=True)
class TableState:
    """The rows of a table, counted, and a checksum of them that their order does not change."""

    rows: int
    checksum: str


@dataclass(frozen=True)
class FileState:
    """A file of a snapshot; `name` is its path below the snapshot's folder."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Content:
    """What was seen in a database while it was kept.

    `details` is what its provider needs to make one like it.
    """

    server_version: str
    tool: str
    tables: dict[str, TableState]
    schema: dict[str, str]
    details: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Origin:
    """Whose database it was: where it is, its environment, its uuid, its revisions."""

    environment: str
    database: str
    uuid: str
    revision: tuple[str, ...]


@dataclass(frozen=True)
class Manifest:
    """Everything that is known of a snapshot; `bytes` is what its files take."""

    name: str
    provider: ProviderName
    created: datetime
    origin: Origin
    content: Content
    files: tuple[FileState, ...]

    @property
    def bytes(self) -> int:
        """What its files take."""
        return sum(one.bytes for one in self.files)

    @property
    def rows(self) -> int:
        """All rows together."""
        return sum(one.rows for one in self.content.tables.values())


@dataclass(frozen=True)
class Snapshot:
    """A kept state of a database; `fault` says why it cannot be read, "" where it can."""

    name: str
    provider: ProviderName
    environment: str
    database: str
    revision: tuple[str, ...]
    created: datetime
    bytes: int
    tables: int
    rows: int
    server_version: str
    tool: str
    fault: str = ""

    @classmethod
    def of(cls, found: Manifest) -> "Snapshot":
        """What a person wants to know of a manifest."""
        origin, content = found.origin, found.content
        return cls(
            found.name,
            found.provider,
            origin.environment,
            origin.database,
            origin.revision,
            found.created,
            found.bytes,
            len(content.tables),
            found.rows,
            content.server_version,
            content.tool,
        )


@dataclass(frozen=True)
class Rest:
    """Something beside the snapshots: a database that a restore replaced, or what was cut short.

    `running` tells that a command still works on it. `bytes` is null where nobody knows.
    """

    name: str
    purpose: Purpose
    made: datetime
    bytes: int | None
    running: bool = False


@dataclass(frozen=True)
class Snapshots:
    """The snapshots of a project, the newest first.

    `kept` are databases that a restore replaced, `leftovers` what killed commands left behind.
    """

    folder: str
    snapshots: tuple[Snapshot, ...]
    kept: tuple[Rest, ...]
    leftovers: tuple[Rest, ...]


@dataclass(frozen=True)
class SnapshotCreated:
    """A snapshot was taken; `pruned` are older ones that went for it."""

    snapshot: Snapshot
    folder: str
    seconds: float
    pruned: tuple[str, ...] = ()


@dataclass(frozen=True)
class Discrepancy:
    """One thing in which a snapshot, or what is in it, is not what its manifest says."""

    kind: Literal["manifest", "file", "rows", "checksum", "schema", "database"]
    object: str
    expected: str
    found: str


@dataclass(frozen=True)
class SnapshotVerified:
    """Whether a snapshot is whole: its files, and the database that was restored from it."""

    name: str
    ok: bool
    differences: tuple[Discrepancy, ...]
    files: int
    tables: int
    rows: int
    seconds: float

    @property
    def exit_code(self) -> int:
        """1 when it is not."""
        return 0 if self.ok else 1


@dataclass(frozen=True)
class SnapshotRestored:
    """A snapshot took the place of the database; `old` is what the replaced one is called now.

    `old` is null where there was none, or where it was dropped.
    """

    name: str
    database: str
    from_: tuple[str, ...]
    to: tuple[str, ...]
    tables: int
    rows: int
    old: str | None
    seconds: float


@dataclass(frozen=True)
class SnapshotDeleted:
    """A snapshot or a leftover was deleted; `changed` is False when it was not there."""

    name: str
    changed: bool
    bytes: int | None


@dataclass(frozen=True)
class SnapshotsPruned:
    """What was deleted, or would be in a dry run; `kept` is how many snapshots stay."""

    dry_run: bool
    snapshots: tuple[str, ...]
    leftovers: tuple[str, ...]
    kept: int


@dataclass(frozen=True)
class OldDropped:
    """Databases that restores had replaced are gone."""

    databases: tuple[str, ...]
    bytes: int
