"""Down again and up again: whether each revision can be undone, and leaves what it found."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from dbctl.database.change import Change
from dbctl.database.schema import differences
from dbctl.errors import DbctlError, MigrationFailedError, PartlyAppliedError, StoppedError
from dbctl.migrate import apply
from dbctl.rehearse.measure import Measure
from dbctl.rehearse.model import Lost, Rehearsed, RoundTrip
from dbctl.rehearse.probe import Probe
from dbctl.rehearse.shots import Schema, Shots
from dbctl.settings import Settings


@dataclass
class Way:
    """What there is to compare with: the schema before the first revision and after each.

    `oneway` are revisions without a downgrade function, `probe` sees what the way back destroys.
    """

    first: Schema
    after: Mapping[str, Schema]
    version_table: str
    oneway: frozenset[str]
    probe: Callable[[], Probe]

    def before(self, revisions: Sequence[str], name: str) -> Schema:
        """The schema that the revision found."""
        at = revisions.index(name)
        return self.after[revisions[at - 1]] if at else self.first


def tripped(copy: Settings, done: Sequence[Rehearsed], way: Way) -> list[Rehearsed]:
    """Undo the revisions of `done` on the copy and run them again; each with what came of it."""
    names = [one.revision for one in done]
    found: dict[str, tuple[RoundTrip, tuple[str, ...]]] = {}
    down = Measure(way.probe(), copy.project.root, way.version_table)
    newest = list(takewhile(lambda name: name not in way.oneway, reversed(names)))
    with down.listening():
        error = _failure(lambda: apply.undo(copy, newest, observer=down)) if newest else None
    _compare_down(names, way, down, found, {one.revision: _inserted(one) for one in done})
    if error is not None and down.current is not None:
        found[down.latest] = _refused(error)
    if newest != names[::-1]:
        found[names[-len(newest) - 1]] = ("irreversible", ("it has no downgrade",))
    undone = [name for name in names if name in down.schemas]
    if undone:
        _again(copy, undone, way, found)
    return [_with(one, found) for one in done]


def _failure(work: Callable[[], object]) -> DbctlError | None:
    """The error of a revision that failed; any other is raised."""
    try:
        work()
    except StoppedError:
        raise
    except (MigrationFailedError, PartlyAppliedError) as error:
        return error
    return None


def _compare_down(
    names: Sequence[str],
    way: Way,
    down: Measure,
    found: dict[str, tuple[RoundTrip, tuple[str, ...]]],
    inserted: Mapping[str, Mapping[str, int]],
) -> None:
    """What each downgrade leaves that was not there before, the ones above it left aside."""
    inherited: set[Change] = set()
    for name in [one for one in reversed(names) if one in down.schemas]:
        before, after, now = way.before(names, name), way.after[name], down.schemas[name]
        all_of_it = _differences(before, now)
        new = [one for one in all_of_it if one not in inherited]
        inherited = set(all_of_it)
        lost = tuple(_lost(down.drafts[name].lost, inserted.get(name, {})))
        if not new:
            found[name] = ("differs" if lost else "same", lost)
            continue
        nothing = set(new) == set(_differences(before, after))
        found[name] = ("irreversible" if nothing else "differs", (*lost, *_words(new)))


def _inserted(one: Rehearsed) -> Mapping[str, int]:
    """How many rows a revision put into which table: those may go again."""
    found: Counter[str] = Counter()
    for said in one.statements:
        found.update({written.relation: written.inserted for written in said.written})
    return found


def _lost(lost: Sequence[Lost], inserted: Mapping[str, int]) -> Iterator[str]:
    for one in lost:
        if one.column is not None or one.values > inserted.get(one.relation, 0):
            yield f"lost on the way back: {one}"


def _differences(before: Schema, after: Schema) -> tuple[Change, ...]:
    """What differs; whether a constraint has been validated is nothing to be undone."""
    return differences(_plain(before), _plain(after))


def _plain(schema: Schema) -> Schema:
    return {name: detail.removesuffix(" NOT VALID") for name, detail in schema.items()}


def _refused(error: DbctlError) -> tuple[RoundTrip, tuple[str, ...]]:
    first = error.message.splitlines()[0]
    if isinstance(error.__cause__, NotImplementedError):
        return "irreversible", ("the downgrade says so",)
    return "failed", (first,)


def _again(
    copy: Settings,
    undone: Sequence[str],
    way: Way,
    found: dict[str, tuple[RoundTrip, tuple[str, ...]]],
) -> None:
    """Run them again: the schema is to be what it was the first time."""
    up = Shots(way.version_table)
    error = _failure(lambda: apply.upgrade(copy, undone[-1], observer=up))
    inherited: set[Change] = set()
    for name in undone:
        if name not in up.schemas:
            continue
        changes = _differences(way.after[name], up.schemas[name])
        new = [one for one in changes if one not in inherited]
        inherited = set(changes)
        if new and found[name][0] == "same":
            found[name] = ("differs", _words(new))
    if error is not None and up.running:
        kind, said = found.get(up.running, ("same", ()))
        if kind != "irreversible":  # what is not undone cannot be done again
            text = f"upgrading again fails: {error.message.splitlines()[0]}"
            found[up.running] = ("failed", (text, *said))


def _words(changes: Sequence[Change]) -> tuple[str, ...]:
    """What is left over, is missing or is another after the way back."""
    words = {"added": "left over", "removed": "missing", "changed": "changed"}
    return tuple(f"{words[one.kind]}: {one.object}" for one in changes)


def _with(one: Rehearsed, found: Mapping[str, tuple[RoundTrip, tuple[str, ...]]]) -> Rehearsed:
    trip, said = found.get(one.revision, ("skipped", ()))
    return replace(one, round_trip=trip, differences=said)
