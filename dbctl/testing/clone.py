"""A test's own copy of the template, with the face that dbctl's library has."""

from typing import Any

from sqlalchemy import Engine, NullPool, event

from dbctl.database.engine import Database, engine_options
from dbctl.database.url import Url
from dbctl.settings import Settings

POOL = ("pool_size", "max_overflow", "pool_timeout", "pool_recycle", "pool_pre_ping", "echo_pool")


class Clone(Database):
    """A `Database` that keeps no connection: a test's loop ends before its database does."""

    def __init__(self, settings: Settings, url: Url, driver: str) -> None:
        super().__init__(settings.at(url.text))
        self.text = url.driven(driver).text  # the URL with the project's own driver

    def _options(self, driver: str) -> dict[str, Any]:
        options = engine_options(self.url, self.settings, driver)
        kept = {name: value for name, value in options.items() if name not in POOL}
        return {**kept, "poolclass": NullPool}

    def _listened(self, engine: Engine) -> Engine:
        if self.url.dialect == "sqlite":
            # The driver would begin later than a savepoint, which could not be rolled back then.
            event.listen(engine, "begin", _begin)
        return super()._listened(engine)


def _begin(connection: Any) -> None:  # noqa: ANN401 - SQLAlchemy's signature
    connection.exec_driver_sql("BEGIN")
