"""The locks of the open transaction: since when, whom they keep out, what is done meanwhile."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from dbctl.rehearse.model import Blocked, Lock
from dbctl.rehearse.probe import Effect

ALL: tuple[Blocked, ...] = ("reads", "writes")


@dataclass
class Held:
    """One lock."""

    mode: str
    since: float
    blocks: tuple[Blocked, ...]
    during: list[str] = field(default_factory=list)


class Holding:
    """Collects locks until they are let go; `blocks` says whom a mode keeps out."""

    def __init__(self, blocks: Callable[[str], tuple[Blocked, ...]]) -> None:
        self._blocks = blocks
        self._held: dict[str, Held] = {}

    def take(self, effect: Effect, since: float) -> None:
        """Note the locks that came with a statement, and what was done under all of them."""
        before = dict(self._held)
        for relation, mode in effect.held.items():
            held = self._held.get(relation)
            if held is not None and held.mode == mode:
                continue
            during, began = (held.during, held.since) if held else ([], since)
            found = Held(mode, began, self._blocked(effect, relation, mode), during)
            self._held[relation] = found
            if held is None and found.blocks and relation in effect.filled:
                for other in _shut(before, effect):
                    other.during.append(f"{relation} is waited for")
        for held in self._held.values():
            held.during.extend(effect.work)

    def _blocked(self, effect: Effect, relation: str, mode: str) -> tuple[Blocked, ...]:
        """Whom a lock on this relation keeps out."""
        if relation in effect.shut:
            return ALL
        found = self._blocks(mode)
        return () if found == ("writes",) and relation in effect.unwritten else found

    def let_go(self, now: float, started: float) -> Sequence[Lock]:
        """Everything that was held, until `now`, in seconds from `started`."""
        found = list(self._locks(now, started))
        self._held.clear()
        return found

    def _locks(self, now: float, started: float) -> Iterator[Lock]:
        for relation, held in self._held.items():
            during = "; ".join(dict.fromkeys(held.during))
            seconds, began = round(now - held.since, 6), round(max(held.since - started, 0.0), 6)
            yield Lock(relation, held.mode, seconds, held.blocks, began, during=during)


def _shut(held: dict[str, Held], effect: Effect) -> Iterator[Held]:
    """Locks on tables with rows that keep everybody out."""
    return (one for name, one in held.items() if name in effect.filled and one.blocks == ALL)
