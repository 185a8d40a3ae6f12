"""What the stand-in knows: projects and all that belongs to them, without any behaviour."""

import random
import secrets
import string
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

FIRST = ("quiet", "amber", "silent", "wispy", "noisy", "proud", "raspy", "tiny", "aged", "misty")
SECOND = ("river", "meadow", "salad", "sunset", "paper", "hill", "smoke", "boat", "field", "cloud")
LETTERS = string.ascii_lowercase + string.digits


class Refused(Exception):  # noqa: N818 - an answer of the API, not a fault of the program
    """The API says no: a status, a code (mostly empty, as Neon's are) and a message."""

    def __init__(self, status: int, message: str, code: str = "") -> None:
        super().__init__(message)
        self.status, self.message, self.code = status, message, code


def word_id(prefix: str = "") -> str:
    """An identity as Neon makes them: br-quiet-river-a1b2c3d4."""
    tail = "".join(random.choices(LETTERS, k=8))
    return f"{prefix}{random.choice(FIRST)}-{random.choice(SECOND)}-{tail}"


def new_password() -> str:
    """A password as Neon makes them."""
    letters = string.ascii_letters + string.digits
    return "npg_" + "".join(secrets.choice(letters) for _ in range(12))


@dataclass
class Database:
    """A database of a branch; `physical` is its name on the real server."""

    name: str
    owner: str
    physical: str
    created_at: datetime
    updated_at: datetime
    id: int = field(default_factory=lambda: random.randrange(10**5, 10**7))


@dataclass
class Role:
    """A role of a branch; `physical` is who logs in on the real server."""

    name: str
    password: str
    physical: str
    created_at: datetime
    updated_at: datetime
    no_login: bool = False


@dataclass
class Moment:
    """A recorded point in the history of a branch: database name to a copy on the real server."""

    at: datetime
    lsn: str
    copies: dict[str, str]


@dataclass
class Branch:
    """A branch; `parent_id` is None for a root."""

    name: str
    project_id: str
    parent_id: str | None
    created_at: datetime
    updated_at: datetime
    id: str = field(default_factory=lambda: word_id("br-"))
    default: bool = False
    protected: bool = False
    current_state: str = "init"
    init_source: str = "parent-data"
    creation_source: str = "console"
    parent_lsn: str | None = None
    parent_timestamp: datetime | None = None
    expires_at: datetime | None = None
    last_reset_at: datetime | None = None
    restored_from: str | None = None
    restored_as: str | None = None
    deleted_at: datetime | None = None
    deleted_by: str = "user"
    annotation: dict[str, str] = field(default_factory=dict)
    schedule: list[dict[str, object]] = field(default_factory=list)
    databases: dict[str, Database] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    moments: list[Moment] = field(default_factory=list)


@dataclass
class Endpoint:
    """A compute; `port` is where the front listens for it."""

    project_id: str
    branch_id: str
    type: str
    created_at: datetime
    updated_at: datetime
    id: str = field(default_factory=lambda: word_id("ep-"))
    port: int = 0
    name: str | None = None
    min_cu: float = 0.25
    max_cu: float = 0.25
    suspend_timeout: int = 0
    disabled: bool = False
    current_state: str = "init"
    pending_state: str | None = None

    @property
    def host(self) -> str:
        """Where clients connect; the port is part of it, for nobody here has 5432."""
        return f"{self.id}.localhost:{self.port}"

    @property
    def pooler_host(self) -> str:
        """The same through the pooler."""
        return f"{self.id}-pooler.localhost:{self.port}"


@dataclass
class Operation:
    """Something the stand-in does in the background."""

    project_id: str
    action: str
    created_at: datetime
    updated_at: datetime
    branch_id: str | None = None
    endpoint_id: str | None = None
    id: str = field(default_factory=lambda: str(uuid4()))
    status: str = "scheduling"
    error: str | None = None
    failures: int = 0
    retry_at: datetime | None = None


@dataclass
class Snapshot:
    """A kept copy of a branch: database name to a copy on the real server."""

    name: str
    source_branch_id: str
    created_at: datetime
    lsn: str
    copies: dict[str, str]
    owners: dict[str, str]
    timestamp: datetime
    expires_at: datetime | None = None
    id: str = field(default_factory=lambda: word_id("snap-"))


@dataclass(frozen=True)
class Connected:
    """Somebody who came through the front of a compute."""

    endpoint_id: str
    branch: str
    role: str
    database: str


@dataclass
class Project:
    """A project and everything in it."""

    name: str
    created_at: datetime
    updated_at: datetime
    id: str = field(default_factory=word_id)
    pg_version: int = 17
    history_seconds: int = 86_400
    region_id: str = "aws-us-east-2"
    org_id: str = "org-quiet-river-12345678"
    branches: dict[str, Branch] = field(default_factory=dict)
    gone: dict[str, Branch] = field(default_factory=dict)
    endpoints: dict[str, Endpoint] = field(default_factory=dict)
    operations: list[Operation] = field(default_factory=list)
    snapshots: dict[str, Snapshot] = field(default_factory=dict)
