"""What may be changed and destroyed, and where: the answer is given before anybody is asked."""

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from dbctl.database.model import Look, Place
from dbctl.database.server import Session, address
from dbctl.errors import NotConfirmedError, RefusedError
from dbctl.settings import Settings

if TYPE_CHECKING:
    from dbctl.database.consent import Consent, Demand, Loss

VARIABLE = "DBCTL_ALLOW_DESTRUCTIVE"


def require_destructible(settings: Settings, verb: str) -> None:
    """Raises RefusedError in a protected environment, and on a remote server nobody named.

    `--yes` does not open either: a yes answers a question, and this is none. For a command that
    can be agreed to there is `demand`.
    """
    if settings.protected:
        raise RefusedError(
            f"{settings.env} is protected: dbctl does not {verb} there",
            hint="choose another environment with --env",
        )
    require_named(settings, verb)


def require_named(settings: Settings, verb: str) -> None:
    """Raises RefusedError on a remote server for which nobody said the environment."""
    url = address(settings)
    if not url.is_local and not settings.env_said:
        raise RefusedError(
            f"{url.server} is not this machine: dbctl does not {verb} there unasked",
            hint="say which environment it is: --env NAME",
        )


def require_environment(settings: Settings, look: Look) -> None:
    """Raises RefusedError when the database says that it is another environment's.

    A branch is nobody's: whoever is led to it may change it.
    """
    if look.mark and not look.mark.is_branch and look.mark.environment != settings.env:
        marked = look.mark.environment
        raise RefusedError(
            f"{look.place} is marked {marked}, and this command runs as {settings.env}",
            hint=f"say --env {shlex.quote(marked)} if you mean it; if it is a copy, or was marked "
            "by mistake, `dbctl repair` marks it anew",
        )


def is_foreign(settings: Settings, look: Look) -> bool:
    """Whether the database says that it is another project's; without two names nobody knows."""
    here, there = settings.project.name, look.mark.project if look.mark else ""
    return bool(here and there and here != there)


def foreign(settings: Settings, look: Look) -> RefusedError:
    """The refusal of a database that `is_foreign`."""
    here, there = settings.project.name, look.mark.project if look.mark else ""
    return RefusedError(
        f"{look.place} is marked as {there}'s, and this project is {here}",
        hint=f"check the URL; if {here} may use it too, `dbctl repair` marks it anew",
    )


def protection(settings: Settings, look: Look | None) -> str:
    """Why a yes is not enough to destroy here; "" where it is. `look` None: no database yet."""
    if settings.protected:
        return f"{settings.env} is protected"
    if look is None:
        return ""
    if look.hidden:
        return f"{look.place} has a mark that this role may not read, so it is protected"
    if look.mark:
        marked = look.mark.environment
        return f"it is marked {marked}, which is protected" if _guarded(settings, marked) else ""
    if (look.tables or look.at) and not address(settings).is_local:
        return f"{look.place} has tables and no mark of dbctl's, so it is protected"
    return ""


def _guarded(settings: Settings, env: str) -> bool:
    """Whether an environment is protected by name, or by the project's configuration."""
    table = settings.project.tool.get("env", {}).get(env, {})
    return env == "prd" or bool(table.get("protected"))


def demand(
    settings: Settings,
    look: Look | None,
    verb: str,
    loss: "Loss",
    snapshot: Callable[[], object] | None = None,
) -> "Demand":
    """What has to be agreed to before `verb`. Raises RefusedError as `require_named`.

    `snapshot` makes one and raises when it cannot; it is called by `settle` alone.
    """
    from dbctl.database.consent import Demand

    require_named(settings, verb)
    name = _name(settings, look.place if look else None)
    why = protection(settings, look)
    return Demand(verb, name, loss, why, settings.destructible, snapshot)


def _name(settings: Settings, place: Place | None) -> str:
    """What a person calls the database: of a SQLite file the name without its folder."""
    url = address(settings)
    if url.dialect == "sqlite":
        return Path(url.name).name
    return place.name if place else url.name


def settle(demand: "Demand", consent: "Consent") -> None:
    """Make the snapshot if everything was agreed to; only then may anything be destroyed.

    Raises NotConfirmedError without a yes, RefusedError when a protected database demands more.
    """
    if lacking := missing(demand, consent):
        raise refused(demand, lacking)
    if not demand.protection and not consent.yes:
        raise NotConfirmedError("not confirmed; nothing was changed", hint="add --yes to do it")
    if demand.protection and demand.snapshot and not consent.no_snapshot:
        demand.snapshot()


def missing(demand: "Demand", consent: "Consent") -> tuple[str, ...]:
    """What a protected database still demands, in words; a name that is wrong counts anywhere."""
    lacking = []
    if demand.protection and demand.allowed != demand.name:
        said = f" (it names {demand.allowed})" if demand.allowed else ""
        lacking.append(f"{VARIABLE}={demand.name} in the environment{said}")
    if consent.name != demand.name and (demand.protection or consent.name is not None):
        said = f", not {consent.name}" if consent.name is not None else ""
        lacking.append(f"the name {demand.name}{said}")
    if demand.protection and not (demand.snapshot or consent.no_snapshot):
        lacking.append("--no-snapshot (none can be made here)")
    return tuple(lacking)


def refused(demand: "Demand", lacking: tuple[str, ...], command: str = "") -> RefusedError:
    """The refusal that names what is lacking; `command` is what to run if it is meant."""
    why = demand.protection or "another name was said"
    return RefusedError(
        f"{why}: dbctl does not {demand.verb} without {'; '.join(lacking)}", hint=command
    )


async def witness(session: Session, place: str) -> "Loss":
    """Every table with its rows, the size of the database, and who else is connected."""
    from dbctl.database.consent import Loss

    return Loss(place, await session.sizes(), use=await session.use())


def seeds_by_default(settings: Settings) -> bool:
    """Whether `up` seeds: on this machine, elsewhere when the environment was said, never `prd`."""
    if settings.protected:
        return False
    return address(settings).is_local or settings.env_said
