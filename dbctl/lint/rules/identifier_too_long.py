"""A name is longer than 63 bytes: PostgreSQL cuts it, and it is found under another name.

Two names that are the same in their first 63 bytes are one name then.

Source: https://www.postgresql.org/docs/current/sql-syntax-lexical.html (NAMEDATALEN)
"""

from collections.abc import Iterator

from dbctl.lint.model import Level
from dbctl.lint.names import given
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "warning"
DIALECTS: tuple[str, ...] = ("postgresql",)
BYTES = 63


def check(seen: Seen) -> Iterator[Problem]:
    """Names that are given here and are too long."""
    for fact, name in given(seen):
        size = len(name.encode())
        if size > BYTES:
            short = name.encode()[:BYTES].decode(errors="ignore")
            yield seen.problem(
                fact,
                f"{name} has {size} bytes, and {BYTES} are kept: {short}",
                f"choose a shorter name than {name}",
            )
