"""What the application itself can be told, beside dbctl's settings: the variables SAMPLE_*.

A project has names of its own; DBCTL_* are dbctl's. They stand in the process's environment, or in
`.env.<env>` and `.env` of the project.
"""

import difflib
import os
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal, Self

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dbctl.database.server import address
from dbctl.errors import ConfigurationError
from dbctl.sample.services.tokens import Lifetimes
from dbctl.settings import Settings

PREFIX = "SAMPLE_"


class Options(BaseModel):
    """How the application behaves. All limits are those of one process.

    `tls` says who encrypts what clients send: a `proxy` in front, the server itself (`direct`), or
    nobody (`off`).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    tls: Literal["proxy", "direct", "off"] | None = None
    access_minutes: int = Field(15, ge=1, le=1_440)
    refresh_days: int = Field(14, ge=1, le=365)
    attempts_per_minute: int = Field(10, ge=1, le=1_000_000)
    waiting_hashes: int = Field(100, ge=1, le=10_000)
    body_bytes: int = Field(2 * 1024 * 1024, ge=1_024, le=1024 * 1024 * 1024)

    @classmethod
    def load(cls, settings: Settings) -> Self:
        """Read the variables. Raises ConfigurationError for a name or a value that is none."""
        said: dict[str, str] = {}
        root = settings.project.root
        for source in (
            dotenv_values(root / ".env"),
            dotenv_values(root / f".env.{settings.env}"),
            os.environ,
        ):
            said |= {name: value for name, value in source.items() if value}
        return cls._read({k: v for k, v in said.items() if k.startswith(PREFIX)})

    @classmethod
    def _read(cls, said: Mapping[str, str]) -> Self:
        known = [f"{PREFIX}{name.upper()}" for name in cls.model_fields]
        for name in said:
            if name not in known:
                raise ConfigurationError(f"unknown variable {name}", hint=_near(name, known))
        values: dict[str, Any] = {k.removeprefix(PREFIX).lower(): v for k, v in said.items()}
        try:
            return cls(**values)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            raise ConfigurationError(
                f"{PREFIX}{str(first['loc'][0]).upper()}: {first['msg']}"
            ) from None

    @property
    def lifetimes(self) -> Lifetimes:
        """How long tokens are valid."""
        return Lifetimes(timedelta(minutes=self.access_minutes), timedelta(days=self.refresh_days))


def require_tls_said(settings: Settings, options: Options) -> None:
    """In `prd` nobody finds out later that passwords went over a network in clear.

    Whether and how to encrypt is said, on both sides: SAMPLE_TLS for clients, `ssl` (or sslmode in
    the URL) for the database. Raises ConfigurationError.
    """
    if settings.env != "prd":
        return
    if options.tls is None:
        raise ConfigurationError(
            "prd: it is not said whether clients come over TLS",
            hint="SAMPLE_TLS=proxy behind one that encrypts, direct with a certificate, off",
        )
    url = address(settings)
    said = settings.ssl or {"sslmode", "ssl"} & url.parameters.keys()
    if url.dialect == "postgresql" and not said:
        raise ConfigurationError(
            "prd: it is not said whether the database is reached over TLS",
            hint="DBCTL_SSL=verify-full, or ?sslmode=verify-full in the URL",
        )


def _near(name: str, known: list[str]) -> str:
    found = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {found[0]}?" if found else f"there are {', '.join(known)}"
