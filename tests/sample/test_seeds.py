"""The seed files: rows that the schemas accept, references that lead somewhere."""

import csv
from pathlib import Path
from typing import Any

import pytest
import yaml

from dbctl.sample import schemas
from dbctl.sample.models import Base

SEEDS = Path(schemas.__file__).parent / "seeds"
PASSWORD = "correct-horse-battery"


def rows(name: str) -> list[dict[str, Any]]:
    file = SEEDS / name
    if file.suffix == ".csv":
        with file.open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))
    return list(yaml.safe_load(file.read_text(encoding="utf-8")))


USERS = rows("01_users.csv")
ITEMS = rows("02_items.csv")
POSTS = rows("03_posts.yaml")


@pytest.mark.parametrize(
    ("table", "reference", "found"),
    [("users", None, USERS), ("items", "owner", ITEMS), ("posts", "author", POSTS)],
)
def test_every_field_is_a_column_or_a_relationship(
    table: str, reference: str | None, found: list[dict[str, Any]]
) -> None:
    columns = set(Base.metadata.tables[table].columns.keys())
    assert {name for row in found for name in row} - columns == {reference} - {None}


@pytest.mark.parametrize("row", [*ITEMS, *POSTS], ids=lambda row: row["title"])
def test_every_reference_leads_to_a_user(row: dict[str, str]) -> None:
    assert (row.get("owner") or row["author"]) in {f"@{user['username']}" for user in USERS}


@pytest.mark.parametrize("row", USERS, ids=lambda row: row["username"])
def test_a_user_of_the_seeds_could_have_signed_up(row: dict[str, str]) -> None:
    sent = {name: row[name] for name in ("username", "email", "full_name")}
    made = schemas.UserCreate.model_validate({**sent, "password": PASSWORD})
    assert made.model_dump(exclude={"password"}) == sent
    assert row["email"].endswith(("@example.com", "@example.org"))
    assert row["hashed_password"].startswith("$argon2id$")


@pytest.mark.parametrize("row", ITEMS, ids=lambda row: row["title"])
def test_an_item_of_the_seeds_could_have_been_created(row: dict[str, str]) -> None:
    sent = {name: row[name] for name in ("title", "description", "price")}
    assert schemas.ItemCreate.model_validate(sent).title == row["title"]


@pytest.mark.parametrize("row", POSTS, ids=lambda row: row["slug"])
def test_a_post_of_the_seeds_could_have_been_created(row: dict[str, str]) -> None:
    sent = {name: row[name] for name in ("title", "slug", "content")}
    assert schemas.PostCreate.model_validate(sent).model_dump() == sent


def test_keys_occur_once() -> None:
    for found, name in ((USERS, "username"), (USERS, "email"), (ITEMS, "title"), (POSTS, "slug")):
        assert len({row[name] for row in found}) == len(found)
