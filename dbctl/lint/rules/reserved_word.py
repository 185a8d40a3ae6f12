"""A table or column is called by a reserved word: it must be quoted wherever it is named.

SQLAlchemy quotes it; whoever writes SQL by hand, a report or a trigger has to remember.

Source: https://www.postgresql.org/docs/current/sql-keywords-appendix.html
"""

from collections.abc import Iterator

from dbctl.lint import facts as f
from dbctl.lint.model import Level
from dbctl.lint.names import RESERVED
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "hint"
DIALECTS: tuple[str, ...] = ()


def check(seen: Seen) -> Iterator[Problem]:
    """New tables and columns with such a name."""
    for fact, _ in seen.each(f.CreateTable, f.AddColumn, f.RenameColumn, f.RenameTable):
        for name in _names(fact):
            if name.lower() in RESERVED:
                yield seen.problem(
                    fact, f"{name} is a reserved word of SQL", f"for example {name}_"
                )


def _names(fact: f.Fact) -> Iterator[str]:
    if isinstance(fact, f.CreateTable):
        yield fact.table
        yield from (one.name for one in fact.columns)
    elif isinstance(fact, f.AddColumn):
        yield fact.column.name
    elif isinstance(fact, f.RenameColumn | f.RenameTable):
        yield fact.to
