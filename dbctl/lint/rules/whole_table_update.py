"""Every row of a table is changed in one transaction.

Each changed row is locked until the transaction ends, is written a second time, and stays as
garbage; whoever wants to write to one of them waits for all. Change a few thousand at a time, each
time in a transaction of its own.

    few = (
        "UPDATE users SET plan = 'free' WHERE id IN"
        " (SELECT id FROM users WHERE plan IS NULL LIMIT 5000)"
    )
    with op.get_context().autocommit_block():
        while op.get_bind().execute(sa.text(few)).rowcount:
            pass

Source: https://www.postgresql.org/docs/current/explicit-locking.html (row-level locks)
"""

from collections.abc import Iterator

from dbctl.lint import advice
from dbctl.lint.catalogue import Catalogue
from dbctl.lint.facts import Condition, DeleteRows, RowsFact, UpdateRows
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "warning"
DIALECTS: tuple[str, ...] = ("postgresql",)


def check(seen: Seen) -> Iterator[Problem]:
    """Changes whose condition does not keep them to few rows."""
    for fact, before in seen.existing(RowsFact):
        if isinstance(fact, DeleteRows) and not fact.where.present:
            continue  # rows-removed says it
        repeated = seen.repeats(fact) and not fact.autocommit
        if is_bounded(fact.where, fact.table, before) and not (repeated and not _is_row(fact)):
            continue
        what = "all rows" if not fact.where.present else "as many rows as there are"
        verb = "changes" if isinstance(fact, UpdateRows) else "deletes"
        yield seen.problem(
            fact,
            f"one transaction {verb} {what} of {fact.table} and keeps them locked",
            _fix(fact, before),
        )


def _is_row(fact: RowsFact) -> bool:
    """Whether it is for one row each time, which is row-by-row's business."""
    return bool(fact.where.equals) and not (fact.where.ranges or fact.where.limited)


def is_bounded(where: Condition, table: str, before: Catalogue) -> bool:
    """Whether a condition leads to few rows: by a key, a range of one, or a limit."""
    found = before.table(table)
    if where.limited:
        return True
    if found is None:
        return bool({"id", "uuid"} & (where.equals | where.ranges))
    ranges = any(found.has_key(frozenset({name})) for name in where.ranges)
    return found.has_key(where.equals) or ranges


def _fix(fact: RowsFact, before: Catalogue) -> str:
    table = before.table(fact.table)
    keys = [one.columns for one in table.constraints if one.kind == "primary"] if table else []
    key = advice.sql(keys[0][0] if keys and len(keys[0]) == 1 else "id")
    if not fact.batched:
        return f"a few thousand rows of {fact.table} at a time, in a range of {key}, each committed"
    text = advice.py(fact.batched.format(key=key).replace(":", "\\:"))
    loop = f"while op.get_bind().execute(sa.text({text})).rowcount:\n    pass"
    return advice.autocommit(loop)
