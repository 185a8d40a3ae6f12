"""The pending revisions on a copy, once, measured; then down and up again.

Nothing here knows where the copy comes from, and no connection goes anywhere else.
"""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace

from dbctl import loop
from dbctl.database import schema
from dbctl.database.server import address, server
from dbctl.errors import DbctlError, MigrationFailedError, PartlyAppliedError, StoppedError
from dbctl.migrate import apply, place
from dbctl.migrate import graph as graphs
from dbctl.migrate.scratch import quietly
from dbctl.rehearse import census, compat, scale, trip, verdict
from dbctl.rehearse.canary import Canary
from dbctl.rehearse.census import Census
from dbctl.rehearse.measure import Measure
from dbctl.rehearse.model import AppCheck, Rehearsed
from dbctl.rehearse.postgres import PostgresProbe
from dbctl.rehearse.probe import Probe
from dbctl.rehearse.shots import Schema
from dbctl.rehearse.sqlite import SqliteProbe
from dbctl.settings import Settings

log = logging.getLogger("dbctl.rehearse")
_INVALID = """
SELECT c.oid::bigint, c.relname::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
 WHERE NOT i.indisvalid AND c.relkind = 'i'
"""


@dataclass(frozen=True)
class Ground:
    """The copy before the first revision. `original` are the rows of larger tables elsewhere."""

    at: tuple[str, ...]
    pending: tuple[str, ...]
    version_table: str
    counts: Mapping[str, int]
    schema: Schema
    census: Census | None
    original: Mapping[str, int]
    texts: str = ""
    samples: tuple[compat.Sample, ...] = ()

    @property
    def factors(self) -> dict[str, float]:
        """How much larger the original's tables are."""
        return scale.factors(self.counts, self.original)

    def probe(self) -> Probe:
        """Who looks at the migrating connection. A table without rows here may have them there."""
        expected = {name: max(n, self.original.get(name, 0)) for name, n in self.counts.items()}
        if self.census is None:
            return SqliteProbe(expected, self.schema)
        relations = self.census.relations
        return PostgresProbe(
            Census({k: replace(r, rows=expected.get(r.name, r.rows)) for k, r in relations.items()})
        )


@dataclass
class Outcome:
    """What came of a trial."""

    revisions: list[Rehearsed]
    tables: set[str]
    error: DbctlError | None
    schemas: Mapping[str, Schema]
    oneway: frozenset[str]


def surveyed(copy: Settings, original: Mapping[str, int]) -> Ground:
    """What there is on the copy, and which revisions are pending there."""
    graph = graphs.read(copy.project)
    name, outside = place.version_table(copy)
    table = f"{outside}.{name}" if outside else name
    look = place.look(copy, (name, outside))
    place.require_no_sample(copy, look)
    pending = tuple(one.revision for one in graph.pending(look.at))
    files = (graph.revisions[name].file for name in pending)
    texts = "\n".join(file.read_text(encoding="utf-8", errors="replace") for file in files)
    known = Ground(look.at, pending, table, {}, {}, None, original, texts)
    return loop.run(_surveyed(copy, known))


async def _surveyed(copy: Settings, known: Ground) -> Ground:
    table = known.version_table
    async with server(copy).open() as session:
        described = await schema.described(session, table)
        if address(copy).dialect == "sqlite":
            counts = await census.sqlite(session, table)
            samples = await compat.sqlite(session, compat.chosen(counts, known.texts))
            return replace(known, counts=counts, schema=described, samples=samples)
        found = await census.postgres(session, table)
        samples = await compat.postgres(session, compat.chosen(found.counts, known.texts))
        return replace(known, counts=found.counts, schema=described, census=found, samples=samples)


def compatible(copy: Settings, ground: Ground) -> AppCheck:
    """Whether code that knows the schema of before can read and write on the migrated copy."""
    return loop.run(_compatible(copy, ground))


async def _compatible(copy: Settings, ground: Ground) -> AppCheck:
    async with server(copy).open() as session:
        return await compat.check(session, ground.samples)


def run(
    copy: Settings,
    target: str,
    ground: Ground,
    canary: Canary | None = None,
) -> Outcome:
    """Upgrade the copy to `target` and measure; a revision that fails ends it.

    A `canary` works on the tables meanwhile.
    """
    measure = Measure(ground.probe(), copy.project.root, ground.version_table)
    error: DbctlError | None = None
    with measure.listening(), canary.working(measure) if canary else nullcontext():
        try:
            apply.upgrade(copy, target, observer=measure)
        except StoppedError:
            raise
        except (MigrationFailedError, PartlyAppliedError) as failure:
            if measure.current is None and not measure.drafts:
                raise
            error = failure
            measure.stopped(_cause(failure))
    found = [draft.done() for draft in measure.drafts.values()]
    tables = {name for draft in measure.drafts.values() for name in draft.tables}
    done = _with_invalid(copy, ground, found)
    return Outcome(done, tables, error, measure.schemas, frozenset(_oneway(measure)))


def _oneway(measure: Measure) -> Iterator[str]:
    """Revisions that have no downgrade function at all."""
    for name, draft in measure.drafts.items():
        if not hasattr(draft.script.module, "downgrade"):
            yield name


def _cause(failure: DbctlError) -> str:
    """What went wrong, without the revision's name and where the copy stands."""
    return re.sub(r"^revision \S+ failed: ", "it fails: ", failure.message.splitlines()[0])


def _with_invalid(copy: Settings, ground: Ground, done: list[Rehearsed]) -> list[Rehearsed]:
    """Indexes that are invalid now and were not before go to the last revision that named them."""
    if ground.census is None or not done:
        return done
    names = [name for oid, name in loop.run(_invalid(copy)) if _is_new(ground.census, oid)]
    for name in names:
        at = max((i for i, one in enumerate(done) if _speaks_of(one, name)), default=len(done) - 1)
        done[at] = replace(done[at], invalid=(*done[at].invalid, name))
    return done


def _is_new(found: Census, oid: int) -> bool:
    known = found.relations.get(oid)
    return known is None or known.valid


def _speaks_of(one: Rehearsed, name: str) -> bool:
    return any(name in said.sql for said in one.statements)


async def _invalid(copy: Settings) -> list[tuple[int, str]]:
    async with server(copy).open() as session:
        return [(int(oid), str(name)) for oid, name in await session.fetch(_INVALID)]


def judged(
    copy: Settings, ground: Ground, outcome: Outcome, *, round_trip: bool
) -> list[Rehearsed]:
    """The revisions with the way back tried, times as the original has them, and verdicts."""
    found = outcome.revisions
    if round_trip and outcome.error is None and found:
        log.info("down and up again")
        way = trip.Way(
            ground.schema, outcome.schemas, ground.version_table, outcome.oneway, ground.probe
        )
        with quietly():
            found = trip.tripped(copy, found, way)
    is_file = ground.census is None
    limit = copy.rehearse_lock_limit
    scaled = (scale.scaled(one, ground.factors) for one in found)
    return [verdict.judged(one, limit=limit, is_file=is_file) for one in scaled]


def unrun(ground: Ground, done: Sequence[Rehearsed]) -> Iterator[str]:
    """Pending revisions that did not run because one before them failed."""
    ran = {one.revision for one in done}
    return (name for name in ground.pending if name not in ran)
