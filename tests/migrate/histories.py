"""Histories that nobody thought of: random graphs of revisions, written in every spelling."""

from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st

from tests.projects.make import Project

TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters='"\\\x85\u2028\u2029'),
    max_size=30,
).map(str.strip)


@dataclass(frozen=True)
class Node:
    """One revision of a random history, and how its file spells it."""

    name: str
    down: tuple[str, ...]
    depends_on: tuple[str, ...]
    label: str | None
    message: str
    spelling: int

    @property
    def text(self) -> str:
        """The file."""
        names = ("revision", "down_revision", "branch_labels", "depends_on")
        given = (self.name, self.down or None, self.label, self.depends_on or None)
        lines = [self._line(name, value) for name, value in zip(names, given, strict=True)]
        body = "\n\n\ndef upgrade():\n    pass\n\n\ndef downgrade():\n    pass\n"
        return "\n".join([self._docstring, *lines, body])

    @property
    def _docstring(self) -> str:
        return '"""' + self.message + '\n\nrevision = "of the docstring"\n"""\n'

    def _line(self, name: str, value: object) -> str:
        if self.spelling % 2 and isinstance(value, tuple) and len(value) == 1:
            value = value[0]
        text = repr(value)
        if self.spelling in (1, 3):
            name += ": str | tuple[str, ...] | None"
        if self.spelling in (2, 3) and isinstance(value, tuple):
            text = "(\n" + "".join(f"    {one!r},\n" for one in value) + ")"
        return f"{name} = {text}" + ("  # why" if self.spelling == 0 else "")


@st.composite
def histories(draw: st.DrawFn) -> list[Node]:
    """A graph with roots, merges, labels and dependencies; every node after what it needs."""
    nodes: list[Node] = []
    for number in range(draw(st.integers(1, 8))):
        names = [node.name for node in nodes]
        down = draw(st.lists(st.sampled_from(names), max_size=3, unique=True)) if names else []
        down = _tips(nodes, down)
        other = [name for name in names if name not in _below(nodes, down)]
        needs = draw(st.lists(st.sampled_from(other), max_size=1)) if other else []
        label = f"label{number}" if not down and draw(st.booleans()) else None
        message, spelling = draw(TEXT), draw(st.integers(0, 3))
        nodes.append(Node(_name(number), tuple(down), tuple(needs), label, message, spelling))
    return nodes


def _name(number: int) -> str:
    # File names in another order than the revisions.
    return f"{'cabfedhg'[number]}{number}0f"


def _below(nodes: list[Node], names: list[str]) -> set[str]:
    by_name = {node.name: node for node in nodes}
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        node = by_name[waiting.pop()]
        if node.name not in found:
            found.add(node.name)
            waiting += [*node.down, *node.depends_on]
    return found


def _tips(nodes: list[Node], names: list[str]) -> list[str]:
    """Those that no other one follows: a merge of a revision with its own ancestor is no merge."""
    return [
        name for name in names if not any(name in _below(nodes, [o]) for o in names if o != name)
    ]


def write(project: Project, nodes: list[Node]) -> list[Path]:
    """Write the history into the project, in place of the one before."""
    for old in project.versions.glob("*.py"):
        old.unlink()
    return [project.write(f"migrations/versions/{node.name}_.py", node.text) for node in nodes]
