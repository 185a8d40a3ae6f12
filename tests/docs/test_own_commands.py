"""docs/commands-of-your-own.md, done as it says."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from dbctl.records.rows import Records
from tests.docs.test_pages import MODELS, PAGES, blocks
from tests.runner import Finished

Run = Callable[..., Finished]
PAGE = PAGES["docs/commands-of-your-own.md"]
TITLE = "    title: Mapped[str] = mapped_column(unique=True)\n"


@pytest.fixture
def shop(tmp_path: Path, quick: Run) -> Path:
    """The project of the page, its tables made."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").touch()
    (tmp_path / "shop" / "models.py").write_text(MODELS.rstrip() + "\n" + TITLE)
    (tmp_path / "shop" / "commands.py").write_text(blocks(PAGE, "python")[0])
    (tmp_path / "pyproject.toml").write_text(blocks(PAGE, "toml")[0])
    for line in (["init"], ["up"], ["migrate", "-m", "first"], ["upgrade"]):
        assert quick(*line).code == 0
    return tmp_path


def test_the_commands_of_the_page_work(shop: Path, quick: Run) -> None:
    assert "\nThis project:\n  books           Lend and count books.\n" in quick("--help").out
    assert quick("books", "add", "Emma", "--json").json == {"id": 1, "title": "Emma"}
    assert quick("books", "add", "Emma").code == 1
    assert quick("books", "list", "--json", "--search", "em").json["rows"][0]["title"] == "Emma"
    assert quick("stock").code == 3


def test_every_method_of_the_page_is_there() -> None:
    table = "\n".join(line for line in PAGE.splitlines() if line.startswith("| `"))
    methods = re.findall(r"`(\w+)", "".join(re.findall(r"^\|(.*?)\|", table, re.MULTILINE)))
    assert methods == ["create", "find", "page", "update", "delete", "restore", "purge"]
    assert all(hasattr(Records, name) for name in methods)
