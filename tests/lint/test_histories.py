"""What lint knows of a history: which tables are new, what is deployed together, what is broken."""

from pathlib import Path

import pytest

from tests.lint.engine import BEFORE, found, functions, rules

INDEX = 'op.create_index("ix", "users", ["plan"])'
MAKE = 'op.create_table("fresh", sa.Column("id", sa.BigInteger(), primary_key=True))'
ADD = 'op.add_column("users", sa.Column("a", sa.Text()))'
DROP = 'op.drop_column("users", "a")'
KIND = 'sa.Enum("a", name="kind")'


def test_a_table_of_an_earlier_revision_has_rows(tmp_path: Path) -> None:
    """Nobody says that they are deployed together."""
    texts = [
        functions(MAKE, 'op.drop_table("fresh")'),
        functions('op.create_index("ix", "fresh", ["id"])', 'op.drop_index("ix", "fresh")'),
    ]
    assert rules(found(tmp_path, texts)) == {"create-index"}
    assert rules(found(tmp_path, texts, together=frozenset({"r0", "r1"}))) == set()


def test_the_models_are_asked_for_a_dropped_column(tmp_path: Path) -> None:
    """What they still have is worse than what they have not."""
    text = functions(
        'op.drop_column("users", "plan")', 'op.add_column("users", sa.Column("plan", sa.Text()))'
    )
    mapped = {"users": frozenset({"id", "plan"})}
    assert "mapped-column" in rules(found(tmp_path, [BEFORE, text], mapped=mapped))
    unmapped = rules(found(tmp_path, [BEFORE, text], mapped={"users": frozenset({"id"})}))
    assert "mapped-column" not in unmapped
    assert "drop-column" in unmapped


@pytest.mark.parametrize(
    ("up", "down", "rule"),
    [
        (ADD, None, "missing-downgrade"),
        (ADD, "", "missing-downgrade"),
        (ADD + '\nop.add_column("users", sa.Column("b", sa.Text()))', DROP, "partial-downgrade"),
        (ADD, 'raise NotImplementedError("never")', "missing-downgrade"),
        (ADD, DROP + '\nop.drop_column("users", "plan")', "downgrade-loses-data"),
        ('op.alter_column("users", "email", type_=sa.Text())', 'op.alter_column("users", "email", type_=sa.String(20))', "downgrade-loses-data"),
        (f'op.create_table("k", sa.Column("k", {KIND}))', 'op.drop_table("k")', "enum-left-behind"),
    ],
)  # fmt: skip
def test_a_way_back_that_is_none_is_found(tmp_path: Path, up: str, down: str, rule: str) -> None:
    """Missing, empty, refused, partial, lossy."""
    assert rule in rules(found(tmp_path, [BEFORE, functions(up, down)]))


@pytest.mark.parametrize(
    ("up", "down"),
    [
        (ADD, DROP),
        (f'op.create_table("k", sa.Column("k", {KIND}))', 'op.drop_table("k")\nop.execute("DROP TYPE kind")'),

    ],
)  # fmt: skip
def test_an_honest_way_back_is_silent(tmp_path: Path, up: str, down: str) -> None:
    """What upgrade() made may go."""
    lossy = {"missing-downgrade", "enum-left-behind", "downgrade-loses-data"}
    assert not lossy & rules(found(tmp_path, [BEFORE, functions(up, down)]))


def test_a_constant_default_costs_nothing_since_postgresql_11(tmp_path: Path) -> None:
    """The version that is assumed decides."""
    text = functions('op.add_column("users", sa.Column("a", sa.Text(), server_default="x"))', DROP)
    assert rules(found(tmp_path, [BEFORE, text], version=(11,))) == set()
    assert rules(found(tmp_path, [BEFORE, text], version=(10,))) == {"column-rewrites"}


def test_several_statements_are_asyncpgs_business(tmp_path: Path) -> None:
    """Other drivers take them."""
    text = functions('op.execute("SELECT 1; SELECT 2")', "")
    assert "several-statements" not in rules(found(tmp_path, [BEFORE, text], driver="psycopg"))
    assert "several-statements" in rules(found(tmp_path, [BEFORE, text], driver="asyncpg"))


def test_a_rebuild_on_sqlite_says_whose_rows_go_with_it(tmp_path: Path) -> None:
    """A child with ON DELETE CASCADE; without the clause nothing is lost."""
    child = 'op.create_table("users", sa.Column("id", sa.Integer(), primary_key=True))\nop.create_table("notes", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("user_id", sa.Integer(), sa.ForeignKey("users.id"{})))'
    change = functions(
        'with op.batch_alter_table("users") as b:\n    b.alter_column("id", type_=sa.BigInteger())',
        'raise NotImplementedError("no")',
    )
    cascade = functions(child.format(', ondelete="CASCADE"'), "")
    assert "sqlite-rebuild-cascades" in rules(found(tmp_path, [cascade, change], dialect="sqlite"))
    plain = functions(child.format(""), "")
    assert rules(found(tmp_path, [plain, change], dialect="sqlite")) == {"missing-downgrade"}


def test_what_a_rebuild_leaves_out_is_named(tmp_path: Path) -> None:
    """Triggers, and indexes that are more than columns."""
    make = MAKE + '\nop.execute("CREATE INDEX ix ON fresh (id DESC)")'
    change = functions(
        'with op.batch_alter_table("fresh") as b:\n    b.alter_column("id", type_=sa.Integer())',
        'raise NotImplementedError("no")',
    )
    flaws = found(tmp_path, [functions(make, ""), change], dialect="sqlite")
    assert [one.message for one in flaws if one.rule == "sqlite-rebuild-loses"] == [
        "making fresh anew leaves out index ix"
    ]
