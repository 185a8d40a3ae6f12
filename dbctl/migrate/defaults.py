"""Compare server defaults without stumbling over one that the database cannot read any more."""

from typing import Any

from sqlalchemy.exc import DBAPIError


def differ(
    context: Any,  # noqa: ANN401 - Alembic's context and columns
    inspected: Any,  # noqa: ANN401
    declared: Any,  # noqa: ANN401
    inspected_default: str | None,
    _declared_default: object,
    rendered_default: str | None,
) -> bool | None:
    """Whether a column's default differs; None leaves the answer to Alembic.

    On PostgreSQL Alembic asks the server whether both are equal. The label of an enum that has
    been renamed since is an error there, which would end the whole comparison: here it is a
    difference.
    """
    unequal = inspected_default != rendered_default
    known = inspected_default is not None and rendered_default is not None
    if context.dialect.name != "postgresql" or not (unequal and known):
        return None
    try:
        with context.connection.begin_nested():
            return bool(
                context.impl.compare_server_default(
                    inspected, declared, rendered_default, inspected_default
                )
            )
    except DBAPIError:
        return True
