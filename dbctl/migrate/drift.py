"""The models against the database: what autogenerate would change, in words."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, MetaData, inspect

from dbctl import declared
from dbctl.database import own
from dbctl.database.model import Look
from dbctl.errors import ConfigurationError, PendingError
from dbctl.migrate import environment, ledger, place
from dbctl.migrate import graph as graphs
from dbctl.migrate.graph import Graph
from dbctl.migrate.model import Check, Difference
from dbctl.project import Project
from dbctl.settings import Settings

_SHOWN = 10


def check(settings: Settings) -> Check:
    """Compare the models with the database.

    Raises PendingError when the database is not at the newest revision: the comparison would
    list what the pending revisions already do. Raises ConfigurationError without models.
    """
    graph = graphs.read(settings.project)
    look = at_head(settings, graph)
    found: list[Difference] = []

    def compare(_at: object, context: Any) -> Iterable[Any]:  # noqa: ANN401 - Alembic's context
        from alembic.autogenerate import compare_metadata

        metadata = context.opts["target_metadata"]
        require_models(metadata, look, context.connection)
        found.extend(differences(compare_metadata(context, metadata)))
        return ()

    with environment.broken_project(settings.project):
        environment.online(settings, compare, look.identity, dont_mutate=True)
    edited = tuple(one.revision for one in ledger.edited(graph, look))
    slipped = tuple(one.revision for one in ledger.slipped(graph, look))
    return Check(settings.env, look.place, not found, tuple(found), edited, slipped)


def at_head(settings: Settings, graph: Graph) -> Look:
    """A glance at a database that has every revision. Raises PendingError when it has not."""
    look = ledger.look(settings)
    place.require_no_sample(settings, look)
    if pending := graph.pending(look.at):
        raise PendingError(
            f"pending revisions: {len(pending)}, the first is {pending[0].revision}",
            hint="run `dbctl upgrade` first",
        )
    return look


def require_models(
    metadata: MetaData | Sequence[MetaData] | None,
    look: Look,
    connection: Connection | None = None,
) -> None:
    """Raises ConfigurationError when no model is loaded: every table would be dropped.

    With a `connection` those tables are named.
    """
    if metadata is None:
        raise ConfigurationError(
            "the project's env.py gives no target_metadata, so there are no models to compare",
            hint="set target_metadata = Base.metadata in env.py",
        )
    every = [metadata] if isinstance(metadata, MetaData) else list(metadata)
    if not any(one.tables for one in every):
        names = f" ({_tables(connection)})" if connection is not None and look.tables else ""
        lost = f": all {look.tables} tables of the database would be dropped{names}"
        lost = lost if look.tables else ""
        raise ConfigurationError(
            f"no model is loaded{lost}",
            hint="import the modules that hold your models in env.py",
        )


def require_imported(project: Project, found: Iterable[Difference]) -> None:
    """Raises ConfigurationError when a table would be dropped only because nobody imported it.

    That is a table which a class of the project declares, in a module that was not imported.
    """
    dropped = [one.object for one in found if one.kind == "remove_table"]
    declares = declared.tables(project.root) if dropped else {}
    imported = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
    lost = {
        name: declared.module_name(project.root, declares[name])
        for name in dropped
        if name in declares and str(declares[name]) not in imported
    }
    if lost:
        modules = ", ".join(dict.fromkeys(lost.values()))
        raise ConfigurationError(
            f"these tables would be dropped, though {modules} declares them: {', '.join(lost)}",
            hint="import the modules that hold your models in env.py, or where metadata points",
        )


def _tables(connection: Connection) -> str:
    names = [name for name in inspect(connection).get_table_names() if not own.is_own(name, None)]
    shown = [name for name in sorted(names) if name != "alembic_version"]
    return ", ".join(shown[:_SHOWN]) + (", ..." if len(shown) > _SHOWN else "")


def differences(diffs: Iterable[Any]) -> Iterator[Difference]:
    """Alembic's difference tuples as one `Difference` each."""
    for diff in diffs:
        if isinstance(diff, list):  # the changes of one column come together
            yield from differences(diff)
        else:
            yield _difference(diff)


def _difference(diff: tuple[Any, ...]) -> Difference:
    kind = diff[0]
    if kind.endswith("_column"):
        return Difference(kind, f"{_table(diff[1], diff[2])}.{diff[3].name}", str(diff[3].type))
    if kind.startswith("modify_"):
        what = f"{_table(diff[1], diff[2])}.{diff[3]}"
        return Difference(kind, what, f"{_text(diff[-2])} -> {_text(diff[-1])}")
    return Difference(kind, *_item(diff[1]))


def _item(item: Any) -> tuple[str, str]:  # noqa: ANN401 - a table, an index or a constraint
    """A thing's name and what it consists of."""
    if getattr(item, "table", None) is None:
        return str(getattr(item, "fullname", item)), _columns(len(item.columns))
    columns: Any = getattr(item, "expressions", None) or getattr(item, "columns", ())
    names = ", ".join(str(getattr(column, "name", column)) for column in columns)
    return f"{item.table.fullname}.{item.name or '(unnamed)'}", names


def _columns(number: int) -> str:
    return f"{number} column" + ("" if number == 1 else "s")


def _table(schema: str | None, name: str) -> str:
    return f"{schema}.{name}" if schema else name


def _text(value: object) -> str:
    """A type, a nullability or a default for a person to read."""
    if value is None or isinstance(value, bool):
        return {None: "none", True: "nullable", False: "not null"}[value]
    argument = getattr(value, "arg", value)
    return str(getattr(argument, "text", argument))
