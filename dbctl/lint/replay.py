"""The whole history run without a database: what each revision does, and to which schema."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from dbctl.lint import facts as f
from dbctl.lint import record
from dbctl.lint.catalogue import Catalogue
from dbctl.lint.record import Target
from dbctl.lint.seen import Moment, Revision, Seen, World
from dbctl.lint.source import Source


@dataclass(frozen=True)
class History:
    """Every revision file, in an order in which each comes after what it needs."""

    revisions: tuple[Revision, ...]

    @property
    def heads(self) -> tuple[str, ...]:
        """The revisions that nothing follows."""
        followed = {down for one in self.revisions for down in one.down}
        return tuple(
            dict.fromkeys(r.revision for r in self.revisions if r.revision not in followed)
        )


def ordered(revisions: Sequence[Revision]) -> History:
    """A history of the files, whatever is wrong with it: what is missing is not waited for."""
    by_id: dict[str, list[Revision]] = {}
    for one in revisions:
        by_id.setdefault(one.revision, []).append(one)
    placed: list[Revision] = []
    done: set[str] = set()
    for name in by_id:
        _place(name, by_id, placed, done)
    return History(tuple(placed))


def _place(
    name: str, by_id: Mapping[str, list[Revision]], placed: list[Revision], done: set[str]
) -> None:
    """Put a revision behind what it needs; a stack, because histories are long."""
    stack = [name]
    open_: set[str] = set()
    while stack:
        current = stack[-1]
        needs = [n for one in by_id[current] for n in (*one.down, *one.depends_on) if n in by_id]
        waiting = [n for n in needs if n not in done and n not in open_]
        if current in done:
            stack.pop()
        elif waiting and current not in open_:
            open_.add(current)
            stack.extend(waiting)
        else:
            done.add(stack.pop())
            placed.extend(by_id[current])


def replay(
    history: History, target: Target, world: World, wanted: frozenset[str]
) -> Iterator[Seen]:
    """What the revisions in `wanted` do; the others are run for what they make."""
    now = Catalogue()
    found: list[Seen] = []
    for header in history.revisions:
        source = Source(header.file)
        up = record.run(target, source, "upgrade", header.revision, now)
        if header.revision in wanted:
            down = record.run(target, source, "downgrade", header.revision, up.catalogue)
            found.append(_seen(header, world, now, up, down))
        now = up.catalogue
    final = replace(world, final=now)
    for one in found:
        one.world = final
        yield one


def _seen(
    header: Revision, world: World, before: Catalogue, up: record.Recorder, down: record.Recorder
) -> Seen:
    return Seen(
        header=header,
        source=up.source,
        world=world,
        up=moments(up.recording.facts, before, header.revision),
        down=moments(down.recording.facts, up.catalogue, header.revision),
        before=before,
        after=up.catalogue,
        undone=down.catalogue,
        upgrade=up.recording,
        downgrade=down.recording,
    )


def moments(facts: Sequence[f.Fact], before: Catalogue, revision: str) -> tuple[Moment, ...]:
    """Each fact with the catalogue before it."""
    found: list[Moment] = []
    for fact in facts:
        found.append(Moment(fact, before))
        before = before.after(fact, revision)
    return tuple(found)
