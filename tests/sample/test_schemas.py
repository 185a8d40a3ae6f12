"""The schemas: what a client may send, what it gets to see."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from dbctl.sample import schemas
from dbctl.sample.models import Item, Post, User

USER = {"username": "alice", "email": "alice@example.com", "password": "correct-horse-battery"}
ITEM = {"title": "Oar", "price": "60.00"}
POST = {"title": "Hello", "content": "World"}
CREATED: dict[type[BaseModel], dict[str, Any]] = {
    schemas.UserCreate: USER,
    schemas.ItemCreate: ITEM,
    schemas.PostCreate: POST,
}
INPUTS = [*CREATED, schemas.UserUpdate, schemas.ItemUpdate, schemas.PostUpdate]
TEXTS = [
    (schemas.UserCreate, "username"),
    (schemas.UserCreate, "email"),
    (schemas.UserCreate, "full_name"),
    (schemas.UserCreate, "password"),
    (schemas.ItemCreate, "title"),
    (schemas.ItemCreate, "description"),
    (schemas.PostCreate, "title"),
    (schemas.PostCreate, "slug"),
    (schemas.PostCreate, "content"),
]
NOW = datetime(2026, 11, 1, tzinfo=UTC)
ROW = {"id": 1, "created_at": NOW, "updated_at": NOW}


@pytest.mark.parametrize("schema", CREATED)
def test_a_plain_row_is_accepted(schema: type[BaseModel]) -> None:
    assert schema.model_validate(CREATED[schema])


@pytest.mark.parametrize("schema", INPUTS)
@pytest.mark.parametrize(
    "field", ["is_superuser", "balance", "hashed_password", "id", "owner_id", "deleted_at"]
)
def test_no_client_sets_what_is_not_its_own(schema: type[BaseModel], field: str) -> None:
    with pytest.raises(ValidationError, match="extra_forbidden"):
        schema.model_validate({**CREATED.get(schema, {}), field: "1"})


@pytest.mark.parametrize("bad", ["a\0b.example", "a\ud800b.example"], ids=["NUL", "surrogate"])
@pytest.mark.parametrize(("schema", "field"), TEXTS)
def test_text_that_no_server_keeps_is_refused(
    schema: type[BaseModel], field: str, bad: str
) -> None:
    value = f"{bad}@example.com" if field == "email" else bad
    with pytest.raises(ValidationError):
        schema.model_validate({**CREATED[schema], field: value})


@pytest.mark.parametrize(("schema", "field"), TEXTS)
def test_every_text_has_an_end(schema: type[BaseModel], field: str) -> None:
    value = "a" * 100_001
    with pytest.raises(ValidationError):
        schema.model_validate({**CREATED[schema], field: value})


@pytest.mark.parametrize(("schema", "field"), [t for t in TEXTS if t[1] != "description"])
def test_no_text_is_empty(schema: type[BaseModel], field: str) -> None:
    with pytest.raises(ValidationError):
        schema.model_validate({**CREATED[schema], field: ""})


@pytest.mark.parametrize("price", ["-0.01", "0.001", "10000000000", "NaN", "Infinity", "1e20", ""])
def test_a_price_is_an_exact_amount_that_fits(price: str) -> None:
    with pytest.raises(ValidationError):
        schemas.ItemCreate.model_validate({**ITEM, "price": price})


@pytest.mark.parametrize("price", [0, "9999999999.99", 10.99])
def test_a_price_is_read_as_a_decimal(price: Any) -> None:
    assert schemas.ItemCreate.model_validate({**ITEM, "price": price}).price == Decimal(str(price))


@pytest.mark.parametrize("email", ["alice", "alice@", "@example.com", "a b@example.com", "a@b"])
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(ValidationError):
        schemas.UserCreate.model_validate({**USER, "email": email})


def test_an_address_is_kept_in_lower_case() -> None:
    made = schemas.UserCreate.model_validate({**USER, "email": "Alice@Example.COM"})
    assert made.email == "alice@example.com"


@pytest.mark.parametrize("username", ["al", "-alice", "ali ce", "@alice", "älice"])
def test_a_username_can_stand_behind_an_at_sign(username: str) -> None:
    with pytest.raises(ValidationError):
        schemas.UserCreate.model_validate({**USER, "username": username})


@pytest.mark.parametrize("slug", ["Hello", "a b", "-a", "a-", "a---b", "a/b"])
def test_a_slug_can_stand_in_an_address(slug: str) -> None:
    with pytest.raises(ValidationError):
        schemas.PostCreate.model_validate({**POST, "slug": slug})


def test_slugs_of_the_data_migration_are_slugs() -> None:
    assert schemas.PostUpdate.model_validate({"slug": "hello-world--2"}).slug == "hello-world--2"


@pytest.mark.parametrize(
    ("schema", "field"),
    [
        (schemas.UserUpdate, "username"),
        (schemas.UserUpdate, "email"),
        (schemas.UserUpdate, "is_active"),
        (schemas.ItemUpdate, "title"),
        (schemas.ItemUpdate, "price"),
        (schemas.PostUpdate, "title"),
        (schemas.PostUpdate, "slug"),
        (schemas.PostUpdate, "content"),
    ],
)
def test_null_is_no_value_of_a_required_column(schema: type[BaseModel], field: str) -> None:
    with pytest.raises(ValidationError, match="cannot be null"):
        schema.model_validate({field: None})


def test_an_update_knows_left_out_from_null() -> None:
    assert schemas.UserUpdate.model_validate({}).model_dump(exclude_unset=True) == {}
    emptied = schemas.UserUpdate.model_validate({"full_name": None})
    assert emptied.model_dump(exclude_unset=True) == {"full_name": None}


def test_no_error_repeats_a_password() -> None:
    sent = {**USER, "password": "short", "username": "s3cret user"}
    with pytest.raises(ValidationError) as caught:
        schemas.UserCreate.model_validate(sent)
    assert "short" not in str(caught.value).replace("too_short", "")
    assert "s3cret" not in str(caught.value)


def test_a_password_is_not_printed() -> None:
    made = schemas.UserCreate.model_validate(USER)
    assert "horse" not in repr(made) + made.model_dump_json()


def test_a_user_is_shown_without_the_hash() -> None:
    alice = User(username="alice", email="a@example.com", hashed_password="$argon2id$x", **ROW)
    shown = json.loads(schemas.UserRead.model_validate(alice).model_dump_json())
    assert "hashed_password" not in shown
    assert "argon2" not in json.dumps(shown)
    assert (shown["username"], shown["balance"]) == ("alice", "0.00")


def test_items_and_posts_are_read_from_rows() -> None:
    item = Item(title="Oar", price=Decimal("60.00"), owner_id=1, **ROW)
    post = Post(title="Hello", slug="hello", content="World", author_id=1, **ROW)
    assert schemas.ItemRead.model_validate(item).price == Decimal("60.00")
    assert schemas.PostRead.model_validate(post).slug == "hello"
