"""What a pull request's database is called, and how old it may become."""

import re

from dbctl.ci.runner import Runner
from dbctl.errors import ConfigurationError

TTL = "14d"
PREFIX = "pr-"


def name(runner: Runner, said: str | None) -> str:
    """`pr-12` for a request, `ci-NAME` for a branch of the code.

    Raises ConfigurationError where neither is known.
    """
    if said:
        return said
    if runner.change:
        return f"{PREFIX}{runner.change}"
    if runner.ref:
        return f"ci-{re.sub(r'[^A-Za-z0-9._-]+', '-', runner.ref).strip('-')}"
    raise ConfigurationError(
        "this is no run of a pull request, so the branch has no name",
        hint="say one: --name NAME",
    )
