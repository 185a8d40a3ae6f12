"""What only the API says: pages, tokens, profiles. Rows and inputs are in sample/schemas.py."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, Field, SecretStr

from dbctl.sample.schemas import (
    STORABLE,
    Email,
    Input,
    ItemRead,
    Name,
    Password,
    PostRead,
    Storable,
    Username,
    UserRead,
)
from dbctl.sample.services.tokens import TOKEN_LENGTH

LOGIN_LENGTH = 254


class Login(Input):
    """A username or an e-mail address, and the password."""

    login: Annotated[str, Field(min_length=1, max_length=LOGIN_LENGTH, pattern=STORABLE), Storable]
    password: Password


class Refresh(Input):
    """A refresh token."""

    refresh_token: Annotated[SecretStr, Field(min_length=1, max_length=TOKEN_LENGTH)]


class Tokens(BaseModel):
    """What a client holds after it has signed in; `expires_in` are seconds."""

    access_token: str
    refresh_token: str
    token_type: str
    expires_in: int


class UserReplace(Input):
    """All of an account that its owner decides."""

    username: Username
    email: Email
    full_name: Name | None


class ItemPage(BaseModel):
    """Some items; `next` asks for those behind them, null when there are none."""

    rows: list[ItemRead]
    next: str | None


class PostPage(BaseModel):
    """Some posts; `next` asks for those behind them, null when there are none."""

    rows: list[PostRead]
    next: str | None


class UserPage(BaseModel):
    """Some accounts; `next` asks for those behind them, null when there are none."""

    rows: list[UserRead]
    next: str | None


class Profile(BaseModel):
    """What everybody may know of a user."""

    id: int
    username: str
    full_name: str | None
    created_at: datetime


class ProfileShown(Profile):
    """A user as everybody sees them, with the first page of what they offer."""

    items: ItemPage


class UserShown(UserRead):
    """A user as they see themselves, with the first page of what they offer."""

    items: ItemPage


class Paid(BaseModel):
    """Money went from the caller to somebody; `balance` is what the caller has left."""

    amount: Decimal
    balance: Decimal


class Accepted(BaseModel):
    """It will be done."""

    status: str


class Health(BaseModel):
    """The process answers."""

    status: str


class Readiness(BaseModel):
    """The database is reachable and has the revisions that this version of the code needs."""

    status: str
    revision: list[str]
