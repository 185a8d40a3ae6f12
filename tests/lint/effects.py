"""What the revisions of a case have done, and what that is called.

The kinds are words of this corpus, not the names of any tool's rules.
"""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

# Weakest first; what is weaker than SHARE stops neither readers nor writers.
STOPS_WRITERS = ("ShareLock", "ShareRowExclusiveLock", "ExclusiveLock")
STOPS_ALL = "AccessExclusiveLock"
STRONG = (*STOPS_WRITERS, STOPS_ALL)

# Harm to a deployment; every one of them is measured.
DANGERS = {
    "fails": "the upgrade ends in an error",
    "blocks-all": "readers and writers of a table wait while rows are read or written",
    "blocks-writers": "writers of a table wait while rows are read",
    "rewrite": "a table is written anew",
    "backfill": "half of a table or more is changed in one transaction",
    "several-locked": "a table is locked against everybody while another one is waited for",
    "loss": "values are gone",
    "breaks-code": "the deployed code can no longer read or write",
    "no-way-back": "the downgrade fails, or leaves something else than there was",
    "not-again": "after the downgrade the upgrade fails",
    "downgrade-loss": "values that the upgrade kept are gone after the downgrade",
    "schema-loss": "triggers, checks or the like are gone that no revision names",
    "duplicate-revision": "one of two files with the same revision is never run",
}
# No harm today; cases with nothing else count neither as dangerous nor as safe.
ADVICE = (
    "avoidable-lock",
    "offline-fails",
    "models-imported",
    "truncated-name",
    "timestamp-without-zone",
    "json",
    "serial",
    "small-key",
    "unnamed",
    "reserved-word",
)

RoundTrip = Literal["same", "differs", "failed", "skipped"]


@dataclass(frozen=True, order=True)
class Lost:
    """Values that are gone; without a column, whole rows."""

    relation: str
    column: str
    values: int


@dataclass
class Effects:
    """What was seen while the revisions of a case ran.

    `locks` is the strongest mode on each table that was there before with rows; `blocked` what of
    it was held while rows of a large table were read or written.
    """

    failure: str = ""
    locks: dict[str, str] = field(default_factory=dict)
    blocked: dict[str, str] = field(default_factory=dict)
    rewrites: set[str] = field(default_factory=set)
    backfills: set[str] = field(default_factory=set)
    several: set[str] = field(default_factory=set)
    lost: set[Lost] = field(default_factory=set)
    schema_lost: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    round_trip: RoundTrip = "skipped"
    again: str = ""
    lost_by_downgrade: set[str] = field(default_factory=set)
    advice: set[str] = field(default_factory=set)

    def lock(self, relation: str, mode: str, *, working: bool) -> None:
        """Note a lock, and whether it was held while there was much to do."""
        for known in (self.locks, self.blocked) if working else (self.locks,):
            known[relation] = max(known.get(relation, mode), mode, key=STRONG.index)

    @property
    def kinds(self) -> set[str]:
        """The dangers among what was seen."""
        seen = {
            "fails": self.failure,
            "blocks-all": STOPS_ALL in self.blocked.values(),
            "blocks-writers": set(STOPS_WRITERS) & set(self.blocked.values()),
            "rewrite": self.rewrites,
            "backfill": self.backfills,
            "several-locked": self.several,
            "loss": self.lost,
            "schema-loss": self.schema_lost,
            "breaks-code": self.broken,
            "no-way-back": self.round_trip in {"differs", "failed"},
            "not-again": self.again,
            "downgrade-loss": self.lost_by_downgrade,
        }
        return {kind for kind, found in seen.items() if found}


def label(effects: Effects, declared: dict[str, str], *, rewrites_harm: bool) -> dict[str, Any]:
    """The label of a case as it is written down; sorted, so that two runs are the same text."""
    every = effects.kinds | effects.advice | set(declared)
    dangers = every & set(DANGERS)
    if not rewrites_harm:
        dangers.discard("rewrite")
    known = asdict(effects)
    known["lost"] = [asdict(one) for one in sorted(effects.lost)]
    known["advice"] = sorted(every & set(ADVICE))
    for name in ("locks", "blocked"):
        known[name] = dict(sorted(known[name].items()))
    told = {name: sorted(one) if isinstance(one, set) else one for name, one in known.items()}
    # What was not seen is not written down.
    return {"dangerous": bool(dangers), "kinds": sorted(dangers)} | {
        name: one for name, one in told.items() if one
    }
