"""Make the database of a job ready, and tell the next steps where it is; safe to repeat."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import quote

from dbctl.ci import change, keeper, source
from dbctl.ci.failing import annotated
from dbctl.ci.model import CiSetup, Note
from dbctl.ci.runner import Runner
from dbctl.ci.source import Database
from dbctl.ci.wishes import Wishes
from dbctl.errors import ConfigurationError
from dbctl.migrate import drift
from dbctl.migrate.model import Check
from dbctl.pipeline import up
from dbctl.settings import Settings

TEST_ENVIRONMENT, TEST_VARIABLE = "tst", "TEST_DATABASE_URL"


def setup(settings: Settings, runner: Runner, wishes: Wishes) -> CiSetup:
    """Wait for the server or make one, create, upgrade, seed, compare with the models.

    What was made is handed on even when the models differ: a later step may want to look at it.
    Raises what `up` raises, with a note at the line that is to blame.
    """
    started = time.monotonic()
    with annotated(runner, settings.project):
        database = chosen(settings, runner, wishes)
        variables = _variables(database, wishes)
        runner.mask(_secrets(database, variables))
        os.environ.update(variables)  # an env.py may read them, here as in the next steps
        with _kept(database, settings):
            made = up.up(database.settings, seeding=wishes.seeding, wait_limit=wishes.wait)
            found = _checked(database.settings)
            files = runner.hand_on(variables, _outputs(database, variables))
    if found and not found.in_sync:
        runner.annotate(_out_of_step(found))
    return CiSetup(
        runner=runner.name,
        environment=settings.env,
        source=database.source,
        database=made.status.database,
        branch=database.branch,
        created=database.created or made.created,
        upgrade=made.upgrade,
        seeded=made.seeded,
        in_sync=found.in_sync if found else None,
        differences=found.differences if found else (),
        variables=tuple(variables),
        files=files,
        seconds=round(time.monotonic() - started, 3),
    )


@contextmanager
def _kept(database: Database, settings: Settings) -> Iterator[None]:
    """A server that was started for this step outlives it only if somebody is told of it."""
    try:
        yield
    except BaseException:
        if database.source == "embedded" and database.created:
            keeper.stop(settings.project)
        raise


def chosen(settings: Settings, runner: Runner, wishes: Wishes) -> Database:
    """The database that the options mean."""
    if wishes.embedded:
        return source.embedded(settings)
    if not (wishes.neon or wishes.branch):
        return source.there(settings)
    name, ends = change.name(runner, wishes.name), source.ends(wishes.ttl)
    if wishes.neon:
        return source.neon(settings, name, ends, wishes.project)
    return source.branch(settings, name, ends)


def _checked(settings: Settings) -> Check | None:
    """Models against database; None for a project without models."""
    try:
        return drift.check(settings)
    except ConfigurationError:
        return None


def _variables(database: Database, wishes: Wishes) -> Mapping[str, str]:
    """The variables for the next steps, also under the name that the application reads."""
    said = dict(database.variables)
    more = [wishes.variable] if wishes.variable else []
    if database.settings.env == TEST_ENVIRONMENT:
        more.append(TEST_VARIABLE)
    return said | dict.fromkeys(more, said["DATABASE_URL"])


def _outputs(database: Database, variables: Mapping[str, str]) -> Mapping[str, str]:
    """What other jobs and steps may name: as `dbctl neon branch create --format github` has it."""
    pooled = variables["DATABASE_URL"]
    return {
        "source": database.source,
        "branch": database.branch or "",
        "created": str(database.created).lower(),
        "db_url": variables.get("DATABASE_URL_UNPOOLED", pooled),
        "db_url_pooled": pooled,
    }


def _secrets(database: Database, variables: Mapping[str, str]) -> list[str]:
    """What must not be in the log. The password of a job's own container is none: it is the word
    `postgres` more often than not, and a mask would blacken every line that names the server.
    """
    url = database.url
    if not url.password or (url.is_local and database.source != "embedded"):
        return []
    return [url.password, quote(url.password, safe=""), *variables.values()]


def _out_of_step(found: Check) -> Note:
    first = found.differences[0]
    more = f", and {len(found.differences) - 1} more" if found.differences[1:] else ""
    return Note(
        "error",
        f"the models say something else than the revisions: {first.kind} {first.object}"
        f"{f' ({first.detail})' if first.detail else ''}{more};"
        ' `dbctl migrate -m "..."` writes the revision',
        title="models and revisions differ",
    )
