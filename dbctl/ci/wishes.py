"""What the options of `dbctl ci setup`, `teardown` and `prune` say."""

import re
from dataclasses import dataclass
from typing import Any, Self

from dbctl.ci.change import TTL
from dbctl.errors import UsageError

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Wishes:
    """Which database, and what is done with it; `wait` in seconds.

    `variable` is one more name under which the URL is handed on. `seeding` None as for `up`.
    """

    embedded: bool = False
    neon: bool = False
    branch: bool = False
    name: str | None = None
    ttl: str | None = TTL
    project: str | None = None
    seeding: bool | None = None
    wait: float = 60.0
    variable: str | None = None

    @property
    def needs_url(self) -> bool:
        """Whether the settings have to know a database."""
        return not (self.embedded or self.neon)

    def chosen(self, verb: str) -> Self:
        """The same. Raises UsageError when nothing says where the database of a request is."""
        if not (self.embedded or self.neon or self.branch):
            raise UsageError(
                f"{verb} what? `dbctl ci setup` alone made nothing of its own",
                hint="add the option that setup had: --neon, --branch or --embedded",
            )
        return self


def wishes(**said: Any) -> Wishes:  # noqa: ANN401 - the fields of `Wishes`
    """What was said, once it makes sense. Raises UsageError."""
    made = Wishes(**said)
    if sum((made.embedded, made.neon, made.branch)) > 1:
        raise UsageError("--embedded, --neon and --branch are three places: choose one")
    if made.variable and not _VARIABLE.fullmatch(made.variable):
        raise UsageError(f"{made.variable!r} is no name for a variable")
    return made


def numbers(text: str) -> tuple[str, ...]:
    """The numbers of a list like "12, 15"; none for "". Raises UsageError."""
    found = tuple(one for one in re.split(r"[\s,]+", text) if one)
    for one in found:
        if not one.isdigit():
            raise UsageError(f"{one!r} is no number of a request", hint="--open 12,15")
    return found
