"""A project's Alembic environment, run as it is: its env.py is never edited, and never trusted.

`learn` runs env.py offline with nothing to do, to see its metadata and options without a database.
`online` runs it against the settings' database, with dbctl's additions to `context.configure`.
"""

import contextlib
import io
import os
import re
import sys
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from dbctl.database.importing import importing, without

# Alembic's templates load a colouring of error pages that nobody sees here: a tenth of the start.
with without("mako.ext.pygmentplugin"):
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError
from sqlalchemy import Connection, MetaData

from dbctl.database import logs, own, redirect
from dbctl.database.engine import ASYNC_DRIVERS, SYNC_DRIVERS, sqlalchemy_url
from dbctl.database.server import address
from dbctl.database.transaction import whole_transactions
from dbctl.database.url import Url
from dbctl.errors import ConfigurationError, RevisionGraphError, UsageError
from dbctl.migrate import defaults, files, flaskapp
from dbctl.migrate.model import Revision
from dbctl.project import Project
from dbctl.settings import Settings

Steps = Callable[[Any, Any], Iterable[Any]]
_ASYNC = re.compile(r"\b(async_engine_from_config|create_async_engine|AsyncEngine|async_engine)\b")


@dataclass
class Learned:
    """What env.py gave to `context.configure`; `calls` is how often it did."""

    metadata: MetaData | list[MetaData] | None = None
    options: dict[str, Any] = field(default_factory=dict)
    calls: int = 0

    @property
    def version_table(self) -> str:
        """The version table's name."""
        return str(self.options.get("version_table") or "alembic_version")

    @property
    def version_schema(self) -> str | None:
        """The version table's schema, None for the default one."""
        return self.options.get("version_table_schema")


def _wrapped(
    environment: EnvironmentContext,
    learned: Learned,
    settings: Settings,
    check: Callable[[Connection], None] | None,
) -> EnvironmentContext:
    """`environment` with a `configure` that adds what dbctl needs and keeps what was set.

    On the instance: Alembic fills its `context` module from the class EnvironmentContext alone.
    """
    configure = environment.configure

    def wrapped(connection: Connection | None = None, **options: Any) -> None:  # noqa: ANN401
        logs.keep()
        learned.calls += 1
        learned.metadata = options.get("target_metadata")
        learned.options = options
        if connection is not None and check is not None:
            check(connection)
        configure(connection=connection, **_added(options, connection, settings))

    environment.configure = wrapped  # type: ignore[assignment,method-assign]  # see above
    return environment


def _added(
    options: dict[str, Any], connection: Connection | None, settings: Settings
) -> dict[str, Any]:
    """dbctl's defaults; what env.py said itself stays."""
    each = settings.transaction == "revision"
    added: dict[str, Any] = {"transaction_per_migration": each, "compare_server_default": True}
    if connection is not None and connection.dialect.name == "sqlite":
        added |= {"transactional_ddl": True, "render_as_batch": True}
    if connection is None:
        # SQLite has transactional DDL; Alembic says no because Python's driver used to hide it.
        added |= {"literal_binds": True, "transactional_ddl": True}
    if connection is None and not {"url", "dialect_name", "dialect"} & options.keys():
        added |= {"dialect_name": "postgresql"}
    made = {**added, **options, "include_object": own.hiding(options.get("include_object"))}
    if made["compare_server_default"] is True:
        made["compare_server_default"] = defaults.differ
    return made


def learn(settings: Settings) -> Learned:
    """Run env.py offline with nothing to do and see what it configures.

    Raises ConfigurationError with file and line when env.py or a module it imports is broken.
    """
    learned = Learned()
    with broken_project(settings.project):
        _run(settings, lambda _rev, _context: (), learned, as_sql=True)
    if not learned.calls:
        raise ConfigurationError("env.py never calls context.configure")
    return learned


def offline(settings: Settings, steps: Steps, config: Config, **options: Any) -> Learned:  # noqa: ANN401
    """Run env.py without a database; the SQL goes to the buffer of `config`."""
    learned = Learned()
    _run(settings, steps, learned, config=config, as_sql=True, **options)
    return learned


def online(
    settings: Settings,
    steps: Steps,
    identity: str,
    joined: Callable[[Connection], None] | None = None,
    **options: Any,  # noqa: ANN401
) -> Learned:
    """Run env.py against the settings' database; `steps` says what is to be done there.

    `identity` is that database's, read through dbctl's own connection: whatever else env.py
    connects to is refused. `joined` is called with each connection that passed.
    """
    url = address(settings).direct
    learned = Learned()
    seen: set[redirect.Address] = set()

    def check(connection: Connection) -> None:
        redirect.require_meant(connection, url, settings, seen)
        redirect.require_identity(connection, identity, url)
        if joined is not None:
            joined(connection)

    with redirect.redirected(url, settings), whole_transactions(settings.lock_wait):
        _run(settings, steps, learned, check=check, **options)
    if not learned.calls:
        raise ConfigurationError("env.py never called context.configure: nothing was done")
    return learned


def _run(
    settings: Settings,
    steps: Steps,
    learned: Learned,
    check: Callable[[Connection], None] | None = None,
    **options: Any,  # noqa: ANN401 - EnvironmentContext's
) -> None:
    config = options.pop("config", None) or alembic_config(settings)
    with running(settings.project):
        config = flaskapp.configured(settings.project, config)
        script = options.pop("script", None) or script_directory(config)
        environment = EnvironmentContext(config, script, fn=steps, **options)
        with _wrapped(environment, learned, settings, check):
            script.run_env()


@contextlib.contextmanager
def running(project: Project) -> Iterator[None]:
    """The surroundings in which a project's env.py and revisions run.

    The working directory and the import path are those of `alembic` run beside its configuration;
    what they print goes to stderr; the log stays dbctl's, without any parameter in it.
    """
    with contextlib.chdir(project.home), stdout_on_stderr(), logs.kept_from_project():
        project.on_path()
        with flaskapp.context(project):
            yield


@contextlib.contextmanager
def stdout_on_stderr() -> Iterator[None]:
    """Keep stdout for the result: a project's prints and its subprocesses write to stderr."""
    sys.stdout.flush()
    kept = os.dup(1)
    try:
        os.dup2(2, 1)
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


@contextlib.contextmanager
def broken_project(project: Project) -> Iterator[None]:
    """Turn what goes wrong in env.py, or in what it imports, into one of our errors."""
    with importing(f"{files.script_location(project) / 'env.py'}", below=project.root):
        try:
            yield
        except CommandError as error:
            raise RevisionGraphError(
                str(error), hint="see `dbctl history` for the revisions there are"
            ) from error


def alembic_config(settings: Settings, *, own_url: bool = False) -> Config:
    """The project's configuration with absolute paths and the URL that the settings name.

    With `own_url`, or where nobody said a URL, the project's own stays: for files and models no
    database is needed.
    """
    project = settings.project
    config = _placed_config(project, settings.arguments)
    if files.is_builtin(project):
        config.attributes["settings"] = settings
    if own_url or not settings.url_known:
        return config
    url = address(settings).direct
    made = sqlalchemy_url(url, driver(project, url))
    _set(config, "sqlalchemy.url", made.render_as_string(hide_password=False))
    return config


def _placed_config(project: Project, arguments: Sequence[str] = ()) -> Config:
    """The project's configuration with an absolute script_location, and as it is otherwise."""
    options = Namespace(quiet=True, verbose=False, x=list(arguments))
    if project.config or project.alchemy:
        config: Config = project.coded()
        config.stdout, config.output_buffer, config.cmd_opts = sys.stderr, io.StringIO(), options
    else:
        config = _written_config(project, options)
    _set(config, "script_location", str(files.script_location(project)))
    if files.is_builtin(project):
        _set_folders(config, project)
    return config


def _written_config(project: Project, options: Namespace) -> Config:
    """The configuration that alembic.ini and pyproject.toml hold."""
    config = Config(
        str(project.ini) if project.ini else None,
        ini_section=project.ini_section,
        stdout=sys.stderr,
        output_buffer=io.StringIO(),
        cmd_opts=options,
    )
    if project.toml and hasattr(config, "toml_file_name"):
        config.toml_file_name = str(project.toml)
    elif project.toml:
        _add_toml(config, project)
    return config


def _add_toml(config: Config, project: Project) -> None:
    """What `[tool.alembic]` says and the ini does not, for an Alembic before 1.16."""
    ini = set(config.file_config.options(config.config_ini_section)) if project.ini else set()
    for name in project.alembic.keys() - ini:
        _set(config, name, project.alembic[name])
    if "version_locations" in project.alembic.keys() - ini:
        _set_folders(config, project)


def _set_folders(config: Config, project: Project) -> None:
    # The second name is the one from 1.16 on; the first is not asked for then.
    for name in ("version_path_separator", "path_separator"):
        _set(config, name, "os")
    _set(config, "version_locations", os.pathsep.join(map(str, files.folders(project))))


def _set(config: Config, name: str, value: str) -> None:
    # An ini file reads % as the start of an interpolation.
    config.set_main_option(name, value.replace("%", "%%"))


def script_directory(config: Config) -> ScriptDirectory:
    """Alembic's own view of the migrations folder."""
    return ScriptDirectory.from_config(config)


def driver(project: Project, url: Url) -> str:
    """The driver to name in `sqlalchemy.url`: what env.py needs, else what the URL says."""
    if _ASYNC.search(env_text(project)):
        return ASYNC_DRIVERS[url.dialect]
    said = Url.parse(project.alembic["sqlalchemy.url"]) if _names_url(project) else url
    # The URL of this run may be for another kind of database than the one that is written down.
    for name in (url.driver, said.driver if said.dialect == url.dialect else ""):
        if name and name not in ASYNC_DRIVERS.values():
            return name
    if url.dialect == "postgresql" and not find_spec("psycopg") and find_spec("psycopg2"):
        return "psycopg2"
    return SYNC_DRIVERS[url.dialect]


def _names_url(project: Project) -> bool:
    return project.alembic.get("sqlalchemy.url", "driver:").startswith(("postgres", "sqlite"))


def env_text(project: Project) -> str:
    """env.py as text, dbctl's own where the project has none; "" when there is none at all."""
    path = files.script_location(project) / "env.py"
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def resolved(settings: Settings, name: str) -> tuple[str, ...]:
    """The ids behind a name by Alembic's rules, () for base."""
    with broken_project(settings.project), running(settings.project):
        script = script_directory(alembic_config(settings))
        return tuple(one.revision for one in script.get_revisions(name) if one is not None)


def walked(settings: Settings, span: str, at: tuple[str, ...]) -> tuple[str, ...]:
    """The ids of START:END by Alembic's rules; `at` stands for `current`."""
    start, colon, end = span.strip().partition(":")
    if not colon:
        raise UsageError(f"{span!r} is not a range", hint="write START:END")
    ends: list[Any] = [at if part == "current" else part for part in (start, end)]
    with broken_project(settings.project), running(settings.project):
        script = script_directory(alembic_config(settings))
        found = script.walk_revisions(ends[0] or "base", ends[1] or "heads")
        return tuple(one.revision for one in found)


def imported_revisions(project: Project) -> Iterator[Revision]:
    """Revisions as Alembic finds them by running their files: for headers that are computed."""
    with broken_project(project), running(project):
        scripts = list(script_directory(_placed_config(project)).walk_revisions("base", "heads"))
    for script in scripts:
        yield Revision(
            revision=script.revision,
            down=files.as_tuple(script.down_revision),
            depends_on=files.as_tuple(script.dependencies),
            # Alembic hands labels on to the whole branch; these are the file's own.
            labels=files.as_tuple(script._orig_branch_labels),
            message=" ".join((script.doc or "").split()),
            file=Path(script.path),
        )
