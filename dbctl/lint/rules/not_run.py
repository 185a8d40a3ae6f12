"""Lint could not follow a line of the revision: it needs a database, or something outside.

What the line does is not known, so neither is whether it is safe; `dbctl rehearse` runs it on a
copy.

Source: docs/lint.md (how it looks at revisions)
"""

from collections.abc import Iterator

from dbctl.lint.facts import Opaque, Skipped
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen
from dbctl.lint.sql import UNLOOKED

LEVEL: Level = "hint"
DIALECTS: tuple[str, ...] = ()


def check(seen: Seen) -> Iterator[Problem]:
    """Lines of upgrade() that were left out."""
    if seen.source.broken:
        yield Problem(f"the file cannot be read: {seen.source.broken}", level="error")
        return
    done: set[int] = set()
    for one in seen.up:
        fact = one.fact
        if isinstance(fact, Skipped | Opaque) and fact.at.line not in done and _is_news(fact):
            done.add(fact.at.line)
            said = f"this line was not followed: {fact.reason}"
            yield seen.problem(fact, said, "try it with dbctl rehearse")


def _is_news(fact: Skipped | Opaque) -> bool:
    """A refusal is meant, and that the parser is missing is said once for all."""
    return not fact.reason.startswith("raises ") and fact.reason != UNLOOKED
