"""What `dbctl --version` says: dbctl and what it stands on, none of which is imported for that."""

import json as documents
import platform
import sqlite3
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed

from dbctl import __version__

PACKAGES = ("SQLAlchemy", "Alembic", "asyncpg", "aiosqlite", "psycopg")


def text(*, json: bool) -> str:
    """A line for each, or one JSON document; a package that is not installed is null there."""
    found = {"dbctl": __version__, "Python": platform.python_version()}
    found |= {name: _version(name) for name in PACKAGES}
    found |= {"SQLite": sqlite3.sqlite_version}
    if json:
        return documents.dumps(
            {name.lower(): said or None for name, said in found.items()}, indent=2
        )
    return "\n".join(f"{name} {said}" for name, said in found.items() if said)


def _version(name: str) -> str:
    try:
        return installed(name)
    except PackageNotFoundError:
        return ""
