"""What the user said, from every place where it can be said, as one frozen `Settings`.

A layer is one place (flags, variables, a .env file, a table of pyproject.toml ...) and what it says
of our fields. The first layer that names a field wins; `sources` remembers which it was.
"""

import difflib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import quote

from pydantic import Field, PrivateAttr, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from dbctl import inifile, inuse, project
from dbctl.errors import ConfigurationError
from dbctl.inuse import InUse
from dbctl.project import Project

ENVIRONMENTS = ("local", "dev", "tst", "prd")
DEFAULT_URL = "sqlite+aiosqlite:///data.db"
# Variables that begin with DBCTL_ and are not settings.
OTHER_VARIABLES = (
    "DBCTL_ENV",
    "DBCTL_CONFIG",
    "DBCTL_ALLOW_DESTRUCTIVE",
    "DBCTL_LOG_FORMAT",
    "DBCTL_SERVE_KEY",
    "DBCTL_SERVE_WRITE",
    "DBCTL_TEST_DATABASE_URL",
)
# Tables and keys of [tool.dbctl] that are not settings.
OTHER_KEYS = ("env", "commands", "config", "lint", "migrations")

# Where a URL is said for this very command: a branch in use does not count against it.
PLAINER = ("--url", "DBCTL_URL")

# What other tools of Neon's call them.
NEON_VARIABLES = ("NEON_API_KEY", "NEON_API_HOST", "NEON_PROJECT_ID", "NEON_BRANCH")

SslMode = Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]


class Settings(BaseSettings):
    """Everything a command may want to know; one per command, never changed.

    Times are seconds unless the name says otherwise; 0 turns a time-out off.
    """

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, allow_inf_nan=False
    )

    env: str = "local"
    url: SecretStr = SecretStr(DEFAULT_URL)
    protected: bool = False
    ledger: bool = True
    transaction: Literal["revision", "project"] = "revision"
    metadata: str | None = None
    app: str | None = None
    seeds: str = "seeds"
    snapshots: str = ".dbctl/snapshots"
    pool_size: int = Field(5, ge=0, le=10_000)
    max_overflow: int = Field(10, ge=-1, le=10_000)
    pool_timeout: float = Field(30, ge=0)
    pool_recycle: int = Field(280, ge=-1)
    pool_pre_ping: bool = True
    echo: bool = False
    echo_pool: bool = False
    slow_query_ms: float = Field(0, ge=0)
    connect_timeout: float = Field(10, gt=0, le=600)
    statement_timeout: float = Field(0, ge=0)
    lock_timeout: float = Field(0, ge=0)
    lock_wait: float = Field(60, ge=0, le=86_400)
    rehearse_lock_limit: float = Field(1, ge=0, le=86_400)
    ssl: SslMode | None = None
    neon_api_key: SecretStr | None = None
    neon_api_host: str = "https://console.neon.tech/api/v2"
    neon_project_id: str | None = None
    neon_branch: str | None = None

    @field_validator("metadata", mode="before")
    @classmethod
    def _several(cls, value: object) -> object:
        """A list of places as the text that a variable would hold."""
        return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value

    _sources: dict[str, str] = PrivateAttr(default_factory=dict)
    _project: Project | None = PrivateAttr(default=None)
    _base: Path = PrivateAttr(default_factory=Path.cwd)
    _arguments: tuple[str, ...] = PrivateAttr(default=())
    _destructible: str = PrivateAttr(default="")
    _ask: Callable[[Any], str | None] | None = PrivateAttr(default=None)
    _meant: bool = PrivateAttr(default=False)
    _main: Self | None = PrivateAttr(default=None)
    _used: InUse | None = PrivateAttr(default=None)

    @classmethod
    def settings_customise_sources(  # type: ignore[override]  # the other sources are not used
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic's signature
        init_settings: PydanticBaseSettingsSource,
        **_: object,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what `load` found; never look into the environment behind its back."""
        return (init_settings,)

    @classmethod
    def load(
        cls,
        *,
        env: str | None = None,
        url: str | None = None,
        config: Path | None = None,
        section: str | None = None,
        arguments: Sequence[str] = (),
        cwd: Path | None = None,
        url_needed: bool = True,
    ) -> Self:
        """Read every layer. The arguments are what flags would say; `cwd` is where to look.

        `section` is that of alembic.ini, `arguments` are env.py's own (`alembic -x`). Without
        `url_needed` an environment may have no database URL yet.

        Raises ConfigurationError for a value, a name or an environment that cannot be used.
        """
        found = project.find(cwd or Path.cwd(), config or _configured(), section)
        env, env_source = _environment(found, env)
        layers = _layers(found, env, url)
        if url_needed:
            _require_url(layers, env)
        made = cls._merged(found, layers, env, env_source)
        made._arguments = tuple(arguments)
        # Now, before any code of the project runs: an env.py may copy .env into the environment,
        # and consent never comes from a file.
        made._destructible = os.environ.get("DBCTL_ALLOW_DESTRUCTIVE", "")
        written = found.ini.name if found.ini else "[tool.alembic]"
        made._meant = made._sources.get("url", written) != written
        return made._using(inuse.read(found.root, env))

    @classmethod
    def _merged(cls, found: Project, layers: list["Layer"], env: str, env_source: str) -> Self:
        values: dict[str, Any] = {"env": env, "protected": env == "prd"}
        sources = {"env": env_source}
        for layer in reversed(layers):
            values.update(layer.values)
            sources.update(dict.fromkeys(layer.values, layer.name))
        if env == "prd":
            values["protected"] = True  # no variable that was left over opens it
        try:
            made = cls(**values)
        except ValidationError as error:
            raise _refused(error, sources) from None
        made._sources.update(sources)
        made._project = found
        made._base = _base(found, sources.get("url"))
        return made

    @property
    def sources(self) -> Mapping[str, str]:
        """Where each field came from; a field that is absent has its default."""
        return self._sources

    @property
    def project(self) -> Project:
        """The project these settings belong to."""
        return self._project or project.find(Path.cwd())

    @property
    def url_known(self) -> bool:
        """Whether somebody said the URL, or the project is one that the default is for."""
        found = self.project
        ours = bool(found.tool) and "config" not in found.tool
        return "url" in self.model_fields_set or found.bundled or ours

    @property
    def base(self) -> Path:
        """The folder at which a relative SQLite path starts."""
        return self._base

    @property
    def arguments(self) -> tuple[str, ...]:
        """What `-x` said, for the project's env.py."""
        return self._arguments

    @property
    def destructible(self) -> str:
        """The database that DBCTL_ALLOW_DESTRUCTIVE of the process names, "" for none."""
        return self._destructible

    @property
    def url_meant(self) -> bool:
        """Whether somebody told dbctl the URL; not where Alembic's files say it, or nobody does."""
        return self._meant

    def at(self, url: str) -> Self:
        """The same settings for another database."""
        made = self.model_copy(update={"url": SecretStr(url)})
        made._meant, made._used = True, None
        return made

    def branched(self, url: str) -> Self:
        """The same settings for a copy of the database, which nothing has to be protected from."""
        made = self._unprotected()
        made._used = None
        return made.model_copy(update={"url": SecretStr(url)})

    def _unprotected(self) -> Self:
        made = self.model_copy(update={"protected": False, "neon_branch": None})
        made._meant, made._main = True, self.main
        return made

    def _using(self, used: InUse | None) -> Self:
        """The same settings for the branch in use, unless somebody said more plainly where."""
        if used is None or self._sources.get("url") in PLAINER:
            return self
        made = self._unprotected()
        made._used = used
        made._sources = {**self._sources, "url": inuse.SOURCE}
        return made

    @property
    def main(self) -> Self:
        """The settings of the main database, which are these unless a branch of it is in use."""
        return self._main or self

    @property
    def branch(self) -> str | None:
        """The branch that is in use (`dbctl branch use`), None for the main database."""
        return self._used.name if self._used else None

    @property
    def used(self) -> InUse | None:
        """What is remembered of that branch; `url` is still the main database's."""
        return self._used

    def asking(self, ask: Callable[["Settings"], str | None]) -> Self:
        """The same settings, which `ask` for the project's own URL where nobody said one."""
        made = self.model_copy()
        made._ask = ask
        made._main = self._main.asking(ask) if self._main else None
        return made

    @property
    def _is_theirs(self) -> bool:
        """Whether the project has an env.py of its own: dbctl's says what is said here."""
        found = self.project
        return not found.bundled and bool(found.env_text) and "from dbctl" not in found.env_text

    def asked(self) -> Self:
        """The same settings with the URL that the project's own env.py has, if it has any."""
        if self._ask is None or "url" in self.model_fields_set or not self._is_theirs:
            return self
        url = self._ask(self)
        self._ask = None if url is None else (lambda _: url)  # once is enough
        if url is None:
            return self
        made = self.model_copy(update={"url": SecretStr(url)})
        source = inuse.SOURCE if self._used else "env.py"
        made._sources, made._base = {**self._sources, "url": source}, self.project.home
        return made

    @property
    def env_said(self) -> bool:
        """Whether the user named the environment (a flag or a variable) for this command."""
        return self._sources.get("env", "default") != "default"


@dataclass(frozen=True)
class Layer:
    """One place and what it says: field name to value."""

    name: str
    values: Mapping[str, Any]


FIELDS = frozenset(Settings.model_fields)


def _base(found: Project, source: str | None) -> Path:
    """The folder at which a relative SQLite path starts, which is for whom it was written."""
    if source == "--url":
        return Path.cwd()
    return found.home if found.ini and source == found.ini.name else found.root


def _configured() -> Path | None:
    named = os.environ.get("DBCTL_CONFIG")
    return Path(named) if named else None


def _environment(found: Project, flag: str | None) -> tuple[str, str]:
    """The environment's name and where it was said."""
    dotenv = _dotenv(found.root / ".env")
    if flag:
        env, source = flag, "--env"
    elif os.environ.get("DBCTL_ENV"):
        env, source = os.environ["DBCTL_ENV"], "DBCTL_ENV"
    elif dotenv.get("DBCTL_ENV"):
        env, source = dotenv["DBCTL_ENV"], ".env"
    else:
        return "local", "default"
    _require_known(found, env)
    return env, source


def _require_known(found: Project, env: str) -> None:
    known = [*ENVIRONMENTS, *found.tool.get("env", {})]
    if env in known or (env.isidentifier() and (found.root / f".env.{env}").is_file()):
        return
    raise ConfigurationError(
        f"there is no environment {env!r}; there are {', '.join(known)}",
        hint=_did_you_mean(env, known) or f"define [tool.dbctl.env.{env}] in pyproject.toml",
    )


def _layers(found: Project, env: str, url: str | None) -> list[Layer]:
    """Every place in the order of its say, the strongest first."""
    flags = {"url": url} if url else {}
    dotenvs = [f".env.{env}", ".env"]
    return [
        Layer("--url", flags),
        *_variables(dict(os.environ), env, ""),
        *(
            layer
            for name in dotenvs
            for layer in _variables(_dotenv(found.root / name), env, f" in {name}", name != ".env")
        ),
        _table(found.tool.get("env", {}).get(env, {}), f"[tool.dbctl.env.{env}]"),
        _shared(_table(found.tool, "[tool.dbctl]"), env),
        _shared(_alembic(found), env),
        Layer("its models", {"metadata": ", ".join(found.places)} if found.places else {}),
    ]


def _shared(layer: Layer, env: str) -> Layer:
    """What is said for all environments, without what must be said for one alone.

    A test run must never land on the database that everybody uses, nor a laptop's on production;
    and nothing said in passing opens what is protected.
    """
    alone = {"url", "protected"} if env in ("tst", "prd") else {"protected"}
    return Layer(layer.name, {k: v for k, v in layer.values.items() if k not in alone})


def _variables(
    variables: Mapping[str, str], env: str, where: str, own: bool = False
) -> list[Layer]:
    """The DBCTL_* layer and the plain ones. `own`: the file belongs to this environment alone."""
    ours = {k: v for k, v in variables.items() if k.startswith("DBCTL_") and v}
    _require_names(ours, where)
    layers = [
        Layer(f"{name}{where}", {name.removeprefix("DBCTL_").lower(): value})
        for name, value in ours.items()
        if name not in OTHER_VARIABLES
    ]
    # The other names are what the running application uses: a test run must never land there.
    applications = env != "tst" or own
    plain = ["TEST_DATABASE_URL"] if env == "tst" else []
    plain += ["DATABASE_URL"] if applications else []
    layers += [
        Layer(f"{name}{where}", {"url": variables[name]}) for name in plain if variables.get(name)
    ]
    layers += [
        Layer(f"{name}{where}", {name.lower(): variables[name]})
        for name in NEON_VARIABLES
        if variables.get(name)
    ]
    return [*layers, *(_postgres_variables(variables, where) if applications else ())]


def _postgres_variables(variables: Mapping[str, str], where: str) -> list[Layer]:
    """POSTGRES_USER, _PASSWORD, _HOST, _PORT and _DB as one URL; a host or a name must be there."""
    if not (variables.get("POSTGRES_HOST") or variables.get("POSTGRES_DB")):
        return []
    user = quote(variables.get("POSTGRES_USER") or "postgres", safe="")
    password = quote(variables.get("POSTGRES_PASSWORD") or "", safe="")
    host = variables.get("POSTGRES_HOST") or "localhost"
    port = variables.get("POSTGRES_PORT") or "5432"
    name = quote(variables.get("POSTGRES_DB") or "postgres", safe="")
    login = f"{user}:{password}" if password else user
    return [Layer(f"POSTGRES_*{where}", {"url": f"postgresql://{login}@{host}:{port}/{name}"})]


def _require_names(ours: Iterable[str], where: str) -> None:
    known = [f"DBCTL_{name.upper()}" for name in FIELDS] + list(OTHER_VARIABLES)
    for name in ours:
        if name not in known:
            raise ConfigurationError(
                f"unknown variable {name}{where}",
                hint=_did_you_mean(name, known) or "see `dbctl config show` for the names",
            )


def _table(table: Mapping[str, Any], name: str) -> Layer:
    known = [*(FIELDS - {"env"}), *OTHER_KEYS]
    for key in table:
        if key not in known:
            raise ConfigurationError(
                f"unknown key {key!r} in {name}",
                hint=_did_you_mean(key, known) or "see `dbctl config show` for the names",
            )
    return Layer(name, {key: value for key, value in table.items() if key not in OTHER_KEYS})


def _alembic(found: Project) -> Layer:
    url = found.alembic.get("sqlalchemy.url", "")
    # `alembic init` writes driver://user:pass@localhost/dbname: nobody's database.
    said = url and url != inifile.UNREADABLE and not url.startswith("driver:")
    return Layer(found.ini.name if found.ini else "[tool.alembic]", {"url": url} if said else {})


def _dotenv(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    from dotenv import dotenv_values

    try:
        return {key: value for key, value in dotenv_values(path).items() if value}
    except (OSError, UnicodeDecodeError) as error:
        # The error's own text quotes the file.
        raise ConfigurationError(
            f"cannot read {path}: {type(error).__name__}", hint="write the file in UTF-8"
        ) from None


def _require_url(layers: Iterable[Layer], env: str) -> None:
    said = next((layer.values["url"] for layer in layers if "url" in layer.values), None)
    if said or env == "local":
        return
    name = "TEST_DATABASE_URL" if env == "tst" else "DATABASE_URL"
    raise ConfigurationError(
        f"the environment {env} has no database URL",
        hint=f"set {name}, or url in [tool.dbctl.env.{env}]; only `local` has a default",
    )


def _refused(error: ValidationError, sources: Mapping[str, str]) -> ConfigurationError:
    """The first thing wrong, without the value: it may be a secret."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    name = str(first["loc"][0]) if first["loc"] else "settings"
    reason = first["msg"].replace("Input should", "it should")
    return ConfigurationError(
        f"{name} (from {sources.get(name, 'default')}): {reason}",
        hint="see `dbctl config show` for every value and its source",
    )


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else ""
