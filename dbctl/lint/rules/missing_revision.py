"""The revision follows one that no file has: no command can run.

Its file was deleted, was never committed, or is on another branch of the code.

Source: https://alembic.sqlalchemy.org/en/latest/tutorial.html
"""

from collections.abc import Iterator

from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "error"
DIALECTS: tuple[str, ...] = ()


def check(seen: Seen) -> Iterator[Problem]:
    """What is named in down_revision and is not there."""
    for name in seen.header.down:
        if name not in seen.world.files:
            yield Problem(
                f"it follows {name}, which no file has",
                f"get the file of {name} from version control, or mend down_revision",
                line=seen.source.line_of_name("down_revision"),
            )
