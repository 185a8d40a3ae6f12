"""Where a project's database keeps its version, and whether it is this project's at all."""

from dbctl.database import server
from dbctl.database.model import Look
from dbctl.errors import RefusedError
from dbctl.migrate import files
from dbctl.settings import Settings


def version_table(settings: Settings) -> tuple[str, str | None]:
    """Name and schema of the version table; env.py is run only when it speaks of one."""
    env = files.script_location(settings.project) / "env.py"
    if not env.is_file() or "version_table" not in env.read_text(encoding="utf-8"):
        return "alembic_version", None
    from dbctl.migrate import environment

    learned = environment.learn(settings)
    return learned.version_table, learned.version_schema


async def look(settings: Settings) -> Look:
    """One glance at the settings' database. Raises UnreachableError."""
    return await server.look(settings, *version_table(settings))


def require_ours(settings: Settings, look: Look) -> None:
    """Keep the bundled sample out of somebody's real database.

    Raises RefusedError when no project was found and the database has tables of its own.
    """
    if not settings.project.bundled or look.versions or not look.tables:
        return
    raise RefusedError(
        f"{look.place} has {look.tables} tables and no version table, and no project was found",
        hint="run dbctl in your project; `dbctl init` starts one, `dbctl adopt` takes over tables",
    )
