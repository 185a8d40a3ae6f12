"""What a look at PostgreSQL says, one row a relation, told in the words of the rehearsal."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dbctl.rehearse.census import Census, Relation
from dbctl.rehearse.model import Lost, Scan, Written

Row = Sequence[Any]

# From the weakest to the strongest: each keeps out what the ones before it keep out.
MODES = (
    "AccessShareLock",
    "RowShareLock",
    "RowExclusiveLock",
    "ShareUpdateExclusiveLock",
    "ShareLock",
    "ShareRowExclusiveLock",
    "ExclusiveLock",
    "AccessExclusiveLock",
)
WRITES, SHUT = MODES.index("ShareLock"), MODES.index("AccessExclusiveLock")
SAID = MODES.index("RowExclusiveLock")
ROWS = re.compile(r"\s*(?:WITH|SELECT|INSERT|UPDATE|DELETE|MERGE|COPY|VALUES|TABLE)\b", re.I)
_CHANGES = re.compile(r"\s*(?:UPDATE|DELETE)\b", re.I)
_BATCH = re.compile(r"\b(?:LIMIT|FETCH\s+FIRST|BETWEEN|ctid)\b", re.I)


class Fact:
    """One row of a look: a relation as it is now, and what there was of it before."""

    def __init__(self, census: Census, row: Row, counts: tuple[int, ...]) -> None:
        self.oid = int(row[1])
        self.modes = str(row[2] or "").split(",")
        self.kind = str(row[3] or "")
        self.filenode = int(row[4] or 0)
        self.short = str(row[5] or "")
        self.table = int(row[6] or 0)
        self.counts = counts
        self.relation: Relation | None = census.relations.get(self.oid)
        self.rows = census.rows(self.oid)

    @property
    def is_view(self) -> bool:
        """Whether it only shows what other tables hold."""
        return self.relation is not None and self.relation.kind in "vm"

    @property
    def name(self) -> str:
        """The name it had before the first revision."""
        return self.relation.name if self.relation else self.short


def held(known: Sequence[Fact]) -> Iterator[tuple[str, str]]:
    """The strongest lock on each table or view."""
    for fact in known:
        strongest = max(fact.modes, key=MODES.index)
        if fact.relation and fact.relation.kind in "rpfvm" and MODES.index(strongest) >= SAID:
            yield fact.name, strongest


def shut(census: Census, known: Sequence[Fact]) -> Iterator[str]:
    """Tables of which an index is locked against its readers: every plan asks for all of them."""
    for fact in known:
        if fact.relation and fact.relation.table and MODES[SHUT] in fact.modes:
            yield census.relations[fact.relation.table].name


def scans(known: Sequence[Fact], said: set[str], statement: str) -> Iterator[Scan]:
    """Tables that were read from end to end, as the counters or the server's messages have it."""
    for fact in known:
        if not (fact.relation and fact.relation.is_table):
            continue
        scans, read, *_ = fact.counts
        if scans and not ROWS.match(statement):
            yield Scan(fact.name, fact.rows)
        elif scans:
            yield Scan(fact.name, read)
        elif fact.relation.short in said:
            yield Scan(fact.name, fact.rows)


def written(known: Sequence[Fact]) -> Iterator[Written]:
    for fact in known:
        _, _, inserted, updated, deleted = fact.counts
        if fact.relation and fact.relation.is_table and (inserted or updated or deleted):
            yield Written(fact.name, inserted, updated, deleted)


def deleted(written: Sequence[Written]) -> Iterator[Lost]:
    return (Lost(one.relation, None, one.deleted, "deleted") for one in written if one.deleted)


def rowwise(
    statement: str,
    scans: Sequence[Scan],
    written: Sequence[Written],
    rows: int,
    counts: Mapping[str, int],
) -> Iterator[str]:
    """Tables of which at least half of the rows were changed: so it will be with more of them.

    And those that were read as a whole, when more than a row came of it.
    """
    if _BATCH.search(statement) or not ROWS.match(statement):
        return
    for one in written:
        there, changed = counts.get(one.relation, 0), one.updated + one.deleted
        if there > 1 and changed * 2 >= there:
            yield f"{changed:,} of {there:,} rows of {one.relation} are changed"
    if rows > 1 and not _CHANGES.match(statement):
        yield from (
            f"{one.relation} is read whole ({one.rows:,} rows)"
            for one in scans
            if 1 < counts.get(one.relation, 0) <= one.rows
        )
