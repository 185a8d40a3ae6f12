"""`dbctl rehearse`: the pending revisions on a copy, and a verdict."""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dbctl import loop
from dbctl.database.server import address, server
from dbctl.errors import (
    DbctlError,
    PendingError,
    StoppedError,
    TerminatedError,
)
from dbctl.migrate import drift, place
from dbctl.rehearse import canary as canaries
from dbctl.rehearse import census, confirming, copying, deployed, filling, report, trial, verdict
from dbctl.rehearse.model import AppCheck, Confirmed, Rehearsal, Rehearsed
from dbctl.settings import Settings

log = logging.getLogger("dbctl.rehearse")


@dataclass(frozen=True)
class Asked:
    """What the command line says."""

    revision: str = "head"
    source: str | None = None
    schema_only: bool = False
    generate: tuple[str, ...] = ()
    load: bool = False
    app_at: str | None = None
    keep: bool = False
    round_trip: bool = True
    report: Path | None = None


def rehearse(settings: Settings, asked: Asked) -> Rehearsal:
    """Run the pending revisions on a copy of the settings' database and say whether that is safe.

    Raises UsageError, UnreachableError, ProviderError when there is no copy to be had.
    """
    report.require_format(asked.report)
    if asked.app_at:
        deployed.require_ref(settings.project.root, asked.app_at)
    started = time.perf_counter()
    found = copying.source(settings, asked.source)
    original = _original(found.original) if asked.schema_only else {}
    try:
        with copying.copied(found, schema_only=asked.schema_only, keep=asked.keep) as (name, copy):
            tried = _tried(copy, asked, original)
    except StoppedError as stopped:
        raise _interrupted(stopped) from None
    except KeyboardInterrupt as stopped:
        stopped.add_note("the copy is removed; nothing else was touched")
        raise
    done = replace(
        tried,
        environment=settings.env,
        source=found.shown,
        branch=name,
        kept=asked.keep,
        seconds=round(time.perf_counter() - started, 3),
    )
    done = verdict.whole(done, settings.rehearse_lock_limit)
    return report.written(done, asked.report, settings.project.root)


def _interrupted(stopped: StoppedError) -> StoppedError:
    """What an upgrade says of its database is here said of the copy, which is gone."""
    kind = TerminatedError if isinstance(stopped, TerminatedError) else StoppedError
    word = "terminated" if kind is TerminatedError else "interrupted"
    return kind(f"{word}: the copy is removed", hint="nothing else was touched")


def _original(settings: Settings) -> Mapping[str, int]:
    """How many rows the original's tables have, by its statistics: nothing is counted there."""
    return loop.run(_estimated(settings))


async def _estimated(settings: Settings) -> Mapping[str, int]:
    async with server(settings).open() as session:
        if address(settings).dialect == "sqlite":
            return await census.sqlite(session, "")
        return await census.estimates(session)


def _tried(copy: Settings, asked: Asked, original: Mapping[str, int]) -> Rehearsal:
    """The whole of it, on the copy."""
    notes: list[str] = []
    if asked.generate:
        notes.append(filling.filled(copy, asked.generate, place.version_table(copy)[0]))
    ground = trial.surveyed(copy, original)
    canary = canaries.canary(copy, ground.counts, ground.texts) if asked.load else None
    outcome = trial.run(copy, asked.revision, ground, canary)
    whole = outcome.error is None
    differences = _drift(copy, notes) if whole and outcome.revisions else ()
    app = _app(copy, asked, ground) if whole and outcome.revisions else None
    revisions = trial.judged(copy, ground, outcome, round_trip=asked.round_trip)
    left = tuple(trial.unrun(ground, outcome.revisions))
    if not whole and left:
        notes.append(f"not run: {', '.join(left)}")
    findings = _linted(copy, revisions, app, notes)
    return Rehearsal(
        environment=copy.env,
        source="",
        verdict="safe",
        reasons=(),
        revisions=tuple(revisions),
        branch="",
        from_=ground.at,
        to=tuple(one.revision for one in revisions[-1:] if not one.error) or ground.at,
        dialect=address(copy).dialect,
        scaled=bool(ground.factors),
        load=canary.seen if canary else None,
        app=app,
        drift=differences,
        lint=findings,
        notes=tuple(notes),
    )


def _app(copy: Settings, asked: Asked, ground: trial.Ground) -> AppCheck:
    """Whether the code that runs still works: its models where they are known."""
    if asked.app_at:
        return deployed.check(copy, asked.app_at)
    return trial.compatible(copy, ground)


def _linted(
    copy: Settings, done: Sequence[Rehearsed], app: AppCheck | None, notes: list[str]
) -> tuple[Confirmed, ...]:
    """What `lint` says of the revisions that ran, confirmed or dismissed."""
    if not done:
        return ()
    try:
        return confirming.confirmed(copy, address(copy).dialect, done, app)
    except DbctlError as error:
        notes.append(f"the revisions were not linted: {error.message}")
        return ()


def _drift(copy: Settings, notes: list[str]) -> tuple[str, ...]:
    """What the models say and the migrated copy does not."""
    try:
        found = drift.check(copy)
    except PendingError:
        return ()
    except DbctlError as error:
        notes.append(f"the models were not compared: {error.message}")
        return ()
    return tuple(f"{one.kind} {one.object} {one.detail}".strip() for one in found.differences)
