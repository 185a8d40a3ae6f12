"""Money from the caller to somebody else."""

from fastapi import Response

from dbctl.errors import AnswerIsNo
from dbctl.sample.api.answers import answer
from dbctl.sample.api.callers import SignedIn
from dbctl.sample.api.failures import BODY, declared
from dbctl.sample.api.parameters import Id
from dbctl.sample.api.routing import below
from dbctl.sample.api.schemas import Paid
from dbctl.sample.api.sessions import Session
from dbctl.sample.schemas import TransferCreate
from dbctl.sample.services.transfers import transfer

router = below("/users", "users")


@router.post("/{id}/transfer", response_model=Paid, responses=declared(*BODY, 401, 404, 409))
async def pay(id: Id, sent: TransferCreate, session: Session, caller: SignedIn) -> Response:
    """Pay a user; 409 when the caller has less. Nobody learns what the other one has."""
    if id == caller.id:
        raise AnswerIsNo("nobody can pay themselves")
    moved = await transfer(session, caller.id, id, sent.amount)
    return answer({"amount": sent.amount, "balance": moved.source.balance})
