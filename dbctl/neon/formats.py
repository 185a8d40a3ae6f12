"""Connection strings for others: drivers, .env files, shells, GitHub Actions."""

import json
import os
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote
from uuid import uuid4

from dbctl.database.arguments import libpq_url
from dbctl.database.url import Url
from dbctl.errors import ConfigurationError, UsageError
from dbctl.neon import host
from dbctl.neon.words import Format, Verbatim

if TYPE_CHECKING:
    from dbctl.neon.model import NeonUrl

FILES = ("GITHUB_ENV", "GITHUB_OUTPUT")
# What asyncpg under SQLAlchemy does not take from a URL.
NOT_ASYNCPG = ("channel_binding", "gssencmode", "sslnegotiation")


@dataclass(frozen=True)
class Written:
    """A branch and its direct URL, password included; `pooled` is what was asked for."""

    branch: str
    id: str
    url: Url = field(repr=False)
    pooled: bool = False
    created: bool | None = None

    @property
    def chosen(self) -> Url:
        """The URL that stands alone."""
        return host.pooled(self.url) if self.pooled else self.url


def require_place(form: Format | None, *, compute: bool = True) -> None:
    """Raises ConfigurationError outside GitHub Actions, before anything is made.

    Raises UsageError for a branch without a compute: it has no URL.
    """
    if form and not compute:
        raise UsageError("without a compute there is no URL", hint="leave --format out")
    if form is Format.github and not all(os.environ.get(name) for name in FILES):
        raise ConfigurationError(
            "--format github writes GITHUB_ENV and GITHUB_OUTPUT, which are not set",
            hint="it is for a step of GitHub Actions; elsewhere use --format env",
        )


def shown(found: Written, *, reveal: bool) -> "NeonUrl":
    """As a command returns it."""
    from dbctl.neon.model import NeonUrl

    urls = (found.url, host.pooled(found.url))
    direct, pooled = (one.text if reveal else one.masked for one in urls)
    chosen = pooled if found.pooled else direct
    return NeonUrl(found.branch, found.id, chosen, direct, pooled, not reveal)


def text(found: Written, form: Format, *, reveal: bool) -> Verbatim:
    """What is printed. `github` writes its files too, and prints what the runner must mask."""
    if form is Format.github:
        return Verbatim("".join(f"{line}\n" for line in _github(found)))
    shown = "\n".join(LINES[form](found))
    hidden = _quoted(found.url.password)
    return Verbatim((shown if reveal or not hidden else shown.replace(hidden, "***")) + "\n")


def _libpq(found: Written) -> Iterator[str]:
    yield libpq_url(found.chosen).text


def _psycopg(found: Written) -> Iterator[str]:
    yield libpq_url(found.chosen).driven("psycopg").text


def _asyncpg(found: Written) -> Iterator[str]:
    url = found.chosen
    query = tuple(
        ("ssl" if name == "sslmode" else name, value)
        for name, value in url.query
        if name not in NOT_ASYNCPG
    )
    yield replace(url.driven("asyncpg"), query=query).text


def variables(found: Written) -> Mapping[str, str]:
    """The application goes through the pooler, migrations do not; only Neon has two ways."""
    if host.endpoint(found.url) is None:
        return {"DATABASE_URL": found.url.text}
    return {
        "DATABASE_URL": libpq_url(host.pooled(found.url)).text,
        "DATABASE_URL_UNPOOLED": libpq_url(found.url).text,
    }


def _env(found: Written) -> Iterator[str]:
    for name, value in variables(found).items():
        yield f"{name}={shlex.quote(value)}"


def _json(found: Written) -> Iterator[str]:
    url = found.url
    parts: dict[str, object] = {"database": url.name}
    if url.dialect == "postgresql":
        parts |= {"host": url.host, "port": url.port or 5432, "user": url.user}
        parts |= {"password": _quoted(url.password)}
    said = {"branch": found.branch, "branch_id": found.id, **variables(found), **parts}
    yield json.dumps(said, indent=2)


LINES = {
    Format.libpq: _libpq,
    Format.psycopg: _psycopg,
    Format.asyncpg: _asyncpg,
    Format.env: _env,
    Format.json: _json,
}


def _github(found: Written) -> Iterator[str]:
    """Every secret before anything else; what follows in the files is masked by then."""
    values = variables(found)
    password = found.url.password
    for secret in dict.fromkeys((password, _quoted(password), *values.values())):
        if password and secret:
            yield f"::add-mask::{secret}"
    said = {"branch": found.branch, "branch_id": found.id}
    said |= {"created": str(found.created).lower()} if found.created is not None else {}
    pooled = values["DATABASE_URL"]
    said |= {"db_url": values.get("DATABASE_URL_UNPOOLED", pooled), "db_url_pooled": pooled}
    _append("GITHUB_ENV", values)
    _append("GITHUB_OUTPUT", said)
    yield f"{' and '.join(values)} of {found.branch} set for the next steps"


def delimited(values: Mapping[str, str]) -> str:
    """Variables as GitHub reads them from a file.

    Nobody can guess the delimiter: a value with line ends cannot set another variable.
    """
    delimiter = f"end-{uuid4().hex}"
    return "".join(f"{name}<<{delimiter}\n{value}\n{delimiter}\n" for name, value in values.items())


def _append(variable: str, values: Mapping[str, str]) -> None:
    try:
        with Path(os.environ[variable]).open("a", encoding="utf-8") as file:
            file.write(delimited(values))
    except OSError as error:
        raise ConfigurationError(
            f"cannot write {variable}: {error.strerror}", hint="is this a step of GitHub Actions?"
        ) from None


def _quoted(password: str) -> str:
    return quote(password, safe="")
