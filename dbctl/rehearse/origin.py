"""Which line of a revision sent a statement: the call stack knows, whatever the driver."""

import sys
from pathlib import Path
from types import FrameType
from typing import NamedTuple

_HOUSE = str(Path(__file__).parent.parent)
_ROOM = str(Path(__file__).parent)
_ALEMBIC = str(Path("alembic", "runtime", "migration.py"))


class Origin(NamedTuple):
    """A file and a line in it."""

    file: str
    line: int


def of(revision: str, root: Path) -> Origin | None:
    """Where the file `revision` sent what is being sent now, or a helper of its project below.

    None for what is not the revision's: Alembic's own version row, and what dbctl asks.
    """
    frame: FrameType | None = sys._getframe(1)
    helper: Origin | None = None
    while frame is not None:
        name = frame.f_code.co_filename
        if name == revision:
            return Origin(name, frame.f_lineno)
        if _is_ours(name) or (name.endswith(_ALEMBIC) and frame.f_code.co_name != "execute"):
            return helper
        if helper is None and _is_projects(name, root):
            helper = Origin(name, frame.f_lineno)
        frame = frame.f_back
    return None


def _is_ours(name: str) -> bool:
    return name.startswith(_HOUSE) and not name.startswith(_ROOM) and "sample" not in name


def _is_projects(name: str, root: Path) -> bool:
    """Whether the project wrote it; an environment of packages may lie in its folder."""
    inside = name.startswith(f"{root}/") or name.startswith(f"{root}\\")
    return inside and "site-packages" not in name and not name.startswith(_HOUSE)
