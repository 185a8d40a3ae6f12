"""Signing in and out: rotation, reuse, revocation, and what a stranger learns."""

import asyncio
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx import Response
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from pydantic import SecretStr
from sqlalchemy import select, update

from dbctl.sample.models import RefreshToken, Token, User
from dbctl.sample.services import passwords, tokens, users
from tests.sample.api.conftest import Client, served

pytestmark = pytest.mark.anyio

PASSWORD = "correct horse"


@pytest.fixture(scope="module")
def kept() -> str:
    """A hash of the password that is quickly compared."""
    return Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


async def alice(api: Client, kept: str) -> Client:
    """Alice with a password; she is not signed in."""
    await api.person("alice")
    async with api.app.state.database.session() as session:
        await session.execute(update(User).values(hashed_password=kept))
    return api


async def login(api: Client, name: str = "alice", password: str = PASSWORD) -> Response:
    return await api.post("/auth/login", json={"login": name, "password": password})


async def refreshed(api: Client, token: str) -> Response:
    return await api.post("/auth/refresh", json={"refresh_token": token})


async def rows(api: Client, kind: type[Any]) -> list[Any]:
    async with api.app.state.database.session() as session:
        return list(await session.scalars(select(kind).order_by(kind.id)))


async def test_a_name_or_an_address_signs_in(api: Client, kept: str) -> None:
    await alice(api, kept)
    for name in ("alice", "alice@example.com", "ALICE@example.com"):
        told = (await login(api, name)).json()
        assert (told["token_type"], told["expires_in"]) == ("bearer", 900)
        me = await api.at(told["access_token"]).get("/auth/me")
        assert (me.status_code, me.json()["username"]) == (200, "alice")


async def test_only_the_hash_of_a_token_is_kept(api: Client, kept: str) -> None:
    told = (await login(await alice(api, kept))).json()
    found = [*await rows(api, Token), *await rows(api, RefreshToken)]
    held = {tokens.digest(told["access_token"]), tokens.digest(told["refresh_token"])}
    assert held < {one.token_hash for one in found}
    assert {len(told["access_token"]), len(told["refresh_token"])} == {tokens.TOKEN_LENGTH}
    text = repr([vars(one) for one in found])
    assert told["access_token"] not in text and told["refresh_token"] not in text  # noqa: PT018


async def test_who_is_unknown_closed_or_wrong_hears_the_same(
    api: Client, kept: str, verified: list[str]
) -> None:
    await alice(api, kept)
    (await login(api)).raise_for_status()
    answers = [await login(api, "alice", "wrong horse"), await login(api, "nobody")]
    async with api.app.state.database.session() as session:
        await session.execute(update(User).values(is_active=False))
    answers.append(await login(api))
    assert {one.status_code for one in answers} == {401}
    assert len({one.text for one in answers}) == 1
    assert len(verified) == 4  # a hash was compared for each of them
    assert len({one.partition("$v")[0] for one in verified}) == 1


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hashes that passwords are compared with; each in a thread that is there for it."""
    seen: list[str] = []
    verify = PasswordHash.verify

    def heard(self: PasswordHash, password: str, hashed: str) -> bool:
        assert threading.current_thread().name.startswith("password")
        seen.append(hashed)
        return verify(self, password, hashed)

    monkeypatch.setattr(PasswordHash, "verify", heard)
    return seen


async def test_a_refresh_token_is_used_once_for_new_ones(api: Client, kept: str) -> None:
    first = (await login(await alice(api, kept))).json()
    second = (await refreshed(api, first["refresh_token"])).json()
    assert not set(first.values()) & set(second.values()) - {"bearer", 900}
    assert (await api.at(first["access_token"]).get("/auth/me")).status_code == 401
    assert (await api.at(second["access_token"]).get("/auth/me")).status_code == 200
    third = (await refreshed(api, second["refresh_token"])).json()
    assert (await api.at(third["access_token"]).get("/auth/me")).status_code == 200


async def test_a_refresh_token_that_is_used_twice_ends_its_sign_in_alone(
    api: Client, kept: str
) -> None:
    first, other = [(await login(await alice(api, kept) if one else api)).json() for one in (1, 0)]
    second = (await refreshed(api, first["refresh_token"])).json()
    assert (await refreshed(api, first["refresh_token"])).status_code == 401
    assert (await api.at(second["access_token"]).get("/auth/me")).status_code == 401
    assert (await refreshed(api, second["refresh_token"])).status_code == 401
    assert (await api.at(other["access_token"]).get("/auth/me")).status_code == 200


async def test_of_many_who_refresh_at_once_one_gets_through(api: Client, kept: str) -> None:
    told = (await login(await alice(api, kept))).json()
    done = await asyncio.gather(*(refreshed(api, told["refresh_token"]) for _ in range(8)))
    assert sorted(one.status_code for one in done) == [200] + [401] * 7
    (won,) = [one.json() for one in done if one.status_code == 200]
    # Seven of them were a second use: what the first one got is void, too.
    assert (await api.at(won["access_token"]).get("/auth/me")).status_code == 401


async def test_who_signs_out_is_out_with_both_tokens_and_nowhere_else(
    api: Client, kept: str
) -> None:
    first, other = [(await login(await alice(api, kept) if one else api)).json() for one in (1, 0)]
    assert (await api.at(first["access_token"]).post("/auth/logout")).status_code == 204
    assert (await api.at(first["access_token"]).get("/auth/me")).status_code == 401
    assert (await refreshed(api, first["refresh_token"])).status_code == 401
    assert (await refreshed(api, other["refresh_token"])).status_code == 200


async def test_tokens_expire(api: Client, kept: str) -> None:
    told = (await login(await alice(api, kept))).json()
    past = datetime.now(UTC) - timedelta(seconds=1)
    async with api.app.state.database.session() as session:
        for kind in tokens.KINDS:
            await session.execute(update(kind).values(expires_at=past))
    assert (await api.at(told["access_token"]).get("/auth/me")).status_code == 401
    assert (await refreshed(api, told["refresh_token"])).status_code == 401
    await login(api)  # sweeps the user's expired ones away
    assert len(await rows(api, Token)) == len(await rows(api, RefreshToken)) == 1


async def test_a_closed_account_refreshes_nothing(api: Client, kept: str) -> None:
    told = (await login(await alice(api, kept))).json()
    async with api.app.state.database.session() as session:
        await session.execute(update(User).values(is_active=False))
    assert (await refreshed(api, told["refresh_token"])).status_code == 401


async def test_another_password_ends_every_sign_in(api: Client, kept: str) -> None:
    told = (await login(await alice(api, kept))).json()
    async with api.app.state.database.session() as session:
        await users.set_password(session, 1, SecretStr("another horse"))
    assert (await api.at(told["access_token"]).get("/auth/me")).status_code == 401
    assert (await refreshed(api, told["refresh_token"])).status_code == 401


async def test_nobody_holds_a_connection_while_a_hash_is_made(
    api: Client, kept: str, verified: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pool: Any = (await alice(api, kept)).app.state.database.async_engine.pool
    used: list[int] = []
    aside = passwords._aside

    async def heard(work: Any) -> Any:
        used.append(pool.checkedout())
        return await aside(work)

    monkeypatch.setattr(passwords, "_aside", heard)
    await login(api)
    await login(api, "nobody")
    new = {"username": "bob", "email": "bob@example.com", "password": PASSWORD}
    await api.post("/users", json=new)
    assert (used, len(verified)) == ([0] * 3, 2)


@pytest.fixture
async def strict(sqlite_url: str) -> AsyncIterator[Client]:
    """An application that takes three attempts a minute."""
    async with served(sqlite_url, attempts_per_minute=3, waiting_hashes=2) as made:
        yield made


async def test_an_account_is_tried_so_often_and_no_more(strict: Client, kept: str) -> None:
    await alice(strict, kept)
    for _ in range(3):
        assert (await login(strict, "ALICE", "wrong horse")).status_code == 401
    refused = await login(strict)
    assert (refused.status_code, refused.json()["error"]["kind"]) == (429, "too_many")
    assert 1 <= int(refused.headers["retry-after"]) <= 20
    assert (await login(strict, "bob")).status_code == 401  # another account still can be tried


async def test_so_many_accounts_are_opened_from_one_address(strict: Client) -> None:
    found: list[int] = []
    for number in range(4):
        new = {"username": f"bob{number}", "email": f"bob{number}@example.com"}
        done = await strict.post("/users", json={**new, "password": PASSWORD})
        found.append(done.status_code)
    assert found == [201, 201, 201, 429]


async def test_of_hashes_at_once_the_rest_is_turned_away(
    strict: Client, kept: str, verified: list[str]
) -> None:
    done = await asyncio.gather(*(login(strict, f"nobody{number}") for number in range(6)))
    assert sorted(one.status_code for one in done) == [401] * 2 + [429] * 4
    assert len(verified) == 2
