"""What the commands about branches come to: options read, a provider asked, a result made."""

from dataclasses import replace

from dbctl.branch import git, prune, use
from dbctl.branch.model import (
    Branch,
    BranchChange,
    BranchCreated,
    BranchList,
    BranchUrl,
    Copying,
    Format,
    IfExists,
    Made,
    Wish,
)
from dbctl.branch.registry import provider
from dbctl.database import guard
from dbctl.database.url import Url
from dbctl.errors import NotFoundError, UsageError
from dbctl.neon import expiry
from dbctl.neon.formats import Written, require_place, text
from dbctl.neon.words import Verbatim
from dbctl.settings import Settings


def wish(
    settings: Settings,
    name: str,
    *,
    parent: str | None,
    ttl: str | None,
    schema_only: bool = False,
    if_exists: IfExists = IfExists.fail,
    copying: Copying = Copying.auto,
    end_sessions: bool = False,
) -> Wish:
    """Read the options. Raises UsageError before anybody is asked, RefusedError for sessions."""
    if end_sessions:
        guard.require_destructible(settings.main, "end other people's sessions")
    return Wish(
        name,
        parent,
        schema_only=schema_only,
        expires_at=expiry.moment(ttl, None, longest=None),
        if_exists=if_exists,
        git=git.current_or_none(settings.project.root),
        copying=copying,
        end_sessions=end_sessions,
    )


async def create(
    settings: Settings, wish: Wish, spelling: Format | None, *, reveal: bool
) -> BranchCreated | Verbatim:
    """Make a branch; with a spelling only its URL is said."""
    require_place(spelling)
    made = await provider(settings).create(wish)
    if spelling is None:
        return created(made, reveal=reveal)
    return spelled(made.branch, made.url, spelling, reveal=reveal, created=made.created)


def created(made: Made, *, reveal: bool) -> BranchCreated:
    """As a command returns it."""
    branch = made.branch
    return BranchCreated(
        name=branch.name,
        id=branch.id,
        provider=branch.provider,
        parent=branch.parent,
        created=made.created,
        url=made.url if reveal else Url.parse(made.url).masked,
        expires_at=branch.expires_at,
        seconds=made.seconds,
        masked=not reveal,
    )


def spelled(
    branch: Branch, url: str, spelling: Format, *, reveal: bool, created: bool | None = None
) -> Verbatim:
    """A branch's URL for a driver, a file, a shell or GitHub Actions."""
    found = Url.parse(url)
    if found.dialect == "sqlite" and spelling in (Format.libpq, Format.asyncpg, Format.psycopg):
        raise UsageError(
            f"--format {spelling.value} is for PostgreSQL", hint="--format env or json"
        )
    written = Written(branch.name, branch.id, found, created=created)
    return text(written, spelling, reveal=reveal)


async def listed(settings: Settings) -> BranchList:
    """Every branch, the one in use marked."""
    return BranchList(provider(settings).name, await prune.listed(settings))


async def show(settings: Settings, name: str | None) -> Branch:
    """One branch; without a name that in use, else the main database."""
    keeper = provider(settings)
    chosen = name or settings.branch
    if chosen is None:
        found = (await keeper.list())[0]
    else:
        found = await keeper.show(chosen)
    used = found.main if settings.branch is None else found.name == settings.branch
    return replace(found, in_use=used)


async def url(
    settings: Settings, name: str | None, spelling: Format | None, *, reveal: bool
) -> BranchUrl | Verbatim:
    """How to reach a branch."""
    require_place(spelling)
    keeper = provider(settings)
    found = await show(settings, name)
    reached = await keeper.url(found.id)
    if spelling:
        return spelled(found, reached, spelling, reveal=reveal)
    shown = reached if reveal else Url.parse(reached).masked
    return BranchUrl(found.name, found.id, shown, masked=not reveal)


async def doomed(settings: Settings, name: str, *, missing_ok: bool) -> Branch | None:
    """The branch that is to be changed for good, before anybody is asked."""
    guard.require_named(settings.main, "change a branch")
    try:
        return await provider(settings).show(name)
    except NotFoundError:
        if missing_ok:
            return None
        raise


async def delete(settings: Settings, found: Branch) -> BranchChange:
    """Delete a branch; it may be gone by now."""
    changed = await provider(settings).delete(found.id)
    use.forget(settings, found.name)
    return BranchChange("delete", found.name, found.id, changed)


async def reset(settings: Settings, found: Branch) -> BranchChange:
    """Make a branch what its parent is now."""
    await provider(settings).reset(found.id)
    return BranchChange("reset", found.name, found.id, changed=True)
