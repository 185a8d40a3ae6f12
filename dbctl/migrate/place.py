"""Where a project's database keeps its version, and whether it is this project's at all."""

import logging
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from dbctl import loop
from dbctl.database import guard, server
from dbctl.database.model import Look
from dbctl.errors import ConfigurationError, RefusedError
from dbctl.migrate import files, graph
from dbctl.settings import Settings

log = logging.getLogger("dbctl.migrate")

_IMPORT = re.compile(r"^(?:from|import)[ \t]+([\w.]+)(?:[ \t]+import[ \t]+(.*))?", re.MULTILINE)
_TABLE = re.compile(r"""^[^#\n]*\bversion_table["']?\s*[=:]\s*["'](\w+)["']""", re.MULTILINE)
_SCHEMA = re.compile(
    r"""^[^#\n]*\bversion_table_schema["']?\s*[=:]\s*["'](\w+)["']""", re.MULTILINE
)
_SCHEMAS = re.compile(r"search_path|schema_translate_map|\bversion_table_schema\s*=\s*[a-z]")
_NAME = re.compile(r"\w+")


def version_table(settings: Settings) -> tuple[str, str | None]:
    """Name and schema of the version table.

    env.py is run only when it, or a module that it imports, speaks of one; an env.py that cannot
    be run offline is read instead.
    """
    env = files.script_location(settings.project) / "env.py"
    texts = [_text(path) for path in (env, *_imported(env, settings))]
    if not any("version_table" in text for text in texts):
        return "alembic_version", None
    from dbctl.migrate import environment

    try:
        learned = environment.learn(settings)
    except ConfigurationError:
        return _written(_TABLE, texts) or "alembic_version", _written(_SCHEMA, texts)
    return learned.version_table, learned.version_schema


def has_schemas(settings: Settings) -> bool:
    """Whether env.py may go through schemas with a version each; one glance sees one of them."""
    return bool(_SCHEMAS.search(_text(files.script_location(settings.project) / "env.py")))


def lock_key(settings: Settings, table: tuple[str, str | None] | None = None) -> str:
    """What the migration lock of this history is called: its version table, with its schema."""
    name, schema = table or version_table(settings)
    return f"{schema}.{name}" if schema else name


def _written(pattern: re.Pattern[str], texts: Sequence[str]) -> str | None:
    """The first name that is written out."""
    found = (pattern.search(text) for text in texts)
    return next((match[1] for match in found if match), None)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def _imported(env: Path, settings: Settings) -> Iterator[Path]:
    """Files of the project that env.py imports and that may hold its options."""
    root = settings.project.root
    for line in _IMPORT.finditer(_text(env)):
        for folder in (root, root / "src"):
            module = folder.joinpath(*line[1].split("."))
            yield from (module.with_suffix(".py"), module / "__init__.py")
            yield from (module / f"{name}.py" for name in _NAME.findall(line[2] or ""))


def look(settings: Settings, table: tuple[str, str | None] | None = None) -> Look:
    """One glance at the settings' database. Raises UnreachableError.

    `table` is the version table where it is known. Otherwise env.py may have to be run for its
    name, so no event loop may be running.
    """
    return loop.run(server.look(settings, *(table or version_table(settings))))


def elsewhere(settings: Settings, table: tuple[str, str | None], schema: str) -> Look | None:
    """The glance at a version table that env.py's search path put into `schema`; None without."""
    found = look(settings, (table[0], schema)) if schema and not table[1] else None
    if found is None or found.versions is None:
        return None
    log.warning(
        "env.py keeps %s in the schema %s, where other commands do not look:"
        " say version_table_schema there, or ?options=-csearch_path=%s in the URL",
        table[0],
        schema,
        schema,
    )
    return found


def require_ours(settings: Settings, look: Look) -> None:
    """Before a database is changed: it is this environment's, and this project's.

    Raises RefusedError when its mark says another; as `require_no_sample` too.
    """
    require_no_sample(settings, look)
    guard.require_environment(settings, look)
    # A row of ours proves more than a name, which a project may change.
    if guard.is_foreign(settings, look) and not (
        set(look.at) & set(graph.read(settings.project).revisions)
    ):
        raise guard.foreign(settings, look)


def require_no_sample(settings: Settings, look: Look) -> None:
    """Keep the bundled sample out of somebody's real database.

    Raises RefusedError when no project was found and the database has tables, or a version, that
    are not the sample's.
    """
    if not settings.project.bundled:
        return
    known = graph.read(settings.project).revisions
    strange = [version for version in look.at if version not in known]
    if not strange and (look.at or not look.tables):
        return
    what = f"a version of its own ({strange[0]})" if strange else "no version table"
    raise RefusedError(
        f"{look.place} has {look.tables} tables and {what}, and no project was found",
        hint="run it in the tables' own project; or start one with `dbctl init`, write a first "
        "revision, and say with `dbctl adopt` that these tables have it",
    )
