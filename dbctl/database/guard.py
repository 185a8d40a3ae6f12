"""What may be destroyed, and where: the answer is given before anybody is asked."""

from dbctl.database.server import address
from dbctl.errors import RefusedError
from dbctl.settings import Settings


def require_destructible(settings: Settings, verb: str) -> None:
    """Raises RefusedError in a protected environment, and on a remote server nobody named.

    `--yes` does not open either: a yes answers a question, and this is none.
    """
    if settings.protected:
        raise RefusedError(
            f"{settings.env} is protected: dbctl does not {verb} there",
            hint="choose another environment with --env",
        )
    url = address(settings)
    if not url.is_local and not settings.env_said:
        raise RefusedError(
            f"{url.server} is not this machine: dbctl does not {verb} there unasked",
            hint="say which environment it is: --env NAME",
        )


def seeds_by_default(settings: Settings) -> bool:
    """Whether `up` seeds: on this machine, elsewhere when the environment was said, never `prd`."""
    if settings.protected:
        return False
    return address(settings).is_local or settings.env_said
