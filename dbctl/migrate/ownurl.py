"""The database that a project's own env.py goes to when nobody names one."""

from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from dbctl.migrate import environment
from dbctl.settings import Settings


def known(settings: Settings) -> Settings:
    """`settings` that ask the project's env.py for the URL, if it comes to that."""
    return settings.asking(found)


def found(settings: Settings) -> str | None:
    """The URL of the project's own env.py, run offline; None when it says none there.

    Raises ConfigurationError with file and line when env.py is broken.
    """
    config = environment.alembic_config(settings, own_url=True)
    with environment.broken_project(settings.project):
        learned = environment.offline(settings, lambda _rev, _context: (), config)
        said = learned.options.get("url") or _option(config)
    return _text(said)


def _option(config: Config) -> str | None:
    """What the option holds after env.py has run: some set it there."""
    try:
        said = config.get_main_option("sqlalchemy.url")
    except (CommandError, ValueError):  # a % that is not doubled
        return None
    return None if said is None or said.startswith("driver:") else said


def _text(said: str | URL | None) -> str | None:
    try:
        url = make_url(said) if said else None
    except ArgumentError:
        return None
    return url.render_as_string(hide_password=False) if url is not None else None
