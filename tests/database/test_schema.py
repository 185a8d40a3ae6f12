"""A schema as a dictionary: the same whatever the order it was made in, another for any change."""

import pytest

from dbctl.database import schema
from dbctl.database.server import server
from dbctl.settings import Settings

ONE = "CREATE TABLE one (id integer PRIMARY KEY, a text NOT NULL DEFAULT 'x', b integer UNIQUE)"
OTHER = "CREATE TABLE other (b integer UNIQUE, one integer REFERENCES one (id), CHECK (b > 0))"
AGAIN = "CREATE TABLE one (b integer UNIQUE, a text DEFAULT 'x' NOT NULL, id integer PRIMARY KEY)"
RICH = (
    "CREATE TYPE mood AS ENUM ('ok', 'sad')",
    "CREATE SEQUENCE steps INCREMENT 5",
    "CREATE TABLE days (at date NOT NULL) PARTITION BY RANGE (at)",
    "CREATE TABLE january PARTITION OF days FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')",
    "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "CREATE TRIGGER t BEFORE INSERT ON days FOR EACH ROW EXECUTE FUNCTION f()",
    "CREATE MATERIALIZED VIEW seen AS SELECT count(*) AS n FROM days",
)


@pytest.mark.anyio
async def test_the_order_of_making_does_not_count(database_url: str) -> None:
    settings = Settings.load(url=database_url)
    await server(settings).create()
    async with server(settings).open() as session:
        for statement in (ONE, "CREATE INDEX i ON one (a)", OTHER):
            await session.fetch(statement)
        before = await schema.described(session)
        for statement in ("DROP TABLE other", "DROP TABLE one", AGAIN, OTHER):
            await session.fetch(statement)
        await session.fetch("CREATE INDEX i ON one (a)")
        await session.provide("mark", "ledger")
        assert schema.differences(before, await schema.described(session)) == ()


@pytest.mark.anyio
async def test_every_change_is_named(database_url: str) -> None:
    settings = Settings.load(url=database_url)
    await server(settings).create()
    async with server(settings).open() as session:
        await session.fetch(ONE)
        before = await schema.described(session)
        await session.fetch("ALTER TABLE one ADD COLUMN c integer")
        await session.fetch("CREATE VIEW v AS SELECT id FROM one")
        found = schema.differences(before, await schema.described(session))
    kinds = {(one.kind, one.object.split()[0]) for one in found}
    assert kinds == {("added", "column"), ("added", "view")}


@pytest.mark.anyio
async def test_what_only_postgresql_has_is_described(postgres_url: str) -> None:
    async with server(Settings.load(url=postgres_url)).open() as session:
        for statement in RICH:
            await session.fetch(statement)
        found = await schema.described(session)
    assert found["enum mood"] == "'ok', 'sad'"
    assert "by 5" in found["sequence steps"]
    assert "RANGE" in found["table days"]
    assert "2026-02-01" in found["partition january"]
    assert {"trigger days.t", "materialized view seen", "function f()"} <= found.keys()
