"""What autogenerate writes into a revision, so that the file can be imported as it is."""

from typing import Any, Literal

_KNOWN = ("sqlalchemy", "alembic")


def imports(kind: str, item: object, autogen: Any) -> Literal[False]:  # noqa: ANN401 - Alembic's
    """Alembic's `render_item`: import the module of a type that is not SQLAlchemy's own.

    How the type is written stays Alembic's business.
    """
    module = type(item).__module__
    prefixed = autogen.opts.get("user_module_prefix") is not None
    if kind == "type" and not prefixed and module.split(".")[0] not in _KNOWN:
        autogen.imports.add(f"import {module}")
    return False
