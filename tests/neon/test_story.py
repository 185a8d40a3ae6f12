"""The same story told by Neon's own command and by `dbctl neon` ends in the same state."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from tests.neon.clock import stamp
from tests.neon.conftest import judged
from tests.neon.judge import Judge, skip_without
from tests.neon.standin import StandIn
from tests.runner import Finished
from tests.servers.server import Server

pytestmark = pytest.mark.soak

skip_without()


@dataclass(frozen=True)
class Step:
    """One thing to do: Neon's words, ours, and the SQL that somebody runs on a branch after it.

    In both `{soon}` is a moment in two days and `{then}` the recorded point of `main`.
    """

    neon: str
    dbctl: str
    branch: str = ""
    sql: str = ""


STORY = [
    Step(
        "branches create --name dev --cu 0.5-2",
        "branch create dev --cu 0.5-2",
        "dev",
        "CREATE TABLE of_dev (a int)",
    ),
    Step("branches rename dev work", "branch rename dev work"),
    Step(
        "branches create --name bare --schema-only",
        "branch create bare --schema-only",
        "bare",
        "INSERT INTO kept VALUES (7)",
    ),
    Step(
        "branches create --name shield --protected --no-compute",
        "branch create shield --protected --no-compute",
    ),
    Step(
        "branches create --name gone --parent work --no-compute",
        "branch create gone --parent work --no-compute",
    ),
    Step("branches delete gone", "branch delete gone --yes"),
    Step(
        "branches set-expiration bare --expires-at {soon}", "branch expire bare --expires-at {soon}"
    ),
    Step(
        "branches add-compute work --type read_only --cu 1", "compute add work --read-only --cu 1"
    ),
    Step("branches reset work --parent", "branch reset work --yes"),
    Step(
        "branches create --name next --no-compute",
        "branch create next --no-compute",
        "main",
        "DELETE FROM kept",
    ),
    Step("branches set-default next", "branch set-default next"),
    Step(
        "branches restore main ^self@{then} --preserve-under-name old",
        "branch restore main ^self@{then} --preserve-under-name old --yes",
    ),
]

NEEDED = {
    "projects list": "projects list",
    "branches list": "branch list",
    "branches get main": "branch get main",
    "connection-string main": "branch url main",
    "branches create --name a": "branch create a --no-wait",
    "branches rename a b": "branch rename a b",
    "branches reset b --parent": "branch reset b --no-wait --yes",
    "branches set-default b": "branch set-default b",
    "branches schema-diff main b": "branch diff main b",
    "branches set-default main": "branch set-default main",
    "branches delete b": "branch delete b --no-wait --yes",
    # Theirs is the first page only, ours all there are unless a number is said.
    "operations list": "operations list --limit 5",
}

Command = Callable[..., Finished]
Teller = Callable[[str], Finished]


def ours(quick: Command, neon: StandIn) -> Teller:
    def tell(line: str) -> Finished:
        done = quick("neon", *line.split(), env=neon.env)
        assert done.code == 0, f"dbctl neon {line}: {done}"
        return done

    return tell


def told(neon: StandIn, tell: Teller, lines: list[str]) -> dict[str, Any]:
    """Tell the story on a stand-in; the state and the rows at its end."""
    neon.run("main", "CREATE TABLE kept (a int); INSERT INTO kept VALUES (1)")
    then = stamp(neon.snapshot_now("main").at)
    for step, line in zip(STORY, lines, strict=True):
        soon = stamp(neon.clock.now() + timedelta(days=2))
        tell(line.format(then=then, soon=soon))
        neon.clock.advance(60)
        if step.sql:
            neon.run(step.branch, step.sql)
    return {name: (state, kept(neon, name)) for name, state in neon.state().items()}


def kept(neon: StandIn, name: str) -> list[tuple[Any, ...]]:
    return neon.run(name, "SELECT a FROM kept ORDER BY a")


@pytest.fixture
def another(server: Server) -> Iterator[StandIn]:
    with judged(server) as found:
        yield found


def test_both_stories_end_alike(
    judge: Judge, neon: StandIn, another: StandIn, quick: Command
) -> None:
    theirs = told(neon, lambda line: judge(*line.split()), [step.neon for step in STORY])
    mine = told(another, ours(quick, another), [step.dbctl for step in STORY])
    assert mine == theirs
    assert sorted(mine) == ["bare", "main", "next", "old", "shield", "work"]


def test_dbctl_never_needs_more_requests(
    judge: Judge, neon: StandIn, another: StandIn, quick: Command
) -> None:
    theirs = counted(neon, lambda line: judge(*line.split()), list(NEEDED))
    mine = counted(another, ours(quick, another), list(NEEDED.values()))
    more = [(line, a, b) for line, a, b in zip(NEEDED, theirs, mine, strict=True) if b > a]
    assert not more, f"theirs, ours: {more}"
    assert mine[list(NEEDED).index("connection-string main")] <= 2


def counted(neon: StandIn, tell: Teller, lines: list[str]) -> list[int]:
    """How many requests each line needs, when nothing is busy."""
    counts = []
    for line in lines:
        before = len(neon.requests)
        tell(line)
        counts.append(len(neon.requests) - before)
        neon.clock.advance(60)
    return counts
