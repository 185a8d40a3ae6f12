"""What is wrong with a project and its database, and what to do about it, one line each.

A check never raises one of our errors: what stops it is what it found, so that one broken thing
hides no other. An error needs a hand; a warning is worth knowing, and nothing is broken by it.
What is asked of the database is in vitals.py.
"""

import platform
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import MetaData

from dbctl import project as projects
from dbctl.database import redirect
from dbctl.database.engine import ASYNC_DRIVERS
from dbctl.database.server import address
from dbctl.database.url import Url
from dbctl.errors import DbctlError
from dbctl.migrate import environment, files, ownurl, place
from dbctl.migrate import graph as graphs
from dbctl.migrate.environment import Learned
from dbctl.migrate.graph import Graph
from dbctl.pipeline import vitals
from dbctl.pipeline.model import Diagnosis, Symptom
from dbctl.pipeline.vitals import failed
from dbctl.project import Project
from dbctl.settings import Settings

PACKAGES = (
    "SQLAlchemy",
    "alembic",
    "asyncpg",
    "aiosqlite",
    "psycopg",
    "psycopg2",
    "psycopg2-binary",
)
# What to install for a driver that is missing.
EXTRAS = {"psycopg": "'dbctl-lifecycle[psycopg]'", "psycopg2": "psycopg2-binary"}
MODULES = {"pysqlite": "sqlite3", "psycopg_async": "psycopg"}


def examine(load: Callable[[], Settings], config: Path | None = None) -> Diagnosis:
    """Look at everything that can be looked at.

    `load` reads the settings; when it fails the files of the project around `config`, or around
    the current folder, are still looked at.
    """
    found = tuple(_symptoms(load, config))
    return Diagnosis(all(one.level != "error" for one in found), found)


def _symptoms(load: Callable[[], Settings], config: Path | None) -> Iterator[Symptom]:
    yield software()
    try:
        settings = load()
        url = address(settings)
    except DbctlError as error:
        yield failed("settings", error)
        yield from _without_settings(config)
        return
    yield from _environment(settings, url)
    yield _url(settings, url)
    graph, revisions = _revisions(settings.project)
    learned, models = _models(settings, graph)
    yield revisions
    yield models
    yield from vitals.symptoms(settings, url, graph, learned)


def _without_settings(config: Path | None) -> Iterator[Symptom]:
    try:
        found = projects.find(Path.cwd(), config)
    except DbctlError:
        return  # it is what the settings stumbled over
    yield Symptom("project", "ok", found.why)
    yield _revisions(found)[1]


def software() -> Symptom:
    """The versions of Python and of what matters here, from their metadata: nothing is imported."""
    found = [f"Python {platform.python_version()}"]
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return Symptom("versions", "ok", ", ".join(found))


def _environment(settings: Settings, url: Url) -> Iterator[Symptom]:
    """What the project was found by, and the driver that its env.py needs."""
    found = settings.project
    section = "" if found.ini_section == "alembic" else f" [{found.ini_section}]"
    try:
        driver = environment.driver(found, url)
    except DbctlError:
        yield Symptom("project", "ok", f"{found.why}{section}")
        return
    yield Symptom("project", "ok", f"{found.why}{section}; {_shape(found, driver)}")
    if find_spec(MODULES.get(driver, driver)) is None:
        fix = f"pip install {EXTRAS.get(driver, driver)}"
        yield Symptom("driver", "error", f"env.py needs {driver}, which is not installed", fix)


def _shape(found: Project, driver: str) -> str:
    """What env.py is like, which driver it needs."""
    if files.is_builtin(found):
        return f"no env.py, dbctl's own is used, {driver}"
    whose = f", {found.kind}'s" if found.kind else ""
    where = f", configured by {found.config or found.alchemy}" if found.config else ""
    kind = "async" if driver in ASYNC_DRIVERS.values() else "sync"
    return f"{kind} env.py{whose}{where}, {driver}"


def _url(settings: Settings, url: Url) -> Symptom:
    """dbctl's URL and where it was said, beside the one that env.py itself would use."""
    source = settings.asked().sources.get("url", "default")
    detail = f"{settings.env}: {url.masked} (from {source})"
    theirs = _own_url(settings)
    if theirs is None or redirect.place_of(theirs) == redirect.place_of(url):
        return Symptom("url", "ok", detail)
    detail += f"; env.py's own is {theirs.masked}"
    if settings.url_meant:
        return Symptom("url", "ok", f"{detail}, and is sent here")
    fix = "say which one is meant: DATABASE_URL, or url in [tool.dbctl]"
    return Symptom("url", "error", detail, fix)


def _own_url(settings: Settings) -> Url | None:
    """What env.py would use without dbctl; None where it does not say, or it cannot be read."""
    found = settings.project
    if found.bundled or not settings.url_known:
        return None  # there the URL is env.py's
    try:
        said = None if files.is_builtin(found) else ownurl.found(settings)
        return Url.parse(said, base=found.home) if said else None
    except DbctlError:
        return None  # what is broken has a line of its own


def _revisions(found: Project) -> tuple[Graph | None, Symptom]:
    """The revision files and how they fit together."""
    try:
        graph = graphs.read(found)
        folders = [str(folder) for folder in files.folders(found)]
    except DbctlError as error:
        return None, failed("revisions", error)
    count = f"{len(graph.revisions)} in {vitals.few(folders)}"
    if len(graph.heads) > 1 and not _are_branches(graph):
        detail = f"{count}; {len(graph.heads)} heads: {vitals.few(graph.heads)}"
        return graph, Symptom("revisions", "error", detail, "dbctl merge")
    heads = f", head {vitals.few(graph.heads)}" if graph.heads else ""
    return graph, Symptom("revisions", "ok", count + heads)


def _are_branches(graph: Graph) -> bool:
    """Whether every head is on a branch with a name: then they are meant to be several."""
    return all(
        any(graph.revisions[name].labels for name in graph.ancestors([head]))
        for head in graph.heads
    )


def _models(settings: Settings, graph: Graph | None) -> tuple[Learned | None, Symptom]:
    """The models that env.py gives to Alembic; it is run offline first, nothing is connected."""
    try:
        learned = environment.learn(settings)
    except DbctlError as error:
        return None, failed("models", error)
    try:
        metadata = learned.metadata if learned.metadata is not None else _online(settings)
    except DbctlError:
        detail = "not known: env.py gives its target_metadata only when it is connected"
        fix = "env.py: pass target_metadata to context.configure offline too"
        return learned, Symptom("models", "warning", detail, fix)
    return learned, _loaded(metadata, has_history=bool(graph and graph.revisions))


def _online(settings: Settings) -> MetaData | list[MetaData] | None:
    """The models of an env.py that gives them only when it is connected; nothing is done there."""
    look = place.look(settings)
    with environment.broken_project(settings.project):
        return environment.online(settings, _nothing, look.identity, dont_mutate=True).metadata


def _nothing(_at: object, _context: object) -> tuple[()]:
    return ()


def _loaded(found: MetaData | list[MetaData] | None, *, has_history: bool) -> Symptom:
    if found is None:
        detail = "env.py gives no target_metadata: `migrate` and `check` cannot work"
        return Symptom("models", "warning", detail, "env.py: target_metadata = Base.metadata")
    several = [found] if isinstance(found, MetaData) else found
    count = sum(len(one.tables) for one in several)
    if count:
        return Symptom(
            "models", "ok", f"{count} table{'' if count == 1 else 's'} in env.py's target_metadata"
        )
    detail = "no model is loaded: autogenerate would drop every table"
    fix = "import the modules that hold your models in env.py"
    return Symptom("models", "error" if has_history else "warning", detail, fix)
