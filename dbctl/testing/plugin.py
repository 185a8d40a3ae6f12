"""pytest's door to dbctl: fixtures with databases of their own, which cost nothing until used.

Only pytest is imported here: this module is loaded in every test run of whoever installed dbctl.
"""

import inspect
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import Session

    from dbctl.testing.clone import Clone
    from dbctl.testing.template import Template

FIXTURES = frozenset({"dbctl_database", "dbctl_session", "dbctl_sync_session", "dbctl_url"})
RUNNERS = ("anyio", "asyncio", "trio")
# What the session fixtures of the two ways to run an async test are called.
ANYIO, ASYNCIO = "_dbctl_anyio_session", "_dbctl_asyncio_session"

SETTINGS = (
    ("dbctl_backend", "string", "sqlite or postgresql; default: as the URL of the environment tst"),
    ("dbctl_seed", "bool", "load the seed files of the environment tst into the template too"),
    ("dbctl_from_models", "bool", "make the models' tables instead of running the history"),
    ("dbctl_key_files", "args", "globs of more files whose change asks for a new template"),
    ("dbctl_config", "string", "pyproject.toml or alembic.ini, where dbctl would find another"),
    ("dbctl_cache_dir", "string", "where templates are kept; default: the user's cache folder"),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the settings of pytest's configuration file, and two options."""
    for name, kind, text in SETTINGS:
        parser.addini(name, text, type=kind)  # type: ignore[arg-type]  # one of pytest's words
    group = parser.getgroup("dbctl")
    group.addoption(
        "--dbctl-backend", choices=("sqlite", "postgresql"), help="goes before dbctl_backend"
    )
    group.addoption(
        "--dbctl-fresh", action="store_true", help="make the template database anew in this run"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Let pytest-asyncio, where it is installed, run the session fixture too."""
    if config.pluginmanager.hasplugin("asyncio"):
        config.pluginmanager.register(_asyncio_fixtures(), "dbctl_asyncio")


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(collector: pytest.Collector, obj: object) -> None:
    """Have an async test that nobody else would run be run by anyio's plugin."""
    if not inspect.iscoroutinefunction(obj) or not FIXTURES & _parameters(obj):
        return
    marked = {mark.name for mark in getattr(obj, "pytestmark", ())}
    others = marked.intersection(RUNNERS) or any(map(collector.get_closest_marker, RUNNERS))
    if not others and not _runs_all(collector.config):
        # The second is what anyio's plugin makes of the first, if it was not asked before us.
        pytest.mark.usefixtures("anyio_backend")(pytest.mark.anyio(obj))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what anyio would run under trio as well: SQLAlchemy knows asyncio alone."""
    unfit = [item for item in items if _is_unfit(item)]
    if unfit:
        config.hook.pytest_deselected(items=unfit)
        items[:] = [item for item in items if item not in unfit]


@pytest.fixture(scope="session")
def dbctl_template(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> "Iterator[Template]":
    """The migrated database that all others are copies of; `clone()` makes one for a block."""
    from dbctl.testing.template import opened

    folder = tmp_path_factory.mktemp("dbctl")
    with _failing(), opened(_wish(request.config), folder) as template:
        yield template


@pytest.fixture
def dbctl_database(dbctl_template: "Template") -> "Iterator[Clone]":
    """The test's own migrated database, as `dbctl.Database`; gone afterwards."""
    with _failing(), dbctl_template.clone() as clone:
        yield clone


@pytest.fixture
def dbctl_url(dbctl_database: "Clone") -> str:
    """The URL of the test's own database, with the driver that the project's URL names."""
    return dbctl_database.text


@pytest.fixture
def dbctl_session(request: pytest.FixtureRequest) -> "AsyncSession":
    """An AsyncSession in a transaction that is rolled back; `commit` inside is a savepoint's.

    On the test's own database when it asks for that too, else on one that tests share.
    """
    with_anyio = "anyio_backend" in request.fixturenames
    if not with_anyio and not request.config.pluginmanager.hasplugin("dbctl_asyncio"):
        pytest.fail(
            "dbctl_session is for async tests; hint: use dbctl_sync_session, or ask for"
            " dbctl_session in the test itself, not only in a fixture",
            pytrace=False,
        )
    session: AsyncSession = request.getfixturevalue(ANYIO if with_anyio else ASYNCIO)
    return session


@pytest.fixture
def dbctl_sync_session(_dbctl_acted_on: "Clone") -> "Iterator[Session]":
    """The same as a synchronous Session (sqlite3, psycopg)."""
    from dbctl.testing import session

    with _failing(), session.rolled_back_sync(_dbctl_acted_on) as made:
        yield made


@pytest.fixture(scope="session")
def _dbctl_shared(dbctl_template: "Template") -> "Iterator[Clone]":
    """The database of tests that change nothing for good."""
    with _failing(), dbctl_template.clone() as clone:
        yield clone


@pytest.fixture
def _dbctl_acted_on(request: pytest.FixtureRequest) -> "Clone":
    """The database that a session of this test is on."""
    own = {"dbctl_database", "dbctl_url"} & set(request.fixturenames)
    clone: Clone = request.getfixturevalue("dbctl_database" if own else "_dbctl_shared")
    return clone


@pytest.fixture(name=ANYIO)
async def _anyio_session(_dbctl_acted_on: "Clone") -> "AsyncIterator[AsyncSession]":
    from dbctl.testing import session

    async with session.rolled_back(_dbctl_acted_on) as made:
        yield made


def _asyncio_fixtures() -> object:
    """The same fixture as pytest-asyncio knows it, in its strict mode too."""
    import pytest_asyncio  # type: ignore[import-not-found, unused-ignore]  # somebody else's choice

    class Fixtures:
        @pytest_asyncio.fixture(name=ASYNCIO)  # type: ignore[untyped-decorator, unused-ignore]
        async def made(self, _dbctl_acted_on: "Clone") -> "AsyncIterator[AsyncSession]":
            from dbctl.testing import session

            async with session.rolled_back(_dbctl_acted_on) as found:
                yield found

    return Fixtures()


def _parameters(function: Any) -> set[str]:  # noqa: ANN401 - whatever a test is
    return set(inspect.signature(function).parameters)


def _runs_all(config: pytest.Config) -> bool:
    """Whether every async test has somebody who runs it, or anyio is not there to."""
    plugins = config.pluginmanager
    if not plugins.hasplugin("anyio"):
        return True
    modes = [config.getoption("asyncio_mode", None)]
    if plugins.hasplugin("asyncio"):
        modes.append(config.getini("asyncio_mode"))
    return str(next(filter(None, modes), "")).endswith("auto")


def _is_unfit(item: pytest.Item) -> bool:
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    backend = parameters.get("anyio_backend", "")
    name = backend if isinstance(backend, str) else backend[0]
    return name == "trio" and bool(FIXTURES & set(getattr(item, "fixturenames", ())))


def _wish(config: pytest.Config) -> Any:  # noqa: ANN401 - a Wish, which is not imported yet
    """What pytest was told, for the rest of dbctl."""
    from dbctl.testing.wish import Wish

    said = {name.removeprefix("dbctl_"): config.getini(name) for name, *_ in SETTINGS}
    said["backend"] = config.getoption("dbctl_backend") or said["backend"]
    run = getattr(config, "workerinput", {}).get("testrunuid", "")
    return Wish(config.rootpath, fresh=config.getoption("dbctl_fresh"), run=run, **said)


class _failing:  # noqa: N801 - used like a function
    """What dbctl refuses is a line of the report, not a traceback through dbctl."""

    def __enter__(self) -> None: ...

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        from dbctl.errors import DbctlError

        if isinstance(error, DbctlError):
            hint = f"\nhint: {error.hint}" if error.hint else ""
            pytest.fail(f"{error.message}{hint}", pytrace=False)
