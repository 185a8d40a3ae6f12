"""Flask-Migrate's env.py asks the running Flask app for everything: here one runs.

The app is the one that `flask` itself would use: FLASK_APP, from the environment, .env or
.flaskenv, else wsgi.py or app.py, else the only one that the project's files hold.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from alembic.config import Config

from dbctl import discovery
from dbctl.errors import ConfigurationError, MissingExtraError
from dbctl.project import Project


@contextmanager
def context(project: Project) -> Iterator[None]:
    """An app context while the block runs, for an env.py that wants one and has none."""
    if project.kind != "Flask-Migrate":
        yield
        return
    if find_spec("flask") is None:
        raise MissingExtraError(
            "env.py needs Flask, which is not installed here",
            hint="install dbctl into the project's own environment",
        )
    if import_module("flask").has_app_context():
        yield
        return
    with _app(project).app_context():
        yield


def configured(project: Project, config: Config) -> Config:
    """`config` as the project's own `@migrate.configure` functions change it."""
    if project.kind != "Flask-Migrate":
        return config
    extension = import_module("flask").current_app.extensions.get("migrate")
    if extension is None:
        raise ConfigurationError(
            "env.py asks for Flask-Migrate, which this Flask app does not use",
            hint="set FLASK_APP to the app with Migrate(app, db)",
        )
    changed: Config = extension.migrate.call_configure_callbacks(config)
    return changed


def place(project: Project) -> str:
    """What FLASK_APP would say; "" where wsgi.py or app.py is the app."""
    said = os.environ.get("FLASK_APP") or _written(project)
    if said or any((project.root / name).is_file() for name in ("wsgi.py", "app.py")):
        return said
    found = discovery.flask(project.root)
    if len(found) != 1:
        names = f": {', '.join(found)}" if found else ""
        raise ConfigurationError(
            f"env.py needs the Flask app, and there are {len(found)}{names}",
            hint="set FLASK_APP to package.module:name, as the flask command has it",
        )
    return found[0]


def _app(project: Project) -> Any:  # noqa: ANN401 - flask.Flask
    cli, said = import_module("flask.cli"), place(project)
    module, _, name = said.partition(":")
    try:
        if _is_importable(module):
            return cli.locate_app(module, name or None)
        return cli.ScriptInfo(app_import_path=said or None).load_app()
    except cli.NoAppException as error:
        raise ConfigurationError(
            f"cannot make the Flask app: {' '.join(str(error).split())}",
            hint="set FLASK_APP to package.module:name, as the flask command has it",
        ) from error


def _is_importable(module: str) -> bool:
    """Whether it names a module of a package, and no file.

    `flask` takes it for a file of the current folder, and the project's root, where this runs, may
    be a package itself: then it would look for that package below itself.
    """
    if not all(part.isidentifier() for part in module.split(".")):
        return False
    return find_spec(module.partition(".")[0]) is not None


def _written(project: Project) -> str:
    from dotenv import dotenv_values

    for name in (".env", ".flaskenv"):
        path = project.root / name
        if path.is_file() and (said := dotenv_values(path).get("FLASK_APP")):
            return said
    return ""
