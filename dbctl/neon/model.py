"""The words of Neon: what the API describes, and what a command came to."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal


@dataclass(frozen=True)
class NeonProject:
    """A project of the account."""

    id: str
    name: str
    region_id: str = ""
    pg_version: int = 0
    org_id: str | None = None
    created_at: datetime | None = None


@dataclass(frozen=True)
class NeonBranch:
    """A branch; a root has no parent. `logical_size` is in bytes, null until it was measured."""

    id: str
    name: str
    project_id: str = ""
    parent_id: str | None = None
    parent_lsn: str | None = None
    parent_timestamp: datetime | None = None
    default: bool = False
    protected: bool = False
    current_state: str = ""
    logical_size: int | None = None
    created_at: datetime | None = None
    last_reset_at: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Endpoint:
    """A compute; `suspend_timeout_seconds` 0 is Neon's default, -1 is never."""

    id: str
    branch_id: str = ""
    host: str = ""
    type: str = "read_write"
    current_state: str = ""
    autoscaling_limit_min_cu: float = 0.25
    autoscaling_limit_max_cu: float = 0.25
    suspend_timeout_seconds: int = 0
    created_at: datetime | None = None


@dataclass(frozen=True)
class Operation:
    """Something Neon does in the background; `error` is its reason when it failed."""

    id: str
    action: str = ""
    status: str = ""
    branch_id: str | None = None
    endpoint_id: str | None = None
    error: str | None = None
    failures_count: int = 0
    retry_at: datetime | None = None
    created_at: datetime | None = None
    total_duration_ms: int = 0


@dataclass(frozen=True)
class BranchDatabase:
    """A database of a branch."""

    name: str
    owner_name: str = ""
    created_at: datetime | None = None


@dataclass(frozen=True)
class BranchRole:
    """A role of a branch; its password is never part of a list."""

    name: str
    protected: bool = False
    created_at: datetime | None = None


@dataclass(frozen=True)
class NeonSnapshot:
    """A kept state of a branch."""

    id: str
    name: str = ""
    source_branch_id: str | None = None
    timestamp: datetime | None = None
    created_at: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True)
class NeonProjects:
    """The projects that the key may see."""

    projects: tuple[NeonProject, ...]


@dataclass(frozen=True)
class NeonBranches:
    """Every branch of a project, by name."""

    project: str
    branches: tuple[NeonBranch, ...]


@dataclass(frozen=True)
class NeonUrl:
    """How to reach a branch. Passwords are `***` unless they were asked for.

    `url` and `direct` lead to the database itself, `pooled` through Neon's pooler.
    """

    name: str
    id: str
    url: str = field(repr=False)
    direct: str = field(repr=False)
    pooled: str = field(repr=False)
    masked: bool = True


@dataclass(frozen=True)
class NeonBranchCreated:
    """A branch is there; `created` is False when it was there before.

    The URLs are null when it has no compute; their passwords are `***` unless asked for.
    """

    name: str
    id: str
    provider: Literal["neon"]
    parent: str | None
    created: bool
    url: str | None = field(repr=False)
    direct: str | None = field(repr=False)
    pooled: str | None = field(repr=False)
    expires_at: datetime | None
    seconds: float
    masked: bool = True


@dataclass(frozen=True)
class NeonBranchChange:
    """A branch was changed; `changed` is False when it already was so.

    `detail` says what it is now, as the new name or the time it expires at.
    """

    action: str
    name: str
    id: str | None
    changed: bool
    detail: str = ""


@dataclass(frozen=True)
class DatabaseDifference:
    """What differs in one database of two branches, as a unified diff; "" when nothing does."""

    database: str
    diff: str


@dataclass(frozen=True)
class SchemaDifference:
    """How the schema changes from one branch to another, by database."""

    from_: str
    to: str
    same: bool
    databases: tuple[DatabaseDifference, ...]

    @property
    def exit_code(self) -> int:
        """1 when they differ."""
        return 0 if self.same else 1


@dataclass(frozen=True)
class NeonPruned:
    """Branches that were deleted, or would be in a dry run; `kept` is how many others there are."""

    dry_run: bool
    branches: tuple[NeonBranch, ...]
    kept: int


@dataclass(frozen=True)
class Computes:
    """The computes of a project or of one branch."""

    computes: tuple[Endpoint, ...]


@dataclass(frozen=True)
class ComputeChange:
    """A compute was made, started, suspended or restarted."""

    action: str
    compute: Endpoint
    changed: bool


@dataclass(frozen=True)
class BranchDatabases:
    """The databases of a branch."""

    branch: str
    databases: tuple[BranchDatabase, ...]


@dataclass(frozen=True)
class BranchDatabaseChange:
    """A database of a branch was created or deleted; `changed` is False when it already was so."""

    action: Literal["create", "delete"]
    branch: str
    database: str
    changed: bool


@dataclass(frozen=True)
class BranchRoles:
    """The roles of a branch."""

    branch: str
    roles: tuple[BranchRole, ...]


@dataclass(frozen=True)
class BranchRoleChange:
    """A role of a branch was created, deleted, or has a new password.

    `password` is null where there is none, and `***` unless it was asked for.
    """

    action: Literal["create", "delete", "reset-password"]
    branch: str
    role: str
    changed: bool
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Operations:
    """Operations of a project, the newest first."""

    operations: tuple[Operation, ...]


@dataclass(frozen=True)
class NeonSnapshots:
    """The snapshots of a project."""

    snapshots: tuple[NeonSnapshot, ...]


@dataclass(frozen=True)
class NeonSnapshotChange:
    """A snapshot was made, deleted (`changed` is False when it was gone), or made a branch."""

    action: Literal["create", "delete", "restore"]
    snapshot: NeonSnapshot
    branch: str | None = None
    changed: bool = True
