"""`check`: each difference between models and database is one readable line."""

from pathlib import Path
from typing import Any

import pytest

from tests.migrate.conftest import Run
from tests.projects.make import AUTHORS, Project, driven, make

CHECK = {"environment", "database", "in_sync", "differences", "edited", "slipped_in"}
BOOKS = """
op.create_table(
    "books",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("author_id", sa.Integer(), nullable=False),
    sa.Column("title", sa.String(20), nullable=False, server_default="untitled"),
    sa.Column("pages", sa.Integer()),
    sa.UniqueConstraint("title", name="uq_books_title"),
    sa.ForeignKeyConstraint(["author_id"], ["authors.id"], name="fk_books_author_id"),
)
op.create_index("ix_books_pages", "books", ["pages"])
"""
BOOK = """

class Book(Base):
    __tablename__ = "books"
    id = orm.mapped_column(sa.Integer, primary_key=True)
    author_id = orm.mapped_column(sa.ForeignKey("authors.id"), nullable=False)
    title = orm.mapped_column(sa.String(20), nullable=False, unique=True, server_default="untitled")
    pages = orm.mapped_column(sa.Integer, index=True)
"""
AUTHOR_ID = 'sa.ForeignKey("authors.id"), nullable=False'
MORE = "    year = orm.mapped_column(sa.Integer)\n"
FAN = """

class Fan(Base):
    __tablename__ = "fans"
    id = orm.mapped_column(sa.Integer, primary_key=True)
"""
DIFFERENCES: dict[str, tuple[str, str, dict[tuple[str, str], str]]] = {
    "table": ("", FAN, {("add_table", "fans"): "1 column"}),
    "column": ("", MORE, {("add_column", "books.year"): "INTEGER"}),
    "column gone": (
        "    pages = orm.mapped_column(sa.Integer, index=True)\n",
        "",
        {("remove_column", "books.pages"): "", ("remove_index", "books.ix_books_pages"): "pages"},
    ),
    "index": (", index=True", "", {("remove_index", "books.ix_books_pages"): "pages"}),
    "unique": ("unique=True, ", "", {("remove_constraint", "books.uq_books_title"): "title"}),
    "foreign key": (
        'sa.ForeignKey("authors.id")',
        "sa.Integer",
        {("remove_fk", "books.fk_books_author_id"): "author_id"},
    ),
    "nullable": (AUTHOR_ID, AUTHOR_ID[:-16], {("modify_nullable", "books.author_id"): "->"}),
    "type": ("String(20)", "String(70)", {("modify_type", "books.title"): "VARCHAR(70)"}),
    "default": ('"untitled"', '"none"', {("modify_default", "books.title"): "none"}),
}


@pytest.fixture
def library(project: Project, run: Run) -> Project:
    """A project with two tables; models and database agree."""
    project.revision("r1", up=AUTHORS + BOOKS, undo="pass")
    project.models(BOOK)
    assert run("upgrade").code == 0
    return project


def named(differences: list[dict[str, str]]) -> set[tuple[str, str]]:
    return {(one["kind"], one["object"]) for one in differences}


def test_agreement_says_what_the_contract_names(run: Run, library: Project) -> None:
    done = run("check")
    assert (done.code, set(done.json)) == (0, CHECK)
    assert (done.json["in_sync"], done.json["differences"]) == (True, [])


@pytest.mark.parametrize(("old", "new", "expected"), DIFFERENCES.values(), ids=DIFFERENCES)
def test_a_difference_is_one_readable_line(
    run: Run, library: Project, old: str, new: str, expected: dict[tuple[str, str], str]
) -> None:
    models = library.root / "models.py"
    text = models.read_text(encoding="utf-8")
    models.write_text(text.replace(old, new) if old else text + new, encoding="utf-8")
    done = run("check")
    assert (done.code, done.json["in_sync"]) == (1, False)
    assert named(done.json["differences"]) == set(expected)
    for one in done.json["differences"]:
        assert set(one) == {"kind", "object", "detail"}
        assert expected[one["kind"], one["object"]] in one["detail"]
        assert "\n" not in "".join(one.values())
        assert "object at 0x" not in one["detail"]
        assert "(" not in one["object"]


def test_the_drawing_has_one_line_a_difference(run: Run, quick: Run, library: Project) -> None:
    library.models(MORE + FAN)
    lines = quick("check", cwd=library.root).lines
    assert sum("add_" in line for line in lines) == 2
    assert any(line.split()[:2] == ["add_column", "books.year"] for line in lines)


def test_a_table_that_no_model_has_is_a_difference(run: Run, library: Project) -> None:
    models = library.root / "models.py"
    models.write_text(models.read_text(encoding="utf-8").replace(BOOK, ""), encoding="utf-8")
    found: Any = named(run("check").json["differences"])
    assert ("remove_table", "books") in found


def test_pending_revisions_are_a_no(run: Run, library: Project) -> None:
    library.revision("r2", "r1")
    done = run("check")
    assert (done.code, done.json["error"]["kind"]) == (1, "pending")


def test_check_changes_nothing(run: Run, library: Project) -> None:
    library.models(FAN)
    assert run("check").json == run("check").json


def test_what_env_py_leaves_out_is_no_difference(run: Run, library: Project) -> None:
    env = library.migrations / "env.py"
    text = env.read_text(encoding="utf-8")
    rule = "target_metadata=target_metadata, include_object=lambda _o, name, *_: name != 'fans'"
    env.write_text(text.replace("target_metadata=target_metadata", rule), encoding="utf-8")
    library.models(FAN)
    assert run("check").json["in_sync"] is True


def test_the_sample_is_in_sync_after_up(quick: Run, sample_url: str) -> None:
    from tests.migrate.test_upgrade import CHECKOUT

    done = quick("--url", sample_url, "--json", "check", cwd=CHECKOUT)
    assert (done.code, done.json["differences"]) == (0, [])


MOOD = """

class Mood(Base):
    __tablename__ = "moods"
    id = orm.mapped_column(sa.Integer, primary_key=True)
    now = orm.mapped_column(
        sa.Enum("calm", "glad", name="mood"), server_default="calm", nullable=False
    )
"""
FELT = """
op.execute("CREATE TYPE mood AS ENUM ('calm', 'glad')")
op.create_table(
    "moods",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("now", postgresql.ENUM(name="mood", create_type=False), server_default="calm",
              nullable=False),
)
op.execute("ALTER TYPE mood RENAME VALUE 'calm' TO 'quiet'")
"""


def test_a_default_that_the_server_cannot_read_is_a_difference(
    quick: Run, tmp_path: Path, postgres_url: str
) -> None:
    project = make(tmp_path / "moody", url=driven(postgres_url))
    project.revision("r1", up=AUTHORS)
    project.revision("r2", "r1", up="from sqlalchemy.dialects import postgresql\n" + FELT)
    project.models(MOOD)
    assert quick("upgrade", cwd=project.root).code == 0
    done = quick("--json", "check", cwd=project.root)
    assert done.code == 1, str(done)
    assert "moods.now" in {one["object"] for one in done.json["differences"]}
