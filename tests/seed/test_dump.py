"""Tables as seed files that give the same rows back, and that no spreadsheet runs."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from dbctl import Database, Settings, loop
from dbctl.errors import SeedRefusedError
from dbctl.sample.models import Base
from dbctl.seed import cell, dump, load
from dbctl.seed.model import Dumped, Format
from tests.runner import Finished
from tests.seed.shapes import SCHOOL, SHOP, TREE, Size
from tests.seed.stock import answer, digest, generated, rows
from tests.servers import databases
from tests.servers.server import Server

Run = Callable[..., Finished]
SAMPLE = Base.metadata
FORMATS = list(Format)
RUNS = "=+-@\t\r\n"
SHAPES = [
    pytest.param(SHOP, ("order_lines=3/order", "products=20", "orders=30"), id="shop"),
    pytest.param(TREE, ("folders=60", "staff=60"), id="tree"),
    pytest.param(
        SCHOOL, ("rooms=1/course", "students=9", "courses=8", "enrolments=50"), id="school"
    ),
    pytest.param(SAMPLE, ("items=2/user", "users=60", "user_data=20", "tokens=9"), id="sample"),
]
TEXTS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "'", "''", "'=1", "'tis", "", "plain",
    'say "x", y', "two\r\nlines", "lone\rreturn", "ends\n", " lead", "trail ", "née 李 🦜", "null",
    "NULL", "~", "no", "010", "1e3", "{}", "- a", "a: b", "#x", "\\x41", "\u2028", "\x85", "\ufeff",
]  # fmt: skip
HELD = sa.MetaData()
NOTES = sa.Table(
    "notes",
    HELD,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("note", sa.Text),
    sa.Column("short", sa.String(40), nullable=False, server_default="x"),
    sa.Column("at", sa.DateTime(timezone=True)),
    sa.Column("local", sa.DateTime),
    sa.Column("day", sa.Date),
    sa.Column("clock", sa.Time),
    sa.Column("span", sa.Interval),
    sa.Column("money", sa.Numeric(12, 4)),
    sa.Column("ratio", sa.Float),
    sa.Column("big", sa.BigInteger),
    sa.Column("yes", sa.Boolean),
    sa.Column("size", sa.Enum(Size, name="note_size")),
    sa.Column("key", sa.Uuid),
    sa.Column("raw", sa.LargeBinary),
    sa.Column("extra", sa.JSON),
)
EAST = timezone(timedelta(hours=5, minutes=30))
VALUES: list[dict[str, Any]] = [
    {
        "at": datetime(2024, 2, 29, 23, 59, 59, 123456, UTC),
        "local": datetime.fromisoformat("2024-03-01T01:02:03"),
    },
    {"day": date(1, 1, 1), "clock": time(23, 59, 59, 999999), "span": timedelta(days=3, seconds=5)},
    {"span": -timedelta(hours=1, microseconds=1), "money": Decimal("-12345678.0001")},
    {"ratio": -1.5e-300, "big": -(2**63), "yes": False, "size": Size.large},
    {"ratio": 0.1, "key": UUID(int=2**128 - 1), "raw": b"\x00\xff=", "yes": True},
    {"raw": b"", "extra": {"a": [1, 1.5, None, True, "010", "=x"], "b": {}}, "money": Decimal(0)},
    {"extra": "=text", "day": date(9999, 12, 31), "at": datetime(2024, 1, 1, tzinfo=EAST)},
    {"extra": [], "note": "", "short": ""},
    {"extra": -5, "note": None, "short": "-"},
    {"extra": "1.5"},
]


def dumped(url: str, metadata: sa.MetaData, folder: Path, *names: str, **options: Any) -> Dumped:
    async def run() -> Dumped:
        async with Database(Settings.load(url=url), metadata=metadata) as database:
            return await dump.run(database, names, folder, **options)

    return loop.run(run())


def loaded_anew(url: str, metadata: sa.MetaData, folder: Path) -> None:
    """Empty the database and load the files."""

    async def run() -> None:
        async with Database(Settings.load(url=url), metadata=metadata) as database:
            await database.drop_tables()
            await database.create_tables()
            await load.run(database, folder)

    loop.run(run())


def held(url: str, *found: dict[str, Any]) -> None:
    """A table of notes with these rows."""

    async def run() -> None:
        async with Database(Settings.load(url=url), metadata=HELD) as database:
            await database.create_tables()

    loop.run(run())
    for row in found:
        answer(url, sa.insert(NOTES).values(row))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the files go."""
    return tmp_path / "dumped"


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(("metadata", "words"), SHAPES)
def test_what_was_dumped_is_loaded_to_the_same_rows(
    database_url: str, folder: Path, metadata: sa.MetaData, words: tuple[str, ...], form: Format
) -> None:
    generated(database_url, metadata, *words, deleted=0.2)
    before = digest(database_url, *metadata.sorted_tables)
    dumped(database_url, metadata, folder, form=form, secrets=True)
    loaded_anew(database_url, metadata, folder)
    assert digest(database_url, *metadata.sorted_tables) == before


@pytest.mark.parametrize("form", FORMATS)
def test_every_type_and_its_edges_come_back(database_url: str, folder: Path, form: Format) -> None:
    held(database_url, *VALUES)
    before = rows(database_url, NOTES)
    dumped(database_url, HELD, folder, form=form)
    loaded_anew(database_url, HELD, folder)
    assert rows(database_url, NOTES) == before


@pytest.mark.parametrize("form", FORMATS)
def test_hostile_texts_come_back(database_url: str, folder: Path, form: Format) -> None:
    held(database_url, *({"note": text, "short": text} for text in TEXTS), {"note": None})
    before = rows(database_url, NOTES)
    dumped(database_url, HELD, folder, form=form)
    loaded_anew(database_url, HELD, folder)
    assert rows(database_url, NOTES) == before


def test_no_cell_of_csv_is_a_formula(sqlite_url: str, folder: Path) -> None:
    held(sqlite_url, *({"note": text, "short": text} for text in TEXTS))
    generated(sqlite_url, SAMPLE, "users=5", "items=9")
    dumped(sqlite_url, HELD, folder)
    dumped(sqlite_url, SAMPLE, folder, "items", "users")
    for file in folder.glob("*.csv"):
        with file.open(newline="", encoding="utf-8") as text:
            found = [one for row in csv.reader(text) for one in row]
        assert len(found) > 20
        assert not [one for one in found if one[:1] in set(RUNS)]


@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1))
def test_a_line_of_csv_gives_its_texts_back(texts: list[str]) -> None:
    line = cell.line([cell.written(text) for text in texts])
    (row,) = csv.reader(io.StringIO(line, newline=""), strict=True)
    assert list(cell.read(row)) == texts
    assert all(not text or text[0] not in RUNS for text in row)


def test_null_is_an_empty_cell_and_the_empty_text_is_not(sqlite_url: str, folder: Path) -> None:
    held(sqlite_url, {"note": None, "short": ""}, {"note": "", "short": "a"})
    dumped(sqlite_url, HELD, folder)
    lines = (folder / "notes.csv").read_text(encoding="utf-8").splitlines()
    assert [line[:6] for line in lines[1:]] == ["1,,',,", "2,',a,"]


def test_a_negative_number_is_no_formula(sqlite_url: str, folder: Path) -> None:
    held(sqlite_url, {"money": Decimal("-1.5"), "big": -3, "ratio": -0.25, "short": "s"})
    dumped(sqlite_url, HELD, folder)
    assert ",-1.5000,-0.25,-3," in (folder / "notes.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_rows_make_the_same_bytes(database_url: str, tmp_path: Path, form: Format) -> None:
    generated(database_url, SAMPLE, "users=30", "items=60")
    dumped(database_url, SAMPLE, tmp_path / "one", form=form)
    answer(database_url, sa.text("UPDATE users SET full_name = full_name WHERE id < 20"))
    dumped(database_url, SAMPLE, tmp_path / "two", form=form)
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()


def test_a_foreign_key_says_the_parents_natural_key(database_url: str, folder: Path) -> None:
    generated(database_url, SAMPLE, "users=4", "items=1/user", deleted=0)
    answer(database_url, sa.text("UPDATE users SET deleted_at = '2025-01-01' WHERE id = 3"))
    dumped(database_url, SAMPLE, folder, "items", form=Format.jsonl)
    lines = (folder / "items.jsonl").read_text(encoding="utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    names = [row["username"] for row in rows(database_url, SAMPLE.tables["users"])]
    assert [row["owner_id"] for row in found] == [f"@{names[0]}", f"@{names[1]}", 3, f"@{names[3]}"]


def test_secrets_are_left_out_and_said(quick: Run, sample_url: str, folder: Path) -> None:
    done = quick("--url", sample_url, "seed", "dump", "users", "tokens", "--to", folder)
    assert done.code == 0, done
    assert "left out: users.hashed_password, tokens.token_hash (--secrets writes them)" in done.out
    text = "".join(file.read_text(encoding="utf-8") for file in folder.iterdir())
    assert "argon2" not in text
    assert "hash" not in text


def test_secrets_are_written_when_that_is_said(quick: Run, sample_url: str, folder: Path) -> None:
    done = quick(
        "--url", sample_url, "--json", "seed", "dump", "users", "--to", folder, "--secrets"
    )
    assert done.json["files"] == [
        {"file": str(folder / "users.csv"), "table": "users", "rows": 8, "left_out": []}
    ]
    assert (folder / "users.csv").read_text(encoding="utf-8").count("$argon2id$") == 8


@pytest.mark.parametrize(
    ("table", "name", "kind", "secret"),
    [
        ("users", "passwordHash", sa.String, True),
        ("users", "password", sa.LargeBinary, True),
        ("sessions", "refresh_tokens", sa.Text, True),
        ("tokens", "hash", sa.String, True),
        ("users", "api_key", sa.String, True),
        ("users", "totp_secret", sa.String, True),
        ("files", "hash", sa.String, False),
        ("users", "token_count", sa.Integer, False),
        ("users", "primary_key", sa.String, False),
        ("users", "username", sa.String, False),
    ],
)
def test_a_secret_is_known_by_name_and_type(table: str, name: str, kind: Any, secret: bool) -> None:
    made = sa.Table(table, sa.MetaData(), sa.Column(name, kind))
    assert dump.is_secret(made.c[name]) is secret


def test_a_file_that_is_there_is_kept(quick: Run, sample_url: str, folder: Path) -> None:
    folder.mkdir()
    (folder / "items.csv").write_text("mine")
    done = quick("--url", sample_url, "seed", "dump", "users", "items", "--to", folder)
    assert done.code == 5
    assert f"{folder / 'items.csv'} is there" in done.err
    assert [file.name for file in folder.iterdir()] == ["items.csv"]
    assert quick("--url", sample_url, "seed", "dump", "items", "--to", folder, "--force").code == 0
    assert (folder / "items.csv").read_text(encoding="utf-8") != "mine"


def test_what_fails_on_the_way_changes_no_file(sqlite_url: str, folder: Path) -> None:
    generated(sqlite_url, SAMPLE, "users=3")
    folder.mkdir()
    (folder / "users.csv").write_text("mine")
    answer(sqlite_url, sa.text("DROP TABLE posts"))
    with pytest.raises(SeedRefusedError, match="cannot read posts: no such table"):
        dumped(sqlite_url, SAMPLE, folder, "users", "posts", force=True)
    assert [(file.name, file.read_text()) for file in folder.iterdir()] == [("users.csv", "mine")]


def test_yaml_is_not_written_larger_than_it_is_read(
    sqlite_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generated(sqlite_url, SAMPLE, "users=30")
    small = dump.Way(**{**vars(dump.WAYS[Format.yaml]), "limit_bytes": 1000})
    monkeypatch.setitem(dump.WAYS, Format.yaml, small)
    with pytest.raises(SeedRefusedError, match="users is larger than"):
        dumped(sqlite_url, SAMPLE, folder, "users", form=Format.yaml)
    assert not list(folder.iterdir())


class Tags(sa.types.TypeDecorator[dict[str, Any]]):
    """A mapping that is kept as text."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, _dialect: Any) -> Any:
        return json.dumps(value)

    def process_result_value(self, value: Any, _dialect: Any) -> Any:
        return json.loads(value)


def test_what_csv_cannot_hold_is_said_and_json_lines_hold_it(sqlite_url: str, folder: Path) -> None:
    metadata = sa.MetaData()
    key = sa.Column("id", sa.Integer, primary_key=True)
    table = sa.Table("tagged", metadata, key, sa.Column("tags", Tags))
    metadata.create_all(sa.create_engine(sqlite_url))
    answer(sqlite_url, sa.insert(table).values(tags={"a": 1}))
    with pytest.raises(SeedRefusedError, match=r"tagged\.tags holds mappings"):
        dumped(sqlite_url, metadata, folder)
    dumped(sqlite_url, metadata, folder, form=Format.jsonl)
    loaded_anew(sqlite_url, metadata, folder)
    assert rows(sqlite_url, table) == [{"id": 1, "tags": {"a": 1}}]


def test_a_table_that_is_not_there_is_said(quick: Run, sample_url: str, folder: Path) -> None:
    done = quick("--url", sample_url, "seed", "dump", "userz", "--to", folder)
    assert done.code == 1
    assert "did you mean users?" in done.err
    assert not folder.exists()


def test_the_seeds_of_another_project_can_be_dumped_ones(
    quick: Run, sample_sqlite_url: str, tmp_path: Path
) -> None:
    quick("--url", sample_sqlite_url, "seed", "dump", "--to", tmp_path / "out", "--secrets")
    other = f"sqlite:///{tmp_path / 'other.db'}"
    env = {"DBCTL_SEEDS": str(tmp_path / "out")}
    assert quick("--url", other, "up", env=env).code == 0
    tables = SAMPLE.sorted_tables
    assert digest(other, *tables) == digest(sample_sqlite_url, *tables)
    again = quick("--url", other, "--json", "seed", env=env)
    assert again.json["rows"] == 0


def test_one_moment_holds_for_all_tables(
    server: Server, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with databases.fresh(server) as name:
        url = server.url(name)
        generated(url, SAMPLE, "users=5", "items=5")
        write = dump.Source.write

        async def slow(self: Any, table: sa.Table, file: Any) -> int:
            done = await write(self, table, file)
            server.run("DELETE FROM items", name)
            return done

        monkeypatch.setattr(dump.Source, "write", slow)
        made = dumped(url, SAMPLE, folder, "users", "items")
    assert [one.rows for one in made.files] == [5, 5]
