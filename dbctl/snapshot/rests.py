"""Names of what stands beside a database: restored and not yet swapped in, checked, kept.

The name alone tells what it is and whose, so that nothing a killed command left is ever unknown.
"""

import hashlib
import re
from datetime import UTC, datetime
from typing import cast
from uuid import uuid4

from dbctl.snapshot.model import Purpose, Rest

_STAMP = "%Y%m%d%H%M%S"
_NAME = re.compile(r"__(new|check|old)_(\d{14})_[0-9a-f]{4}_([0-9a-f]{6})", re.ASCII)


def made(of: str, purpose: Purpose, longest: int) -> str:
    """A new name of at most `longest` bytes beside the database `of`."""
    token = f"{datetime.now(UTC):{_STAMP}}_{uuid4().hex[:4]}"
    end = f"__{purpose}_{token}_{_tag(of)}"
    return of.encode()[: longest - len(end)].decode(errors="ignore") + end


def read(of: str, name: str, size_bytes: int | None, *, running: bool = False) -> Rest | None:
    """What stands beside `of` under that name; None for what is none of its."""
    at = name.rfind("__")
    match = _NAME.fullmatch(name[max(at, 0) :])
    if match is None or match[3] != _tag(of) or not of.startswith(name[:at]):
        return None
    moment = datetime.strptime(match[2], _STAMP).replace(tzinfo=UTC)
    return Rest(name, cast(Purpose, match[1]), moment, size_bytes, running)


def _tag(of: str) -> str:
    """Tells apart databases whose names have one beginning."""
    return hashlib.sha256(of.encode()).hexdigest()[:6]
