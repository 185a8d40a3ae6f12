"""Each rule finds what it is about, and is silent about what only looks like it."""

from pathlib import Path

import pytest

from tests.lint.dangers import DANGERS, Danger
from tests.lint.engine import BEFORE, found, functions


def _ids() -> list[str]:
    return [f"{one.rule}-{number}" for number, one in enumerate(DANGERS)]


@pytest.mark.parametrize("danger", DANGERS, ids=_ids())
def test_a_rule_finds_its_danger_and_not_the_look_alike(danger: Danger, tmp_path: Path) -> None:
    """The table of tests/lint/dangers.py."""
    before = BEFORE if danger.dialect == "postgresql" else SQLITE
    bad = found(tmp_path, [before, functions(danger.bad)], dialect=danger.dialect)
    good = found(tmp_path, [before, functions(danger.good)], dialect=danger.dialect)
    assert danger.rule in {one.rule for one in bad}
    assert danger.rule not in {one.rule for one in good}, good


# SQLite has no constraint outside of a table.
SQLITE = "\n".join(
    line for line in BEFORE.splitlines() if "check" not in line and "TYPE" not in line
)
