"""Two files have the same revision id: one of them is never run.

Alembic keeps the file that it reads last, with a warning. Give one of them another id, and put it
behind the other.

Source: https://alembic.sqlalchemy.org/en/latest/tutorial.html
"""

from collections.abc import Iterator

from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "error"
DIALECTS: tuple[str, ...] = ()


def check(seen: Seen) -> Iterator[Problem]:
    """A file whose id another one has, too."""
    files = seen.world.files.get(seen.header.revision, ())
    others = [one.name for one in files if one != seen.source.file]
    if others:
        yield Problem(
            f"{', '.join(others)} has the id {seen.header.revision}, too: one is never run",
            f"give {seen.source.file.name} another id",
            line=seen.source.line_of_name("revision"),
        )
