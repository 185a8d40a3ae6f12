"""Rows are read and changed one by one.

Each row costs a round trip to the server, inside one transaction: a million rows take minutes to
hours, with every changed row locked. Let one statement change a few thousand rows at a time.

    UPDATE users SET email = lower(email) WHERE id BETWEEN 1 AND 5000

Source: https://www.postgresql.org/docs/current/populate.html
"""

from collections.abc import Iterator

from dbctl.lint.facts import DeleteRows, InsertRows, ReadRows, UpdateRows
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "warning"
DIALECTS: tuple[str, ...] = ()


def check(seen: Seen) -> Iterator[Problem]:
    """Statements in a loop over rows that were read."""
    reads = [fact for fact, _ in seen.existing(ReadRows) if not fact.schema]
    done: set[int] = set()
    for fact, _ in seen.existing(UpdateRows, DeleteRows, InsertRows):
        limited = getattr(getattr(fact, "where", None), "limited", False)
        ranged = bool(getattr(getattr(fact, "where", None), "ranges", ()))
        inside = fact.looped and (reads or (fact.text and "LOOP" in fact.sql.upper()))
        if not inside or limited or ranged or fact.at.line in done:
            continue
        done.add(fact.at.line)
        yield seen.problem(
            fact,
            f"{fact.table} is changed row by row: a round trip for each",
            "change many rows with one statement, a few thousand at a time",
        )
