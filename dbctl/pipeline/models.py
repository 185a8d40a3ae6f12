"""The project's tables as its models declare them, wherever it says so."""

from sqlalchemy import MetaData

from dbctl.database.engine import imported_metadata, merged
from dbctl.errors import ConfigurationError
from dbctl.settings import Settings


def metadata(settings: Settings) -> MetaData:
    """`[tool.dbctl] metadata`, else what env.py gives to Alembic.

    Raises ConfigurationError when neither names any.
    """
    if settings.metadata is not None:
        settings.project.on_path()
        return imported_metadata(settings.metadata)
    from dbctl.migrate import environment  # and with it Alembic

    found = environment.learn(settings).metadata
    if found is None:
        raise ConfigurationError(
            "it is not known where this project's tables are declared",
            hint='set metadata = "package.module:Base" in [tool.dbctl]',
        )
    return found if isinstance(found, MetaData) else merged(found)
