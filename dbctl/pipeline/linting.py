"""Lint of a project: which revisions, for which dialect, with env.py's options and models."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dbctl import git
from dbctl.database.server import address
from dbctl.errors import ConfigurationError, DbctlError, RevisionGraphError, UsageError
from dbctl.lint import check, configuration, replay
from dbctl.lint.model import Linted
from dbctl.lint.record import Target
from dbctl.lint.replay import History
from dbctl.lint.seen import Revision, World
from dbctl.lint.source import Source
from dbctl.migrate import environment, files, read
from dbctl.migrate import graph as graphs
from dbctl.settings import Settings

# What of context.configure a revision's operations depend on.
_OPTIONS = ("target_metadata", "transactional_ddl", "version_table", "version_table_schema")
_DIALECTS = ("postgresql", "sqlite")
_POSTGRES = re.compile(r"postgresql|CONCURRENTLY|JSONB", re.IGNORECASE)


@dataclass(frozen=True)
class Wish:
    """What is to be looked at: a range or what changed since a git reference; all without both."""

    span: str = ""
    since: str = ""
    dialect: str = ""


def lint(settings: Settings, wish: Wish) -> Linted:
    """What is dangerous in the project's revisions; no database is asked, none is needed.

    Raises ConfigurationError, UsageError, and RevisionGraphError for a range in a history that does
    not fit together.
    """
    told = configuration.read(settings.project.tool.get("lint", {}))
    headers, notes = _headers(settings)
    history = replay.ordered(headers)
    wanted, together = _wanted(settings, history, wish)
    heads = _heads(headers, history)
    by_id = {
        one.revision: tuple(r.file for r in headers if r.revision == one.revision)
        for one in headers
    }

    def look(options: dict[str, Any], own: str) -> Linted:
        dialect = wish.dialect or told.dialect or _dialect(settings, headers, own)
        world = World(
            dialect=dialect,
            version=told.version,
            files=by_id,
            heads=heads,
            together=together,
            mapped=_mapped(options.get("target_metadata"), dialect),
            driver=_driver(settings),
            packages=_packages(settings.project.root),
            autocommit="AUTOCOMMIT" in environment.env_text(settings.project),
        )
        target = Target(dialect, told.version, options, world.driver)
        return check.lint(history, target, world, wanted, told)

    found, trouble = _within_env(settings, look)
    root = str(settings.project.root)
    return check.relative(replace(found, notes=(*found.notes, *notes, *trouble)), root)


def _within_env(settings: Settings, look: Any) -> tuple[Linted, tuple[str, ...]]:  # noqa: ANN401
    """`look` inside of a run of env.py, whose models and options it gets; without, if it fails."""
    results: list[Linted] = []

    def steps(_: object, context: Any) -> tuple[()]:  # noqa: ANN401 - Alembic's signature
        if not results:
            options = {name: context.opts[name] for name in _OPTIONS if name in context.opts}
            with _as_online():
                results.append(look(options, context.dialect.name))
        return ()

    trouble: list[str] = []
    for chosen in _attempts(settings):
        try:
            environment.offline(chosen, steps, environment.alembic_config(chosen))
        except DbctlError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever env.py does
            if results:
                break
            trouble.append(f"{type(error).__name__}: {' '.join(str(error).split())}"[:160])
        if results:
            return results[0], ()
    with environment.running(settings.project):
        note = f"env.py could not be run, so models and options are unknown: {trouble[0]}"
        return look({}, ""), (note,) if trouble else ()


def _attempts(settings: Settings) -> Iterator[Settings]:
    """As the project is; then with a URL, for an env.py that has none in it."""
    yield settings
    if not settings.url_known:
        yield settings.at("postgresql://localhost/lint")


class _as_online:  # noqa: N801 - reads as a verb
    """Revisions that ask are told that there is a database: that is how they will be run."""

    def __enter__(self) -> None:
        from alembic import context

        self._options = context._proxy.context_opts  # type: ignore[attr-defined]  # Alembic's own
        self._before = self._options.get("as_sql")
        self._options["as_sql"] = False

    def __exit__(self, *_: object) -> None:
        self._options["as_sql"] = self._before


def _headers(settings: Settings) -> tuple[list[Revision], list[str]]:
    """The header of every revision file, as far as there is one, and what was left out."""
    found: list[Revision] = []
    notes: list[str] = []
    with environment.running(settings.project):
        for path in files.paths(settings.project):
            try:
                found.append(_header(path))
            except (RevisionGraphError, files.Unreadable) as error:
                why = getattr(error, "message", "its header cannot be read")
                notes.append(f"{path.name} was not looked at: {why}")
    return found, notes


def _header(path: Path) -> Revision:
    try:
        one = files.header(path)
    except files.Unreadable:
        return _imported(path)
    return Revision(one.revision, one.down, one.depends_on, path)


def _imported(path: Path) -> Revision:
    """A header that is computed: the file is run."""
    try:
        names = Source(path).names()
    except Exception as error:  # a revision may do anything
        raise files.Unreadable(path) from error
    return Revision(
        str(names.get("revision")),
        files.as_tuple(names.get("down_revision")),
        files.as_tuple(names.get("depends_on")),
        path,
    )


def _heads(headers: Sequence[Revision], history: History) -> tuple[str, ...]:
    """The heads that nobody meant: of branches with labels of their own there may be several."""
    labelled = any(files.header(one.file).labels for one in headers if _is_literal(one.file))
    return history.heads[:1] if labelled else history.heads


def _is_literal(path: Path) -> bool:
    try:
        files.header(path)
    except (files.Unreadable, RevisionGraphError):
        return False
    return True


def _wanted(
    settings: Settings, history: History, wish: Wish
) -> tuple[frozenset[str], frozenset[str]]:
    """The revisions to look at, and those of them that are known to be deployed together."""
    every = frozenset(one.revision for one in history.revisions)
    if wish.span and wish.since:
        raise UsageError("a range and --since are two answers", hint="say one of them")
    if wish.since:
        found = _changed(settings, history, wish.since)
        return found, found
    if not wish.span:
        return every, frozenset()
    return _spanned(settings, wish.span)


def _spanned(settings: Settings, span: str) -> tuple[frozenset[str], frozenset[str]]:
    """FROM:TO, after FROM up to TO; or one revision."""
    graph = graphs.read(settings.project)
    start, colon, to = span.partition(":")
    if not colon:
        one = frozenset(read.named(settings, graph, span))
        return one, one
    below = graph.ancestors(read.named(settings, graph, start or "base") if start != "base" else ())
    found = graph.ancestors(read.named(settings, graph, to or "heads")) - below
    # From nothing on it is the whole history, and nobody deploys that at once.
    return found, found if below else frozenset()


def _changed(settings: Settings, history: History, since: str) -> frozenset[str]:
    """The revisions whose files are other than at a git reference, or new."""
    changed = changed_files(settings, since)
    return frozenset(one.revision for one in history.revisions if one.file.resolve() in changed)


def changed_files(settings: Settings, since: str) -> frozenset[Path]:
    """The files of the revisions' folders that are other than at a git reference, or new.

    What others changed there since the two parted is not counted. Raises ConfigurationError where
    git does not know the reference, UsageError for what is none.
    """
    changed: set[Path] = set()
    for folder in files.folders(settings.project):
        top = Path(_git(folder, "rev-parse", "--show-toplevel").strip())
        base = _git(folder, "merge-base", since, "HEAD").strip()
        listed = _git(folder, "diff", "--name-only", "-z", "--diff-filter=d", base, "--", ".")
        new = _git(folder, "ls-files", "--others", "--exclude-standard", "--full-name", "-z", ".")
        changed |= {(top / name).resolve() for name in (listed + new).split("\0") if name}
    return frozenset(changed)


def _git(folder: Path, *words: str) -> str:
    if words[0] == "merge-base" and words[1].startswith("-"):
        raise UsageError(f"{words[1]!r} is no git reference")
    try:
        return git.text(folder, *words, errors="surrogateescape")
    except git.NoGitError:
        raise ConfigurationError("--since asks git, which is not installed") from None
    except git.GitError as error:
        raise ConfigurationError(
            f"git cannot say what changed: {error.said or 'no common commit'}",
            hint="fetch it first: a checkout of one commit has no other (fetch-depth: 0)",
        ) from None


def _dialect(settings: Settings, headers: Sequence[Revision], own: str) -> str:
    """For which server the revisions are: the URL that was said, else what they speak of.

    Raises ConfigurationError for one that no rule knows.
    """
    if "url" in settings.model_fields_set:
        return address(settings).dialect
    if own and not settings.url_known:
        if own in _DIALECTS:
            return own
        raise ConfigurationError(
            f"lint knows PostgreSQL and SQLite, and env.py says {own}",
            hint="--dialect, or dialect in [tool.dbctl.lint]",
        )
    texts = (Source(one.file).text for one in headers)
    return "postgresql" if not own or any(map(_POSTGRES.search, texts)) else own


def _mapped(metadata: Any, dialect: str) -> dict[str, frozenset[str]] | None:  # noqa: ANN401
    """Tables and columns of the models; None without models."""
    several = metadata if isinstance(metadata, list | tuple) else [metadata]
    tables = [table for one in several if one is not None for table in one.tables.values()]
    default = (None, "public") if dialect == "postgresql" else (None, "main")
    return {
        table.name if table.schema in default else f"{table.schema}.{table.name}": frozenset(
            column.name for column in table.columns
        )
        for table in tables
    } or None


def _driver(settings: Settings) -> str:
    """The driver that env.py uses, as far as its text and the URL say it."""
    if "url" in settings.model_fields_set and address(settings).driver:
        return address(settings).driver
    if "url" in settings.model_fields_set:
        return environment.driver(settings.project, address(settings))
    text = environment.env_text(settings.project)
    return "asyncpg" if "async_engine" in text or "AsyncEngine" in text else ""


def _packages(root: Path) -> frozenset[str]:
    homes = (root, root / "src")
    return frozenset(
        path.parent.name for home in homes if home.is_dir() for path in home.glob("*/__init__.py")
    )
