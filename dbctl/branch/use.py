"""Which branch the project's commands act on from now on."""

import logging

from dbctl import inuse
from dbctl.branch import git
from dbctl.branch.model import IfExists, InUse, Wish
from dbctl.branch.registry import provider
from dbctl.database import using
from dbctl.database.server import address
from dbctl.database.url import Url
from dbctl.errors import RefusedError
from dbctl.settings import PLAINER, Settings

log = logging.getLogger("dbctl.branch")


async def use(settings: Settings, name: str) -> InUse:
    """Act on a branch that is there; its main database's name leads back to that.

    Raises NotFoundError, RefusedError where something else says the URL more plainly.
    """
    _require_heard(settings)
    keeper = provider(settings)
    found = await keeper.show(name)
    if found.main:
        return off(settings)
    return _used(settings, found.name, await keeper.url(name), created=False)


async def follow(settings: Settings) -> InUse:
    """Act on the branch of the database that belongs to git's: made if missing, the main one on
    the default branch. Between branches nothing changes.
    """
    _require_heard(settings)
    root = settings.project.root
    name = git.current(root)
    if name is None:
        log.info("git stands between branches: the database stays as it is")
        return InUse(settings.branch, settings.env, None, changed=False)
    if name == git.default(root):
        return off(settings)
    wish = Wish(name, git=name, if_exists=IfExists.reuse)
    made = await provider(settings).create(wish)
    return _used(settings, made.branch.name, made.url, created=made.created)


def off(settings: Settings) -> InUse:
    """Act on the main database again."""
    changed = inuse.write(settings.project.root, settings.env, None)
    return InUse(None, settings.env, None, changed=changed)


def forget(settings: Settings, name: str) -> None:
    """A branch is gone: nobody uses it any more."""
    if settings.branch == name:
        off(settings)
        log.warning("%s was in use: the project's commands act on the main database again", name)


def _used(settings: Settings, name: str, url: str, *, created: bool) -> InUse:
    branch = Url.parse(url)
    entry = using.entry(name, branch, address(settings.main))
    changed = inuse.write(settings.project.root, settings.env, entry)
    return InUse(name, settings.env, branch.masked, created, changed)


def _require_heard(settings: Settings) -> None:
    """Raises RefusedError where the branch would not be looked at."""
    source = settings.main.sources.get("url")
    if source in PLAINER:
        raise RefusedError(
            f"{source} says where to act, and would go on doing so",
            hint=f"leave {source} out; DATABASE_URL or a .env file may stay",
        )
