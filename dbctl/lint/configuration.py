"""`[tool.dbctl.lint]`: which rules are asked, how grave they are, and what server is assumed."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from dbctl.errors import ConfigurationError
from dbctl.lint.model import Level
from dbctl.lint.registry import NAMES

KEYS = ("disabled", "levels", "server_version", "dialect", "squawk")
LEVELS = ("error", "warning", "hint")
# The oldest PostgreSQL that its project still mends.
OLDEST = (15,)
TABLE = "[tool.dbctl.lint]"


@dataclass(frozen=True)
class Configuration:
    """What the project says about its rules."""

    disabled: frozenset[str] = frozenset()
    levels: Mapping[str, Level] = field(default_factory=dict)
    version: tuple[int, ...] = OLDEST
    dialect: str = ""
    squawk: bool = True

    def asks(self, rule: str, dialects: tuple[str, ...], dialect: str) -> bool:
        """Whether the rule counts for that dialect here."""
        return rule not in self.disabled and (not dialects or dialect in dialects)


def read(table: Mapping[str, Any]) -> Configuration:
    """The configuration that a table of pyproject.toml holds. Raises ConfigurationError."""
    for key in table:
        if key not in KEYS:
            raise ConfigurationError(f"unknown key {key!r} in {TABLE}", hint=_near(key, KEYS))
    disabled, levels = table.get("disabled", []), table.get("levels", {})
    _require(isinstance(disabled, list), "disabled is a list of rules")
    _require(isinstance(levels, dict), 'levels is a table: { "drop-index" = "hint" }')
    for rule in (*disabled, *levels):
        _require_rule(str(rule))
    _require(all(one in LEVELS for one in levels.values()), f"a level is one of {LEVELS}")
    dialect = table.get("dialect", "")
    _require(dialect in ("", "postgresql", "sqlite"), "dialect is postgresql or sqlite")
    return Configuration(
        frozenset(disabled),
        cast("dict[str, Level]", levels),
        _version(table.get("server_version", "")),
        dialect,
        bool(table.get("squawk", True)),
    )


def _require_rule(name: str) -> None:
    if name not in NAMES and not name.startswith("squawk/"):
        raise ConfigurationError(f"{TABLE} names no rule: {name!r}", hint=_near(name, NAMES))


def _require(holds: bool, said: str) -> None:
    if not holds:
        raise ConfigurationError(f"{TABLE}: {said}", hint="see docs/lint.md")


def _version(said: object) -> tuple[int, ...]:
    text = str(said)
    if not text:
        return OLDEST
    parts = text.split(".")
    _require(all(part.isdigit() for part in parts), f"server_version is a number, not {text!r}")
    return tuple(map(int, parts))


def _near(word: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"did you mean {near[0]}?" if near else "see docs/lint.md"
