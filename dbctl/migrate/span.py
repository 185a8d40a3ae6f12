"""Whether each revision has a transaction of its own, or all of them share one."""

import re
from collections.abc import Iterable
from typing import Any

from dbctl.migrate import environment
from dbctl.settings import Settings

_WORTH = re.compile(r"\btransaction_per_migration\b|\.begin\(")
OWN = "env.py begins the transaction itself"
SAID = "env.py says transaction_per_migration=False"
SETTING = 'transaction = "project"'


def shared(settings: Settings, identity: str) -> str:
    """Why all revisions are applied, or none; "" when each stands for itself.

    env.py is run against the database, with nothing to do, where its text leaves a doubt.
    """
    if not _WORTH.search(environment.env_text(settings.project)):
        return SETTING if settings.transaction == "project" else ""
    reasons: list[str] = []

    def listen(_at: object, context: Any) -> Iterable[Any]:  # noqa: ANN401 - Alembic's context
        reasons.append(reason(settings, context))
        return ()

    with environment.broken_project(settings.project):
        environment.online(settings, listen, identity, dont_mutate=True)
    return next(filter(None, reasons), "")


def reason(settings: Settings, context: Any) -> str:  # noqa: ANN401 - Alembic's MigrationContext
    """The same of a context that is about to run."""
    if context._in_external_transaction:
        return OWN
    if context._transaction_per_migration:
        return ""
    return SAID if settings.transaction == "revision" else SETTING
