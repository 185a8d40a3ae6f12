"""What clients may send and what they see. Nothing here can set a right, a balance or a hash.

In an update a field left out keeps its value; null is taken where the column may be null.
"""

import math
import re
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    EmailStr,
    Field,
    SecretStr,
    Strict,
    StringConstraints,
    WithJsonSchema,
    field_validator,
)
from pydantic.json_schema import SkipJsonSchema

from dbctl.sample.columns import MONEY_DIGITS, MONEY_PLACES
from dbctl.sample.models import (
    EMAIL_LENGTH,
    NAME_LENGTH,
    SLUG_LENGTH,
    TITLE_LENGTH,
    USERNAME_LENGTH,
)

TEXT_LENGTH = 100_000
DESCRIPTION_LENGTH = 5_000
LARGEST_AMOUNT = 10 ** (MONEY_DIGITS - MONEY_PLACES) - 1
# What the OpenAPI document says of texts; lone surrogates, which JSON can spell, no pattern names.
STORABLE = r"^[^\x00]*$"
STORABLE_WORD = r"^[^\x00]*[^\s\x00][^\x00]*$"
PRICE = r"^(0|[1-9][0-9]{0,9})(\.[0-9]{1,2})?$"
AMOUNT = r"^([1-9][0-9]{0,9}(\.[0-9]{1,2})?|0\.(0[1-9]|[1-9][0-9]?))$"
PASSWORD_LENGTH = 128  # hashing takes longer the longer the password is


def _storable(value: str) -> str:
    """Refuse what PostgreSQL cannot keep: NUL, and half a character (a lone surrogate)."""
    if any(char == "\0" or "\ud800" <= char <= "\udfff" for char in value):
        raise ValueError("text must not hold NUL or lone surrogates")
    return value


def _storable_secret(value: SecretStr) -> SecretStr:
    _storable(value.get_secret_value())
    return value


def _said(pattern: str) -> Any:  # noqa: ANN401 - pydantic's FieldInfo, typed Any
    """Put a pattern into the document that Python code holds to."""
    return Field(json_schema_extra={"pattern": pattern})


def _exact(value: Any) -> Any:  # noqa: ANN401 - whatever JSON or a command holds
    """An amount as it was meant.

    0.1 + 0.2 is 0.30000000000000004 to whoever computes with floats: the cents next to it. Text is
    digits and a point; Decimal itself would also read "1e3" or "1_000".
    """
    if isinstance(value, bool) or (isinstance(value, str) and not re.fullmatch(DIGITS, value)):
        raise ValueError("write an amount as digits, with two decimal places at most")
    if isinstance(value, float) and math.isclose(value, round(value, MONEY_PLACES), rel_tol=1e-15):
        return Decimal(str(round(value, MONEY_PLACES)))
    return value


def _money(pattern: str, **bounds: float) -> WithJsonSchema:
    """How an amount is described: a number, or text for those whose numbers are floats."""
    most = float(f"{LARGEST_AMOUNT}.99")
    number = {"type": "number", "maximum": most, "multipleOf": 0.01, **bounds}
    return WithJsonSchema(
        {"anyOf": [number, {"type": "string", "pattern": pattern}]}, mode="validation"
    )


DIGITS = r"-?[0-9]{1,20}(\.[0-9]{1,20})?"
Storable = AfterValidator(_storable)
Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=NAME_LENGTH),
    Storable,
    _said(STORABLE_WORD),
]
Title = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=TITLE_LENGTH),
    Storable,
    _said(STORABLE_WORD),
]
Text = Annotated[
    str, StringConstraints(min_length=1, max_length=TEXT_LENGTH), Storable, _said(STORABLE)
]
Description = Annotated[
    str, StringConstraints(max_length=DESCRIPTION_LENGTH), Storable, _said(STORABLE)
]
Username = Annotated[
    str,
    StringConstraints(
        min_length=3, max_length=USERNAME_LENGTH, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"
    ),
]
Slug = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=SLUG_LENGTH, pattern=r"^[a-z0-9]+(?:--?[a-z0-9]+)*$"
    ),
]
Email = Annotated[EmailStr, Field(max_length=EMAIL_LENGTH), AfterValidator(str.lower), Storable]
Password = Annotated[
    SecretStr,
    Field(min_length=8, max_length=PASSWORD_LENGTH),
    AfterValidator(_storable_secret),
    _said(STORABLE),
]
Money = Annotated[
    Decimal,
    Field(max_digits=MONEY_DIGITS, decimal_places=MONEY_PLACES, allow_inf_nan=False),
    AfterValidator(lambda amount: round(amount, MONEY_PLACES)),  # 2.5 is 2.50, as it is stored
    BeforeValidator(_exact),
]
Price = Annotated[Money, Field(ge=0), _money(PRICE, minimum=0)]
Amount = Annotated[Money, Field(gt=0), _money(AMOUNT, exclusiveMinimum=0)]
Absent = SkipJsonSchema[None]  # stands for "left out"; a client cannot send null for it


class Input(BaseModel):
    """From outside: unknown fields are refused, and an error never repeats what was sent."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Output(BaseModel):
    """To the outside, read from a row."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


def _not_null(value: Any) -> Any:  # noqa: ANN401 - looks at null only
    if value is None:
        raise ValueError("leave the field out to keep its value; it cannot be null")
    return value


class UserCreate(Input):
    """A new account."""

    username: Username
    email: Email
    full_name: Name | None = None
    password: Password


class UserUpdate(Input):
    """Changes to an account; the password has a way of its own."""

    username: Username | Absent = None
    email: Email | Absent = None
    full_name: Name | None = None
    is_active: Annotated[bool, Strict()] | Absent = None

    _required = field_validator("username", "email", "is_active", mode="before")(_not_null)


class UserRead(Output):
    """An account as others see it: never the hash."""

    username: str
    email: str
    full_name: str | None
    is_active: bool
    is_superuser: bool
    balance: Decimal


class UserPassword(Input):
    """Another password for an account."""

    password: Password


class TransferCreate(Input):
    """Money for another account."""

    amount: Amount


class ItemCreate(Input):
    """A new item; its owner is whoever creates it."""

    title: Title
    description: Description | None = None
    price: Price


class ItemUpdate(Input):
    """Changes to an item."""

    title: Title | Absent = None
    description: Description | None = None
    price: Price | Absent = None

    _required = field_validator("title", "price", mode="before")(_not_null)


class ItemRead(Output):
    """An item."""

    title: str
    description: str | None
    price: Decimal
    owner_id: int


class PostCreate(Input):
    """A new post; its author is whoever creates it, a missing slug is made from the title."""

    title: Title
    slug: Slug | None = None
    content: Text


class PostUpdate(Input):
    """Changes to a post."""

    title: Title | Absent = None
    slug: Slug | Absent = None
    content: Text | Absent = None

    _required = field_validator("title", "slug", "content", mode="before")(_not_null)


class PostRead(Output):
    """A post."""

    title: str
    slug: str
    content: str
    author_id: int
