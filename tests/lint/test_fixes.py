"""What a finding says to write instead is code that runs, and is no danger itself."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lint.dangers import DANGERS, Danger
from tests.lint.engine import BEFORE, found, functions, rules, written
from tests.projects import envs
from tests.projects.make import driven, make
from tests.runner import Finished

# Those whose fix stands for itself.
CODE = ("with op.", "op.execute")
WHOLE = ("create-index", "drop-index", "constraint-index", "foreign-key", "check-constraint",
    "set-not-null", "whole-table-update", "column-rewrites")  # fmt: skip
BAD = [one for one in DANGERS if one.rule in WHOLE and "gist" not in one.bad]


def fix(folder: Path, rule: str, bad: str) -> str:
    """The code that the rule proposes for a body; "" where it is words."""
    flaws = found(folder, [BEFORE, functions(bad)])
    said = next(one.fix for one in flaws if one.rule == rule)
    return said if said.startswith(CODE) else ""


def test_fixes_run_on_a_server_and_are_silent(
    tmp_path: Path, postgres_url: str, quick: Callable[..., Finished]
) -> None:
    """The first of each rule, in one history."""
    project = make(tmp_path / "mine", env=envs.sync(), url=driven(postgres_url))
    versions, scratch = project.migrations / "versions", tmp_path / "scratch"
    scratch.mkdir()
    bodies = {one.rule: fix(scratch, one.rule, one.bad) for one in reversed(BAD)}
    written(versions, "r0", BEFORE, None)
    for number, body in enumerate(bodies.values()):
        text = functions(body, 'raise NotImplementedError("no")')
        written(versions, f"r{number + 1}", text, f"r{number}")
    assert all(bodies.values())
    finished = quick("upgrade", cwd=project.root)
    assert finished.code == 0, f"{finished.err}\n{bodies}"


@pytest.mark.parametrize("danger", BAD, ids=[f"{one.rule}-{n}" for n, one in enumerate(BAD)])
def test_a_fix_is_no_danger_itself(tmp_path: Path, danger: Danger) -> None:
    """Of the same rule, nor another one's error."""
    rule, bad = danger.rule, danger.bad
    body = fix(tmp_path, rule, bad)
    flaws = found(tmp_path, [BEFORE, functions(body)]) if body else ()
    assert not {one.rule for one in flaws if one.level == "error"}
    assert rule not in rules(flaws)
