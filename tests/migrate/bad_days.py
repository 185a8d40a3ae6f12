"""What tests of the ledger, of `repair` and of `adopt` do to a project and to its database."""

from typing import Any

from dbctl.database import own
from tests.migrate.test_upgrade import asked
from tests.projects.make import Project, table


def dialect(url: str) -> str:
    """`postgresql` or `sqlite`."""
    return url.split(":", maxsplit=1)[0]


def owned(url: str, name: str) -> str:
    """One of dbctl's own tables as it stands in a statement."""
    return own.relation(dialect(url), name)


def ledger(url: str, columns: str = "revision, direction") -> list[tuple[Any, ...]]:
    """The rows of the ledger in their order."""
    found = asked(url, f"SELECT {columns} FROM {owned(url, 'ledger')} ORDER BY id")
    return [tuple(row) for row in found]


def slip_in(project: Project, name: str = "r2b", *, below: str = "r3", above: str = "r2") -> None:
    """A revision between two that are applied: what merging another git branch brings."""
    project.revision(name, above, up=table(f"t_{name}"), undo=f'op.drop_table("t_{name}")')
    path = project.versions / f"{below}_.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(f"down_revision = '{above}'", f"down_revision = '{name}'"))


def edit(
    project: Project, name: str = "r2", old: str = "VALUES (1)", new: str = "VALUES (2)"
) -> None:
    """Change what an applied file does."""
    path = project.versions / f"{name}_.py"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
