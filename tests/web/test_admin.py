"""The admin: who gets in, what is hidden, that it only reads, and that it never stands in prd."""

import pytest

from dbctl.errors import RefusedError
from dbctl.sample.models import Base, Item, User
from dbctl.web import admin, session
from tests.web.conftest import PASSWORD, Visitor, person, visiting

pytestmark = pytest.mark.anyio
TABLES = ("item", "post", "refresh-token", "token", "user-data", "user")


async def test_a_stranger_is_sent_to_the_door(on_file: Visitor) -> None:
    for path in ("/admin/", "/admin/user/list", "/admin/user/detail?pk=1", "/admin/nothing"):
        found = await on_file.get(path)
        assert (found.status_code, "/admin/login" in found.headers["location"]) == (303, True)


async def test_a_superuser_gets_in_and_browses_every_table(visitor: Visitor) -> None:
    await person(visitor.app, "root", superuser=True)
    assert (await visitor.sign_in("root")).status_code == 303
    for key in TABLES:
        page = await visitor.get(f"/admin/{key}/list")
        assert page.status_code == 200, key
    assert "mireille@example.org" in page.text
    item = await visitor.get("/admin/item/detail?pk=1")
    assert "Key to the workshop" in item.text


@pytest.mark.parametrize(
    ("name", "password"), [("amy", PASSWORD), ("root", "wrong"), ("nobody", PASSWORD), ("", "")]
)
async def test_nobody_else_gets_in(name: str, password: str, on_file: Visitor) -> None:
    await person(on_file.app, "root", superuser=True)
    await person(on_file.app, "amy", superuser=False)
    refused = await on_file.sign_in(name, password)
    assert refused.status_code == 400
    assert session.COOKIE not in on_file.cookies
    assert (await on_file.get("/admin/user/list")).status_code == 303


async def test_the_door_counts_attempts_as_the_api_does(sample_sqlite_url: str) -> None:
    async with visiting(sample_sqlite_url, attempts_per_minute=2) as visitor:
        found = [await visitor.sign_in("root", "wrong") for _ in range(3)]
    assert "too many attempts" in found[-1].text
    assert "too many attempts" not in found[0].text


async def test_the_session_is_a_cookie_that_no_script_reads_and_no_other_site_sends(
    on_file: Visitor,
) -> None:
    await person(on_file.app, "root", superuser=True)
    given = (await on_file.sign_in("root")).headers["set-cookie"].lower()
    assert "httponly" in given
    assert "samesite=strict" in given


async def test_signing_out_ends_the_session_on_the_server(on_file: Visitor) -> None:
    await person(on_file.app, "root", superuser=True)
    await on_file.sign_in("root")
    kept = on_file.cookies[session.COOKIE]
    assert (await on_file.post("/admin/logout", data=on_file.form_token)).status_code == 303
    on_file.cookies.set(session.COOKIE, kept, domain="test.local")
    assert (await on_file.get("/admin/user/list")).status_code == 303


async def test_a_form_without_its_token_is_refused(on_file: Visitor) -> None:
    await person(on_file.app, "root", superuser=True)
    await on_file.sign_in("root")
    assert (await on_file.post("/admin/logout", data={})).status_code == 403
    assert (await on_file.get("/admin/user/list")).status_code == 200


async def test_hashes_are_nowhere(on_file: Visitor) -> None:
    await person(on_file.app, "root", superuser=True)
    await on_file.sign_in("root")
    for path in ("user/list", "user/detail?pk=1", "token/list", "refresh-token/list"):
        page = (await on_file.get(f"/admin/{path}")).text
        assert "$argon2" not in page
        assert "hashed_password" not in page
        assert "token_hash" not in page
    sorted_by = await on_file.get("/admin/user/list?sort=hashed_password")
    assert "$argon2" not in sorted_by.text


async def test_it_only_reads_unless_told_otherwise(on_file: Visitor) -> None:
    await person(on_file.app, "root", superuser=True)
    await on_file.sign_in("root")
    assert (await on_file.get("/admin/item/edit?pk=1")).status_code == 403
    sent = {"title": "changed", "price": "1", **on_file.form_token}
    assert (await on_file.post("/admin/item/edit?pk=1", data=sent)).status_code == 403
    assert await _title(on_file) == "Key to the workshop"


async def test_its_sessions_write_nothing_even_past_its_forms(on_file: Visitor) -> None:
    reading = admin._sessions(on_file.app.state.database, write=False)
    async with reading() as opened:
        (await opened.get_one(Item, 1)).title = "changed"
        with pytest.raises(RefusedError):
            await opened.commit()


async def test_with_write_rows_are_changed_and_refusals_told(
    sample_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBCTL_SERVE_WRITE", "1")
    async with visiting(sample_url) as visitor:
        await person(visitor.app, "root", superuser=True)
        await visitor.sign_in("root")
        sent = {"title": "changed", "price": "12.50", "owner": "1", **visitor.form_token}
        assert (await visitor.post("/admin/item/edit?pk=1", data=sent)).status_code == 303
        assert await _title(visitor) == "changed"
        refused = await visitor.post("/admin/item/edit?pk=1", data={**sent, "price": "-3"})
        assert refused.status_code == 422
        assert "the check" in refused.text
        assert "UPDATE" not in refused.text
        assert (await visitor.get("/admin/user/create")).status_code == 403


async def _title(visitor: Visitor) -> str:
    async with visitor.app.state.database.session() as opened:
        return str((await opened.get_one(Item, 1)).title)


@pytest.mark.parametrize("key", ["abc", "99999999999999999999", "1%00", ""])
async def test_a_key_that_is_none_is_not_found(key: str, visitor: Visitor) -> None:
    await person(visitor.app, "root", superuser=True)
    await visitor.sign_in("root")
    assert (await visitor.get(f"/admin/item/detail?pk={key}")).status_code == 404


async def test_values_are_never_markup(on_file: Visitor) -> None:
    await person(on_file.app, "root", superuser=True)
    async with on_file.app.state.database.session() as opened:
        (await opened.get_one(Item, 1)).title = "<img src=x onerror=alert(1)>"
        (await opened.get_one(User, 1)).full_name = "<script>alert(1)</script>"
    await on_file.sign_in("root")
    for path in ("item/list", "item/detail?pk=1", "user/list", "user/detail?pk=1"):
        page = (await on_file.get(f"/admin/{path}")).text
        assert "<img src=x" not in page
        assert "<script>alert(1)" not in page


async def test_there_is_none_in_a_protected_environment(sample_sqlite_url: str) -> None:
    async with visiting(sample_sqlite_url, "prd", tls="off") as visitor:
        assert (await visitor.get("/admin/")).status_code == 404
        assert "/admin" not in (await visitor.get("/")).text
        database = visitor.app.state.database
        with pytest.raises(RefusedError):
            admin.mount(visitor.app, database, [User], None, title="x")  # type: ignore[arg-type]


async def test_without_the_extra_there_is_no_admin_and_no_link(
    sample_sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admin, "find_spec", lambda _: None)
    async with visiting(sample_sqlite_url) as visitor:
        assert (await visitor.get("/admin/")).status_code == 404
        assert "/admin" not in (await visitor.get("/")).text


def test_every_mapped_class_of_the_sample_has_a_view() -> None:
    from dbctl.web.views import views

    classes = [mapper.class_ for mapper in Base.registry.mappers]
    assert sorted(str(view.key) for view in views(classes, write=False)) == sorted(TABLES)
