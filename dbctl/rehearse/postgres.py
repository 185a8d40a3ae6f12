"""PostgreSQL: locks, rewrites, scans and lost values of a statement, asked before the commit.

The migrating session itself is asked: it sees its own locks and what it has not committed.
Sources: PostgreSQL manual, "Explicit Locking", "pg_locks", "Statistics Functions".
"""

import re
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from dbctl.rehearse import foresight, told
from dbctl.rehearse.census import Census
from dbctl.rehearse.model import Blocked, Lost, Scan
from dbctl.rehearse.notices import Notices
from dbctl.rehearse.probe import Effect, ask

_COUNTS = ("numscans", "tuples_returned", "tuples_inserted", "tuples_updated", "tuples_deleted")
_XACT = ", ".join(f"coalesce(pg_stat_get_xact_{name}({{oid}}), 0)" for name in _COUNTS)
# Catalogs have oids below 16384. The left joins give one row where nothing is locked.
_LOOK = f"""
SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint, l.relation::bigint, l.modes,
       c.relkind::text, c.relfilenode::bigint, c.relname::text, i.indrelid::bigint, i.indisvalid,
       {_XACT.format(oid="l.relation")}
  FROM (SELECT 1) one
  LEFT JOIN (SELECT relation, string_agg(mode, ',') AS modes FROM pg_locks
              WHERE pid = pg_backend_pid() AND locktype = 'relation' AND relation >= 16384
              GROUP BY relation) l ON true
  LEFT JOIN pg_class c ON c.oid = l.relation LEFT JOIN pg_index i ON i.indexrelid = l.relation
"""
# The same of everything, for what leaves no lock behind.
_ALL_OF_IT = """
SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint, c.oid::bigint, '',
       c.relkind::text, c.relfilenode::bigint, c.relname::text, i.indrelid::bigint, i.indisvalid,
       0, 0, 0, 0, 0
  FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid
 WHERE c.oid >= 16384 AND c.relkind IN ('r', 'm', 'i') AND c.relnamespace NOT IN (
       SELECT oid FROM pg_namespace WHERE nspname LIKE 'pg\\_toast' OR nspname LIKE 'pg\\_temp\\_%')
"""
_BASELINE = f"""
SELECT oid::bigint, {_XACT.format(oid="oid")} FROM pg_class
 WHERE oid >= 16384 AND relkind IN ('r', 'm', 'i') AND (pg_stat_get_xact_numscans(oid) > 0
       OR pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid)
          + pg_stat_get_xact_tuples_deleted(oid) > 0)
"""
_TRUNCATES = re.compile(r"\bTRUNCATE\b", re.I)
# What no transaction block holds, or what may end one itself.
_ALONE = re.compile(
    r"\bCONCURRENTLY\b|^\s*(?:VACUUM|CLUSTER|ALTER\s+(?:SYSTEM|DATABASE|SUBSCRIPTION)|CALL|DO|BEGIN"
    r"|START|COMMIT|END|ROLLBACK|ABORT|SAVEPOINT|RELEASE|SET|RESET|SHOW"
    r"|REINDEX\s+(?:\([^)]*\)\s*)?(?:SCHEMA|DATABASE|SYSTEM)|(?:CREATE|DROP)\s+(?:DATABASE|TABLESPACE|SUBSCRIPTION))\b",
    re.I,
)


class PostgresProbe:
    """Looks at one migrating session; `census` is what there was before the first revision."""

    def __init__(self, census: Census) -> None:
        self.census = census
        self.invalid: set[str] = set()
        self._files = {oid: one.filenode for oid, one in census.relations.items()}
        self._pending: dict[int, int] = {}  # files of this transaction
        self._built: set[int] = set(census.relations)
        self._counts: dict[int, tuple[int, ...]] = {}
        self._fresh = True
        self._wal = 0
        self._foreseen: tuple[Lost, ...] = ()
        self._alone: dict[int, told.Row] | None = None
        self._wrapped = False
        self._notices = Notices()

    def joined(self, connection: Connection) -> None:
        """Let the server say what it does to tables."""
        self._notices.listen(connection)
        self._fresh = True

    def before(self, connection: Connection, statement: str, *, bare: bool) -> None:
        """Take the counters as they are, and see what a destructive statement would destroy."""
        alone = _is_autocommit(connection)
        self._alone = None
        if alone and _ALONE.search(statement):
            self._alone = {int(row[1]): row for row in ask(connection, _ALL_OF_IT)}
            self._wal = int(ask(connection, _LOOK)[0][0])
            return
        if alone:
            ask(connection, "BEGIN")
            self._wrapped = True
        if bare:
            self._foreseen = foresight.losses(connection, statement, self.census)
        if self._fresh or bare:
            self._counts = {int(oid): tuple(rest) for oid, *rest in ask(connection, _BASELINE)}
        self._fresh = False
        self._wal = int(ask(connection, _LOOK)[0][0])
        self._notices.clear(connection)

    def after(self, connection: Connection, statement: str, rows: int) -> Effect:
        """What the statement did."""
        if self._alone is not None:
            return self._after_alone(connection)
        looked = ask(connection, _LOOK)
        effect = self._effect(connection, statement, looked, rows)
        if self._wrapped:
            self._wrapped = False
            ask(connection, "COMMIT")
            effect.over = True
        return effect

    def _effect(
        self, connection: Connection, statement: str, looked: Sequence[told.Row], rows: int
    ) -> Effect:
        locked = [row for row in looked if row[1] is not None]
        facts = [told.Fact(self.census, row, self._counted(row)) for row in locked]
        known = [fact for fact in facts if fact.relation is not None]
        truncated = bool(_TRUNCATES.search(statement))
        rewrites = () if truncated else tuple(self._rewritten(known))
        built = () if truncated else tuple(self._new_indexes(facts))
        scans = tuple(told.scans(known, self._notices.scanned(connection), statement))
        written = tuple(told.written(known))
        lost = (*self._foreseen, *told.deleted(written))
        self._foreseen = ()
        self._pending |= {int(row[1]): int(row[4] or 0) for row in locked}
        wal, self._wal = int(looked[0][0]) - self._wal, int(looked[0][0])
        return Effect(
            held=dict(told.held(known)),
            shut=frozenset(told.shut(self.census, known)),
            unwritten=frozenset(one.name for one in known if one.is_view),
            filled=frozenset(fact.name for fact in known if fact.rows),
            rewrites=rewrites,
            scans=scans,
            built=tuple(name for name, _ in built),
            written=written,
            lost=lost,
            wal_bytes=wal,
            work=(
                *self._work(statement, rewrites, scans, built),
                *told.rowwise(statement, scans, written, rows, self.census.counts),
            ),
            tables=tuple(fact.name for fact in known if fact.relation and fact.relation.is_table),
        )

    def _counted(self, row: told.Row) -> tuple[int, ...]:
        """How far the counters of a relation went on since the last look."""
        now = tuple(int(one) for one in row[8:])
        before = self._counts.get(int(row[1]), (0,) * len(now))
        self._counts[int(row[1])] = now
        return tuple(max(a - b, 0) for a, b in zip(now, before, strict=True))

    def _file(self, oid: int) -> int:
        return self._pending.get(oid, self._files.get(oid, 0))

    def _rewritten(self, known: Sequence[told.Fact]) -> Iterator[str]:
        for fact in known:
            there = fact.kind in ("r", "m") and fact.filenode
            if there and fact.filenode != self._file(fact.oid):
                yield fact.name

    def _new_indexes(self, facts: Sequence[told.Fact]) -> Iterator[tuple[str, int]]:
        """Indexes that were built on tables that were there, each with the table's rows.

        A new type of a column may give an index another number and leave its file alone.
        """
        kept = {*self._files.values(), *self._pending.values()}
        for fact in facts:
            if fact.kind != "i" or fact.table not in self.census.relations:
                continue
            new = fact.oid not in self._built and fact.filenode not in kept
            if new or (fact.oid in self._built and fact.filenode != self._file(fact.oid)):
                self._built.add(fact.oid)
                yield (
                    f"{fact.short} on {self.census.relations[fact.table].name}",
                    self.census.rows(fact.table),
                )

    def _work(
        self,
        statement: str,
        rewrites: Sequence[str],
        scans: Sequence[Scan],
        built: Sequence[tuple[str, int]],
    ) -> Iterator[str]:
        """What takes the longer the more rows there are, in words; only of tables with rows."""
        counts = self.census.counts
        rewritten = [name for name in rewrites if counts.get(name)]
        yield from (f"{name} is rewritten ({counts[name]:,} rows)" for name in rewritten)
        yield from (
            f"{name} is built ({rows:,} rows)"
            for name, rows in built
            if rows and name.rpartition(" on ")[2] not in rewrites
        )
        if not told.ROWS.match(statement) and not built:
            yield from (
                f"{one.relation} is read whole ({one.rows:,} rows)"
                for one in scans
                if one.rows and one.relation not in rewritten
            )

    def _after_alone(self, connection: Connection) -> Effect:
        """A statement that has no transaction around it: what it left behind."""
        before, self._alone = self._alone or {}, None
        after = {int(row[1]): row for row in ask(connection, _ALL_OF_IT)}
        facts = [told.Fact(self.census, row, (0,) * 5) for row in after.values()]
        old = [fact for fact in facts if fact.oid in before]
        rewrites = tuple(
            fact.name
            for fact in old
            if fact.relation and fact.kind in ("r", "m") and fact.filenode != before[fact.oid][4]
        )
        new = [fact for fact in facts if fact.kind == "i" and fact.oid not in before]
        built = [(fact, one) for fact in new if (one := self.census.relations.get(fact.table))]
        gone = [one for oid, one in self.census.relations.items() if oid in before.keys() - after]
        held = {one.name: "ShareUpdateExclusiveLock" for _, one in built}
        held |= {
            self.census.relations[one.table].name: "ShareUpdateExclusiveLock"
            for one in gone
            if one.table in self.census.relations
        }
        # Nothing else may hold a table while its file is exchanged.
        held |= dict.fromkeys(rewrites, "AccessExclusiveLock")
        wal, self._wal = int(ask(connection, _LOOK)[0][0]) - self._wal, 0
        counts = self.census.counts
        self._files |= {fact.oid: fact.filenode for fact in facts}
        self._built |= set(after)
        return Effect(
            held=held,
            rewrites=rewrites,
            built=tuple(f"{fact.short} on {one.name}" for fact, one in built),
            wal_bytes=wal,
            work=tuple(f"{n} is rewritten ({counts[n]:,} rows)" for n in rewrites if counts.get(n)),
            tables=tuple(held),
            over=True,
        )

    def failed(self, connection: Connection) -> None:
        """The transaction that was put around it is over."""
        self._foreseen, self._alone = (), None
        if self._wrapped:
            self._wrapped = False
            ask(connection, "ROLLBACK")

    def ending(self, connection: Connection) -> Effect:  # noqa: ARG002 - the seam's
        """Everything has been said, statement by statement."""
        return Effect()

    def ended(self, *, committed: bool) -> None:
        """What was pending is so now, or has never been."""
        if committed:
            self._files |= self._pending
        self._pending, self._fresh = {}, True

    def blocks(self, mode: str) -> tuple[Blocked, ...]:
        """Whom a lock keeps out: SELECT, and INSERT, UPDATE, DELETE."""
        strength = told.MODES.index(mode)
        if strength == told.SHUT:
            return ("reads", "writes")
        return ("writes",) if strength >= told.WRITES else ()


def _is_autocommit(connection: Connection) -> bool:
    always = getattr(connection.dialect, "_on_connect_isolation_level", None)
    return connection.get_execution_options().get("isolation_level", always) == "AUTOCOMMIT"
