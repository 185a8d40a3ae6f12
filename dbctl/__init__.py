"""The database lifecycle in one command. What a script may import from here is in `__all__`."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dbctl.database.engine import Database
    from dbctl.settings import Settings

__version__ = "0.1.0"
__all__ = ["Database", "Settings", "__version__"]

_HOMES = {"Database": "dbctl.database.engine", "Settings": "dbctl.settings"}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module's attribute may be anything
    """Load a public name when it is first used: `import dbctl` itself costs nothing."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module 'dbctl' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
