"""What revisions do to tables with rows on PostgreSQL: the dangerous one beside its look-alike."""

import pytest

from tests.projects import envs
from tests.projects.make import Project
from tests.rehearse.conftest import ROWS, Trial, tried

CONCURRENT = """\
with op.get_context().autocommit_block():
    op.create_index("ix_name", "authors", ["name"], postgresql_concurrently=True)
"""
NOT_VALID = """\
op.execute("ALTER TABLE loans ADD CONSTRAINT fk FOREIGN KEY (book_id) REFERENCES books NOT VALID")
with op.get_context().autocommit_block():
    op.execute("ALTER TABLE loans VALIDATE CONSTRAINT fk")
"""
CHECKED = """\
op.execute("ALTER TABLE authors ADD CONSTRAINT born CHECK (born IS NOT NULL) NOT VALID")
with op.get_context().autocommit_block():
    op.execute("ALTER TABLE authors VALIDATE CONSTRAINT born")
op.alter_column("authors", "born", nullable=False)
"""
BATCHES = """\
with op.get_context().autocommit_block():
    for start in range(1, 201, 50):
        op.execute(
            f"UPDATE authors SET note = name WHERE id BETWEEN {start} AND {start + 49}")
"""
# What is rewritten, and which relations somebody is kept from while it takes long.
CASES = {
    "int to bigint": ('op.alter_column("authors", "id", type_=sa.BigInteger())', ["authors"], 2),
    "varchar to text": ('op.alter_column("authors", "name", type_=sa.Text())', [], 0),
    "longer varchar": ('op.alter_column("authors", "name", type_=sa.String(90))', [], 0),
    "wider numeric": ('op.alter_column("authors", "price", type_=sa.Numeric(12, 4))', [], 0),
    "volatile default": (
        'op.add_column("authors", sa.Column("r", sa.Float(), server_default=sa.text("random()")))',
        ["authors"],
        1,
    ),
    "now() default": (
        'op.add_column("authors", sa.Column("d", sa.DateTime(), server_default=sa.func.now()))',
        [],
        0,
    ),
    "index": ('op.create_index("ix_name", "authors", ["name"])', [], 1),
    "index concurrently": (CONCURRENT, [], 0),
    "index of an empty table": ('op.create_index("ix_name", "shelves", ["name"])', [], 0),
    "foreign key": ('op.create_foreign_key("fk", "loans", "books", ["book_id"], ["id"])', [], 2),
    "foreign key not valid": (NOT_VALID, [], 0),
    "not null": ('op.alter_column("authors", "born", nullable=False)', [], 1),
    "not null of what is checked": (CHECKED, [], 0),
    "check": ('op.create_check_constraint("c", "authors", "id > 0")', [], 1),
    "unique": ('op.create_unique_constraint("u", "authors", ["name"])', [], 1),
    "new table that points at one": (
        'op.create_table("t", sa.Column("id", sa.Integer, sa.ForeignKey("authors.id")))',
        [],
        0,
    ),
    "rename": ('op.rename_table("shelves", "boards")', [], 0),
    "column and backfill": (
        'op.add_column("authors", sa.Column("n", sa.Text()))\n'
        'op.execute("UPDATE authors SET n = name")',
        [],
        1,
    ),
    "vacuum full": (
        'with op.get_context().autocommit_block():\n    op.execute("VACUUM FULL authors")',
        ["authors"],
        1,
    ),
    "cluster": ('op.execute("CLUSTER authors USING authors_pkey")', ["authors"], 1),
    "backfill in batches": (BATCHES, [], 0),
    "by a DO block": (
        "op.execute(\"DO $$ BEGIN EXECUTE 'ALTER TABLE authors ALTER id TYPE bigint'; END $$\")",
        ["authors"],
        2,
    ),
}


@pytest.mark.parametrize(("up", "rewrites", "held"), CASES.values(), ids=CASES)
def test_only_what_takes_longer_with_more_rows_is_risky(
    postgres: Trial, up: str, rewrites: list[str], held: int
) -> None:
    found = postgres(up)
    long = {lock.relation for lock in found.locks if lock.blocks and lock.during}
    assert list(found.rewrites) == rewrites, found
    assert len(long) == held, found.locks
    assert found.verdict == ("risky" if held else "safe"), found.reasons


LOSSES = {
    "column": ('op.drop_column("authors", "phone")', {("authors", "phone"): ROWS // 4}),
    "empty column": ('op.drop_column("shelves", "name")', {}),
    "table": ('op.drop_table("loans")', {("loans", None): ROWS}),
    "empty table": ('op.drop_table("shelves")', {}),
    "own table": ('op.create_table("t", sa.Column("i", sa.Integer))\nop.drop_table("t")', {}),
    "moved column": (
        'op.add_column("authors", sa.Column("tel", sa.Text()))\n'
        'op.execute("UPDATE authors SET tel = phone")\nop.drop_column("authors", "phone")',
        {},
    ),
    "half moved column": (
        'op.add_column("authors", sa.Column("tel", sa.Text()))\n'
        'op.execute("UPDATE authors SET tel = phone WHERE id <= 100")\n'
        'op.drop_column("authors", "phone")',
        {("authors", "phone"): ROWS // 8},
    ),
    "rename": ('op.alter_column("authors", "phone", new_column_name="tel")', {}),
    "truncate cascade": (
        'op.execute("TRUNCATE authors CASCADE")',
        {("authors", None): ROWS, ("books", None): ROWS},
    ),
    "delete cascade": (
        'op.execute("DELETE FROM authors WHERE id <= 10")',
        {("authors", None): 10, ("books", None): 10},
    ),
    "rounded": (
        'op.alter_column("authors", "price", type_=sa.Numeric(10, 2))',
        {("authors", "price"): ROWS},
    ),
    "cut": (
        'op.alter_column("authors", "name", type_=sa.String(3), postgresql_using="left(name, 3)")',
        {("authors", "name"): ROWS},
    ),
    "by a DO block": (
        'op.execute("DO $$ BEGIN DROP TABLE loans; END $$")',
        {("loans", None): ROWS},
    ),
    "type with its columns": (
        "op.execute(\"ALTER TABLE authors ADD m mood DEFAULT 'ok'\")\n"
        'op.execute("DROP TYPE mood CASCADE")',
        {},
    ),
}


@pytest.mark.parametrize(("up", "lost"), LOSSES.values(), ids=LOSSES)
def test_values_that_are_gone_are_counted(
    postgres: Trial, up: str, lost: dict[tuple[str, str | None], int]
) -> None:
    found = postgres(up)
    assert {(one.relation, one.column): one.values for one in found.lost} == lost
    assert (found.verdict == "risky") >= bool(lost)


TRIPS = {
    "same": ('op.create_table("t", sa.Column("i", sa.Integer))', 'op.drop_table("t")', "same"),
    "empty": ('op.create_table("t", sa.Column("i", sa.Integer))', "pass", "irreversible"),
    "refuses": ('op.drop_table("shelves")', "raise NotImplementedError", "irreversible"),
    "only data": ('op.execute("UPDATE shelves SET name = 1")', "pass", "same"),
    "partly": (
        'op.add_column("shelves", sa.Column("a", sa.Text()))\n'
        'op.add_column("shelves", sa.Column("b", sa.Text()))',
        'op.drop_column("shelves", "a")',
        "failed",
    ),
    "lost default": (
        'op.drop_column("shelves", "name")',
        'op.add_column("shelves", sa.Column("name", sa.Text(), server_default="x"))',
        "differs",
    ),
    "enum left": (
        "op.execute(\"CREATE TYPE size AS ENUM ('s')\")\n"
        'op.execute("ALTER TABLE shelves ADD size size")',
        'op.drop_column("shelves", "size")',
        "failed",
    ),
    "broken": ('op.drop_column("shelves", "name")', 'op.drop_table("nothing")', "failed"),
}


@pytest.mark.parametrize(("up", "undo", "trip"), TRIPS.values(), ids=TRIPS)
def test_the_way_back_is_tried(postgres: Trial, up: str, undo: str, trip: str) -> None:
    found = postgres(up, undo=undo, trip=True)
    assert found.round_trip == trip, found.differences
    assert found.verdict == ("safe" if trip == "same" else "risky")


def test_a_statement_has_its_line_and_what_it_did(postgres: Trial) -> None:
    found = postgres('x = 1\nop.create_index(\n    "ix",\n    "authors",\n    ["name"],\n)')
    (said,) = found.statements
    assert (said.line, said.file) == (17, found.file)
    assert (said.built, said.scans[0].rows) == (("ix on authors",), ROWS)
    assert said.wal_bytes
    assert 0 < said.seconds < found.seconds


def test_many_equal_statements_are_one(postgres: Trial) -> None:
    found = postgres(
        "for n in range(1, 101):\n"
        "    op.get_bind().execute(sa.text('UPDATE authors SET note = 1 WHERE id = :n'), {'n': n})"
    )
    (said,) = found.statements
    assert (said.times, said.rows) == (100, 100)
    assert sum(one.updated for one in said.written) == 100


@pytest.mark.parametrize("options", ["", ", transaction_per_migration=False"])
def test_an_asynchronous_project_is_measured_too(
    home: Project, library_postgres_url: str, options: str
) -> None:
    given = "target_metadata=target_metadata"
    home.write("migrations/env.py", envs.ASYNC.replace(given, f"{given}{options}"))
    up = 'op.create_index("ix", "authors", ["name"])\nop.drop_column("authors", "phone")'
    found = tried(home, library_postgres_url, up, asynchronous=True)
    assert {(lock.mode, lock.blocks) for lock in found.locks} == {
        ("AccessExclusiveLock", ("reads", "writes"))
    }
    assert (found.lost[0].values, found.statements[0].built) == (50, ("ix on authors",))


def test_two_tables_that_are_shut_one_after_the_other_are_risky(postgres: Trial) -> None:
    found = postgres('op.execute("LOCK authors")\nop.execute("LOCK books")')
    assert found.reasons == (
        "authors: ACCESS EXCLUSIVE blocks reads and writes while books is waited for",
    )


def test_an_index_that_is_left_invalid_is_named(postgres: Trial) -> None:
    body = CONCURRENT.replace('"name"]', '"note"]')
    unique = body.replace("postgresql_concurrently", "unique=True, postgresql_concurrently")
    found = postgres(unique)
    assert found.verdict == "failed"
    assert found.invalid == ("ix_name",)


def test_a_failing_statement_is_a_failed_revision(postgres: Trial) -> None:
    found = postgres('op.create_index("ix", "authors", ["nothing"])')
    assert found.verdict == "failed"
    assert "nothing" in found.error
    assert "nothing" in found.statements[-1].error


def test_a_lock_is_held_until_the_commit(postgres: Trial) -> None:
    up = 'op.add_column("shelves", sa.Column("n", sa.Text()))\nop.execute("SELECT pg_sleep(1.05)")'
    found = postgres(up)
    (lock,) = [one for one in found.locks if one.blocks]
    assert lock.seconds > 1.05 > found.statements[0].seconds
    assert found.reasons == (
        f"shelves: ACCESS EXCLUSIVE blocks reads and writes for {lock.seconds:.1f} s (limit 1 s)",
    )


def test_a_lock_that_is_asked_for_is_one_too(postgres: Trial) -> None:
    found = postgres('op.execute("LOCK shelves IN SHARE MODE")')
    assert [(one.relation, one.mode, one.blocks) for one in found.locks] == [
        ("shelves", "ShareLock", ("writes",))
    ]
