"""Everything Alembic; and the same verbs for scripts: `migrate.upgrade(settings, "head")`.

Each returns what its command returns, and raises what its command would print. Importing this
package, or `dbctl.migrate.model`, imports no Alembic: that comes with the first verb.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dbctl.migrate.apply import downgrade, ensure_version, stamp, status, upgrade
    from dbctl.migrate.author import merge
    from dbctl.migrate.author import migrate as revision
    from dbctl.migrate.drift import check
    from dbctl.migrate.offline import plan, script
    from dbctl.migrate.ownurl import known
    from dbctl.migrate.read import branches, current, heads, history, show

__all__ = [
    "branches",
    "check",
    "current",
    "downgrade",
    "ensure_version",
    "heads",
    "history",
    "known",
    "merge",
    "plan",
    "revision",
    "script",
    "show",
    "stamp",
    "status",
    "upgrade",
]

_HOMES = {
    "apply": ("downgrade", "ensure_version", "stamp", "status", "upgrade"),
    "author": ("merge", "revision"),
    "drift": ("check",),
    "offline": ("plan", "script"),
    "ownurl": ("known",),
    "read": ("branches", "current", "heads", "history", "show"),
}
_NAMES = {"revision": "migrate"}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module's attribute may be anything
    """Load a verb when it is first used."""
    from importlib import import_module

    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{home}"), _NAMES.get(name, name))
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
