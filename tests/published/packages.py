"""Published packages that carry an Alembic history, and how each is pointed at a database.

They are installed without their dependencies, beside what the tests have anyway; `needs` is what
their env.py, their models and their revisions import beyond that.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.projects.make import LOGGING, driven

BOTH = ("sqlite", "postgresql")
INI = "[alembic]\nscript_location = {location}\nsqlalchemy.url = {url}\n" + LOGGING


@dataclass(frozen=True)
class Place:
    """Where both tools are run, with which configuration file and variables.

    `words` begin the plain command, `upgrade` and `current` follow.
    """

    folder: Path
    config: Path
    words: tuple[str, ...]
    env: Mapping[str, str]


@dataclass(frozen=True)
class Package:
    """One package; `pointed(site, folder, url)` makes its place, `shape` is why it is here."""

    requirement: str
    shape: str
    dialects: tuple[str, ...]
    needs: tuple[str, ...]
    pointed: Callable[[Path, Path, str], Place]

    @property
    def name(self) -> str:
        """The distribution's name."""
        return self.requirement.split("==")[0]


def by_ini(location: str) -> Callable[[Path, Path, str], Place]:
    """An ini of our own beside the package: its URL is what the package reads."""

    def pointed(_site: Path, folder: Path, url: str) -> Place:
        ini = folder / "alembic.ini"
        ini.write_text(INI.format(location=location, url=driven(url).replace("%", "%%")))
        return Place(folder, ini, ("alembic",), {})

    return pointed


def by_variable(inside: str, name: str) -> Callable[[Path, Path, str], Place]:
    """The package's own ini, whose env.py reads the URL from a variable."""

    def pointed(site: Path, _folder: Path, url: str) -> Place:
        ini = site / inside
        given = {name: driven(url, asynchronous=True)}
        return Place(ini.parent, ini, ("alembic",), given)

    return pointed


def by_flask(migrations: str, app: str, variable: str) -> Callable[[Path, Path, str], Place]:
    """A Flask application: its settings are a file, and `flask db` is its plain command."""

    def pointed(site: Path, folder: Path, url: str) -> Place:
        settings = folder / "settings.cfg"
        settings.write_text(f"SQLALCHEMY_DATABASE_URI = {driven(url)!r}\nSECRET_KEY = 'x'\n")
        env = {"FLASK_APP": app, variable: str(settings)}
        inside = site / migrations
        return Place(folder, inside / "alembic.ini", ("flask", "db", "-d", str(inside)), env)

    return pointed


PACKAGES = (
    Package(
        "optuna==5.0.0",
        "synchronous env.py with fileConfig, batch mode, data moved by revisions",
        BOTH,
        ("colorlog==6.12.0", "numpy==2.4.6", "tqdm==4.70.1"),
        by_ini("optuna:storages/_rdb/alembic"),
    ),
    Package(
        "meltano==4.4.1",
        "no ini and no metadata, a package as script_location",
        BOTH,
        ("dateparser==1.5.0", "regex==2026.11.15", "pytz==2026.6", "tzlocal==5.4.5",
         "python-dateutil==4.0.0", "structlog==26.1.0"),
        by_ini("meltano:migrations"),
    ),
    Package(
        "quetz-server==0.10.4",
        "a branch label, a branch that was merged, the engine made in env.py, batch mode",
        ("sqlite",),  # on PostgreSQL it wants ICU, which the wheel lacks
        ("aiofiles==25.1.0", "aioshutil==1.6", "appdirs==1.4.4", "fsspec==2026.9.0",
         "tenacity==9.2.1", "toml==0.10.2", "zstandard==0.25.0"),
        by_ini("quetz:migrations"),
    ),
    Package(
        "aegra-api==0.6.0",
        "asynchronous env.py, PostgreSQL alone, URL from a variable, a relative script_location",
        ("postgresql",),
        (),
        by_variable("aegra_api/alembic.ini", "DATABASE_URL"),
    ),
    Package(
        "ihatemoney==7.2.1",
        "Flask-Migrate: env.py asks the running application",
        BOTH,
        ("babel==2.18.0", "cachetools==8.0.1", "debts==0.4",
         "deprecated==1.3.1", "flask-babel==4.0.0", "flask-cors==6.0.5", "flask-limiter==4.1.1",
         "flask-mail==0.10.0", "flask-restful==0.3.10", "flask-talisman==1.1.0",
         "flask-wtf==1.3.0", "limits==5.8.0", "ordered-set==4.1.0", "qrcode==8.2",
         "sqlalchemy-continuum==2.0.0", "wrapt==2.5.2", "wtforms==3.3.2"),
        by_flask("ihatemoney/migrations", "ihatemoney.run:create_app",
                 "IHATEMONEY_SETTINGS_FILE_PATH"),
    ),
)  # fmt: skip
