"""Runs the revisions of a case with plain Alembic in this process; dbctl has no part in it."""

import io
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout

from alembic import command
from alembic.config import Config
from sqlalchemy.exc import SQLAlchemyError

from tests.projects.make import Project

Step = Callable[[], object]


def config(project: Project) -> Config:
    """Alembic's configuration of the project, whose modules can be imported from now on."""
    sys.path.insert(0, str(project.root))
    made = Config(str(project.root / "alembic.ini"), output_buffer=io.StringIO())
    made.stdout = io.StringIO()
    return made


def up(project: Project, target: str = "head") -> Step:
    """Upgrading, to be given to `failure`."""
    return lambda: command.upgrade(config(project), target)


def down(project: Project, target: str) -> Step:
    """Downgrading, to be given to `failure`."""
    return lambda: command.downgrade(config(project), target)


def offline(project: Project, span: str) -> Step:
    """Writing the SQL of `span`, to be given to `failure`."""
    return lambda: command.upgrade(config(project), span, sql=True)


def failure(step: Step) -> str:
    """What the step failed with, in few words; empty when it did not."""
    with _quiet():
        try:
            step()
        except SQLAlchemyError as error:
            return _code(error)
        # A revision may raise what it likes.
        except Exception as error:  # noqa: BLE001
            return type(error).__name__
    return ""


def _code(error: SQLAlchemyError) -> str:
    """PostgreSQL's code where there is one: a name that no version changes."""
    cause = getattr(error, "orig", None)
    return str(getattr(cause, "sqlstate", None) or type(cause or error).__name__)


@contextmanager
def _quiet() -> Iterator[None]:
    """No output, no warning, and no models of the case before."""
    path = list(sys.path)
    sys.modules.pop("models", None)
    try:
        with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        sys.path[:] = path
        sys.modules.pop("models", None)
