"""The project's web application: found by its string, made, and wrapped for a server process."""

import gc
import inspect
import logging
from collections.abc import Callable
from typing import Any

from dbctl.database.importing import imported, importing
from dbctl.errors import ConfigurationError, MissingExtraError
from dbctl.settings import Settings
from dbctl.web.access import Access, log
from dbctl.web.model import Order

EXTRA = ("fastapi", "starlette", "uvicorn", "python_multipart", "jinja2", "fastapi_offline")
PIP = "pip install 'dbctl-lifecycle[app]'"
ALLOCATIONS = 10_000  # before the collector looks through what is new
_ASGI = 3  # scope, receive, send


def named(settings: Settings) -> str:
    """Where the application is: "package.module:name". Raises ConfigurationError."""
    if settings.app:
        return settings.app
    raise ConfigurationError(
        "it is not known where this project's web application is",
        hint='set app = "package.module:app" in [tool.dbctl]; a function that makes one will do',
    )


def load(place: str) -> Any:  # noqa: ANN401 - any ASGI application
    """The application at `place`, made by calling it where it is a function without arguments.

    Raises ConfigurationError with file and line, MissingExtraError without FastAPI.
    """
    try:
        found = imported(place)
        with importing(place):
            return found() if _makes(found) else found
    except ConfigurationError as error:
        missing = error.__cause__
        if isinstance(missing, ModuleNotFoundError) and missing.name in EXTRA:
            raise absent(missing.name) from error
        raise


def absent(module: str) -> MissingExtraError:
    """The refusal where a package of the extra is not installed."""
    return MissingExtraError(f"serving needs {module}, which is not installed", hint=PIP)


def _makes(found: Callable[..., Any]) -> bool:
    """Whether it is a factory: an application itself wants scope, receive and send."""
    if not callable(found):
        raise ConfigurationError(f"{found!r} is no application", hint="app names an ASGI callable")
    wanted = inspect.signature(found).parameters.values()
    plain = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(one.kind in plain and one.default is one.empty for one in wanted) < _ASGI


def logged(app: Any) -> Any:  # noqa: ANN401 - any ASGI application
    """The application with its access log, where anybody wants to read it.

    What is loaded by now is no garbage: the collector need not look for some in it again. It looks
    more often than in a command, which ends soon.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(ALLOCATIONS)
    return Access(app) if log.isEnabledFor(logging.INFO) else app


def begun(order: Order) -> Any:  # noqa: ANN401 - any ASGI application
    """The application in a process of its own."""
    order.prepare()
    return logged(load(order.app))
