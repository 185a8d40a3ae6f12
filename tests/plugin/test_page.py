"""docs/testing.md: its example runs, its tables are what the plug-in has."""

import re
from pathlib import Path

import pytest

from dbctl.testing import plugin
from tests.plugin.conftest import Suite

PAGE = (Path(__file__).parents[2] / "docs" / "testing.md").read_text(encoding="utf-8")
MODELS = """
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase): ...


class Book(Base):
    __tablename__ = "books"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
"""
TABLE = """\
op.create_table(
    "books", sa.Column("id", sa.Integer, primary_key=True), sa.Column("title", sa.String)
)
"""


@pytest.mark.parametrize("kind", ["files", "given"])
def test_the_example_runs(request: pytest.FixtureRequest, kind: str) -> None:
    suite: Suite = request.getfixturevalue(kind)
    suite.project.write("shop/models.py", MODELS)
    suite.project.revision("r2", "r1", up=TABLE)
    example = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[0]
    suite.project.write("test_mine.py", example)
    done = suite.pytest()
    assert "1 passed" in done.out, done
    assert len(example.splitlines()) <= 10


def test_every_setting_is_on_the_page() -> None:
    (settings,) = re.findall(r"\[tool.pytest.ini_options\]\n(.*?)```", PAGE, re.DOTALL)
    assert set(re.findall(r"^(\w+) =", settings, re.MULTILINE)) == {n for n, *_ in plugin.SETTINGS}


def test_every_fixture_is_on_the_page() -> None:
    table = set(re.findall(r"^\| `(\w+)`", PAGE, re.MULTILINE))
    assert table == {*plugin.FIXTURES, "dbctl_template"}
