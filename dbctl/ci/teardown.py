"""Remove what a pull request had; what is gone already is well."""

import re
from collections.abc import Iterable

from dbctl import loop
from dbctl.branch.registry import provider
from dbctl.ci import change, keeper, source
from dbctl.ci.failing import annotated
from dbctl.ci.model import CiTeardown
from dbctl.ci.runner import Runner
from dbctl.ci.wishes import Wishes
from dbctl.neon import branches as neon_branches
from dbctl.neon import find
from dbctl.neon.client import Clock, Neon
from dbctl.neon.client import run as at_neon
from dbctl.settings import Settings


def teardown(settings: Settings, runner: Runner, wishes: Wishes) -> CiTeardown:
    """Remove the branch of this request, or the server of `--embedded`."""
    with annotated(runner, settings.project):
        if wishes.embedded:
            return _told(runner, {"embedded server": keeper.stop(settings.project)})
        name = change.name(runner, wishes.name)
        return _told(runner, {name: _removed(settings, name, wishes)})


def closed(
    settings: Settings, runner: Runner, wishes: Wishes, still_open: Iterable[str]
) -> CiTeardown:
    """Remove the branches of requests that are not among those `still_open`, by their numbers."""
    kept = {f"{change.PREFIX}{number}" for number in still_open}
    with annotated(runner, settings.project):
        names = [one for one in _names(settings, wishes) if _is_change(one) and one not in kept]
        return _told(runner, {name: _removed(settings, name, wishes) for name in names})


def _is_change(name: str) -> bool:
    return re.fullmatch(rf"{re.escape(change.PREFIX)}\d+", name) is not None


def _told(runner: Runner, done: dict[str, bool]) -> CiTeardown:
    removed = tuple(name for name, was in done.items() if was)
    return CiTeardown(runner.name, removed, tuple(name for name in done if name not in removed))


def _names(settings: Settings, wishes: Wishes) -> list[str]:
    if wishes.neon:
        found = at_neon(settings, neon_branches.listed, project=wishes.project)
        return [one.name for one in found.branches]
    return [one.name for one in loop.run(provider(settings).list())]


def _removed(settings: Settings, name: str, wishes: Wishes) -> bool:
    if not wishes.neon:
        return loop.run(provider(settings).delete(name))
    return at_neon(settings, lambda client: _deleted(client, name), project=wishes.project)


async def _deleted(client: Neon, name: str) -> bool:
    found = await find.branch_or_none(client, name)
    if found is None:
        return False
    neon_branches.require_expendable(found, "delete")
    return await neon_branches.removed(client, found, Clock(source.SECONDS))
