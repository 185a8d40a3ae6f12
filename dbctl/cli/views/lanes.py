"""Draw revisions as lanes, the newest first, like `git log --graph`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dbctl.migrate.model import Step


@dataclass(frozen=True)
class Row:
    """One line of the drawing: the lanes before it, and the step or None for a joint."""

    lanes: str
    step: Step | None


def rows(steps: Sequence[Step]) -> Iterator[Row]:
    """Every step with the lanes to its left; between them the joints of branches and merges.

    A step comes before everything it follows, as the history lists them.
    """
    lanes: list[str] = []  # for each lane the revision that it waits for
    shown = {step.revision for step in steps}
    for step in steps:
        mine = [at for at, waiting in enumerate(lanes) if waiting == step.revision]
        if not mine:
            mine = [len(lanes)]
            lanes.append(step.revision)
        if mine[1:]:
            yield Row(_joint(len(lanes), mine, "/"), None)
            for extra in reversed(mine[1:]):
                del lanes[extra]
        yield Row(_marks(len(lanes), mine[0]), step)
        below = [name for name in (*step.down, *step.depends_on) if name in shown]
        if below[1:]:
            added = range(mine[0] + 1, mine[0] + len(below))
            yield Row(_joint(len(lanes) + len(below) - 1, [mine[0], *added], "\\"), None)
        lanes[mine[0] : mine[0] + 1] = below


def _marks(width: int, here: int) -> str:
    return " ".join("*" if at == here else "|" for at in range(width))


def _joint(width: int, joined: list[int], stroke: str) -> str:
    """`|/` or `|\\`: the lanes after the first of `joined` lean towards it."""
    cells = ["|" + " "] * width
    for at in joined[1:]:
        cells[at] = " " + " "
        before = cells[at - 1]
        cells[at - 1] = before[0] + stroke
    return "".join(cells).rstrip()
