"""Rows of seed files in the database: fitting, once, all or nothing."""

import enum
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from dbctl import Database, Settings, loop
from dbctl.errors import SeedRefusedError
from dbctl.seed import load, values
from dbctl.seed.model import Seeded
from tests.schema import rows_of


class Tint(enum.Enum):
    """A colour whose value is not its name."""

    red = 1
    green = 2


METADATA = sa.MetaData()
OWNERS = sa.Table(
    "owners",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(10), nullable=False, unique=True),
    sa.Column("code", sa.String(5), unique=True),
    sa.Column("active", sa.Boolean, nullable=False, default=True),
    sa.CheckConstraint("name <> 'nobody'", name="somebody"),
)
THINGS = sa.Table(
    "things",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("owner_id", sa.ForeignKey("owners.id")),
    sa.Column("small", sa.SmallInteger),
    sa.Column("whole", sa.Integer),
    sa.Column("big", sa.BigInteger),
    sa.Column("ratio", sa.Float),
    sa.Column("price", sa.Numeric(6, 2)),
    sa.Column("yes", sa.Boolean),
    sa.Column("day", sa.Date),
    sa.Column("at", sa.DateTime(timezone=True)),
    sa.Column("local", sa.DateTime),
    sa.Column("clock", sa.Time),
    sa.Column("tint", sa.Enum(Tint, name="tint")),
    sa.Column("key", sa.Uuid),
    sa.Column("note", sa.Text),
    sa.Column("extra", sa.JSON),
)
Seed = Callable[..., Seeded]


async def prepared(url: str) -> None:
    async with Database(Settings.load(url=url), metadata=METADATA) as database:
        await database.create_tables()


async def seeded(url: str, folder: Path) -> Seeded:
    async with Database(Settings.load(url=url), metadata=METADATA) as database:
        return await load.run(database, folder)


async def stored(url: str, query: sa.Select[Any]) -> list[Any]:
    async with Database(Settings.load(url=url)) as database, database.session() as session:
        return [tuple(row) for row in await session.execute(query)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the seed files."""
    (tmp_path / "seeds").mkdir()
    return tmp_path / "seeds"


@pytest.fixture
def seed(database_url: str, folder: Path) -> Seed:
    """`seed({name: text or rows})` writes the files and loads the folder."""
    loop.run(prepared(database_url))

    def run(content: dict[str, Any]) -> Seeded:
        for name, text in content.items():
            written = text if isinstance(text, str) else json.dumps(text)
            (folder / name).write_text(written, encoding="utf-8")
        return loop.run(seeded(database_url, folder))

    return run


@pytest.fixture
def refused(seed: Seed, database_url: str) -> Callable[..., str]:
    """`refused(files)`: the message; the database must be as it was."""

    def run(content: dict[str, Any]) -> str:
        before = rows_of(database_url)
        with pytest.raises(SeedRefusedError) as caught:
            seed(content)
        assert rows_of(database_url) == before
        assert len(f"{caught.value.message}\n{caught.value.hint}".splitlines()) <= 6
        return caught.value.message

    return run


FITTING = {
    "small": ["-32768", "32767"],
    "whole": ["-2147483648", "2147483647", "+7", "007"],
    "big": ["-9223372036854775808", "9223372036854775807"],
    "ratio": ["1.5", "-1e3", ".5", "2."],
    "price": ["9999.99", "-0.01", "1", "1.50"],
    "yes": ["true", "False", "1", "0"],
    "day": ["2024-02-29"],
    "at": ["2024-02-29T12:00:00+02:00", "2024-02-29 10:00"],
    "local": ["2024-02-29T12:00:00", "2024-02-29T12:00:00Z"],
    "clock": ["23:59:59"],
    "tint": ["red", "green"],
    "key": ["00000000-0000-0000-0000-000000000001"],
    "note": ["", "Café 🎉", "a\nb", "[/b]", "no", "010"],
}
UNFIT = {
    "small": ["32768", "-32769", "1.0", "x"],
    "whole": ["2147483648", "1_000", " 7", "٣", "1e3", "true", "0x1F", "no"],
    "big": ["9223372036854775808", "9" * 40],
    "ratio": ["NaN", "inf", "-Infinity", "1e999", "1_0.0", "x"],
    "price": ["NaN", "Infinity", "10000", "0.001", "1,5", "1e99999"],
    "yes": ["no", "yes", "2", "on", "t"],
    "day": ["2023-02-29", "29.02.2024", "x"],
    "at": ["2024-13-01T00:00", "yesterday"],
    "clock": ["25:00", "x"],
    "tint": ["blue", "1", "Tint.red"],
    "key": ["x", "123"],
    "note": ["a\0b"],
}


@pytest.mark.parametrize("column", FITTING)
def test_what_fits_is_stored_the_same_on_both(seed: Seed, column: str) -> None:
    rows = [{column: value} for value in FITTING[column] if value]
    done = seed({"things.json": rows})
    assert done.files[0].inserted + done.files[0].unchanged == len(rows)
    assert seed({}).rows == 0


@pytest.mark.parametrize(("column", "value"), [(c, v) for c, vs in UNFIT.items() for v in vs])
def test_what_does_not_fit_is_refused(column: str, value: str) -> None:
    with pytest.raises(values.UnfitError):
        values.fitted(THINGS.c[column], value)


def test_what_does_not_fit_is_refused_with_its_line(refused: Callable[..., str]) -> None:
    rows = [json.dumps({column: texts[0]}) for column, texts in list(UNFIT.items())[:4]]
    message = refused({"things.json": "[" + ",\n".join(rows) + "]"})
    for line, column in enumerate(list(UNFIT)[:4], start=1):
        assert f"things.json:{line}:{column} '{UNFIT[column][0]}' " in message


BENT = [("whole", True), ("whole", 1.5), ("ratio", float("nan")), ("note", ["a"]), ("day", 7)]
BENT += [("note", {"a": 1}), ("price", False), ("yes", 2), ("note", "\ud800"), ("price", 1e9)]


@pytest.mark.parametrize(("column", "value"), BENT)
def test_types_that_json_has_itself_are_not_bent(column: str, value: Any) -> None:
    with pytest.raises(values.UnfitError):
        values.fitted(THINGS.c[column], value)


def test_a_json_nan_is_refused_with_its_line(refused: Callable[..., str]) -> None:
    assert "things.json:2:ratio 'nan' " in refused(
        {"things.json": '[{"ratio": 1},\n{"ratio": NaN}]'}
    )


def test_moments_are_the_same_instant_on_both(seed: Seed, database_url: str) -> None:
    seed(
        {"things.yaml": "- {at: '2024-02-29T12:00:00+02:00', local: '2024-02-29T12:00:00+02:00'}\n"}
    )
    ((at, local),) = loop.run(stored(database_url, sa.select(THINGS.c.at, THINGS.c.local)))
    assert at.replace(tzinfo=None).isoformat() == "2024-02-29T10:00:00"
    assert local.isoformat() == "2024-02-29T10:00:00"


def test_yaml_words_stay_text(seed: Seed, database_url: str) -> None:
    seed({"things.yaml": "- note: no\n- note: 010\n- note: 1.50\n- note: 2024-01-01\n"})
    found = loop.run(stored(database_url, sa.select(THINGS.c.note).order_by(THINGS.c.id)))
    assert [note for (note,) in found] == ["no", "010", "1.50", "2024-01-01"]


def test_json_values_arrive_whole(seed: Seed, database_url: str) -> None:
    value = {"a": [1, {"b": None}], "c": "é"}
    assert seed({"things.json": [{"extra": value}, {"extra": [1]}]}).rows == 2
    assert seed({}).rows == 0
    found = loop.run(stored(database_url, sa.select(THINGS.c.extra).order_by(THINGS.c.id)))
    assert found == [(value,), ([1],)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name\n12345678901\n", "owners.csv:2:name '12345678901' has 11 characters, 10 fit"),
        ("name\n\n\nx,y\n", "owners.csv:4: "),
        ("name,nme\na,b\n", "owners.csv:1: owners has no column 'nme'"),
        ("name,active\na,no\n", "owners.csv:2:active 'no' is neither true nor false"),
        ("name,code\na,\n,b\n", "owners.csv:3:name is empty, a value is needed"),
        ("name\nann\nbob\nnobody\n", "owners.csv:4: the database refuses it: "),
        ("name,code\nann,1\nbob,2\ncid,1\n", "owners.csv:4: the database refuses it: "),
    ],
)
def test_a_bad_row_is_named_by_file_and_line(
    refused: Callable[..., str], text: str, words: str
) -> None:
    message = refused({"owners.csv": text})
    assert words in message
    assert "<class" not in message


def test_many_bad_rows_are_counted(refused: Callable[..., str]) -> None:
    message = refused({"owners.csv": "name\n" + "12345678901\n" * 9})
    assert message.splitlines()[-1] == "and 5 more"


def test_a_bad_row_in_the_last_file_leaves_nothing(refused: Callable[..., str]) -> None:
    message = refused({"1_owners.csv": "name\nann\n", "2_things.csv": "owner,small\n@ann,99999\n"})
    assert "2_things.csv:2:small '99999' " in message


def test_what_the_database_refuses_in_the_last_file_leaves_nothing(
    refused: Callable[..., str],
) -> None:
    message = refused({"1_owners.csv": "name\nann\n", "2_things.csv": "owner_id\n99\n"})
    assert "2_things.csv:2: the database refuses it: " in message


def test_an_unknown_table_is_named(refused: Callable[..., str]) -> None:
    assert "'nothings'" in refused({"1_owners.csv": "name\nann\n", "2_nothings.csv": "a\n1\n"})


def test_an_unknown_column_in_a_later_row_is_refused(refused: Callable[..., str]) -> None:
    message = refused({"owners.json": '[{"name": "a"},\n{"name": "b", "extra": 1}]'})
    assert "owners.json:2: owners has no column 'extra'" in message


def test_rows_of_one_file_may_have_different_names(seed: Seed, database_url: str) -> None:
    rows = [{"name": "a"}, {"name": "b", "code": "x"}, {"code": "y", "name": "c", "active": False}]
    assert seed({"owners.json": rows}).rows == 3
    query = sa.select(OWNERS.c.name, OWNERS.c.code, OWNERS.c.active).order_by(OWNERS.c.name)
    found = loop.run(stored(database_url, query))
    assert found == [("a", None, True), ("b", "x", True), ("c", "y", False)]


def test_an_empty_field_takes_the_default_where_null_is_not_allowed(
    seed: Seed, database_url: str
) -> None:
    assert seed({"owners.csv": "id,name,active\n,ann,\n"}).rows == 1
    assert loop.run(stored(database_url, sa.select(OWNERS.c.active))) == [(True,)]


def test_references_are_found_by_natural_key(seed: Seed, database_url: str) -> None:
    done = seed(
        {"1_owners.csv": "name\nann\nbob\n", "2_things.csv": "owner,whole\n@bob,1\n@ann,2\n,3\n"}
    )
    assert done.tables == {"owners": 2, "things": 3}
    query = sa.select(THINGS.c.whole, OWNERS.c.name).outerjoin_from(THINGS, OWNERS)
    assert loop.run(stored(database_url, query.order_by(THINGS.c.whole))) == [
        (1, "bob"),
        (2, "ann"),
        (3, None),
    ]
    assert seed({}).rows == 0


@pytest.mark.parametrize("reference", ["@cid", "ann", "@", "@ANN"])
def test_a_reference_that_leads_nowhere_is_refused(
    refused: Callable[..., str], reference: str
) -> None:
    message = refused({"1_owners.csv": "name\nann\n", "2_things.csv": f"owner\n{reference}\n"})
    assert f"2_things.csv:2:owner '{reference}' " in message


def test_a_second_run_adds_nothing(seed: Seed, database_url: str) -> None:
    rows = [
        {"whole": 1, "note": None, "at": "2024-01-01T00:00Z", "local": "2024-01-01", "yes": True},
        {"whole": None, "note": "x", "price": 1.5, "tint": "red", "key": "0" * 32, "ratio": 0.1},
        {"whole": None, "note": None, "day": "2024-01-01", "clock": "10:00"},
    ]
    assert seed({"things.json": rows}).rows == 3
    again = seed({})
    assert (again.rows, again.files[0].unchanged) == (0, 3)
    assert rows_of(database_url)["things"] == 3


def test_more_rows_with_null_than_fit_in_a_batch_are_known_again(
    seed: Seed, database_url: str
) -> None:
    rows = [{"whole": number, "small": None} for number in range(1_100)]
    assert seed({"things.json": rows}).rows == 1_100
    assert seed({}).rows == 0


def test_one_row_twice_in_a_file_is_one_row(seed: Seed) -> None:
    done = seed({"owners.csv": "name\nann\nann\n"})
    assert (done.files[0].inserted, done.files[0].unchanged) == (1, 1)


def test_a_row_that_differs_is_updated_in_what_the_file_says(seed: Seed, database_url: str) -> None:
    seed({"owners.csv": "name,code,active\nann,1,false\nbob,2,true\n"})
    done = seed({"owners.csv": "name,code\nann,3\nbob,2\n"})
    assert (done.rows, done.files[0].updated, done.files[0].unchanged) == (1, 1, 1)
    query = sa.select(OWNERS.c.name, OWNERS.c.code, OWNERS.c.active).order_by(OWNERS.c.name)
    assert loop.run(stored(database_url, query)) == [("ann", "3", False), ("bob", "2", True)]


def test_no_files_are_no_rows(seed: Seed) -> None:
    done = seed({})
    assert (done.files, done.rows, done.tables) == ((), 0, {})


@pytest.fixture
def nullable(database_url: str, folder: Path) -> Callable[[str], int]:
    """`nullable(csv)`: seeds a table whose natural key takes NULL; the number of inserted rows."""
    metadata = sa.MetaData()
    sa.Table(
        "posts",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("slug", sa.String(20), unique=True),
        sa.Column("title", sa.String(20), nullable=False),
    )

    async def run() -> int:
        async with Database(Settings.load(url=database_url), metadata=metadata) as database:
            await database.create_tables()
            return (await load.run(database, folder)).rows

    def seed(text: str) -> int:
        (folder / "posts.csv").write_text(text)
        return loop.run(run())

    return seed


def test_rows_without_a_natural_key_are_told_apart_by_the_rest(
    nullable: Callable[[str], int], database_url: str
) -> None:
    text = "slug,title\n,one\n,two\nthree,three\n"
    assert [nullable(text), nullable(text)] == [3, 0]
    assert nullable("title\none\nfour\n") == 1
    assert rows_of(database_url) == {"posts": 4}
