"""Alembic's write of the version row, compiled once; on PostgreSQL the ledger's row rides with it.

Alembic writes each id into the statement's text, so that SQLAlchemy compiles every one anew: of
many small revisions that is a tenth of the time, and a question more to the server another.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from alembic.runtime.migration import HeadMaintainer
from alembic.util import CommandError
from sqlalchemy import Table, Update, bindparam

from dbctl.migrate import writer


@contextmanager
def compiled_once(riding: Callable[[Any], Mapping[str, Any] | None]) -> Iterator[None]:
    """While the block runs a step from one revision to the next writes through one statement.

    `riding` gives the ledger's row that goes with it, None for none.
    """
    theirs = HeadMaintainer._update_version
    statements: dict[tuple[Table, bool], Update] = {}

    def update(self: HeadMaintainer, from_: str, to_: str) -> None:
        context: Any = self.context
        if context.as_sql:
            theirs(self, from_, to_)
            return
        row = riding(context)
        key = (context._version, row is not None)
        if key not in statements:
            statements[key] = _update(*key)
        given = {"was": from_, "becomes": to_, **(row or {})}
        found = context.connection.execute(statements[key], given).rowcount
        if found != 1 and context.dialect.supports_sane_rowcount:
            raise CommandError(
                f"the version table holds {found} rows {from_!r}, where it should hold one"
            )
        self.heads.remove(from_)
        self.heads.add(to_)

    HeadMaintainer._update_version = update  # type: ignore[method-assign]  # for this block
    try:
        yield
    finally:
        HeadMaintainer._update_version = theirs  # type: ignore[method-assign]


def _update(table: Table, noted: bool) -> Update:
    number = table.c.version_num
    made = table.update().where(number == bindparam("was")).values({number: bindparam("becomes")})
    return made.add_cte(writer.INSERT.cte("noted")) if noted else made
