"""What is kept with a branch: in PostgreSQL the comment on the database, in SQLite in its mark."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

# The key that holds the record, so that no other comment is taken for one.
KEY = "dbctl-branch"


@dataclass(frozen=True)
class Record:
    """Where a branch comes from and how long it stays; instants are ISO 8601 in UTC, "" is none.

    `main` is the database that all of them come from, `id` the copy that this was written for: a
    copy of a copy is told by it. `whole` is False while the copy is being made.
    """

    name: str
    id: str
    main: str
    parent: str
    created: str
    expires: str = ""
    creator: str = ""
    git: str = ""
    schema_only: bool = False
    whole: bool = True

    @property
    def text(self) -> str:
        """The record as it is kept."""
        return json.dumps({KEY: asdict(self)}, ensure_ascii=True, separators=(",", ":"))

    @property
    def created_at(self) -> datetime | None:
        """When it was made."""
        return instant(self.created)

    @property
    def expires_at(self) -> datetime | None:
        """When nobody needs it any more; None is never."""
        return instant(self.expires)


def read(text: str | None) -> Record | None:
    """The record in a comment; None where it is another comment, or of a later kind."""
    if not text or KEY not in text:
        return None
    try:
        found: Any = json.loads(text)[KEY]
        known = {name: found[name] for name in Record.__dataclass_fields__ if name in found}
        return Record(**known)
    except (ValueError, TypeError, KeyError):
        return None


def stamp(moment: datetime | None) -> str:
    """An instant as it is kept."""
    if moment is None:
        return ""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def instant(text: str) -> datetime | None:
    """An instant read again; None for what is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
