"""Generated rows: believable, different, the same for one seed, and as the tables want them."""

import collections
import re
import sys
import tracemalloc
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pwdlib.hashers.argon2 import Argon2Hasher

from dbctl.errors import SeedRefusedError
from dbctl.sample.models import Base
from dbctl.seed.generated import pools, wanted
from dbctl.seed.generated.field import Run as Kind
from dbctl.seed.generated.plan import plan
from dbctl.seed.generated.task import Task
from tests.runner import Finished
from tests.schema import rows_of
from tests.seed.shapes import SCHOOL, SHOP, TREE
from tests.seed.stock import answer, count, digest, generated, rows

Run = Callable[..., Finished]
SAMPLE = Base.metadata
USERS, ITEMS = SAMPLE.tables["users"], SAMPLE.tables["items"]
STUDENTS, COURSES = SCHOOL.tables["students"], SCHOOL.tables["courses"]
ENROLMENTS, FOLDERS = SCHOOL.tables["enrolments"], TREE.tables["folders"]
CHECKOUT = Path(__file__).parents[2]

SHAPES = [
    pytest.param(SHOP, ("order_lines=3/order", "products=50", "orders=100"), id="shop"),
    pytest.param(TREE, ("folders=200", "staff=300"), id="tree"),
    pytest.param(
        SCHOOL, ("rooms=1/course", "students=40", "courses=20", "enrolments=200"), id="m2m"
    ),
    pytest.param(
        SAMPLE,
        ("posts=40", "items=2/user", "users=100", "user_data=70", "tokens=30"),
        id="sample",
    ),
]


def test_the_command_writes_what_was_asked(quick: Run, sample_url: str) -> None:
    before = rows_of(sample_url)
    done = quick("--json", "--url", sample_url, "seed", "generate", "items=5/user", "users=20")
    assert done.code == 0, done
    assert done.json["rows"] == {"users": 20, "items": 100}
    after = rows_of(sample_url)
    assert after["users"] == before["users"] + 20
    assert after["items"] == before["items"] + 100


def test_the_command_says_rows_and_rate(quick: Run, sample_sqlite_url: str) -> None:
    done = quick("--url", sample_sqlite_url, "seed", "generate", "users=1_200")
    assert "users   1,200" in done.out
    assert re.search(r"1,200 rows written in [\d.]+ s, [\d,]+ rows/s", done.out)
    assert done.err == ""


@pytest.mark.parametrize(("metadata", "words"), SHAPES)
def test_rows_keep_to_what_the_tables_want(
    database_url: str, metadata: sa.MetaData, words: tuple[str, ...]
) -> None:
    made = generated(database_url, metadata, *words)
    for name, number in made.rows.items():
        assert count(database_url, metadata.tables[name]) == number


@pytest.mark.parametrize(("metadata", "words"), SHAPES)
def test_more_rows_go_beside_those_that_are_there(
    database_url: str, metadata: sa.MetaData, words: tuple[str, ...]
) -> None:
    for seed in (1, 1, 2):
        made = generated(database_url, metadata, *words, seed=seed)
    for name, number in made.rows.items():
        assert count(database_url, metadata.tables[name]) == 3 * number


@pytest.mark.parametrize(("metadata", "words"), SHAPES)
def test_the_same_seed_makes_the_same_rows(
    database_url: str, tmp_path: Path, metadata: sa.MetaData, words: tuple[str, ...]
) -> None:
    other = f"sqlite:///{tmp_path / 'other.db'}"
    names = generated(database_url, metadata, *words, seed=7).rows
    generated(other, metadata, *words, seed=7)
    tables = [metadata.tables[name] for name in names]
    assert digest(database_url, *tables) == digest(other, *tables)


def test_another_seed_makes_other_rows(tmp_path: Path) -> None:
    urls = [f"sqlite:///{tmp_path / name}" for name in ("a.db", "b.db")]
    for seed, url in enumerate(urls):
        generated(url, SAMPLE, "users=50", seed=seed)
    names = [{row["username"] for row in rows(url, USERS)} for url in urls]
    assert len(names[0] & names[1]) < 5


def test_a_row_does_not_depend_on_the_amounts_of_other_tables(tmp_path: Path) -> None:
    urls = [f"sqlite:///{tmp_path / name}" for name in ("a.db", "b.db")]
    generated(urls[0], SAMPLE, "users=50")
    generated(urls[1], SAMPLE, "items=90", "users=60", "posts=7")
    few, many = (rows(url, USERS) for url in urls)
    assert few == many[:50]


def test_names_and_addresses_of_a_user_agree_and_nobody_can_own_them(database_url: str) -> None:
    generated(database_url, SAMPLE, "users=300")
    found = rows(database_url, USERS)
    assert all(
        re.fullmatch(rf"{re.escape(row['username'])}@example\.(com|org|net)", row["email"])
        for row in found
    )
    named = [row for row in found if row["full_name"]]
    assert 200 < len(named) < 300
    assert all(row["username"] == ".".join(row["full_name"].lower().split()) for row in named)


def test_every_user_has_the_same_hash_of_the_known_password(sqlite_url: str) -> None:
    generated(sqlite_url, SAMPLE, "users=20")
    (one,) = {row["hashed_password"] for row in rows(sqlite_url, USERS)}
    assert Argon2Hasher().verify("correct-horse-battery", one)


def test_a_hash_that_does_not_fit_is_one_that_no_password_has(sqlite_url: str) -> None:
    generated(sqlite_url, TREE, "staff=2")
    assert {row["passwordHash"] for row in rows(sqlite_url, TREE.tables["staff"])} == {"!"}


def test_defaults_are_the_databases_but_for_times_and_money(sqlite_url: str) -> None:
    generated(sqlite_url, SAMPLE, "users=40")
    found = rows(sqlite_url, USERS)
    assert {(row["is_active"], row["is_superuser"]) for row in found} == {(True, False)}
    assert len({row["balance"] for row in found}) > 20
    assert all(row["created_at"].year in (2023, 2024, 2025) for row in found)


def test_times_follow_each_other(sqlite_url: str) -> None:
    generated(sqlite_url, SAMPLE, "users=400", deleted=0.5)
    generated(sqlite_url, SHOP, "orders=200")
    assert all(
        row["created_at"] <= row["updated_at"] <= (row["deleted_at"] or row["updated_at"])
        for row in rows(sqlite_url, USERS)
    )
    assert all(row["opened"] < row["closed"] for row in rows(sqlite_url, SHOP.tables["orders"]))


def test_nobody_with_the_known_password_may_do_much(sqlite_url: str) -> None:
    metadata = sa.MetaData()
    flags = [
        sa.Column(name, sa.Boolean, nullable=False) for name in ("is_admin", "staff", "active")
    ]
    people = sa.Table("people", metadata, sa.Column("id", sa.Integer, primary_key=True), *flags)
    generated(sqlite_url, metadata, "people=500")
    found = rows(sqlite_url, people)
    assert not any(row["is_admin"] or row["staff"] for row in found)
    assert 400 < sum(row["active"] for row in found) < 500


def test_a_default_of_the_models_is_kept(sqlite_url: str) -> None:
    metadata = sa.MetaData()
    kind = sa.Column("kind", sa.String(9), nullable=False, default="plain")
    pets = sa.Table("pets", metadata, sa.Column("id", sa.Integer, primary_key=True), kind)
    generated(sqlite_url, metadata, "pets=5")
    assert {row["kind"] for row in rows(sqlite_url, pets)} == {"plain"}


@pytest.mark.parametrize(
    ("word", "number"), [("a=0", 0), ("a=1_500", 1500), ("a=2k", 2000), ("a=3M", 3_000_000)]
)
def test_an_amount_may_be_written_short(word: str, number: int) -> None:
    metadata = sa.MetaData()
    sa.Table("a", metadata, sa.Column("id", sa.Integer, primary_key=True))
    (one,) = wanted.amounts(metadata, [word])
    assert one.rows == number


@pytest.mark.parametrize(
    ("table", "name"), [("users", "user"), ("boxes", "box"), ("cities", "city"), ("staff", "staff")]
)
def test_one_row_of_a_table_may_be_named(table: str, name: str) -> None:
    assert name in wanted.singulars(table)


def test_of_two_keys_to_one_table_the_column_tells_which() -> None:
    metadata = sa.MetaData()
    sa.Table("users", metadata, sa.Column("id", sa.Integer, primary_key=True))
    keys: list[sa.Column[Any]] = [
        sa.Column(name, sa.ForeignKey("users.id")) for name in ("sender_id", "receiver_id")
    ]
    sa.Table("mails", metadata, sa.Column("id", sa.Integer, primary_key=True), *keys)
    (one,) = wanted.amounts(metadata, ["mails=2/receiver"])
    assert one.key is not None
    assert one.key.column_keys == ["receiver_id"]


def test_rows_are_made_as_a_stream() -> None:
    def peak(number: int) -> int:
        made = plan(Task(Kind(1, pools.own(1)), USERS, 0, number, frozenset({"id"})))
        tracemalloc.start()
        collections.deque(made.chunks(), maxlen=0)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(10)
    assert peak(60_000) < 1.1 * peak(20_000)


@pytest.mark.parametrize("share", [0.0, 0.02, 0.25, 1.0])
def test_a_share_of_the_rows_is_deleted(sqlite_url: str, share: float) -> None:
    generated(sqlite_url, SAMPLE, "users=2018", deleted=share)
    generated(sqlite_url, TREE, "folders=2018", deleted=share)
    gone = sum(row["deleted_at"] is not None for row in rows(sqlite_url, USERS))
    flagged = sum(row["is_deleted"] for row in rows(sqlite_url, FOLDERS))
    assert gone == flagged == pytest.approx(2018 * share, abs=2)


def test_a_ratio_gives_every_parent_as_many(database_url: str) -> None:
    generated(database_url, SAMPLE, "users=30")
    generated(database_url, SAMPLE, "users=10", "items=3/user")
    generated(database_url, SAMPLE, "items=2/owner")
    owners = Counter(row["owner_id"] for row in rows(database_url, ITEMS))
    assert owners == {key: 2 if key <= 30 else 5 for key in range(1, 41)}


def test_parents_that_are_not_asked_for_are_rows_that_are_there(database_url: str) -> None:
    generated(database_url, SAMPLE, "users=30")
    generated(database_url, SAMPLE, "items=500")
    owners = {row["owner_id"] for row in rows(database_url, ITEMS)}
    assert len(owners) > 20


def test_without_parents_the_error_names_their_table(quick: Run, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    quick("--url", url, "up", "--no-seed")
    done = quick("--url", url, "seed", "generate", "items=5")
    assert done.code == 1
    assert "items needs rows of users to point at, and there are none" in done.err
    assert "hint: ask for them too: users=100" in done.err


def test_a_foreign_key_that_may_be_null_does_without_parents(sqlite_url: str) -> None:
    metadata = sa.MetaData()
    sa.Table("a", metadata, sa.Column("id", sa.Integer, primary_key=True))
    b = sa.Table(
        "b",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("a_id", sa.ForeignKey("a.id")),
    )
    generated(sqlite_url, metadata, "b=3")
    assert [row["a_id"] for row in rows(sqlite_url, b)] == [None] * 3


def test_tables_that_need_each_other_are_refused_by_name(sqlite_url: str) -> None:
    metadata = sa.MetaData()
    for name, other in (("a", "b"), ("b", "a")):
        key = sa.ForeignKey(f"{other}.id", name=f"fk_{name}", use_alter=True)
        sa.Table(
            name,
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("other", key, nullable=False),
        )
    with pytest.raises(SeedRefusedError, match="a, b need each other's rows first"):
        generated(sqlite_url, metadata, "a=1", "b=1")


def test_a_row_that_is_pointed_at_once_has_room_for_so_many(database_url: str) -> None:
    generated(database_url, SAMPLE, "users=30")
    data = SAMPLE.tables["user_data"]
    for _ in range(3):
        generated(database_url, SAMPLE, "user_data=10")
    assert {row["user_id"] for row in rows(database_url, data)} == set(range(1, 31))
    with pytest.raises(SeedRefusedError, match="rows of users that nothing points at yet"):
        generated(database_url, SAMPLE, "user_data=1")


def test_every_combination_is_made_once_until_there_are_no_more(database_url: str) -> None:
    generated(database_url, SCHOOL, "students=10", "courses=6")
    for amount in (25, 25, 10):
        generated(database_url, SCHOOL, f"enrolments={amount}")
    pairs = {(row["student_id"], row["course_id"]) for row in rows(database_url, ENROLMENTS)}
    assert pairs == {(a, b) for a in range(1, 11) for b in range(1, 7)}
    with pytest.raises(SeedRefusedError, match="room for 0 more rows that differ in student_id"):
        generated(database_url, SCHOOL, "enrolments=1")


def test_a_ratio_of_combinations_gives_each_parent_different_ones(database_url: str) -> None:
    generated(database_url, SCHOOL, "students=10", "courses=6", "enrolments=4/student")
    found = rows(database_url, ENROLMENTS)
    assert Counter(row["student_id"] for row in found) == dict.fromkeys(range(1, 11), 4)
    with pytest.raises(SeedRefusedError, match="can have 6 rows that differ in"):
        generated(database_url, SCHOOL, "students=2", "enrolments=7/student")


def test_a_tree_grows_from_rows_that_are_there(database_url: str) -> None:
    generated(database_url, TREE, "folders=100")
    found = rows(database_url, FOLDERS)
    keys = {row["id"] for row in found}
    roots = [row for row in found if row["parent_id"] is None]
    assert 1 <= len(roots) < 40
    assert all(row["parent_id"] in keys - {row["id"]} for row in found if row not in roots)


def test_lines_of_an_order_are_numbered(sqlite_url: str) -> None:
    generated(sqlite_url, SHOP, "products=5", "orders=4", "order_lines=12")
    lines = [(row["order_id"], row["line"]) for row in rows(sqlite_url, SHOP.tables["order_lines"])]
    assert lines == [(order, line) for order in range(1, 5) for line in range(1, 4)]


def test_counters_go_on_behind_generated_keys(database_url: str) -> None:
    generated(database_url, SCHOOL, "courses=5", "rooms=5")
    values = {"title": "By hand", "starts": sa.func.current_date(), "ends": sa.func.current_date()}
    answer(database_url, sa.insert(COURSES).values(seats=1, **values))
    assert rows(database_url, COURSES)[-1]["id"] == 6


def test_what_the_database_refuses_names_the_constraint(database_url: str) -> None:
    metadata = sa.MetaData()
    fine = sa.Table("fine", metadata, sa.Column("id", sa.Integer, primary_key=True))
    odd = sa.CheckConstraint("(a + b) % 2 = 7", name="ck_never")
    columns = [sa.Column(name, sa.Integer, nullable=False) for name in ("a", "b")]
    sa.Table("odd", metadata, sa.Column("id", sa.Integer, primary_key=True), *columns, odd)
    with pytest.raises(SeedRefusedError, match=r"odd: the database refuses .*ck_never"):
        generated(database_url, metadata, "fine=3", "odd=3")
    assert count(database_url, fine) == 0


def test_a_type_that_nobody_knows_is_said(sqlite_url: str) -> None:
    class Vector(sa.types.UserDefinedType[Any]):
        def get_col_spec(self, **_: Any) -> str:
            return "TEXT"

    metadata = sa.MetaData()
    key = sa.Column("id", sa.Integer, primary_key=True)
    sa.Table("shapes", metadata, key, sa.Column("spot", Vector, nullable=False))
    with pytest.raises(SeedRefusedError, match=r"shapes\.spot is of a type that values cannot"):
        generated(sqlite_url, metadata, "shapes=1")


def test_a_projects_own_type_that_refuses_is_said(sqlite_url: str) -> None:
    class Even(sa.types.TypeDecorator[int]):
        impl = sa.Integer
        cache_ok = True

        def process_bind_param(self, _value: Any, _dialect: Any) -> Any:
            raise ValueError("not even")

    metadata = sa.MetaData()
    key = sa.Column("id", sa.Integer, primary_key=True)
    sa.Table("numbers", metadata, key, sa.Column("even", Even, nullable=False))
    with pytest.raises(SeedRefusedError, match=r"numbers\.even refuses .* not even"):
        generated(sqlite_url, metadata, "numbers=1")


@pytest.mark.parametrize(
    ("kind", "amount", "reason"),
    [
        pytest.param(sa.String(1), 33, "holds 32 different values", id="text"),
        pytest.param(sa.SmallInteger, 40_000, "ends at 32767", id="number"),
        pytest.param(sa.Time, 90_000, "holds 86,399 different values", id="time"),
    ],
)
def test_too_few_different_values_are_said_before_anything_is_written(
    sqlite_url: str, kind: Any, amount: int, reason: str
) -> None:
    metadata = sa.MetaData()
    key = sa.Column("id", sa.Integer, primary_key=True)
    sa.Table("tight", metadata, key, sa.Column("code", kind, unique=True, nullable=False))
    with pytest.raises(SeedRefusedError, match=reason):
        generated(sqlite_url, metadata, f"tight={amount}")


@pytest.mark.parametrize(
    ("word", "code", "reason"),
    [
        pytest.param("users", 2, "'users' is no amount", id="no amount"),
        pytest.param("users=-5", 2, "'users=-5' is no amount", id="negative"),
        pytest.param("users=five", 2, "'users=five' is no amount", id="a word"),
        pytest.param("userz=5", 1, "did you mean users?", id="misspelt"),
        pytest.param("items=5/post", 2, "items does not point at 'post'", id="no parent"),
        pytest.param("users=5/user", 2, "it points at no other table", id="no foreign key"),
    ],
)
def test_what_cannot_be_meant_is_said(
    quick: Run, sample_sqlite_url: str, word: str, code: int, reason: str
) -> None:
    done = quick("--url", sample_sqlite_url, "seed", "generate", word)
    assert done.code == code, done
    assert reason in done.err


def test_a_table_is_named_once(quick: Run, sample_sqlite_url: str) -> None:
    done = quick("--url", sample_sqlite_url, "seed", "generate", "users=1", "users=2")
    assert done.code == 2
    assert "users is named twice" in done.err


def test_a_protected_environment_gets_no_generated_rows(quick: Run, sample_url: str) -> None:
    before = rows_of(sample_url)
    done = quick("--env", "prd", "--url", sample_url, "seed", "generate", "users=5")
    assert done.code == 5, done
    assert "prd is protected: dbctl does not write generated rows there" in done.err
    assert rows_of(sample_url) == before


def test_pending_revisions_come_first(quick: Run, sqlite_url: str) -> None:
    quick("--url", sqlite_url, "database", "create")
    done = quick("--url", sqlite_url, "seed", "generate", "users=5")
    assert done.code == 3
    assert "pending revisions" in done.err


def test_without_mimesis_fake_names_the_extra(
    quick: Run, sample_sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mimesis", None)
    done = quick("--url", sample_sqlite_url, "seed", "generate", "users=5", "--fake")
    assert done.code == 3
    assert "pip install 'dbctl-lifecycle[fake]'" in done.err
    assert quick("--url", sample_sqlite_url, "seed", "generate", "users=5").code == 0


def test_mimesis_gives_other_names_the_same_for_the_same_seed(tmp_path: Path) -> None:
    urls = [f"sqlite:///{tmp_path / name}" for name in ("a.db", "b.db", "c.db")]
    for url, fake in zip(urls, (True, True, False), strict=True):
        generated(url, SAMPLE, "users=200", "posts=50", seed=3, fake=fake)
    one, again, own = ({row["username"] for row in rows(url, USERS)} for url in urls)
    assert one == again
    assert len(one) == 200
    assert not one & own


def test_many_rows_find_their_indexes_made_after_them(database_url: str) -> None:
    generated(database_url, SAMPLE, "users=0")
    before = indexes_of(database_url)
    generated(database_url, SAMPLE, "users=12_000", "items=1/user")
    assert count(database_url, ITEMS) == 12_000
    assert indexes_of(database_url) == before
    assert {"uq_users_email", "uq_users_username", "ix_items_title"} <= set(before)


def indexes_of(url: str) -> dict[str, str]:
    """Every index by name with its definition."""
    query = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
    if url.startswith("sqlite"):
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'index'"
    return dict(row for row in answer(url, sa.text(query)))
