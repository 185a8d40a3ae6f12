"""Users, items, posts and transfers over HTTP, on both databases."""

from typing import Any

import pytest

from tests.sample.api.conftest import Client

pytestmark = pytest.mark.anyio

ALICE = {"username": "alice", "email": "Alice@Example.com", "password": "correct horse"}
ITEM = {"title": "Oar", "price": "60.00"}
POST = {"title": "Hello, World!", "content": "c"}


async def made(client: Client, path: str, **sent: Any) -> Any:
    """What a POST has created."""
    done = await client.post(path, json=sent)
    assert done.status_code == 201, done.text
    return done.json()


async def test_an_account_is_opened_and_shown_without_its_hash(api: Client) -> None:
    row = await made(api, "/users", **ALICE, full_name="Alice")
    assert (row["username"], row["email"], row["balance"]) == ("alice", "alice@example.com", "0.00")
    assert (row["is_active"], row["is_superuser"], row["deleted_at"]) == (True, False, None)
    assert not [name for name in row if "password" in name]


async def test_nobody_gives_themselves_what_is_not_theirs(on_file: Client) -> None:
    for field in ("is_superuser", "balance", "hashed_password", "id", "is_active"):
        done = await on_file.post("/users", json={**ALICE, field: 1})
        assert done.status_code == 422
        assert done.json()["error"]["fields"][0]["at"] == f"body.{field}"


@pytest.mark.parametrize("field", ["username", "email"])
async def test_a_name_that_is_taken_is_a_conflict(api: Client, field: str) -> None:
    await api.person("alice")
    other = {"username": "bob", "email": "bob@example.com", "password": "correct horse"}
    done = await api.post("/users", json={**other, field: ALICE[field]})
    assert (done.status_code, done.json()["error"]["kind"]) == (409, "taken")
    assert field in done.json()["error"]["message"]


async def test_others_see_a_profile_and_owners_all_of_it(api: Client) -> None:
    alice, bob = await api.person("alice", balance=5), await api.person("bob")
    await made(alice, "/users/1/items", **ITEM)
    root = await api.person("root", is_superuser=True)
    for client in (api, bob):
        row = (await client.get("/users/1")).json()
        assert row.keys() == {"id", "username", "full_name", "created_at", "items"}
    for client in (alice, root):
        row = (await client.get("/users/1")).json()
        assert (row["email"], row["balance"]) == ("alice@example.com", "5.00")
        assert [item["title"] for item in row["items"]["rows"]] == ["Oar"]


async def test_an_account_changes_in_part_and_as_a_whole(api: Client) -> None:
    alice = await api.person("alice", full_name="A")
    row = (await alice.patch("/users/1", json={"username": "alicia"})).json()
    assert (row["username"], row["full_name"]) == ("alicia", "A")
    sent = {"username": "al1", "email": "al@example.com", "full_name": None}
    row = (await alice.put("/users/1", json=sent)).json()
    assert {name: row[name] for name in sent} == sent
    assert (await alice.put("/users/1", json={"username": "al2"})).status_code == 422


async def test_whether_an_account_is_active_is_up_to_superusers(on_file: Client) -> None:
    alice, root = await on_file.person("alice"), await on_file.person("root", is_superuser=True)
    assert (await alice.patch("/users/1", json={"is_active": True})).status_code == 403
    assert (await root.patch("/users/1", json={"is_active": False})).status_code == 200
    assert (await alice.get("/auth/me")).status_code == 401
    assert (await root.patch("/users/2", json={"is_active": False})).status_code == 409


async def test_a_closed_account_comes_back_unless_its_name_was_given_away(api: Client) -> None:
    alice, root = await api.person("alice"), await api.person("root", is_superuser=True)
    assert (await alice.delete("/users/1")).status_code == 204
    assert (await alice.get("/auth/me")).status_code == 401
    assert (await api.get("/users/1")).status_code == 404
    restored = await root.post("/users/1/restore")
    assert (restored.status_code, restored.json()["deleted_at"]) == (200, None)
    assert (await alice.get("/auth/me")).status_code == 401  # its tokens ended for good
    await root.delete("/users/1")
    await api.person("alice")
    assert (await root.post("/users/1/restore")).status_code == 409
    assert (await root.delete("/users/2")).status_code == 409  # the one who could undo it


async def test_items_are_offered_shown_changed_and_withdrawn(api: Client) -> None:
    alice = await api.person("alice")
    item = await made(alice, "/users/1/items", **ITEM)
    assert (item["price"], item["owner_id"]) == ("60.00", 1)
    changed = await alice.patch(f"/items/{item['id']}", json={"price": 1.5})
    assert (changed.json()["price"], changed.json()["title"]) == ("1.50", "Oar")
    assert (await api.get(f"/items/{item['id']}")).json() == changed.json()
    assert (await api.get("/users/1/items")).json()["rows"] == [changed.json()]
    assert (await alice.delete(f"/items/{item['id']}")).status_code == 204
    assert (await api.get(f"/items/{item['id']}")).status_code == 404
    assert (await api.get("/items")).json() == {"rows": [], "next": None}


async def test_posts_are_written_read_changed_and_taken_away(api: Client) -> None:
    alice = await api.person("alice")
    first, second = [await made(alice, "/posts", **POST) for _ in range(2)]
    assert (first["slug"], second["slug"]) == ("hello-world", "hello-world--2")
    assert (await alice.post("/posts", json={**POST, "slug": "hello-world"})).status_code == 409
    changed = await alice.patch(f"/posts/{first['id']}", json={"title": "Bye"})
    assert (changed.json()["title"], changed.json()["slug"]) == ("Bye", "hello-world")
    assert (await api.get(f"/posts/{first['id']}")).json() == changed.json()
    assert (await alice.delete(f"/posts/{first['id']}")).status_code == 204
    assert [row["id"] for row in (await api.get("/posts")).json()["rows"]] == [second["id"]]


async def test_a_list_is_walked_page_by_page(api: Client) -> None:
    alice = await api.person("alice")
    for number in range(5):
        await made(alice, "/users/1/items", title=f"t{number}", price=1)
    seen: list[str] = []
    asked: dict[str, Any] = {"limit": 2, "sort": "-title"}
    while asked.get("after", "") is not None:
        page = (await api.get("/items", params=asked)).json()
        seen += [row["title"] for row in page["rows"]]
        asked["after"] = page["next"]
    assert seen == ["t4", "t3", "t2", "t1", "t0"]


async def test_lists_search_and_know_the_bin(api: Client) -> None:
    root = await api.person("root", is_superuser=True)
    alice = await api.person("alice")
    await alice.delete("/users/2")
    for asked, names in (
        ({}, ["root"]),
        ({"state": "deleted"}, ["alice"]),
        ({"state": "all", "search": "ALI"}, ["alice"]),
        ({"state": "all", "sort": "-username"}, ["root", "alice"]),
    ):
        page = (await root.get("/users", params=asked)).json()
        assert [row["username"] for row in page["rows"]] == names, asked


async def test_money_goes_to_another_and_nobody_sees_the_others_balance(api: Client) -> None:
    alice, _ = await api.person("alice", balance=10), await api.person("bob", balance=1)
    paid = await alice.post("/users/2/transfer", json={"amount": "2.50"})
    assert (paid.status_code, paid.json()) == (200, {"amount": "2.50", "balance": "7.50"})
    for path, sent, status in (
        ("/users/2/transfer", "7.51", 409),
        ("/users/1/transfer", "1", 409),
        ("/users/9/transfer", "1", 404),
        ("/users/2/transfer", "0.001", 422),
        ("/users/2/transfer", "0", 422),
        ("/users/2/transfer", "-1", 422),
    ):
        done = await alice.post(path, json={"amount": sent})
        assert done.status_code == status, (path, sent, done.text)


FORBIDDEN: dict[str, tuple[str, str, Any]] = {
    "list users": ("GET", "/users", None),
    "change": ("PATCH", "/users/1", {"full_name": "x"}),
    "replace": ("PUT", "/users/1", {"username": "xyz", "email": "x@y.org", "full_name": None}),
    "close": ("DELETE", "/users/1", None),
    "restore": ("POST", "/users/1/restore", None),
    "offer": ("POST", "/users/1/items", ITEM),
    "change an item": ("PATCH", "/items/1", {"title": "x"}),
    "withdraw": ("DELETE", "/items/1", None),
    "change a post": ("PATCH", "/posts/1", {"title": "x"}),
    "take away": ("DELETE", "/posts/1", None),
    "sweep": ("POST", "/auth/sweep", None),
}
SIGNED_IN: dict[str, tuple[str, str, Any]] = {
    **FORBIDDEN,
    "me": ("GET", "/auth/me", None),
    "logout": ("POST", "/auth/logout", None),
    "write": ("POST", "/posts", POST),
    "pay": ("POST", "/users/1/transfer", {"amount": 1}),
}


async def test_what_is_anothers_is_forbidden(on_file: Client) -> None:
    alice, bob = await on_file.person("alice"), await on_file.person("bob")
    await made(alice, "/users/1/items", **ITEM)
    await made(alice, "/posts", **POST)
    for what, (method, path, sent) in FORBIDDEN.items():
        done = await bob.request(method, path, json=sent)
        assert (done.status_code, done.json()["error"]["kind"]) == (403, "forbidden"), what


async def test_what_is_somebodys_wants_a_token(on_file: Client) -> None:
    for what, (method, path, sent) in SIGNED_IN.items():
        for said in (None, "Bearer " + "x" * 43, "Bearer", "Bearer \xfc", "Basic eDp5", ""):
            headers = [] if said is None else [(b"Authorization", said.encode("latin-1"))]
            done = await on_file.request(method, path, json=sent, headers=headers)
            assert done.status_code == 401, (what, said)
            assert done.headers["www-authenticate"] == "Bearer"


async def test_what_is_not_there_is_not_found(on_file: Client) -> None:
    alice = await on_file.person("alice")
    for method, path in (("GET", "/items/9"), ("GET", "/posts/9"), ("PATCH", "/items/9")):
        done = await alice.request(method, path, json={})
        assert (done.status_code, done.json()["error"]["kind"]) == (404, "not_found"), path
