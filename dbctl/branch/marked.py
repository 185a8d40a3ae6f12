"""What a copy says of itself, so that every guard knows it: environment `branch`, a new uuid."""

from dataclasses import replace

from dbctl.database import mark
from dbctl.database.model import BRANCH
from dbctl.database.server import Session
from dbctl.settings import Settings


async def mark_copy(session: Session, settings: Settings) -> bool:
    """Mark a copy, whatever its original said; False where this role may not."""
    return await mark.remark(session, replace(mark.new(settings), environment=BRANCH))


async def is_copy(session: Session) -> bool:
    """Whether the database says that it is a branch."""
    found = await mark.read(session)
    return found is not None and found.is_branch
