"""One command's work at Neon: the API, the project it is about, and how long it may take."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote

from dbctl import loop
from dbctl.errors import ConfigurationError, TimedOutError
from dbctl.neon import context, paging
from dbctl.neon.api import Api
from dbctl.neon.errors import NeonError
from dbctl.neon.model import NeonProject
from dbctl.neon.reading import read
from dbctl.settings import Settings

T = TypeVar("T")
SHOWN = 8


@dataclass
class Clock:
    """How long a command waits for Neon, in seconds."""

    limit: float
    started: float = field(default_factory=time.monotonic)

    @property
    def passed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.started

    def require_time(self, waiting_for: str, note: str) -> None:
        """Raises TimedOutError when there is no time left; `note` says what exists."""
        if self.passed < self.limit:
            return
        raise TimedOutError(
            f"{waiting_for} after {self.limit:g} s{f'; {note}' if note else ''}",
            hint="--timeout gives it more time; `dbctl neon operations list` shows what runs",
        )


@dataclass
class Neon:
    """What every command of the room works with; `note` is what exists, said when interrupted."""

    settings: Settings
    api: Api
    note: str = ""

    async def project(self) -> str:
        """The project's id: said, or the only one there is.

        Raises ConfigurationError naming the choices where it has to be said.
        """
        if not self.api.access.project:
            found = await self.projects()
            self.api.access = _at(self.api.access, _only(found))
        return self.api.access.project

    async def projects(self) -> tuple[NeonProject, ...]:
        """Every project that the key may see."""
        organisation = self.api.access.organisation or None
        found = paging.items(
            self.api, "/projects", "projects", paging.Shape.projects, org_id=organisation
        )
        try:
            return tuple([read(NeonProject, item) async for item in found])
        except NeonError as error:
            if "org_id" not in error.said:
                raise
            raise ConfigurationError(
                f"this key belongs to no single organisation: {error.said}",
                hint='set NEON_PROJECT_ID, or write {"orgId": "..."} into .neon',
            ) from None

    async def path(self, *parts: str) -> str:
        """The path of something in the project; every part is data."""
        return "/".join(
            ["/projects", *(quote(one, safe="") for one in (await self.project(), *parts))]
        )

    async def get(self, *parts: str, **parameters: object) -> Any:  # noqa: ANN401 - JSON
        """Read something of the project."""
        return await self.api.get(await self.path(*parts), **parameters)

    async def send(
        self, method: str, *parts: str, body: object = None, repeatable: bool | None = None
    ) -> Any:  # noqa: ANN401 - JSON
        """Change something of the project; see `Api.send`."""
        path = await self.path(*parts)
        return await self.api.send(method, path, body=body, repeatable=repeatable)


def run(
    settings: Settings, work: Callable[[Neon], Awaitable[T]], *, project: str | None = None
) -> T:
    """Run `work` with a client of its own; an interruption says what exists by then."""
    access = context.access(settings, project)
    api = Api(access, connect_timeout=settings.connect_timeout)
    neon = Neon(settings, api)

    async def whole() -> T:
        async with api:
            return await work(neon)

    try:
        return loop.run(whole())
    except KeyboardInterrupt as stopped:
        if neon.note:
            stopped.add_note(neon.note)
        raise


def _at(access: context.Access, project: str) -> context.Access:
    from dataclasses import replace

    return replace(access, project=project)


def _only(found: tuple[NeonProject, ...]) -> str:
    if len(found) == 1:
        return found[0].id
    if not found:
        raise ConfigurationError(
            "this key sees no project", hint="set NEON_PROJECT_ID, or make a project in the console"
        )
    choices = ", ".join(f"{one.id} ({one.name})" for one in found[:SHOWN])
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    raise ConfigurationError(
        f"this key sees {len(found)} projects: {choices}{more}",
        hint="say which: --project-id, NEON_PROJECT_ID, or projectId in a .neon file",
    )
