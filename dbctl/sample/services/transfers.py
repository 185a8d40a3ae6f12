"""Money from one user to another: both rows change or none, and nothing is lost on the way."""

from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dbctl.database.claim import claim
from dbctl.errors import AnswerIsNo, NotFoundError, UsageError
from dbctl.records.violations import translated
from dbctl.sample.columns import MONEY_PLACES
from dbctl.sample.models import User

LARGEST_ID = 2**31 - 1


class NotEnoughError(AnswerIsNo):
    """The balance is smaller than the amount."""


class Transferred(NamedTuple):
    """Both users as they are after it."""

    source: User
    target: User


async def transfer(session: AsyncSession, source: int, target: int, amount: Decimal) -> Transferred:
    """Move `amount` from `source` to `target`, which must not be the same.

    Raises UsageError for an amount that is none, NotFoundError, NotEnoughError.
    """
    if source == target:
        raise UsageError("nobody can transfer money to themselves")
    if not _is_amount(amount):
        raise UsageError("the amount must be positive, with two decimal places at most")
    rows = await _locked(session, source, target)
    if rows[source].balance < amount:
        raise NotEnoughError(
            f"{amount} is more than user {source} has", hint=f"see `dbctl users show {source}`"
        )
    rows[source].balance -= amount
    rows[target].balance += amount
    with translated(User.metadata):
        await session.flush()
    return Transferred(rows[source], rows[target])


def _is_amount(amount: Decimal) -> bool:
    """Whether it is more than nothing, and whole cents."""
    if not amount.is_finite() or amount <= 0:
        return False
    exponent = amount.normalize().as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -MONEY_PLACES


async def _locked(session: AsyncSession, *ids: int) -> dict[int, User]:
    """The users, locked in the order of their ids: two transfers never wait for each other."""
    for one in ids:
        if not 0 < one <= LARGEST_ID:
            raise NotFoundError(f"there is no user {one}")
    statement = (
        select(User)
        .where(User.id.in_(ids), User.deleted_at.is_(None))
        .order_by(User.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    with translated(User.metadata):
        await claim(session)
        rows = {row.id: row for row in await session.scalars(statement)}
    for one in ids:
        if one not in rows:
            raise NotFoundError(f"there is no user {one}", hint="deleted ones take no part")
    return rows
