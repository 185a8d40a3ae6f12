"""The URL of a branch in use, from that of the main database: its secrets stay where they are."""

from dataclasses import replace

from dbctl.database.url import Url
from dbctl.errors import ConfigurationError, RefusedError
from dbctl.inuse import SOURCE, InUse


def entry(name: str, branch: Url, main: Url) -> InUse:
    """What is remembered of a branch. Raises RefusedError where it has a password of its own."""
    if branch.password != main.password:
        raise RefusedError(
            f"{name} has another password than its parent, and dbctl keeps none in a file",
            hint=f"`dbctl branch run {name} -- COMMAND` acts on it",
        )
    return InUse(name, _place(branch), _place(main))


def applied(used: InUse, main: Url) -> Url:
    """The branch's URL. Raises ConfigurationError when it is a branch of another database."""
    if used.main != _place(main):
        raise ConfigurationError(
            f"{SOURCE} names a branch of {used.main}, and the database of this environment is"
            f" {_place(main)}",
            hint=f"`dbctl branch use --off`, or `dbctl branch use {used.name}` for one of its own",
        )
    found = Url.parse(used.url)
    return replace(found, driver=main.driver, password=main.password, query=main.query)


def _place(url: Url) -> str:
    """The URL without its secrets and what only the driver reads."""
    host = tuple(one for one in url.query if one[0] in ("host", "port"))
    return replace(url.direct, driver="", password="", query=host).text
