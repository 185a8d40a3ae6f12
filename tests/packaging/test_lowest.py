"""tests/lowest.txt says what pyproject.toml allows; `.ci/run` installs from it."""

import inspect
import re
import tomllib
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_type_hints

import pytest

from dbctl.cli.options import _root
from tests.docs import tree

CHECKOUT = Path(__file__).parents[2]
DEVELOPERS = {"test", "dev"}
NOT_OURS = {"click"}


def wanted() -> list[str]:
    """Every line of a dependency that a user may get, of extras too."""
    found = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = found["optional-dependencies"].items()
    return [*found["dependencies"], *(one for k, v in extras if k not in DEVELOPERS for one in v)]


def lower_bounds() -> dict[str, str]:
    """The name and lower bound of every dependency that a user may get."""
    bounds = (re.match(r"([\w-]+)(?:\[.*?\])?>=([\d.]+)", line) for line in wanted())
    return {bound[1]: bound[2] for bound in bounds if bound}


def pinned() -> dict[str, str]:
    text = (CHECKOUT / "tests" / "lowest.txt").read_text(encoding="utf-8")
    return dict(line.split("==") for line in text.splitlines() if line and line[0] != "#")


def test_every_lower_bound_is_what_the_lowest_leg_installs() -> None:
    assert {name: v for name, v in pinned().items() if name not in NOT_OURS} == lower_bounds()


def test_every_dependency_has_a_lower_bound() -> None:
    assert len(lower_bounds()) == len(wanted())


@pytest.mark.parametrize(
    "callback", [_root, *(inspect.unwrap(one.callback) for one in tree.commands().values())]
)
def test_no_option_is_annotated_as_old_typer_cannot_read(callback: Any) -> None:
    hints = get_type_hints(callback, include_extras=True)
    options = {name: get_args(hint)[0] for name, hint in hints.items() if get_args(hint)}
    unions = {n: o for n, o in options.items() if n != "return" and isinstance(o, UnionType)}
    assert not unions, "write Optional[...]: Typer before 0.12.4 does not know `X | None`"
