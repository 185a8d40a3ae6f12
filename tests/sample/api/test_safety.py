"""What a client must never be able to do, see or bring about."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import event, func, select, text

from dbctl import Settings
from dbctl.errors import ConfigurationError
from dbctl.sample.api.app import create_app
from dbctl.sample.api.options import Options
from dbctl.sample.models import User
from tests.sample.api.conftest import API, Client, served

pytestmark = pytest.mark.anyio

ALICE = {"username": "alice", "email": "alice@example.com", "password": "correct horse"}
BOB = {"username": "bob", "email": "bob@example.com", "password": "correct horse"}


def spelled(value: Any) -> bytes:
    """JSON that spells half a character as an escape, as Python's does."""
    return json.dumps(value).encode()


HALF = "\ud800" * 8
# The first nine gave a 500 in a tutorial's application.
BAD: dict[str, tuple[str, str, bytes | None, int]] = {
    "null e-mail": ("POST", "/users", spelled({**BOB, "email": None}), 422),
    "duplicate": ("POST", "/users", spelled({**BOB, "username": "root"}), 409),
    "nobody's item": ("POST", "/users/99/items", spelled({"title": "t", "price": 1}), 404),
    "id 2^31": ("GET", f"/users/{2**31}", None, 422),
    "id 2^63": ("GET", f"/items/{2**63}", None, 422),
    "limit -1": ("GET", "/items?limit=-1", None, 422),
    "NUL": ("POST", "/posts", spelled({"title": "a\0b", "content": "c"}), 422),
    "bad UTF-8": ("POST", "/posts", b'{"title": "\xff", "content": "c"}', 400),
    "half a character": ("POST", "/posts", spelled({"title": "\ud800", "content": "c"}), 422),
    "NUL in a search": ("GET", "/items?search=%00", None, 422),
    "NUL in a name": ("POST", "/auth/login", spelled({"login": "\0", "password": "x" * 8}), 422),
    "half a name": ("POST", "/auth/login", spelled({"login": "\ud800", "password": "x" * 8}), 422),
    "half a password": ("POST", "/auth/login", spelled({"login": "a", "password": HALF}), 422),
    "half a token": ("POST", "/auth/refresh", spelled({"refresh_token": "\ud800"}), 401),
    "bad UTF-8 in a search": ("GET", "/items?search=%ff", None, 200),
    "a cursor of nothing": ("GET", "/items?after=WyI", None, 404),
    "a cursor of too much": ("GET", f"/items?after={'A' * 2001}", None, 422),
    "deep": ("POST", "/posts", b"[" * 100_000 + b"]" * 100_000, 400),
    "no JSON": ("POST", "/posts", b"title=a", 422),
    "NaN": ("POST", "/users/1/items", b'{"title": "t", "price": NaN}', 422),
    "endless": ("POST", "/users/1/items", b'{"title": "t", "price": 1e999}', 422),
    "digits": ("POST", "/users/1/items", b'{"title": "t", "price": ' + b"9" * 5000 + b"}", 400),
    "a word as an id": ("GET", "/users/me", None, 422),
    "a number of another kind": ("GET", "/items?limit=1_0", None, 422),
}  # fmt: skip


async def test_bad_input_is_refused_and_never_a_fault_of_ours(api: Client) -> None:
    root = await api.person("root", is_superuser=True)
    for what, (method, path, sent, status) in BAD.items():
        kind = {"Content-Type": "application/json"}
        done = await root.request(method, path, content=sent, headers=kind)
        assert done.status_code == status, (what, done.text)
        assert status == 200 or done.json()["error"]["kind"], what


async def test_what_was_sent_is_not_repeated(on_file: Client) -> None:
    secret = "s3cr3t\0-Zq9"
    done = await on_file.post("/users", json={**ALICE, "password": secret, "email": secret})
    assert done.status_code == 422
    assert "s3cr3t" not in done.text
    assert [one["at"] for one in done.json()["error"]["fields"]] == ["body.email", "body.password"]


# A row that points at nothing, which the database is to notice when it is asked to commit.
BROKEN = {
    "sqlite": ["CREATE TRIGGER t AFTER INSERT ON users BEGIN INSERT INTO vows VALUES (-1); END"],
    "postgresql": [
        "CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN INSERT INTO vows VALUES (-1); RETURN NULL; END'",
        "CREATE TRIGGER t AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION t()",
    ],
}
VOWS = "CREATE TABLE vows (id INTEGER REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED)"


async def test_a_commit_that_fails_is_no_success(api: Client) -> None:
    database = api.app.state.database
    async with database.session() as session:
        for statement in (VOWS, *BROKEN[database.url.dialect]):
            await session.execute(text(statement))
    done = await api.post("/users", json=ALICE)
    assert (done.status_code, done.json()["error"]["kind"]) == (404, "not_found")
    async with database.session() as session:
        assert await session.scalar(select(func.count()).select_from(User)) == 0


async def test_a_handler_that_fails_leaves_nothing_behind(api: Client) -> None:
    root = await api.person("root", is_superuser=True)

    def broken(*_: object) -> None:
        raise RuntimeError("SELECT secret")

    event.listen(User, "before_update", broken)
    done = await root.patch("/users/1", json={"full_name": "x"})
    event.remove(User, "before_update", broken)
    assert (done.status_code, done.json()["error"]["kind"]) == (500, "bug")
    assert "secret" not in done.text
    assert done.headers["x-content-type-options"] == "nosniff"
    assert (await root.get("/auth/me")).json()["full_name"] is None
    assert api.app.state.database.async_engine.pool.checkedout() == 0


async def test_every_answer_has_the_headers_and_no_other_site_may_read_it(on_file: Client) -> None:
    origin = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}
    for method, path, status in (
        ("GET", "/items", 200),
        ("GET", "/nowhere", 404),
        ("GET", "/auth/me", 401),
        ("OPTIONS", "/items", 405),
    ):
        done = await on_file.request(method, path, headers=origin)
        assert done.status_code == status
        assert not [name for name in done.headers if name.startswith("access-control")]
        assert done.headers["cache-control"] == "no-store"
        assert done.headers["content-security-policy"].startswith("default-src 'none'")
        assert "strict-transport-security" not in done.headers


async def test_behind_tls_browsers_are_told_to_stay_there(sqlite_url: str) -> None:
    async with served(sqlite_url, tls="proxy") as api:
        done = await api.get("/items")
    assert done.headers["strict-transport-security"] == "max-age=31536000"


async def test_a_path_says_what_it_takes(on_file: Client) -> None:
    done = await on_file.request("PATCH", "/users")
    assert (done.status_code, done.headers["allow"]) == (405, "GET, POST")
    done = await on_file.request("POST", "/items/1")
    assert (done.status_code, done.headers["allow"]) == (405, "DELETE, GET, PATCH")


@pytest.fixture
async def small(sqlite_url: str) -> AsyncIterator[Client]:
    """An application that takes bodies of 2,000 bytes."""
    async with served(sqlite_url, body_bytes=2_000) as made:
        yield made


async def test_a_large_body_is_refused_announced_or_not(small: Client) -> None:
    alice = await small.person("alice")

    async def parts() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield b" " * 100

    kind = {"Content-Type": "application/json"}
    for content in (b" " * 2_001, parts()):
        done = await alice.post("/posts", content=content, headers=kind)
        assert (done.status_code, done.json()["error"]["kind"]) == (413, "too_large")
    sent = {"title": "t", "content": "x" * 1_900}
    assert (await alice.post("/posts", json=sent)).status_code == 201


async def test_a_body_that_is_announced_as_too_large_is_not_read(small: Client) -> None:
    alice = await small.person("alice")

    read: list[int] = []

    async def parts() -> AsyncIterator[bytes]:
        read.append(1)
        yield b" " * 2_001

    announced = {"Content-Type": "application/json", "Content-Length": "2001"}
    done = await alice.post("/posts", content=parts(), headers=announced)
    assert (done.status_code, read) == (413, [])


async def test_no_input_that_is_allowed_is_too_large(on_file: Client) -> None:
    alice = await on_file.person("alice")
    sent = {"title": "t", "content": "\U0001f600" * 100_000}  # twelve bytes each, as escapes
    kind = {"Content-Type": "application/json"}
    assert (await alice.post("/posts", content=spelled(sent), headers=kind)).status_code == 201


PRD = "postgresql://u:p@db.example/x"
TLS: dict[str, tuple[str, dict[str, Any], bool]] = {
    "nothing said": (PRD, {}, False),
    "clients alone": (PRD, {"tls": "proxy"}, False),
    "database alone": (f"{PRD}?sslmode=verify-full", {}, False),
    "both": (f"{PRD}?sslmode=require", {"tls": "direct"}, True),
    "both off": (f"{PRD}?sslmode=disable", {"tls": "off"}, True),
    "a file": ("sqlite:///x.db", {"tls": "proxy"}, True),
}


@pytest.mark.parametrize("case", TLS)
def test_production_wants_to_be_told_about_tls(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    url, options, starts = TLS[case]
    settings = Settings.load(env="prd", url=url)
    if starts:
        assert create_app(settings, Options.model_validate(options)).title
        return
    with pytest.raises(ConfigurationError, match="TLS"):
        create_app(settings, Options.model_validate(options))


def test_the_database_setting_counts_as_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBCTL_SSL", "verify-full")
    assert create_app(
        Settings.load(env="prd", url=PRD), Options.model_validate({"tls": "proxy"})
    ).title
    assert create_app(Settings.load(env="dev", url=PRD), Options.model_validate({})).title


def test_options_are_variables_with_names_that_are_checked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    (tmp_path / ".env").write_text("SAMPLE_ACCESS_MINUTES=5\nSAMPLE_TLS=off\n")
    (tmp_path / "pyproject.toml").write_text("[tool.dbctl]\n")
    monkeypatch.setenv("SAMPLE_TLS", "proxy")
    found = Options.load(Settings.load())
    assert (found.tls, found.access_minutes, found.refresh_days) == ("proxy", 5, 14)
    monkeypatch.setenv("SAMPLE_ACCESS_MINUTES", "0")
    with pytest.raises(ConfigurationError, match="SAMPLE_ACCESS_MINUTES: "):
        Options.load(Settings.load())
    monkeypatch.setenv("SAMPLE_ACCES_MINUTES", "5")
    with pytest.raises(ConfigurationError) as caught:
        Options.load(Settings.load())
    assert caught.value.hint == "did you mean SAMPLE_ACCESS_MINUTES?"


def test_the_documentation_needs_nobody_elses_server() -> None:
    app = create_app(Settings.load())
    assert app.docs_url is None
    assert app.redoc_url is None
    assert all(path.startswith(API) for path in app.openapi()["paths"] if path.count("/") > 1)
