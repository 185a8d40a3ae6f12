"""What a test run wants of dbctl, and which project, backend and server that means."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from dbctl.database.url import DIALECTS, Url
from dbctl.errors import ConfigurationError
from dbctl.settings import Settings

OWN = "DBCTL_TEST_DATABASE_URL"
ENV = "tst"


@dataclass(frozen=True)
class Wish:
    """What pytest was told. `run` is the same in all processes of a run."""

    root: Path
    backend: str = ""
    seed: bool = False
    from_models: bool = False
    key_files: Sequence[str] = ()
    config: str = ""
    cache_dir: str = ""
    fresh: bool = False
    run: str = ""

    def __post_init__(self) -> None:
        """A run of one process names itself; of xdist's name, which anybody may give, the hash."""
        run = hashlib.sha256((self.run or uuid4().hex).encode()).hexdigest()[:16]
        object.__setattr__(self, "run", run)

    @property
    def place(self) -> str:
        """The checkout as a few letters: two of them on one server do not prune each other."""
        return hashlib.sha256(str(self.root).encode()).hexdigest()[:8]

    @property
    def named_config(self) -> Path | None:
        """The project's file, where one was named."""
        return self.root / self.config if self.config else None


@dataclass(frozen=True)
class Choice:
    """Settings of the environment tst, the kind of database, and the server that was named.

    `url` None: no server was named. `driver` is the one that the URL for tests names, else the
    project's own URL.
    """

    settings: Settings
    dialect: str
    url: Url | None
    driver: str


def chosen(wish: Wish) -> Choice:
    """Read the project's settings and choose.

    Raises ConfigurationError for a backend nobody knows, or where nothing says which.
    """
    settings = _settings(wish, ENV)
    url, usual = _server(settings), _usual(wish)
    known = [one for one in (url, usual) if one]
    dialect = _dialect(wish.backend) or (known[0].dialect if known else "")
    if not dialect:
        raise ConfigurationError(
            "nothing says which kind of database these tests need",
            hint="set dbctl_backend to sqlite or postgresql in pytest's configuration",
        )
    drivers = [one.driver for one in known if one.dialect == dialect and one.driver]
    same = url if url and url.dialect == dialect == "postgresql" else None
    return Choice(settings, dialect, same, drivers[0] if drivers else "")


def _settings(wish: Wish, env: str) -> Settings:
    return Settings.load(env=env, config=wish.named_config, cwd=wish.root, url_needed=False)


def _server(settings: Settings) -> Url | None:
    """The URL that was said for tests and for nothing else: never the one that is worked with."""
    if os.environ.get(OWN):
        return Url.parse(os.environ[OWN])
    source = settings.sources.get("url", "")
    ours = source.startswith("TEST_DATABASE_URL") or source.endswith(
        (f"in .env.{ENV}", f"[tool.dbctl.env.{ENV}]")
    )
    return Url.parse(settings.url.get_secret_value(), base=settings.base) if ours else None


def _usual(wish: Wish) -> Url | None:
    """The URL that is worked with, for its kind alone: nobody connects to it."""
    settings = _settings(wish, "local")
    if not settings.url_known:
        return None
    return Url.parse(settings.url.get_secret_value(), base=settings.base)


def _dialect(word: str) -> str:
    if word and word not in DIALECTS:
        raise ConfigurationError(
            f"dbctl_backend is {word!r}", hint="it is sqlite or postgresql, or left out"
        )
    return DIALECTS.get(word, "")
