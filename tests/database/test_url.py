"""URLs: read from every spelling, written back the same, printed without secrets."""

import base64
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sqlalchemy.engine import URL, make_url

from dbctl.database.engine import sqlalchemy_url
from dbctl.database.url import Url
from dbctl.errors import ConfigurationError

SECRET = "s3cr3t-Zq9%25@"  # not anybody's password

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
WORD = st.text("abcxyz_", min_size=1, max_size=8)
HOST = st.sampled_from(["db.test", "127.0.0.1", "::1", "localhost", "fe80::2"])
VALUES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
QUERY = st.lists(st.tuples(WORD.map("x_{}".format), VALUES), max_size=3).map(tuple)
SERVER_URLS = st.builds(
    Url,
    dialect=st.just("postgresql"),
    driver=st.sampled_from(["", "asyncpg", "psycopg"]),
    user=TEXT.filter(bool),
    password=TEXT,
    host=HOST,
    port=st.none() | st.integers(1, 65535),
    name=TEXT,
    query=QUERY,
)


@given(SERVER_URLS)
def test_a_written_url_reads_as_the_same_parts(url: Url) -> None:
    assert Url.parse(url.text) == url


@given(SERVER_URLS)
def test_sqlalchemy_sees_the_same_parts(url: Url) -> None:
    # Not every 2.0 can write every name.
    assume(make_url(str(URL.create("x", database=url.name))).database in (url.name, None))
    made = make_url(sqlalchemy_url(url, "asyncpg").render_as_string(hide_password=False))
    assert (made.username, made.password or "", made.host) == (url.user, url.password, url.host)
    assert (made.port, made.database or "") == (url.port, url.name)


@given(SERVER_URLS, TEXT)
def test_a_masked_url_never_holds_the_password(url: Url, more: str) -> None:
    password = SECRET + more
    secret = Url(url.dialect, url.driver, url.user, password, url.host, url.port, url.name)
    for shown in (secret.masked, repr(secret), str(secret), f"{secret}"):
        assert not [spelling for spelling in spellings(SECRET) if spelling in shown]


def spellings(secret: str) -> tuple[str, ...]:
    """The secret as it may stand in a text: raw, encoded, encoded twice, in base64."""
    once = quote(secret, safe="")
    return secret, once, quote(once, safe=""), base64.b64encode(secret.encode()).decode()[:12]


@given(TEXT.filter(bool), QUERY)
def test_a_file_of_any_name_reads_as_the_same_parts(name: str, query: tuple[()]) -> None:
    file = Path("/data") / name.replace("/", "_")
    url = Url("sqlite", "", name=str(file), query=query)
    assert Url.parse(url.text) == url


SPELLINGS = {
    "postgres://h/x": Url("postgresql", host="h", name="x"),
    "postgresql+psycopg2://u@h/x": Url("postgresql", "psycopg2", user="u", host="h", name="x"),
    "POSTGRESQL://h/x": Url("postgresql", host="h", name="x"),
    "  postgresql://h/x\n": Url("postgresql", host="h", name="x"),
    "postgresql://u:p@[::1]:6000/x": Url("postgresql", "", "u", "p", "::1", 6000, "x"),
    "postgresql://": Url("postgresql"),
    "postgresql:///x": Url("postgresql", name="x"),
    "postgresql://h": Url("postgresql", host="h"),
    "postgresql://u:@h/x": Url("postgresql", user="u", host="h", name="x"),
    "postgresql://u:a%2Fb%40c@h/x": Url(
        "postgresql", user="u", password="a/b@c", host="h", name="x"
    ),
    "postgresql://u:a/b@c@h/x": Url("postgresql", user="u", password="a/b@c", host="h", name="x"),
    "postgresql://u:1?2@h/x": Url("postgresql", user="u", password="1?2", host="h", name="x"),
    "postgresql://h:5432/x?application_name=me@home": Url(
        "postgresql", host="h", port=5432, name="x", query=(("application_name", "me@home"),)
    ),
    "postgresql://u:p@h/x?options=a@b:c": Url(
        "postgresql", user="u", password="p", host="h", name="x", query=(("options", "a@b:c"),)
    ),
    "postgresql://h/?user=u&password=p&port=6000&dbname=x": Url(
        "postgresql", user="u", password="p", host="h", port=6000, name="x"
    ),
    "postgresql://u@/x?host=ep-1-pooler.eu.neon.tech": Url(
        "postgresql", user="u", host="ep-1-pooler.eu.neon.tech", name="x"
    ),
    "postgresql:///x?host=/run/pg&port=6000": Url(
        "postgresql", name="x", query=(("host", "/run/pg"), ("port", "6000"))
    ),
}


@pytest.mark.parametrize(("text", "parts"), SPELLINGS.items(), ids=SPELLINGS)
def test_every_spelling_is_read(text: str, parts: Url) -> None:
    assert Url.parse(text) == parts


FILES = {
    "sqlite:///x.db": "/home/x.db",
    "sqlite:///./a/../x.db": "/home/a/../x.db",
    "sqlite:////abs/x.db": "/abs/x.db",
    "sqlite+aiosqlite:///x%20y.db": "/home/x y.db",
    "sqlite:///a%3Fb%23.db": "/home/a?b#.db",
    "sqlite:///file:x.db?uri=true": "/home/x.db",
    "sqlite:///file:/abs/x.db?uri=true": "/abs/x.db",
}


@pytest.mark.parametrize(("text", "file"), FILES.items(), ids=FILES)
def test_a_file_starts_at_the_project(text: str, file: str) -> None:
    assert Url.parse(text, base=Path("/home")).file == Path(file)


MEMORY = [
    "sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:///file::memory:?uri=true",
    "sqlite:///file:x?mode=memory&uri=true",
]  # fmt: skip


@pytest.mark.parametrize("text", MEMORY)
def test_a_database_in_memory_has_no_file(text: str) -> None:
    assert Url.parse(text).file is None


REFUSED = {
    "": "cannot be read",
    "app.db": "cannot be read",
    "postgresql:h/x": "cannot be read",
    "mysql://u:{}@h/x": "does not know the database 'mysql'",
    "mongodb+srv://u:{}@h/x": "does not know the database 'mongodb'",
    "postgresql://u:{}@h:port/x": "port",
    "postgresql://u:{}@h:0/x": "port",
    "postgresql://u:{}@h:65536/x": "port",
    "postgresql://u:{}@h1:1,h2:2/x": "port",
    "sqlite://u:{}@h/x.db": "a SQLite URL has no host",
    "sqlite://x.db": "a SQLite URL has no host",
    "postgresql://u:{}@localhost/x?host=db.test": "names host twice",
    "postgresql://u:{}@h/x?password=other": "names password twice",
    "postgresql://u:{}@h/x?dbname=y": "names dbname twice",
    "postgresql://u:{}@h/?port=p": "port",
}


@pytest.mark.parametrize(("text", "why"), REFUSED.items(), ids=REFUSED)
def test_what_cannot_be_used_is_refused_without_its_text(text: str, why: str) -> None:
    with pytest.raises(ConfigurationError, match=why) as caught:
        Url.parse(text.format(quote(SECRET, safe="")))
    shown = f"{caught.value.message} {caught.value.hint} {caught.value.__context__}"
    assert not [spelling for spelling in spellings(SECRET) if spelling in shown]


HIDDEN = [
    "postgresql://u:{}@h/x", "postgresql://h/x?user=u&password={}",
    "postgresql://h/x?sslpassword={}", "postgresql://:{}@h/x",
]  # fmt: skip


@pytest.mark.parametrize("text", HIDDEN)
def test_a_password_is_masked_wherever_it_stands(text: str) -> None:
    url = Url.parse(text.format(quote(SECRET, safe="")))
    assert "***" in url.masked
    assert not [spelling for spelling in spellings(SECRET) if spelling in url.masked]


LOCAL = {
    "sqlite:///x.db": True,
    "postgresql:///x": True,
    "postgresql://localhost/x": True,
    "postgresql://LOCALHOST/x": True,
    "postgresql://127.0.0.1/x": True,
    "postgresql://[::1]/x": True,
    "postgresql:///x?host=/run/pg": True,
    "postgresql://db.test/x": False,
    "postgresql:///x?host=db.test": False,
    "postgresql://localhost.evil.test/x": False,
    "postgresql://127.0.0.1.evil.test/x": False,
}


@pytest.mark.parametrize(("text", "local"), LOCAL.items(), ids=LOCAL)
def test_this_machine_is_told_from_others(text: str, local: bool) -> None:
    assert Url.parse(text).is_local is local


POOLED = {
    "ep-a-1-pooler.eu-1.aws.neon.tech": "ep-a-1.eu-1.aws.neon.tech",
    "ep-a-1.eu-1.aws.neon.tech": "ep-a-1.eu-1.aws.neon.tech",
    "a.x-pooler.test": "a.x-pooler.test",
}


@pytest.mark.parametrize(("host", "direct"), POOLED.items(), ids=POOLED)
def test_a_pooled_host_has_a_direct_one(host: str, direct: str) -> None:
    url = Url.parse(f"postgresql://u@{host}/x")
    assert url.direct.host == direct
    assert url.is_pooled is (host != direct)


def test_another_database_of_the_same_server_keeps_everything_else() -> None:
    url = Url.parse("postgresql://u:p@h:6000/?dbname=x&sslmode=require")
    assert url.named("y/z").text == "postgresql://u:p@h:6000/y%2Fz?sslmode=require"
