"""The words of the rehearsal: what revisions did to a copy, and whether that is safe elsewhere."""

from dataclasses import dataclass, field, replace
from typing import Literal, Self

Verdict = Literal["safe", "risky", "failed"]
Blocked = Literal["reads", "writes"]
RoundTrip = Literal["same", "differs", "failed", "irreversible", "skipped"]


@dataclass(frozen=True)
class Lock:
    """A lock on a relation that was there before the revision, held until its transaction ended.

    `from_` is when the statement that took it began, `seconds` how long it was held, both in
    seconds of the revision. `estimate` is the time that the original would need, where the copy
    has fewer rows. `during` is what was done meanwhile that takes the longer the more rows there
    are; "" for a lock that only the catalog needed.
    """

    relation: str
    mode: str
    seconds: float
    blocks: tuple[Blocked, ...]
    from_: float = 0.0
    estimate: float | None = None
    during: str = ""

    @property
    def likely(self) -> float:
        """Seconds to be expected where it counts."""
        return self.seconds if self.estimate is None else self.estimate


@dataclass(frozen=True)
class Lost:
    """Values that are gone: of a column, or whole rows where `column` is None."""

    relation: str
    column: str | None
    values: int
    how: str

    def __str__(self) -> str:
        """One line for a person."""
        if self.column is None:
            return f"{self.relation}: {self.values:,} {_rows(self.values)} {self.how}"
        word = "value" if self.values == 1 else "values"
        return f"{self.relation}.{self.column}: {self.values:,} {word} {self.how}"


@dataclass(frozen=True)
class Scan:
    """A table that a statement read from end to end; `rows` that were read."""

    relation: str
    rows: int


@dataclass(frozen=True)
class Written:
    """Rows that a statement wrote in one table; `deleted` are gone."""

    relation: str
    inserted: int = 0
    updated: int = 0
    deleted: int = 0


@dataclass(frozen=True)
class Statement:
    """One statement of a revision, or the same one `times` in a row.

    `line` is that of the revision file, None where a helper elsewhere sent it. `rows` is what the
    driver counted, `wal_bytes` what the server logged meanwhile (None on SQLite). `from_` is in
    seconds of the revision.
    """

    sql: str
    file: str
    line: int | None
    seconds: float
    from_: float = 0.0
    times: int = 1
    rows: int = 0
    wal_bytes: int | None = None
    rewrites: tuple[str, ...] = ()
    scans: tuple[Scan, ...] = ()
    built: tuple[str, ...] = ()
    written: tuple[Written, ...] = ()
    estimate: float | None = None
    error: str = ""


@dataclass(frozen=True)
class Rehearsed:
    """One revision on the copy."""

    revision: str
    message: str
    file: str
    seconds: float
    locks: tuple[Lock, ...] = ()
    rewrites: tuple[str, ...] = ()
    lost: tuple[Lost, ...] = ()
    statements: tuple[Statement, ...] = ()
    round_trip: RoundTrip = "skipped"
    verdict: Verdict = "safe"
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    invalid: tuple[str, ...] = ()
    error: str = ""
    estimate: float | None = None
    differences: tuple[str, ...] = ()

    def judged(self, verdict: Verdict, *reasons: str) -> Self:
        """The same with a verdict that is at least this bad."""
        worse = worst(self.verdict, verdict)
        return replace(self, verdict=worse, reasons=(*self.reasons, *reasons))


@dataclass(frozen=True)
class Stall:
    """The longest that a reader or a writer of a table had to wait, and during which revision."""

    relation: str
    kind: Blocked
    seconds: float
    revision: str


@dataclass(frozen=True)
class Load:
    """What readers and writers met who worked on the touched tables all the time."""

    operations: int
    refused: int
    stalls: tuple[Stall, ...] = ()

    @property
    def worst(self) -> Stall | None:
        """The longest stall of all."""
        return max(self.stalls, key=lambda one: one.seconds, default=None)


@dataclass(frozen=True)
class Break:
    """What the code at another git reference can no longer do on the migrated copy."""

    table: str
    model: str
    action: Literal["import", "select", "insert", "update"]
    error: str


@dataclass(frozen=True)
class AppCheck:
    """The mapped tables of the code at `ref`, tried on the migrated copy and rolled back.

    Without a `ref` it is code that knows the tables as they were before the revisions.
    """

    ref: str | None
    tables: int
    breaks: tuple[Break, ...] = ()

    @property
    def whose(self) -> str:
        """Which code it is, in words."""
        return (
            "code that knows the schema of before"
            if self.ref is None
            else f"the code at {self.ref}"
        )


@dataclass(frozen=True)
class Confirmed:
    """A finding of `lint`, held against what was measured."""

    rule: str
    revision: str
    line: int
    table: str
    message: str
    measured: Literal["confirmed", "dismissed", "not measured"]


@dataclass(frozen=True)
class Rehearsal:
    """What the pending revisions did to a copy of a database.

    `branch` is the copy; `kept` says whether it is still there. `scaled` says that times are
    estimates: the copy has fewer rows than the original.
    """

    environment: str
    source: str
    verdict: Verdict
    reasons: tuple[str, ...]
    revisions: tuple[Rehearsed, ...]
    branch: str
    kept: bool = False
    from_: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    dialect: str = "postgresql"
    scaled: bool = False
    seconds: float = 0.0
    load: Load | None = None
    app: AppCheck | None = None
    drift: tuple[str, ...] = ()
    lint: tuple[Confirmed, ...] = ()
    notes: tuple[str, ...] = ()
    report: str = field(default="")

    @property
    def exit_code(self) -> int:
        """1 unless safe."""
        return 0 if self.verdict == "safe" else 1


def worst(*verdicts: Verdict) -> Verdict:
    """The worst of them; safe for none."""
    order: tuple[Verdict, ...] = ("safe", "risky", "failed")
    return max(verdicts, key=order.index, default="safe")


def _rows(number: int) -> str:
    return "row" if number == 1 else "rows"
