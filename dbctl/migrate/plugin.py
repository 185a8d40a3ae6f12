"""dbctl's own tables, hidden from `alembic revision --autogenerate` and `alembic check`.

Alembic 1.18 and newer load this for every command of every project in the environment, through
the entry point `alembic.autogenerate.dbctl`: it imports next to nothing, and never fails. The name
matters: only what begins with `alembic.autogenerate.` is used unasked.
"""

from collections.abc import Mapping
from typing import Any

from dbctl.database import own


def setup(plugin: Any) -> None:  # noqa: ANN401 - alembic.runtime.plugins.Plugin, from 1.18 on
    """Called by Alembic when it is imported."""
    from alembic.util import DispatchPriority

    plugin.add_autogenerate_comparator(
        hide, compare_target="autogenerate", priority=DispatchPriority.FIRST
    )


def hide(context: Any, _operations: object) -> Any:  # noqa: ANN401 - Alembic's AutogenContext
    """Before anything is compared: what is filtered by name is not even reflected."""
    from alembic.util import PriorityDispatchResult

    context._name_filters.append(is_not_own)
    return PriorityDispatchResult.CONTINUE


def is_not_own(name: str | None, kind: str, parents: Mapping[str, str | None]) -> bool:
    """Alembic's `include_name` for everything but dbctl's schema and tables."""
    if kind == "schema":
        return name != own.SCHEMA
    return kind != "table" or not own.is_own(name or "", parents.get("schema_name"))
